"""What must be told to whom: written down with the event, sent later, at least once.

A message tells of a finding, or takes back what was told, or says more about it. Whoever was told hears when it is
taken back; whoever was not, does not. What tells of a finding is not sent while the finding is not to be told: held,
doubtful, of a suspended rule, answered wrong or muted.
"""

import sqlite3
from array import array
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from db.errors import ArchiveError
from db.finding_state import CONFIRMED, CORRECTED, FOUND, GONE, MUTED, RELEASED, WRONG, claim_in, load_state
from db.readings.rows import as_json
from db.records import Message
from db.rule_record import suspended
from db.schema.to_schema_5 import text_digest

AFTER_WRONG, AFTER_MUTED = "found-after-wrong", "found-after-muted"
WITHDRAWN = "withdrawn"
REPLACED = "replaced"  # gone, while another about the same report came in its place

TELLS = (FOUND, CONFIRMED, RELEASED, AFTER_WRONG, AFTER_MUTED)
TAKES_BACK = (GONE, CORRECTED, WITHDRAWN, REPLACED)

# Of one subscriber and finding: what was written last that tells of it, or takes it back.
_LAST = (
    "SELECT id, event, state, attempts FROM outbox WHERE subscriber = ? AND channel = ? AND fingerprint = ? AND"
    " CASE instr(event, '.') WHEN 0 THEN event ELSE substr(event, 1, instr(event, '.') - 1) END"
    f" IN ({', '.join(repr(event) for event in (*TELLS, *TAKES_BACK))}) ORDER BY id DESC LIMIT 1"
)
# What tells of a finding that is gone meanwhile is sent only before the message that says so.
_PENDING = (
    "SELECT o.id, o.subscriber, o.channel, o.fingerprint, o.event, CASE WHEN f.fingerprint IS NULL"
    # One whose row was thrown away waits until it is judged again.
    " THEN EXISTS (SELECT 1 FROM finding_events e WHERE e.fingerprint = o.fingerprint) ELSE"
    " (f.held_why IS NOT NULL OR NOT f.told OR NOT f.confirmed OR f.rule IN (SELECT value FROM json_each(:suspended))"
    " OR (NOT f.is_open AND NOT EXISTS (SELECT 1 FROM outbox l WHERE l.subscriber = o.subscriber"
    " AND l.channel = o.channel AND l.fingerprint = o.fingerprint AND l.id > o.id AND l.state = 'pending'))) END"
    " FROM outbox o INDEXED BY outbox_pending LEFT JOIN findings f ON f.fingerprint = o.fingerprint"
    " WHERE o.state = 'pending' AND o.next_try <= :now AND NOT EXISTS ("
    "SELECT 1 FROM outbox e WHERE e.subscriber = o.subscriber AND e.channel = o.channel"
    " AND e.fingerprint = o.fingerprint AND e.id < o.id AND e.state = 'pending' AND e.next_try > :now) ORDER BY o.id"
)


def put_messages(connection: sqlite3.Connection, messages: Iterable[Message], at: str) -> int:
    """Write messages down, due at once; how many are new. A message with the key of an earlier one is that one."""
    return sum(
        connection.execute(
            "INSERT INTO outbox (subscriber, channel, fingerprint, event, text_id, next_try, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subscriber, channel, fingerprint, event) DO NOTHING",
            (m.subscriber, m.channel, m.fingerprint, m.event, keep_text(connection, m), at, at),
        ).rowcount
        for m in messages
    )


def keep_text(connection: sqlite3.Connection, message: Message) -> int:
    """Keep what a message says, once for all who hear it; the number of the text."""
    name, document = message.document or (None, None)
    (number,) = connection.execute(
        "INSERT INTO message_texts (digest, text, document_name, document) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (digest) DO UPDATE SET digest = digest RETURNING id",
        (text_digest(message.text, name, document), message.text, name, document),
    ).fetchone()
    return int(number)


def tell(connection: sqlite3.Connection, messages: Iterable[Message], at: str, *, is_known: bool) -> int:
    """Write down messages that tell of a finding; how many. is_known: this very claim was told before, so that only
    those who heard since that it does not hold are told. One that waits unsent is replaced."""
    told = 0
    for message in messages:
        last = _last(connection, message)
        if is_known and (last is None or base(last[1]) not in TAKES_BACK):
            continue
        if last is not None and base(last[1]) in TELLS and last[2] == "pending":
            connection.execute("DELETE FROM outbox WHERE id = ?", (last[0],))
        told += _put_new(connection, message, at)
    return told


def take_back(connection: sqlite3.Connection, messages: Iterable[Message], at: str, *, is_silent: bool) -> int:
    """Write down messages that take back what was told, for those who were told; how many. is_silent: the finding is
    not to be told by now, so that what waits goes on waiting, and nothing is to be taken back of it."""
    told = 0
    for message in messages:
        last = _last(connection, message)
        if last is None or base(last[1]) in TAKES_BACK:
            continue
        number, _, state, attempts = last
        if state == "pending" and is_silent:
            if not attempts and not _was_told_before(connection, message, number):
                continue
            # What was tried may have been heard, and who heard an earlier claim hears that it is taken back.
            connection.execute("DELETE FROM outbox WHERE id = ?", (number,))
        told += _put_new(connection, message, at)
    return told


def add(connection: sqlite3.Connection, messages: Iterable[Message], at: str) -> int:
    """Write down messages that say more about a finding, for those who were told of it and heard nothing else since;
    how many."""
    told = 0
    for message in messages:
        last = _last(connection, message)
        if last is not None and base(last[1]) in TELLS:
            told += _put_new(connection, message, at)
    return told


def drop_untold(connection: sqlite3.Connection, fingerprint: str) -> bool:
    """Throw away what tells of a finding and was never sent nor tried; False, and nothing is done, where anything
    was."""
    waiting: list[int] = []
    for number, event, state, attempts in connection.execute(
        "SELECT id, event, state, attempts FROM outbox WHERE fingerprint = ? ORDER BY id", (fingerprint,)
    ):
        if base(event) in TAKES_BACK:
            waiting.clear()  # what was told before that is over
        elif base(event) in TELLS:
            if state != "pending" or attempts:
                return False
            waiting.append(number)
    connection.executemany("DELETE FROM outbox WHERE id = ?", ((number,) for number in waiting))
    return True


def due(connection: sqlite3.Connection, now: str, *, by: str | None = None) -> "array[int]":
    """The numbers of the messages that are to be sent now, oldest first. What happened later to a finding waits for
    what happened before. by: those that are to be tried again until then, too."""
    silenced = _silenced(connection, now)
    waiting: set[tuple[str, str, str]] = set()
    numbers = array("q")
    values = {"now": by or now, "suspended": as_json(sorted(suspended(connection)))}
    for number, subscriber, channel, fingerprint, event, is_kept_back in connection.execute(_PENDING, values):
        key = (subscriber, channel, fingerprint)
        if key in waiting:
            continue
        if base(event) in TELLS and (is_kept_back or fingerprint in silenced):
            waiting.add(key)
        else:
            numbers.append(number)
    return numbers


def _silenced(connection: sqlite3.Connection, now: str) -> set[str]:
    """The findings with messages that wait of which people have said that nothing is to be told."""
    asked = connection.execute(
        "SELECT f.fingerprint, f.observed, f.expected FROM findings f WHERE f.fingerprint IN ("
        "SELECT fingerprint FROM outbox WHERE state = 'pending') AND EXISTS (SELECT 1 FROM finding_events e"
        " WHERE e.fingerprint = f.fingerprint AND e.event IN (?, ?))",
        (WRONG, MUTED),
    ).fetchall()
    return {
        fingerprint
        for fingerprint, observed, expected in asked
        if load_state(connection, fingerprint).is_silenced(claim_in(observed, expected), now)
    }


def messages(connection: sqlite3.Connection, numbers: Iterable[int]) -> list[dict[str, Any]]:
    """The messages of these numbers as rows, in this order."""
    cursor = connection.execute(
        "SELECT o.*, t.text, t.document_name, t.document FROM json_each(?) n CROSS JOIN outbox o ON o.id = n.value"
        " JOIN message_texts t ON t.id = o.text_id ORDER BY n.key",
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


def say_other_number(connection: sqlite3.Connection, old: str, new: str) -> None:
    """What waits to be said of a finding says the other fingerprint, under which it is answered from now on."""
    waiting = connection.execute(
        "SELECT o.id, t.text, t.document_name, t.document FROM outbox o JOIN message_texts t ON t.id = o.text_id"
        " WHERE o.fingerprint = ? AND o.state = 'pending'",
        (old,),
    ).fetchall()
    for number, text, name, document in waiting:
        with_file = None if name is None else (name, document.replace(old, new))
        said = Message("", "", new, "", text.replace(old, new), with_file)
        connection.execute("UPDATE outbox SET text_id = ? WHERE id = ?", (keep_text(connection, said), number))


def base(event: str) -> str:
    """What a message says happened, without the number of a later one of its kind (gone.2)."""
    return event.partition(".")[0]


def _last(connection: sqlite3.Connection, message: Message) -> tuple[int, str, str, int] | None:
    row: tuple[int, str, str, int] | None = connection.execute(
        _LAST, (message.subscriber, message.channel, message.fingerprint)
    ).fetchone()
    return row


def _was_told_before(connection: sqlite3.Connection, message: Message, number: int) -> bool:
    """Whether a subscriber has heard of a finding before a message of this number, and not that it does not hold."""
    row = connection.execute(
        _LAST.replace(" ORDER BY", " AND id < ? ORDER BY"),
        (message.subscriber, message.channel, message.fingerprint, number),
    ).fetchone()
    return row is not None and base(row[1]) in TELLS


def _put_new(connection: sqlite3.Connection, message: Message, at: str) -> int:
    """Write a message down under a key that none has."""
    key = (message.subscriber, message.channel, message.fingerprint)
    taken = {
        event
        for (event,) in connection.execute(
            "SELECT event FROM outbox WHERE subscriber = ? AND channel = ? AND fingerprint = ?", key
        )
    }
    name, number = message.event, 1
    while name in taken:
        number += 1
        name = f"{message.event}.{number}"
    return put_messages(connection, [replace(message, event=name)], at)


def _require(connection: sqlite3.Connection, message_id: int) -> None:
    if not connection.execute("SELECT 1 FROM outbox WHERE id = ?", (message_id,)).fetchone():
        raise ArchiveError(f"message {message_id} is not in the outbox")
