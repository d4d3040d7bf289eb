"""The pretend portals on loopback, each on a port of its own, at a virtual time that the caller sets."""

import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import unquote, urlsplit

from crawler.register.file import EMPTY, csv_line, row_of
from crawler.sandbox import pages, season
from crawler.sandbox.country import Country
from crawler.sandbox.site import Site, country_sites, folder_site

ADDRESS = "127.0.0.1"
REGISTER_NAME = "agencies.csv"
# A connection that sends nothing is dropped after this, so that stopping is bounded.
_SILENCE_S = 2.0


class Asked(NamedTuple):
    """One request that was answered: portal, method, path with query, status, the virtual time."""

    portal: str
    method: str
    path: str
    status: int
    at: datetime


class PortalServer:
    """Some sites, each on an ephemeral port of 127.0.0.1. A context manager: serves inside, stopped and joined after.

    now: the virtual time, timezone-aware; set it to play another day. asked: every request that was answered.
    """

    def __init__(self, sites: Sequence[Site], now: datetime) -> None:
        self.sites = list(sites)
        self.asked: list[Asked] = []
        self.now = now
        self._refused: dict[str, tuple[int, bytes]] = {}
        self._servers: dict[str, _SiteServer] = {}
        self._threads: list[threading.Thread] = []

    @property
    def now(self) -> datetime:
        return self._now

    @now.setter
    def now(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("the virtual time needs a time zone; use UTC")
        self._now = moment.astimezone(UTC)

    def refuse(self, portal: str, status: int = 412, body: bytes = b"<script>$_ts=window['$_ts'];</script>") -> None:
        """From now on a portal answers every request with this status and body (a guard, an outage)."""
        self._site(portal)
        self._refused[portal] = (status, body)

    def recover(self, portal: str) -> None:
        """The portal answers as before."""
        self._refused.pop(portal, None)

    def host(self, portal: str) -> str:
        """127.0.0.1:<port> of a portal that is being served."""
        self._site(portal)
        if portal not in self._servers:
            raise RuntimeError("the sandbox is not serving; use it in a with statement")
        return f"{ADDRESS}:{self._servers[portal].server_address[1]}"

    def column_url(self, portal: str) -> str:
        """The first list page of a portal's column of annual reports."""
        return f"http://{self.host(portal)}{self._site(portal).column_path}"

    def portal_tomls(self, folder: Path) -> list[Path]:
        """Write one portal file for each site into an existing folder; the paths. Only while serving."""
        written = []
        for site in self.sites:
            host = self.host(site.id)
            lines = [
                f"name = {_quoted(site.name)}",
                'platform = "static_list"',
                f"columns = [{{ url = {_quoted(self.column_url(site.id))} }}]",
                f"allowed_hosts = [{_quoted(host)}]",
                "delay_s = 0.0",
                f"expect = {{ min = 1, max = {len(site.entries)} }}",
            ]
            lines += [f"place = {_quoted(site.place)}"] if site.place else []
            path = folder / f"{site.id}.toml"
            path.write_text("\n".join(lines) + "\n", "utf-8")
            written.append(path)
        return written

    def __enter__(self) -> Self:
        for site in self.sites:
            server = _SiteServer(self, site)
            self._servers[site.id] = server
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=site.id)
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

    def _site(self, portal: str) -> Site:
        for site in self.sites:
            if site.id == portal:
                return site
        raise KeyError(f"no portal {portal!r}; there are {', '.join(site.id for site in self.sites)}")


class SandboxServer(PortalServer):
    """All portals of a country. now: by default the first of the country's demo days.

    formats, realistic: see site.country_sites.
    """

    def __init__(
        self,
        country: Country,
        now: datetime | None = None,
        *,
        formats: Sequence[str] = ("html",),
        realistic: bool = False,
    ) -> None:
        super().__init__(country_sites(country, formats, realistic=realistic), now or country.demo_days()[0])
        self.country = country

    def portal_tomls(self, folder: Path) -> list[Path]:
        """Write the portal files and the register of agencies (agencies.csv) into an existing folder; all paths."""
        return [*super().portal_tomls(folder), write_register(self.country, folder / REGISTER_NAME)]


class FolderPortal(PortalServer):
    """Given files as one portal: (title, bytes, media) with media html, pdf, docx, xlsx or text.

    HTML is served as the page itself, anything else as the attachment of a short page. listed_on: the date beside
    every entry; now: by default noon of that day.
    """

    def __init__(
        self,
        files: Sequence[tuple[str, bytes, str]],
        *,
        listed_on: date = date(2024, 1, 31),
        now: datetime | None = None,
        id: str = "folder",
        name: str = "文件夹门户",
    ) -> None:
        super().__init__(
            [folder_site(files, listed_on=listed_on, id=id, name=name)], now or season.at_beijing(listed_on, 12)
        )


def write_register(country: Country, path: Path) -> Path:
    """The register of a country's agencies as CSV; the path."""
    lines = [csv_line(row_of(asdict(agency))) for agency in country.agencies]
    path.write_text(EMPTY + "".join(line + "\n" for line in lines), "utf-8", newline="")
    return path


class _SiteServer(ThreadingHTTPServer):
    # The threads of open connections are waited for when the server closes.
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, owner: PortalServer, site: Site) -> None:
        self.owner = owner
        self.site = site
        super().__init__((ADDRESS, 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _SiteServer
    timeout = _SILENCE_S
    server_version = "sandbox"
    sys_version = ""

    def do_GET(self) -> None:
        owner, site = self.server.owner, self.server.site
        now = owner.now
        headers: dict[str, str] = {"Content-Type": "text/html; charset=utf-8"}
        refusal = owner._refused.get(site.id)
        answer = None if refusal else site.answer(unquote(urlsplit(self.path).path), now)
        if refusal:
            status, body = refusal
        elif answer is None:
            status, body = 404, pages.message_page("您访问的页面不存在")
        else:
            etag = site.etag(answer.body)
            headers = {
                "Content-Type": answer.content_type,
                "Last-Modified": format_datetime(answer.modified, usegmt=True),
            }
            headers |= {"ETag": etag} if etag else {}
            status, body = (304, b"") if self._unchanged(etag, answer.modified) else (200, answer.body)
        owner.asked.append(Asked(site.id, self.command, self.path, status, now))
        self.send_response_only(status)
        self.send_header("Date", format_datetime(now, usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr: `asked` keeps what was asked."""

    def _unchanged(self, etag: str | None, modified: datetime) -> bool:
        wanted = self.headers.get("If-None-Match")
        if wanted is not None:
            return etag is not None and etag in [part.strip().removeprefix("W/") for part in wanted.split(",")]
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)
