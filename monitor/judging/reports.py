"""From reports to findings: over given files, or over the archive."""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from db.archive import Archive
from db.questions.scan import Striking, Suspects, suspects
from db.records import Finding, StoredReport
from monitor.config import Thresholds
from monitor.judging.bodies import NO_REGISTER, Bodies
from monitor.judging.case import Judged
from monitor.rules import judge_case, report_rules
from monitor.spool import Spool

_AGENCIES_AT_ONCE = 50  # so many are read together

Key = tuple[str, int]


class JudgedReport(NamedTuple):
    """What the rules find about a report. key: agency key and year."""

    key: Key
    agency_id: str | None
    findings: list[Finding]


def judge_reports(
    reports: Sequence[Judged] | Spool[Judged],
    thresholds: Thresholds,
    *,
    same_name_is_same: bool = False,
    bodies: Bodies = NO_REGISTER,
) -> list[Finding]:
    """Judge each report, against the same agency's report of the year before where that is among them.

    same_name_is_same: agencies that are not resolved are compared across years by their printed name, as for files
    that a person hands over together. In an archive two counties' 公安局 must not be taken for one.
    """
    by_key: dict[Key, int] = {}
    for number, judged in enumerate(reports):
        by_key.setdefault((judged.key, judged.year), number)
    findings: dict[str, Finding] = {}
    for judged in reports:
        known = same_name_is_same or judged.agency_id is not None
        before = by_key.get((judged.key, judged.year - 1)) if known else None
        last = reports[before] if before is not None else None
        for finding in judge_case(bodies.case(judged, last), thresholds):
            findings.setdefault(finding.fingerprint + judged.sha256, finding)
    return list(findings.values())


class ArchiveJudge:
    """Judges the reports to trust of an archive, some agencies at a time; no more than these are held.

    Most reports have nothing to be found. So they are read without the places of their figures, as if each stood in a
    cell of its own, and those about which something is found are read once more, and judged again, with them. A rule
    may look at places to say nothing; where it finds something by them alone, it is not asked here.
    """

    def __init__(self, archive: Archive, thresholds: Thresholds) -> None:
        self._archive = archive
        self._thresholds = thresholds
        self._unsieved = frozenset(rule.name for rule in report_rules() if not rule.sieve)

    def all(self) -> Iterator[list[JudgedReport]]:
        """Every report, agency by agency, and by year; some agencies together.

        Whom the scan (db/questions/scan.py) does not name need not be judged by the rules that are sieved by it. A
        report that others write meanwhile is marked in the archive.
        """
        named = suspects(self._archive, _striking(self._thresholds))
        for agencies in self._archive.judging.agencies_with_reports(_AGENCIES_AT_ONCE):
            yield list(self._judge(self._archive.judging.reports(agencies), named))

    def some(self, agencies: Iterable[int], wanted: Collection[Key]) -> Iterator[JudgedReport]:
        """The reports of some agencies (by the numbers of their keys), of these keys and years alone."""
        years = {year - before for _, year in wanted for before in (0, 1)}
        return self._judge(self._archive.judging.reports(agencies, years), None, wanted)

    def _judge(
        self, reports: Sequence[StoredReport], named: Suspects | None, wanted: Container[Key] | None = None
    ) -> Iterator[JudgedReport]:
        bodies = Bodies(self._archive.judging.agencies({r.agency_id for r in reports if r.agency_id}))
        for _, of_agency in groupby(reports, key=lambda report: report.key):
            last: StoredReport | None = None
            said: set[str] = set()  # an agency that is not resolved may have several reports for a year
            for report in of_agency:
                key = (report.key, report.year)
                if wanted is None or key in wanted:
                    before = last if last and report.agency_id is not None and last.year == report.year - 1 else None
                    only = self._unsieved if named is not None and report.id not in named else None
                    found = [
                        finding
                        for finding in self._find(report, before, bodies, only)
                        if finding.fingerprint + report.sha256 not in said
                    ]
                    said.update(finding.fingerprint + report.sha256 for finding in found)
                    yield JudgedReport(key, report.agency_id, found)
                last = report

    def _find(
        self, report: StoredReport, last: StoredReport | None, bodies: Bodies, only: Collection[str] | None
    ) -> list[Finding]:
        def findings(this: StoredReport, before: StoredReport | None) -> list[Finding]:
            case = bodies.case(_judged(this), _judged(before) if before else None)
            return judge_case(case, self._thresholds, only)

        if not findings(report, last):
            return []
        placed = self._archive.judging.placed([report.id, *([last.id] if last else [])])
        # Gone meanwhile: another process has read a document anew, and has it judged.
        return findings(placed.get(report.id, report), last and placed.get(last.id, last))


def _judged(stored: StoredReport) -> Judged:
    return Judged(stored.agency_id, stored.agency, stored.year, stored.sha256, stored.report, stored.url, stored.bodies)


def _striking(thresholds: Thresholds) -> Striking:
    limits = thresholds.striking_change
    return Striking(limits.min_count, limits.ratio, limits.sigma)
