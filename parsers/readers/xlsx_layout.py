"""Where in a worksheet the tables stand, and what around them is title, heading or prose."""

import re
from collections.abc import Sequence

from parsers.blocks import Block, Grid, Paragraph

Row = list[str | None]
# top, left, bottom, right, all included
Area = tuple[int, int, int, int]

_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]")
_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_LONG = 60
# More empty rows than this part two tables, whatever stands in the second.
_GAP = 2


def split(rows: Sequence[Row], merges: Sequence[Area], bordered: Sequence[bool]) -> list[Block]:
    """Part one worksheet into paragraphs and grids, in order.

    rows: rows of equal length, places covered by merged cells None. merges: merged areas. bordered: for each row, has
    any of its cells a border. A row with two or more filled cells is always part of a grid. A row with one belongs to a
    grid if a merged cell ties it to one; or, where tables have borders, if it has one and is not a heading or a
    sentence over the full width; or, without borders, if it is followed by a row with figures.
    """
    filled = [sum(1 for cell in row if cell) for row in rows]
    inside = [count > 1 for count in filled]
    for top, _, bottom, _ in merges:
        if bottom > top and any(filled[row] > 1 for row in range(top, bottom + 1)):
            inside[top : bottom + 1] = [True] * (bottom + 1 - top)
    has_borders = any(bordered[row] for row, count in enumerate(filled) if count > 1)
    wide = {top for top, left, _, right in merges if rows and right - left + 1 >= 0.8 * len(rows[0])}
    for start, end in _runs(inside, False):
        if has_borders:
            for row in range(start, end):
                inside[row] = bordered[row] and not (row in wide and _is_prose(rows[row]))
        elif start > 0 and end < len(rows) and _goes_on(rows, filled, start, end):
            inside[start:end] = [True] * (end - start)
    return _blocks(rows, filled, inside)


def _runs(flags: list[bool], wanted: bool) -> list[tuple[int, int]]:
    """(first, behind the last) of each run of flags that are as wanted."""
    runs, start = [], None
    for place, flag in enumerate([*flags, not wanted]):
        if flag == wanted and start is None:
            start = place
        elif flag != wanted and start is not None:
            runs.append((start, place))
            start = None
    return runs


def _goes_on(rows: Sequence[Row], filled: list[int], start: int, end: int) -> bool:
    """Does the table before a gap go on behind it? A new one would begin with a row of labels."""
    if filled[start:end].count(0) > _GAP or any(_is_sentence(row) for row in rows[start:end]):
        return False
    return any(cell and _NUMBER.fullmatch(cell) for cell in rows[end])


def _only_text(row: Row) -> str:
    return next((cell for cell in row if cell), "")


def _is_sentence(row: Row) -> bool:
    text = _only_text(row)
    return len(text) > _LONG or text.endswith(("。", "；", "！"))


def _is_prose(row: Row) -> bool:
    return _is_sentence(row) or _NUMBERED.match(_only_text(row)) is not None


def _blocks(rows: Sequence[Row], filled: list[int], inside: list[bool]) -> list[Block]:
    blocks: list[Block] = []
    done = 0
    for start, end in _runs(inside, True):
        if max(filled[start:end]) < 2:
            continue  # one bordered cell below another: a frame around prose
        blocks += _paragraphs(rows[done:start])
        blocks.append(Grid(_trim(rows[start:end])))
        done = end
    return blocks + _paragraphs(rows[done:])


def _paragraphs(rows: Sequence[Row]) -> list[Block]:
    return [
        Paragraph(" ".join(line.split())) for row in rows for cell in row if cell for line in cell.split("\n") if line
    ]


def _trim(rows: Sequence[Row]) -> list[Row]:
    """Without empty rows at the top and bottom and empty columns at the sides."""
    used_rows = [place for place, row in enumerate(rows) if any(row)]
    rows = rows[used_rows[0] : used_rows[-1] + 1]
    # A covered place (None) at the side belongs to a cell of this table.
    used = [column for column in range(len(rows[0])) if any(row[column] != "" for row in rows)]
    return [row[used[0] : used[-1] + 1] for row in rows]
