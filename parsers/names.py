"""Names of agencies: one agency, however much of its province and city is printed in front.

An agency's id is `<region code>:<local name>`: 320813:人民政府 is 洪泽区人民政府 and 淮安市洪泽区人民政府 alike.
Region names and codes follow GB/T 2260 (see docs/regions.md for source and date); a register of agencies adds what
people know.
"""

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

REGIONS_FILE = Path(__file__).parent / "regions.csv"
GOVERNMENT = "人民政府"

_LONGEST_PLACE = 15  # characters of the longest region name
_PLACE_ENDINGS = ("省", "市", "自治区", "州", "盟", "地区", "县", "区", "旗")


def clean_name(text: str) -> str:
    """A name without blanks, full-width forms folded."""
    return "".join(unicodedata.normalize("NFKC", text).split())


class Gazetteer:
    """Region names to codes (six digits: two each for province, prefecture and county)."""

    def __init__(self, regions: Iterable[tuple[str, str]]) -> None:
        self.codes: dict[str, list[str]] = defaultdict(list)
        self.names: dict[str, str] = {}
        for code, name in regions:
            self.codes[name].append(code)
            self.names[code] = name

    def split(self, name: str) -> tuple[list[str], str]:
        """(codes that the places in front of a name can mean, the rest of the name); ([], name) without a place.

        Several codes: the place is ambiguous (市中区 is in four cities).
        """
        found: list[str] = []
        position = 0
        while True:
            best = 0
            for length in range(min(_LONGEST_PLACE, len(name) - position), 1, -1):
                codes = self.codes.get(name[position : position + length])
                if not codes:
                    continue
                inside = [code for code in codes if not found or any(_contains(outer, code) for outer in found)]
                if inside:
                    best, found_here = length, inside
                    break
            if not best:
                return found, name[position:]
            found, position = found_here, position + best

    def parents(self, code: str) -> list[str]:
        """Names of the regions around a region, the nearest first."""
        around = [code[:4] + "00", code[:2] + "0000"]
        return [self.names[c] for c in around if c != code and c in self.names]


def _contains(outer: str, inner: str) -> bool:
    return outer != inner and inner.startswith(
        outer.rstrip("0") if len(outer.rstrip("0")) % 2 == 0 else outer.rstrip("0") + "0"
    )


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The packaged region list."""
    with REGIONS_FILE.open(encoding="utf-8", newline="") as file:
        return Gazetteer((row["code"], row["name"]) for row in csv.DictReader(file))


class Names:
    """Resolves printed names to agency ids, from the region list and from a register of known agencies."""

    def __init__(self, known: Iterable[tuple[str, str, Iterable[str]]] = (), regions: Gazetteer | None = None) -> None:
        """known: (id, canonical name, aliases) of the register's agencies."""
        self.regions = regions or gazetteer()
        self.canonical: dict[str, str] = {}
        self._exact: dict[str, set[str]] = defaultdict(set)
        self._local: dict[str, list[tuple[str, str]]] = defaultdict(list)  # local name -> (place in front, id)
        for agency_id, name, aliases in known:
            self.add(agency_id, name, aliases)

    def add(self, agency_id: str, name: str, aliases: Iterable[str] = ()) -> None:
        """Make one more agency known."""
        self.canonical[agency_id] = name
        for spelling in (name, *aliases):
            self._exact[clean_name(spelling)].add(agency_id)
        local = agency_id.partition(":")[2]
        name = clean_name(name)
        if local and name.endswith(local):
            self._local[local].append((name[: -len(local)], agency_id))

    def resolve(self, printed: str | None, *, within: str | None = None, text: str = "") -> str | None:
        """The id of the agency that a printed name means, or None where that cannot be told.

        within: a region code that the agency is known to lie in (the portal's). text: the document's prose; where it
        names an ambiguous place together with its city, that settles it.
        """
        if not printed:
            return None
        name = clean_name(printed)
        exact = self._narrow(self._exact.get(name, set()), within)
        if len(exact) == 1:
            return next(iter(exact))
        if exact:
            return None
        known = self._narrow(self._known(name), within)
        if len(known) == 1:
            return next(iter(known))
        if known:
            return None
        codes, local = self.regions.split(name)
        if within:
            codes = [code for code in codes if code == within or _contains(within, code)] or codes
        if len(codes) > 1:
            codes = self._named_in(codes, name[: len(name) - len(local)], text)
        if len(codes) != 1:
            return None
        return f"{codes[0]}:{local or GOVERNMENT}"

    def resolve_all(self, printed: str | None, *, within: str | None = None, text: str = "") -> set[str]:
        """The ids of all agencies that a name means: a joint report names several (文化和旅游局、文物局)."""
        whole = self.resolve(printed, within=within, text=text)
        found = {whole} if whole else set()
        parts = (printed or "").split("、")
        if len(parts) > 1:
            found |= {agency_id for part in parts if (agency_id := self.resolve(part, within=within, text=text))}
        return found

    def _known(self, name: str) -> set[str]:
        """Known agencies whose name differs only in the places printed in front; a bare place is its government."""
        found: set[str] = set()
        for start in range(len(name) + 1):
            local = name[start:] or GOVERNMENT
            for place, agency_id in self._local.get(local, ()):
                printed = name[:start]
                longer, shorter = (printed, place) if len(printed) >= len(place) else (place, printed)
                if (
                    shorter
                    and longer.endswith(shorter)
                    and (longer == shorter or longer[: -len(shorter)].endswith(_PLACE_ENDINGS))
                ):
                    found.add(agency_id)
        return found

    @staticmethod
    def _narrow(ids: set[str], within: str | None) -> set[str]:
        if within and len(ids) > 1:
            inside = {i for i in ids if i[:6] == within or _contains(within, i[:6])}
            return inside or ids
        return ids

    def _named_in(self, codes: list[str], place: str, text: str) -> list[str]:
        if not text:
            return codes
        text = clean_name(text)
        named = [code for code in codes if any(parent + place in text for parent in self.regions.parents(code))]
        return named or codes
