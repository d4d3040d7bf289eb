"""Waiting for one's turn at a host: the delay, the number of connections, and the time for which it wants to be left
alone hold for all crawls of all processes together, and over restarts (see db/collected/pace.py).
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from crawler.asking.hours import BEIJING
from crawler.asking.retry import LONGEST_PAUSE_S
from crawler.clock import Clock
from crawler.errors import CrawlStopped
from crawler.portal import Portal
from db.archive import Archive


class Pacer:
    """The turns of one crawl of one portal. See host_of for what a host is.

    Where the portal is on loopback without a delay, turns cost nothing: the archive is not asked.
    """

    def __init__(self, archive: Archive, portal: Portal, clock: Clock) -> None:
        self._pace = archive.pace
        self._portal = portal
        self._is_paced = portal.is_paced
        self._clock = clock
        self._delays: dict[str, float] = {}
        self._off: dict[str, datetime] = {}
        # Those of one process wait here for each other, without asking the archive again and again.
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(portal.connections))

    def ask_delay(self, host: str, delay_s: float) -> None:
        """A Crawl-delay of robots.txt: honoured from now on where it is longer than the portal's own delay."""
        if self._is_paced:
            self._delays[host] = max(self.delay_of(host), delay_s)

    def delay_of(self, host: str) -> float:
        """Seconds from the end of an answer of this host to the next request."""
        return self._delays.get(host, self._portal.delay_s)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for the turn, and hold it while the request is under way.

        CrawlStopped if the host wants to be left alone for longer than a crawl waits.
        """
        async with self._slots[host]:
            await self._wait_off(host)
            lease = await self._take(host) if self._is_paced else None
            try:
                yield
            finally:
                if lease is not None:
                    self._pace.end_turn(host, lease, delay_s=self.delay_of(host))

    def put_off(self, host: str, seconds: float) -> None:
        """Leave a host alone for so long, in this crawl and every other one; only ever longer."""
        until = self._clock() + timedelta(seconds=seconds)
        self._off[host] = max(self._off.get(host, until), until)
        self._pace.put_off(host, until)

    def why_not(self, host: str) -> str | None:
        """A sentence if the host asked, in this crawl or an earlier one, to be left alone for longer than a crawl
        waits."""
        until = self._pace.off_until(host)
        if until is None or (until - self._clock()) / timedelta(seconds=1) <= LONGEST_PAUSE_S:
            return None
        return self._sentence(host, until)

    async def _wait_off(self, host: str) -> None:
        while (until := self._off.get(host)) is not None and (now := self._clock()) < until:
            await self._wait_until(host, until, now)

    async def _take(self, host: str) -> str:
        while True:
            moment = self._clock()
            turn = self._pace.take_turn(
                host, delay_s=self.delay_of(host), connections=self._portal.connections, moment=moment
            )
            if turn.lease is not None:
                return turn.lease
            if turn.off_until is not None:
                await self._wait_until(host, turn.off_until, moment)
            else:
                await asyncio.sleep(turn.wait_s)

    async def _wait_until(self, host: str, until: datetime, now: datetime) -> None:
        wait = (until - now) / timedelta(seconds=1)
        if wait > LONGEST_PAUSE_S:
            raise CrawlStopped(self._sentence(host, until))
        await asyncio.sleep(wait)

    def _sentence(self, host: str, until: datetime) -> str:
        when = until.astimezone(BEIJING).isoformat(sep=" ", timespec="minutes")
        return f"{self._portal.id}: {host} asked to be left alone until {when}; crawl again after that"
