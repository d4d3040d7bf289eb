"""What pdfium knows of one page, fetched in bulk: characters with their places, objects with their bounds.

A call from Python into pdfium costs far more than pdfium's own work, and a page has thousands of characters. So the
calls are made by `map` over whole pages: handles and addresses go as plain integers, and results land in one buffer.
"""

import ctypes
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any
from unicodedata import normalize

import pypdfium2.raw as pdfium_c

from parsers.blocks import Box

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_POINTER, _INT = ctypes.c_void_p, ctypes.c_int


def address(handle: Any) -> int:
    """The plain address behind a handle of pdfium, or of one of its functions."""
    return ctypes.cast(handle, _POINTER).value or 0


def _plain(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The same C function with integers for pointers; it keeps the interpreter lock, as each call takes under 1 µs."""
    return ctypes.PYFUNCTYPE(result, *arguments)(address(function))


_char_box = _plain(pdfium_c.FPDFText_GetCharBox, _INT, _POINTER, _INT, _POINTER, _POINTER, _POINTER, _POINTER)
_char_origin = _plain(pdfium_c.FPDFText_GetCharOrigin, _INT, _POINTER, _INT, _POINTER, _POINTER)
_char_code = _plain(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint, _POINTER, _INT)
_page_object = _plain(pdfium_c.FPDFPage_GetObject, _POINTER, _POINTER, _INT)
_form_object = _plain(pdfium_c.FPDFFormObj_GetObject, _POINTER, _POINTER, ctypes.c_ulong)
_object_type = _plain(pdfium_c.FPDFPageObj_GetType, _INT, _POINTER)
_object_bounds = _plain(pdfium_c.FPDFPageObj_GetBounds, _INT, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)
_draw_mode = _plain(pdfium_c.FPDFPath_GetDrawMode, _INT, _POINTER, _POINTER, _POINTER)
_count_segments = _plain(pdfium_c.FPDFPath_CountSegments, _INT, _POINTER)
_object_matrix = _plain(pdfium_c.FPDFPageObj_GetMatrix, _INT, _POINTER, _POINTER)

PATH, IMAGE, FORM = pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_FORM
LINE, CURVE, MOVE = pdfium_c.FPDF_SEGMENT_LINETO, pdfium_c.FPDF_SEGMENT_BEZIERTO, pdfium_c.FPDF_SEGMENT_MOVETO

# CJK radicals that some producers write for the characters that look like them; those of the block U+2F00 fold by NFKC,
# these do not.
_RADICALS = dict(
    zip(
        "⺟⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻥⻦⻩⻬⻮⻰⻳",
        "母民西见角贝车长门青韦页风飞食马鱼鸟黄齐齿龙龟",
        strict=True,
    )
)
# White space of any kind becomes a blank; U+FFFE and 2 are pdfium's marks for a hyphen at the end of a line; a glyph
# without a character (0) stays visible as U+FFFD, so that no cell looks blank that is not.
_TIDY = str.maketrans(
    {
        **_RADICALS,
        **{chr(code): normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)},
        **dict.fromkeys("\u00a0\u00ad\u1680\u2028\u2029\u202f\u205f\u3000\u200b\u200c\u200d\u2060\ufeff", " "),
        **{chr(code): " " for code in range(0x2000, 0x200B)},
        "\ufffe": "-",
        "\x02": "-",
        "\x00": "\ufffd",
    }
)


@dataclass(slots=True)
class Characters:
    """The visible characters of a page, in the order of the file; all lists run in parallel.

    text: one character each, none of them white space. index: its number among all characters of the page; a step of
    more than one means white space between. left, right, bottom, top: the glyph's box in points.
    """

    text: str
    index: list[int]
    left: list[float]
    right: list[float]
    bottom: list[float]
    top: list[float]


@dataclass(slots=True, frozen=True)
class Frame:
    """How a page is shown: quarter turns clockwise, and the visible box (left, bottom, right, top) of its own space."""

    turns: int
    box: Box

    @property
    def plain(self) -> bool:
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


def characters(textpage: Any, frame: Frame) -> Characters:
    """All visible characters of a text page (a handle of pypdfium2.raw), placed as the page is shown."""
    handle, total = address(textpage), pdfium_c.FPDFText_CountChars(textpage)
    text = _page_text(textpage, handle, total).translate(_TIDY)
    index = [k for k, char in enumerate(text) if char > " "]
    count = len(index)
    buffer = array("d", bytes(32 * count))
    start, span = buffer.buffer_info()[0], 8 * count
    targets = [range(start + i * span, start + (i + 1) * span, 8) for i in range(4)]
    _run_all(map(_char_box, repeat(handle), index, *targets))
    values = buffer.tolist()
    left, right, bottom, top = (values[i * count : (i + 1) * count] for i in range(4))
    if not frame.plain:
        left, right, bottom, top = _boxes_as_shown(left, right, bottom, top, frame.matrix)
    return Characters("".join([text[k] for k in index]), index, left, right, bottom, top)


def origins(textpage: Any, index: Sequence[int], frame: Frame) -> tuple[list[float], list[float]]:
    """x and y of the origins of some characters, by their numbers on the page (Characters.index)."""
    count = len(index)
    buffer = array("d", bytes(16 * count))
    start, span = buffer.buffer_info()[0], 8 * count
    x, y = range(start, start + span, 8), range(start + span, start + 2 * span, 8)
    _run_all(map(_char_origin, repeat(address(textpage)), index, x, y))
    values = buffer.tolist()
    if frame.plain:
        return values[:count], values[count:]
    shown = [moved(*point, frame.matrix) for point in zip(values[:count], values[count:], strict=True)]
    return [point[0] for point in shown], [point[1] for point in shown]


def child_objects(parent: int, *, form: bool = False) -> tuple[list[int], list[int]]:
    """The addresses and the types of all objects of a page, or of a form object, in drawing order."""
    pointer = ctypes.c_void_p(parent)
    if form:
        count = pdfium_c.FPDFFormObj_CountObjects(ctypes.cast(pointer, pdfium_c.FPDF_PAGEOBJECT))
    else:
        count = pdfium_c.FPDFPage_CountObjects(ctypes.cast(pointer, pdfium_c.FPDF_PAGE))
    children = list(map(_form_object if form else _page_object, repeat(parent), range(max(count, 0))))
    return children, list(map(_object_type, children))


def bounds(objects: Sequence[int]) -> list[Box]:
    """(left, bottom, right, top) of each object, in the space of the page or form that holds it."""
    count = len(objects)
    buffer = array("f", bytes(16 * count))
    start = buffer.buffer_info()[0]
    _run_all(map(_object_bounds, objects, *(range(start + 4 * i, start + 4 * i + 16 * count, 16) for i in range(4))))
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
    _run_all(map(_draw_mode, paths, range(start, start + 8 * count, 8), range(start + 4, start + 4 + 8 * count, 8)))
    modes = iter(buffer.tolist())
    return [(bool(f), bool(s), n) for f, s, n in zip(modes, modes, map(_count_segments, paths), strict=True)]


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


def _run_all(calls: Iterable[object]) -> None:
    deque(calls, maxlen=0)


def _page_text(textpage: Any, handle: int, total: int) -> str:
    """One character for each of pdfium's; in a single call where that gives one code unit for each."""
    if total <= 0:
        return ""
    buffer = (ctypes.c_ushort * (total + 1))()
    written = pdfium_c.FPDFText_GetText(textpage, 0, total, buffer)
    if written == total + 1:
        text = bytes(buffer)[: 2 * total].decode("utf-16-le", "surrogatepass")
        if len(text) == total:
            return text
    codes = map(_char_code, repeat(handle), range(total))
    return "".join([chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes])


def _boxes_as_shown(
    left: list[float], right: list[float], bottom: list[float], top: list[float], matrix: Matrix
) -> tuple[list[float], list[float], list[float], list[float]]:
    corners = [
        (*moved(x0, y0, matrix), *moved(x1, y1, matrix))
        for x0, y0, x1, y1 in zip(left, bottom, right, top, strict=True)
    ]
    return (
        [min(x0, x1) for x0, _, x1, _ in corners],
        [max(x0, x1) for x0, _, x1, _ in corners],
        [min(y0, y1) for _, y0, _, y1 in corners],
        [max(y0, y1) for _, y0, _, y1 in corners],
    )
