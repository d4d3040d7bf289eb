"""Whole crawls by the real child process against a portal on loopback that is built here."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from crawler.run import crawl_portal
from crawler.summary import CrawlSummary
from db.archive import Archive
from db.records import ColumnRead, Neighbour, Sighting
from tests.crawler.small_site import Page, Site, detail, html, portal, row, serve, title, visits

NOW = datetime(2024, 4, 1, 2, 0, tzinfo=UTC)


def build(site: Site, other: Site) -> None:
    rows = [
        row("./d/finance.html", "财政局"),
        row("d/absent.html", "水利局"),
        row("d/soft.html", "体育局"),
        row("d/wall.html", "公安局"),
        row("d/busy.html", "司法局"),
        row("d/away.html", "卫健局"),
        row("/private/x.html", "档案局"),
        row("report.pdf", "商务局"),
        row(f"http://{other.host}/w.html", "文旅局"),
        '<li><a href="form.html">柳溪县政府网站工作年度报表（2023年度）</a><span>2024-01-26</span></li>',
    ]
    pager = '<script>createPageHTML(2, 0, "index", "html");</script>'
    site.pages |= {
        "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /private/\n"),
        "/nb/": html(f'<a href="/nb/index.html">政府信息公开年报</a><ul>{"".join(rows)}</ul>{pager}', ETag='"list"'),
        "/nb/index_1.html": html(f"<ul>{row('d/town.html', '青石镇人民政府')}</ul>{pager}", encoding="gb18030"),
        "/nb/d/finance.html": detail("财政局", '<a href="a.pdf">附件</a><a href="b.docx">附件2</a>'),
        "/nb/d/a.pdf": (200, {"Content-Type": "text/html", "ETag": '"pdf"'}, b"%PDF-1.7 finance"),
        "/nb/d/b.docx": html("请登录后下载"),
        "/nb/d/soft.html": html("<h2>您访问的页面不存在或已删除</h2>"),
        "/nb/d/wall.html": html("<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script>", status=412),
        "/nb/d/busy.html": lambda n: html("busy", 429, Retry_After="0") if n == 1 else detail("司法局"),
        "/nb/d/away.html": (302, {"Location": f"http://{other.host}/away.html"}, b""),
        "/nb/d/town.html": detail("青石镇人民政府"),
        "/nb/form.html": html(
            f"<h1>柳溪县政府网站工作年度报表</h1><div id=zoom>{'网站名称 ' * 40}</div>", ETag='"form"'
        ),
        "/nb/report.pdf": (200, {}, b"%PDF-1.7 commerce"),
        "/empty/": html("<div class=list>暂无相关信息</div>"),
        "/wall/": html("<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script>", status=412),
        "/shell/": html("<script>location.replace('./2023nb/')</script>"),
        "/shell/2023nb/": html(f"<ul>{row('t.html', '教育局')}</ul>"),
        "/shell/2023nb/t.html": detail("教育局"),
        "/script/": html(f"<div id=app></div><script>var pageCount = 3;</script>{row('s.html', '人社局')}"),
        "/script/s.html": detail("人社局"),
    }
    other.pages = {path: html("never to be asked") for path in ("/w.html", "/away.html", "/robots.txt")}


class Crawled(NamedTuple):
    """What the first crawl came to and left; the second (summary, paths); the third (summary, visits, reads, asked)."""

    first: CrawlSummary
    asked: list[tuple[str, dict[str, str]]]
    seen: dict[str, tuple[str, str, int | None, str | None]]
    reads: dict[str, ColumnRead]
    sightings: dict[str, Sighting]
    neighbours: list[Neighbour]
    progress: list[dict[str, object]]
    elsewhere: list[tuple[str, dict[str, str]]]
    next_day: tuple[CrawlSummary, list[str]]
    again: tuple[Any, ...]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl of a portal with all its oddities; a second one on the next day, and one of all pages again."""
    folder = tmp_path_factory.mktemp("crawl")
    progress: list[dict[str, object]] = []
    with serve() as site, serve() as other:
        build(site, other)
        columns = ("/nb/", "/empty/", "/gone/", "/wall/", "/shell/", "/script/")
        checked = portal(site, *columns, expect={"min": 5, "max": 6})
        path = folder / "a.db"
        first = crawl_portal(checked, path, contact="watch@example.org", now=NOW, on_progress=progress.append)
        asked = site.asked
        with Archive.open(path) as archive:
            seen = visits(archive)
            reads = {read.column.split("/", 3)[3]: read for read in archive.column_reads("liuxi")}
            sightings = {sighting.url.split("/", 3)[3]: sighting for sighting in archive.sightings_to_read("none")}
            neighbours = archive.neighbours.listed()
        site.asked = []
        second = crawl_portal(portal(site, "/nb/"), path, contact=None, now=NOW.replace(day=2))
        next_day = second, site.paths()
        site.asked = []
        third = crawl_portal(portal(site, "/nb/"), path, contact=None, now=NOW.replace(day=3), again=True)
        with Archive.open(path) as archive:
            again = third, visits(archive), archive.column_reads("liuxi", NOW.replace(day=3)), site.asked
        yield Crawled(first, asked, seen, reads, sightings, neighbours, progress, other.asked, next_day, again)


def test_outcomes_of_every_visit(crawled: Crawled) -> None:
    seen = crawled.seen
    assert seen["robots.txt"] == ("robots", "ok", 200, None)
    assert seen["nb/"] == ("list", "ok", 200, None)
    assert seen["nb/index_1.html"] == ("list", "ok", 200, None)
    assert seen["nb/d/finance.html"] == ("detail", "ok", 200, None)
    assert seen["nb/d/a.pdf"] == ("attachment", "ok", 200, None)
    assert seen["nb/d/b.docx"] == ("attachment", "failed", 200, "a web page came where a file was asked for")
    assert seen["nb/d/absent.html"] == ("detail", "gone", 404, "status 404")
    assert seen["nb/d/soft.html"][:3] == ("detail", "gone", 200)
    assert seen["nb/d/wall.html"] == ("detail", "blocked", 412, "challenge: Ruishu")
    assert seen["nb/d/busy.html"] == ("detail", "ok", 200, None)
    assert seen["nb/report.pdf"] == ("attachment", "ok", 200, None)
    assert seen["private/x.html"] == ("detail", "blocked", None, "robots")
    assert seen["empty/"] == ("list", "empty", 200, "page says 暂无相关信息")
    assert seen["gone/"][:3] == ("list", "gone", 404)
    assert seen["wall/"] == ("list", "blocked", 412, "challenge: Ruishu")
    assert seen["shell/"] == ("list", "ok", 200, "page sends on to ./2023nb/")
    assert "w.html" not in seen, "a host that nobody named"
    assert seen["nb/form.html"] == ("detail", "ok", 200, None)
    kind, outcome, status, evidence = seen["nb/d/away.html"]
    assert (kind, outcome, status) == ("detail", "unknown", 302) and "redirected to http://127.0.0.1" in evidence


def test_columns_are_ok_only_if_read_to_their_end(crawled: Crawled) -> None:
    reads = crawled.reads
    assert {column: (read.outcome, read.pages, len(read.links)) for column, read in reads.items()} == {
        "nb/": ("ok", 2, 10),
        "empty/": ("empty", 1, 0),
        "gone/": ("gone", 1, 0),
        "wall/": ("blocked", 1, 0),
        "shell/": ("ok", 1, 1),
        "script/": ("unknown", 1, 1),
    }
    first = reads["nb/"].links[0]
    assert (first.title, first.listed_on) == (title("财政局"), "2024-01-26")
    assert reads["nb/"].links[-1].title == title("青石镇人民政府")
    assert reads["nb/"].at >= NOW


def test_sightings_are_the_documents_that_came(crawled: Crawled) -> None:
    sightings = crawled.sightings
    assert {url: sighting.part for url, sighting in sightings.items()} == {
        "nb/d/finance.html": "page",
        "nb/d/a.pdf": "attachment",
        "nb/d/busy.html": "page",
        "nb/report.pdf": "attachment",
        "nb/d/town.html": "page",
        "shell/2023nb/t.html": "page",
        "script/s.html": "page",
    }
    attached = sightings["nb/d/a.pdf"]
    assert attached.page_url.endswith("/nb/d/finance.html") and attached.title == title("财政局")
    assert sightings["nb/report.pdf"].page_url.endswith("/nb/")


def test_neighbours_are_kept_by_kind_and_are_no_sightings(crawled: Crawled) -> None:
    (form,) = crawled.neighbours
    assert (form.kind, form.url.split("/", 3)[3], form.listed_on) == ("website_form", "nb/form.html", "2024-01-26")
    assert "nb/form.html" not in crawled.sightings


def test_summary_and_progress(crawled: Crawled) -> None:
    first = crawled.first
    assert (first.outcome, first.requests, first.reports) == ("partial", len(crawled.asked), 11)
    assert (first.resumed, first.left, first.sightings) == (False, 0, 7)
    assert first.columns == {"ok": 2, "empty": 1, "gone": 1, "blocked": 1, "unknown": 1}
    assert first.new_documents == 8, "seven of reports, one of a neighbour; no list, no error page"
    assert first.robots == {"ok": 1} and sum(first.visits.values()) == len(crawled.seen) - 1
    told = "\n".join(first.errors)
    assert "/gone/: gone: status 404" in told
    assert "/script/: unknown: the list says 3 pages, 1 with entries were read" in told
    assert "11 reports are listed, expect.max is 6" in told
    assert "2 documents could not be fetched" in told
    assert "4 listed reports did not come (2 gone, 1 " in told and "1 forbidden by robots.txt" in told
    assert {message["event"] for message in crawled.progress} == {"progress"}
    assert 1 <= len(crawled.progress) <= sum(first.visits.values())


def test_other_hosts_and_refused_paths_were_never_asked(crawled: Crawled) -> None:
    assert crawled.elsewhere == []
    paths = [path for path, _ in crawled.asked]
    assert "/private/x.html" not in paths
    assert paths[0] == "/robots.txt" and paths.count("/robots.txt") == 1
    assert paths.count("/nb/d/busy.html") == 2


def test_every_request_says_who_asks(crawled: Crawled) -> None:
    agents = {headers["user-agent"] for _, headers in crawled.asked}
    assert len(agents) == 1
    agent = agents.pop()
    assert agent.startswith("nianbao/") and agent.endswith(" (+contact: watch@example.org)")


def test_the_next_crawl_reads_the_lists_and_asks_for_what_did_not_come(crawled: Crawled) -> None:
    second, paths = crawled.next_day
    assert paths[:3] == ["/robots.txt", "/nb/", "/nb/index_1.html"]
    # Gone pages are looked at daily for some days; of the others those that were refused or failed.
    assert sorted(paths[3:]) == [f"/nb/d/{name}" for name in ("absent.html", "b.docx", "soft.html", "wall.html")]
    assert (second.new_documents, second.sightings, second.outcome) == (0, 0, "partial")


def test_every_known_page_again_asks_conditionally(crawled: Crawled) -> None:
    third, seen, (read,), asked = crawled.again
    conditions = {path: headers.get("if-none-match") for path, headers in asked}
    assert conditions["/nb/"] == '"list"' and conditions["/nb/d/a.pdf"] == '"pdf"'
    assert seen["nb/"] == ("list", "unchanged", 304, None)
    assert seen["nb/index_1.html"] == ("list", "unchanged", 200, "same bytes")
    assert seen["nb/d/finance.html"] == ("detail", "unchanged", 304, None)
    assert seen["nb/d/a.pdf"] == ("attachment", "unchanged", 304, None)
    assert seen["nb/report.pdf"] == ("attachment", "unchanged", 200, "same bytes")
    assert seen["nb/form.html"] == ("detail", "unchanged", 304, None)
    assert (read.outcome, read.pages, len(read.links)) == ("ok", 2, 10)
    assert (third.new_documents, third.sightings) == (0, 7)


def test_refused_by_robots(tmp_path: Path) -> None:
    with serve() as site:
        site.pages = {"/robots.txt": (200, {}, b"User-agent: *\nDisallow: /"), "/nb/": html(row("x.html", "财政局"))}
        summary = crawl_portal(portal(site, "/nb/"), tmp_path / "a.db", contact=None)
        assert site.paths() == ["/robots.txt"]
    assert (summary.outcome, summary.columns) == ("blocked", {"blocked": 1})
    with Archive.open(tmp_path / "a.db") as archive:
        assert visits(archive)["nb/"] == ("list", "blocked", None, "robots")


def test_nothing_is_fetched_without_robots_txt(tmp_path: Path) -> None:
    with serve() as site:
        site.pages = {"/robots.txt": html("down", 503), "/nb/": html(row("x.html", "财政局"))}
        summary = crawl_portal(portal(site, "/nb/"), tmp_path / "a.db", contact=None)
        assert site.paths() == ["/robots.txt"] * 5
    assert (summary.outcome, summary.columns, summary.requests) == ("failed", {"failed": 1}, 5)
    assert "robots.txt could not be read: status 503" in summary.errors[0]


def test_a_crawl_that_hangs_is_ended(tmp_path: Path) -> None:
    release = threading.Event()

    def hang(_: int) -> Page:
        release.wait(20)
        return html("late")

    with serve() as site:
        site.pages = {"/nb/": hang}
        begun = time.monotonic()
        summary = crawl_portal(portal(site, "/nb/"), tmp_path / "a.db", contact=None, timeout_s=2.0)
        took = time.monotonic() - begun
        release.set()
    assert summary.outcome == "failed" and took < 12
    assert "was ended after 2 s" in summary.errors[-1]
    with Archive.open(tmp_path / "a.db") as archive:
        assert archive.column_reads("liuxi") == []


def test_a_child_that_is_killed_gives_a_failed_summary(tmp_path: Path) -> None:
    def kill(_: int) -> Page:
        for entry in Path("/proc").glob("[0-9]*/stat"):
            fields = entry.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == os.getpid() and b"crawler.child" in (entry.parent / "cmdline").read_bytes():
                os.kill(int(entry.parent.name), 9)
        return html("too late")

    if not Path("/proc/self/stat").exists():
        pytest.skip("finds the child in /proc, which this system does not have")
    with serve() as site:
        site.pages = {"/nb/": kill}
        summary = crawl_portal(portal(site, "/nb/"), tmp_path / "a.db", contact=None)
    assert summary.outcome == "failed"
    assert summary.errors == ["liuxi: the crawl's process was killed by SIGKILL; see the log"]


def test_an_archive_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    with serve() as site:
        summary = crawl_portal(portal(site, "/nb/"), tmp_path / "absent" / "a.db", contact=None)
        assert site.asked == []
    assert summary.outcome == "failed" and len(summary.errors) == 1 and "folder does not exist" in summary.errors[0]


def test_a_portal_that_lists_less_than_expected_is_broken_and_not_silent(tmp_path: Path) -> None:
    with serve() as site:
        site.pages = {"/nb/": html(f"<ul>{row('a.html', '财政局')}</ul>"), "/nb/a.html": detail("财政局")}
        checked = portal(site, "/nb/", expect={"min": 2})
        summary = crawl_portal(checked, tmp_path / "a.db", contact=None, now=NOW)
        assert summary.outcome == "failed"
        assert "1 report is listed, expect.min is 2" in " ".join(summary.errors)
        stopped = crawl_portal(
            portal(site, "/nb/", expect={"min": 2}, daily_budget=4), tmp_path / "b.db", contact=None, now=NOW
        )
        assert stopped.outcome == "failed"  # and not partial, whatever ended it
    with Archive.open(tmp_path / "a.db") as archive:
        ((begun, ended),) = archive.crawls.doubtful_spans("liuxi")
        (read,) = archive.column_reads("liuxi")
        assert begun <= read.at <= ended
        # What it listed is kept all the same.
        assert [sighting.title for sighting in archive.sightings_to_read("none")] == [title("财政局")]
