"""Options that a platform needs and no page of the site says: in a draft they stand as `<where to find it>`, which a
person replaces. Pure."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from crawler.platforms import Recognition

_OPENED = "developer tools (F12), Network, reload the list"
_FUJIAN, _QUANZHOU = "/fjdzapp/search", "/smartSearch/interface/search.do"
_LONGXUN = "/site/label/8888"
_ORGAN = re.compile(r"/public/column/(\d+)")


def to_be_filled(name: str, request: str) -> str:
    """What stands in the place of an option that a request of the page's scripts has."""
    return f"<{_OPENED}: {name} of the request to {request}>"


def is_to_be_filled(value: object) -> bool:
    """Whether an option is only named, and a person has to find what it is."""
    return isinstance(value, str) and value.startswith("<")


def unfilled(options: Mapping[str, object], *, inside: str = "options") -> dict[str, str]:
    """key with dots -> what still stands there, for all [options] of a file that nobody has filled in."""
    found: dict[str, str] = {}
    for key, value in options.items():
        if is_to_be_filled(value):
            found[f"{inside}.{key}"] = str(value)
        elif isinstance(value, Mapping):
            found |= unfilled(value, inside=f"{inside}.{key}")
    return found


def sentence(value: str, platform: str) -> str:
    """What is to be said of an option that nobody has filled in."""
    where = value.strip("<>").strip()
    return f"is not filled in yet: {where}; docs/portals.md says how, under {platform}"


def needed_options(recognition: Recognition, column: str) -> dict[str, object]:
    """What the file of a column needs, of which the platform could not read the list: by the platform's own names."""
    said = dict(recognition.options)
    if recognition.platform == "trs" and recognition.variant == "search":
        is_smart = "smartSearch" in recognition.evidence
        names = ("chnlid", "siteId") if is_smart else ("channelid", "chnlid")
        request = _QUANZHOU if is_smart else _FUJIAN
        inside = {"chnlid": "the number behind chnlid= in classsql", "siteId": "siteId", "channelid": "channelid"}
        return {name: to_be_filled(inside[name], request) for name in names} | said
    if recognition.platform == "longxun":
        asked = parse_qs(urlsplit(column).query)
        missing = [name for name in ("siteId", "organId", "catId") if name not in asked]
        organ = _ORGAN.search(urlsplit(column).path)
        known = {"organId": organ.group(1)} if organ is not None else {}
        return said | {name: to_be_filled(name, _LONGXUN) for name in missing} | known
    return said
