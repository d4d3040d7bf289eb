"""What one portal's columns showed, read by read, each listed report resolved to its agency and year."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urljoin

from db.archive import Archive
from db.records import ColumnRead, ListedLink
from monitor.judging.absence import Absence, Column, Read, State, mentioned
from monitor.judging.mentions import Mentions, Wanted
from monitor.whose import listed_year
from parsers.titles import read_title, simplified

Key = tuple[str, int]
"""Agency and reporting year."""
Keys = Callable[[str | None, str | None, str | None, int], set[Key]]
"""(agency, printed name, portal or source, year) -> all whose report that is."""

_GOOD = ("ok", "unchanged")
_NOTHING: frozenset[Any] = frozenset()


@dataclass(slots=True)
class PortalColumns:
    """What the absence rule needs to know of a portal: its columns, the code of its region, if known, and the place in
    front of short agency names (住建局)."""

    id: str
    columns: tuple[Column, ...]
    region: str | None = None
    place: str = ""


class _Shown(NamedTuple):
    """What a list showed; see Read."""

    seen: frozenset[Key]
    unresolved: frozenset[int | None]
    strangers: frozenset[Key]


class PortalReads:
    """The reads of a portal's columns. Held as long as its agencies are judged, and no longer."""

    def __init__(self, archive: Archive, portal: PortalColumns, keys: Keys, registered: set[str]) -> None:
        """registered: the agencies of the register."""
        self._archive = archive
        self._portal = portal
        self._keys = keys
        self._registered = registered
        self._columns = {column.url: column for column in reversed(portal.columns)}
        self._by_title: dict[tuple[str, int], set[Key]] = {}  # lists repeat themselves daily
        self._one: dict[Key, Key] = {}
        self._addresses: dict[tuple[str, str], str] = {}
        self._entries: dict[tuple[str, int], _Shown] = {}
        kept = archive.column_reads(portal.id)
        self._links = {(read.column, read.at): read.links for read in kept}
        self._at = self._standing(kept)
        broken = archive.crawls.doubtful_spans(portal.id)
        shown: dict[tuple[str, int], _Shown] = {}  # reads that list the same have one list of links
        self.reads: list[Read] = []
        for read in kept:
            # What a broken portal shows proves that a report is there, and never that one is not.
            doubtful = any(begun <= read.at <= end for begun, end in broken)
            which = (read.column, id(read.links))
            if which not in shown:
                shown[which] = self._shown(read)
            good = read.outcome in _GOOD and not doubtful
            self.reads.append(Read(read.column, read.at, good, good, *shown[which]))

    def searched(self, states: Sequence[Absence]) -> list[Absence]:
        """The states, with what is left of accusations once the bytes of the lists have been searched for the agencies'
        names."""
        accused = [absence for absence in states if absence.state is State.MISSING]
        if not accused:
            return list(states)
        # Whoever is searched for is missing: no entry of these was understood to be its report of that year.
        mentions = Mentions(self._archive, self._portal.id, self._links)
        found = mentions.search([Wanted(a.agency, a.year, a.proof) for a in accused])
        left = {
            absence.agency.id: mentioned(absence) if one.mentioned else replace(absence, searched=one.whole)
            for absence, one in zip(accused, found, strict=True)
        }
        return [left.get(absence.agency.id, absence) for absence in states]

    def _standing(self, reads: Sequence[ColumnRead]) -> dict[str, set[Key]]:
        """Address -> whose report stands there, or is linked there, and of which year."""
        different = {(read.column, id(read.links)): read for read in reads}.values()
        urls = {self._address(read.column, link) for read in different for link in read.links}
        found: dict[str, set[Key]] = {}
        for url, holdings in self._archive.holdings.at(urls).items():
            found[url] = set()
            for report in holdings:
                found[url] |= self._same(self._keys(report.agency_id, report.printed, report.source, report.year))
        return found

    def _address(self, base: str, link: ListedLink) -> str:
        which = (base, link.url)
        if which not in self._addresses:
            self._addresses[which] = urljoin(base, link.url)
        return self._addresses[which]

    def _shown(self, read: ColumnRead) -> _Shown:
        seen: set[Key] = set()
        unresolved: set[int | None] = set()
        strangers: set[Key] = set()
        for link in read.links:
            which = (read.column, id(link))  # a list with news has the other entries all the same
            if which not in self._entries:
                self._entries[which] = self._entry(link, read.column)
            shown = self._entries[which]
            seen |= shown.seen
            unresolved |= shown.unresolved
            strangers |= shown.strangers
        return _Shown(frozenset(seen), frozenset(unresolved), frozenset(strangers))

    def _entry(self, link: ListedLink, base: str) -> _Shown:
        """What one entry of a list shows."""
        column = self._columns.get(base)
        known = self._at.get(self._address(base, link), set())
        # The crawl took it for a report; whose and of which year it is may be any where that cannot be told.
        year = listed_year(link.title, link.listed_on, column.year if column else None)
        printed = read_title(simplified(link.title)).agency
        keys = self._of_title(printed, year) if year else set()
        if not keys and not known and year and column and column.agency:
            keys = self._same(self._keys(column.agency, None, None, year))
        # What was read there and what its title says may differ: the list shows either.
        seen = frozenset(known | keys)
        if printed and year and keys and not any(one in self._registered for one, _ in keys):
            return _Shown(seen, _NOTHING, frozenset([(printed, year)]))
        return _Shown(seen, _NOTHING if keys or known else frozenset([year]), _NOTHING)

    def _of_title(self, printed: str | None, year: int) -> set[Key]:
        which = (printed or "", year)
        if which not in self._by_title:
            self._by_title[which] = self._same(self._keys(None, printed, self._portal.id, year))
        return self._by_title[which]

    def _same(self, keys: set[Key]) -> set[Key]:
        """The keys, each as one object however often it is listed."""
        return {self._one.setdefault(key, key) for key in keys}
