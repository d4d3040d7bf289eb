"""Reading one column of a portal over all its pages, and deciding whether it was read to its end.

No more than one page is held in memory: what each page lists is kept before the next is asked for.
"""

import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.asking.fetch import Fetched
from crawler.outcomes.verdict import Verdict, shell_target
from crawler.platforms import Link, ListPage
from crawler.platforms.html import absolute, has_file_ending
from crawler.platforms.pager import same_page
from crawler.portal import Column, Portal
from crawler.walk.links import KEPT_KINDS, LinkVerdict, stays_listed
from db.records import ListedPage, Outcome

_STUB_BYTES = 1000  # what a TRS site answers, with status 200, for a page past the end
_READ = ("ok", "unchanged", "empty")
_MOST_SHELLS = 3  # pages of a column that only send on
_OLDEST_COPY = timedelta(hours=12)  # of a cache between us and the portal
_OLDEST_DATE = timedelta(days=1)


class Entry(NamedTuple):
    """One entry of a list page, and what it leads to by its title and address."""

    link: Link
    verdict: LinkVerdict


class Looked(NamedTuple):
    """One look at a list page. visit_id: of a look that this crawl made before it was broken off. signature: what the
    page says, None of one that says nothing; kept: the document that says the same."""

    fetched: Fetched
    verdict: Verdict
    page: ListPage
    entries: list[Entry]
    visit_id: int | None = None
    signature: str | None = None
    kept: str | None = None


Look = Callable[[str, str | None], Awaitable[Looked]]
Keep = Callable[[Looked, list[Entry]], ListedPage]


@dataclass(slots=True)
class ColumnResult:
    """What a column listed. outcome: "ok" only if every page was read; why: what it rests on otherwise.

    pages: how many were asked for. reports: how many entries are reports. listing: the pages, as they are kept.
    """

    column: Column
    outcome: Outcome = "unknown"
    why: str = ""
    pages: int = 0
    reports: int = 0
    listing: list[ListedPage] = field(default_factory=list)


class ColumnReading:
    """Reads one column. result: what it came to so far; complete once `read` has returned."""

    def __init__(self, column: Column, portal: Portal) -> None:
        self.result = ColumnResult(column)
        self._column = column
        self._portal = portal
        self._asked = {same_page(column.url)}  # pages of this column, which are no entries of it
        self._next_number = portal.pages.first  # of the next page, where pages.pattern names them
        self._missing = ""  # the page of the pattern that was not there, while the one after it is asked for
        self._shells = 0
        self._with_news = 0
        self._declared = 0
        self._declared_entries = 0
        self._rows = 0
        self._is_mixed = False  # it lists other things than reports too, with dates
        self._seen: set[int] = set()  # addresses, each as a number of 64 bits: a list may have many thousands
        self._years: set[int | None] = set()  # of its reports
        self._problem: Verdict | None = None
        self._doubt: str | None = None  # why it may not be complete although all its pages came
        self._says_empty: str | None = None
        self._unread_pager = False

    async def read(self, look: Look, keep: Keep) -> ColumnResult:
        """Read all pages. look(url, referer) fetches and judges one; keep(looked, entries) keeps the look and those
        entries of it that lead somewhere, and gives the page as it is kept."""
        queue = deque([self._column.url])
        while queue:
            if self.result.pages >= self._portal.max_pages:
                self._fault(Verdict("unknown", f"there are more than max_pages = {self._portal.max_pages} pages"))
                break
            url = queue.popleft()
            looked = await look(url, self._column.url if url != self._column.url else None)
            queue.extend(self._take(looked, keep))
            if looked.verdict.outcome == "blocked":
                break  # further questions would only be refused too
        verdict = self._verdict()
        self.result.outcome, self.result.why = verdict.outcome, verdict.evidence or ""
        return self.result

    def _fault(self, verdict: Verdict) -> None:
        self._problem = self._problem or verdict

    def _take(self, looked: Looked, keep: Keep) -> list[str]:
        """Add one page; gives the further pages to ask for."""
        fetched, verdict, page = looked[:3]
        leads_nowhere = verdict.outcome in _READ and not page.has_structure
        if leads_nowhere and (shell := shell_target(fetched.body, fetched.answer.charset)) is not None:
            keep(looked, [])
            self._shells += 1
            if self._shells > _MOST_SHELLS:
                self._fault(Verdict("unknown", f"more than {_MOST_SHELLS} pages in a row only send on"))
                return []
            target = absolute(fetched.answer.final, shell)
            return self._unasked([target] if target else [])
        self.result.pages += 1
        # A page that broke off still shows what came of it.
        is_part = verdict.outcome == "unknown" and page.has_structure
        if verdict.outcome not in _READ and not is_part:
            self.result.listing.append(keep(looked, []))
            return self._after_missing(fetched, verdict)
        if is_part:
            self._fault(verdict)
        self._doubt = self._doubt or _staleness(fetched) or page.made_elsewhere
        news = {hash(entry.link.url) for entry in looked.entries} - self._seen
        self._count_news(looked, news)
        further = self._by_pattern(bool(news)) if self._portal.pages.pattern else page.further
        further = self._unasked(further)
        leading = [entry for entry in looked.entries if self._leads(entry)]
        self.result.listing.append(keep(looked, leading))
        reports = [entry for entry in leading if entry.verdict.is_report]
        self.result.reports += sum(hash(entry.link.url) in news for entry in reports)
        self._years.update(entry.verdict.year for entry in reports)
        self._seen |= news
        self._declared = max(self._declared, page.declared_pages or 0)
        self._declared_entries = max(self._declared_entries, page.declared_entries or 0)
        self._rows += page.rows
        self._unread_pager |= page.unread_pager
        self._says_empty = self._says_empty or page.says_empty
        return further

    def _count_news(self, looked: Looked, news: set[int]) -> None:
        """Whether a page brings new entries of the list: a further page that was named and brings none is the same page
        again, or another one in its place."""
        is_first = self.result.pages == 1
        wanted = [
            entry for entry in looked.entries if self._leads(entry) or stays_listed(entry.link.title, entry.verdict)
        ]
        dated = [entry for entry in looked.entries if entry.link.listed_on]
        if is_first:
            self._is_mixed = len(dated) > sum(entry.link.listed_on is not None for entry in wanted)
        # News of the county are dated too: in a list of reports alone they are another page.
        fresh = {hash(entry.link.url) for entry in (*wanted, *(dated if self._is_mixed else ()))} & news
        self._with_news += bool(fresh) or is_first
        url = looked.fetched.answer.asked
        if self._portal.pages.pattern:
            if fresh and self._missing:
                self._fault(
                    Verdict("unknown", f"{self._missing} is missing although a later page of the list is there")
                )
            self._missing = ""
        elif not fresh and not is_first and not self._is_other_name(url):
            self._doubt = self._doubt or f"a further page brings no new entry of the list: {url}"

    def _is_other_name(self, url: str) -> bool:
        """Whether a page may be the first one under its other name, /a/list.html for /a/."""
        return url != self._column.url and _loose(url) == _loose(self._column.url)

    def _after_missing(self, fetched: Fetched, verdict: Verdict) -> list[str]:
        """What to ask for behind a page that did not come: with a pattern, the next one, once, since one page may be
        missing in the midst of a list."""
        if not self._is_past_end(fetched, verdict):
            self._fault(verdict)
            return []
        if self._missing or self.result.pages >= self._portal.max_pages:
            return []
        self._missing = fetched.answer.asked
        return self._unasked(self._by_pattern(True))

    def _unasked(self, pages: list[str]) -> list[str]:
        new = {same_page(page): page for page in reversed(pages) if same_page(page) not in self._asked}
        self._asked.update(new)
        return list(new.values())[::-1]

    def _leads(self, entry: Entry) -> bool:
        """Whether an entry leads to a report, or to a neighbour that is kept too."""
        wanted = entry.verdict.is_report or entry.verdict.kind in KEPT_KINDS
        return wanted and same_page(entry.link.url) not in self._asked

    def _by_pattern(self, has_news: bool) -> list[str]:
        """The next page by its name, as long as the last one brought entries."""
        name = (self._portal.pages.pattern or "").format(n=self._next_number)
        self._next_number += 1
        target = absolute(self._column.url, name)
        return [target] if has_news and target is not None else []

    def _is_past_end(self, fetched: Fetched, verdict: Verdict) -> bool:
        """Pages named by a pattern end with one that is not there."""
        if not self._portal.pages.pattern or self.result.pages == 1:
            return False
        return verdict.outcome == "gone" or (verdict.outcome == "unknown" and 0 < len(fetched.body) < _STUB_BYTES)

    def _verdict(self) -> Verdict:
        wanted = self._column.year
        if self._problem is not None:
            return self._problem
        if self._declared > max(self._with_news, 1):
            return Verdict("unknown", f"the list says {self._declared} pages, {self._with_news} with entries were read")
        if self._declared_entries > self._rows:
            said = f"the list says {self._declared_entries} entries, {self._rows} rows were read"
            return Verdict("unknown", f"{said}; set pages.pattern or selectors.next")
        if self._unread_pager and not self._declared and not self._declared_entries:
            return Verdict(
                "unknown", "the list has further pages that could not be followed; set pages.pattern or selectors.next"
            )
        if self._doubt is not None:
            return Verdict("unknown", self._doubt)
        if self.result.reports and wanted is not None and not self._years & {wanted, None}:
            shown = ", ".join(str(year) for year in sorted(year for year in self._years if year is not None))
            return Verdict("unknown", f"the list of {wanted} shows reports of {shown} in its place")
        if self.result.reports:
            return Verdict("ok")
        if self._says_empty:
            return Verdict("empty", f"page says {self._says_empty}")
        return Verdict("unknown", f"none of {len(self._seen)} links has the title of a report")


def _loose(url: str) -> str:
    return re.sub(r"/(?:index|list)\.s?html?$", "/", url)


def _staleness(fetched: Fetched) -> str | None:
    """Why an answer may be an old copy of the page, out of a cache on the way; None if nothing says so."""
    headers = fetched.answer.headers
    age = headers.get("age", "").strip()
    if age.isascii() and age.isdigit() and int(age[:12]) > _OLDEST_COPY.total_seconds():
        return f"the list came from a cache that made it {int(age[:12]) // 3600} hours before (Age: {age[:12]})"
    if (fetched.network or {}).get("clock") is not None:
        return None  # the crawl plays another day
    try:
        made = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    made = made if made.tzinfo is not None else made.replace(tzinfo=UTC)
    is_old = fetched.at - made > _OLDEST_DATE
    return f"the list was made long before it was asked for (Date: {headers['date'][:40]})" if is_old else None


def is_document(url: str) -> bool:
    """Whether a list entry leads to a file itself rather than to a page about it."""
    return has_file_ending(urlsplit(url).path)
