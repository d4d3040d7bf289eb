"""The one way to a portal: checks host, robots.txt and budget, asks politely, keeps what came back, records it.

Scrapy moves the bytes (`download`); every decision about a request is made here, so that each has its record.
"""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import structlog
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response

from crawler.clock import Clock
from crawler.errors import CrawlStopped
from crawler.outcomes import RETRIED_STATUSES, Answer, Verdict
from crawler.platforms.html import absolute
from crawler.portal import Portal
from crawler.robots import Robots, read_robots, robots_url
from crawler.settings import SLOT, TIMEOUT_S
from db.archive import Archive
from db.errors import DocumentMissingError
from db.records import Visit, VisitKind

Download = Callable[[Request], Awaitable[Response]]
Progress = Callable[[int, str], None]  # requests sent so far, the URL just visited

MOST_REDIRECTS = 5
RETRY_PAUSES_S = (5.0, 15.0)
LONGEST_PAUSE_S = 120.0
LONGEST_PAUSE_ON_LOOPBACK_S = 1.0
MOST_REFUSALS_IN_A_ROW = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_NO_ANSWER = (
    (DownloadTimeoutError, f"no answer within {TIMEOUT_S} s"),
    (CannotResolveHostError, "host name not found"),
    (DownloadConnectionRefusedError, "connection refused"),
    (ResponseDataLossError, "answer broke off"),
    (DownloadCancelledError, "answer too large"),
    (DownloadFailedError, "connection failed"),
)
_TRANSPORT_ERRORS = tuple(error for error, _ in _NO_ANSWER)

log = structlog.get_logger("crawler")


@dataclass(slots=True)
class Fetched:
    """One answer, its body already in the archive. body: of an unchanged page, that which was kept before.

    refusal: set if the request, or what it was redirected to, was never sent; it is then the outcome.
    """

    answer: Answer
    at: datetime
    body: bytes = b""
    sha256: str | None = None
    request_headers: dict[str, str] = field(default_factory=dict)
    refusal: Verdict | None = None


class Fetcher:
    """Fetches for one crawl of one portal. counts: visits by outcome."""

    def __init__(
        self, portal: Portal, archive: Archive, clock: Clock, agent: str, download: Download, progress: Progress
    ) -> None:
        self.portal = portal
        self.archive = archive
        self.clock = clock
        self.agent = agent
        self.download = download
        self.progress = progress
        self.requests = 0
        self.new_documents = 0
        self.counts: Counter[str] = Counter()
        self._robots: dict[str, Robots] = {}
        self._refused_in_a_row = 0
        self._proxy = os.environ.get(portal.proxy) if portal.proxy else None

    async def get(self, url: str, *, referer: str | None = None) -> Fetched:
        """Ask for a URL, conditionally if it was read before. Raises CrawlStopped; no answer is no error here."""
        headers = {"User-Agent": self.agent}
        if referer:
            headers["Referer"] = referer
        kept, conditions = self._kept(url)
        headers |= conditions
        at = self.clock()
        answer, refusal = await self._follow(url, headers, obey=True)
        fetched = Fetched(answer, at, answer.body, None, headers, refusal)
        if answer.status == 304 and kept is not None:
            fetched.sha256, fetched.body = kept
        elif answer.body:
            fetched.sha256 = self._keep(answer, at)
        return fetched

    def record(self, fetched: Fetched, kind: VisitKind, verdict: Verdict) -> int:
        """Write the visit down and give its number."""
        answer = fetched.answer
        visit = Visit(
            portal=self.portal.id,
            url=answer.asked,
            kind=kind,
            at=fetched.at,
            status=answer.status,
            outcome=verdict.outcome,
            evidence=verdict.evidence,
            final_url=answer.final if answer.final != answer.asked else None,
            request_headers=fetched.request_headers,
            response_headers=dict(answer.headers),
            sha256=fetched.sha256,
        )
        number = self.archive.add_visit(visit)
        self.counts[verdict.outcome] += 1
        log.info(
            "visit",
            portal=self.portal.id,
            url=answer.asked,
            kind=kind,
            status=answer.status,
            outcome=verdict.outcome,
            evidence=verdict.evidence,
        )
        self.progress(self.requests, answer.asked)
        if fetched.refusal is None:
            self._refused_in_a_row = self._refused_in_a_row + 1 if verdict.outcome in ("blocked", "failed") else 0
        return number

    def _kept(self, url: str) -> tuple[tuple[str, bytes] | None, dict[str, str]]:
        """(hash and bytes of the last good answer, the headers that ask whether it still holds)."""
        validators = self.archive.last_validators(url)
        sha256 = validators.get("sha256")
        conditions = {
            header: validators[name]
            for name, header in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
            if validators.get(name)
        }
        if sha256 is None or not conditions:
            return None, {}
        try:
            return (sha256, self.archive.get_document(sha256)), conditions
        except DocumentMissingError:
            # Asked unconditionally, the portal gives the bytes again.
            return None, {}

    def _keep(self, answer: Answer, at: datetime) -> str:
        known = self.archive.documents.has(hashlib.sha256(answer.body).hexdigest())
        self.new_documents += not known
        return self.archive.put_document(answer.body, media=answer.headers.get("content-type"), seen_at=at)

    async def _follow(self, url: str, headers: dict[str, str], *, obey: bool) -> tuple[Answer, Verdict | None]:
        """Ask, and follow redirects as far as they may be followed."""
        current, last = url, Answer(url, url, None)
        for _ in range(MOST_REDIRECTS + 1):
            refusal = await self._refusal(current, obey=obey)
            if refusal is not None:
                where = f" (redirected to {current})" if current != url else ""
                return last, Verdict(refusal.outcome, f"{refusal.evidence}{where}")
            last = await self._ask(url, current, headers)
            target = absolute(current, last.headers.get("location")) if last.status in _REDIRECTS else None
            if target is None:
                return last, None
            current = target
        return last, Verdict("failed", f"more than {MOST_REDIRECTS} redirects, the last to {current}")

    async def _refusal(self, url: str, *, obey: bool) -> Verdict | None:
        if not self.portal.allows(url):
            return Verdict("unknown", f"host {urlsplit(url).netloc} is not among allowed_hosts")
        return (await self._rules(url)).refuses(url) if obey else None

    async def _rules(self, url: str) -> Robots:
        where = robots_url(url)
        if where not in self._robots:
            headers = {"User-Agent": self.agent}
            at = self.clock()
            answer, refusal = await self._follow(where, headers, obey=False)
            if refusal is not None:
                answer = Answer(where, where, None, error=refusal.evidence)
            robots, verdict = read_robots(answer)
            sha256 = self._keep(answer, at) if answer.body else None
            self._robots[where] = robots
            self.record(Fetched(answer, at, answer.body, sha256, headers), "robots", verdict)
        return self._robots[where]

    async def _ask(self, asked: str, url: str, headers: dict[str, str]) -> Answer:
        """Send a request, again after a pause where that may help. asked: the URL before redirects."""
        for pause in (*RETRY_PAUSES_S, None):
            await self._wait_crawl_delay(url)
            answer = await self._send(asked, url, headers)
            if answer.status is not None and answer.status not in RETRIED_STATUSES:
                return answer
            wait = self._pause(answer, pause)
            if wait is None:
                break
            log.info("retry", portal=self.portal.id, url=url, status=answer.status, error=answer.error, wait_s=wait)
            await asyncio.sleep(wait)
        return answer

    async def _send(self, asked: str, url: str, headers: dict[str, str]) -> Answer:
        if self.requests >= self.portal.daily_budget:
            raise CrawlStopped(
                f"{self.portal.id}: the budget of {self.portal.daily_budget} requests is used up before the crawl was "
                "done; raise daily_budget, or let the next crawl go on"
            )
        if self._refused_in_a_row >= MOST_REFUSALS_IN_A_ROW:
            raise CrawlStopped(
                f"{self.portal.id}: refused or unanswered {self._refused_in_a_row} times in a row at last; "
                "the portal is left alone until the next crawl"
            )
        self.requests += 1
        # `proxy` is set even to None: proxies of the environment apply only where the portal's file names them.
        request = Request(url, headers=headers, dont_filter=True, meta={"download_slot": SLOT, "proxy": self._proxy})
        try:
            response = await self.download(request)
        except _TRANSPORT_ERRORS as error:
            said = next(text for kind, text in _NO_ANSWER if isinstance(error, kind))
            return Answer(asked, url, None, error=said + _detail(error))
        return Answer(asked, url, response.status, _headers(response), response.body)

    def _pause(self, answer: Answer, planned: float | None) -> float | None:
        """Seconds to wait before the next try, None for no further try: none is left, or more patience is asked for
        than one crawl has."""
        if planned is None:
            return None
        asked = _retry_after(answer.headers.get("retry-after"), self.clock())
        wait = planned if asked is None else asked
        if wait > LONGEST_PAUSE_S:
            return None
        return min(wait, LONGEST_PAUSE_ON_LOOPBACK_S if asked is not None else 0.0) if self.portal.on_loopback else wait

    async def _wait_crawl_delay(self, url: str) -> None:
        """What robots.txt asks for beyond the portal's own delay."""
        robots = self._robots.get(robots_url(url))
        extra = robots.crawl_delay_s - self.portal.delay_s if robots and not self.portal.on_loopback else 0.0
        if extra > 0:
            await asyncio.sleep(extra)


def _detail(error: Exception) -> str:
    """What the network says of a failed connection: a certificate, a reset. "" where the kind of error says it all."""
    if not isinstance(error, DownloadFailedError):
        return ""
    reasons = getattr(error.__cause__, "reasons", None) or []
    said = "; ".join(reason.getErrorMessage() for reason in reasons) or str(error)
    return f": {said}"[:300]


def _headers(response: Response) -> dict[str, str]:
    """Names in lower case, several values joined. Bytes beyond ASCII are read as UTF-8, else GB18030."""
    headers: dict[str, str] = {}
    for name, values in response.headers.items():
        texts = []
        for value in values:
            try:
                texts.append(value.decode("utf-8"))
            except UnicodeDecodeError:
                texts.append(value.decode("gb18030", "replace"))
        headers[name.decode("latin-1").lower()] = ", ".join(texts)
    return headers


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (a number or a date), None without a usable one."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value.strip())
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max((then - now) / timedelta(seconds=1), 0.0)
