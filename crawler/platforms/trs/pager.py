"""Names of further pages as TRS sites make them: nothing stands in the HTML, a script is given a few numbers.

    createPageHTML(3, 0, "index", "html")                       pages, current from 0: index_1.html is the second page
    createPage(8,0,"index","html")                              the same
    createPageHTML('paging',25,1,'index','html',500)            counted from 1: index_2.html is the second page
    createPageHTML(41, 3, 0, "index", "html")                   entries, pages and current, in any order
    var countPage=12; var currentPage=0;                        the same numbers in variables
    $(".pagination").pagination({totalPage: 3})                 counted from 1

A list that ships all its rows and shows them page by page has the same pagers; it has no further pages.
"""

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.pages.scripts import number_in, text_in

MOST_PAGES = 2000
_CALL = re.compile(r"\bcreatePage(?:HTML)?\s{0,5}\(((?:[^()]|\(\s{0,5}[\w\"']{0,40}\s{0,5}\)){0,300})\)")
_DEFINED = re.compile(r"function\s{1,5}$")
_LIBRARY = re.compile(r"\.pagination\s{0,5}\(\s{0,20}\{([^{}]{0,800})")
_COUNTS = "countPage|totalPages?|pageCount|_?nPageCount|totalPageCount"
_CURRENTS = "currentPage|_?nCurrIndex|curPage|currPage|nowPage|currentpage|current"
_ENTRIES = "recordCount|totalRecords?|totalCount|totalNum|total"
_SIZES = "pageSize|pagesize|page_size|perPage|perpage|limit|size"
_NUMBER = re.compile(r"(?:parseInt|Number)?\s{0,5}\(?\s{0,5}[\"']?(\d{1,6})[\"']?\s{0,5}\)?")
_TEXT = re.compile(r"[\"']([\w./-]{1,100})[\"']")
_NAME = re.compile(r"[A-Za-z_$][\w$]{0,40}")
_PAGE_NAME = re.compile(r"_\d{1,4}$")
_ENDING = re.compile(r"s?html?|jspx?|aspx?|php")
_SLICES = re.compile(r"\.slice\s*\(|:(?:gt|lt|eq)\(|\.(?:hide|show)\s*\(|\.style\.display|\.eq\s*\(")


class Pages(NamedTuple):
    """What a script says of the pages of a list. current: as it counts, None where it does not say. first: the number
    that it gives to the first page, None where it does not say. entries: of all pages, None where it does not say;
    is_counted: they are entries for certain, and not the entries on a page."""

    total: int
    current: int | None = None
    first: int | None = None
    entries: int | None = None
    stem: str | None = None
    ending: str | None = None
    is_counted: bool = False


def read_pages(script: str) -> Pages | None:
    """The pages that the scripts of a list speak of; None where there is nothing that can be understood."""
    for call in _CALL.finditer(script):
        if not _DEFINED.search(script, max(call.start() - 15, 0), call.start()):
            pages = _called(call.group(1), script)
            if pages is not None:
                return pages
    if library := _LIBRARY.search(script):
        given = library.group(1)
        total = number_in(given, _COUNTS)
        if total is not None:
            return Pages(total, number_in(given, _CURRENTS), 1, number_in(given, _ENTRIES))
    total, current = number_in(script, _COUNTS), number_in(script, _CURRENTS)
    return Pages(total, current) if total is not None and current is not None else None


def names(pages: Pages, url: str, counts_from: int | None, *, is_column: bool) -> list[str] | None:
    """The names of the other pages, to be resolved against this one; None where it cannot be told how they count.

    url: of the page that says so; is_column: it is the column's first page, whatever its name. counts_from: the number
    of the first page, where the portal's file says it.
    """
    stem, ending, is_first = _own_name(url, is_column)
    stem, ending = pages.stem or stem, pages.ending or ending
    first = counts_from if counts_from is not None else pages.first
    if first is None and is_first:
        # The number of the page that we are on.
        first = pages.current if pages.current is not None else 0
        if first not in (0, 1):
            return None
    last = min(pages.total, MOST_PAGES)
    # A further page says the same either way; what is a page in both ways of counting is one, and the first page has
    # named them all.
    numbers = range(2, last) if first is None else range(1 + first, last + first)
    return [f"{stem}_{number}.{ending}" for number in numbers]


def ships_all_rows(source: str, script: str, pages: Pages | None, rows: int) -> bool:
    """Whether all rows stand in the page, and only a script shows them a few at a time.

    rows: how many the page's list has at most.

    That is so for certain if one list of the page has as many rows as all pages together, or more than the script
    shows at a time and just as many pages as those rows make.
    """
    if pages is not None and pages.total <= 1:
        return False
    slices = _SLICES.search(script) is not None
    if pages is not None and pages.entries is not None and (slices or pages.is_counted):
        return rows >= pages.entries > 0 and _most_rows(source) == pages.entries
    size = number_in(script, _SIZES)
    if not size or rows <= size or not slices:
        return False
    here = _most_rows(source)
    return here > size and (pages is None or -(-here // size) == pages.total)


def _most_rows(source: str) -> int:
    """How many rows with a link the longest list of a page has."""
    rows: Counter[int] = Counter()
    for node in LexborHTMLParser(source).css("li, tr, dd, dt, p, div"):
        if node.parent is not None and node.css_first("a[href]") is not None:
            rows[node.parent.mem_id] += 1
    return max(rows.values(), default=0)


def _called(given: str, script: str) -> Pages | None:
    """The pages out of what a call is given."""
    numbers: list[int] = []
    texts: list[str] = []
    named_first = False
    for number, part in enumerate(given.split(",")):
        value = part.strip()
        if found := _NUMBER.fullmatch(value):
            numbers.append(int(found.group(1)))
        elif found := _TEXT.fullmatch(value):
            texts.append(found.group(1))
            named_first |= number == 0
        elif _NAME.fullmatch(value):
            # A variable: of a number that comes first, of a name that comes later.
            known = number_in(script, re.escape(value))
            if known is not None:
                numbers.append(known)
            elif (text := text_in(script, re.escape(value))) is not None:
                texts.append(text)
            else:
                return None
        else:
            return None
    if named_first:
        texts = texts[1:]  # the element in which the pager is drawn
    stem, ending = (texts[0], texts[1].lstrip(".")) if len(texts) >= 2 else (None, None)
    first = 1 if named_first else None
    if not numbers:
        return None
    if len(numbers) == 1:
        return Pages(numbers[0], None, first, None, stem, ending)
    if len(numbers) == 2 or named_first:
        count, current = max(numbers[:2]), min(numbers[:2])
        return Pages(count, current, first, None, stem, ending)
    # Entries are never fewer than pages, pages never fewer than the current one.
    entries, count, current = sorted(numbers[:3], reverse=True)
    # Behind pages and the current one, the third number may be that of the entries on a page.
    return Pages(count, current, first, entries, stem, ending, numbers[0] == entries)


def _own_name(url: str, is_column: bool) -> tuple[str, str, bool]:
    """(stem, ending, whether it is the first page) of a list's page: index and html of a folder."""
    name = PurePosixPath(urlsplit(url).path).name if not urlsplit(url).path.endswith("/") else ""
    stem, _, ending = name.rpartition(".")
    if not stem or not _ENDING.fullmatch(ending):
        return "index", "html", True
    plain = stem if is_column else _PAGE_NAME.sub("", stem)
    return plain, ending, plain == stem
