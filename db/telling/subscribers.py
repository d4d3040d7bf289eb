"""The chats that we know: who may hear what, what they want to hear of, and which do not accept any more."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from db import findings as finding_rows
from db.errors import ArchiveError
from db.finding_state import claim_in, claim_of
from db.readings.rows import as_json
from db.telling import arrivals
from db.telling.records import Filter, Subscriber
from db.times import from_text, to_text

if TYPE_CHECKING:
    from db.connection import ArchiveFile

LANGUAGES = ("zh", "en", "both")
VOTES = ("right", "wrong")

_COLUMNS = ", ".join(f"s.{name}" for name in Subscriber._fields)
_FACETS = ", ".join(Filter._fields)
_KEY = "channel = ? AND subscriber = ?"


class Subscribers:
    """The chats of an open archive. Every time is handed in. changes: grows with whatever is changed through it."""

    def __init__(self, file: "ArchiveFile") -> None:
        self._file = file
        self.changes = 0

    # Who there is

    def sync(self, channel: str, desks: Iterable[str], public: Iterable[str], at: datetime) -> None:
        """Make the chats that the deployment names known, under the numbers that they have now. One that is seen for
        the first time is subscribed to everything; one that is named no more hears nothing new."""
        # Named as both it is a public one: it hears less. An @name is the same in capitals.
        readers = dict.fromkeys(public, "public")
        folded = {chat.casefold() for chat in readers}
        named = {chat: "desk" for chat in desks if chat.casefold() not in folded} | readers
        with self._file.read() as connection:
            wanted = {arrivals.number_now(connection, channel, chat): audience for chat, audience in named.items()}
            known = {one.subscriber: one for one in self.each(channel)}
        new = {
            chat: audience
            for chat, audience in wanted.items()
            if chat not in known or (known[chat].audience, known[chat].origin) != (audience, "config")
        }
        left = [
            one.subscriber
            for one in known.values()
            if one.origin == "config" and one.audience != "none" and one.subscriber not in wanted
        ]
        if not new and not left:
            return
        with self._file.write() as connection:
            self.changes += 1
            for chat, audience in new.items():
                before = known.get(chat)
                self._upsert(connection, channel, chat, at, audience=audience, origin="config")
                if before is None or before.audience == "none" or before.origin == "bot":
                    arrivals.subscribe_to_all(connection, channel, chat, to_text(at))
                # Messages are older than what we know of chats where the archive is.
                if audience == "public" and (before is None or before.audience != "public"):
                    arrivals.refuse_unreleased(connection, channel, chat, to_text(at))
            for chat in left:
                arrivals.leave(connection, channel, chat, to_text(at))

    def get(self, channel: str, subscriber: str) -> Subscriber | None:
        """A chat; None where it is not known."""
        return next(iter(self._select(f"WHERE s.{_KEY.replace('AND ', 'AND s.')}", (channel, subscriber))), None)

    def each(self, channel: str | None = None) -> list[Subscriber]:
        """All that are known, of one channel or of all."""
        return self._select("WHERE ?1 IS NULL OR s.channel = ?1 ORDER BY s.channel, s.subscriber", (channel,))

    def with_filters(self) -> list[tuple[Subscriber, list[Filter]]]:
        """All that are known, each with what it wants to hear of, in order."""
        with self._file.read() as connection:
            wanted: dict[tuple[str, str], list[Filter]] = {}
            for channel, subscriber, *facets in connection.execute(
                f"SELECT channel, subscriber, {_FACETS} FROM subscriptions ORDER BY id"
            ):
                wanted.setdefault((channel, subscriber), []).append(Filter(*facets))
            return [(one, wanted.get(one.key, [])) for one in self.each()]

    def version(self) -> tuple[int, int]:
        """Another whenever chats or what they want may have changed, by this process or by others."""
        ((version,),) = self._file.query("PRAGMA data_version")
        return int(version), self.changes

    # What becomes of them

    def arrive(self, channel: str, subscriber: str, *, kind: str | None, title: str | None, at: datetime) -> Subscriber:
        """A chat that has spoken to us: known already, or new, as a public one without subscriptions. One that was gone
        accepts again, and hears what was taken back meanwhile of what it was told."""
        with self._file.write() as connection:
            self.changes += 1
            before = self.get(channel, subscriber)
            if before is None or before.audience == "none":
                self._upsert(connection, channel, subscriber, at, audience="public", origin="bot")
            connection.execute(
                f"UPDATE subscribers SET kind = coalesce(?, kind), title = coalesce(?, title) WHERE {_KEY}",
                (kind, title, channel, subscriber),
            )
            if before is not None and before.gone_at is not None:
                arrivals.accept_again(connection, channel, subscriber)
                arrivals.revive(connection, channel, subscriber, to_text(at), tells=False)
        found = self.get(channel, subscriber)
        assert found is not None
        return found

    def set_language(self, channel: str, subscriber: str, language: str | None) -> None:
        """zh, en or both; None: the deployment's. ArchiveError for any other, and for a chat that is not known."""
        if language is not None and language not in LANGUAGES:
            raise ArchiveError(f"{language}: is no language of messages; it is {', '.join(LANGUAGES)}")
        with self._file.write() as connection:
            self._require(connection, channel, subscriber)
            self.changes += 1
            connection.execute(f"UPDATE subscribers SET language = ? WHERE {_KEY}", (language, channel, subscriber))

    def gone(self, channel: str, subscriber: str, why: str, at: datetime) -> int:
        """A chat that refuses for good: what waits for it is refused. How many messages that are."""
        with self._file.write() as connection:
            self.changes += 1
            self._upsert(connection, channel, subscriber, at)
            connection.execute(
                f"UPDATE subscribers SET gone_at = coalesce(gone_at, ?), gone_why = ? WHERE {_KEY}",
                (to_text(at), why, channel, subscriber),
            )
            return arrivals.refuse_all(connection, channel, subscriber, why)

    def moved(self, channel: str, old: str, new: str, at: datetime) -> None:
        """A chat that has another number now: what it wants, what it muted, what it was told and what waits go there.
        Again, or to the number that it has, without harm."""
        if old == new:
            return
        with self._file.write() as connection:
            self.changes += 1
            self._upsert(connection, channel, old, at)
            before = self.get(channel, old)
            assert before is not None
            there = self.get(channel, new)
            audience, origin = arrivals.stronger(before, there)
            self._upsert(connection, channel, new, at, audience=audience, origin=origin)
            arrivals.move(connection, channel, old, new, to_text(at))
            if (before.audience, audience) == ("desk", "public"):
                arrivals.refuse_unreleased(connection, channel, new, to_text(at))

    def accept(self, channel: str, subscriber: str, at: datetime) -> int:
        """A person says that a chat accepts again: what was refused waits to be sent, but for what does not hold any
        more; so does what only failed. Pauses are over. How many messages that are. ArchiveError for a chat for which
        there never was anything."""
        with self._file.write() as connection:
            known = self.get(channel, subscriber) is not None
            wrote = connection.execute(
                f"SELECT 1 FROM outbox WHERE {_KEY} LIMIT 1", (channel, subscriber)
            ).fetchone()  # by the key, which the subscriber leads
            if not known and wrote is None:
                raise ArchiveError(f"{subscriber}: there is no such chat; `nianbao outbox` shows them")
            self.changes += 1
            arrivals.accept_again(connection, channel, subscriber)
            return arrivals.revive(connection, channel, subscriber, to_text(at), tells=True)

    def pause(self, channel: str, subscriber: str | None, until: datetime, why: str) -> None:
        """Send nothing to a chat, or to nobody over a channel (None), before a moment: the channel asked for it. An
        earlier pause that lasts longer goes on."""
        last = to_text(until)
        with self._file.write() as connection:
            if subscriber is None:
                connection.execute(
                    "INSERT INTO channel_pauses (channel, until, why) VALUES (?, ?, ?) ON CONFLICT (channel)"
                    " DO UPDATE SET until = excluded.until, why = excluded.why WHERE excluded.until > until",
                    (channel, last, why),
                )
                return
            self.changes += 1
            self._upsert(connection, channel, subscriber, until)
            connection.execute(
                f"UPDATE subscribers SET paused_until = ?, paused_why = ? WHERE {_KEY}"
                " AND coalesce(paused_until, '') < ?",
                (last, why, channel, subscriber, last),
            )

    # What they want

    def subscribe(self, channel: str, subscriber: str, wanted: Filter, at: datetime) -> bool:
        """One more thing that a chat wants to hear of; False where it is subscribed to just that. ArchiveError for a
        chat that is not known."""
        with self._file.write() as connection:
            self._require(connection, channel, subscriber)
            self.changes += 1
            return arrivals.subscribe(connection, channel, subscriber, wanted, to_text(at))

    def unsubscribe(self, channel: str, subscriber: str, wanted: Filter | None) -> int:
        """End one subscription, or all of a chat; how many there were. What it was told and is taken back, it hears."""
        with self._file.write() as connection:
            self.changes += 1
            of = f"DELETE FROM subscriptions WHERE {_KEY}"
            if wanted is None:
                return connection.execute(of, (channel, subscriber)).rowcount
            given = " AND ".join(f"{name} = ?" for name in Filter._fields)
            return connection.execute(f"{of} AND {given}", (channel, subscriber, *wanted)).rowcount

    def subscriptions(self, channel: str, subscriber: str) -> list[Filter]:
        """What a chat wants to hear of, in the order in which it said so."""
        rows = self._file.query(f"SELECT {_FACETS} FROM subscriptions WHERE {_KEY} ORDER BY id", (channel, subscriber))
        return [Filter(*row) for row in rows]

    def mute(
        self, channel: str, subscriber: str, fingerprint: str, until: datetime, *, by: str | None, at: datetime
    ) -> None:
        """A chat wants to hear nothing new of a finding until a moment; what is taken back, it hears."""
        with self._file.write() as connection:
            connection.execute(
                "INSERT INTO chat_mutes (channel, subscriber, fingerprint, until, made_at, made_by)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (channel, subscriber, fingerprint) DO UPDATE SET"
                " until = excluded.until, made_at = excluded.made_at, made_by = excluded.made_by",
                (channel, subscriber, fingerprint, to_text(until), to_text(at), by),
            )

    # What people say who are no administrators

    def vote(self, fingerprint: str, channel: str, voter: str, word: str, at: datetime) -> None:
        """What somebody says of a finding as it stands, right or wrong; the last word of each counts. ArchiveError for
        any other word, and where there is no such finding."""
        if word not in VOTES:
            raise ArchiveError(f"{word}: is no vote; it is {' or '.join(VOTES)}")
        with self._file.write() as connection:
            finding = finding_rows.load(connection, fingerprint)
            connection.execute(
                "INSERT INTO votes (fingerprint, channel, voter, word, at, observed, expected)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint, channel, voter) DO UPDATE SET"
                " word = excluded.word, at = excluded.at, observed = excluded.observed, expected = excluded.expected",
                (fingerprint, channel, voter, word, to_text(at), as_json(finding.observed), as_json(finding.expected)),
            )

    def votes(self, fingerprint: str) -> dict[str, int]:
        """right, wrong -> how many say so of a finding as it stands."""
        with self._file.read() as connection:
            claim = claim_of(finding_rows.load(connection, fingerprint))
            said = connection.execute(
                "SELECT word, observed, expected FROM votes WHERE fingerprint = ?", (fingerprint,)
            ).fetchall()
        of = [word for word, observed, expected in said if claim_in(observed, expected) == claim]
        return {word: of.count(word) for word in VOTES}

    def _select(self, rest: str, values: tuple[Any, ...]) -> list[Subscriber]:
        rows = self._file.query(f"SELECT {_COLUMNS} FROM subscribers s {rest}", values)
        return [_subscriber(row) for row in rows]

    def _require(self, connection: sqlite3.Connection, channel: str, subscriber: str) -> None:
        if not connection.execute(f"SELECT 1 FROM subscribers WHERE {_KEY}", (channel, subscriber)).fetchone():
            raise ArchiveError(f"{subscriber}: is no chat that we know on {channel}")

    def _upsert(
        self,
        connection: sqlite3.Connection,
        channel: str,
        subscriber: str,
        at: datetime,
        *,
        audience: str | None = None,
        origin: str | None = None,
    ) -> None:
        """Make a chat known. audience, origin: given, it has these from now on; else a new one hears nothing by
        itself."""
        connection.execute(
            "INSERT INTO subscribers (channel, subscriber, audience, origin, since)"
            " VALUES (?1, ?2, coalesce(?3, 'none'), coalesce(?4, 'config'), ?5) ON CONFLICT (channel, subscriber)"
            " DO UPDATE SET audience = coalesce(?3, audience), origin = coalesce(?4, origin)",
            (channel, subscriber, audience, origin, to_text(at)),
        )


def _subscriber(row: tuple[Any, ...]) -> Subscriber:
    values = dict(zip(Subscriber._fields, row, strict=True))
    times = {name: values[name] and from_text(values[name]) for name in ("since", "gone_at", "paused_until")}
    return Subscriber(**values | times)
