"""What waits for which chat, and why it does not go: for `nianbao outbox`."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from db.readings.rows import as_json
from db.telling import due
from db.times import from_text

_CHATS = (
    "SELECT k.channel, k.subscriber, s.title, s.audience, s.gone_at, s.gone_why, s.moved_to, s.paused_until,"
    " s.paused_why, p.until, p.why FROM (SELECT channel, subscriber FROM outbox INDEXED BY outbox_pending"
    " WHERE state = 'pending' UNION SELECT value ->> 0, value ->> 1 FROM json_each(?) UNION"
    " SELECT channel, subscriber FROM subscribers WHERE gone_at IS NOT NULL OR paused_until > ?) k"
    " LEFT JOIN subscribers s ON s.channel = k.channel AND s.subscriber = k.subscriber"
    " LEFT JOIN channel_pauses p ON p.channel = k.channel AND p.until > ?"
    " ORDER BY k.channel, k.subscriber"
)
_REFUSED = (
    "SELECT r.channel, r.subscriber, r.count, o.error FROM (SELECT channel, subscriber, count(*) AS count,"
    " max(id) AS id FROM outbox WHERE state = 'refused' GROUP BY channel, subscriber) r JOIN outbox o ON o.id = r.id"
)
_WAITING = (
    "SELECT channel, subscriber, count(*), min(created_at) FROM outbox INDEXED BY outbox_pending"
    " WHERE state = 'pending' GROUP BY channel, subscriber"
)
_LAST_ERROR = (
    "SELECT error FROM outbox WHERE channel = ? AND subscriber = ? AND state = 'pending' AND error IS NOT NULL"
    " ORDER BY id DESC LIMIT 1"
)
_FAILED = (
    "SELECT o.id, o.channel, o.subscriber, o.fingerprint, o.event, o.state, o.attempts, o.error, o.created_at,"
    " o.next_try, substr(t.text, 1, instr(t.text || char(10), char(10)) - 1) AS headline"
    " FROM outbox o JOIN message_texts t ON t.id = o.text_id"
    " WHERE (o.state = 'refused' OR (o.state = 'pending' AND o.error IS NOT NULL))"
    " AND (?1 IS NULL OR o.subscriber = ?1) ORDER BY o.id"
)


class Backlog(NamedTuple):
    """How it stands with one chat.

    waiting: messages that are not sent, nor refused; due: of those, to be sent now; kept_back: not to be told for now,
    since the finding is held, muted, not released to the public …. oldest: when the first of what waits was written.
    next_try: when the next may be sent. error: what the last try of one that waits came to. refused: messages that will
    not be tried again; refused_why: the last of them. paused_until: the chat, or its channel, asked for it.
    """

    channel: str
    subscriber: str
    title: str | None
    audience: str | None
    waiting: int
    due: int
    kept_back: int
    oldest: datetime | None
    next_try: datetime | None
    error: str | None
    refused: int
    refused_why: str | None
    paused_until: datetime | None
    paused_why: str | None
    gone_at: datetime | None
    gone_why: str | None
    moved_to: str | None


def overview(connection: sqlite3.Connection, now: str) -> list[Backlog]:
    """The chats for which anything waits or was refused, that are gone, or paused; by channel and number."""
    refused = {(channel, chat): (count, why) for channel, chat, count, why in connection.execute(_REFUSED)}
    every = {(channel, chat): (count, since) for channel, chat, count, since in connection.execute(_WAITING)}
    to_send = set(due.due(connection, now))
    kept: dict[tuple[str, str], int] = {}
    sent_now: dict[tuple[str, str], int] = {}
    next_try: dict[tuple[str, str], str] = {}
    for one, is_kept_back in due.waiting(connection, now):
        key = (one.channel, one.subscriber)
        if one.id in to_send:
            sent_now[key] = sent_now.get(key, 0) + 1
        if is_kept_back:
            kept[key] = kept.get(key, 0) + 1
        else:
            next_try[key] = min(next_try.get(key, one.from_), one.from_)
    found = []
    for channel, chat, title, audience, gone_at, gone_why, moved_to, *pauses in connection.execute(
        _CHATS, (as_json(list(refused)), now, now)
    ):
        key = (channel, chat)
        count, since = every.get(key, (0, None))
        refusals, why = refused.get(key, (0, None))
        error = connection.execute(_LAST_ERROR, key).fetchone() if count else None
        until, paused_why = max((pauses[0] or "", pauses[1] or ""), (pauses[2] or "", pauses[3] or ""))
        is_paused = until > now
        found.append(
            Backlog(
                channel,
                chat,
                title,
                audience,
                waiting=count,
                due=sent_now.get(key, 0),
                kept_back=kept.get(key, 0),
                oldest=_time(since),
                next_try=_time(next_try.get(key)),
                error=error and error[0],
                refused=refusals,
                refused_why=why,
                paused_until=_time(until) if is_paused else None,
                paused_why=paused_why if is_paused else None,
                gone_at=_time(gone_at),
                gone_why=gone_why,
                moved_to=moved_to,
            )
        )
    return found


def failed(connection: sqlite3.Connection, subscriber: str | None) -> Iterator[dict[str, Any]]:
    """The messages that were refused, or tried in vain so far: id, channel, subscriber, fingerprint, event, state,
    attempts, error, created_at, next_try, headline. subscriber: only those for a chat."""
    cursor = connection.execute(_FAILED, (subscriber,))
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _time(text: str | None) -> datetime | None:
    return from_text(text) if text else None
