"""Reports as they were stored, figure by figure: one, or some at a time by a few statements together."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from db.readings.packing import PREFACE
from db.readings.rows import CellState, Layout, as_json
from db.records import StoredReport
from db.schema.views import quoted
from db.schema.wide import known_columns
from db.times import from_text
from parsers.report import CORRECTED, DateCandidate, Doubt, Report, Section

_REPORT = (
    "id", "agency_id", "year", "source", "url", "sha256", "revision", "first_seen_at", "media", "printed_agency",
    "form", "title", "signed_on", "published_on", "published_source", "period_from", "period_to",
)  # fmt: skip
_THESE = "FROM json_each(:ids) i CROSS JOIN"
_REPORTS = (
    f"SELECT {', '.join(f'r.{name}' for name in _REPORT)}, coalesce(a.name, r.agency) {_THESE} reports r"
    " ON r.id = i.value LEFT JOIN agencies a ON a.id = r.agency_id ORDER BY i.key"
)
_IN_ORDER = ("sections", "date_candidates", "doubts")  # by position

Rows = defaultdict[int, list[tuple[Any, ...]]]


def load_report(connection: sqlite3.Connection, report_id: int, *, as_read: bool = False) -> StoredReport | None:
    """One report; None where there is none of that id. as_read: without the corrections of people."""
    return next(load_reports(connection, [report_id], as_read=as_read), None)


def load_reports(
    connection: sqlite3.Connection, report_ids: Iterable[int], *, as_read: bool = False, placed: bool = True
) -> Iterator[StoredReport]:
    """The reports of these ids, in this order; an id that is gone by now is left out. All of them are held at once.

    placed: False where nobody asks where the figures stand, which is nearly all of the work: each then has a place of
    its own that says nothing.
    """
    ids = as_json(list(report_ids))
    rows = [dict(zip((*_REPORT, "agency"), row, strict=True)) for row in connection.execute(_REPORTS, {"ids": ids})]
    states = _hanging(connection, ids, "cell_states", "figure, state, text, how, read")
    values = {form: _Values(connection, ids, form, placed=placed) for form in {row["form"] for row in rows} - {None}}
    sections = _hanging(connection, ids, "sections", "number, heading, text")
    dates = _hanging(connection, ids, "date_candidates", "kind, day, source, text")
    doubts = _hanging(connection, ids, "doubts", "figure, reason, text")
    scopes = _hanging(connection, ids, "scopes", "table_name, text")
    bodies = _hanging(connection, ids, "report_bodies", "agency_id")
    for row in rows:
        number = row["id"]
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
            scope=dict(scopes[number]),
        )
        if row["form"] is not None:
            of_form = values[row["form"]]
            report.figures = of_form.figures(number, states[number], as_read=as_read)
            if not as_read and (corrected := [state[0] for state in states[number] if state[3] == CORRECTED]):
                read = of_form.figures(number, states[number], as_read=True)
                report.misread = {name: read[name] for name in corrected}
        prose = [Section(*section) for section in sections[number]]
        report.sections = [section for section in prose if not _is_preface(section)]
        report.preface = "".join(section.text for section in prose if _is_preface(section))
        report.dates = [DateCandidate(*date) for date in dates[number]]
        report.doubts = [Doubt(*doubt) for doubt in doubts[number]]
        yield StoredReport(
            number,
            row["agency_id"],
            row["agency"],
            row["year"],
            row["source"],
            row["url"],
            row["sha256"],
            row["revision"],
            from_text(row["first_seen_at"]),
            report,
            frozenset(body for (body,) in bodies[number]),
        )


def _is_preface(section: Section) -> bool:
    return section.number == PREFACE and not section.heading


class _Values:
    """What the wide rows, and the places, of some reports of one form say."""

    def __init__(self, connection: sqlite3.Connection, ids: str, form: str, *, placed: bool) -> None:
        self._layout = Layout(known_columns(connection, form))
        names = ", ".join(f"w.{quoted(name)}" for name in self._layout.names)
        rows = connection.execute(
            f"SELECT w.report_id, {names} {_THESE} wide w ON w.report_id = i.value WHERE w.form = :form",
            {"ids": ids, "form": form},
        )
        self._values = {number: values for number, *values in rows}
        self._places: dict[int, bytes] | None = None
        if placed:
            stored = f"SELECT p.report_id, p.places {_THESE} places p ON p.report_id = i.value"
            self._places = dict(connection.execute(stored, {"ids": ids}).fetchall())

    def figures(self, number: int, states: Iterable[CellState], *, as_read: bool) -> Any:
        places = None if self._places is None else self._places[number]
        return self._layout.figures(self._values[number], states, places, as_read=as_read)


def _hanging(connection: sqlite3.Connection, ids: str, table: str, columns: str) -> Rows:
    """The rows of a table that hang on these reports, by report, in their order."""
    names = ", ".join(f"t.{name.strip()}" for name in columns.split(","))
    order = " ORDER BY t.report_id, t.position" if table in _IN_ORDER else ""
    found: Rows = defaultdict(list)
    for number, *row in connection.execute(
        f"SELECT t.report_id, {names} {_THESE} {table} t ON t.report_id = i.value{order}", {"ids": ids}
    ):
        found[number].append(tuple(row))
    return found
