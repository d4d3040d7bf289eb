"""Bringing into the archive what differs in the copy that was made anew; see db/rebuilding/rebuild.py.

Table by table, by natural keys, in one write transaction. A report keeps its number, and so does an agency key. What
others have read, corrected or judged since the copy was made stays as they left it, address by address.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from db import standins
from db.connection import ArchiveFile
from db.judging import marks
from db.readings import latest
from db.readings.packing import DETAILS, PARTS
from db.rebuilding.numbers import HERE, NOTICE_HERE, find_left, match_keys, match_reports
from db.rebuilding.parts import Difference, Part
from db.rebuilding.rebuild import copy_path
from db.searching import search

_NUMBER_OF_KEY = "(SELECT k.no FROM temp.key_numbers k WHERE k.made = b.agency_no)"
_NUMBER_OF_REPORT = "(SELECT m.id FROM temp.report_numbers m WHERE m.made = b.report_id)"
# The register's name as it is now, else as printed.
_NAME = "coalesce((SELECT name FROM main.agencies a WHERE a.id = n.agency_id), n.name)"


class Merged(NamedTuple):
    """differences: of each derived table. events, messages: new ones, as a run would have made them. left: addresses
    at which others have read or corrected something meanwhile. has_findings: False where others have judged meanwhile,
    and the findings are left to them."""

    differences: list[Difference]
    events: int
    messages: int
    left: int
    has_findings: bool


class _DryRunError(Exception):
    """Undoes what was only to be tried."""


def merge(file: ArchiveFile, *, dry_run: bool) -> Merged:
    """Make the derived tables of an archive equal to those of its copy, and say what differed. dry_run: only say it."""
    merged = None
    with _attached(file):
        try:
            with file.write() as connection:
                merged = _merge(connection)
                if dry_run:
                    raise _DryRunError
        except _DryRunError:
            pass
    assert merged is not None
    return merged


@contextmanager
def _attached(file: ArchiveFile) -> Iterator[None]:
    file.query("ATTACH DATABASE ? AS made", (str(copy_path(file.path)),))
    try:
        yield
    finally:
        file.query("DETACH DATABASE made")


def _merge(connection: sqlite3.Connection) -> Merged:
    do = connection.execute
    left = find_left(connection)
    do("INSERT OR IGNORE INTO main.portals SELECT * FROM made.portals")
    do(
        "INSERT INTO main.agencies SELECT * FROM made.agencies n"
        " WHERE NOT EXISTS (SELECT 1 FROM main.agencies a WHERE a.id = n.id)"
    )
    match_keys(connection)
    match_reports(connection)
    differences = _derived(connection, bool(left))
    added, removed = standins.refresh(connection)
    differences.append(Difference("stand_ins", added, 0, removed))
    for table, key in (("notice_readings", ("url", "sha256")), ("claims", ("url", "sha256", "position"))):
        differences.append(Part(connection, table, key, scope=NOTICE_HERE).bring())
    events, messages = do("SELECT events, messages FROM made.rebuild_marks").fetchone()
    has_findings = do("SELECT coalesce(max(id), 0) FROM main.finding_events").fetchone() == (events,)
    new = [0, 0]
    if has_findings:
        differences.append(Part(connection, "findings", ("fingerprint",)).bring())
        new = [_append(connection, "finding_events", events), _append_messages(connection, messages)]
        if not left and _same_register(connection):
            _take_over_marks(connection)
    return Merged(differences, new[0], new[1], left, has_findings)


def _same_register(connection: sqlite3.Connection) -> bool:
    """Whether nobody has changed the register meanwhile: the findings of the copy are those of this archive then."""
    every = "SELECT * FROM {}.agencies EXCEPT SELECT * FROM {}.agencies"
    pairs = (("main", "made"), ("made", "main"))
    return not any(connection.execute(f"SELECT 1 FROM ({every.format(*pair)})").fetchone() for pair in pairs)


def _take_over_marks(connection: sqlite3.Connection) -> None:
    """All that the copy has was judged there; nothing of it is to be judged again here."""
    connection.execute("DELETE FROM main.to_judge")
    connection.execute("INSERT INTO main.to_judge SELECT * FROM made.to_judge")
    for row in connection.execute("SELECT subject, digest, at FROM made.judged").fetchall():
        marks.set_digest(connection, *row)


def _append(connection: sqlite3.Connection, table: str, after: int) -> int:
    """Add what the copy has behind a number, under numbers of the archive's own."""
    names = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})") if row[1] != "id")
    return connection.execute(
        f"INSERT OR IGNORE INTO main.{table} ({names}) SELECT {names} FROM made.{table} WHERE id > ? ORDER BY id",
        (after,),
    ).rowcount


def _append_messages(connection: sqlite3.Connection, after: int) -> int:
    """The same of messages, with what they say."""
    texts = "digest, text, document_name, document"
    connection.execute(
        f"INSERT INTO main.message_texts ({texts}) SELECT {texts} FROM made.message_texts WHERE true"
        " ON CONFLICT (digest) DO NOTHING"
    )
    columns = [
        row[1] for row in connection.execute("PRAGMA main.table_info(outbox)") if row[1] not in ("id", "text_id")
    ]
    return connection.execute(
        f"INSERT OR IGNORE INTO main.outbox (text_id, {', '.join(columns)})"
        f" SELECT t.id, {', '.join(f'o.{name}' for name in columns)} FROM made.outbox o"
        " JOIN made.message_texts m ON m.id = o.text_id JOIN main.message_texts t ON t.digest = m.digest"
        " WHERE o.id > ? ORDER BY o.id",
        (after,),
    ).rowcount


def _derived(connection: sqlite3.Connection, some_are_left: bool) -> list[Difference]:
    """Agency keys, reports and all that hangs on them."""
    do = connection.execute
    added, changed = _write_keys(connection)
    readings = Part(
        connection,
        "readings",
        ("source", "url", "seen_at", "sha256"),
        scope=HERE,
        given={"report_id": _NUMBER_OF_REPORT},
    )
    readings.find()
    readings.remove()
    parts = {
        table: Part(
            connection,
            table,
            ("report_id", *PARTS.get(table, ())[:1]),
            of_reports=True,
            given={"agency_no": _NUMBER_OF_KEY} if table == "wide" else None,
        )
        for table in DETAILS
    }
    orphans = {
        table: do(f"DELETE FROM main.{table} WHERE report_id NOT IN (SELECT id FROM main.reports)").rowcount
        for table in parts
    }
    for part in parts.values():
        part.find()
        marks.mark_reports(connection, part.reports())  # a row in `wide` that comes or goes is marked by itself
    searched = parts["sections"].reports() | _renamed(connection)
    stale = _stale(connection)
    has_index = all(_unindex(connection, report_id) for report_id in sorted({*searched, *stale}))
    connection.executemany("DELETE FROM main.reports WHERE id = ?", ((report_id,) for report_id in stale))
    new = {row[0] for row in do("SELECT id FROM temp.report_numbers WHERE id NOT IN (SELECT id FROM main.reports)")}
    differences = [_write_reports(connection)._replace(removed=len(stale))]
    for table, part in parts.items():
        part.remove()
        difference = part.insert()
        differences.append(difference._replace(removed=difference.removed + orphans[table]))
    differences.append(readings.insert())
    marks.mark_reports(connection, (row[0] for row in do("SELECT id FROM temp.reports_changed")))
    if some_are_left:
        _choose_where_left(connection)
    removed = do("DELETE FROM main.agency_keys WHERE no NOT IN (SELECT agency_no FROM main.wide)").rowcount
    if has_index:
        for report_id in sorted(searched | new):
            _index(connection, report_id)
        has_index = some_are_left or _words(connection, "main") == _words(connection, "made")
    if not has_index:
        search.rebuild_index(connection)
        differences.append(Difference("report_search", 0, 1, 0))
    return [Difference("agency_keys", added, changed, removed), *differences]


def _write_keys(connection: sqlite3.Connection) -> tuple[int, int]:
    """Returns how many were added and changed."""
    do = connection.execute
    changed = do(
        f"UPDATE main.agency_keys SET (agency_id, name) = (SELECT n.agency_id, {_NAME} FROM made.agency_keys n"
        " WHERE n.key = agency_keys.key) WHERE EXISTS (SELECT 1 FROM made.agency_keys n WHERE n.key = agency_keys.key"
        f" AND (n.agency_id, {_NAME}) IS NOT (agency_keys.agency_id, agency_keys.name))"
    ).rowcount
    added = do(
        f"INSERT INTO main.agency_keys (no, key, agency_id, name) SELECT k.no, n.key, n.agency_id, {_NAME}"
        " FROM made.agency_keys n JOIN temp.key_numbers k ON k.made = n.no"
        " WHERE k.no NOT IN (SELECT no FROM main.agency_keys)"
    ).rowcount
    return added, changed


def _stale(connection: sqlite3.Connection) -> list[int]:
    """The reports that are none any more."""
    rows = connection.execute(
        f"SELECT id FROM main.reports r WHERE {HERE.format('r')} AND id NOT IN (SELECT id FROM temp.report_numbers)"
    )
    return [row[0] for row in rows]


def _unindex(connection: sqlite3.Connection, report_id: int) -> bool:
    """False if the index does not have of a report what its rows say: then it is of no use as a whole."""
    try:
        search.unindex(connection, report_id)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname != "SQLITE_CORRUPT_VTAB":
            raise
        return False
    return True


def _renamed(connection: sqlite3.Connection) -> set[int]:
    """The reports that are searched under another title, agency or year now."""
    rows = connection.execute(
        "SELECT r.id FROM temp.report_numbers m JOIN main.reports r ON r.id = m.id JOIN made.reports n ON n.id = m.made"
        " WHERE (r.title, r.agency_key, r.year) IS NOT (n.title, n.agency_key, n.year)"
    )
    return {row[0] for row in rows}


def _write_reports(connection: sqlite3.Connection) -> Difference:
    do = connection.execute
    names = [row[1] for row in do("PRAGMA main.table_info(reports)") if row[1] != "id"]
    mine, theirs = (", ".join(f"{side}.{name}" for name in names) for side in "rn")
    do("DROP TABLE IF EXISTS temp.reports_changed")
    do(
        "CREATE TEMP TABLE reports_changed AS SELECT r.id, m.made FROM temp.report_numbers m JOIN main.reports r"
        f" ON r.id = m.id JOIN made.reports n ON n.id = m.made WHERE ({mine}) IS NOT ({theirs})"
    )
    # First below every number in use, since two rows must not share a revision even for a moment.
    do("UPDATE main.reports SET revision = -1000 - id WHERE id IN (SELECT id FROM temp.reports_changed)")
    changed = do(
        f"UPDATE main.reports SET ({', '.join(names)}) = (SELECT {theirs} FROM temp.reports_changed c"
        " JOIN made.reports n ON n.id = c.made WHERE c.id = reports.id)"
        " WHERE id IN (SELECT id FROM temp.reports_changed)"
    ).rowcount
    added = do(
        f"INSERT INTO main.reports (id, {', '.join(names)}) SELECT m.id, {theirs} FROM temp.report_numbers m"
        " JOIN made.reports n ON n.id = m.made WHERE m.id NOT IN (SELECT id FROM main.reports) ORDER BY m.id"
    ).rowcount
    return Difference("reports", added, changed, 0)


def _choose_where_left(connection: sqlite3.Connection) -> None:
    """The copy did not know of what others have read meanwhile when it chose the report to trust."""
    rows = connection.execute(
        "SELECT r.agency_key, r.year FROM main.reports r JOIN temp.left_alone l USING (source, url)"
        " UNION SELECT n.agency_key, n.year FROM made.reports n JOIN temp.left_alone l USING (source, url)"
    ).fetchall()
    for key, year in rows:
        latest.choose(connection, key, year)


def _index(connection: sqlite3.Connection, report_id: int) -> None:
    (title,) = connection.execute("SELECT title FROM reports WHERE id = ?", (report_id,)).fetchone()
    sections = connection.execute("SELECT heading, text FROM sections WHERE report_id = ?", (report_id,))
    search.index(connection, report_id, title, [text for section in sections for text in section])


def _words(connection: sqlite3.Connection, database: str) -> str:
    """Tells one index from another: each of its tokens with the number of reports that have it."""
    connection.execute(
        f"CREATE VIRTUAL TABLE temp.words_of_index USING fts5vocab('{database}', 'report_search', 'row')"
    )
    digest = hashlib.sha256()
    for term, reports in connection.execute("SELECT term, doc FROM temp.words_of_index"):
        digest.update(f"{term} {reports}\n".encode())
    connection.execute("DROP TABLE temp.words_of_index")
    return digest.hexdigest()
