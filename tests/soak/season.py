"""`python -m tests.soak.season [FOLDER] [--agencies 200] [--seed 7]`: a full season of the sample country.

From 1 January to 30 April, through the watch in virtual time, killed and started again now and then, against a Bot API
with faults: what each subscriber received must be what is true. Writes what every chat read into FOLDER (else a
temporary one, which is named), then what differs; status 1 if anything does. Some 10 to 20 minutes on two cores.
"""

import argparse
import random
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from crawler.sandbox.country import Country
from crawler.sandbox.roster import LARGEST_COUNTY
from crawler.sandbox.season import at_beijing
from tests.season.cast import whole_cast
from tests.season.play import play
from tests.season.stage import Season, season_of
from tests.season.transcript import write_transcript

_KILLS = 12
_FAULTS_EACH = 2  # of every kind, in 200 agencies


def main(folder: Path, agencies: int, seed: int, last: date | None) -> int:
    began = time.monotonic()
    country = Country.build(
        seed, agencies=agencies, faults=max(1, agencies * _FAULTS_EACH // 200), portals=-(-agencies // LARGEST_COUNTY)
    )
    year = country.years[-1] + 1
    first, last = date(year, 1, 1), last or date(year, 4, 30)
    plot = season_of(country)
    chance = random.Random(f"{seed}:kills")
    kills = sorted(
        at_beijing(first + timedelta(days=chance.randrange(1, (last - first).days)), chance.randint(0, 23))
        for _ in range(_KILLS)
    )
    cast = whole_cast(plot, first, kills=kills)
    for event in plot.events:
        print(f"{event.at:%m-%d} {event.act} {event.agency.name} {event.until or ''} {event.figure or ''}".rstrip())
    played = play(
        Season(plot, cast, first, last, kill_after_s=(0.0, 3.0)),
        folder / "season",
        say=lambda line: print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True),
    )
    said = folder / "said"
    said.mkdir()
    write_transcript(said, cast, played.heard)
    (folder / "differences.txt").write_text("".join(f"{line}\n" for line in played.lines), "utf-8")
    print(*played.lines, sep="\n")
    print(
        f"{len(country.agencies)} agencies, {len(country.places)} portals, {(last - first).days + 1} days,"
        f" {played.moments} moments, {len(played.killed)} kills, {sum(map(len, played.heard.values()))} messages,"
        f" {len(played.stories)} things to tell: {len(played.lines)} differences,"
        f" {time.monotonic() - began:.0f} s; what was said: {said}"
    )
    return 1 if played.lines else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.soak.season", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("folder", nargs="?", type=Path, help="one that is not there, or empty")
    parser.add_argument("--agencies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--last", type=date.fromisoformat, help="an earlier last day, as 2024-02-10")
    given = parser.parse_args()
    into = given.folder or Path(tempfile.mkdtemp(prefix="nianbao-season-"))
    into.mkdir(parents=True, exist_ok=True)
    sys.exit(main(into, given.agencies, given.seed, given.last))
