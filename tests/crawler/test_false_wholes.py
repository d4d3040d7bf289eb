"""Lists that look whole and are not: a portal that answers every question alike, rows of other lists, settings that
silence a pager, copies that are none. And pages that must cost no more than their length."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from crawler.address import question
from crawler.asking.fetch import Fetched
from crawler.outcomes.verdict import Answer, Signs, judge
from crawler.pages.signature import list_signature
from crawler.platforms import ListPage, load_platform
from crawler.portal import Column, Portal
from crawler.walk.column import ColumnReading, ColumnResult, Entry, Looked
from crawler.walk.links import judge_link
from db.records import ListedPage

HOST = "http://www.example.gov.cn"
NAME = "<title>政府信息公开年报</title>"
JSON = {"endpoint": "/api?page={page}", "rows": "rows", "title": "t", "url": "u", "date": "d"}
Site = Callable[[str], str | None]


def portal(platform: str = "static_list", url: str = "/nb/", **more: object) -> Portal:
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": platform, "allowed_hosts": ["www.example.gov.cn"]}
    return Portal.model_validate({**said, "columns": [Column(url=HOST + url)], **more})


def read(
    site: Site, platform: str = "static_list", url: str = "/nb/", **more: object
) -> tuple[ColumnResult, list[str]]:
    """The column and what was asked for, POST in front of what was posted."""
    its_portal, reader, asked = portal(platform, url, **more), load_platform(platform), []

    async def look(address: str, referer: str | None, column: Column) -> Looked:
        put = question(address)
        path = put.url.removeprefix(HOST)
        asked.append(path if put.body is None else f"POST {path}")
        html = site(path)
        body = (html or "").encode()
        answer = Answer(address, address, 404 if html is None else 200, {}, body)
        page = reader.read_list(body, None, address, its_portal, column)
        entries = [
            Entry(one, judge_link(one.title, one.url, its_portal, column_year=column.year, listed_on=one.listed_on))
            for one in page.links
        ]
        signs = Signs(
            page.has_structure or bool(page.lists), page.says_empty, any(e.verdict.is_report for e in entries)
        )
        fetched = Fetched(answer, datetime(2025, 4, 1, tzinfo=UTC), body=body)
        return Looked(fetched, judge(answer, "list", signs), page, entries, column)

    def keep(looked: Looked, entries: list[Entry]) -> ListedPage:
        return ListedPage(0, "")

    return asyncio.run(ColumnReading(its_portal.columns[0], its_portal).read(look, keep)), asked


def title(agency: str, year: int = 2023) -> str:
    return f"柳溪县{agency}{year}年政府信息公开工作年度报告"


def row(number: int, words: str | None = None, folder: str = "/d/") -> str:
    return f'<li><a href="{folder}{number}.html">{words or title(f"第{number}局")}</a><span>2024-01-26</span></li>'


def rows(count: int, first: int = 0) -> str:
    return "<ul>" + "".join(row(number) for number in range(first, first + count)) + "</ul>"


def tabs(*years: int) -> str:
    return NAME + "<div>" + " ".join(f'<a href="/nb/?year={year}">{year}年</a>' for year in years) + "</div>"


def test_a_portal_that_shows_one_list_for_every_year() -> None:
    result, _ = read(lambda path: tabs(2023, 2022, 2021) + ("" if path == "/nb/" else rows(3)))
    assert result.outcome == "unknown" and "shows the very reports of" in result.why
    result, _ = read(lambda path: tabs(2023, 2022, 2021) + rows(3))
    assert result.outcome == "unknown"
    # The years' own lists, the newest of which is the first page's too.
    firsts = {"/nb/": 0, "/nb/?year=2023": 0, "/nb/?year=2022": 10}
    assert read(lambda path: tabs(2023, 2022) + rows(3, firsts[path]))[0].outcome == "ok"


def test_years_that_only_a_script_opens() -> None:
    script = "".join(
        f'<a href="javascript:void(0)" onclick="load({year})">{year}年</a> ' for year in (2024, 2023, 2022)
    )
    choice = "".join(f'<option value="/nb/{year}.html">{year}年</option>' for year in (2024, 2023))
    for bar in (f"<div>{script}</div>", f"<select onchange=go()>{choice}</select>"):
        result, _ = read(lambda path, bar=bar: NAME + bar + rows(3))  # type: ignore[misc]
        assert result.outcome == "unknown" and "only a script opens" in result.why
    # Tabs of lists that are all in the page.
    every = (
        NAME + f"<div>{script}</div><ul>" + "".join(row(y, title("财政局", y)) for y in (2024, 2023, 2022)) + "</ul>"
    )
    assert read(lambda path: every)[0].outcome == "ok"


def test_rows_of_other_lists_do_not_make_up_for_pages_that_are_not_read() -> None:
    news = "<ul>" + "".join(row(n, f"柳溪县召开第{n}次会议", "/xw/") for n in range(20)) + "</ul>"
    result, _ = read(lambda path: rows(15) + news + '共30条 <a href="javascript:go(2)">下一页</a>')
    assert result.outcome == "unknown" and "30 entries" in result.why


@pytest.mark.parametrize("more", [{"pages": {"pattern": "wrong_{n}.html"}}, {"selectors": {"next": "a.nosuch"}}])
def test_a_setting_that_finds_no_page_does_not_silence_the_pager(more: dict[str, object]) -> None:
    result, _ = read(lambda path: rows(3) + '<a href="javascript:go(2)">下一页</a>' if path == "/nb/" else None, **more)  # type: ignore[arg-type]
    assert result.outcome == "unknown" and "leads to none of them" in result.why


def test_a_pattern_may_hold_other_brackets() -> None:
    _, asked = read(lambda path: rows(2) if path == "/nb/" else None, pages={"pattern": "l_{n}.html?t={t}", "first": 2})
    assert asked[1].startswith("/nb/l_2.html?t=")
    for pattern in ("javascript:go({n})", "#{n}"):
        with pytest.raises(ValidationError, match="name of a page"):
            portal(pages={"pattern": pattern})


def data(first: int, last: int, **more: object) -> str:
    found = [{"t": title(f"第{n}局"), "u": f"/d/{n}.html", "d": "2024-01-26"} for n in range(first, last)]
    return json.dumps({"rows": found, **more})


def test_an_endpoint_that_gives_fewer_rows_than_were_thought() -> None:
    def site(path: str) -> str:
        number = int(path.partition("page=")[2] or 0)
        return data(number * 10 - 10, min(number * 10, 35)) if number else "<p>"

    assert (read(site, "json_list", options=JSON)[0].outcome, read(site, "json_list", options=JSON)[0].reports) == (
        "ok",
        35,
    )
    result, asked = read(lambda path: data(0, 10) if "api" in path else "<p>", "json_list", options=JSON)
    assert (result.outcome, len(asked)) == ("unknown", 3)  # the same again, whatever is asked for


def test_an_endpoint_that_refuses_is_not_empty() -> None:
    options = {**JSON, "total": "total"}
    refused = data(0, 0, total=0, code=401, msg="请先登录")
    assert read(lambda path: refused if "api" in path else "<p>", "json_list", options=options)[0].outcome == "unknown"
    assert read(lambda path: data(0, 0, total=0, code=200), "json_list", options=options)[0].outcome == "empty"
    home = f"<meta name=channelid content={'0a' * 16}><script>'/common/search/'+id</script>"
    failed = json.dumps({"code": 500, "msg": "系统繁忙", "data": {"results": [], "total": 0}})
    assert read(lambda path: home if path == "/nb/" else failed, "ucap")[0].outcome == "unknown"


def test_an_endpoint_that_is_no_address() -> None:
    for endpoint in ("http://[x/{page}", "javascript:go({page})"):
        with pytest.raises(ValidationError):
            portal("json_list", options={**JSON, "endpoint": endpoint})


def test_reports_of_two_agencies_that_have_one_title() -> None:
    def article(number: int, name: str, publisher: str) -> dict[str, object]:
        url = f"{HOST}/gkmlpt/content/0/{number}/{name}_{number}.html"
        words = "2023年政府信息公开工作年度报告"
        return {"id": number, "title": words, "url": url, "date": 1706000000, "publisher": publisher}

    articles = [article(11, "post", "县财政局"), article(12, "mpost", "县教育局"), article(13, "mpost", "县财政局")]
    config = "<script>window._CONFIG = {SID:'7', TREE:[{id:2712,name:'信息公开年报',children:[]}]}</script>"
    answer = json.dumps({"articles": articles, "total": 3})
    assert read(lambda p: answer if "api" in p else config, "gkmlpt", "/gkmlpt/index#2712")[0].reports == 2


def test_articles_of_two_sites_that_have_one_number() -> None:
    html = (
        "<ul>"
        + "".join(
            f'<li><a href="{folder}info/100{n}/1203.htm">{title(agency)}</a><span>2024-01-26</span></li>'
            for n, (folder, agency) in enumerate((("/czj/", "财政局"), ("/jyj/", "教育局"), ("/czj/", "财政局")))
        )
        + "</ul>"
    )
    assert read(lambda path: html, "boda")[0].reports == 2


def test_years_of_a_question_that_the_columns_page_only_leads_to() -> None:
    def site(path: str) -> str:
        if path == "/nb/":
            return NAME + '<iframe src="/module/xxgk/xxgkAnnualReport.jsp?area=113"></iframe>'
        year = path[-4:] if "fbtime" in path else "2023"
        choice = "".join(f"<option value={y}>{y}年</option>" for y in (2023, 2022, 2021))
        text = f"<p>发布日期：2024-01-20</p><div>{'总体。' * 60}"
        return f"<select>{choice}</select><h1>{title('', int(year))}</h1>{text}"

    assert read(site, "xxgk")[0].reports == 3


def test_a_form_that_is_not_the_pagers_is_not_sent() -> None:
    pager = '<a href="javascript:go(2)">2</a> <a href="javascript:go(2)">下一页</a>'
    form = '<form method=post action="/vote.do"><input type=radio name=o value=5><input type=hidden name=page></form>'
    for script in ("function go(n){ $.post('/x', {p: n}) }", ""):
        result, asked = read(lambda path, s=script: rows(2) + pager + form + f"<script>{s}</script>", "trs")  # type: ignore[misc]
        assert (result.outcome, asked) == ("unknown", ["/nb/"])


@pytest.mark.parametrize("words", ["共", "第1页/", "浏览次数", "今天是", "第"])
def test_many_blanks_cost_nothing(words: str) -> None:
    source = f"<html><body>{rows(1)}<p>{words}{' ' * 40_000}x 1条</p></body></html>"
    begun = time.monotonic()
    for platform in ("static_list", "longxun", "boda"):
        page = load_platform(platform).read_list(
            source.encode(), None, f"{HOST}/site/label/8888?labelName=publicInfoList", portal(platform), None
        )
        assert isinstance(page, ListPage)
        list_signature(page, source)
    assert time.monotonic() - begun < 3
