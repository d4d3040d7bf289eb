"""Tables without ruling: figures that stand in columns by their position alone.

Lines with figures set apart by wide gaps make a region. If the figures fall into clean columns it is a table like any
other; if not, it is kept as lines of cells that are not to be trusted (Grid.loose).
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.blocks import Box, Grid
from parsers.readers.pdf_prose import Margins, is_heading, is_section
from parsers.readers.pdf_text import Line, Segment

MIN_ROWS = 3  # rows with at least MIN_FIGURES figures and a label, for a table to be trusted
MIN_FIGURES = 2
MAX_HEADER = 8  # lines of heading above the first figures
_FIGURE = re.compile(r"[+-]?\d[\d,，.．]*|[-/／—–―─－]{1,2}|无|不适用")

Span = tuple[float, float]


def is_figure(text: str) -> bool:
    """Whether a text is a number or what stands for none (/, —, 无)."""
    return _FIGURE.fullmatch(text) is not None


def figures_of(line: Line) -> list[Segment]:
    """The parts of a line that are figures."""
    return [segment for segment in line.segments if is_figure(segment.text)]


def split_tables(lines: Sequence[Line], margins: Margins) -> list[list[Line] | Grid]:
    """The lines of one page, between its ruled tables, as stretches of prose and unruled tables, in order."""
    found: list[list[Line] | Grid] = []
    start = 0
    for first, last in _regions(lines, margins):
        if first > start:
            found.append(list(lines[start:first]))
        found.append(_grid(lines[first:last]))
        start = last
    if start < len(lines):
        found.append(list(lines[start:]))
    return found


# Where a table begins and ends


def _is_data(line: Line) -> bool:
    """Whether a line is a row of figures: two of them, or one behind a label."""
    return len(line.segments) > 1 and (is_figure(line.segments[-1].text) or len(figures_of(line)) >= MIN_FIGURES)


def _regions(lines: Sequence[Line], margins: Margins) -> list[tuple[int, int]]:
    """(first line, behind the last line) of each stretch of lines that is a table."""
    if all(len(line.segments) == 1 for line in lines):
        return []
    data = [i for i, line in enumerate(lines) if _is_data(line)]
    cores: list[tuple[int, int]] = []
    for i in data:
        if cores and all(_may_lie_between(lines, j, margins) for j in range(cores[-1][1], i)):
            cores[-1] = (cores[-1][0], i + 1)
        else:
            cores.append((i, i + 1))
    regions: list[tuple[int, int]] = []
    for n, (first, last) in enumerate(cores):
        floor = regions[-1][1] if regions else 0
        ceiling = cores[n + 1][0] if n + 1 < len(cores) else len(lines)
        regions.append((_with_header(lines, first, floor, margins), _with_tail(lines, last, ceiling)))
    return regions


def _may_lie_between(lines: Sequence[Line], i: int, margins: Margins) -> bool:
    """Whether a line between rows of figures belongs to the table: no full line of prose, no heading of the next."""
    line = lines[i]
    if len(line.segments) > 1:
        return True
    if line.x1 - line.x0 > 0.55 * (margins.right - margins.left):
        return False
    if is_section(line.text):
        # A heading inside a table has figures below it, the heading of another table that table's own heading.
        return _is_data(next(below for below in lines[i + 1 :] if len(below.segments) > 1))
    return True


def _with_header(lines: Sequence[Line], first: int, floor: int, margins: Margins) -> int:
    """The first line of the table whose first row of figures is `first`: up over the lines of its heading."""
    figures_begin = min(segment.x0 for segment in figures_of(lines[first]))
    kept = i = first
    while i > floor and first - i < MAX_HEADER:
        line, below = lines[i - 1], lines[i]
        gap = line.y - below.y
        if gap > 2.5 * margins.pitch:
            break
        above = lines[i - 2].y - line.y if i - 1 > floor else float("inf")
        if len(line.segments) > 1:
            kept = i - 1
        elif kept == i and line.x1 < figures_begin and gap < 1.5 * line.size and gap * 1.25 < above:
            kept = i - 1  # the first line of a wrapped label
        elif is_heading(line.text) or line.x1 - line.x0 > 0.55 * (margins.right - margins.left):
            break
        elif line.x0 - margins.left > 3.0 * margins.size and gap < 2.0 * margins.pitch:
            kept = i - 1  # a heading over several columns
        i -= 1
    return kept


def _with_tail(lines: Sequence[Line], last: int, ceiling: int) -> int:
    """Behind the last line of the table whose last row of figures is `last - 1`: down over a wrapped label."""
    figures_begin = min(segment.x0 for segment in figures_of(lines[last - 1]))
    while last < ceiling:
        line, above = lines[last], lines[last - 1]
        label = above.segments[0]
        aligned = abs(line.x0 - label.x0) < 3.0 or abs(line.x0 + line.x1 - label.x0 - label.x1) < 6.0
        unlabelled = label.x0 >= figures_begin
        close = above.y - line.y < 1.5 * line.size
        if len(line.segments) > 1 or line.x1 > figures_begin or is_heading(line.text):
            break
        if not (close and (aligned or unlabelled)):
            break
        last += 1
    return last


# What is in it


def _grid(lines: Sequence[Line]) -> Grid:
    """The table of a region, trusted if its columns are clear."""
    bands = _figure_bands(lines)
    rows = _rows(lines, bands[0][0]) if bands else []
    labelled = [row for row in rows if _count_figures(row) >= MIN_FIGURES and _has_label(row, bands[0][0])]
    full_rows = [row for row in rows if _count_figures(row) >= MIN_FIGURES]
    if len(bands) < MIN_FIGURES or len(full_rows) < MIN_ROWS or len(labelled) < len(full_rows):
        return _loose_grid(lines)
    return _Columns(bands, rows).grid() or _loose_grid(lines)


def _loose_grid(lines: Sequence[Line]) -> Grid:
    boxes = {(r, c): _box(line, part) for r, line in enumerate(lines) for c, part in enumerate(line.segments)}
    rows: list[list[str | None]] = [[segment.text for segment in line.segments] for line in lines]
    return Grid(rows, pages=[line.page for line in lines], boxes=boxes, loose=True, gapless=True)


def _figure_bands(lines: Sequence[Line]) -> list[Span]:
    """The columns of figures as (left, right); none if they are not clear: a line must fill all of them, one each."""
    all_figures = [figures_of(line) for line in lines if _is_data(line)]
    bands = _united([(segment.x0, segment.x1) for figures in all_figures for segment in figures])
    for figures in all_figures:
        if len({_band_of(segment, bands) for segment in figures}) < len(figures):
            return []
    most = max((len(figures) for figures in all_figures), default=0)
    return bands if most == len(bands) else []


def _united(spans: list[Span]) -> list[Span]:
    """Spans that touch (within 2 points) made one, from left to right."""
    united: list[Span] = []
    for x0, x1 in sorted(spans):
        if united and x0 < united[-1][1] + 2.0:
            united[-1] = (united[-1][0], max(united[-1][1], x1))
        else:
            united.append((x0, x1))
    return united


def _band_of(segment: Segment, bands: Sequence[Span]) -> int:
    """The band whose middle is nearest to the middle of a segment."""
    return min(range(len(bands)), key=lambda b: abs(sum(bands[b]) - segment.x0 - segment.x1))


def _rows(lines: Sequence[Line], figures_begin: float) -> list[list[Line]]:
    """The lines of a region as rows: the lines of a wrapped label go to the row that they are clearly nearer to."""
    gaps = [float("inf"), *(a.y - b.y for a, b in pairwise(lines)), float("inf")]
    # tied[i]: line i belongs to the row of line i - 1
    tied = [False] * (len(lines) + 1)
    first_data = next((i for i, line in enumerate(lines) if _is_data(line)), len(lines))
    for i, line in enumerate(lines):
        if len(line.segments) > 1 or line.x1 > figures_begin:
            continue
        if gaps[i] * 1.25 < gaps[i + 1] and i > first_data and _one_label(line, lines[i - 1], figures_begin):
            tied[i] = True
        elif gaps[i + 1] * 1.25 < gaps[i] and _one_label(line, lines[i + 1], figures_begin):
            tied[i + 1] = True
    rows: list[list[Line]] = []
    for i, line in enumerate(lines):
        if tied[i]:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _one_label(line: Line, other: Line, figures_begin: float) -> bool:
    """Whether a line may be part of a wrapped label of another line: one label stands over the other, or there is
    none."""
    labels = [segment for segment in other.segments if segment.x0 < figures_begin]
    return not labels or any(segment.x0 < line.x1 and line.x0 < segment.x1 for segment in labels)


def _label_edges(rows: Sequence[Sequence[Line]], figures_begin: float) -> list[float]:
    """Where one column of labels ends and the next one begins: in the gaps that lines with several labels share."""
    gaps: list[Span] = []
    for line in [line for row in rows for line in row]:
        labels = [segment for segment in line.segments if segment.x1 <= figures_begin]
        gaps += [(before.x1, after.x0) for before, after in pairwise(labels)]
    shared: list[Span] = []
    for start, end in sorted(gaps):
        if shared and start < shared[-1][1]:
            shared[-1] = (start, min(end, shared[-1][1]))
        else:
            shared.append((start, end))
    return [end - 1.0 for _, end in shared]


def _count_figures(row: Sequence[Line]) -> int:
    return sum(len(figures_of(line)) for line in row)


def _has_label(row: Sequence[Line], figures_begin: float) -> bool:
    return any(segment.x0 < figures_begin for line in row for segment in line.segments)


def _box(line: Line, segment: Segment) -> Box:
    return (segment.x0, line.y - 0.2 * line.size, segment.x1, line.y + 0.9 * line.size)


@dataclass(slots=True)
class _Cell:
    text: str
    box: Box

    def add(self, text: str, box: Box) -> None:
        a, b = self.box, box
        self.text += text
        self.box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


class _Columns:
    """A region with clear columns: columns of labels on the left, then one for each band of figures."""

    def __init__(self, bands: Sequence[Span], rows: list[list[Line]]) -> None:
        self.rows = rows
        self.figures_begin = bands[0][0]
        self.bands = list(bands)
        self.edges = _label_edges(rows, self.figures_begin)
        self.columns = len(self.edges) + 1 + len(bands)

    def grid(self) -> Grid | None:
        """The table; None if two of its cells lie over one another."""
        first_data = next(i for i, row in enumerate(self.rows) if _count_figures(row))
        placed = [self._placed(row) for row in self.rows]
        self._join_wrapped_headings(placed[:first_data])
        kept = [(cells, row) for cells, row in zip(placed, self.rows, strict=True) if cells]
        grid = Grid([], pages=[row[0].page for _, row in kept])
        for r, (cells, _) in enumerate(kept):
            texts: list[str | None] = [""] * self.columns
            for (first, last), cell in cells.items():
                if any(texts[first : last + 1]) or None in texts[first : last + 1]:
                    return None
                texts[first : last + 1] = [cell.text, *[None] * (last - first)]
                grid.boxes[r, first] = cell.box
            grid.rows.append(texts)
        return grid

    def _placed(self, row: Sequence[Line]) -> dict[tuple[int, int], _Cell]:
        """The cells of a row by the first and last column over which they stand."""
        parts = [(segment, _box(line, segment)) for line in row for segment in line.segments]
        labels = [segment for segment, _ in parts if self._is_label(segment)]
        # The lines of one wrapped label stand over one another; a label gives way to the one on its left.
        places: list[tuple[Span, tuple[int, int]]] = []
        taken = -1
        for x0, x1 in _united([(segment.x0, segment.x1) for segment in labels]):
            first, last = bisect_right(self.edges, x0), bisect_right(self.edges, x1)
            first = min(max(first, taken + 1), last)
            places.append(((x0, x1), (first, last)))
            taken = last
        cells: dict[tuple[int, int], _Cell] = {}
        for segment, box in parts:
            if self._is_label(segment):
                at = next(place for (x0, x1), place in places if x0 <= segment.x0 <= x1)
            else:
                at = self._place_of_figure(segment)
            if at in cells:
                cells[at].add(segment.text, box)
            else:
                cells[at] = _Cell(segment.text, box)
        return cells

    def _is_label(self, segment: Segment) -> bool:
        return segment.x0 + segment.x1 < 2 * self.figures_begin

    def _place_of_figure(self, segment: Segment) -> tuple[int, int]:
        """The first and the last column of a figure or its heading: those whose middle it covers, else the nearest."""
        behind = len(self.edges) + 1
        over = [i for i, (x0, x1) in enumerate(self.bands) if segment.x0 <= (x0 + x1) / 2 <= segment.x1]
        if not over or is_figure(segment.text):
            over = [_band_of(segment, self.bands)]
        return behind + over[0], behind + over[-1]

    def _join_wrapped_headings(self, placed: Sequence[dict[tuple[int, int], _Cell]]) -> None:
        """In the heading, the second line of a wrapped column label joins the first one."""
        for upper, lower in pairwise(placed):
            for at in [at for at in lower if at in upper and at[0] == at[1]]:
                below, above = lower[at].box, upper[at].box
                if above[1] - below[3] < 0.6 * (below[3] - below[1]):
                    upper[at].add(lower[at].text, below)
                    lower[at] = upper[at]
                    del lower[at]
