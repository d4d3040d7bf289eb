"""The rate, as the server's own log shows it: no host sees more, whoever asks, and whatever became of them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from watched_server import Server, download, serve

from crawler.asking.fetch import Fetched, Fetcher
from crawler.errors import CrawlPostponed, CrawlStopped
from crawler.outcomes.verdict import Verdict
from crawler.portal import Portal
from crawler.run import crawl_portal
from crawler.settings import CrawlOptions
from db.archive import Archive
from db.records import Visit

DELAY_S = 0.15
NOON = datetime(2024, 4, 1, 4, 0, tzinfo=UTC)  # 12:00 in Beijing


@pytest.fixture
def site() -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


def real_clock() -> datetime:
    return datetime.now(UTC)


def fetcher(archive: Archive, portal: Portal, clock: Any = real_clock, **options: Any) -> Fetcher:
    def record(visit: Visit, fetched: Fetched) -> None:
        """Robots.txt is of no interest here."""

    return Fetcher(
        portal,
        archive,
        clock,
        "nianbao/1",
        download,
        lambda requests, url: None,
        record=record,
        options=CrawlOptions(**options),
    )


def get(archive: Archive, portal: Portal, *urls: str, **options: Any) -> list[Fetched]:
    """One after the other, in a crawl of their own."""

    async def all_of_them() -> list[Fetched]:
        asker = fetcher(archive, portal, **options)
        asker.check_start()
        try:
            return [await asker.get(url) for url in urls]
        finally:
            asker.close()

    return asyncio.run(all_of_them())


# Whole crawls, in processes of their own


def test_two_processes_on_two_portals_of_one_host_share_the_rate(site: Server, path: Path) -> None:
    site.put_reports("/a/", 3)
    site.put_reports("/b/", 3)
    site.answer_s = 0.03
    portals = [site.portal("a", "/a/", delay_s=DELAY_S), site.portal("b", "/b/", delay_s=DELAY_S / 3)]
    with ThreadPoolExecutor(2) as pool:
        summaries = list(pool.map(lambda portal: crawl_portal(portal, path, contact=None), portals))
    assert [summary.outcome for summary in summaries] == ["ok", "ok"], [s.errors for s in summaries]
    assert len(site.seen) == 2 * 5
    asked_by_a = [seen.path.startswith("/a/") for seen in site.seen]
    for gap, first, second in zip(site.gaps(), asked_by_a, asked_by_a[1:], strict=False):
        assert gap >= (DELAY_S if first or second else DELAY_S / 3)
    assert site.most_open == 1


def start_child(portal: Portal, path: Path) -> "subprocess.Popen[bytes]":
    order = {"portal": portal.model_dump(mode="json"), "archive": str(path)}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "crawler.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps(order).encode())
    child.stdin.close()
    return child


def test_a_killed_crawl_is_followed_by_the_whole_delay(site: Server, path: Path) -> None:
    """Killed while an answer is under way: for all we know the server is still at work on it."""
    site.put_reports("/nb/", 3)
    site.answer_s = 0.1
    portal = site.portal(delay_s=0.4)
    child = start_child(portal, path)
    try:
        site.wait_for(3)
        os.kill(child.pid, signal.SIGKILL)
        killed = time.monotonic()
    finally:
        child.kill()
        child.wait()
    summary = crawl_portal(portal, path, contact=None)
    assert summary.outcome == "ok", summary.errors
    assert site.seen[3].arrived - killed >= 0.4
    assert min(site.gaps()) >= 0.3  # of the answer that nobody waited for the end was 0.1 s later
    assert min(site.gaps()[:2] + site.gaps()[3:]) >= 0.4


# What a fetcher does by itself


def test_nobody_waits_on_loopback_without_a_delay(site: Server, path: Path) -> None:
    with Archive.open(path) as archive:
        portal = site.portal()
        assert portal.delay_s == 0 and not portal.is_paced
        get(archive, portal, *(site.url(f"/{n}") for n in range(5)))
        assert archive.query("SELECT * FROM hosts") == archive.query("SELECT * FROM leases") == []
        assert archive.query("SELECT portal, requests FROM portal_days") == [("liuxi", 6)]


def test_crawl_delay_is_kept_where_it_is_longer(site: Server, path: Path) -> None:
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 0.3\n")
    with Archive.open(path) as archive:
        get(archive, site.portal(delay_s=0.05), site.url("/1"), site.url("/2"))
        assert min(site.gaps()) >= 0.3
        site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 0.01\n")
        # Also by the next crawl, whose first request comes before it can know of it.
        get(archive, site.portal(delay_s=0.05), site.url("/3"))
        assert site.gaps()[2] >= 0.3 and 0.05 <= site.gaps()[3] < 0.3


def test_several_connections_where_the_portal_file_allows_them(site: Server, path: Path) -> None:
    site.answer_s = 0.4
    portal = site.portal(delay_s=0.1, connections=3)

    async def together(archive: Archive) -> None:
        asker = fetcher(archive, portal)
        await asyncio.gather(*(asker.get(site.url(f"/{n}")) for n in range(6)))

    with Archive.open(path) as archive:
        asyncio.run(together(archive))
    assert site.most_open == 3
    assert site.paths().count("/robots.txt") == 1
    arrivals = sorted(seen.arrived for seen in site.seen)
    # They are sent a delay apart; what the way to the server takes may differ a little.
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(arrivals))
    assert arrivals[-1] - arrivals[0] >= 0.55


def test_several_calls_at_once_still_share_one_connection(site: Server, path: Path) -> None:
    site.answer_s = 0.02

    async def together(archive: Archive) -> None:
        asker = fetcher(archive, site.portal(delay_s=0.05))
        await asyncio.gather(*(asker.get(site.url(f"/{n}")) for n in range(4)))

    with Archive.open(path) as archive:
        asyncio.run(together(archive))
    assert site.most_open == 1 and min(site.gaps()) >= 0.05 and len(site.seen) == 5


@pytest.mark.parametrize("as_date", [False, True])
def test_a_short_retry_after_is_waited_for_by_everybody(site: Server, path: Path, as_date: bool) -> None:
    free_from: list[float] = []

    def busy_once(times: int) -> tuple[int, dict[str, str], bytes]:
        if times > 1:
            return 200, {}, b"<p>here"
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
        wait = (until - datetime.now(UTC)).total_seconds() if as_date else 1.0
        free_from.append(time.monotonic() + wait)
        return 503, {"Retry-After": format_datetime(until, usegmt=True) if as_date else "1"}, b""

    site.pages["/x"] = busy_once

    async def together(archive: Archive) -> list[Fetched]:
        asker = fetcher(archive, site.portal())
        first = asyncio.create_task(asker.get(site.url("/x")))
        while not site.times("/x"):
            await asyncio.sleep(0.01)
        return [await first, await asker.get(site.url("/y"))]

    with Archive.open(path) as archive:
        first, _ = asyncio.run(together(archive))
    assert (first.answer.status, first.requests) == (200, 2)
    assert site.paths() == ["/robots.txt", "/x", "/x", "/y"]
    assert all(seen.arrived >= free_from[0] - 0.01 for seen in site.seen[2:])


def test_a_long_retry_after_ends_the_crawl_and_holds_over_restarts(site: Server, path: Path) -> None:
    site.pages["/x"] = (429, {"Retry-After": "7200"}, b"later")
    now = [NOON]
    with Archive.open(path) as archive:
        portal = site.portal()
        asker = fetcher(archive, portal, lambda: now[0])
        refused = asyncio.run(asker.get(site.url("/x")))
        assert (refused.answer.status, refused.requests) == (429, 1)  # and the answer is there to be recorded
        with pytest.raises(CrawlStopped, match=r"asked to be left alone until 2024-04-01 14:00\+08:00; crawl again"):
            asyncio.run(asker.get(site.url("/y")))
    sent = len(site.seen)
    for minutes, other in ((30, portal), (117, site.portal("qinghe"))):
        now[0] = NOON + timedelta(minutes=minutes)
        with Archive.open(path) as archive, pytest.raises(CrawlPostponed, match="left alone until"):
            get(archive, other, site.url("/y"), clock=lambda: now[0])
        assert len(site.seen) == sent
    now[0] = NOON + timedelta(hours=2)
    with Archive.open(path) as archive:
        get(archive, portal, site.url("/y"), clock=lambda: now[0])
    assert site.paths()[-1] == "/y"


def test_pauses_of_a_virtual_day_are_not_slept(site: Server, path: Path) -> None:
    site.pages["/x"] = (503, {"Retry-After": "60"}, b"")
    begun = time.monotonic()
    with Archive.open(path) as archive:
        (fetched,) = get(archive, site.portal(), site.url("/x"), clock=lambda: NOON, is_virtual=True)
        assert archive.query("SELECT * FROM hosts") == []
    assert fetched.requests == 5 and time.monotonic() - begun < 5


def test_the_budget_is_one_for_all_crawls_of_a_day(site: Server, path: Path) -> None:
    portal = site.portal(delay_s=0.01, daily_budget=5)
    now = [NOON]
    with Archive.open(path) as archive:
        get(archive, portal, site.url("/1"), clock=lambda: now[0])
    with Archive.open(path) as archive:
        with pytest.raises(CrawlStopped, match="budget of 5 requests is used up for 2024-04-01"):
            get(archive, portal, site.url("/2"), site.url("/3"), site.url("/4"), clock=lambda: now[0])
        assert site.paths() == ["/robots.txt", "/1", "/robots.txt", "/2", "/3"]
        with pytest.raises(CrawlPostponed, match="the next day's crawl goes on"):
            get(archive, portal, site.url("/5"), clock=lambda: now[0])
        now[0] = datetime(2024, 4, 1, 16, 0, tzinfo=UTC)  # midnight in Beijing
        get(archive, portal, site.url("/5"), clock=lambda: now[0])
    assert len(site.seen) == 7


def test_a_retry_that_the_budget_forbids_leaves_the_answer(site: Server, path: Path) -> None:
    site.pages["/x"] = (503, {}, b"busy")
    with Archive.open(path) as archive:
        (fetched,) = get(archive, site.portal(daily_budget=3), site.url("/x"))
    assert (fetched.answer.status, fetched.requests, fetched.body) == (503, 2, b"busy")


def test_outside_its_hours_a_portal_is_left_alone(site: Server, path: Path) -> None:
    portal = site.portal(hours="22:00-06:00")
    with Archive.open(path) as archive:
        with pytest.raises(
            CrawlPostponed, match=r"at 22:00-06:00 Beijing time only; crawl again from 2024-04-01 22:00"
        ):
            get(archive, portal, site.url("/1"), clock=lambda: NOON)
        assert site.seen == []
        get(archive, portal, site.url("/1"), clock=lambda: NOON, any_hour=True)
        clock = iter([*[NOON.replace(hour=21, minute=59)] * 30, *[NOON.replace(hour=22)] * 99])
        with pytest.raises(CrawlStopped, match="crawl again from 2024-04-02 22:00"):
            get(archive, portal, *(site.url(f"/{n}") for n in range(9)), clock=lambda: next(clock))
    assert 2 < len(site.seen) < 9


def test_one_day_played_twice_makes_two_visits(site: Server, path: Path) -> None:
    site.pages["/x"] = (200, {"ETag": '"1"'}, b"<p>x")
    with Archive.open(path) as archive:
        times = []
        for _ in range(3):
            (fetched,) = get(archive, site.portal(), site.url("/x"), clock=lambda: NOON)
            archive.add_document_row(str(fetched.sha256), len(fetched.body), None, fetched.at)
            asker = fetcher(archive, site.portal())
            archive.add_visit(asker.visit(fetched, "detail", Verdict("ok")))
            times.append(fetched.at - NOON)
        assert times == [timedelta(microseconds=n) for n in range(3)]
        assert archive.query("SELECT count(*) FROM visits WHERE url = ?", (site.url("/x"),)) == [(3,)]
