"""Systems whose lists come from an endpoint as JSON: how its page gives each away, and what a portal's file needs.

Source: public crawlers of portals of these systems. What stands in angle brackets differs from portal to portal and is
taken from the page where its script says it; the maintainer fills in the rest from the browser's network view.
"""

import re
from typing import Any, Literal, NamedTuple

from crawler.pages.scripts import text_in
from crawler.platforms import Recognition


class System(NamedTuple):
    """variant: its name for people. sign: a pattern of what only its pages have. options: of the portal's file, with
    <name> where a value is to be taken from the page or to be filled in."""

    variant: str
    sign: re.Pattern[str]
    certainty: Literal["certain", "likely"]
    options: dict[str, Any]


SYSTEMS = (
    System(
        "Suzhou",
        re.compile(r"/interfacesWebZcwj/loadData"),
        "certain",
        {
            "endpoint": "/szinf/xxgk/interfacesWebZcwj/loadData?pageSize={size}",
            "send": "form",
            "fields": {"pageIndex": "{page}", "channel_id": "<channel_id>"},
            "rows": "data.list",
            "title": "TITLE",
            "url": "URL",
            "date": "PUBLISHED_TIME_FORMAT",
            "total": "data.allRow",
            "pages": "data.totalPage",
        },
    ),
    System(
        "Epoint",
        re.compile(r"/EpointWebBuilder/rest/|getSecInfoListYzm"),
        "certain",
        {
            "endpoint": "/EpointWebBuilder/rest/secaction/getSecInfoListYzm",
            "send": "form",
            "fields": {
                "siteGuid": "<siteGuid>",
                "categoryNum": "<categoryNum>",
                "pageIndex": "{page}",
                "pageSize": "{size}",
            },
            "first": 0,
            "rows": "custom.infodata",
            "title": "title",
            "url": "infourl",
            "date": "infodate",
            "total": "custom.count",
        },
    ),
)
_TO_FILL = re.compile(r"<(\w+)>")


def known_system(source: str, url: str) -> Recognition | None:
    """The system whose endpoint a page names. source: the page, decoded."""
    for system in SYSTEMS:
        if (found := system.sign.search(source)) is not None:
            return Recognition(
                "json_list", system.certainty, found.group()[:60], system.variant, _taken(system.options, source)
            )
    return None


def _taken(options: Any, source: str) -> Any:
    if isinstance(options, dict):
        return {name: _taken(value, source) for name, value in options.items()}
    if isinstance(options, str) and (name := _TO_FILL.fullmatch(options)) is not None:
        return text_in(source, re.escape(name[1])) or options
    return options
