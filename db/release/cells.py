"""The cells of all reports of a release, one row each: what their columns hold, and the view `cells`, whose rows are
those of the file of that name."""

from typing import NamedTuple

from db.schema.views import choose, quoted, text
from db.schema.wide import FigureColumn
from parsers.report import NOT_IN_FORM, PRINTED

NAME = "cells"
ABOUT = "One row for each figure of the form of each report, nulls included: its number, or why there is none."


class Field(NamedTuple):
    """A column of a file. sql_type: INTEGER, REAL, TEXT or ANY (a number of either kind)."""

    name: str
    sql_type: str
    description: str


FIELDS = (
    Field("report_id", "INTEGER", "reports.id."),
    Field("figure", "TEXT", "table.row.column, as in form_figures.figure."),
    Field("value", "REAL", "As printed; 0: the report says zero; null: it gives no number, and state says why."),
    Field("state", "TEXT", "printed, realigned, corrected; else blank, dash, row_absent, not_in_form, unreadable."),
    Field("how", "TEXT", "How the cell was read; null: there is no cell."),
    Field("unit", "TEXT", "Of amounts: as printed, or unit_unknown; null: a count."),
    Field("text", "TEXT", "The cell as printed; null: there is none, or it is withheld."),
)  # fmt: skip


def view(forms: dict[str, list[FigureColumn]]) -> str:
    """The SELECT of the view. forms: the figures of each form, in printed order."""
    values, units = [], []
    for form, figures in forms.items():
        columns = [(n, f"w.{quoted(figure.column)}") for n, figure in enumerate(figures)]
        amounts = [(n, f"w.{quoted(figure.unit_column)}") for n, figure in enumerate(figures) if figure.is_amount]
        values.append(f"WHEN {text(form)} THEN {choose('f.position', columns)}")
        units.append(f"WHEN {text(form)} THEN {choose('f.position', amounts)}")
    return f"""
SELECT report_id, figure, value,
  coalesce(state, CASE WHEN value IS NULL THEN '{NOT_IN_FORM}' ELSE '{PRINTED}' END) AS state,
  CASE WHEN state IS NULL AND value IS NOT NULL THEN '{PRINTED}' ELSE how END AS how, unit,
  CASE WHEN state IS NOT NULL THEN text
    WHEN value = CAST(value AS INTEGER) THEN CAST(CAST(value AS INTEGER) AS TEXT) ELSE CAST(value AS TEXT) END AS text
FROM (
  SELECT w.report_id, f.figure, {_of_form(values)} AS value, {_of_form(units)} AS unit,
    coalesce(c.state, s.state) AS state, CASE WHEN c.state IS NULL THEN s.how ELSE c.how END AS how,
    CASE WHEN c.state IS NULL THEN s.text ELSE c.text END AS text
  FROM wide w
  JOIN form_figures f ON f.form = w.form
  LEFT JOIN cell_states c ON c.report_id = w.report_id AND c.figure = f.figure
  LEFT JOIN cell_states s ON s.report_id = w.report_id AND s.figure = f.row_figures
)"""


def _of_form(arms: list[str]) -> str:
    return f"CASE f.form {' '.join(arms)} END" if arms else "NULL"
