"""The packaged region list as rows with its date. How names are found in it: parsers/names.py."""

import csv
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from parsers.names import REGIONS_FILE

FACTS_FILE = Path(__file__).with_name("regions.toml")
PRETEND = "99"
"""The first digits of the pretend country's codes; GB/T 2260 gives none of them."""


class ListFacts(NamedTuple):
    """date: of the list, ISO. source: the package and version that it was taken from. standard: whose codes."""

    date: str
    source: str
    standard: str


class Region(NamedTuple):
    """One region: six digits, its name without the regions around it, province, prefecture or county."""

    code: str
    name: str
    level: str


@lru_cache(maxsize=1)
def list_facts() -> ListFacts:
    """When the region list was made, and where it comes from."""
    with FACTS_FILE.open("rb") as file:
        return ListFacts(**tomllib.load(file))


@lru_cache(maxsize=1)
def regions() -> dict[str, Region]:
    """Code -> region, by code."""
    with REGIONS_FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: Region(row["code"], row["name"], _level(row["code"])) for row in csv.DictReader(file)}


def knows_code(code: str) -> bool:
    """Whether the list has a code of 2, 4, 6, 9 or 12 digits; of the longer ones it knows the county.

    The pretend country's codes are known too.
    """
    return code.startswith(PRETEND) or code[:6].ljust(6, "0") in regions()


def _level(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"
