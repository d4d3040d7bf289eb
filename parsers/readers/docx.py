"""Word files (docx): word/document.xml to paragraphs and grids.

Read is what the document shows: insertions, results of fields, content controls, text boxes and automatic numbers;
not what is deleted, moved away, hidden, or said in notes, headers and footers.
"""

import re

from lxml import etree

from parsers.archives import Container, open_container
from parsers.blocks import Block, Document, Grid, Paragraph
from parsers.errors import EmptyDocument, ImageOnlyDocument, OversizedDocument, TruncatedDocument, UnsupportedMedia
from parsers.readers import docx_names as event
from parsers.readers.docx_names import Names, names_of
from parsers.readers.docx_numbering import Numbering
from parsers.readers.docx_rewrite import rewrite
from parsers.readers.docx_styles import BODY_LEVEL, Style, Styles
from parsers.readers.office import parse_part, properties

# The forms have some 300 cells; Word allows 63 columns.
MAX_CELLS = 200_000
MAX_SPAN = 200


def read(data: bytes) -> Document:
    """Read a docx file.

    data: the file. Returns a Document of media "docx"; soft line breaks part paragraphs, those in cells are "\\n".
    Raises EmptyDocument, ImageOnlyDocument (pictures only), TruncatedDocument, EncryptedDocument, OversizedDocument or
    UnsupportedMedia (content embedded in another format).
    """
    container = open_container(data)
    root = parse_part(container, _part(container, "document") or "word/document.xml")
    try:
        names = names_of(etree.QName(root).namespace or "")
    except KeyError as error:
        raise UnsupportedMedia("the main part of the Word file is not WordprocessingML: save it as docx") from error
    body = root.find(names("body"))
    if body is None:
        raise TruncatedDocument("the Word file has no body: fetch it again")
    if next(body.iter(names("altChunk")), None) is not None:
        raise UnsupportedMedia("the Word file embeds text in another format: open it in Word and save it again")
    rewrite(body, names)
    blocks = _Walk(container, names).run(body)
    if not blocks:
        if any(name.startswith("word/media/") for name in container.names):
            raise ImageOnlyDocument("the Word file holds pictures and no text: it has to be read by a person")
        raise EmptyDocument("the Word file holds no text")
    return Document("docx", blocks, properties(container))


def _part(container: Container, name: str) -> str | None:
    """The part of that name in word/; some versions of Word Online number it (document2.xml)."""
    usual = f"word/{name}.xml"
    if usual in container:
        return usual
    pattern = re.compile(rf"word/{name}\d+\.xml")
    return min((part for part in container.names if pattern.fullmatch(part)), default=None)


class _Table:
    """A table while it is read. row: the open row. parts: texts of the open cell, of a cell that holds a table."""

    __slots__ = ("above", "here", "in_cell", "merge", "parts", "row", "rows", "span")

    def __init__(self) -> None:
        self.rows: list[list[str | None]] = []
        self.row: list[str | None] = []
        self.parts: list[str] = []
        self.in_cell = False
        self.span = 1
        self.merge = _NONE
        self.above: set[int] = set()  # columns in which a vertically merged cell of the row above begins
        self.here: set[int] = set()  # the same of the open row


_NONE, _BEGINS, _GOES_DOWN, _GOES_RIGHT = range(4)


class _Walk:
    """One walk over a rewritten body. It sees where elements begin, in document order."""

    def __init__(self, container: Container, names: Names) -> None:
        self._container = container
        self._names = names
        self._val = names("val")
        self._blocks: list[Block] = []
        self._styles: Styles | None = None
        self._numbering: Numbering | None = None
        self._table: _Table | None = None
        self._outer: list[_Table] = []
        self._cells = 0
        self._fields: list[bool] = []  # of each open field: does what follows belong to its instruction?
        self._muted = False
        self._parts: list[str] = []  # texts of the open cell, or of the open paragraph outside of tables
        # of the open paragraph: has it properties or an open instruction, and what its properties say, as written
        self._special = False
        self._begin = 0  # where it begins in _parts, known if it has properties
        self._style: str | None = None
        self._number: str | None = None
        self._level: str | None = None
        self._outline: str | None = None

    def run(self, body: etree._Element) -> list[Block]:
        """The blocks of the body."""
        events, val = self._names.walk, self._val
        # Local names, since this loop takes half of the reader's time.
        text_event, paragraph_event, last_of_cells = event.TEXT, event.PARAGRAPH, event.V_MERGE
        for element in body.iter(*events):
            kind = events[element.tag]
            if kind == text_event:
                if not self._muted and (text := element.text):
                    self._parts.append(text)
            elif kind == paragraph_event:
                if self._special or self._table is None:
                    self._end_paragraph()
                else:
                    self._parts.append("\n")
            elif kind <= last_of_cells:
                if self._table is not None:
                    self._on_cell(self._table, kind, element)
            elif kind <= event.OUTLINE:
                # Properties stand in front of the text, so the paragraph begins here.
                self._special, self._begin = True, len(self._parts)
                self._on_property(kind, element.get(val))
            elif kind == event.TABLE:
                self._begin_table()
            elif kind == event.TABLE_END:
                self._end_table()
            elif kind == event.FIELD:
                self._on_field(element.get(self._names("fldCharType")))
            elif not self._muted:
                self._on_mark(kind, element)
        self._end_paragraph()
        return self._blocks

    def _on_cell(self, table: _Table, kind: int, element: etree._Element) -> None:
        if kind == event.CELL:
            self._end_cell(table)
            table.in_cell = True
        elif kind == event.SPAN:
            table.span = _bounded(element.get(self._val))
        elif kind == event.V_MERGE:
            table.merge = _BEGINS if element.get(self._val) == "restart" else _GOES_DOWN
        elif kind == event.H_MERGE:
            table.merge = _BEGINS if element.get(self._val) == "restart" else _GOES_RIGHT
        elif kind == event.BEFORE:
            table.row.extend([""] * _bounded(element.get(self._val), least=0))
        elif kind == event.ROW:
            self._end_row(table)

    def _on_property(self, kind: int, value: str | None) -> None:
        if kind == event.STYLE:
            self._style = value
        elif kind == event.NUMBER:
            self._number = value
        elif kind == event.LEVEL:
            self._level = value
        else:
            self._outline = value

    def _on_mark(self, kind: int, element: etree._Element) -> None:
        if kind == event.BREAK:
            self._parts.append("\n")
        elif kind == event.TAB:
            self._parts.append("\t")
        elif kind == event.HYPHEN:
            self._parts.append("-")
        elif kind == event.SYMBOL:
            self._parts.append(_symbol(element.get(self._names("char"))))

    def _on_field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(True)
        elif self._fields and kind == "separate":
            self._fields[-1] = False
        elif self._fields and kind == "end":
            self._fields.pop()
        self._muted = any(self._fields)
        self._special = self._special or self._muted

    def _begin_table(self) -> None:
        self._end_paragraph()
        if self._table is not None:
            self._table.parts = self._parts
            self._outer.append(self._table)
        self._table, self._parts = _Table(), []

    def _end_table(self) -> None:
        table = self._table
        if table is None:
            return
        self._end_cell(table)
        self._end_row(table)
        if table.rows:
            self._blocks.append(Grid(table.rows))
        self._table = self._outer.pop() if self._outer else None
        self._parts = self._table.parts if self._table is not None else []

    def _end_row(self, table: _Table) -> None:
        self._end_cell(table)
        if table.row:
            table.rows.append(table.row)
            self._cells += len(table.row)
            if self._cells > MAX_CELLS:
                raise OversizedDocument(f"the tables of the Word file have more than {MAX_CELLS} cells; no report has")
        table.row, table.above, table.here = [], table.here, set()

    def _end_cell(self, table: _Table) -> None:
        if self._special:
            self._end_paragraph()
        if table.in_cell:
            row, merge = table.row, table.merge
            if merge == _NONE:
                row.append(_cell_text("".join(self._parts)))
            else:
                column = len(row)
                covered = merge == _GOES_RIGHT or (merge == _GOES_DOWN and column in table.above)
                # What a covered cell holds is not shown by Word.
                row.append(None if covered else _cell_text("".join(self._parts)))
                table.merge = _NONE
                if merge != _GOES_RIGHT:
                    table.here.add(column)
            if table.span > 1:
                row.extend([None] * (table.span - 1))
                table.span = 1
            table.in_cell = False
        self._parts.clear()

    def _end_paragraph(self) -> None:
        heading = False
        if self._special:
            heading = self._apply_properties()
        if self._table is not None:
            self._parts.append("\n")
        elif self._parts:
            text = "".join(self._parts)
            self._parts.clear()
            for line in [text] if heading else text.split("\n"):
                if line := " ".join(line.split()):
                    self._blocks.append(Paragraph(line, None, heading))

    def _apply_properties(self) -> bool:
        """Put the automatic number in front of the open paragraph; is the paragraph a heading?"""
        style = Style() if self._style is None else self._style_of(self._style)
        number = self._number or style.number
        if number is not None and number != "0":
            self._put_number(number, self._level or style.level)
        heading = style.heading if self._outline is None else self._outline != BODY_LEVEL
        self._style = self._number = self._level = self._outline = None
        if self._muted:
            # An instruction ends with its paragraph at the latest: a field without end must not swallow the rest.
            self._fields = [False] * len(self._fields)
        self._special = self._muted = False
        return heading

    def _style_of(self, style_id: str) -> Style:
        if self._styles is None:
            part = _part(self._container, "styles")
            self._styles = Styles(self._container.read(part) if part else None, self._names)
        return self._styles.get(style_id)

    def _put_number(self, number: str, level: str | None) -> None:
        if self._numbering is None:
            part = _part(self._container, "numbering")
            self._numbering = Numbering(parse_part(self._container, part) if part else None, self._names)
        if level is None:
            place = self._numbering.level_of_style(number, self._style or "")
        else:
            place = int(level) if level.isdecimal() and len(level) < 3 else 0
        # Outside of tables an empty paragraph shows its number too, but says nothing; it counts nevertheless.
        label = self._numbering.label(number, place)
        if label and (self._table is not None or any(map(str.strip, self._parts))):
            self._parts.insert(self._begin, label)


def _cell_text(text: str) -> str:
    words = text.split()
    if len(words) < 2:
        return words[0] if words else ""
    if "\n" not in text.strip():
        return " ".join(words)
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))


def _bounded(number: str | None, least: int = 1) -> int:
    """A count of columns between `least` and MAX_SPAN; what is no number counts as `least`."""
    if number is None or not number.isdecimal() or len(number) > 9:
        return least
    return min(max(int(number), least), MAX_SPAN)


def _symbol(code: str | None) -> str:
    """The character of a w:sym by its code; codes of symbol fonts stay in the private use area."""
    if code is None or not re.fullmatch(r"[0-9A-Fa-f]{2,4}", code):
        return ""
    character = chr(int(code, 16))
    return character if character.isprintable() or "\ue000" <= character <= "\uf8ff" else ""
