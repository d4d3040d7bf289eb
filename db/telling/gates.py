"""To whom a finding is not to be told just now, though it may be told to others.

A chat may have muted it. A public one hears of what is not arithmetic only once a person has released this very claim:
what is written for it waits under the event `released`, so that a claim that is another by then waits again.
"""

import sqlite3

from db.finding_state import (
    MUTED,
    RELEASED,
    WRONG,
    Claim,
    Happened,
    claim_in,
    claim_told,
    events_of,
    load_state,
    state_of,
)
from db.records import Message
from db.telling.events import base

ARITHMETIC = "identity"
"""The kind of findings that a public chat hears at once."""

_WAITING = "SELECT DISTINCT fingerprint FROM outbox INDEXED BY outbox_pending WHERE state = 'pending'"
_ONE = "SELECT fingerprint FROM outbox WHERE id = ?3"


def is_kept_from(connection: sqlite3.Connection, message: Message, event: str, created_at: str, now: str) -> bool:
    """Whether what tells of a finding, written for a subscriber under an event at a time, is kept from them for now."""
    key = (message.channel, message.subscriber)
    mute = connection.execute(
        "SELECT 1 FROM chat_mutes WHERE channel = ? AND subscriber = ? AND fingerprint = ? AND until >= ?",
        (*key, message.fingerprint, now),
    ).fetchone()
    if mute is not None:
        return True
    if (silence := silence_of(connection, message.fingerprint, now)) and silence.covers(created_at):
        return True
    if base(event) != RELEASED:
        return False
    found = connection.execute(
        "SELECT s.audience, f.kind FROM subscribers s JOIN findings f ON f.fingerprint = ?"
        " WHERE s.channel = ? AND s.subscriber = ?",
        (message.fingerprint, *key),
    ).fetchone()
    return found is not None and needs_release(*found) and not is_released(connection, message.fingerprint)


def needs_release(audience: str | None, kind: str | None) -> bool:
    """Whether a chat of this audience hears of findings of this kind only once they are released."""
    return audience == "public" and kind != ARITHMETIC


def is_released(connection: sqlite3.Connection, fingerprint: str) -> bool:
    """Whether a person has released a finding as it is now."""
    row = connection.execute("SELECT observed, expected FROM findings WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return row is not None and load_state(connection, fingerprint).is_released(claim_in(*row))


class Silence:
    """What people have said of a finding: that something of it is wrong, or not to be told at a moment."""

    def __init__(self, events: list[Happened], claim: Claim, now: str) -> None:
        self._state = state_of(events)
        self._events = events
        self._claim = claim
        self._now = now

    def covers(self, created_at: str) -> bool:
        """Whether a message that tells of it, written at a time, is not to be told: for what it says, or for what the
        finding says by now."""
        return any(self._state.is_silenced(claim, self._now) for claim in self._said(created_at))

    def ends(self, created_at: str) -> str | None:
        """The last moment for which a message is silenced; None: for good, as far as we know."""
        until = ""
        for claim in self._said(created_at):
            mute = self._state.mute(claim, self._now)
            if self._state.wrong(claim) is not None or (mute is not None and mute.until is None):
                return None
            until = max(until, mute.until if mute is not None and mute.until is not None else "")
        return until or None

    def _said(self, created_at: str) -> list[Claim]:
        """The claim of which such a message tells, and that of now."""
        then = claim_told(self._events, created_at)
        return [self._claim] if then is None else [self._claim, then]


def silences(connection: sqlite3.Connection, now: str, message_id: int | None = None) -> dict[str, Silence]:
    """Of the findings with messages that wait, those of which people have said that something is wrong or muted.
    message_id: only that of one message."""
    asked = connection.execute(
        f"SELECT p.fingerprint FROM ({_WAITING if message_id is None else _ONE}) p WHERE EXISTS ("
        "SELECT 1 FROM finding_events e WHERE e.fingerprint = p.fingerprint AND e.event IN (?1, ?2))",
        (WRONG, MUTED, *([] if message_id is None else [message_id])),
    ).fetchall()
    found = {fingerprint: silence_of(connection, fingerprint, now) for (fingerprint,) in asked}
    return {fingerprint: silence for fingerprint, silence in found.items() if silence is not None}


def silence_of(connection: sqlite3.Connection, fingerprint: str, now: str) -> Silence | None:
    """What people have said of one finding; None where there is no row of it."""
    row = connection.execute("SELECT observed, expected FROM findings WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return None if row is None else Silence(events_of(connection, fingerprint), claim_in(*row), now)
