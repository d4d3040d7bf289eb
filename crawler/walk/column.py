"""Reading one column of a portal over all its lists and pages, and deciding whether it was read to its end.

No more than one page is held in memory: what each page lists is kept before the next is asked for.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.asking.fetch import Fetched
from crawler.outcomes.verdict import Verdict, shell_target
from crawler.pages.html import absolute, has_file_ending
from crawler.pages.pager import same_page
from crawler.platforms import Link, ListPage, SubList
from crawler.portal import Column, Portal
from crawler.walk.links import KEPT_KINDS, LinkVerdict, stays_listed
from crawler.walk.listing import Listing
from db.records import ListedPage, Outcome

_READ = ("ok", "unchanged", "empty")
_MOST_SHELLS = 3  # pages in a row that only send on, before a list begins


class Entry(NamedTuple):
    """One entry of a list page, and what it leads to by its title and address."""

    link: Link
    verdict: LinkVerdict


class Looked(NamedTuple):
    """One look at a list page. column: whose list it is; see Listing. visit_id: of a look that this crawl made before
    it was broken off. signature: what the page says, None of one that says nothing; kept: the document that says the
    same."""

    fetched: Fetched
    verdict: Verdict
    page: ListPage
    entries: list[Entry]
    column: Column
    visit_id: int | None = None
    signature: str | None = None
    kept: str | None = None


Look = Callable[[str, str | None, Column], Awaitable[Looked]]
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
        self._lists = [Listing(column, portal, column.url)]
        self._looks = 0
        self._seen: set[int] = set()  # reports, each by a number of 64 bits
        self._years: set[int | None] = set()  # of its reports
        self._problem: Verdict | None = None

    async def read(self, look: Look, keep: Keep) -> ColumnResult:
        """Read all pages. look(url, referer, column) fetches and judges one; keep(looked, entries) keeps the look and
        those entries of it that lead somewhere, and gives the page as it is kept."""
        queue = deque([(self._column.url, self._lists[0])])
        while queue:
            url, listing = queue.popleft()
            # Pages that only send on are not counted as pages, and might go on for ever.
            if self.result.pages >= self._portal.max_pages or self._looks >= 2 * self._portal.max_pages:
                self._fault(Verdict("unknown", f"there are more than max_pages = {self._portal.max_pages} pages"))
                break
            self._looks += 1
            looked = await look(url, self._column.url if url != self._column.url else None, listing.column)
            queue.extend((further, listing) for further in self._take(looked, listing, keep))
            queue.extend(self._begin(sub, listing) for sub in self._new_lists(looked))
            if looked.verdict.outcome == "blocked":
                break  # further questions would only be refused too
        verdict = self._verdict()
        self.result.outcome, self.result.why = verdict.outcome, verdict.evidence or ""
        return self.result

    def _fault(self, verdict: Verdict) -> None:
        self._problem = self._problem or verdict

    def _take(self, looked: Looked, listing: Listing, keep: Keep) -> list[str]:
        """Add one page to its list; gives the further pages to ask for."""
        fetched, verdict, page = looked[:3]
        if (sent_on := self._sent_on(looked)) is not None:
            keep(looked, [])
            listing.shells += 1
            if listing.shells > _MOST_SHELLS:
                self._fault(Verdict("unknown", f"more than {_MOST_SHELLS} pages in a row only send on"))
                return []
            return self._unasked(sent_on)
        self.result.pages += 1
        listing.pages += 1
        # A page that broke off still shows what came of it.
        is_part = verdict.outcome == "unknown" and page.has_structure
        if verdict.outcome not in _READ and not is_part:
            self.result.listing.append(keep(looked, []))
            behind = listing.after_missing(fetched, verdict)
            if behind is None:
                self._fault(verdict)
            return self._unasked(behind or [])
        if is_part:
            self._fault(verdict)
        has_news = listing.take(fetched, page, wanted=self._wanted(looked), dated=_dated(looked))
        further = page.further
        if self._portal.pages.pattern:
            further = listing.next_by_pattern() if has_news else []
        elif not has_news and listing.doubt:
            further = []  # it comes again whatever is asked for, and would name a next page for ever
        further = self._unasked(further)
        self._count_reports(looked, listing, keep)
        return further

    def _sent_on(self, looked: Looked) -> list[str] | None:
        """Where a page leads that has no list of its own; None for any other."""
        fetched, verdict, page = looked[:3]
        if verdict.outcome not in _READ:
            return None
        if page.is_shell:
            return page.further
        if page.has_structure or page.lists:
            return None
        target = shell_target(fetched.body, fetched.answer.charset)
        if target is None:
            return None
        url = absolute(fetched.answer.final, target)
        return [url] if url else []

    def _count_reports(self, looked: Looked, listing: Listing, keep: Keep) -> None:
        leading = [entry for entry in looked.entries if self._leads(entry)]
        self.result.listing.append(keep(looked, leading))
        reports = [entry for entry in leading if entry.verdict.is_report]
        listing.reports += len(reports)
        shown = {hash(entry.link.url) for entry in reports}
        years = {entry.verdict.year for entry in reports}
        listing.shown |= shown
        listing.years |= years
        self._seen |= shown
        self._years |= years
        self.result.reports = len(self._seen)

    def _new_lists(self, looked: Looked) -> list[SubList]:
        if looked.verdict.outcome not in _READ:
            return []
        return [sub for sub in looked.page.lists if self._unasked([sub.url])]

    def _begin(self, sub: SubList, parent: Listing) -> tuple[str, Listing]:
        about = {"year": sub.year or parent.column.year, "agency": sub.agency or parent.column.agency}
        listing = Listing(parent.column.model_copy(update=about), self._portal, sub.url)
        self._lists.append(listing)
        return sub.url, listing

    def _unasked(self, pages: list[str]) -> list[str]:
        new = {same_page(page): page for page in reversed(pages) if same_page(page) not in self._asked}
        self._asked.update(new)
        return list(new.values())[::-1]

    def _leads(self, entry: Entry) -> bool:
        """Whether an entry leads to a report, or to a neighbour that is kept too."""
        wanted = entry.verdict.is_report or entry.verdict.kind in KEPT_KINDS
        return wanted and same_page(entry.link.url) not in self._asked

    def _wanted(self, looked: Looked) -> set[int]:
        return {
            hash(entry.link.url)
            for entry in looked.entries
            if self._leads(entry) or stays_listed(entry.link.title, entry.verdict)
        }

    def _verdict(self) -> Verdict:
        if self._problem is not None:
            return self._problem
        lists = [listing for listing in self._lists if listing.pages]
        for listing in lists:
            why = listing.why_incomplete()
            if why is None and len(lists) > 1 and not listing.reports and not listing.says_empty:
                # The first page of several lists need not list anything itself.
                why = None if listing is self._lists[0] else "it shows no report, and does not say that it is empty"
            if why is not None:
                return Verdict("unknown", why if len(lists) == 1 else f"{listing.start}: {why}")
        if self.result.reports and (wrong := self._wrong_year() or self._one_list_for_all(lists)) is not None:
            return Verdict("unknown", wrong)
        if self.result.reports:
            return Verdict("ok")
        said = [listing.says_empty for listing in lists if listing.says_empty]
        if said:
            return Verdict("empty", f"page says {said[0]}")
        links = sum(listing.links for listing in lists)
        return Verdict("unknown", f"none of {links} links has the title of a report")

    def _wrong_year(self) -> str | None:
        wanted = self._column.year
        if wanted is None or self._years & {wanted, None}:
            return None
        shown = ", ".join(str(year) for year in sorted(year for year in self._years if year is not None))
        return f"the list of {wanted} shows reports of {shown} in its place"

    def _one_list_for_all(self, lists: list[Listing]) -> str | None:
        """Whether a list behind the first page is another one over again: a portal that does not understand which year
        or group is asked for shows the same to every question."""
        first = self._lists[0]
        others: dict[frozenset[int], Listing] = {}
        for listing in lists:
            if listing is first or not listing.shown:
                continue
            other = others.setdefault(frozenset(listing.shown), listing)
            is_of_other_years = listing.column.year is not None and not listing.years & {listing.column.year, None}
            if other is listing and is_of_other_years and listing.shown <= first.shown:
                other = first
            if other is not listing:
                return f"{listing.start} shows the very reports of {other.start}: which list is asked for has no effect"
        return None


def _dated(looked: Looked) -> set[int]:
    return {hash(entry.link.url) for entry in looked.entries if entry.link.listed_on}


def is_document(url: str) -> bool:
    """Whether a list entry leads to a file itself rather than to a page about it."""
    return has_file_ending(urlsplit(url).path)
