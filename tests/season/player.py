"""`python -m tests.season.player`: the watch of a season in a process of its own, which may be killed at any instant.

Orders come as JSON lines on stdin, answers go as JSON lines to stdout: {"do": "play", "until": time} goes on to a time
and says every moment, {"moment": time}, before it goes on to what is due then and waits for a line; {"do": "listen"}
listens to what people say until the next line; {"do": "release", …} releases a finding. Each ends with {"done": time}.
"""

import asyncio
import json
import multiprocessing
import sys
from datetime import datetime
from pathlib import Path

import pytest

from crawler.logs import log_to_stderr
from db.archive import Archive
from monitor.clock import VirtualClock
from monitor.config import Config, load_config
from monitor.telling.teller import Teller
from monitor.watch.watch import Watch
from tests.bot_api import TOKEN
from tests.crawler.forked import forking

_WAIT_S = 0.05
# What is started is forked, from a server that has imported what takes long: that is most of a small crawl.
_PRELOADED = ["tests.crawler.preloaded", "tests.season.preloaded", "scrapy.extensions.remote_control"]


def main(config_file: Path, start: datetime) -> None:
    log_to_stderr()
    multiprocessing.get_context("forkserver").set_forkserver_preload(_PRELOADED)
    with pytest.MonkeyPatch.context() as patch, forking(patch):
        _obey(config_file, start)


def _obey(config_file: Path, start: datetime) -> None:
    config = load_config(config_file)
    clock = VirtualClock(start)
    log = config_file.with_name("watch.log")
    while line := sys.stdin.readline():
        order = json.loads(line)
        if order["do"] == "play":
            watch = Watch(config, config.archive, clock, token=TOKEN, on_moment=_at_moment, log_file=log)
            asyncio.run(watch.play(datetime.fromisoformat(order["until"])))
        elif order["do"] == "listen":
            asyncio.run(_listen(config, clock))
        else:
            _release(config, clock, order["rule"], order["agency_id"])
        _say({"done": clock.now().isoformat()})


def _say(what: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _at_moment(moment: datetime) -> None:
    _say({"moment": moment.isoformat()})
    if not sys.stdin.readline():
        raise SystemExit(0)


async def _listen(config: Config, clock: VirtualClock) -> None:
    from monitor.bot.app import build_application

    with Archive.open(config.archive, wait_s=_WAIT_S) as archive:
        application = build_application(config, TOKEN, archive, clock)
        async with application:
            await application.start()
            updater = application.updater
            if updater is None:
                raise RuntimeError("the bot was built without what listens")
            await updater.start_polling(allowed_updates=["message", "channel_post", "callback_query", "my_chat_member"])
            _say({"listening": clock.now().isoformat()})
            await asyncio.to_thread(sys.stdin.readline)
            await updater.stop()
            await application.stop()  # what was fetched is answered first


def _release(config: Config, clock: VirtualClock, rule: str, agency_id: str) -> None:
    """As `nianbao release` does, which knows the real time only."""
    with Archive.open(config.archive) as archive:
        found = [
            row["fingerprint"] for row in archive.each_finding() if (row["rule"], row["agency_id"]) == (rule, agency_id)
        ]
        teller = Teller(archive, config, clock.now())
        archive.life.release(found, by="王敏", reason="逐一看过", at=clock.now(), messages=teller.messages)


if __name__ == "__main__":
    main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
