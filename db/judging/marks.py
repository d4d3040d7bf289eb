"""What is to be judged again: the marks that the triggers of db/schema/tables_judging.py make, and what was judged.

A mark is taken away in the transaction that saves what judging found, in which the report was read as well. So what is
written meanwhile is marked again, and whoever is killed has changed nothing.
"""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from db.readings.rows import as_json

RULES = "rules"
"""The subject in table judged that stands for all reports."""

ONCE = "once"
"""The subject in table judged that says that all reports were judged once, by whatever rules; kept for good."""

Key = tuple[str, int]
"""Agency key and year."""


class Marked(NamedTuple):
    """An agency with the years that are to be judged. no: the number of its key; None where it has no report left."""

    key: str
    years: tuple[int, ...]
    no: int | None


def marked(connection: sqlite3.Connection, after: str, most: int) -> list[Marked]:
    """Some of the agencies that are marked, by key, from behind `after` on."""
    rows = connection.execute(
        "SELECT t.agency_key, group_concat(t.year), (SELECT k.no FROM agency_keys k WHERE k.key = t.agency_key)"
        " FROM to_judge t WHERE t.agency_key > ? GROUP BY t.agency_key ORDER BY t.agency_key LIMIT ?",
        (after, most),
    )
    return [Marked(key, tuple(sorted(map(int, years.split(",")))), no) for key, years, no in rows]


def mark(connection: sqlite3.Connection, keys: Iterable[Key]) -> None:
    """Have these judged."""
    connection.executemany("INSERT INTO to_judge (agency_key, year) VALUES (?, ?) ON CONFLICT DO NOTHING", sorted(keys))


def unmark(connection: sqlite3.Connection, keys: Iterable[Key]) -> None:
    """These are judged."""
    connection.executemany("DELETE FROM to_judge WHERE agency_key = ? AND year = ?", sorted(keys))


def mark_reports(connection: sqlite3.Connection, report_ids: Iterable[int]) -> None:
    """Have these reports judged, and those of the year after: something that hangs on them was written by itself."""
    connection.execute(
        "INSERT INTO to_judge (agency_key, year) SELECT k.key, w.year + n.value FROM json_each(?) r CROSS JOIN wide w"
        " ON w.report_id = r.value CROSS JOIN agency_keys k ON k.no = w.agency_no,"
        " (SELECT 0 AS value UNION ALL SELECT 1) n WHERE true ON CONFLICT DO NOTHING",
        (as_json(list(report_ids)),),
    )


def mark_without_report(connection: sqlite3.Connection, rules: Iterable[str]) -> None:
    """Have agencies and years judged of which there is no report, while a finding of these rules stands: its document
    may come to be read as another's."""
    connection.execute(
        "INSERT INTO to_judge (agency_key, year) SELECT DISTINCT f.agency_key, f.year FROM findings f WHERE f.is_open"
        " AND f.rule IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM agency_keys k JOIN wide w"
        " ON w.agency_no = k.no AND w.year = f.year AND w.is_latest = 1 WHERE k.key = f.agency_key)"
        " ON CONFLICT DO NOTHING",
        (as_json(sorted(rules)),),
    )


def begin(connection: sqlite3.Connection) -> None:
    """Everything is going to be judged: what is marked from now on has changed since."""
    connection.execute("DELETE FROM to_judge")
    connection.execute("DELETE FROM judged WHERE subject = ?", (RULES,))


def digest_of(connection: sqlite3.Connection, subject: str) -> str | None:
    """Of what a subject was judged last; None where it was not yet."""
    row = connection.execute("SELECT digest FROM judged WHERE subject = ?", (subject,)).fetchone()
    return None if row is None else row[0]


def set_digest(connection: sqlite3.Connection, subject: str, digest: str, at: str) -> None:
    """A subject was judged. `at` is when that was first found of this digest."""
    connection.execute(
        "INSERT INTO judged (subject, digest, at) VALUES (?, ?, ?) ON CONFLICT (subject) DO UPDATE SET"
        " digest = excluded.digest, at = excluded.at WHERE digest <> excluded.digest",
        (subject, digest, at),
    )


def standing(connection: sqlite3.Connection, keys: Iterable[Key]) -> list[tuple[str, int, str, str]]:
    """(agency key, year, rule, places as JSON) of the findings that stand about these."""
    return connection.execute(
        "SELECT f.agency_key, f.year, f.rule, f.places FROM json_each(?) k CROSS JOIN findings f"
        " ON f.year = k.value ->> 1 AND f.agency_key = k.value ->> 0 WHERE f.is_open",
        (as_json(sorted(keys)),),
    ).fetchall()
