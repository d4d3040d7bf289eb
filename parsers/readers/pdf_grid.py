"""Ruled tables: from the rules of a page to grids of cells.

Rules that meet make one table. Cells without a rule between them are one merged cell, which may have any shape; it is
named by its topmost, then leftmost place. Where a table has no closing rule, since the page ended or its sides are
open, it is closed where its other rules end.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise

from parsers.blocks import Box, Grid
from parsers.readers.pdf_chars import PageText
from parsers.readers.pdf_rules import Rule
from parsers.readers.pdf_text import Piece, Run, cell_text, measured, split_piece

SNAP = 4.0  # points: rules nearer than this are one; no row is so low
GAP = 4.0  # pieces of one rule may lie so far apart, and a rule may end so far from the one that it meets
OUTSIDE = -1
MAX_RULES = 2_000  # different rules on a page; only a drawing has more


@dataclass(slots=True)
class RuledTable:
    """The geometry of one table.

    xs: the column borders, rising. depths: the row borders from the top down, as negative y, so that they rise too.
    root: for each place (row * columns + column) the place that names its cell.
    """

    xs: list[float]
    depths: list[float]
    root: list[int]

    @property
    def columns(self) -> int:
        return len(self.xs) - 1

    @property
    def top(self) -> float:
        return -self.depths[0]

    def boxes(self) -> Callable[[int], Box]:
        """A function from the name of a cell to its box."""
        xs, depths, columns = self.xs, self.depths, self.columns
        last = dict(zip(self.root, range(len(self.root)), strict=True))  # the lower right place of each cell

        def box(root: int) -> Box:
            row, column = divmod(root, columns)
            end_row, end_column = divmod(last[root], columns)
            return (xs[column], -depths[end_row + 1], xs[end_column + 1], -depths[row])

        return box


def ruled_tables(horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> list[RuledTable]:
    """The tables that the rules of one page make, top to bottom; frames around text (one column) are none."""
    if not horizontal or len(vertical) < 2:
        return []
    level, upright = _joined(horizontal), _joined(vertical)
    if len(level) + len(upright) > MAX_RULES:
        return []
    tables = [_table(h, v) for h, v in _connected(level, upright)]
    found = [table for table in tables if table is not None]
    return sorted(found, key=lambda table: -table.top)


def _joined(rules: Sequence[Rule]) -> list[Rule]:
    """The rules snapped to common positions, pieces that touch made one; in order of position."""
    joined: list[Rule] = []
    for group in _clusters(sorted(rules)):
        at = sum(rule.at for rule in group) / len(group)
        pieces = sorted((rule.start, rule.end) for rule in group)
        start, end = pieces[0]
        for next_start, next_end in pieces[1:]:
            if next_start > end + GAP:
                joined.append(Rule(at, start, end))
                start, end = next_start, next_end
            elif next_end > end:
                end = next_end
        joined.append(Rule(at, start, end))
    return joined


def _clusters(rules: list[Rule]) -> list[list[Rule]]:
    """Rules sorted by position, cut where the next is more than SNAP from the first of the cluster."""
    clusters: list[list[Rule]] = []
    first = float("-inf")
    for rule in rules:
        if rule.at - first > SNAP:
            clusters.append([])
            first = rule.at
        clusters[-1].append(rule)
    return clusters


def _connected(level: list[Rule], upright: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of rules that meet: (horizontal, vertical) of each group that has both."""
    parent = list(range(len(level) + len(upright)))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    positions = [rule.at for rule in upright]
    for i, (y, start, end) in enumerate(level):
        for j in range(bisect_left(positions, start - GAP), bisect_right(positions, end + GAP)):
            if upright[j].start - GAP <= y <= upright[j].end + GAP:
                parent[find(i)] = find(len(level) + j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for i, rule in enumerate(level):
        groups[find(i)][0].append(rule)
    for j, rule in enumerate(upright):
        groups[find(len(level) + j)][1].append(rule)
    return [group for group in groups.values() if group[0] and group[1]]


def _table(level: list[Rule], upright: list[Rule]) -> RuledTable | None:
    """The table of one group of rules; None if it has no two columns."""
    xs = _borders([rule.at for rule in upright], [(rule.start, rule.end) for rule in level])
    rising = _borders([rule.at for rule in level], [(rule.start, rule.end) for rule in upright])
    columns, rows = len(xs) - 1, len(rising) - 1
    if columns < 2 or rows < 1:
        return None
    # right[c][r]: a rule closes place (r, c - 1) on its right. below[r][c]: a rule closes place (r - 1, c) below.
    right = [bytearray(rows) for _ in range(columns + 1)]
    below = [bytearray(columns) for _ in range(rows + 1)]
    middle_x = [(a + b) / 2 for a, b in pairwise(xs)]
    middle_y = [(a + b) / 2 for a, b in pairwise(rising)]
    for x, start, end in upright:
        wall = right[xs.index(x)]
        for row in range(bisect_left(middle_y, start), bisect_right(middle_y, end)):
            wall[rows - 1 - row] = 1
    for y, start, end in level:
        wall = below[rows - rising.index(y)]
        for column in range(bisect_left(middle_x, start), bisect_right(middle_x, end)):
            wall[column] = 1
    return RuledTable(xs, [-y for y in reversed(rising)], _merged(rows, columns, right, below))


def _borders(own: list[float], ends: list[tuple[float, float]]) -> list[float]:
    """The positions of the rules, rising, and where the rules that cross them end if that is well outside."""
    borders = sorted(set(own))
    low, high = min(start for start, _ in ends), max(end for _, end in ends)
    if low < borders[0] - GAP:
        borders.insert(0, low)
    if high > borders[-1] + GAP:
        borders.append(high)
    return borders


def _merged(rows: int, columns: int, right: list[bytearray], below: list[bytearray]) -> list[int]:
    """For each place the first place, row by row, of the cell that it belongs to."""
    parent = list(range(rows * columns))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(i: int, j: int) -> None:
        a, b = find(i), find(j)
        if a != b:
            parent[max(a, b)] = min(a, b)

    for row in range(rows):
        for column in range(columns):
            place = row * columns + column
            if column + 1 < columns and not right[column + 1][row]:
                join(place, place + 1)
            if row + 1 < rows and not below[row + 1][column]:
                join(place, place + columns)
    for place, first in enumerate(parent):  # a parent comes before its children, so one pass leads to the roots
        parent[place] = parent[first]
    return parent


def fill_tables(
    tables: Sequence[RuledTable], pieces: Sequence[Piece], text: PageText, page: int
) -> tuple[list[tuple[float, Grid]], list[Run]]:
    """The tables of a page with their text, as (top, grid), and the runs outside them.

    A character belongs to the cell in which the middle of its glyph lies; where tables lie in one another, to the
    innermost. What the file draws as one text stays whole where it runs over the edge of its cell.
    """
    if not tables:
        return [], measured(pieces, text)
    offsets = [0, *accumulate(len(table.root) for table in tables)]
    cell_at = _locator(tables, offsets)
    held: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        cell = cell_at(piece.head, piece.middle)
        if piece.first == piece.last or cell == cell_at(piece.tail, piece.middle):
            held[cell].append(piece)
        else:
            for part in split_piece(piece, text):
                held[cell_at(part.head, part.middle)].append(part)
    rest = held.pop(OUTSIDE, [])
    together = [piece for inside in held.values() if len(inside) > 1 for piece in inside]
    runs = measured([*together, *rest], text)
    ready = iter(runs)
    cells: list[dict[int, str | list[Run]]] = [{} for _ in tables]
    for cell, inside in held.items():
        t = bisect_right(offsets, cell) - 1
        cells[t][cell - offsets[t]] = inside[0].text if len(inside) == 1 else list(islice(ready, len(inside)))
    grids = [(t.top, _grid(t, content, text, page)) for t, content in zip(tables, cells, strict=True)]
    return grids, runs[len(together) :]


def _locator(tables: Sequence[RuledTable], offsets: list[int]) -> Callable[[float, float], int]:
    """A function from a point to its cell: the cell's name plus the offset of its table, or OUTSIDE."""
    innermost = sorted(zip(tables, offsets, strict=False), key=lambda item: item[0].xs[-1] - item[0].xs[0])
    prepared = [
        (t.xs[0], t.xs[-1], t.depths[0], t.depths[-1], t.xs[1:-1], t.depths[1:-1], t.columns, t.root, offset)
        for t, offset in innermost
    ]

    def cell_at(x: float, y: float) -> int:
        for x0, x1, depth0, depth1, inner_xs, inner_depths, columns, root, offset in prepared:
            if x0 <= x <= x1 and depth0 <= -y <= depth1:
                return offset + root[bisect_right(inner_depths, -y) * columns + bisect_right(inner_xs, x)]
        return OUTSIDE

    return cell_at


def _grid(table: RuledTable, cells: dict[int, str | list[Run]], text: PageText, page: int) -> Grid:
    """A ruled table with its text."""
    columns, box_of = table.columns, table.boxes()
    texts: list[str | None] = ["" if place == root else None for place, root in enumerate(table.root)]
    boxes = {}
    for root, content in cells.items():
        box = boxes[divmod(root, columns)] = box_of(root)
        texts[root] = content if isinstance(content, str) else cell_text(content, text, box[2] - box[0])
    rows = [texts[i : i + columns] for i in range(0, len(texts), columns)]
    return Grid(rows, pages=[page] * len(rows), boxes=boxes)
