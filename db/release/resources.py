"""The tables of a release as files: which there are, what their columns hold, and their rows, streamed."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from db.release import cells
from db.release.cells import Field
from db.schema.views import quoted
from db.schema.wide import known_columns, row_figures
from parsers.report import NOT_IN_FORM, PRINTED

Row = tuple[Any, ...]


class Reference(NamedTuple):
    """What the columns of a file lead to: columns of another file."""

    columns: tuple[str, ...]
    resource: str
    there: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """One file. select: its rows, in an order that is always the same. key: its primary key, if it has one. about: what
    a row is. has_many: it has many more rows than there are reports, and short ones."""

    name: str
    about: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    select: str
    has_many: bool = False


class _Plan(NamedTuple):
    """Where a file's rows come from: a table or view of the release, or a SELECT over it."""

    source: str
    key: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    select: str = ""


_AGENCY = Reference(("agency_id",), "agencies", ("id",))
_REPORT = Reference(("report_id",), "reports", ("id",))
_DOCUMENT = Reference(("sha256",), "documents", ("sha256",))
_PORTAL = Reference(("portal",), "portals", ("id",))

_PLANS: Mapping[str, _Plan] = {
    "agencies": _Plan("agencies", ("id",), references=(_PORTAL,)),
    "agency_aliases": _Plan("agency_aliases", ("agency_id", "position"), references=(_AGENCY,)),
    "duties": _Plan("duties", ("agency_id",), references=(_AGENCY,)),
    "calendar": _Plan("calendar", ("day",)),
    "deadlines": _Plan("deadlines", ("duty", "year")),
    "successions": _Plan("successions", ("predecessor", "successor")),
    "stand_ins": _Plan(
        "stand_ins",
        ("agency_id", "year", "by_agency_id"),
        references=(_AGENCY, Reference(("by_agency_id",), "agencies", ("id",))),
    ),
    "regions": _Plan("regions", ("code",)),
    "portals": _Plan("portals", ("id",)),
    "visits": _Plan("visits", ("id",), references=(_PORTAL, _DOCUMENT)),
    "column_reads": _Plan("column_reads", ("id",), references=(_PORTAL,)),
    "documents": _Plan("documents", ("sha256",)),
    "reports": _Plan(
        "reports",
        ("id",),
        references=(_AGENCY, _PORTAL, _DOCUMENT, Reference(("form",), "forms", ("name",))),
        select="SELECT r.*, w.is_latest, w.variants FROM reports r JOIN wide w ON w.report_id = r.id ORDER BY r.id",
    ),
    "readings": _Plan("readings", order=("rowid",), references=(_REPORT, _DOCUMENT)),
    "latest": _Plan("latest", ("report_id",), references=(_REPORT, _AGENCY, _DOCUMENT)),
    cells.NAME: _Plan("wide", ("report_id", "figure"), references=(_REPORT,)),
    "date_candidates": _Plan("date_candidates", ("report_id", "position"), references=(_REPORT,)),
    "report_bodies": _Plan("report_bodies", ("report_id", "agency_id"), references=(_REPORT, _AGENCY)),
    "scopes": _Plan("scopes", ("report_id", "table_name"), references=(_REPORT,)),
    "sections": _Plan("sections", ("report_id", "position"), references=(_REPORT,)),
    "doubts": _Plan("doubts", ("report_id", "position"), references=(_REPORT,)),
    "corrections": _Plan("corrections", ("id",), references=(_DOCUMENT,)),
    "timeliness": _Plan("timeliness", ("agency_id", "year"), order=("year", "agency_id"), references=(_AGENCY,)),
    "findings": _Plan("findings", ("fingerprint",)),
    "finding_events": _Plan("finding_events", ("id",)),
    "retractions": _Plan(
        "retractions", ("event_id",), references=(Reference(("event_id",), "finding_events", ("id",)),)
    ),
    "forms": _Plan("forms", ("name",)),
    "form_figures": _Plan("form_figures", ("form", "position"), references=(Reference(("form",), "forms", ("name",)),)),
    "rules": _Plan("rules", ("name",)),
    "parser_versions": _Plan("parser_versions", ("parser_version",)),
}
"""The files, in the order in which a reader meets them."""

_MORE_FIELDS = {
    ("reports", "is_latest"): Field("is_latest", "INTEGER", "1: of all of this agency and year the one to trust."),
    ("reports", "variants"): Field("variants", "INTEGER", "Which variant rows it prints; bits, see form_figures."),
}  # fmt: skip


class OpenRelease:
    """A release that is being read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def resources(self) -> list[Resource]:
        """The files that it gives."""
        return [self._resource(name, plan) for name, plan in _PLANS.items()]

    def rows(self, resource: Resource) -> Iterator[Row]:
        """The rows of a file; null is None, and zero is zero."""
        if resource.name == cells.NAME:
            return self._cells()
        return iter(self._connection.execute(resource.select))

    def facts(self) -> dict[str, str]:
        """What the table `release` says."""
        return dict(self._connection.execute("SELECT name, value FROM release").fetchall())

    def dictionary(self) -> list[tuple[str, str, str, str | None, str]]:
        """(table, column or "", type, label, description) for each table and column, tables by name."""
        return self._connection.execute(
            "SELECT table_name, column_name, type, label, description FROM dictionary ORDER BY table_name, position"
        ).fetchall()

    def findings(self) -> dict[str, int]:
        """How many findings there are of each status; see findings.status."""
        return dict(self._connection.execute("SELECT status, count(*) FROM findings GROUP BY status ORDER BY status"))

    def years(self) -> tuple[int | None, int | None]:
        """The first and the last reporting year."""
        first, last = self._connection.execute("SELECT min(year), max(year) FROM reports").fetchone()
        return first, last

    def _resource(self, name: str, plan: _Plan) -> Resource:
        words = {
            column: (sql_type, description)
            for column, sql_type, description in self._connection.execute(
                "SELECT column_name, type, description FROM dictionary WHERE table_name = ?", (plan.source,)
            )
        }
        if name == cells.NAME:
            return Resource(name, cells.ABOUT, cells.FIELDS, plan.key, plan.references, "", has_many=True)
        fields = [
            Field(column, sql_type or "TEXT", description)
            for column, (sql_type, description) in words.items()
            if column and sql_type != "BLOB"
        ]
        columns = ", ".join(quoted(field.name) for field in fields)
        order = ", ".join(plan.order or plan.key)
        select = plan.select or f"SELECT {columns} FROM {quoted(plan.source)} ORDER BY {order}"
        fields += [field for (of, _), field in _MORE_FIELDS.items() if of == name]
        return Resource(name, words[""][1], tuple(fields), plan.key, plan.references, select)

    def _cells(self) -> Iterator[Row]:
        """The cells of all reports, report by report; the two tables are read side by side."""
        for (form,) in self._connection.execute("SELECT name FROM forms ORDER BY first_year, name").fetchall():
            yield from self._cells_of(form)

    def _cells_of(self, form: str) -> Iterator[Row]:
        columns = known_columns(self._connection, form)
        names = [quoted(c.column) for c in columns] + [quoted(c.unit_column) for c in columns if c.is_amount]
        places = {c.figure: len(columns) + n for n, c in enumerate(c for c in columns if c.is_amount)}
        plan = [(n, c.figure, row_figures(c.figure), places.get(c.figure)) for n, c in enumerate(columns)]
        states = self._connection.execute(
            "SELECT c.report_id, c.figure, c.state, c.how, c.text FROM cell_states c"
            " JOIN wide w ON w.report_id = c.report_id WHERE w.form = ? ORDER BY c.report_id, c.figure",
            (form,),
        )
        wide = self._connection.execute(
            f"SELECT report_id, {', '.join(names)} FROM wide WHERE form = ? ORDER BY report_id", (form,)
        )
        waiting = next(states, None)
        for report_id, *values in wide:
            said = {}
            while waiting is not None and waiting[0] == report_id:
                said[waiting[1]] = waiting[2:]
                waiting = next(states, None)
            for n, figure, row, unit_at in plan:
                value, unit = values[n], values[unit_at] if unit_at is not None else None
                if cell := said.get(figure) or said.get(row):
                    state, how, text = cell
                elif value is None:
                    state, how, text = NOT_IN_FORM, None, None
                else:
                    is_whole = isinstance(value, int) or value.is_integer()
                    state, how, text = PRINTED, PRINTED, str(int(value) if is_whole else value)
                yield report_id, figure, value, state, how, unit, text


@contextmanager
def open_release(path: Path) -> Iterator[OpenRelease]:
    """A release file, for reading."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        yield OpenRelease(connection)
