"""Static lists: TRS WCM, UCAP, VSB and plain pages, whose entries and page links stand in the HTML.

No configuration is needed where entries are links with a date beside them or with the title of a report, and where
further pages are linked or counted by `createPageHTML(...)`. What differs is said in the portal's `selectors` and
`pages`.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from html import unescape
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.outcomes.scripted import made_elsewhere
from crawler.platforms import DetailPage, Link, ListPage, Recognition
from crawler.platforms.attachments import find_attachments, may_have_attachments
from crawler.platforms.empty import says_empty
from crawler.platforms.html import absolute, clean, first_css, iso_date, parse, printed_date, visible_text
from crawler.platforms.pager import read_pager
from crawler.portal import Column, Portal
from parsers.encoding import decode
from parsers.titles import read_title

# An entry's row holds at most this many different links (page, PDF, Word); more is a layout table.
_LINKS_IN_ROW = 3
_MOST_ANCHORS_IN_ROW = 8
_PARTS_OF_ROW = 30  # elements of a row that are looked at
_ROW_TAGS = ("li", "tr", "dd", "dt")
_SAYS_NOTHING = re.compile(
    r"^(?:点击|全文)?(?:下载|查看|浏览|阅读|预览|详情|更多|全文|附件|链接|pdf|word|docx?|PDF|WORD)(?:全文|详情|附件|下载|版)*\d*$"
)
_CUT_SHORT = ("…", "...", "..", "⋯")
_BODIES = (
    "#UCAP-CONTENT, #zoomcon, #zoom, #Zoom, .TRS_Editor, .trs_editor_view, .TRS_UEDITOR, .Custom_UnionStyle, "
    ".v_news_content, #vsb_content, .j-fontContent, #ivs_content, .bt-content, .xxgk_content, .article_content, "
    ".article-content, .news_cont_d_wrap, .art-con, .zc_article_con, .view, article, main"
)
_HEAD_BYTES = 16_384
_ARTICLE_TITLE = re.compile(rb"<meta\s+name=[\"']?ArticleTitle[\"']?\s+content=[\"']", re.I)
_TITLE_CONTENT = re.compile(r"<meta\s+name=[\"']?ArticleTitle[\"']?\s+content=([\"'])([^<>\"']*)\1", re.I)
_TITLES = ("ucaptitle", "h1", "title")
_WORDS_OF_REPORT = re.compile(r"信息公开|政务公开|年\s*报|年度报告")
_LONGEST_ROW = 300  # characters of a row without an address
_SHORT_ROW = 8
_MOST_SCANNED = 1_000_000  # characters of all rows that are looked at
_LIST_TAGS = {"ul", "ol", "dl", "table", "tbody"}
_ROW_DATE = re.compile(r"[\[(]?(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}[\])]?")
_LONG_TEXT = 100  # characters without blanks: a body with fewer is no text


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read one page of a list. Never raises on bad HTML; a page that is no list gives has_structure False."""
    source = decode(body, charset)
    tree = LexborHTMLParser(source)
    base = _base(tree, url)
    containers: set[int] = set()
    entries = _configured(tree, base, portal) if portal.selectors.row else _found(tree, base, portal, containers)
    links: dict[str, Link] = {}
    unfollowed = list(_leading_nowhere(tree, base)) if _WORDS_OF_REPORT.search(source) else []
    for link in entries:
        known = links.get(link.url)
        if known is not None and _are_two_agencies(known.title, link.title):
            unfollowed.append(link)
            continue
        # The same address twice (picture and text, short and long): the fuller title wins, a date is kept.
        if known is None:
            links[link.url] = link
        elif len(link.title) > len(known.title) or not known.listed_on:
            title = max(known.title, link.title, key=len)
            links[link.url] = Link(link.url, title, known.listed_on or link.listed_on)
    kept = [link for link in links.values() if _desktop_copy(link.url) not in links]
    pager = read_pager(tree, base, url, portal.selectors.next)
    is_list = any(link.listed_on or _names_report(link.title) for link in kept)
    return ListPage(
        links=kept,
        unfollowed=[
            Link(f"{row.url}#row-{number}", row.title, row.listed_on) for number, row in enumerate(unfollowed, start=1)
        ],
        further=pager.further,
        declared_pages=pager.declared,
        declared_entries=pager.entries,
        rows=len(tree.css(portal.selectors.row))
        if portal.selectors.row
        else max(_count_rows(tree, containers), len(kept) if not containers else 0),
        # Pages that the portal's file names need not be counted by the page.
        unread_pager=pager.unread and portal.pages.pattern is None,
        # Nor does a row that the portal's file names need a script.
        made_elsewhere=made_elsewhere(source) if is_list and not portal.selectors.row else None,
        says_empty=None if is_list else says_empty(tree, source),
        has_structure=is_list,
    )


def read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """Read a page that carries or introduces a report: its title and the files that belong to it.

    A page whose bytes name no file is not even parsed before its title or text is asked for.
    """
    page = _StaticDetail(body, charset, portal)
    if may_have_attachments(body):
        page.attachments = find_attachments(page.bodies, page.tree.body, _base(page.tree, url), url)
    return page


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """Any page with a list that can be read without a platform of its own."""
    return None


class _StaticDetail(DetailPage):
    def __init__(self, body: bytes, charset: str | None, portal: Portal) -> None:
        super().__init__()
        self._source = body, charset
        self._portal = portal

    @cached_property
    def tree(self) -> LexborHTMLParser:
        return parse(*self._source)

    @cached_property
    def bodies(self) -> list[LexborNode]:
        return self.tree.css(self._portal.selectors.body or _BODIES)

    @cached_property
    def title(self) -> str | None:
        return _article_title(*self._source) or _title(self.tree, self._portal)

    @cached_property
    def text(self) -> str:
        return visible_text(self.tree.body)

    @cached_property
    def own_text(self) -> str:
        return visible_text(self.tree.body, links=False)

    @cached_property
    def has_body(self) -> bool:
        return any(len(visible_text(node)) >= _LONG_TEXT for node in self.bodies)


def _configured(tree: LexborHTMLParser, base: str, portal: Portal) -> Iterator[Link]:
    chosen = portal.selectors
    for row in tree.css(chosen.row or "li"):
        anchor = first_css(row, chosen.link) if chosen.link else first_css(row, "a[href]")
        url = absolute(base, anchor.attributes.get("href")) if anchor else None
        if anchor is None or url is None:
            continue
        titled = first_css(row, chosen.title) if chosen.title else None
        title = clean(titled.text(deep=True)) if titled else _link_title(anchor, row)
        dated = first_css(row, chosen.date) if chosen.date else None
        date = iso_date(dated.text(deep=True)) if dated else _row_date(anchor, row)
        if title:
            yield Link(url, title, date)


def _found(tree: LexborHTMLParser, base: str, portal: Portal, containers: set[int]) -> Iterator[Link]:
    """The entries. containers: filled with the elements around rows that have a date or name a report."""
    targets: dict[int, int] = {}
    for anchor in tree.css(portal.selectors.link or "a[href]"):
        url = absolute(base, anchor.attributes.get("href"))
        if url is None or url == base:
            continue
        row = _row_of(anchor, targets)
        title = _link_title(anchor, row)
        if title:
            date = _row_date(anchor, row)
            if row.parent is not None and (date or _names_report(title)):
                containers.add(row.parent.mem_id)
            yield Link(url, title, date)


def _count_rows(tree: LexborHTMLParser, containers: set[int]) -> int:
    """How many rows the lists of a page have: all that stand beside those with a date or with the title of a report."""
    if not containers or tree.body is None:
        return 0
    parents = (node.parent for node in tree.css("li, tr, dd, dt, p, div, a"))
    return sum(parent is not None and parent.mem_id in containers for parent in parents)


def _leading_nowhere(tree: LexborHTMLParser, base: str) -> Iterator[Link]:
    """Rows that name a report and have no address: opened by a script, below a fragment, or plain text."""
    own, scanned = base.partition("#")[0], 0
    for node in tree.css("a, li, tr, dd"):
        if node.tag == "a":
            if absolute(base, node.attributes.get("href")) is not None:
                continue
        elif any(inner.tag in _LIST_TAGS for inner in islice(node.iter(), _PARTS_OF_ROW)):
            continue
        shown = node.text(deep=True, separator=" ")
        scanned += len(shown)
        if scanned > _MOST_SCANNED:
            return  # a hostile page nests rows in rows
        if len(shown) > _LONGEST_ROW or not _WORDS_OF_REPORT.search(shown + (node.attributes.get("title") or "")):
            continue
        if node.tag != "a" and any(inner.mem_id != node.mem_id for inner in node.css("a, li, tr")):
            continue
        row = node
        while node.tag == "a" and row.parent is not None and row.tag not in _ROW_TAGS:
            if row.parent.tag in ("body", "html", "ul", "ol", "table", "tbody", "-undef"):
                break
            row = row.parent
        title, date = _link_title(node, node), _row_date(node, row) if node.tag == "a" else printed_date(shown)
        if date and node.tag != "a":
            title = clean(_ROW_DATE.sub(" ", title))
        # A menu says 政府信息公开年报 without any year or date.
        if title and (_names_report(title) or ((date or re.search(r"20\d\d", title)) and len(title) > _SHORT_ROW)):
            yield Link(own, title, date)


def _are_two_agencies(one: str, other: str) -> bool:
    """Whether two titles are of the reports of two agencies, or of two years."""
    first, second = read_title(one), read_title(other)
    if not (first.agency and second.agency):
        return False
    return first.agency != second.agency or bool(first.year and second.year and first.year != second.year)


def _row_of(anchor: LexborNode, targets: dict[int, int]) -> LexborNode:
    """The widest element around a link that is still the row of this entry alone.

    targets: element -> how many addresses (or, if many, links) it holds; filled here, so that each element of a page is
    counted once.
    """
    row = anchor
    for _ in range(5):
        parent = row.parent
        if parent is None or parent.tag in ("body", "html", "ul", "ol", "table", "tbody", "-undef"):
            break
        if parent.mem_id not in targets:
            found = parent.css("a[href]")
            few = len(found) <= _MOST_ANCHORS_IN_ROW
            targets[parent.mem_id] = len({other.attributes.get("href") for other in found}) if few else len(found)
        if targets[parent.mem_id] > (_LINKS_IN_ROW if parent.tag in _ROW_TAGS else 1):
            break
        row = parent
        if row.tag in _ROW_TAGS:
            break
    return row


def _link_title(anchor: LexborNode, row: LexborNode) -> str:
    text = anchor.text(deep=True)
    for node in anchor.css("span, i, em, b, time, font, small")[:_PARTS_OF_ROW]:
        if iso_date(printed := node.text(deep=True)):
            text = text.replace(printed, " ", 1)
    text = clean(text)
    full = clean(anchor.attributes.get("title") or "")
    short = text.rstrip("….⋯ ")
    if full and (not text or len(full) > len(text) or text.endswith(_CUT_SHORT)) and not _SAYS_NOTHING.match(full):
        text = full
    if row.mem_id != anchor.mem_id and (not text or _SAYS_NOTHING.match(short)):
        # A cell with the title beside a cell with 下载.
        others = [
            clean(node.text(deep=True)) for node in row.css("td, span, p, h3, h4, div, strong") if not node.css("a")
        ]
        titles = [other for other in others if read_title(other).is_report]
        text = max(titles, key=len, default=text)
    return text


def _row_date(anchor: LexborNode, row: LexborNode) -> str | None:
    """The date printed beside a link: alone in an element of the row, else in the row's text, else right after it."""
    for node in row.css("span, td, i, em, b, font, p, div, time, dd, label, small, strong")[:_PARTS_OF_ROW]:
        if date := iso_date(node.text(deep=True)):
            return date
    if row.mem_id != anchor.mem_id:
        rest = row.text(deep=True, separator=" ").replace(anchor.text(deep=True, separator=" "), " ", 1)
        if date := printed_date(rest):
            return date
    after = anchor.next
    for _ in range(4):
        if after is None or after.tag == "a" or after.css_first("a"):
            return None
        if date := printed_date(after.text(deep=True)):
            return date
        after = after.next
    return None


def _names_report(title: str) -> bool:
    """Whether a title is that of a report. A bare 政府信息公开年报 is the name of a column."""
    read = read_title(title)
    return read.is_report and bool(read.agency or read.year)


def _desktop_copy(url: str) -> str:
    """The address of which `…_wap.html` is a copy; "" for any other."""
    stem = re.sub(r"_wap(\.s?html?)$", r"\1", url)
    return stem if stem != url else ""


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return (absolute(url, node.attributes.get("href")) if node else None) or url


def _article_title(body: bytes, charset: str | None) -> str | None:
    """ArticleTitle, without a tree: what most pages have, and all that is asked of many."""
    if not _ARTICLE_TITLE.search(body, 0, _HEAD_BYTES):
        return None
    text = decode(body, charset)[:_HEAD_BYTES]
    match = _TITLE_CONTENT.search(text)
    return (clean(unescape(match.group(2))) or None) if match else None


def _title(tree: LexborHTMLParser, portal: Portal) -> str | None:
    """ArticleTitle, else the platform's element, else h1, else <title> up to its first separator."""
    for node in tree.css("meta[name]"):
        if (node.attributes.get("name") or "").lower() == "articletitle":
            text = clean(node.attributes.get("content") or "")
            if text:
                return text
    for selector in ((portal.selectors.title,) if portal.selectors.title else ()) + _TITLES:
        found = first_css(tree, selector)
        text = clean(found.text(deep=True)) if found else ""
        if text:
            return re.split(r"[_|]|\s-|-\s", text)[0].strip() if selector == "title" else text
    return None
