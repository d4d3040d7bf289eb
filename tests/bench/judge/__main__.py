"""`make bench-judge`: plays the pretend country and prints how right the rules are; with --write also docs/quality.md.

Exit 0: all goals are met; 1: some are not, and they are named.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.bench.judge.make import make_world
from tests.bench.judge.page import markdown, show, show_faults
from tests.bench.judge.play import play
from tests.bench.judge.score import score

PAGE = Path(__file__).parents[3] / "docs" / "quality.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.bench.judge", description=__doc__)
    parser.add_argument("--agencies", type=int, default=2000, help="how many agencies, about (default 2000)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn by chance (default 1)")
    parser.add_argument("--faults", type=int, default=5, help="false findings of each rule to print (default 5)")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name} too")
    chosen = parser.parse_args()
    begun = perf_counter()
    world = make_world(chosen.seed, chosen.agencies)
    with tempfile.TemporaryDirectory() as folder:
        played = play(world, Path(folder), lambda said: print(said, file=sys.stderr, flush=True))
    found = score(world.truth, played)
    show(found)
    show_faults(found, world.truth, chosen.faults)
    print(f"{played.reports} reports, {played.visits} visits, {perf_counter() - begun:.0f} s")
    if chosen.write:
        PAGE.write_text(markdown(world, played, found), encoding="utf-8")
    return 1 if found.shortfalls() else 0


if __name__ == "__main__":
    sys.exit(main())
