"""Longxun: columns whose rows come as fragments, and ordinary lists."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages.fields import fields_of
from crawler.platforms import ListPage, longxun
from crawler.portal import Portal
from crawler.sandbox.portals.longxun import LongxunSite
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

HOST = "http://www.example.gov.cn"
COLUMN = f"{HOST}/public/column/1000001?type=4&catId=6719511&action=list"
TITLE = "柳溪县财政局2023年政府信息公开工作年度报告"
DATA = """labelName:"publicInfoList", siteId: '265', organId: "1000009", catId: 77, type: "4", pageSize: 20,
    file:"/xxgk/publicInfoList_newest2020", result: "暂无相关信息" """


def portal(**more: object) -> Portal:
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": "longxun", "allowed_hosts": ["www.example.gov.cn"]}
    return Portal.model_validate({**said, "columns": [{"url": COLUMN}], **more})


def read(html: str, url: str = COLUMN, **more: object) -> ListPage:
    return longxun.read_list(html.encode(), None, url, portal(**more))


def request_of(page: ListPage) -> dict[str, str]:
    assert page.is_shell and page.has_structure and len(page.further) == 1
    assert urlsplit(page.further[0]).path == "/site/label/8888" and page.further[0].endswith("#xhr")
    return fields_of(page.further[0])


def test_the_request_of_a_script_and_of_the_address() -> None:
    script = f"<script>$.ajax({{url:'/site/label/8888', data:{{{DATA}}}}})</script>"
    sent = request_of(read(script))
    # The address of the column is nearer than a script that serves many.
    assert (sent["siteId"], sent["organId"], sent["catId"]) == ("265", "1000001", "6719511")
    assert (sent["pageSize"], sent["pageIndex"], sent["labelName"]) == ("20", "1", "publicInfoList")
    sent = request_of(read(script, f"{HOST}/site/tpl/4651"))
    assert (sent["organId"], sent["catId"]) == ("1000009", "77")


def test_the_request_written_as_an_address() -> None:
    address = "/site/label/8888?labelName=publicInfoList&amp;siteId=265&amp;file=/xxgk/other&amp;organId='+id+'"
    sent = request_of(read(f'<div data-url="{address.partition(chr(39))[0]}5"></div>'))
    assert (sent["siteId"], sent["file"], sent["organId"]) == ("265", "/xxgk/other", "1000001")


def test_options_say_what_the_page_does_not() -> None:
    options = {"siteId": "265", "organId": "1000001", "catId": "8", "file": "/xxgk/x"}
    sent = request_of(read("<div id=list></div><script src=/x.js></script>", options=options))
    assert (sent["siteId"], sent["catId"], sent["file"], sent["type"]) == ("265", "8", "/xxgk/x", "4")


def test_what_is_missing_is_said() -> None:
    page = read("<script>$.get('/site/label/8888',{labelName:'publicInfoList'})</script>")
    assert not page.has_structure and "siteId of its list; set [options]" in (page.made_elsewhere or "")


def test_without_a_category_the_tree_is_asked_for() -> None:
    script = "<script>$.get('/site/label/8888',{labelName:'publicInfoList', siteId:'265'})</script>"
    page = read(script, f"{HOST}/public/column/1000001")
    sent = request_of(page)
    assert (sent["labelName"], sent["organId"], sent["isJson"]) == ("columnTree", "1000001", "true")
    tree = [{"id": 1, "name": "指南"}, {"id": 2, "name": "公开", "children": [{"id": 77, "name": "政府信息公开年报"}]}]
    page = longxun.read_list(json.dumps(tree).encode(), None, page.further[0], portal())
    assert page.is_shell and [fields_of(found.url)["catId"] for found in page.lists] == ["77"]
    assert fields_of(page.lists[0].url)["siteId"] == "265"
    page = longxun.read_list(b"[]", None, f"{HOST}/site/label/8888?labelName=columnTree#xhr", portal())
    assert not page.has_structure and "names none of annual reports" in (page.made_elsewhere or "")


FRAGMENT = f"{HOST}/site/label/8888?labelName=publicInfoList&pageSize=2&pageIndex={{}}&result=%E6%97%A0#xhr"


def fragment(more: str, page: int = 1, rows: int = 2) -> ListPage:
    html = "".join(
        f'<li><a class="title" href="/public/1000001/{page}{n}.html" title="{TITLE}">x</a><span>2024-01-28</span></li>'
        for n in range(rows)
    )
    return read(html + more, FRAGMENT.format(page))


@pytest.mark.parametrize(
    ("more", "pages"),
    [
        ("<div>共5条 第1页/共3页</div>", ["2", "3"]),
        ("<div>共<b>5</b>条</div>", ["2", "3"]),
        ("<script>Ls.pagination('#p', f, {currentPage: 1, pageCount: 3, linkCount: 5})</script>", ["2", "3"]),
        ("<a href='?pageIndex=2'>2</a><a href='?pageIndex=3'>尾页</a>", ["2", "3"]),
        ("", ["2"]),  # a full page: there may be a next one
    ],
)
def test_pages_of_a_fragment(more: str, pages: list[str]) -> None:
    page = fragment(more)
    assert [parse_qs(urlsplit(address).query)["pageIndex"][0] for address in page.further] == pages
    assert all(address.endswith("#xhr") for address in page.further)
    assert (page.rows, page.unread_pager, page.has_structure) == (2, False, True)


def test_behind_any_rows_may_be_more() -> None:
    # How many rows a page has is the portal's affair: behind the last one comes one that says so.
    assert [fields_of(address)["pageIndex"] for address in fragment("", 2, 1).further] == ["1", "3"]


@pytest.mark.parametrize(
    ("html", "words"),
    [("无", "无"), ("<li class=none>无</li>", "无"), ("<div>暂无相关信息</div>", "暂无相关信息"), ("无权访问", None)],
)
def test_nothing_there(html: str, words: str | None) -> None:
    page = read(html, FRAGMENT.format(1))
    assert (page.says_empty, page.links, page.further) == (words, [], [])


def test_a_page_with_rows_of_its_own_is_a_static_list() -> None:
    html = f'<ul><li><a href="/public/1/2.html">{TITLE}</a><b>2024-01-28</b></li></ul><a href="?pageIndex=2">下一页</a>'
    page = read(html, f"{HOST}/content/column/6793121")
    assert (page.rows, page.further) == (1, [f"{HOST}/content/column/6793121?pageIndex=2"])


def test_recognised() -> None:
    home = '<a href="/public/column/1000001?type=4&amp;catId=7">政府信息公开年报</a>'
    found = longxun.recognise(home.encode(), None, f"{HOST}/")
    assert found is not None and found.certainty == "likely"
    assert found.columns == (f"{HOST}/public/column/1000001?type=4&catId=7",)
    for other in (b"", b"<a href=/xxgk/>x</a>", "年报".encode()):
        assert longxun.recognise(other, None, f"{HOST}/") is None


PIECES = [
    "/site/label/8888?",
    "labelName",
    "publicInfoList",
    ":'",
    "siteId=",
    "<script>",
    "&",
    "'",
    "catId:",
    "共5条",
    "<li>",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
    st.sampled_from([COLUMN, FRAGMENT.format(1), HOST + "/"]),
)
def test_any_page_can_be_read(html: str, url: str) -> None:
    read(html, url)
    longxun.recognise(html.encode(), None, url)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner)
       | st.dictionaries(st.sampled_from(["id", "name", "children", "organId"]), inner)))  # fmt: skip
def test_any_tree_can_be_read(data: Any) -> None:
    url = f"{HOST}/site/label/8888?labelName=columnTree#xhr"
    longxun.read_list(json.dumps(data).encode(), None, url, portal())


@pytest.mark.parametrize("variant", LongxunSite.variants)
def test_whole_columns(variant: str) -> None:
    site = LongxunSite("liuxi", PORTAL_NAME, PLACE, publications(50), variant=variant)
    given = portal_of(site)
    results, reports = read_columns(site, given)
    assert [(result.outcome, result.why) for result in results] == [("ok", "")]
    truth = {ORIGIN + listed.path: listed.title for listed in site.truth(NOW)}
    assert {entry.link.url: entry.link.title for entry in reports} == truth
    assert len(reports) == len(truth) and all(entry.link.listed_on for entry in reports)
    for item in site.publications:
        page = asked(site, ORIGIN + site.article_path(item))
        detail = longxun.read_detail(page.body, page.charset, page.final, given)
        files = {ORIGIN + site.file_path(item, file, n): file.name for n, file in enumerate(item.files)}
        assert {file.url: file.name for file in detail.attachments} == files
        assert detail.title == item.title
    for path in (site.column_paths[0], "/"):
        page = asked(site, ORIGIN + path)
        found = longxun.recognise(page.body, page.charset, ORIGIN + path)
        assert found is not None and found.platform == "longxun"


@pytest.mark.parametrize("variant", LongxunSite.variants)
def test_empty_columns(variant: str) -> None:
    site = LongxunSite("liuxi", PORTAL_NAME, PLACE, [], variant=variant)
    assert read_columns(site, portal_of(site))[0][0].outcome == "empty"
