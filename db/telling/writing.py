"""Writing down messages, in the transaction of what they are about.

A message tells of a finding, or takes back what was told, or says more about it. Whoever was told hears when it is
taken back, also one who wants to hear no more by now; whoever was not, does not. A message counts as heard once it was
sent, or may have been: a try whose end nobody knows.
"""

import sqlite3
from collections.abc import Iterable, Set
from dataclasses import replace
from typing import NamedTuple

from db.records import Message
from db.schema.to_schema_5 import text_digest
from db.telling import gates
from db.telling.events import TAKES_BACK, TELLS, base

Key = tuple[str, str]
"""Channel and subscriber."""

REPLACED_WHY = "another message about the same finding took its place"

_PUT = (
    "INSERT INTO outbox (subscriber, channel, fingerprint, event, text_id, next_try, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subscriber, channel, fingerprint, event) DO NOTHING"
)
_OF_FINDING = (
    "SELECT channel, subscriber, id, event, state, attempts > 0 OR (error IS NOT NULL AND state = 'pending'),"
    " created_at FROM outbox WHERE fingerprint = ? ORDER BY id"
)


class Written(NamedTuple):
    """A message of a finding. is_tried: a channel may have taken it without our knowing."""

    id: int
    event: str
    state: str
    is_tried: int
    created_at: str

    @property
    def was_never_heard(self) -> bool:
        """Whether it was refused for good, and no try before may have come through."""
        return self.state == "refused" and not self.is_tried

    @property
    def waits_untried(self) -> bool:
        return self.state == "pending" and not self.is_tried


def put_messages(connection: sqlite3.Connection, messages: Iterable[Message], at: str) -> int:
    """Write messages down, due at once; how many are new. A message with the key of an earlier one is that one."""
    texts: dict[tuple[str, tuple[str, str] | None], int] = {}
    rows = []
    for m in messages:
        number = texts.get((m.text, m.document))
        if number is None:
            number = texts[m.text, m.document] = keep_text(connection, m)
        rows.append((m.subscriber, m.channel, m.fingerprint, m.event, number, at, at))
    return connection.executemany(_PUT, rows).rowcount if rows else 0


def keep_text(connection: sqlite3.Connection, message: Message) -> int:
    """Keep what a message says, once for all who hear it; the number of the text."""
    name, document = message.document or (None, None)
    (number,) = connection.execute(
        "INSERT INTO message_texts (digest, text, document_name, document) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (digest) DO UPDATE SET digest = digest RETURNING id",
        (text_digest(message.text, name, document), message.text, name, document),
    ).fetchone()
    return int(number)


def tell(
    connection: sqlite3.Connection,
    messages: Iterable[Message],
    at: str,
    *,
    is_known: bool,
    joining: Set[Key] = frozenset(),
) -> int:
    """Write down messages that tell of a finding; how many. is_known: this very claim was told before, so that only
    those who heard since that it does not hold are told; and those `joining`, who may hear of it from now on, and are
    told where they were not. What waits unsent is replaced."""
    histories = _Histories(connection)
    new = []
    for message in messages:
        key = (message.channel, message.subscriber)
        history = histories.of(message)
        last = _last(history)
        was_sent = last is not None and base(last.event) in TELLS and last.state == "sent"
        if was_sent and (is_known or key in joining):
            continue
        waits = last is not None and (base(last.event) in TAKES_BACK or last.state == "pending")
        if is_known and not waits and key not in joining:
            continue
        _clear(connection, history)
        new.append(_under_new_key(message, history))
    return put_messages(connection, new, at)


def take_back(connection: sqlite3.Connection, messages: Iterable[Message], at: str, *, is_silent: bool) -> int:
    """Write down messages that take back what was told, for those who were told; how many. is_silent: the finding is
    not to be told by now, so that what waits goes on waiting, and nothing is to be taken back of it; so it is for one
    to whom it is not to be told."""
    histories = _Histories(connection)
    new = []
    for message in messages:
        history = histories.of(message)
        last = _last(history)
        if last is None or base(last.event) in TAKES_BACK:
            continue
        if last.state == "pending" and (
            is_silent or gates.is_kept_from(connection, message, last.event, last.created_at, at)
        ):
            if last.waits_untried and not _was_told_before(history, last):
                continue
            # What was tried may have been heard, and who heard an earlier claim hears that it is taken back.
            _replace(connection, history, last)
        new.append(_under_new_key(message, history))
    return put_messages(connection, new, at)


def add(connection: sqlite3.Connection, messages: Iterable[Message], at: str) -> int:
    """Write down messages that say more about a finding, for those who were told of it and heard nothing else since;
    how many."""
    histories = _Histories(connection)
    new = []
    for message in messages:
        history = histories.of(message)
        last = _last(history)
        if last is not None and base(last.event) in TELLS:
            new.append(_under_new_key(message, history))
    return put_messages(connection, new, at)


def drop_untold(connection: sqlite3.Connection, fingerprint: str) -> bool:
    """Throw away what tells of a finding and was never sent nor tried; False, and nothing is done, where anybody may
    have been told."""
    waiting = []
    for history in histories_of(connection, fingerprint).values():
        last = _last(history)
        if last is None or base(last.event) in TAKES_BACK:
            continue
        if not last.waits_untried or _was_told_before(history, last):
            return False
        waiting.append(last.id)
    connection.executemany("DELETE FROM outbox WHERE id = ?", ((number,) for number in waiting))
    return True


def told(connection: sqlite3.Connection, fingerprint: str) -> list[Key]:
    """Who was told of a finding, or is to be told by a message that waits, in the order in which they were; under the
    numbers that they have now."""
    heard = {
        key: None
        for key, history in histories_of(connection, fingerprint).items()
        if any(base(one.event) in TELLS and not one.was_never_heard for one in history)
    }
    if not heard:
        return []
    moved = set(connection.execute("SELECT channel, subscriber FROM subscribers WHERE moved_to IS NOT NULL"))
    return [key for key in heard if key not in moved]


def say_other_number(connection: sqlite3.Connection, old: str, new: str) -> None:
    """What waits to be said of a finding says the other fingerprint, under which it is answered from now on."""
    waiting = connection.execute(
        "SELECT o.id, t.text, t.document_name, t.document FROM outbox o JOIN message_texts t ON t.id = o.text_id"
        " WHERE o.fingerprint = ? AND o.state = 'pending'",
        (old,),
    ).fetchall()
    for number, text, name, document in waiting:
        with_file = None if name is None else (name.replace(old, new), document.replace(old, new))
        said = Message("", "", new, "", text.replace(old, new), with_file)
        connection.execute("UPDATE outbox SET text_id = ? WHERE id = ?", (keep_text(connection, said), number))


def histories_of(connection: sqlite3.Connection, fingerprint: str) -> dict[Key, list[Written]]:
    """What was written of a finding, for each who is to hear it, oldest first."""
    found: dict[Key, list[Written]] = {}
    for channel, subscriber, number, event, state, is_tried, created_at in connection.execute(
        _OF_FINDING, (fingerprint,)
    ):
        found.setdefault((channel, subscriber), []).append(Written(number, event, state, bool(is_tried), created_at))
    return found


class _Histories:
    """What was written of findings: one question for each finding, however many are to hear of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._of: dict[str, dict[Key, list[Written]]] = {}

    def of(self, message: Message) -> list[Written]:
        """Of one finding and subscriber; not to be changed but by `_replace`."""
        of = self._of.get(message.fingerprint)
        if of is None:
            of = self._of[message.fingerprint] = histories_of(self._connection, message.fingerprint)
        return of.get((message.channel, message.subscriber), []) if of else []


def _last(history: list[Written]) -> Written | None:
    """What was written last that tells of a finding, or takes it back; but for what nobody has heard nor will."""
    for one in reversed(history):
        if base(one.event) in (*TELLS, *TAKES_BACK) and not one.was_never_heard:
            return one
    return None


def _was_told_before(history: list[Written], message: Written) -> bool:
    """Whether a subscriber has heard of a finding before a message, and not that it does not hold."""
    last = _last([one for one in history if one.id < message.id])
    return last is not None and base(last.event) in TELLS


def _clear(connection: sqlite3.Connection, history: list[Written]) -> None:
    """Take what waits that tells of a finding out of the way of what is told now, lest this waits behind what is not to
    be told any more; and with it what would take that back."""
    for one in [one for one in history if one.state == "pending"]:
        if base(one.event) in TELLS or (
            base(one.event) in TAKES_BACK and not one.is_tried and not _was_told_before(history, one)
        ):
            _replace(connection, history, one)


def _replace(connection: sqlite3.Connection, history: list[Written], message: Written) -> None:
    """Take a message that waits out of the way of the next one. One that was tried stays on record: its channel may
    have it, or have it in a moment."""
    if message.is_tried:
        connection.execute(
            "UPDATE outbox SET state = 'refused', error = ?, attempts = max(attempts, 1) WHERE id = ?",
            (REPLACED_WHY, message.id),
        )
    else:
        connection.execute("DELETE FROM outbox WHERE id = ?", (message.id,))
        history.remove(message)


def _under_new_key(message: Message, history: list[Written]) -> Message:
    """The message under a key that none has."""
    if not history:
        return message
    taken = {one.event for one in history}
    name, number = message.event, 1
    while name in taken:
        number += 1
        name = f"{message.event}.{number}"
    return message if name == message.event else replace(message, event=name)
