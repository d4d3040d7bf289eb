"""Entries of a list as a page shows them: around each link its row, in the row its title and its date.

A list page has some hundred links, of which most are menus. What costs time is asked only of links that may be entries.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages import Link
from crawler.pages.html import absolute, clean, first_css, iso_date, printed_date
from crawler.portal import Selectors
from parsers.titles import read_title

# An entry's row holds at most this many different links (page, PDF, Word); more is a layout table.
_LINKS_IN_ROW = 3
_MOST_ANCHORS_IN_ROW = 8
_PARTS_OF_ROW = 30  # elements of a row that are looked at
_LEVELS = 5  # between a link and its row
ROW_TAGS = frozenset(("li", "tr", "dd", "dt"))
AROUND_ROWS = frozenset(("body", "html", "ul", "ol", "table", "tbody", "-undef"))
_COUNTED = frozenset(("li", "tr", "dd", "dt", "p", "div", "a"))
_DATED = frozenset(
    ("span", "td", "i", "em", "b", "font", "p", "div", "time", "dd", "label", "small", "strong")
)  # what a date stands in alone
_DATED_IN_LINK = frozenset(("span", "i", "em", "b", "time", "font", "small"))
SAYS_NOTHING = re.compile(
    r"^(?:点击|全文)?(?:下载|查看|浏览|阅读|预览|详情|更多|全文|附件|链接|pdf|word|docx?|PDF|WORD)(?:全文|详情|附件|下载|版)*\d*$"
)
_STARTS_OF_NOTHING = frozenset("点全下查浏阅预详更附链pwdPW")  # the first characters of what matches
_LONGEST_NOTHING = 24
_CUT_SHORT = ("…", "...", "..", "⋯")
# Dates that need no calendar.
_PLAIN_DATE = re.compile(r"[\[(]?((?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]))[\])]?", re.A)
# Nine of ten links of a list: a start that is the same for many, and a path and query that need no encoding; or the
# whole address. `absolute` reads the rest.
_PLAIN_LINK = re.compile(r"(\./|/|(?:\.\./){1,9}|)((?:[\w-][\w.-]*+/?+)++(?<!\.)(?:\?[\w.=&-]++)?+)", re.A)
_PLAIN_URL = re.compile(
    r"https?://[a-z0-9-]++(?:\.[a-z0-9-]++)++(?::[1-9]\d{3})?+(?=/)(?:/[\w-][\w.-]*+)*+/?+(?:\?[\w.=&-]++)?+", re.A
)

Resolve = Callable[[str | None], str | None]


def resolver(base: str) -> Resolve:
    """`absolute` for the many links of one page, which resolve against one base."""
    scheme = base.partition("//")[0]
    starts: dict[str, str] = {}
    known: dict[str, str | None] = {}

    def resolve(link: str | None) -> str | None:
        if not link:
            return None
        if link in known:
            return known[link]
        found = None
        if link.startswith("http"):
            found = link if _PLAIN_URL.fullmatch(link) else None
        elif (plain := _PLAIN_LINK.fullmatch(link)) is not None:
            start, path = plain.groups()
            if (front := starts.get(start)) is None:
                starts[start] = front = (absolute(base, f"{start}x") or "")[:-1]
            found = front + path if front else None
        elif link.startswith("//"):
            found = scheme + link if _PLAIN_URL.fullmatch(scheme + link) else None
        known[link] = found = found or absolute(base, link)
        return found

    return resolve


@dataclass(slots=True)
class Rows:
    """What stands in the rows of a page.

    entries: in page order, an address may come twice. anchors: the link of each entry. containers: by mem_id, the
    elements around rows with a date or with the title of a report. linked: by mem_id, the elements around links.
    dead: links that lead nowhere. count: how many rows the page's list has.
    """

    entries: list[Link] = field(default_factory=list)
    anchors: list[LexborNode] = field(default_factory=list)
    containers: dict[int, LexborNode] = field(default_factory=dict)
    linked: dict[int, list[str | None]] = field(default_factory=dict)
    dead: list[LexborNode] = field(default_factory=list)
    count: int = 0

    @property
    def is_list(self) -> bool:
        """Whether an entry has a date or the title of a report."""
        return bool(self.containers) or any(link.listed_on or names_report(link.title) for link in self.entries)


def found_rows(
    tree: LexborHTMLParser, base: str, resolve: Resolve, chosen: Selectors, composed: Mapping[int, str]
) -> Rows:
    """All links of a page that say something. composed: by mem_id of a link, its title where the page says it around
    the link only."""
    every = tree.css("a[href]")
    hrefs = [anchor.attrs.get("href") for anchor in every]
    targets = [resolve(href) for href in hrefs]
    rows = Rows(linked=_linked(every, hrefs))
    if None in targets:
        rows.dead = [anchor for anchor, target in zip(every, targets, strict=True) if target is None]
    if chosen.link:
        every = tree.css(chosen.link)
        targets = [resolve(anchor.attrs.get("href")) for anchor in every]
    kinds: dict[int, str] = {}  # container -> tag of its rows
    for anchor, url in zip(every, targets, strict=True):
        if url is None or url == base:
            continue
        row = _row_of(anchor, rows.linked)
        title = composed.get(anchor.mem_id) if composed else None
        title = title or link_title(anchor, row)
        if not title:
            continue
        date = row_date(anchor, row)
        if date or names_report(title):
            parent = row.parent
            if parent is not None:
                rows.containers[parent.mem_id] = parent
                kinds[parent.mem_id] = row.tag or ""
        rows.entries.append(Link(url, title, date))
        rows.anchors.append(anchor)
    for mem_id, container in rows.containers.items():
        # A pager in an element of its own, beside the rows, is no row.
        counted = {kinds[mem_id]} if kinds[mem_id] in ("li", "tr") else _COUNTED
        rows.count += sum(node.tag in counted for node in container.iter())
    return rows


def configured_rows(tree: LexborHTMLParser, resolve: Resolve, chosen: Selectors) -> Rows:
    """The rows that the portal's file names."""
    rows = Rows()
    for row in tree.css(chosen.row or "li"):
        rows.count += 1
        anchor = first_css(row, chosen.link) if chosen.link else first_css(row, "a[href]")
        url = resolve(anchor.attributes.get("href")) if anchor else None
        if anchor is None or url is None:
            continue
        titled = first_css(row, chosen.title) if chosen.title else None
        title = clean(titled.text(deep=True)) if titled else link_title(anchor, row)
        dated = first_css(row, chosen.date) if chosen.date else None
        date = iso_date(dated.text(deep=True)) if dated else row_date(anchor, row)
        if title:
            rows.entries.append(Link(url, title, date))
            rows.anchors.append(anchor)
    return rows


def names_report(title: str) -> bool:
    """Whether a title is that of a report. A bare 政府信息公开年报 is the name of a column."""
    if "公" not in title or "报" not in title:
        return False
    read = read_title(title)
    return read.is_report and bool(read.agency or read.year)


def folded(text: str) -> str:
    """`clean`, at next to no cost for what is clean."""
    return text.strip() if text.isprintable() and "  " not in text else clean(text)


def link_title(anchor: LexborNode, row: LexborNode) -> str:
    """What a link is called: its text without a date, its `title` if that says more, else a cell beside 下载."""
    text = anchor.text(deep=True)
    if "20" in text or "19" in text:
        first = anchor.first_child
        if first is not None and (first.next is not None or not first.is_text_node):
            for printed in _dates_in_link(anchor):
                text = text.replace(printed, " ", 1)
    text = text.strip() if text.isprintable() and "  " not in text else clean(text)
    full = anchor.attrs.get("title")
    if full and full != text:
        full = full.strip() if full.isprintable() and "  " not in full else clean(full)
        if full and (not text or len(full) > len(text) or text.endswith(_CUT_SHORT)) and not _says_nothing(full):
            text = full
    is_nothing = not text or (text[0] in _STARTS_OF_NOTHING and _says_nothing(text.rstrip("….⋯ ")))
    if is_nothing and row.mem_id != anchor.mem_id:
        # A cell with the title beside a cell with 下载.
        shown = row.text(deep=True)
        if "公" in shown and "报" in shown:
            others = [
                clean(node.text(deep=True)) for node in row.css("td, span, p, h3, h4, div, strong") if not node.css("a")
            ]
            titles = [other for other in others if read_title(other).is_report]
            text = max(titles, key=len, default=text)
    return text


def row_date(anchor: LexborNode, row: LexborNode) -> str | None:
    """The date printed beside a link: alone in an element of the row, else in the row's text, else right after it."""
    if (date := _date_beside(anchor, row)) is not None:
        return date
    shown = row.text(deep=True)
    is_row = row.mem_id != anchor.mem_id
    if "20" not in shown and "19" not in shown:  # the centuries of all dates
        if is_row:
            return None
    else:
        parts = 0
        for node in row.traverse():
            if node.tag not in _DATED:
                continue
            if (date := _date_alone(node.text(deep=True))) is not None:
                return date
            parts += 1
            if parts >= _PARTS_OF_ROW:
                break
        if is_row:
            rest = row.text(deep=True, separator=" ").replace(anchor.text(deep=True, separator=" "), " ", 1)
            if date := printed_date(rest):
                return date
    after = anchor.next
    for _ in range(4):
        if after is None or after.tag == "a" or (after.is_element_node and after.css_first("a")):
            return None
        if date := printed_date(after.text(deep=True)):
            return date
        after = after.next
    return None


def _date_beside(anchor: LexborNode, row: LexborNode) -> str | None:
    """The date of nine of ten rows: a link that is all text, behind it an element with the date, in front of it at most
    an empty one (a dot). None of others."""
    inside, beside, parent = anchor.first_child, anchor.next, anchor.parent
    if inside is None or beside is None or parent is None or parent.mem_id != row.mem_id:
        return None
    if beside.is_text_node and (beside := beside.next) is None:
        return None
    if beside.tag not in _DATED or inside.next is not None or not inside.is_text_node:
        return None
    first = row.first_child
    if first is None or (first.mem_id != anchor.mem_id and not _is_only_empty(first, anchor)):
        return None
    return _date_alone(beside.text(deep=True))


def _is_only_empty(first: LexborNode, anchor: LexborNode) -> bool:
    """Whether an element without anything in it, and blanks, are all that stands from `first` to a link."""
    node: LexborNode | None = first
    for _ in range(3):
        if node is None or node.mem_id == anchor.mem_id:
            return node is not None
        if node.first_child is not None:
            return False
        node = node.next
    return node is not None and node.mem_id == anchor.mem_id


def _linked(anchors: list[LexborNode], hrefs: list[str | None]) -> dict[int, list[str | None]]:
    """For each element around a link the addresses inside it, up to one more than a row can have."""
    linked: dict[int, list[str | None]] = {}
    for anchor, href in zip(anchors, hrefs, strict=True):
        around = anchor.parent
        while around is not None:
            inside = linked.get(around.mem_id)
            if inside is None:
                linked[around.mem_id] = [href]
            elif len(inside) > _MOST_ANCHORS_IN_ROW:
                break  # and so have all elements around it
            else:
                inside.append(href)
            around = around.parent
    return linked


def _row_of(anchor: LexborNode, linked: dict[int, list[str | None]]) -> LexborNode:
    """The widest element around a link that is still the row of this entry alone."""
    row = anchor
    for _ in range(_LEVELS):
        parent = row.parent
        if parent is None or (tag := parent.tag) in AROUND_ROWS:
            break
        inside = linked.get(parent.mem_id, ())
        is_row = tag in ROW_TAGS
        if len(inside) > 1:
            targets = len(set(inside)) if len(inside) <= _MOST_ANCHORS_IN_ROW else len(inside)
            if targets > (_LINKS_IN_ROW if is_row else 1):
                break
        row = parent
        if is_row:
            break
    return row


def _dates_in_link(anchor: LexborNode) -> Iterator[str]:
    """The texts of elements inside a link that are dates."""
    parts = 0
    for node in anchor.traverse():
        if node.tag not in _DATED_IN_LINK:
            continue
        printed = node.text(deep=True)
        if _date_alone(printed) is not None:
            yield printed
        parts += 1
        if parts >= _PARTS_OF_ROW:
            return


@lru_cache(maxsize=256)
def _date_alone(text: str) -> str | None:
    """`iso_date`; lists repeat their dates, and most of what stands beside a title is none."""
    if not 8 <= len(text) <= 200:
        return None
    plain = _PLAIN_DATE.fullmatch(text)
    return plain[1] if plain is not None else iso_date(text)


def _says_nothing(text: str) -> bool:
    return text[:1] in _STARTS_OF_NOTHING and len(text) <= _LONGEST_NOTHING and SAYS_NOTHING.match(text) is not None
