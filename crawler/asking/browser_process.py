"""The Chromium of one crawl: found on this machine, started when the first page needs it, and always ended.

It is without any network of its own: every address that a page wants is asked for by crawler/asking/browser_traffic.py.
scrapy-playwright starts and ends it; its download handler is not used, since what a page loads would then bypass the
pace, robots.txt and the budget.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import structlog

from crawler.errors import CrawlError
from crawler.portal import Portal

if TYPE_CHECKING:
    from playwright.async_api import Browser as Running
    from playwright.async_api import BrowserContext, Page, Route
    from scrapy_playwright.provider import PlaywrightBrowserProvider

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOST_PAGES = 4  # open at once
PAGES_OF_A_CONTEXT = 40  # then it is closed, with all that pages left in it
MOST_STARTS = 2  # the first, and once again
START_S = 30.0
CLOSE_S = 1.5  # for a page, a context or the browser to close in order; a crawl that is ended waits no longer
NOT_THERE = (
    'fetch = "browser" needs Chromium, and none is on this machine; install it (`apt-get install chromium`, or '
    "`.venv/bin/playwright install chromium`), or name it in config.toml: [browser] executable"
)
_PRINT_OWN = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
)
_NOWHERE = "http://nowhere.invalid:9"
_ARGUMENTS = (
    "--disable-dev-shm-usage",
    "--disable-gpu",
    # No name is looked up and no address connected to, whatever a page tries: sockets, pings, prefetching, WebRTC.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    f"--renderer-process-limit={MOST_PAGES}",
    "--js-flags=--max-old-space-size=256",  # MB; a script that wants more ends its page
)

log = structlog.get_logger("crawler")


class BrowserGone(Exception):
    """Chromium is not there any more, or does not start; the text says so in a sentence."""


def chromium_of(portal: Portal, configured: str | None) -> str | None:
    """The program for a portal that is fetched by a browser; None for any other portal.

    configured: what config.toml names. Raises CrawlError with what to do.
    """
    return find_chromium(configured) if portal.fetch == "browser" else None


def find_chromium(configured: str | None = None) -> str:
    """Where Chromium is: as configured, else on the PATH, else Playwright's own. Raises CrawlError; as chromium_of."""
    if configured:
        if (path := shutil.which(Path(configured).expanduser())) is None:
            raise CrawlError(
                f"[browser] executable = {configured!r} in config.toml is no program that can be started; correct it, "
                "or take it out to use the Chromium that is on the PATH"
            )
        return path
    found = next((path for name in NAMES if (path := shutil.which(name)) is not None), None)
    if found is None and (own := _playwrights_own()) is not None:
        found = str(own)
    if found is None:
        raise CrawlError(NOT_THERE)
    return found


def _playwrights_own() -> Path | None:
    """Where `playwright install chromium` has put it. Asked in another process: this one may run an event loop."""
    done = subprocess.run([sys.executable, "-P", "-c", _PRINT_OWN], capture_output=True, text=True)
    own = Path(done.stdout.strip())
    return own if done.returncode == 0 and done.stdout.strip() and own.is_file() else None


@dataclass(slots=True)
class _Context:
    """open, opened: pages now, and ever."""

    context: "BrowserContext"
    open: int = 0
    opened: int = 0


class Chromium:
    """version: as it names itself, "" before it was started. Pages share one context without stored state."""

    def __init__(self, executable: str, agent: str) -> None:
        self.version = ""
        self._executable = executable
        self._agent = agent
        self._places = asyncio.Semaphore(MOST_PAGES)
        self._starting = asyncio.Lock()
        self._provider: PlaywrightBrowserProvider | None = None
        self._running: Running | None = None
        self._current: _Context | None = None
        self._starts = 0
        self._drivers: set[psutil.Process] = set()
        self._is_closed = False

    @asynccontextmanager
    async def page(self) -> AsyncIterator["Page"]:
        """A page that is closed in any case. Waits while MOST_PAGES are open. Raises BrowserGone."""
        from playwright.async_api import Error

        async with self._places:
            held = await self._context()
            held.open += 1
            held.opened += 1
            page = None
            try:
                try:
                    page = await held.context.new_page()
                except Error as error:
                    raise BrowserGone(f"Chromium opens no page: {first_line(error)}") from error
                yield page
            finally:
                held.open -= 1
                if page is not None and not await _closed(page):
                    await self._end()  # a page that cannot be closed would stay for ever
                if held is not self._current and not held.open:
                    await _closed(held.context)

    async def close(self) -> None:
        """End it for good. Takes some seconds at most, and leaves no process behind."""
        self._is_closed = True
        if not self._starts:
            return
        await self._end()
        from playwright.async_api import Error

        begun, provider = self._begun(), self._provider
        self._provider = None
        if provider is not None:
            with suppress(Error, TimeoutError, OSError):  # what does not end by itself is ended below
                async with asyncio.timeout(CLOSE_S):
                    await provider.close()
        _kill(begun)

    async def _context(self) -> _Context:
        from playwright.async_api import Error

        async with self._starting:
            if self._running is None or not self._running.is_connected():
                await self._start()
            if self._running is None:
                raise BrowserGone("Chromium has ended")
            if self._current is None or self._current.opened >= PAGES_OF_A_CONTEXT:
                earlier, self._current = self._current, None
                if earlier is not None and not earlier.open:
                    await _closed(earlier.context)
                try:
                    made = await self._running.new_context(
                        user_agent=self._agent,
                        locale="zh-CN",
                        timezone_id="Asia/Shanghai",
                        accept_downloads=False,
                        service_workers="block",
                    )
                    await made.route("**", _refuse)  # of pages that nobody opened: popups
                except Error as error:
                    raise BrowserGone(f"Chromium has ended: {first_line(error)}") from error
                self._current = _Context(made)
            return self._current

    async def _start(self) -> None:
        from playwright.async_api import Error
        from scrapy.settings import Settings
        from scrapy_playwright.handler import Config
        from scrapy_playwright.provider import PlaywrightBrowserProvider

        if self._is_closed:
            raise BrowserGone("the crawl is ended")
        if self._starts >= MOST_STARTS:
            raise BrowserGone(
                f"Chromium was started {self._starts} times in this crawl, and ended; it is not started again"
            )
        self._starts += 1
        self._current = None
        options = {
            "executable_path": self._executable,
            "args": list(_ARGUMENTS),
            "proxy": {"server": _NOWHERE},
            # Chromium's own sandbox does not work for root.
            "chromium_sandbox": os.geteuid() != 0,
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
            "timeout": START_S * 1000,
        }
        try:
            if self._provider is None:
                await self._start_driver(
                    PlaywrightBrowserProvider(Config.from_settings(Settings({"PLAYWRIGHT_LAUNCH_OPTIONS": options})))
                )
            if self._provider is not None:
                self._running = await self._provider.launch_browser()
        except (Error, OSError) as error:
            raise BrowserGone(f"Chromium ({self._executable}) does not start: {first_line(error)}") from error
        if self._running is None:
            raise BrowserGone("Playwright's driver does not start")
        self.version = f"Chromium {self._running.version}"
        log.info("browser", version=self.version, executable=self._executable, starts=self._starts)

    async def _start_driver(self, provider: "PlaywrightBrowserProvider") -> None:
        before = set(_below(psutil.Process()))
        try:
            await provider.start()
        finally:  # a crawl may be ended in the midst of it
            self._drivers |= set(_below(psutil.Process())) - before
        self._provider = provider

    async def _end(self) -> None:
        running, self._running, self._current = self._running, None, None
        if running is not None and not await _closed(running):
            _kill(self._begun())
            self._provider = None

    def _begun(self) -> list[psutil.Process]:
        """Playwright's driver and all that it has started; to be asked while the driver lives."""
        return [process for driver in self._drivers for process in (driver, *_below(driver))]


def first_line(error: Exception) -> str:
    """What Playwright says, without its call log and without the name of its own function."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].partition(": ")[2][:200] or str(error)[:200]


async def _refuse(route: "Route") -> None:
    from playwright.async_api import Error

    with suppress(Error):
        await route.abort("blockedbyclient")


async def _closed(what: "Page | BrowserContext | Running") -> bool:
    """Close it; False if that takes too long. What is gone already is closed."""
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(CLOSE_S):
            await what.close()
    except TimeoutError:
        return False
    except Error:
        pass
    return True


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
