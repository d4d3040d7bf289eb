"""One look at a site, in a process of its own: `python -P -m crawler.probing.child`; see crawler/orders.py.

Prints {"event": "progress", ...} some times a second, and at the end {"event": "probe", ...} with the fields of
crawler.probing.result.Probe.
"""

import sys
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import scrapy
from scrapy.http import Response

from crawler.asking.fetch import Progress
from crawler.clock import Clock, clock_from
from crawler.errors import CrawlError
from crawler.orders import now_and_then, print_line, take_order
from crawler.portal import Portal
from crawler.probing.asking import RememberingFetcher
from crawler.probing.look import SiteLook
from crawler.probing.order import ProbeOrder
from crawler.probing.result import Probe
from crawler.settings import CrawlOptions, scrapy_settings, user_agent
from crawler.walk.keeper import Keeper
from db.archive import Archive
from db.errors import ArchiveError


def main() -> int:
    """Exit status 0 if a probe was printed, whatever it says; 1 if the look broke off, of which the log says more."""
    order = take_order(ProbeOrder)
    if order is None:
        return 2
    try:
        probe: Probe | None = look(order)
    except (CrawlError, ArchiveError) as error:
        probe = Probe(order.url, sentence=str(error))
    if probe is None:
        return 1
    print_line({"event": "probe", **asdict(probe)})
    return 0


def look(order: ProbeOrder) -> Probe | None:
    """Look at a site now, in this process; only once in a process. None if it broke off. Raises CrawlError,
    ArchiveError."""
    from scrapy.crawler import AsyncCrawlerProcess

    agent = user_agent(order.contact, order.portal)
    clock = clock_from(order.now, order.portal)
    with Archive.open(order.archive) as archive:
        process = AsyncCrawlerProcess(scrapy_settings(order.portal, agent))
        crawler = process.create_crawler(ProbeSpider)
        progress = now_and_then(order.portal.id, print_line)
        process.crawl(crawler, order=order, archive=archive, clock=clock, agent=agent, progress=progress)
        process.start(install_signal_handlers=False)
    spider = crawler.spider
    return spider.probe if isinstance(spider, ProbeSpider) else None


class ProbeSpider(scrapy.Spider):
    """probe: what the look came to, None until it has ended."""

    name = "probe"

    def __init__(
        self,
        order: ProbeOrder,
        archive: Archive,
        clock: Clock,
        agent: str,
        progress: Progress,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.probe: Probe | None = None
        self._order = order
        self._archive = archive
        self._clock = clock
        self._agent = agent
        self._progress = progress

    async def start(self) -> AsyncIterator[Any]:
        """Scrapy's entry point. Requests go through the engine's download_async, so nothing is yielded."""
        order, archive, clock = self._order, self._archive, self._clock
        archive.add_portal(order.portal.id, order.portal.name, order.portal.platform)
        keeper = Keeper(archive, archive.crawls.begin(order.portal.id, clock()), together=1)

        def fetcher_for(portal: Portal, chromium: str | None) -> RememberingFetcher:
            return RememberingFetcher(
                portal,
                archive,
                clock,
                self._agent,
                self._download,
                self._progress,
                record=keeper.keep_visit,
                options=CrawlOptions(
                    order.network, any_hour=True, is_virtual=order.now is not None, retries=False, chromium=chromium
                ),
            )

        look = SiteLook(order, archive, clock, fetcher_for, keeper)
        try:
            self.probe = await look.run()
        finally:
            await look.close()
            keeper.flush()
        if False:  # an async generator is what Scrapy asks for
            yield

    async def _download(self, request: scrapy.Request) -> Response:
        return await self.crawler.engine.download_async(request)


if __name__ == "__main__":
    sys.exit(main())
