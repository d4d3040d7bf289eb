"""Troubles of the deployment itself: from when to when, and what was told of them. See monitor/watch/selfwatch.py."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from db.connection import ArchiveFile
from db.readings.rows import as_json
from db.telling.due import due
from db.times import from_text, to_text

INTERRUPTED = "interrupted"
"""The kind of what a subscriber is told: of portals that are not watched. Its subject is `channel subscriber`."""

_EVER = "9999"  # after every time
_COLUMNS = "kind, subject, since, told_at, ended_at, detail"


class Kept(NamedTuple):
    """A trouble as it is written down. Key: kind, subject and since.

    kind: as in monitor.watch.kinds. subject: what it is about, "" where there is but one. told_at: when the last
    messages about it were written, None where nobody was told. ended_at: None while it lasts. detail: what is known
    of it, for JSON.
    """

    kind: str
    subject: str
    since: datetime
    told_at: datetime | None
    ended_at: datetime | None
    detail: dict[str, Any]


class Waiting(NamedTuple):
    """What waits for a channel: how many messages, of how many chats, since when the oldest was written, what the last
    try came to. until, why: it asked to be sent nothing before."""

    channel: str
    messages: int
    chats: int
    since: datetime | None
    error: str
    until: datetime | None
    why: str


def about(kind: str, subject: str) -> str:
    """What stands in the place of a fingerprint in messages about a trouble."""
    return f"trouble {kind} {subject}".rstrip()


class Troubles:
    """The table troubles of an archive."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def standing(self) -> list[Kept]:
        """Those that last, by kind, subject and since."""
        return self._select("WHERE ended_at IS NULL")

    def between(self, begin: datetime, end: datetime) -> list[Kept]:
        """Those that lasted at any moment from `begin` to `end`, the same order."""
        return self._select("WHERE since <= ? AND (ended_at IS NULL OR ended_at >= ?)", (to_text(end), to_text(begin)))

    def put(self, troubles: Iterable[Kept]) -> None:
        """Write troubles down, new or changed. In the transaction of the messages about them."""
        rows = [
            (one.kind, one.subject, to_text(one.since), _text(one.told_at), _text(one.ended_at), as_json(one.detail))
            for one in troubles
        ]
        if not rows:
            return
        with self._file.write() as connection:
            connection.executemany(
                f"INSERT INTO troubles ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, subject, since)"
                " DO UPDATE SET told_at = excluded.told_at, ended_at = excluded.ended_at, detail = excluded.detail",
                rows,
            )

    def stuck(self, now: datetime, before: datetime) -> list[Waiting]:
        """What is to be sent over each channel, was written before a moment and is not sent, but for what says just
        that; and the channels that asked for a pause."""
        found: dict[str, Waiting] = {}
        with self._file.read() as connection:
            for channel, until, why in connection.execute(
                "SELECT channel, until, why FROM channel_pauses WHERE until > ?", (to_text(now),)
            ):
                found[channel] = Waiting(channel, 0, 0, None, "", from_text(until), why)
            numbers = due(connection, to_text(now), by=_EVER)
            rows = connection.execute(
                "SELECT w.*, e.error FROM (SELECT o.channel, count(*), count(DISTINCT o.subscriber),"
                " min(o.created_at), max(CASE WHEN o.error IS NOT NULL THEN o.id END) AS failed"
                " FROM json_each(?) n CROSS JOIN outbox o ON o.id = n.value"
                " WHERE o.created_at < ? AND o.fingerprint NOT LIKE ? GROUP BY o.channel) w"
                " LEFT JOIN outbox e ON e.id = w.failed",
                (as_json(numbers.tolist()), to_text(before), f"{about('delivery-stuck', '')}%"),
            )
            for channel, messages, chats, since, _, error in rows:
                waits = found.get(channel, Waiting(channel, 0, 0, None, "", None, ""))
                found[channel] = waits._replace(
                    messages=messages, chats=chats, since=from_text(since), error=error or ""
                )
        return [found[channel] for channel in sorted(found)]

    def unsent(self) -> set[tuple[str, str, str]]:
        """(channel, subscriber, fingerprint) of messages about troubles that wait to be sent."""
        rows = self._file.query(
            "SELECT channel, subscriber, fingerprint FROM outbox"
            " WHERE state = 'pending' AND fingerprint LIKE 'trouble %'"
        )
        return {(channel, subscriber, fingerprint) for channel, subscriber, fingerprint in rows}

    def _select(self, condition: str, values: tuple[str, ...] = ()) -> list[Kept]:
        rows = self._file.query(f"SELECT {_COLUMNS} FROM troubles {condition} ORDER BY kind, subject, since", values)
        return [
            Kept(kind, subject, from_text(since), _time(told), _time(ended), json.loads(detail))
            for kind, subject, since, told, ended, detail in rows
        ]


def _text(at: datetime | None) -> str | None:
    return None if at is None else to_text(at)


def _time(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)
