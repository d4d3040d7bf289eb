"""A portal on loopback whose pages a test sets one by one, and what the archive has of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zlib import crc32

from crawler.portal import Column, Portal
from db.archive import Archive

Page = tuple[int, dict[str, str], bytes]


def html(body: str, status: int = 200, encoding: str = "utf-8", **headers: str) -> Page:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "text/html", **named}, f"<html><body>{body}</body></html>".encode(encoding)


class Site:
    """Pages by path; `asked` is what was requested: (path, headers)."""

    def __init__(self) -> None:
        self.pages: dict[str, Page | Callable[[int], Page]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.host = ""

    def answer(self, path: str, headers: dict[str, str]) -> Page:
        self.asked.append((path, headers))
        page = self.pages.get(path)
        if page is None:
            return 404, {}, b"<html>nothing here</html>"
        status, fields, body = page(self.times(path)) if callable(page) else page
        if "ETag" in fields and headers.get("if-none-match") == fields["ETag"]:
            return 304, {"ETag": fields["ETag"]}, b""
        return status, fields, body

    def times(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, fields, body = site.answer(self.path, headers)
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def portal(site: Site, *columns: str, **options: Any) -> Portal:
    return Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "static_list",
            "allowed_hosts": [site.host],
            "columns": [Column(url=f"http://{site.host}{path}") for path in columns],
            "delay_s": 0.0,
            **options,
        }
    )


def title(agency: str, year: int = 2023) -> str:
    return f"柳溪县{agency}{year}年政府信息公开工作年度报告"


def row(href: str, agency: str) -> str:
    return f'<li><a href="{href}" title="{title(agency)}">柳溪县{agency}…</a><span>2024-01-26</span></li>'


def detail(agency: str, more: str = "") -> Page:
    text = f"<h1>{title(agency)}</h1><div id=zoom>{'一、总体情况。' * 30}{more}</div>"
    return html(text, ETag=f'"{crc32(agency.encode())}"')


def visits(archive: Archive) -> dict[str, tuple[str, str, int | None, str | None]]:
    """path -> (kind, outcome, status, evidence) of the last visit."""
    rows = archive.query("SELECT url, kind, outcome, status, evidence FROM visits ORDER BY id")
    return {url.split("/", 3)[3]: (kind, outcome, status, evidence) for url, kind, outcome, status, evidence in rows}
