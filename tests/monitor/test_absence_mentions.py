"""Nobody is told to be missing whose name stands in the kept bytes of the lists; and whose report it is, is not taken
from a namesake."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.sandbox.country import Country
from crawler.sandbox.writers import html
from db.archive import Archive
from db.records import Agency, ColumnRead, ListedLink, ListedPage, Sighting, Visit
from monitor.judging.absence import Absence, Column, Lack, State
from monitor.judging.likeness import may_be
from monitor.judging.mentions import spellings
from monitor.judging.portal_reads import PortalColumns
from monitor.judging.seasons import Seasons
from monitor.pipeline import read_waiting
from monitor.whose import Whose
from parsers.names import Names
from tests.monitor.judged import absence_finding

LIST = "https://www.example.gov.cn/nb/"
REGION, PLACE, YEAR = "990101", "柳溪县", 2023
NOON = datetime(2024, 2, 1, 4, tzinfo=UTC)
DAYS = (-10, 0, 4, 5, 6)
SOURCE = "政府信息公开条例第四十九条"


def agency(local: str, region: str = REGION, place: str = PLACE, aliases: tuple[str, ...] = ()) -> Agency:
    return Agency(
        f"{region}:{local}",
        f"{place}{local}",
        aliases,
        region_code=region,
        organ="department",
        duty="art49_department",
        duty_source=SOURCE,
        portal="liuxi",
    )


FINANCE, PEER = agency("财政局"), agency("民政局")
PEER_TITLE = "柳溪县民政局2023年政府信息公开工作年度报告"
PEER_ROW = f'<li><a href="p.html" title="{PEER_TITLE}">柳溪县民政局2023年政府信息…</a><span>2024-01-26</span></li>'


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as opened:
        yield opened


def look(archive: Archive, body: str, titles: Sequence[str] = (PEER_TITLE,), *, lost: bool = False) -> None:
    """The list as it was read on each day: its bytes, and what was understood of it."""
    links = [ListedLink(f"{LIST}{number}.html", text, "2024-01-26") for number, text in enumerate(titles)]
    for day in DAYS:
        at = NOON + timedelta(days=day)
        listing = []
        if not lost:
            sha256 = archive.put_document(body.encode("gb18030"), media=None, seen_at=at)
            visit = Visit("liuxi", LIST, "list", at, 200, "ok", "", sha256=sha256)
            visit.response_headers = {"Content-Type": "text/html; charset=gbk"}
            listing = [ListedPage(archive.add_visit(visit), archive.keep_links(links))]
        archive.add_column_read(ColumnRead("liuxi", LIST, at, "ok", 1, links, listing))


def judged(archive: Archive, agencies: Sequence[Agency] = (FINANCE, PEER), place: str = PLACE) -> dict[str, Absence]:
    archive.import_agencies(list(agencies))
    region = agencies[0].region_code
    seasons = Seasons(archive, [PortalColumns("liuxi", (Column(LIST),), region, place)], NOON + timedelta(days=8))
    return {one.agency.id.partition(":")[2]: one.absence for one in seasons.all_of(YEAR)}


def page(rows: str) -> str:
    return f"<html><body><div>部门 信息</div><ul>{PEER_ROW}{rows}</ul></body></html>"


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("<li><a href='c.html'>柳溪县财政局2023年政府信息公开工作年…</a></li>", id="cut short"),
        pytest.param("<li><a href='c.html'>柳溪县财政…</a></li>", id="its name cut short"),
        pytest.param("<li><a title='柳溪县财政局2023年年报' href='c.html'>部门</a></li>", id="in a title"),
        pytest.param("<li onclick=\"go('柳溪县财政局','2023年度年报')\">打开</li>", id="in a script call"),
        pytest.param("<script>var rows=[{t:'柳溪县财政局年度报告',y:2023}]</script>", id="in a script"),
        pytest.param(r'<script>rows=["\u8d22\u653f\u5c40\u5e74\u62a5"]</script>', id="escaped"),
        pytest.param("<li>柳溪县<b>财政</b>局&#24180;报</li>", id="in pieces"),
        pytest.param("<tr><td>财政局</td><td>2022年</td><td>2023年</td><td>年度报告</td></tr>", id="a table of years"),
        pytest.param("<li>財政局 ２０２３ 年 信息公開 年報</li>", id="traditional, full width"),
        pytest.param("<li><a href='bm/'>县直部门2023年政府信息公开年度报告汇总</a></li>", id="a collection"),
        pytest.param("<li><a href='f.html'>财政局2023年信息公开暨法治政府建设年度报告</a></li>", id="two in one"),
        pytest.param("<li>财政局</li><li>2024-01-26</li><li>政府信息公开年报</li>", id="no year, over rows"),
    ],
)
def test_whose_name_stands_in_the_list_is_not_missing(archive: Archive, row: str) -> None:
    look(archive, page(row))
    found = judged(archive)["财政局"]
    assert (found.state, found.lacking) == (State.OVERDUE_UNCONFIRMED, (Lack.MENTIONED,))
    finding = absence_finding(found)
    assert finding is not None
    assert not finding.told


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("", id="not there"),
        pytest.param(
            "<li><a href='o.html'>柳溪县财政局2022年政府信息公开工作年度报告</a></li>", id="its earlier report"
        ),
        pytest.param(
            "<li><a href='o.html'>柳溪县财政局2022年政府信息公开…</a></li>", id="its earlier report, cut short"
        ),
        pytest.param("<li><a href='f.html'>柳溪县财政局2023年法治政府建设年度报告</a></li>", id="another report"),
        pytest.param(
            "<li><a href='e.html'>柳溪县财政局2022年行政执法年度报…</a>11990101MB2/2023-00040<b>2023-01-28</b></li>",
            id="another report of an earlier year, with its number",
        ),
        pytest.param("<li>" + "其他事项" * 20 + "</li><li>柳溪县财政局电话</li>", id="far from such words"),
    ],
)
def test_what_is_plainly_no_mention_leaves_it_missing(archive: Archive, row: str) -> None:
    look(archive, page(row))
    found = judged(archive)["财政局"]
    assert (found.state, found.searched) == (State.MISSING, True)
    finding = absence_finding(found)
    assert finding is not None
    assert finding.certainty == "certain"


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ("", State.MISSING),
        ("<li>柳溪县人民政府政府信息公开年报<span>2024-01-26</span></li>", State.OVERDUE_UNCONFIRMED),
        ("<li>柳溪县2023年政府信息公开工作年度报告</li>", State.OVERDUE_UNCONFIRMED),
        ("<li>柳溪县人民政府信息公开工作年…</li>", State.OVERDUE_UNCONFIRMED),
    ],
)
def test_a_portal_has_the_name_of_its_government(archive: Archive, row: str, state: State) -> None:
    """In its title, head and foot; that is no mention of its report. An entry with a year or a date is one."""
    chrome = "<title>政府信息公开年报_柳溪县人民政府</title><div>柳溪县人民政府</div><div>首页 政府信息公开年报</div>"
    look(archive, page(f"{row}{chrome}<p>柳溪县人民政府主办</p>"))
    assert judged(archive, [agency("人民政府"), PEER])["人民政府"].state is state


def test_what_cannot_be_searched_is_never_certain(archive: Archive) -> None:
    look(archive, page(""), lost=True)  # as in an archive from before the visits of reads were kept
    found = judged(archive)["财政局"]
    assert (found.state, found.searched) == (State.MISSING, False)
    finding = absence_finding(found)
    assert finding is not None
    assert finding.certainty == "likely"


def test_lost_bytes_are_not_searched(archive: Archive) -> None:
    look(archive, page(""))
    for file in archive.documents.files():
        file.unlink()
    assert not judged(archive)["财政局"].searched


def test_many_agencies_cost_one_reading_of_each_page(archive: Archive) -> None:
    rows = "".join(
        f"<li><a href='n{n}.html'>柳溪县关于某事项的第{n}号通知</a><span>2024-01-0{n % 9}</span></li>"
        for n in range(400)
    )
    look(archive, page(rows))
    many = [agency(f"第{n}事务管理局") for n in range(40)]
    begun = time.process_time()
    assert all(found.searched for key, found in judged(archive, [PEER, *many]).items() if key != "民政局")
    assert time.process_time() - begun < 1.5


def test_spellings() -> None:
    assert {"柳溪县住建局", "住建局", "住房和城乡建设局"} <= set(spellings(agency("住房和城乡建设局")))
    assert "城关镇" in spellings(agency("城关镇人民政府"))
    assert "人民政府" not in spellings(agency("人民政府"))


def test_a_list_shows_what_its_title_says_and_what_was_read_there(archive: Archive) -> None:
    """The entry of one agency leads to another's report: neither is missing."""
    first, second = [plan for plan in Country.build(1, agencies=40).plans if plan.year == YEAR][:2]
    agencies = [replace(plan.agency, portal="liuxi") for plan in (first, second)]
    archive.import_agencies(agencies)
    url, title = LIST + "c.html", first.sample.title
    sha256 = archive.put_document(html.write(second.sample, page=True), media=None, seen_at=NOON)
    archive.add_sighting(Sighting("liuxi", url, url, "page", title, "2024-01-25", sha256, NOON))
    for day in DAYS:
        link = ListedLink(url, title, "2024-01-25")
        archive.add_column_read(ColumnRead("liuxi", LIST, NOON + timedelta(days=day), "ok", 1, [link]))
    read_waiting(archive)
    seasons = Seasons(archive, [PortalColumns("liuxi", (Column(LIST),))], NOON + timedelta(days=8))
    states = {one.agency.id: one.absence.state for one in seasons.all_of(YEAR)}
    assert states == {agencies[0].id: State.PUBLISHED_UNREAD, agencies[1].id: State.PRESENT}


# Names that the register does not know, and namesakes


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("区城管局", "南京市玄武区城市管理局"),
        ("玄武区工信和商务局", "南京市玄武区工业和信息化局"),
        ("玄武区政务服务和数据局", "南京市玄武区政务服务数据管理局"),
        ("玄武区住建委", "南京市玄武区住房和城乡建设局"),
        ("玄武生态环境局", "南京市玄武区生态环境局"),
        ("经信局", "南京市玄武区工业和信息化局"),
    ],
)
def test_names_that_may_be_one_organ(printed: str, name: str) -> None:
    assert may_be(printed, name)


@pytest.mark.parametrize(
    ("printed", "name"),
    [("玄武区审计局", "南京市玄武区水利局"), ("城关镇", "柳溪县城市管理局"), ("柳溪县交通运输局", "柳溪县民政局")],
)
def test_names_that_are_plainly_two(printed: str, name: str) -> None:
    assert not may_be(printed, name)


def test_a_listed_stranger_holds_back_only_those_that_it_may_be(archive: Archive) -> None:
    peer = "玄武区民政局2023年政府信息公开工作年度报告"
    stranger = "玄武区工信和商务局2023年政府信息公开工作年度报告"
    look(archive, "<ul></ul>", (peer, stranger))
    found = judged(
        archive, [agency(local, "320102", "南京市玄武区") for local in ("民政局", "工业和信息化局", "水利局")], "玄武区"
    )
    assert found["工业和信息化局"].lacking == (Lack.UNRESOLVED,)
    assert found["水利局"].state is State.MISSING


HERE, THERE = "990102", "990101"


def whose(*agencies: Agency, place: str, region: str | None) -> Whose:
    names = Names((a.id, a.name, a.aliases) for a in agencies)
    return Whose(names, {"here": region} if region else {}, {"here": place})


def test_an_alias_is_not_caught_by_another_regions_portal() -> None:
    theirs = agency("住房和城乡建设局", THERE, "柳溪县", ("住建局", "财政局"))
    ours = agency("住房和城乡建设局", HERE, "松塘县")
    asked = whose(theirs, ours, place="松塘县", region=HERE)
    assert asked.id_of("住建局", "here") == f"{HERE}:住房和城乡建设局"
    assert asked.id_of("财政局", "here") is None
    assert asked.ids_of("财政局", "here") == set()
    unplaced = whose(theirs, place="松塘县", region=None)
    assert unplaced.id_of("住建局", "here") is None


def test_a_namesake_in_another_city_is_a_stranger() -> None:
    jinan = agency("财政局", "370103", "市中区")
    assert whose(jinan, place="市中区", region="370402").id_of("市中区财政局", "here") == "370402:财政局"
    assert whose(jinan, place="枣庄市市中区", region=None).id_of("财政局", "here") == "370402:财政局"
    assert whose(jinan, place="市中区", region=None).id_of("市中区财政局", "here") is None


def test_a_citys_alias_is_not_its_districts_agency() -> None:
    city = agency("生态环境局", "320100", "南京市", ("生态环境局",))
    asked = whose(city, place="玄武区", region="320102")
    assert asked.id_of("生态环境局", "here") == "320102:生态环境局"
    assert asked.id_of("南京市生态环境局", "here") == "320100:生态环境局"


def test_a_name_that_says_another_place_is_that_places() -> None:
    other = agency("财政局", "320106", "南京市鼓楼区")
    asked = whose(other, place="玄武区", region="320102")
    assert asked.id_of("南京市鼓楼区财政局", "here") == "320106:财政局"


@pytest.mark.parametrize("outcome", ["failed", "ok", None])
def test_no_absence_rests_on_a_portal_that_lists_less_than_expected(archive: Archive, outcome: str | None) -> None:
    crawl = archive.crawls.begin("liuxi", NOON + timedelta(days=3))
    look(archive, page(""))
    if outcome is not None:  # else it was broken off before its count was looked at
        archive.crawls.end(crawl, NOON + timedelta(days=7), outcome=outcome, is_complete=True, summary={})
    is_missing = judged(archive)["财政局"].state is State.MISSING
    assert is_missing == (outcome == "ok")
