"""Pages that only a browser can show: lists that a script makes, lists in frames, buttons that load more.

Only pages whose portal's file says fetch = "browser" come here, and of those only what is looked at as a list (with
browser.pages = "all" the pages of reports too). The page itself is asked for as any other, and judged as it came: a
guard is recorded, and never shown to a browser, which might pass it. What is left is handed to Chromium, whose further
requests go through crawler/asking/browser_traffic.py. In place of the bytes that came the page as rendered is kept.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.address import question
from crawler.asking.browser_page import QUIET_HERE_S, QUIET_S, Limit, PageShow, Shown
from crawler.asking.browser_process import BrowserGone, Chromium
from crawler.asking.browser_traffic import ASKED_BY_CLICK, MOST_ASKED, Store, Traffic
from crawler.asking.network import host_of
from crawler.asking.pacing import Pacer
from crawler.outcomes.verdict import Answer, Signs, Verdict, judge, sniff
from crawler.pages.html import has_file_ending
from crawler.portal import Portal
from db.records import VisitKind

if TYPE_CHECKING:
    from crawler.asking.fetch import Fetched

Follow = Callable[[str, dict[str, str]], Awaitable["Fetched"]]

MOST_SENT_ON = 3  # pages whose script sends their reader on to another one
# Of the page that came, and not of the one that is kept in its place.
_OF_THE_BYTES = ("etag", "last-modified", "content-length", "content-encoding", "content-md5", "content-type")


class Browsing:
    """The browser of one crawl.

    executable: Chromium (browser_process.chromium_of). follow: asks for an address and follows its redirects, with all
    checks, as Fetcher does.
    """

    def __init__(self, portal: Portal, agent: str, executable: str, follow: Follow, pacer: Pacer) -> None:
        self._portal = portal
        self._agent = agent
        self._follow = follow
        self._pacer = pacer
        self._chromium = Chromium(executable, agent)
        self._store = Store()
        self._quiet_s = QUIET_S if portal.is_paced else QUIET_HERE_S

    def shows(self, address: str, kind: VisitKind) -> bool:
        """Whether a page is to be shown by the browser: never a file, nor what only a page's script asks for."""
        if kind != "list" and not (kind == "detail" and self._portal.browser.pages == "all"):
            return False
        put = question(address)
        is_scripts = put.body is not None or bool(put.headers)
        return not is_scripts and not has_file_ending(urlsplit(put.url).path)

    async def render(self, fetched: "Fetched", kind: VisitKind, headers: dict[str, str]) -> None:
        """Put the rendered page in the place of the one that came; `fetched.judged` says what it came to, where that is
        not for its content to say. headers: with which it was asked for. Raises CrawlStopped.
        """
        for _ in range(MOST_SENT_ON + 1):
            if not self._may_render(fetched, kind):
                return
            raw = fetched.answer
            shown = await self._show(fetched)
            self._take(fetched, raw, shown)
            if shown.leads_to is None:
                return
            again = await self._follow(shown.leads_to, headers)
            fetched.redirects = [*fetched.redirects, (raw.status or 0, raw.final), *again.redirects]
            fetched.requests += again.requests
            fetched.answer = replace(again.answer, asked=raw.asked)
            fetched.request_headers, fetched.network = again.request_headers, again.network
            if again.refusal is not None:
                words = f"{again.refusal.evidence}: a script of {raw.final} sends on to it"
                fetched.judged = Verdict("unknown", words)
                return
        fetched.judged = Verdict("unknown", f"scripts of {MOST_SENT_ON + 1} pages in a row send on")

    async def close(self) -> None:
        """End the browser. To be called at the end of the crawl, however it ends; takes some seconds at most."""
        await self._chromium.close()

    def _may_render(self, fetched: "Fetched", kind: VisitKind) -> bool:
        raw = fetched.answer
        if fetched.refusal is not None or raw.status != 200 or sniff(raw.body) != "html":
            return False
        # As if what was asked for were there: whether it is, only the rendered page can say.
        verdict = judge(raw, kind, Signs(found=True))
        if verdict.outcome == "blocked":
            fetched.judged = verdict
        return verdict == Verdict("ok")

    async def _show(self, fetched: "Fetched") -> Shown:
        wishes, raw = self._portal.browser, fetched.answer
        limit = Limit(wishes.timeout_s)
        most = MOST_ASKED + ASKED_BY_CLICK * wishes.most_clicks
        traffic = Traffic(raw, self._agent, self._follow, self._store, partial(self._paced, limit), most)
        try:
            async with self._chromium.page() as page:
                await traffic.watch(page)
                show = PageShow(page, traffic, wishes, self._chromium.version, self._quiet_s)
                try:
                    return await show.show(raw.final, limit)
                finally:
                    traffic.end()
        except BrowserGone as gone:
            return Shown(verdict=Verdict("failed", str(gone)))
        finally:
            fetched.requests += traffic.requests

    def _paced(self, limit: Limit, url: str) -> None:
        if self._portal.is_paced:
            limit.add(self._pacer.delay_of(host_of(url)))

    def _take(self, fetched: "Fetched", raw: Answer, shown: Shown) -> None:
        fetched.judged = shown.verdict
        fetched.network = (fetched.network or {}) | {"by": "browser", "browser": self._chromium.version}
        if shown.html is None or (shown.verdict is not None and shown.verdict.outcome == "blocked"):
            return  # what came is kept
        fetched.network["page"] = sha256(raw.body).hexdigest()
        headers = {name: value for name, value in raw.headers.items() if name not in _OF_THE_BYTES}
        headers["content-type"] = "text/html; charset=utf-8"
        fetched.answer = replace(raw, headers=headers, body=shown.html.encode("utf-8", "replace"))
