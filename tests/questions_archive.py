"""An archive of which the answers to many questions are known: a made-up county, with cases that only look alike.

Every report says zero everywhere unless its row below says otherwise.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from db.archive import Archive
from db.records import Address, Agency, ColumnRead, Sighting, Visit
from monitor.almanac import keep_almanac
from parsers.report import Doubt, Figure, Report
from tests.db.archive_samples import make_report

SITE = "https://www.example.gov.cn"
COLUMN = f"{SITE}/nb/"
YOUNG_SITE = "https://young.example.gov.cn"
YOUNG_COLUMN = f"{YOUNG_SITE}/nb/"
ART49 = "政府信息公开条例 (2019), Article 49"

Values = dict[str, int | float | None]


def day(text: str, hour: int = 4) -> datetime:
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=UTC)


IN_TIME = {2021: "2022-01-20", 2022: "2023-01-20", 2023: "2024-01-20"}
LATE = {2022: "2023-02-20", 2023: "2024-02-25"}


def _agency(local: str, organ: str = "department", region: str = "990101", **more: Any) -> Agency:
    place = {"990101": "柳溪县", "990100": "示例市"}[region]
    duty = {"department": "art49_department", "government": "art49_government"}.get(organ, "no_date")
    rest = {"portal": "liuxi", **more}
    return Agency(
        f"{region}:{local}", f"{place}{local}", (), region, organ, duty, ART49 if duty != "no_date" else "", **rest
    )


AGENCIES = [
    *(_agency(local) for local in (
        "财政局", "教育局", "民政局", "司法局", "公安局", "审计局", "水利局", "农业农村局", "自然资源局", "统计局",
        "林业局", "体育局", "档案局",
    )),
    _agency("文化局", to_year=2022, successors=("990101:文化和旅游局",)),
    _agency("文化和旅游局"),
    _agency("文物局", covered_by="990101:文化和旅游局"),
    _agency("招商局", portal="young"),
    _agency("人民政府", "government"),
    _agency("柳溪镇", "township"),
    _agency("财政局", region="990100"),
]  # fmt: skip


def _decided(n: int, granted: int | None, partly: int | None, **refused: int | None) -> Values:
    """Column 总计 of some rows. refused: by the end of the row's name."""
    rows: dict[str, int | None] = {"processed": n, "granted": granted, "partly_granted": partly}
    rows |= {f"refused_{reason}": number for reason, number in refused.items()}
    return {f"applications.{row}.total": number for row, number in rows.items()}


def _carried(into: int | None = 0, out: int | None = 0) -> Values:
    return {"applications.carried_in.total": into, "applications.carried_out.total": out}


def make(path: Path) -> None:
    """Make the archive."""
    with Archive.open(path) as archive:
        _register(archive)
        _reports(archive)
        _reads(archive)
        keep_almanac(archive)


def _register(archive: Archive) -> None:
    archive.add_portal("liuxi", "柳溪县人民政府", "static_list")
    archive.add_portal("young", "柳溪县招商网", "static_list")
    archive.import_agencies(AGENCIES)
    with archive.write() as connection:  # the packaged list has no made-up places
        connection.executemany(
            "INSERT INTO regions (code, name, level, as_of) VALUES (?, ?, ?, '2024-01-01')",
            [("990000", "示例省", "province"), ("990100", "示例市", "prefecture"), ("990101", "柳溪县", "county")],
        )


def _reads(archive: Archive) -> None:
    for text in ("2022-01-10", "2022-02-05", "2023-01-20", "2023-02-05", "2024-01-20", "2024-02-05"):
        archive.add_column_read(ColumnRead("liuxi", COLUMN, day(text, 9), "ok", 1))
    # First looked at after the deadline of 2022; the reports for that year were there already.
    for text in ("2023-03-01", "2024-01-20", "2024-02-05"):
        archive.add_column_read(ColumnRead("young", YOUNG_COLUMN, day(text, 9), "ok", 1))
    for number, outcome in enumerate(("ok", "ok", "blocked")):
        archive.add_visit(Visit("liuxi", COLUMN, "list", day("2024-02-05", number), 200, outcome))


def _reports(archive: Archive) -> None:
    keep = _Keeper(archive)
    # Refused more than granted, and what only looks so.
    keep("财政局", 2023, _decided(40, 5, 3, law_forbids=6, process=4) | _carried(5), LATE)
    keep("教育局", 2023, _decided(19, 0, 0, process=19), IN_TIME)  # 19 decided
    keep("民政局", 2023, _decided(30, 1, 0, process=20, security=None) | _carried(4))  # a refused row is blank
    keep("司法局", 2023, _decided(20, 9, 0, internal=9) | _carried(None))  # as many
    keep("公安局", 2023, _decided(20, 0, 0, admin_query=1))  # 20 decided, nothing granted
    keep("审计局", 2022, _decided(30, 0, 0, process=30))  # another year
    keep("审计局", 2023, _decided(30, 30, 0))
    keep("水利局", 2023, {**_decided(50, 5, 0, process=2), "applications.unavailable_not_held.total": 43})
    keep("统计局", 2023, _decided(25, 2, None, process=20))  # partly granted: no number
    keep("人民政府", 2023, _decided(90, 10, 0, process=80))  # no department
    keep("财政局", 2023, _decided(60, 1, 0, process=59), region="990100")  # no county
    keep("柳溪镇", 2023, _decided(30, 0, 0, process=30))
    keep("农业农村局", 2023, _decided(30, 1, 0, process=29), revision=1)  # revised since
    keep("农业农村局", 2023, _decided(30, 29, 0, process=1), {2023: "2024-01-25"}, revision=2)
    keep.unknown("柳溪县粮食局", 2023, _decided(30, 0, 0, process=30))
    # Carried over.
    keep("财政局", 2022, _carried(0, 3), LATE)  # 3, then 5
    keep("教育局", 2022, _carried(), LATE)  # 0, then 0; late once
    keep("民政局", 2022, _carried(0, None))  # no number
    keep("司法局", 2022, _carried(0, 4))  # then no number
    keep("公安局", 2021, _carried(0, 7))  # no report for 2022
    keep("林业局", 2022, _carried(0, 0))  # 0, then 2: a zero is a number
    keep("林业局", 2023, _carried(2, 0))
    keep("文化和旅游局", 2022, _carried(0, 1))  # took over from 文化局 for 2023
    keep("文化和旅游局", 2023, _carried(6, 0))
    keep("文化局", 2022, _carried(0, 5))
    keep("自然资源局", 2022, _carried(0, 1), scope="本局机关")  # says that it covers others
    keep("自然资源局", 2023, _carried(8, 0), scope="本局及所属单位")
    # Late: 财政局 twice, 教育局 once. The pages of 林业局 give dates after the deadline, and were there before.
    keep("招商局", 2022, {}, {2022: "2023-03-01"})
    keep("招商局", 2023, {}, LATE)
    keep("体育局", 2022, {}, LATE)
    keep("体育局", 2023, {}, LATE, portal=None)  # by hand: where it stood in between, nobody has looked
    keep("柳溪镇", 2022, {}, LATE)
    # Always zero: three years of 档案局; two of 林业局 only, and one of 体育局 blank.
    for year in (2021, 2022, 2023):
        keep("档案局", year, {})
    keep("体育局", 2021, {"applications.new.total": None})
    keep("司法局", 2021, {"disclosure.fees.amount": 12.5, "applications.new.total": 100})
    keep.unread("财政局", 2021)
    keep.page_of("水利局", 2023)


class _Keeper:
    """Keeps reports as a crawl would: first in the list, then read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._names = {agency.id: agency for agency in AGENCIES}
        self._number = 0

    def __call__(
        self,
        local: str,
        year: int,
        values: Values,
        seen: dict[int, str] = IN_TIME,
        *,
        region: str = "990101",
        scope: str | None = None,
        revision: int = 1,
        portal: str | None = "",
    ) -> None:
        agency = self._names[f"{region}:{local}"]
        report = make_report(year, values=values)
        report.agency, report.title = agency.name, f"{agency.name}{year}年政府信息公开工作年度报告"
        report.scope = {"applications": scope} if scope else {}
        if local == "林业局":
            report.published_on = f"{year + 1}-02-28"
        if local == "水利局":
            report.doubts = [Doubt("applications.other_rest.total", "not a number", "壹")]
            report.figures["applications.other_rest.total"] = Figure(
                "applications.other_rest.total", None, "unreadable", "壹", None, "printed"
            )
        self._keep(report, agency.id, agency.name, agency.portal if portal == "" else portal, day(seen[year]), revision)

    def unknown(self, name: str, year: int, values: Values) -> None:
        """A report of an agency that the register does not know."""
        report = make_report(year, values=values)
        report.agency = name
        self._keep(report, None, name, "liuxi", day(IN_TIME[year]), 1)

    def unread(self, local: str, year: int) -> None:
        """A document that is a report and could not be read."""
        agency, seen_at = self._names[f"990101:{local}"], day(IN_TIME[year])
        sha256 = self._archive.put_document(b"scan", media="application/pdf", seen_at=seen_at)
        self._unread(agency, year, sha256, f"{SITE}/nb/scan.pdf", "image-only", "it has pictures only", seen_at)

    def page_of(self, local: str, year: int) -> None:
        """A page that carries the report of the agency as a file, which was read: nothing is unread."""
        agency, seen_at, page = self._names[f"990101:{local}"], day(IN_TIME[year]), f"{SITE}/nb/page.html"
        ((file, read),) = self._archive.query(
            "SELECT url, sha256 FROM reports WHERE agency_id = ? AND year = ?", (agency.id, year)
        )
        sha256 = self._archive.put_document(b"page", media="text/html", seen_at=seen_at)
        self._archive.add_sighting(Sighting("liuxi", page, page, "page", None, None, sha256, seen_at))
        self._archive.add_sighting(Sighting("liuxi", page, file, "attachment", None, None, read, seen_at))
        self._unread(agency, year, sha256, page, "no-tables", "no table is in it", seen_at)

    def _unread(
        self, agency: Agency, year: int, sha256: str, url: str, kind: str, sentence: str, seen_at: datetime
    ) -> None:
        self._archive.store_unread(
            sha256,
            source="liuxi",
            url=url,
            kind=kind,
            sentence=sentence,
            seen_at=seen_at,
            parser_version="1",
            title=None,
            agency_id=agency.id,
            agency=agency.name,
            year=year,
        )

    def _keep(
        self, report: Report, agency_id: str | None, name: str, portal: str | None, seen_at: datetime, revision: int
    ) -> None:
        self._number += 1
        site, column = (YOUNG_SITE, YOUNG_COLUMN) if portal == "young" else (SITE, COLUMN)
        url = f"{site}/nb/{name}{report.year}.html"
        if portal is not None and revision == 1:
            address = Address(
                portal, url, "page", "report", url, column, report.title, None, None, report.year, seen_at, None
            )
            self._archive.frontier.add([address])
        sha256 = self._archive.put_document(f"{self._number}".encode(), media="text/html", seen_at=seen_at)
        self._archive.store_report(
            report,
            sha256=sha256,
            agency_id=agency_id,
            agency=name,
            source=portal or "added",
            url=url,
            seen_at=seen_at,
            parser_version="1",
            portal=portal,
        )
