"""The ruling lines of a PDF page: where horizontal and vertical rules run.

Word and WPS fill thin rectangles, LibreOffice and reportlab stroke lines, others stroke whole rectangles or one path of
many segments. All of them count; shading, curves and drawings do not.
"""

from itertools import pairwise
from typing import NamedTuple

from parsers.readers.pdf_raw import (
    CURVE,
    FORM,
    IDENTITY,
    IMAGE,
    MOVE,
    PATH,
    Frame,
    Matrix,
    bounds,
    concat,
    form_objects,
    moved,
    object_matrix,
    path_facts,
    path_segments,
)

THIN = 3.0  # points: what is at most this thick is a rule
MAX_SEGMENTS = 20_000  # looked at on one page; only a drawing has more
MAX_OBJECTS = 200_000  # looked at in the forms of one page
MAX_DEPTH = 4  # forms within forms

Point = tuple[float, float]


class Rule(NamedTuple):
    """One straight rule: `at` is its y if it is horizontal, its x if vertical; it runs from `start` to `end`."""

    at: float
    start: float
    end: float


class PageRules(NamedTuple):
    """The rules of a page, and whether it shows an image."""

    horizontal: list[Rule]
    vertical: list[Rule]
    has_image: bool


def page_rules(objects: list[int], kinds: list[int], frame: Frame) -> PageRules:
    """All rules among the objects of a page (see pdf_raw.page_objects), placed as the page is shown.

    Form objects are entered only where the page itself has no rules: seals and logos are forms too.
    """
    collector = _Collector()
    collector.has_image = IMAGE in kinds
    outer = IDENTITY if frame.plain else frame.matrix
    collector.paths(_of_kind(PATH, objects, kinds), outer)
    if FORM in kinds and not (collector.horizontal and collector.vertical):
        for form in _of_kind(FORM, objects, kinds):
            collector.form(form, outer, MAX_DEPTH)
    return PageRules(collector.horizontal, collector.vertical, collector.has_image)


def _of_kind(kind: int, objects: list[int], kinds: list[int]) -> list[int]:
    return [obj for obj, its_kind in zip(objects, kinds, strict=True) if its_kind == kind]


class _Collector:
    """The rules found so far on one page; the budgets bound how much of a drawing is looked at."""

    def __init__(self) -> None:
        self.horizontal: list[Rule] = []
        self.vertical: list[Rule] = []
        self.has_image = False
        self.segments_left = MAX_SEGMENTS
        self.objects_left = MAX_OBJECTS

    def form(self, form: int, outer: Matrix, depth: int) -> None:
        """The rules inside a form object."""
        objects, kinds = form_objects(form)
        self.objects_left -= len(objects)
        if depth == 0 or self.objects_left < 0:
            return
        matrix = concat(object_matrix(form), outer)
        self.has_image = self.has_image or IMAGE in kinds
        self.paths(_of_kind(PATH, objects, kinds), matrix)
        for inner in _of_kind(FORM, objects, kinds):
            self.form(inner, matrix, depth - 1)

    def paths(self, paths: list[int], matrix: Matrix) -> None:
        """The rules among path objects of one space; `matrix` leads from there to the page."""
        large = []
        for path, (x0, y0, x1, y1) in zip(paths, bounds(paths), strict=True):
            if x1 - x0 > THIN and y1 - y0 > THIN:
                large.append(path)
            elif matrix is IDENTITY:
                self._span((x0, y0), (x1, y1))
            else:
                self._span(moved(x0, y0, matrix), moved(x1, y1, matrix))
        for path, (filled, stroked, segments) in zip(large, path_facts(large), strict=True):
            # Two thin rectangles have eight segments; what is filled with fewer is shading.
            if stroked or (filled and segments >= 8):
                self.segments_left -= segments
                if self.segments_left >= 0:
                    self._large(path, stroked, matrix)

    def _span(self, a: Point, b: Point) -> None:
        """A rule, if the box between two corners is long and thin."""
        x0, x1 = (a[0], b[0]) if a[0] <= b[0] else (b[0], a[0])
        y0, y1 = (a[1], b[1]) if a[1] <= b[1] else (b[1], a[1])
        if y1 - y0 <= THIN < x1 - x0:
            self.horizontal.append(Rule((y0 + y1) / 2, x0, x1))
        elif x1 - x0 <= THIN < y1 - y0:
            self.vertical.append(Rule((x0 + x1) / 2, y0, y1))

    def _large(self, path: int, stroked: bool, matrix: Matrix) -> None:
        """The rules in a path that is not thin as a whole: its straight edges if stroked, its thin parts if filled."""
        whole = concat(object_matrix(path), matrix)
        for points in _straight_subpaths(path):
            shown = [moved(x, y, whole) for x, y in points]
            if stroked:
                for start, end in pairwise(shown):
                    self._span(start, end)
            else:
                xs, ys = [x for x, _ in shown], [y for _, y in shown]
                self._span((min(xs), min(ys)), (max(xs), max(ys)))


def _straight_subpaths(path: int) -> list[list[Point]]:
    """The corners of each subpath without curves, back to the first corner where it is closed."""
    subpaths: list[list[Point]] = []
    curved: set[int] = set()
    for kind, x, y, closes in path_segments(path):
        if kind == MOVE or not subpaths:
            subpaths.append([])
        subpaths[-1].append((x, y))
        if kind == CURVE:
            curved.add(len(subpaths) - 1)
        if closes:
            subpaths[-1].append(subpaths[-1][0])
    return [points for i, points in enumerate(subpaths) if i not in curved]
