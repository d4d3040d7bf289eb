"""Which row of the archive is which row of its copy, where the copy counts anew; see db/rebuilding/merge.py.

All functions make temporary tables, within a write transaction of the archive (main) with the copy attached (made).
"""

import sqlite3

_READING = ("source", "url", "seen_at", "sha256")
_CORRECTION = "sha256, figure, value, state, text, unit, undone_at"

HERE = "NOT EXISTS (SELECT 1 FROM temp.left_alone l WHERE l.source = {0}.source AND l.url = {0}.url)"
"""SQL: nothing has changed at the address of row {0} meanwhile."""
NOTICE_HERE = "NOT EXISTS (SELECT 1 FROM temp.notices_left l WHERE l.url = {0}.url AND l.sha256 = {0}.sha256)"
"""SQL: the notice of row {0} was not read meanwhile."""


def find_left(connection: sqlite3.Connection) -> int:
    """left_alone: addresses whose readings, sightings or corrections are no longer those that the copy began with;
    notices_left: the same of notices. Returns how many addresses those are."""
    do = connection.execute
    for table in ("left_alone", "notices_left", "report_numbers", "key_numbers"):
        do(f"DROP TABLE IF EXISTS temp.{table}")
    do("CREATE TEMP TABLE left_alone (source TEXT, url TEXT, PRIMARY KEY (source, url)) WITHOUT ROWID")
    do("CREATE TEMP TABLE notices_left (url TEXT, sha256 TEXT, PRIMARY KEY (url, sha256)) WITHOUT ROWID")
    same = " AND ".join(f"a.{name} = b.{name}" for name in _READING)
    for one, other in (("main.readings", "made.rebuild_before"), ("made.rebuild_before", "main.readings")):
        do(
            f"INSERT OR IGNORE INTO temp.left_alone SELECT a.source, a.url FROM {one} a LEFT JOIN {other} b ON {same}"
            " WHERE b.source IS NULL OR (a.parser_version, a.report_id) IS NOT (b.parser_version, b.report_id)"
        )
    seen = ("last_seen_at", "title", "listed_on", "agency_hint")  # what may change of a sighting
    mine, theirs = (", ".join(f"{side}.{name}" for name in seen) for side in "ab")
    do(
        "INSERT OR IGNORE INTO temp.left_alone SELECT a.source, a.url FROM main.sightings a"
        f" JOIN made.sightings b ON b.id = a.id WHERE ({mine}) IS NOT ({theirs})"
    )
    for one, other in (("main", "made"), ("made", "main")):
        corrected = f"SELECT {_CORRECTION} FROM {one}.corrections EXCEPT SELECT {_CORRECTION} FROM {other}.corrections"
        do(
            "INSERT OR IGNORE INTO temp.left_alone SELECT source, url FROM main.readings"
            f" WHERE sha256 IN (SELECT sha256 FROM ({corrected}))"
        )
    read, before = "main.notice_readings", "made.rebuild_notices_before"
    for one, other in ((read, before), (before, read)):
        do(
            f"INSERT OR IGNORE INTO temp.notices_left SELECT a.url, a.sha256 FROM {one} a LEFT JOIN {other} b"
            " ON a.url = b.url AND a.sha256 = b.sha256 WHERE b.parser_version IS NOT a.parser_version"
        )
    return int(do("SELECT count(*) FROM temp.left_alone").fetchone()[0])


def match_keys(connection: sqlite3.Connection) -> None:
    """key_numbers: the number (no) in the archive of each agency key (made: its number in the copy)."""
    do = connection.execute
    do("CREATE TEMP TABLE key_numbers (made INTEGER PRIMARY KEY, no INTEGER UNIQUE)")
    do(
        "INSERT INTO temp.key_numbers SELECT n.no, k.no FROM made.agency_keys n"
        " JOIN main.agency_keys k ON k.key = n.key"
    )
    _number(connection, "key_numbers", "SELECT no FROM made.agency_keys", "main.agency_keys", "no")


def match_reports(connection: sqlite3.Connection) -> None:
    """report_numbers: the id in the archive of each report (made: its id in the copy) whose address is not left alone:
    that of what its first reading was read as before, else that of the report in its place, else a new one."""
    do = connection.execute
    do("CREATE TEMP TABLE report_numbers (made INTEGER PRIMARY KEY, id INTEGER UNIQUE)")
    same = " AND ".join(f"b.{name} = d.{name}" for name in _READING)
    here = HERE.format("n")
    do(
        "INSERT OR IGNORE INTO temp.report_numbers SELECT id, before FROM (SELECT n.id, n.source, n.url, ("
        f"SELECT b.report_id FROM made.readings d JOIN made.rebuild_before b ON {same}"
        " WHERE d.report_id = n.id AND b.report_id IS NOT NULL ORDER BY d.seen_at, d.sha256 LIMIT 1) AS before"
        f" FROM made.reports n WHERE {here}) c WHERE before IS NOT NULL AND NOT EXISTS (SELECT 1"
        " FROM main.reports r WHERE r.id = c.before AND (r.source, r.url) <> (c.source, c.url)) ORDER BY id"
    )
    do(
        "INSERT OR IGNORE INTO temp.report_numbers SELECT n.id, r.id FROM made.reports n JOIN main.reports r"
        " ON r.agency_key = n.agency_key AND r.year = n.year AND r.source = n.source AND r.url = n.url"
        f" AND r.revision = n.revision WHERE {here} ORDER BY n.id"
    )
    _number(connection, "report_numbers", f"SELECT id FROM made.reports n WHERE {here}", "main.reports", "id")


def _number(connection: sqlite3.Connection, numbers: str, wanted: str, table: str, column: str) -> None:
    """Give each row without a counterpart its own number if the archive has it free, else one above all."""
    do = connection.execute
    lacking = [row[0] for row in do(f"SELECT * FROM ({wanted}) EXCEPT SELECT made FROM temp.{numbers} ORDER BY 1")]
    (highest,) = do(
        f"SELECT coalesce(max({column}), 0) FROM"
        f" (SELECT {column} FROM {table} UNION ALL SELECT {column} FROM temp.{numbers})"
    ).fetchone()
    highest = max([highest, *lacking[-1:]])
    taken = (
        f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} = ?1)"
        f" OR EXISTS (SELECT 1 FROM temp.{numbers} WHERE {column} = ?1)"
    )
    for number in lacking:
        chosen = number
        if do(taken, (number,)).fetchone()[0]:
            chosen = highest = highest + 1
        do(f"INSERT INTO temp.{numbers} VALUES (?, ?)", (number, chosen))
