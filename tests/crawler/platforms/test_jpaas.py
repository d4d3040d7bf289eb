"""Lists of Hanweb jpaas: shells with units, answers of HTML in JSON, pages by paramJson."""

import json
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.address import bare
from crawler.pages.fields import fields_of
from crawler.platforms import ListPage, jpaas
from crawler.portal import Column, Portal
from crawler.sandbox.portal_site import Answer, Request
from crawler.sandbox.portals.jpaas import JpaasSite
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

HOST = "https://www.liuxi.gov.cn"
URL = f"{HOST}/col/col1229/index.html"
ENDPOINT = "/api-gateway/jpaas-publish-server/front/page/build/unit"


def portal(url: str = URL, **options: object) -> Portal:
    return Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "jpaas",
            "allowed_hosts": ["www.liuxi.gov.cn"],
            "columns": [Column(url=url)],
            **({"options": options} if options else {}),
        }
    )


def read(body: str, url: str = URL, column: str = URL, **options: object) -> ListPage:
    told = portal(column, **options)
    return jpaas.read_list(body.encode(), None, url, told, told.columns[0])


def unit(tag: str, parse: str = "bulidstatic") -> str:
    return (
        '<script id="0a1b" src="/cms_files/jcms1/web149/site/script/unitbuild.js?v=2.3" '
        f"url=\"{ENDPOINT}\" queryData=\"{{'webId':'149','pageId':'1229','parseType':'{parse}','pageType':'column',"
        f"'tagId':'{tag}','tplSetId':'5fQ8','editType':'null'}}\"></script><div id=\"{tag}\"></div>"
    )


def page(*parts: str) -> str:
    return f"<html><head><title>年报_柳溪县</title></head><body>{''.join(parts)}</body></html>"


def title(number: int) -> str:
    return f"柳溪县第{number}局2023年政府信息公开工作年度报告"


def row(number: int) -> str:
    href = f"/art/2024/art_{number:032x}.html"
    return f'<li class="cf"><a class="fl" href="{href}" title="{title(number)}">柳溪…</a><span>[2024-01-30]</span></li>'


def answer(rows: list[str], count: int, number: int, size: int = 15, tag: str = "信息列表") -> str:
    pager = (
        f'<div class="pagination" rows="{size}" count="{count}" pageNo="{number}" unitid="{tag}" unitUrl="{ENDPOINT}" '
        f'queryData="{escape(json.dumps({"webId": "149", "tagId": tag}))}"></div>'
    )
    html = f'<div id="{tag}"><div class="page-content"><ul>\n{"".join(rows)}</ul></div>\n{pager}</div>'
    return json.dumps({"success": True, "code": "200", "data": {"html": html}}, ensure_ascii=False)


def test_a_shell_leads_to_its_unit() -> None:
    found = read(page(unit("信息列表")))
    assert (found.is_shell, found.has_structure, found.links, len(found.further)) == (True, True, [], 1)
    address = found.further[0]
    assert (urlsplit(address).path, urlsplit(address).fragment) == (ENDPOINT, "xhr")
    assert fields_of(address) == {
        "webId": "149",
        "pageId": "1229",
        "parseType": "bulidstatic",
        "pageType": "column",
        "tagId": "信息列表",
        "tplSetId": "5fQ8",
        "editType": "null",
    }


def test_the_ministry_spells_it_right() -> None:
    assert fields_of(read(page(unit("分页列表", "buildstatic"))).further[0])["parseType"] == "buildstatic"


TAGS = (
    "信息列表",
    "分页列表",
    "列表新闻",
    "右侧内容",
    "当前内容",
    "当前栏目list",
    "当前栏目_list",
    "ajax分页",
    "内容区域",
)


@pytest.mark.parametrize("tag", TAGS)
def test_names_that_lists_have(tag: str) -> None:
    found = read(page(unit("当前位置"), unit("栏目导航"), unit(tag), unit("底部版权")))
    assert [fields_of(address)["tagId"] for address in found.further] == [tag]


def test_where_the_choice_is_open_all_are_read_each_for_itself() -> None:
    found = read(page(unit("区域一"), unit("区域二"), unit("导航")))
    assert [fields_of(one.url)["tagId"] for one in found.lists] == ["区域一", "区域二"]
    assert found.is_shell
    chosen = read(page(unit("区域一"), unit("区域二")), tagId="区域二")
    assert ([fields_of(one)["tagId"] for one in chosen.further], chosen.lists) == (["区域二"], [])


def test_units_in_comments_are_not_there() -> None:
    found = read(page(f"<!-- {unit('信息列表')} -->", unit("分页列表")))
    assert [fields_of(address)["tagId"] for address in found.further] == ["分页列表"]


def test_first_page_names_all_others_by_param_json() -> None:
    first = read(page(unit("信息列表"))).further[0]
    found = read(answer([row(n) for n in range(15)], 41, 1), first)
    assert found.links[1] == (f"{HOST}/art/2024/art_{1:032x}.html", title(1), "2024-01-30")
    assert (found.rows, found.declared_entries, found.declared_pages, len(found.links)) == (15, 41, 3, 15)
    params = [json.loads(fields_of(address)["paramJson"]) for address in found.further]
    assert params == [{"pageNo": 2, "pageSize": 15}, {"pageNo": 3, "pageSize": 15}]
    assert "editType" not in fields_of(found.further[0])
    last = read(answer([row(n) for n in range(30, 41)], 41, 3), found.further[1])
    assert (last.rows, last.further, last.made_elsewhere) == (11, [], None)


def test_another_page_than_was_asked_for_is_doubted() -> None:
    first = read(page(unit("信息列表"))).further[0]
    second = read(answer([row(n) for n in range(15)], 41, 1), first).further[0]
    assert read(answer([row(n) for n in range(15)], 41, 1), second).made_elsewhere


def test_what_stands_beside_the_rows_does_not_make_up_for_missing_ones() -> None:
    first = read(page(unit("信息列表"))).further[0]
    menu = "".join(f'<li><a href="/m{n}/">政府信息公开指南之{n}</a></li>' for n in range(9))
    found = read(answer([*[row(n) for n in range(12)], menu], 12, 1), first)
    assert (found.rows, found.declared_entries) == (12, 12)
    short = read(answer([row(n) for n in range(3)], 12, 1), first)
    assert (short.rows, short.declared_entries) == (3, 12)


def test_columns_with_a_number_send_a_search_inside_json() -> None:
    url = f"{URL}?number=JD16-JD1602"
    tree = "<a onclick=\"show('JD16-JD1602','3','政府信息公开年报')\">年报</a>"
    first = read(page(tree, unit("当前栏目_list")), url, url).further[0]
    param = json.loads(fields_of(first)["paramJson"])
    assert (param["pageNo"], param["pageSize"]) == (1, 15)
    search = {"xxgkId": "JD16-JD1602", "xxgkType": "3", "className": "政府信息公开年报"}
    assert json.loads(param["search"]) == search
    second = read(answer([row(n) for n in range(15)], 16, 1), first, url).further[0]
    assert json.loads(json.loads(fields_of(second)["paramJson"])["search"]) == search
    told = read(page(unit("当前栏目_list")), url, url, className="年报", pageSize=50).further[0]
    param = json.loads(fields_of(told)["paramJson"])
    assert (json.loads(param["search"])["className"], param["pageSize"]) == ("年报", 50)


def test_empty_and_strange_answers() -> None:
    first = read(page(unit("信息列表"))).further[0]
    empty = read(answer([], 0, 1), first)
    assert (empty.says_empty, empty.has_structure, empty.declared_entries) == ('count="0"', True, 0)
    for body in (
        '{"success":false,"data":{"html":"<ul><li>x</li></ul>"}}',
        '{"success":true,"data":{"html":""}}',
        '{"success":true,"data":null}',
        "{",
        "[" * 9000,
        '{"data":{"html":' + "[" * 5000,
    ):
        found = read(body, first)
        assert (found.has_structure, found.says_empty, found.links) == (False, None, [])


def test_a_unit_inside_a_unit_is_asked_for() -> None:
    first = read(page(unit("右侧内容"))).further[0]
    html = json.dumps({"success": True, "data": {"html": f"<div><h3>年报</h3>{unit('信息列表')}</div>"}})
    found = read(html, first)
    assert (found.is_shell, [fields_of(one)["tagId"] for one in found.further]) == (True, ["信息列表"])


def test_recognise() -> None:
    found = jpaas.recognise(page(unit("信息列表")).encode(), None, URL)
    assert found is not None
    assert (found.platform, found.certainty) == ("jpaas", "certain")
    assert jpaas.recognise(b"<html><a href='/col/col1/index.html'>x</a></html>", None, URL) is None


@given(st.text(alphabet=st.sampled_from("<>'\"/=[]{}()&;:,\\ a年报"), max_size=200))
def test_never_raises(junk: str) -> None:
    first = read(page(unit("信息列表"))).further[0]
    for body in (page(junk, unit(junk), junk), answer([junk, row(1)], 2, 1), "{" + junk, json.dumps({"data": junk})):
        for address in (URL, first, f"{HOST}{ENDPOINT}?paramJson={junk}"):
            assert all(link.url.startswith("http") for link in read(body, address).links)


@pytest.mark.parametrize(
    "body",
    [
        "<script queryData=" * 100_000,
        "<script queryData=\"{'a':" * 50_000,
        "<html>" + '<div unitUrl="' * 100_000,
        json.dumps({"success": True, "data": {"html": '<div pageNo="' * 100_000}}),
        json.dumps({"success": True, "data": {"html": "<li><a href='x' title='" * 50_000}}),
    ],
)
def test_hostile_pages_end(body: str) -> None:
    assert read(body).rows >= 0


class _WithAgent(JpaasSite):
    """The driver of these tests sends no User-Agent, without which this software answers 403."""

    def answer(self, request: Request, now: datetime) -> Answer | None:
        return super().answer(request._replace(headers={**request.headers, "user-agent": "nianbao"}), now)


@pytest.mark.parametrize("variant", JpaasSite.variants)
def test_whole_columns_of_the_pretend_portal(variant: str) -> None:
    site = _WithAgent("liuxi", PORTAL_NAME, PLACE, publications(70), variant=variant)
    told = portal_of(site)
    results, reports = read_columns(site, told)
    assert {result.outcome for result in results} == {"ok"}, [result.why for result in results]
    listed = {ORIGIN + one.path: one.title for one in site.truth(NOW)}
    assert {bare(entry.link.url): entry.link.title for entry in reports} == listed
    assert len(reports) == len(listed)
    empty, none = read_columns(site, portal_of(site, columns=[{"url": ORIGIN + site.empty_path}]))
    assert (empty[0].outcome, none) == ("empty", [])
    recognised = jpaas.recognise(asked(site, told.columns[0].url).body, None, told.columns[0].url)
    assert recognised is not None
    assert recognised.certainty == "certain"
