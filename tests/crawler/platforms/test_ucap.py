"""UCAP: static pages counted from 1, lists as JSON behind a shell, and whole columns of the pretend portal."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.address import is_posted, question
from crawler.pages.fields import fields_of
from crawler.platforms import ListPage, ucap
from crawler.portal import Portal
from crawler.sandbox.portals.json_list import JsonListSite
from crawler.sandbox.portals.ucap import UcapSite
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

URL = "http://www.example.gov.cn/lxx/c108463/list.shtml"
CHANNEL = "0123456789abcdef0123456789abcdef"
DATA = f"http://www.example.gov.cn/common/search/{CHANNEL}?page=1&_pageSize=15&_isAgg=true&_isJson=true#xhr"
REPORT = "柳溪县财政局2023年政府信息公开工作年度报告"
ROW = f'<li><a href="/lxx/c108463/202401/c01_1.shtml">{REPORT}</a><span>2024-01-26</span></li>'
META = f'<meta name="channelid" content="{CHANNEL}">'


def portal(**more: object) -> Portal:
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": "ucap", "allowed_hosts": ["www.example.gov.cn"]}
    return Portal.model_validate({**said, "columns": [{"url": URL}], **more})


def read(html: str, url: str = URL, **more: object) -> ListPage:
    given = portal(**more)
    return ucap.read_list(html.encode(), None, url, given, given.columns[0])


def test_static_pages_are_counted_from_1() -> None:
    page = read(f"{META}<ul>{ROW}</ul><script>createPageHTML('page_div',3, 1,'list','shtml',41);</script>")
    assert [address.rsplit("/", 1)[1] for address in page.further] == ["list_2.shtml", "list_3.shtml"]
    assert (page.declared_pages, page.declared_entries, page.rows, page.is_shell) == (3, 41, 1, False)


def test_a_static_list_that_has_no_entries() -> None:
    page = read(
        "<ul class=list><li>暂无相关信息</li></ul><script>createPageHTML('page_div',1,1,'list','shtml',0);</script>"
    )
    assert page.says_empty and not page.has_structure and page.declared_entries is None


SHELLS = {
    "id behind the address": f"<script>$.get('/common/search/{CHANNEL}?page='+n+'&_pageSize=18&_isJson=true')</script>",
    "id from the page": META + "<script>$.get('/common/search/'+id,{_pageSize:18},show)</script>",
    "a template": META + "<script>fetch(`/common/search/${id}?_pageSize=18`)</script>",
    "a script file": META + "<ul id=list></ul><script src='/list.js'></script><script>var _pageSize = 18;</script>",
    "tags in another order": f"<META content='{CHANNEL}' name='channelid'><script>_pageSize=18</script>",
    "with a root": META + "<script>$.get('//www.example.gov.cn/common/search/'+id,{_pageSize:18},show)</script>",
}


@pytest.mark.parametrize("name", SHELLS)
def test_shells(name: str) -> None:
    page = read(SHELLS[name])
    assert page.is_shell and page.has_structure and page.links == [] and len(page.further) == 1
    address = page.further[0]
    assert address.startswith(f"http://www.example.gov.cn/common/search/{CHANNEL}?") and address.endswith("#xhr")
    assert fields_of(address) == {
        "page": "1", "_pageSize": "18", "_isAgg": "true", "_isJson": "true", "_template": "index",
        "_rangeTimeGte": "", "_channelName": "",
    }  # fmt: skip


def test_other_endpoints_and_options() -> None:
    for endpoint in ("/searchList/", "/search/"):
        page = read(f"{META}<script>$.get('{endpoint}'+id,show)</script>")
        assert page.further[0].startswith(f"http://www.example.gov.cn{endpoint}{CHANNEL}?page=1&")
        page = read("<div id=app></div>", options={"channelid": CHANNEL, "endpoint": endpoint, "size": 20})
        assert page.further[0].startswith(f"http://www.example.gov.cn{endpoint}{CHANNEL}?page=1&_pageSize=20&")


@pytest.mark.parametrize(
    "html",
    [
        f"{META}<ul>{ROW}</ul>",  # its rows stand in the page
        f"{META}<ul class=main><li>暂无相关信息</li></ul>",
        "<ul id=list></ul><script>$.get('/search/'+word)</script>",  # a search box: no channel
        '<html><head><script>location.href="/lxx/c108463/list.shtml"</script></head></html>',
    ],
)
def test_pages_that_are_no_shells(html: str) -> None:
    assert not read(html).is_shell


def test_rows_in_the_page_and_more_in_the_search() -> None:
    page = read(f"{META}<ul>{ROW}</ul><div>加载更多</div><script>$.get('/common/search/'+id,show)</script>")
    assert page.is_shell and len(page.further) == 1


def row(number: int, **more: object) -> dict[str, object]:
    return {
        "title": REPORT, "url": f"//www.example.gov.cn/lxx/c1/202401/c01_{number}.shtml",
        "publishedTime": 1704936600000, "publishedTimeStr": "2024-01-11 09:30:00", **more,
    }  # fmt: skip


def answer(results: list[dict[str, object]] | None, url: str = DATA, **said: object) -> ListPage:
    data = {"channelId": CHANNEL, "page": 1, "rows": 15, "results": results, **said}
    return read(json.dumps({"locationUrl": "", "data": data}, ensure_ascii=False), url)


def test_an_answer_in_json() -> None:
    links = ["//www.example.gov.cn/a/c01_0.shtml", "/a/c01_1.shtml", "http://www.example.gov.cn/a/c01_2.shtml"]
    rows = [row(n, url=link) for n, link in enumerate(links)]
    page = answer([*rows, row(3, url=""), rows[0]], total=5)
    assert [link.url for link in page.links] == [f"http://www.example.gov.cn/a/c01_{n}.shtml" for n in range(3)]
    assert {(link.title, link.listed_on) for link in page.links} == {(REPORT, "2024-01-11")}
    assert [link.title for link in page.unfollowed] == [REPORT]
    assert (page.rows, page.declared_entries, page.further) == (5, 5, [])


def test_the_number_of_pages_rests_on_the_rows_that_came() -> None:
    page = answer([row(n) for n in range(18)], total=41)
    assert [fields_of(address)["page"] for address in page.further] == ["2", "3"]
    assert all(address.endswith("_isJson=true#xhr") for address in page.further)
    last = DATA.replace("page=1&", "page=3&")
    assert answer([row(n) for n in range(5)], last, total=41, page=3, rows=18).further == []
    # A list that has grown since names its new page.
    assert [fields_of(one)["page"] for one in answer([row(n) for n in range(18)], last, total=60, rows=18).further] == [
        "4"
    ]


def test_dates() -> None:
    rows = [row(0, publishedTimeStr=None, publishedTime=1704902400000), row(1, publishedTimeStr="", publishedTime="x")]
    assert [link.listed_on for link in answer(rows, total=2).links] == ["2024-01-11", None]  # midnight in Beijing


def test_answers_that_hold_nothing() -> None:
    for rows in ([], None):
        page = answer(rows, total=0)
        assert page.has_structure and page.says_empty == '"total":0'
    assert not answer([], total=7).has_structure  # an entry is said to be there, and none came
    assert answer([row(0)]).unread_pager
    for text in ("{}", "[]", '{"data":{"results":7}}', "{", '{"code":500,"message":"x"}'):
        page = read(text, DATA)
        assert not page.has_structure and page.says_empty is None


def test_lists_of_the_tax_authorities() -> None:
    html = "<script>$.post('/getFileListByCodeId',{codeId:'c102025',channelId:'29a8',page:1,size:10},show)</script>"
    first = read(html).further[0]
    assert is_posted(first) and question(first).url == "http://www.example.gov.cn/getFileListByCodeId"
    assert fields_of(first) == {"codeId": "c102025", "channelId": "29a8", "page": "1", "size": "10"}
    told = read("<div id=app></div>", options={"codeId": "c102025", "channelid": "29a8", "size": 10})
    assert told.further == [first]
    page = read(json.dumps({"results": {"data": {"total": 25, "results": [row(n) for n in range(10)]}}}), first)
    assert [fields_of(address)["page"] for address in page.further] == ["2", "3"] and all(map(is_posted, page.further))
    assert len(page.links) == 10


@pytest.mark.parametrize("variant", UcapSite.variants)
def test_whole_columns(variant: str) -> None:
    site = UcapSite("liuxi", PORTAL_NAME, PLACE, publications(50), variant=variant)
    given = portal_of(site)
    results, reports = read_columns(site, given)
    assert [(result.outcome, result.why) for result in results] == [("ok", "")]
    truth = {ORIGIN + listed.path: listed.title for listed in site.truth(NOW)}
    assert sorted(entry.link.url for entry in reports) == sorted(truth)
    assert all(entry.link.title == truth[entry.link.url] and entry.link.listed_on for entry in reports)
    for item in site.publications:
        page = asked(site, ORIGIN + site.article_path(item))
        if page.status == 301:
            page = asked(site, page.headers["location"])
        detail = ucap.read_detail(page.body, page.charset, page.final, given)
        assert {file.url for file in detail.attachments} == {
            ORIGIN + site.file_path(item, file, n) for n, file in enumerate(item.files)
        }
        assert detail.title == item.title
    for path in (site.column_paths[0], "/"):
        page = asked(site, ORIGIN + path)
        found = ucap.recognise(page.body, page.charset, ORIGIN + path)
        assert found is not None and found.platform == "ucap"


def test_the_tax_authorities_are_read_without_any_option() -> None:
    site = JsonListSite("liuxi", PORTAL_NAME, PLACE, publications(50), variant="chinatax")
    results, reports = read_columns(site, portal_of(site, platform="ucap", options={}))
    assert results[0].outcome == "ok"
    assert sorted(entry.link.url for entry in reports) == sorted(ORIGIN + listed.path for listed in site.truth(NOW))


@pytest.mark.parametrize("variant", UcapSite.variants)
def test_empty_columns(variant: str) -> None:
    site = UcapSite("liuxi", PORTAL_NAME, PLACE, publications(20), variant=variant)
    results, _ = read_columns(site, portal_of(site, columns=[{"url": ORIGIN + site.empty_path}]))
    assert results[0].outcome == "empty"


@given(st.binary(max_size=300), st.sampled_from([URL, DATA]))
def test_any_bytes_can_be_read(body: bytes, url: str) -> None:
    ucap.read_list(body, None, url, portal())
    ucap.read_list(b'{"data":{"total":3,"results":[' + body + b"]}}", None, url, portal())
    ucap.recognise(body, None, url)


KEYS = st.sampled_from(["data", "results", "total", "url"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["results", "total", REPORT]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_any_json_can_be_read(value: object) -> None:
    read(json.dumps({"data": value}), DATA)


@pytest.mark.parametrize(
    "piece",
    ["<meta ", "createPageHTML('page_div',", "/search", "/a/b/c/search", "'getFileListByCodeId", "//a.cn", "<script>",
     "<meta name=channelid ", "common/search/", "[" * 9, '{"data":', "/c108463/"],
)  # fmt: skip
def test_hostile_pages_cost_no_more_than_their_length(piece: str) -> None:
    body = piece * (60_000 // len(piece))
    begun = time.process_time()
    for html in (f"<script>{body} 'getFileListByCodeId' search</script>", f"{META}{body}", body):
        for url in (URL, DATA):
            read(html, url)
        ucap.recognise(html.encode(), None, URL)
    assert time.process_time() - begun < 6
