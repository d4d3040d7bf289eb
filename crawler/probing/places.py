"""What the platforms see in one page that was looked at, and whether it is a column of annual reports. Pure."""

from dataclasses import dataclass, field

from crawler.pages.pager import same_page
from crawler.platforms import ListPage, Recognition
from crawler.portal import Portal
from crawler.probing.asking import LookedAt
from crawler.probing.recognise import GENERIC, Platforms, can_read, rank, with_platform
from crawler.probing.way import NAMES_COLUMN, names_annual_reports
from crawler.walk.links import judge_link

_FEW_REPORTS = 3  # so many reports make a list, whatever it is called
_ITSELF = "#article"  # of a link to the page on which it stands: the only article of a column
_UNKNOWN = Recognition(GENERIC, "likely", "no platform's own marks")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may lead on. title: of the link. score: of crawler.probing.way. depth: steps from the given
    address; shells: pages in a row before it that only sent on; via: one of them that stands for all that comes behind
    it, "" where none does."""

    url: str
    title: str = ""
    score: int = 0
    depth: int = 0
    referer: str | None = None
    shells: int = 0
    via: str = ""


@dataclass(slots=True)
class Place:
    """A page that was looked at, and what was seen in it.

    recognition: what made it, by the platform that reads it; known: whether that platform knew it by its marks; rivals:
    others that are as certain. page: as its platform reads it; reports: how many it lists. is_named: it, or the link to
    it, says that it is a column of annual reports.
    """

    candidate: Candidate
    looked: LookedAt
    recognition: Recognition = _UNKNOWN
    known: bool = False
    rivals: list[Recognition] = field(default_factory=list)
    page: ListPage = field(default_factory=ListPage)
    reports: int = 0
    is_named: bool = False

    @property
    def address(self) -> str:
        """What a portal file says of it, if it is a column."""
        return self.candidate.via or self.candidate.url

    @property
    def is_column(self) -> bool:
        """Whether it is a list of annual reports, or certainly the frame of one."""
        is_frame = self.page.is_shell or bool(self.page.lists)
        shows_itself = any(link.url.endswith(_ITSELF) for link in self.page.links)
        if self.looked.facts.is_article and not (is_frame or shows_itself) and self.reports < _FEW_REPORTS:
            return False
        if self.reports and (self.is_named or self._is_mostly_reports):
            return True
        if self.recognition.columns and not self.is_of_its_columns:
            return False  # the platform says which lists behind this page are columns
        return self.is_named and (is_frame or self.page.says_empty is not None)

    @property
    def is_of_its_columns(self) -> bool:
        """Whether the platform says of this very address that it is a column."""
        return any(same_page(url) == same_page(self.looked.url) for url in self.recognition.columns)

    @property
    def _is_mostly_reports(self) -> bool:
        dated = sum(link.listed_on is not None for link in self.page.links)
        return self.reports >= _FEW_REPORTS and 2 * self.reports >= dated


class PlaceReader:
    """Has the platforms read pages. portal: stands for the site."""

    def __init__(self, portal: Portal, platforms: Platforms) -> None:
        self._portal = portal
        self._platforms = platforms

    def read(self, candidate: Candidate, looked: LookedAt) -> Place:
        """What is seen in a page: by the most certain platform that sees something, else by the most certain one."""
        place = Place(candidate, looked)
        if not looked.is_page:
            return place
        place.is_named = candidate.score >= NAMES_COLUMN or names_annual_reports(looked.facts, candidate.url)
        known = self._platforms.recognise(looked.body, looked.charset, looked.url)
        for recognition in known:
            page = self._page_by(recognition, place)
            if not place.known or can_read(page):
                place.recognition, place.known, place.page = recognition, True, page
            if can_read(page):
                break
        place.rivals = [one for one in known if one != place.recognition and rank(one) == rank(place.recognition)]
        if not can_read(place.page):
            self._read_generically(place)
        place.reports = self._reports_on(place.page)
        place.is_named |= place.is_of_its_columns
        return place

    def _read_generically(self, place: Place) -> None:
        """Read a page that no platform knows, or in which the one that knows it sees nothing."""
        page = self._page_by(_UNKNOWN, place)
        if not place.known:
            place.page = page
        if not self._reports_on(page):
            return
        place.recognition, place.known, place.page = _UNKNOWN, False, page
        if not _is_cut_off(page):
            return
        for name in self._platforms.names:
            own = Recognition(name, "likely", f"its further pages are named as {name} names them")
            read = self._page_by(own, place)
            if not _is_cut_off(read) and read.further and self._reports_on(read) >= self._reports_on(page):
                place.recognition, place.page = own, read
                return

    def _page_by(self, recognition: Recognition, place: Place) -> ListPage:
        looked = place.looked
        portal = with_platform(self._portal, recognition)[0]
        column = portal.columns[0].model_copy(update={"url": place.candidate.url})
        reader = self._platforms[recognition.platform].read_list
        return reader(looked.body, looked.charset, looked.url, portal, column)

    def _reports_on(self, page: ListPage) -> int:
        return sum(
            judge_link(one.title, one.url, self._portal, listed_on=one.listed_on).is_report for one in page.links
        )


def _is_cut_off(page: ListPage) -> bool:
    """Whether a page says that it has further pages, and names none of them."""
    return not page.further and (page.unread_pager or (page.declared_pages or 1) > 1)
