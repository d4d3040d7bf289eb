"""The last look before an accusation: does the agency's name stand in the kept bytes of the lists, near the words of
such reports, in an entry that was not understood? Whoever is named there is not told to be missing.

The reading of a list can fail in ways that nobody has thought of: a title cut short, a link that is a script, a report
on a host that is not followed. The bytes do not. To find too much here costs an alert; to find too little, an innocent.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from db.archive import Archive
from db.collected.name_searches import NameSearch
from db.collected.read_pages import PageBytes, ReadBytes
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
_DISCLOSURE = re.compile(r"信息公开|政务公开")
_OTHER_KINDS = ("other_report", "website_form")
# A day, or the number of an entry (索引号: the body's code, the year in which it was put up, five digits).
_DATE = re.compile(r"20\d\d-(?:\d\d-)?\d{5}(?=20\d\d-|\D|$)|20\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?")
_OF_DATES = frozenset("0123456789-./")
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
    """mentioned: the name stands there, and the search ended. whole: every page of every read could be searched, and
    does not name it."""

    mentioned: bool
    whole: bool


class _Page(NamedTuple):
    """text: the page with its understood entries taken out. cuts: where in it an ellipsis stands."""

    text: str
    cuts: list[int]


class _Titles:
    """The titles that a list shows and that were understood, folded; with what finds them in a text."""

    def __init__(self, titles: frozenset[str]) -> None:
        self.all = titles
        # Not where more of a name stands in front: 财政局、民政局2023年…
        firsts = "".join(sorted({re.escape(title[0]) for title in titles if len(title) >= _SHORTEST}))
        self._first = re.compile(rf"(?<![\u4e00-\u9fff、])[{firsts}]") if firsts else None
        self._starting: dict[str, list[str]] = {}  # with the same characters; the longest first
        for title in sorted(titles, key=len, reverse=True):
            if len(title) >= _SHORTEST:
                self._starting.setdefault(title[:_SHORTEST], []).append(title)

    def taken_out(self, text: str) -> str:
        """The text with _UNDERSTOOD in the place of each long title. A country's titles are too many for one regular
        expression on each page."""
        parts, at = [], 0
        for match in self._first.finditer(text) if self._first else ():
            start = match.start()
            some = self._starting.get(text[start : start + _SHORTEST], ()) if start >= at else ()
            title = next((one for one in some if text.startswith(one, start)), None)
            if title is not None:
                parts += [text[at:start], _UNDERSTOOD]
                at = start + len(title)
        return "".join((*parts, text[at:]))


_NO_LINKS: list[ListedLink] = []


_Listed = tuple[str, datetime]
"""A read: its column and time."""


class Mentions:
    """Searches the list pages behind the reads of one portal's columns. A page is taken apart once, however many reads
    and agencies it is searched for, and then let go; what came of it is known the next time."""

    def __init__(self, archive: Archive, portal: str, links: Mapping[_Listed, list[ListedLink]]) -> None:
        """links: (column, time of the read) -> the entries that were understood: another agency's report, or another
        year's. Reads that list the same may share them."""
        from monitor.rules import RULES_VERSION  # which import this room
        from parsers.read import PARSER_VERSION  # slow to import

        self.made: dict[tuple[str, int], NameSearch] = {}  # what came of searches, where it was not known yet
        self._archive = archive
        self._reads: dict[_Listed, ReadBytes] = archive.read_pages.of(portal)
        self._links = links
        self._versions = (RULES_VERSION, PARSER_VERSION)  # raised with whatever makes a mention of something else
        self._are_there: dict[str, bool] = {}
        self._understood_of: dict[int, _Titles] = {}
        self._equal: dict[frozenset[str], _Titles] = {}
        self._folded: dict[str, str | None] = {}  # title -> folded; None: it names nobody

    def search(self, wanted: Sequence[Wanted]) -> list[Searched]:
        """What came of the search for each. Those that rest on the same reads are searched for together."""
        known = self._archive.name_searches.of({(one.agency.id, one.year) for one in wanted}) | self.made
        hunts = []
        for one in wanted:
            names = spellings(one.agency)
            made_of = hashlib.sha256(repr((names, self._versions)).encode()).hexdigest()
            before = known.get((one.agency.id, one.year))
            if before is None or before.made_of != made_of:
                before = NameSearch(one.agency.id, one.year, made_of, frozenset(), frozenset())
            hunts.append(self._hunt(one, names, before))
        for page, uses in self._uses(hunts).items():
            if not all(hunt.naming for some in uses.values() for hunt, _ in some):
                self._search_page(page, uses)
        return [self._outcome(hunt) for hunt in hunts]

    def _hunt(self, wanted: Wanted, names: tuple[str, ...], before: NameSearch) -> "_Hunt":
        """What is left to be searched. The bytes of what was searched before must be there still."""
        is_host = wanted.agency.id.partition(":")[2] == GOVERNMENT
        reads = [(read.column, read.at) for read in wanted.reads]
        numbers = {self._reads[read].id for read in reads if read in self._reads}
        if numbers & before.naming:
            return _Hunt(wanted.year, names, is_host, before, (), naming=set(numbers & before.naming))
        left = (r for r in reads if r not in self._reads or self._reads[r].id not in before.clear or not self._has(r))
        return _Hunt(wanted.year, names, is_host, before, tuple(left))

    def _has(self, read: _Listed) -> bool:
        """Whether the bytes of each page of a read are there."""
        hashes = [page.sha256 for page in self._reads[read].pages]
        for sha256 in hashes:
            if sha256 is not None and sha256 not in self._are_there:
                self._are_there[sha256] = self._archive.documents.path(sha256).exists()
        return all(sha256 is not None and self._are_there[sha256] for sha256 in hashes)

    def _uses(self, hunts: "Iterable[_Hunt]") -> "dict[PageBytes, _Uses]":
        """Page -> titles that are understood on it -> for whom, and in which reads, it is searched so; the latest
        first, since who is named is named until now. Notes the reads of which no page is known: those of an archive
        from before visits were kept with them."""
        found: dict[PageBytes, _Uses] = {}
        groups: dict[tuple[_Listed, ...], list[_Hunt]] = {}
        for hunt in hunts:
            groups.setdefault(hunt.left, []).append(hunt)
        for reads, members in groups.items():
            of_group: dict[tuple[PageBytes, _Titles], list[_Listed]] = {}
            for read in reversed(reads):
                for page in self._reads[read].pages if read in self._reads else ():
                    of_group.setdefault((page, self._understood(read)), []).append(read)
                if read not in self._reads:
                    for hunt in members:
                        hunt.unsearched.add(read)
            for (page, understood), some in of_group.items():
                found.setdefault(page, {}).setdefault(understood, []).extend((hunt, some) for hunt in members)
        return found

    def _search_page(self, page: PageBytes, uses: "_Uses") -> None:
        pieces = self._taken_apart(page)
        for understood, some in uses.items():
            text = None if pieces is None else _without(pieces, understood)
            for hunt, reads in some:
                if text is None:
                    hunt.unsearched.update(reads)
                elif not hunt.naming and _names(text, hunt.names, hunt.year, is_host=hunt.is_host):
                    hunt.naming.update(self._reads[read].id for read in reads)

    def _outcome(self, hunt: "_Hunt") -> Searched:
        before = hunt.before
        if hunt.naming:
            after = before._replace(naming=before.naming | hunt.naming)
        else:
            clear = {self._reads[read].id for read in hunt.left if read not in hunt.unsearched}
            after = before._replace(clear=before.clear | clear)
        if after != before:
            key = (before.agency_id, before.year)
            same = self.made.get(key, after)  # an agency may be looked for twice, in other reads
            self.made[key] = after._replace(clear=same.clear | after.clear, naming=same.naming | after.naming)
        return Searched(bool(hunt.naming), not hunt.naming and not hunt.unsearched)

    def _understood(self, read: _Listed) -> _Titles:
        links = self._links.get(read, _NO_LINKS)
        if id(links) not in self._understood_of:
            titles = frozenset(folded for link in links if (folded := self._fold(link.title)))
            if titles not in self._equal:
                self._equal[titles] = _Titles(titles)
            self._understood_of[id(links)] = self._equal[titles]
        return self._understood_of[id(links)]

    def _fold(self, title: str) -> str | None:
        if title not in self._folded:
            # A title that names nobody (2023年政府信息公开年度报告) could be a part of the entry that is looked for.
            self._folded[title] = fold(title) if read_title(title).agency else None
        return self._folded[title]

    def _taken_apart(self, page: PageBytes) -> list[tuple[str, ...]] | None:
        if page.sha256 is not None:
            with suppress(ArchiveError):  # lost or damaged: it cannot be searched
                return pieces_of(self._archive.get_document(page.sha256), page.content_type)
        return None


@dataclass(slots=True)
class _Hunt:
    """The search for one agency. is_host: it is a government, whose name its portal has. before: what was known. left:
    the reads that are to be searched. naming: the reads, by id, that name it. unsearched: those of which a page could
    not be searched."""

    year: int
    names: tuple[str, ...]
    is_host: bool
    before: NameSearch
    left: tuple[_Listed, ...]
    naming: set[int] = field(default_factory=set)
    unsearched: set[_Listed] = field(default_factory=set)


_Uses = dict[_Titles, list[tuple[_Hunt, list[_Listed]]]]


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


def _without(pieces: list[tuple[str, ...]], understood: _Titles) -> _Page:
    """The text of a page without its understood entries."""
    parts: list[str] = []
    for piece in pieces:
        titles = [said for said in piece if said in understood.all or _is_another_kind(said)]
        if titles:
            # What a list shows cut short, its link's title says in full.
            others = (s for s in piece if s not in titles and not any(_is_cut_of(s, title) for title in titles))
            parts += [_UNDERSTOOD, *others]
        else:
            parts += ["\t".join(filter(None, piece))]
    text = understood.taken_out("".join(parts))
    return _Page(text, [match.start() for match in re.finditer(re.escape(CUT), text)])


@lru_cache(maxsize=4096)
def _is_another_kind(said: str) -> bool:
    """Whether an entry says of itself that it is no report on disclosure: 法治政府建设年度报告, 政府网站工作年度报表.
    One that speaks of disclosure may be two reports in one."""
    spoken = _WORDS.search(said) or "报表" in said
    return bool(spoken) and not _DISCLOSURE.search(said) and read_title(said).kind in _OTHER_KINDS


def _is_cut_of(text: str, title: str) -> bool:
    stem, mark, after = text.partition(CUT)
    return bool(mark) and not after and len(stem) >= FEWEST and title.startswith(stem)


def _names(page: _Page, names: tuple[str, ...], year: int, *, is_host: bool) -> bool:
    if any(str(year) in row and _WORDS.search(row) for row in _COLLECTION.findall(page.text)):
        return True  # the agency's may be in it
    for start, end in _places(page, names):
        row_start, row_end = _row(page.text, start, end)
        own_end = min(row_end, end + _OWN)
        while own_end < row_end and page.text[own_end] in _OF_DATES:  # half a date would pass for a year
            own_end += 1
        row = page.text[max(row_start, start - _OWN) : own_end]
        if _is_of_earlier(row, year):
            continue
        # Its name stands in the title, the head and the foot of every page of its portal. An entry has a year, or a
        # date, or is cut short.
        if is_host and not _YEAR.search(row) and CUT not in row:
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
