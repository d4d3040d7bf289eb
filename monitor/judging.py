"""From reports to findings: over given files, or over the archive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from db.archive import Archive
from db.records import Agency, ColumnRead, Finding, agency_key
from monitor.calendar import beijing_day
from monitor.config import Thresholds
from monitor.mentions import Mentions
from monitor.rules import judge_case
from monitor.rules.absence import Absence, Column, Held, Read, State, judge, mentioned
from monitor.rules.case import Case, Judged
from monitor.standins import StandIns
from monitor.whose import Whose, listed_year
from parsers.names import Names, clean_name
from parsers.titles import read_title, simplified

NOT_OBTAINED = ("empty",)
"""Kinds of unread documents that are no sign of a publication: nothing has come."""


def judge_reports(
    reports: Sequence[Judged], thresholds: Thresholds, *, same_name_is_same: bool = False
) -> list[Finding]:
    """Judge each report, against the same agency's report of the year before where that is among them.

    same_name_is_same: agencies that are not resolved are compared across years by their printed name, as for files
    that a person hands over together. In an archive two counties' 公安局 must not be taken for one.
    """
    by_key: dict[tuple[str, int], Judged] = {}
    for judged in reports:
        by_key.setdefault((judged.key, judged.year), judged)
    findings: dict[str, Finding] = {}
    for judged in reports:
        known = same_name_is_same or judged.agency_id is not None
        last = by_key.get((judged.key, judged.year - 1)) if known else None
        for finding in judge_case(Case(judged, last), thresholds):
            findings.setdefault(finding.fingerprint + judged.sha256, finding)
    return list(findings.values())


def archive_reports(archive: Archive) -> list[Judged]:
    """The report to trust for each agency and year of the archive."""
    return [Judged(r.agency_id, r.agency, r.year, r.sha256, r.report, r.url) for r in archive.latest()]


def names_of(agencies: Iterable[Agency]) -> Names:
    """Names that know the register. Agencies that a report alone has named are left out: the region list knows them
    as well, and they must not stand in the way of what the register says of their name."""
    return Names((a.id, a.name, a.aliases) for a in agencies if a.organ)


def season_of(now: datetime) -> int:
    """The reporting year whose reports are due now: the year before, in Beijing."""
    return beijing_day(now).year - 1


@dataclass(slots=True)
class PortalColumns:
    """What the absence rule needs to know of a portal: its columns, the code of its region, if known, and the place in
    front of short agency names (住建局)."""

    id: str
    columns: tuple[Column, ...]
    region: str | None = None
    place: str = ""


class AbsenceJudge:
    """Judges who owes a report and has none, from the reads of the portals' columns."""

    def __init__(self, archive: Archive, portals: Iterable[PortalColumns], now: datetime) -> None:
        self.archive = archive
        self.now = now
        # Who is not in the register owes nothing.
        self.agencies = [agency for agency in archive.agencies() if agency.organ]
        self.portals = {portal.id: portal for portal in portals}
        self._registered = {agency.id for agency in self.agencies}
        self.stand_ins = StandIns(self.agencies)
        self.whose = Whose(
            names_of(self.agencies),
            {portal.id: portal.region for portal in self.portals.values() if portal.region},
            {portal.id: portal.place for portal in self.portals.values() if portal.place},
        )
        self._ids: dict[tuple[str | None, str | None], set[str]] = {}  # (name, portal): lists repeat themselves daily
        self._reads: dict[str, list[Read]] = {}
        self._mentions: dict[str, Mentions] = {}  # portal -> its lists, searched for names
        self._at: dict[str, set[tuple[str, int]]] = {}  # address of a stored report, of its page -> whose, which year
        self._held: dict[tuple[str, int], Held] = {}
        # (name, year) of every stored report: under its full name a report is there, wherever a portal put it.
        self._named: set[tuple[str, int]] = set()
        self.unread: dict[tuple[str, int], list[dict[str, Any]]] = {}  # (agency, year) -> rows of Archive.unread
        pages = archive.pages_of_files()
        for report in archive.reports():
            keys = self._keys(report.agency_id, report.report.agency, report.source, report.year)
            self._held.update(dict.fromkeys(keys, Held.REPORT))
            self._named.add((clean_name(report.agency), report.year))
            if report.agency_id:
                # A list leads to the page of an attached report, not to the file.
                for url in (report.url, *pages.get(report.url, ())):
                    self._at[url] = self._at.get(url, set()) | keys
        for row in archive.unread():
            if row["year"] is not None and row["kind"] not in NOT_OBTAINED:
                for key in self._keys(row["agency_id"], row["agency"], row["portal"], row["year"]):
                    self._held.setdefault(key, Held.UNREAD)
                    self.unread.setdefault(key, []).append(row)

    def _keys(self, agency_id: str | None, printed: str | None, portal: str | None, year: int) -> set[tuple[str, int]]:
        """(agency, year) of all whose report this one is: every body of a joint report, and those it stands in for."""
        if (printed, portal) not in self._ids:
            self._ids[printed, portal] = self.whose.ids_of(printed, portal)
        ids = self._ids[printed, portal] | ({agency_id} if agency_id else set())
        return {(other, year) for one in ids for other in self.stand_ins.counts_for(one, year)}

    def judge(self, year: int) -> list[Absence]:
        """The state of every agency of the register, for one reporting year."""
        states = []
        for agency in self.agencies:
            portal = self.portals.get(agency.portal or "")
            columns = portal.columns if portal else ()
            reads = self._portal_reads(portal) if portal else []
            is_named = (clean_name(agency.name), year) in self._named
            held = self._held.get((agency.id, year), Held.REPORT if is_named else Held.NOTHING)
            absence = judge(agency, year, columns=columns, reads=reads, held=held, now=self.now)
            states.append(self._searched(absence, portal) if portal else absence)
        return states

    def _searched(self, absence: Absence, portal: PortalColumns) -> Absence:
        """What is left of an accusation once the bytes of the lists have been searched for the agency's name."""
        if absence.state is not State.MISSING:
            return absence
        searched = self._mentions[portal.id].search(absence.agency, absence.year, absence.proof)
        return mentioned(absence) if searched.mentioned else replace(absence, searched=searched.whole)

    def _portal_reads(self, portal: PortalColumns) -> list[Read]:
        if portal.id not in self._reads:
            broken = self.archive.crawls.doubtful_spans(portal.id)
            # What a broken portal shows proves that a report is there, and never that one is not.
            reads = [
                replace(read, outcome="unknown") if any(begun <= read.at <= end for begun, end in broken) else read
                for read in self.archive.column_reads(portal.id)
            ]
            self._reads[portal.id] = [self._read(read, portal) for read in reads]
            # Whoever is searched for is missing: no entry of these was understood to be its report of that year.
            titles = {(read.column, read.at): [link.title for link in read.links] for read in reads}
            self._mentions[portal.id] = Mentions(self.archive, portal.id, titles)
        return self._reads[portal.id]

    def _read(self, read: ColumnRead, portal: PortalColumns) -> Read:
        """A look at a column, each listed report resolved to its agency and year."""
        seen: set[tuple[str, int]] = set()
        unresolved: set[int | None] = set()
        strangers: set[tuple[str, int]] = set()
        column = next((c for c in portal.columns if c.url == read.column), None)
        for link in read.links:
            known = self._at.get(urljoin(read.column, link.url), set())
            # The crawl took it for a report; whose and of which year it is may be any where that cannot be told.
            year = listed_year(link.title, link.listed_on, column.year if column else None)
            printed = read_title(simplified(link.title)).agency
            keys = self._keys(None, printed, portal.id, year) if year else set()
            if not keys and not known and year and column and column.agency:
                keys = self._keys(column.agency, None, None, year)
            # What was read there and what its title says may differ: the list shows either.
            seen |= known | keys
            if printed and year and keys and not any(one in self._registered for one, _ in keys):
                strangers.add((printed, year))
            elif not keys and not known:
                unresolved.add(year)
        good = read.outcome in ("ok", "unchanged")
        return Read(read.column, read.at, good, good, frozenset(seen), frozenset(unresolved), frozenset(strangers))


def absent_keys(states: Iterable[Absence]) -> set[tuple[str, int]]:
    """The agencies and years that were judged, so that findings about them that no longer hold can end."""
    return {(agency_key(a.agency.id, a.agency.name), a.year) for a in states if a.state is not State.NOT_OWED}
