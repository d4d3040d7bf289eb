"""HTML pages and fragments to paragraphs and grids.

Two steps: the page is parsed by lexbor and its tables are taken out, a mark left in their place; what remains, the
running text, is small, is written out again with a mark at each block border, and read as plain text. So the text of
a cell or of the page is taken in one call and still cut where the eye sees a break, while words and figures that an
editor split over spans stay whole.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from html import unescape

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from parsers.blocks import Block, Document, Grid, Paragraph
from parsers.encoding import decode

# Control characters that no page holds: they mark what the plain text of the page would lose.
_BREAK = "\x1e"  # the end of a paragraph, line or list item
_TABLE = "\x1f"  # in front of and behind the number of a table
_HEADING = "\x1d"  # in front of a heading's text
_MAIN = "\x1c"  # begin and end of the element that holds the article
_PIECE = "\x0b"  # between two pieces of text of a cell
_MARKS = (_BREAK + _TABLE + _HEADING + _MAIN + _PIECE).encode()
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")

_OPTIONS = LexborDocumentOptions.WO_EVENTS.value  # the tree as written; a third faster
_DROPPED = "script,style,noscript,template"
_DROPPED_FROM_TEXT = "iframe,object,svg,select,textarea,button"
_MAY_HIDE = '[style*="none" i],[style*="hidden" i],[style*="mso-hide" i],[hidden]'
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_STRUCK_OUT = "td s,td del,td strike"  # no longer said
_RAISED_MARK = "^"
# As lexbor writes tags: lower case, no blanks before the name.
_BREAKING_TAGS = (
    "<p>",
    "<p ",
    "</p>",
    "<br",
    "<hr",
    "<div",
    "</div>",
    "</li>",
    "</h",
    "<h1",
    "<h2",
    "<h3",
    "<h4",
    "</dd>",
    "</dt>",
    "</td>",
    "</th>",
    "</tr>",
    "</caption>",
    "</section>",
    "</article>",
)
_BREAKING = re.compile("|".join(_BREAKING_TAGS))
# Where portal software keeps the article (portal-specific names; the largest that holds much of the text wins).
_ARTICLE = (
    "#zoom,#Zoom,#UCAP-CONTENT,#zoomcon,#vsb_content,#ivs_content,.TRS_Editor,.trs_editor_view,.v_news_content,"
    ".article-content,.article_content,.xxgk_content,.bt-content,.news_cont_d_wrap,.tyxxy_main,.j-fontContent,"
    ".art-con,.Custom_UnionStyle,.view,article"
)
_WHOLE_PAGE = re.compile(rb"\s*(?:<!doctype\s+html|<html)", re.I)
_PAGE_END = re.compile(rb"</(?:html|body)\b", re.I)
_CELLS = frozenset(("td", "th"))
# Elements that begin a line of their own: text on both sides of their borders is not one figure.
_BLOCKS = frozenset(
    ("br", "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "table", "section", "article", "h1", "h2", "h3")
)
_TAG = re.compile(r"<[^>]*>")
# What sets a piece of text off from the figure beside it.
_SETS_OFF = frozenset(("a", "small", "big", "sup", "sub", "s", "del", "strike", "u", "ins", "mark"))
_SIGNS = (
    *("<a", "<sm", "<bi", "<su", "<s>", "<del", "<str", "<u", "<ins", "<mark", "size", "vertical", "position"),
    *("decoration", "top", "opacity", "white", "#fff"),
)
_SETTING_OFF = re.compile(
    r"(?:vertical-align|position|top|text-decoration[a-z-]*|font-size|opacity)\s*:[^;]*|color\s*:\s*(?:white|#fff)\w*",
    re.I,
)
_MAX_SPAN = 60  # no form is wider or has longer row groups; "colspan=3000" is a slip of an editor
_HARDLY_A_WORD = 100  # characters: a title and a date beside the pictures of a scanned article
_PROSE_CELL = 300  # characters: a table whose cells hold more is laid-out prose
_META = {"title", "others", "articletitle", "pubdate", "contentsource", "sitename", "columnname", "maketime"}


def read(data: bytes, declared: str | None = None) -> Document:
    """Read one page. declared: charset of the Content-Type header, a hint. Returns a Document of media "html"."""
    page = _as_utf8(data, declared)
    tree = LexborHTMLParser(page, options=_OPTIONS)
    if tree.body is None:
        return Document("html", [])
    meta = _read_meta(tree)
    if _is_cut(page):
        meta["cut"] = "yes"
    for node in tree.css(_DROPPED):
        node.decompose()
    if _hides_something(page):
        for node in tree.css(_MAY_HIDE):
            if "hidden" in node.attributes or _HIDES.search(node.attributes.get("style") or ""):
                node.decompose()
    for node in tree.css(_STRUCK_OUT):
        node.decompose()
    grids = _take_grids(tree)
    rest = LexborHTMLParser(_BREAKING.sub(_broken, tree.body.html or "").encode("utf-8", "replace"), options=_OPTIONS)
    for node in rest.css(_DROPPED_FROM_TEXT):
        node.decompose()
    for node in rest.css("h1,h2,h3,h4,h5,h6"):
        if node.first_child is not None:
            node.first_child.insert_before(_HEADING)
    _mark_article(rest)
    if _shows_pictures_alone(rest):
        meta["pictures"] = "yes"
    return Document("html", _blocks(rest.body.text_lexbor() or "", grids) if rest.body else [], meta)


def _as_utf8(data: bytes, declared: str | None) -> bytes:
    """The page in UTF-8, as lexbor wants it, without the characters that serve as marks here."""
    try:
        data.decode("utf-8")
        page = data.removeprefix(BOM_UTF8)
    except UnicodeDecodeError:
        page = decode(data, declared).encode("utf-8", "replace")
    return page.translate(None, _MARKS) if any(mark in page for mark in _MARKS) else page


def _is_cut(page: bytes) -> bool:
    """Whether a whole page has no end: it may have been cut off in transfer, or be badly made."""
    return _WHOLE_PAGE.match(page) is not None and not _PAGE_END.search(page, max(len(page) - 4000, 0))


def _broken(match: re.Match[str]) -> str:
    return _BREAK + match.group()


def _hides_something(page: bytes) -> bool:
    """Whether some element, not just a rule of a style sheet, may be hidden. page: the page in UTF-8."""
    page = page.lower()
    for word, properties in ((b"none", (b"display",)), (b"hid", (b"visibility", b"mso-"))):
        start = page.find(word)
        while start >= 0:
            before = page[max(start - 200, 0) : start]
            tag = before[before.rfind(b"<") :]
            # Inside a tag, not in the text behind one or in a style sheet.
            if b">" not in tag and (tag.endswith(b" ") or any(name in tag[-16:] for name in properties)):
                return True
            start = page.find(word, start + len(word))
    return False


def _read_meta(tree: LexborHTMLParser) -> dict[str, str]:
    meta: dict[str, str] = {}
    for node in tree.css("meta"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or "").strip().lower()
        content = (attributes.get("content") or "").strip()
        if name in _META and content:
            meta.setdefault(name, content)
    title = tree.css_first("title")
    if title is not None and (text := " ".join(title.text_lexbor().replace(_BREAK, " ").split())):
        meta["title"] = text
    return meta


def _take_grids(tree: LexborHTMLParser) -> list[Grid]:
    """Replace each data table in the tree by its marker and return the grids; inner tables come before outer ones."""
    grids: list[Grid] = []
    left = False  # a layout table was met, whose rows are found again in the table around it
    # Document order lists an outer table before the tables in it, so going backwards meets the inner ones first.
    for table in reversed(tree.css("table")):
        rows, nested = _rows(table, only_own=left)
        if not _is_data(rows, nested):
            left = True
            continue
        grids.append(Grid(rows))
        marker = f"{_BREAK}{_TABLE}{len(grids) - 1}{_TABLE}{_BREAK}"
        table.replace_with("".join(nested) + marker)
    return grids


def _rows(table: LexborNode, *, only_own: bool) -> tuple[list[list[str | None]], list[str]]:
    """The table's cells with merged cells expanded, and the markers of the tables nested in them."""
    rows: list[list[str | None]] = []
    nested: list[str] = []
    carried: dict[int, int] = {}  # column -> how many further rows a cell above reaches down
    own = table.mem_id
    for tr in table.css("tr"):
        if only_own and not _is_row_of(tr, own):
            continue
        row: list[str | None] = []
        next_carried: dict[int, int] = {}
        column = 0
        for cell in tr.iter():
            if cell.tag not in _CELLS:
                continue
            while column in carried:
                row.append(None)
                column += 1
            text = cell.text(separator=_PIECE)
            if _TABLE in text:
                nested += _markers(text)
                text = _without_markers(text)
            text = text.strip()  # the marks count as white space
            if _PIECE in text:
                text = _joined(cell, text)
            if text and not text.isalnum():
                text = _cell_text(text)
            row.append(text)
            attributes = cell.attributes
            if "rowspan" not in attributes and "colspan" not in attributes:
                column += 1
                continue
            down = _span(attributes.get("rowspan")) - 1
            across = _span(attributes.get("colspan"))
            for covered in range(column, column + across):
                if down:
                    next_carried[covered] = down
                if covered > column:
                    row.append(None)
            column += across
        # Covered places right of the last cell.
        while column in carried:
            row.append(None)
            column += 1
        for place, left in carried.items():
            if left > 1 and place not in next_carried:
                next_carried[place] = left - 1
        carried = next_carried
        rows.append(row)
    return rows, nested


def _is_row_of(tr: LexborNode, table: int) -> bool:
    """Whether a row belongs to this table, and not to a layout table inside it."""
    owner = tr.parent
    if owner is not None and owner.tag != "table":
        owner = owner.parent
    return owner is not None and owner.mem_id == table


def _joined(cell: LexborNode, text: str) -> str:
    """The text of a cell in several pieces. Pieces of one figure are put together, as editors tear figures apart; not
    so a figure and what is set off from it by style (a footnote, a struck-out figure) or by a paragraph."""
    if _holds_blocks(cell):
        return _text_with_breaks(cell)
    whole = text.replace(_PIECE, "")
    if sum(any(map(str.isdigit, piece)) for piece in text.split(_PIECE)) < 2:
        return whole
    source = (cell.inner_html or "").lower()
    if not any(sign in source for sign in _SIGNS):
        return whole
    pieces = list(_voiced(cell, ()))
    return whole if len({voice for voice, _ in pieces}) == 1 else _RAISED_MARK.join(piece for _, piece in pieces)


def _voiced(node: LexborNode, voice: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """(what sets it off from plain text, text) of each piece in an element."""
    child = node.first_child
    while child is not None:
        if child.is_text_node:
            if text := (child.text_lexbor() or "").strip():
                yield voice, text
        elif child.is_element_node:
            attributes = child.attributes
            own = [child.tag] if child.tag in _SETS_OFF else []
            own += [attributes["size"] or ""] if child.tag == "font" and "size" in attributes else []
            own += [m.lower().replace(" ", "") for m in _SETTING_OFF.findall(attributes.get("style") or "")]
            yield from _voiced(child, (*voice, *own))
        child = child.next


def _holds_blocks(cell: LexborNode) -> bool:
    """Whether a cell holds a paragraph or the like beside other content."""
    node = cell.child
    while node is not None and node.next is None:
        node = node.child
    while node is not None:
        if node.tag in _BLOCKS:
            return True
        node = node.next
    return False


def _text_with_breaks(cell: LexborNode) -> str:
    """The text of a cell, with a break at each border of a block in it."""
    return _without_markers(unescape(_TAG.sub("", _BREAKING.sub(_broken, cell.inner_html or "")))).strip()


def _span(value: str | None) -> int:
    """colspan and rowspan as browsers read them: the leading digits ("7px" is 7); 1 where there are none."""
    if value is None:
        return 1
    if not value.isdigit():
        match = re.match(r"\s*(\d+)", value)
        if not match:
            return 1
        value = match.group(1)
    return min(max(int(value[:6]), 1), _MAX_SPAN)


def _cell_text(text: str) -> str:
    """One line for each paragraph of the cell, blanks folded."""
    if not text.isprintable() or " " in text:
        if _INVISIBLE.search(text):
            text = _INVISIBLE.sub("", text)
        lines = (" ".join(line.split()) for line in text.split(_BREAK))
        text = "\n".join(line for line in lines if line)
    return text.replace(_HEADING, "")


def _is_data(rows: list[list[str | None]], nested: list[str]) -> bool:
    """Whether a table holds data; layout tables and laid-out prose are read as running text."""
    cells = [[text for text in row if text is not None] for row in rows]
    broad = sum(len(row) > 1 for row in cells)
    if not broad or (nested and broad * 2 < len(rows)):
        return False
    if nested and not any(_is_number(text) for row in cells for text in row):
        return False
    longest = max(len(text) for row in cells for text in row)
    return longest <= _PROSE_CELL or sum(map(len, cells)) >= 40


def _is_number(text: str) -> bool:
    return text.isdigit()


def _markers(text: str) -> list[str]:
    parts = text.split(_TABLE)
    return [f"{_BREAK}{_TABLE}{number}{_TABLE}{_BREAK}" for number in parts[1::2]]


def _without_markers(text: str) -> str:
    return "".join(text.split(_TABLE)[::2])


def _mark_article(tree: LexborHTMLParser) -> None:
    """Mark begin and end of the element that holds the article, where the page has one that portals are known for."""
    body = tree.body
    if body is None:
        return
    total = len(body.text_lexbor() or "")
    best: LexborNode | None = None
    size = total * 0.4  # less than that is a teaser or an inner part of the article
    for node in tree.css(_ARTICLE):
        length = len(node.text_lexbor() or "")
        if length > size:
            best, size = node, length
    if best is not None and best.parent is not None:
        best.insert_before(_BREAK + _MAIN)
        best.insert_after(_MAIN + _BREAK)


def _shows_pictures_alone(tree: LexborHTMLParser) -> bool:
    """Whether an element in which portals keep the article has pictures in it and hardly a word."""
    return any(
        node.css_first("img") is not None and len("".join((node.text_lexbor() or "").split())) < _HARDLY_A_WORD
        for node in tree.css(_ARTICLE)
    )


def _blocks(text: str, grids: list[Grid]) -> list[Block]:
    blocks: list[Block] = []
    marked = text.count(_MAIN) == 2
    main = not marked
    for line in text.split(_BREAK):
        if _MAIN in line:
            # The mark stands alone or at the edge of a line.
            before, _, after = line.partition(_MAIN)
            _add(blocks, before, grids, main)
            main = not main
            line = after
        _add(blocks, line, grids, main)
    return blocks


def _add(blocks: list[Block], line: str, grids: list[Grid], main: bool) -> None:
    if _TABLE in line:
        parts = line.split(_TABLE)
        for index, part in enumerate(parts):
            if index % 2:
                blocks.append(grids[int(part)])
            else:
                _add(blocks, part, grids, main)
        return
    heading = _HEADING in line
    if heading:
        line = line.replace(_HEADING, " ")
    line = " ".join(line.split())
    if line and _INVISIBLE.search(line):
        line = " ".join(_INVISIBLE.sub("", line).split())
    if line:
        blocks.append(Paragraph(line, heading=heading, main=main))
