"""`python -m tests.soak.watch [KILLS [SEED]]`: kill `nianbao watch` at so many instants of chance. Each time its
children must be gone before it is started again; in the end its archive must be that of one that nobody killed.

Ends with status 1 at the first difference, and keeps the archive.
"""

import random
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

import psutil

from crawler.sandbox.server import FolderPortal
from tests.bot_api.fake import TOKEN, FakeBotApi
from tests.monitor.test_watch import left, three_hours_go_by
from tests.monitor.watching import Watching, deployment, reports

_LONGEST_S = 5.0  # of a life that is cut off; all that is due takes about as long
_AFTER_S = 10.0  # until its children must be gone


def main(kills: int, seed: int) -> int:
    chance = random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="nianbao-soak-"))
    with FolderPortal(reports()) as server, FakeBotApi() as api:
        server.real_dates = True
        for name in ("whole", "killed"):
            (folder / name).mkdir()
            deployment(folder / name, {}, f'[telegram]\nchats = [42]\nbase_url = "{api.base_url}"', schedule="")
            server.portal_tomls(folder / name / "portals")
        _to_the_end(folder / "whole")
        archive = folder / "killed" / "nianbao.db"
        for number in range(kills):
            with Watching(folder / "killed", token=TOKEN) as watch:
                threading.Event().wait(chance.uniform(0, _LONGEST_S))  # the instant, not a pause
                children = watch.children()
                watch.signal(signal.SIGKILL)
                watch.end()
            _, alive = psutil.wait_procs(children, timeout=_AFTER_S)
            if alive:
                print(f"\nkill {number} of seed {seed}: left behind: {alive}")
                return 1
            if archive.exists():
                three_hours_go_by(archive)
            print(f"\r{number + 1} of {kills} kills survived", end="", flush=True)
        _to_the_end(folder / "killed")
        whole, killed = left(folder / "whole" / "nianbao.db"), left(archive)
    print()
    if different := [name for name in whole if whole[name] != killed[name]]:
        print(f"seed {seed}: {', '.join(different)} differ; see {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _to_the_end(folder: Path) -> None:
    with Watching(folder, token=TOKEN) as watch:
        watch.done()
        watch.signal(signal.SIGTERM)
        watch.end()


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*(given + [100, 0][len(given) :])))
