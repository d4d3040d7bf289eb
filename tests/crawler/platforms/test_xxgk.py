"""Hanweb's disclosure module: the way to the rows, rows in GB18030, annual reports by query."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.address import bare, is_posted
from crawler.pages.fields import fields_of
from crawler.platforms import ListPage, xxgk
from crawler.portal import Column, Portal
from crawler.sandbox.portals.xxgk import XxgkSite
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

HOST = "http://www.liuxi.gov.cn"
AREA = "11990101000000012A"
URL = f"{HOST}/col/col8812/index.html?vc_xxgkarea={AREA}&jh=264"
SEARCH = f"{HOST}/module/xxgk/search.jsp"
TREE = f"{HOST}/module/xxgk/tree.jsp?standardXxgk=1&area={AREA}&divid=div51"
ANNUAL = f"{HOST}/module/xxgk/xxgkAnnualReport.jsp?area={AREA}"
REPORT = "柳溪县财政局{}年政府信息公开工作年度报告"


def portal(url: str = URL, year: int | None = None, **options: object) -> Portal:
    return Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "xxgk",
            "allowed_hosts": ["www.liuxi.gov.cn"],
            "columns": [Column(url=url, year=year)],
            **({"options": options} if options else {}),
        }
    )


def read(body: str, url: str, column: str = URL, year: int | None = None, **options: object) -> ListPage:
    told = portal(column, year, **options)
    return xxgk.read_list(body.encode("gb18030"), "GB18030", url, told, told.columns[0])


def rows(first: int, count: int, counter: str) -> str:
    lines = "".join(
        f'<tr class="tr_main_value_{"odd" if n % 2 else "even"}"><td>{n}</td>'
        f'<td><a href="/art/2024/1/26/art_8812_{n}.html" '
        f'title="{REPORT.format(2023)}（{n}）" syh="11370400/2024-00012">柳溪县…</a></td><td>2024-01-26</td></tr>'
        for n in range(first, first + count)
    )
    return f'<table>{lines}</table><table class="tb_title"><tr><td>{counter}</td></tr></table>'


SHELL = f"""<html><body><iframe src="/module/xxgk/tree.jsp?standardXxgk=1&amp;area={AREA}&amp;divid=div51"></iframe>
<div id="div51"></div><script>loadDynamic('/module/xxgk/search.jsp?standardXxgk=1&isAllList=1&currpage=1',
'infotypeId=&jdid=39&area={AREA}&divid=div51','div51')</script></body></html>"""


def test_a_shell_leads_to_the_tree_unless_the_class_is_known() -> None:
    found = read(SHELL, URL)
    assert (found.is_shell, found.further) == (True, [TREE])
    known = read(SHELL, URL, infotypeId="A0203")
    assert [bare(address).partition("?")[0] for address in known.further] == [SEARCH]
    sent = fields_of(known.further[0])
    assert (sent["infotypeId"], sent["jdid"], sent["area"], sent["divid"]) == ("A0203", "39", AREA, "div51")
    query = parse_qs(urlsplit(bare(known.further[0])).query)
    assert query["sortfield"] == [",compaltedate:0"]
    assert (query["currpage"], query["isAllList"]) == (["1"], ["1"])


def test_a_number_in_the_column_address_is_the_class() -> None:
    column = f"{HOST}/col/col8812/index.html?number=C0007&area={AREA}"
    assert fields_of(read(SHELL, column, column).further[0])["infotypeId"] == "C0007"


TREES = {
    "onclick": "<li><a onclick=\"funclick('A01','div51')\">政府信息公开指南</a></li>"
    "<li><a href=\"#\" onclick=\"funclick('A0203','div51')\"><i>政府信息公开年报</i></a></li>",
    "dtree": "<script>d.add(1,0,'政府信息公开指南',\"javascript:funclick('A01','x')\");"
    "d.add(2,0,'政府信息公开年报',\"javascript:funclick('A0203','x')\");</script>",
}


@pytest.mark.parametrize("name", TREES)
def test_a_tree_leads_to_the_class_of_annual_reports(name: str) -> None:
    found = read(f"<html><script>var jdid='39';</script>{TREES[name]}</html>", TREE)
    assert found.is_shell
    assert [fields_of(address)["infotypeId"] for address in found.further] == ["A0203"]
    sent = fields_of(found.further[0])
    assert (sent["area"], sent["divid"], sent["jdid"]) == (AREA, "div51", "39")


def test_a_tree_with_several_or_no_such_classes() -> None:
    two = TREES["onclick"] + "<li><a onclick=\"funclick('A0204','x')\">部门年度报告</a></li>"
    assert [fields_of(one.url)["infotypeId"] for one in read(two, TREE).lists] == ["A0203", "A0204"]
    none = read("<li><a onclick=\"funclick('A01','x')\">网站工作年度报表</a></li>", TREE)
    assert (none.has_structure, none.is_shell, none.further) == (False, False, [])


def first_page() -> str:
    return read(SHELL, URL, infotypeId="A0203").further[0]


def test_rows_and_all_further_pages() -> None:
    found = read(rows(1, 15, "第1页/共3页 共41条"), first_page())
    assert found.links[0] == (f"{HOST}/art/2024/1/26/art_8812_1.html", f"{REPORT.format(2023)}（1）", "2024-01-26")
    assert (found.rows, found.declared_entries, found.declared_pages) == (15, 41, 3)
    assert all(is_posted(address) for address in found.further)
    assert [fields_of(address)["currpage"] for address in found.further] == ["2", "3"]
    assert [parse_qs(urlsplit(bare(one)).query)["currpage"] for one in found.further] == [["2"], ["3"]]
    assert fields_of(found.further[0])["infotypeId"] == "A0203"
    last = read(rows(31, 11, "第3页/共3页 共41条"), found.further[1])
    assert (last.rows, last.further) == (11, [])


def test_counters_split_over_tags_and_missing_ones() -> None:
    split = "<b>共</b><i>41</i>条&nbsp;第<b>1</b>页/<span>共3页</span>"
    assert read(rows(1, 15, split), first_page()).declared_entries == 41
    only = read(rows(1, 15, "共41条"), first_page())
    assert ([fields_of(one)["currpage"] for one in only.further], only.declared_entries) == (["2"], 41)
    silent = read(rows(1, 15, ""), first_page())
    assert (silent.unread_pager, silent.further) == (True, [])


def test_an_empty_list() -> None:
    found = read(rows(1, 0, "没有查询到相关信息 第1页/共0页 共0条"), first_page())
    assert (found.says_empty, found.has_structure, found.further) == ("共0条", True, [])
    words = read("<table><tr><td>没有查询到相关信息</td></tr></table>", first_page())
    assert (words.says_empty, words.has_structure) == ("没有查询到", False)
    assert read("<html><body>系统繁忙</body></html>", first_page()).has_structure is False
    assert read(rows(1, 0, "共41条"), first_page()).says_empty is None


def test_a_column_that_is_the_search_itself() -> None:
    url = f"{SEARCH}?standardXxgk=1&infotypeId=A0203&jdid=39&area={AREA}&divid=div51&currpage=1"
    found = read(rows(1, 15, "第1页/共2页 共20条"), url, url)
    sent = fields_of(found.further[0])
    assert (sent["infotypeId"], sent["currpage"], sent["jdid"]) == ("A0203", "2", "39")


def annual(year: int | None, choice: str = "") -> str:
    if year is None:
        return f"<html><body>{choice}<div>没有查询到相关信息</div></body></html>"
    return (
        f"<html><head><title>年报</title></head><body>{choice}<h1>{REPORT.format(year)}</h1><p>发布时间："
        f"{year + 1}-01-26 18:20:44</p><div id='zoom'>{'全文' * 100}</div></body></html>"
    )


SELECT = "<select id='fbtime'><option value='2023'>2023年</option><option value='2022'>2022年</option></select>"
LINKS = (
    "<a href='?area=x&fbtime=2023'>2023</a><a href='/module/xxgk/xxgkAnnualReport.jsp?area=x&amp;fbtime=2022'>2022</a>"
)
CALLS = "<li onclick=\"change('2023')\">2023</li><li onclick='change(2022)'>2022</li>"


@pytest.mark.parametrize("choice", [SELECT, LINKS, CALLS])
def test_the_years_that_a_page_offers_are_lists(choice: str) -> None:
    found = read(annual(2023, choice), ANNUAL, ANNUAL)
    assert found.is_shell
    assert [(one.url, one.year) for one in found.lists] == [
        (f"{ANNUAL}&fbtime=2023", 2023),
        (f"{ANNUAL}&fbtime=2022", 2022),
    ]
    one = read(annual(2022, choice), f"{ANNUAL}&fbtime=2022", ANNUAL, 2022)
    assert one.links == [(f"{ANNUAL}&fbtime=2022#article", REPORT.format(2022), "2023-01-26")]
    assert (one.rows, one.lists, one.made_elsewhere) == (1, [], None)


def test_a_column_at_one_year_reads_the_others_too_unless_it_is_of_that_year() -> None:
    url = f"{ANNUAL}&fbtime=2023"
    found = read(annual(2023, SELECT), url, url)
    assert ([one.year for one in found.lists], len(found.links), found.is_shell) == ([2022], 1, False)
    pinned = read(annual(2023, SELECT), url, url, 2023)
    assert (pinned.lists, len(pinned.links), pinned.made_elsewhere) == ([], 1, None)


def test_years_come_from_the_portal_file_or_the_column_is_doubtful() -> None:
    assert "options.years" in (read(annual(2023), ANNUAL, ANNUAL).made_elsewhere or "")
    assert "options.years" in (read(annual(None), ANNUAL, ANNUAL).made_elsewhere or "")
    found = read(annual(2023), ANNUAL, ANNUAL, years=[2021, 2022])
    assert ([one.year for one in found.lists], found.made_elsewhere) == ([2022, 2021], None)


def test_a_year_without_a_report() -> None:
    none = read(annual(None), f"{ANNUAL}&fbtime=2020", ANNUAL, 2020)
    assert (none.says_empty, none.links, none.has_structure) == ("没有查询到", [], False)
    other = read(annual(2023), f"{ANNUAL}&fbtime=2020", ANNUAL, 2020)
    assert (other.links, other.has_structure) == ([], False)


def test_a_report_whose_title_says_neither_agency_nor_year() -> None:
    url = f"{ANNUAL}&fbtime=2023"
    body = annual(2023).replace(REPORT.format(2023), "政府信息公开年度报告")
    assert read(body, url, ANNUAL, 2023).links == [(f"{url}#article", "政府信息公开年度报告", "2024-01-26")]
    assert read(body.replace("全文" * 100, ""), url, ANNUAL, 2023).links == []


def test_a_column_that_links_the_annual_reports() -> None:
    found = read(f"<html><a href='{ANNUAL}&fbtime=2023'>2023</a><a href='{ANNUAL}&fbtime=2022'>2022</a></html>", URL)
    assert [one.url for one in found.lists] == [f"{ANNUAL}&fbtime=2023", f"{ANNUAL}&fbtime=2022"]
    frame = read('<html><iframe src="/module/xxgk/xxgkAnnualReport.jsp"></iframe></html>', URL)
    assert frame.further == [ANNUAL]


def test_recognise() -> None:
    for body, url, certainty in (
        (SHELL, URL, "certain"),
        ("<html></html>", ANNUAL, "certain"),
        ("<html></html>", URL, "likely"),
    ):
        found = xxgk.recognise(body.encode(), None, url)
        assert found is not None
        assert (found.platform, found.certainty) == ("xxgk", certainty)
    assert xxgk.recognise(b"<html></html>", None, f"{HOST}/zwgk/") is None


@given(st.text(alphabet=st.sampled_from("<>'\"/=[]{}()&; aA年报2023共条页#"), max_size=200))
def test_never_raises(junk: str) -> None:
    for url in (URL, TREE, ANNUAL, f"{ANNUAL}&fbtime={junk}", first_page(), f"{SEARCH}?currpage={junk}"):
        for body in (junk, SHELL + junk, rows(1, 2, junk), annual(2023, junk), f"{junk}funclick('1')>{junk}<"):
            assert all(link.url.startswith("http") for link in read(body, url).links)


@pytest.mark.parametrize("url", [URL, TREE, ANNUAL, f"{SEARCH}?currpage=1"])
@pytest.mark.parametrize(
    "piece",
    [
        "funclick('a'",
        "<option 2023",
        "/module/xxgk/tree.jsp?",
        "<tr class=tr_main_value_odd><td>",
        "<h1 a><td b>年报",
        "'/a.b:",
    ],
)
def test_hostile_pages_end(url: str, piece: str) -> None:
    assert read(piece * 40_000, url).rows >= 0


@pytest.mark.parametrize("variant", XxgkSite.variants)
def test_whole_columns_of_the_pretend_portal(variant: str) -> None:
    site = XxgkSite("liuxi", PORTAL_NAME, PLACE, publications(70), variant=variant)
    told = portal_of(site)
    results, reports = read_columns(site, told)
    assert {result.outcome for result in results} == {"ok"}, [result.why for result in results]
    listed = {ORIGIN + one.path: one.title for one in site.truth(NOW)}
    assert {bare(entry.link.url): entry.link.title for entry in reports} == listed
    assert len(reports) == len(listed)
    recognised = xxgk.recognise(asked(site, told.columns[0].url).body, None, told.columns[0].url)
    assert recognised is not None
    assert recognised.certainty == "certain"


def test_detail_of_a_report_that_is_a_query() -> None:
    site = XxgkSite("liuxi", PORTAL_NAME, PLACE, publications(40), variant="annual")
    told = portal_of(site)
    _, reports = read_columns(site, told)
    files = 0
    for entry in reports:
        url = bare(entry.link.url)
        found = xxgk.read_detail(asked(site, url).body, None, url, told)
        assert found.title == entry.link.title
        files += len(found.attachments)
    assert files == sum(len(item.files) for item in site.publications if item.kind == "report")
