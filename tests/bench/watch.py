"""What `nianbao watch` takes while it has nothing to do: with a thousand portals, and the bot listening."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from crawler.asking.hours import BEIJING
from tests.bench.measure import Result
from tests.bot_api.fake import TOKEN, FakeBotApi
from tests.monitor.watching import Watching, deployment, portal_text

PORTALS = 1000
_MOST_MB = 150


def results() -> list[Result]:
    """Resident memory once all that is due was done; no portal is to be asked at this hour."""
    opening = datetime.now(BEIJING) + timedelta(hours=2)
    hours = f'hours = "{opening:%H:%M}-{opening + timedelta(hours=1):%H:%M}"\n'
    with tempfile.TemporaryDirectory() as name, FakeBotApi() as api:
        folder = Path(name)
        deployment(folder, {}, f'[telegram]\nchats = [42]\nbase_url = "{api.base_url}"')
        for number in range(PORTALS):
            path = folder / "portals" / f"county_{number}.toml"
            years = range(2019, 2024)
            columns = [f'[[columns]]\nurl = "http://127.0.0.1:9/nb/{year}/"\nyear = {year}\n' for year in years]
            path.write_text(hours + portal_text("127.0.0.1:9") + "".join(columns), "utf-8")
        with Watching(folder, token=TOKEN) as watch:
            watch.done()
            watch.wait_for(lambda line: line.get("what") == "listens")
            taken = psutil.Process(watch.pid).memory_info().rss / 2**20
    what = f"nianbao watch, idle, {PORTALS:,} portals, MiB resident"
    return [Result(what, taken, "", 0.0, taken / _MOST_MB, f"at most {_MOST_MB} MiB", taken <= _MOST_MB)]
