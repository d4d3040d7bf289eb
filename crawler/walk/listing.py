"""One list of a column, over all its pages: what it said there is, what was seen of it, and whether that is all.

A column is one list, or several: one for each year, frame or agency that its first page leads to. Each is counted for
itself, since each has a pager and totals of its own.
"""

import re
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from crawler.address import is_by_script
from crawler.asking.fetch import Fetched
from crawler.outcomes.verdict import Verdict
from crawler.pages.html import absolute
from crawler.platforms import ListPage
from crawler.portal import Column, Portal

_STUB_BYTES = 1000  # what a TRS site answers, with status 200, for a page past the end
_OLDEST_COPY = timedelta(hours=12)  # of a cache between us and the portal
_OLDEST_DATE = timedelta(days=1)


class Listing:
    """One list. column: as the portal's file has it, with the year and the agency of this list where its page says so.

    start: its first page. pages: how many were asked for; reports: how many entries of it are reports.
    """

    def __init__(self, column: Column, portal: Portal, start: str) -> None:
        self.column = column
        self.start = start
        self.pages = 0
        self.shells = 0  # pages that only sent on to the list
        self.reports = 0
        self.shown: set[int] = set()  # its reports, each by a number of 64 bits
        self.years: set[int | None] = set()  # of its reports
        self.says_empty: str | None = None
        self.doubt: str | None = None  # why it may not be complete although all its pages came
        self._pattern = portal.pages.pattern
        self._told = _told(portal)
        self._has_own_rows = portal.selectors.row is not None
        self._next_number = portal.pages.first  # of the next page, where pages.pattern names them
        self._missing = ""  # the page of the pattern that was not there, while the one after it is asked for
        self._with_news = 0
        self._declared = 0
        self._declared_entries = 0
        self._rows = 0
        self._leading: set[int] = set()  # addresses that lead to reports and their neighbours
        self._has_dates = True
        self._is_mixed = False  # it lists other things than reports too, with dates
        self._seen: set[int] = set()  # addresses, each as a number of 64 bits: a list may have many thousands
        self._unread_pager = False

    def take(self, fetched: Fetched, page: ListPage, *, wanted: set[int], dated: set[int]) -> bool:
        """Count one more page; gives whether any link of it is new in this list.

        wanted: the addresses on it that lead to reports and their neighbours; dated: those with a date beside them; as
        hashes.
        """
        self.doubt = self.doubt or _staleness(fetched) or page.made_elsewhere
        news = {hash(link.url) for link in page.links} - self._seen
        is_first = self.pages == 1
        if is_first:
            self._is_mixed = len(dated) > len(dated & wanted)
            self._has_dates = bool(dated)
        # News of the county are dated too: in a list of reports alone they are another page.
        fresh = (wanted | (dated if self._is_mixed else set())) & news
        if (page.declared_pages or 0) > 1 and (not self._has_dates or page.declared_pages == self._declared):
            fresh = news  # one with the list's own pager is a page of it, be there nothing but guides on it
        self._with_news += bool(fresh) or is_first
        if not self._is_past_end(fetched.answer.asked, page):
            self._note_news(fetched.answer.asked, bool(fresh), is_first=is_first)
        self._seen |= news
        self._declared = max(self._declared, page.declared_pages or 0)
        self._declared_entries = max(self._declared_entries, page.declared_entries or 0)
        self._rows += page.rows
        self._leading |= wanted
        self._unread_pager |= page.unread_pager
        self.says_empty = self.says_empty or page.says_empty
        return bool(news)

    def _is_past_end(self, url: str, page: ListPage) -> bool:
        """Whether a page without entries ends the list: all that it counts are there, or it is the answer to a script
        that asked for more without knowing whether there is more."""
        if page.rows or page.links or self.pages == 1:
            return False
        return 0 < self._declared_entries <= self._rows or (page.says_empty is not None and is_by_script(url))

    def _note_news(self, url: str, fresh: bool, *, is_first: bool) -> None:
        """A further page that was named and brings no new entry is the same page again, or another in its place."""
        if self._pattern is not None:
            if fresh and self._missing:
                self.doubt = f"{self._missing} is missing although a later page of the list is there"
            self._missing = ""
        elif not fresh and not is_first and not self._is_other_name(url):
            self.doubt = self.doubt or f"a further page brings no new entry of the list: {url}"

    def _is_other_name(self, url: str) -> bool:
        """Whether a page may be the first one under its other name, /a/list.html for /a/."""
        return url != self.start and _loose(url) == _loose(self.start)

    def next_by_pattern(self) -> list[str]:
        """The next page by its name in the portal's file."""
        name = (self._pattern or "").replace("{n}", str(self._next_number))
        self._next_number += 1
        target = absolute(self.start, name)
        return [target] if target is not None else []

    def after_missing(self, fetched: Fetched, verdict: Verdict) -> list[str] | None:
        """What to ask for behind a page that did not come: with a pattern, the next one, once, since one page may be
        missing in the midst of a list. None if its absence is no end of the list."""
        if self._pattern is None or self.pages == 1:
            return None
        # Pages named by a pattern end with one that is not there.
        is_stub = verdict.outcome == "unknown" and 0 < len(fetched.body) < _STUB_BYTES
        if verdict.outcome != "gone" and not is_stub:
            return None
        if self._missing:
            return []
        self._missing = fetched.answer.asked
        return self.next_by_pattern()

    def why_incomplete(self) -> str | None:
        """Why it does not count as read to its end, None if it does."""
        if self._declared > max(self._with_news, 1):
            return f"the list says {self._declared} pages, {self._with_news} with entries were read"
        if self._declared_entries > self._rows:
            said = f"the list says {self._declared_entries} entries, {self._rows} rows were read"
            return f"{said}; set pages.pattern or selectors.next"
        # Rows of other lists beside it must not make up for those behind a pager that only a script can follow.
        is_counted = self._has_own_rows or self._declared_entries <= len(self._leading)
        if self._unread_pager and not self._declared and not is_counted:
            said = f"the list says {self._declared_entries} entries, {len(self._leading)} reports are on the page"
            return f"{said}, and its pager could not be followed; set pages.pattern, selectors.next or selectors.row"
        if self._unread_pager and not self._declared and not self._declared_entries:
            if self._told is None:
                return "the list has further pages that could not be followed; set pages.pattern or selectors.next"
            if self._with_news <= 1:
                return f"the list has further pages, and {self._told} leads to none of them"
        return self.doubt

    @property
    def links(self) -> int:
        """How many different addresses it had."""
        return len(self._seen)


def _told(portal: Portal) -> str | None:
    """What the portal's file says of further pages."""
    if portal.pages.pattern is not None:
        return f"pages.pattern = {portal.pages.pattern!r}"
    return f"selectors.next = {portal.selectors.next!r}" if portal.selectors.next is not None else None


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
