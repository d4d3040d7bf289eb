"""When a column counts as read to its end, and which of its entries lead somewhere."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from crawler.asking.fetch import Fetched
from crawler.outcomes.verdict import Answer, Signs, judge
from crawler.platforms import ListPage, SubList
from crawler.platforms.static_list import read_list
from crawler.portal import Column, Portal
from crawler.walk.column import ColumnReading, ColumnResult, Entry, Looked
from crawler.walk.links import judge_link
from crawler.walk.shrinking import shrunken
from db.collected.crawls import ReadBefore
from db.records import ListedPage

URL = "http://www.example.gov.cn/nb/"
Reader = Callable[[bytes, str | None, str, Portal], ListPage]


class Read:
    """A column that was read: its result, the pages asked for (by name), the entries kept, page by page."""

    def __init__(
        self,
        site: dict[str, str],
        year: int | None = None,
        headers: dict[str, str] | None = None,
        reader: Reader = read_list,
        **options: object,
    ) -> None:
        self._headers = headers or {}
        self._reader = reader
        self.asked: list[str] = []
        self.kept: list[list[Entry]] = []
        self._site = site
        self._portal = Portal.model_validate(
            {
                "id": "liuxi",
                "name": "柳溪县人民政府",
                "platform": "static_list",
                "allowed_hosts": ["www.example.gov.cn"],
                "columns": [Column(url=URL, year=year)],
                **options,
            }
        )
        reading = ColumnReading(self._portal.columns[0], self._portal)
        self.result: ColumnResult = asyncio.run(reading.read(self._look, self._keep))

    async def _look(self, url: str, referer: str | None, column: Column) -> Looked:
        name = url.removeprefix(URL)
        self.asked.append(name)
        html = self._site.get(name)
        body = (html or "").encode()
        answer = Answer(url, url, 404 if html is None else 200, self._headers, body)
        page = self._reader(body, None, url, self._portal)
        entries = [
            Entry(
                link, judge_link(link.title, link.url, self._portal, column_year=column.year, listed_on=link.listed_on)
            )
            for link in page.links
        ]
        signs = Signs(page.has_structure or bool(page.lists), page.says_empty, bool(page.links))
        fetched = Fetched(answer, datetime(2024, 4, 1, tzinfo=UTC), body=body)
        return Looked(fetched, judge(answer, "list", signs), page, entries, column)

    def _keep(self, looked: Looked, entries: list[Entry]) -> ListedPage:
        self.kept.append(entries)
        return ListedPage(len(self.kept), "hash")

    @property
    def reports(self) -> list[str]:
        """The names of the reports that are kept."""
        return [e.link.url.removeprefix(URL) for entries in self.kept for e in entries if e.verdict.is_report]


def read(site: dict[str, str], **options: object) -> tuple[ColumnResult, list[str]]:
    done = Read(site, **options)  # type: ignore[arg-type]
    return done.result, done.asked


def entry(number: int, what: str = "政府信息公开工作年度报告") -> str:
    return f'<li><a href="{number}.html">柳溪县第{number}局2023年{what}</a><span>2024-01-26</span></li>'


def counted(pages: int) -> str:
    return f'<script>createPageHTML({pages}, 0, "index", "html")</script>'


def test_all_pages() -> None:
    result, asked = read({"": entry(1) + counted(3), "index_1.html": entry(2), "index_2.html": entry(3)})
    assert (result.outcome, result.pages, result.reports) == ("ok", 3, 3)
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
    ends: list[tuple[Callable[[dict[str, str]], object], list[str]]] = [
        (lambda pages: None, ["p4.html"]),  # one page may be missing in the midst
        (lambda pages: pages.update({"p3.html": "<html><p>stub</p></html>"}), ["p4.html"]),
        (lambda pages: pages.update({"p3.html": entry(2)}), []),
    ]
    for end, more in ends:
        pages = {"": entry(1), "p2.html": entry(2)}
        end(pages)
        result, asked = read(pages, pages={"pattern": "p{n}.html", "first": 2})
        assert (result.outcome, asked, result.reports) == ("ok", ["", "p2.html", "p3.html", *more], 2)


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
    assert (result.outcome, result.reports, asked) == ("blocked", 1, ["", "index_1.html"])


def test_the_columns_own_pages_are_no_reports() -> None:
    links = f'<a href="{URL}index.html">2023年政府信息公开年报</a><a href="/x/">政府信息公开年报</a>'
    done = Read({"": links + entry(1)})
    assert (done.reports, done.result.reports) == (["1.html"], 1)


def test_a_report_on_two_pages_counts_once_and_is_kept_with_each() -> None:
    done = Read({"": entry(1) + entry(2) + counted(2), "index_1.html": entry(2) + entry(3)})
    assert (done.result.outcome, done.result.reports, len(done.result.listing)) == ("ok", 3, 2)
    assert done.reports == ["1.html", "2.html", "2.html", "3.html"]


def test_neighbours_are_kept_and_are_no_reports() -> None:
    form = '<li><a href="w.html">柳溪县政府网站工作年度报表（2023年度）</a><span>2024-01-20</span></li>'
    guide = '<li><a href="g.html">柳溪县政府信息公开指南</a><span>2024-01-20</span></li>'
    done = Read({"": entry(1) + form + guide})
    assert [(e.link.url[-6:], e.verdict.kind) for e in done.kept[0]] == [
        ("1.html", "report"),
        ("w.html", "website_form"),
    ]
    assert done.result.reports == 1


def of_year(number: int, year: str) -> str:
    return entry(number).replace("2023年", year)


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        (of_year(1, "2022年") + of_year(2, "2021年"), "unknown"),
        (of_year(1, "2022年") + of_year(2, "2023年"), "ok"),
        (of_year(1, "2022年") + of_year(2, ""), "ok"),  # a title without a year is of the column's
    ],
)
def test_the_list_of_another_year_in_the_place_of_the_one_asked_for(entries: str, outcome: str) -> None:
    done = Read({"": entries}, year=2023)
    assert done.result.outcome == outcome
    if outcome == "unknown":
        assert done.result.why == "the list of 2023 shows reports of 2021, 2022 in its place"
        assert len(done.reports) == 2, "what it shows is kept all the same"


NEXT = '<a href="index_1.html">下一页</a>'
NEWS = "".join(f'<li><a href="/news/{n}.html">县委召开会议{n}</a><span>2024-01-26</span></li>' for n in range(9))


@pytest.mark.parametrize("second", [entry(1) + NEXT, NEWS, "<a href=/x/>新闻</a>" + entry(1)])
def test_a_further_page_that_is_the_same_again_or_another_one(second: str) -> None:
    result, _ = read({"": entry(1) + NEXT, "index_1.html": second})
    assert result.outcome == "unknown" and "brings no new entry of the list" in result.why


def test_a_further_page_of_a_mixed_list_may_have_no_report() -> None:
    guide = '<li><a href="g{}.html">柳溪县工作制度{}</a><span>2024-01-20</span></li>'
    result, _ = read({"": entry(1) + guide.format(1, 1) + NEXT, "index_1.html": guide.format(2, 2)})
    assert (result.outcome, result.pages) == ("ok", 2)


def test_the_first_page_under_its_other_name() -> None:
    result, asked = read({"": entry(1) + '<a href="list.html">1</a><a rel=next href="list.html">1</a>',
                          "list.html": entry(1)})  # fmt: skip
    assert (result.outcome, asked) == ("ok", ["", "list.html"])


def test_a_second_page_named_list_html_is_read() -> None:
    result, asked = read({"": entry(1) + '<a href="list.html">下一页</a>', "list.html": entry(2)})
    assert (result.outcome, result.reports, asked) == ("ok", 2, ["", "list.html"])


@pytest.mark.parametrize(("said", "outcome"), [("共57条", "unknown"), ("共1条", "ok"), ("第1页/共1页", "ok")])
def test_what_a_list_says_that_it_has(said: str, outcome: str) -> None:
    result, _ = read({"": f"<ul>{entry(1)}</ul><div>{said}</div>"})
    assert result.outcome == outcome


def test_a_dead_next_is_the_end_where_all_entries_are_there() -> None:
    result, _ = read({"": f"<ul>{entry(1)}</ul><div>共1条 <a href='javascript:;'>下一页</a></div>"})
    assert result.outcome == "ok"
    result, _ = read({"": f"<ul>{entry(1)}</ul><div><a href='javascript:;'>下一页</a></div>"})
    assert result.outcome == "unknown" and "could not be followed; set pages.pattern" in result.why


@pytest.mark.parametrize("missing", [None, "<html><p>stub</p></html>"])
def test_a_page_that_is_missing_in_the_midst_of_a_pattern(missing: str | None) -> None:
    pages = {"": entry(1), "p3.html": entry(3)} | ({"p2.html": missing} if missing else {})
    result, _ = read(pages, pages={"pattern": "p{n}.html", "first": 2})
    assert result.outcome == "unknown" and "p2.html is missing although" in result.why


def test_a_page_that_breaks_off_is_no_whole_list_but_its_entries_are_kept() -> None:
    done = Read({"": f"<html><body><ul>{entry(1)}"})
    assert (done.result.outcome, done.result.why) == ("unknown", "the page breaks off before its end")
    assert done.reports == ["1.html"]
    for whole in (f"<html><body><ul>{entry(1)}</ul></body></html>", f"<ul>{entry(1)}"):
        assert read({"": whole})[0].outcome == "ok"


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"age": "1209600"}, "unknown"),
        ({"age": "600"}, "ok"),
        ({"age": "x"}, "ok"),
        ({"date": "Fri, 29 Mar 2024 00:00:00 GMT"}, "unknown"),
        ({"date": "Mon, 01 Apr 2024 00:00:00 GMT"}, "ok"),
        ({"date": "yesterday"}, "ok"),
    ],
)
def test_a_list_out_of_an_old_cache(headers: dict[str, str], outcome: str) -> None:
    done = Read({"": entry(1)}, headers=headers)
    assert (done.result.outcome, done.reports) == (outcome, ["1.html"])


def test_pages_that_only_send_on_come_to_an_end() -> None:
    def on(name: str) -> str:
        return f"<script>location.replace('{name}')</script>"

    site = {"": on("a1"), **{f"a{n}": on(f"a{n + 1}") for n in range(1, 9)}}
    result, asked = read(site)
    assert result.outcome == "unknown" and "only send on" in result.why and len(asked) == 4


DAY = datetime(2024, 4, 1, tzinfo=UTC)
FULL = frozenset("abcdef")


@pytest.mark.parametrize(
    ("pages", "links", "later", "is_shrunken"),
    [
        (3, "abcdef", [], False),
        (3, "abcd", [], False),
        (2, "abcde", [], True),
        (2, "abcdefg", [], False),
        (3, "ab", [], True),
        (2, "ab", [(1, "ab", 2)], True),  # of yesterday alone
        (2, "abg", [(4, "ab", 2)], False),
        (2, "ab", [(4, "abc", 2)], True),
        (2, "ab", [(4, "", 2)], True),
    ],
)
def test_a_list_that_lost_much(pages: int, links: str, later: list[tuple[int, str, int]], is_shrunken: bool) -> None:
    now = DAY + timedelta(days=9)
    earlier = [ReadBefore(DAY, "ok", 3, FULL)] + [
        ReadBefore(now - timedelta(days=days), "unknown", count, frozenset(had)) for days, had, count in later
    ]
    assert (shrunken(pages, frozenset(links), earlier, now) is not None) is is_shrunken
    assert shrunken(pages, frozenset(links), [], now) is None


def with_lists(body: bytes, charset: str | None, url: str, portal: Portal) -> ListPage:
    """static_list, and beside it: `lists:a/=2022,b/=` names further lists with their years, `shell` a page without a
    list of its own."""
    page, text = read_list(body, charset, url, portal), body.decode()
    for name, year in re.findall(r"([\w./]+)=(\d*)", text.partition("lists:")[2].partition("<")[0]):
        page.lists.append(SubList(URL + name, int(year) if year else None))
    if "shell" in text:
        page.is_shell = page.has_structure = True
        page.further = [URL + name for name in re.findall(r"then:([\w./]+)", text)]
    return page


def agency_row(name: str, agency: str, year: str = "2023") -> str:
    return f"<li><a href={name}>{agency}{year}年政府信息公开工作年度报告</a><span>2024-01-30</span></li>"


def test_each_list_of_a_column_is_counted_for_itself() -> None:
    site = {
        "": "lists:a/=2022,b/=2021<p>",
        "a/": f"<ul>{agency_row('1.html', '财政局', '2022')}</ul><a href=2.html>下一页</a>共2条",
        "a/2.html": f"<ul>{agency_row('3.html', '水利局', '2022')}</ul>",
        "b/": f"<ul>{agency_row('1.html', '财政局', '2021')}</ul>lists:a/=2022<p>",
    }
    done = Read(site, reader=with_lists)
    assert (done.result.outcome, done.result.reports, done.result.pages) == ("ok", 3, 4)
    assert done.reports == ["a/1.html", "b/1.html", "a/3.html"]
    # One of them is short: the column is not read.
    short = Read(site | {"a/2.html": site["a/"]}, reader=with_lists).result
    assert short.outcome == "unknown" and "nb/a/: a further page brings no new entry" in short.why
    gone = {name: page for name, page in site.items() if name != "b/"}
    assert Read(gone, reader=with_lists).result.outcome == "gone"


def test_a_list_of_several_that_shows_nothing_is_in_doubt_unless_it_says_so() -> None:
    site = {"": "lists:a/=2022,b/=2021<p>", "a/": f"<ul>{agency_row('1.html', '财政局', '2022')}</ul>"}
    other = "<div class=list><ul><li><a href=/n/1.html>植树节</a><span>2024-01-30</span></li></ul></div>"
    doubtful = Read(site | {"b/": other}, reader=with_lists).result
    assert doubtful.outcome == "unknown" and "nb/b/: it shows no report" in doubtful.why
    assert Read(site | {"b/": "<ul class=list><li>暂无相关信息</li></ul>"}, reader=with_lists).result.outcome == "ok"


def test_the_year_of_a_list_is_that_of_its_entries() -> None:
    row = "<li><a href=1.html>财政局政府信息公开工作年度报告</a></li>"
    done = Read({"": "lists:a/=2022<p>", "a/": f"<ul>{row}</ul>"}, reader=with_lists)
    assert [e.verdict.year for entries in done.kept for e in entries] == [2022]


def test_a_page_that_only_leads_to_its_list_is_no_page_of_it() -> None:
    site = {"": "shell then:data", "data": f"<ul>{agency_row('1.html', '财政局')}</ul>共1条 第1页/共1页"}
    done = Read(site, reader=with_lists)
    assert (done.result.outcome, done.result.pages, done.result.reports) == ("ok", 1, 1)
    empty = Read({"": "shell then:data", "data": "<ul class=list><li>暂无相关信息</li></ul>"}, reader=with_lists).result
    assert (empty.outcome, empty.pages) == ("empty", 1)
    circle = Read({"": "shell then:data", "data": "shell then:more then:data"}, reader=with_lists).result
    assert circle.outcome == "gone"
    endless = {str(number): f"shell then:{number + 1}" for number in range(9)} | {"": "shell then:0"}
    assert "only send on" in Read(endless, reader=with_lists).result.why


def test_a_page_past_the_end_of_what_is_counted_is_no_doubt() -> None:
    def reader(body: bytes, charset: str | None, url: str, portal: Portal) -> ListPage:
        page = with_lists(body, charset, url, portal)
        page.further = [URL + name for name in re.findall(r"then:([\w./#]+)", body.decode())]
        return page

    first = f"<ul>{agency_row('1.html', '财政局')}</ul> then:2#xhr"
    empty = "<ul class=list><li>暂无相关信息</li></ul>"
    assert Read({"": first, "2#xhr": empty}, reader=reader).result.outcome == "ok"
    # A page that the list itself names, or that says nothing, is another matter.
    assert Read({"": first.replace("#xhr", ""), "2": empty}, reader=reader).result.outcome == "unknown"
    nothing = "<html><body><p>系统繁忙</p></body></html>"
    assert Read({"": first, "2#xhr": nothing}, reader=reader).result.outcome == "unknown"
    counted = Read({"": f"{first} 共2条", "2#xhr": empty}, reader=reader).result
    assert counted.outcome == "unknown" and "2 entries" in counted.why


def test_the_last_page_of_a_list_without_dates_may_hold_no_report() -> None:
    name, pager = "<title>政府信息公开年报_柳溪县</title>", "第{}页/共2页 <a href=2.html>下一页</a>"
    first = f"{name}<ul><li><a href=1.html>财政局2023年政府信息公开工作年度报告</a></li></ul>{pager.format(1)}"
    guide = f"{name}<ul><li><a href=zn.html>柳溪县政府信息公开指南</a></li></ul>"
    assert Read({"": first, "2.html": guide + pager.format(2)}).result.outcome == "ok"
    # Without the list's own pager it may be any page, and so may one that brings nothing new.
    assert Read({"": first, "2.html": guide}).result.outcome == "unknown"
    assert Read({"": first, "2.html": f"{name}{pager.format(2)}"}).result.outcome == "unknown"
    assert Read({"": first, "2.html": first}).result.outcome == "unknown"


def test_the_last_page_of_a_list_of_dated_reports_may_hold_a_guide_alone() -> None:
    name, pager = "<title>政府信息公开年报_柳溪县</title>", "第{}页/共{}页 <a href=2.html>下一页</a>"
    report = "<li><a href=1.html>财政局2023年政府信息公开工作年度报告</a><span>2024-01-20</span></li>"
    guide = "<li><a href=zn.html>柳溪县政府信息公开指南</a><span>2022-01-04</span></li>"
    first, last = f"{name}<ul>{report}</ul>", f"{name}<ul>{guide}</ul>"
    assert Read({"": first + pager.format(1, 2), "2.html": last + pager.format(2, 2)}).result.outcome == "ok"
    # A pager that counts other pages may be that of another list.
    assert Read({"": first + pager.format(1, 2), "2.html": last + pager.format(2, 3)}).result.outcome == "unknown"
    assert Read({"": first + pager.format(1, 2), "2.html": last}).result.outcome == "unknown"
