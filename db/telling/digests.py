"""What a weekly digest says of a subscriber: what it was told, what was taken back, what stands of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from db.connection import ArchiveFile
from db.finding_state import claim_in, load_state
from db.readings.rows import as_json
from db.rule_record import suspended
from db.telling import gates
from db.telling.events import TAKES_BACK, TELLS, base
from db.times import from_text, to_text

DIGEST = "digest"
"""What stands in the place of a fingerprint in messages that are digests; their event is the day that they are for."""


class Heard(NamedTuple):
    """A finding of which a subscriber has heard. told_at, back_at: when it was last told, or was told that it does not
    hold, None for never. is_standing: what it heard last tells of it."""

    fingerprint: str
    told_at: datetime | None
    back_at: datetime | None
    is_standing: bool


class Line(NamedTuple):
    """A finding as it is listed. is_open: it stands and is not held; is_quiet: nobody is told of it now, since people
    called it wrong or muted it, its rule is suspended, or it is doubtful; is_released: by a person, as it is now;
    needs_release: public chats do not hear of it before that."""

    fingerprint: str
    agency: str
    year: int
    sentence_zh: str
    sentence_en: str
    severity: str
    is_open: bool
    is_quiet: bool
    is_released: bool
    needs_release: bool


class Digests:
    """Questions to one archive."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def last(self, channel: str, subscriber: str) -> tuple[str, datetime] | None:
        """For which day the last digest of a subscriber was, and when it was written; None without one."""
        rows = self._file.query(
            "SELECT event, created_at FROM outbox WHERE subscriber = ? AND channel = ? AND fingerprint = ?"
            " ORDER BY event DESC LIMIT 1",
            (subscriber, channel, DIGEST),
        )
        return next(((day, from_text(at)) for day, at in rows), None)

    def heard(self, channel: str, subscriber: str) -> list[Heard]:
        """The findings of which a subscriber has heard, in the order in which it first did: what was sent, not what
        waits."""
        found: dict[str, Heard] = {}
        for fingerprint, event, at in self._file.query(
            "SELECT fingerprint, event, sent_at FROM outbox WHERE subscriber = ? AND channel = ? AND state = 'sent'"
            " ORDER BY id",
            (subscriber, channel),
        ):
            before = found.get(fingerprint, Heard(fingerprint, None, None, is_standing=False))
            if base(event) in TELLS:
                found[fingerprint] = before._replace(told_at=from_text(at), is_standing=True)
            elif base(event) in TAKES_BACK:
                found[fingerprint] = before._replace(back_at=from_text(at), is_standing=False)
        return list(found.values())

    def muted(self, channel: str, subscriber: str, now: datetime) -> set[str]:
        """The findings of which a subscriber wants to hear nothing now."""
        rows = self._file.query(
            "SELECT fingerprint FROM chat_mutes WHERE channel = ? AND subscriber = ? AND until >= ?",
            (channel, subscriber, to_text(now)),
        )
        return {fingerprint for (fingerprint,) in rows}

    def lines(self, fingerprints: Iterable[str], now: datetime) -> dict[str, Line]:
        """Findings by fingerprint, as they are at a time; one that is not there any more has no line."""
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT f.fingerprint, agency, year, sentence_zh, sentence_en, severity,"
                " is_open AND told AND confirmed AND held_why IS NULL, kind, rule, certainty, observed, expected"
                " FROM json_each(?) n CROSS JOIN findings f ON f.fingerprint = n.value",
                (as_json(list(fingerprints)),),
            ).fetchall()
            found, rules = {}, suspended(connection)
            for number, agency, year, zh, en, severity, is_open, kind, rule, certainty, observed, expected in rows:
                state, claim = load_state(connection, number), claim_in(observed, expected)
                is_quiet = certainty == "doubtful" or rule in rules or state.is_silenced(claim, to_text(now))
                public_waits = gates.needs_release("public", kind)
                is_released = state.is_released(claim)
                found[number] = Line(
                    number, agency, year, zh, en, severity, bool(is_open), is_quiet, is_released, public_waits
                )
        return found
