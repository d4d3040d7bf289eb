"""Reports to rows and back. Whatever a Report says comes back exactly as it was.

The wide row holds the numbers; a cell that is not plainly printed has a row in cell_states. Plain is: a number with
state and how "printed" and its text as written plainly; a null that is not in the form and has no cell. Where all cells
of a row are alike, as in a row that is not printed, they share one row of cell_states.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from db.collected.documents import compress, decompress
from db.errors import ArchiveError
from db.schema.wide import FigureColumn, row_figures
from parsers.report import NOT_IN_FORM, PRINTED, ROW_ABSENT, Figure, Number, Place, Report

_LARGEST_COUNT = 2**63 - 1
_LARGEST_EXACT = 2**53  # above it a REAL no longer holds every whole number

# figure or "table.row.*", state, text, how, what was read before a correction as JSON
CellState = tuple[str, str, str | None, str | None, str | None]


class FigureRows(NamedTuple):
    """The figures of one report as the tables keep them. wide: column -> value; states: rows of cell_states."""

    wide: dict[str, Number | str | None]
    states: list[CellState]
    places: bytes


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pack(report: Report, columns: list[FigureColumn], read: Mapping[str, Figure] | None = None) -> FigureRows:
    """Take the figures apart. Raises ArchiveError, naming the figure, for what could not be given back exactly.

    read: of figures that a person has corrected, what was read before.
    """
    _check_names(report, columns)
    wide: dict[str, Number | str | None] = {}
    states: list[CellState] = []
    places = []
    for column in columns:
        figure = report.figures[column.figure]
        _check_value(figure, column)
        wide[column.column] = figure.value
        if column.is_amount:
            wide[column.unit_column] = figure.unit
        if (figure.state, figure.text, figure.how) != _plain(figure.value):
            before = _as_read(read[figure.name]) if read and figure.name in read else None
            states.append((figure.name, figure.state, figure.text, figure.how, before))
        places.append(figure.place)
    return FigureRows(wide, _shared(states, columns), compress(as_json(places).encode()))


def _as_read(figure: Figure) -> str:
    return as_json([_plain_number(figure.value), figure.state, figure.text, figure.unit, figure.how])


def _shared(states: list[CellState], columns: list[FigureColumn]) -> list[CellState]:
    """The same with one entry for each row of the form whose cells are all alike."""
    cells = Counter(row_figures(column.figure) for column in columns)
    rows: dict[str, list[CellState]] = {}
    for state in states:
        rows.setdefault(row_figures(state[0]), []).append(state)
    found = []
    for name, own in rows.items():
        if len(own) == cells[name] > 1 and len({state[1:] for state in own}) == 1:
            found.append((name, *own[0][1:]))
        else:
            found += own
    return found


def unpack(
    columns: list[FigureColumn],
    wide: dict[str, Any],
    states: Iterable[CellState],
    places: bytes,
    *,
    as_read: bool = False,
) -> dict[str, Figure]:
    """Put the figures together again. as_read: without the corrections of people."""
    by_name = {state[0]: state[1:] for state in states}
    figures = {}
    for column, place in zip(columns, json.loads(decompress(places)), strict=True):
        value = wide[column.column]
        cell = by_name.get(column.figure) or by_name.get(row_figures(column.figure))
        state, text, how = cell[:3] if cell else _plain(value)
        unit = wide[column.unit_column] if column.is_amount else None
        if as_read and cell and cell[3] is not None:
            value, state, text, unit, how = json.loads(cell[3])
            value = float(value) if column.is_amount and value is not None else value
        if column.is_amount and value is not None and value.is_integer() and "." not in (text or ""):
            value = int(value)  # an amount printed as 12 is 12; printed as 12.00 it is 12.0
        figures[column.figure] = Figure(column.figure, value, state, text, unit, how, _place(place))
    return figures


def reorder_places(places: bytes, before: list[str], after: list[str]) -> bytes:
    """The places of one report when its form's figures are no longer `before` but `after`; a new figure has none."""
    by_name = dict(zip(before, json.loads(decompress(places)), strict=True))
    return compress(as_json([by_name.get(name) for name in after]).encode())


def absent_cells(report: Report) -> set[str]:
    """The figures for which the report has no cell."""
    return {figure.name for figure in report.figures.values() if figure.state in (ROW_ABSENT, NOT_IN_FORM)}


def content_hash(report: Report) -> str:
    """Of what makes a revision: form, figures (value, state, unit), title, sections. Not: places, dates, bytes."""
    figures = [
        [figure.name, _plain_number(figure.value), figure.state, figure.unit] for figure in report.figures.values()
    ]
    content = [report.form, report.title, figures, [list(section) for section in report.sections]]
    return hashlib.sha256(as_json(content).encode()).hexdigest()


def _plain(value: Number | None) -> tuple[str, str | None, str | None]:
    """State, text and how of a cell that needs no row in cell_states."""
    return (NOT_IN_FORM, None, None) if value is None else (PRINTED, str(_plain_number(value)), PRINTED)


def _plain_number(value: Number | None) -> Number | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _place(stored: list[Any] | None) -> Place | None:
    if stored is None:
        return None
    page, box, table, row, column = stored
    return Place(page, None if box is None else (box[0], box[1], box[2], box[3]), table, row, column)


def _check_names(report: Report, columns: list[FigureColumn]) -> None:
    expected = [column.figure for column in columns]
    if list(report.figures) == expected:
        return
    odd = sorted(report.figures.keys() ^ set(expected))
    what = f"{odd[0]} is {'missing' if odd[0] in expected else 'unknown'}" if odd else "their order differs"
    raise ArchiveError(
        f"the report's figures are not those of form {report.form!r}: {what}; it must have every figure of its form"
    )


def _check_value(figure: Figure, column: FigureColumn) -> None:
    value = figure.value
    fault = None
    if figure.name != column.figure:
        fault = f"is called {figure.name} itself"
    elif value is not None and column.is_amount:
        if not math.isfinite(value) or (isinstance(value, int) and abs(value) > _LARGEST_EXACT):
            fault = f"{value} is no amount that can be kept exactly"
    elif value is not None and (not isinstance(value, int) or abs(value) > _LARGEST_COUNT):
        fault = f"{value!r} is no whole number that can be kept"
    if fault is None and figure.unit is not None and not column.is_amount:
        fault = f"unit {figure.unit!r} stands at a count"
    if fault:
        raise ArchiveError(f"figure {column.figure}: {fault}; read it as unreadable and keep its text")
