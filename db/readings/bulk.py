"""Many reports at once. What has no other reading at its address, as nearly everything of a first load, is written some
hundred reports in one go; the rest goes the way of a single report. The rows are the same either way."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from db import register
from db.collected import seen
from db.connection import ArchiveFile
from db.errors import ArchiveError
from db.readings import corrections, latest, revisions
from db.readings.packing import (
    PARTS,
    REPORT_COLUMNS,
    PackedReport,
    Reading,
    Row,
    figure_columns,
    insert_part,
    pack_report,
)
from db.records import Stored
from db.schema.views import quoted
from db.schema.wide import OWN_COLUMNS
from db.searching import search

if TYPE_CHECKING:
    from parsers.form import Form

BATCH = 500  # reports of one transaction

_BELONGS = ("id", "agency_key", "year", "source", "url", "revision", "is_current", "first_seen_at")
# When it was seen last its sighting says, which may have been lengthened before it was read.
_INSERT_REPORT = (
    f"INSERT INTO reports ({', '.join((*_BELONGS, *REPORT_COLUMNS))}, last_seen_at)"
    f" VALUES ({', '.join('?' * (len(_BELONGS) + len(REPORT_COLUMNS)))}, coalesce((SELECT s.last_seen_at"
    " FROM sightings s WHERE s.source = ? AND s.url = ? AND s.first_seen_at = ? AND s.sha256 = ?), ?))"
)
_INSERT_READING = (
    "INSERT INTO readings (source, url, sha256, seen_at, parser_version, report_id, title) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_AGENCY_ID, _AGENCY, _SHA256, _FORM, _TITLE, _PARSER = map(
    REPORT_COLUMNS.index, ("agency_id", "agency", "sha256", "form", "title", "parser_version")
)


def store_reports(file: ArchiveFile, readings: Iterable[Reading]) -> Iterator[Stored]:
    """Keep what was read, a batch in one transaction; what became of each, in order. To be gone through to its end.

    Equal, row for row, to Archive.store_report of one after the other.
    """
    batch: list[Reading] = []
    for reading in readings:
        batch.append(reading)
        if len(batch) == BATCH:
            yield from _store_batch(file, batch)
            batch = []
    yield from _store_batch(file, batch)


def _store_batch(file: ArchiveFile, batch: list[Reading]) -> list[Stored]:
    stored: list[Stored] = []
    if not batch:
        return stored
    with file.write() as connection:
        for portal in {reading.portal for reading in batch}:
            seen.ensure_portal(connection, portal)
        known = _known(connection, "readings", "source, url", [(reading.source, reading.url) for reading in batch])
        misread = _misread(connection)
        fresh: list[PackedReport] = []
        for reading in batch:
            if (reading.source, reading.url) not in known:
                known.add((reading.source, reading.url))
                is_misread = reading.sha256 in misread
                laid = corrections.apply(connection, reading.report, {reading.sha256}) if is_misread else ()
                fresh.append(pack_report(reading, file.forms, *laid))
                continue
            # In order: what becomes of a report depends on what was read before it.
            stored += _as_new(store_new(connection, fresh, file.forms))
            fresh = []
            seen.require_document(connection, reading.sha256)
            for one in filter(None, (reading.agency_id, *reading.also)):
                register.require_agency(connection, one)
            stored.append(revisions.store(connection, reading, file.forms))
        stored += _as_new(store_new(connection, fresh, file.forms))
    return stored


def _as_new(report_ids: Iterable[int]) -> list[Stored]:
    return [Stored(report_id, 1, "new") for report_id in report_ids]


def _misread(connection: sqlite3.Connection) -> set[str]:
    """The documents for which a person has corrected a figure."""
    return {sha256 for (sha256,) in connection.execute("SELECT sha256 FROM corrections WHERE undone_at IS NULL")}


def store_new(
    connection: sqlite3.Connection, packed: Sequence[PackedReport], forms: "Mapping[str, Form]"
) -> Sequence[int]:
    """Write reports of addresses at which nothing was read before, each another one; returns their ids, in order.

    To be called within a write transaction, with some hundreds at a time, once their portals have a row. Raises
    ArchiveError for an address at which something was read, and for a document or an agency that is not there.
    """
    if not packed:
        return range(0)
    addresses = Counter((report.source, report.url) for report in packed)
    addresses.update(_known(connection, "readings", "source, url", list(addresses)))
    if taken := [url for (_, url), times in addresses.items() if times > 1]:
        raise ArchiveError(f"{taken[0]}: something was read there before; store it as one report")
    try:
        return _write(connection, packed, forms)
    except sqlite3.IntegrityError:
        for report in packed:
            seen.require_document(connection, report.columns[_SHA256])
            also = (body for (body,) in report.parts["report_bodies"])
            for one in filter(None, (report.columns[_AGENCY_ID], *also)):
                register.require_agency(connection, one)
        raise


def _write(
    connection: sqlite3.Connection, packed: Sequence[PackedReport], forms: "Mapping[str, Form]"
) -> Sequence[int]:
    (first,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM reports").fetchone()
    ids = range(first, first + len(packed))
    keys = Counter((report.key, report.year) for report in packed)
    shared = {key for key, times in keys.items() if times > 1}
    shared |= _known(connection, "reports", "agency_key, year", list(keys))
    numbers = _agency_numbers(connection, packed)
    wide, layouts = _insert_wide(connection), _layouts(connection, packed, forms)
    connection.executemany(_INSERT_REPORT, map(_report_row, ids, packed))
    connection.executemany(
        wide,
        (
            (
                report_id,
                numbers[report.key],
                report.year,
                report.columns[_FORM],
                (report.key, report.year) not in shared,
                report.variants,
                *layouts[report.columns[_FORM]](report.figures),
            )
            for report_id, report in zip(ids, packed, strict=True)
        ),
    )
    connection.executemany(
        "INSERT INTO places (report_id, places) VALUES (?, ?)",
        ((i, report.places) for i, report in zip(ids, packed, strict=True) if report.places is not None),
    )
    for table in PARTS:
        rows = ((i, *row) for i, report in zip(ids, packed, strict=True) for row in report.parts[table])
        connection.executemany(insert_part(table), rows)
    connection.executemany(_INSERT_READING, map(_reading_row, ids, packed))
    for report_id, report in zip(ids, packed, strict=True):
        search.index(connection, report_id, report.columns[_TITLE], report.passages)
    for key, year in shared:
        latest.choose(connection, key, year)
    return ids


def _report_row(report_id: int, report: PackedReport) -> Row:
    belongs = (report_id, report.key, report.year, report.source, report.url, 1, 1, report.seen_at)
    sighting = (report.source, report.url, report.seen_at, report.columns[_SHA256])
    return (*belongs, *report.columns, *sighting, report.seen_at)


def _reading_row(report_id: int, report: PackedReport) -> Row:
    read = report.columns
    return (report.source, report.url, read[_SHA256], report.seen_at, read[_PARSER], report_id, read[_TITLE])


def _insert_wide(connection: sqlite3.Connection) -> str:
    """All columns of a row at once, so that reports of several forms go in by one statement, in the order of ids."""
    names = [*OWN_COLUMNS, *_figure_names(connection)]
    return f"INSERT INTO wide ({', '.join(map(quoted, names))}) VALUES ({', '.join('?' * len(names))})"


def _figure_names(connection: sqlite3.Connection) -> list[str]:
    return [row[1] for row in connection.execute("PRAGMA table_info(wide)") if row[1] not in OWN_COLUMNS]


def _layouts(
    connection: sqlite3.Connection, packed: Sequence[PackedReport], forms: "Mapping[str, Form]"
) -> dict[str | None, Callable[[Row], Row]]:
    """Form -> what makes of the figures of such a report those of the whole row."""
    names = _figure_names(connection)
    layouts: dict[str | None, Callable[[Row], Row]] = {}
    for form in {report.columns[_FORM] for report in packed}:
        at = {name: place for place, name in enumerate(figure_columns(forms[form]))} if form is not None else {}
        pick = itemgetter(*(at.get(name, -1) for name in names))  # the last one is None
        layouts[form] = _filled(pick)
    return layouts


def _filled(pick: Callable[[Row], Row]) -> Callable[[Row], Row]:
    return lambda figures: pick((*figures, None))


def _agency_numbers(connection: sqlite3.Connection, packed: Sequence[PackedReport]) -> dict[str, int]:
    """Agency key -> its number, made where it has none."""
    first = {report.key: report for report in reversed(packed)}
    keys = list(dict.fromkeys(report.key for report in packed))
    marks = ", ".join("?" * len(keys))
    numbers = dict(connection.execute(f"SELECT key, no FROM agency_keys WHERE key IN ({marks})", keys).fetchall())
    for key in keys:
        if key not in numbers:
            columns = first[key].columns
            numbers[key] = latest.number_of(connection, key, columns[_AGENCY_ID], columns[_AGENCY])
    return numbers


def _known(
    connection: sqlite3.Connection, table: str, columns: str, wanted: list[tuple[Any, Any]]
) -> set[tuple[Any, Any]]:
    """Which of these pairs a table has in two columns, which lead one of its indexes."""
    first, second = columns.split(", ")
    rows = connection.execute(
        f"WITH w (a, b) AS (VALUES {', '.join(['(?, ?)'] * len(wanted))})"
        f" SELECT a, b FROM w WHERE EXISTS (SELECT 1 FROM {table} t WHERE t.{first} = w.a AND t.{second} = w.b)",
        [value for pair in wanted for value in pair],
    )
    return set(rows)
