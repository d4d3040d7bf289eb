"""One crawl, in a process of its own: `python -P -m crawler.child`, with its order as one JSON object on stdin.

order: portal (a checked portal), archive (path), contact (or null), now (ISO time or null).
Prints JSON lines on stdout: {"event": "progress", ...} after each visit, {"event": "summary", ...} at the end.
Logs go to stderr, one JSON line each. SIGTERM ends the crawl between two requests; what is in the archive stays.
"""

import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from crawler.clock import clock_from
from crawler.errors import CrawlError
from crawler.portal import Portal
from crawler.settings import scrapy_settings, user_agent
from crawler.summary import CrawlSummary
from db.archive import Archive
from db.errors import ArchiveError


class Order(BaseModel):
    """What the parent asks for."""

    model_config = ConfigDict(extra="forbid")

    portal: Portal
    archive: Path
    contact: str | None = None
    now: datetime | None = None


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


def crawl(order: Order, tell: Callable[[dict[str, Any]], None]) -> CrawlSummary:
    """Crawl one portal now, in this process; only once in a process, since Twisted's reactor starts only once.

    tell: gets a progress message after each visit. Raises CrawlError, ArchiveError.
    """
    # Scrapy takes half a second to import: only once it is clear that there is something to do.
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.spider import PortalSpider

    portal = order.portal
    agent = user_agent(order.contact, portal)
    clock = clock_from(order.now, portal)
    _check_proxy(portal)

    def progress(requests: int, url: str) -> None:
        tell({"event": "progress", "portal": portal.id, "requests": requests, "url": url})

    with Archive.open(order.archive) as archive:
        archive.add_portal(portal.id, portal.name, portal.platform)
        for chatty in ("scrapy.utils.log", "scrapy.crawler"):  # which versions there are is said by pip
            logging.getLogger(chatty).setLevel(logging.WARNING)
        process = AsyncCrawlerProcess(scrapy_settings(portal, agent))
        logging.getLogger("scrapy").setLevel(logging.WARNING)  # Scrapy has just set it to DEBUG
        crawler = process.create_crawler(PortalSpider)
        process.crawl(crawler, portal=portal, archive=archive, clock=clock, agent=agent, progress=progress)
        process.start()
        spider = crawler.spider
    if not isinstance(spider, PortalSpider):
        raise CrawlError("Scrapy did not start the crawl; see the log")
    if not spider.finished:
        spider.summary.outcome = "failed"
        spider.summary.errors.append(f"{portal.id}: the crawl was broken off before its end; see the log")
    return spider.summary


def _check_proxy(portal: Portal) -> None:
    if portal.proxy and not os.environ.get(portal.proxy):
        raise CrawlError(
            f"the environment variable {portal.proxy} (proxy of this portal) is not set; set it or drop `proxy`"
        )


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
