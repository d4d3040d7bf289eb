"""What must be told to whom: written down with the event, sent later, at least once."""

import sqlite3
from array import array
from collections.abc import Iterable
from typing import Any

from db.errors import ArchiveError
from db.readings.rows import as_json
from db.records import Message


def put_messages(connection: sqlite3.Connection, messages: list[Message], at: str) -> None:
    """Write messages down, due at once. A message with the key of an earlier one is that one."""
    connection.executemany(
        "INSERT INTO outbox (subscriber, channel, fingerprint, event, text, next_try, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subscriber, channel, fingerprint, event) DO NOTHING",
        [(m.subscriber, m.channel, m.fingerprint, m.event, m.text, at, at) for m in messages],
    )


def due(connection: sqlite3.Connection, now: str) -> "array[int]":
    """The numbers of the messages that are to be sent now, oldest first. What happened later to a finding waits for
    what happened before."""
    rows = connection.execute(
        "SELECT id FROM outbox o WHERE state = 'pending' AND next_try <= ? AND NOT EXISTS ("
        "SELECT 1 FROM outbox e WHERE e.subscriber = o.subscriber AND e.channel = o.channel"
        " AND e.fingerprint = o.fingerprint AND e.id < o.id AND e.state = 'pending' AND e.next_try > ?)"
        " ORDER BY id",
        (now, now),
    )
    return array("q", (number for (number,) in rows))


def messages(connection: sqlite3.Connection, numbers: Iterable[int]) -> list[dict[str, Any]]:
    """The messages of these numbers as rows, in this order."""
    cursor = connection.execute(
        "SELECT o.* FROM json_each(?) n CROSS JOIN outbox o ON o.id = n.value ORDER BY n.key",
        (as_json(list(numbers)),),
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def mark_sent(connection: sqlite3.Connection, message_id: int, at: str) -> None:
    """A channel has taken the message. Marking it again changes nothing."""
    _require(connection, message_id)
    connection.execute(
        "UPDATE outbox SET state = 'sent', sent_at = ?, attempts = attempts + 1, error = NULL"
        " WHERE id = ? AND state = 'pending'",
        (at, message_id),
    )


def mark_failed(connection: sqlite3.Connection, message_id: int, error: str, next_try: str) -> None:
    """A channel has not taken the message; it stays, and is due again at `next_try`. Twice is once."""
    _require(connection, message_id)
    connection.execute(
        "UPDATE outbox SET attempts = attempts + 1, error = ?, next_try = ?"
        " WHERE id = ? AND state = 'pending' AND next_try != ?",
        (error, next_try, message_id, next_try),
    )


def _require(connection: sqlite3.Connection, message_id: int) -> None:
    if not connection.execute("SELECT 1 FROM outbox WHERE id = ?", (message_id,)).fetchone():
        raise ArchiveError(f"message {message_id} is not in the outbox")
