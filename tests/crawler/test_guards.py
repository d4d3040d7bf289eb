"""Every guard, every missing page in disguise and every odd encoding, on loopback: the outcomes that are right.

First by a plain fetch and the pure judgement, then by whole crawls of the real child process.
"""

import gzip
import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.outcomes.verdict import Answer, Signs, Verdict, judge, sniff
from crawler.pages.html import absolute
from crawler.pages.showing import detail_signs
from crawler.platforms.static_list import read_detail, read_list
from crawler.portal import Portal, load_portals
from crawler.run import crawl_portal
from crawler.sandbox.guard_replies import TITLE
from crawler.sandbox.guard_site import GuardSite, Page
from crawler.sandbox.guards import GuardServer, guard_sites
from crawler.summary import CrawlSummary
from crawler.walk.links import judge_link
from db.archive import Archive

NOW = datetime(2024, 4, 1, 2, 0, tzinfo=UTC)
SITES = guard_sites()
CASES = [
    (site.id, page)
    for site in SITES
    for page in site.pages.values()
    # What depends on robots.txt, on more than one request, or on other pages of the host is for whole crawls.
    if page.outcome and page.kind != "robots" and len(page.replies) == 1
    if page.evidence != "robots" and site.id != "guard-place"
]


@pytest.fixture(scope="module")
def served() -> Iterator[GuardServer]:
    with GuardServer() as server:
        yield server


def fetch(url: str) -> Answer:
    """One address as it comes, redirects followed."""
    current = url
    for _ in range(4):
        parts = urlsplit(current)
        connection = http.client.HTTPConnection(parts.netloc, timeout=5)
        connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        response = connection.getresponse()
        body = response.read()
        connection.close()
        headers = {name.lower(): value for name, value in response.getheaders()}
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        answer = Answer(url, current, response.status, headers, body)
        target = absolute(current, headers.get("location")) if response.status in (301, 302) else None
        if target is None or target == current:
            break
        current = target
    return answer


def looked_at(answer: Answer, page: Page, portal: Portal) -> Verdict:
    body, is_page = answer.body, sniff(answer.body) in ("html", "text")
    signs = Signs(bool(body), certain=bool(body))
    if page.kind == "list":
        read = read_list(body, answer.charset, answer.final, portal)
        reports = [link for link in read.links if judge_link(link.title, link.url, portal).is_report]
        signs = Signs(read.has_structure, read.says_empty, bool(reports))
    elif page.kind == "detail" and is_page:
        detail = read_detail(body, answer.charset, answer.final, portal)
        signs = detail_signs(body, answer.charset, TITLE.format(agency="财政局"), detail)
    return judge(answer, page.kind, signs)


@pytest.mark.parametrize(("site", "page"), CASES, ids=[f"{site}{page.path}" for site, page in CASES])
def test_a_plain_fetch(served: GuardServer, site: str, page: Page) -> None:
    portal = Portal.model_validate(served.portal_file(site))
    verdict = looked_at(fetch(served.url(site, page.path)), page, portal)
    assert (verdict.outcome, page.evidence in (verdict.evidence or "")) == (page.outcome, True), verdict


def test_the_sites_are_many_sided() -> None:
    assert len(CASES) > 140
    outcomes = {page.outcome for _, page in CASES}
    assert outcomes == {"ok", "empty", "blocked", "gone", "failed", "unknown"}


def test_whole_crawls(tmp_path: Path) -> None:
    """By the real child process: every address of a site ends in the right outcome in the archive, every column too,
    and nothing else is asked for. One test, so that each site is crawled once."""
    with GuardServer() as server:
        server.portal_tomls(tmp_path)
        portals = load_portals([tmp_path])

        def crawl(site: str) -> CrawlSummary:
            path, log = tmp_path / f"{site}.db", tmp_path / f"{site}.log"
            return crawl_portal(portals[site], path, contact=None, now=NOW, log_file=log)

        with ThreadPoolExecutor(2) as pool:
            summaries = list(pool.map(crawl, server.sites))
        assert [summary.outcome for summary in summaries] == ["partial", "partial", "blocked", "blocked"], summaries
        faults = [fault for site in server.sites.values() for fault in faults_of(site, tmp_path / f"{site.id}.db")]
        assert faults == []
        never = {
            (site.id, page.path)
            for site in server.sites.values()
            for page in site.pages.values()
            if page.outcome is None
        }
        assert [one for one in server.asked if one in never and one[1] not in REDIRECTED_TO] == []


REDIRECTED_TO = {"/", "/index.html", "/a/", "/404.html"}


def faults_of(site: GuardSite, path: Path) -> list[tuple[str, object, object]]:
    """(address, what was to be, what is) of every visit and column read that is not as the site says."""
    with Archive.open(path) as archive:
        rows = archive.query("SELECT url, kind, outcome, evidence FROM visits ORDER BY id")
        visits = {path_of(url): (kind, outcome, evidence or "") for url, kind, outcome, evidence in rows}
        reads = {path_of(read.column): read.outcome for read in archive.column_reads(site.id)}
    faults: list[tuple[str, object, object]] = []
    for page in site.pages.values():
        kind, outcome, evidence = visits.pop(page.path, (None, None, ""))
        if outcome != page.outcome or page.evidence not in evidence or kind not in (page.kind, None):
            faults.append((page.path, (page.kind, page.outcome, page.evidence), (kind, outcome, evidence)))
    visits.pop("/robots.txt", None)
    faults += [(path, "no visit", visit) for path, visit in visits.items()]
    for column in site.columns:
        if reads.get(column.path) != column.outcome:
            faults.append((column.path, column.outcome, reads.get(column.path)))
    return faults


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
