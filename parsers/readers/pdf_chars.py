"""The characters of a PDF page with their places, fetched in bulk (see pdf_raw)."""

import ctypes
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from math import hypot
from typing import Any
from unicodedata import normalize

import pypdfium2.raw as pdfium_c

from parsers.readers.pdf_raw import TEXT, Frame, Matrix, address, bounds, moved, run_all, typed, untyped

_char_box = untyped(pdfium_c.FPDFText_GetCharBox, ctypes.c_int)
_char_origin = untyped(pdfium_c.FPDFText_GetCharOrigin, ctypes.c_int)
_loose_box = untyped(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_int)
_char_code = typed(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)

CHUNK = 1024  # characters that are asked for in one go

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
_UNTIDY = frozenset(map(chr, _TIDY))


@dataclass(slots=True)
class Characters:
    """The visible characters of a page, in the order of the file; all lists run in parallel.

    text: one character each, none of them white space. index: its number among all characters of the page; a step of
    more than one means white space between. left, right, bottom, top: the glyph's box in points. The methods ask
    pdfium, so they work while the text page is open.
    """

    textpage: Any

    text: str
    index: list[int]
    left: list[float]
    right: list[float]
    bottom: list[float]
    top: list[float]

    def one_object(self, a: int, b: int) -> bool:
        """Whether the file draws two characters (places in `text`) as one text object."""
        first, second = (pdfium_c.FPDFText_GetTextObject(self.textpage, self.index[i]) for i in (a, b))
        return address(first) == address(second)

    def blank_before(self, i: int) -> bool:
        """Whether the file itself has a blank before a character that follows white space; pdfium invents others."""
        return pdfium_c.FPDFText_IsGenerated(self.textpage, self.index[i] - 1) == 0


def characters(textpage: Any, frame: Frame) -> Characters:
    """All visible characters of a text page (a handle of pypdfium2.raw), placed as the page is shown."""
    text = _page_text(textpage)
    if not _UNTIDY.isdisjoint(text):
        text = text.translate(_TIDY)
    index = [k for k, char in enumerate(text) if char > " "]
    left, right, bottom, top = _ask(_char_box, textpage, index, 4)
    if not frame.plain:
        left, right, bottom, top = _boxes_as_shown(zip(left, bottom, right, top, strict=True), frame.matrix)
    return Characters(textpage, "".join([text[k] for k in index]), index, left, right, bottom, top)


def origins(textpage: Any, index: Sequence[int], frame: Frame) -> tuple[list[float], list[float]]:
    """x and y of the origins of some characters, by their numbers on the page (Characters.index)."""
    x, y = _ask(_char_origin, textpage, index, 2)
    if frame.plain:
        return x, y
    shown = [moved(*point, frame.matrix) for point in zip(x, y, strict=True)]
    return [point[0] for point in shown], [point[1] for point in shown]


def type_sizes(textpage: Any, index: Sequence[int]) -> list[float]:
    """The type size in points of some characters, as drawn: the longer side of the box that the font keeps free.

    It is 1.0 to 1.4 times the nominal size, depending on the font, and the same for all characters of one font.
    """
    buffer, references = _rect_slots()
    handle = repeat(ctypes.c_void_p(address(textpage)))
    sizes: list[float] = []
    for start in range(0, len(index), CHUNK):
        part = index[start : start + CHUNK]
        run_all(map(_loose_box, handle, part, references))
        rects = iter(buffer[: 4 * len(part)])
        sizes += [max(right - left, top - bottom) for left, top, right, bottom in zip(*[rects] * 4, strict=True)]
    # In vertical writing pdfium forgets the scale of that box.
    return [size if 4.0 < size < 60.0 else _nominal_size(textpage, k) for k, size in zip(index, sizes, strict=True)]


def _nominal_size(textpage: Any, k: int) -> float:
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFText_GetMatrix(textpage, k, matrix)
    return max(float(pdfium_c.FPDFText_GetFontSize(textpage, k)) * hypot(matrix.c, matrix.d), 1.0)


def lost_objects(textpage: Any, objects: Sequence[int], kinds: Sequence[int]) -> list[int]:
    """Text objects of a page that its text page has left out though they show something.

    pdfium passes over text without width, and takes a single Chinese character in a font that is neither embedded nor
    installed for such. There is a rectangle for each text object that counts, so most pages need no closer look.
    """
    if pdfium_c.FPDFText_CountRects(textpage, 0, -1) >= kinds.count(TEXT):
        return []
    texts = [obj for obj, kind in zip(objects, kinds, strict=True) if kind == TEXT]
    return [obj for obj, (x0, _, x1, _) in zip(texts, bounds(texts), strict=True) if x1 - x0 < 0.001]


def give_width(objects: Sequence[int]) -> None:
    """Make pdfium see text objects without width: as outlines they have the width of the pen."""
    for obj in objects:
        handle = ctypes.cast(obj, pdfium_c.FPDF_PAGEOBJECT)
        pdfium_c.FPDFTextObj_SetTextRenderMode(handle, pdfium_c.FPDF_TEXTRENDERMODE_STROKE)
        pdfium_c.FPDFPageObj_Transform(handle, 1, 0, 0, 1, 0, 0)  # has the bounds computed anew


@cache
def _slots() -> tuple[array, list[list[Any]]]:
    """A buffer for CHUNK characters, and for each of four fields the references to its places.

    Making a reference costs as much as using it, so they are made once; readers must take turns (pdfium is not
    thread-safe either).
    """
    buffer = array("d", bytes(8 * 4 * CHUNK))
    shared = (ctypes.c_double * len(buffer)).from_buffer(buffer)
    return buffer, [[ctypes.byref(shared, 8 * (CHUNK * i + k)) for k in range(CHUNK)] for i in range(4)]


@cache
def _rect_slots() -> tuple[array, list[Any]]:
    """The same for one rectangle (left, top, right, bottom) of each character."""
    buffer = array("f", bytes(4 * 4 * CHUNK))
    shared = (ctypes.c_float * len(buffer)).from_buffer(buffer)
    return buffer, [ctypes.byref(shared, 16 * k) for k in range(CHUNK)]


def _ask(function: Callable[..., int], textpage: Any, index: Sequence[int], fields: int) -> list[list[float]]:
    """What `function` says of each character: as many lists of numbers as it has fields."""
    buffer, references = _slots()
    handle = ctypes.c_void_p(address(textpage))
    answers: list[list[float]] = [[] for _ in range(fields)]
    for start in range(0, len(index), CHUNK):
        part = index[start : start + CHUNK]
        run_all(map(function, repeat(handle), part, *references[:fields]))
        for i, answer in enumerate(answers):
            answer += buffer[CHUNK * i : CHUNK * i + len(part)]
    return answers


def _page_text(textpage: Any) -> str:
    """One character for each of pdfium's; in a single call where that gives one code unit for each."""
    total = pdfium_c.FPDFText_CountChars(textpage)
    if total <= 0:
        return ""
    buffer = (ctypes.c_ushort * (total + 1))()
    written = pdfium_c.FPDFText_GetText(textpage, 0, total, buffer)
    if written == total + 1:
        text = bytes(buffer)[: 2 * total].decode("utf-16-le", "surrogatepass")
        if len(text) == total:
            return text
    codes = map(_char_code, repeat(address(textpage)), range(total))
    return "".join([chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes])


def _boxes_as_shown(boxes: Iterable[tuple[float, float, float, float]], matrix: Matrix) -> list[list[float]]:
    """left, right, bottom and top of boxes (left, bottom, right, top) carried through a matrix."""
    corners = [(*moved(x0, y0, matrix), *moved(x1, y1, matrix)) for x0, y0, x1, y1 in boxes]
    return [
        [min(x0, x1) for x0, _, x1, _ in corners],
        [max(x0, x1) for x0, _, x1, _ in corners],
        [min(y0, y1) for _, y0, _, y1 in corners],
        [max(y0, y1) for _, y0, _, y1 in corners],
    ]
