"""Short names of organs to full ones, from abbreviations.toml (docs/titles.md)."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from parsers.strict_toml import load_strict

FILE = Path(__file__).with_name("abbreviations.toml")
# What the name of a place ends in, in front of a short name.
PLACE_ENDINGS = frozenset("省市县区旗州盟镇乡")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Abbreviation(_Strict):
    """Endings of names and the one full ending that they stand for, or the several that they can stand for."""

    short: list[str] = Field(min_length=1)
    full: list[str] = Field(min_length=1)
    level: Literal["county"] | None = None


class Township(_Strict):
    """What the organ of a township is called whose name has an ending. unless: endings that are no township's."""

    ending: str
    full: str
    unless: list[str] = []


class AbbreviationsFile(_Strict):
    """The whole file."""

    abbreviation: list[Abbreviation]
    township: list[Township]

    @model_validator(mode="after")
    def _each_once(self) -> "AbbreviationsFile":
        seen: set[str] = set()
        for entry in self.abbreviation:
            for short in entry.short:
                if short in seen:
                    raise ValueError(f"short name {short} stands twice; leave one out")
                seen.add(short)
        return self


class Abbreviations:
    """Looks short names up."""

    def __init__(self, file: AbbreviationsFile) -> None:
        self._short = {short: entry for entry in file.abbreviation for short in entry.short}
        self._lengths = sorted({len(short) for short in self._short}, reverse=True)
        self._townships = sorted(file.township, key=lambda township: -len(township.ending))

    def expanded(self, name: str, *, of_county: bool = False) -> list[str]:
        """The full names that a name can stand for: [] if it is no short name, one if that is certain.

        of_county: the agency is known to be one of a county, a district, a banner or a county-level city.
        """
        for length in self._lengths:
            entry = self._short.get(name[-length:])
            front = name[:-length]
            if entry is None or len(name) < length or (front and front[-1] not in PLACE_ENDINGS):
                continue
            if entry.level == "county" and not (of_county or front.endswith(("县", "旗"))):
                return []
            return [front + full for full in entry.full]
        if len(name) > 1 and (township := self.township(name)):
            return [name[: -len(township.ending)] + township.full]
        return []

    def certain(self, name: str, *, of_county: bool = False) -> str:
        """The full name where only one is possible, else the name itself."""
        found = self.expanded(name, of_county=of_county)
        return found[0] if len(found) == 1 else name

    def shortened(self, name: str) -> list[str]:
        """The short names that a full one is possibly printed as (住建局 for 住房和城乡建设局), with the same front."""
        ends = ((short, full) for short, entry in self._short.items() for full in entry.full)
        return [name.removesuffix(full) + short for short, full in ends if name.endswith(full)]

    def township(self, name: str) -> Township | None:
        """How the township is completed that this is the bare name of, None if it is none."""
        for township in self._townships:
            if name.endswith(township.ending):
                more = len(name) > len(township.ending)
                return township if more and not name.endswith(tuple(township.unless)) else None
        return None


@lru_cache(maxsize=1)
def abbreviations() -> Abbreviations:
    """The packaged file. Raises ConfigError with every fault."""
    return Abbreviations(load_strict(FILE, AbbreviationsFile))
