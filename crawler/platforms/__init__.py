"""The kinds of portal software, one module each.

A platform module reads pages, purely, and never fetches:

    read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage
    read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage
    recognise(body: bytes, charset: str | None, url: str) -> Recognition | None
    identity(url: str) -> str                      where one article stands at several addresses; the same text for each

charset: of the Content-Type header. url: where the page was finally found; relative links resolve against it. Of an
answer to a script's question it is the whole address (crawler/address.py). column: whose list it is, with the URL as
the portal's file gives it. What a portal's file says of its platform alone stands in `options`
(crawler/platforms/options.py).

What pages are read with, whatever the platform, stands in crawler/pages/.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, NamedTuple

from crawler.pages import Attachment, DetailPage, Link, ListPage, SubList

if TYPE_CHECKING:
    from crawler.portal import Column, Portal

__all__ = [
    "PLATFORM_NAMES",
    "Attachment",
    "DetailPage",
    "Link",
    "ListPage",
    "Platform",
    "Recognition",
    "SubList",
    "load_platform",
]

PLATFORM_NAMES = {
    name: f"crawler.platforms.{name}"
    for name in (
        "boda",
        "gkmlpt",
        "jpaas",
        "jpage",
        "json_list",
        "longxun",
        "static_list",
        "trs",
        "ucap",
        "xxgk",
    )
}


class Recognition(NamedTuple):
    """What one page says of the software that made it.

    certainty: "certain" where only this platform writes so, "likely" where others may. evidence: what it rests on, a
    few words of the page or its address. variant: a word for people, "" where there is one shape. options: what the
    portal's file needs to say in [options]; empty where all can be read from the pages. columns: addresses of lists of
    annual reports that the page gives away in the platform's own way (a tree in a script), beside its links.
    """

    platform: str
    certainty: Literal["certain", "likely"]
    evidence: str
    variant: str = ""
    options: Mapping[str, object] = {}
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Platform:
    """The readers of one platform; see the head of this module."""

    read_list: Callable[[bytes, str | None, str, "Portal", "Column | None"], ListPage]
    read_detail: Callable[[bytes, str | None, str, "Portal"], DetailPage]
    recognise: Callable[[bytes, str | None, str], Recognition | None]
    identity: Callable[[str], str] | None = None


def load_platform(name: str) -> Platform:
    """The platform of that name, imported now. KeyError for a name that is not in PLATFORM_NAMES."""
    module = import_module(PLATFORM_NAMES[name])
    return Platform(module.read_list, module.read_detail, module.recognise, getattr(module, "identity", None))
