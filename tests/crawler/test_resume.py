"""Crawls that end before their work does, and the next ones that go on: budgets, leases, postponed crawls."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from crawler.run import crawl_portal
from crawler.summary import CrawlSummary
from crawler.walk.work import MOST_FILES
from db.archive import Archive
from monitor.first import first_crawls
from tests.crawler.small_site import Site, detail, html, portal, row, serve, visits

NOW = datetime(2024, 4, 1, 2, 0, tzinfo=UTC)
REPORTS = 6


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        rows = "".join(row(f"d{n}.html", f"第{n}局") for n in range(REPORTS))
        served.pages = {f"/nb/d{n}.html": detail(f"第{n}局") for n in range(REPORTS)} | {
            "/nb/": html(f"<ul>{rows}</ul>")
        }
        yield served


def crawl(site: Site, archive: Path, day: int = 0, **options: object) -> CrawlSummary:
    site.asked = []
    now = NOW + timedelta(days=day)
    return crawl_portal(portal(site, "/nb/", **options), archive, contact=None, now=now)


def ends(archive: Archive) -> list[tuple[str, int]]:
    return [(outcome, complete) for outcome, complete in archive.query("SELECT outcome, is_complete FROM crawls")]


def test_a_budget_spreads_the_first_load_over_days_and_nothing_comes_twice(site: Site, tmp_path: Path) -> None:
    path, pages = tmp_path / "a.db", []
    wanted = portal(site, "/nb/")
    for day in range(2):
        summary = crawl(site, path, day, daily_budget=5)
        assert (summary.outcome, summary.left) == (("partial", 3) if day == 0 else ("ok", 0))
        pages += [asked for asked in site.paths() if "/d" in asked]
        with Archive.open(path) as archive:
            assert first_crawls(archive, [wanted]) == ({"liuxi"} if summary.left else set())
        if day == 0:
            assert "the budget of 5 requests is used up" in summary.errors[-1]
            again = crawl(site, path, day, daily_budget=5)
            assert (again.outcome, again.requests, again.is_fine, site.asked) == ("postponed", 0, True, [])
            assert len(again.errors) == 1 and "used up" in again.errors[0]
    assert len(set(pages)) == len(pages)


def test_a_second_crawl_of_a_portal_leaves_it_to_the_first(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Archive.open(path) as archive:
        assert archive.pace.take_lease("portal:liuxi") is None
        summary = crawl(site, path)
        assert (summary.outcome, summary.is_fine, site.asked) == ("postponed", True, [])
        (sentence,) = summary.errors
        assert sentence.startswith("liuxi: another crawl of this portal is under way (process ")
        assert re.search(r", since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00\)", sentence), sentence
        assert archive.query("SELECT * FROM crawls") == []
        archive.pace.release_lease("portal:liuxi")
    assert crawl(site, path).outcome == "ok"


def test_outside_its_hours_a_portal_is_not_asked(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    summary = crawl(site, path, hours="22:00-06:00")  # it is 10:00 in Beijing
    assert (summary.outcome, summary.is_fine, site.asked) == ("postponed", True, [])
    assert "22:00-06:00 Beijing time" in summary.errors[0] and len(summary.errors) == 1
    with Archive.open(path) as archive:
        assert ends(archive) == [("postponed", 0)]
        assert archive.column_reads("liuxi") == []
        assert first_crawls(archive, [portal(site, "/nb/")]) == {"liuxi"}
    site.asked = []
    now = crawl_portal(portal(site, "/nb/", hours="22:00-06:00"), path, contact=None, now=NOW, any_hour=True)
    assert now.outcome == "ok"
    with Archive.open(path) as archive:
        assert ends(archive) == [("postponed", 0), ("ok", 1)]


def test_a_host_that_asks_for_rest_is_left_alone_and_the_rest_is_done_later(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    site.pages["/nb/d3.html"] = html("busy", 429, Retry_After="7200")
    first = crawl(site, path)
    assert (first.outcome, site.times("/nb/d3.html")) == ("partial", 1)
    assert "asked to be left alone" in "".join(first.errors) and first.left == 3
    second = crawl(site, path)
    assert (second.outcome, second.requests, site.asked) == ("postponed", 0, [])
    site.pages["/nb/d3.html"] = detail("第3局")
    third = crawl(site, path, day=1)
    assert (third.outcome, third.left) == ("ok", 0)
    assert {path for path in site.paths() if "/d" in path} == {f"/nb/d{n}.html" for n in range(4)}


def test_a_list_that_asks_for_rest_says_so_though_nothing_is_left_to_ask(site: Site, tmp_path: Path) -> None:
    site.pages["/nb/"] = html("busy", 503, Retry_After="7200")
    summary = crawl(site, tmp_path / "a.db")
    assert summary.outcome in ("blocked", "failed")
    assert [error for error in summary.errors if "asked to be left alone until 2024-04-01 12:0" in error], (
        summary.errors
    )


def test_a_changed_counter_is_no_change_and_costs_no_copy(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    rows = "".join(row(f"d{n}.html", f"第{n}局") for n in range(REPORTS))
    visitors = count(1000)
    site.pages["/nb/"] = lambda _: html(f"<ul>{rows}</ul><p>您是第{next(visitors)}位访客</p>")
    for day in range(3):
        assert crawl(site, path, day).outcome == "ok"
    with Archive.open(path) as archive:
        looks = archive.query(
            "SELECT outcome, evidence, sha256, body_sha256 FROM visits WHERE kind = 'list' ORDER BY at"
        )
        kept = looks[0][2]
        assert [look[:3] for look in looks] == [
            ("ok", None, kept),
            ("unchanged", "same entries, other counters", kept),
            ("unchanged", "same entries, other counters", kept),
        ]
        assert len({kept, *(look[3] for look in looks)}) == 4  # None, and two others
        assert not any(archive.documents.has(look[3]) for look in looks[1:])
        assert [(read.outcome, len(read.links)) for read in archive.column_reads("liuxi")] == [("ok", REPORTS)] * 3
        assert len(archive.query("SELECT * FROM link_lists")) == 1
    rows += row("d0.html?new", "第9局")
    crawl(site, path, 3)
    with Archive.open(path) as archive:
        assert visits(archive)["nb/"][:3] == ("list", "ok", 200)


def test_a_host_that_shows_us_only_its_home_page_is_blocked_and_its_reports_are_not_gone(
    site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    assert crawl(site, path).outcome == "ok"
    site.pages = {"/": html("<h1>柳溪县人民政府</h1>" + '<a href="/zw/a.html">政务</a>' * 3 + "欢迎" * 400)}
    summary = crawl(site, path, day=8)
    assert (summary.outcome, summary.columns) == ("blocked", {"blocked": 1})
    with Archive.open(path) as archive:
        kind, outcome, status, evidence = visits(archive)["nb/"]
        assert (kind, outcome, status) == ("list", "blocked", 404) and "home page" in (evidence or "")
        # After five refusals in a row, those of the probes among them, the portal is left alone; none of its reports is
        # taken for withdrawn.
        outcomes = dict(archive.query("SELECT outcome, count(*) FROM frontier GROUP BY outcome"))
        assert outcomes.keys() == {"blocked", "ok"}
        gone = archive.query("SELECT url FROM visits WHERE kind != 'robots' AND outcome = 'gone'")
        assert gone == []


def test_a_page_that_only_sends_its_reader_on(site: Site, tmp_path: Path) -> None:
    """Through two pages to a file, to a page, in a circle, and to another entry of the list."""

    def on(target: str) -> object:
        return html(f"<script>location.replace('{target}')</script>")

    site.pages |= {
        "/nb/d0.html": on("x.html"),
        "/nb/x.html": on("f.pdf"),
        "/nb/f.pdf": (200, {}, b"%PDF-1.7"),
        "/nb/d1.html": on("y.html"),
        "/nb/y.html": detail("第1局"),
        "/nb/d2.html": on("z.html"),
        "/nb/z.html": on("d2.html"),
        "/nb/d3.html": on("d4.html"),
    }
    summary = crawl(site, tmp_path / "a.db")
    assert (summary.outcome, summary.left) == ("ok", 0)
    paths = site.paths()
    assert len(paths) == len(set(paths)), "nothing is asked for twice"
    with Archive.open(tmp_path / "a.db") as archive:
        shown = {s.url.rpartition("/")[2]: s.part for s in archive.sightings_to_read("none")}
        assert shown == {"f.pdf": "attachment", "d1.html": "page", "d4.html": "page", "d5.html": "page"}


@pytest.mark.parametrize(("minutes", "is_asked_again"), [(10, False), (40, True)])
def test_list_pages_of_a_crawl_that_broke_off_are_believed_for_half_an_hour(
    site: Site, tmp_path: Path, minutes: int, is_asked_again: bool
) -> None:
    """The column read is as old as its oldest page."""
    path = tmp_path / "a.db"
    crawl(site, path)
    with Archive.open(path) as archive, archive.write() as connection:
        for statement in (
            "DELETE FROM column_read_pages",
            "DELETE FROM column_reads",
            "UPDATE crawls SET ended_at = NULL, outcome = NULL, is_complete = 0",
        ):
            connection.execute(statement)
    site.asked = []
    later = NOW + timedelta(minutes=minutes)
    crawl_portal(portal(site, "/nb/"), path, contact=None, now=later)
    assert ("/nb/" in site.paths()) is is_asked_again
    with Archive.open(path) as archive:
        (read,) = archive.column_reads("liuxi")
    assert (read.at >= later) is is_asked_again
    assert read.at < later + timedelta(minutes=1)


def test_a_list_that_shrank_is_believed_after_three_days(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert crawl(site, path).columns == {"ok": 1}
    site.pages["/nb/"] = html(f"<ul>{row('d0.html', '第0局')}</ul>")
    for day, outcome in ((1, "unknown"), (2, "unknown"), (4, "ok"), (5, "ok")):
        assert crawl(site, path, day).columns == {outcome: 1}


def test_rows_that_are_not_asked_for_stay_in_the_read_of_their_column(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    titles = "".join(
        f'<li><a href="{href}">{title}</a></li>'
        for href, title in (
            ("javascript:open1(7)", "柳溪县水利局2023年政府信息公开工作年度报告"),
            ("c.html", "柳溪县林业局2023年政府信息公开工作年…"),
            ("bm/", "2023年各部门政府信息公开工作年度报告"),
        )
    )
    site.pages["/nb/"] = html(f"<ul>{row('d0.html', '第0局')}{titles}</ul>")
    crawl(site, path)
    assert [name for name in site.paths() if "/nb/" in name] == ["/nb/", "/nb/d0.html"]
    with Archive.open(path) as archive:
        (read,) = archive.column_reads("liuxi")
    marked = [link.title[:6] for link in read.links if "#row-" in link.url]
    assert sorted(marked) == ["2023年各", "柳溪县林业局", "柳溪县水利局"]


def test_a_page_that_links_hundreds_of_files_does_not_use_up_the_budget(site: Site, tmp_path: Path) -> None:
    links = "".join(f'<a href="f{number}.pdf">附件{number}</a>' for number in range(300))
    site.pages |= {"/nb/": html(f"<ul>{row('d.html', '财政局')}</ul>"), "/nb/d.html": detail("财政局", links)}
    site.pages |= {f"/nb/f{number}.pdf": (200, {}, b"%PDF-1.7 " + bytes(number)) for number in range(300)}
    with Archive.open(tmp_path / "a.db") as archive:
        assert crawl_portal(portal(site, "/nb/"), tmp_path / "a.db", contact=None, now=NOW).outcome == "ok"
        assert sum(path.endswith(".pdf") for path in site.paths()) == MOST_FILES
        assert visits(archive)["nb/d.html"][3] == f"links 300 files, of which the first {MOST_FILES} are fetched"
