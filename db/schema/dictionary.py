"""The table `dictionary`: what every table, view and column of an archive holds.

The words stand in dictionary.toml. Columns that hold a figure, and the views that show a table of the forms as it is
printed, are described from the forms that the archive knows, so that a new form describes itself.
"""

import sqlite3
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from db.schema.views import quoted
from db.schema.wide import unit_column

if TYPE_CHECKING:
    from parsers.form import Form

WORDS_FILE = Path(__file__).with_suffix(".toml")

_KINDS = {
    "count": "A count; null is not zero, figures.state says why there is no number.",
    "change": "A change, which may be negative; null is not zero, figures.state says why there is no number.",
    "amount": "An amount in the unit of {unit}; null is not zero, figures.state says why there is no number.",
}
_UNIT = "Unit of {figure} as printed, or unit_unknown where none is; null: there is no such cell."


class Entry(NamedTuple):
    """One row of the table: a column, or (position 0, column_name "") a table or view itself."""

    table_name: str
    position: int
    column_name: str
    type: str
    room: str
    figure: str | None
    label: str | None
    description: str

    @property
    def is_table(self) -> bool:
        return self.position == 0


class _Figure(NamedTuple):
    """A figure as one form has it."""

    form: str
    prescribed_by: str
    figure: str
    column: str
    kind: str
    label: str


def refresh(connection: sqlite3.Connection, forms: "Mapping[str, Form]") -> None:
    """Describe the database as it is now. To be called within a write transaction, once its views are made.

    Tables and columns that are not ours have no row. Nothing is written where nothing has changed.
    """
    entries = sorted(describe(connection, forms))
    columns = ", ".join(Entry._fields)
    there = connection.execute(f"SELECT {columns} FROM dictionary ORDER BY table_name, position").fetchall()
    if there == entries:
        return
    connection.execute("DELETE FROM dictionary")
    connection.executemany(
        f"INSERT INTO dictionary ({columns}) VALUES ({', '.join('?' * len(Entry._fields))})", entries
    )


def listed(connection: sqlite3.Connection) -> list[Entry]:
    """The dictionary: views first, in the order in which a reader needs them, each followed by its columns."""
    order = {name: number for number, name in enumerate(_words()["table"])}
    rows = (Entry(*row) for row in connection.execute(f"SELECT {', '.join(Entry._fields)} FROM dictionary"))
    # The views of the forms' tables stand behind the other views.
    return sorted(rows, key=lambda entry: (entry.room != "view", order.get(entry.table_name, len(order)), *entry[:2]))


def describe(connection: sqlite3.Connection, forms: "Mapping[str, Form]") -> Iterator[Entry]:
    """What there is and what it holds, in no order. See `refresh`."""
    words, figures = _words(), _figures(connection)
    tables = [(name, kind) for _, name, kind, *_ in connection.execute("PRAGMA main.table_list")]
    for name, kind in tables:
        if kind == "shadow" or name.startswith("sqlite_"):
            continue
        told = words["table"].get(name) or _form_table(name, kind, figures, forms)
        if told is None:
            continue
        shown = "view" if kind == "view" else "table"
        yield Entry(name, 0, "", shown, told["room"], None, None, told["about"])
        for position, column, sql_type in _columns(connection, name):
            if description := told["columns"].get(column):
                yield Entry(name, position, column, sql_type, told["room"], None, None, description)
            elif column in figures:
                yield _figure_entry(name, position, column, sql_type, told["room"], figures)


def new_entries(forms: "Mapping[str, Form]") -> list[Entry]:
    """The dictionary of an archive that is made now, without a file."""
    from db.schema.migrations import migrate

    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute("BEGIN")
        migrate(connection, forms)
        return listed(connection)
    finally:
        connection.close()


def counts(connection: sqlite3.Connection, most: int) -> dict[str, int | None]:
    """Table -> how many rows it has; None for more than `most`, which are not counted to their end."""
    names = [name for _, name, kind, *_ in connection.execute("PRAGMA main.table_list") if kind == "table"]
    found: dict[str, int | None] = {}
    for name in names:
        select = f"SELECT count(*) FROM (SELECT 1 FROM {quoted(name)} LIMIT ?)"
        (number,) = connection.execute(select, (most + 1,)).fetchone()
        found[name] = number if number <= most else None
    return found


def _columns(connection: sqlite3.Connection, table: str) -> Iterator[tuple[int, str, str]]:
    """(position from 1, name, declared type)."""
    for position, column, sql_type in connection.execute("SELECT cid, name, type FROM pragma_table_info(?)", (table,)):
        yield position + 1, column, sql_type


def _figures(connection: sqlite3.Connection) -> dict[str, list[_Figure]]:
    """Column -> the figure, in each form that has it, oldest first; a unit's column leads to the figure too."""
    found: dict[str, list[_Figure]] = defaultdict(list)
    for row in connection.execute(
        "SELECT f.name, f.prescribed_by, g.figure, g.column_name, g.kind, g.label"
        " FROM forms f JOIN form_figures g ON g.form = f.name ORDER BY f.first_year, f.name, g.position"
    ):
        figure = _Figure(*row)
        found[figure.column].append(figure)
        if figure.kind == "amount":
            found[unit_column(figure.column)].append(figure)
    return found


def _figure_entry(
    table: str, position: int, column: str, sql_type: str, room: str, figures: dict[str, list[_Figure]]
) -> Entry:
    newest = figures[column][-1]
    if column != newest.column:
        what = _UNIT.format(figure=newest.figure)
    else:
        what = _KINDS[newest.kind].format(unit=unit_column(column))
    where = ", ".join(_form_words(figure, newest) for figure in figures[column])
    return Entry(table, position, column, sql_type, room, newest.figure, newest.label, f"{what} Form: {where}.")


def _form_words(figure: _Figure, newest: _Figure) -> str:
    other = f": {figure.label}" if figure.label != newest.label else ""
    return f"{figure.form} ({figure.prescribed_by}{other})"


def _form_table(
    view: str, kind: str, figures: dict[str, list[_Figure]], forms: "Mapping[str, Form]"
) -> dict[str, Any] | None:
    """The words for a view that shows a table of the forms; None if it shows none."""
    if kind != "view":
        return None
    every = [figure for of_column in figures.values() for figure in of_column]
    members = [one for one in every if view in (_table(one), f"{_table(one)}_{one.form}")]
    if not members:
        return None
    pattern, table = _words()["form_table"], _table(members[0])
    columns: dict[str, str] = dict(pattern["columns"])
    for figure in members:
        name = figure.figure.rpartition(".")[2]
        label = forms[figure.form].tables[table].columns[name].label if figure.form in forms else name
        columns[name] = (
            f"{label}. {_KINDS[figure.kind].format(unit=unit_column(name))} Null too where the row has no such column."
        )
        if figure.kind == "amount":
            columns[unit_column(name)] = _UNIT.format(figure=name)
    about = pattern["about"].format(table=table, forms=", ".join(dict.fromkeys(one.form for one in members)))
    return {"room": "view", "about": about, "columns": columns}


def _table(figure: _Figure) -> str:
    return figure.figure.partition(".")[0]


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS_FILE.read_text("utf-8"))
