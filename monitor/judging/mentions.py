"""The last look before an accusation: does the agency's name stand in the kept bytes of the lists, near the words of
such reports, in an entry that was not understood? Whoever is named there is not told to be missing.

The reading of a list can fail in ways that nobody has thought of: a title cut short, a link that is a script, a report
on a host that is not followed. The bytes do not. To find too much here costs an alert; to find too little, an innocent.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from db.archive import Archive
from db.collected.read_pages import PageBytes
from db.errors import ArchiveError
from db.records import Agency, ListedLink
from monitor.judging.absence import Read
from monitor.page_text import CUT, ROW, fold, pieces_of
from parsers.abbreviations import abbreviations
from parsers.full_names import GOVERNMENT
from parsers.titles import read_title

NEAR = 40
"""Characters around a name within which the words of a report make it a mention."""
FEWEST = 4
"""Characters of a name that an ellipsis must leave for the rest to be guessed."""

_UNDERSTOOD = "\0"  # in the place of an entry that is known to be another report
_SHORTEST = 8  # characters of a title that may be taken out of a text without a link
_OWN = 60  # characters of its row on either side of a name that are looked at for years
_WORDS = re.compile(r"年报|年度报告|年度工作报告|信息公开|政务公开")
_DATE = re.compile(r"20\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?")
_YEAR = re.compile(r"(?<!\d)(?:20\d\d(?!\d)|二[〇○零0]\S{2}(?=年))")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
# One row for many reports: 县直部门2023年政府信息公开年度报告汇总.
_COLLECTION = re.compile(r"[^\n\0]{0,60}(?:汇总|合集|汇编)[^\n\0]{0,60}")
_ENDS = re.compile(f"[{ROW}{_UNDERSTOOD}]")


class Wanted(NamedTuple):
    """An agency that is looked for: whether the pages of these reads name it near the words of a report of a year, or
    of no year."""

    agency: Agency
    year: int
    reads: tuple[Read, ...]


class Searched(NamedTuple):
    """mentioned: the name stands there. whole: every page of every read could be searched."""

    mentioned: bool
    whole: bool


class _Page(NamedTuple):
    """text: the page with its understood entries taken out. cuts: where in it an ellipsis stands."""

    text: str
    cuts: list[int]


_Titles = frozenset[str]
_NO_LINKS: list[ListedLink] = []


class Mentions:
    """Searches the list pages behind the reads of one portal's columns. A page is taken apart once, however many reads
    and agencies it is searched for, and then let go."""

    def __init__(self, archive: Archive, portal: str, links: Mapping[tuple[str, datetime], list[ListedLink]]) -> None:
        """links: (column, time of the read) -> the entries that were understood: another agency's report, or another
        year's. Reads that list the same may share them."""
        self._archive = archive
        self._pages: dict[tuple[str, datetime], list[PageBytes]] = archive.read_pages.of(portal)
        self._links = links
        self._folded: dict[int, _Titles] = {}

    def search(self, wanted: Sequence[Wanted]) -> list[Searched]:
        """What came of the search for each. Those that rest on the same reads are searched for together."""
        groups: dict[tuple[tuple[str, datetime], ...], list[int]] = {}
        for number, one in enumerate(wanted):
            groups.setdefault(tuple((read.column, read.at) for read in one.reads), []).append(number)
        named, broken = [False] * len(wanted), [False] * len(wanted)
        names = [spellings(one.agency) for one in wanted]
        for page, uses in self._uses(list(groups), broken, list(groups.values())).items():
            pieces = self._taken_apart(page)
            for understood, members in uses.items():
                text = None if pieces is None else _without(pieces, understood)
                for number in members:
                    broken[number] |= text is None
                    if text is not None and not named[number]:
                        named[number] = _names(text, names[number], wanted[number].year)
        return [Searched(mentioned, not lacking) for mentioned, lacking in zip(named, broken, strict=True)]

    def _uses(
        self, groups: list[tuple[tuple[str, datetime], ...]], broken: list[bool], members: list[list[int]]
    ) -> dict[PageBytes, dict[_Titles, list[int]]]:
        """Page -> titles that are understood on it -> for whom it is searched so. Marks those of whose reads no page is
        known: reads of an archive from before visits were kept with them."""
        found: dict[PageBytes, dict[_Titles, dict[int, None]]] = {}
        for which, reads in enumerate(groups):
            for read in reads:
                pages = self._pages.get(read, [])
                for number in members[which] if not pages else ():
                    broken[number] = True
                for page in pages:
                    found.setdefault(page, {}).setdefault(self._understood(read), {})[which] = None
        return {
            page: {titles: [n for which in some for n in members[which]] for titles, some in uses.items()}
            for page, uses in found.items()
        }

    def _understood(self, read: tuple[str, datetime]) -> _Titles:
        links = self._links.get(read, _NO_LINKS)
        if id(links) not in self._folded:
            # A title that names nobody (2023年政府信息公开年度报告) could be a part of the entry that is looked for.
            titles = (fold(link.title) for link in links if read_title(link.title).agency)
            self._folded[id(links)] = frozenset(titles)
        return self._folded[id(links)]

    def _taken_apart(self, page: PageBytes) -> list[tuple[str, ...]] | None:
        if page.sha256 is not None:
            with suppress(ArchiveError):  # lost or damaged: it cannot be searched
                return pieces_of(self._archive.get_document(page.sha256), page.content_type)
        return None


@lru_cache(maxsize=4096)
def _spelled(name: str, local: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    found = {name, *aliases}
    if local == GOVERNMENT:
        # 柳溪县2023年政府信息公开工作年度报告; 人民政府 alone would be everybody's.
        place = name.removesuffix(GOVERNMENT)
        found |= {place + after for after in ("政府信息公开", "人民政府信息公开")} if place else set()
        found |= {f"{place}20", f"{place}二"} if place else set()
    elif local:
        found.add(local)
    for full in tuple(found):
        found |= set(abbreviations().shortened(full))
        if len(full.removesuffix(GOVERNMENT)) > 2 and full.endswith(GOVERNMENT) and local != GOVERNMENT:
            found |= {full.removesuffix(GOVERNMENT), full.removesuffix(GOVERNMENT) + "政府"}
        found.add(full.removesuffix("办事处"))
    return tuple(sorted(spelling for spelling in found if len(spelling) > 1))


def spellings(agency: Agency) -> tuple[str, ...]:
    """What an agency is possibly printed as: its name, aliases, local name, and the short forms of each."""
    local = agency.id.partition(":")[2]
    return _spelled(fold(agency.name), fold(local), tuple(fold(alias) for alias in agency.aliases))


def _without(pieces: list[tuple[str, ...]], understood: frozenset[str]) -> _Page:
    """The text of a page without its understood entries."""
    parts: list[str] = []
    for piece in pieces:
        titles = [said for said in piece if said in understood]
        if titles:
            # What a list shows cut short, its link's title says in full.
            others = (s for s in piece if s not in titles and not any(_is_cut_of(s, title) for title in titles))
            parts += [_UNDERSTOOD, *others]
        else:
            parts += ["\t".join(filter(None, piece))]
    text = "".join(parts)
    long = sorted((title for title in understood if len(title) >= _SHORTEST), key=len, reverse=True)
    if long:
        # Not where more of a name stands in front: 财政局、民政局2023年…
        text = re.sub(rf"(?<![\u4e00-\u9fff、])(?:{'|'.join(map(re.escape, long))})", _UNDERSTOOD, text)
    return _Page(text, [match.start() for match in re.finditer(re.escape(CUT), text)])


def _is_cut_of(text: str, title: str) -> bool:
    stem, mark, after = text.partition(CUT)
    return bool(mark) and not after and len(stem) >= FEWEST and title.startswith(stem)


def _names(page: _Page, names: tuple[str, ...], year: int) -> bool:
    if any(str(year) in row and _WORDS.search(row) for row in _COLLECTION.findall(page.text)):
        return True  # the agency's may be in it
    for start, end in _places(page, names):
        row_start, row_end = _row(page.text, start, end)
        if _is_of_earlier(page.text[max(row_start, start - _OWN) : min(row_end, end + _OWN)], year):
            continue
        first = page.text.rfind(_UNDERSTOOD, 0, start) + 1
        last = page.text.find(_UNDERSTOOD, end)
        around = page.text[max(first, start - NEAR) : min(last if last >= 0 else len(page.text), end + NEAR)]
        if _WORDS.search(around) or CUT in page.text[start : min(row_end, end + NEAR)]:
            return True
    return False


def _places(page: _Page, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where one of the names stands, whole or cut short by an ellipsis."""
    for name in names:
        at = page.text.find(name)
        while at >= 0:
            yield at, at + len(name)
            at = page.text.find(name, at + 1)
    for cut in page.cuts:
        for name in names:
            for length in range(len(name) - 1, FEWEST - 1, -1):
                if page.text.endswith(name[:length], 0, cut):
                    yield cut - length, cut + len(CUT)
                    break


def _row(text: str, start: int, end: int) -> tuple[int, int]:
    first = max(text.rfind(ROW, 0, start), text.rfind(_UNDERSTOOD, 0, start)) + 1
    last = _ENDS.search(text, end)
    return first, last.start() if last else len(text)


def _is_of_earlier(row: str, year: int) -> bool:
    """Whether a row names earlier years and not this one. A later year may be that of its publication."""
    years = {
        int(match.group().translate(_DIGITS))
        for match in _YEAR.finditer(_DATE.sub("", row))
        if match.group().translate(_DIGITS).isdigit()
    }
    return year not in years and any(2000 <= one < year for one in years)
