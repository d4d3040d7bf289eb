"""What every reader yields: a document as paragraphs and grids in reading order.

The readers know file formats and nothing of annual reports; what stands above them knows the forms and
nothing of file formats. These types are the border between the two.
"""

from dataclasses import dataclass, field

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Paragraph:
    """One paragraph, heading or line of running text.

    text: as printed, runs of white space folded to one space, none at the ends; never empty.
    page: from 1 where the format has pages, else None.
    heading: the format itself marks it as a heading or title (h1, style "Heading 1").
    main: False for what surrounds the article on a portal page (navigation, metadata, links).
    """

    text: str
    page: int | None = None
    heading: bool = False
    main: bool = True


@dataclass(slots=True)
class Grid:
    """One table as a grid of cells, merged cells expanded.

    rows: one list per row. A string is the text of a cell whose top left corner is here ("" if it is empty); None
        is a place covered by a cell that begins to the left or above. Line breaks inside a cell are kept as "\\n".
        Rows may differ in length.
    pages: the page (from 1) of each row, or None where the format has no pages.
    boxes: (row, column) -> (x0, y0, x1, y1) in points from the page's lower left corner, where known.
    loose: the positions are not to be trusted, since the table was flattened to text: trailing empty cells mean
        nothing and rows may have slipped.
    gapless: empty cells have left no trace at all, so that a cell that is not there may have been an empty one.
    """

    rows: list[list[str | None]]
    pages: list[int] | None = None
    boxes: dict[tuple[int, int], Box] = field(default_factory=dict)
    loose: bool = False
    gapless: bool = False


Block = Paragraph | Grid


@dataclass(slots=True)
class Document:
    """A document as its reader saw it.

    media: html, pdf, docx, xlsx or text.
    blocks: paragraphs and grids in reading order. A grid nested in a cell stands before the grid that holds it, and
        its text is not repeated there.
    meta: what the file says of itself, keys in lower case: title, articletitle, pubdate, contentsource, sitename,
        columnname, maketime (HTML meta tags and title element), cut (the page has no end), pictures (the
        article is pictures and hardly a word),
        created (PDF, docx, xlsx properties, ISO date).
    """

    media: str
    blocks: list[Block]
    meta: dict[str, str] = field(default_factory=dict)
