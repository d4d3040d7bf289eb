"""What keeps a crawl from beginning, and what ends it: the hours, the day's budget, a host that asks for rest, and our
own patience with a portal that refuses.
"""

from datetime import timedelta

from crawler.asking.budget import Budget
from crawler.asking.hours import BEIJING
from crawler.asking.network import host_of
from crawler.asking.pacing import Pacer
from crawler.clock import Clock
from crawler.errors import CrawlPostponed, CrawlStopped
from crawler.outcomes.verdict import Verdict
from crawler.portal import Portal

MOST_REFUSALS_IN_A_ROW = 5


class Limits:
    """Those of one crawl of one portal."""

    def __init__(self, portal: Portal, budget: Budget, pacer: Pacer, clock: Clock, *, any_hour: bool) -> None:
        self._portal = portal
        self._budget = budget
        self._pacer = pacer
        self._clock = clock
        self._any_hour = any_hour
        self._refused_in_a_row = 0
        self._stop: str | None = None

    def check_start(self) -> None:
        """Raises CrawlPostponed if the crawl is not to begin now."""
        hosts = dict.fromkeys(host_of(column.url) for column in self._portal.columns)
        reasons = [self._why_closed(), self._budget.why_not(), *map(self._pacer.why_not, hosts)]
        if why := next((reason for reason in reasons if reason), None):
            raise CrawlPostponed(why)

    def check(self) -> None:
        """Raises CrawlStopped if no further request may be sent."""
        if why := self._stop or self._why_impatient() or self._why_closed() or self._budget.why_not():
            raise CrawlStopped(why)

    def stop(self, why: str | None) -> None:
        """No further request may be sent, for this reason."""
        self._stop = self._stop or why

    def note(self, verdict: Verdict) -> None:
        """What a request came to."""
        self._refused_in_a_row = self._refused_in_a_row + 1 if verdict.outcome in ("blocked", "failed") else 0

    def _why_impatient(self) -> str | None:
        if self._refused_in_a_row < MOST_REFUSALS_IN_A_ROW:
            return None
        return (
            f"{self._portal.id}: refused or unanswered {self._refused_in_a_row} times in a row at last; "
            "the portal is left alone until the next crawl"
        )

    def _why_closed(self) -> str | None:
        hours, now = self._portal.open_hours, self._clock()
        if hours is None or self._any_hour or hours.are_open(now):
            return None
        opening = (hours.next_opening(now) + timedelta(seconds=59)).astimezone(BEIJING)
        return (
            f"{self._portal.id}: it is to be asked at {self._portal.hours} Beijing time only; "
            f"crawl again from {opening.isoformat(sep=' ', timespec='minutes')}"
        )
