"""What SQLite's planner is told of the tables that a question joins: fixed figures of a whole country's archive.

Without them it takes `is_latest = 1` for a condition that few rows meet, and joins `latest` with itself by that.
Figures counted in an archive that is still small would mislead it once it is large.
"""

import sqlite3

# rows, then rows for each value of the index's first column, first two columns, …
_FIGURES = {
    ("wide", "wide_agency_year"): "1000000 7 1 1",
    ("report_bodies", "report_bodies"): "20000 2 1",
    ("report_bodies", "report_bodies_agency"): "20000 6 1",
    ("stand_ins", "stand_ins"): "10000 2 2 1",
    ("agency_keys", "agency_keys_agency"): "143000 1",
    ("agency_keys", "agency_keys_name"): "143000 1",
    ("agency_keys", "sqlite_autoindex_agency_keys_1"): "143000 1",
}


def keep(connection: sqlite3.Connection) -> None:
    """Put them in the place of whatever was counted. They hold from the next opening on."""
    connection.execute("ANALYZE sqlite_schema")  # makes the table where there is none
    connection.execute("DELETE FROM sqlite_stat1")
    connection.executemany(
        "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
        [(table, index, figures) for (table, index), figures in _FIGURES.items()],
    )
