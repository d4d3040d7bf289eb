"""The one spider: every portal is walked the same way, by its file and its platform.

First all lists, then what is due in the frontier. The lists say what is there and what is absent, so they come before a
budget runs out. All that a crawl learns is in the archive before it goes on; one that is killed is gone on with by the
next, which asks for nothing again that is kept.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import scrapy
import structlog
from scrapy.http import Response

from crawler.asking.fetch import Fetcher, Progress
from crawler.asking.network import Download
from crawler.clock import Clock, not_before
from crawler.errors import CrawlStopped
from crawler.platforms import load_platform
from crawler.portal import Portal
from crawler.settings import CrawlOptions
from crawler.summary import CrawlOutcome, CrawlSummary
from crawler.walk.column import ColumnResult
from crawler.walk.ending import LONGEST_END_S, Ending
from crawler.walk.keeper import MOST_TOGETHER, Keeper
from crawler.walk.lists import ListReader, recall_robots
from crawler.walk.reach import Reach
from crawler.walk.revisits import RevisitPace
from crawler.walk.work import Work
from db.archive import Archive
from db.errors import ArchiveError
from db.records import Crawl

log = structlog.get_logger("crawler")


class PortalSpider(scrapy.Spider):
    """Walks one portal. summary: what it came to, complete once `finished` is True.

    again: every known page is visited, due or not. progress: called after each visit with requests sent so far and
    the URL. ending: ends the crawl before its time. replay: gives the answers in the place of the network.
    """

    name = "portal"

    def __init__(
        self,
        portal: Portal,
        archive: Archive,
        clock: Clock,
        agent: str,
        options: CrawlOptions,
        pace: RevisitPace,
        again: bool,
        progress: Progress,
        ending: Ending,
        replay: Download | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.portal = portal
        self.archive = archive
        self.agent = agent
        self.options = options
        self.pace = pace
        self.again = again
        self.progress = progress
        self.ending = ending
        self._replay = replay
        self.summary = CrawlSummary(portal.id, started_at=clock().isoformat())
        self.finished = False
        self._clock = clock
        self._stopped = False
        self._lists_read = False
        self._under_way = 0  # requests that were sent and are not answered

    async def start(self) -> AsyncIterator[Any]:
        """Scrapy's entry point. Requests go through the engine's download_async, so nothing is yielded."""
        try:
            crawl = self._begin()
            try:
                is_whole = await self._walk_unless_ended(crawl)
                self._keeper.flush()
                self.finished = is_whole
            finally:
                await self._fetcher.end_browser()
                self._fetcher.close()
                self._keeper.flush()
                self._close_summary(crawl)
        except ArchiveError as error:
            self.finished = False
            self.summary.outcome = "failed"
            self._error(f"{self.portal.id}: {error}")
        if False:  # an async generator is what Scrapy asks for
            yield

    def _begin(self) -> Crawl:
        crawl = self.archive.crawls.begin(self.portal.id, self._clock())
        if crawl.resumed:
            self._clock = not_before(self._clock, self.archive.crawls.last_time(crawl))
            self.summary.resumed = True
            log.info("resumed", portal=self.portal.id, begun=crawl.started_at.isoformat())
        if self.again:
            self.archive.frontier.make_due(self.portal.id, crawl.started_at)
        together = MOST_TOGETHER if self.portal.connections > 1 else 1
        self._keeper = Keeper(self.archive, crawl, together=together)
        self._fetcher = Fetcher(
            self.portal,
            self.archive,
            self._clock,
            self.agent,
            self._download,
            self.progress,
            record=self._keeper.keep_visit,
            options=self.options,
        )
        if crawl.resumed:
            recall_robots(self.archive, crawl, self._fetcher)
        return crawl

    async def _download(self, request: scrapy.Request) -> Response:
        if self._replay is not None:
            return await self._replay(request)
        self._under_way += 1
        try:
            return await self.crawler.engine.download_async(request)
        finally:
            self._under_way -= 1

    async def _walk_unless_ended(self, crawl: Crawl) -> bool:
        """Walk; gives False if it was ended before its time."""
        loop, walk = asyncio.get_running_loop(), asyncio.ensure_future(self._walk(crawl))

        def end() -> None:
            self._fetcher.limits.stop(f"{self.portal.id}: the crawl is ended before its time")
            # What waits for its turn is not waited for, an answer is.
            loop.call_later(LONGEST_END_S if self._under_way else 0, walk.cancel)

        self.ending.listen(lambda: loop.call_soon_threadsafe(end))
        try:
            await walk
        except asyncio.CancelledError:
            if not self.ending.is_asked:
                raise
            return False
        finally:
            self.ending.listen(lambda: None)
        return not (self._stopped and self.ending.is_asked)

    async def _walk(self, crawl: Crawl) -> None:
        platform = load_platform(self.portal.platform)
        reach = Reach(self.portal, self.archive, self._fetcher, self._keeper)
        shared = (self.portal, self.archive, self._clock, self._fetcher, self._keeper, platform, reach)
        lists, work = ListReader(*shared, self.ending), Work(*shared, self.pace, self.options.most_pages)
        try:
            self._fetcher.check_start()
            for column in self.portal.columns:
                self._tell(await lists.read(column))
            self._lists_read = True
            self._check_expectation(crawl)
            await work.run()
        except CrawlStopped as stop:
            self._stopped = True
            if not self.ending.is_asked:  # then it is said at the end
                self._error(str(stop))
        else:
            self._say_rest()
        if self._keeper.lost:
            number = "1 document" if self._keeper.lost == 1 else f"{self._keeper.lost} documents"
            self._error(f"{number} could not be fetched, the first: {self._keeper.first_lost}")
        if sentence := self._keeper.absent_sentence():
            self._error(f"{self.portal.id}: {sentence}")

    def _say_rest(self) -> None:
        """Say which host asked for rest, where nothing was left to be asked of it that would have said so."""
        for host in sorted(self._keeper.refusing):
            if why := self._fetcher.pacer.why_not(host):
                self._error(why)

    def _tell(self, result: ColumnResult) -> None:
        columns = self.summary.columns
        columns[result.outcome] = columns.get(result.outcome, 0) + 1
        if result.outcome not in ("ok", "empty"):
            self._error(f"{result.column.url}: {result.outcome}: {result.why}")

    def _check_expectation(self, crawl: Crawl) -> None:
        expect, portal = self.portal.expect, self.portal
        self.summary.reports = found = self.archive.crawls.listed(crawl)
        listed = "1 report is listed" if found == 1 else f"{found} reports are listed"
        if found < expect.min and self._good_columns():  # where none was read, that says it all
            self._error(f"{portal.id}: {listed}, expect.min is {expect.min}; see what the columns show")
        if expect.max is not None and found > expect.max:
            self._error(f"{portal.id}: {listed}, expect.max is {expect.max}; raise it if that is right")

    def _error(self, sentence: str) -> None:
        self.summary.errors.append(sentence)
        log.warning("trouble", portal=self.portal.id, what=sentence)

    def _close_summary(self, crawl: Crawl) -> None:
        summary, keeper, now = self.summary, self._keeper, self._clock()
        summary.requests = self._fetcher.requests
        summary.new_documents = keeper.new_documents
        summary.sightings = keeper.sightings
        summary.visits = dict(sorted(keeper.visits.items()))
        summary.robots = dict(sorted(keeper.robots.items()))
        summary.left = self.archive.frontier.count_due(self.portal.id, crawl.started_at)
        summary.ended_at = now.isoformat()
        if not self._lists_read:
            summary.reports = self.archive.crawls.listed(crawl)
        summary.outcome = self._outcome()
        if not self.finished:
            return  # the next crawl goes on with this one
        if summary.outcome == "failed" and not summary.requests:
            summary.errors.append(f"{self.portal.id}: not one request was sent; see the log")
        is_complete = not self._stopped and not summary.left and self._good_columns() > 0
        self.archive.crawls.end(crawl, now, outcome=summary.outcome, is_complete=is_complete, summary=asdict(summary))

    def _good_columns(self) -> int:
        return self.summary.columns.get("ok", 0) + self.summary.columns.get("empty", 0)

    def _outcome(self) -> CrawlOutcome:
        summary, good = self.summary, self._good_columns()
        if not self.finished:
            return "failed"
        if self._stopped and not summary.requests:
            return "postponed"
        refused: CrawlOutcome = "blocked" if set(summary.columns) == {"blocked"} else "failed"
        if self._lists_read and summary.reports < self.portal.expect.min:
            return refused  # a portal that lists too little is broken; no absence rests on what it showed
        if self._stopped:
            if good or self._keeper.pages:
                return "partial"
        elif not (summary.requests or summary.resumed):
            return "failed"
        elif good == len(self.portal.columns):
            return "partial" if self._keeper.lost else "ok"
        elif good:
            return "partial"
        return refused
