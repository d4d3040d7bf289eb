"""What must be told to whom: written down with what it is about, sent later, at least once.

The face of the outbox. What is written for whom: db/telling/writing.py; what is to be sent now: db/telling/due.py.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from db.errors import ArchiveError
from db.readings.rows import as_json
from db.records import Message
from db.telling import due as due_rows
from db.telling import overview as backlogs
from db.telling import writing
from db.telling.events import AFTER_MUTED, AFTER_WRONG, REPLACED, TAKES_BACK, TELLS, WITHDRAWN, base
from db.telling.overview import Backlog
from db.telling.writing import REPLACED_WHY, put_messages
from db.times import from_text, to_text

if TYPE_CHECKING:
    from db.connection import ArchiveFile

__all__ = [
    "AFTER_MUTED",
    "AFTER_WRONG",
    "REPLACED",
    "TAKES_BACK",
    "TELLS",
    "WITHDRAWN",
    "Outbox",
    "base",
    "put_messages",
]

FARTHEST = timedelta(days=7)
"""Nothing is put off for longer: pauses of our own take hours, and who asks us to wait for longer will ask again."""

_BATCH = 200  # messages read at a time
_ROWS = (
    "SELECT o.*, t.text, t.document_name, t.document FROM json_each(?) n CROSS JOIN outbox o ON o.id = n.value"
    " JOIN message_texts t ON t.id = o.text_id ORDER BY n.key"
)
_KEY = ("subscriber", "channel", "fingerprint")
_REFUSE_EARLIER = (
    "UPDATE outbox SET state = 'refused', attempts = max(attempts, 1), error = ? WHERE state = 'pending' AND +id < ?"
    " AND subscriber = ? AND channel = ? AND fingerprint = ?"
)
_SAME = ("subscriber", "channel", "fingerprint", "event", "text_id")
_BEING_SENT = "was being sent from {} on, and nobody has written down what came of it"


class Outbox:
    """The messages of an open archive. Every time is handed in."""

    def __init__(self, file: "ArchiveFile") -> None:
        self._file = file

    def put(self, messages: Iterable[Message], at: datetime) -> int:
        """Write down messages as they are, due at once; how many are new. One with the key of an earlier one is that
        one."""
        with self._file.write() as connection:
            return put_messages(connection, messages, to_text(at))

    def told(self, fingerprint: str) -> list[tuple[str, str]]:
        """(channel, subscriber) who were told of a finding, or wait to be."""
        with self._file.read() as connection:
            return writing.told(connection, fingerprint)

    # Sending

    def due(self, now: datetime) -> "array[int]":
        """The numbers of the messages that are to be sent now, oldest first; of a finding in the order in which it
        happened. None of chats that are gone, nor of chats and channels that asked for a pause."""
        with self._file.read() as connection:
            return due_rows.due(connection, to_text(now))

    def each_due(self, now: datetime) -> Iterator[dict[str, Any]]:
        """The same as rows, one by one: what was due when it was asked, as it is by then."""
        numbers = self.due(now)
        for start in range(0, len(numbers), _BATCH):
            yield from self.rows(numbers[start : start + _BATCH])

    def rows(self, ids: Iterable[int]) -> list[dict[str, Any]]:
        """The messages of these numbers as rows of the outbox, with text, document_name and document, in this order;
        one that is there no more is left out."""
        with self._file.read() as connection:
            cursor = connection.execute(_ROWS, (as_json(list(ids)),))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def next_due(self, now: datetime) -> datetime | None:
        """When something that waits is to be sent: now, or later. None: nothing waits, or only for people (a finding
        that is held, a chat that is gone)."""
        with self._file.read() as connection:
            text = due_rows.next_due(connection, to_text(now))
        return None if text is None else from_text(text)

    # How it stands

    def overview(self, now: datetime) -> list[Backlog]:
        """The chats for which anything waits or was refused, that are gone or asked for a pause."""
        with self._file.read() as connection:
            return backlogs.overview(connection, to_text(now))

    def failed(self, subscriber: str | None = None) -> list[dict[str, Any]]:
        """The messages that were refused, or tried in vain so far: id, channel, subscriber, fingerprint, event, state,
        attempts, error, created_at, next_try, headline; oldest first. subscriber: only those for a chat."""
        with self._file.read() as connection:
            return list(backlogs.failed(connection, subscriber))

    # Trying

    def begin(self, row: Mapping[str, Any], at: datetime) -> bool:
        """Write down that a message, a row as of `rows`, is about to be sent: from now on it counts as one that may
        have been heard, so that it is taken back where it must be, even if this process dies in the next moment. False,
        and it is not to be sent, where it is another by now, or is not to be sent any more."""
        with self._file.write() as connection:
            known = connection.execute(
                f"SELECT {', '.join(_SAME)}, error FROM outbox WHERE id = ? AND state = 'pending'", (row["id"],)
            ).fetchone()
            if known is None or known[:-1] != tuple(row[name] for name in _SAME):
                return False
            if not due_rows.is_due(connection, row["id"], to_text(at)):
                return False
            connection.execute(
                "UPDATE outbox SET error = ?, attempts = attempts + (error IS NOT NULL AND attempts = 0) WHERE id = ?",
                (_BEING_SENT.format(to_text(at)), row["id"]),
            )
            # What is left of before may have been heard, and was not to be told any more: this takes it back.
            connection.execute(_REFUSE_EARLIER, (REPLACED_WHY, row["id"], *(row[name] for name in _KEY)))
            return True

    def put_back(self, row: Mapping[str, Any]) -> None:
        """A message that was begun, a row as of `rows` before, and that its channel certainly does not have: it waits
        as if it had not been tried."""
        with self._file.write() as connection:
            connection.execute(
                "UPDATE outbox SET error = ?, attempts = ? WHERE id = ? AND state = 'pending'",
                (row["error"], row["attempts"], row["id"]),
            )

    def told_as(self, row: Mapping[str, Any]) -> str | None:
        """What the channel calls the message that told the same chat of the same finding before this one, a row as of
        `rows`; None where there is none, or the channel gave it no name."""
        return next(
            (
                remote_id
                for event, remote_id in self._file.query(
                    "SELECT event, remote_id FROM outbox WHERE subscriber = ? AND channel = ? AND fingerprint = ?"
                    " AND id < ? AND state = 'sent' ORDER BY id DESC",
                    (row["subscriber"], row["channel"], row["fingerprint"], row["id"]),
                )
                if base(event) in TELLS
            ),
            None,
        )

    def mark_sent(self, message_id: int, at: datetime, remote_id: str | None = None) -> None:
        """A channel has taken the message. remote_id: what the channel calls it. Marking it again changes nothing."""
        with self._file.write() as connection:
            _require(connection, message_id)
            connection.execute(
                "UPDATE outbox SET state = 'sent', sent_at = ?, attempts = attempts + 1, error = NULL, remote_id = ?"
                " WHERE id = ? AND state <> 'sent'",
                (to_text(at), remote_id, message_id),
            )

    def mark_failed(self, message_id: int, error: str, next_try: datetime) -> None:
        """A channel has not taken the message, or nobody knows whether it has; it stays, and is due again at
        `next_try`. Twice is once."""
        with self._file.write() as connection:
            _require(connection, message_id)
            connection.execute(
                "UPDATE outbox SET attempts = attempts + 1, error = ?1, next_try = ?2"
                " WHERE id = ?3 AND state = 'pending' AND (next_try <> ?2 OR error IS NOT ?1)",
                (error, to_text(next_try), message_id),
            )

    def forget_wrong_times(self, now: datetime) -> int:
        """Try at once what a clock that was wrong has put off: no try, and no pause of a chat or a channel, is put off
        for longer than FARTHEST; how many of these there were."""
        at, farthest = to_text(now), to_text(now + FARTHEST)
        with self._file.write() as connection:
            return sum(
                connection.execute(statement, {"now": at, "farthest": farthest}).rowcount
                for statement in (
                    "UPDATE outbox SET next_try = :now WHERE state = 'pending' AND next_try > :farthest",
                    "UPDATE subscribers SET paused_until = NULL, paused_why = NULL WHERE paused_until > :farthest",
                    "DELETE FROM channel_pauses WHERE until > :farthest",
                )
            )

    def refuse(self, message_id: int, error: str, at: datetime) -> None:
        """The channel will never take this message. It stays on record, and is not tried again by itself."""
        with self._file.write() as connection:
            _require(connection, message_id)
            connection.execute(
                "UPDATE outbox SET state = 'refused', error = ?, next_try = ? WHERE id = ? AND state = 'pending'",
                (error, to_text(at), message_id),
            )


def _require(connection: sqlite3.Connection, message_id: int) -> None:
    if not connection.execute("SELECT 1 FROM outbox WHERE id = ?", (message_id,)).fetchone():
        raise ArchiveError(f"message {message_id} is not in the outbox")
