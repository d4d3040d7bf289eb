"""Filling the archive of the benchmark, and what storing costs against a bare executemany of the same rows."""

import sqlite3
import statistics
import time
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from db.archive import Archive
from db.readings import bulk
from db.readings.loading import load_reports
from db.readings.packing import DETAILS, PackedReport, Reading
from db.searching import search
from db.times import to_text
from tests.bench import archive_data
from tests.bench.measure import Result

NOW = datetime(2026, 3, 1, tzinfo=UTC)
_COMPARED = 100_000  # reports that are stored in both ways
_DOCUMENTS, _OWN_DOCUMENTS = 16, 400
_AT_ONCE = 400  # counties whose agencies are imported together
_SLOWER_AT_MOST = 2.0
_FROM_OBJECTS = 2_000
_OF_REPORTS = {"reports": "id"} | dict.fromkeys((*DETAILS, "readings"), "report_id")

Rows = dict[str, list[tuple[object, ...]]]


def results(archive: Archive, folder: Path, reports: int) -> list[Result]:
    """Fill the archive with about so many reports, the first of them twice: through store_new, and bare."""
    counties = archive_data.counties(reports)
    archive.add_portal(archive_data.PORTAL, "一国", "none")
    for first in range(0, len(counties), _AT_ONCE):
        archive.import_agencies([agency for county in counties[first : first + _AT_ONCE] for agency in county.agencies])
    # Of one county each report has a document of its own; a million files would be no use.
    own = [archive.put_document(b"own %d" % number, media=None, seen_at=NOW) for number in range(_OWN_DOCUMENTS)]
    documents = [archive.put_document(b"%d" % number, media=None, seen_at=NOW) for number in range(_DOCUMENTS)]
    ours: list[float] = []
    theirs: list[float] = []
    stored = compared = 0
    with closing(_bare_copy(archive, folder / "bare.db")) as bare:
        for county in counties:
            packed = list(archive_data.reports_of(county, own if county is counties[0] else documents))
            started = time.thread_time()
            with archive.write() as connection:
                bulk.store_new(connection, packed, archive.forms)
            taken = time.thread_time() - started
            stored += len(packed)
            if compared < _COMPARED:
                rows = _rows(archive, stored - len(packed))
                tokens = [(stored - len(packed) + n, _tokens(report)) for n, report in enumerate(packed, 1)]
                started = time.thread_time()
                _insert(bare, rows, tokens)
                theirs.append(time.thread_time() - started)
                ours.append(taken)
                compared += len(packed)
            _add_sightings(archive, packed)
        _assert_equal(archive, bare)
    for file in folder.glob("bare.db*"):
        file.unlink()
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    objects = _from_objects(archive, documents)
    milliseconds = 1e6 / compared  # for 1,000 reports
    return [
        Result(
            "storing packed reports (ms/1,000)", sum(ours) * milliseconds, "bare executemany, same rows",
            sum(theirs) * milliseconds, ratio, f"at most {_SLOWER_AT_MOST:g}x", ratio <= _SLOWER_AT_MOST,
        ),
        Result(
            "the same from Report objects, packed on the way (ms/1,000)", objects, "bare executemany, same rows",
            sum(theirs) * milliseconds, objects / (sum(theirs) * milliseconds), "", True,
        ),
    ]  # fmt: skip


def _bare_copy(archive: Archive, path: Path) -> sqlite3.Connection:
    """A file with the same tables, indexes and register, and a connection as an archive has it; without its triggers,
    which mark what is to be judged."""
    connection = sqlite3.connect(path, isolation_level=None)
    archive._connection.backup(connection)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for pragma in ("journal_mode", "synchronous", "foreign_keys", "cache_size"):
        ((value,),) = archive.query(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA {pragma} = {value}")
    return connection


def _rows(archive: Archive, after: int) -> Rows:
    """The rows of all reports behind an id."""
    rows = {
        "agency_keys": archive.query(
            "SELECT * FROM agency_keys WHERE no IN (SELECT agency_no FROM wide WHERE report_id > ?)", (after,)
        )
    }
    for table, column in _OF_REPORTS.items():
        rows[table] = archive.query(f"SELECT * FROM {table} WHERE {column} > ? ORDER BY {column}", (after,))
    return rows


def _tokens(report: PackedReport) -> str:
    return search._tokens(report.key, report.year, [report.column("title"), *report.passages])


def _insert(bare: sqlite3.Connection, rows: Rows, tokens: list[tuple[int, str]]) -> None:
    bare.execute("BEGIN IMMEDIATE")
    for table, of_table in rows.items():
        if of_table:
            bare.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(of_table[0]))})", of_table)
    bare.executemany("INSERT INTO report_search (rowid, tokens) VALUES (?, ?)", tokens)
    bare.execute("COMMIT")


def _add_sightings(archive: Archive, packed: list[PackedReport]) -> None:
    with archive.write() as connection:
        connection.executemany(
            "INSERT INTO sightings (source, portal, page_url, url, part, title, sha256, first_seen_at, last_seen_at)"
            " VALUES (?1, ?1, ?2, ?2, 'page', ?3, ?4, ?5, ?5)",
            [(r.source, r.url, r.column("title"), r.column("sha256"), r.seen_at) for r in packed],
        )


def _assert_equal(archive: Archive, bare: sqlite3.Connection) -> None:
    ((last,),) = bare.execute("SELECT max(id) FROM reports").fetchall()
    for table, column in _OF_REPORTS.items():
        count = f"SELECT count(*) FROM {table} WHERE {column} <= ?"
        if archive.query(count, (last,)) != bare.execute(count, (last,)).fetchall():
            raise AssertionError(f"{table}: the bare copy has other rows")


def _from_objects(archive: Archive, documents: list[str]) -> float:
    """Milliseconds for 1,000 reports that are handed in as objects, as of one more portal."""
    ids = [report_id for (report_id,) in archive.query("SELECT id FROM reports ORDER BY id LIMIT ?", (_FROM_OBJECTS,))]
    readings = (
        Reading(s.report, documents[0], s.agency_id, s.agency, "twin", None, s.url, to_text(NOW), "1")
        for s in load_reports(archive._connection, ids)
    )
    taken = []
    while some := list(islice(readings, bulk.BATCH)):
        started = time.thread_time()
        list(bulk.store_reports(archive, some))
        taken.append((time.thread_time() - started) * 1e6 / len(some))
    return statistics.median(taken)
