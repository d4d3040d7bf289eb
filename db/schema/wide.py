"""The wide table: one row for each report, one column for each figure of any form, behind what identifies the report.

A figure `table.row.column` has the column `table_row_column`: INTEGER for counts and changes, REAL for amounts, whose
unit as printed stands in `<column>_unit`. A form that is new, or has new figures, adds columns.
"""

import hashlib
import json
import re
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from db.errors import ArchiveError

if TYPE_CHECKING:
    from sqlite_utils import Database

    from parsers.form import Form

OWN_COLUMNS = ("report_id", "agency_no", "year", "form", "is_latest", "variants")
"""The columns of table wide that are no figures."""

_BATCH = 1000  # reports whose places are held in memory at once
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class FigureColumn(NamedTuple):
    """One figure of a form: its name, its column in table wide, and what it is (count, change or amount)."""

    figure: str
    column: str
    kind: str

    @property
    def is_amount(self) -> bool:
        return self.kind == "amount"

    @property
    def sql_type(self) -> str:
        return "REAL" if self.is_amount else "INTEGER"

    @property
    def unit_column(self) -> str:
        return unit_column(self.column)


def unit_column(column: str) -> str:
    """The column that holds the unit of an amount."""
    return f"{column}_unit"


def column_name(figure: str) -> str:
    """`applications.new.total` -> `applications_new_total`."""
    return figure.replace(".", "_")


def columns_of(form: "Form") -> list[FigureColumn]:
    """The figures of a form in printed order, with their columns."""
    return [FigureColumn(name, column_name(name), form.column_of(name).value) for name in form.figure_names]


def _rows_of(form: "Form") -> list[tuple[str, int, str, str]]:
    """(table, position from 1, row, label) of every row of a form."""
    return [
        (table.name, position, name, row.label)
        for table in form.table
        for position, (name, row) in enumerate(table.rows.items(), 1)
    ]


def digest(form: "Form") -> str:
    """Changes with whatever the archive keeps of a form, and with nothing else."""
    kept = [form.years.first, form.prescribed_by, _figures_of(form), _rows_of(form)]
    return hashlib.sha256(json.dumps(kept, ensure_ascii=False).encode()).hexdigest()


def variant_bits(form: "Form") -> dict[str, int]:
    """`table.row` -> the number of the set of variant rows that it belongs to, counted over the form's tables."""
    groups = [(table.name, group) for table in form.table for group in table.variants]
    return {f"{table}.{row}": bit for bit, (table, group) in enumerate(groups) for row in group}


def variants_printed(form: "Form", absent: set[str]) -> int:
    """Which sets of variant rows a report prints: a number with the bit of each set, see variant_bits.

    absent: the figures without a cell in the report. A set is printed if any of its cells is.
    """
    printed = 0
    for row, bit in variant_bits(form).items():
        table, name = row.split(".")
        if not absent.issuperset(f"{row}.{column}" for column in form.tables[table].columns_of(name)):
            printed |= 1 << bit
    return printed


def _figures_of(form: "Form") -> list[tuple[str, str, str, str, str, int | None]]:
    """(figure, column, kind, label, "table.row.*", number of its variant) of every figure, in printed order."""
    bits = variant_bits(form)
    found = []
    for column in columns_of(form):
        table, row, name = column.figure.split(".")
        printed = form.tables[table]
        label = f"{printed.rows[row].label}·{printed.columns[name].label}"
        found.append((*column, label, row_figures(column.figure), bits.get(f"{table}.{row}")))
    return found


def row_figures(figure: str) -> str:
    """How cell_states names all cells of a figure's row."""
    return figure.rpartition(".")[0] + ".*"


def register_form(db: "Database", form: "Form") -> None:
    """Write down a form's figures and rows and add the columns that are missing. A form already known is left alone.

    Raises ArchiveError where a name is no column name, or two figures would share a column or its type would change.
    """
    known = db.execute("SELECT digest FROM forms WHERE name = ?", (form.name,)).fetchone()
    if known and known[0] == digest(form):
        return
    columns = columns_of(form)
    _check_names(db, form, columns)
    before = [column.figure for column in known_columns(db.conn, form.name)]
    db.execute(
        "INSERT INTO forms (name, first_year, prescribed_by, digest) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE"
        " SET first_year = excluded.first_year, prescribed_by = excluded.prescribed_by, digest = excluded.digest",
        (form.name, form.years.first, form.prescribed_by, digest(form)),
    )
    db.execute("DELETE FROM form_figures WHERE form = ?", (form.name,))
    db.execute("DELETE FROM form_rows WHERE form = ?", (form.name,))
    db.conn.executemany(
        "INSERT INTO form_figures (form, position, figure, column_name, kind, label, row_figures, variant)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(form.name, position, *figure) for position, figure in enumerate(_figures_of(form))],
    )
    db.conn.executemany(
        "INSERT INTO form_rows (form, table_name, position, row_name, label) VALUES (?, ?, ?, ?, ?)",
        [(form.name, *row) for row in _rows_of(form)],
    )
    wide = db.table("wide")
    existing = {column.name for column in wide.columns}
    for column in columns:
        if column.column not in existing:
            wide.add_column(column.column, column.sql_type)
            if column.is_amount:
                wide.add_column(column.unit_column, "TEXT")
    if known:
        _follow_change(db.conn, form.name, before, [column.figure for column in columns])


def _follow_change(connection: sqlite3.Connection, form: str, before: list[str], after: list[str]) -> None:
    """A form that changed after reports were read by it: their places move along, and they are to be read again."""
    from db.readings.rows import reorder_places

    last = 0 if before != after else None
    while last is not None:
        stored = connection.execute(
            "SELECT p.places, p.report_id FROM places p JOIN reports r ON r.id = p.report_id"
            " WHERE p.report_id > ? AND r.form = ? ORDER BY p.report_id LIMIT ?",
            (last, form, _BATCH),
        ).fetchall()
        connection.executemany(
            "UPDATE places SET places = ? WHERE report_id = ?",
            [(reorder_places(places, before, after), report_id) for places, report_id in stored],
        )
        last = stored[-1][1] if stored else None
    connection.execute(
        "UPDATE readings SET parser_version = '' WHERE report_id IN (SELECT id FROM reports WHERE form = ?)", (form,)
    )


def _check_names(db: "Database", form: "Form", columns: list[FigureColumn]) -> None:
    owners = dict.fromkeys(OWN_COLUMNS, "what identifies the report")
    for figure, column, kind in db.execute(
        "SELECT DISTINCT figure, column_name, kind FROM form_figures WHERE form != ?", (form.name,)
    ).fetchall():
        owners |= _owned(FigureColumn(figure, column, kind))
    types = {column.name: column.type for column in db.table("wide").columns}
    for column in columns:
        if not all(_NAME.fullmatch(part) for part in column.figure.split(".")):
            raise ArchiveError(
                f"form {form.name}: {column.figure!r} cannot name a column; use lower-case letters, digits and _"
            )
        for name, owner in _owned(column).items():
            if owners.setdefault(name, owner) != owner:
                raise ArchiveError(
                    f"form {form.name}: column {name}, wanted for {owner}, is taken by {owners[name]};"
                    " rename the row or the column in the form's file"
                )
        if types.get(column.column, column.sql_type) != column.sql_type:
            raise ArchiveError(
                f"form {form.name}: {column.figure} is {column.kind} here, but the archive keeps it as"
                f" {types[column.column]}; give the row or the column another name in the form's file"
            )


def _owned(column: FigureColumn) -> dict[str, str]:
    """The columns of one figure, with what each is."""
    owned = {column.column: column.figure}
    return owned | {column.unit_column: f"the unit of {column.figure}"} if column.is_amount else owned


def known_columns(connection: sqlite3.Connection, form: str) -> list[FigureColumn]:
    """The figures of a form as the archive knows it, in printed order; empty if it does not know the form."""
    rows = connection.execute(
        "SELECT figure, column_name, kind FROM form_figures WHERE form = ? ORDER BY position", (form,)
    )
    return [FigureColumn(*row) for row in rows]
