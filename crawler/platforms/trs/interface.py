"""Lists that a TRS site's search gives as JSON: /fjdzapp/search of Fujian, /smartSearch/interface/search.do of 泉州.

The column's page is a shell whose script holds the count of entries and mostly the codes of the column; what it does
not say stands in [options]. A row's `docpuburl` is the document's address, `chnldocurl` a copy of it in another column.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from crawler.address import bare, by_script
from crawler.pages.fields import number_of, with_field
from crawler.pages.html import printed_date
from crawler.pages.json_answer import json_of
from crawler.pages.rows import folded, resolver
from crawler.pages.scripts import script_text, text_in
from crawler.platforms import Link, ListPage
from crawler.platforms.options import TrsOptions

FJDZAPP, SMART_SEARCH = "/fjdzapp/search", "/smartSearch/interface/search.do"
_ENDPOINT = re.compile(
    r"(?:https?:)?(?://[\w.:-]{1,100})?/(?:[\w-]{1,40}/){0,3}(?:fjdzapp/(?:search|data)|smartSearch/interface/search\.do)"
)
_SHELL_MARKS = ("/fjdzapp/", "/smartSearch/interface/", "gl-ul")
_RECORDS = re.compile(r"\brecordCount[\"']?\s{0,5}:\s{0,5}[\"']?\d")
_COLUMN = re.compile(r"\bchnlid\s{0,3}=\s{0,3}(\d{1,9})")
_ROWS = ("data", "docs", "list", "rows", "results", "resultDocs", "records")
_TOTALS = ("recordCount", "totalCount", "total", "totalRecords", "count", "num")
_PAGES = ("pageCount", "totalPage", "totalPages", "pages")
_TITLES = ("doctitle", "title")
_URLS = ("docpuburl", "puburl", "url", "chnldocurl")
_DATES = ("pubdate", "docreltime", "crtime", "time")  # names in lower case; docrelTime is printed too
_MOST_PAGES = 2000
_TAG = re.compile(r"<[^<>]{1,300}>")
# In the order of the platform's own page.
_FJDZAPP_FIELDS = {
    "channelid": "",
    "sortfield": "-docorderpri,-docreltime",
    "classsql": "",
    "classcol": "publishyear",
    "classnum": "100",
    "classsort": "0",
    "cache": "true",
    "page": "1",
    "prepage": "75",
}


def is_data(body: bytes, url: str) -> bool:
    """Whether an answer is one of the search, in JSON."""
    return _ENDPOINT.search(urlsplit(url).path) is not None and body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read_data(source: str, url: str) -> ListPage:
    """One page of the list as the search gives it. An answer that is none of it has no structure."""
    data = json_of(source)
    found = _rows_of(data) if isinstance(data, dict) and not data.get("error") else None
    if found is None:
        return ListPage()
    holder, rows = found
    entries, pages = _count(holder, _TOTALS), _count(holder, _PAGES)
    page = ListPage(
        rows=len(rows), declared_entries=entries, declared_pages=pages, has_structure=bool(rows) or entries == 0
    )
    seen: set[str] = set()
    resolve = resolver(bare(url))
    for given in rows:
        row = given if _are_lower(tuple(given)) else {key.lower(): value for key, value in given.items()}
        title = _first(row, _TITLES)
        if "<" in title:
            title = _TAG.sub("", title)
        title = folded(title)
        date = link = None
        for key in _DATES:
            if (value := row.get(key)) and (date := printed_date(str(value))):
                break
        for key in _URLS:
            if isinstance(value := row.get(key), str) and (link := resolve(value)):
                break
        if link is None:
            if title:
                page.unfollowed.append(Link(f"{bare(url)}#row-{len(page.unfollowed) + 1}", title, date))
        elif title and link not in seen:
            seen.add(link)
            page.links.append(Link(link, title, date))
    if not rows and entries == 0:
        page.says_empty = f'"{next(key for key in _TOTALS if key in holder)}":0'
    page.further = _further(url, page)
    # Neither a count of entries nor of pages: that there is no more cannot be known.
    page.unread_pager = bool(rows) and entries is None and pages is None
    return page


def read_shell(source: str, url: str, options: TrsOptions) -> ListPage | None:
    """The column's page that only leads to the search; None for any other page, or where it does not say which list."""
    if options.chnlid is None and not any(mark in source for mark in _SHELL_MARKS):
        return None
    script = script_text(source)
    path = options.endpoint or (found.group() if (found := _ENDPOINT.search(script)) else None)
    is_shell = path is not None or _RECORDS.search(script) is not None or options.chnlid is not None
    if not is_shell:
        return None
    column = options.chnlid or text_in(script, "chnlid|chnlId|chnl_id|channelId")
    if column is None and (named := _COLUMN.search(script)):
        column = named.group(1)
    search = urljoin(url, path or FJDZAPP)
    channel = options.channelid or text_in(script, "channelid")
    is_smart = "smartSearch" in search
    if column is None or (channel is None and not is_smart):
        # It is a list, of which nothing can be asked for.
        return ListPage(made_elsewhere="the list comes from /fjdzapp/search; set options.channelid and options.chnlid")
    if is_smart:
        fields = {
            "express": f"(chnlid={column})",
            "siteId": options.siteId or text_in(script, "siteId|siteid") or "",
            "order": "-docrelTime",
            "pagesize": str(options.prepage or 15),
            "currentpage": "1",
        }
    else:
        said = {key: text_in(script, key) for key in ("sortfield", "classcol", "classnum", "classsort", "templet")}
        fields = _FJDZAPP_FIELDS | {key: value for key, value in said.items() if value is not None}
        size = str(options.prepage) if options.prepage is not None else text_in(script, "prepage") or "75"
        fields |= {"channelid": channel or "", "classsql": f"chnlid={column}", "prepage": size}
    first = by_script(f"{search}?{urlencode(fields)}")
    return ListPage(is_shell=True, has_structure=True, further=[first])


def _rows_of(data: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """(what holds the counts, the rows) of an answer, at its top or one level below."""
    for holder in (data, *(value for value in data.values() if isinstance(value, dict))):
        for key in _ROWS:
            rows = holder.get(key)
            if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
                counts = holder if any(name in holder for name in (*_TOTALS, *_PAGES)) else data
                return counts, rows
    if _count(data, _TOTALS) == 0:
        return data, []
    return None


def _further(url: str, page: ListPage) -> list[str]:
    """All pages behind this one."""
    name = "currentpage" if "smartSearch" in url else "page"
    here = number_of(url, name) or 1
    last = page.declared_pages
    if last is None and page.declared_entries is not None and page.rows:
        size = max(page.rows, 1) if here == 1 else max(number_of(url, "pagesize") or page.rows, page.rows)
        last = -(-page.declared_entries // size)
    return [with_field(url, name, number) for number in range(here + 1, min(last or 0, _MOST_PAGES) + 1)]


def _count(data: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = str(data.get(name, "")).strip()
        if value.isascii() and value.isdigit() and len(value) < 9:
            return int(value)
    return None


@lru_cache(maxsize=64)
def _are_lower(keys: tuple[str, ...]) -> bool:
    """Whether all keys of a row are in lower case. The rows of an answer have the same keys."""
    return all(key == key.lower() for key in keys)


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        if (text := row.get(name)) and isinstance(text, str):
            return text
    return ""
