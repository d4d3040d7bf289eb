"""Reading one column of a portal over all its pages, and deciding whether it was read to its end.

No more than one page is held in memory: what each page lists is kept before the next is asked for.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.asking.fetch import Fetched
from crawler.outcomes.verdict import Verdict, shell_target
from crawler.platforms import Link, ListPage
from crawler.platforms.html import absolute, has_file_ending
from crawler.platforms.pager import same_page
from crawler.portal import Column, Portal
from crawler.walk.links import KEPT_KINDS, LinkVerdict
from db.records import ListedPage, Outcome

_STUB_BYTES = 1000  # what a TRS site answers, with status 200, for a page past the end
_READ = ("ok", "unchanged", "empty")


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
        self._with_news = 0
        self._declared = 0
        self._seen: set[int] = set()  # addresses, each as a number of 64 bits: a list may have many thousands
        self._years: set[int | None] = set()  # of its reports
        self._problem: Verdict | None = None
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
            target = absolute(fetched.answer.final, shell)
            return self._unasked([target] if target else [])
        self.result.pages += 1
        if verdict.outcome not in _READ:
            self.result.listing.append(keep(looked, []))
            if not self._is_past_end(fetched, verdict):
                self._fault(verdict)
            return []
        news = {hash(entry.link.url) for entry in looked.entries} - self._seen
        further = self._by_pattern(bool(news)) if self._portal.pages.pattern else page.further
        further = self._unasked(further)
        leading = [entry for entry in looked.entries if self._leads(entry)]
        self.result.listing.append(keep(looked, leading))
        reports = [entry for entry in leading if entry.verdict.is_report]
        self.result.reports += sum(hash(entry.link.url) in news for entry in reports)
        self._years.update(entry.verdict.year for entry in reports)
        self._seen |= news
        self._with_news += bool(news)
        self._declared = max(self._declared, page.declared_pages or 0)
        self._unread_pager |= page.unread_pager
        self._says_empty = self._says_empty or page.says_empty
        return further

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
        if self._unread_pager and not self._declared:
            return Verdict("unknown", "the page counter of the list could not be read; set pages.pattern")
        if self.result.reports and wanted is not None and not self._years & {wanted, None}:
            shown = ", ".join(str(year) for year in sorted(year for year in self._years if year is not None))
            return Verdict("unknown", f"the list of {wanted} shows reports of {shown} in its place")
        if self.result.reports:
            return Verdict("ok")
        if self._says_empty:
            return Verdict("empty", f"page says {self._says_empty}")
        return Verdict("unknown", f"none of {len(self._seen)} links has the title of a report")


def is_document(url: str) -> bool:
    """Whether a list entry leads to a file itself rather than to a page about it."""
    return has_file_ending(urlsplit(url).path)
