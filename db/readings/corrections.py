"""What people say that a document prints where the parser read something else. Kept by document, so that it outlives
every reading; laid over the figures whenever a report is written, and taken off again without a trace in them."""

import json
import sqlite3
from collections.abc import Set
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from db.connection import ArchiveFile
from db.errors import ArchiveError
from db.readings.rows import Layout, absent_cells, as_json, pack
from db.schema.views import quoted
from db.schema.wide import known_columns
from db.times import from_text, to_text
from parsers.report import BLANK, CORRECTED, DASH, ROW_ABSENT, UNREADABLE, Figure, Number, Report

REPLACED = "replaced"
"""Why a correction ended that a newer one of the same figure has taken the place of."""

_COLUMNS = "c.id, c.sha256, c.figure, c.value, c.state, c.text, c.unit, c.made_by, c.source, c.made_at, c.undone_by,"
_COLUMNS += " c.undone_at, c.undone_why"


class Correction(NamedTuple):
    """What a person says that a document prints.

    state: corrected for a number, else why there is none. text: as printed. source: what it rests on. undone_at: None
    while it holds.
    """

    id: int
    sha256: str
    figure: str
    value: Number | None
    state: str
    text: str | None
    unit: str | None
    made_by: str
    source: str
    made_at: datetime
    undone_by: str | None
    undone_at: datetime | None
    undone_why: str | None

    @property
    def holds(self) -> bool:
        return self.undone_at is None


class Corrected(NamedTuple):
    """A correction with the agency and year whose report was read from its document; None where none is by now.

    read: while it holds, what the parser reads: (value, state, text, unit, how).
    """

    correction: Correction
    agency_id: str | None
    agency: str | None
    year: int | None
    url: str | None
    read: tuple[Any, ...] | None


class Corrections:
    """Make, undo and list them. A correction holds for every report that was read from its document."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def make(self, sha256: str, figure: Figure, *, by: str, source: str, at: datetime) -> bool:
        """Write down what a document prints in one cell: value, state, text and unit of `figure`, and write it into
        the reports. One that held for the same cell ends. False if the very same holds already.

        by: who says so; source: what that rests on. Raises ArchiveError if no report with that figure was read from
        the document, and for a value that cannot be kept.
        """
        _require(by, "who says so")
        _require(source, "what it rests on")
        if figure.state not in ((BLANK, DASH, ROW_ABSENT, UNREADABLE) if figure.value is None else (CORRECTED,)):
            raise ArchiveError(f"{figure.name}: a corrected cell cannot be {figure.value} and {figure.state}")
        said = (figure.value, figure.state, figure.text, figure.unit, by, source)
        with self._file.write() as connection:
            reports = self._reports_with(connection, sha256, figure.name)
            known = connection.execute(
                "SELECT value, state, text, unit, made_by, source FROM corrections"
                " WHERE sha256 = ? AND figure = ? AND undone_at IS NULL",
                (sha256, figure.name),
            ).fetchone()
            if known == said:
                return False
            _end(connection, sha256, figure.name, by=by, why=REPLACED, at=at)
            connection.execute(
                "INSERT INTO corrections (sha256, figure, value, state, text, unit, made_by, source, made_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (sha256, figure.name, *said, to_text(at)),
            )
            for report_id in reports:
                lay(connection, report_id)
        return True

    def undo(self, sha256: str, figure: str, *, by: str, why: str | None, at: datetime) -> None:
        """Take back the correction that holds for a cell: its reports say again what the parser read.

        Raises ArchiveError where none holds.
        """
        _require(by, "who takes it back")
        with self._file.write() as connection:
            if not _end(connection, sha256, figure, by=by, why=why, at=at):
                raise ArchiveError(f"no correction of {figure} holds for document {sha256}; there is nothing to undo")
            for report_id in reports_of(connection, sha256):
                lay(connection, report_id)

    def listed(self) -> list[Corrected]:
        """All that were ever made, also those that were taken back, in the order in which they were made; once for
        each agency and year that they are about."""
        with self._file.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS}, k.agency_id, k.name, w.year, r.url, max(s.read)"
                " FROM corrections c LEFT JOIN readings d ON d.sha256 = c.sha256 AND d.report_id IS NOT NULL"
                " LEFT JOIN reports r ON r.id = d.report_id LEFT JOIN wide w ON w.report_id = r.id"
                " LEFT JOIN agency_keys k ON k.no = w.agency_no"
                " LEFT JOIN form_figures f ON f.form = r.form AND f.figure = c.figure"
                " LEFT JOIN cell_states s ON s.report_id = r.id AND s.figure IN (c.figure, f.row_figures)"
                "  AND c.undone_at IS NULL"
                " GROUP BY c.id, k.no, w.year ORDER BY c.id, k.name, w.year"
            ).fetchall()
        found = []
        for row in rows:
            agency_id, agency, year, url, read = row[13:]
            before = None if read is None else tuple(json.loads(read))
            found.append(Corrected(_correction(row[:13]), agency_id, agency, year, url, before))
        return found

    def holding(self) -> list[Correction]:
        """All that hold, in the order in which they were made."""
        rows = self._file.query(f"SELECT {_COLUMNS} FROM corrections c WHERE c.undone_at IS NULL ORDER BY c.id")
        return [_correction(row) for row in rows]

    def of_report(self, report_id: int) -> list[Correction]:
        """Those that hold for a report, by figure."""
        with self._file.read() as connection:
            return [one for one in of_documents(connection, _documents_of(connection, report_id)) if one.holds]

    def _reports_with(self, connection: sqlite3.Connection, sha256: str, figure: str) -> list[int]:
        reports = reports_of(connection, sha256)
        if not reports:
            raise ArchiveError(f"no report was read from document {sha256}; there is no figure to correct")
        (known,) = connection.execute(
            "SELECT count(*) FROM form_figures f JOIN reports r ON r.form = f.form"
            " WHERE f.figure = ? AND r.id IN (SELECT value FROM json_each(?))",
            (figure, as_json(reports)),
        ).fetchone()
        if not known:
            raise ArchiveError(f"{figure}: is no figure of the form of document {sha256}")
        return reports


def apply(connection: sqlite3.Connection, report: Report, sha256s: Set[str]) -> tuple[Report, dict[str, Figure]]:
    """The report with the corrections that hold for any of its documents laid over its figures, and what was read of
    the corrected ones. The report itself stays as it is. Of two for one figure the later one counts."""
    rows = connection.execute(
        "SELECT figure, value, state, text, unit FROM corrections WHERE undone_at IS NULL"
        " AND sha256 IN (SELECT value FROM json_each(?)) ORDER BY id",
        (as_json(list(sha256s)),),
    ).fetchall()
    if not rows:
        return report, {}
    figures = dict(report.figures)
    for name, value, state, text, unit in rows:
        if name in figures:  # else the document is read by another form now, which has no such figure
            figures[name] = Figure(name, value, state, text, unit, CORRECTED, figures[name].place)
    read = {name: report.figures[name] for name, *_ in rows if name in report.figures}
    return replace(report, figures=figures), read


def follow(connection: sqlite3.Connection, source: str, url: str) -> None:
    """Lay the corrections over the reports at an address once more, where which documents are read as which report has
    changed: they go with their documents."""
    rows = connection.execute(
        "SELECT DISTINCT d.report_id FROM readings d WHERE d.source = ? AND d.url = ? AND d.report_id IS NOT NULL"
        " AND (EXISTS (SELECT 1 FROM corrections c WHERE c.sha256 = d.sha256 AND c.undone_at IS NULL)"
        " OR EXISTS (SELECT 1 FROM cell_states s WHERE s.report_id = d.report_id AND s.how = ?))",
        (source, url, CORRECTED),
    ).fetchall()
    for (report_id,) in rows:
        lay(connection, report_id)


def lay(connection: sqlite3.Connection, report_id: int) -> None:
    """Write the figures of a stored report anew: what was read, and over it the corrections that hold by now."""
    (form,) = connection.execute("SELECT form FROM reports WHERE id = ?", (report_id,)).fetchone()
    if form is None:
        return
    columns = known_columns(connection, form)
    cursor = connection.execute("SELECT * FROM wide WHERE report_id = ?", (report_id,))
    wide = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    (places,) = connection.execute("SELECT places FROM places WHERE report_id = ?", (report_id,)).fetchone()
    states = connection.execute(
        "SELECT figure, state, text, how, read FROM cell_states WHERE report_id = ?", (report_id,)
    ).fetchall()
    layout = Layout(columns)
    figures = layout.figures([wide[name] for name in layout.names], states, places, as_read=True)
    as_read = Report("", form=form, figures=figures)
    report, read = apply(connection, as_read, _documents_of(connection, report_id))
    rows = pack(report, columns, read)
    values = rows.wide | {"variants": _variants(connection, report)}
    assignments = ", ".join(f"{quoted(name)} = ?" for name in values)
    connection.execute(f"UPDATE wide SET {assignments} WHERE report_id = ?", (*values.values(), report_id))
    connection.execute("DELETE FROM cell_states WHERE report_id = ?", (report_id,))
    connection.executemany(
        "INSERT INTO cell_states (report_id, figure, state, text, how, read) VALUES (?, ?, ?, ?, ?, ?)",
        [(report_id, *state) for state in rows.states],
    )


def _variants(connection: sqlite3.Connection, report: Report) -> int:
    """As db.schema.wide.variants_printed has it, by the form that the archive knows."""
    absent = absent_cells(report)
    bits = connection.execute(
        "SELECT figure, variant FROM form_figures WHERE form = ? AND variant IS NOT NULL", (report.form,)
    )
    printed = 0
    for figure, bit in bits:
        printed |= 0 if figure in absent else 1 << bit
    return printed


def reports_of(connection: sqlite3.Connection, sha256: str) -> list[int]:
    """The reports that were read from a document."""
    rows = connection.execute(
        "SELECT DISTINCT report_id FROM readings WHERE sha256 = ? AND report_id IS NOT NULL ORDER BY report_id",
        (sha256,),
    )
    return [row[0] for row in rows]


def of_documents(connection: sqlite3.Connection, sha256s: Set[str]) -> list[Correction]:
    """All that were made for these documents, also those that were taken back; by figure, the latest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM corrections c WHERE c.sha256 IN (SELECT value FROM json_each(?))"
        " ORDER BY c.figure, c.id DESC",
        (as_json(list(sha256s)),),
    )
    return [_correction(row) for row in rows]


def _documents_of(connection: sqlite3.Connection, report_id: int) -> set[str]:
    rows = connection.execute(
        "SELECT sha256 FROM reports WHERE id = ?1 UNION SELECT sha256 FROM readings WHERE report_id = ?1", (report_id,)
    )
    return {row[0] for row in rows}


def _end(connection: sqlite3.Connection, sha256: str, figure: str, *, by: str, why: str | None, at: datetime) -> bool:
    cursor = connection.execute(
        "UPDATE corrections SET undone_by = ?, undone_at = ?, undone_why = ?"
        " WHERE sha256 = ? AND figure = ? AND undone_at IS NULL",
        (by, to_text(at), why, sha256, figure),
    )
    return cursor.rowcount > 0


def _correction(row: tuple[Any, ...]) -> Correction:
    one = Correction(*row)
    undone_at = None if one.undone_at is None else from_text(row[11])
    return one._replace(made_at=from_text(row[9]), undone_at=undone_at)


def _require(text: str, what: str) -> None:
    if not text.strip():
        raise ArchiveError(f"a correction must say {what}")
