"""Systems whose lists are static pages like any other, by their addresses: for people, and so that none is taken for
another platform. Source: addresses of lists and articles of real portals, as surveys and public crawlers name them."""

import re
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

_HEX_24 = "[0-9a-f]{24}"
_UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


class System(NamedTuple):
    """variant: its name for people. address: a pattern of its lists. link: of what its lists link, in the source."""

    variant: str
    certainty: Literal["certain", "likely"]
    address: re.Pattern[str] | None
    link: re.Pattern[str] | None


SYSTEMS = (
    System(
        "OpennessContent",
        "certain",
        re.compile(r"/(?:OpennessContent|XxgkContent)/showList/\d|/(?:Xxgk|Openness)AnnualReport/"),
        re.compile(r"/(?:Xxgk|Openness)AnnualReport/show/\d|/(?:OpennessContent|XxgkContent)/show(?:List)?/\d"),
    ),
    System(
        "channel/doc",
        "certain",
        re.compile(rf"/channel_(?:{_HEX_24}|[\w-]+)/"),
        re.compile(rf"/?doc_{_HEX_24}\.html"),
    ),
    System(
        "Huilan",
        "certain",
        re.compile(r"/eportal/ui$"),
        re.compile(r"/eportal/ui\?[^\"'<>]{0,200}(?:pageId|moduleId|currentPage)="),
    ),
    System(
        "columns/uuid",
        "certain",
        re.compile(rf"/columns/{_UUID}/"),
        re.compile(rf"/columns/{_UUID}/|\b\d{{6}}/\d\d/{_UUID}\.html"),
    ),
    System("web/timestamp", "likely", re.compile(r"/web/(?:\w+/)+\d{4,}[\w/]*/index\.shtml$"), None),
    System("pc/list", "likely", re.compile(r"/pc/list(?:_?\d+)?\.html$|/xxgk-list-[\w-]+\.html$"), None),
    System("InfoPublic", "likely", re.compile(r"/InfoPublic\.aspx$", re.I), None),
    System("iList", "likely", re.compile(r"/info/iList\.jsp$"), None),
    System(
        "snowflake", "likely", None, re.compile(r"href\s*=\s*[\"']?(?:[^\"'<>\s]{0,200}/)?\d{19}(?:/index)?\.s?html")
    ),
    System("content_n", "likely", None, re.compile(r"href\s*=\s*[\"']?(?:[^\"'<>\s]{0,200}/)?content_\d{4,9}[\"'\s>]")),
)


def system_of(url: str, source: str) -> tuple[System, str] | None:
    """The system that made a list, and the words of its address or of its links that say so."""
    path = urlsplit(url).path
    for system in SYSTEMS:
        by_address = system.address.search(path) if system.address is not None else None
        by_link = system.link.search(source) if system.link is not None else None
        if system.certainty == "certain":
            # One word may be chance; of a sure system the address and the links both speak.
            found = by_address if by_link is not None else None
        else:
            found = by_address or by_link
        if found is not None:
            return system, found.group()[:80]
    return None
