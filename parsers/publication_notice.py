"""Publication notices (公布情况): a page that states which units have published their annual reports, and which not.

What a notice says is a claim of the site about its units. Nothing is guessed: what it does not say plainly is None.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from parsers.blocks import Document, Grid, Paragraph
from parsers.media import sniff
from parsers.notice_links import Anchor, read_anchors
from parsers.notice_table import is_deep, read_table
from parsers.notice_words import folded, is_unit, says_published, without_number
from parsers.read import read_document
from parsers.titles import read_title, title_year

NOTICE_VERSION = "1"
"""Raised with every change that can change what a notice is read as."""

_SEPARATORS = re.compile(r"[、,;]|以及|和(?=[\u4e00-\u9fff]{2,}(?:局|委|办|镇|乡|街道|委员会|政府)(?:$|[、,]))")
_CLAUSE = re.compile(r"[。;!]")
_TRAILING = re.compile(r"(?:等)?(?:\d+|[一二三四五六七八九十百]+)?[家个](?:单位|部门|机关).*$|等(?:单位|部门)?$")
_ASIDE = re.compile(r"^(?:上|下)一(?:篇|条|页)|^相关(?:链接|文章)|^(?:当前|您的?)位置")


class Claim(NamedTuple):
    """unit: as printed. year: the reporting year, None where the notice does not say. has_published: None where it
    does not say. link: the report's address as the notice writes it (it may be relative)."""

    unit: str
    year: int | None
    has_published: bool | None
    link: str | None


def read_notice(data: bytes, title: str | None = None) -> list[Claim]:
    """What a notice claims, in its order; each unit and year once, None where it contradicts itself.

    data: the bytes of the page or the file. title: of the list entry. Raises UnreadableDocument.
    """
    document = read_document(data)
    anchors = read_anchors(data) if sniff(data) == "html" else []
    year = _year(document, title)
    found = list(_from_tables(document, anchors))
    # Where a table says it, the words around the table only repeat it.
    found = found or list(_from_prose(document))
    units = {claim.unit for claim in found}
    found += [claim for claim in _from_links(anchors) if claim.unit not in units]
    return _each_once(Claim(c.unit, c.year or year, c.has_published, c.link) for c in found)


def _year(document: Document, title: str | None) -> int | None:
    """The reporting year of the whole notice: of the list's title, else of its own heading."""
    texts = [title or "", document.meta.get("articletitle", ""), document.meta.get("title", "")]
    texts += [b.text for b in document.blocks if isinstance(b, Paragraph) and b.main and len(b.text) < 80][:8]
    about = (text for text in texts if "公开" in text and re.search(r"年报|报告", text) and not _is_one_report(text))
    return next((year for text in about if (year := title_year(folded(text)))), None)


def _is_one_report(text: str) -> bool:
    """Whether a line names the report of one unit, which says nothing about the year of the others."""
    title = read_title(text)
    return title.is_report and title.agency is not None


def _from_tables(document: Document, anchors: list[Anchor]) -> Iterator[Claim]:
    waiting: dict[str, deque[str]] = defaultdict(deque)
    for anchor in anchors:
        if anchor.in_table:
            waiting[anchor.text].append(anchor.href)
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    cells = [[[folded(cell) for cell in row] for row in grid.rows] for grid in grids]
    count = Counter(text for rows in cells for row in rows for text in row)
    # Cells and links of one text belong together one by one only if there are as many of both.
    sure = {text for text, hrefs in waiting.items() if count[text] == len(hrefs)}
    for rows in cells:
        links = [[waiting[text].popleft() if text in sure else None for text in row] for row in rows]
        for row in read_table(rows, links):
            yield Claim(*row)


def _from_prose(document: Document) -> Iterator[Claim]:
    """Lists in sentences: 以下单位已公布：甲局、乙局。 and 丙局、丁局等2家单位尚未公布。"""
    state: bool | None = None  # what the line above says of the names on the lines below it
    for block in document.blocks:
        if not isinstance(block, Paragraph) or not block.main:
            state = None
            continue
        text = folded(block.text)
        if is_unit(without_number(text)):
            if state is not None:
                yield Claim(without_number(text), None, state, None)
            continue
        state = None
        for clause in filter(None, _CLAUSE.split(text)):
            said = says_published(clause)
            before, colon, after = clause.rpartition(":")
            if said is None and not (colon and says_published(before) is not None):
                units = _units(clause)
                if state is not None and units:
                    yield from (Claim(unit, None, state, None) for unit in units)
                else:
                    state = None
                continue
            if colon:
                state = says_published(before)
                yield from (Claim(unit, None, state, None) for unit in _units(after))
            else:
                state = None
                yield from (Claim(unit, None, said, None) for unit in _subjects(clause))


def _units(text: str) -> list[str]:
    """The names of a list, [] where one of its parts is no name: then it is no list of units."""
    parts = [_TRAILING.sub("", without_number(part)) for part in _SEPARATORS.split(text) if part]
    parts = [part for part in parts if part]
    return parts if parts and all(map(is_unit, parts)) else []


def _subjects(clause: str) -> list[str]:
    """The names in front of the verb: 甲局、乙局等2家单位尚未公布……"""
    match = re.match(r"(.*?)(?:尚?未|没有|暂未|已|均已|按时|按期)", clause)
    return _units(_TRAILING.sub("", match[1])) if match else []


def _from_links(anchors: Iterable[Anchor]) -> Iterator[Claim]:
    """Links that lead to the reports: by their title, or a unit's name in the article that links a document."""
    for anchor in anchors:
        if not anchor.main or _ASIDE.match(anchor.line):
            continue
        title = read_title(anchor.text)
        if title.is_report and title.agency:
            yield Claim(title.agency, title.year, True, anchor.href)
        elif anchor.in_article and is_unit(anchor.text) and says_published(anchor.line) is not False:
            yield Claim(anchor.text, None, True if is_deep(anchor.href) else None, anchor.href)


def _each_once(claims: Iterable[Claim]) -> list[Claim]:
    found: dict[tuple[str, int | None], Claim] = {}
    for claim in claims:
        key = (claim.unit, claim.year)
        before = found.get(key)
        if before is None:
            found[key] = claim
            continue
        said = {before.has_published, claim.has_published} - {None}
        state = said.pop() if len(said) == 1 else None
        found[key] = Claim(claim.unit, claim.year, state, before.link or claim.link)
    return list(found.values())
