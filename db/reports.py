"""The rows of one report: writing them, reading them back."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.errors import ArchiveError
from db.records import StoredReport, agency_key
from db.rows import absent_cells, as_json, content_hash, pack, unpack
from db.times import from_text
from db.views import quoted
from db.wide import columns_of, known_columns, variants_printed
from parsers.report import Doubt, Report, Section

if TYPE_CHECKING:
    from parsers.form import Form

_DETAILS = ("wide", "cell_states", "places", "sections", "doubts")


@dataclass(slots=True)
class Reading:
    """One report as a parser read it from one sighting of a document, with all that decides where it belongs."""

    report: Report
    sha256: str
    agency_id: str | None
    agency: str
    source: str
    portal: str | None
    url: str
    seen_at: str
    parser_version: str
    content: str = ""

    def __post_init__(self) -> None:
        if self.report.year is None:
            raise ArchiveError(f"{self.url}: the report has no reporting year; store it as unread")
        if self.agency_id is None and not self.agency.strip():
            raise ArchiveError(f"{self.url}: the report has no agency; store it as unread")
        self.content = content_hash(self.report)

    @property
    def key(self) -> tuple[str, int]:
        """Agency key and year."""
        return agency_key(self.agency_id, self.agency), int(self.report.year or 0)


def insert_report(connection: sqlite3.Connection, reading: Reading, forms: "Mapping[str, Form]") -> int:
    """Add a report; its revision is given by the caller afterwards (0 or less until then). Returns its id."""
    key, year = reading.key
    columns = {
        "agency_key": key,
        "year": year,
        "source": reading.source,
        "url": reading.url,
        "first_seen_at": reading.seen_at,
        "last_seen_at": reading.seen_at,
        "is_current": 0,
    } | _report_columns(reading, forms)
    # A revision below every other keeps the row unique until the caller has put the revisions in order.
    names = ", ".join(columns)
    cursor = connection.execute(
        f"INSERT INTO reports ({names}, revision) SELECT {', '.join('?' * len(columns))},"
        " coalesce(min(revision), 1) - 1 FROM reports WHERE agency_key = ? AND year = ? AND source = ? AND url = ?",
        (*columns.values(), key, year, reading.source, reading.url),
    )
    report_id = int(cursor.lastrowid or 0)
    _insert_details(connection, report_id, reading.report, forms)
    return report_id


def replace_report(
    connection: sqlite3.Connection, report_id: int, reading: Reading, forms: "Mapping[str, Form]"
) -> None:
    """Write another reading of the same revision over a report; id, revision and times stay."""
    columns = _report_columns(reading, forms)
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE reports SET {assignments} WHERE id = ?", (*columns.values(), report_id))
    for table in _DETAILS:
        connection.execute(f"DELETE FROM {table} WHERE report_id = ?", (report_id,))
    _insert_details(connection, report_id, reading.report, forms)


def load_reports(connection: sqlite3.Connection, report_ids: list[int]) -> Iterator[StoredReport]:
    """The reports of these ids, in this order; an id that is gone by now is left out."""
    for report_id in report_ids:
        stored = load_report(connection, report_id)
        if stored is not None:
            yield stored


def load_report(connection: sqlite3.Connection, report_id: int) -> StoredReport | None:
    """One report as it was stored, figure by figure."""
    row = _one(
        connection,
        "SELECT r.*, coalesce(a.name, r.agency) AS name FROM reports r LEFT JOIN agencies a ON a.id = r.agency_id"
        " WHERE r.id = ?",
        report_id,
    )
    if row is None:
        return None
    report = Report(
        media=row["media"],
        agency=row["printed_agency"],
        year=row["year"],
        form=row["form"],
        title=row["title"],
        signed_on=row["signed_on"],
        published_on=row["published_on"],
        published_source=row["published_source"],
        period=None if row["period_from"] is None else (row["period_from"], row["period_to"]),
        scope=json.loads(row["scope"]),
    )
    if row["form"] is not None:
        columns = known_columns(connection, row["form"])
        wide = _one(connection, "SELECT * FROM wide WHERE report_id = ?", report_id) or {}
        (places,) = connection.execute("SELECT places FROM places WHERE report_id = ?", (report_id,)).fetchone()
        states = connection.execute(
            "SELECT figure, state, text, how FROM cell_states WHERE report_id = ?", (report_id,)
        )
        report.figures = unpack(columns, wide, states, places)
    report.sections = [
        Section(*section)
        for section in connection.execute(
            "SELECT number, heading, text FROM sections WHERE report_id = ? ORDER BY position", (report_id,)
        )
    ]
    report.doubts = [
        Doubt(*doubt)
        for doubt in connection.execute(
            "SELECT figure, reason, text FROM doubts WHERE report_id = ? ORDER BY position", (report_id,)
        )
    ]
    return StoredReport(
        report_id,
        row["agency_id"],
        row["name"],
        row["year"],
        row["source"],
        row["url"],
        row["sha256"],
        row["revision"],
        from_text(row["first_seen_at"]),
        report,
    )


def _report_columns(reading: Reading, forms: "Mapping[str, Form]") -> dict[str, Any]:
    report = reading.report
    if report.form is not None and report.form not in forms:
        raise ArchiveError(
            f"{reading.url}: the report follows form {report.form!r}, which the archive was not opened with;"
            f" known are {', '.join(forms)}"
        )
    if report.form is None and report.figures:
        raise ArchiveError(f"{reading.url}: the report has figures but no form")
    first, last = report.period or (None, None)
    printed = variants_printed(forms[report.form], absent_cells(report)) if report.form is not None else ""
    return {
        "agency_id": reading.agency_id,
        "agency": reading.agency,
        "portal": reading.portal,
        "sha256": reading.sha256,
        "content": reading.content,
        "numbers": sum(figure.value is not None for figure in report.figures.values()),
        "media": report.media,
        "printed_agency": report.agency,
        "form": report.form,
        "title": report.title,
        "signed_on": report.signed_on,
        "published_on": report.published_on,
        "published_source": report.published_source,
        "period_from": first,
        "period_to": last,
        "scope": as_json(report.scope),
        "variants_printed": printed,
    }


def _insert_details(
    connection: sqlite3.Connection, report_id: int, report: Report, forms: "Mapping[str, Form]"
) -> None:
    if report.form is not None:
        rows = pack(report, columns_of(forms[report.form]))
        names = ", ".join(quoted(name) for name in ("report_id", *rows.wide))
        marks = ", ".join("?" * (len(rows.wide) + 1))
        connection.execute(f"INSERT INTO wide ({names}) VALUES ({marks})", (report_id, *rows.wide.values()))
        connection.executemany(
            "INSERT INTO cell_states (report_id, figure, state, text, how) VALUES (?, ?, ?, ?, ?)",
            [(report_id, *state) for state in rows.states],
        )
        connection.execute("INSERT INTO places (report_id, places) VALUES (?, ?)", (report_id, rows.places))
    else:
        connection.execute("INSERT INTO wide (report_id) VALUES (?)", (report_id,))
    connection.executemany(
        "INSERT INTO sections (report_id, position, number, heading, text) VALUES (?, ?, ?, ?, ?)",
        [(report_id, position, *section) for position, section in enumerate(report.sections)],
    )
    connection.executemany(
        "INSERT INTO doubts (report_id, position, figure, reason, text) VALUES (?, ?, ?, ?, ?)",
        [(report_id, position, *doubt) for position, doubt in enumerate(report.doubts)],
    )


def _one(connection: sqlite3.Connection, select: str, report_id: int) -> dict[str, Any] | None:
    cursor = connection.execute(select, (report_id,))
    row = cursor.fetchone()
    return None if row is None else dict(zip((column[0] for column in cursor.description), row, strict=True))
