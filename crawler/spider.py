"""The one spider: every portal is walked the same way, by its file and its platform.

First all lists, then the reports. The lists say what is there and what is absent, so they come before a budget runs
out; each list page, then each column, then each report is in the archive before the next is asked for. A crawl that
is killed leaves no half column, and the next one asks again, conditionally.
"""

from collections.abc import AsyncIterator
from typing import Any

import scrapy
import structlog

from crawler.clock import Clock
from crawler.column import ColumnResult, is_document, read_column
from crawler.errors import CrawlStopped
from crawler.fetch import Fetched, Fetcher, Progress
from crawler.outcomes import Signs, Verdict, judge, shell_target, sniff
from crawler.platforms import Attachment, DetailPage, Link, ListPage, load_platform
from crawler.platforms.html import absolute
from crawler.portal import Column, Portal
from crawler.summary import CrawlOutcome, CrawlSummary
from db.archive import Archive
from db.errors import ArchiveError
from db.records import ColumnRead, ListedLink, Sighting, VisitKind
from parsers.titles import clean_title, read_title

_HERE = ("ok", "unchanged")
_MOST_SHELLS = 3

log = structlog.get_logger("crawler")


class PortalSpider(scrapy.Spider):
    """Walks one portal. summary: what it came to, complete once `finished` is True.

    progress: called after each visit with requests sent so far and the URL.
    """

    name = "portal"

    def __init__(
        self,
        portal: Portal,
        archive: Archive,
        clock: Clock,
        agent: str,
        progress: Progress,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.portal = portal
        self.archive = archive
        self.clock = clock
        self.agent = agent
        self.progress = progress
        self.summary = CrawlSummary(portal.id, started_at=clock().isoformat())
        self.finished = False
        self._stopped = False
        self._platform = load_platform(portal.platform)
        self._done: set[str] = set()
        self._unread: list[str] = []  # documents that were asked for in vain

    async def start(self) -> AsyncIterator[Any]:
        """Scrapy's entry point. Requests go through the engine's download_async, so nothing is yielded."""
        download = self.crawler.engine.download_async
        self._fetcher = Fetcher(self.portal, self.archive, self.clock, self.agent, download, self.progress)
        try:
            await self._walk()
            self.finished = True
        except ArchiveError as error:
            self._error(f"{self.portal.id}: {error}")
        finally:
            self._close_summary()
        if False:  # an async generator is what Scrapy asks for
            yield

    async def _walk(self) -> None:
        try:
            results = [await self._column(column) for column in self.portal.columns]
            self._check_expectation(results)
            for result in results:
                for link in result.reports:
                    await self._report(link, result.column)
        except CrawlStopped as stop:
            self._error(str(stop))
            self._stopped = True
        if self._unread:
            self._error(f"{len(self._unread)} documents could not be fetched, the first: {self._unread[0]}")

    async def _column(self, column: Column) -> ColumnResult:
        at = self.clock()
        try:
            result = await read_column(column, self.portal, self._look_at_list)
        except CrawlStopped:
            self._add_column(ColumnResult(column, "unknown", "the crawl was stopped"), at)
            raise
        self._add_column(result, at)
        if result.outcome not in ("ok", "empty"):
            self._error(f"{column.url}: {result.outcome}: {result.why}")
        return result

    def _add_column(self, result: ColumnResult, at: Any) -> None:
        links = [ListedLink(link.url, link.title, link.listed_on) for link in result.reports]
        read = ColumnRead(self.portal.id, result.column.url, at, result.outcome, result.pages, links)
        self.archive.add_column_read(read)
        self.summary.columns[result.outcome] = self.summary.columns.get(result.outcome, 0) + 1
        log.info(
            "column", portal=self.portal.id, url=read.column, outcome=read.outcome, reports=len(links), why=result.why
        )

    async def _look_at_list(self, url: str, referer: str | None) -> tuple[Fetched, Verdict, ListPage]:
        fetched = await self._fetcher.get(url, referer=referer)
        answer = fetched.answer
        page = ListPage()
        if _is_page(fetched):
            page = self._platform.read_list(fetched.body, answer.charset, answer.final, self.portal)
        verdict = fetched.refusal or judge(answer, "list", _list_signs(page))
        self._record(fetched, "list", verdict)
        return fetched, verdict, page

    async def _report(self, link: Link, column: Column) -> None:
        """Fetch what one list entry leads to: a file, or a page with its files."""
        if link.url in self._done:
            return
        self._done.add(link.url)
        if is_document(link.url):
            await self._file(Attachment(link.url, link.title), column.url, link, column)
            return
        url, referer = link.url, column.url
        for _ in range(_MOST_SHELLS):
            fetched = await self._fetcher.get(url, referer=referer)
            detail = DetailPage()
            if _is_page(fetched):
                detail = self._platform.read_detail(
                    fetched.body, fetched.answer.charset, fetched.answer.final, self.portal
                )
            verdict = fetched.refusal or judge(fetched.answer, "detail", _detail_signs(detail, fetched, link))
            shell = shell_target(fetched.body, fetched.answer.charset) if verdict.outcome in _HERE else None
            target = absolute(fetched.answer.final, shell)
            if target is None:
                break
            self._record(fetched, "detail", verdict)
            if target in self._done:
                return
            self._done.add(target)
            if is_document(target):
                await self._file(Attachment(target, None), url, link, column)
                return
            url, referer = target, url
        else:
            return
        with self.archive.write():
            visit = self._record(fetched, "detail", verdict)
            if verdict.outcome in _HERE and fetched.sha256 is not None:
                self._sight(
                    link, column, fetched, visit, page_url=link.url, url=link.url, part="page", title=link.title
                )
        if verdict.outcome in _HERE:
            for attachment in detail.attachments:
                await self._file(attachment, link.url, link, column)

    async def _file(self, attachment: Attachment, page_url: str, link: Link, column: Column) -> None:
        if attachment.url in self._done and attachment.url != link.url:
            return
        self._done.add(attachment.url)
        fetched = await self._fetcher.get(attachment.url, referer=page_url)
        verdict = fetched.refusal or judge(fetched.answer, "attachment", Signs(True, certain=True))
        with self.archive.write():
            visit = self._record(fetched, "attachment", verdict)
            if verdict.outcome in _HERE and fetched.sha256 is not None:
                title = attachment.name if attachment.name and read_title(attachment.name).is_report else link.title
                self._sight(
                    link, column, fetched, visit, page_url=page_url, url=attachment.url, part="attachment", title=title
                )

    def _sight(self, link: Link, column: Column, fetched: Fetched, visit: int, **about: Any) -> None:
        sighting = Sighting(
            portal=self.portal.id,
            listed_on=link.listed_on,
            sha256=fetched.sha256 or "",
            seen_at=fetched.at,
            visit_id=visit,
            agency_hint=column.agency or self.portal.default_agency,
            **about,
        )
        self.archive.add_sighting(sighting)
        self.summary.sightings += 1

    def _record(self, fetched: Fetched, kind: VisitKind, verdict: Verdict) -> int:
        number = self._fetcher.record(fetched, kind, verdict)
        if kind != "list" and fetched.refusal is None and verdict.outcome in ("blocked", "failed"):
            self._unread.append(f"{fetched.answer.asked}: {verdict.outcome}: {verdict.evidence}")
        return number

    def _check_expectation(self, results: list[ColumnResult]) -> None:
        expect, portal = self.portal.expect, self.portal
        self.summary.reports = found = len({link.url for result in results for link in result.reports})
        if found < expect.min:
            self._error(
                f"{portal.id}: {found} reports are listed, expect.min is {expect.min}; see what the columns show"
            )
        if expect.max is not None and found > expect.max:
            self._error(
                f"{portal.id}: {found} reports are listed, expect.max is {expect.max}; raise it if that is right"
            )

    def _error(self, sentence: str) -> None:
        self.summary.errors.append(sentence)
        log.warning("trouble", portal=self.portal.id, what=sentence)

    def _close_summary(self) -> None:
        summary, fetcher = self.summary, self._fetcher
        summary.requests = fetcher.requests
        summary.new_documents = fetcher.new_documents
        summary.visits = dict(sorted(fetcher.counts.items()))
        summary.ended_at = self.clock().isoformat()
        summary.outcome = self._outcome()
        if not summary.requests:
            summary.errors.append(f"{self.portal.id}: not one request was sent; see the log")

    def _outcome(self) -> CrawlOutcome:
        columns = self.summary.columns
        good = columns.get("ok", 0) + columns.get("empty", 0)
        if not self.finished or not self.summary.requests or self.summary.reports < self.portal.expect.min:
            return "failed"
        if good == len(self.portal.columns) and not self._stopped and not self._unread:
            return "ok"
        if good:
            return "partial"
        return "blocked" if set(columns) == {"blocked"} else "failed"


def _is_page(fetched: Fetched) -> bool:
    return fetched.refusal is None and bool(fetched.body) and sniff(fetched.body) in ("html", "text")


def _list_signs(page: ListPage) -> Signs:
    return Signs(page.has_structure, page.says_empty, any(link.is_report for link in page.links))


def _detail_signs(detail: DetailPage, fetched: Fetched, link: Link) -> Signs:
    """Whether a detail page is what its list entry promised; a file in its place is."""
    if not _is_page(fetched):
        return Signs(bool(fetched.body), certain=bool(fetched.body))
    named = detail.title is not None and read_title(detail.title).is_report
    certain = named or bool(detail.attachments) or clean_title(link.title) in clean_title(detail.text)
    return Signs(certain or detail.has_body, certain=certain)
