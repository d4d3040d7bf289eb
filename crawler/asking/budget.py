"""How many requests a portal may get on a day in Beijing, over all crawls and processes."""

from datetime import datetime

from crawler.asking.hours import beijing_day
from crawler.clock import Clock
from crawler.portal import Portal
from db.collected.pace import Pace

_BATCH = 250


class Budget:
    """Counts the requests of one crawl towards their day.

    Each is counted before it is sent; only where nobody can be disturbed (see Portal.is_paced) are they written down
    some at a time, so that a killed process may forget a few.
    """

    def __init__(self, pace: Pace, portal: Portal, clock: Clock) -> None:
        self._pace = pace
        self._portal = portal
        self._clock = clock
        self._batch = 1 if portal.is_paced else _BATCH
        self._day = ""
        self._spent = 0
        self._unwritten = 0

    def why_not(self) -> str | None:
        """A sentence if the day's requests are used up."""
        self._turn_page(self._clock())
        if self._spent < self._portal.daily_budget:
            return None
        return (
            f"{self._portal.id}: the budget of {self._portal.daily_budget} requests is used up for {self._day}; "
            "the next day's crawl goes on, or raise daily_budget"
        )

    def count(self) -> None:
        """One more request is about to be sent."""
        self._turn_page(self._clock())
        self._spent += 1
        self._unwritten += 1
        if self._unwritten >= self._batch:
            self.write()

    def write(self) -> None:
        """Write down what was counted."""
        if self._unwritten:
            self._spent = self._pace.count_requests(self._portal.id, self._day, self._unwritten)
            self._unwritten = 0

    def _turn_page(self, now: datetime) -> None:
        day = beijing_day(now)
        if day != self._day:
            self.write()
            self._day = day
            self._spent = self._pace.requests_of(self._portal.id, day)
