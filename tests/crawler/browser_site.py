"""A portal on loopback for the tests of the browser: pages that tests set, GET and POST, and what was asked."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psutil

from crawler.asking.browser_process import find_chromium
from crawler.errors import CrawlError
from crawler.portal import Column, Portal
from db.archive import Archive

Page = tuple[int, dict[str, str], bytes]
PATIENCE_S = 20.0


def why_no_browser() -> str:
    """Why tests with a browser cannot run here, "" if they can."""
    try:
        find_chromium()
    except CrawlError as error:
        return str(error)
    return ""


@dataclass(slots=True)
class Asked:
    """arrived, answered: seconds of the monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    arrived: float
    answered: float = 0.0


@dataclass(slots=True)
class Site:
    """pages: by path with query; a function gets the request. held: paths that are not answered until `release`."""

    host: str = ""
    pages: dict[str, Page | Callable[[Asked], Page]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, path: str, body: str, *, status: int = 200, media: str = "text/html", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, {"Content-Type": f"{media}; charset=utf-8", **named}, body.encode())

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def of(self, path: str) -> Asked:
        return next(asked for asked in self.asked if asked.path == path)

    def wait_for(self, path: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: path in self.paths(), PATIENCE_S), self.paths()

    def release(self, *paths: str) -> None:
        with self.changed:
            self.held -= set(paths)
            self.changed.notify_all()

    def portal(self, *columns: str, **options: Any) -> Portal:
        return Portal.model_validate(
            {
                "id": "liuxi",
                "name": "柳溪县人民政府",
                "platform": "static_list",
                "allowed_hosts": [self.host],
                "columns": [Column(url=f"http://{self.host}{path}") for path in columns],
                "fetch": "browser",
                **options,
            }
        )


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body together

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body, time.monotonic())
            with site.changed:
                site.asked.append(asked)
                site.changed.notify_all()
                site.changed.wait_for(lambda: self.path not in site.held, PATIENCE_S)
            page = site.pages.get(self.path, (404, {}, b"<html>nothing here</html>"))
            status, fields, answer = page(asked) if callable(page) else page
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            asked.answered = time.monotonic()
            self.wfile.write(answer)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that was killed is no news."""

    server = Quiet(("127.0.0.1", 0), Handler)
    site.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.release(*site.held)
        server.shutdown()
        server.server_close()
        thread.join()


def row(number: int, folder: str = "") -> str:
    title = f"柳溪县第{number}局2023年政府信息公开工作年度报告"
    return f'<li><a href="{folder}d{number}.pdf" title="{title}">{title}</a><span>2024-01-26</span></li>'


def rows(numbers: range, folder: str = "") -> str:
    return "".join(row(number, folder) for number in numbers)


def columns(archive: Archive) -> dict[str, tuple[str, str | None, int]]:
    """path of a list -> (outcome, evidence, requests) of the last visit."""
    found = archive.query("SELECT url, outcome, evidence, requests FROM visits WHERE kind = 'list' ORDER BY id")
    return {"/" + url.split("/", 3)[3]: (outcome, evidence, requests) for url, outcome, evidence, requests in found}


def listed(archive: Archive, path: str) -> set[str]:
    """The paths of what the column at a path lists, as it was read last."""
    reads = [read for read in archive.column_reads("liuxi") if read.column.endswith(path)]
    return {"/" + link.url.split("/", 3)[3] for link in reads[-1].links}


def crawl_process() -> psutil.Process:
    """The crawl that is under way."""
    children = psutil.Process().children()
    return next(child for child in children if "crawler.child" in child.cmdline())


def chromium_of(crawl: psutil.Process) -> psutil.Process:
    """The main process of its browser."""
    for process in crawl.children(recursive=True):
        command = " ".join(process.cmdline())
        if "--headless" in command and "--type=" not in command:
            return process
    raise AssertionError("no browser is running")


def left_behind(processes: list[psutil.Process]) -> list[str]:
    """What is still there some seconds later."""
    _, alive = psutil.wait_procs(processes, timeout=8)
    return [process.name() for process in alive]
