"""Which links lead to a column, what a page says of itself, what a site is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.probing.page import PageFacts, PageLink, page_facts
from crawler.probing.site_name import agency_of, place_of, site_name
from crawler.probing.way import ANNUAL, BY_PATH, NAMES_COLUMN, SECTION, names_annual_reports, score_of, year_in

URL = "http://www.liuxi.gov.cn"


@pytest.mark.parametrize(
    ("text", "path", "at_least", "at_most"),
    [
        ("政府信息公开年报", "/zwgk/nb/", ANNUAL, ANNUAL),
        ("信息公开年度报告", "/zwgk/x/", ANNUAL, ANNUAL),
        ("柳溪县政府信息公开年报", "/zwgk/x/", ANNUAL, ANNUAL),
        ("2023年政府信息公开年报", "/zwgk/2023/", ANNUAL, ANNUAL),
        ("年报", "/zwgk/x/", NAMES_COLUMN, ANNUAL),
        ("更多", "/zwgk/zfxxgknb/", BY_PATH, BY_PATH),
        ("更多", "/zwgk/xxgknb/2025nbxknb/index.html", BY_PATH, BY_PATH),
        ("更多", "/zwgk/2025n/", BY_PATH, BY_PATH),
        ("更多", "/zwgk/n/", 0, 0),
        ("政府信息公开", "/x/", SECTION, BY_PATH - 1),
        ("政务公开", "/x/", SECTION - 10, BY_PATH - 1),
        ("政府信息公开指南", "/zwgk/zn/", 0, 0),
        ("政府网站年度报表", "/zwgk/wz/", 0, 0),
        ("法治政府建设年度报告", "/zwgk/fz/", 0, 0),
        ("企业年报公示", "/qy/", 0, 0),
        ("柳溪县财政局2023年政府信息公开工作年度报告", "/zwgk/x/", 0, 0),
        ("2023年政府信息公开年报", "/zwgk/202401/t20240126_1833.html", 0, 0),
        ("政府信息公开年报.pdf", "/nb.pdf", 0, 0),
        ("各乡镇政府信息公开年报（2023年）", "/zwgk/x/", ANNUAL, ANNUAL),
        ("柳溪县水利局政府信息公开年报", "/module/xxgk/xxgkAnnualReport.jsp", ANNUAL, ANNUAL),
        ("历年年报", "/content/column/6793121", NAMES_COLUMN, ANNUAL),
        ("年报", "/lxx/c108463/list.shtml", NAMES_COLUMN, ANNUAL),
        # Only the page itself says whether these are columns.
        ("政府信息公开年报", "/info/1042/2087.htm", 1, NAMES_COLUMN - 1),
        ("人权事业年度报告", "/zwgk/x/", 1, NAMES_COLUMN - 1),
        # Articles.
        ("解读：柳溪县水利局2023年政府信息公开工作年度报告", "/zwgk/x/", 0, 0),
        ("一图读懂：柳溪县2022年政府信息公开年报", "/zwgk/x/", 0, 0),
        ("柳溪县2022年政府信息公开工作年度报告公布情况", "/zwgk/x/", 0, 0),
        ("政府信息公开年报解读", "/zwgk/x/", 0, 0),
        ("关于编制政府信息公开年度报告的通知", "/zwgk/x/", 0, 0),
        ("2023年年报", "/zwgk/202401/t20240126_1833.html", 0, 0),
        ("县情概况", "/gk/", 0, 0),
        ("部门", "/zwgk/bm/", 0, 0),
    ],
)
def test_score_of_a_link(text: str, path: str, at_least: int, at_most: int) -> None:
    assert at_least <= score_of(PageLink(URL + path, text)) <= at_most


@pytest.mark.parametrize("text", ["2022年", "部门", "县政府", "乡镇（街道）", "县直部门", "2021年度", "市本级"])
def test_tabs_count_on_a_page_of_annual_reports_alone(text: str) -> None:
    link = PageLink(f"{URL}/a/b/", text)
    assert score_of(link) == 0
    assert score_of(link, on_annual_page=True) == NAMES_COLUMN


@given(st.text(max_size=60), st.text(alphabet="abc/20nbgkx._-%?", max_size=60))
def test_any_link_has_a_score(text: str, path: str) -> None:
    assert 0 <= score_of(PageLink(f"{URL}/{path}", text), on_annual_page=True) <= 120


def test_what_a_page_says_of_itself() -> None:
    page = """<html><head><title>年报_政府信息公开 - 柳溪县人民政府</title>
    <META content='柳溪县人民政府门户网站' name=SiteName><meta name="ColumnType" content="信息公开年报">
    <meta name="ArticleTitle" content=""></head><body><base href="/zwgk/">
    <a href="nb/#2712">政府信息公开年报</a><a href="nb/x.html#post:a=1">a</a><a href="javascript:void(0)">b</a>
    <a href="tu/" title="图"><img alt="政务公开"></a><iframe src="tree.jsp?area=1"></iframe>"""
    facts = page_facts(page.encode(), None, f"{URL}/index.html")
    assert facts.tags == {"sitename": "柳溪县人民政府门户网站", "columntype": "信息公开年报"}
    assert not facts.is_article and (facts.name, facts.last_name) == ("年报", "柳溪县人民政府")
    assert facts.links == [
        PageLink(f"{URL}/zwgk/nb/#2712", "政府信息公开年报"),
        PageLink(f"{URL}/zwgk/nb/x.html", "a"),
        PageLink(f"{URL}/zwgk/tu/", "图"),
    ]
    assert facts.frames == [f"{URL}/zwgk/tree.jsp?area=1"]
    assert names_annual_reports(facts, f"{URL}/x/")
    assert site_name([facts]) == "柳溪县人民政府"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page(body: bytes) -> None:
    assert isinstance(page_facts(b"<title>" + body + b"<a href=" + body, None, URL), PageFacts)


@pytest.mark.parametrize(
    ("name", "path", "is_named"),
    [
        ("政府信息公开年报", "/a/", True),
        ("年度报告", "/a/", True),
        ("企业年报", "/a/", False),
        ("通知公告", "/zwgk/xxgknb/", True),
        ("通知公告", "/zwgk/tzgg/", False),
        ("柳溪县财政局", "/zwgk/xxgknb/t20240126_1833.html", False),
    ],
)
def test_a_page_that_calls_itself_a_column(name: str, path: str, is_named: bool) -> None:
    assert names_annual_reports(PageFacts(name=name), URL + path) is is_named


@pytest.mark.parametrize(
    ("name", "place", "agency"),
    [
        ("柳溪县人民政府", "柳溪县", None),
        ("松塘市政府", "松塘市", None),
        ("蓼泠区人民政府办公室", "蓼泠区", None),
        ("松塘市财政局", "松塘市", "松塘市财政局"),
        ("柳溪信息网", None, None),
        ("市场监督管理局", None, "市场监督管理局"),
    ],
)
def test_place_and_agency_of_a_name(name: str, place: str | None, agency: str | None) -> None:
    assert (place_of(name), agency_of(name)) == (place, agency)


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        (["柳溪县人民政府门户网站"], "柳溪县人民政府"),
        (["政府信息公开年报"], ""),
        (["新闻", "柳溪县人民政府网站"], "柳溪县人民政府"),
        ([], ""),
    ],
)
def test_site_name_of_titles(titles: list[str], name: str) -> None:
    assert site_name([PageFacts(name="a", last_name=title) for title in titles]) == name


def test_year_in_a_text() -> None:
    assert (year_in("2023年"), year_in("2022-2023年"), year_in("历年")) == (2023, None, None)
