"""Asking for one address: the turn is waited for, the request is counted and sent, and sent again after a pause where
that may help.
"""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from crawler.asking.budget import Budget
from crawler.asking.limits import Limits
from crawler.asking.network import Network, host_of
from crawler.asking.pacing import Pacer
from crawler.asking.retry import LONGEST_PAUSE_S, PAUSES_S, helps, retry_after_s
from crawler.clock import Clock
from crawler.errors import CrawlStopped
from crawler.outcomes.verdict import Answer
from crawler.portal import Portal
from crawler.settings import CrawlOptions

log = structlog.get_logger("crawler")


@dataclass(slots=True)
class Asked:
    """What asking came to so far, over redirects and retries; see Fetched."""

    answer: Answer
    at: datetime
    request_headers: dict[str, str] = field(default_factory=dict)
    network: dict[str, str | None] | None = None
    redirects: list[tuple[int, str]] = field(default_factory=list)
    requests: int = 0


class Asker:
    """Sends the requests of one crawl. With a clock that plays another day pauses are not slept."""

    def __init__(
        self,
        portal: Portal,
        network: Network,
        pacer: Pacer,
        limits: Limits,
        budget: Budget,
        clock: Clock,
        options: CrawlOptions,
    ) -> None:
        self.requests = 0
        self._portal = portal
        self._on_loopback = portal.on_loopback
        self._network = network
        self._pacer = pacer
        self._limits = limits
        self._budget = budget
        self._clock = clock
        self._waits = not options.is_virtual
        self._pauses_s = PAUSES_S if options.retries else ()

    async def ask(self, asked: Asked, url: str, headers: dict[str, str]) -> None:
        """Send a request for `url`; the last answer goes into `asked`. Raises CrawlStopped if none may be sent."""
        host = host_of(url)
        for number, pause_s in enumerate((*self._pauses_s, None)):
            try:
                may_pass = await self._send(asked, url, host, headers)
            except CrawlStopped:
                if number == 0:
                    raise
                return  # the answer that came is worth its record
            answer = asked.answer
            again = pause_s is not None and helps(answer, may_pass=may_pass)
            asked_s = retry_after_s(answer, self._clock())
            if asked_s > LONGEST_PAUSE_S:
                self._pacer.put_off(host, asked_s)
                self._limits.stop(self._pacer.why_not(host))
                return
            planned_s = pause_s if again and pause_s is not None and not self._on_loopback else 0.0
            wait_s = max(asked_s, planned_s) if self._waits else 0.0
            if wait_s > 0:
                self._pacer.put_off(host, wait_s)  # the next turn waits, whoever takes it
            if not again:
                return
            log.info("retry", portal=self._portal.id, url=url, status=answer.status, error=answer.error, wait_s=wait_s)

    async def _send(self, asked: Asked, url: str, host: str, headers: dict[str, str]) -> bool:
        """Wait for the turn and send one request. Gives whether a missing answer may come when asked again."""
        self._limits.check()
        async with self._pacer.turn(host):
            self._limits.check()  # waiting may have taken long
            self._budget.count()
            self.requests += 1
            if not asked.requests:
                asked.at = self._clock()
            asked.requests += 1
            reply = await self._network.send(asked.answer.asked, url, headers)
        asked.answer, asked.request_headers, asked.network = reply.answer, reply.request_headers, reply.network
        return reply.may_pass
