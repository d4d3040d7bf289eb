"""The clock of a crawl."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from crawler.errors import CrawlError
from crawler.portal import Portal

Clock = Callable[[], datetime]


def clock_from(now: datetime | None, portal: Portal) -> Clock:
    """The clock of a crawl: the real one, or one that starts at `now` and runs on. Raises CrawlError."""
    if now is None:
        return lambda: datetime.now(UTC)
    if not portal.on_loopback:
        raise CrawlError("a time is handed in, which is only for portals on loopback; leave out --now")
    return running_from(now)


def running_from(now: datetime) -> Clock:
    """A clock that starts at `now` and runs on. Raises CrawlError for a time without a zone."""
    if now.tzinfo is None:
        raise CrawlError(f"the time {now.isoformat()} has no zone; add one, as in 2026-01-31T08:00:00+08:00")
    begun = time.monotonic()
    return lambda: now.astimezone(UTC) + timedelta(seconds=time.monotonic() - begun)


def not_before(clock: Clock, begin: datetime) -> Clock:
    """The clock, put forward where it stands before a time: what goes on with something is later than it."""
    ahead = max(begin - clock(), timedelta(0))
    return lambda: clock() + ahead
