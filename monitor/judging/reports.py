"""From reports to findings: over given files, or over the archive."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from db.archive import Archive
from db.records import Finding
from monitor.config import Thresholds
from monitor.judging.case import Case, Judged
from monitor.rules import judge_case
from monitor.spool import Spool


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
