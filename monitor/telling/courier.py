"""Telling what must be told: due messages out of the archive's outbox, over the channels.

One loop looks whose turn it is and sends to several chats at the same time, to each one message at a time and in order.
A message counts as sent only once its channel has it, so a crash in between tells it twice rather than never; what
became of each try stands in the archive, so that a restart goes on where it was.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from db.archive import Archive
from db.errors import ArchiveError
from monitor.channels import Channel
from monitor.clock import Clock
from monitor.telling.attempt import After, Attempt, Buttons, Delivered, back_off
from monitor.telling.line import Line
from monitor.telling.patience import patiently

__all__ = ["Courier", "Delivered", "back_off", "deliver"]

LEASE = "telling"  # of the process that sends: two would tell everything twice
AT_ONCE = 8  # chats of one channel that are sent to at the same time

_LOOK_AGAIN = timedelta(seconds=2)  # for what others have written meanwhile
_LOOK_AGAIN_PER_WAITING = timedelta(milliseconds=1)  # a look at many takes longer
_PASSED_OVER = timedelta(minutes=1)
_BATCH = 200  # messages read at a time
_HEAD_START_S = 0.05  # for what is on its way, before a clock that need not wait goes on; real seconds
_LAST_WORDS_S = 5.0  # for what is on its way when a round is given up; real seconds


def deliver(archive: Archive, channels: Iterable[Channel], clock: Clock) -> Delivered:
    """Send all that is due. Not to be called where an event loop runs."""

    async def once() -> Delivered:
        async with Courier(archive, channels, clock) as courier:
            return await courier.round()

    return asyncio.run(once())


class Courier:
    """Delivers the messages of one archive, on one event loop.

    channels: opened when they are needed, and kept open until `close`. buttons: what is to be pressed under a message.
    No transaction is open while something is sent; where the archive is busy, the loop goes on and what is to be
    written is tried again (monitor/telling/patience.py).
    """

    def __init__(
        self,
        archive: Archive,
        channels: Iterable[Channel],
        clock: Clock,
        *,
        buttons: Buttons | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._at_once = at_once
        self._lines = {channel.name: Line(channel) for channel in channels}
        self._attempt = Attempt(archive, clock, buttons)
        self._on_way: dict[asyncio.Task[After], tuple[Line, str]] = {}
        self._passed_over: dict[int, datetime] = {}  # what was not to be sent after all, until when
        self._unknown: set[int] = set()  # what is for channels that are not there
        self._look_at: datetime | None = None
        self._is_ending = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the channels; they are opened again when they are needed."""
        for line in self._lines.values():
            await line.close()

    def end(self) -> None:
        """Begin nothing more: a round that runs comes back as soon as what is on its way has ended."""
        self._is_ending = True

    async def round(self) -> Delivered:
        """Send all that is due, and what becomes due meanwhile, as fast as the channels' limits allow; come back when
        nothing more is due.

        What fails is put off: by what the other side asks for, else by `back_off`. A message for a channel that is not
        there is left as it is. Cancelled, it lets what is on its way end first, for some seconds. While another process
        sends, as the watch while somebody calls `nianbao run`, all is left to that one.
        """
        result = Delivered()
        if await patiently(lambda: self._archive.pace.take_lease(LEASE), self._clock) is not None:
            result.waiting = len(self._archive.outbox.due(self._clock.now()))
            return result
        try:
            return await self._round(result)
        finally:
            with suppress(ArchiveError):  # one of a process that is no more holds up nobody
                self._archive.pace.release_lease(LEASE)

    async def _round(self, result: Delivered) -> Delivered:
        self._passed_over.clear()
        self._unknown.clear()
        try:
            await self._look(result)
            while True:
                self._send_off(result)
                if not self._on_way and (self._is_ending or not any(line.lanes for line in self._lines.values())):
                    if self._is_ending or not await self._look(result):
                        break
                    continue
                await self._wait()
                self._gather(result)
                if self._look_at is None or self._clock.now() >= self._look_at:
                    await self._look(result)
        finally:
            await self._let_end()
            for line in self._lines.values():
                line.lanes.clear()
        return result

    def _send_off(self, result: Delivered) -> None:
        """Begin to send what may go out now."""
        now = self._clock.now()
        for line in self._lines.values():
            while not self._is_ending and self._has_room(line) and (turn := line.lanes.take(now)):
                chat, message = turn
                task = asyncio.ensure_future(self._attempt.send(line, chat, message, result))
                self._on_way[task] = (line, chat)

    def _has_room(self, line: Line) -> bool:
        """Whether one more may be on its way; over a channel that is not open yet, one at all."""
        return len(line.lanes.on_way) < (self._at_once if line.is_open else 1)

    def _gather(self, result: Delivered) -> None:
        """Go on after what has ended. What nobody has foreseen is raised."""
        now = self._clock.now()
        for task in [task for task in self._on_way if task.done()]:
            line, chat = self._on_way.pop(task)
            message = line.lanes.on_way[chat]
            is_fine = not task.cancelled() and task.exception() is None
            after = task.result() if is_fine else After.CHAT_WAITS
            left = line.lanes.ended(chat, now, is_over=after not in (After.NEXT, After.NOT_NOW))
            if after is After.NOT_NOW:
                self._passed_over[message] = now + _PASSED_OVER
            elif after is After.CHAT_MOVED:
                self._look_at = None  # what waited for it is found under its new number
                left = 0
            elif after is After.CHANNEL_WAITS:
                left += line.lanes.clear()
            result.waiting += left
            task.result()

    async def _wait(self) -> None:
        """Until something on its way has ended, or the next turn or look has come. The one place that waits."""
        now = self._clock.now()
        turns = (
            line.lanes.next_turn(now) for line in self._lines.values() if not self._is_ending and self._has_room(line)
        )
        until = min([*(turn for turn in turns if turn is not None), self._look_at or now])
        if self._on_way:
            head_start = min(_HEAD_START_S, max(0.0, (until - now).total_seconds()))
            ended, _ = await asyncio.wait(self._on_way, timeout=head_start, return_when=asyncio.FIRST_COMPLETED)
            if ended:
                return
        sleeping = asyncio.ensure_future(self._clock.sleep((until - self._clock.now()).total_seconds()))
        try:
            await asyncio.wait([sleeping, *self._on_way], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()

    async def _look(self, result: Delivered) -> bool:
        """Put what is due into the lanes; whether that is anything new."""
        now = self._clock.now()
        numbers = self._archive.outbox.due(now)
        self._look_at = now + _LOOK_AGAIN + len(numbers) * _LOOK_AGAIN_PER_WAITING
        known = [line.lanes for line in self._lines.values()]
        self._passed_over = {number: until for number, until in self._passed_over.items() if until > now}
        skipped = self._passed_over.keys() | self._unknown
        new = [n for n in numbers if n not in skipped and not any(n in lanes for lanes in known)]
        found = False
        for start in range(0, len(new), _BATCH):
            for row in self._archive.outbox.rows(new[start : start + _BATCH]):
                line = self._lines.get(row["channel"])
                if line is None:
                    result.waiting += 1
                    self._unknown.add(row["id"])
                else:
                    line.lanes.put([(row["id"], row["subscriber"])], now)
                    found = True
            await asyncio.sleep(0)
        return found

    async def _let_end(self) -> None:
        """What is on its way ends, or is given up; only where a round breaks off is there anything."""
        if not self._on_way:
            return
        tasks = list(self._on_way)
        try:
            await asyncio.wait(tasks, timeout=_LAST_WORDS_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for line, chat in self._on_way.values():
                line.lanes.ended(chat, self._clock.now(), is_over=True)
            self._on_way.clear()
