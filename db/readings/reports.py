"""The rows of one report: writing them. db/readings/loading.py reads them back."""

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from db.readings import corrections, latest
from db.readings.packing import (
    DETAILS,
    REPORT_COLUMNS,
    PackedReport,
    Reading,
    figure_columns,
    insert_part,
    pack_report,
)
from db.schema.views import quoted
from db.searching import search

if TYPE_CHECKING:
    from parsers.form import Form

__all__ = ["Reading", "delete_report", "insert_report", "replace_report"]

_BELONGS = ("agency_key", "year", "source", "url")
_INSERT = (
    f"INSERT INTO reports ({', '.join(_BELONGS)}, first_seen_at, last_seen_at, {', '.join(REPORT_COLUMNS)},"
    f" is_current, revision) SELECT {', '.join('?' * (len(_BELONGS) + 2 + len(REPORT_COLUMNS)))}, 0,"
    f" coalesce(min(revision), 1) - 1 FROM reports WHERE {' AND '.join(f'{name} = ?' for name in _BELONGS)}"
)
_UPDATE = f"UPDATE reports SET {', '.join(f'{name} = ?' for name in REPORT_COLUMNS)} WHERE id = ?"


def insert_report(connection: sqlite3.Connection, reading: Reading, forms: "Mapping[str, Form]") -> int:
    """Add a report; its revision is given by the caller afterwards (0 or less until then). Returns its id."""
    packed = _packed(connection, reading, forms, {reading.sha256})
    belongs = (packed.key, packed.year, packed.source, packed.url)
    # A revision below every other keeps the row unique until the caller has put the revisions in order.
    cursor = connection.execute(_INSERT, (*belongs, packed.seen_at, packed.seen_at, *packed.columns, *belongs))
    report_id = int(cursor.lastrowid or 0)
    _insert_details(connection, report_id, packed, forms)
    return report_id


def replace_report(
    connection: sqlite3.Connection, report_id: int, reading: Reading, forms: "Mapping[str, Form]"
) -> None:
    """Write another reading of the same revision over a report; id, revision and times stay."""
    packed = _packed(connection, reading, forms, documents_of(connection, report_id, reading.sha256))
    search.unindex(connection, report_id)
    connection.execute(_UPDATE, (*packed.columns, report_id))
    for table in DETAILS:
        connection.execute(f"DELETE FROM {table} WHERE report_id = ?", (report_id,))
    _insert_details(connection, report_id, packed, forms)


def delete_report(connection: sqlite3.Connection, report_id: int) -> None:
    """Take a report out, with all that hangs on it."""
    search.unindex(connection, report_id)
    connection.execute("DELETE FROM reports WHERE id = ?", (report_id,))


def _packed(
    connection: sqlite3.Connection, reading: Reading, forms: "Mapping[str, Form]", sha256s: set[str]
) -> PackedReport:
    """A reading with the corrections laid over it that hold for any of these documents."""
    return pack_report(reading, forms, *corrections.apply(connection, reading.report, sha256s))


def _insert_details(
    connection: sqlite3.Connection, report_id: int, packed: PackedReport, forms: "Mapping[str, Form]"
) -> None:
    form = packed.column("form")
    agency_no = latest.number_of(connection, packed.key, packed.column("agency_id"), packed.column("agency"))
    figures = figure_columns(forms[form]) if form is not None else []
    names = ", ".join(map(quoted, ("report_id", "agency_no", "year", "form", "variants", *figures)))
    values = (report_id, agency_no, packed.year, form, packed.variants, *packed.figures)
    connection.execute(f"INSERT INTO wide ({names}) VALUES ({', '.join('?' * len(values))})", values)
    if packed.places is not None:
        connection.execute("INSERT INTO places (report_id, places) VALUES (?, ?)", (report_id, packed.places))
    for table, rows in packed.parts.items():
        connection.executemany(insert_part(table), [(report_id, *row) for row in rows])
    search.index(connection, report_id, packed.column("title"), packed.passages)


def bodies_of(connection: sqlite3.Connection, report_id: int) -> frozenset[str]:
    """The other agencies that a joint report names; see packing.Reading.also."""
    rows = connection.execute("SELECT agency_id FROM report_bodies WHERE report_id = ?", (report_id,))
    return frozenset(agency_id for (agency_id,) in rows)


def documents_of(connection: sqlite3.Connection, report_id: int, sha256: str) -> set[str]:
    """The documents that were read as a report, and the one it is being read from."""
    rows = connection.execute("SELECT DISTINCT sha256 FROM readings WHERE report_id = ?", (report_id,))
    return {sha256} | {row[0] for row in rows}
