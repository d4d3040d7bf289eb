"""A server on loopback that writes down what it sees: each request with its time, and how many connections are open."""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError
from scrapy.http import Response

from crawler.portal import Column, Portal

Page = tuple[int, dict[str, str], bytes]
TITLE = "柳溪县第{n}局2023年政府信息公开工作年度报告"


@dataclass(slots=True)
class Seen:
    """One request. arrived, answered: seconds of the monotonic clock, which all processes of a machine share."""

    path: str
    arrived: float
    headers: dict[str, str]
    answered: float = 0.0


@dataclass(slots=True)
class Server:
    """pages: by path; a function gets how often the path was asked for. answer_s: how long an answer takes."""

    host: str = ""
    scheme: str = "http"
    pages: dict[str, Page | Callable[[int], Page]] = field(default_factory=dict)
    answer_s: float = 0.0
    seen: list[Seen] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    def times(self, path: str) -> int:
        return self.paths().count(path)

    def gaps(self) -> list[float]:
        """Seconds from the end of each answer to the next request."""
        return [later.arrived - earlier.answered for earlier, later in zip(self.seen, self.seen[1:], strict=False)]

    def wait_for(self, requests: int, timeout_s: float = 20) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.seen) >= requests, timeout_s), self.paths()

    def page(self, path: str) -> Page:
        """A page that is the same however often it is asked for."""
        page = self.pages[path]
        assert not callable(page)
        return page

    def url(self, path: str) -> str:
        return f"{self.scheme}://{self.host}{path}"

    def portal(self, name: str = "liuxi", column: str = "/nb/", **options: Any) -> Portal:
        return Portal.model_validate(
            {
                "id": name,
                "name": "柳溪县人民政府",
                "platform": "static_list",
                "allowed_hosts": [self.host],
                "columns": [Column(url=self.url(column))],
                **options,
            }
        )

    def put_reports(self, column: str, number: int) -> None:
        """A list of reports, and their pages."""
        rows = ""
        for n in range(number):
            title = TITLE.format(n=n)
            rows += f'<li><a href="{n}.html" title="{title}">{title}</a><span>2024-01-26</span></li>'
            page = f"<html><h1>{title}</h1><div id=zoom>{'一、总体情况。' * 30}</div></html>"
            self.pages[f"{column}{n}.html"] = (200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())
        self.pages[column] = (
            200,
            {"Content-Type": "text/html; charset=utf-8"},
            f"<html><ul class=list>{rows}</ul></html>".encode(),
        )


@contextmanager
def serve(certificate: tuple[Path, Path] | None = None) -> Iterator[Server]:
    """certificate: files with the certificate and its key, for https."""
    server = Server(scheme="https" if certificate else "http")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            with server.changed:
                server.open += 1
                server.most_open = max(server.most_open, server.open)
            super().setup()

        def finish(self) -> None:
            super().finish()
            with server.changed:
                server.open -= 1

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.path, time.monotonic(), headers)
            with server.changed:
                server.seen.append(seen)
                page = server.pages.get(self.path, (404, {}, b"<html>nothing here</html>"))
                status, fields, body = page(server.times(self.path)) if callable(page) else page
                server.changed.notify_all()
            if server.answer_s:
                time.sleep(server.answer_s)
            if fields.get("ETag") and fields["ETag"] == headers.get("if-none-match"):
                status, body = 304, b""
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            seen.answered = time.monotonic()  # before the client can have it
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that refuses the certificate, or was killed, is no news."""

    httpd = Quiet(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
    server.host = f"127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


async def download(request: Request) -> Response:
    """One request by plain sockets, in the place of Scrapy's engine, whose reactor starts only once in a process."""
    parts = urlsplit(request.url)
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except ConnectionRefusedError as error:
        raise DownloadConnectionRefusedError from error
    lines = [f"GET {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name.decode()}: {value.decode()}" for name, values in request.headers.items() for value in values]
    if b"Connection" not in request.headers:
        lines.append("Connection: close")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    status, *fields = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in fields)
    return Response(request.url, status=int(status.split()[1]), headers=headers, body=body)
