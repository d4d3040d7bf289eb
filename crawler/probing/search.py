"""One look at a site: the way from the given address to the columns of annual reports, and what their lists hold.

Best first: the link that most likely leads to a column is followed first, over section pages at most three steps deep.
Whether a page is a column is decided by what its platform reads in it, and by what it says of itself.
"""

import heapq
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

from crawler.address import bare
from crawler.errors import CrawlStopped
from crawler.outcomes.scripted import filled_by_script
from crawler.outcomes.verdict import Verdict
from crawler.pages.pager import same_page
from crawler.portal import Portal, is_web_address
from crawler.probing.asking import Asking
from crawler.probing.page import PageFacts
from crawler.probing.places import Candidate, Place, PlaceReader
from crawler.probing.recognise import Platforms, rank
from crawler.probing.result import SeenPage
from crawler.probing.way import CERTAIN, NAMES_COLUMN, score_of, year_in
from parsers.encoding import decode
from parsers.titles import read_title

DEEPEST = 3  # steps from the given address
_MOST_SHELLS = 3  # pages in a row that only send on
MOST_COLUMNS = 24
_FRAME = 50


@dataclass(slots=True)
class Way:
    """What the search for columns came to.

    first: the given address, or what it sends on to. columns: in the order in which they were found; unseen: addresses
    whose links say that they are columns and that were not looked at. shells: lists that only scripts fill, and of
    which nothing says what they list. best: the first place that a platform knows, column or not. elsewhere: likely
    links to hosts that are not allowed. unread: a page that looks like a column and whose list is not in it: (the
    place, what shows it). refused: the likeliest link of those behind which no page came, and what came. facts, pages:
    of all that was looked at. stopped: why no more was asked."""

    first: Place | None = None
    columns: list[Place] = field(default_factory=list)
    unseen: list[Candidate] = field(default_factory=list)
    shells: list[Place] = field(default_factory=list)
    best: Place | None = None
    elsewhere: list[Candidate] = field(default_factory=list)
    unread: tuple[Place, str] | None = None
    refused: tuple[Candidate, Verdict] | None = None
    facts: list[PageFacts] = field(default_factory=list)
    pages: list[SeenPage] = field(default_factory=list)
    stopped: str = ""


class Search:
    """Looks for the columns of a site.

    portal: stands for the site: its hosts are those that may be asked. most: requests after which no further column is
    looked for, so that some are left for reading those that were found.
    """

    def __init__(self, url: str, portal: Portal, asking: Asking, platforms: Platforms, most: int) -> None:
        self.way = Way()
        self._url = url
        self._portal = portal
        self._asking = asking
        self._reader = PlaceReader(portal, platforms)
        self._most = most
        self._queue: list[tuple[int, int, int, Candidate]] = []
        self._order = count()
        self._scores: dict[str, int] = {}  # the best of each address that was queued
        self._visited: set[str] = set()

    async def run(self) -> Way:
        """Search until a column is found and its neighbours are looked at, or nothing is left to follow."""
        way = self.way
        self._push(Candidate(self._url))
        try:
            while self._queue:
                candidate = heapq.heappop(self._queue)[-1]
                if same_page(candidate.url) in self._visited:
                    continue  # queued twice, by better words the second time
                if way.columns and candidate.score < NAMES_COLUMN:
                    break  # no column of its own words is left
                if len(way.columns) >= MOST_COLUMNS or (way.columns and self._asking.requests >= self._most):
                    way.unseen.append(candidate)
                    continue
                await self._visit(candidate)
        except CrawlStopped as stop:
            way.stopped = str(stop)
            self._visited.discard(same_page(candidate.url))
            way.unseen.append(candidate)
        # Without a column, what is left is only guessed.
        way.unseen += [item[-1] for item in sorted(self._queue, key=lambda item: item[:3])] if way.columns else []
        unseen = {same_page(one.url): one for one in way.unseen if way.columns and one.score >= NAMES_COLUMN}
        way.unseen = [one for key, one in unseen.items() if key not in self._visited]
        return way

    async def _visit(self, candidate: Candidate) -> None:
        way = self.way
        self._visited.add(same_page(candidate.url))
        looked = await self._asking.look(candidate.url, candidate.referer)
        seen = SeenPage(candidate.url, looked.verdict.outcome, looked.verdict.evidence or "")
        way.pages.append(seen)
        place = self._reader.read(candidate, looked)
        if way.first is None or (way.first.looked.sent_on and way.first.looked.sent_on == candidate.url):
            way.first = place
        if not looked.is_page:
            if candidate.score >= NAMES_COLUMN and way.refused is None:
                way.refused = (candidate, looked.verdict)
            return
        way.facts.append(looked.facts)
        if place.known and (way.best is None or rank(place.recognition) < rank(way.best.recognition)):
            way.best = place
        if place.is_column:
            seen.what = f"a column of annual reports ({place.recognition.platform})"
            way.columns.append(place)
        elif looked.sent_on is not None and not place.page.has_structure:
            seen.what = f"sends on to {looked.sent_on}"
            self._send_on(candidate, looked.sent_on)
            return
        else:
            seen.what = self._what(place)
            self._note(place)
            if self.way.unread is not None and self.way.unread[0] is place:
                software = f" ({place.recognition.platform})" if place.known else ""
                seen.what = f"a column of annual reports{software}, its list is not in the page"
        self._follow(place)

    def _what(self, place: Place) -> str:
        software = f" ({place.recognition.platform})" if place.known else ""
        if place.looked.facts.is_article:
            return f"the page of one article{software}"
        if place.page.has_structure and place.page.links:
            links = "1 link" if len(place.page.links) == 1 else f"{len(place.page.links)} links"
            return f"a page with {links}, {place.reports} of them reports{software}"
        return f"no list of annual reports{software}"

    def _note(self, place: Place) -> None:
        """Remember what may be a column after all, if nothing better is found."""
        if place.page.is_shell:
            self.way.shells.append(place)
        elif place.is_named and not place.reports and self.way.unread is None:
            shown = place.page.made_elsewhere or filled_by_script(decode(place.looked.body, place.looked.charset))
            if shown:
                self.way.unread = (place, shown)

    def _send_on(self, candidate: Candidate, target: str) -> None:
        if candidate.shells < _MOST_SHELLS:
            score = max(candidate.score, 1)
            # The address that leads to the list of the current year leads to next year's list next year.
            is_of_year = year_in(urlsplit(target).path) is not None and year_in(urlsplit(candidate.url).path) is None
            via = candidate.via or (candidate.url if is_of_year else "")
            shells = candidate.shells + 1
            self._push(Candidate(target, candidate.title, score, candidate.depth, candidate.url, shells, via))

    def _follow(self, place: Place) -> None:
        """Queue what a page leads to. From a column only other columns are wanted."""
        looked, depth = place.looked, place.candidate.depth + 1
        if depth > DEEPEST:
            return
        entries: set[str] = set()
        if place.is_column:  # what its reading follows by itself
            reports = (one.url for one in place.page.links if one.listed_on or read_title(one.title).is_report)
            lists = (one.url for one in place.page.lists)
            entries = {same_page(url) for url in (*reports, *lists, *place.page.further)}
        for url in place.recognition.columns:
            self._push(Candidate(url, "", CERTAIN, depth, looked.url))
        for link in looked.facts.links:
            score = score_of(link, on_annual_page=place.is_named)
            wanted = NAMES_COLUMN if place.is_column else 1
            if score >= wanted and same_page(link.url) not in entries:
                self._push(Candidate(link.url, link.text, score, depth, looked.url))
        if not place.is_column and not place.page.has_structure:
            for frame in looked.facts.frames:
                self._push(Candidate(frame, place.candidate.title, _FRAME, depth, looked.url))

    def _push(self, candidate: Candidate) -> None:
        # A fragment makes another column only where the platform says so.
        key = same_page(candidate.url if candidate.score >= CERTAIN else bare(candidate.url))
        if not is_web_address(candidate.url) or self._scores.get(key, -1) >= candidate.score:
            return
        if not self._portal.allows(candidate.url):
            if candidate.score >= NAMES_COLUMN or candidate.shells:
                self.way.elsewhere.append(candidate)
            return
        self._scores[key] = candidate.score
        heapq.heappush(self._queue, (-candidate.score, candidate.depth, next(self._order), candidate))
