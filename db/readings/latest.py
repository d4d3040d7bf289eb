"""Whose reports there are, and which of them is the one to trust for an agency and year: kept up in the wide row, so
that no question has to sort the whole archive for it.

Of the current revisions of an agency's sources: one with figures before one without, then the one seen last. An agency
that the register does not know is not one agency: each of its sources stands alone.
"""

import sqlite3


def number_of(connection: sqlite3.Connection, key: str, agency_id: str | None, name: str) -> int:
    """The number of an agency key, made where it has none. name: as printed, of one that has no id."""
    row = connection.execute("SELECT no FROM agency_keys WHERE key = ?", (key,)).fetchone()
    if row is None:
        row = connection.execute(
            "INSERT INTO agency_keys (key, agency_id, name)"
            " VALUES (?1, ?2, coalesce((SELECT name FROM agencies WHERE id = ?2), ?3)) RETURNING no",
            (key, agency_id, name),
        ).fetchone()
    return int(row[0])


def rename(connection: sqlite3.Connection, agency_id: str) -> None:
    """Follow the register's name of an agency."""
    connection.execute(
        "UPDATE agency_keys SET name = (SELECT name FROM agencies WHERE id = ?1) WHERE agency_id = ?1", (agency_id,)
    )


def choose(connection: sqlite3.Connection, key: str, year: int) -> None:
    """Mark the report to trust for an agency and year; forget a key that has no report any more."""
    rows = connection.execute(
        "SELECT r.id, r.agency_id, r.source, r.url, r.is_current, w.is_latest FROM reports r"
        " JOIN wide w ON w.report_id = r.id WHERE r.agency_key = ? AND r.year = ?"
        " ORDER BY r.numbers > 0 DESC, r.last_seen_at DESC, r.revision DESC, r.source, r.url",
        (key, year),
    ).fetchall()
    chosen: dict[tuple[str, str] | None, int] = {}
    for report_id, agency_id, source, url, is_current, _ in rows:
        if is_current:
            chosen.setdefault(None if agency_id is not None else (source, url), report_id)
    wanted = set(chosen.values())
    changed = [(int(row[0] in wanted), row[0]) for row in rows if bool(row[-1]) != (row[0] in wanted)]
    connection.executemany("UPDATE wide SET is_latest = ? WHERE report_id = ?", changed)
    if not rows:
        connection.execute(
            "DELETE FROM agency_keys WHERE key = ?1"
            " AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.agency_key = agency_keys.key)",
            (key,),
        )
