"""One page in the browser: opened, waited for, clicked through, and written down as it is then."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.address import bare
from crawler.asking import browser_scripts as scripts
from crawler.asking.browser_process import first_line
from crawler.asking.browser_traffic import Fault, Traffic
from crawler.outcomes.verdict import Verdict
from crawler.portal import Browser

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

QUIET_S = 0.4  # without any request: then a page is taken to be done
QUIET_HERE_S = 0.15  # the same where the portal is on this machine, and answers at once
_STEP_S = 0.05
_AFTER_SCROLL_S = 0.15
_WRITING_S = 5.0
_WRITING_LATE_S = 2.0  # of a page whose time is over: it may hang
_MOST_FRAMES = 30
_DEEPEST = 4
_LARGEST = 16 * 1024 * 1024  # characters
_VANISHED = 2  # links that may change by themselves while more are loaded


@dataclass(slots=True)
class Shown:
    """What became of a page. html: as it was rendered, None where it could not be written down. verdict: the outcome,
    where that is not for the page's content to say. leads_to: where a script sends the whole page on to."""

    html: str | None = None
    verdict: Verdict | None = None
    leads_to: str | None = None


class Limit:
    """The time that a page may take. Our own pauses between requests are no fault of the page: they come on top."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout: asyncio.Timeout | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Raises TimeoutError once the time is over."""
        try:
            async with asyncio.timeout(self._seconds) as self._timeout:
                yield
        finally:
            self._timeout = None

    def add(self, seconds: float) -> None:
        """So much longer."""
        timeout = self._timeout
        if timeout is not None and not timeout.expired() and (end := timeout.when()) is not None:
            timeout.reschedule(end + seconds)


class PageGone(Exception):
    """The page ended while something was done with it."""


class PageShow:
    """Does what a portal's file wants with a page. by: who renders it, as the written page says. quiet_s: see above."""

    def __init__(self, page: "Page", traffic: Traffic, wishes: Browser, by: str, quiet_s: float) -> None:
        self._page = page
        self._traffic = traffic
        self._wishes = wishes
        self._by = by
        self._quiet_s = quiet_s
        self._is_gone = False
        self._is_there = False  # what wait_for names
        self._clicks = 0
        self._clicked_through = False
        page.on("crash", self._gone)
        page.on("close", self._gone)

    async def show(self, url: str, limit: Limit) -> Shown:
        """All of it, within the limit. url: with its fragment, by which some pages say what they show. Raises
        CrawlStopped where no request may be sent any more."""
        from playwright.async_api import Error

        try:
            verdict = await self._shown_in_time(url, limit)
            self._traffic.end()
            leads_to = self._traffic.leads_to
            if verdict is None and leads_to is not None:
                return self._sent_on(*leads_to, url)
            html = await self._written(verdict)
        except (Error, PageGone) as error:
            self._raise_stop()
            said = "the page crashed" if self._is_gone else f"the page failed: {first_line(error)}"
            return Shown(verdict=Verdict("failed", f"{said} in the browser"))
        if html is None:
            return Shown(verdict=Verdict("failed", f"the page hung in the browser for {self._wishes.timeout_s:g} s"))
        if len(html) > _LARGEST:
            return Shown(verdict=Verdict("failed", "the page grew too large in the browser"))
        return Shown(html, verdict)

    async def _shown_in_time(self, url: str, limit: Limit) -> Verdict | None:
        try:
            async with limit.running():
                await self._page.goto(url, wait_until="commit", timeout=0)
                return await self._ready() or await self._more()
        except TimeoutError:
            self._raise_stop()
            return Verdict("unknown", self._too_long())

    async def _ready(self) -> Verdict | None:
        """Wait until the page is there."""
        wanted = self._wishes.wait_for
        while wanted is not None and self._traffic.leads_to is None and not await self._has(wanted):
            self._check()
            await asyncio.sleep(_STEP_S)
        self._is_there = True
        await self._quiet(loading=True)
        if self._traffic.leads_to is not None:
            return None
        if wanted is not None:
            # An element may be there before its rows are: what a guard kept from the page may have been those.
            return _of([fault for fault in self._traffic.faults if fault.kind == "blocked"], "")
        # Nothing says that what counts is there: whatever did not come may have been it.
        return _of(self._traffic.faults, "the page did not get all that it asked for")

    async def _more(self) -> Verdict | None:
        """Load more, by the button or, without one, by going down, until there is no more."""
        if self._traffic.leads_to is not None:
            return None
        selector = self._wishes.more
        name = f"browser.more = {selector!r}" if selector else "going down the page"
        links = await self._links()
        while True:
            faults, asked, size = len(self._traffic.faults), self._traffic.asked, await self._size()
            if self._clicks >= self._wishes.most_clicks and await self._may_go_on():
                return Verdict("unknown", f"{name}: there is still more after most_clicks = {self._clicks}")
            state = await self._step()
            if state != "clicked":
                break
            self._clicks += 1
            if self._traffic.leads_to is not None:
                return Verdict("unknown", f"{name} leads to another page: {self._traffic.leads_to[1]}")
            if lost := _of(self._traffic.faults[faults:], f"{name}, time {self._clicks}", all_count=bool(selector)):
                return lost
            earlier, links = links, await self._links()
            if selector and len(earlier - links) > _VANISHED:
                return Verdict("unknown", f"{name} puts other entries in the place of those that were there")
            if not links - earlier:
                nothing = self._traffic.asked == asked and await self._size() == size
                if selector and self._clicks == 1 and nothing:
                    return Verdict("unknown", f"{name}: clicking it does nothing")
                break
        self._clicked_through = True
        return None

    async def _step(self) -> str:
        """One click, or one way down, and what follows from it."""
        selector = self._wishes.more
        if selector is None:
            asked = self._traffic.asked
            for frame in self._frames():
                await self._in(frame, scripts.DOWN, None, None)
            await asyncio.sleep(_AFTER_SCROLL_S)
            if self._traffic.asked != asked or self._traffic.pending:
                await self._quiet()
            return "clicked"
        for frame in self._frames():
            if await self._in(frame, scripts.CLICK, {"selector": selector, "click": True}, "gone") == "clicked":
                await self._quiet()
                return "clicked"
        return "gone"

    async def _may_go_on(self) -> bool:
        """Whether there is more to load, for all that can be seen without loading it."""
        if (selector := self._wishes.more) is None:
            return True
        look = {"selector": selector, "click": False}
        return "clicked" in [await self._in(frame, scripts.CLICK, look, "gone") for frame in self._frames()]

    async def _quiet(self, *, loading: bool = False) -> None:
        """Wait until nothing is under way and the page is loaded."""
        if loading:
            await self._page.wait_for_load_state("load", timeout=0)
        begun = time.monotonic()
        while self._traffic.leads_to is None:
            self._check()
            quiet_since = max(begun, self._traffic.quiet_since)
            if not self._traffic.pending and time.monotonic() - quiet_since >= self._quiet_s:
                # What came last may still be worked on.
                asked = self._traffic.asked
                await self._in(self._page.main_frame, scripts.IDLE, None, None)
                if not self._traffic.pending and self._traffic.asked == asked:
                    return
            await asyncio.sleep(_STEP_S)

    def _check(self) -> None:
        self._raise_stop()
        if self._is_gone:
            raise PageGone

    def _raise_stop(self) -> None:
        if self._traffic.stopped is not None:
            raise self._traffic.stopped

    def _gone(self, *_: Any) -> None:
        self._is_gone = True

    async def _has(self, selector: str) -> bool:
        return any([await self._in(frame, scripts.HAS, selector, False) for frame in self._frames()])

    async def _links(self) -> set[str]:
        return {link for frame in self._frames() for link in await self._in(frame, scripts.LINKS, None, [])}

    async def _size(self) -> int:
        return sum([await self._in(frame, scripts.SIZE, None, 0) for frame in self._frames()])

    async def _in(self, frame: "Frame", script: str, given: Any, otherwise: Any) -> Any:
        """What a script gives in a frame; frames come and go while a page is made."""
        from playwright.async_api import Error

        try:
            return await frame.evaluate(script, given)
        except Error:
            self._check()
            return otherwise

    def _frames(self) -> "list[Frame]":
        """The page and those of its frames that were loaded."""
        return [frame for frame in self._page.frames[:_MOST_FRAMES] if _is_loaded(frame)]

    async def _written(self, verdict: Verdict | None) -> str | None:
        """The page as HTML, frames in their places; None if it does not answer any more."""
        drop = self._wishes.more if self._clicked_through else None
        try:
            async with asyncio.timeout(_WRITING_S if verdict is None else _WRITING_LATE_S):
                html: str = await self._write(self._page.main_frame, drop, 0)
        except TimeoutError:
            return None
        return html

    async def _write(self, frame: "Frame", drop: str | None, depth: int) -> str:
        from playwright.async_api import Error

        frames: dict[str, tuple[str, str]] = {}
        for number, child in enumerate(frame.child_frames[:_MOST_FRAMES] if depth < _DEEPEST else ()):
            if not _is_loaded(child):
                continue
            with suppress(Error):  # then its element stays in its place, and says that something is missing
                inside = await self._write(child, drop, depth + 1)
                element = await child.frame_element()
                await element.evaluate(scripts.MARK, str(number))
                frames[str(number)] = child.url, inside
        by = self._by if depth == 0 else None
        written: str = await frame.evaluate(scripts.WRITE, {"by": by, "frames": frames, "drop": drop})
        return written

    def _sent_on(self, method: str, target: str, url: str) -> Shown:
        if method != "GET":
            return Shown(verdict=Verdict("unknown", f"a script posts to {target} in place of the page"))
        if target == bare(url):
            # An ordinary page has no reason to; a guard that has set its cookie has.
            return Shown(verdict=Verdict("blocked", "challenge: a script loads the page again"))
        return Shown(leads_to=target)

    def _too_long(self) -> str:
        wishes = self._wishes
        within = f"within browser.timeout_s = {wishes.timeout_s:g}"
        if self._clicks:
            return f"browser.more was not at its end {within}, after {self._clicks} clicks"
        if wishes.wait_for is not None and not self._is_there:
            faults = "; ".join(fault.words for fault in self._traffic.faults[:3])
            return f"browser.wait_for = {wishes.wait_for!r} did not appear {within}" + (
                f" ({faults})" if faults else ""
            )
        return f"the page did not come to rest {within}"


def _of(faults: list[Fault], what: str, *, all_count: bool = False) -> Verdict | None:
    """What faults mean for the page. A foreign host that is not asked and a file that is not there mean nothing, unless
    all count: what a click asks for is what was wanted."""
    blocked = next((fault for fault in faults if fault.kind == "blocked"), None)
    if blocked is not None:
        return Verdict("blocked", blocked.words)
    failed = next((fault for fault in faults if all_count or fault.kind == "failed"), None)
    return Verdict("unknown", f"{what}: {failed.words}") if failed is not None else None


def _is_loaded(frame: "Frame") -> bool:
    return not frame.is_detached() and urlsplit(frame.url).scheme in ("http", "https", "about")
