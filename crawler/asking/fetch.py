"""The one way to a portal: checks host, robots.txt, hours and budget, asks politely, keeps what came back.

Every decision about a request is made here, so that each has its record. crawler/asking/asker.py sends and retries,
crawler/asking/pacing.py waits, crawler/asking/limits.py says when it is enough.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog

from crawler.address import bare, is_posted
from crawler.asking.asker import Asked, Asker
from crawler.asking.browser import Browsing
from crawler.asking.browser_process import find_chromium
from crawler.asking.budget import Budget
from crawler.asking.limits import Limits
from crawler.asking.network import Download, Network, host_of
from crawler.asking.pacing import Pacer
from crawler.asking.robots import Robots, read_robots, robots_url
from crawler.clock import Clock
from crawler.outcomes.verdict import Answer, Verdict
from crawler.pages.html import absolute
from crawler.portal import Portal
from crawler.settings import CrawlOptions
from db.archive import Archive
from db.collected.documents import sha256_of
from db.errors import DocumentMissingError
from db.records import Look, Visit, VisitKind

Progress = Callable[[int, str], None]  # requests sent so far, the URL just visited

MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_POSTED_AGAIN = (307, 308)  # RFC 9110: after the others a GET follows

log = structlog.get_logger("crawler")


@dataclass(slots=True)
class Fetched(Asked):
    """One answer, its bytes on disk (the archive has no row of them yet).

    at: when the first request was sent. request_headers: as sent last, without those for a proxy. network, redirects,
    requests: see db.records.Visit. body, sha256: of an unchanged page, those that were kept before. is_new: the bytes
    were not on disk before. refusal: set if the request, or what it was redirected to, was never sent; it is then the
    outcome. judged: the outcome where the browser says it, and not the content of the page.
    """

    body: bytes = b""
    sha256: str | None = None
    is_new: bool = False
    refusal: Verdict | None = None
    judged: Verdict | None = None

    @property
    def media(self) -> str | None:
        """The media type that the server named."""
        return self.answer.headers.get("content-type")


Record = Callable[[Visit, Fetched], object]


class Fetcher:
    """Fetches for one crawl of one portal. Up to portal.connections requests to a host are under way at once, however
    many calls of `get`.

    record: gets each visit to a robots.txt, with what was fetched; its document needs its row first. progress: called
    after each visit with the requests sent so far and the URL. counts: visits by outcome.
    """

    def __init__(
        self,
        portal: Portal,
        archive: Archive,
        clock: Clock,
        agent: str,
        download: Download,
        progress: Progress,
        *,
        record: Record,
        options: CrawlOptions | None = None,
    ) -> None:
        options = options or CrawlOptions()
        self.portal = portal
        self.archive = archive
        self.clock = clock
        self.agent = agent
        self.pacer = Pacer(archive, portal, clock)
        self.budget = Budget(archive.pace, portal, clock)
        self.limits = Limits(portal, self.budget, self.pacer, clock, any_hour=options.any_hour)
        self.counts: Counter[str] = Counter()
        network = Network(portal, download, options.network, is_virtual=options.is_virtual)
        self._asker = Asker(portal, network, self.pacer, self.limits, self.budget, clock, options)
        self._browsing: Browsing | None = None
        if portal.fetch == "browser":
            chromium = options.chromium or find_chromium()
            self._browsing = Browsing(portal, agent, chromium, partial(self._follow, obey=True), self.pacer)
        self._record = record
        self._progress = progress
        self._robots: dict[str, Robots] = {}
        self._damaged: set[str] = set()
        self._robots_lock = asyncio.Lock()

    @property
    def requests(self) -> int:
        """Sent so far, robots.txt, redirects and retries included."""
        return self._asker.requests

    def check_start(self) -> None:
        """Raises CrawlPostponed if the crawl is not to begin now: the hours, the budget, a host that asked for rest."""
        self.limits.check_start()

    def close(self) -> None:
        """Write down what was counted for the day's budget. To be called at the end of the crawl, however it ends."""
        self.budget.write()

    async def end_browser(self) -> None:
        """Leave no process behind. To be awaited at the end of the crawl, however it ends."""
        if self._browsing is not None:
            await self._browsing.close()

    async def get(
        self,
        url: str,
        *,
        referer: str | None = None,
        known: Look | None = None,
        keep: bool = True,
        kind: VisitKind | None = None,
    ) -> Fetched:
        """Ask for a URL, conditionally if it was read before. No answer is no error here.

        known: the last good look at it, if the caller has it at hand; else the archive is asked. keep: False leaves the
        bytes unwritten, until `keep` is called. kind: what the page is looked at as, where a browser may show it.
        Raises CrawlStopped if no request may be sent any more.
        """
        self.limits.check()
        return await self._get(url, referer, known, keep=keep, obey=True, kind=kind)

    async def keep(self, fetched: Fetched) -> None:
        """Write the bytes of an answer to disk, in a thread; twice without harm."""
        if fetched.answer.body and fetched.sha256 is not None:
            fetched.is_new = await asyncio.to_thread(self._store, fetched.answer.body, fetched.sha256)

    def know_robots(self, answer: Answer) -> None:
        """Take robots.txt from an answer that was kept in the same crawl before it was broken off, unasked."""
        self._take_robots(answer.asked, read_robots(answer)[0])

    def visit(self, fetched: Fetched, kind: VisitKind, verdict: Verdict, **more: Any) -> Visit:
        """The record of a look that was judged; nothing is written. To be called once for each.

        Five refusals or failures in a row end the crawl. more: fields of Visit, in place of those that follow from
        what was fetched.
        """
        answer = fetched.answer
        self.counts[verdict.outcome] += 1
        # Not asked for a reason of its own (robots.txt, a foreign host) says nothing of the portal's mood; not asked
        # since its robots.txt does not come does.
        if fetched.refusal is None or verdict.outcome == "failed":
            self.limits.note(verdict)
        log.info(
            "visit",
            portal=self.portal.id,
            url=answer.asked,
            kind=kind,
            status=answer.status,
            outcome=verdict.outcome,
            evidence=verdict.evidence,
        )
        self._progress(self.requests, answer.asked)
        fields: dict[str, Any] = {
            "final_url": answer.final if answer.final != answer.asked else None,
            "request_headers": fetched.request_headers,
            "response_headers": dict(answer.headers),
            "sha256": fetched.sha256,
            "network": fetched.network,
            "redirects": fetched.redirects,
            "requests": fetched.requests,
        }
        at, status = fetched.at, answer.status
        fields |= more
        return Visit(self.portal.id, answer.asked, kind, at, status, verdict.outcome, verdict.evidence, **fields)

    async def _get(
        self,
        url: str,
        referer: str | None,
        known: Look | None,
        *,
        keep: bool,
        obey: bool,
        kind: VisitKind | None = None,
    ) -> Fetched:
        headers = {"User-Agent": self.agent} | ({"Referer": referer} if referer else {})
        browsing = self._browsing if kind is not None and self._browsing and self._browsing.shows(url, kind) else None
        # That the page has not changed says nothing of what its scripts load.
        kept, conditions = (None, {}) if browsing is not None else self._conditions(url, known)
        fetched = await self._follow(url, headers | conditions, obey=obey)
        if browsing is not None and kind is not None:
            await browsing.render(fetched, kind, headers)
        if fetched.answer.status == 304 and kept is not None:
            try:
                fetched.body = await asyncio.to_thread(self.archive.documents.read, kept)
                fetched.sha256 = kept
            except DocumentMissingError:
                # Asked unconditionally, the portal gives the bytes again, which take the place of the damaged file.
                self._damaged.add(kept)
                sent = fetched.requests
                fetched = await self._follow(url, headers, obey=obey)
                fetched.requests += sent
        if fetched.answer.body:
            fetched.body = fetched.answer.body
            fetched.sha256 = sha256_of(fetched.body)
            if keep:
                await self.keep(fetched)
        fetched.at = self.archive.free_moment(url, fetched.at)
        return fetched

    def _conditions(self, url: str, known: Look | None) -> tuple[str | None, dict[str, str]]:
        """(hash of the last good answer, the headers that ask whether it still holds)."""
        look = known or self.archive.last_look(url)
        if look is None:
            return None, {}
        named = (("If-None-Match", look.etag), ("If-Modified-Since", look.last_modified))
        conditions = {name: value for name, value in named if value}
        if not conditions or not self.archive.documents.has(look.sha256):
            return None, {}
        return look.sha256, conditions

    def _store(self, body: bytes, sha256: str) -> bool:
        if sha256 not in self._damaged and self.archive.documents.has(sha256):
            return False
        self.archive.documents.write(body, sha256, flush_name=False)
        return True

    async def _follow(self, url: str, headers: dict[str, str], *, obey: bool) -> Fetched:
        """Ask, and follow redirects as far as they may be followed."""
        fetched = Fetched(Answer(url, url, None), self.clock())
        current = url
        for _ in range(MOST_REDIRECTS + 1):
            refusal = await self._refusal(current, obey=obey)
            if refusal is not None:
                where = f" (redirected to {current})" if current != url else ""
                fetched.refusal = Verdict(refusal.outcome, f"{refusal.evidence}{where}")
                return fetched
            await self._asker.ask(fetched, current, headers)
            answer = fetched.answer
            target = redirected(current, answer) if answer.status in _REDIRECTS else None
            if target is None:
                return fetched
            fetched.redirects.append((answer.status or 0, current))
            current = target
        if answer.status in _REDIRECTS and current == fetched.redirects[-1][1]:
            return fetched  # to itself, again and again: a guard, which `judge` names
        fetched.refusal = Verdict("failed", f"more than {MOST_REDIRECTS} redirects, the last to {current}")
        return fetched

    async def _refusal(self, url: str, *, obey: bool) -> Verdict | None:
        if not self.portal.allows(url):
            return Verdict("unknown", f"host {urlsplit(url).netloc} is not among allowed_hosts")
        if not obey:
            return None
        where = robots_url(url)
        if where not in self._robots:
            async with self._robots_lock:  # several pages of a host may be asked for at once
                if where not in self._robots:
                    await self._ask_robots(where)
        return self._robots[where].refuses(bare(url))

    async def _ask_robots(self, where: str) -> None:
        fetched = await self._get(where, None, None, keep=True, obey=False)
        answer = fetched.answer
        if fetched.refusal is not None:
            answer = Answer(where, where, None, error=fetched.refusal.evidence)
        unchanged = answer.status == 304 and fetched.sha256 is not None
        robots, verdict = read_robots(replace(answer, status=200, body=fetched.body) if unchanged else answer)
        self._take_robots(where, robots)
        self._record(
            self.visit(fetched, "robots", Verdict("unchanged", "status 304") if unchanged else verdict), fetched
        )

    def _take_robots(self, where: str, robots: Robots) -> None:
        self._robots[where] = robots
        self.pacer.ask_delay(host_of(where), robots.crawl_delay_s)


def redirected(address: str, answer: Answer) -> str | None:
    """The address that a redirect leads to, asked in the same way where it is still a GET, or is to be posted again."""
    target = absolute(address, answer.headers.get("location"))
    keeps = not is_posted(address) or answer.status in _POSTED_AGAIN
    return target + address[len(bare(address)) :] if target is not None and keeps else target
