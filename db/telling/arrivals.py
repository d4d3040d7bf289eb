"""Chats that come, go, come back and move: what becomes of their subscriptions and messages. Within a transaction."""

import sqlite3
from typing import Any

from db.finding_state import RELEASED, claim_in, claim_told, events_of, state_of
from db.telling.events import TAKES_BACK, TELLS, base
from db.telling.gates import ARITHMETIC
from db.telling.records import EVERYTHING, Filter, Subscriber
from db.telling.troubles import INTERRUPTED
from db.telling.writing import REPLACED_WHY

LEFT_WHY = "the settings name this chat no more"
PUBLIC_WHY = "the chat is a public one by now, and nobody has released this"
STANDS_WHY = "came to nothing: the finding stands as it was told"
_NEVER_AGAIN = (REPLACED_WHY, LEFT_WHY, PUBLIC_WHY)  # what was refused so is sent to nobody, whoever accepts again

_KEY = "channel = ? AND subscriber = ?"
_SUBSCRIBE = (
    f"INSERT INTO subscriptions (channel, subscriber, {', '.join(Filter._fields)}, made_at)"
    f" VALUES (?, ?, {', '.join('?' * len(Filter._fields))}, ?) ON CONFLICT DO NOTHING"
)
# One that was being sent when its process died may have been heard.
_TRIED = "max(attempts, error IS NOT NULL)"
_MOST_MOVES = 20  # of one chat: more would be a ring


def number_now(connection: sqlite3.Connection, channel: str, subscriber: str) -> str:
    """The number that a chat has now, after all its moves."""
    for _ in range(_MOST_MOVES):
        row = connection.execute(
            f"SELECT moved_to FROM subscribers WHERE {_KEY} AND moved_to IS NOT NULL", (channel, subscriber)
        ).fetchone()
        if row is None:
            break
        subscriber = row[0]
    return subscriber


def subscribe(connection: sqlite3.Connection, channel: str, subscriber: str, wanted: Filter, at: str) -> bool:
    """See Subscribers.subscribe."""
    return connection.execute(_SUBSCRIBE, (channel, subscriber, *wanted, at)).rowcount == 1


def subscribe_to_all(connection: sqlite3.Connection, channel: str, subscriber: str, at: str) -> None:
    """What a chat of the settings wants from the start, unless it has said what it wants."""
    if not connection.execute(f"SELECT 1 FROM subscriptions WHERE {_KEY}", (channel, subscriber)).fetchone():
        subscribe(connection, channel, subscriber, EVERYTHING, at)


def leave(connection: sqlite3.Connection, channel: str, subscriber: str, at: str) -> None:
    """A chat that the settings name no more: it hears nothing new, and what was not tried yet is not told."""
    key = (channel, subscriber)
    connection.execute(f"UPDATE subscribers SET audience = 'none' WHERE {_KEY}", key)
    connection.execute(f"DELETE FROM subscriptions WHERE {_KEY}", key)
    telling = [row["id"] for row in _messages(connection, *key) if row["state"] != "sent" and _tells(row)]
    _refuse(connection, telling, LEFT_WHY, at)


def refuse_unreleased(connection: sqlite3.Connection, channel: str, subscriber: str, at: str) -> None:
    """A desk that is a public chat by now: what it was not told so far that no person has released is not told there,
    nor once it accepts again."""
    telling = [
        row["id"]
        for row in _messages(connection, channel, subscriber)
        if row["state"] != "sent" and _tells(row) and base(row["event"]) != RELEASED and row["kind"] != ARITHMETIC
    ]
    _refuse(connection, telling, PUBLIC_WHY, at)


def refuse_all(connection: sqlite3.Connection, channel: str, subscriber: str, why: str) -> int:
    """What waits for a chat is refused; how many messages."""
    return connection.execute(
        f"UPDATE outbox SET state = 'refused', attempts = {_TRIED}, error = ? WHERE {_KEY} AND state = 'pending'",
        (why, channel, subscriber),
    ).rowcount


def accept_again(connection: sqlite3.Connection, channel: str, subscriber: str) -> None:
    """A chat that was gone, or asked for a pause, is sent messages."""
    connection.execute(
        "UPDATE subscribers SET gone_at = NULL, gone_why = NULL, moved_to = NULL, paused_until = NULL,"
        f" paused_why = NULL WHERE {_KEY}",
        (channel, subscriber),
    )


def revive(connection: sqlite3.Connection, channel: str, subscriber: str, at: str, *, tells: bool) -> int:
    """What was refused by a chat that accepts again waits to be sent; how many. What takes back is sent unless the
    finding stands again as it was told; what tells (tells: else nothing of it is sent) unless something came after it.
    """
    by_finding: dict[str, list[dict[str, Any]]] = {}
    for row in _messages(connection, channel, subscriber):
        by_finding.setdefault(row["fingerprint"], []).append(row)
    again: list[int] = []
    for fingerprint, rows in by_finding.items():
        if any(_tells(row) or _takes_back(row) for row in rows):
            again += _revived(connection, rows, stands=_stands(connection, fingerprint, rows), tells=tells)
        else:
            again += [row["id"] for row in rows if tells and row["state"] != "sent"]
    connection.executemany(
        "UPDATE outbox SET error = CASE state WHEN 'pending' THEN error END, state = 'pending', next_try = ?"
        " WHERE id = ?",
        ((at, number) for number in again),
    )
    return len(again)


def _revived(connection: sqlite3.Connection, rows: list[dict[str, Any]], *, stands: bool, tells: bool) -> list[int]:
    """Of all that was written for a chat about one finding, oldest first: what is to be sent again."""
    again: list[int] = []
    comes: bool | None = None  # what the chat will hear behind a message: that it is found (True), or is not so
    for place in range(len(rows) - 1, -1, -1):
        row = rows[place]
        was_told = _is_told(rows[:place])
        if row["state"] == "sent" and (_tells(row) or _takes_back(row)):
            break
        if row["state"] == "sent" or (row["state"] == "refused" and row["error"] in _NEVER_AGAIN):
            continue
        if _tells(row):
            if tells and comes is None:
                again.append(row["id"])
                comes = True
            elif row["state"] == "pending":
                comes = True
        elif not _takes_back(row):
            comes_first = tells and comes is None and any(_tells(one) for one in rows[:place])
            again += [row["id"]] if was_told or comes_first else []
        elif stands and comes is None:
            connection.execute("UPDATE outbox SET state = 'refused', error = ? WHERE id = ?", (STANDS_WHY, row["id"]))
        elif comes is not False and was_told:
            again.append(row["id"])
            comes = False
    return again


def _is_told(rows: list[dict[str, Any]]) -> bool:
    """Whether of what a chat was sent, or may have been, the last told it of the finding."""
    heard = [row for row in rows if (_tells(row) or _takes_back(row)) and (row["state"] == "sent" or row["attempts"])]
    return bool(heard) and _tells(heard[-1])


def stronger(one: Subscriber, other: Subscriber | None) -> tuple[str, str]:
    """Audience and origin of a chat that was known under two numbers: those that the settings gave it."""
    if other is not None and (other.origin == "config", other.audience != "none") >= (
        one.origin == "config",
        one.audience != "none",
    ):
        return other.audience, other.origin
    return one.audience, one.origin


def move(connection: sqlite3.Connection, channel: str, old: str, new: str, at: str) -> None:
    """Everything of one chat goes to the number that it has now, which accepts."""
    accept_again(connection, channel, new)
    for table in ("subscriptions", "chat_mutes", "outbox"):
        connection.execute(f"UPDATE OR IGNORE {table} SET subscriber = ? WHERE {_KEY}", (new, channel, old))
    # So does what it was told of interruptions: one that lasts is not told again, and its end is.
    connection.execute(
        "UPDATE OR IGNORE troubles SET subject = ? WHERE kind = ? AND subject = ?",
        (f"{channel} {new}", INTERRUPTED, f"{channel} {old}"),
    )
    # What is left, the new one has: it must not hear it twice.
    connection.execute(f"DELETE FROM subscriptions WHERE {_KEY}", (channel, old))
    connection.execute(f"DELETE FROM chat_mutes WHERE {_KEY}", (channel, old))
    refuse_all(connection, channel, old, f"the chat is {new} by now, and has this message")
    # A message of the old chat has no number in the new one.
    connection.execute(f"UPDATE outbox SET remote_id = NULL WHERE {_KEY}", (channel, new))
    connection.execute(
        "UPDATE subscribers SET (language, title, kind) = (SELECT coalesce(subscribers.language, o.language),"
        " coalesce(subscribers.title, o.title), coalesce(subscribers.kind, o.kind) FROM subscribers o"
        f" WHERE o.channel = ? AND o.subscriber = ?) WHERE {_KEY}",
        (channel, old, channel, new),
    )
    connection.execute(
        "UPDATE subscribers SET gone_at = coalesce(gone_at, ?), gone_why = ?, moved_to = ?, audience = 'none'"
        f" WHERE {_KEY}",
        (at, f"the chat has the number {new} now", new, channel, old),
    )
    revive(connection, channel, new, at, tells=False)


def _stands(connection: sqlite3.Connection, fingerprint: str, rows: list[dict[str, Any]]) -> bool:
    """Whether a finding stands just as a chat was told last, and nobody calls it wrong. rows: all that was written for
    the chat about it."""
    told = [row["created_at"] for row in rows if _tells(row) and (row["state"] == "sent" or row["attempts"])]
    found = connection.execute(
        "SELECT observed, expected FROM findings"
        " WHERE fingerprint = ? AND is_open AND told AND confirmed AND held_why IS NULL",
        (fingerprint,),
    ).fetchone()
    if found is None or not told:
        return False
    claim = claim_in(*found)
    events = events_of(connection, fingerprint)
    return claim_told(events, told[-1]) == claim and state_of(events).wrong(claim) is None


def _messages(connection: sqlite3.Connection, channel: str, subscriber: str) -> list[dict[str, Any]]:
    """All that was written for a chat, oldest first: id, fingerprint, event, state, attempts, error, created_at, kind
    (of the finding)."""
    cursor = connection.execute(
        "SELECT o.id, o.fingerprint, o.event, o.state, o.attempts, o.error, o.created_at, f.kind FROM outbox o"
        " LEFT JOIN findings f ON f.fingerprint = o.fingerprint WHERE o.channel = ? AND o.subscriber = ? ORDER BY o.id",
        (channel, subscriber),
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _tells(row: dict[str, Any]) -> bool:
    return base(row["event"]) in TELLS


def _takes_back(row: dict[str, Any]) -> bool:
    return base(row["event"]) in TAKES_BACK


def _refuse(connection: sqlite3.Connection, ids: list[int], why: str, at: str) -> None:
    connection.executemany(
        f"UPDATE outbox SET state = 'refused', attempts = {_TRIED}, error = ?, next_try = ? WHERE id = ?",
        ((why, at, one) for one in ids),
    )
