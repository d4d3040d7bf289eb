"""Reading one column of a portal over all its pages, and deciding whether it was read to its end."""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.fetch import Fetched
from crawler.outcomes import Verdict, shell_target
from crawler.platforms import Link, ListPage
from crawler.platforms.html import absolute, has_file_ending
from crawler.platforms.pager import same_page
from crawler.portal import Column, Portal
from db.records import Outcome

_STUB_BYTES = 1000  # what a TRS site answers, with status 200, for a page past the end
_READ = ("ok", "unchanged", "empty")

Look = Callable[[str, str | None], Awaitable[tuple[Fetched, Verdict, ListPage]]]


@dataclass(slots=True)
class ColumnResult:
    """What a column listed. outcome: "ok" only if every page was read; why: what it rests on otherwise.

    pages: how many were asked for. reports: the entries whose titles are those of reports.
    """

    column: Column
    outcome: Outcome = "unknown"
    why: str = ""
    pages: int = 0
    reports: list[Link] = field(default_factory=list)


async def read_column(column: Column, portal: Portal, look: Look) -> ColumnResult:
    """Read a column. look(url, referer) fetches and judges one list page and has recorded the visit."""
    reading = _Reading(column, portal)
    queue = deque([column.url])
    while queue:
        if reading.pages >= portal.max_pages:
            reading.fault(Verdict("unknown", f"there are more than max_pages = {portal.max_pages} pages"))
            break
        url = queue.popleft()
        fetched, verdict, page = await look(url, column.url if url != column.url else None)
        further = reading.take(fetched, verdict, page)
        if verdict.outcome == "blocked":
            break  # further questions would only be refused too
        for target in further:
            if same_page(target) not in reading.asked:
                reading.asked.add(same_page(target))
                queue.append(target)
    return reading.result()


class _Reading:
    """What the pages read so far amount to."""

    def __init__(self, column: Column, portal: Portal) -> None:
        self.column = column
        self.portal = portal
        self.asked = {same_page(column.url)}  # pages of this column, which are no entries of it
        self.pages = 0
        self._next_number = portal.pages.first  # of the next page, where pages.pattern names them
        self._with_news = 0
        self._declared = 0
        self._links: dict[str, Link] = {}
        self._problem: Verdict | None = None
        self._says_empty: str | None = None
        self._unread_pager = False

    def fault(self, verdict: Verdict) -> None:
        self._problem = self._problem or verdict

    def take(self, fetched: Fetched, verdict: Verdict, page: ListPage) -> list[str]:
        """Add one page; gives the further pages to ask for."""
        leads_nowhere = verdict.outcome in _READ and not page.has_structure
        shell = shell_target(fetched.body, fetched.answer.charset) if leads_nowhere else None
        if shell is not None:
            target = absolute(fetched.answer.final, shell)
            return [target] if target else []
        self.pages += 1
        news = [link for link in page.links if link.url not in self._links]
        if verdict.outcome not in _READ:
            if not self._is_past_end(fetched, verdict):
                self.fault(verdict)
            return []
        self._links |= {link.url: link for link in news}
        self._with_news += bool(news)
        self._declared = max(self._declared, page.declared_pages or 0)
        self._unread_pager |= page.unread_pager
        self._says_empty = self._says_empty or page.says_empty
        return self._by_pattern(bool(news)) if self.portal.pages.pattern else page.further

    def _by_pattern(self, has_news: bool) -> list[str]:
        """The next page by its name, as long as the last one brought entries."""
        name = (self.portal.pages.pattern or "").format(n=self._next_number)
        self._next_number += 1
        target = absolute(self.column.url, name)
        return [target] if has_news and target is not None else []

    def _is_past_end(self, fetched: Fetched, verdict: Verdict) -> bool:
        """Pages named by a pattern end with one that is not there."""
        if not self.portal.pages.pattern or self.pages == 1:
            return False
        return verdict.outcome == "gone" or (verdict.outcome == "unknown" and 0 < len(fetched.body) < _STUB_BYTES)

    def result(self) -> ColumnResult:
        reports = [link for link in self._links.values() if link.is_report and same_page(link.url) not in self.asked]
        verdict = self._verdict(bool(reports))
        return ColumnResult(self.column, verdict.outcome, verdict.evidence or "", self.pages, reports)

    def _verdict(self, has_reports: bool) -> Verdict:
        if self._problem is not None:
            return self._problem
        if self._declared > max(self._with_news, 1):
            return Verdict("unknown", f"the list says {self._declared} pages, {self._with_news} with entries were read")
        if self._unread_pager and not self._declared:
            return Verdict("unknown", "the page counter of the list could not be read; set pages.pattern")
        if has_reports:
            return Verdict("ok")
        if self._says_empty:
            return Verdict("empty", f"page says {self._says_empty}")
        return Verdict("unknown", f"none of {len(self._links)} links has the title of a report")


def is_document(url: str) -> bool:
    """Whether a list entry leads to a file itself rather than to a page about it."""
    return has_file_ending(urlsplit(url).path)
