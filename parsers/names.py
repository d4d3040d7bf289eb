"""Names of agencies: one agency, however much of its place is printed in front, and however short its organ.

An agency's id is `<region code>:<local name>`: 320813:人民政府 is 洪泽区人民政府 and 淮安市洪泽区人民政府 alike.
Region names and codes follow GB/T 2260 (see docs/regions.md for source and date); short names are those of
abbreviations.toml (see docs/titles.md); a register of agencies adds what people know, and comes before both.
"""

import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from sys import intern
from typing import TypeVar

from parsers.abbreviations import abbreviations
from parsers.full_names import GOVERNMENT, FullNames, government_of
from parsers.gazetteer import REGIONS_FILE, Gazetteer, contains, gazetteer

__all__ = ["GOVERNMENT", "REGIONS_FILE", "Gazetteer", "Names", "clean_name", "gazetteer", "regions_in"]

_NOBODY: frozenset[str] = frozenset()
_PLACE_ENDINGS = ("省", "市", "自治区", "州", "盟", "地区", "县", "区", "旗")


def clean_name(text: str) -> str:
    """A name without blanks, full-width forms folded."""
    return "".join(unicodedata.normalize("NFKC", text).split())


class Names:
    """Resolves printed names to agency ids, from the region list and from a register of known agencies."""

    def __init__(self, known: Iterable[tuple[str, str, Iterable[str]]] = (), regions: Gazetteer | None = None) -> None:
        """known: (id, canonical name, aliases) of the register's agencies."""
        self.regions = regions or gazetteer()
        self.canonical: dict[str, str] = {}
        self._short = abbreviations()
        self._full = FullNames(self.regions, self._short)
        self._exact: dict[str, frozenset[str]] = {}
        self._expanded: dict[str, frozenset[str]] = {}  # the same, where a register's name is a short one
        # (place in front, local name) -> ids: the place as it is known, and what is left of it without its outer ones
        self._placed: dict[tuple[str, str], frozenset[str]] = {}
        self._inside: dict[tuple[str, str], frozenset[str]] = {}
        for agency_id, name, aliases in known:
            self.add(agency_id, name, aliases)

    def add(self, agency_id: str, name: str, aliases: Iterable[str] = ()) -> None:
        """Make one more agency known."""
        self.canonical[agency_id] = name
        # A country has a hundred thousand agencies: what is the same is held once.
        one = frozenset((agency_id,))
        for printed in (name, *aliases):
            spelling = _same(printed, clean_name(printed))
            _put(self._exact, spelling, one)
            if (full := self._short.certain(spelling)) != spelling:
                _put(self._expanded, full, one)
        local = intern(agency_id.partition(":")[2])
        name = clean_name(name)
        if local and name.endswith(local) and name != local:
            place = intern(name[: -len(local)])
            _put(self._placed, (place, local), one)
            for at in _inner_starts(place):
                _put(self._inside, (intern(place[at:]), local), one)

    def resolve(self, printed: str | None, *, within: str | None = None, text: str = "") -> str | None:
        """The id of the agency that a printed name means, or None where that cannot be told.

        within: a region code that the agency is known to lie in (the portal's): a name that means only agencies outside
        it, neither in it nor of a region around it, means none of them. text: the document's prose; where it
        names an ambiguous place together with its city, that settles it.
        """
        if not printed:
            return None
        name = clean_name(printed)
        if known := self._registered(name, within):
            return next(iter(known)) if len(known) == 1 else None
        codes, local = self.regions.split(name)
        place = name[: len(name) - len(local)]
        of_county = bool(codes) and all(not code.endswith("00") for code in codes)
        found = [place + full for full in self._short.expanded(local, of_county=of_county)]
        known = {agency_id for full in found for agency_id in self._registered(full, within)}
        if known:
            return next(iter(known)) if len(known) == 1 else None
        if len(found) == 1:
            local = found[0].removeprefix(place)
        if within:
            codes = regions_in(codes, within)
        if len(codes) > 1:
            codes = self._named_in(codes, place, text)
        if len(codes) != 1:
            return None
        return f"{codes[0]}:{local or government_of(place)}"

    def canonical_name(
        self, printed: str | None, *, place: str | None = None, default: str | None = None, within: str | None = None
    ) -> str | None:
        """The full name of the agency that a title, or a list, prints: 住建局 with the place 安阳县 is
        安阳县住房和城乡建设局. None only if nothing is printed and there is no default.

        place: the place in front of short names, of one or several levels (西安市莲湖区). default: the agency whose
        site it is: for titles without an agency, and for short names of it that cannot be completed. within: a region
        code as for `resolve`. A register's canonical name comes before what would be made of the printed one; what
        cannot be completed with certainty stays as printed.
        """
        default = self._canonical(default, within) if default else None
        if not printed:
            return default
        name, place = clean_name(printed), clean_name(place) if place else None
        if known := self._one(name, within):
            return known
        if default and (default == name or self._is_default(name, default)):
            return default
        full, *others = self._full.candidates(name, place, within)
        if known := self._one(full, within):
            return known
        if default in others:
            return default
        known_others = {other for full in others if (other := self._one(full, within))}
        return known_others.pop() if len(known_others) == 1 else full

    def _canonical(self, name: str, within: str | None) -> str:
        return self._one(clean_name(name), within) or clean_name(name)

    def _one(self, name: str, within: str | None) -> str | None:
        """The register's name of the one agency that a name means in it."""
        known = self._registered(name, within)
        return self.canonical[next(iter(known))] if len(known) == 1 else None

    def _is_default(self, name: str, default: str) -> bool:
        return not self.regions.taken_apart(name).places and self._full.stands_for(name, default)

    def _registered(self, name: str, within: str | None) -> AbstractSet[str]:
        """The register's agencies that a name can mean: its own spellings, else names with more or less place in front,
        else what its short names stand for."""
        for found in (self._exact.get(name), self._known(name), self._expanded.get(name)):
            if found:
                return self._narrow(found, within)
        return _NOBODY

    def _known(self, name: str) -> set[str]:
        """Known agencies whose name differs only in the places printed in front; a bare place is its government."""
        found: set[str] = set()
        if not self._placed:
            return found
        inner_from = _inner_starts(name)
        for start in range(1, len(name) + 1):
            local = name[start:] or government_of(name)
            found |= self._inside.get((name[:start], local), _NOBODY)
            for at in (0, *inner_from):
                if at < start:
                    found |= self._placed.get((name[at:start], local), _NOBODY)
        return found

    @staticmethod
    def _narrow(ids: AbstractSet[str], within: str | None) -> AbstractSet[str]:
        """Those of a region, else those of the regions around it; a namesake elsewhere is a stranger."""
        if not within:
            return ids
        codes = set(regions_in([agency_id[:6] for agency_id in ids], within))
        return {agency_id for agency_id in ids if agency_id[:6] in codes}

    def _named_in(self, codes: list[str], place: str, text: str) -> list[str]:
        if not text:
            return codes
        text = clean_name(text)
        named = [code for code in codes if any(parent + place in text for parent in self.regions.parents(code))]
        return named or codes


Key = TypeVar("Key")


def _put(index: dict[Key, frozenset[str]], key: Key, one: frozenset[str]) -> None:
    known = index.get(key)
    index[key] = one if known is None else known | one


def _same(one: str, other: str) -> str:
    """Of two equal texts the first, so that the second takes no room."""
    return one if one == other else other


def regions_in(codes: Iterable[str], region: str) -> list[str]:
    """The codes of a region and of what lies in it; where there are none, of the regions around it."""
    known = list(codes)
    inside = [code for code in known if code == region or contains(region, code)]
    return inside or [code for code in known if contains(code, region)]


def _inner_starts(place: str) -> list[int]:
    """Where in a place its inner ones begin: in 淮安市洪泽区 at 洪泽区."""
    return [at for at in range(1, len(place)) if place.endswith(_PLACE_ENDINGS, 0, at)]
