"""Reports to rows and back. Whatever a Report says comes back exactly as it was.

The wide row holds the numbers; a cell that is not plainly printed has a row in cell_states. Plain is: a number with
state and how "printed" and its text as written plainly; a null that is not in the form and has no cell. Where all cells
of a row are alike, as in a row that is not printed, they share one row of cell_states.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


class Layout:
    """How the figures of a form lie in a row of `wide`. names: the columns, of the figures in printed order, then of
    the units."""

    def __init__(self, columns: Sequence[FigureColumn]) -> None:
        self.names = [c.column for c in columns] + [c.unit_column for c in columns if c.is_amount]
        self._figures = [c.figure for c in columns]
        self._at = {figure: number for number, figure in enumerate(self._figures)}
        self._units = {c.figure: self.names.index(c.unit_column) for c in columns if c.is_amount}
        self._of_row: dict[str, list[str]] = {}
        for figure in self._figures:
            self._of_row.setdefault(row_figures(figure), []).append(figure)
        # Where a figure stands, if nobody looks: each in a cell of its own.
        self._somewhere = {figure: Place(None, None, 0, number, 0) for number, figure in enumerate(self._figures)}
        # Most cells say zero, and are printed plainly.
        self._zeros = {
            figure: Figure(figure, 0, PRINTED, "0", None, PRINTED, place) for figure, place in self._somewhere.items()
        }

    def figures(
        self, values: Sequence[Any], states: Iterable[CellState], places: bytes | None, *, as_read: bool = False
    ) -> dict[str, Figure]:
        """The figures of one report. values: of `names`. places: as stored; None for stand-ins, a cell of its own for
        each figure that has one, which is by far quicker. as_read: without the corrections of people."""
        figures = dict(self._zeros)
        somewhere = self._somewhere
        for name, value in zip(self._figures, values, strict=False):
            if value is None:
                figures[name] = Figure(name, None, NOT_IN_FORM)
            elif value:
                figures[name] = Figure(name, value, PRINTED, str(value), None, PRINTED, somewhere[name])
        odd: dict[str, CellState | None] = dict.fromkeys(self._units)
        for state in sorted(states, key=lambda state: not state[0].endswith(".*")):  # a cell's own come after its row's
            odd |= dict.fromkeys(self._of_row.get(state[0], (state[0],)), state)
        for name, cell in odd.items():
            if name in figures:
                figures[name] = self._odd(name, cell, values, as_read=as_read)
        if places is not None:
            for name, place in zip(self._figures, json.loads(decompress(places)), strict=True):
                figures[name] = Figure(*figures[name][:6], _place(place))
        return figures

    def _odd(self, name: str, cell: CellState | None, values: Sequence[Any], *, as_read: bool) -> Figure:
        """A cell that is not plainly printed, or an amount."""
        value = values[self._at[name]]
        state, text, how = cell[1:4] if cell else _plain(value)
        unit = values[self._units[name]] if name in self._units else None
        if as_read and cell and cell[4] is not None:
            value, state, text, unit, how = json.loads(cell[4])
            value = float(value) if name in self._units and value is not None else value
        if name in self._units and value is not None and value.is_integer() and "." not in (text or ""):
            value = int(value)  # an amount printed as 12 is 12; printed as 12.00 it is 12.0
        return Figure(name, value, state, text, unit, how, None if how is None else self._somewhere[name])


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
