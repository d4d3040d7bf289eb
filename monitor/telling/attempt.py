"""One message on its way: written down that it is tried, sent, written down what became of it.

What is written before makes that nobody forgets a message which a chat may have; what is written after is written
whatever happens meanwhile: an archive that is busy, a watch that is told to stop.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from typing import Any, TypeVar

from db.archive import Archive
from db.errors import ArchiveBusyError
from db.telling.events import TELLS, base
from monitor.channels import Button, Outgoing, SendError
from monitor.clock import Clock
from monitor.telling.line import Line
from monitor.telling.patience import patiently

T = TypeVar("T")
Buttons = Callable[[dict[str, Any]], tuple[Button, ...]]
"""What is to be pressed under a message, by its row of the outbox."""

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=12)
TRIED_LONG_ENOUGH = timedelta(days=7)

_LAST_WORDS_S = 5.0  # for what must be written down when the watch stops; real seconds


@dataclass(slots=True)
class Delivered:
    """What one round did: messages sent, tried in vain, refused for good, left for later untried. errors: a sentence
    for each failure."""

    sent: int = 0
    failed: int = 0
    refused: int = 0
    waiting: int = 0
    errors: list[str] = field(default_factory=list)


class After(Enum):
    """How it goes on after a try."""

    NEXT = auto()  # with the chat's next message
    NOT_NOW = auto()  # with the next, too: this one was not tried
    CHAT_WAITS = auto()
    CHAT_MOVED = auto()
    CHANNEL_WAITS = auto()


def back_off(attempts: int) -> timedelta:
    """How long to wait after a failure: 1, 2, 4 … minutes, twelve hours at most. attempts: earlier failures."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 16))


def tries_within(span: timedelta) -> int:
    """So many tries, with the pauses between them, take as long as this."""
    tries, spent = 1, timedelta()
    while spent < span:
        spent += back_off(tries - 1)
        tries += 1
    return tries


LAST_TRY = tries_within(TRIED_LONG_ENOUGH)


class Attempt:
    """Tries messages of one archive; see `send`."""

    def __init__(self, archive: Archive, clock: Clock, buttons: Buttons | None) -> None:
        self._archive = archive
        self._clock = clock
        self._buttons = buttons

    async def send(self, line: Line, chat: str, message: int, result: Delivered) -> After:
        """Send one message of the outbox, if it is still to be sent, and write down what became of it."""
        try:
            channel = await line.open()
        except SendError as error:
            result.failed += 1
            result.errors.append(_failure(line.name, message, chat, error))
            return await self._channel_waits(line, error)
        outbox = self._archive.outbox
        row = next(iter(outbox.rows([message])), None)
        if row is None or row["subscriber"] != chat:
            return After.NOT_NOW
        told_as = None if base(row["event"]) in TELLS else outbox.told_as(row)
        buttons = self._buttons(row) if self._buttons else ()
        if not await patiently(lambda: outbox.begin(row, self._clock.now()), self._clock):
            return After.NOT_NOW
        document = None if row["document_name"] is None else (row["document_name"], row["document"])
        try:
            remote = await channel.send(chat, Outgoing(row["text"], document, buttons, told_as))
        except SendError as error:
            result.failed += 1
            result.errors.append(_failure(line.name, message, chat, error))
            return await self._failed(line, row, error, result)
        await self._surely(lambda: outbox.mark_sent(message, self._clock.now(), remote))
        line.went_well()
        result.sent += 1
        return After.NEXT

    async def _failed(self, line: Line, row: dict[str, Any], error: SendError, result: Delivered) -> After:
        subscribers, now, why = self._archive.subscribers, self._clock.now(), str(error)
        channel, chat = row["channel"], row["subscriber"]
        if error.moved_to is not None:
            await self._not_sent(row)
            new = error.moved_to
            await self._surely(lambda: subscribers.moved(channel, chat, new, now))
            return After.CHAT_MOVED
        if error.scope == "channel":
            await self._not_sent(row, error)
            return await self._channel_waits(line, error)
        is_refused = error.is_final or error.scope == "subscriber"
        if error.retry_after is not None:
            await self._not_sent(row, error)
            until = now + error.retry_after
            await self._surely(lambda: subscribers.pause(channel, chat, until, why))
            if line.was_asked_to_wait(chat):
                await self._surely(lambda: subscribers.pause(channel, None, until, why))
                return After.CHANNEL_WAITS
            return After.CHAT_WAITS
        is_last = row["attempts"] + 1 >= LAST_TRY
        if error.scope == "subscriber" and (error.is_final or is_last):
            await self._not_sent(row)
            result.refused += 1
            await self._surely(lambda: subscribers.gone(channel, chat, why, now))
            return After.CHAT_WAITS
        if is_refused and is_last:
            result.refused += 1
            await self._surely(lambda: self._archive.outbox.refuse(row["id"], why, now))
            return After.NEXT
        next_try = now + back_off(row["attempts"])
        await self._surely(lambda: self._archive.outbox.mark_failed(row["id"], why, next_try))
        if error.scope == "subscriber":
            await self._surely(lambda: subscribers.pause(channel, chat, next_try, why))
            return After.CHAT_WAITS
        if not is_refused and line.went_wrong():
            return await self._channel_waits(line, error)
        return After.NEXT

    async def _not_sent(self, row: dict[str, Any], error: SendError | None = None) -> None:
        """The channel certainly does not have it: it waits as if it had not been tried. Else it counts as tried."""
        if error is None or error.is_unsent:
            await self._surely(lambda: self._archive.outbox.put_back(row))
        else:
            next_try = self._clock.now() + back_off(row["attempts"])
            await self._surely(lambda: self._archive.outbox.mark_failed(row["id"], str(error), next_try))

    async def _channel_waits(self, line: Line, error: SendError) -> After:
        until = self._clock.now() + (error.retry_after or line.next_pause())
        await self._surely(lambda: self._archive.subscribers.pause(line.name, None, until, str(error)))
        return After.CHANNEL_WAITS

    async def _surely(self, action: Callable[[], T]) -> T:
        """Write down what has happened outside. The first try is made before anything else may run; if the archive is
        busy, a cancellation waits, as long as a watch that must stop can wait."""
        try:
            return action()
        except ArchiveBusyError:
            writing = asyncio.ensure_future(patiently(action, self._clock))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            if not writing.done():
                await asyncio.wait({writing}, timeout=_LAST_WORDS_S)
            writing.cancel()
            raise


def _failure(channel: str, message: int, chat: str, error: SendError) -> str:
    return f"{channel}: message {message} to {chat} was not sent: {error}"
