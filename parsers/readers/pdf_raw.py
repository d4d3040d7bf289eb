"""pdfium's functions, called in bulk: the objects of a page with their bounds, and how the page is shown.

A call from Python into pdfium costs far more than pdfium's own work, and a page has thousands of characters and
objects. So the calls are made by `map` over whole pages, with as little conversion of arguments as ctypes allows.
"""

import ctypes
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import pypdfium2.raw as pdfium_c

from parsers.blocks import Box

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_POINTER, _INT = ctypes.c_void_p, ctypes.c_int


def address(handle: Any) -> int:
    """The plain address behind a handle of pdfium, or of one of its functions."""
    return ctypes.cast(handle, _POINTER).value or 0


def typed(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The same C function, taking integers for pointers."""
    return ctypes.PYFUNCTYPE(result, *arguments)(address(function))


def untyped(function: Any, result: Any) -> Callable[..., Any]:
    """The same C function without conversion of arguments, twice as fast: it takes Python integers for C's int, and
    for a pointer only what ctypes.c_void_p or ctypes.byref gave."""
    return ctypes.PYFUNCTYPE(result)(address(function))


def run_all(calls: Iterable[object]) -> None:
    """Make all calls of an iterator, for their effects."""
    deque(calls, maxlen=0)


_page_object = untyped(pdfium_c.FPDFPage_GetObject, ctypes.c_size_t)
_form_object = typed(pdfium_c.FPDFFormObj_GetObject, _POINTER, _POINTER, ctypes.c_ulong)
_object_type = typed(pdfium_c.FPDFPageObj_GetType, _INT, _POINTER)
_object_bounds = typed(pdfium_c.FPDFPageObj_GetBounds, _INT, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)
_object_matrix = typed(pdfium_c.FPDFPageObj_GetMatrix, _INT, _POINTER, _POINTER)
_draw_mode = typed(pdfium_c.FPDFPath_GetDrawMode, _INT, _POINTER, _POINTER, _POINTER)
_count_segments = typed(pdfium_c.FPDFPath_CountSegments, _INT, _POINTER)

TEXT, PATH = pdfium_c.FPDF_PAGEOBJ_TEXT, pdfium_c.FPDF_PAGEOBJ_PATH
IMAGE, FORM = pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_FORM
LINE, CURVE, MOVE = pdfium_c.FPDF_SEGMENT_LINETO, pdfium_c.FPDF_SEGMENT_BEZIERTO, pdfium_c.FPDF_SEGMENT_MOVETO


@dataclass(slots=True, frozen=True)
class Frame:
    """How a page is shown: quarter turns clockwise, and the visible box (left, bottom, right, top) of its own space."""

    turns: int
    box: Box

    @property
    def plain(self) -> bool:
        """Whether the page's own space is the space as shown."""
        return self.turns == 0 and self.box[0] == 0 and self.box[1] == 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown."""
        width, height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        return (height, width) if self.turns % 2 else (width, height)

    @property
    def matrix(self) -> Matrix:
        """From the page's own space to points from the lower left corner of the page as shown."""
        left, bottom, right, top = self.box
        return (
            (1.0, 0.0, 0.0, 1.0, -left, -bottom),
            (0.0, -1.0, 1.0, 0.0, -bottom, right),
            (-1.0, 0.0, 0.0, -1.0, right, top),
            (0.0, 1.0, -1.0, 0.0, top, -left),
        )[self.turns]


def page_frame(page: Any) -> Frame:
    """How pdfium shows the page (a handle of pypdfium2.raw)."""
    rect = pdfium_c.FS_RECTF()
    pdfium_c.FPDF_GetPageBoundingBox(page, rect)
    return Frame(pdfium_c.FPDFPage_GetRotation(page) % 4, (rect.left, rect.bottom, rect.right, rect.top))


def page_objects(page: Any) -> tuple[list[int], list[int]]:
    """The addresses and the types of all objects of a page (a handle of pypdfium2.raw), in drawing order."""
    count = max(pdfium_c.FPDFPage_CountObjects(page), 0)
    objects = list(map(_page_object, repeat(_POINTER(address(page))), range(count)))
    return objects, list(map(_object_type, objects))


def form_objects(form: int) -> tuple[list[int], list[int]]:
    """The addresses and the types of all objects inside a form object."""
    count = pdfium_c.FPDFFormObj_CountObjects(ctypes.cast(form, pdfium_c.FPDF_PAGEOBJECT))
    objects = list(map(_form_object, repeat(form), range(max(count, 0))))
    return objects, list(map(_object_type, objects))


def bounds(objects: Sequence[int]) -> list[Box]:
    """(left, bottom, right, top) of each object, in the space of the page or form that holds it."""
    count = len(objects)
    buffer = array("f", bytes(16 * count))
    start = buffer.buffer_info()[0]
    run_all(map(_object_bounds, objects, *(range(start + 4 * i, start + 4 * i + 16 * count, 16) for i in range(4))))
    values = iter(buffer.tolist())
    return list(zip(values, values, values, values, strict=True))


def object_matrix(obj: int) -> Matrix:
    """The matrix from an object's own space to that of the page or form that holds it."""
    buffer = array("f", bytes(24))
    if not _object_matrix(obj, buffer.buffer_info()[0]):
        return IDENTITY
    a, b, c, d, e, f = buffer
    return (a, b, c, d, e, f)


def path_facts(paths: Sequence[int]) -> list[tuple[bool, bool, int]]:
    """(filled, stroked, number of segments) of each path."""
    count = len(paths)
    buffer = array("i", bytes(8 * count))
    start = buffer.buffer_info()[0]
    run_all(map(_draw_mode, paths, range(start, start + 8 * count, 8), range(start + 4, start + 4 + 8 * count, 8)))
    modes = iter(buffer.tolist())
    return [(f != 0, s != 0, n) for f, s, n in zip(modes, modes, map(_count_segments, paths), strict=True)]


def path_segments(path: int) -> Iterator[tuple[int, float, float, bool]]:
    """(MOVE, LINE or CURVE, x, y of its end in the path's own space, whether it closes its subpath) of each segment."""
    handle = ctypes.cast(path, pdfium_c.FPDF_PAGEOBJECT)
    x, y = ctypes.c_float(), ctypes.c_float()
    for i in range(_count_segments(path)):
        segment = pdfium_c.FPDFPath_GetPathSegment(handle, i)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        yield kind, x.value, y.value, bool(pdfium_c.FPDFPathSegment_GetClose(segment))


def concat(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that does `inner` first and `outer` then."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    """A point carried through a matrix."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
