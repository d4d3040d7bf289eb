"""The lists of a portal, read before all else: they say what is there and what is absent."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from crawler.asking.fetch import Fetched, Fetcher
from crawler.clock import Clock
from crawler.errors import CrawlStopped
from crawler.outcomes.verdict import Answer, Signs, Verdict, judge, sniff
from crawler.pages.signature import list_signature
from crawler.platforms import Link, ListPage, Platform
from crawler.portal import Column, Portal
from crawler.walk.column import ColumnReading, ColumnResult, Entry, Looked, is_document
from crawler.walk.ending import Ending
from crawler.walk.keeper import Keeper
from crawler.walk.links import judge_link, stays_listed
from crawler.walk.reach import Reach
from crawler.walk.shrinking import shrunken
from db.archive import Archive
from db.errors import ArchiveError, DocumentMissingError
from db.records import Address, ColumnRead, Crawl, ListedLink, ListedPage
from parsers.encoding import decode

_SAYS_SOMETHING = ("ok", "unchanged", "empty")
RECALLED_FOR = timedelta(minutes=30)  # how long a crawl that was broken off may rest on a list page that it read
STOPPED = "the crawl was stopped"

log = structlog.get_logger("crawler")


class ListReader:
    """Reads the columns of one portal in one crawl.

    Each list page is kept, with what it lists and the addresses that it leads to, before the next is asked for; what
    the crawl read before it was broken off is read from the archive.
    """

    def __init__(
        self,
        portal: Portal,
        archive: Archive,
        clock: Clock,
        fetcher: Fetcher,
        keeper: Keeper,
        platform: Platform,
        reach: Reach,
        ending: Ending,
    ) -> None:
        self._portal = portal
        self._archive = archive
        self._clock = clock
        self._fetcher = fetcher
        self._keeper = keeper
        self._crawl = keeper.crawl
        self._platform = platform
        self._reach = reach
        self._ending = ending
        self._first_names: dict[str, str] | None = None  # identity of an article -> the address it was first found at

    async def read(self, column: Column) -> ColumnResult:
        """Read a column and keep the read. Raises CrawlStopped; the column is then kept as unknown, unless the crawl
        was stopped before it asked for anything of it."""
        if self._crawl.resumed and (known := self._archive.crawls.column_read(self._crawl, column.url)):
            outcome, pages = known
            return ColumnResult(column, outcome, "as read before the crawl was broken off", pages)
        earliest = [self._clock()]  # a read is as old as its oldest page
        reading = ColumnReading(column, self._portal)

        async def look(url: str, referer: str | None, its_list: Column) -> Looked:
            looked = self._recalled(url, its_list) or await self._look(url, referer, its_list)
            earliest.append(looked.fetched.at)
            return looked

        def keep(looked: Looked, entries: list[Entry]) -> ListedPage:
            return self._keep(looked, entries)

        try:
            result = await reading.read(look, keep)
        except CrawlStopped:
            if reading.result.pages and not self._ending.is_asked:  # a crawl that is gone on with reads it again
                reading.result.why = STOPPED
                self._keep_read(reading.result, min(earliest))
            raise
        self._check_size(result, min(earliest))
        self._keep_read(result, min(earliest))
        return result

    def _check_size(self, result: ColumnResult, at: datetime) -> None:
        """Doubt a good read of a list that has lost much since it was last read well (crawler/walk/shrinking.py)."""
        if result.outcome not in ("ok", "unchanged"):
            return
        earlier = self._archive.crawls.earlier_reads(self._portal.id, result.column.url)
        links = self._archive.crawls.links_of(result.listing)
        if (words := shrunken(result.pages, links, earlier, at)) is not None:
            result.outcome, result.why = "unknown", words

    def _keep_read(self, result: ColumnResult, at: datetime) -> None:
        url = result.column.url
        self._archive.add_column_read(
            ColumnRead(self._portal.id, url, at, result.outcome, result.pages, listing=result.listing)
        )
        log.info(
            "column", portal=self._portal.id, url=url, outcome=result.outcome, reports=result.reports, why=result.why
        )

    async def _look(self, url: str, referer: str | None, column: Column) -> Looked:
        known = self._archive.last_look(url)
        fetched = await self._fetcher.get(url, referer=referer, known=known, kind="list")
        page, entries = self._read_page(fetched, column)
        is_list = page.has_structure or bool(page.lists)
        signs = Signs(is_list, page.says_empty, any(entry.verdict.is_report for entry in entries))
        verdict = fetched.refusal or fetched.judged or judge(fetched.answer, "list", signs)
        verdict = await self._reach.settle(fetched, verdict)
        signature = None
        if verdict.outcome in _SAYS_SOMETHING and fetched.body:
            signature = list_signature(page, decode(fetched.body, fetched.answer.charset))
        kept = known.sha256 if known and signature is not None and signature == known.signature else None
        if kept is not None and verdict.outcome == "ok":
            same = "bytes" if kept == fetched.sha256 else "entries, other counters"
            verdict = Verdict("unchanged", f"same {same}")
        return Looked(fetched, verdict, page, entries, column, signature=signature, kept=kept)

    def _recalled(self, url: str, column: Column) -> Looked | None:
        """What this crawl saw at a URL before it was broken off, from the archive."""
        if not self._crawl.resumed:
            return None
        seen = self._archive.crawls.list_visit(self._crawl, url)
        if seen is None or seen.visit.sha256 is None:
            return None
        visit = seen.visit
        if self._clock() - visit.at > RECALLED_FOR:
            return None  # much may have been listed since
        try:
            body = self._archive.get_document(visit.sha256 or "")
        except DocumentMissingError:
            return None  # asked again, the portal gives the bytes again
        answer = Answer(url, visit.final_url or url, visit.status, visit.response_headers, body)
        fetched = Fetched(answer=answer, at=visit.at, network=visit.network, body=body, sha256=visit.sha256)
        page, entries = self._read_page(fetched, column)
        verdict = Verdict(visit.outcome, visit.evidence)
        return Looked(fetched, verdict, page, entries, column, seen.id, visit.signature)

    def _read_page(self, fetched: Fetched, column: Column) -> tuple[ListPage, list[Entry]]:
        answer = fetched.answer
        if fetched.refusal is not None or not fetched.body or sniff(fetched.body) not in ("html", "text"):
            return ListPage(), []
        page = self._platform.read_list(fetched.body, answer.charset, answer.final, self._portal, column)
        entries = [
            Entry(
                link,
                judge_link(link.title, link.url, self._portal, column_year=column.year, listed_on=link.listed_on),
            )
            for link in map(self._under_first_name, page.links)
        ]
        return page, entries

    def _under_first_name(self, link: Link) -> Link:
        """An entry under the address at which its article was found first: it may stand at several."""
        name = self._platform.identity
        if name is None:
            return link
        if self._first_names is None:
            self._first_names = {}
            for url in self._archive.frontier.urls(self._portal.id):
                self._first_names.setdefault(name(url), url)
        return link._replace(url=self._first_names.setdefault(name(link.url), link.url))

    def _keep(self, looked: Looked, entries: list[Entry]) -> ListedPage:
        """Keep a list page, what it lists and where that leads, in one transaction."""
        links = [entry.link for entry in entries if entry.verdict.is_report]
        links += self._unfollowed(looked) if entries else []
        with self._archive.write():
            number = looked.visit_id if looked.visit_id is not None else self._record(looked)
            digest = self._archive.keep_links([ListedLink(link.url, link.title, link.listed_on) for link in links])
            self._archive.frontier.add(self._address(entry, looked.column) for entry in entries)
        return ListedPage(number, digest)

    def _unfollowed(self, looked: Looked) -> list[Link]:
        """What a page lists beside the reports that holds an absence back: see `stays_listed`, and the rows that no
        address leads on from. They are marked by #row-N behind their address, and never asked for."""
        held = [
            Link(f"{link.url}#row-{number}", link.title, link.listed_on)
            for number, (link, verdict) in enumerate(looked.entries, start=len(looked.page.unfollowed) + 1)
            if stays_listed(link.title, verdict)
        ]
        for link in looked.page.unfollowed:
            year = looked.column.year
            verdict = judge_link(link.title, link.url, self._portal, column_year=year, listed_on=link.listed_on)
            if verdict.is_report or stays_listed(link.title, verdict):
                held.append(link)
        return held

    def _record(self, looked: Looked) -> int:
        fetched, verdict = looked.fetched, looked.verdict
        visit = self._fetcher.visit(fetched, "list", verdict, signature=looked.signature)
        if looked.kept is None or looked.kept == fetched.sha256:
            return self._keeper.record([(visit, fetched)])
        # The same entries in other bytes: the visit rests on the document that is kept already.
        visit.sha256, visit.body_sha256 = looked.kept, fetched.sha256
        number = self._keeper.record([(visit, fetched)])
        if fetched.sha256 is not None:
            self._archive.drop_bytes(fetched.sha256)
        return number

    def _address(self, entry: Entry, column: Column) -> Address:
        link, verdict = entry
        is_file = is_document(link.url)
        return Address(
            portal=self._portal.id,
            url=link.url,
            part="attachment" if is_file else "page",
            kind="report" if verdict.is_report else verdict.kind,
            page_url=column.url if is_file else link.url,
            column_url=column.url,
            title=link.title,
            listed_on=link.listed_on,
            agency_hint=column.agency or self._portal.default_agency,
            year=verdict.year or column.year,
            found_at=self._crawl.started_at,
            due_at=self._crawl.started_at,
        )


def recall_robots(archive: Archive, crawl: Crawl, fetcher: Fetcher) -> None:
    """Let the fetcher know each robots.txt that the crawl has read before it was broken off."""
    for visit in archive.crawls.robots_visits(crawl):
        answer = Answer(visit.url, visit.final_url or visit.url, visit.status, visit.response_headers)
        if visit.outcome in ("ok", "unchanged"):
            try:
                answer = replace(answer, status=200, body=archive.get_document(visit.sha256 or ""))
            except (DocumentMissingError, ArchiveError):
                continue
        elif visit.outcome not in ("gone", "unknown"):
            continue  # it was refused or could not be read: it is asked for again
        fetcher.know_robots(answer)
