"""Longxun (龙讯): disclosure columns whose rows come as a fragment of HTML from /site/label/8888.

    /public/column/1000001?type=4&catId=7012&action=list                      the column
    /site/label/8888?labelName=publicInfoList&siteId=&organId=&catId=&…       its rows; nothing there: 暂无相关信息
    /site/label/8888?labelName=columnTree&siteId=&organId=&isJson=true        the columns of one agency
    /content/column/7012?pageIndex=2                                          an ordinary list, rows in the page

What the request needs stands in the script or the address of the column, else in [options] of the portal's file. A page
with rows of its own and without such a request is read as a static list.
Source: public crawlers of portals of Anhui, Bazhong, Dingcheng, Haibei.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from crawler.address import by_script
from crawler.pages.fields import fields_of, number_of, with_field
from crawler.pages.html import absolute, clean
from crawler.pages.json_answer import json_of
from crawler.pages.scripts import number_in, script_text, text_in
from crawler.platforms import ListPage, Recognition, SubList, static_list
from crawler.platforms.options import LongxunOptions
from crawler.portal import Column, Portal
from parsers.encoding import decode

_LABEL = "/site/label/8888"
# The request in the order of the platform's own scripts, with what they send where a page does not say otherwise.
_FIELDS = {
    "labelName": "publicInfoList",
    "siteId": "",
    "organId": "",
    "catId": "",
    "type": "4",
    "pageSize": "15",
    "pageIndex": "1",
    "action": "list",
    "isDate": "true",
    "dateFormat": "yyyy-MM-dd",
    "length": "80",
    "result": "暂无相关信息",
    "file": "/xxgk/publicInfoList_newest2020",
    "IsAjax": "1",
    "dataType": "html",
}
_NEEDED = ("siteId", "organId", "catId")
_COLUMN = re.compile(r"/public/column/(\d+)")
_WRITTEN_REQUEST = re.compile(r"[\"'(]([^\"'()<>\s]{0,200}/site/label/8888\?[^\"'<>\s]{1,1500})[\"')]")
_MARKS = re.compile(r"/site/label/8888|\blabelName\b|j-fontContent|/site/tpl/\d|/public/column/\d")
_PAGES = re.compile(
    r"(?:共|/)\s*(\d{1,4})\s*页|页次[:：]?\s*\d{1,4}\s*/\s*(\d{1,4})|(?:第\s*+)?\d{1,4}\s*/\s*(\d{1,4})"
)
_ENTRIES = re.compile(r"[共总]\s*+(?:计|有)?\s*+(\d{1,6})\s*[条篇]")
_PAGE_NAMES = "pageCount|totalPages?|pages?Total|countPage"
_ENTRY_NAMES = "total|totalCount|totalRecords?|recordCount|rowCount|dataCount"
_PAGE_LINK = re.compile(r"pageIndex=(\d{1,4})\b")
_ANNUAL = re.compile(r"(?:信息|政务)公开(?:工作)?(?:年报|年度(?:工作)?报告)|^年报$|^年度报告$")
_COUNTER = re.compile(
    r"<script\b[^<>]{0,200}>[^<]{0,300}/site/label/8888\?[^<]{0,300}labelName=pageViews\b[^<]{0,300}</script>"
)
_CONTENT = re.compile(r"/content/column/\d")
_TAG = re.compile(r"<[^<>]{0,300}>")
_SHORT = 2000  # characters of a fragment without rows
_MOST_PAGES = 500
_MOST_NODES = 20_000


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read a column's page, a fragment of rows, or the tree of an agency's columns. Never raises."""
    source = decode(body, charset)
    if _LABEL in urlsplit(url).path:
        if fields_of(url).get("labelName") == "columnTree":
            return _tree(source, url)
        return _fragment(source, url, portal, column)
    if (fields := _request(source, url, portal)) is None:
        return _ordinary(source, url, portal, column)
    missing = [name for name in _NEEDED if not fields[name]]
    if missing == ["catId"]:
        wanted = {name: fields[name] for name in ("siteId", "organId")}
        tree = {"labelName": "columnTree", **wanted, "isJson": "true", "IsAjax": "1"}
        return ListPage(further=[by_script(_label(url, tree))], is_shell=True, has_structure=True)
    if missing:
        words = f"the page does not say {', '.join(missing)} of its list; set [options]"
        return ListPage(made_elsewhere=words)
    return ListPage(further=[by_script(_label(url, fields))], is_shell=True, has_structure=True)


read_detail = static_list.read_detail


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """A column, or a page that leads to one."""
    if not any(mark in body for mark in (b"/site/label/", b"/public/column/", b"/site/tpl/", b"j-fontContent")):
        return None
    source = decode(body, charset)
    found = _MARKS.search(source)
    if found is None:
        return None
    is_column = _COLUMN.search(urlsplit(url).path) is not None
    sure = _LABEL in source or (is_column and "labelName" in source)
    columns = dict.fromkeys(target for target, text in _linked(source, url) if _ANNUAL.search(text))
    options: dict[str, object] = {}
    if is_column and _LABEL in source and (sent := _sent(source, url)) is not None:
        options = {name: "<from the browser's network view>" for name in _NEEDED if not sent[name]}
    return Recognition(
        "longxun", "certain" if sure else "likely", found.group(), options=options, columns=tuple(columns)
    )


def _request(source: str, url: str, portal: Portal) -> dict[str, str] | None:
    """What is sent for the rows of a column; None of a page whose rows come from nowhere else."""
    options = portal.options
    told = options.model_dump(exclude_none=True) if isinstance(options, LongxunOptions) else {}
    sent = _sent(source, url)
    if sent is None:
        if not ("organId" in told and "siteId" in told and _COLUMN.search(urlsplit(url).path)):
            return None
        sent = dict(_FIELDS) | _from_address(url)
    return sent | {name: str(value) for name, value in told.items()}


def _sent(source: str, url: str) -> dict[str, str] | None:
    """The request as the page writes it: as an address, or as fields of a script. The column's own address counts more
    than a script that serves many columns."""
    fields = dict(_FIELDS)
    written = _WRITTEN_REQUEST.search(source)
    is_written = written is not None and "publicInfoList" in written.group(1)
    script = script_text(source)
    if not is_written and not (_LABEL in script and "publicInfoList" in script):
        return None
    if written is not None and is_written:
        sent = parse_qsl(urlsplit(written.group(1).replace("&amp;", "&")).query, keep_blank_values=True)
        # A value that a script puts in ('+organId+') is none.
        fields.update({name: value for name, value in sent if re.search(r"[+{}$]", value) is None})
    for name in ("siteId", "organId", "catId", "type", "pageSize", "file"):
        if (not fields[name] or not is_written) and (value := text_in(script, name)):
            fields[name] = value
    return fields | _from_address(url) | {"pageIndex": "1"}


def _from_address(url: str) -> dict[str, str]:
    """What the address of a column says of its list."""
    asked = fields_of(url)
    found = {name: asked[name] for name in ("catId", "type", "organId", "siteId") if asked.get(name)}
    if (organ := _COLUMN.search(urlsplit(url).path)) is not None:
        found["organId"] = organ.group(1)
    return found


def _ordinary(source: str, url: str, portal: Portal, column: Column | None) -> ListPage:
    """A list whose rows stand in the page. The platform's counter of views, a script too, fills no list."""
    page = static_list.read_source(_COUNTER.sub("", source), url, portal, column)
    if page.says_empty is not None and _CONTENT.search(urlsplit(url).path):
        page.has_structure = True
    return page


def _label(url: str, fields: dict[str, str]) -> str:
    return f"{urljoin(url, _LABEL)}?{urlencode(fields)}"


def _fragment(source: str, url: str, portal: Portal, column: Column | None) -> ListPage:
    """Rows as they come from the label."""
    page = static_list.read_source(source, url, portal, column)
    number = number_of(url, "pageIndex") or 1
    size = number_of(url, "pageSize") or int(_FIELDS["pageSize"])
    script = script_text(source)
    count = number_in(script, _PAGE_NAMES) or _printed(_PAGES, source)
    total = number_in(script, _ENTRY_NAMES) or _printed(_ENTRIES, source)
    linked = max((int(found) for found in _PAGE_LINK.findall(source)), default=0)
    page.declared_entries = total
    page.declared_pages = count
    if not page.has_structure:
        said = clean(_TAG.sub("", source[:_SHORT]))
        if len(source) < _SHORT and said in (fields_of(url).get("result"), _FIELDS["result"]):
            page.says_empty = said
        return page
    if count is None and total is not None:
        count = -(-total // (size if page.rows <= size or number > 1 else page.rows))
    # Where nothing counts the pages, there may be a next one: how many rows it gives is the portal's own affair.
    known = count if count is not None else number + (page.rows > 0 and not linked)
    last = max(known, linked)
    others = [other for other in range(1, min(last, _MOST_PAGES) + 1) if other != number]
    page.further = [with_field(url, "pageIndex", other) for other in others]
    page.unread_pager = False  # its pages are asked for by number
    return page


def _printed(pattern: re.Pattern[str], source: str) -> int | None:
    if not any(sign in source for sign in "条篇页/"):
        return None
    found = pattern.search(_TAG.sub("", source))
    return next((int(group) for group in found.groups() if group), None) if found else None


def _tree(source: str, url: str) -> ListPage:
    """The columns of an agency: those of annual reports are its lists."""
    data = json_of(source)
    lists: dict[str, SubList] = {}
    for node in _nodes(data):
        name = clean(str(node.get("name") or node.get("title") or ""))
        number = node.get("id") if node.get("id") is not None else node.get("catId")
        if _ANNUAL.search(name) and isinstance(number, int | str) and str(number).isalnum():
            own = {name: value for name, value in fields_of(url).items() if name in ("siteId", "organId")}
            if isinstance(organ := node.get("organId"), int | str) and str(organ).isalnum():
                own["organId"] = str(organ)
            address = by_script(_label(url, _FIELDS | own | {"catId": str(number)}))
            lists[address] = SubList(address)
    if not lists:
        return ListPage(made_elsewhere="the tree of columns names none of annual reports; add catId to the address")
    return ListPage(lists=list(lists.values()), is_shell=True, has_structure=True)


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    waiting = [data]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(value for value in item.values() if isinstance(value, list | dict))
            yield item


def _linked(source: str, url: str) -> Iterator[tuple[str, str]]:
    """Links to columns, with what they say."""
    links = re.findall(
        r"<a\b[^<>]{0,300}?href\s*=\s*[\"']([^\"'<>]{0,300}/public/column/[^\"'<>]{1,200})[\"'][^<>]{0,300}>([^<]{1,60})<",
        source,
        re.I,
    )
    for link, text in links:
        if (target := absolute(url, link.replace("&amp;", "&"))) is not None:
            yield target, clean(text)
