"""Which messages are to be sent now.

What tells of a finding is not sent while the finding is not to be told: held, doubtful, of a suspended rule, answered
wrong or muted; nor while it is not to be told to this chat (db/telling/gates.py). What happened later to a finding
waits for what happened before. Nothing is sent to a chat that is gone, nor to one or over a channel that asked for a
pause.
"""

import sqlite3
from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from db.finding_state import RELEASED
from db.readings.rows import as_json
from db.rule_record import suspended
from db.telling import gates
from db.telling.events import TELLS, base
from db.times import from_text, to_text

# What tells of a finding that is gone meanwhile is sent only before the message that says so. One whose row was thrown
# away waits until it is judged again.
_KEPT_BACK = (
    "CASE WHEN f.fingerprint IS NULL"
    " THEN EXISTS (SELECT 1 FROM finding_events e WHERE e.fingerprint = o.fingerprint) ELSE"
    " (f.held_why IS NOT NULL OR NOT f.told OR NOT f.confirmed OR f.certainty = 'doubtful'"
    " OR f.rule IN (SELECT value FROM json_each(:suspended))"
    " OR (NOT f.is_open AND NOT EXISTS (SELECT 1 FROM outbox l WHERE l.subscriber = o.subscriber"
    " AND l.channel = o.channel AND l.fingerprint = o.fingerprint AND l.id > o.id AND l.state = 'pending'))) END"
)
_MUTED_UNTIL = (
    "(SELECT m.until FROM chat_mutes m WHERE m.channel = o.channel AND m.subscriber = o.subscriber"
    " AND m.fingerprint = o.fingerprint AND m.until >= :now)"
)
_WAITING = (
    f"SELECT o.id, o.subscriber, o.channel, o.fingerprint, o.event, {_KEPT_BACK}, {_MUTED_UNTIL}, s.audience, f.kind,"
    " o.created_at, o.attempts > 0 OR o.error IS NOT NULL,"
    " max(o.next_try, coalesce(s.paused_until, ''), coalesce(p.until, ''))"
    " FROM outbox o {index} LEFT JOIN findings f ON f.fingerprint = o.fingerprint"
    " LEFT JOIN subscribers s ON s.channel = o.channel AND s.subscriber = o.subscriber"
    " LEFT JOIN channel_pauses p ON p.channel = o.channel"
    " WHERE o.state = 'pending' AND s.gone_at IS NULL"
)
# What waits for what happened before, which is to be tried later.
_DUE = (
    f"{_WAITING.format(index='INDEXED BY outbox_pending')} AND o.next_try <= :by"
    " AND coalesce(s.paused_until, '') <= :by AND coalesce(p.until, '') <= :by AND NOT EXISTS ("
    "SELECT 1 FROM outbox e WHERE e.subscriber = o.subscriber AND e.channel = o.channel"
    " AND e.fingerprint = o.fingerprint AND e.id < o.id AND e.state = 'pending' AND e.next_try > :by) ORDER BY o.id"
)
_ALL = f"{_WAITING.format(index='INDEXED BY outbox_pending')} ORDER BY o.id"
_ONE = f"{_WAITING.format(index='NOT INDEXED')} AND o.id = :id"
# By the key that no two share: the plus keeps SQLite from going through all that was ever written.
_BEFORE = (
    f"{_WAITING.format(index='')} AND (o.subscriber, o.channel, o.fingerprint) ="
    " (SELECT subscriber, channel, fingerprint FROM outbox WHERE id = :id) AND +o.id < :id"
)
_TICK = timedelta(microseconds=1)


class Waiting(NamedTuple):
    """A message that waits. kept_back: what tells of a finding, and is not to be told now; muted_until: by its chat.
    is_tried: it may have been heard. from_: when it may be tried."""

    id: int
    subscriber: str
    channel: str
    fingerprint: str
    event: str
    kept_back: int
    muted_until: str | None
    audience: str | None
    kind: str | None
    created_at: str
    is_tried: int
    from_: str


def due(connection: sqlite3.Connection, now: str, *, by: str | None = None) -> "array[int]":
    """The numbers of the messages that are to be sent now, oldest first. by: those that are to be tried again until
    then, too."""
    numbers = array("q")
    waiting: set[tuple[str, str, str]] = set()
    gate = _Gate(connection, now)
    for one in _rows(connection, _DUE, now, by or now):
        key = (one.subscriber, one.channel, one.fingerprint)
        if key in waiting:
            continue
        if not gate.keeps_back(one):
            numbers.append(one.id)
        elif not one.is_tried:
            waiting.add(key)  # else it may have been heard, and is taken back
    return numbers


def is_due(connection: sqlite3.Connection, message_id: int, now: str) -> bool:
    """Whether one message is to be sent now, for all that is known of its finding and chat, and what happened before
    is no longer to be sent."""
    gate = _Gate(connection, now, message_id)
    (one,) = [*_rows(connection, _ONE, now, now, message_id)] or (None,)
    if one is None or one.from_ > now or gate.keeps_back(one):
        return False
    # What was to come after another that could not be sent waits, too.
    return all(other.is_tried and gate.keeps_back(other) for other in _rows(connection, _BEFORE, now, now, message_id))


def next_due(connection: sqlite3.Connection, now: str) -> str | None:
    """When something that waits is to be sent: now, or at the earliest time at which it may be tried or is muted no
    more. None: nothing waits, or only for people."""
    if due(connection, now):
        return now
    gate = _Gate(connection, now)
    times = [time for one in _rows(connection, _ALL, now, now) if (time := gate.opens(one)) is not None and time > now]
    return min(times, default=None)


def waiting(connection: sqlite3.Connection, now: str) -> Iterator[tuple[Waiting, bool]]:
    """All that waits for chats that are not gone, oldest first; whether it is not to be told for now."""
    gate = _Gate(connection, now)
    for one in _rows(connection, _ALL, now, now):
        yield one, gate.keeps_back(one)


class _Gate:
    """What is not to be told at a moment."""

    def __init__(self, connection: sqlite3.Connection, now: str, message_id: int | None = None) -> None:
        self._connection = connection
        self._now = now
        self._silences = gates.silences(connection, now, message_id)
        self._released: dict[str, bool] = {}

    def keeps_back(self, one: Waiting) -> bool:
        """Whether a message tells what is not to be told now."""
        if base(one.event) not in TELLS:
            return False
        if one.kept_back or one.muted_until is not None:
            return True
        silence = self._silences.get(one.fingerprint)
        return (silence is not None and silence.covers(one.created_at)) or self._waits_for_release(one)

    def opens(self, one: Waiting) -> str | None:
        """From when on a message may be sent, as far as that is a matter of time; None where it is not."""
        if base(one.event) not in TELLS:
            return one.from_
        if one.kept_back or self._waits_for_release(one):
            return None
        ends = [one.muted_until] if one.muted_until is not None else []
        silence = self._silences.get(one.fingerprint)
        if silence is not None and silence.covers(one.created_at):
            until = silence.ends(one.created_at)
            if until is None:
                return None
            ends.append(until)
        return max([one.from_, *(to_text(_end(until)) for until in ends)])

    def _waits_for_release(self, one: Waiting) -> bool:
        if base(one.event) != RELEASED or not gates.needs_release(one.audience, one.kind):
            return False
        if one.fingerprint not in self._released:
            self._released[one.fingerprint] = gates.is_released(self._connection, one.fingerprint)
        return not self._released[one.fingerprint]


def _end(until: str) -> datetime:
    """The first moment after the last one of a mute."""
    return from_text(until) + _TICK


def _rows(
    connection: sqlite3.Connection, select: str, now: str, by: str, message_id: int | None = None
) -> Iterator[Waiting]:
    values = {"now": now, "by": by, "suspended": as_json(sorted(suspended(connection))), "id": message_id}
    yield from map(Waiting._make, connection.execute(select, values))
