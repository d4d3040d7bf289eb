"""A font made up for the benchmark: like the subset that a word processor embeds, with outlines that mean nothing."""

import math
from collections.abc import Iterable
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

_CORNERS = 30  # of each of a glyph's four strokes; a Chinese character has about 120 points
_LATIN_ENDS = 0x2000  # narrower letters below


def outline_font(characters: Iterable[str]) -> BytesIO:
    """A TrueType font with a glyph for each character."""
    names = {ord(character): f"u{ord(character):04X}" for character in characters}
    order = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: _glyph(number) for number, name in enumerate(order)})
    widths = {name: 1000 if code >= _LATIN_ENDS else 500 for code, name in names.items()}
    builder.setupHorizontalMetrics({".notdef": (500, 0)} | {name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Sandbox", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    file = BytesIO()
    builder.save(file)
    file.seek(0)
    return file


def _glyph(number: int) -> object:
    pen = TTGlyphPen(None)
    for stroke in range(4):
        x, y = 250 + 500 * (stroke % 2), 200 + 400 * (stroke // 2)
        radius = 120 + number * 7 % 60
        for corner in range(_CORNERS):
            angle = 2 * math.pi * corner / _CORNERS
            point = (int(x + radius * math.cos(angle)), int(y + radius * math.sin(angle)))
            (pen.lineTo if corner else pen.moveTo)(point)
        pen.closePath()
    return pen.glyph()
