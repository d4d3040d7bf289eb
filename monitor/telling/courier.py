"""Telling what must be told: due messages out of the archive's outbox, over the channels.

A message counts as sent only once its channel has it, so a crash in between tells it twice rather than never.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from db.archive import Archive
from monitor.channels import Channel, SendError
from monitor.telling.messages import message_text, messages_for

__all__ = ["Delivered", "back_off", "deliver", "deliver_async", "message_text", "messages_for"]

Clock = Callable[[], datetime]
# What is not to be tried: channel, subscriber and fingerprint (None: all of them), until when and why.
Holds = dict[tuple[str, str | None, str | None], tuple[datetime, str]]

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(slots=True)
class Delivered:
    """What one round did: messages sent, tried in vain, left for later untried. errors: a sentence for each failure."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    errors: list[str] = field(default_factory=list)


def back_off(attempts: int) -> timedelta:
    """How long to wait after a failure: 1, 2, 4 … minutes, an hour at most. attempts: earlier failures."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 16))


def deliver(archive: Archive, channels: Iterable[Channel], now: Clock) -> Delivered:
    """Send what is due, oldest first; see deliver_async. Not to be called where an event loop runs."""
    return asyncio.run(deliver_async(archive, channels, now))


async def deliver_async(archive: Archive, channels: Iterable[Channel], now: Clock) -> Delivered:
    """Send what is due, oldest first, and mark each message as soon as its channel has taken it.

    A failure puts the message off (by what the other side asks for, else by `back_off`) and goes on with the rest;
    what the same failure would hit as well (all of one subscriber or channel) and what must not overtake it (later
    events of the same finding) is put off until then untried. A message for a channel that is not among `channels`
    is left as it is. No transaction is open while sending.
    """
    by_name = {channel.name: channel for channel in channels}
    result = Delivered()
    holds: Holds = {}
    async with AsyncExitStack() as stack:
        opened: dict[str, Channel] = {}
        for row in archive.each_due_message(now()):
            channel = by_name.get(row["channel"])
            if channel is None:
                result.waiting += 1
                continue
            hold = _held(holds, row)
            if hold is not None:
                until, why = hold
                archive.mark_failed(row["id"], why, until)
                result.waiting += 1
                continue
            try:
                if channel.name not in opened:
                    opened[channel.name] = await stack.enter_async_context(channel)
                await opened[channel.name].send(row["subscriber"], row["text"])
            except SendError as error:
                next_try = now() + (error.retry_after or back_off(row["attempts"]))
                archive.mark_failed(row["id"], str(error), next_try)
                result.failed += 1
                result.errors.append(_failure(row, error))
                holds[_hold_key(row, error)] = (next_try, f"not tried, since message {row['id']} failed: {error}")
            else:
                archive.mark_sent(row["id"], now())
                result.sent += 1
    return result


def _failure(row: dict[str, Any], error: SendError) -> str:
    return f"{row['channel']}: message {row['id']} to {row['subscriber']} was not sent: {error}"


def _hold_key(row: dict[str, Any], error: SendError) -> tuple[str, str | None, str | None]:
    whom = None if error.scope == "channel" else row["subscriber"]
    return row["channel"], whom, row["fingerprint"] if error.scope == "message" else None


def _held(holds: Holds, row: dict[str, Any]) -> tuple[datetime, str] | None:
    channel, whom = row["channel"], row["subscriber"]
    keys = ((channel, None, None), (channel, whom, None), (channel, whom, row["fingerprint"]))
    return next((holds[key] for key in keys if key in holds), None)
