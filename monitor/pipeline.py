"""The main job in steps, each of which can be repeated: read what is new, judge, tell."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
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
from monitor.rules import ABSENCE_RULES, report_rules
from monitor.rules.absence_findings import absence_finding
from parsers.errors import UnreadableDocument
from parsers.names import Names
from parsers.read import PARSER_VERSION
from parsers.report import Report

_FEWEST_FOR_POOL = 8


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
    now: datetime,
    regions: dict[str, str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read every document that this version of the parser has not read, and keep what it says.

    regions: portal -> code of its region, to tell agencies of one name apart.
    """
    waiting = archive.sightings_to_read(PARSER_VERSION)
    names = names_of(archive.agencies())
    reading = Reading()
    for number, (sighting, outcome) in enumerate(_outcomes(archive, waiting), start=1):
        _keep(archive, sighting, outcome, names, regions or {}, now, reading)
        if on_progress:
            on_progress(number, len(waiting))
    # A page is not unread whose attachment was read, and the other way round.
    unread = {row["url"] for row in archive.unread()}
    reading.unread = [(url, sentence) for url, sentence in reading.unread if url in unread]
    return reading


def _outcomes(archive: Archive, waiting: list[Sighting]) -> Iterable[tuple[Sighting, Report | UnreadableDocument]]:
    if len(waiting) < _FEWEST_FOR_POOL:
        yield from ((s, _read(archive.get_document(s.sha256))) for s in waiting)
        return
    with ProcessPoolExecutor() as pool:
        # Handed out in small groups, so that a large archive is not in memory at once.
        for start in range(0, len(waiting), 32):
            group = waiting[start : start + 32]
            futures = [pool.submit(_read, archive.get_document(s.sha256)) for s in group]
            for sighting, future in zip(group, futures, strict=True):
                try:
                    yield sighting, future.result()
                except BrokenProcessPool:
                    yield sighting, UnreadableDocument("brought the reader down; the file is damaged")


def _read(data: bytes) -> Report | UnreadableDocument:
    from parsers.read import read_report

    try:
        return read_report(data)
    except UnreadableDocument as error:
        return error


def _keep(
    archive: Archive,
    sighting: Sighting,
    outcome: Report | UnreadableDocument,
    names: Names,
    regions: dict[str, str],
    now: datetime,
    reading: Reading,
) -> None:
    if isinstance(outcome, Report):
        _complete(outcome, sighting)
        agency = outcome.agency or sighting.agency_hint or ""
        if outcome.year is not None and agency:
            prose = "\n".join(section.text for section in outcome.sections)
            within = regions.get(sighting.portal or "")
            agency_id = names.resolve(agency, within=within, text=prose) or names.resolve(
                sighting.agency_hint, within=within
            )
            if agency_id is not None and agency_id not in names.canonical:
                _make_known(archive, agency_id, agency, names)
            stored = archive.store_report(
                outcome,
                sha256=sighting.sha256,
                agency_id=agency_id,
                agency=names.canonical.get(agency_id or "", agency),
                source=sighting.source,
                url=sighting.url,
                seen_at=sighting.seen_at,
                parser_version=PARSER_VERSION,
                portal=sighting.portal,
            )
            setattr(reading, stored.change, getattr(reading, stored.change) + 1)
            return
        lacking = "for which year" if outcome.year is None else "whose"
        outcome = UnreadableDocument(
            f"neither its title nor its text says {lacking} the report is; add it by hand with what you know"
        )
    archive.store_unread(
        sighting.sha256,
        source=sighting.source,
        url=sighting.url,
        kind=outcome.kind,
        sentence=str(outcome),
        seen_at=sighting.seen_at,
        parser_version=PARSER_VERSION,
        title=sighting.title,
    )
    reading.unread.append((sighting.url, str(outcome)))


def _make_known(archive: Archive, agency_id: str, printed: str, names: Names) -> None:
    """An agency that its name and the region list identify, and the register does not hold: kept under the name that
    it prints, and owing nothing, until people say more."""
    archive.import_agencies([Agency(agency_id, printed, region_code=agency_id.partition(":")[0])])
    names.add(agency_id, printed)


def _complete(report: Report, sighting: Sighting) -> None:
    """What only the list says: the date of publication, where the page prints none; the year and the agency of a
    document that names neither."""
    from parsers.titles import read_title

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

    judged = {(r.key, r.year) for r in reports} | absent_keys(states)
    rules = {name for rule in report_rules() for name in rule.names} | set(ABSENCE_RULES)
    # A report that is there ends what was said of its absence; one that is not read now ends nothing else.
    events = archive.save_findings(findings, judged=judged, rules=rules, messages=messages, at=now)
    return Judgement(findings, events)
