"""Headings whose words are broken over several rows of a grid, put together again by position.

A table without rules comes line by line: 科研 and 机构 stand in two rows, one below the other, and neither is a
heading. What stands above a column of figures, read downwards, is.
"""

from collections.abc import Collection, Sequence
from itertools import pairwise

from parsers.blocks import Box, Grid
from parsers.columns import Cell
from parsers.labels import label_key

_MOST_ROWS = 12  # of a heading


def torn_headings(
    grid: Grid, above: Sequence[int], row: int, values: Sequence[Cell], keys: Collection[str]
) -> list[Cell]:
    """(position, label) of the headings above a row of values, as far as the form knows them.

    above: the rows of the heading. row, values: a row of figures below them. keys: those of the form's columns. The
    position is the grid column, or where columns mean nothing (flattened tables with boxes) the place in the row.
    """
    stacks = _stacks_by_box(grid, above[-_MOST_ROWS:], row, values) if grid.loose else _stacks(grid, above, values)
    found = []
    for position, stack in stacks:
        label = _label_in(stack, keys)
        if label is not None:
            found.append((position, label))
    return found


def _stacks(grid: Grid, above: Sequence[int], values: Sequence[Cell]) -> list[tuple[int, list[str]]]:
    return [(c, [text for r in above if c < len(grid.rows[r]) and (text := grid.rows[r][c])]) for c, _ in values]


def _stacks_by_box(grid: Grid, above: Sequence[int], row: int, values: Sequence[Cell]) -> list[tuple[int, list[str]]]:
    """The texts whose middle lies above a figure, no further from it than half the way to the next figure."""
    boxes = [grid.boxes.get((row, c)) for c, _ in values]
    if len(values) < 2 or not all(boxes):
        return []
    middles = [_middle(box) for box in boxes if box]
    if any(a >= b for a, b in pairwise(middles)):
        return []
    stacks: list[list[str]] = [[] for _ in values]
    for r in above:
        for c, text in enumerate(grid.rows[r]):
            box = grid.boxes.get((r, c))
            place = _nearest(middles, _middle(box)) if box and text else None
            if place is not None and text:
                stacks[place].append(text)
    return list(enumerate(stacks))


def _middle(box: Box) -> float:
    return (box[0] + box[2]) / 2


def _nearest(middles: list[float], x: float) -> int | None:
    place = min(range(len(middles)), key=lambda i: abs(middles[i] - x))
    beside = [abs(middles[i] - middles[place]) for i in (place - 1, place + 1) if 0 <= i < len(middles)]
    return place if abs(middles[place] - x) < min(beside) / 2 else None


def _label_in(stack: list[str], keys: Collection[str]) -> str | None:
    """The longest run of texts, one below the other, that makes a column's label; None where there is none."""
    for length in range(len(stack), 0, -1):
        for start in range(len(stack) - length, -1, -1):
            label = "".join(stack[start : start + length])
            if label_key(label) in keys:
                return label
    return None
