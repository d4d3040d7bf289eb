"""What articles and lists of pretend portals are put together from, and what is looked at in a request."""

import hashlib
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlsplit

from crawler.sandbox import season
from crawler.sandbox.portal_site import COLUMN_NAME, Publication, Request, standard_tags

_BUILD_HOUR, _BUILD_MINUTE = 3, 12
_SHORT = 22


def whole_number(text: str | None, default: int = 1) -> int:
    """A number that a request gave, or the default where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else default


def comes_from(request: Request, *paths: str) -> bool:
    """Whether a request names one of these pages of its own host as where it comes from (Referer)."""
    parts = urlsplit(request.headers.get("referer", ""))
    return parts.netloc == request.headers.get("host", "localhost") and parts.path in paths


def by_script(request: Request) -> bool:
    """Whether a request is marked as one of the page's own script."""
    return request.headers.get("x-requested-with", "") == "XMLHttpRequest"


def shortened(title: str) -> str:
    """A title as lists cut it off."""
    return title if len(title) <= _SHORT else title[:_SHORT] + "…"


def hex_id(*words: object) -> str:
    """32 hexadecimal digits that are always the same for the same words."""
    return hashlib.md5("|".join(map(str, words)).encode(), usedforsecurity=False).hexdigest()


def built_at(item: Publication, now: datetime) -> datetime:
    """When a publication's page was made: with its publication, or in the last night (03:12 in Beijing)."""
    if not item.built_daily:
        return item.published_at
    built = season.at_beijing(season.beijing_date(now), _BUILD_HOUR, _BUILD_MINUTE)
    return max(item.published_at, built if built <= now else built - timedelta(days=1))


def tags(item: Publication, site_name: str, now: datetime) -> str:
    """The page tags of an article; PubDate is the time of the build where the page is built every night."""
    built = built_at(item, now).astimezone(season.BEIJING)
    return standard_tags(item, site_name, pub_date=f"{built:%Y-%m-%d %H:%M}" if item.built_daily else None)


def column_tags(site_name: str, *, column: str = COLUMN_NAME) -> str:
    """The page tags of a column page."""
    named = {"ColumnName": column, "ColumnDescription": f"{site_name}{column}", "ColumnType": "信息公开年报"}
    return "".join(f'<meta name="{name}" content="{escape(value)}">\n' for name, value in named.items())


def metadata(item: Publication, index_number: str) -> str:
    """The table of a disclosure page, with blanks inside its labels; no date where the page is built every night."""
    rows = [("索 引 号", index_number), ("主题分类", "政务公开"), ("发布机构", item.publisher)]
    if not item.built_daily:
        rows += [("成文日期", item.day.isoformat()), ("发布日期", item.day.isoformat())]
    rows += [("名　　称", item.title), ("文　　号", ""), ("主 题 词", "")]
    cells = "".join(f"<tr><td>{label}：</td><td>{escape(value)}</td></tr>" for label, value in rows)
    return f'<table class="xxgk_meta"><tbody>{cells}</tbody></table>'
