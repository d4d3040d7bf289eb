"""What an alert quotes from the archive: cells of reports, looks at addresses, copies of list pages. A few rows each.

An alert is written within the transaction of a judgement, so that nothing here reads a whole report.
"""

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from db.readings.rows import CellState, Layout, as_json
from db.schema.views import quoted
from db.schema.wide import FigureColumn, columns_of, row_figures
from db.times import from_text, to_text
from parsers.report import Figure

if TYPE_CHECKING:
    from db.connection import ArchiveFile
    from parsers.form import Form

_REPORT = (
    "SELECT id, form, url, first_seen_at, last_seen_at FROM reports WHERE sha256 = ? AND year = ?"
    " ORDER BY url = ? DESC, agency_key = ? DESC, id DESC LIMIT 1"
)
_STATES = (
    "SELECT figure, state, text, how, read FROM cell_states WHERE report_id = ?"
    " AND figure IN (SELECT value FROM json_each(?))"
)
_LOOKS = (
    "SELECT count(*), min(at), max(at), min(kind = 'added') FROM visits WHERE url = ? AND sha256 = ?"
    " AND (outcome IN ('ok', 'unchanged') OR kind = 'added')"
)
_COPIES = (
    "SELECT i.key, v.sha256 FROM json_each(:reads) i"
    " CROSS JOIN column_reads c ON c.portal = (SELECT portal FROM agencies WHERE id = :agency)"
    " AND c.column_url = i.value ->> 0 AND c.at = i.value ->> 1"
    " CROSS JOIN column_read_pages p ON p.read_id = c.id AND p.position = 0"
    " CROSS JOIN visits v ON v.id = p.visit_id WHERE v.sha256 IS NOT NULL"
)
_CURRENT = "SELECT is_current FROM reports WHERE sha256 = ? AND year = ? AND url = ?"


class QuotedReport(NamedTuple):
    """A report as far as it is quoted. figures: those that were asked for and that its form has. scope: table -> whom
    its figures cover, as printed. first_seen_at, last_seen_at: of this content at its address."""

    form: "Form | None"
    url: str
    figures: dict[str, Figure]
    scope: dict[str, str]
    first_seen_at: datetime
    last_seen_at: datetime


class Looks(NamedTuple):
    """How often a document was seen at an address, first and last. is_added: by nobody but a person who added it as a
    file, at the times that they gave or that the file bore."""

    times: int
    first: datetime
    last: datetime
    is_added: bool


class Quoting:
    """Reads what an alert quotes."""

    def __init__(self, file: "ArchiveFile") -> None:
        self._file = file

    def report(
        self, sha256: str, year: int, figures: Collection[str], *, url: str = "", agency_key: str = ""
    ) -> QuotedReport | None:
        """The report that was read from a document, for a year, with these figures; that at this address and of this
        agency, where there are several. None where there is none (any more)."""
        with self._file.read() as connection:
            row = connection.execute(_REPORT, (sha256, year, url, agency_key)).fetchone()
            if row is None:
                return None
            report_id, name, address, first, last = row
            form = self._file.forms.get(name or "")
            cells = _cells(connection, report_id, form, frozenset(figures)) if form and figures else {}
            scope = dict(connection.execute("SELECT table_name, text FROM scopes WHERE report_id = ?", (report_id,)))
        return QuotedReport(form, address, cells, scope, from_text(first), from_text(last))

    def has_newer(self, sha256: str, year: int, url: str) -> bool:
        """Whether the report that was read from a document has other contents at its address since."""
        found = self._file.query(_CURRENT, (sha256, year, url))
        return bool(found) and not any(is_current for (is_current,) in found)

    def looks(self, url: str, sha256: str) -> Looks | None:
        """When a document was seen at an address; None where no look is on record."""
        ((count, first, last, is_added),) = self._file.query(_LOOKS, (url, sha256))
        return Looks(count, from_text(first), from_text(last), bool(is_added)) if count else None

    def copies_of_reads(self, agency_id: str | None, reads: Sequence[tuple[str, datetime]]) -> dict[str, str]:
        """Column -> the document of the first page, of reads (column, time) of columns of an agency's portal; without
        those of which the archive did not write down which it was."""
        wanted = as_json([(column, to_text(at)) for column, at in reads])
        found = self._file.query(_COPIES, {"reads": wanted, "agency": agency_id})
        return {reads[number][0]: sha256 for number, sha256 in found}


def _cells(connection: sqlite3.Connection, report_id: int, form: "Form", wanted: frozenset[str]) -> dict[str, Figure]:
    layout, names, keys = _layout(form, wanted)
    if not names:
        return {}
    row = connection.execute(f"SELECT {names} FROM wide WHERE report_id = ?", (report_id,)).fetchone()
    if row is None:
        return {}
    states: list[CellState] = connection.execute(_STATES, (report_id, keys)).fetchall()
    return layout.figures(row, states, None)


@lru_cache(maxsize=256)
def _layout(form: "Form", wanted: frozenset[str]) -> tuple[Layout, str, str]:
    """How these figures lie in a row of `wide`, its columns, and the names under which their states are kept."""
    columns: list[FigureColumn] = [column for column in columns_of(form) if column.figure in wanted]
    layout = Layout(columns)
    keys = {name for column in columns for name in (column.figure, row_figures(column.figure))}
    return layout, ", ".join(map(quoted, layout.names)), as_json(sorted(keys))
