"""When a column counts as read to its end."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from crawler.column import ColumnResult, read_column
from crawler.fetch import Fetched
from crawler.outcomes import Answer, Signs, Verdict, judge
from crawler.platforms import ListPage
from crawler.platforms.static_list import read_list
from crawler.portal import Column, Portal

URL = "http://www.example.gov.cn/nb/"


def read(site: dict[str, str], **options: object) -> tuple[ColumnResult, list[str]]:
    """Read the column URL of a portal that has these pages (by name below it); which were asked for."""
    asked: list[str] = []
    portal = Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "static_list",
            "allowed_hosts": ["www.example.gov.cn"],
            "columns": [Column(url=URL)],
            **options,
        }
    )

    async def look(url: str, referer: str | None) -> tuple[Fetched, Verdict, ListPage]:
        name = url.removeprefix(URL)
        asked.append(name)
        html = site.get(name)
        body = (html or "").encode()
        answer = Answer(url, url, 404 if html is None else 200, {}, body)
        page = read_list(body, None, url, portal)
        signs = Signs(page.has_structure, page.says_empty, bool(page.links))
        return Fetched(answer, datetime(2024, 4, 1, tzinfo=UTC), body), judge(answer, "list", signs), page

    result = asyncio.run(read_column(portal.columns[0], portal, look))
    return result, asked


def entry(number: int, what: str = "政府信息公开工作年度报告") -> str:
    return f'<li><a href="{number}.html">柳溪县第{number}局2023年{what}</a><span>2024-01-26</span></li>'


def counted(pages: int) -> str:
    return f'<script>createPageHTML({pages}, 0, "index", "html")</script>'


def test_all_pages() -> None:
    result, asked = read({"": entry(1) + counted(3), "index_1.html": entry(2), "index_2.html": entry(3)})
    assert (result.outcome, result.pages, len(result.reports)) == ("ok", 3, 3)
    assert asked == ["", "index_1.html", "index_2.html"]


def test_next_links_that_lead_back_end() -> None:
    pages = {
        "": entry(1) + '<a href="index_1.html">下一页</a>',
        "index_1.html": entry(2) + '<a href="index.html">1</a><a href="index_1.html">下一页</a>',
    }
    result, asked = read(pages)
    assert (result.outcome, asked) == ("ok", ["", "index_1.html"])


def test_a_missing_page_is_told() -> None:
    result, _ = read({"": entry(1) + counted(2)})
    assert (result.outcome, result.why) == ("gone", "status 404")


def test_the_same_page_every_time_is_not_the_whole_list() -> None:
    same = entry(1) + counted(3)
    result, asked = read({"": same, "index_1.html": same, "index_2.html": same})
    assert result.outcome == "unknown" and "says 3 pages, 1 with entries" in result.why
    assert len(asked) == 3


def test_a_counter_that_is_not_understood() -> None:
    result, _ = read({"": entry(1) + "<script>createPageHTML(total, now)</script>"})
    assert result.outcome == "unknown" and "pages.pattern" in result.why


def test_pattern_ends_with_a_page_that_is_not_there_or_a_stub_or_nothing_new() -> None:
    ends: list[Callable[[dict[str, str]], object]] = [
        lambda pages: None,
        lambda pages: pages.update({"p3.html": "<html><p>stub</p></html>"}),
        lambda pages: pages.update({"p3.html": entry(2)}),
    ]
    for end in ends:
        pages = {"": entry(1), "p2.html": entry(2)}
        end(pages)
        result, asked = read(pages, pages={"pattern": "p{n}.html", "first": 2})
        assert (result.outcome, asked, len(result.reports)) == ("ok", ["", "p2.html", "p3.html"], 2)


def test_too_many_pages() -> None:
    result, asked = read({"": entry(1) + counted(5), "index_1.html": entry(2)}, max_pages=2)
    assert result.outcome == "unknown" and "max_pages = 2" in result.why and len(asked) == 2


def test_a_list_without_reports_is_unknown_not_empty() -> None:
    result, _ = read({"": entry(1, "政府信息公开指南")})
    assert (result.outcome, result.why) == ("unknown", "none of 1 links has the title of a report")


def test_a_challenge_on_page_two_ends_the_column_as_blocked() -> None:
    pages = {
        "": entry(1) + counted(3),
        "index_1.html": "<script>$_ts=window['$_ts'];</script>",
        "index_2.html": entry(3),
    }
    result, asked = read(pages)
    assert (result.outcome, len(result.reports), asked) == ("blocked", 1, ["", "index_1.html"])


def test_the_columns_own_pages_are_no_reports() -> None:
    links = f'<a href="{URL}index.html">2023年政府信息公开年报</a><a href="/x/">政府信息公开年报</a>'
    result, _ = read({"": links + entry(1)})
    assert [link.url for link in result.reports] == [URL + "1.html"]
