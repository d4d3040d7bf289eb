"""Rows of a list that no address leads on from: opened by a script, below a fragment, or plain text."""

import re
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages import Link
from crawler.pages.html import clean, printed_date
from crawler.pages.rows import AROUND_ROWS, ROW_TAGS, Resolve, Rows, link_title, names_report, row_date

WORDS_OF_REPORT = re.compile(r"信息公开|政务公开|年\s*报|年度报告")
_LONGEST_ROW = 300  # characters of a row without an address
_SHORT_ROW = 8
_MOST_SCANNED = 1_000_000  # characters of all rows that are looked at
_PARTS_OF_ROW = 30  # elements of a row that are looked at
_LIST_TAGS = {"ul", "ol", "dl", "table", "tbody"}
_ROW_DATE = re.compile(r"[\[(]?(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}[\])]?")


def may_name_report(text: str) -> bool:
    """Whether a text has words that a report's title may have."""
    return ("公开" in text or "报" in text) and WORDS_OF_REPORT.search(text) is not None


def leading_nowhere(tree: LexborHTMLParser, base: str, resolve: Resolve, rows: Rows) -> Iterator[Link]:
    """Rows that name a report and have no address; they come with the page's own. rows: what else the page has."""
    own, scanned, linked = base.partition("#")[0], 0, rows.linked
    # Next to no link with an address leads nowhere, and of these next to none says anything of a report.
    is_dead = any(may_name_report(node.html or "") for node in rows.dead)
    for node in tree.css("a, li, tr, dd" if is_dead or not linked else "a:not([href]), li, tr, dd"):
        tag = node.tag
        if tag == "a":
            if resolve(node.attrs.get("href")) is not None:
                continue
        elif node.mem_id in linked or any(inner.tag in _LIST_TAGS for inner in islice(node.iter(), _PARTS_OF_ROW)):
            continue
        shown = node.text(deep=True, separator=" ")
        scanned += len(shown)
        if scanned > _MOST_SCANNED:
            return  # a hostile page nests rows in rows
        if len(shown) > _LONGEST_ROW or not may_name_report(shown + (node.attrs.get("title") or "")):
            continue
        if tag != "a" and any(inner.mem_id != node.mem_id for inner in node.css("a, li, tr")):
            continue
        row = _row_of(node)
        title, date = link_title(node, node), row_date(node, row) if tag == "a" else printed_date(shown)
        if date and tag != "a":
            title = clean(_ROW_DATE.sub(" ", title))
        # A menu says 政府信息公开年报 without any year or date.
        if title and (names_report(title) or ((date or re.search(r"20\d\d", title)) and len(title) > _SHORT_ROW)):
            yield Link(own, title, date)


def _row_of(node: LexborNode) -> LexborNode:
    row = node
    while node.tag == "a" and row.parent is not None and row.tag not in ROW_TAGS:
        if row.parent.tag in AROUND_ROWS:
            break
        row = row.parent
    return row
