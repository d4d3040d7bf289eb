"""Findings of every rule that may be told, in an archive that has their reports, looks and reads, for alerts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from db.archive import Archive
from db.records import Agency, Finding, Visit
from monitor.config import Thresholds
from monitor.judging.case import Case, Judged
from monitor.judging.rule import ReportRule
from monitor.rules import judge_case, rules
from parsers.report import Report
from tests.monitor import test_inaccessible, test_late_dates, test_notice_vs_found, test_revised, test_withdrawn
from tests.monitor import test_rules_tables as tables
from tests.monitor.judged import judged, quiet_sample
from tests.monitor.seasons_made import AGENCY, EARLY, NEWS, at, feb, found, read, season
from tests.monitor.test_late import TOWNS
from tests.monitor.test_rules_prose import MATTER, PREFACE, PROBLEMS, TestElements, with_preface, with_text

SAMPLE = quiet_sample()
SEEN = datetime(2024, 2, 9, 2, 5, tzinfo=UTC)
NOW = datetime(2024, 3, 1, 4, tzinfo=UTC)
SUPERVISOR = Agency("320800:办公室", "临江市人民政府办公室", region_code="320800", organ="office", duty="none")
_SUMS = {
    "applications-balance": {"applications.carried_out.total": 3},
    "applications-results": {"applications.processed.total": 99},
    "applications-applicants": {"applications.new.total": 98},
    "challenges-total": {"challenges.reconsideration.total": 77},
}


def cases() -> Iterator[tuple[str, Case]]:
    """(rule, a case in which it finds something)."""
    for rule, changes in _SUMS.items():
        yield rule, Case(judged(SAMPLE, changes))
    last = replace(judged(tables.LAST), sha256="cd" * 32)
    out = int(last.report.value("applications.carried_out.total") or 0)
    carried = {f"applications.carried_in.{c}": out + 2 for c in ("natural_person", "total")}
    yield "carry-over", Case(judged(SAMPLE, carried), last)
    powers = judged(SAMPLE, {"disclosure.normative_documents.in_force": 441})
    yield "normative-stock", Case(powers, last)
    rows = tables.totals(new=3, carried_in=9, processed=5, granted=5, carried_out=7)
    yield "backlog-over-a-year", Case(judged(SAMPLE, rows))
    blank = {"applications.granted.total": None, "applications.new.total": "/"}
    yield "blank-total", Case(judged(SAMPLE, tables.totals(new=5, granted=3, carried_out=2) | blank))
    copied = tables.TestCopiedOrShifted()
    yield "copied-or-shifted", Case(judged(SAMPLE, copied.columns("business", "research")))
    table = copied.columns("natural_person", "total")
    kept = replace(judged(tables.LAST, table), sha256="cd" * 32)
    yield "copied-or-shifted", Case(judged(SAMPLE, table), kept)
    elements = TestElements().without(5)
    elements.report.sections = [s._replace(text="无。") if s.number != 1 else s for s in elements.report.sections]
    yield "elements", Case(elements)
    document = "关于做好2023年度档案移交工作的通知", "一、移交范围", MATTER * 3, "二、移交时间", MATTER
    yield "foreign-text", Case(with_preface(*document))
    yield "improvement", Case(with_text(5, PROBLEMS.format("公开")))
    yield "outdated-preface", Case(with_preface(PREFACE.format(SAMPLE.agency, "、收费及减免情况")))
    organ = Agency("370481:云溪县教育局", "云溪县教育局", region_code="370481", organ="department")
    rules_made = judged(SAMPLE, {"disclosure.regulations.in_force": 3})
    yield "regulations-without-power", Case(rules_made, agency=organ)
    lacking = judged(SAMPLE)
    lacking.report.sections = [s for s in lacking.report.sections if s.number != 6]
    yield "sections", Case(lacking)
    yield "stock-impossible", Case(judged(SAMPLE, tables.stock(issued=9, repealed=2, in_force=6)))
    yield "stock-impossible", Case(judged(tables.OLD, tables.stock(made=4, published=4, total_published=3)))
    items = "disclosure.licensing.items_last_year"
    moved = judged(tables.OLD, {items: 700})
    yield "stock-impossible", Case(moved, replace(judged(tables.BEFORE), sha256="cd" * 32))
    yield "striking-change", Case(judged(SAMPLE, {"applications.new.total": 9000}), last)
    yield "wrong-form", Case(replace(judged(tables.OLD), year=2022))


def of_reports() -> Iterator[tuple[Finding, Mapping[str, Judged]]]:
    """Findings about reports, with the reports that they rest on by hash."""
    for rule, case in cases():
        findings = judge_case(case, Thresholds(), only={rule})
        assert findings, f"{rule} finds nothing in its case"
        reports = {one.sha256: one for one in (case.this, case.last) if one is not None}
        yield findings[0], reports


def of_seasons() -> Iterator[tuple[Finding, Mapping[str, Report]]]:
    """Findings about what was seen of reports, and when; with the contents that they compare, by hash."""
    first = read(at(date(2024, 1, 15)), EARLY)
    absent = [first, *(read(feb(day), NEWS) for day in (1, 5, 6))]
    town = replace(AGENCY, duty="no_date", duty_source="", organ="township")
    seasons = [
        ("missing", season(absent, [])),
        ("missing", season(absent, [], agency=town, local=TOWNS)),
        ("missing", season([r for r in absent if r is not first], [])),
        ("late", season()),
        ("late", season(agency=town, local=TOWNS)),
        ("late", season(searched=False)),
        ("backdated", season(publications=[test_late_dates.SAID])),
        ("withdrawn", test_withdrawn.withdrawn()),
        ("withdrawn", test_withdrawn.withdrawn(gone=test_withdrawn.gone(is_searched=False))),
        ("notice-vs-found", test_notice_vs_found.made(test_notice_vs_found.claim())),
        ("inaccessible", season(test_inaccessible.SHOWN, [test_inaccessible.document(FILE, "image-only")])),
        ("inaccessible", season(test_inaccessible.SHOWN, [dead_file()])),
        ("inaccessible", season(test_inaccessible.DROPPED, [test_inaccessible.there()], now=test_inaccessible.NOW)),
        ("dated-after-deadline", season(test_late_dates.UNSEEN)),
    ]  # fmt: skip
    for rule, made in seasons:
        findings = found(made, rule)
        assert findings, f"{rule} finds nothing in its season"
        yield (
            (
                findings[0]
                if findings[0].basis != "local"
                else replace(findings[0], agency_id="320800:柳镇人民政府", agency="临江市柳镇人民政府")
            ),
            {},
        )
    report, changed = test_revised.REPORT, test_revised.plus(test_revised.TOTAL)
    contents = {f"{number:064x}": one for number, one in enumerate((report, changed))}
    yield found(test_revised.made(report, changed), "revised")[0], contents
    prose = test_revised.line(1, "全年主动公开各类政府信息三百余条，其中通过网站公开二百余条。")
    yield found(test_revised.made(report, prose), "revised")[0], {f"{0:064x}": report, f"{1:064x}": prose}
    one, two = (test_revised.at_address(url, n, 1, source=source) for n, (url, source) in enumerate(
        ((test_revised.OLD_URL, "linjiang"), (test_revised.NEW_URL, "county"))))  # fmt: skip
    yield found(test_revised.uploaded_again(one, two), "versions-differ")[0], contents


FILE = test_inaccessible.FILE


def dead_file() -> Any:
    return test_inaccessible.with_file(*test_inaccessible.looks(FILE, 8, 9, 10, outcome="gone"))


def every_finding(archive: Archive) -> list[Finding]:
    """One or more findings of every rule that may be told; the archive has the reports and looks that they rest on."""
    with archive.write():
        found = [keep(archive, finding, reports) for finding, reports in of_reports()]
        return found + [keep(archive, finding, contents) for finding, contents in of_seasons()]


def keep(archive: Archive, finding: Finding, reports: Mapping[str, Any], body: str = "") -> Finding:
    """The finding, with its reports (each a Judged or a Report) in the archive under hashes of their own. body: what
    the document of the only one says."""
    known = {agency.id for agency in archive.agencies()}
    if finding.agency_id not in known:
        agency = replace(AGENCY, id=finding.agency_id or "", name=finding.agency, supervisor=SUPERVISOR.id)
        if finding.basis == "local":
            agency = replace(agency, organ="township", duty="no_date", duty_source="")
        archive.import_agencies([SUPERVISOR, agency])
    hashes = {}
    for number, (sha256, given) in enumerate(reports.items()):
        report = given.report if isinstance(given, Judged) else given
        year = given.year if isinstance(given, Judged) else finding.year
        data = (body or f"{finding.sentence_en} {sha256}").encode()
        url = next((p["source"] for p in finding.places if p["sha256"] == sha256 and p.get("source")), "")
        url = url or f"https://www.example.gov.cn/{finding.fingerprint}/{year}.html"
        hashes[sha256] = archive.put_document(data, media="text/html", seen_at=SEEN), url
        for day in (0, 3, 11):
            archive.add_visit(
                Visit("linjiang", url, "detail", SEEN + timedelta(days=day, hours=number), 200, "ok",
                      sha256=hashes[sha256][0])
            )  # fmt: skip
        archive.store_report(
            replace(report, year=year), sha256=hashes[sha256][0], agency_id=finding.agency_id, agency=finding.agency,
            source="linjiang", url=url, seen_at=SEEN + timedelta(hours=number), parser_version="1", portal="linjiang",
        )  # fmt: skip
    places = [
        place | {"sha256": hashes[place["sha256"]][0], "source": hashes[place["sha256"]][1]}
        if place["sha256"] in hashes
        else place
        for place in finding.places
    ]
    return replace(finding, places=places)


def every_sentence() -> Iterator[Finding]:
    """A finding of each sentence of each rule, as if every field held the same word; without places."""
    for rule in rules().values():
        for key, entry in rule.says.items():
            fields = dict.fromkeys((*entry.needs, *entry.optional), "某词")
            subject = Case(judged(SAMPLE)) if isinstance(rule, ReportRule) else season()
            yield rule.finding(subject, key, fields)


@contextmanager
def archive_of_alerts(folder: Path) -> Iterator[tuple[Archive, list[Finding]]]:
    """An archive and what was found in it."""
    with Archive.open(folder / "alerts.db") as archive:
        archive.add_portal("linjiang", "临江市人民政府", "static_list")
        archive.import_agencies([SUPERVISOR, replace(AGENCY, supervisor=SUPERVISOR.id)])
        archive.almanac.keep_local_rules(TOWNS)
        yield archive, every_finding(archive)
