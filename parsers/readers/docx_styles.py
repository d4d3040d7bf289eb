"""What the paragraph styles of a Word file say: which are headings, and which number their paragraphs.

A styles.xml is often five times as large as the document (350 KB in python-docx's template), and a document uses a
handful of its styles: these are cut out of the bytes and parsed alone, which is 20 times faster than parsing it all.
"""

import codecs
import re
from typing import NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

from parsers.readers.docx_names import Names

_HEADING = re.compile(r"(?:heading|标题)\s*[1-9]|(?:sub)?title|标题|副标题", re.I)
# Styles are based on one another; a longer chain than this is a circle.
_LONGEST_CHAIN = 12
BODY_LEVEL = "9"
_START = re.compile(rb"<(?:([\w.-]+):)?style\s")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Style(NamedTuple):
    """heading: it marks headings or titles. number, level: its list (w:numId) and level as written, None without."""

    heading: bool = False
    number: str | None = None
    level: str | None = None


class Styles:
    """The paragraph styles by id, resolved when first asked for."""

    def __init__(self, data: bytes | None, names: Names) -> None:
        """data: styles.xml, None without."""
        data = data or b""
        self._data = data.decode("utf-16", "replace").encode() if data.startswith(_UTF16) else data
        self._quote = b'"' if b'styleId="' in self._data else b"'"
        self._names = names
        self._known: dict[str, Style] = {}

    def get(self, style_id: str) -> Style:
        """The style of that id; an unknown one says nothing."""
        style = self._known.get(style_id)
        if style is None:
            style = self._known[style_id] = self._resolve(style_id)
        return style

    def _resolve(self, style_id: str) -> Style:
        names, val = self._names, self._names("val")
        heading: bool | None = None
        number = level = None
        for _ in range(_LONGEST_CHAIN):
            element = self._cut_out(style_id)
            if element is None:
                break
            name = element.find(names("name"))
            outline = element.find(f"{names('pPr')}/{names('outlineLvl')}")
            if heading is None and outline is not None:
                heading = outline.get(val) != BODY_LEVEL
            if heading is None and name is not None and _HEADING.fullmatch((name.get(val) or "").strip()):
                heading = True
            listed = element.find(f"{names('pPr')}/{names('numPr')}")
            if listed is not None:
                number = number or _value(listed, names("numId"), val)
                level = level or _value(listed, names("ilvl"), val)
            based_on = element.find(names("basedOn"))
            if based_on is None:
                break
            style_id = based_on.get(val) or ""
        return Style(bool(heading), number, level)

    def _cut_out(self, style_id: str) -> etree._Element | None:
        key = escape(style_id, {'"': "&quot;"}).encode()
        at = self._data.find(b"styleId=%s%s%s" % (self._quote, key, self._quote))
        begin = self._data.rfind(b"<", 0, max(at, 0))
        start = _START.match(self._data, begin) if begin >= 0 else None
        end = self._data.find(b"style>", at) + len(b"style>")
        if start is None or end <= at:
            return None
        declared = b"xmlns:" + start.group(1) if start.group(1) else b"xmlns"
        wrapped = b'<styles %s="%s">%s</styles>' % (declared, self._names.uri.encode(), self._data[begin:end])
        # recover: prefixes of extensions (w14) that the style uses are declared outside of what was cut out.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        root = etree.fromstring(wrapped, parser)
        return None if root is None or not len(root) else root[0]


def _value(parent: etree._Element, tag: str, attribute: str) -> str | None:
    child = parent.find(tag)
    return None if child is None else child.get(attribute)
