"""One look at a site, from the given address to the drafted portal file."""

from collections.abc import Callable, Mapping

from crawler.asking.browser_process import find_chromium
from crawler.asking.hours import beijing_day
from crawler.clock import Clock
from crawler.errors import CrawlError, CrawlStopped
from crawler.pages.pager import same_page
from crawler.platforms import Recognition
from crawler.portal import Browser, Column, Portal
from crawler.probing.asking import Asking, RememberingFetcher
from crawler.probing.doubts import completeness_doubts, doubts_of
from crawler.probing.draft import Draft, draft_toml
from crawler.probing.ending import is_for_browser, of_this_look, sentence_of
from crawler.probing.needed import needed_options
from crawler.probing.order import WITH_BROWSER, ProbeOrder
from crawler.probing.places import Place
from crawler.probing.reading import ColumnReader, ReadColumn
from crawler.probing.recognise import GENERIC, Platforms, with_platform
from crawler.probing.rendered import wishes
from crawler.probing.result import Doubt, ListedReport, Probe, ProbedColumn
from crawler.probing.search import Search, Way
from crawler.probing.site_name import agency_of, place_of, site_name
from crawler.probing.way import year_in
from crawler.walk.keeper import Keeper
from crawler.walk.reach import Reach
from db.archive import Archive
from parsers.strict_toml import ConfigError

_SHARE_OF_SEARCH = 0.6  # of the requests: what looking for further columns may use up
_MOST_UNSEEN_LISTS = 2  # lists of which nothing says what they list, read in the hope that they are the column
_MOST_DOUBTS = 5  # in the head of a draft; the look itself prints them all
_READ = ("ok", "unchanged", "empty")


FetcherFor = Callable[[Portal, str | None], RememberingFetcher]  # a portal, and the program that shows its lists


class SiteLook:
    """The parts of one look, and what they come to. portal: of the order, stands for the site."""

    def __init__(self, order: ProbeOrder, archive: Archive, clock: Clock, fetcher_for: FetcherFor, keeper: Keeper):
        self._order = order
        self._portal = order.portal
        self._archive = archive
        self._clock = clock
        self._fetcher_for = fetcher_for
        self._fetcher = fetcher_for(order.portal, None)
        self._asked = 0  # by earlier fetchers
        self._keeper = keeper
        self._reach = Reach(order.portal, archive, self._fetcher, keeper)
        self._platforms = Platforms()
        self._probe = Probe(order.url, tried=self._platforms.names)
        self._refused: Doubt | None = None  # options that the platform does not know
        self._no_browser = ""  # why a list that only a browser shows was not shown

    async def run(self) -> Probe:
        """Look. Never raises for what the site does."""
        asking = Asking(self._fetcher, self._keeper, self._reach)
        most = int(self._order.most * _SHARE_OF_SEARCH)
        way = await Search(self._order.url, self._portal, asking, self._platforms, most).run()
        probe = self._probe
        probe.pages = way.pages
        probe.site = site_name(way.facts)
        reads = await self._read_columns(way, way.columns)
        if not way.columns:
            reads = await self._read_shells(way)
        if is_for_browser(way, [read for _, read in reads]):
            reads = await self._read_by_browser(way) or reads
        shown = way.columns[0] if way.columns else way.unread[0] if way.unread else way.best
        if shown is not None:
            self._say_platform(shown, is_column=shown.is_column or way.unread is not None)
        probe.found = any(read.result.reports or read.result.outcome == "empty" for _, read in reads)
        probe.requests = self._requests
        probe.sentence = self._said(way, reads)
        if shown is not None and (way.columns or way.unread):
            probe.draft = self._draft(way, shown, [read for _, read in reads])
        return probe

    async def close(self) -> None:
        """To be awaited at the end, however it comes."""
        await self._fetcher.end_browser()
        self._fetcher.close()

    @property
    def _requests(self) -> int:
        return self._asked + self._fetcher.requests

    @property
    def _most(self) -> int:
        return self._portal.daily_budget

    async def _read_columns(self, way: Way, places: list[Place]) -> list[tuple[Place, ReadColumn]]:
        """Read what was found, with the platform of the first one; a column that another one leads to is part of it."""
        reads: list[tuple[Place, ReadColumn]] = []
        asked: set[str] = set()
        for number, place in enumerate(places):
            address = place.address
            if number and same_page(address) in asked:
                continue
            if number and place.recognition.platform != places[0].recognition.platform:
                other = place.recognition.platform
                why = f"made by other software ({other}); a portal file of its own can hold it"
                self._probe.doubts.append(Doubt(address, why))
                continue
            column = self._column(place)
            left = max(self._most - self._requests, 0)
            reader = ColumnReader(
                self._file_of(place, [column], max_pages=max(1, left // (len(places) - number) + 1)),
                self._platforms[place.recognition.platform],
                self._archive,
                self._clock,
                self._fetcher,
                self._keeper,
                self._reach,
            )
            read = await reader.read(column)
            read.stopped = of_this_look(self._order, self._most, read.stopped)
            read.result.why = of_this_look(self._order, self._most, read.result.why)
            asked |= read.asked
            reads.append((place, read))
            self._take(place, read)
        return reads

    async def _read_by_browser(self, way: Way) -> list[tuple[Place, ReadColumn]]:
        """Have a browser show the lists that scripts make or frames hold; none where there is no browser."""
        places = way.columns or ([way.unread[0]] if way.unread else [])
        try:
            chromium = find_chromium(self._order.chromium)
        except CrawlError as error:
            self._no_browser = str(error)
            return []
        first = places[0]
        await self._show(chromium, Browser())
        try:
            page = await self._fetcher.get(first.address, referer=first.candidate.referer, kind="list")
        except CrawlStopped as stop:
            self._no_browser = str(stop)
            return []
        if page.judged is None and page.refusal is None and page.body:
            said = wishes(page.body, first.looked.body, first.looked.charset)
            if said:
                await self._show(chromium, Browser.model_validate(said), anew="more" in said)
        self._probe.columns.clear()
        self._probe.reports.clear()
        reads = await self._read_columns(way, places)
        if any(read.result.reports for _, read in reads):
            way.columns = places
        return reads

    async def _show(self, chromium: str, browser: Browser, *, anew: bool = True) -> None:
        """From now on lists are shown by the browser. anew: not those either that it has shown."""
        more = {"fetch": "browser", "browser": browser, "daily_budget": WITH_BROWSER * self._order.most}
        self._portal = self._order.portal.model_copy(update=more)
        if anew:
            earlier = self._fetcher
            self._fetcher = self._fetcher_for(self._portal, chromium)
            self._fetcher.go_on_from(earlier)
            self._asked += earlier.requests
            await earlier.end_browser()
            self._reach = Reach(self._portal, self._archive, self._fetcher, self._keeper)

    async def _read_shells(self, way: Way) -> list[tuple[Place, ReadColumn]]:
        """Lists that scripts fill, of which no word says what they list: those that turn out to list reports count."""
        for place in sorted(way.shells, key=lambda place: -place.candidate.score)[:_MOST_UNSEEN_LISTS]:
            reads = await self._read_columns(way, [place])
            if reads and reads[0][1].result.reports:
                way.columns.append(place)
                return reads
            self._probe.columns.clear()
            self._probe.reports.clear()
        return []

    def _column(self, place: Place) -> Column:
        year = year_in(place.candidate.title)
        years = {
            link_year
            for link in place.page.links
            if (link_year := year_in(link.title)) is not None and "公开" in link.title
        }
        # The year of a link is that of the list only as far as the list does not say otherwise.
        return Column(url=place.address, year=year if years <= {year} else None)

    def _take(self, place: Place, read: ReadColumn) -> None:
        result = read.result
        why = read.stopped or result.why
        self._probe.columns.append(
            ProbedColumn(
                result.column.url,
                place.candidate.title,
                result.column.year,
                result.outcome,
                why if read.stopped or result.outcome not in ("ok", "unchanged") else "",
                result.pages,
                result.reports,
            )
        )
        known = {report.url for report in self._probe.reports}
        self._probe.reports += [
            ListedReport(
                row.link.title,
                row.verdict.agency,
                row.verdict.year,
                row.link.listed_on,
                row.link.url,
                result.column.url,
            )
            for row in read.rows
            if row.leads and row.verdict.is_report and row.link.url not in known
        ]

    def _say_platform(self, place: Place, *, is_column: bool) -> None:
        made = place.recognition
        if not (place.known or is_column):
            return  # the generic one reads any page
        probe = self._probe
        probe.platform, probe.certainty = made.platform, made.certainty
        probe.variant, probe.evidence = made.variant, made.evidence

    def _said(self, way: Way, reads: list[tuple[Place, ReadColumn]]) -> str:
        return sentence_of(self._order, way, [read for _, read in reads], self._probe, self._no_browser)

    def _file_of(self, place: Place, columns: list[Column], max_pages: int) -> Portal:
        """The portal as the draft will describe it; without options that its platform refuses."""
        name = self._probe.site or self._portal.name
        known = {
            **self._portal.model_dump(exclude_unset=True),
            "name": name if len(name) > 1 else self._portal.name,
            "platform": GENERIC,  # others may need options, which come with the next step
            "columns": columns,
            "place": place_of(name),
            "default_agency": agency_of(name),
            "max_pages": max_pages,
        }
        portal, refused = with_platform(Portal.model_validate(known), place.recognition)
        if refused is not None:
            self._refused = Doubt(place.recognition.platform, f"what its page says of it is not taken: {refused}")
        return portal

    def _draft(self, way: Way, shown: Place, reads: list[ReadColumn]) -> str:
        """The text of the file; the doubts are gathered on the way."""
        probe, portal = self._probe, self._portal
        recognition: Recognition = shown.recognition
        incomplete: list[Doubt] = []
        if way.columns:
            file = self._file_of(shown, [read.result.column for read in reads], 1)
            probe.doubts += doubts_of(reads, file)
            incomplete = completeness_doubts(reads, file)
        probe.doubts += self._of_the_software(shown)
        listed = {column.url for column in probe.columns}
        asked = {page for read in reads for page in read.asked}
        unseen = [one for one in way.unseen if one.url not in listed and same_page(one.url) not in asked]
        columns = probe.columns + [ProbedColumn(one.url, one.title, year_in(one.title)) for one in unseen]
        if unseen:
            probe.columns = columns
            more = "its link says that it is a column too; it is drafted and was not looked at (--most N looks further)"
            probe.doubts += [Doubt(one.url, more) for one in unseen]
        if not columns:
            why = way.unread[1] if way.unread else ""
            columns = [ProbedColumn(shown.address, shown.candidate.title, None, "unknown", why)]
        is_refused = any(read.result.outcome == "blocked" for read in reads)
        is_whole = bool(reads) and not unseen and all(read.result.outcome in _READ for read in reads)
        name = probe.site if len(probe.site) > 1 else portal.allowed_hosts[0]
        draft = Draft(
            name=name,
            platform=recognition.platform,
            allowed_hosts=portal.allowed_hosts,
            columns=columns,
            day=beijing_day(self._clock()),
            evidence=recognition.evidence,
            place=place_of(name),
            default_agency=agency_of(name),
            options=self._options(way, shown),
            counted=len(probe.reports) if is_whole else None,
            is_whole=not incomplete,
            on_loopback=portal.on_loopback,
            # Where the list is not in the page, and no platform says where it comes from, a browser may show it.
            fetch="browser" if recognition.platform == GENERIC and not (probe.found or is_refused) else portal.fetch,
            browser=portal.browser.model_dump(exclude_defaults=True),
            is_shown=portal.fetch == "browser" and probe.found,
            verify_tls=portal.verify_tls,
            doubts=[f"{one.what}: {one.why}" for one in incomplete[:_MOST_DOUBTS]] if probe.found else [probe.sentence],
            is_certain=recognition.certainty == "certain",
        )
        try:
            return draft_toml(draft)
        except ConfigError as error:
            probe.doubts.append(Doubt("the draft", f"what was found makes no valid portal file: {error}"))
            return ""

    def _options(self, way: Way, shown: Place) -> Mapping[str, object]:
        if self._refused:
            return {}
        if way.columns or self._probe.found:
            return shown.recognition.options
        return needed_options(shown.recognition, shown.address)

    def _of_the_software(self, place: Place) -> list[Doubt]:
        doubts = [self._refused] if self._refused else []
        made, rivals = place.recognition, place.rivals
        if rivals:
            names = ", ".join(f"{rival.platform} ({rival.evidence})" for rival in rivals)
            doubts.append(Doubt(made.platform, f"others are as certain: {names}; compare what each of them lists"))
        elif made.certainty != "certain" and made.platform != GENERIC:
            doubts.append(Doubt(made.platform, f"likely, not certain: {made.evidence}"))
        return doubts
