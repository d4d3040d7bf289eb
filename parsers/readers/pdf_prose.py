"""Paragraphs from printed lines.

A line ends a paragraph if the first word of the next line would still have fitted on it; an indented line and a heading
begin one. The margins are those of all lines of the document, so that a page with three lines is judged like the rest.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from parsers.blocks import Paragraph
from parsers.readers.pdf_text import Line

# 一、总体情况  （一）主动公开情况  第二部分
_NUMERAL = "[一二三四五六七八九十]{1,3}"
_SECTION = re.compile(rf"{_NUMERAL}\s*[、．.]|第{_NUMERAL}[章节部]")
_HEADING = re.compile(rf"{_SECTION.pattern}|[（(]{_NUMERAL}[）)]")
_FIRST_WORD = re.compile(r"[!-~]+")
# - 3 -   3   — 3 —   第3页   第 3 页 共 5 页   3/5   Page 3 of 5
_DASHES = r"[-—–－―─~·•\s]*"
_PAGE_NUMBER = re.compile(
    rf"{_DASHES}\d{{1,3}}{_DASHES}"
    r"|第\s*\d{1,3}\s*页[\s,，/]*(?:[（(]?共\s*\d{1,3}\s*页[）)]?)?"
    r"|\d{1,3}\s*/\s*\d{1,3}"
    r"|[Pp]age\s*\d{1,3}(?:\s*of\s*\d{1,3})?"
)
EDGE = 0.13  # the part of the page's height, above and below, in which a page number stands


@dataclass(slots=True, frozen=True)
class Margins:
    """The left and right edge of the text and its usual size and line pitch, all in points."""

    left: float
    right: float
    size: float
    pitch: float


def is_section(text: str) -> bool:
    """Whether a line begins like the heading of a section: 一、 第一部分."""
    return _SECTION.match(text) is not None


def is_heading(text: str) -> bool:
    """Whether a line begins like a heading of the form: 一、 （一） 第一部分."""
    return _HEADING.match(text) is not None


def without_page_number(lines: list[Line], height: float) -> list[Line]:
    """The lines of a page (top to bottom) without a page number as the first or the last of them."""
    kept = list(lines)
    if kept and kept[-1].y < EDGE * height and _PAGE_NUMBER.fullmatch(kept[-1].text):
        kept.pop()
    if kept and kept[0].y > (1 - EDGE) * height and _PAGE_NUMBER.fullmatch(kept[0].text):
        kept.pop(0)
    return kept


def margins_of(lines: Sequence[Line], width: float) -> Margins:
    """The margins of a document whose pages are `width` points wide."""
    if not lines:
        return Margins(0.0, width, 10.0, 15.0)
    widest = max(line.x1 - line.x0 for line in lines)
    wide = [line for line in lines if line.x1 - line.x0 >= 0.6 * widest]
    left, right = min(line.x0 for line in wide), max(line.x1 for line in wide)
    if widest < 0.55 * width:
        right = max(right, width - left)
    pitches = [a.y - b.y for a, b in pairwise(lines) if a.page == b.page and 0 < a.y - b.y < 60]
    size = median(line.size for line in wide)
    return Margins(left, right, size, median(pitches) if pitches else 1.8 * size)


def paragraphs(lines: Sequence[Line], margins: Margins) -> list[Paragraph]:
    """Lines that nothing else stands between, joined to paragraphs; those of a large centred title are one heading."""
    found: list[Paragraph] = []
    group: list[Line] = []
    for line in lines:
        if group and _begins(line, group[-1], margins):
            found.append(_paragraph(group, margins))
            group = []
        group.append(line)
    if group:
        found.append(_paragraph(group, margins))
    return found


def _paragraph(group: list[Line], margins: Margins) -> Paragraph:
    text = group[0].text
    for line in group[1:]:
        # Chinese is wrapped anywhere; only between two Latin letters does the end of a line stand for a blank.
        latin = text[-1].isascii() and text[-1].isalpha() and line.text[0].isascii() and line.text[0].isalpha()
        text += " " + line.text if latin else line.text
    return Paragraph(text, group[0].page, heading=_is_title(group[0], margins))


def _begins(line: Line, before: Line, margins: Margins) -> bool:
    """Whether a line begins a paragraph, after `before`."""
    text = line.text
    if is_heading(text):
        return True
    if _is_title(before, margins) or _is_title(line, margins):
        near = before.page == line.page and before.y - line.y < 2.4 * max(before.size, line.size)
        alike = 0.85 < line.size / before.size < 1.18
        return not (near and alike and _is_title(before, margins) and _is_title(line, margins))
    if line.page == before.page and before.y - line.y > 1.7 * margins.pitch:
        return True
    indented = line.x0 - margins.left > 1.2 * margins.size
    if indented and not (before.x0 - margins.left > 1.2 * margins.size and abs(before.x0 - line.x0) < 2.0):
        return True
    # A line may end two characters early, since no line begins with a full stop.
    word = _FIRST_WORD.match(text)
    needed = margins.size * max(2.2, 0.55 * len(word.group()) + 1.0 if word else 0.0)
    return margins.right - before.x1 > needed


def _is_title(line: Line, margins: Margins) -> bool:
    """A line of large type in the middle of the page."""
    left, right = line.x0 - margins.left, margins.right - line.x1
    return line.size > 1.2 * margins.size and abs(left - right) < 2.5 * line.size
