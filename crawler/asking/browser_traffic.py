"""What a page in the browser asks for: each address by our own way to the portal, one that is not needed not at all.

Chromium has no network. Whatever a page wants goes through the same checks as any other request (allowed hosts,
robots.txt, the pace, the budget, addresses inside a network), is counted, and what came is handed to the page.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import quote, urlsplit

import structlog

from crawler.address import bare, posting, posting_json
from crawler.errors import CrawlStopped
from crawler.outcomes.verdict import BLOCKED_STATUSES, GONE_STATUSES, Answer, Signs, judge, sniff
from crawler.pages.html import has_file_ending
from parsers.encoding import decode

if TYPE_CHECKING:
    from playwright.async_api import Page, Request, Route

    from crawler.asking.fetch import Fetched

Ask = Callable[[str, dict[str, str]], Awaitable["Fetched"]]

MOST_ASKED = 100  # addresses of one page; each click may ask for more
ASKED_BY_CLICK = 10
_NEEDED = frozenset({"document", "script", "xhr", "fetch"})  # and no picture, font, style, film, ping or socket
_LARGEST_STORE = 8 * 1024 * 1024
_OURS = re.compile(
    r"user-agent|cookie|host|connection|content-length|content-type|accept-encoding|accept-language"
    r"|upgrade-insecure-requests|(?:sec|proxy|if)-.*"
)
_OF_THE_CONNECTION = re.compile(
    r"content-(?:length|encoding)|transfer-encoding|connection|keep-alive|alt-svc|link|strict-transport-security"
)
_NEXT_COOKIE = re.compile(r",\s*(?=[^;,\s=]+=)")

log = structlog.get_logger("crawler")


class Fault(NamedTuple):
    """Something that a page asked for and did not get. kind: "blocked" by a guard or a refusal of the portal, "refused"
    by us (a foreign host), "missing" on the portal, "failed": anything else, so that more may exist."""

    kind: Literal["blocked", "refused", "missing", "failed"]
    words: str


class Store:
    """Script files that pages of one crawl share: asked for once, since Chromium remembers nothing here."""

    def __init__(self) -> None:
        self._kept: dict[str, Answer] = {}
        self._size = 0

    def get(self, url: str) -> Answer | None:
        """What came for this URL."""
        return self._kept.get(url)

    def put(self, url: str, answer: Answer) -> None:
        """Keep a script file, as long as there is room. What a script makes for one page (JSONP) is none."""
        parts = urlsplit(url)
        if not parts.path.endswith(".js") or re.search(r"callback|jsonp", parts.query, re.I) or answer.status != 200:
            return
        if self._size + len(answer.body) <= _LARGEST_STORE:
            self._size += len(answer.body)
            self._kept[url] = answer


class Traffic:
    """The requests of one page.

    first: the answer that the page is made of. paced: called before each request. most: addresses at most.
    requests: sent. asked: addresses. faults: what did not come. pending: under way. quiet_since: when the last one
    ended, seconds of the monotonic clock. leads_to: where a script sends the whole page, which does not go there;
    stopped: why no request may be sent any more.
    """

    def __init__(
        self, first: Answer, agent: str, ask: Ask, store: Store, paced: Callable[[str], None], most: int
    ) -> None:
        self.requests = 0
        self.asked = 0
        self.faults: list[Fault] = []
        self.pending = 0
        self.quiet_since = time.monotonic()
        self.leads_to: tuple[str, str] | None = None  # method, URL
        self.stopped: CrawlStopped | None = None
        self._first: Answer | None = first
        self._agent = agent
        self._ask = ask
        self._store = store
        self._paced = paced
        self._most = most
        self._held: dict[str, Answer] = {}  # of frames that were redirected: what stands at the other address
        self._tasks: set[asyncio.Task[Fetched]] = set()

    async def watch(self, page: "Page") -> None:
        """Have everything that the page and its frames want come here."""
        self._page = page
        await page.route("**", self._handle)

    def end(self) -> None:
        """Let go of what is under way: nothing is sent any more for a page that is closed."""
        self._most = 0
        for task in self._tasks:
            task.cancel()

    async def _handle(self, route: "Route") -> None:
        from playwright.async_api import Error

        self.pending += 1
        try:
            await self._answer(route, route.request)
        except Error:
            with suppress(Error):  # the page is gone, or the frame that wanted it
                await route.abort("aborted")
        finally:
            self.pending -= 1
            self.quiet_since = time.monotonic()

    async def _answer(self, route: "Route", request: "Request") -> None:
        url = bare(request.url)
        if request.is_navigation_request() and request.frame == self._page.main_frame:
            if self._first is None:
                self.leads_to = self.leads_to or (request.method, url)
                await route.abort("blockedbyclient")
            else:
                first, self._first = self._first, None
                await _give_document(route, first)
            return
        is_file = request.resource_type == "document" and has_file_ending(urlsplit(url).path)
        if request.resource_type not in _NEEDED or is_file:
            await route.abort("blockedbyclient")
            return
        answer = self._held.pop(url, None) or self._store.get(url) or await self._asked(request, url)
        if answer is None:
            await route.abort("failed")
        elif request.resource_type == "document" and bare(answer.final) != url:
            # Its links are to be resolved against where it was found.
            self._held[bare(answer.final)] = answer
            target = answer.final.replace("&", "&amp;").replace('"', "%22")
            await route.fulfill(content_type="text/html", body=f'<meta http-equiv="refresh" content="0;url={target}">')
        elif request.resource_type == "document":
            await _give_document(route, answer)
        else:
            await route.fulfill(status=answer.status or 200, headers=_given(answer.headers), body=answer.body)

    async def _asked(self, request: "Request", url: str) -> Answer | None:
        """Ask the portal; None where the page gets nothing."""
        address = _address(request, url)
        if address is None:
            self._fault("failed", f"{request.method} {url} cannot be sent as the page wants it")
            return None
        if self.asked >= self._most:
            self._fault("failed", f"the page asks for more than {self._most} addresses")
            return None
        self.asked += 1
        self._paced(url)
        task = asyncio.ensure_future(self._ask(address, _headers(request, self._agent)))
        self._tasks.add(task)
        try:
            fetched = await task
        except CrawlStopped as stop:
            self.stopped = self.stopped or stop
            return None
        except asyncio.CancelledError:
            if task.cancelled():
                return None
            raise
        finally:
            self._tasks.discard(task)
        self.requests += fetched.requests
        return self._judged(request, url, fetched)

    def _judged(self, request: "Request", url: str, fetched: "Fetched") -> Answer | None:
        answer = fetched.answer
        if (refusal := fetched.refusal) is not None:
            # A host that is not allowed was never going to be asked; anything else might have brought more.
            kind: Literal["refused", "failed"] = "refused" if refusal.outcome == "unknown" else "failed"
            self._fault(kind, f"{url}: {refusal.evidence}")
            return None
        if answer.status is None:
            self._fault("failed", f"{url}: {answer.error}")
            return None
        challenge = None
        if request.resource_type != "script":
            verdict = judge(answer, "detail", Signs(found=True, certain=True))
            challenge = verdict.evidence if verdict.outcome == "blocked" else None
        if challenge is not None or answer.status in BLOCKED_STATUSES:
            self._fault("blocked", f"{url}: {challenge or f'status {answer.status}'}")
            return None
        if answer.status >= 400:
            self._fault("missing" if answer.status in GONE_STATUSES else "failed", f"{url}: status {answer.status}")
        elif request.resource_type == "script":
            self._store.put(url, answer)
        return answer

    def _fault(self, kind: Literal["blocked", "refused", "missing", "failed"], words: str) -> None:
        """Note it; there is no answer then."""
        self.faults.append(Fault(kind, words[:300]))
        log.info("not loaded", kind=kind, why=words)


def _address(request: "Request", url: str) -> str | None:
    """What a page asks for as an address (crawler/address.py); None where there is no such address."""
    if request.method == "GET":
        return url
    body, media = request.post_data_buffer or b"", request.headers.get("content-type", "")
    try:
        if request.method != "POST":
            return None
        if not body:
            return posting(url, ())
        if "json" in media:
            return posting_json(url, json.loads(body))
        if "x-www-form-urlencoded" in media:
            return posting(url, ()) + quote(body.decode(), safe="!#$%&'()*+,/:;=?@[]~")
    except (ValueError, RecursionError):
        return None
    return None


def _headers(request: "Request", agent: str) -> dict[str, str]:
    """As the page's scripts set them, under our own name. The empty Cookie says: and no others (see Network.send)."""
    said = {name: value for name, value in request.headers.items() if not _OURS.fullmatch(name)}
    return said | {"User-Agent": agent, "Cookie": request.headers.get("cookie", "")}


async def _give_document(route: "Route", answer: Answer) -> None:
    """Hand a page over in UTF-8: that a page says the wrong encoding is known here, and not in Chromium."""
    headers, body = _given(answer.headers), answer.body
    if sniff(body) in ("html", "text"):
        headers["content-type"] = "text/html; charset=utf-8"
        body = decode(body, answer.charset).encode("utf-8", "replace")
    await route.fulfill(status=answer.status or 200, headers=headers, body=body)


def _given(headers: Mapping[str, str]) -> dict[str, str]:
    given = {
        name: value
        for name, value in headers.items()
        if not _OF_THE_CONNECTION.fullmatch(name) and value.isascii() and value.isprintable()
    }
    if "set-cookie" in given:
        given["set-cookie"] = "\n".join(_NEXT_COOKIE.split(given["set-cookie"]))
    return given
