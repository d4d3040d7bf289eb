"""What the XML of a workbook says that python-calamine does not: borders, hidden rows and columns, error values.

Also the guard of python-calamine: it sees only parts that were checked here, so that a sheet with one cell in each
of two far corners cannot make it reserve 17 billion cells.
"""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field

from lxml import etree

from parsers.archives import Container
from parsers.errors import OversizedDocument, TruncatedDocument
from parsers.readers.office import parse_part

# The forms have some 300 cells; whole-year lists of an agency's documents some thousands.
MAX_CELLS = 200_000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_COPIED = ("[Content_Types].xml", "_rels/.rels", _WORKBOOK, _RELATIONS, "xl/sharedStrings.xml", "xl/styles.xml")
_ON = ("1", "true", "on")


@dataclass(slots=True)
class Sheet:
    """One visible worksheet. bordered: (row, column) of cells with a border; hidden rows and columns; all from 0."""

    name: str
    bordered: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def checked_workbook(container: Container) -> tuple[bytes, list[Sheet]]:
    """A workbook that is safe to hand to python-calamine, and its visible worksheets in order.

    Error values (#DIV/0!) are text in it. Raises OversizedDocument above MAX_CELLS cells, TruncatedDocument if a part
    is missing or damaged.
    """
    targets = _targets(container)
    bordered_styles = _bordered_styles(container)
    parts = {name: container.read(name) for name in _COPIED if name in container}
    sheets, cells = [], 0
    for element in parse_part(container, _WORKBOOK).iter("{*}sheet"):
        link = next((value for key, value in element.attrib.items() if etree.QName(key).localname == "id"), "")
        part = targets.get(str(link))
        if element.get("state", "visible") != "visible" or part is None:
            continue
        root = parse_part(container, part)
        if etree.QName(root).localname != "worksheet":
            continue  # a sheet that is one chart
        sheet = Sheet(element.get("name", ""))
        cells += _read_sheet(root, sheet, bordered_styles)
        if cells > MAX_CELLS:
            raise OversizedDocument(f"the workbook has more than {MAX_CELLS} cells; no report has")
        parts[part] = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        sheets.append(sheet)
    return _pack(parts), sheets


def _pack(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


def _targets(container: Container) -> dict[str, str]:
    """Relation id -> name of the part."""
    targets = {}
    for relation in parse_part(container, _RELATIONS).iter("{*}Relationship"):
        target = relation.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if path in container:
            targets[relation.get("Id", "")] = path
    return targets


def _bordered_styles(container: Container) -> set[str]:
    """The cell styles (index in cellXfs, as cells write it) that draw any border."""
    if "xl/styles.xml" not in container:
        return set()
    root = parse_part(container, "xl/styles.xml")
    borders = root.find("{*}borders")
    formats = root.find("{*}cellXfs")
    if borders is None or formats is None:
        return set()
    drawn = {
        str(place)
        for place, border in enumerate(borders.iterchildren("{*}border"))
        if any(side.get("style", "none") != "none" for side in border)
    }
    return {str(place) for place, style in enumerate(formats.iterchildren("{*}xf")) if style.get("borderId") in drawn}


def _read_sheet(root: etree._Element, sheet: Sheet, bordered_styles: set[str]) -> int:
    """Fill `sheet` from the XML and make error values text. Returns the size of the used area in cells."""
    hidden = bytearray(_LAST_COLUMN)
    for column in root.iter("{*}col"):
        if column.get("hidden") in _ON:
            first, last = _count(column.get("min"), _LAST_COLUMN), _count(column.get("max"), _LAST_COLUMN)
            hidden[first - 1 : last] = b"\1" * (last - first + 1)
    sheet.hidden_columns = {place for place, flag in enumerate(hidden) if flag} if any(hidden) else set()
    top, left, bottom, right = _LAST_ROW, _LAST_COLUMN, -1, -1
    number = -1
    for row in root.iter("{*}row"):
        number = _count(row.get("r"), _LAST_ROW) - 1 if row.get("r") else number + 1
        if row.get("hidden") in _ON:
            sheet.hidden_rows.add(number)
        place = (number, -1)
        for cell in row.iterchildren("{*}c"):
            reference = cell.get("r")
            place = _position(reference) if reference else (place[0], place[1] + 1)
            if cell.get("s") in bordered_styles:
                sheet.bordered.add(place)
            if cell.get("t") == "e":
                cell.set("t", "str")
            if len(cell):
                top, left = min(top, place[0]), min(left, place[1])
                bottom, right = max(bottom, place[0]), max(right, place[1])
    return max(bottom - top + 1, 0) * max(right - left + 1, 0)


def _count(text: str | None, most: int) -> int:
    if text is None or not text.isdecimal() or len(text) > 7 or not 1 <= int(text) <= most:
        raise TruncatedDocument(f"the workbook names a row or column {text!r}, which cannot be: fetch the file again")
    return int(text)


def _position(reference: str) -> tuple[int, int]:
    """Row and column from 0 of a reference such as B3."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise TruncatedDocument(f"the workbook names a cell {reference!r}, which cannot be: fetch the file again")
    column = 0
    for letter in match.group(1):
        column = column * 26 + ord(letter) - ord("A") + 1
    return _count(match.group(2), _LAST_ROW) - 1, _count(str(column), _LAST_COLUMN) - 1
