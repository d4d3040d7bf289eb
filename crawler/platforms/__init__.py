"""The kinds of portal software, one module each.

A platform module reads pages, purely, and never fetches:

    read_list(body: bytes, charset: str | None, url: str, portal: Portal) -> ListPage
    read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage

charset: of the Content-Type header. url: where the page was finally found; relative links resolve against it.

Beside them, for every platform: `showing` (is a page what its list entry promised), `empty` (may a list that says it is
empty be believed), `signature` (does a list say the same as before).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from crawler.portal import Portal

PLATFORM_NAMES = {"static_list": "crawler.platforms.static_list"}


class Link(NamedTuple):
    """One entry of a list: absolute URL, title as fully as the page gives it, ISO date printed beside it, if any."""

    url: str
    title: str
    listed_on: str | None


@dataclass(slots=True)
class ListPage:
    """One page of a list.

    links: entries in page order, each URL once. unfollowed: rows that name a report and that no address leads on from,
    or whose address is that of another agency's row; their URL ends in #row-N and is never asked for. further: absolute
    URLs of the column's other pages, as far as this page names them. declared_pages, declared_entries: how many pages,
    and how many entries on all of them, the page says there are; rows: how many rows its list has here. unread_pager:
    it has a pager that could not be understood, so that further pages may exist. made_elsewhere: what shows that a
    script or a frame holds more of the list. says_empty: the words in which it says that there is nothing.
    has_structure: it looks like a list (entries with dates, or titles of reports).
    """

    links: list[Link] = field(default_factory=list)
    unfollowed: list[Link] = field(default_factory=list)
    further: list[str] = field(default_factory=list)
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
    without it (see `crawler.platforms.showing`).
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


@dataclass(frozen=True, slots=True)
class Platform:
    """The two readers of one platform; see the head of this module."""

    read_list: Callable[[bytes, str | None, str, "Portal"], ListPage]
    read_detail: Callable[[bytes, str | None, str, "Portal"], DetailPage]


def load_platform(name: str) -> Platform:
    """The platform of that name, imported now. KeyError for a name that is not in PLATFORM_NAMES."""
    module = import_module(PLATFORM_NAMES[name])
    return Platform(module.read_list, module.read_detail)
