"""UCAP (开普): static .shtml lists counted from 1, and lists that a script fetches as JSON.

    createPageHTML('page_div', 3, 1, 'list', 'shtml', 41)        pages, current, name and ending, entries
    <meta name="channelid" content="<32 hex>">                   /common/search/<channelid>?page=1&_pageSize=15&…
    getFileListByCodeId                                          POST codeId, channelId, page, size (chinatax)

The JSON names its entries' total, and some sites give 18 or 20 rows whatever _pageSize asks for, so that the number of
pages rests on the rows that came. Rows and articles of static pages are read as those of any static list.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from crawler.address import bare, by_script, posting
from crawler.pages.article import BODIES
from crawler.pages.fields import fields_of, number_of, with_field
from crawler.pages.html import printed_date
from crawler.pages.json_answer import failure_in, json_of
from crawler.pages.rows import folded, resolver
from crawler.pages.scripts import script_text, text_in
from crawler.platforms import DetailPage, Link, ListPage, Recognition, static_list
from crawler.platforms.options import UcapOptions
from crawler.portal import Column, Portal
from parsers.encoding import decode

__all__ = ["read_detail", "read_list", "recognise"]

_PAGER = re.compile(
    r"\bcreatePageHTML\(\s{0,5}[\"']page_div[\"']\s{0,5},\s{0,5}\d{1,4}\s{0,5},\s{0,5}\d{1,4}\s{0,5},"
    r"\s{0,5}[\"'][\w./-]{1,100}[\"']\s{0,5},\s{0,5}[\"']\w{1,9}[\"']\s{0,5}(?:,\s{0,5}(\d{1,6}))?"
)
_CHANNEL = re.compile(
    r"<meta(?=[^<>]{0,300}\bname\s{0,3}=\s{0,3}[\"']?channel-?id\b)[^<>]{0,300}?\bcontent\s{0,3}=\s{0,3}[\"']?(\w{6,64})",
    re.I,
)
# "/common/search/" + id, or with the id and what is asked for behind it.
_ENDPOINT = re.compile(
    r"((?:https?:)?(?://[\w.:-]{1,100})?/(?:[\w-]{1,40}/){0,4}?(?:common/search|searchList|search)/)"
    r"(?:([0-9a-f]{32})|[\"'`]\s{0,5}\+|\$\{)"
)
_BY_CODE = re.compile(r"[\"']([^\"'<>\s]{0,200}getFileListByCodeId[^\"'<>\s]{0,200})[\"']")
_DATA_PATH = re.compile(r"/(?:common/search|searchList|search)/\w{6,64}/?$|getFileListByCodeId")
_SIZE = re.compile(r"_pageSize[\"']?\s{0,3}[=:]\s{0,3}[\"']?(\d{1,3})")
_DEFAULT_ENDPOINT, _DEFAULT_SIZE, _MOST_PAGES = "/common/search/", 15, 2000
_TOTALS = ("total", "totalCount", "count")
_TITLES, _URLS = ("title", "showTitle", "name"), ("url", "docUrl", "link")
_DATES = ("publishedTimeStr", "publishTime", "publishedTime", "pubDate")
_TAG = re.compile(r"<[^<>]{1,300}>")
_BEIJING = timedelta(hours=8)
_CERTAIN = (
    re.compile(r"<UCAPTITLE\b|<UCAPCONTENT\b|\bUCAP-CONTENT\b|\bUCAPCONTENT\b", re.I),
    re.compile(r"\bcreatePageHTML\(\s*[\"']page_div[\"']"),
    re.compile(r"/(?:common/search|searchList)/(?:[0-9a-f]{32}|[\"'`]\s{0,5}\+)"),
    re.compile(r"getFileListByCodeId"),
)
_LIKELY = (
    re.compile(r"\bname\s{0,3}=\s{0,3}[\"']?channelid[\"']?\s{1,5}content\s{0,3}=\s{0,3}[\"']?[0-9a-f]{32}", re.I),
    re.compile(r"/c\d{5,7}/(?:\d{6}/)?(?:c\d{2}_\d+|[0-9a-f]{32}|\w{0,20}list\w{0,12}|zfxxgk\w{0,12})\.shtml"),
)


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read one page of a list, a shell of one, or an answer in JSON. Never raises; see `crawler.platforms`."""
    source = decode(body, charset)
    if _DATA_PATH.search(urlsplit(bare(url)).path) and source.lstrip()[:1] in ("{", "[", '"'):
        return _read_data(source, url)
    page = static_list.read_source(source, url, portal, column)
    script = script_text(source)
    if counted := _PAGER.search(script):
        if page.has_structure and counted.group(1) is not None:
            page.declared_entries = int(counted.group(1))
        elif counted.group(1) == "0":
            page.says_empty = page.says_empty or _words(counted)
        return page
    options = portal.options if isinstance(portal.options, UcapOptions) else UcapOptions()
    if (first := _first_data_page(source, script, url, options, page)) is not None:
        return ListPage(is_shell=True, has_structure=True, further=[first])
    return page


def read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """Read an article as any other; its text may stand in an element of UCAP's own."""
    return static_list.read_article(body, charset, url, portal, f"{BODIES}, ucapcontent, #fontzoom")


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """UCAP by what only it writes, or "likely" by the names of its columns."""
    source = decode(body, charset)
    for pattern in _CERTAIN:
        if found := pattern.search(source):
            is_json = "search" in found.group() or "getFileList" in found.group()
            return Recognition("ucap", "certain", _words(found), "json" if is_json else "")
    likely = next((found for pattern in _LIKELY if (found := pattern.search(source))), None)
    return Recognition("ucap", "likely", _words(likely)) if likely else None


def _first_data_page(source: str, script: str, url: str, options: UcapOptions, page: ListPage) -> str | None:
    """The address of the list's first page in JSON; None where the page has its list itself, or names none.

    page: as a static list's reader sees it.
    """
    is_whole = page.has_structure and not (page.unread_pager or page.made_elsewhere)
    by_code = _BY_CODE.search(script) if "getFileListByCodeId" in script else None
    code = options.codeId or (text_in(script, "codeId") if by_code else None)
    if code is not None and not is_whole:
        target = options.endpoint or (by_code.group(1) if by_code else "/getFileListByCodeId")
        form = {
            "codeId": code,
            "channelId": options.channelid or text_in(script, "channelId|channelid") or "",
            "page": "1",
            "size": str(options.size or text_in(script, "size") or _DEFAULT_SIZE),
        }
        return posting(urljoin(url, target), form)
    if is_whole or (page.says_empty and page.made_elsewhere is None):
        return None
    named = _ENDPOINT.search(script) if "search" in script else None
    tagged = _CHANNEL.search(source)
    channel = options.channelid or (named.group(2) if named else None) or (tagged.group(1) if tagged else None)
    if channel is None or (page.has_structure and named is None and options.channelid is None):
        return None
    endpoint = options.endpoint or (named.group(1) if named else _DEFAULT_ENDPOINT)
    sized = _SIZE.search(script)
    fields = {
        "page": "1",
        "_pageSize": str(options.size or (sized.group(1) if sized else _DEFAULT_SIZE)),
        "_isAgg": "true",
        "_isJson": "true",
        "_template": "index",
        "_rangeTimeGte": "",
        "_channelName": "",
    }
    return by_script(f"{urljoin(url, endpoint).rstrip('/')}/{channel}?{urlencode(fields)}")


def _read_data(source: str, url: str) -> ListPage:
    """One page of a list in JSON. An answer that is no list has no structure."""
    answer = json_of(source)
    data = _list_of(answer, 3)
    if data is None or (not data["results"] and failure_in(answer) is not None):
        return ListPage()
    rows: list[dict[str, Any]] = [row for row in data["results"] if isinstance(row, dict)]
    counted = [(name, number) for name in _TOTALS if (number := _whole(data.get(name))) is not None]
    total = counted[0][1] if counted else None
    page = ListPage(rows=len(rows), declared_entries=total, has_structure=bool(rows) or total == 0)
    seen: set[str] = set()
    resolve = resolver(bare(url))
    for row in rows:
        title, link, date = _title(row), None, None
        for name in _URLS:
            if isinstance(value := row.get(name), str) and (link := resolve(value)):
                break
        for name in _DATES:
            if (value := row.get(name)) and (date := _day(value)):
                break
        if link is None and title:
            page.unfollowed.append(Link(f"{bare(url)}#row-{len(page.unfollowed) + 1}", title, date))
        elif link is not None and title and link not in seen:
            seen.add(link)
            page.links.append(Link(link, title, date))
    if not rows and total == 0:
        page.says_empty = f'"{counted[0][0]}":0'
    elif total is None:
        page.unread_pager = bool(rows)
    else:
        page.further = _further(url, data, len(rows), total)
    return page


def _title(row: dict[str, Any]) -> str:
    for name in _TITLES:
        text = row.get(name)
        if isinstance(text, str) and (title := folded(_TAG.sub("", text) if "<" in text else text)):
            return title
    return ""


def _list_of(value: Any, depth: int) -> dict[str, Any] | None:
    """The object that holds the rows, as `results`, and their total: under data, or under results and data."""
    if not isinstance(value, dict):
        return None
    rows = value.get("results")
    if isinstance(rows, list) or (rows is None and "results" in value and _whole(value.get("total")) == 0):
        return {**value, "results": rows or []}
    inner = (value.get(name) for name in ("data", "results"))
    return next((found for one in inner if depth and (found := _list_of(one, depth - 1)) is not None), None)


def _further(url: str, data: dict[str, Any], rows: int, total: int) -> list[str]:
    """All pages behind this one, by the rows that came: what was asked for may be ignored, and nothing say so."""
    here = number_of(url, "page") or 1
    size = rows
    if here > 1:
        # The last page has fewer; the first has named all pages there were.
        said = _whole(data.get("rows")) or _whole(data.get("size")) or 0
        asked = int(text) if (text := fields_of(url).get("_pageSize", "")).isdecimal() and len(text) < 4 else 0
        size = max(rows, said, asked)
    last = -(-total // size) if size else 0
    return [with_field(url, "page", number) for number in range(here + 1, min(last, _MOST_PAGES) + 1)]


def _day(value: object) -> str | None:
    """The day in Beijing of a time as text or in milliseconds."""
    if isinstance(value, str):
        return printed_date(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 43:
        return (datetime.fromtimestamp(value / 1000, UTC) + _BEIJING).date().isoformat()
    return None


def _whole(value: object) -> int | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _words(found: re.Match[str]) -> str:
    return " ".join(found.group().split())[:60]
