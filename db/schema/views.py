"""The views that a researcher opens the archive with. Made from the forms that the archive knows, form by form.

latest              the report to trust for each agency and year: whose it is, then every figure as a column
latest_reports      the same without figures
figures             one row for each figure of each such report's form, nulls included
changes             one figure of an agency in two years running
<table>             a table of the forms as they print it: applications, challenges; where the forms' columns differ,
                    one view for each form: disclosure_2019, disclosure_2021
revisions           every report that was ever read, revision by revision, with its document and parser
unread              what may be a report and could not be read
duties, successions   who owes a report, who came after whom
owed                who owes a report for a year, by when, and whether it is there
timeliness          who was seen when

What is seldom asked for is looked up by subqueries, which cost nothing where their column is not named: SQLite leaves
out a left join that is of no use only if nothing is counted or summed.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable

from db.errors import ArchiveError
from db.schema.owed import OWED
from db.schema.timeliness import TIMELINESS
from db.schema.unread import UNREAD
from db.schema.wide import FigureColumn, known_columns

_LATEST_REPORTS = """
SELECT w.report_id, k.key AS agency_key, k.agency_id, k.name AS agency, w.year, w.form
FROM wide w JOIN agency_keys k ON k.no = w.agency_no
WHERE w.is_latest = 1
"""

# A code that the packaged list lacks (a new one, a made-up one) says its level by itself, if it is one of six digits.
_LEVEL = """CAST(coalesce(g.level, CASE WHEN length(a.region_code) = 6 AND a.region_code NOT LIKE '00%' THEN CASE
    WHEN a.region_code LIKE '%0000' THEN 'province' WHEN a.region_code LIKE '%00' THEN 'prefecture' ELSE 'county'
  END END) AS TEXT)"""

_OF_AGENCY = f"""
(SELECT a.region_code FROM agencies a WHERE a.id = k.agency_id) AS region_code,
(SELECT g.name FROM agencies a JOIN regions g ON g.code = a.region_code WHERE a.id = k.agency_id) AS region,
(SELECT {_LEVEL} FROM agencies a LEFT JOIN regions g ON g.code = a.region_code WHERE a.id = k.agency_id) AS level,
(SELECT a.organ FROM agencies a WHERE a.id = k.agency_id) AS organ"""

_OF_REPORT = ", ".join(
    f"(SELECT r.{name} FROM reports r WHERE r.id = w.report_id) AS {name}"
    for name in ("title", "signed_on", "published_on", "first_seen_at", "url", "sha256")
)

_REVISIONS = """
SELECT r.id AS report_id, k.name AS agency, r.agency_id, r.agency_key, r.year, r.source, r.url, r.revision,
  r.is_current, w.is_latest, r.sha256, r.form, r.parser_version, r.first_seen_at, r.last_seen_at, r.title
FROM reports r JOIN wide w ON w.report_id = r.id JOIN agency_keys k ON k.no = w.agency_no
"""

_DUTIES = """
SELECT id AS agency_id, name AS agency, region_code, organ, duty, duty_source AS source, from_year, to_year, covered_by
FROM agencies WHERE organ <> ''
"""

# Either side may say it; one row for each pair.
_SUCCESSIONS = """
SELECT a.id AS predecessor, s.value AS successor FROM agencies a, json_each(a.successors) s
UNION
SELECT p.value, a.id FROM agencies a, json_each(a.predecessors) p
"""


def create_views(connection: sqlite3.Connection) -> None:
    """Drop all views and make them anew. To be called within a write transaction."""
    drop_views(connection)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    for name, select in definitions(connection).items():
        if name in tables:
            raise ArchiveError(
                f"a form's table cannot be called {name}: the archive has a table of that name; rename it"
            )
        connection.execute(f"CREATE VIEW {quoted(name)} AS {select}")


def drop_views(connection: sqlite3.Connection) -> None:
    """Drop all views. To be called within a write transaction."""
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        connection.execute(f"DROP VIEW {quoted(name)}")


def definitions(connection: sqlite3.Connection) -> dict[str, str]:
    """View name -> SELECT, in the order in which they must be made."""
    names = [name for (name,) in connection.execute("SELECT name FROM forms ORDER BY first_year, name")]
    forms = {name: known_columns(connection, name) for name in names}
    views = {
        "latest_reports": _LATEST_REPORTS,
        "latest": _latest(forms),
        "figures": _figures(forms),
        "changes": _changes(forms),
        "revisions": _REVISIONS,
        "unread": UNREAD,
        "duties": _DUTIES,
        "successions": _SUCCESSIONS,
        "owed": OWED,
        "timeliness": TIMELINESS,
    }
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
        f"SELECT k.name AS agency, k.agency_id, {_OF_AGENCY}, w.year, w.form, {_OF_REPORT}, w.report_id"
        + "".join(f", w.{quoted(column)}" for column in columns)
        + " FROM wide w JOIN agency_keys k ON k.no = w.agency_no WHERE w.is_latest = 1"
    )


def _figures(forms: dict[str, list[FigureColumn]]) -> str:
    value = _by_form(forms, lambda figure: f"w.{quoted(figure.column)}")
    unit = _by_form(forms, lambda figure: f"w.{quoted(figure.unit_column)}" if figure.is_amount else None)
    return f"""
SELECT agency, agency_id, year, form, figure, label, value,
  coalesce(state, CASE WHEN value IS NULL THEN 'not_in_form' ELSE 'printed' END) AS state,
  CASE WHEN state IS NULL AND value IS NOT NULL THEN 'printed' ELSE how END AS how, unit, text, report_id
FROM (
  SELECT k.name AS agency, k.agency_id, w.year, w.form, f.figure, f.label, {value} AS value, w.report_id,
    coalesce(c.state, s.state) AS state, coalesce(c.how, s.how) AS how, {unit} AS unit,
    CASE WHEN c.state IS NULL THEN s.text ELSE c.text END AS text
  FROM wide w
  JOIN form_figures f ON f.form = w.form
  JOIN agency_keys k ON k.no = w.agency_no
  LEFT JOIN cell_states c ON c.report_id = w.report_id AND c.figure = f.figure
  LEFT JOIN cell_states s ON s.report_id = w.report_id AND s.figure = f.row_figures
  WHERE w.is_latest = 1
)"""


def _changes(forms: dict[str, list[FigureColumn]]) -> str:
    """One SELECT for each figure: a question about one of them leaves the others out before it reads anything."""
    having: dict[str, list[str]] = defaultdict(list)  # figure -> the forms that have it
    for form, figures in forms.items():
        for figure in figures:
            having[figure.figure].append(text(form))
    arms = []
    for figure in {figure.figure: figure for figures in forms.values() for figure in figures}.values():
        names = ", ".join(having[figure.figure])
        column, change = quoted(figure.column), f"w.{quoted(figure.column)} - y.{quoted(figure.column)}"
        if figure.is_amount:
            unit = quoted(figure.unit_column)
            change = f"CASE WHEN w.{unit} = y.{unit} AND w.{unit} <> 'unit_unknown' THEN round({change}, 6) END"
        arms.append(
            f"SELECT k.name AS agency, k.agency_id, w.year, w.form, {text(figure.figure)} AS figure,"
            f" y.{column} AS before, w.{column} AS value, {change} AS change,"
            " y.report_id AS report_id_before, w.report_id FROM wide w"
            " JOIN wide y ON y.agency_no = w.agency_no AND y.year = w.year - 1 AND y.is_latest = 1"
            " JOIN agency_keys k ON k.no = w.agency_no AND k.agency_id IS NOT NULL"
            f" WHERE w.is_latest = 1 AND w.form IN ({names}) AND y.form IN ({names})"
        )
    return " UNION ALL ".join(arms)


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
        f"SELECT k.name AS agency, k.agency_id, w.year, w.form, f.position, f.row_name AS row, f.label{selected},"
        f" w.report_id FROM wide w JOIN form_rows f ON f.form = w.form AND f.table_name = {text(table)}"
        f" JOIN agency_keys k ON k.no = w.agency_no WHERE w.is_latest = 1 AND w.form IN ({names})"
    )


def _case(cells: dict[str, FigureColumn], *, unit: bool) -> str:
    arms = (
        f"WHEN {text(row)} THEN w.{quoted(figure.unit_column if unit else figure.column)}"
        for row, figure in cells.items()
        if figure.is_amount or not unit
    )
    return f"CASE f.row_name {' '.join(arms)} END"
