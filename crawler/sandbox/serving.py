"""One pretend portal behind a port: requests taken apart, answers with the right headers, failures on command."""

import hashlib
import sys
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.sandbox.failures import REFUSALS, Condition, Trouble
from crawler.sandbox.portal_site import Answer, Request

if TYPE_CHECKING:
    from crawler.sandbox.server import PortalServer

ADDRESS = "127.0.0.1"
# A connection that sends nothing is dropped after this, so that stopping is bounded.
_SILENCE_S = 2.0
_LARGEST_POST = 1_000_000


class Asked(NamedTuple):
    """One request that was answered: portal, method, path with query, status (0: the connection was dropped), the
    virtual time, what was posted."""

    portal: str
    method: str
    path: str
    status: int
    at: datetime
    posted: bytes = b""


class SiteServer(ThreadingHTTPServer):
    """The port of one portal. etags: whether it sends ETag beside Last-Modified, where its site does not give one.
    stopping: set when it is to end."""

    # The threads of open connections are waited for when the server closes.
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, owner: "PortalServer", condition: Condition, port: int, *, etags: bool) -> None:
        self.owner = owner
        self.condition = condition
        self.etags = etags
        self.stopping = Event()
        self._seen: dict[str, tuple[str, datetime]] = {}
        super().__init__((ADDRESS, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def last_modified(self, address: str, answer: Answer, digest: str) -> datetime:
        """When an address last changed: as its site says, or later if it has other bytes than the last time."""
        before, at = self._seen.get(address, (digest, answer.modified))
        if before != digest:
            at = self.owner.now
        at = max(at, answer.modified).replace(microsecond=0)
        self._seen[address] = digest, at
        return at


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    timeout = _SILENCE_S
    server_version = "sandbox"
    sys_version = ""

    def do_GET(self) -> None:
        owner, condition = self.server.owner, self.server.condition
        now = owner.now
        request = self._request()
        if request is None:
            return
        trouble = condition.trouble_at(unquote(self.path))
        failure = trouble.failure if trouble else None
        if trouble and failure == "slow":
            trouble.released.wait(trouble.wait_s)
        if failure == "drop" or self.server.stopping.is_set():
            self._note(0, request, now)
            self.close_connection = True
        elif trouble and failure in REFUSALS:
            self._refuse(trouble, request, now)
        else:
            self._answer(condition.site.answer(request, now), request, now, cut=failure == "truncated")

    do_HEAD = do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr: `asked` keeps what was asked."""

    def _request(self) -> Request | None:
        """What is asked; None if that cannot be told, and the client has been told so."""
        length = self.headers.get("Content-Length") or "0"
        if not (length.isascii() and length.isdigit() and int(length) <= _LARGEST_POST):
            self.send_error(413)
            return None
        body = self.rfile.read(int(length)) if self.command == "POST" else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        parts = urlsplit(self.path)
        return Request(
            # What HEAD says is what GET says.
            method="POST" if self.command == "POST" else "GET",
            path=unquote(parts.path),
            query=_fields(parts.query),
            form=_fields(body.decode("utf-8", "replace")) if is_form else {},
            body=body,
            headers=headers,
        )

    def _refuse(self, trouble: Trouble, request: Request, now: datetime) -> None:
        headers = [("Content-Type", "text/html; charset=utf-8")]
        if trouble.retry_after is not None:
            headers.append(("Retry-After", str(trouble.retry_after)))
        self._send(int(trouble.failure), headers, REFUSALS[trouble.failure], request, now)

    def _answer(self, answer: Answer | None, request: Request, now: datetime, *, cut: bool) -> None:
        if answer is None:
            site = self.server.condition.site
            answer = site.page(site.frame("404", "<p>您访问的页面不存在</p>"), now)._replace(status=404)
        headers = [("Content-Type", answer.content_type), *answer.headers]
        status, body = answer.status, answer.body
        if status == 200 and request.method == "GET":
            digest = hashlib.sha256(body).hexdigest()[:16]
            modified = self.server.last_modified(self.path, answer, digest)
            headers.append(("Last-Modified", format_datetime(modified.astimezone(UTC), usegmt=True)))
            tag = dict(answer.headers).get("ETag")
            if tag is None and self.server.etags:
                tag = f'"{digest}"'
                headers.append(("ETag", tag))
            if not cut and self._is_known(tag, modified):
                status, body = 304, b""
        self._send(status, headers, body, request, now, cut=cut)

    def _send(
        self,
        status: int,
        headers: list[tuple[str, str]],
        body: bytes,
        request: Request,
        now: datetime,
        *,
        cut: bool = False,
    ) -> None:
        self._note(status, request, now)
        self.send_response_only(status)
        dated = datetime.now(UTC) if self.server.owner.real_dates else now
        self.send_header("Date", format_datetime(dated, usegmt=True))
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)

    def _note(self, status: int, request: Request, now: datetime) -> None:
        site = self.server.condition.base
        self.server.owner.asked.append(Asked(site.id, self.command, self.path, status, now, request.body))

    def _is_known(self, tag: str | None, modified: datetime) -> bool:
        """Whether the client says that it has these bytes already."""
        wanted = self.headers.get("If-None-Match")
        if wanted is not None:
            return tag is not None and tag in [part.strip().removeprefix("W/") for part in wanted.split(",")]
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return modified <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False


def _fields(text: str) -> dict[str, str]:
    """Decoded fields of a query or a form, the last value of each name."""
    return dict(parse_qsl(text, keep_blank_values=True))
