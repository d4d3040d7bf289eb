"""Reading portal pages, whatever software made them: addresses, rows, pagers, lists of lists, scripts, attachments.

Pure: nothing here asks for anything. What each platform does differently stands in crawler/platforms/; what comes of
reading is here. For every page of every platform: `showing` (is it what its list entry promised), `empty` (may a list
that says it is empty be believed), `signature` (does a list say the same as before).
"""

from dataclasses import dataclass, field
from typing import NamedTuple


class Link(NamedTuple):
    """One entry of a list: absolute URL, title as fully as the page gives it, ISO date printed beside it, if any."""

    url: str
    title: str
    listed_on: str | None


class SubList(NamedTuple):
    """A list that a page leads to, with pages and counts of its own: a year's, a frame's, an agency's.

    year, agency: what the whole list belongs to, where the page says so.
    """

    url: str
    year: int | None = None
    agency: str | None = None


@dataclass(slots=True)
class ListPage:
    """One page of a list.

    links: entries in page order, each URL once. unfollowed: rows that name a report and that no address leads on from,
    or whose address is that of another agency's row; their URL ends in #row-N and is never asked for. further: absolute
    addresses of the list's other pages, as far as this page names them. lists: further lists that belong to the column.
    is_shell: the page has no list of its own; it was recognised for certain, and all that it lists comes from `further`
    or `lists`, of which there is at least one. declared_pages, declared_entries: how many pages, and how many entries
    on all of them, the page says there are; rows: how many rows its list has here. unread_pager: it has a pager that
    could not be understood, so that further pages may exist. made_elsewhere: what shows that a script or a frame holds
    more of the list. says_empty: the words in which it says that there is nothing. has_structure: it looks like a list
    (entries with dates, or titles of reports), or is certainly one of this platform.
    """

    links: list[Link] = field(default_factory=list)
    unfollowed: list[Link] = field(default_factory=list)
    further: list[str] = field(default_factory=list)
    lists: list[SubList] = field(default_factory=list)
    is_shell: bool = False
    declared_pages: int | None = None
    declared_entries: int | None = None
    rows: int = 0
    unread_pager: bool = False
    made_elsewhere: str | None = None
    says_empty: str | None = None
    has_structure: bool = False


class Attachment(NamedTuple):
    """A file that belongs to a detail page: absolute URL, its real name where the page gives one."""

    url: str
    name: str | None


class DetailPage:
    """A page that carries or introduces a report; this one says nothing, platforms derive theirs from it.

    attachments: the files that belong to it. The rest is read when it is first asked for, since most pages are judged
    without it (see `crawler.pages.showing`).
    """

    def __init__(self, attachments: list[Attachment] | None = None) -> None:
        self.attachments = attachments or []

    @property
    def title(self) -> str | None:
        """As the page names itself."""
        return None

    @property
    def text(self) -> str:
        """All that a reader sees, without blanks."""
        return ""

    @property
    def own_text(self) -> str:
        """What a reader sees outside of links, without blanks."""
        return ""

    @property
    def has_body(self) -> bool:
        """Whether the place where this platform puts the text of an article is there, and not empty."""
        return False
