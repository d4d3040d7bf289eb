"""A copy of the archive in which all that is derived is made anew, beside it as `<archive>.rebuild`.

The copy begins with what is kept, and with those readings that cannot be made again: of documents whose bytes are given
up or lost, and without a sighting. Whoever then reads and judges in it makes the rest. db/rebuilding/merge.py brings
what differs into the archive. The copy is never the archive: killed, it is thrown away and begun again.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from db.archive import Archive
from db.collected.claims import NOTICE, Notice
from db.errors import ArchiveError
from db.keeping import snapshot, wholeness
from db.readings import latest
from db.readings.packing import DETAILS
from db.rebuilding import restore
from db.searching import search

ENDING = ".rebuild"

_TABLES = (
    # What the archive had when the copy was made, to see what others have changed meanwhile.
    """CREATE TABLE rebuild_before (
      source TEXT, url TEXT, seen_at TEXT, sha256 TEXT, parser_version TEXT, report_id INTEGER,
      PRIMARY KEY (source, url, seen_at, sha256)
    ) WITHOUT ROWID""",
    """INSERT INTO rebuild_before SELECT source, url, seen_at, sha256, parser_version, report_id FROM readings""",
    """CREATE TABLE rebuild_notices_before (
      url TEXT, sha256 TEXT, parser_version TEXT, PRIMARY KEY (url, sha256)
    ) WITHOUT ROWID""",
    "INSERT INTO rebuild_notices_before SELECT url, sha256, parser_version FROM notice_readings",
    "CREATE TABLE rebuild_marks (events INTEGER, messages INTEGER)",
    """INSERT INTO rebuild_marks SELECT coalesce((SELECT max(id) FROM finding_events), 0),
      coalesce((SELECT max(id) FROM outbox), 0)""",
    "CREATE TABLE rebuild_lost (sha256 TEXT PRIMARY KEY) WITHOUT ROWID",
    # Readings that stay; parser_version null: there is none, and none is to be made.
    """CREATE TABLE rebuild_held (
      source TEXT, url TEXT, seen_at TEXT, sha256 TEXT, parser_version TEXT,
      PRIMARY KEY (source, url, seen_at, sha256)
    ) WITHOUT ROWID""",
    """CREATE TABLE rebuild_notices_held (
      url TEXT, sha256 TEXT, parser_version TEXT, PRIMARY KEY (url, sha256)
    ) WITHOUT ROWID""",
)
_HOLD = (
    """INSERT INTO rebuild_held SELECT source, url, seen_at, sha256, parser_version FROM readings d
      WHERE sha256 IN (SELECT sha256 FROM rebuild_lost) OR NOT EXISTS (SELECT 1 FROM sightings s
        WHERE s.source = d.source AND s.url = d.url AND s.first_seen_at = d.seen_at AND s.sha256 = d.sha256)""",
    """INSERT OR IGNORE INTO rebuild_held SELECT source, url, first_seen_at, sha256, NULL FROM sightings
      WHERE sha256 IN (SELECT sha256 FROM rebuild_lost)""",
    f"""INSERT INTO rebuild_notices_held SELECT url, sha256, parser_version FROM notice_readings r
      WHERE sha256 IN (SELECT sha256 FROM rebuild_lost)
      AND EXISTS (SELECT 1 FROM neighbours n WHERE n.kind = '{NOTICE}' AND n.url = r.url AND n.sha256 = r.sha256)""",
    f"""INSERT OR IGNORE INTO rebuild_notices_held SELECT url, sha256, NULL FROM neighbours
      WHERE kind = '{NOTICE}' AND sha256 IN (SELECT sha256 FROM rebuild_lost)""",
)
_EMPTY = (
    """DELETE FROM readings WHERE NOT EXISTS (SELECT 1 FROM rebuild_held h WHERE h.source = readings.source
      AND h.url = readings.url AND h.seen_at = readings.seen_at AND h.sha256 = readings.sha256)""",
    "DELETE FROM reports WHERE id NOT IN (SELECT report_id FROM readings WHERE report_id IS NOT NULL)",
    *(f"DELETE FROM {table} WHERE report_id NOT IN (SELECT id FROM reports)" for table in DETAILS),
    "DELETE FROM agency_keys WHERE no NOT IN (SELECT agency_no FROM wide)",
    "DELETE FROM judged",
    "DELETE FROM name_searches",
    *(
        f"""DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM rebuild_notices_held h
          WHERE h.url = {table}.url AND h.sha256 = {table}.sha256)"""
        for table in ("claims", "notice_readings")
    ),
    # A finding that is gone comes back from its events; so does one that stands, and then it is judged. One that
    # stands and is not judged any more, of a season that is over, stays as it is.
    """DELETE FROM findings WHERE NOT EXISTS (SELECT 1 FROM finding_events e WHERE e.fingerprint = findings.fingerprint)
      OR EXISTS (SELECT 1 FROM finding_events e WHERE e.claim IS NOT NULL
        AND (e.event IN ('gone', 'corrected') OR NOT is_open)
        AND e.id = (SELECT max(id) FROM finding_events l WHERE l.fingerprint = findings.fingerprint
          AND l.event IN ('found', 'confirmed', 'held', 'released', 'gone', 'corrected')))""",
    """UPDATE findings SET first_found_at = coalesce((SELECT min(at) FROM finding_events e
      WHERE e.fingerprint = findings.fingerprint AND e.event = 'found'), first_found_at)""",
)
# What is held counts as read by the parser that is going to read the rest.
_KEEP_FROM_READING = (
    """UPDATE readings SET parser_version = :parser WHERE (source, url, seen_at, sha256) IN
      (SELECT source, url, seen_at, sha256 FROM rebuild_held)""",
    """INSERT INTO readings (source, url, seen_at, sha256, parser_version, kind)
      SELECT source, url, seen_at, sha256, :parser, 'lost' FROM rebuild_held WHERE parser_version IS NULL""",
    """UPDATE notice_readings SET parser_version = :notices WHERE (url, sha256) IN
      (SELECT url, sha256 FROM rebuild_notices_held)""",
    """INSERT INTO notice_readings (url, sha256, parser_version, claims)
      SELECT url, sha256, :notices, 0 FROM rebuild_notices_held WHERE parser_version IS NULL""",
)
_GIVE_BACK = (
    "DELETE FROM readings WHERE (source, url, seen_at, sha256) IN"
    " (SELECT source, url, seen_at, sha256 FROM rebuild_held WHERE parser_version IS NULL)",
    "UPDATE readings SET parser_version = h.parser_version FROM rebuild_held h WHERE h.source = readings.source"
    " AND h.url = readings.url AND h.seen_at = readings.seen_at AND h.sha256 = readings.sha256",
    "DELETE FROM notice_readings WHERE (url, sha256) IN"
    " (SELECT url, sha256 FROM rebuild_notices_held WHERE parser_version IS NULL)",
    "UPDATE notice_readings SET parser_version = h.parser_version FROM rebuild_notices_held h"
    " WHERE h.url = notice_readings.url AND h.sha256 = notice_readings.sha256",
)


class Lost(NamedTuple):
    """A document whose bytes are not there. why: in a few words. is_given_up: by the rules of retention."""

    sha256: str
    why: str
    is_given_up: bool


def copy_path(archive: Path) -> Path:
    """Where the copy of an archive lies."""
    return archive.with_name(archive.name + ENDING)


def discard(archive: Path) -> None:
    """Throw the copy away, whole or in pieces. Raises ArchiveError."""
    path = copy_path(archive)
    try:
        for ending in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(
            f"{path}: cannot be deleted ({error.strerror}); give write access to its folder, and delete it"
        ) from error


@contextmanager
def copied(
    archive: Archive, parser_version: str, notice_version: str, on_document: Callable[[int], None] | None = None
) -> Iterator[tuple[Archive, list[Lost]]]:
    """The copy, with what is kept and what cannot be made again, and the documents that cannot be read. It stays as a
    file when it is closed; see discard.

    parser_version, notice_version: of the parsers that are going to read in it. on_document: told after each document
    whose bytes were looked at, how many those are.
    """
    discard(archive.path)
    path = copy_path(archive.path)
    with archive.read() as connection:
        _refuse_damaged(connection, archive.path)
        snapshot.copy(connection, path)
    with Archive.open(path, forms=archive.forms, backup=False) as copy:
        copy.documents = archive.documents
        copy.query("PRAGMA synchronous = OFF")  # nobody needs it after a power cut
        copy.query("PRAGMA foreign_keys = OFF")
        lost = _lost(copy, on_document)
        with copy.write() as connection:
            _prepare(connection, lost, {"parser": parser_version, "notices": notice_version})
        copy.query("PRAGMA foreign_keys = ON")
        yield copy, lost
        with copy.write() as connection:
            for statement in _GIVE_BACK:
                connection.execute(statement)


def notices(copy: Archive) -> list[Notice]:
    """Every notice of a copy that was not read, in all the bytes in which it was ever seen; oldest first."""
    rows = copy.query(
        "SELECT n.portal, n.url, n.sha256, n.title, n.listed_on, n.last_seen_at FROM neighbours n"
        f" WHERE n.kind = '{NOTICE}' AND NOT EXISTS (SELECT 1 FROM notice_readings r WHERE r.url = n.url"
        " AND r.sha256 = n.sha256) ORDER BY n.last_seen_at, n.portal, n.url"
    )
    return [Notice(*row) for row in rows]


def _refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    """What is kept cannot be read for certain then, and what was made of it would be written over what is right."""
    for said in wholeness.damage(connection):
        if "FTS5 table" not in said:  # the index of words is made anew
            raise ArchiveError(
                f"{path}: the database is damaged, {said}; restore it from a backup with `nianbao restore` and rebuild"
                " that (nothing was changed)"
            )


def _prepare(connection: sqlite3.Connection, lost: list[Lost], versions: dict[str, str]) -> None:
    for statement in _TABLES:
        connection.execute(statement)
    connection.executemany("INSERT INTO rebuild_lost (sha256) VALUES (?)", [(document.sha256,) for document in lost])
    for statement in (*_HOLD, *_EMPTY):
        connection.execute(statement)
    restore.restore(connection)
    search.rebuild_index(connection)
    for key, year in connection.execute("SELECT DISTINCT agency_key, year FROM reports").fetchall():
        latest.choose(connection, key, year)
    for statement in _KEEP_FROM_READING:
        connection.execute(statement, versions)


def _lost(copy: Archive, on_document: Callable[[int], None] | None) -> list[Lost]:
    """The documents that were seen as reports or notices and cannot be read: every one of them is hashed."""
    lost: list[Lost] = []
    with copy.read() as connection:
        documents = connection.execute(
            "SELECT sha256, size, dropped_at FROM documents WHERE sha256 IN (SELECT sha256 FROM sightings"
            f" UNION SELECT sha256 FROM neighbours WHERE kind = '{NOTICE}')"
        )
        for number, (sha256, size, dropped_at) in enumerate(documents, start=1):
            if dropped_at is not None:
                lost.append(Lost(sha256, f"was given up on {dropped_at[:10]}", True))
            elif (why := copy.documents.check(sha256, size)) is not None:
                lost.append(Lost(sha256, why, False))
            if on_document:
                on_document(number)
    return lost
