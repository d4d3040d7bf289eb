"""One crawl, in a process of its own: `python -P -m crawler.child`, with its order as one JSON object on stdin.

order: the fields of `Order`.
Prints JSON lines on stdout: {"event": "progress", ...} some times a second, {"event": "summary", ...} at the end.
Logs go to stderr, one JSON line each. SIGTERM ends the crawl between two requests; what is in the archive stays, and
the next crawl goes on.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from crawler.clock import Clock, clock_from
from crawler.errors import CrawlError
from crawler.portal import Portal
from crawler.settings import CrawlOptions, scrapy_settings, user_agent
from crawler.summary import CrawlSummary
from crawler.walk.revisits import RevisitPace
from db.archive import Archive
from db.errors import ArchiveError

Tell = Callable[[dict[str, Any]], None]

_BETWEEN_PROGRESS_S = 0.2


class Order(BaseModel):
    """What the parent asks for.

    contact: for the User-Agent. now: a virtual time, for portals on loopback. network: the deployment's own words for
    where it asks from. any_hour: the portal's hours are set aside. again: every known page is visited, due or not.
    revisit: how often known pages are visited.
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


def main() -> int:
    """Exit status 0 if a summary was printed, whatever it says."""
    _log_to_stderr()
    try:
        order = Order.model_validate_json(sys.stdin.buffer.read())
    except ValidationError as error:
        print(f"crawler.child: the order on stdin is not valid: {error}", file=sys.stderr)
        return 2
    try:
        summary = crawl(order, _print_line)
    except (CrawlError, ArchiveError) as error:
        summary = CrawlSummary(order.portal.id, errors=[f"{order.portal.id}: {error}"])
    print(summary.to_json(), flush=True)
    return 0


def crawl(order: Order, tell: Tell) -> CrawlSummary:
    """Crawl one portal now, in this process; only once in a process, since Twisted's reactor starts only once.

    tell: gets a progress message some times a second. Raises CrawlError, ArchiveError.
    """
    portal = order.portal
    agent = user_agent(order.contact, portal)
    clock = clock_from(order.now, portal)
    with Archive.open(order.archive) as archive:
        lease = f"portal:{portal.id}"
        if (holder := archive.pace.take_lease(lease)) is not None:
            sentence = f"{portal.id}: another crawl of this portal is under way ({holder}); it was left to that one"
            return CrawlSummary(portal.id, "postponed", errors=[sentence])
        try:
            return _run(order, archive, clock, agent, tell)
        finally:
            archive.pace.release_lease(lease)


def _run(order: Order, archive: Archive, clock: Clock, agent: str, tell: Tell) -> CrawlSummary:
    # Scrapy takes half a second to import: only once it is clear that there is something to do.
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.walk.spider import PortalSpider

    portal = order.portal
    archive.add_portal(portal.id, portal.name, portal.platform)
    for chatty in ("scrapy.utils.log", "scrapy.crawler"):  # which versions there are is said by pip
        logging.getLogger(chatty).setLevel(logging.WARNING)
    process = AsyncCrawlerProcess(scrapy_settings(portal, agent))
    logging.getLogger("scrapy").setLevel(logging.WARNING)  # Scrapy has just set it to DEBUG
    crawler = process.create_crawler(PortalSpider)
    process.crawl(
        crawler,
        portal=portal,
        archive=archive,
        clock=clock,
        agent=agent,
        options=CrawlOptions(order.network, order.any_hour, is_virtual=order.now is not None),
        pace=order.revisit,
        again=order.again,
        progress=_now_and_then(portal, tell),
    )
    process.start()
    spider = crawler.spider
    if not isinstance(spider, PortalSpider):
        raise CrawlError("Scrapy did not start the crawl; see the log")
    if not spider.finished:
        spider.summary.outcome = "failed"
        spider.summary.errors.append(f"{portal.id}: the crawl was broken off before its end; the next one goes on")
    return spider.summary


def _now_and_then(portal: Portal, tell: Tell) -> Callable[[int, str], None]:
    """Tells of the progress, but not more often than anybody can read."""
    next_at = 0.0

    def progress(requests: int, url: str) -> None:
        nonlocal next_at
        if (now := time.monotonic()) >= next_at:
            next_at = now + _BETWEEN_PROGRESS_S
            tell({"event": "progress", "portal": portal.id, "requests": requests, "url": url})

    return progress


def _print_line(message: dict[str, Any]) -> None:
    print(json.dumps(message, ensure_ascii=False), flush=True)


def _log_to_stderr() -> None:
    """Our own lines and those of libraries in one shape; of libraries only warnings."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("crawler").setLevel(logging.INFO)


if __name__ == "__main__":
    sys.exit(main())
