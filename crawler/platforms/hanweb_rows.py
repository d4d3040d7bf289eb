"""Rows of a list that come as pieces of HTML, as the endpoints of Hanweb (大汉) send them.

They are read by their text, without a tree: a tree for each of them would cost ten times what a page costs.
"""

import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import NamedTuple

from crawler.address import bare
from crawler.pages.html import absolute, clean, iso_date, printed_date
from crawler.pages.rows import Resolve, folded, resolver
from crawler.platforms import Link, static_list
from crawler.portal import Portal
from parsers.titles import read_title

WORDS_OF_REPORT = re.compile(r"信息公开|政务公开|年\s*报|年度报告")

# Nine of ten rows: one link with its address and title in quotes, a date alone in an element behind it.
_PLAIN_LINK = re.compile(
    r"<a\s+(?:(?!href|title)[a-z-]++=(?:\"[^\"<>]*+\"|'[^'<>]*+')\s+)*+"
    r"href=(?:\"([^\"<>&\s]++)\"|'([^'<>&\s]++)')"
    r"(?:\s+(?!title)[a-z-]++=(?:\"[^\"<>]*+\"|'[^'<>]*+'))*+"
    r"(?:\s+title=(?:\"([^\"<>&]*+)\"|'([^'<>&]*+)')[^<>]*+)?>([^<>&]*+)</a>"
)
_PLAIN_DATE = re.compile(r">\s*\[?((?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))\]?\s*<", re.A)
_PLAIN_ROW = 2000
_ROW_START = re.compile(r"<(?:li|tr)(?=[\s>])", re.I)
_LIST_END = re.compile(r"</(?:ul|ol|table|tbody)\s*>", re.I)
_SHORT_TITLE = 10
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_ANCHOR_START = re.compile(r"<a(?=[\s>])", re.I)
_ANCHOR_END = re.compile(r"</a\s*>", re.I)
_TAG_REST = re.compile(r"((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_SAID = re.compile(r"(?<![\w-])(href|title)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.I)
_BREAK = re.compile(r"<(?:br|/p|/div)\b[^<>]*>", re.I)
_TAG = re.compile(r"<[^<>]*>")
_SAYS_NOTHING = re.compile(
    r"(?:点击)?(?:下载|查看|浏览|阅读|预览|详情|更多|全文|附件|链接|pdf|word|docx?)+(?:版)?\d*", re.I
)
_CUT_SHORT = ("…", "...", "..", "⋯")
_LONGEST_ROW = 20_000
_LONG_TITLE = 300


class Rows(NamedTuple):
    """What rows list: entries, each address once; and rows that name a report and lead nowhere, or to an address that
    another agency's row has."""

    links: list[Link]
    unfollowed: list[Link]


def read_rows(rows: Sequence[str], base: str, portal: Portal) -> Rows:
    """Read rows, each a piece of HTML with one entry of a list. base: what links resolve against."""
    chosen = portal.selectors
    if chosen.row or chosen.link or chosen.title or chosen.date:
        page = static_list.read_list(_as_page(rows).encode("utf-8", "replace"), "utf-8", base, portal)
        return Rows(page.links, page.unfollowed)
    links: dict[str, Link] = {}
    unfollowed: list[Link] = []
    resolve = resolver(base)
    for row in rows:
        plain_link = _read_plain_row(row, resolve)
        for link in (plain_link,) if plain_link is not None else _read_row(row[:_LONGEST_ROW], base):
            known = links.get(link.url)
            if known is None and link.url != base:
                links[link.url] = link
            elif known is None or _are_two_agencies(known.title, link.title):
                unfollowed.append(link)
            else:
                title = max(known.title, link.title, key=len)
                links[link.url] = Link(link.url, title, known.listed_on or link.listed_on)
    own = bare(base)
    return Rows(
        list(links.values()),
        [Link(f"{own}#row-{number}", row.title, row.listed_on) for number, row in enumerate(unfollowed, start=1)],
    )


def read_plain_list(html: str, base: str, portal: Portal) -> list[Link] | None:
    """The entries of a piece of HTML that is one list of plain rows and nothing else with links; None of any other."""
    chosen = portal.selectors
    if chosen.row or chosen.link or chosen.title or chosen.date:
        return None
    before, *rows = _ROW_START.split(html)
    if not rows:
        return None
    end = _LIST_END.search(rows[-1])
    behind = rows[-1][end.start() :] if end else ""
    if _ANCHOR_START.search(before) or _ANCHOR_START.search(behind):
        return None
    links: dict[str, Link] = {}
    resolve = resolver(base)
    for row in rows:
        link = _read_plain_row(row, resolve)
        if link is None or link.url in links or link.url == base:
            return None
        links[link.url] = link
    return list(links.values())


def name_reports(links: Iterable[Link]) -> bool:
    """Whether any of some entries may be a report, by the words of its title alone."""
    return any(WORDS_OF_REPORT.search(link.title) for link in links)


def _as_page(rows: Sequence[str]) -> str:
    """Rows as a page: each in a list or a table of its own, whatever it leaves open."""
    parts = [f"<table>{row}</table>" if row.lstrip()[:3].lower() == "<tr" else f"<ul>{row}</ul>" for row in rows]
    return f"<html><body>{''.join(parts)}</body></html>"


def _read_plain_row(row: str, resolve: Resolve) -> Link | None:
    """The entry of a row in which nothing is special; None of any other."""
    if len(row) > _PLAIN_ROW or "<!--" in row:
        return None
    found = _PLAIN_LINK.search(row)
    if found is None:
        return None
    end = found.end()
    date = _PLAIN_DATE.search(row, end)
    if date is None or row.find("<a", end) >= 0 or row.find("<A", end) >= 0:
        return None
    quoted, single, full, other, text = found.groups()
    title = text = folded(text)
    if full := full or other:
        full = folded(full)
        title = full if len(full) > len(text) or (full and text.endswith(_CUT_SHORT)) else text
    url = resolve(quoted or single)
    day = date.group(1)
    if url is None or not _SHORT_TITLE <= len(title) <= _LONG_TITLE or (day[8:] > "28" and iso_date(day) is None):
        return None
    return Link(url, title, day)


def _read_row(row: str, base: str) -> list[Link]:
    """The entries of one row: most have one. An entry without an address has that of the page."""
    if "<!--" in row:
        row = _COMMENT.sub(" ", row)
    before, *parts = _ANCHOR_START.split(row)
    around = [before]
    anchors: list[tuple[str | None, str]] = []
    inner_date = None
    for part in parts:
        tag = _TAG_REST.match(part)
        if tag is None:
            around.append(part)
            continue
        rest = part[tag.end() :]
        end = _ANCHOR_END.search(rest)
        inside = rest[: end.start()] if end else rest
        around.append(rest[end.end() :] if end else "")
        said = {name.lower(): "".join(values) for name, *values in reversed(_SAID.findall(tag.group(1)))}
        if "<" in inside:
            inside, date = _without_date(inside)
            inner_date = inner_date or date
        url = absolute(base, said["href"].replace("&amp;", "&")) if "href" in said else None
        anchors.append((url, _title(plain(inside), plain(said.get("title", "")))))
    outside = "<br>".join(around)
    date = inner_date or _date(outside)
    return list(_entries(anchors, outside, date, base))


def _entries(anchors: list[tuple[str | None, str]], outside: str, date: str | None, base: str) -> Iterable[Link]:
    titled = [title for _, title in anchors if title and not _SAYS_NOTHING.fullmatch(title)]
    main = max(titled, key=len, default="")
    if not main or (len(main) < 10 and WORDS_OF_REPORT.search(outside) and not WORDS_OF_REPORT.search(main)):
        # A cell with the title beside a link that says 下载.
        words = [plain(piece) for piece in _TAG.split(outside)]
        main = max((word for word in words if not iso_date(word)), key=len, default="") or main
    if not main or len(main) > _LONG_TITLE:
        return
    leads = False
    for url, title in anchors:
        if url is None:
            continue
        if title == main or not title or _SAYS_NOTHING.fullmatch(title) or main not in titled:
            yield Link(url, main, date)
            leads = True
        elif WORDS_OF_REPORT.search(title):
            yield Link(url, title, date)
            leads = True
    if not leads and WORDS_OF_REPORT.search(main):
        yield Link(base, main, date)


def _title(text: str, full: str) -> str:
    longer = len(full) > len(text) or text.endswith(_CUT_SHORT)
    return full if full and longer and not _SAYS_NOTHING.fullmatch(full) else text


def _without_date(inside: str) -> tuple[str, str | None]:
    """The HTML inside a link without an element that is a date, and that date."""
    for piece in _TAG.split(inside):
        if (date := iso_date(piece)) is not None:
            return inside.replace(piece, " ", 1), date
    return inside, None


def _date(outside: str) -> str | None:
    for piece in _TAG.split(outside):
        if "0" in piece and (date := iso_date(piece)) is not None:
            return date
    return printed_date(plain(outside, " ")) if "20" in outside or "19" in outside else None


def plain(html: str, between: str = "") -> str:
    """A piece of HTML as the text that a reader sees. between: what stands for a tag; breaks are blanks."""
    if "<" in html:
        html = _TAG.sub(between, _BREAK.sub(" ", html))
    return clean(unescape(html) if "&" in html else html)


def _are_two_agencies(one: str, other: str) -> bool:
    if one in other or other in one:
        return False
    first, second = read_title(one), read_title(other)
    if not (first.agency and second.agency):
        return False
    return first.agency != second.agency or bool(first.year and second.year and first.year != second.year)
