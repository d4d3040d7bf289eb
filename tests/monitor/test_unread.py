"""Published, unread: what we cannot read is kept, linked to its agency and year, and never missing. And reports that
count for others: joint reports, and those of the year of a merger."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from crawler.portal import load_portals
from crawler.sandbox.country import Country
from crawler.sandbox.server import FolderPortal
from crawler.sandbox.writers import html
from db.archive import Archive
from db.records import Agency, ColumnRead, ListedLink, Neighbour, Sighting
from db.standins import StandIns
from monitor.config import load_config
from monitor.crawling import portal_columns
from monitor.job import run_job
from monitor.judging.absence import Column, State
from monitor.judging.portal_reads import PortalColumns
from monitor.judging.seasons import Seasons
from monitor.pipeline import read_waiting
from monitor.whose import Whose, names_of

LIST = "https://www.example.gov.cn/nb/"
REGION = "990101"
NOON = datetime(2024, 2, 1, 4, tzinfo=UTC)
DAYS = (0, 4, 5, 6)  # 1, 5, 6 and 7 February 2024
SOURCE = "政府信息公开条例第四十九条"
YEAR = 2023
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument\0".encode("utf-16-le") + b"\0" * 600


def agency(local: str, **more: object) -> Agency:
    values: dict[str, object] = {"organ": "department", "duty": "art49_department", "duty_source": SOURCE}
    return Agency(
        f"{REGION}:{local}",
        f"柳溪县{local}",
        region_code=REGION,
        portal="liuxi",
        **values | more,  # type: ignore[arg-type]
    )


FINANCE, PEER = agency("财政局"), agency("民政局")


def scanned_pdf() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (60, 80), 255).save(buffer, "PDF")
    return buffer.getvalue()


def ofd() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("OFD.xml", "<ofd:OFD/>")
    return buffer.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as opened:
        yield opened


def title(local: str, year: int = YEAR) -> str:
    return f"{local}{year}年政府信息公开工作年度报告"


def see(archive: Archive, name: str, body: bytes, listed: str, day: float = 0, hint: str | None = None) -> None:
    at = NOON + timedelta(days=day)
    sha256 = archive.put_document(body, media=None, seen_at=at)
    page = LIST + name.partition(".")[0] + ".html"
    archive.add_sighting(
        Sighting("liuxi", page, LIST + name, "attachment", listed, "2024-01-25", sha256, at, agency_hint=hint)
    )


def look(archive: Archive, listed: Sequence[str], days: Sequence[float] = DAYS) -> None:
    links = [ListedLink(f"{LIST}{number}.html", text, "2024-01-25") for number, text in enumerate(listed)]
    for day in days:
        archive.add_column_read(ColumnRead("liuxi", LIST, NOON + timedelta(days=day), "ok", 1, links))


def states(archive: Archive, year: int = YEAR) -> dict[str, State]:
    portal = PortalColumns("liuxi", (Column(LIST),), REGION, "柳溪县")
    seasons = Seasons(archive, [portal], NOON + timedelta(days=8))
    return {one.agency.id.partition(":")[2]: one.absence.state for one in seasons.all_of(year)}


def read(archive: Archive) -> None:
    read_waiting(archive, regions={"liuxi": REGION}, places={"liuxi": "柳溪县"})


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("1.pdf", scanned_pdf(), "image-only"),
        ("1.doc", OLE, "unsupported"),
        ("1.wps", OLE, "unsupported"),
        ("1.ofd", ofd(), "unsupported"),
        ("1.rar", b"Rar!\x1a\x07\x00" + b"\0" * 100, "unsupported"),
        ("1.jpg", b"\xff\xd8\xff" + b"\0" * 100, "image-only"),
    ],
)
def test_a_document_that_cannot_be_read_is_published(archive: Archive, name: str, body: bytes, kind: str) -> None:
    archive.import_agencies([FINANCE, PEER])
    see(archive, name, body, title("财政局"))
    look(archive, [title("柳溪县民政局")])  # the entry itself is not listed any more
    read(archive)
    (row,) = archive.unread()
    assert (row["kind"], row["agency_id"], row["agency"], row["year"]) == (kind, FINANCE.id, "柳溪县财政局", YEAR)
    assert states(archive) == {"财政局": State.PUBLISHED_UNREAD, "民政局": State.PUBLISHED_UNREAD}
    assert states(archive, YEAR - 1)["财政局"] is not State.PUBLISHED_UNREAD


def test_without_it_the_report_is_missing(archive: Archive) -> None:
    archive.import_agencies([FINANCE, PEER])
    see(archive, "1.pdf", b"", title("财政局"))
    look(archive, [title("柳溪县民政局")])
    read(archive)
    assert archive.unread()[0]["kind"] == "empty"
    assert states(archive)["财政局"] is State.MISSING, "nothing has come, so nothing was published there"


def test_a_readable_version_at_the_same_place_takes_over(archive: Archive) -> None:
    plan = next(p for p in Country.build(1, agencies=40).plans if p.year == YEAR and p.agency.organ == "department")
    archive.import_agencies([plan.agency])
    listed = plan.sample.title
    see(archive, "1.pdf", scanned_pdf(), listed)
    read(archive)
    assert archive.unread()[0]["agency_id"] == plan.agency.id
    see(archive, "1.pdf", html.write(plan.sample, page=True), listed, day=1)
    read(archive)
    assert archive.unread() == []
    local = plan.agency.id.partition(":")[2]
    assert states(archive)[local] is State.PRESENT


def test_whose_it_is_by_what_the_portal_says(archive: Archive) -> None:
    archive.import_agencies([FINANCE])
    see(archive, "1.pdf", scanned_pdf(), "2022年度政府信息公开工作年度报告", hint="柳溪县财政局")
    see(archive, "2.pdf", scanned_pdf() + b"2", "柳溪县某某局政府信息公开年报")
    read(archive)
    by_hint, nobody = archive.unread()
    assert (by_hint["agency_id"], by_hint["year"]) == (FINANCE.id, 2022)
    assert (nobody["agency_id"], nobody["agency"], nobody["year"]) == (None, "柳溪县某某局", 2023)
    # Once the register knows the name, it is linked without being fetched again.
    archive.import_agencies([FINANCE, agency("某某局")])
    read(archive)
    assert archive.unread()[1]["agency_id"] == f"{REGION}:某某局"
    assert states(archive)["某某局"] is State.PUBLISHED_UNREAD


def test_short_names_are_completed_by_the_place_of_the_portal(archive: Archive) -> None:
    """农业农村局, 县农业农村局 and 柳溪县农业农村局 are one, whether the register knows it or not."""
    plan = next(p for p in Country.build(1, agencies=40).plans if p.year == YEAR and p.agency.organ == "department")
    archive.import_agencies([FINANCE])
    for number, local in enumerate(("农业农村局", "县农业农村局", "柳溪县农业农村局", "县财政局")):
        see(archive, f"{number}.pdf", scanned_pdf() + str(number).encode(), title(local))
        sample = replace(plan.sample, title=title(local, 2021), agency=local, year=2021, period=None)
        see(archive, f"r{number}.html", html.write(sample, page=True), title(local, 2021))
    read(archive)
    whole = {(None, "柳溪县农业农村局"), (FINANCE.id, "柳溪县财政局")}
    assert {(row["agency_id"], row["agency"]) for row in archive.unread()} == whole
    assert {(report.agency_id, report.agency) for report in archive.reports()} == whole
    keys = {key for (key,) in archive.query("SELECT DISTINCT agency_key FROM reports")}
    assert keys == {"?:柳溪县农业农村局", FINANCE.id}
    assert {stored.key for stored in archive.latest()} == keys, "findings stand under the same names"
    assert {report.report.agency for report in archive.reports()} >= {"农业农村局", "县财政局"}, "as printed, beside it"


def test_no_place_no_completion() -> None:
    whose = Whose(names_of([FINANCE]), {"liuxi": REGION}, {"liuxi": "柳溪县"})
    assert whose.name_of("农业农村局", "elsewhere") == whose.name_of("农业农村局", None) == "农业农村局"
    assert whose.name_of("市中区水利局", "liuxi") == "市中区水利局", "another place is printed in front"
    assert whose.name_of("财政局", "liuxi") == "柳溪县财政局" and whose.name_of(None, "liuxi") is None


def test_each_body_of_a_joint_report_is_found_in_its_completed_name() -> None:
    agencies = [agency("文旅局"), agency("文物局")]
    whose = Whose(names_of(agencies), {"liuxi": REGION}, {"liuxi": "柳溪县"})
    for printed in ("文旅局、文物局", "柳溪县文旅局、文物局", whose.name_of("文旅局、文物局", "liuxi")):
        assert whose.ids_of(printed, "liuxi") >= {one.id for one in agencies}


def test_who_is_named_by_a_report_alone_owes_nothing(archive: Archive) -> None:
    archive.import_agencies([FINANCE, Agency(f"{REGION}:某局", "柳溪县某局", region_code=REGION)])
    assert set(states(archive)) == {"财政局"}


def test_a_joint_report_counts_for_the_one_that_it_covers(archive: Archive) -> None:
    covered = agency("文物局", covered_by=f"{REGION}:文旅局")
    far = agency("博物馆", covered_by=covered.id)
    archive.import_agencies([agency("文旅局"), covered, far, FINANCE, PEER])
    look(archive, [title("柳溪县民政局")])
    assert states(archive)["文物局"] is State.MISSING
    see(archive, "1.pdf", scanned_pdf(), title("柳溪县文旅局"))
    read(archive)
    found = states(archive)
    assert {found[local] for local in ("文旅局", "文物局", "博物馆")} == {State.PUBLISHED_UNREAD}
    assert found["财政局"] is State.MISSING


def test_a_joint_report_by_its_title(archive: Archive) -> None:
    archive.import_agencies([agency("城南办事处"), agency("城南园区"), FINANCE, PEER])
    look(archive, [title("城南办事处、城南园区"), title("柳溪县民政局")])
    found = states(archive)
    assert found["城南办事处"] is found["城南园区"] is State.PUBLISHED_UNREAD
    assert found["财政局"] is State.MISSING


def test_the_year_of_a_merger() -> None:
    before, after = f"{REGION}:文化局", f"{REGION}:文旅局"
    agencies = [agency("文化局", to_year=2018), agency("文旅局", from_year=2019, predecessors=(before,))]
    stand_ins = StandIns(agencies)
    assert stand_ins.counts_for(after, 2018) == {before, after}, "the successor may write the last report"
    assert stand_ins.counts_for(before, 2019) == {before, after}, "and the predecessor the first"
    assert stand_ins.counts_for(before, 2017) == {before} and stand_ins.counts_for(after, 2020) == {after}


def test_a_merger_makes_nobody_missing(archive: Archive) -> None:
    before = agency("文化局", to_year=YEAR, successors=(f"{REGION}:文旅局",))
    after = agency("文旅局", from_year=YEAR + 1)
    archive.import_agencies([before, after, PEER])
    look(archive, [title("柳溪县民政局")])
    found = states(archive)
    assert found["文化局"] is State.MISSING and found["文旅局"] is State.NOT_OWED
    see(archive, "1.pdf", scanned_pdf(), title("柳溪县文旅局"))
    read(archive)
    found = states(archive)
    assert found["文化局"] is State.PUBLISHED_UNREAD and found["文旅局"] is State.NOT_OWED


def test_notices_become_claims(archive: Archive) -> None:
    archive.import_agencies([FINANCE])
    page = (
        "<body><table><tr><td>单位</td><td>是否公布</td><td>链接</td></tr>"
        "<tr><td>财政局</td><td>是</td><td><a href='cz/2023.html'>查看</a></td></tr>"
        "<tr><td>教育局</td><td>否</td><td></td></tr></table></body>"
    )
    for number, body in enumerate((page.encode(), scanned_pdf())):
        sha256 = archive.put_document(body, media=None, seen_at=NOON)
        url = f"{LIST}tz{number}.html"
        heading = "柳溪县2023年政府信息公开工作年度报告公布情况"
        archive.neighbours.add(Neighbour("liuxi", url, url, "publication_notice", heading, None, sha256, NOON))
    read(archive)
    first, second = archive.claims.current(2023)
    assert (first["agency_id"], first["has_published"], first["link"]) == (FINANCE.id, True, f"{LIST}cz/2023.html")
    assert (second["unit"], second["agency_id"], second["has_published"]) == ("教育局", None, False)
    assert archive.query("SELECT kind, claims FROM notice_readings ORDER BY claims") == [("image-only", 0), (None, 2)]
    assert states(archive) == {"财政局": State.UNKNOWN}, "a claim is no report, and its units are no agencies yet"
    archive.import_agencies([FINANCE, agency("教育局")])
    read(archive)
    assert archive.claims.current(2023)[1]["agency_id"] == f"{REGION}:教育局"


def test_from_a_portal_to_the_list_of_what_is_owed(tmp_path: Path) -> None:
    """The whole way: crawled, kept, linked, and no longer looked for."""
    plan = next(p for p in Country.build(1, agencies=40).plans if p.year == YEAR and p.agency.organ == "department")
    notice = (
        "<html><body><h1>柳溪县2023年政府信息公开工作年度报告公布情况</h1><p>各单位年度报告公布情况如下：</p>"
        "<table><tr><td>单位</td><td>是否公布</td></tr><tr><td>柳溪县水利局</td><td>否</td></tr></table></body></html>"
    )
    files = [
        (plan.sample.title, html.write(plan.sample, page=True), "html"),
        (title("柳溪县财政局"), scanned_pdf(), "pdf"),
        (title("柳溪县民政局"), OLE, "docx"),
        ("柳溪县2023年政府信息公开工作年度报告公布情况", notice.encode(), "html"),
    ]
    now = datetime(2024, 2, 20, 2, tzinfo=UTC)
    agencies = [replace(one, portal="folder") for one in (plan.agency, FINANCE, PEER, agency("水利局"))]
    (tmp_path / "portals").mkdir()
    (tmp_path / "config.toml").write_text('portals = ["portals"]\n', "utf-8")
    with FolderPortal(files, now=now) as server, Archive.open(tmp_path / "nianbao.db") as archive:
        server.portal_tomls(tmp_path / "portals")
        config = load_config(tmp_path / "config.toml")
        portals = [portal for portal in load_portals(config.portals).values() if portal.on_loopback]
        outcome = run_job(archive, archive.path, config, portals, agencies, now=now)
        assert [summary.outcome for summary in outcome.crawls] == ["ok"]
        told = {row["agency_id"]: (row["year"], row["kind"]) for row in archive.unread()}
        assert told == {FINANCE.id: (YEAR, "image-only"), PEER.id: (YEAR, "unsupported")}
        (claim,) = archive.claims.current(YEAR)
        assert (claim["agency_id"], claim["has_published"]) == (f"{REGION}:水利局", False)
        seasons = Seasons(archive, portal_columns(portals, archive.agencies()), now + timedelta(hours=1))
        judged = {one.agency.id: one for one in seasons.all_of(YEAR)}
        states = {agency_id: one.absence.state for agency_id, one in judged.items()}
        assert {one.kind for one in judged[FINANCE.id].publications} == {"no-tables", "image-only"}
    assert states == {
        plan.agency.id: State.PRESENT,
        FINANCE.id: State.PUBLISHED_UNREAD,
        PEER.id: State.PUBLISHED_UNREAD,
        f"{REGION}:水利局": State.OVERDUE_UNCONFIRMED,
    }


@pytest.mark.parametrize(
    ("entry", "listed_on", "state"),
    [
        ("政府信息公开年报", None, State.OVERDUE_UNCONFIRMED),  # of no year
        ("政府信息公开年报", "2023-12-28", State.OVERDUE_UNCONFIRMED),  # of that year or the one before
        ("政府信息公开年报", "2022-01-28", State.MISSING),  # of an earlier year
        ("柳溪縣民政局2023年政府信息公開工作年度報告", "2024-01-25", State.MISSING),  # in traditional characters
        (f"某某局{YEAR}年政府信息公开工作年度报告", "2024-01-25", State.OVERDUE_UNCONFIRMED),  # of somebody unknown
    ],
)
def test_an_entry_that_may_be_the_report_is_no_absence(
    archive: Archive, entry: str, listed_on: str | None, state: State
) -> None:
    archive.import_agencies([FINANCE, PEER])
    links = [
        ListedLink(f"{LIST}1.html", title("柳溪县民政局"), "2024-01-25"),
        ListedLink(f"{LIST}2.html", entry, listed_on),
    ]
    for day in DAYS:
        archive.add_column_read(ColumnRead("liuxi", LIST, NOON + timedelta(days=day), "ok", 1, links))
    assert states(archive)["财政局"] is state


def test_a_page_whose_attachment_was_read_is_no_unread_report_of_anybody(archive: Archive) -> None:
    plan = next(p for p in Country.build(1, agencies=40).plans if p.year == YEAR and p.agency.organ == "department")
    page = LIST + "1.html"
    see(archive, "1.pdf", html.write(plan.sample, page=True), plan.sample.title)
    sha256 = archive.put_document("<html><p>全文见附件".encode(), media=None, seen_at=NOON)
    archive.add_sighting(Sighting("liuxi", page, page, "page", plan.sample.title, None, sha256, NOON))
    read(archive)
    assert archive.unread() == []
    assert [mention.kind for mention in archive.strangers.mentions()] == ["report"]


def test_a_report_under_the_full_name_is_there_wherever_a_portal_put_it(archive: Archive) -> None:
    """Under another agency's title, on the portal of another region."""
    plan = next(p for p in Country.build(1, agencies=40).plans if p.year == YEAR and p.agency.organ == "department")
    local = plan.agency.id.partition(":")[2]
    elsewhere = replace(plan.agency, id=f"990299:{local}", region_code="990299", portal="liuxi")
    archive.import_agencies([elsewhere, PEER])
    see(archive, "1.pdf", html.write(plan.sample, page=True), title("柳溪县民政局"))
    look(archive, [title("柳溪县民政局")])
    assert states(archive)[local] is State.MISSING
    read(archive)
    assert states(archive)[local] is State.PRESENT
