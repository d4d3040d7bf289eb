"""`python -m tests.soak.kill [INSTANTS [SEED]]`: kill a crawl at so many instants; each time the next one must end it.

Ends with status 1 at the first archive that differs from that of an uninterrupted crawl, and keeps it.
"""

import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.crawler import killing


def main(instants: int, seed: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="nianbao-soak-"))
    with killing.serve() as site:
        site.expect(10**9)
        killing.Child(killing.order(site, folder / "whole.db", 1)).summary()
        requests, left = len(site.asked), killing.contents(folder / "whole.db")
        for number in range(instants):
            path = folder / f"{number}.db"
            killed = killing.kill_and_go_on(site, path, random.Random(seed + number), requests)
            if faults := killing.faults(killed, killing.contents(path), left):
                print(f"instant {number} of seed {seed}: {', '.join(faults)}: {killed}\nsee {path}")
                return 1
            for file in folder.glob(f"{number}.db*"):
                shutil.rmtree(file) if file.is_dir() else file.unlink()
            print(f"\r{number + 1} of {instants} kills survived", end="", flush=True)
    print()
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*(given + [200, 0][len(given) :])))
