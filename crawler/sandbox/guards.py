"""Portals on loopback with every guard, every disguise of a missing page and every odd encoding that a plain fetch can
meet, each address with the outcome that is right.

The outcomes are data: tests, and longer runs, crawl the sites and compare the archive with them.
"""

import json
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crawler.sandbox.guard_lists import lists_site
from crawler.sandbox.guard_replies import Reply, html
from crawler.sandbox.guard_reports import hiding_site, pages_site, refusing_site
from crawler.sandbox.guard_site import GuardSite

ADDRESS = "127.0.0.1"
TWIN = "localhost"
_SILENCE_S = 2.0


def guard_sites() -> list[GuardSite]:
    """All sites, made anew."""
    return [lists_site(), pages_site(), refusing_site(), hiding_site()]


class GuardServer:
    """Some sites, each on an ephemeral port of 127.0.0.1. A context manager: serves inside, stopped and joined after.

    asked: (site, path with query) of every request, in order. What a site does not have answers 404.
    """

    def __init__(self, sites: list[GuardSite] | None = None) -> None:
        self.sites = {site.id: site for site in (guard_sites() if sites is None else sites)}
        self.asked: list[tuple[str, str]] = []
        self._times: Counter[tuple[str, str]] = Counter()
        self._servers: dict[str, _Server] = {}
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def port(self, site: str) -> int:
        return int(self._servers[site].server_address[1])

    def url(self, site: str, path: str) -> str:
        return f"http://{ADDRESS}:{self.port(site)}{path}"

    def portal_file(self, site: str) -> dict[str, Any]:
        """What the portal file of a site says, ready for crawler.portal.Portal with its id."""
        columns = [
            {"url": self.url(site, column.path)} | ({"year": column.year} if column.year else {})
            for column in self.sites[site].columns
        ]
        hosts = [f"{name}:{self.port(site)}" for name in (ADDRESS, TWIN)]
        return {
            "id": site,
            "name": f"沙盒门户{site}",
            "platform": "static_list",
            "allowed_hosts": hosts,
            "columns": columns,
            "delay_s": 0.0,
            "place": "柳溪县",
        }

    def portal_tomls(self, folder: Path) -> list[Path]:
        """Write one portal file for each site into an existing folder; the paths. Only while serving."""
        written = []
        for site in self.sites:
            data = self.portal_file(site)
            columns = ",\n  ".join(
                "{ " + ", ".join(f"{key} = {_quoted(value)}" for key, value in column.items()) + " }"
                for column in data.pop("columns")
            )
            data.pop("id")
            lines = [f"{key} = {_quoted(value)}" for key, value in data.items()] + [f"columns = [\n  {columns},\n]"]
            path = folder / f"{site}.toml"
            path.write_text("\n".join(lines) + "\n", "utf-8")
            written.append(path)
        return written

    def answer(self, site: str, path: str) -> Reply:
        """The next answer of an address, and a note that it was asked for."""
        with self._lock:
            self.asked.append((site, path))
            times = self._times[site, path]
            self._times[site, path] += 1
        page = self.sites[site].pages.get(path)
        if page is None:
            return html("<p>nothing here</p>", 404)
        reply = page.replies[min(times, len(page.replies) - 1)]
        names = {"{origin}": f"http://{ADDRESS}:{self.port(site)}", "{twin}": f"http://{TWIN}:{self.port(site)}"}
        headers = []
        for name, value in reply.headers:
            for placeholder, address in names.items():
                value = value.replace(placeholder, address) if name == "Location" else value
            headers.append((name, value))
        return reply._replace(headers=tuple(headers))

    def __enter__(self) -> Self:
        for site in self.sites:
            server = self._servers[site] = _Server(self, site)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=site)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()
        self._servers.clear()
        self._threads.clear()


def _quoted(value: object) -> str:
    """A TOML value; JSON's strings, numbers and lists of strings are among TOML's."""
    return json.dumps(value, ensure_ascii=False)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, owner: GuardServer, site: str) -> None:
        self.owner = owner
        self.site = site
        super().__init__((ADDRESS, 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SILENCE_S
    server_version = "sandbox"
    sys_version = ""

    def do_GET(self) -> None:
        reply = self.server.owner.answer(self.server.site, self.path)
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr: `asked` keeps what was asked."""
