"""Guangdong's gkmlpt: the shell with its settings as JavaScript, the pages of its API."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms import ListPage, gkmlpt
from crawler.portal import Column, Portal
from crawler.sandbox.portals.gkmlpt import GkmlptSite
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

HOST = "http://www.example.gov.cn"
SHELL = f"{HOST}/gkmlpt/index"
API = f"{HOST}/gkmlpt/api/all/2712?page={{}}&sid=700041#xhr"
TITLE = "柳溪县财政局2023年政府信息公开工作年度报告"


def portal(*columns: str) -> Portal:
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": "gkmlpt", "allowed_hosts": ["www.example.gov.cn"]}
    return Portal.model_validate({**said, "columns": [{"url": url} for url in columns or (SHELL,)]})


def shell(tree: str, column: str = SHELL, sid: str = "SID:'700041',") -> ListPage:
    html = f"<div id=app></div><script>window._CONFIG = {{{sid} NOTE:'\\u003Cp\\u003E a', TREE:[{tree}],}};</script>"
    return gkmlpt.read_list(html.encode(), None, column.partition("#")[0], portal(column), Column(url=column))


ANNUAL = "{id:2712,name:'政府信息公开年报',parent:1,post_count:41,jump_url:'',children:[]}"


@pytest.mark.parametrize(
    ("tree", "column"),
    [
        (f"{{id:1,name:'政府信息公开',children:[{{id:3,name:'指南'}},{ANNUAL}]}}", SHELL),
        ("{id:9,name:'法治政府建设年度报告'},{id:2712,name:'年度报告'}", SHELL),
        (f"{{id:8,name:'年报'}},{ANNUAL}", SHELL),
        ("{id:9,name:'年度报告'}", f"{SHELL}#2712"),
        ("", f"{SHELL}#2712"),
    ],
)
def test_the_column_comes_from_the_portal_file_or_the_tree(tree: str, column: str) -> None:
    page = shell(tree, column)
    assert (page.further, page.is_shell, page.has_structure) == ([API.format(1)], True, True)


def test_a_department_has_its_own_api() -> None:
    page = shell(ANNUAL, f"{HOST}/czj/gkmlpt/policy")
    assert page.further == [f"{HOST}/czj/gkmlpt/api/all/2712?page=1&sid=700041#xhr"]


def test_several_columns_are_lists() -> None:
    page = shell(f"{ANNUAL},{{id:'2800',name:'镇街政府信息公开年报'}}")
    assert [found.url for found in page.lists] == [API.format(1), API.format(1).replace("2712", "2800")]
    assert page.further == [] and page.is_shell


def test_a_column_that_lives_elsewhere() -> None:
    page = shell(ANNUAL.replace("jump_url:''", "jump_url:'/xxgk/xxgknb/'"))
    assert [found.url for found in page.lists] == [f"{HOST}/xxgk/xxgknb/"] and page.further == []
    page = shell(ANNUAL.replace("jump_url:''", "jump_url:'http://nb.example.com/'"))
    assert not page.is_shell and "http://nb.example.com/" in (page.made_elsewhere or "")
    # What lies there is a static list.
    static = f'<ul><li><a href="./content/post_1.html">{TITLE}</a><span>2024-01-26</span></li></ul>'.encode()
    page = gkmlpt.read_list(static, None, f"{HOST}/xxgk/xxgknb/", portal())
    assert [link.title for link in page.links] == [TITLE]


@pytest.mark.parametrize(
    ("tree", "sid", "words"),
    [("{id:3,name:'指南'}", "SID:'7',", "no column of annual reports"), (ANNUAL, "", "number of its site (SID)")],
)
def test_what_a_shell_does_not_say(tree: str, sid: str, words: str) -> None:
    page = shell(tree, sid=sid)
    assert (page.is_shell, page.has_structure) == (False, False)
    assert words in (page.made_elsewhere or "")


def article(number: int, **more: object) -> dict[str, object]:
    url = f"{HOST}/gkmlpt/content/0/{number // 1000}/post_{number}.html"
    return {"id": number, "title": TITLE, "url": url, "date": 1706198400, "created_at": "2024-01-27 11:46:40", **more}


def answer(*articles: object, total: object = None, page: int = 1) -> ListPage:
    data = {"total": len(articles) if total is None else total, "articles": list(articles)}
    return gkmlpt.read_list(json.dumps(data).encode(), None, API.format(page), portal())


def test_an_answer() -> None:
    page = answer(*(article(n) for n in range(963_000, 963_100)), total=230)
    assert (page.rows, page.declared_entries, page.declared_pages) == (100, 230, 3)
    assert page.further == [API.format(2), API.format(3)]
    assert page.links[0] == (f"{HOST}/gkmlpt/content/0/963/post_963000.html", TITLE, "2024-01-26")
    assert answer(article(1), total=201, page=3).further == [API.format(1), API.format(2)]
    assert answer(article(1), total=1, page=0).further == []  # page 0 is page 1


@pytest.mark.parametrize(
    ("more", "url", "day"),
    [
        ({"url": "", "post_url": ""}, f"{HOST}/gkmlpt/content/8/8766/post_8766914.html", "2024-01-26"),
        ({"url": f"{HOST}/a.html?jump=true"}, f"{HOST}/a.html", "2024-01-26"),
        ({"url": "/a.html?a=1&jump=true"}, f"{HOST}/a.html?a=1", "2024-01-26"),
        ({"url": "https://mp.weixin.qq.com/s/x"}, "https://mp.weixin.qq.com/s/x", "2024-01-26"),
        ({"url": "https://mp.weixin.qq.com/s/x", "attachment": [{"url": "/attachment/0/5/51/9.docx"}]},
         f"{HOST}/attachment/0/5/51/9.docx", "2024-01-26"),
        ({"date": None, "display_publish_time": 0}, f"{HOST}/gkmlpt/content/0/8766/post_8766914.html", "2024-01-27"),
        ({"display_publish_time": "2023-12-31 10:00"}, f"{HOST}/gkmlpt/content/0/8766/post_8766914.html", "2023-12-31"),
    ],
)  # fmt: skip
def test_rows(more: dict[str, object], url: str, day: str) -> None:
    assert answer(article(8_766_914, **more)).links == [(url, TITLE, day)]


def test_copies_are_left_out() -> None:
    own = article(7)
    url = str(own["url"])
    page = answer(own, article(7, url=url + "?jump=true"), article(8, url=url.replace("post_7", "mpost_8")))
    assert [link.url for link in page.links] == [url] and page.rows == 3
    # A mapped post alone is the article.
    assert len(answer(article(8, url=url.replace("post_7", "mpost_8"))).links) == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>403</html>",
        "{}",
        '{"total":3}',
        "[1]",
        '{"total":"x","articles":[1]}',
        "nul",
        '{"articles":[],"total":0,"error":"请登录"}',
        '{"articles":[],"total":0,"code":403}',
    ],
)
def test_what_is_no_answer(body: str) -> None:
    page = gkmlpt.read_list(body.encode(), None, API.format(1), portal())
    assert (page.has_structure, page.says_empty, page.links) == (False, None, [])


def test_nothing_there() -> None:
    page = answer()
    assert (page.says_empty, page.has_structure) == ('"total":0', True)
    assert not answer(total=3).has_structure


def test_rows_without_title_or_address_are_not_lost() -> None:
    page = answer({"id": 1, "title": ""}, {"title": TITLE})
    assert page.made_elsewhere == "a row of the answer has no title"
    assert [link.title for link in page.unfollowed] == [TITLE]


@given(st.recursive(st.none() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner)
       | st.dictionaries(st.sampled_from(["total", "articles", "title", "url", "id", "date"]), inner)))  # fmt: skip
def test_any_answer_can_be_read(data: Any) -> None:
    for value in (data, {"total": 1, "articles": data}, {"total": 1, "articles": [data]}):
        gkmlpt.read_list(json.dumps(value).encode(), None, API.format(1), portal())


@given(st.text(alphabet="{}[]'\"\\:,u003C_CONFIG =idTREE1", max_size=60))
def test_any_shell_can_be_read(text: str) -> None:
    body = f"<script>window._CONFIG = {text}</script>".encode()
    gkmlpt.read_list(body, None, SHELL, portal())
    gkmlpt.recognise(body, None, SHELL)


def test_recognised_from_the_shell_and_from_a_home_page() -> None:
    html = f"<script>window._CONFIG={{SID:'7',TREE:[{ANNUAL},{{id:5,name:'年报',jump_url:'/nb/'}}]}}</script>".encode()
    found = gkmlpt.recognise(html, None, SHELL)
    assert found is not None and (found.certainty, found.columns) == ("certain", (f"{SHELL}#2712",))
    home = (
        '<link href="/gkmlpt/a.css"><a href="/gkmlpt/index#2712">政府信息公开年报</a><a href="/gkmlpt/policy">政策</a>'
    )
    found = gkmlpt.recognise(home.encode(), None, f"{HOST}/")
    assert found is not None and (found.certainty, found.columns) == ("likely", (f"{SHELL}#2712",))
    for other in (b"", b"<a href=/xxgk/>x</a>", b"window._CONFIG = {}", b'<link href="/gkmlpt/app.css">'):
        assert gkmlpt.recognise(other, None, f"{HOST}/") is None


@pytest.mark.parametrize("variant", GkmlptSite.variants)
def test_whole_columns(variant: str) -> None:
    site = GkmlptSite("liuxi", PORTAL_NAME, PLACE, publications(50), variant=variant)
    given = portal_of(site)
    results, reports = read_columns(site, given)
    assert [(result.outcome, result.why) for result in results] == [("ok", "")]
    truth = {ORIGIN + listed.path: listed.title for listed in site.truth(NOW)}
    assert {entry.link.url: entry.link.title for entry in reports} == truth
    assert len(reports) == len(truth) and all(entry.link.listed_on for entry in reports)
    for item in site.publications:
        page = asked(site, ORIGIN + site.article_path(item))
        detail = gkmlpt.read_detail(page.body, page.charset, page.final, given)
        files = {ORIGIN + site.file_path(item, file, n): file.name for n, file in enumerate(item.files)}
        assert {file.url: file.name for file in detail.attachments} == files
        assert detail.title == item.title
        assert detail.has_body or item.files or item.kind != "report"
    for path, certainty in ((site.column_paths[0].partition("#")[0], "certain"), ("/", "likely")):
        page = asked(site, ORIGIN + path)
        found = gkmlpt.recognise(page.body, page.charset, ORIGIN + path)
        assert found is not None and found.certainty == certainty


def test_an_empty_column() -> None:
    site = GkmlptSite("liuxi", PORTAL_NAME, PLACE, publications(20))
    empty = portal_of(site, columns=[{"url": ORIGIN + site.empty_path}])
    assert read_columns(site, empty)[0][0].outcome == "empty"
