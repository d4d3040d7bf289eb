"""Crawls that are killed (SIGKILL) at any instant, and what the next one makes of them.

Each crawl runs in a process of its own, made by a fork server that has Scrapy imported already: the crawl itself is all
that a kill can hit, and a few hundred fit into minutes. test_crawl.py kills the child as the commands start it.
"""

import contextlib
import multiprocessing
import os
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.child import Order, crawl
from crawler.portal import Portal
from crawler.summary import CrawlSummary
from db.archive import Archive

LIST_PAGES = 3
PER_PAGE = 6
LONGEST_EXTRA_S = 0.015  # about what an answer takes to be kept
_PATIENCE_S = 60.0

_fork_server = multiprocessing.get_context("forkserver")
_fork_server.set_forkserver_preload(["tests.crawler.preloaded"])


class Site:
    """A portal with two columns, of three pages and one; every third report has a file, one column a form beside.

    asked: the paths that were asked for since it was emptied.
    """

    def __init__(self) -> None:
        self.host = ""
        self.asked: list[str] = []
        self._waited_for = 0
        self._reached = threading.Event()
        self.pages = {"/robots.txt": "User-agent: *\nCrawl-delay: 0"} | {
            f"/{column}/{name}": page
            for column, count in (("nb", LIST_PAGES), ("old", 1))
            for name, page in _column(count)
        }

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if len(self.asked) >= self._waited_for:
            self._reached.set()
        page = self.pages.get(path)
        return (404, b"<html>nothing</html>") if page is None else (200, page.encode())

    def expect(self, requests: int) -> None:
        """Wait, in `reached`, for so many requests from now on."""
        self.asked = []
        self._waited_for = requests
        self._reached.clear()
        if not requests:
            self._reached.set()

    def reached(self) -> bool:
        return self._reached.wait(0.005)


def _column(count: int) -> Iterator[tuple[str, str]]:
    for page in range(count):
        numbers = range(page * PER_PAGE, (page + 1) * PER_PAGE)
        rows = "".join(
            f'<li><a href="d{n}.html">柳溪县第{n}局2023年政府信息公开工作年度报告</a><span>2024-01-26</span></li>'
            for n in numbers
        )
        rows += '<li><a href="form.html">柳溪县人民政府网站工作年度报表（2023年度）</a><span>2024-01-26</span></li>'
        yield (
            f"index_{page}.html" if page else "",
            f'<html><ul>{rows}</ul><script>createPageHTML({count}, {page}, "index", "html");</script></html>',
        )
        for n in numbers:
            title = f"<h1>柳溪县第{n}局2023年政府信息公开工作年度报告</h1>"
            file = f'<a href="f{n}.pdf">附件</a>' if n % 3 == 0 else ""
            yield f"d{n}.html", f"<html>{title}<div id=zoom>{'一、总体情况。' * 40}{file}</div></html>"
            yield f"f{n}.pdf", f"%PDF-1.7 {n} {count}"
    yield "form.html", f"<html><h1>网站工作年度报表</h1><div id=zoom>{'网站名称 ' * 40}</div></html>"


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body together, else each answer waits for the other side's acknowledgement

        def do_GET(self) -> None:
            status, body = site.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # the one who asked was killed
                super().handle()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    site.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def order(site: Site, archive: Path, connections: int) -> Order:
    """A crawl of all of the site."""
    portal = Portal(
        id="liuxi",
        name="柳溪县人民政府",
        platform="static_list",
        allowed_hosts=[site.host],
        columns=[{"url": f"http://{site.host}/nb/"}, {"url": f"http://{site.host}/old/"}],
        connections=connections,
    )
    return Order(portal=portal, archive=archive)


class Child:
    """A crawl in a process of its own."""

    def __init__(self, wanted: Order) -> None:
        self._ours, theirs = _fork_server.Pipe(duplex=False)
        self._process = _fork_server.Process(target=_crawl, args=(wanted, theirs))
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._ours.close()

    def summary(self) -> CrawlSummary:
        """Wait for its end."""
        assert self._ours.poll(_PATIENCE_S), "the crawl does not end"
        found: CrawlSummary = self._ours.recv()
        self._process.join()
        self._ours.close()
        return found


def _crawl(wanted: Order, answer: Any) -> None:
    with open(os.devnull, "w") as nothing:  # noqa: PTH123 - a descriptor is wanted
        for descriptor in (1, 2):
            os.dup2(nothing.fileno(), descriptor)
    answer.send(crawl(wanted, lambda message: None))


@dataclass(slots=True)
class Killed:
    """One crawl that was killed, and the next one. requests, extra_s: the instant. had_ended: the crawl was whole by
    then. stored: paths whose pages were in the archive at the kill; asked: those that the next crawl asked for."""

    requests: int
    extra_s: float
    connections: int
    had_ended: bool = False
    stored: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    summary: CrawlSummary | None = None


def kill_and_go_on(site: Site, archive: Path, chance: random.Random, requests_of_all: int) -> Killed:
    """Kill a crawl at an instant of chance, then crawl again to the end."""
    killed = Killed(chance.randrange(requests_of_all), chance.uniform(0, LONGEST_EXTRA_S), chance.choice((1, 4)))
    wanted = order(site, archive, killed.connections)
    site.expect(killed.requests)
    child = Child(wanted)
    while not site.reached() and child.is_alive:
        pass
    threading.Event().wait(killed.extra_s)  # the instant, not a pause: nothing is waited for
    child.kill()
    killed.stored = stored(archive)
    killed.had_ended = bool(_rows(archive, "SELECT 1 FROM crawls WHERE ended_at IS NOT NULL"))
    site.expect(10**9)
    killed.summary = Child(wanted).summary()
    killed.asked = list(site.asked)
    return killed


def faults(killed: Killed, has: dict[str, list[Any]], whole: dict[str, list[Any]]) -> list[str]:
    """What is wrong after a kill and the next crawl, held against what an uninterrupted crawl leaves."""
    found = []
    summary = killed.summary
    if summary is None or (summary.outcome, summary.left) != ("ok", 0):
        found.append("the next crawl did not end its work")
    twice = killed.stored.intersection(killed.asked)
    if killed.had_ended:  # the next crawl is another one, which reads the lists again
        twice = {path for path in twice if path.endswith((".html", ".pdf")) and "/index" not in path}
    found += [f"{path} was kept and asked for again" for path in sorted(twice)]
    found += [f"{name} differ" for name in whole if name != "crawls" and has[name] != whole[name]]
    return found


def stored(archive: Path) -> set[str]:
    """The paths of all pages that an archive has kept."""
    return {urlsplit(url).path for (url,) in _rows(archive, "SELECT url FROM visits WHERE sha256 IS NOT NULL")}


def _rows(archive: Path, select: str) -> list[Any]:
    """Read as any program would, without opening the archive as ours."""
    if not archive.exists():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(select).fetchall()
        except sqlite3.OperationalError as error:
            assert "no such table" in str(error)
            return []


def contents(archive: Path) -> dict[str, list[Any]]:
    """What a crawl has left, without times and numbers of rows; the archive's own checks are made on the way."""
    with Archive.open(archive) as opened:
        assert opened.query("PRAGMA integrity_check") == [("ok",)]
        assert opened.query("PRAGMA foreign_key_check") == []
        for (sha256,) in opened.query("SELECT sha256 FROM documents"):
            opened.get_document(sha256)
        found = {name: sorted(opened.query(select), key=repr) for name, select in _CONTENTS.items()}
        # Of column reads at least one each, the last whole.
        reads = {read.column: read for read in opened.column_reads("liuxi")}
        found["reads"] = [(r.column, r.outcome, r.pages, len(r.listing), r.links) for r in reads.values()]
        found["crawls"] = opened.query("SELECT ended_at IS NOT NULL, outcome, is_complete FROM crawls")
        return found


_CONTENTS = {
    "documents": "SELECT sha256, size FROM documents",
    "sightings": "SELECT page_url, url, part, title, listed_on, sha256 FROM sightings",
    "neighbours": "SELECT page_url, url, kind, title, sha256 FROM neighbours",
    "frontier": "SELECT url, part, kind, page_url, column_url, title, outcome, visits, failures FROM frontier",
    "listing": (
        "SELECT DISTINCT c.column_url, p.position, p.links_hash, v.url FROM column_reads c"
        " JOIN column_read_pages p ON p.read_id = c.id JOIN visits v ON v.id = p.visit_id"
    ),
}
