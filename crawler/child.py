"""One crawl, in a process of its own: `python -P -m crawler.child`, with its order as one JSON object on stdin.

order: the fields of `Order`.
Prints JSON lines on stdout: {"event": "progress", ...} some times a second, {"event": "summary", ...} at the end.
Logs go to stderr, one JSON line each. SIGTERM, SIGINT or the death of the one who ordered it end the crawl: nothing
more is asked, an answer under way is waited for some seconds; what is in the archive stays, and the next crawl goes on.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from crawler.asking.hours import BEIJING
from crawler.clock import Clock, clock_from
from crawler.errors import CrawlError
from crawler.portal import Portal
from crawler.settings import CrawlOptions, scrapy_settings, user_agent
from crawler.summary import CrawlSummary
from crawler.walk.ending import Ending
from crawler.walk.revisits import RevisitPace
from db.archive import Archive
from db.errors import ArchiveError

Tell = Callable[[dict[str, Any]], None]

_BETWEEN_PROGRESS_S = 0.2
_OURS = "crawler"  # our loggers


class Order(BaseModel):
    """What the parent asks for.

    contact: for the User-Agent. now: a virtual time, for portals on loopback. network: the deployment's own words for
    where it asks from. any_hour: the portal's hours are set aside. again: every known page is visited, due or not.
    revisit: how often known pages are visited. lifeline: stdin stays open after the order for as long as the one who
    gave it lives, however it dies; the crawl ends with it.
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
    lifeline: bool = False


def main() -> int:
    """Exit status 0 if a summary was printed, whatever it says."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # until the crawl begins there is nothing to be ended in order
    _log_to_stderr()
    try:
        order = Order.model_validate_json(sys.stdin.buffer.readline())
    except ValidationError as error:
        print(f"crawler.child: the order on stdin is not valid: {error}", file=sys.stderr)
        return 2
    if order.lifeline:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        summary = crawl(order, _print_line)
    except (CrawlError, ArchiveError) as error:
        summary = CrawlSummary(order.portal.id, errors=[f"{order.portal.id}: {error}"])
    _print_line(json.loads(summary.to_json()))
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

    portal = order.portal
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
        options=CrawlOptions(order.network, order.any_hour, is_virtual=order.now is not None),
        pace=order.revisit,
        again=order.again,
        progress=_now_and_then(portal, tell),
        ending=ending,
    )
    process.start(install_signal_handlers=False)  # Scrapy's own end waits for every answer
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
    try:
        print(json.dumps(message, ensure_ascii=False), flush=True)
    except BrokenPipeError:
        # Nobody listens any more. What is still in the buffer would be a traceback at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end_with_stdin() -> None:
    """Wait until the one who gave the order is no more, or lets go of us."""
    while os.read(0, 4096):  # not sys.stdin, whose lock would be held at exit
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _in_beijing(holder: str) -> str:
    """Who holds a lease, as db.pace says it, with its time as the other sentences print it."""
    who, since, time_text = holder.rpartition(", since ")
    if not since:
        return holder
    when = datetime.fromisoformat(time_text).astimezone(BEIJING)
    return f"{who}{since}{when.isoformat(sep=' ', timespec='seconds')}"


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
    # Here and not at their loggers, whose levels Scrapy sets anew as it begins.
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.split(".")[0] == _OURS)
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
    logging.getLogger(_OURS).setLevel(logging.INFO)


if __name__ == "__main__":
    sys.exit(main())
