"""Text from characters and their places: runs, lines, and the text of a cell.

The order in the file is not the reading order where fonts change, so runs are put in order by baseline, then by x. Text
that runs up or down (rotated, or in vertical writing) is told by the steps from one character to the next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from parsers.readers.pdf_chars import PageText

_WORD = re.compile(r"[^\0- ]+")

BASELINE = 2.5  # points: baselines nearer than this are one line
PADDING = 11.0  # points: the margins inside a cell, left and right together, that Word and WPS set


class Piece(NamedTuple):
    """Characters that follow one another on one baseline without a blank.

    x0, x1: left and right end of its glyphs. head, tail: the middles of its first and last glyph, left to right;
    middle: that of its first glyph, in height. first, last: where its characters stand in PageText.text.
    """

    x0: float
    x1: float
    head: float
    tail: float
    middle: float
    first: int
    last: int
    text: str


class Run(NamedTuple):
    """A piece with what is needed to put it in a line.

    x, y: origin of its first character; y is its baseline. x0, x1: left and right end of its glyphs. size: type size in
    points (see PageText.sizes). first, last: where its characters stand in PageText.text.
    """

    x: float
    y: float
    x0: float
    x1: float
    size: float
    first: int
    last: int
    text: str


class Segment(NamedTuple):
    """A part of a line that a wide gap sets apart from the next: x0, x1, text."""

    x0: float
    x1: float
    text: str


@dataclass(slots=True)
class Line:
    """One printed line: page from 1, baseline, type size, and its parts from left to right."""

    page: int
    y: float
    size: float
    segments: list[Segment]

    @property
    def x0(self) -> float:
        return self.segments[0].x0

    @property
    def x1(self) -> float:
        return self.segments[-1].x1

    @property
    def text(self) -> str:
        segments = self.segments
        return segments[0].text if len(segments) == 1 else " ".join(segment.text for segment in segments)


def pieces_of(page: PageText) -> list[Piece]:
    """The pieces of a page, in the order of the file."""
    words = [(match.start(), match.end() - 1) for match in _WORD.finditer(page.text)]
    whole, apart = [(a, b) for a, b in words if a == b], [(a, b) for a, b in words if a != b]
    # Where the file draws each character by itself, its order is not to be relied on, nor the way from one to the next.
    if page.rectangles < 0.5 * page.visible:
        ends = zip(page.objects([a for a, _ in apart]), page.objects([b for _, b in apart]), strict=True)
        scattered = {word for word, (first, last) in zip(apart, ends, strict=True) if first != last}
        whole, apart = [word for word in words if word not in scattered], sorted(scattered)
    pieces, bent = _whole_words(page, whole)
    if apart or bent:
        pieces += _by_character(page, [k for a, b in [*apart, *bent] for k in range(a, b + 1)])
        pieces.sort(key=attrgetter("first"))
    return pieces


def _whole_words(page: PageText, words: list[tuple[int, int]]) -> tuple[list[Piece], list[tuple[int, int]]]:
    """Pieces of words (first, last character) that are drawn in one go, by their first and last glyphs alone; and the
    words among them that do not run from left to right."""
    ends = zip(*page.boxes([b for a, b in words if a != b]), strict=True)
    text = page.text
    pieces: list[Piece] = []
    bent: list[tuple[int, int]] = []
    for (a, b), x0, x1, low, high in zip(words, *page.boxes([a for a, _ in words]), strict=True):
        if a == b:
            pieces.append(Piece(x0, x1, (x0 + x1) / 2, (x0 + x1) / 2, (low + high) / 2, a, b, text[a]))
            continue
        last_x0, last_x1, last_low, last_high = next(ends)
        if last_low > high or low > last_high or last_x0 <= x0:
            bent.append((a, b))
        else:
            head, tail = (x0 + x1) / 2, (last_x0 + last_x1) / 2
            pieces.append(Piece(x0, last_x1, head, tail, (low + high) / 2, a, b, text[a : b + 1]))
    return pieces, bent


def _by_character(page: PageText, index: list[int]) -> list[Piece]:
    """Pieces of characters that must each be looked at; they break where in doubt, as they are joined again later."""
    left, right, bottom, top = page.boxes(index)
    # At white space, at a gap of 4 points, where the next glyph is not to the right, and where they do not overlap in
    # height.
    steps = zip(index, index[1:], left, right, left[1:], bottom, bottom[1:], top, top[1:], strict=False)
    breaks = [
        i
        for i, (k, k_next, x0, x1, x0_next, low, low_next, high, high_next) in enumerate(steps, 1)
        if k_next - k != 1 or not -2.0 < x0_next - x1 < 4.0 or x0_next <= x0 or low_next > high or low > high_next
    ]
    pieces = []
    for a, end in zip([0, *breaks], [*breaks, len(index)], strict=True):
        b = end - 1
        head, tail, middle = (left[a] + right[a]) / 2, (left[b] + right[b]) / 2, (bottom[a] + top[a]) / 2
        first, last = index[a], index[b]
        pieces.append(Piece(left[a], right[b], head, tail, middle, first, last, page.text[first : last + 1]))
    return pieces


def split_piece(piece: Piece, page: PageText) -> list[Piece]:
    """The parts of a piece that the file draws as texts of their own; head and tail of each are its middle."""
    numbers = range(piece.first, piece.last + 1)
    objects = page.objects(numbers)
    left, right, bottom, top = page.boxes(numbers)
    starts = [0, *(i for i in range(1, len(objects)) if objects[i] != objects[i - 1])]
    parts = []
    for a, end in zip(starts, [*starts[1:], len(objects)], strict=True):
        x0, x1, middle = left[a], right[end - 1], (bottom[a] + top[a]) / 2
        first, last = numbers[a], numbers[end - 1]
        centre = (x0 + x1) / 2
        parts.append(Piece(x0, x1, centre, centre, middle, first, last, page.text[first : last + 1]))
    return parts


def measured(pieces: Sequence[Piece], page: PageText) -> list[Run]:
    """The runs that pieces are."""
    firsts = [piece.first for piece in pieces]
    return [
        Run(x, y, piece.x0, piece.x1, size, piece.first, piece.last, piece.text)
        for piece, x, y, size in zip(pieces, *page.origins(firsts), page.sizes(firsts), strict=True)
    ]


def rows_of(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs put in lines, top to bottom, each from left to right."""
    if not runs:
        return []
    ordered = sorted(runs, key=attrgetter("y"), reverse=True)
    rows = [[ordered[0]]]
    for run in ordered[1:]:
        first = rows[-1][0]
        if first.y - run.y <= max(BASELINE, 0.3 * min(first.size, run.size)):
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        if len(row) > 1:
            row.sort(key=attrgetter("x0"))
    return rows


def segments_of(row: Sequence[Run], page: PageText) -> list[Segment]:
    """The runs of one line joined; a gap of about a character's width and more begins a new segment."""
    if len(row) == 1:
        run = row[0]
        return [Segment(run.x0, run.x1, run.text)]
    size = max(run.size for run in row)
    segments: list[Segment] = []
    x0, x1, parts = row[0].x0, row[0].x1, [row[0].text]
    for before, run in pairwise(row):
        gap = run.x0 - before.x1
        if gap > 0.15 * size or run.first - before.last > 1:
            ascii_before, ascii_after = before.text[-1] < "\x7f", run.text[0] < "\x7f"
            if gap > (1.0 if ascii_before or ascii_after else 1.4) * size:
                segments.append(Segment(x0, x1, "".join(parts)))
                x0, x1, parts = run.x0, run.x1, []
            elif ascii_before and ascii_after and _blank_between(before, run, gap / size, page):
                parts.append(" ")
        parts.append(run.text)
        x1 = max(x1, run.x1)
    segments.append(Segment(x0, x1, "".join(parts)))
    return segments


def _blank_between(before: Run, run: Run, gap: float, page: PageText) -> bool:
    """Whether a blank stands between two runs of ASCII: one that the file has, or a gap (in type sizes) like one."""
    if run.first - before.last == 1:
        return gap > 0.5
    return gap > 0.35 or page.has_blank_before(run.first)


def cell_text(runs: Sequence[Run], page: PageText, width: float) -> str:
    """The text of one cell, `width` points wide. Lines that were wrapped are joined, other lines end in "\\n"."""
    if len(runs) == 1:
        return runs[0].text
    rows = rows_of(runs)
    if len(rows) > 1:
        direction = _direction(runs, page)
        if direction != "right":
            return _upright_text(runs, page, direction)
    lines = [segments_of(row, page) for row in rows]
    text = " ".join([segment.text for segment in lines[0]])
    if len(lines) == 1:
        return text
    size = max(run.size for run in runs)
    for line, following in pairwise(lines):
        used = line[-1].x1 - line[0].x0
        wrapped = width - used < size + PADDING + 2.0
        # Two short numbers below one another are two numbers.
        if wrapped and text[-1].isdecimal() and following[0].text[0].isdecimal():
            wrapped = len(line[0].text) >= 4
        text += ("" if wrapped else "\n") + " ".join([segment.text for segment in following])
    return text


def _direction(runs: Sequence[Run], page: PageText) -> str:
    """right, up or down: where most steps from a character to the next one in the file lead."""
    right = sum(run.last - run.first for run in runs)
    up = down = 0
    for before, run in pairwise(runs):
        # pdfium puts up to two characters of white space between.
        if run.first - before.last > 3:
            continue
        dx, dy = run.x - before.x, run.y - before.y
        centre = (run.x0 + run.x1 - before.x0 - before.x1) / 2
        if abs(dy) < 0.4 * run.size:
            right += dx > 0
        elif min(abs(centre), abs(dx)) < 0.3 * abs(dy):
            up, down = up + (dy > 0), down + (dy < 0)
    if up > max(right, down):
        return "up"
    return "down" if down > right else "right"


def _upright_text(runs: Sequence[Run], page: PageText, direction: str) -> str:
    """The text of a cell that runs up (columns from left to right) or down (columns from right to left)."""
    ordered = sorted(runs, key=lambda run: run.x0 + run.x1)
    size = max(run.size for run in runs)
    columns = [[ordered[0]]]
    for before, run in pairwise(ordered):
        if (run.x0 + run.x1 - before.x0 - before.x1) / 2 > 0.6 * size:
            columns.append([])
        columns[-1].append(run)
    if direction == "up":
        return "".join(run.text for column in columns for run in sorted(column, key=attrgetter("y")))
    return "".join(_stacked_text(column, page) for column in reversed(columns))


def _stacked_text(column: Sequence[Run], page: PageText) -> str:
    """The lines of one column joined; numbers below one another stay apart, unless they stand as close as digits do."""
    rows = rows_of(column)
    text = ""
    for i, row in enumerate(rows):
        part = " ".join(segment.text for segment in segments_of(row, page))
        far = i > 0 and rows[i - 1][0].y - row[0].y > 0.9 * row[0].size
        text += "\n" + part if far and text[-1].isdecimal() and part[0].isdecimal() else part
    return text
