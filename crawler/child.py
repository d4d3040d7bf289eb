"""One crawl, in a process of its own: `python -P -m crawler.child`, with its order as one JSON object on stdin.

order: the fields of `Order`.
Prints JSON lines on stdout: {"event": "progress", ...} some times a second, {"event": "summary", ...} at the end.
Logs go to stderr, one JSON line each. SIGTERM, SIGINT or the death of the one who ordered it end the crawl: nothing
more is asked, an answer under way is waited for some seconds; what is in the archive stays, and the next crawl goes on.
"""

import json
import signal
import sys
from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict, Field

from crawler.asking.browser_process import chromium_of
from crawler.asking.hours import BEIJING
from crawler.clock import Clock, clock_from, running_from
from crawler.errors import CrawlError
from crawler.orders import ChildOrder, Tell, now_and_then, print_line, take_order
from crawler.portal import Portal
from crawler.settings import PRODUCT, CrawlOptions, scrapy_settings, user_agent
from crawler.summary import CrawlSummary
from crawler.walk.ending import Ending
from crawler.walk.revisits import RevisitPace
from db.archive import Archive
from db.errors import ArchiveError


class Order(ChildOrder):
    """What the parent asks for.

    contact: for the User-Agent. now: a virtual time, for portals on loopback. network: the deployment's own words for
    where it asks from. any_hour: the portal's hours are set aside. again: every known page is visited, due or not.
    revisit: how often known pages are visited. most_pages: see CrawlOptions. chromium: the program for pages that a
    browser shows, where config.toml names it. replay: a web archive whose answers take the place of the network's;
    `now` is then when it was recorded.
    """

    model_config = ConfigDict(extra="forbid")

    portal: Portal
    archive: Path
    contact: str | None = None
    now: datetime | None = None
    network: str = ""
    any_hour: bool = False
    again: bool = False
    revisit: RevisitPace = RevisitPace()
    chromium: str | None = None
    most_pages: int | None = Field(default=None, ge=0)
    replay: Path | None = None


def main() -> int:
    """Exit status 0 if a summary was printed, whatever it says."""
    order = take_order(Order)
    if order is None:
        return 2
    try:
        summary = crawl(order, print_line)
    except (CrawlError, ArchiveError) as error:
        summary = CrawlSummary(order.portal.id, errors=[f"{order.portal.id}: {error}"])
    print_line(json.loads(summary.to_json()))
    return 0


def crawl(order: Order, tell: Tell) -> CrawlSummary:
    """Crawl one portal now, in this process; only once in a process, since Twisted's reactor starts only once.

    tell: gets a progress message some times a second. Raises CrawlError, ArchiveError.
    """
    portal = order.portal
    if order.replay is not None and order.now is not None:
        agent, clock = PRODUCT, running_from(order.now)
    else:
        agent, clock = user_agent(order.contact, portal), clock_from(order.now, portal)
    with Archive.open(order.archive) as archive:
        lease = f"portal:{portal.id}"
        if (holder := archive.pace.take_lease(lease)) is not None:
            who = _in_beijing(holder)
            sentence = f"{portal.id}: another crawl of this portal is under way ({who}); it was left to that one"
            return CrawlSummary(portal.id, "postponed", errors=[sentence])
        try:
            return _run(order, archive, clock, agent, tell)
        finally:
            archive.pace.release_lease(lease)


def _run(order: Order, archive: Archive, clock: Clock, agent: str, tell: Tell) -> CrawlSummary:
    # Scrapy takes half a second to import: only once it is clear that there is something to do.
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.walk.spider import PortalSpider

    portal, replay = order.portal, None
    if order.replay is not None:
        from crawler.asking.replay import Replay, as_recorded

        portal, replay = as_recorded(portal), Replay(order.replay)
    archive.add_portal(portal.id, portal.name, portal.platform)
    ending = Ending()
    process = AsyncCrawlerProcess(scrapy_settings(portal, agent))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.ask())
    crawler = process.create_crawler(PortalSpider)
    process.crawl(
        crawler,
        portal=portal,
        archive=archive,
        clock=clock,
        agent=agent,
        options=_options(order, portal),
        pace=order.revisit,
        again=order.again,
        progress=now_and_then(portal.id, tell),
        ending=ending,
        replay=replay,
    )
    process.start(install_signal_handlers=False)  # Scrapy's own end waits for every answer
    spider = crawler.spider
    if not isinstance(spider, PortalSpider):
        raise CrawlError("Scrapy did not start the crawl; see the log")
    if not spider.finished:
        spider.summary.outcome = "failed"
        spider.summary.errors.append(f"{portal.id}: the crawl was broken off before its end; the next one goes on")
    return spider.summary


def _options(order: Order, portal: Portal) -> CrawlOptions:
    return CrawlOptions(
        order.network,
        order.any_hour,
        is_virtual=order.now is not None,
        most_pages=order.most_pages,
        chromium=chromium_of(portal, order.chromium),
    )


def _in_beijing(holder: str) -> str:
    """Who holds a lease, as db.collected.pace says it, with its time as the other sentences print it."""
    who, since, time_text = holder.rpartition(", since ")
    if not since:
        return holder
    when = datetime.fromisoformat(time_text).astimezone(BEIJING)
    return f"{who}{since}{when.isoformat(sep=' ', timespec='seconds')}"


if __name__ == "__main__":
    sys.exit(main())
