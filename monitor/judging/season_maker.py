"""Makes the seasons of some agencies: their state by the reads of their portal, their publications, and what is to be
known of those before anything is said."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from db.archive import Archive
from db.collected.name_searches import NameSearch
from db.collected.publications import ReadDocument
from db.local_rules import LocalRules
from db.records import ADDED, Agency, agency_key
from db.times import from_text
from monitor.judging import lateness, withdrawal
from monitor.judging.absence import Absence, Held, Read, State, judge, mentioned
from monitor.judging.gone import with_gone
from monitor.judging.mentions import Searched, Wanted
from monitor.judging.portal_reads import PortalColumns, PortalReads
from monitor.judging.published import contents, publications
from monitor.judging.roster import Roster
from monitor.judging.season import NoticeClaim, Publication, Season
from parsers.names import clean_name
from parsers.titles import read_title, simplified

_NOT_OBTAINED = ("empty",)  # kinds of unread documents that are no sign of a publication: nothing has come


class Group(NamedTuple):
    """Agencies that are judged together: those of a portal, or some of those without one that is looked at."""

    name: str
    portal: PortalColumns | None
    agencies: list[Agency]


class SeasonMaker:
    """Makes seasons out of an archive, as of a moment."""

    def __init__(self, archive: Archive, roster: Roster, now: datetime, local: LocalRules) -> None:
        self.roster = roster
        self._archive = archive
        self._now = now
        self._local = local
        self._unread: dict[int, dict[str, list[ReadDocument]]] = {}  # year -> agency -> oldest first
        self._strangers: dict[int, set[str]] = {}
        self._searches: list[NameSearch] = []

    def seasons(self, group: Group, year: int) -> list[Season]:
        """The seasons of the agencies of a group for one year, by agency."""
        ids = {agency.id for agency in group.agencies}
        portal_reads = PortalReads(self._archive, group.portal, self.roster, year, self._now) if group.portal else None
        reads = portal_reads.reads if portal_reads else []
        unread = self._unread_of(ids, year)
        documents = [*self._archive.publications.read(ids, [year]), *(one for some in unread.values() for one in some)]
        published = publications(self._archive, documents, portal_reads)
        claims = self._claims(ids, year)
        seasons = []
        for agency in group.agencies:
            found = published.get((agency.id, year), ())
            season = Season(
                agency,
                year,
                self._now,
                self._absence(agency, year, group.portal, reads, found),
                reads,
                found,
                claims.get(agency.id, ()),
                self.roster.is_reformed(agency, year),
                contents(self._archive, found),
            )
            seasons.append(season)
        seasons = with_gone(self._archive, seasons, portal_reads)
        if portal_reads is None:
            return seasons
        seasons = self._searched(seasons, portal_reads, year)
        self._searches += portal_reads.searches
        return seasons

    def take_searches(self) -> list[NameSearch]:
        """What came of searching lists for names since this was asked last."""
        taken, self._searches = self._searches, []
        return taken

    def material(self, ids: Iterable[str], year: int) -> list[object]:
        """What beside its own portal says that a report of one of these agencies is there; see Seasons."""
        unread = self._unread_of(set(ids), year)
        return [sorted(unread.items()), sorted(self._strangers_of(year))]

    def _absence(
        self,
        agency: Agency,
        year: int,
        portal: PortalColumns | None,
        reads: Sequence[Read],
        found: Sequence[Publication],
    ) -> Absence:
        if any(one.kind is None for one in found) or clean_name(agency.name) in self._strangers_of(year):
            held = Held.REPORT
        else:
            held = Held.UNREAD if found else Held.NOTHING
        columns = portal.columns if portal else ()
        return judge(agency, year, columns=columns, reads=reads, held=held, now=self._now, local=self._local)

    def _searched(self, seasons: list[Season], portal_reads: PortalReads, year: int) -> list[Season]:
        """The seasons, with what is left of accusations once the bytes of the lists have been searched for the
        agencies' names, and the entries of other portals' lists: of what is missing, came late, or was withdrawn."""
        wanted: list[tuple[int, str, tuple[Read, ...]]] = []
        for number, season in enumerate(seasons):
            if season.absence.state is State.MISSING:
                wanted.append((number, "missing", season.absence.proof))
            elif some := lateness.reads_to_search(season):
                wanted.append((number, "late", some))
            if season.gone is not None and (some := withdrawal.reads_to_search(season)):
                wanted.append((number, "withdrawn", some))
        if not wanted:
            return seasons
        found = portal_reads.search([Wanted(seasons[n].agency, seasons[n].year, some) for n, _, some in wanted])
        elsewhere = self._listed_elsewhere([seasons[n].agency for n, _, _ in wanted], portal_reads.portal, year)
        result = list(seasons)
        for (number, why, reads), one in zip(wanted, found, strict=True):
            first = elsewhere.get(seasons[number].agency.id)
            # An entry elsewhere that came after it was here, too, says nothing of when it came.
            is_there = first is not None and (why != "late" or first <= reads[-1].at)
            result[number] = _with_search(result[number], why, one._replace(mentioned=one.mentioned or is_there))
        return result

    def _listed_elsewhere(self, agencies: Sequence[Agency], portal: str, year: int) -> dict[str, datetime]:
        """Agency -> when a list of another portal first led to its report for a year, whether that was fetched or
        not; of these agencies."""
        words = {word for a in agencies for word in (a.id.partition(":")[2], a.name, *a.aliases) if word}
        found: dict[str, datetime] = {}
        for other, title, at in self._archive.publications.led_to(year, portal):
            if any(word in title for word in words):
                printed = read_title(simplified(title)).agency
                for key, _ in self.roster.keys(None, printed, other, year) if printed else ():
                    found[key] = min(at, found.get(key, at))
        return found

    def _unread_of(self, ids: set[str], year: int) -> dict[str, list[ReadDocument]]:
        """Agency -> the documents for a year that may be its report and could not be read, of these agencies."""
        if year not in self._unread:
            found: dict[str, list[ReadDocument]] = {}
            for one in self._archive.publications.unread(year, self.roster.near):
                if one.kind in _NOT_OBTAINED:
                    continue
                portal = None if one.source == ADDED else one.source
                for agency_id, _ in self.roster.keys(one.agency_id, one.agency, portal, year):
                    found.setdefault(agency_id, []).append(one._replace(agency_id=agency_id))
            self._unread[year] = found
        return {agency_id: some for agency_id, some in self._unread[year].items() if agency_id in ids}

    def _strangers_of(self, year: int) -> set[str]:
        """The names under which reports are there of which nobody knows whose they are: under its full name the report
        of an agency is there, wherever a portal put it."""
        if year not in self._strangers:
            self._strangers[year] = {clean_name(name) for name in self._archive.publications.strangers(year)}
        return self._strangers[year]

    def _claims(self, ids: set[str], year: int) -> dict[str, tuple[NoticeClaim, ...]]:
        found: dict[str, list[NoticeClaim]] = {}
        for agency_id, url, sha256, at, unit, has, link, first in self._archive.publications.claims(ids, year):
            is_there = None if has is None else bool(has)
            claim = NoticeClaim(url, sha256, from_text(at), unit, is_there, link, from_text(first))
            found.setdefault(agency_id, []).append(claim)
        return {agency_id: tuple(some) for agency_id, some in found.items()}


def ending(seasons: Iterable[Season], watched: Container[str]) -> set[tuple[str, int]]:
    """The agencies and years that were judged, so that findings about them that no longer hold can end.

    watched: the portals that are looked at. What was said of an agency whose portal is another stands until its report
    is seen: that nobody looks any more is no news of it.
    """
    return {
        (agency_key(one.agency.id, one.agency.name), one.year)
        for one in seasons
        if one.publications
        or (
            one.absence.state is not State.NOT_OWED
            and (one.absence.state is not State.UNKNOWN or one.agency.portal is None or one.agency.portal in watched)
        )
    }


def _with_search(season: Season, why: str, found: Searched) -> Season:
    if why == "late":
        return lateness.with_search(season, is_mentioned=found.mentioned, is_whole=found.whole)
    if why == "withdrawn" and season.gone is not None:
        return replace(season, gone=replace(season.gone, is_mentioned=found.mentioned, is_searched=found.whole))
    absence = season.absence
    return replace(season, absence=mentioned(absence) if found.mentioned else replace(absence, searched=found.whole))
