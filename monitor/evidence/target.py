"""What a person asks evidence for: a finding, the report of an agency for a year, or a document."""

import re
from dataclasses import dataclass, field
from typing import Any

from db.archive import Archive
from db.evidence import ReportRow, SightingRow
from monitor.whose import names_of

SHORTEST = 4  # digits of a fingerprint that are enough to name a finding
_FINGERPRINT = re.compile(rf"[0-9a-f]{{{SHORTEST},16}}")
_TOO_SHORT = re.compile(rf"[0-9a-f]{{1,{SHORTEST - 1}}}")
_SHA256 = re.compile(r"[0-9a-f]{8,64}")
_AGENCY_YEAR = re.compile(r"(?P<agency>.+?)\s*(?P<year>20\d\d)\s*年?(?:度)?")
_MOST_SHOWN = 10


class TargetError(Exception):
    """Nothing, or more than one thing, is meant; the message says what there is."""


@dataclass(slots=True)
class Target:
    """What evidence is for. reports: of one agency and year, every revision and source. sightings: of a document that
    is no report that we could read."""

    finding: dict[str, Any] | None = None
    reports: list[ReportRow] = field(default_factory=list)
    sightings: list[SightingRow] = field(default_factory=list)

    def __str__(self) -> str:
        if self.finding is not None:
            f = self.finding
            return f"finding {f['fingerprint']}: {f['rule']}, {f['agency']}, {f['year']}"
        if self.reports:
            first = self.reports[0]
            ids = ", ".join(str(report.id) for report in self.reports)
            return f"report {ids}: {first.agency}, {first.year}, {first.url}"
        first_sighting = self.sightings[0]
        return f"document {first_sighting.sha256}: {first_sighting.title or ''} {first_sighting.url}"


def find_target(archive: Archive, words: str) -> Target:
    """The one thing that is meant by: a finding's fingerprint or its beginning (4 digits or more); an agency (name or
    id) and a year; a report's number, its document's SHA-256 (or 8 digits of it or more), or its address.

    Raises TargetError, listing what could be meant.
    """
    wanted = words.strip()
    if not wanted:
        raise TargetError(
            "say what the evidence is for: a finding's fingerprint (`nianbao findings` lists them), or an agency and a"
            " year"
        )
    found = [*_findings(archive, wanted), *_by_key(archive, wanted), *_by_agency(archive, wanted)]
    if len(found) == 1:
        return found[0]
    if not found and _TOO_SHORT.fullmatch(wanted):
        raise TargetError(
            f"{wanted}: is too short; the beginning of a fingerprint needs {SHORTEST} digits or more, that of a"
            " SHA-256 8"
        )
    count = len(found)
    if not found:
        found, count = _near(archive, wanted)
    if not found:
        raise TargetError(
            f"{wanted}: no finding and no report is called so; `nianbao findings` lists the findings, the view "
            "latest_reports the reports"
        )
    shown = "\n".join(f"  {target}" for target in found[:_MOST_SHOWN])
    more = f"\n  and {count - _MOST_SHOWN} more" if count > _MOST_SHOWN else ""
    raise TargetError(f"{wanted}: may mean any of these; say which:\n{shown}{more}")


def _findings(archive: Archive, wanted: str) -> list[Target]:
    if not _FINGERPRINT.fullmatch(wanted):
        return []
    return [Target(finding=row) for row in archive.evidence.findings(wanted)]


def _by_key(archive: Archive, wanted: str) -> list[Target]:
    """By number, hash or address."""
    evidence, found = archive.evidence, []
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        found += _grouped(evidence.reports(report_id=int(wanted)))
    if _SHA256.fullmatch(wanted):
        found += _grouped(evidence.reports(sha256=wanted))
        if not found and len(wanted) == 64 and (seen := evidence.sightings(sha256s=[wanted])):
            found.append(Target(sightings=seen))
    if "://" in wanted:
        found += _grouped(evidence.reports(url=wanted))
        if not found and (seen := evidence.sightings(urls=[wanted])):
            found.append(Target(sightings=seen))
    return found


def _by_agency(archive: Archive, wanted: str) -> list[Target]:
    match = _AGENCY_YEAR.fullmatch(wanted)
    agency, year = (match["agency"], int(match["year"])) if match else (wanted, None)
    resolved = names_of(archive.agencies()).resolve(agency)
    for name in dict.fromkeys(filter(None, (resolved, agency))):
        if found := _grouped(archive.evidence.reports(agency=name, year=year)):
            return found
    if resolved and year and (unread := archive.evidence.unread(resolved, year)):
        return [Target(sightings=archive.evidence.sightings(sha256s=unread))]
    return []


def _near(archive: Archive, wanted: str) -> tuple[list[Target], int]:
    """The reports of agencies whose names hold what is asked for, the first of them and how many there are: shown, and
    never taken by guess."""
    match = _AGENCY_YEAR.fullmatch(wanted)
    agency, year = (match["agency"], int(match["year"])) if match else (wanted, None)
    rows, count = archive.evidence.similar(agency, year, _MOST_SHOWN)
    return _grouped(rows), count


def _grouped(rows: list[ReportRow]) -> list[Target]:
    """One target for each agency and year."""
    groups: dict[tuple[str, int], list[ReportRow]] = {}
    for row in rows:
        groups.setdefault((row.agency_key, row.year), []).append(row)
    return [Target(reports=group) for group in groups.values()]
