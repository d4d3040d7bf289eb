"""The pace of hosts and who may ask them, shared by every process that uses the archive, and outliving them.

Times here are real ones even where a crawl plays another day, since it is a real server that is spared; only the time
until which a host asked to be left alone is of the crawl's own clock, as its budget and its hours are.
"""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from db.collected.holders import is_alive, is_me, myself
from db.collected.seen import ensure_portal
from db.connection import ArchiveFile
from db.readings.rows import as_json
from db.times import from_text, to_text

Clock = Callable[[], datetime]

# Of a process on another machine, or in another container, only the age of what it holds can be known.
STALE_TURN = timedelta(minutes=10)
STALE_LEASE = timedelta(hours=2)
_LONGEST_POLL_S, _SHORTEST_POLL_S = 0.5, 0.01
_PORTAL, _HOST = "portal:", "host:"


class Turn(NamedTuple):
    """What asking for a turn came to: a lease (then the request may be sent), or how long to wait before asking again.

    off_until: the host asked to be left alone until then.
    """

    lease: str | None
    wait_s: float = 0.0
    off_until: datetime | None = None


class Pace:
    """hosts, leases and portal_days of an archive. Every method is one short transaction."""

    def __init__(self, file: ArchiveFile, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._file = file
        self._clock = clock

    # Hosts

    def take_turn(self, host: str, *, delay_s: float, connections: int, moment: datetime) -> Turn:
        """Take the right to send one request to a host, or learn how long to wait.

        delay_s: from the end of one answer to the next request, the longer one of both askers'. connections: how many
        requests may be under way. moment: now, by the crawl's clock. A turn of a process that is no more ends now: even
        a request sent at the instant of its death is followed by the whole delay.
        """
        with self._file.write() as connection:
            now = self._clock()  # within the transaction: waiting for another writer takes time
            names = [f"{_HOST}{host}/{number}" for number in range(connections)]
            held = self._held_turns(connection, host, now)
            last_at, last_delay_s, off_until = _host(connection, host)
            if last_at is not None and last_at > now:  # this machine's clock was set back
                last_at = now
                _set_last(connection, host, now, last_delay_s)
            if off_until is not None and off_until > moment:
                return Turn(None, (off_until - moment) / timedelta(seconds=1), off_until)
            if last_at is not None:
                wait = last_at + timedelta(seconds=max(delay_s, last_delay_s)) - now
                if wait > timedelta(0):
                    return Turn(None, wait / timedelta(seconds=1))
            free = next((name for name in names if name not in held), None)
            # Leases beyond our own number are those of a portal that allows more connections.
            if free is None or len(held) >= connections:
                return Turn(None, min(max(delay_s / 4, _SHORTEST_POLL_S), _LONGEST_POLL_S))
            _take(connection, free, myself() | {"delay_s": delay_s}, now)
            _set_last(connection, host, now, delay_s)
            return Turn(free)

    def end_turn(self, host: str, lease: str, *, delay_s: float) -> None:
        """The answer has come, or none will: the delay begins."""
        with self._file.write() as connection:
            _release(connection, lease)
            _set_last(connection, host, self._clock(), delay_s)

    def put_off(self, host: str, until: datetime) -> None:
        """Leave a host alone until a time of the crawl's clock. Only ever later."""
        with self._file.write() as connection:
            connection.execute(
                "INSERT INTO hosts (host, off_until) VALUES (?, ?) ON CONFLICT (host) DO UPDATE"
                " SET off_until = max(coalesce(off_until, ''), excluded.off_until)",
                (host, to_text(until)),
            )

    def off_until(self, host: str) -> datetime | None:
        """The time until which a host is to be left alone; may be past."""
        with self._file.read() as connection:
            return _host(connection, host)[2]

    def _held_turns(self, connection: sqlite3.Connection, host: str, now: datetime) -> set[str]:
        """The leases of a host that living processes hold; those of dead ones end here."""
        begin = f"{_HOST}{host}/"
        rows = connection.execute(
            "SELECT name, holder, since FROM leases WHERE substr(name, 1, ?) = ?", (len(begin), begin)
        ).fetchall()
        held = set()
        for name, text, since in rows:
            holder = json.loads(text)
            if is_alive(holder, from_text(since), now, STALE_TURN):
                held.add(name)
            else:
                connection.execute("DELETE FROM leases WHERE name = ?", (name,))
                _set_last(connection, host, now, holder.get("delay_s", 0.0))
        return held

    # Leases of other things

    def take_lease(self, name: str) -> str | None:
        """Take something for this process alone, such as "portal:liuxi", until released or the process is no more.

        None if it is ours now (or was already); else who holds it, in a few words.
        """
        with self._file.write() as connection:
            now, me = self._clock(), myself()
            row = connection.execute("SELECT holder, since FROM leases WHERE name = ?", (name,)).fetchone()
            if row is not None and (other := _other(row, now)) is not None:
                return other
            _take(connection, name, me, now)
            return None

    def holder(self, name: str) -> str | None:
        """Who else holds something, in a few words; None where nobody does, or only a process that is no more."""
        with self._file.read() as connection:
            row = connection.execute("SELECT holder, since FROM leases WHERE name = ?", (name,)).fetchone()
        return _other(row, self._clock()) if row is not None else None

    def release_lease(self, name: str) -> None:
        """Give up what this process holds; what another one holds stays with it."""
        with self._file.write() as connection:
            _release(connection, name)

    # Budgets

    def count_requests(self, portal: str, day: str, n: int) -> int:
        """Count requests to a portal on a day (ISO, in Beijing, by the crawl's clock); gives the day's number.

        Also keeps the portal's lease fresh, for processes on other machines.
        """
        with self._file.write() as connection:
            ensure_portal(connection, portal)
            connection.execute(
                "INSERT INTO portal_days (portal, day, requests) VALUES (?, ?, ?) ON CONFLICT (portal, day)"
                " DO UPDATE SET requests = requests + excluded.requests",
                (portal, day, n),
            )
            connection.execute(
                "UPDATE leases SET since = ? WHERE name = ? AND holder = ?",
                (to_text(self._clock()), _PORTAL + portal, as_json(myself())),
            )
            return _requests(connection, portal, day)

    def requests_of(self, portal: str, day: str) -> int:
        """Requests to a portal on a day so far, of all crawls and processes."""
        with self._file.read() as connection:
            return _requests(connection, portal, day)


def _other(row: tuple[str, str], now: datetime) -> str | None:
    """Who holds a lease, by its holder and since when, if it is another process that lives."""
    holder = json.loads(row[0])
    if is_me(holder) or not is_alive(holder, from_text(row[1]), now, STALE_LEASE):
        return None
    return f"process {holder['process']} on {holder['machine']}, since {row[1]}"


def _host(connection: sqlite3.Connection, host: str) -> tuple[datetime | None, float, datetime | None]:
    row = connection.execute("SELECT last_at, delay_s, off_until FROM hosts WHERE host = ?", (host,)).fetchone()
    if row is None:
        return None, 0.0, None
    return from_text(row[0]) if row[0] else None, row[1], from_text(row[2]) if row[2] else None


def _set_last(connection: sqlite3.Connection, host: str, at: datetime, delay_s: float) -> None:
    """The last thing that happened on a host, and the delay that follows it; one that is still running is kept."""
    last_at, last_delay_s, _ = _host(connection, host)
    if last_at is not None and last_at <= at:
        delay_s = max(delay_s, last_delay_s - (at - last_at) / timedelta(seconds=1))
    connection.execute(
        "INSERT INTO hosts (host, last_at, delay_s) VALUES (?, ?, ?) ON CONFLICT (host) DO UPDATE SET"
        " last_at = excluded.last_at, delay_s = excluded.delay_s",
        (host, to_text(at), delay_s),
    )


def _requests(connection: sqlite3.Connection, portal: str, day: str) -> int:
    row = connection.execute("SELECT requests FROM portal_days WHERE portal = ? AND day = ?", (portal, day)).fetchone()
    return int(row[0]) if row else 0


def _take(connection: sqlite3.Connection, name: str, holder: dict[str, Any], now: datetime) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO leases (name, holder, since) VALUES (?, ?, ?)", (name, as_json(holder), to_text(now))
    )


def _release(connection: sqlite3.Connection, name: str) -> None:
    row = connection.execute("SELECT holder FROM leases WHERE name = ?", (name,)).fetchone()
    if row is not None and is_me(json.loads(row[0])):
        connection.execute("DELETE FROM leases WHERE name = ?", (name,))
