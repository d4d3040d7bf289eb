"""Static lists that are made of several: years, groups, frames; tables of agencies and years; rows under years."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages.html import absolute
from crawler.pages.rows import resolver
from crawler.platforms import ListPage, SubList
from crawler.platforms.static_list import read_list, recognise
from crawler.portal import Column, Portal

URL = "http://www.example.gov.cn/zwgk/xxgknb/"
REPORT = "柳溪县财政局2023年政府信息公开工作年度报告"
ROW = f'<li><a href="./1.html">{REPORT}</a><span>2024-01-26</span></li>'
NAME = "<title>政府信息公开年报_柳溪县人民政府</title>"


def portal(**options: object) -> Portal:
    return Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "static_list",
            "allowed_hosts": ["www.example.gov.cn"],
            "columns": [Column(url=URL)],
            **options,
        }
    )


def read(html: str, url: str = URL, **options: object) -> ListPage:
    return read_list(html.encode(), None, url, portal(**options))


def lists(page: ListPage) -> list[SubList]:
    return [found._replace(url=found.url.removeprefix(URL)) for found in page.lists]


# Years.


def test_years_of_a_column_are_lists() -> None:
    page = read(f'{NAME}<ul><li><a href="2023nb/">2023年</a></li><li><a href="2022nb/">2022年度</a></li></ul>')
    assert lists(page) == [SubList("2023nb/"), SubList("2022nb/", 2022)]
    assert (page.is_shell, page.has_structure, page.links) == (True, True, [])


def test_groups_below_a_year_are_lists() -> None:
    groups = '<a href="a/">县直部门</a><a href="b/">乡镇街道</a><a href="c/">县政府</a>'
    html = f'{NAME}<a href="/bm/">部门</a><ul>{groups}</ul>'
    assert [found.url for found in lists(read(html))] == ["a/", "b/", "c/"]


@pytest.mark.parametrize(
    "html",
    [
        "<title>财政预算</title><a href='2023/'>2023年</a><a href='2022/'>2022年</a>",  # no annual reports
        f"{NAME}<a href='2.html'>2024</a>",  # one number
        f"{NAME}<ul>{ROW}</ul><a href='2022nb/'>2022年</a> <a href='zn/'>指南</a>",  # beside a list, in a menu
    ],
)
def test_what_only_looks_like_years(html: str) -> None:
    assert read(html, url="http://www.example.gov.cn/zwgk/ys/").lists == []


def test_tabs_of_groups_beside_the_list_of_one() -> None:
    bar = "<div><a class=on href='./'>县直部门</a> | <a href='xz/'>乡镇街道</a></div>"
    assert lists(read(f"{NAME}{bar}<ul>{ROW}</ul>")) == [SubList("xz/")]
    # A menu says other things too, or leads out of the column.
    menu = "<div><a href='bm/'>部门</a> <a href='zn/'>指南</a></div>"
    assert lists(read(f"{NAME}{menu}<ul>{ROW}</ul>")) == []
    out = "<div><a href='/bm/'>部门</a> <a href='/xz/'>乡镇</a></div>"
    assert lists(read(f"{NAME}{out}<ul>{ROW}</ul>")) == []


def test_tabs_of_years_beside_the_list_of_one() -> None:
    html = f"{NAME}<div><a class=on href='./'>2023年</a> <a href='../2022nb/'>2022年</a></div><ul>{ROW}</ul>"
    here = URL + "2023nb/"
    page = read(html, url=here)
    assert lists(page) == [SubList("2022nb/")]
    assert (page.is_shell, len(page.links)) == (False, 1)
    # A column of one year has the other years' as columns of their own.
    assert not read_list(html.encode(), None, here, portal(), Column(url=here, year=2023)).lists


def test_a_year_on_another_host_is_a_doubt() -> None:
    page = read(f"{NAME}<a href='http://nb.example.com/2023/'>2023年</a>")
    assert page.lists == [] and "nb.example.com" in (page.made_elsewhere or "") and not page.has_structure


def test_lists_that_the_portal_file_names() -> None:
    tree = "<a href=czj/>县财政局</a><a href=bm/>县直部门</a><a href=nb23/>2023年度</a>"
    html = f"<div class=tree>{tree}</div><a href=x>x</a>"
    page = read(html, selectors={"lists": ".tree"})
    assert lists(page) == [SubList("czj/", agency="县财政局"), SubList("bm/"), SubList("nb23/", 2023)]
    page = read("<iframe class=l src=tree.jsp></iframe><option class=l value=a/>甲</option>", selectors={"lists": ".l"})
    assert [found.url for found in lists(page)] == ["tree.jsp", "a/"]


# Frames.


@pytest.mark.parametrize("src", ["tree.jsp?area=1", "/xxgk/list.html", "nb.html"])
def test_a_frame_that_is_the_page_is_its_list(src: str) -> None:
    page = read(f"{NAME}<iframe src='{src}' width=100% height=700></iframe>")
    assert [found.url for found in page.lists] == [absolute(URL, src)]
    assert page.is_shell and page.made_elsewhere is None


def test_a_frame_beside_rows() -> None:
    page = read(f"<ul>{ROW}</ul><iframe src='more/list.html'></iframe><iframe src='/top.html'></iframe>")
    assert lists(page) == [SubList("more/list.html")]
    assert (page.is_shell, page.made_elsewhere, len(page.links)) == (False, None, 1)


@pytest.mark.parametrize(
    "frame",
    [
        "<iframe src='http://tianqi.example.com/w'></iframe>",
        "<iframe src='/top.html'></iframe>",
        "<iframe src='list.html' style='display:none'></iframe>",
        "<iframe src='about:blank'></iframe>",
        "<iframe></iframe>",
    ],
)
def test_frames_that_are_no_lists(frame: str) -> None:
    assert read(f"{NAME}{frame}").lists == []


def test_a_frame_on_another_host_is_a_doubt() -> None:
    page = read(f"<ul>{ROW}</ul><iframe src='http://other.example.com/list.html'></iframe>")
    assert page.lists == [] and "other.example.com" in (page.made_elsewhere or "")


# Tables and headings.


def titles(html: str) -> list[str]:
    return [link.title for link in read(html).links]


HEAD = "<h2>柳溪县政府信息公开工作年度报告</h2>"


def test_a_table_of_agencies_and_years() -> None:
    html = f"""{HEAD}<table><tr><th>序号</th><th>单位</th><th>2023年</th><th>2022年度</th></tr>
        <tr><td>1</td><td rowspan=2>县财政局</td><td><a href=a>查看</a></td><td><a href=b>√</a></td></tr>
        <tr><td>2</td><td>—</td><td><a href=c.pdf>2022年</a></td></tr>
        <tr><td>3</td><td>罗家乡</td><td><a href=http://luojia.example.com/d>下载</a></td><td>无</td></tr></table>"""
    assert titles(html) == [
        "县财政局2023年政府信息公开工作年度报告",
        "县财政局2022年政府信息公开工作年度报告",
        "县财政局2022年政府信息公开工作年度报告",
        "罗家乡2023年政府信息公开工作年度报告",
    ]
    assert read(html).links[-1].url == "http://luojia.example.com/d"  # listed; crawler.walk.links believes no such host


def test_a_table_of_years_and_agencies() -> None:
    html = """<table><caption>政府信息公开年报</caption><tr><td></td><td>县财政局</td><td>县民政局</td></tr>
        <tr><td>2023年</td><td><a href=a>查看</a></td><td><a href=b>查看</a></td></tr></table>"""
    assert titles(html) == ["县财政局2023年政府信息公开年报", "县民政局2023年政府信息公开年报"]


def test_a_table_whose_cells_are_names() -> None:
    html = f"""{HEAD}<table><tr><th>2023年</th><th>2022年</th></tr>
        <tr><td><a href=a>县财政局</a></td><td><a href=b>县财政局</a></td></tr>
        <tr><td><a href=c>各部门</a></td><td><a href=d>{REPORT}</a></td></tr></table>"""
    assert titles(html) == [
        "县财政局2023年政府信息公开工作年度报告", "县财政局2022年政府信息公开工作年度报告", "各部门", REPORT,
    ]  # fmt: skip


def test_a_table_that_says_nothing_of_reports_is_left_alone() -> None:
    table = "<table><tr><th>单位</th><th>2023年</th></tr><tr><td>县财政局</td><td><a href=a>查看</a></td></tr></table>"
    assert titles(f"<title>部门预算</title>{table}") == ["查看"]


def test_names_under_the_heading_of_a_year() -> None:
    names = "".join(f"<li><a href={n}>{name}</a></li>" for n, name in enumerate(("县财政局", "县民政局", "罗家乡")))
    html = f"<h3>2023年政府信息公开年报</h3><ul>{names}</ul>"
    assert titles(html) == [f"{name}2023年政府信息公开年报" for name in ("县财政局", "县民政局", "罗家乡")]
    assert titles(f"<h3>2023年部门预算</h3><ul>{names}</ul><p>政府信息公开年报</p>") == [
        "县财政局",
        "县民政局",
        "罗家乡",
    ]


def test_rows_under_the_headings_of_years() -> None:
    html = """<h3>2023年</h3><ul><li><a href=a>柳溪县财政局政府信息公开年报</a></li></ul>
        <dt>【2022年度】</dt><ul><li><a href=b>政府信息公开工作年度报告</a></li>
        <li><a href=c>柳溪县民政局政府信息公开年报</a><span>2019-02-01</span></li>
        <li><a href=d>柳溪县财政局2021年政府信息公开年报</a></li></ul>"""
    assert titles(html) == [
        "2023年柳溪县财政局政府信息公开年报", "2022年政府信息公开工作年度报告", "柳溪县民政局政府信息公开年报",
        "柳溪县财政局2021年政府信息公开年报",
    ]  # fmt: skip


# Systems.


@pytest.mark.parametrize(
    ("path", "link", "variant", "certainty"),
    [
        ("/OpennessContent/showList/1301/0/page_1.html", "/OpennessAnnualReport/show/33.html",
         "OpennessContent", "certain"),
        ("/gongkai/site_lx/channel_xxgknb/", "doc_65b31f00a1b2c3d4e5f60718.html", "channel/doc", "certain"),
        ("/eportal/ui?pageId=3051", "/eportal/ui?pageId=3051&currentPage=2&moduleId=1", "Huilan", "certain"),
        ("/columns/29c0ffee-1d2e-4f3a-8b4c-5d6e7f809102/index.html",
         "202401/20/39c0ffee-1d2e-4f3a-8b4c-5d6e7f809102.html", "columns/uuid", "certain"),
        ("/lx/xxgkn142/pc/list.html", "a.html", "pc/list", "likely"),
        ("/zwgk/xxgknb/", "1749338579192594433.html", "snowflake", "likely"),
        ("/zwgk/xxgknb/", "a.html", "", "likely"),
    ],
)  # fmt: skip
def test_static_systems_have_names(path: str, link: str, variant: str, certainty: str) -> None:
    html = f'<ul><li><a href="{link}">{REPORT}</a><span>2024-01-26</span></li></ul>'
    found = recognise(html.encode(), None, "http://www.example.gov.cn" + path)
    assert found is not None
    assert (found.platform, found.variant, found.certainty) == ("static_list", variant, certainty)


@pytest.mark.parametrize(
    "html",
    [
        "<a href='/'>首页</a>",
        f"<ul>{ROW}</ul><script>$('#1').jpage({{}})</script>",
        "<div id=app></div>",
        "",
    ],
)
def test_pages_without_a_list_of_their_own_are_not_recognised(html: str) -> None:
    assert recognise(html.encode(), None, URL) is None


@given(
    st.sampled_from([URL, "http://h/a/b.html", "http://h", "mailto:x"]),
    st.text(alphabet="ab._-/:?#%年 \\", max_size=12),
)
def test_the_resolver_of_a_page_resolves_as_absolute_does(base: str, link: str) -> None:
    assert resolver(base)(link) == absolute(base, link)


PIECES = [
    "<table>", "<tr>", "<td rowspan=9>", "<td>2023年", "<a href=a>√</a>", "<iframe src=list.html>", "<h3>2023年</h3>",
    "<li><a href=a>县财政局</a>", "<ul>", "</table>", "<a href=2022/>2022年</a>", "政府信息公开年报", "<td colspan=99>",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_page_can_be_read(html: str) -> None:
    page = read(NAME + html, selectors={"lists": "ul"} if "</table>" in html else {})
    assert not page.is_shell or (page.lists and page.has_structure)
    assert not {found.url for found in page.lists} & {link.url for link in page.links}
