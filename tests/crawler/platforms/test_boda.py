"""Boda VSB: lists counted backwards, lists by query, downloads without an ending; and whole columns."""

import re
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms import ListPage, boda
from crawler.portal import Portal
from crawler.sandbox.portal_site import Answer, Publication, Request
from crawler.sandbox.portals.boda import BodaSite
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

URL = "http://www.example.gov.cn/xxgk/nb.htm"
JSP = "http://www.example.gov.cn/nblb.jsp?urltype=tree.TreeTempUrl&wbtreeid=1013"
REPORT = "柳溪县财政局2023年政府信息公开工作年度报告"


def portal(**more: object) -> Portal:
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": "boda", "allowed_hosts": ["www.example.gov.cn"]}
    return Portal.model_validate({**said, "columns": [{"url": URL}], **more})


def read(html: str, url: str = URL, **more: object) -> ListPage:
    given = portal(**more)
    return boda.read_list(html.encode(), None, url, given, given.columns[0])


def rows(count: int, date: str = "<span>2024-01-30</span>", block: str = "u9") -> str:
    return "<ul>" + "".join(
        f'<li id="line_{block}_{n}"><a href="../info/1042/{2000 + n}.htm" title="{REPORT}">柳溪县…</a>{date}</li>'
        for n in range(count)
    ) + "</ul>"  # fmt: skip


STATIC = (
    '<div class="pb_sys_common pb_sys_normal pb_sys_style2"><span class="p_pages"><span class="p_no_d">1</span>'
    '<span class="p_no"><a href="nb/2.htm">2</a></span><span class="p_no"><a href="nb/1.htm">3</a></span>'
    '<span class="p_next p_fun"><a href="nb/2.htm">下页</a></span>'
    '<span class="p_last p_fun"><a href="nb/1.htm">尾页</a></span></span></div>'
)


def test_static_lists_count_backwards() -> None:
    page = read(rows(2) + STATIC)
    assert [address.rsplit("/", 1)[1] for address in page.further] == ["2.htm", "1.htm"]
    assert (page.declared_pages, page.rows, page.unread_pager) == (3, 2, False)


def test_the_next_page_says_how_many_there_are() -> None:
    bar = '<span class="p_pages"><span class="p_next p_fun"><a href="nb/8.htm">下页</a></span></span>'
    page = read(rows(2) + bar)
    assert (page.declared_pages, len(page.further)) == (9, 1)
    # Of a further page the number says nothing.
    inner = '<span class="p_pages"><span class="p_next p_fun"><a href="7.htm">下页</a></span></span>'
    page = read(rows(2) + inner, "http://www.example.gov.cn/xxgk/nb/8.htm")
    assert (page.declared_pages, page.further) == (None, ["http://www.example.gov.cn/xxgk/nb/7.htm"])


def dynamic(here: int, query: str) -> str:
    links = [("首页", 1), ("上页", here - 1), ("1", 1), ("2", 2), ("3", 3), ("下页", here + 1), ("尾页", 3)]
    return "".join(
        f'<a href="?{query.format(n)}&amp;urltype=tree.TreeTempUrl&amp;wbtreeid=1013">{label}</a>' for label, n in links
    )


@pytest.mark.parametrize("query", ["totalpage=3&amp;PAGENUM={}", "a241t=3&amp;a241p={}&amp;a241c=15"])
def test_dynamic_lists(query: str) -> None:
    name = "PAGENUM" if "PAGENUM" in query else "a241p"
    page = read(rows(2) + dynamic(1, query), JSP)
    assert page.declared_pages == 3 and [f"{name}={n}" in one for n, one in zip((2, 3), page.further, strict=True)]
    # Page 1 under its other name is the column's own page, which was read.
    second = JSP + f"&{query.format(2).replace('&amp;', '&')}"
    assert all(f"{name}=1" not in address for address in read(rows(2) + dynamic(2, query), second).further)


@pytest.mark.parametrize(
    "totals",
    [
        '<td nowrap id="fanye241">共41条&nbsp;&nbsp;1/3&nbsp;</td>',
        '<span class="p_pages"><span class="p_t">共41条</span> <span class="p_t">1/3</span></span>',
    ],
)
def test_totals(totals: str) -> None:
    page = read(rows(15) + totals)
    assert (page.declared_entries, page.declared_pages, page.rows) == (41, 3, 15)


def test_rows_are_those_of_the_longest_block() -> None:
    assert read(rows(12) + rows(5, block="u10")).rows == 12
    assert read("<ul><li><a href='/info/1/2.htm'>" + REPORT + "</a></li></ul>").rows == 1


@pytest.mark.parametrize(
    "date",
    [
        '<div class="date"><p class="day">30</p><p class="ym">2024.01</p></div>',
        "<b>30</b><span>2024-01</span>",
        "<h3>30日</h3>\n<h6>2024年1月</h6>",
        "<i>2024/01</i><em>30</em>",
        "<span>2024-01-30</span>",
        "[2024-01-30]",
    ],
)
def test_dates_in_one_piece_and_in_two(date: str) -> None:
    assert [link.listed_on for link in read(rows(2, date)).links] == ["2024-01-30"] * 2


def test_what_is_no_date_in_pieces() -> None:
    for date in ("<td>30</td><td>2024-01</td>", "<b>30</b><span>2024-13</span>", "<b>7</b><span>2024-01-30x</span>"):
        assert "2024-01-07" not in {link.listed_on for link in read(f"<table>{rows(1, date)}</table>").links}


def test_one_article_under_two_trees_is_one_entry() -> None:
    def link(address: str, title: str = REPORT) -> str:
        return f'<li><a href="{address}">{title}</a><span>2024-01-30</span></li>'

    other = "柳溪县水利局2023年政府信息公开工作年度报告"
    content = "/content.jsp?urltype=news.NewsContentUrl&amp;wbtreeid={}&amp;wbnewsid={}"
    page = read(
        link("/info/1055/7.htm") + link("/info/1042/7.htm") + link(content.format(1042, 8), other)
        + link("/info/1042/8.htm", other) + link("http://zjj.example.gov.cn/info/1042/8.htm", other)
    )  # fmt: skip
    assert [one.url.removeprefix("http://").partition("/")[2] for one in page.links] == [
        "info/1042/7.htm", "content.jsp?urltype=news.NewsContentUrl&wbtreeid=1042&wbnewsid=8", "info/1042/8.htm"
    ]  # fmt: skip


ARTICLE = "http://www.example.gov.cn/info/1042/2087.htm"


def files(html: str) -> list[tuple[str, str | None]]:
    page = boda.read_detail(html.encode(), None, ARTICLE, portal())
    return [(file.url.removeprefix("http://www.example.gov.cn"), file.name) for file in page.attachments]


def test_downloads_without_an_ending() -> None:
    address = "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=15&wbfileid=7"
    link = f'<li>附件【<a href="{address.replace("&", "&amp;")}" target="_blank">{{}}</a>】已下载<span>3</span>次</li>'
    body = '<div id="vsb_content"><div class="v_news_content"><p>正文</p>{}</div></div>'
    assert files(body.format("") + link.format("年报.docx")) == [(address, "年报.docx")]
    assert files(body.format("") + link.format("附件1")) == [(address, None)]
    assert files(body.format("") + link.format("<span>柳溪县年报</span>.pdf")) == [(address, "柳溪县年报.pdf")]
    shown = '<script>showVsbpdfIframe("/__local/A/1B/x.pdf","100%","600")</script>'
    assert files(body.format(shown) + link.format("年报.docx")) == [
        ("/__local/A/1B/x.pdf", None),
        (address, "年报.docx"),
    ]


def test_neighbours_are_no_files() -> None:
    other = "/content.jsp?urltype=news.NewsContentUrl&amp;wbtreeid=1042&amp;wbnewsid=9"
    html = (
        '<div id="vsb_content">正文<p>上一条：<a href="2088.htm">柳溪县2022年年报.docx</a></p>'
        f'<p>下一条：<a href="{other}">柳溪县2021年年报.docx</a></p>'
    )
    assert files(html) == []


def article(url: str) -> str:
    """The number of an article, whatever tree its address names."""
    key = boda.article_key(url)
    assert key is not None
    return key[-1]


@pytest.mark.parametrize("variant", BodaSite.variants)
def test_whole_columns(variant: str) -> None:
    items = publications(60)
    site = BodaSite("liuxi", PORTAL_NAME, PLACE, items, variant=variant)
    given = portal_of(site)
    results, reports = read_columns(site, given)
    assert [(result.outcome, result.why) for result in results] == [("ok", "")]
    truth = {ORIGIN + listed.path: listed.title for listed in site.truth(NOW)}
    assert len({entry.link.url for entry in reports}) == len(reports)
    # An article whose two rows are cut by the end of a page is there under both addresses: one page alone cannot know.
    assert {entry.link.url for entry in reports} >= set(truth)
    assert {article(entry.link.url) for entry in reports} == {article(url) for url in truth}
    assert len(reports) - len(truth) <= results[0].pages
    assert all(entry.link.title in truth.values() and entry.link.listed_on for entry in reports)
    for item in items:
        page = asked(site, ORIGIN + site.article_path(item))
        detail = boda.read_detail(page.body, page.charset, page.final, given)
        assert {file.url for file in detail.attachments} == {
            ORIGIN + site.file_path(item, file, n) for n, file in enumerate(item.files)
        }
        assert detail.title == item.title
        named = {file.name for file in item.files if file.ending != "pdf"}
        assert {file.name for file in detail.attachments if file.name} == named
    for path in (site.column_paths[0], "/"):
        page = asked(site, ORIGIN + path)
        found = boda.recognise(page.body, page.charset, ORIGIN + path)
        assert found is not None and found[:2] == ("boda", "certain")


@pytest.mark.parametrize("variant", BodaSite.variants)
def test_empty_columns(variant: str) -> None:
    site = BodaSite("liuxi", PORTAL_NAME, PLACE, [], variant=variant)
    assert read_columns(site, portal_of(site))[0][0].outcome == "empty"


class Growing(BodaSite):
    """Publishes one more article, and so makes one more page, once its first list page was asked for."""

    hidden = 0

    def shown(self, now: datetime) -> list[Publication]:
        return super().shown(now)[self.hidden :]

    def lists(self, request: Request, now: datetime) -> Answer | None:
        answer = super().lists(request, now)
        self.hidden -= self.hidden > 0 and request.path == "/xxgk/nb.htm"
        return answer


@pytest.mark.parametrize("numbers", [True, False])
def test_a_page_that_is_added_while_the_list_is_read(numbers: bool) -> None:
    class Shown(Growing):
        def _static_pager(self, place: int, names: list[str]) -> str:
            bar = super()._static_pager(place, names)
            return bar if numbers else re.sub(r'<span class="p_no.*?</span>', "", bar)

    site = Shown("liuxi", PORTAL_NAME, PLACE, publications(60))
    while len(site._rows(NOW)) % site.per_page:
        site.hidden += 1
    pages = len(site._rows(NOW)) // site.per_page
    truth = {article(ORIGIN + listed.path) for listed in site.truth(NOW)}
    results, reports = read_columns(site, portal_of(site))
    # All addresses have moved on by one page, and none is passed over.
    assert (results[0].outcome, results[0].pages) == ("ok", pages + 1)
    assert {article(entry.link.url) for entry in reports} == truth


@given(st.binary(max_size=300), st.sampled_from([URL, JSP, JSP + "&PAGENUM=" + "9" * 50]))
def test_any_bytes_can_be_read(body: bytes, url: str) -> None:
    boda.read_list(body, None, url, portal())
    boda.read_list(b"<a href='?PAGENUM=" + body + b"'>2</a>", None, url, portal())
    boda.read_detail(body + b"<a href='?wbfileid=1'>" + body, None, url, portal())
    boda.recognise(body, None, url)


@pytest.mark.parametrize(
    "piece",
    ["<b>1</b>", "<b>1</b><b>2024-01", ">1<b><b><b>", "2024-01", "line_u9_1 ", "fanye", "<a href='?wbfileid=1' ",
     "<a ", "info/1/1.htm", "<a href='/info/1/1.htm'>", "class=p_no>",
     "class=p_next><a ", "PAGENUM=1&", 'class="p_t">'],
)  # fmt: skip
def test_hostile_pages_cost_no_more_than_their_length(piece: str) -> None:
    body = piece * (60_000 // len(piece)) + "2024-01<"
    begun = time.process_time()
    for html in (rows(3) + body, f"<a href='?PAGENUM=2&{body}'>2</a>wbfileid="):
        read(html)
        boda.read_detail(html.encode() + b"wbfileid=", None, URL, portal())
        boda.recognise(html.encode(), None, URL)
    assert time.process_time() - begun < 6
