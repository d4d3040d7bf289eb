"""The main job in steps, each of which can be repeated: read what is new, judge, tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from db.archive import Archive
from db.records import Agency, Finding, Message, Sighting
from monitor.config import Config
from monitor.judging import (
    AbsenceJudge,
    PortalColumns,
    absent_keys,
    archive_reports,
    judge_reports,
    names_of,
    season_of,
)
from monitor.messages import messages_for
from monitor.notices import read_notices
from monitor.processes import in_processes
from monitor.reading import CRASHED, read_bytes
from monitor.rules import ABSENCE_RULES, report_rules
from monitor.rules.absence_findings import absence_finding
from monitor.rules.case import Judged
from monitor.whose import Whose, listed_year
from parsers.errors import UnreadableDocument
from parsers.read import PARSER_VERSION
from parsers.report import Report
from parsers.titles import read_title


@dataclass(slots=True)
class Reading:
    """What became of the documents that were waiting: reports new, revised, unchanged; documents unread."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)  # (url, sentence)


def read_waiting(
    archive: Archive,
    *,
    regions: dict[str, str] | None = None,
    places: dict[str, str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read every document that this version of the parser has not read, and keep what it says.

    regions: portal -> code of its region, to tell agencies of one name apart. places: portal -> the place in front of
    short agency names.
    """
    waiting = archive.sightings_to_read(PARSER_VERSION)
    agencies = archive.agencies()
    whose = Whose(names_of(agencies), regions or {}, places or {})
    keeper = _Keeper(archive, whose, {agency.id: agency.name for agency in agencies})
    for number, (sighting, outcome) in enumerate(_outcomes(archive, waiting), start=1):
        keeper.keep(sighting, outcome)
        if on_progress:
            on_progress(number, len(waiting))
    # A page is not unread whose attachment was read, and the other way round.
    unread = {row["url"] for row in archive.unread()}
    keeper.reading.unread = [(url, sentence) for url, sentence in keeper.reading.unread if url in unread]
    read_notices(archive, whose)
    return keeper.reading


def _outcomes(archive: Archive, waiting: list[Sighting]) -> Iterable[tuple[Sighting, Report | UnreadableDocument]]:
    documents = (archive.get_document(sighting.sha256) for sighting in waiting)
    return zip(waiting, in_processes(read_bytes, documents, _crashed), strict=True)


def _crashed(data: bytes) -> UnreadableDocument:
    return UnreadableDocument(CRASHED)


@dataclass(slots=True)
class _Keeper:
    """Puts what was read into the archive: a report under its agency and year, all else as unread."""

    archive: Archive
    whose: Whose
    names: dict[str, str]  # id -> canonical name, of every agency that the archive knows
    reading: Reading = field(default_factory=Reading)

    def keep(self, sighting: Sighting, outcome: Report | UnreadableDocument) -> None:
        if isinstance(outcome, Report):
            _complete(outcome, sighting)
            agency_id, agency = self._whose(outcome, sighting)
            if outcome.year is not None and agency:
                self._keep_report(sighting, outcome, agency_id, agency)
                return
            lacking = "for which year" if outcome.year is None else "whose"
            outcome = UnreadableDocument(
                f"neither its title nor its text says {lacking} the report is; add it by hand with what you know"
            )
        self._keep_unread(sighting, outcome)

    def _whose(self, report: Report, sighting: Sighting) -> tuple[str | None, str]:
        """(id or None, full name) of the agency. What a person says of a file that they add comes before what it
        prints; what a portal's settings say comes after it."""
        hint = sighting.agency_hint
        candidates = [hint, report.agency] if sighting.portal is None else [report.agency, hint]
        prose = "\n".join(section.text for section in report.sections)
        for name in candidates:
            if agency_id := self.whose.id_of(name, sighting.portal, text=prose):
                return agency_id, self.names.get(agency_id) or self.whose.name_of(name, sighting.portal) or ""
        return None, self.whose.name_of(next(filter(None, candidates), ""), sighting.portal) or ""

    def _keep_report(self, sighting: Sighting, report: Report, agency_id: str | None, agency: str) -> None:
        if agency_id is not None and agency_id not in self.names:
            # Known by its name and the region list alone: it owes nothing until people say more.
            self.archive.import_agencies([Agency(agency_id, agency, region_code=agency_id.partition(":")[0])])
            self.names[agency_id] = agency
        stored = self.archive.store_report(
            report,
            sha256=sighting.sha256,
            agency_id=agency_id,
            agency=agency,
            source=sighting.source,
            url=sighting.url,
            seen_at=sighting.seen_at,
            parser_version=PARSER_VERSION,
            portal=sighting.portal,
        )
        setattr(self.reading, stored.change, getattr(self.reading, stored.change) + 1)

    def _keep_unread(self, sighting: Sighting, error: UnreadableDocument) -> None:
        # What it is said to be where it stands: a document that we cannot read is published all the same.
        title = read_title(sighting.title or "")
        agency, agency_id = None, None
        for name in (title.agency if title.is_report else None, sighting.agency_hint):
            if agency_id := self.whose.id_of(name, sighting.portal):
                agency = name
                break
            agency = agency or name
        is_listed = title.is_report or sighting.portal is not None
        self.archive.store_unread(
            sighting.sha256,
            source=sighting.source,
            url=sighting.url,
            kind=error.kind,
            sentence=str(error),
            seen_at=sighting.seen_at,
            parser_version=PARSER_VERSION,
            title=sighting.title,
            agency_id=agency_id,
            agency=self.whose.name_of(agency, sighting.portal),
            year=listed_year(sighting.title, sighting.listed_on) if is_listed else None,
        )
        self.reading.unread.append((sighting.url, str(error)))


def _complete(report: Report, sighting: Sighting) -> None:
    """What only the list says: the date of publication, where the page prints none; the year and the agency of a
    document that names neither."""
    listed = read_title(sighting.title or "")
    if report.published_on is None and sighting.listed_on:
        report.published_on, report.published_source = sighting.listed_on, "list"
    if report.year is None and listed.year is not None:
        report.year = listed.year
    if report.agency is None:
        report.agency = listed.agency


@dataclass(slots=True)
class Judgement:
    """Findings that stand, and the events that this judgement made (found, gone)."""

    findings: list[Finding]
    events: list[tuple[Finding, str]]


def judge_archive(
    archive: Archive,
    config: Config,
    portals: Iterable[PortalColumns],
    *,
    now: datetime,
    quiet: set[tuple[str, int]] | None = None,
) -> Judgement:
    """Judge the whole archive and write down findings and messages.

    quiet: (agency key, year) of which findings are recorded and no messages made: the old years of a portal's first
    crawl.
    """
    reports = archive_reports(archive)
    findings = judge_reports(reports, config.thresholds)
    absence = AbsenceJudge(archive, portals, now)
    states = absence.judge(season_of(now))
    findings += [finding for state in states if (finding := absence_finding(state))]

    def messages(finding: Finding, event: str) -> list[Message]:
        return [] if quiet and finding.key in quiet else messages_for(finding, event, config)

    judged = {(r.key, r.year) for r in reports} | absent_keys(states) | _moved(archive, reports)
    rules = {name for rule in report_rules() for name in rule.names} | set(ABSENCE_RULES)
    # A report that is there ends what was said of its absence; one that is not read now ends nothing else.
    events = archive.save_findings(findings, judged=judged, rules=rules, messages=messages, at=now)
    return Judgement(findings, events)


def _moved(archive: Archive, reports: list[Judged]) -> set[tuple[str, int]]:
    """The agencies and years under which findings still stand whose documents are now known to be another's: since
    the register has learned a name, the findings are made anew under it."""
    owners = {report.sha256: (report.key, report.year) for report in reports}
    found = set()
    for row in archive.findings():
        key = (row["agency_key"], row["year"])
        documents = {place.get("sha256") for place in row["places"] if place.get("year") == row["year"]}
        if any(owners.get(sha256, key) != key for sha256 in documents):
            found.add(key)
    return found
