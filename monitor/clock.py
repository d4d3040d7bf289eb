"""The one clock that is handed in: the real one, or one that plays other days."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, and waits."""

    def now(self) -> datetime:
        """The time, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back after so many seconds by this clock."""
        ...


class RealClock:
    """The time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class VirtualClock:
    """A time that stands still until somebody sets it, or sleeps: then it is as much later, at once."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.set(self._now + timedelta(seconds=max(0.0, seconds)))
        await asyncio.sleep(0)

    def set(self, moment: datetime) -> None:
        """Go on to a moment; one that is over already changes nothing."""
        self._now = max(self._now, moment.astimezone(UTC))
