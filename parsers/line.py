"""One line of values on its way from a grid to figures, and which empty cells beside its figures are padding."""

from dataclasses import dataclass, field
from typing import NamedTuple

from parsers.blocks import Grid
from parsers.columns import Cell
from parsers.numbers import read_number


@dataclass(slots=True)
class Line:
    """The values of one row of a table (or of several rows that stand side by side).

    targets: the figures they should be, in printed order. values: the printed cells. place: (table, row) in the
    document's grids. loose: see Grid. trouble: why the line cannot be read, if so.
    """

    targets: tuple[str, ...]
    values: list[Cell]
    grid: int
    row: int
    loose: bool
    header_text: dict[str, str] = field(default_factory=dict)
    trouble: str | None = None


class Padding(NamedTuple):
    """What the empty cells of a flattened grid are. loose: whatever stands beside the figures is padding. front, back:
    so many cells are in every line. widest: figures of the longest lines, up to which shorter ones are filled up."""

    loose: bool
    front: int
    back: int
    widest: int


def padding_of(grid: Grid, lines: list[Line]) -> Padding:
    """Empty cells beside the figures are padding where complete lines have them too, and none stand between figures;
    where some do, only those that every complete line has."""
    edges = [_edges(line) for line in lines if len(strip(line.values)) == len(line.targets)]
    padded = sum(map(any, edges))
    widest = max((len(line.targets) for line in lines), default=0)
    if not _prints_blanks(grid):
        return Padding(bool(padded) and (padded > 1 or padded == len(edges)), 0, 0, widest)
    front, back = edges[0] if len(edges) > 1 and len(set(edges)) == 1 else (0, 0)
    return Padding(False, front, back, widest)


def unpadded(line: Line, padding: Padding) -> list[Cell]:
    values, wanted = line.values, len(line.targets)
    if padding.loose:
        return strip(values)
    if len(values) >= wanted + padding.front + padding.back:
        front, back = values[: padding.front], values[len(values) - padding.back :]
        if not any(text for _, text in (*front, *back)):
            values = values[padding.front : len(values) - padding.back]
    # A line of a narrower table is filled up to the width of the others. Beyond it, a cell is one too many.
    if wanted < len(values) <= padding.widest:
        while len(values) > wanted and not values[-1][1]:
            values = values[:-1]
    return values


def _edges(line: Line) -> tuple[int, int]:
    """How many empty cells stand in front of the figures of a line, and behind them."""
    printed = [i for i, (_, text) in enumerate(line.values) if text]
    return printed[0], len(line.values) - 1 - printed[-1]


def _prints_blanks(grid: Grid) -> bool:
    """Whether a flattened table leaves cells empty between figures, so that an empty cell is a cell."""
    for row in grid.rows:
        numbers = [i for i, text in enumerate(row) if text and read_number(text).value is not None]
        if len(numbers) > 1 and any(not row[i] for i in range(numbers[0], numbers[-1])):
            return True
    return False


def strip(values: list[Cell]) -> list[Cell]:
    while values and not values[0][1]:
        values = values[1:]
    while values and not values[-1][1]:
        values = values[:-1]
    return values
