"""The views that a researcher opens the archive with. Made from the forms that the archive knows, form by form.

latest_reports      the report to trust for each agency and year; the other views stand on it
latest              the same with every figure as a column
figures             one row for each figure of each such report's form, nulls included
<table>             a table of the forms as they print it: applications, challenges; where the forms' columns differ,
                    one view for each form: disclosure_2019, disclosure_2021

An agency that the register does not know is not one agency: each of its sources stands alone.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable

from db.errors import ArchiveError
from db.wide import FigureColumn, known_columns

# Of the current revisions of an agency's sources: one with figures before one without, then the one seen last.
_LATEST_REPORTS = """
SELECT id AS report_id, agency_key, agency_id, agency, year, form, variants_printed FROM (
  SELECT r.id, r.agency_key, r.agency_id, coalesce(a.name, r.agency) AS agency, r.year, r.form, r.variants_printed,
    row_number() OVER (
      PARTITION BY r.agency_key, r.year, CASE WHEN r.agency_id IS NULL THEN r.source || ' ' || r.url END
      ORDER BY r.numbers > 0 DESC, r.last_seen_at DESC, r.revision DESC, r.source, r.url
    ) AS choice
  FROM reports r LEFT JOIN agencies a ON a.id = r.agency_id
  WHERE r.is_current = 1
) WHERE choice = 1
"""


def create_views(connection: sqlite3.Connection) -> None:
    """Drop all views and make them anew. To be called within a write transaction."""
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        connection.execute(f"DROP VIEW {quoted(name)}")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    for name, select in definitions(connection).items():
        if name in tables:
            raise ArchiveError(
                f"a form's table cannot be called {name}: the archive has a table of that name; rename it"
            )
        connection.execute(f"CREATE VIEW {quoted(name)} AS {select}")


def definitions(connection: sqlite3.Connection) -> dict[str, str]:
    """View name -> SELECT, in the order in which they must be made."""
    names = [name for (name,) in connection.execute("SELECT name FROM forms ORDER BY first_year, name")]
    forms = {name: known_columns(connection, name) for name in names}
    views = {"latest_reports": _LATEST_REPORTS, "latest": _latest(forms), "figures": _figures(forms)}
    for view, (table, members) in _tables(forms).items():
        if view in views:
            raise ArchiveError(
                f"a form's table cannot be called {view}: the archive has a view of that name; rename it"
            )
        views[view] = _table(table, members)
    return views


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """An SQL string."""
    return "'" + value.replace("'", "''") + "'"


def choose(subject: str, branches: list[tuple[int, str]], *, width: int = 16) -> str:
    """SQL that gives the branch whose number `subject` is, NULL for none; two steps, since SQLite tries one by one."""
    if not branches:
        return "NULL"
    groups: dict[int, list[str]] = defaultdict(list)
    for number, expression in branches:
        groups[number // width].append(f"WHEN {number % width} THEN {expression}")
    inner = {number: f"CASE {subject} % {width} {' '.join(arms)} END" for number, arms in groups.items()}
    return (
        f"CASE {subject} / {width} " + " ".join(f"WHEN {number} THEN {case}" for number, case in inner.items()) + " END"
    )


def _latest(forms: dict[str, list[FigureColumn]]) -> str:
    columns: dict[str, None] = {}
    for figure in (figure for figures in forms.values() for figure in figures):
        columns[figure.column] = None
        if figure.is_amount:
            columns[figure.unit_column] = None
    return (
        "SELECT l.agency, l.year, l.form, r.title, r.signed_on, r.published_on, r.url, r.sha256"
        + "".join(f", w.{quoted(column)}" for column in columns)
        + " FROM latest_reports l JOIN reports r ON r.id = l.report_id JOIN wide w ON w.report_id = l.report_id"
    )


def _figures(forms: dict[str, list[FigureColumn]]) -> str:
    value = _by_form(forms, lambda figure: f"w.{quoted(figure.column)}")
    unit = _by_form(forms, lambda figure: f"w.{quoted(figure.unit_column)}" if figure.is_amount else None)
    return f"""
SELECT agency, year, form, figure, value,
  coalesce(state, CASE WHEN value IS NULL THEN 'not_in_form' ELSE 'printed' END) AS state,
  CASE WHEN state IS NULL AND value IS NOT NULL THEN 'printed' ELSE how END AS how, unit
FROM (
  SELECT l.agency, l.year, l.form, f.figure, {value} AS value, c.state, c.how, {unit} AS unit
  FROM latest_reports l
  JOIN wide w ON w.report_id = l.report_id
  JOIN form_figures f ON f.form = l.form
  LEFT JOIN cell_states c ON c.report_id = l.report_id AND c.figure = f.figure
)"""


def _by_form(forms: dict[str, list[FigureColumn]], expression: Callable[[FigureColumn], str | None]) -> str:
    """SQL that gives the expression of the figure at f.form and f.position."""
    arms = []
    for form, figures in forms.items():
        branches = [(position, sql) for position, figure in enumerate(figures) if (sql := expression(figure))]
        arms.append(f"WHEN {text(form)} THEN {choose('f.position', branches)}")
    return f"CASE f.form {' '.join(arms)} END"


Members = dict[str, list[FigureColumn]]  # form -> the figures of one of its tables


def _tables(forms: dict[str, list[FigureColumn]]) -> dict[str, tuple[str, Members]]:
    """View -> (table, forms in it). Forms share a view if one of them has all the columns of the others."""
    tables: dict[str, Members] = defaultdict(lambda: defaultdict(list))
    for form, figures in forms.items():
        for figure in figures:
            tables[figure.figure.split(".")[0]][form].append(figure)
    views: dict[str, tuple[str, Members]] = {}
    for table, members in tables.items():
        sets = [set(_table_columns(figures)) for figures in members.values()]
        if max(sets, key=len) == set().union(*sets):
            views[table] = (table, members)
        else:
            views |= {f"{table}_{form}": (table, {form: figures}) for form, figures in members.items()}
    return views


def _table_columns(figures: list[FigureColumn]) -> dict[str, str]:
    """Column of the form -> kind, in printed order."""
    return {figure.figure.split(".")[2]: figure.kind for figure in figures}


def _table(table: str, members: Members) -> str:
    columns: dict[str, str] = {}
    for figures in members.values():
        columns |= _table_columns(figures)
    selected = ""
    for column, kind in columns.items():
        cells: dict[str, FigureColumn] = {}  # row -> figure; the same in each form that has the row
        for figure in (figure for figures in members.values() for figure in figures):
            _, row, of = figure.figure.split(".")
            if of == column:
                cells[row] = figure
        selected += f", {_case(cells, unit=False)} AS {quoted(column)}"
        if kind == "amount":
            selected += f", {_case(cells, unit=True)} AS {quoted(column + '_unit')}"
    names = ", ".join(text(form) for form in members)
    return (
        f"SELECT l.agency, l.year, l.form, f.position, f.row_name AS row, f.label{selected}"
        f" FROM latest_reports l JOIN form_rows f ON f.form = l.form AND f.table_name = {text(table)}"
        f" JOIN wide w ON w.report_id = l.report_id WHERE l.form IN ({names})"
    )


def _case(cells: dict[str, FigureColumn], *, unit: bool) -> str:
    arms = (
        f"WHEN {text(row)} THEN w.{quoted(figure.unit_column if unit else figure.column)}"
        for row, figure in cells.items()
        if figure.is_amount or not unit
    )
    return f"CASE f.row_name {' '.join(arms)} END"
