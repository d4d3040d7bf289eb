"""Lists that endpoints send as JSON, read as the portal's file says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawler.pages.json_answer import json_of
from crawler.platforms import ListPage, json_list
from crawler.platforms.json_list import address, page_number
from crawler.platforms.options import JsonListOptions
from crawler.portal import Portal
from crawler.sandbox.portals.json_list import JsonListSite
from parsers.strict_toml import faults_of
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

HOME = "http://www.example.gov.cn/zwgk/xxgknb/"
TITLE = "柳溪县财政局2023年政府信息公开工作年度报告"
FORM: dict[str, Any] = {
    "endpoint": "/api/list?size={size}", "send": "form", "fields": {"pageIndex": "{page}", "channel": "ab"},
    "rows": "data.list", "title": "TITLE", "url": "URL", "date": "TIME", "total": "data.all", "size": 2,
}  # fmt: skip


def portal(**changed: Any) -> Portal:
    options = {name: value for name, value in (FORM | changed).items() if value is not None}
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": "json_list", "allowed_hosts": ["www.example.gov.cn"]}
    return Portal.model_validate({**said, "columns": [{"url": HOME}], "options": options})


def options_of(given: Portal) -> JsonListOptions:
    assert isinstance(given.options, JsonListOptions)
    return given.options


def row(number: int, **more: object) -> dict[str, object]:
    return {"TITLE": TITLE, "URL": f"/art/{number}.html", "TIME": "2024-01-26", **more}


def read(data: object, number: int = 1, **changed: Any) -> ListPage:
    given = portal(**changed)
    body = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    url = address(number, HOME, options_of(given))
    return json_list.read_list(body.encode(), "utf-8", url, given, given.columns[0])


def answer(rows: object, total: object = 5) -> dict[str, object]:
    return {"code": 200, "data": {"all": total, "list": rows}}


def test_the_column_is_a_shell() -> None:
    given = portal()
    page = json_list.read_list(b"<html><div id=list></div></html>", None, HOME, given, given.columns[0])
    assert (page.is_shell, page.has_structure) == (True, True)
    assert page.further == ["http://www.example.gov.cn/api/list?size=2#post:pageIndex=1&channel=ab"]
    away = portal(endpoint="http://other.example.com/{page}")
    page = json_list.read_list(b"<p>x", None, HOME, away, away.columns[0])
    assert not page.has_structure and "add its host to allowed_hosts" in (page.made_elsewhere or "")


@pytest.mark.parametrize(
    ("changed", "asked_for"),
    [
        ({"send": "get", "fields": None, "endpoint": "data_{page}.json"}, HOME + "data_7.json#xhr"),
        ({"send": "get", "fields": None, "endpoint": "?a=(x=1)&p={page}&s={size}"}, HOME + "?a=(x=1)&p=7&s=2#xhr"),
        ({"endpoint": "//www.example.gov.cn/a"}, "http://www.example.gov.cn/a#post:pageIndex=7&channel=ab"),
        (
            {"send": "json", "endpoint": "/a", "fields": {"q": {"no": "{page}", "s": "p{page}"}, "all": True}},
            'http://www.example.gov.cn/a#json:{"q":{"no":7,"s":"p7"},"all":true}',
        ),
        (
            {"endpoint": "/a", "fields": {"params": {"n": "{page}"}, "flag": False}},
            "http://www.example.gov.cn/a#post:params=%7B%22n%22%3A7%7D&flag=false",
        ),
    ],
)
def test_how_a_page_is_asked_for(changed: dict[str, Any], asked_for: str) -> None:
    options = options_of(portal(**changed))
    assert address(7, HOME, options) == asked_for
    assert page_number(asked_for, HOME, options) == 7
    assert page_number(asked_for.replace("http://", "https://"), HOME, options) == 7
    assert page_number(HOME, HOME, options) is None


def test_an_answer() -> None:
    page = read(answer([row(1), row(2)]))
    assert [(link.url, link.title, link.listed_on) for link in page.links] == [
        (f"http://www.example.gov.cn/art/{n}.html", TITLE, "2024-01-26") for n in (1, 2)
    ]
    assert (page.rows, page.declared_entries, page.has_structure) == (2, 5, True)
    assert [found.partition("pageIndex=")[2][0] for found in page.further] == ["2", "3"]
    assert len(read(answer([row(5)]), 3).further) == 2


def test_an_endpoint_that_keeps_to_a_size_of_its_own() -> None:
    page = read(answer([row(1)], 4))
    assert len(page.further) == 3


def test_without_a_total_the_next_page_is_asked_for_behind_any_rows() -> None:
    assert len(read({"data": {"list": [row(1), row(2)]}}, total=None).further) == 1
    assert len(read({"data": {"list": [row(1)]}}, total=None).further) == 1  # a size of its own
    assert read({"data": {"list": []}}, total=None).further == []


def test_pages_alone() -> None:
    page = read({"data": {"list": [row(1), row(2)], "n": "3"}}, total=None, pages="data.n")
    assert (page.declared_pages, len(page.further)) == (3, 2)
    page = read({"data": {"list": [row(1), row(2)], "n": 2}}, 0, total=None, pages="data.n", first=0)
    assert [found.partition("pageIndex=")[2][0] for found in page.further] == ["1"]


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        ({"data": json.dumps({"all": 5, "list": [row(1), row(2)]})}, {}),  # JSON inside a text
        (json.dumps(json.dumps(answer([row(1), row(2)]))), {}),  # all of it one text
        (f"call({json.dumps(answer([row(1), row(2)]))});", {}),
        ([row(1), row(2)], {"rows": "", "total": None}),
        ({"0": 1, "a": [{"b": json.dumps([row(1), row(2)])}]}, {"rows": "a.0.b", "total": None}),
    ],
)
def test_where_rows_stand(data: object, changed: dict[str, Any]) -> None:
    page = read(data, **changed)
    assert (page.rows, len(page.links), page.made_elsewhere) == (2, 2, None)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-01-26T08:00:00", "2024-01-26"),
        ("2026.03.05 14:48:00", "2026-03-05"),
        ("20240126", "2024-01-26"),
        (1706198400, "2024-01-26"),  # midnight in Beijing
        (1706198399000, "2024-01-25"),
        ("1706198400000", "2024-01-26"),
        (None, None),
        ("soon", None),
        (10**40, None),
    ],
)
def test_dates(value: object, day: str | None) -> None:
    assert read(answer([row(1, TIME=value)])).links[0].listed_on == day


def test_titles_and_addresses() -> None:
    marked = f"<em>柳溪县</em>财政局2023年&nbsp;{TITLE[-12:]}"
    page = read(answer([row(1, TITLE=marked, URL="//www.example.gov.cn/a b")]))
    assert (page.links[0].title, page.links[0].url) == (
        f"柳溪县财政局2023年 {TITLE[-12:]}",
        "http://www.example.gov.cn/a%20b",
    )
    page = read(answer([row(1, ID=77)]), url="/art/{ID}.html?c={TIME}")
    assert page.links[0].url == "http://www.example.gov.cn/art/77.html?c=2024-01-26"


def test_rows_that_lead_nowhere_or_to_one_page_stay() -> None:
    page = read(answer([row(1), row(1), row(1, TITLE="另一个"), row(2, URL=""), row(3, URL="javascript:x")]))
    assert [link.url.rpartition("/")[2] for link in page.links] == ["1.html"]
    assert [link.url.removeprefix("http://www.example.gov.cn/") for link in page.unfollowed] == [
        "art/1.html#row-3",
        "zwgk/xxgknb/#row-4",
        "zwgk/xxgknb/#row-5",
    ]


def test_nothing_there() -> None:
    for rows in ([], None):
        page = read(answer(rows, 0))
        assert (page.says_empty, page.has_structure, page.further) == ('"data.all": 0', True, [])
    assert read(answer([], 7)).has_structure is False  # 7 entries, and none of them here
    assert read({"data": {"list": []}}, total=None).says_empty == '"data.list": []'


@pytest.mark.parametrize(
    ("data", "changed", "words"),
    [
        (answer([row(1)]), {"rows": "data.rows"}, 'rows = "data.rows" is not there'),
        (answer([row(1)]), {"rows": "code"}, 'rows = "code" is no list but int'),
        (answer([row(1)]), {"total": "data.sum"}, 'total = "data.sum" is no number'),
        (answer([row(1)], "many"), {}, 'total = "data.all" is no number'),
        (answer([row(1)]), {"title": "name"}, '1 of 1 rows have no title = "name"'),
        ("<html>验证码</html>", {}, "something else than JSON"),
        ('{"data": {"list": [', {}, "something else than JSON"),
        ('{"error":"访问过于频繁"}', {}, 'rows = "data.list" is not there'),
    ],
)
def test_an_answer_that_is_not_as_the_file_says_is_no_list(data: object, changed: dict[str, Any], words: str) -> None:
    page = read(data, **changed)
    assert (page.has_structure, page.links, page.says_empty) == (False, [], None)
    assert words in (page.made_elsewhere or "")


def test_some_rows_without_a_title_are_a_doubt() -> None:
    page = read(answer([row(1), row(2, TITLE=None)]))
    assert page.has_structure and "1 of 2 rows have no title" in (page.made_elsewhere or "")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"send": "get"}, "`fields` are sent by POST only"),
        ({"fields": {"a": "b"}, "total": None}, "holds {page}"),
        ({"rows": None}, "rows"),
        ({"first": 3}, "first"),
    ],
)
def test_faults_of_the_file(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        JsonListOptions.model_validate({name: value for name, value in (FORM | changed).items() if value is not None})


def test_a_file_without_options_is_refused() -> None:
    said = {"id": "a", "name": "柳溪县", "platform": "json_list", "allowed_hosts": ["h.gov.cn"]}
    with pytest.raises(ValidationError) as caught:
        Portal.model_validate({**said, "columns": [{"url": "http://h.gov.cn/"}]})
    faults = [loc for loc, _ in faults_of(caught.value, Portal)]
    assert faults == [("options", name) for name in ("endpoint", "rows", "title", "url")]


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["data", "list", "all", "TITLE", "URL", "TIME"]), inner)
    ),
    max_leaves=12,
)


@given(st.text(max_size=40), VALUES)
def test_any_answer_can_be_read(text: str, data: Any) -> None:
    for page in (read(text), read(data), read(answer(data, 3))):
        assert page.has_structure or not page.links
    json_of(text)


def test_deep_json_is_no_answer() -> None:
    assert json_of("[" * 100_000) is None
    assert not read('{"data":' * 50_000).has_structure


@pytest.mark.parametrize("variant", JsonListSite.variants)
def test_whole_columns(variant: str) -> None:
    site = JsonListSite("liuxi", PORTAL_NAME, PLACE, publications(50), variant=variant)
    given = portal_of(site)
    results, reports = read_columns(site, given)
    assert [(result.outcome, result.why) for result in results] == [("ok", "")]
    truth = {ORIGIN + listed.path: listed.title for listed in site.truth(NOW)}
    assert {entry.link.url: entry.link.title for entry in reports} == truth
    assert len(reports) == len(truth) and all(entry.link.listed_on for entry in reports)
    for item in site.publications:
        page = asked(site, ORIGIN + site.article_path(item))
        detail = json_list.read_detail(page.body, page.charset, page.final, given)
        assert len(detail.attachments) == len(item.files) and detail.title == item.title


@pytest.mark.parametrize("variant", JsonListSite.variants)
def test_empty_columns(variant: str) -> None:
    site = JsonListSite("liuxi", PORTAL_NAME, PLACE, [], variant=variant)
    assert read_columns(site, portal_of(site))[0][0].outcome == "empty"


@pytest.mark.parametrize("variant", ["suzhou", "epoint"])
def test_systems_that_are_known(variant: str) -> None:
    site = JsonListSite("liuxi", PORTAL_NAME, PLACE, publications(3), variant=variant)
    page = asked(site, ORIGIN + site.column_paths[0])
    found = json_list.recognise(page.body, page.charset, page.final)
    assert found is not None and found.platform == "json_list" and found.variant.lower() == variant
    JsonListOptions.model_validate(dict(found.options))


def test_what_a_known_system_needs_is_taken_from_its_page() -> None:
    source = "<script>var siteGuid = '7eb5-1'; $.post('/EpointWebBuilder/rest/secaction/getSecInfoListYzm')</script>"
    found = json_list.recognise(source.encode(), None, HOME)
    assert found is not None
    fields = found.options["fields"]
    assert isinstance(fields, dict) and (fields["siteGuid"], fields["categoryNum"]) == ("7eb5-1", "<categoryNum>")
    assert json_list.recognise(b"<p>x", None, HOME) is None
