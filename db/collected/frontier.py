"""The frontier: every address that a portal's lists led to, and when it is to be seen next.

It lives here and not in the crawl's memory, so that a crawl may be killed at any instant: what is due at the beginning
of a crawl and was not visited since is what is left to do.
"""

import dataclasses
import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from db.collected.seen import ensure_portal
from db.connection import ArchiveFile
from db.records import Address
from db.times import from_text, to_text

_COLUMNS = tuple(field.name for field in dataclasses.fields(Address))
_LISTED = ("kind", "column_url", "title", "listed_on", "agency_hint", "year")  # what a list may say anew
_INSERT = (
    f"INSERT INTO frontier ({', '.join(_COLUMNS)}) VALUES ({', '.join(':' + name for name in _COLUMNS)})"
    f" ON CONFLICT (portal, url) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _LISTED)}"
    # Of two columns or pages that lead to one address the first counts. An address that the first schema left here
    # has its own page for a column.
    " WHERE page_url = excluded.page_url AND part = excluded.part"
    " AND (column_url = excluded.column_url OR column_url = page_url)"
    f" AND ({' OR '.join(f'{name} IS NOT excluded.{name}' for name in _LISTED)})"
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM frontier WHERE portal = ? AND due_at <= ?"


class Frontier:
    """The addresses of all portals of an archive."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def add(self, addresses: Iterable[Address]) -> None:
        """Write down addresses where they are new, and what is new about those that are known."""
        with self._file.write() as connection:
            add(connection, addresses)

    def due(self, portal: str, by: datetime, limit: int) -> list[Address]:
        """Addresses that are due at a time: first those that were never seen, the latest found first, then those that
        have waited longest to be seen again."""
        with self._file.read() as connection:
            key = (portal, to_text(by))
            rows = connection.execute(
                f"{_SELECT} AND visits = 0 ORDER BY due_at DESC, url DESC LIMIT ?", (*key, limit)
            ).fetchall()
            if not rows:
                rows = connection.execute(f"{_SELECT} ORDER BY due_at, url LIMIT ?", (*key, limit)).fetchall()
        return [_address(row) for row in rows]

    def count_due(self, portal: str, by: datetime) -> int:
        """How many addresses of a portal are due at a time."""
        (row,) = self._file.query(
            "SELECT count(*) FROM frontier WHERE portal = ? AND due_at <= ?", (portal, to_text(by))
        )
        return int(row[0])

    def urls(self, portal: str) -> list[str]:
        """Every address of a portal, in the order in which they were found."""
        rows = self._file.query("SELECT url FROM frontier WHERE portal = ? ORDER BY found_at, url", (portal,))
        return [url for (url,) in rows]

    def keep_sample(self, portal: str, by: datetime, most: int) -> None:
        """Leave due, of the addresses that are, only `most` reports, spread evenly over columns and dates; the rest
        is not due any more. For a crawl that only tries a portal."""
        with self._file.write() as connection:
            rows = connection.execute(
                "SELECT url FROM frontier WHERE portal = ? AND due_at <= ? AND kind = 'report'"
                " ORDER BY column_url, listed_on DESC, url",
                (portal, to_text(by)),
            ).fetchall()
            count = min(most, len(rows))
            sample = [rows[number * (len(rows) - 1) // max(count - 1, 1)][0] for number in range(count)]
            connection.execute(
                "UPDATE frontier SET due_at = NULL WHERE portal = ? AND due_at <= ?"
                " AND url NOT IN (SELECT value FROM json_each(?))",
                (portal, to_text(by), json.dumps(sample)),
            )

    def make_due(self, portal: str, at: datetime) -> None:
        """Make every address of a portal due at a time, but those visited since."""
        with self._file.write() as connection:
            connection.execute(
                "UPDATE frontier SET due_at = :at WHERE portal = :portal AND (due_at IS NULL OR due_at > :at)"
                " AND (visited_at IS NULL OR visited_at < :at)",
                {"portal": portal, "at": to_text(at)},
            )

    def knows(self, portal: str, url: str) -> bool:
        """Whether an address is in a portal's frontier."""
        return bool(self._file.query("SELECT 1 FROM frontier WHERE portal = ? AND url = ?", (portal, url)))

    def reports(self, portal: str) -> dict[str, Address]:
        """URL -> address of every report that a portal's lists ever led to."""
        rows = self._file.query(
            f"SELECT {', '.join(_COLUMNS)} FROM frontier WHERE portal = ? AND kind = 'report'", (portal,)
        )
        return {address.url: address for address in map(_address, rows)}

    def known_good(self, portal: str, url: str, limit: int) -> list[str]:
        """Addresses on the host of a URL that answered well when they were visited last, the latest first."""
        parts = urlsplit(url)
        begin = f"{parts.scheme}://{parts.netloc}/"
        rows = self._file.query(
            "SELECT url FROM frontier WHERE portal = ? AND url >= ? AND url < ? AND outcome IN ('ok', 'unchanged')"
            " AND url != ? ORDER BY visited_at DESC LIMIT ?",
            (portal, begin, begin + "\U0010ffff", url, limit),
        )
        return [row[0] for row in rows]


def add(connection: sqlite3.Connection, addresses: Iterable[Address]) -> None:
    """See Frontier.add."""
    rows = [_row(address) for address in addresses]
    for portal in {row["portal"] for row in rows}:
        ensure_portal(connection, portal)
    connection.executemany(_INSERT, rows)


def set_visited(connection: sqlite3.Connection, address: Address) -> None:
    """Write down that an address was visited: outcome, visited_at, visits, failures and due_at."""
    connection.execute(
        "UPDATE frontier SET outcome = ?, visited_at = ?, visits = ?, failures = ?, due_at = ?"
        " WHERE portal = ? AND url = ?",
        (
            address.outcome,
            to_text(address.visited_at) if address.visited_at else None,
            address.visits,
            address.failures,
            to_text(address.due_at) if address.due_at else None,
            address.portal,
            address.url,
        ),
    )


def _row(address: Address) -> dict[str, Any]:
    return {
        name: to_text(value) if isinstance(value := getattr(address, name), datetime) else value for name in _COLUMNS
    }


def _address(row: sqlite3.Row | tuple[Any, ...]) -> Address:
    values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    for name in ("found_at", "due_at", "visited_at"):
        values[name] = from_text(values[name]) if values[name] is not None else None
    return Address(**values)
