"""What one portal's columns showed, read by read, each listed report resolved to its agency and year."""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from db.archive import Archive
from db.collected.name_searches import NameSearch
from db.records import ADDED, ColumnRead, ListedLink
from monitor.calendar import beijing_day
from monitor.judging.absence import Column, Read
from monitor.judging.mentions import Mentions, Searched, Wanted
from monitor.whose import listed_year
from parsers.titles import Title, read_title, simplified

if TYPE_CHECKING:
    from monitor.judging.roster import Roster

Key = tuple[str, int]
"""Agency and reporting year."""

RECENT = timedelta(days=60)
"""Of so many days before now every read is looked at; of earlier ones, such as say something of the season."""

_GOOD = ("ok", "unchanged")
_WHOLE = re.compile(r"https?://[^/?#\s]+/(?!\.)(?:[^?#\s/]|/(?!\.))*")  # an address that urljoin leaves as it is
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
    """What a list showed, or one entry of it; see Read."""

    seen: frozenset[Key]
    unresolved: frozenset[int | None]
    strangers: frozenset[Key]


_EMPTY = _Shown(_NOTHING, _NOTHING, _NOTHING)


class PortalReads:
    """The reads of a portal's columns. Held as long as its agencies are judged, and no longer."""

    def __init__(self, archive: Archive, portal: PortalColumns, roster: "Roster", year: int, now: datetime) -> None:
        """The reads up to now that say something of the reports for a reporting year."""
        self.portal = portal.id
        self._archive = archive
        kept = [read for read in archive.column_reads(portal.id, season=(year, now - RECENT)) if read.at <= now]
        self._links = {(read.column, read.at): read.links for read in kept}
        self._mentions: Mentions | None = None
        self._entries = _entries(archive, portal, roster, kept)
        broken = archive.crawls.doubtful_spans(portal.id)
        shown: dict[tuple[str, int], _Shown] = {}  # reads that list the same have one list of links
        mistitled: dict[tuple[str, int], frozenset[Key]] = {}
        self.reads: list[Read] = []
        for read in kept:
            # What a broken portal shows proves that a report is there, and never that one is not.
            doubtful = any(begun <= read.at <= end for begun, end in broken)
            which = (read.column, id(read.links))
            if which not in shown:
                entries = self._listed(read.column, read.links)
                shown[which], mistitled[which] = _together(entries), _mistitled(entries, year)
            good = read.outcome in _GOOD and not doubtful
            said, hidden = shown[which], mistitled[which]
            # No year is reported on before it is over: 2024年, where 2023 is meant.
            if max((y for _, y in said.seen), default=0) >= beijing_day(read.at).year:
                hidden |= {(key, y - 1) for key, y in said.seen if y >= beijing_day(read.at).year}
            self.reads.append(Read(read.column, read.at, good, good, *said, hidden))

    def first_listed(self, urls: Iterable[str]) -> dict[str, tuple[str, datetime]]:
        """Address -> the column that was the first to show it, and when; of those of these that one has shown."""
        left = set(urls)
        wanted = {
            column: {which: entry.address for which, entry in entries.items() if entry.address in left}
            for column, entries in self._entries.items()
        }
        found: dict[str, tuple[str, datetime]] = {}
        looked: set[tuple[str, int]] = set()
        for (column, at), links in self._links.items():
            if not wanted[column] or (column, id(links)) in looked:
                continue
            looked.add((column, id(links)))
            for which in wanted[column].keys() & set(map(id, links)):
                found.setdefault(wanted[column].pop(which), (column, at))
        return found

    def still_listed(self, agency: str, year: int, since: datetime) -> tuple[int, int]:
        """(other reports for a year that the column which showed an agency's last did show with it, by address; those
        of them that it showed when it was last read well since a moment)."""
        showing = [read for read in self.reads if (agency, year) in read.seen]
        after = [r for r in self.reads if showing and r.column == showing[-1].column and r.good and r.at >= since]
        if not after:
            return 0, 0
        column = showing[-1].column
        before = {
            entry.address
            for entry in self._listed(column, self._links[column, showing[-1].at])
            if any(y == year for _, y in entry.seen) and all(key != agency for key, _ in entry.seen)
        }
        still = {entry.address for entry in self._listed(column, self._links[column, after[-1].at])}
        return len(before), len(before & still)

    def search(self, wanted: Sequence[Wanted]) -> list[Searched]:
        """Whether the bytes of reads name agencies near the words of a report.

        No entry of these reads was understood to be the report that is looked for.
        """
        if self._mentions is None:
            self._mentions = Mentions(self._archive, self.portal, self._links)
        return self._mentions.search(wanted)

    @property
    def searches(self) -> list[NameSearch]:
        """What came of the search and was not known before."""
        return [*self._mentions.made.values()] if self._mentions else []

    def _listed(self, column: str, links: Iterable[ListedLink]) -> list["_Entry"]:
        return [*map(self._entries[column].__getitem__, map(id, links))]


class _Entry(NamedTuple):
    """One entry of a list, however often it is shown: what it shows, its address, absolute, and the day that the list
    prints beside it."""

    seen: frozenset[Key]
    unresolved: frozenset[int | None]
    strangers: frozenset[Key]
    address: str
    listed_on: str | None


def _together(entries: Sequence[_Entry]) -> _Shown:
    if not entries:
        return _EMPTY
    seen, unresolved, strangers, *_ = zip(*entries, strict=True)
    return _Shown(_NOTHING.union(*seen), _NOTHING.union(*unresolved), _NOTHING.union(*strangers))


def _mistitled(entries: Sequence[_Entry], year: int) -> frozenset[Key]:
    """The agencies whose report for a year may be listed under the title of an earlier one: one entry is dated after
    the year, or stands undated beside another of the same earlier year. Several of them are old ones put up later."""
    of_agency: dict[str, dict[str, tuple[int, str | None]]] = {}
    for entry in entries:
        for agency, y in entry.seen:
            if y < year:
                of_agency.setdefault(agency, {})[entry.address] = (y, entry.listed_on)
    found = set()
    for agency, listed in of_agency.items():
        years = [y for y, _ in listed.values()]
        new = [on for y, on in listed.values() if (on > str(year + 1) if on else years.count(y) > 1)]
        dated = [on for on in new if on]
        if len(dated) == 1 or (not dated and len(new) in (1, 2)):
            found.add((agency, year))
    return frozenset(found)


def _absolute(base: str, url: str) -> str:
    return url if _WHOLE.fullmatch(url) else urljoin(base, url)


def _entries(
    archive: Archive, portal: PortalColumns, roster: "Roster", reads: Iterable[ColumnRead]
) -> dict[str, dict[int, _Entry]]:
    """Column -> id of a link -> the entry, of all that these reads list. Lists repeat themselves daily, and one with
    news has the other entries all the same."""
    links: dict[str, dict[int, ListedLink]] = {}
    for (column, _), listed in {(read.column, id(read.links)): read.links for read in reads}.items():
        links.setdefault(column, {}).update(zip(map(id, listed), listed, strict=True))
    addresses = {
        column: {which: _absolute(column, link.url) for which, link in some.items()} for column, some in links.items()
    }
    titles = {link.title for some in links.values() for link in some.values()}
    reader = _Reader(portal, roster, {title: read_title(simplified(title)) for title in titles})
    standing = reader.standing(archive, {url for some in addresses.values() for url in some.values()})
    return {
        column: {
            which: _Entry(*reader.shown(some[which], column, standing.get(url, _NOTHING)), url, some[which].listed_on)
            for which, url in addresses[column].items()
        }
        for column, some in links.items()
    }


class _Reader:
    """Tells whose report an entry of a portal's list is, and of which year."""

    def __init__(self, portal: PortalColumns, roster: "Roster", titles: dict[str, Title]) -> None:
        self._portal = portal
        self._roster = roster
        self._titles = titles
        self._columns = {column.url: column for column in reversed(portal.columns)}
        self._of_title: dict[tuple[str | None, int], frozenset[Key]] = {}
        self._one: dict[Key, Key] = {}
        roster.meet((title.agency for title in titles.values() if title.agency), portal.id)

    def standing(self, archive: Archive, urls: set[str]) -> dict[str, set[Key]]:
        """Address -> whose report stands there, or is linked there, and of which year; of those of these addresses at
        which one does."""
        hosts = {urlsplit(column.url).netloc for column in self._portal.columns}
        here = tuple(f"{scheme}://{host}/" for host in hosts for scheme in ("http", "https"))
        found: dict[str, set[Key]] = {}
        for source in (self._portal.id, ADDED, None):
            if source is None:  # what stands on another host may have come by way of another portal
                urls = {url for url in urls - found.keys() if not url.startswith(here)}
            for url, holdings in archive.holdings.at(urls, source).items():
                for report in holdings:
                    keys = self._roster.keys(report.agency_id, report.printed, report.source, report.year)
                    found.setdefault(url, set()).update(self._same(keys))
        return found

    def shown(self, link: ListedLink, base: str, known: Set[Key]) -> _Shown:
        """What one entry of a list shows. known: what stands at its address."""
        column = self._columns.get(base)
        title = self._titles[link.title]
        # The crawl took it for a report; whose and of which year it is may be any where that cannot be told.
        year = title.year or listed_year(None, link.listed_on, column.year if column else None)
        keys = self._keys(title.agency, year) if year else _NOTHING
        if not keys and not known and year and column and column.agency:
            keys = self._same(self._roster.keys(column.agency, None, None, year))
        # What was read there and what its title says may differ: the list shows either.
        seen = keys.union(known)
        if title.agency and year and keys and not any(one in self._roster.agencies for one, _ in keys):
            return _Shown(seen, _NOTHING, frozenset([(title.agency, year)]))
        return _Shown(seen, _NOTHING if keys or known else frozenset([year]), _NOTHING)

    def _keys(self, printed: str | None, year: int) -> frozenset[Key]:
        which = (printed, year)
        if which not in self._of_title:
            self._of_title[which] = self._same(self._roster.keys(None, printed, self._portal.id, year))
        return self._of_title[which]

    def _same(self, keys: Iterable[Key]) -> frozenset[Key]:
        """The keys, each as one object however often it is listed."""
        return frozenset(self._one.setdefault(key, key) for key in keys)
