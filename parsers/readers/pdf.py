"""PDF: bytes to paragraphs and grids, page by page in reading order, with pdfium's raw objects.

Ruled tables come from the ruling lines (pdf_rules, pdf_grid), tables without ruling from the columns in which their
figures stand (pdf_columns), all else is prose (pdf_prose). A table that runs over several pages comes as one grid for
each page. See pdf_raw for how characters are fetched.
"""

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from threading import Lock

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from parsers.blocks import Block, Document, Grid
from parsers.errors import (
    EmptyDocument,
    EncryptedDocument,
    ImageOnlyDocument,
    OversizedDocument,
    TruncatedDocument,
    UnreadableDocument,
)
from parsers.readers.pdf_chars import PageText, count_rectangles, give_width, lacks_font, without_width
from parsers.readers.pdf_columns import split_tables
from parsers.readers.pdf_grid import fill_tables, ruled_tables
from parsers.readers.pdf_prose import margins_of, paragraphs, without_page_number
from parsers.readers.pdf_raw import TEXT, page_frame, page_objects
from parsers.readers.pdf_rules import page_rules
from parsers.readers.pdf_text import Line, pieces_of, rows_of, segments_of

MAX_PAGES = 200
MAX_CHARACTERS = 2_000_000
FEW_CHARACTERS = 30  # a page; below that, a page with an image is a scan with a stamp or a page number on it
TAIL = 4096  # bytes at the end of a whole file that hold its end mark

_TURN = Lock()  # pdfium serves one thread at a time
_DATE = re.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})")


@dataclass(slots=True)
class _Page:
    """What one page holds: lines outside its ruled tables (top to bottom), and the tables with their tops."""

    width: float
    lines: list[Line]
    grids: list[tuple[float, Grid]]
    characters: int
    unknown: int
    has_image: bool


def read(data: bytes) -> Document:
    """Read a PDF file.

    Grids: `pages` and `boxes` are filled (a box for each cell with text: the cell's borders where it is ruled, else
    the text's own). Paragraphs: `heading` marks large type in the middle of the page. meta: created and title, if the
    file has them; image_pages ("3,4"): pages that show an image and hardly any text, so that something may be unread.
    Raises EmptyDocument, EncryptedDocument, TruncatedDocument, OversizedDocument, ImageOnlyDocument, or
    UnreadableDocument where the file's fonts do not say which characters they show.
    """
    if not data.strip():
        raise EmptyDocument("The PDF file is empty; fetch it again.")
    with _TURN, closing(_opened(data)) as pdf:
        count = len(pdf)
        if count > MAX_PAGES:
            raise OversizedDocument(f"The PDF has {count} pages, more than the {MAX_PAGES} that are read; split it.")
        pages: list[_Page] = []
        for number in range(1, count + 1):
            pages.append(_read_page(pdf, number))
            if sum(page.characters for page in pages) > MAX_CHARACTERS:
                raise OversizedDocument(f"The PDF has more than {MAX_CHARACTERS} characters; split it.")
        meta = _meta(pdf)
    _check_text(pages)
    images = [str(n) for n, page in enumerate(pages, 1) if page.has_image and page.characters < FEW_CHARACTERS]
    if images:
        meta["image_pages"] = ",".join(images)
    return Document("pdf", _blocks(pages), meta)


def _opened(data: bytes) -> pdfium.PdfDocument:
    """The file opened by pdfium; the caller closes it."""
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise EncryptedDocument("The PDF asks for a password; get a copy without one.") from error
        raise TruncatedDocument("The PDF is cut short or damaged and cannot be opened; fetch it again.") from error
    # pdfium rebuilds what it can of half a file; half a report would look like one with missing figures.
    if b"%%EOF" not in data[-TAIL:]:
        pdf.close()
        raise TruncatedDocument("The PDF ends before its end mark (%%EOF); fetch it again.")
    return pdf


def _read_page(pdf: pdfium.PdfDocument, number: int) -> _Page:
    """One page, numbered from 1; its handles are closed."""
    try:
        with closing(pdf[number - 1]) as page:
            frame = page_frame(page.raw)
            objects, kinds = page_objects(page.raw)
            rules = page_rules(objects, kinds, frame)
            tables = ruled_tables(rules.horizontal, rules.vertical)
            with closing(_text_page(page, objects, kinds)) as textpage:
                text = PageText(textpage.raw, frame)
                grids, rest = fill_tables(tables, pieces_of(text), text, number)
                lines = [
                    Line(number, row[0].y, max([run.size for run in row]), segments_of(row, text))
                    for row in rows_of(rest)
                ]
    except pdfium.PdfiumError as error:
        raise TruncatedDocument(f"Page {number} of the PDF is damaged and cannot be opened; fetch it again.") from error
    width, height = frame.size
    unknown = text.text.count("\ufffd")
    return _Page(width, without_page_number(lines, height), grids, text.visible, unknown, rules.has_image)


def _text_page(page: pdfium.PdfPage, objects: list[int], kinds: list[int]) -> pdfium.PdfTextPage:
    """The text page of a page, with the text that pdfium passes over at first; the caller closes it."""
    looked = lacks_font(objects, kinds)
    if looked:
        give_width(without_width(objects, kinds))
    textpage = page.get_textpage()
    # There is a rectangle for each text object that counts, so most pages need no closer look.
    if not looked and count_rectangles(textpage.raw) < kinds.count(TEXT) and (lost := without_width(objects, kinds)):
        textpage.close()
        give_width(lost)
        textpage = page.get_textpage()
    return textpage


def _check_text(pages: list[_Page]) -> None:
    """Refuse a file whose text cannot be read as a whole: a scan, or fonts without a character map."""
    total = sum(page.characters for page in pages)
    sparse = all(page.characters < FEW_CHARACTERS for page in pages)
    if total == 0 or (sparse and any(page.has_image for page in pages)):
        raise ImageOnlyDocument(
            f"The PDF has {len(pages)} pages and only {total} characters: a scan; it needs OCR or a text version."
        )
    if sum(page.unknown for page in pages) > total / 2:
        raise UnreadableDocument("The PDF's fonts do not say which characters they show; get a text version.")


def _blocks(pages: list[_Page]) -> list[Block]:
    """Paragraphs and grids of all pages in reading order; a paragraph may run on over the end of a page."""
    widths = [round(page.width) for page in pages]
    margins = {
        width: margins_of([line for page in pages if round(page.width) == width for line in page.lines], width)
        for width in set(widths)
    }
    blocks: list[Block] = []
    prose: list[Line] = []

    def close_prose(width: int) -> None:
        blocks.extend(paragraphs(prose, margins[width]))
        prose.clear()

    for before, width, page in zip([widths[0], *widths], widths, pages, strict=False):
        if width != before:
            close_prose(before)
        start = 0
        for top, grid in [*page.grids, (float("-inf"), None)]:
            end = next((i for i in range(start, len(page.lines)) if page.lines[i].y < top), len(page.lines))
            for part in split_tables(page.lines[start:end], margins[width]):
                if isinstance(part, Grid):
                    close_prose(width)
                    blocks.append(part)
                else:
                    prose.extend(part)
            if grid is not None:
                close_prose(width)
                blocks.append(grid)
            start = end
    close_prose(widths[-1])
    return blocks


def _meta(pdf: pdfium.PdfDocument) -> dict[str, str]:
    """Title and day of creation, as far as the file gives them."""
    meta = {}
    if title := " ".join(_stated(pdf, "Title").split()):
        meta["title"] = title
    if created := _created(_stated(pdf, "CreationDate")):
        meta["created"] = created
    return meta


def _stated(pdf: pdfium.PdfDocument, name: str) -> str:
    """One of the file's properties; "" where it is damaged."""
    try:
        value: str = pdf.get_metadata_value(name)
    except UnicodeDecodeError:
        return ""
    return value


def _created(text: str) -> str | None:
    """ "D:20240130094200+08'00'" -> "2024-01-30"; None if it is no date."""
    match = _DATE.match(text)
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        return None
