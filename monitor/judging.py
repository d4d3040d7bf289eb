"""From reports to findings: over given files, or over the archive."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from db.archive import Archive
from db.records import Agency, Finding, agency_key
from db.standins import StandIns
from monitor.calendar import beijing_day
from monitor.config import Thresholds
from monitor.portal_reads import PortalColumns, PortalReads
from monitor.rules import judge_case
from monitor.rules.absence import Absence, Held, State, judge
from monitor.rules.case import Case, Judged
from monitor.spool import Spool
from monitor.whose import Whose
from parsers.names import Names, clean_name

__all__ = [
    "AbsenceJudge", "JudgedReport", "PortalColumns", "absent_keys", "archive_reports", "judge_reports", "judge_stream",
    "names_of", "season_of",
]  # fmt: skip

NOT_OBTAINED = ("empty",)
"""Kinds of unread documents that are no sign of a publication: nothing has come."""


class JudgedReport(NamedTuple):
    """A report with what the rules find about it."""

    report: Judged
    findings: list[Finding]


def judge_reports(
    reports: Sequence[Judged] | Spool[Judged], thresholds: Thresholds, *, same_name_is_same: bool = False
) -> list[Finding]:
    """Judge each report, against the same agency's report of the year before where that is among them.

    same_name_is_same: agencies that are not resolved are compared across years by their printed name, as for files
    that a person hands over together. In an archive two counties' 公安局 must not be taken for one.
    """
    by_key: dict[tuple[str, int], int] = {}
    for number, judged in enumerate(reports):
        by_key.setdefault((judged.key, judged.year), number)
    findings: dict[str, Finding] = {}
    for judged in reports:
        known = same_name_is_same or judged.agency_id is not None
        before = by_key.get((judged.key, judged.year - 1)) if known else None
        last = reports[before] if before is not None else None
        for finding in judge_case(Case(judged, last), thresholds):
            findings.setdefault(finding.fingerprint + judged.sha256, finding)
    return list(findings.values())


def archive_reports(archive: Archive, year: int | None = None, agency_id: str | None = None) -> Iterator[Judged]:
    """The report to trust for each agency and year of the archive, or of one year or agency; by agency and year."""
    for r in archive.latest(year, agency_id):
        yield Judged(r.agency_id, r.agency, r.year, r.sha256, r.report, r.url)


def judge_stream(reports: Iterable[Judged], thresholds: Thresholds) -> Iterator[JudgedReport]:
    """Judge reports as they come, all of one agency together and by year, as `archive_reports` gives them. The same
    findings as `judge_reports`; no more than an agency's last report is held."""
    last: Judged | None = None
    said: set[str] = set()  # of one agency: an agency that is not resolved may have several reports for a year
    for judged in reports:
        if last is None or last.key != judged.key:
            last, said = None, set()
        before = last if last is not None and judged.agency_id is not None and last.year == judged.year - 1 else None
        found = []
        for finding in judge_case(Case(judged, before), thresholds):
            if (name := finding.fingerprint + judged.sha256) not in said:
                said.add(name)
                found.append(finding)
        last = judged
        yield JudgedReport(judged, found)


def names_of(agencies: Iterable[Agency]) -> Names:
    """Names that know the register. Agencies that a report alone has named are left out: the region list knows them
    as well, and they must not stand in the way of what the register says of their name."""
    return Names((a.id, a.name, a.aliases) for a in agencies if a.organ)


def season_of(now: datetime) -> int:
    """The reporting year whose reports are due now: the year before, in Beijing."""
    return beijing_day(now).year - 1


class AbsenceJudge:
    """Judges who owes a report and has none, from the reads of the portals' columns: for one reporting year, portal by
    portal, so that no more is held than the agencies and what one portal showed."""

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
        # Of the year that is judged:
        self._held: dict[str, Held] = {}  # agency ->
        # The name of every stored report: under its full name a report is there, wherever a portal put it.
        self._named: set[str] = set()
        self.unread: dict[tuple[str, int], list[dict[str, Any]]] = {}  # (agency, year) -> url, kind, sha256, seen_at

    def judge(self, year: int) -> list[Absence]:
        """The state of every agency of the register, for one reporting year; by agency."""
        return sorted(self.states(year), key=lambda absence: absence.agency.id)

    def states(self, year: int) -> Iterator[Absence]:
        """The same one by one, the agencies of a portal together."""
        self._look_up(year)
        self.archive.holdings.gather()
        by_portal: dict[str | None, list[Agency]] = {}
        for agency in self.agencies:
            known = agency.portal if agency.portal in self.portals else None
            by_portal.setdefault(known, []).append(agency)
        for portal, agencies in by_portal.items():
            yield from self._of_portal(self.portals.get(portal or ""), agencies, year)

    def _look_up(self, year: int) -> None:
        """What the archive holds of a year."""
        self._held, self._named, self.unread = {}, set(), {}
        for report in self.archive.holdings.of_year(year):
            for agency, _ in self._keys(report.agency_id, report.printed, report.source, year):
                self._held[agency] = Held.REPORT
            self._named.add(clean_name(report.agency))
        for row in self.archive.each_unread(year):
            if row["kind"] not in NOT_OBTAINED:
                document = {name: row[name] for name in ("url", "kind", "sha256", "seen_at")}
                for key in self._keys(row["agency_id"], row["agency"], row["portal"], year):
                    self._held.setdefault(key[0], Held.UNREAD)
                    self.unread.setdefault(key, []).append(document)

    def _keys(self, agency_id: str | None, printed: str | None, portal: str | None, year: int) -> set[tuple[str, int]]:
        """(agency, year) of all whose report this one is: every body of a joint report, and those it stands in for."""
        ids = self.whose.ids_of(printed, portal) | ({agency_id} if agency_id else set())
        return {(other, year) for one in ids for other in self.stand_ins.counts_for(one, year)}

    def _of_portal(self, portal: PortalColumns | None, agencies: Sequence[Agency], year: int) -> list[Absence]:
        """The states of the agencies of one portal, or of none."""
        columns = portal.columns if portal else ()
        showing = PortalReads(self.archive, portal, self._keys, self._registered) if portal else None
        reads = showing.reads if showing else []
        states = []
        for agency in agencies:
            held = self._held.get(agency.id)
            if held is None:
                held = Held.REPORT if clean_name(agency.name) in self._named else Held.NOTHING
            states.append(judge(agency, year, columns=columns, reads=reads, held=held, now=self.now))
        return showing.searched(states) if showing else states


def absent_keys(states: Iterable[Absence], watched: Container[str]) -> set[tuple[str, int]]:
    """The agencies and years that were judged, so that findings about them that no longer hold can end.

    watched: the portals that are looked at. What was said of an agency whose portal is another stands until its report
    is seen: that nobody looks any more is no news of it.
    """
    return {
        (agency_key(a.agency.id, a.agency.name), a.year)
        for a in states
        if a.state is not State.NOT_OWED
        and (a.state is not State.UNKNOWN or a.agency.portal is None or a.agency.portal in watched)
    }
