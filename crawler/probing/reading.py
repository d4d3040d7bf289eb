"""Reading the columns that were found, as a crawl reads them: every page judged, to the end where that is allowed."""

from dataclasses import dataclass, field, replace

from crawler.asking.fetch import Fetcher
from crawler.clock import Clock
from crawler.errors import CrawlStopped
from crawler.pages.pager import same_page
from crawler.platforms import Link, ListPage, Platform
from crawler.portal import Column, Portal
from crawler.walk.column import ColumnResult
from crawler.walk.ending import Ending
from crawler.walk.keeper import Keeper
from crawler.walk.links import LinkVerdict, judge_link
from crawler.walk.lists import ListReader
from crawler.walk.reach import Reach
from db.archive import Archive


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list, and what it is by its title and address. leads: False of a row that no address leads on
    from."""

    link: Link
    verdict: LinkVerdict
    leads: bool


@dataclass(slots=True)
class ReadColumn:
    """A column as it was read. rows: each address once. entries: how many its pages show, of whatever kind. asked: the
    addresses of its pages. says_end: its pages say how much there is, or name further pages. stopped: why no more of it
    was asked for, "" where nothing kept us."""

    result: ColumnResult
    rows: list[Row] = field(default_factory=list)
    entries: int = 0
    asked: set[str] = field(default_factory=set)
    says_end: bool = False
    stopped: str = ""


def says_end(page: ListPage) -> bool:
    """Whether a page says how much there is, or names further pages."""
    return bool(page.further or page.lists or page.declared_pages or page.declared_entries)


class ColumnReader:
    """Reads columns of one site with one platform; what the platform sees in each page is listened to."""

    def __init__(
        self,
        portal: Portal,
        platform: Platform,
        archive: Archive,
        clock: Clock,
        fetcher: Fetcher,
        keeper: Keeper,
        reach: Reach,
    ) -> None:
        self._portal = portal
        self._seen: list[tuple[Column, str, ListPage]] = []
        self._read_list = platform.read_list
        listening = replace(platform, read_list=self._listen)
        self._lists = ListReader(portal, archive, clock, fetcher, keeper, listening, reach, Ending())

    async def read(self, column: Column) -> ReadColumn:
        """Read one column, as far as requests are left for it."""
        self._seen = []
        read = ReadColumn(ColumnResult(column))
        try:
            read.result = await self._lists.read(column)
        except CrawlStopped as stop:
            read.stopped = str(stop)
            read.result.pages = len(self._seen)
        rows: dict[str, Row] = {}
        for its_list, url, page in self._seen:
            read.says_end |= says_end(page)
            read.asked |= {same_page(url), *(same_page(sub.url) for sub in page.lists)}
            entries = [(link, True) for link in page.links] + [(link, False) for link in page.unfollowed]
            for link, leads in entries:
                verdict = judge_link(
                    link.title,
                    link.url,
                    self._portal,
                    column_year=its_list.year,
                    column_agency=its_list.agency,
                    listed_on=link.listed_on,
                )
                rows.setdefault(f"{url} {link.url}" if not leads else link.url, Row(link, verdict, leads))
        read.rows = list(rows.values())
        read.entries = len(read.rows)
        read.result.reports = sum(row.leads and row.verdict.is_report for row in read.rows)
        return read

    def _listen(
        self, body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None
    ) -> ListPage:
        page = self._read_list(body, charset, url, portal, column)
        self._seen.append((column or portal.columns[0], url, page))
        return page
