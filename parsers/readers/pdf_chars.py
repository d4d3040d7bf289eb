"""The characters of a PDF page with their places, fetched in bulk (see pdf_raw)."""

import ctypes
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any
from unicodedata import normalize

import pypdfium2.raw as pdfium_c

from parsers.readers.pdf_raw import Frame, Matrix, address, moved, run_all, typed, untyped

_char_box = untyped(pdfium_c.FPDFText_GetCharBox, ctypes.c_int)
_char_origin = untyped(pdfium_c.FPDFText_GetCharOrigin, ctypes.c_int)
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
    more than one means white space between. left, right, bottom, top: the glyph's box in points.
    """

    text: str
    index: list[int]
    left: list[float]
    right: list[float]
    bottom: list[float]
    top: list[float]


def characters(textpage: Any, frame: Frame) -> Characters:
    """All visible characters of a text page (a handle of pypdfium2.raw), placed as the page is shown."""
    text = _page_text(textpage)
    if not _UNTIDY.isdisjoint(text):
        text = text.translate(_TIDY)
    index = [k for k, char in enumerate(text) if char > " "]
    left, right, bottom, top = _ask(_char_box, textpage, index, 4)
    if not frame.plain:
        left, right, bottom, top = _boxes_as_shown(zip(left, bottom, right, top, strict=True), frame.matrix)
    return Characters("".join([text[k] for k in index]), index, left, right, bottom, top)


def origins(textpage: Any, index: Sequence[int], frame: Frame) -> tuple[list[float], list[float]]:
    """x and y of the origins of some characters, by their numbers on the page (Characters.index)."""
    x, y = _ask(_char_origin, textpage, index, 2)
    if frame.plain:
        return x, y
    shown = [moved(*point, frame.matrix) for point in zip(x, y, strict=True)]
    return [point[0] for point in shown], [point[1] for point in shown]


@cache
def _slots() -> tuple[array, list[list[Any]]]:
    """A buffer for CHUNK characters, and for each of four fields the references to its places.

    Making a reference costs as much as using it, so they are made once; readers must take turns (pdfium is not
    thread-safe either).
    """
    buffer = array("d", bytes(8 * 4 * CHUNK))
    shared = (ctypes.c_double * len(buffer)).from_buffer(buffer)
    return buffer, [[ctypes.byref(shared, 8 * (CHUNK * i + k)) for k in range(CHUNK)] for i in range(4)]


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
