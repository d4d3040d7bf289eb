"""`python -m tests.soak.platforms [COUNTRIES [SEED]]`: so many countries in every shape of every platform, each report
of them listed, fetched and read.

Ends with status 1 at the first country of which a portal gave more or less than its truth, and keeps the archives.
"""

import random
import shutil
import sys
import tempfile
from pathlib import Path

from crawler.sandbox.country import Country
from tests.crawler.collected import SHAPES, faults_of

TOGETHER = 12  # portals in one process


def main(countries: int, seed: int) -> int:
    for number in range(seed, seed + countries):
        chance = random.Random(number)
        first = chance.randint(2019, 2021)
        country = Country.build(
            number,
            agencies=chance.randint(16, 34),
            years=range(first, chance.randint(2022, 2024) + 1),
            portals=1,
            faults=0,
        )
        for start in range(0, len(SHAPES), TOGETHER):
            shapes = SHAPES[start : start + TOGETHER]
            folder = Path(tempfile.mkdtemp(prefix="nianbao-soak-"))
            if faults := faults_of(country, shapes, folder, whole=set(shapes), sample=0):
                print(f"country {number}, see {folder}:", *faults, sep="\n")
                return 1
            shutil.rmtree(folder)
            done = f"{start + len(shapes)} of {len(SHAPES)} portals"
            print(f"\rcountry {number}: {done} gave exactly what is there", end="", flush=True)
        print()
    return 0


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*(given + [3, 1][len(given) :])))
