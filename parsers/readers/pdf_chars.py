"""The characters of a PDF page with their places, fetched in bulk (see pdf_raw)."""

import ctypes
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import repeat
from math import hypot
from typing import Any
from unicodedata import normalize

import pypdfium2.raw as pdfium_c

from parsers.blocks import Box
from parsers.readers.pdf_raw import TEXT, Frame, Matrix, address, bounds, moved, run_all, typed, untyped

_char_box = untyped(pdfium_c.FPDFText_GetCharBox, ctypes.c_int)
_char_origin = untyped(pdfium_c.FPDFText_GetCharOrigin, ctypes.c_int)
_text_object = untyped(pdfium_c.FPDFText_GetTextObject, ctypes.c_size_t)
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


def tidy(text: str) -> str:
    """The text character by character: radicals as characters, all white space but line ends as blanks, none lost."""
    return text if _UNTIDY.isdisjoint(text) else text.translate(_TIDY)


class PageText:
    """The characters of one page: its text, and what pdfium says of single characters while the text page is open.

    text: one character for each of pdfium's, so that a place in it is the number by which pdfium knows the character;
    white space of any kind is a blank or a line end. visible: how many characters are none.
    rectangles: see count_rectangles.
    """

    def __init__(self, textpage: Any, frame: Frame) -> None:
        """textpage: a handle of pypdfium2.raw. frame: how the page is shown; all places are given as shown."""
        self._textpage, self._frame = textpage, frame
        self._handle = ctypes.c_void_p(address(textpage))
        self.text = text = tidy(_page_text(textpage))
        self.rectangles = count_rectangles(textpage)
        self.visible = len(text) - sum(map(text.count, " \r\n"))

    def boxes(self, index: Sequence[int]) -> tuple[list[float], list[float], list[float], list[float]]:
        """Left, right, bottom and top of the glyphs."""
        left, right, bottom, top = self._ask(_char_box, index, 4)
        if self._frame.plain:
            return left, right, bottom, top
        return _boxes_as_shown(zip(left, bottom, right, top, strict=True), self._frame.matrix)

    def origins(self, index: Sequence[int]) -> tuple[list[float], list[float]]:
        """x and y of the origins; y is the baseline."""
        x, y = self._ask(_char_origin, index, 2)
        if self._frame.plain:
            return x, y
        shown = [moved(*point, self._frame.matrix) for point in zip(x, y, strict=True)]
        return [point[0] for point in shown], [point[1] for point in shown]

    def sizes(self, index: Sequence[int]) -> list[float]:
        """The type sizes in points, as drawn: the longer side of the box that the font keeps free.

        It is 1.0 to 1.4 times the nominal size, depending on the font, and the same for all characters of one font.
        """
        buffer, references = _rect_slots()
        sizes: list[float] = []
        for start in range(0, len(index), CHUNK):
            part = index[start : start + CHUNK]
            run_all(map(_loose_box, repeat(self._handle), part, references))
            rects = iter(buffer[: 4 * len(part)])
            sizes += [max(right - left, top - bottom) for left, top, right, bottom in zip(*[rects] * 4, strict=True)]
        # In vertical writing pdfium forgets the scale of that box.
        return [size if 4.0 < size < 60.0 else self._nominal_size(k) for k, size in zip(index, sizes, strict=True)]

    def objects(self, index: Sequence[int]) -> list[int]:
        """The text objects that draw them: one number for each object."""
        return list(map(_text_object, repeat(self._handle), index))

    def has_blank_before(self, k: int) -> bool:
        """Whether the file itself has a blank before a character that follows white space; pdfium invents others."""
        return pdfium_c.FPDFText_IsGenerated(self._textpage, k - 1) == 0

    def _nominal_size(self, k: int) -> float:
        matrix = pdfium_c.FS_MATRIX()
        pdfium_c.FPDFText_GetMatrix(self._textpage, k, matrix)
        return max(float(pdfium_c.FPDFText_GetFontSize(self._textpage, k)) * hypot(matrix.c, matrix.d), 1.0)

    def _ask(self, function: Callable[..., int], index: Sequence[int], fields: int) -> list[list[float]]:
        """What `function` says of each character: as many lists of numbers as it has fields."""
        buffer, references = _slots()
        answers: list[list[float]] = [[] for _ in range(fields)]
        for start in range(0, len(index), CHUNK):
            part = index[start : start + CHUNK]
            run_all(map(function, repeat(self._handle), part, *references[:fields]))
            for i, answer in enumerate(answers):
                answer += buffer[CHUNK * i : CHUNK * i + len(part)]
        return answers


def count_rectangles(textpage: Any) -> int:
    """About the number of text objects of a text page (a handle of pypdfium2.raw) that show something."""
    return pdfium_c.FPDFText_CountRects(textpage, 0, -1)


def lacks_font(objects: Sequence[int], kinds: Sequence[int]) -> bool:
    """Whether the first text of a page is in a font that the file does not hold. See pdf_raw.page_objects."""
    if TEXT not in kinds:
        return False
    font = pdfium_c.FPDFTextObj_GetFont(ctypes.cast(objects[kinds.index(TEXT)], pdfium_c.FPDF_PAGEOBJECT))
    return bool(font) and pdfium_c.FPDFFont_GetIsEmbedded(font) == 0


def without_width(objects: Sequence[int], kinds: Sequence[int]) -> list[int]:
    """The text objects of a page without width. See pdf_raw.page_objects.

    pdfium leaves them out of its text page, and takes for such a single Chinese character in a font that is neither
    embedded nor installed.
    """
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


def _boxes_as_shown(boxes: Iterable[Box], matrix: Matrix) -> tuple[list[float], list[float], list[float], list[float]]:
    """left, right, bottom and top of boxes (left, bottom, right, top) carried through a matrix."""
    corners = [(*moved(x0, y0, matrix), *moved(x1, y1, matrix)) for x0, y0, x1, y1 in boxes]
    return (
        [min(x0, x1) for x0, _, x1, _ in corners],
        [max(x0, x1) for x0, _, x1, _ in corners],
        [min(y0, y1) for _, y0, _, y1 in corners],
        [max(y0, y1) for _, y0, _, y1 in corners],
    )
