"""Hanweb jpaas: the units of a page are fetched by unitbuild.js, as HTML in JSON, and paged by `paramJson`.

A column page is a shell: its scripts say what to ask for. Of several units those are lists whose tagId says so; where
the choice is open, all are read, and one without reports makes the column unknown until `tagId` is set.
"""

import json
import math
import re
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from crawler.address import bare, by_script
from crawler.pages.fields import fields_of
from crawler.pages.html import absolute, clean
from crawler.pages.javascript import literal
from crawler.platforms import DetailPage, ListPage, Recognition, SubList, static_list
from crawler.platforms.hanweb import base_of, read_article
from crawler.platforms.hanweb_rows import read_plain_list
from crawler.platforms.options import JpaasOptions
from crawler.portal import Column, Portal
from parsers.encoding import decode

_SCRIPT_START = re.compile(r"<(?i:script)")
_SCRIPT = re.compile(r"<(?i:script)\b((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_ATTRIBUTE = re.compile(r"(?<![\w-])(id|src|url|queryData)\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')", re.I)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_PAGE_NUMBER = re.compile(r"page[nN]o\s{0,9}=")
_PAGE_NUMBER_OTHERWISE = re.compile(_PAGE_NUMBER.pattern, re.I)  # a search that heeds no case is slow
_LONGEST_TAG = 5000
_NUMBER = re.compile(r"\b(rows|count|pageNo)\s*=\s*[\"']?(\d{1,7})\b", re.I)
_PATH = "/jpaas-publish-server/front/page/build/unit"
_LISTS = re.compile(r"列表|分页|内容|list|新闻|news", re.I)
_SURELY_LISTS = re.compile(r"信息列表|分页|ajax|当前栏目_?list", re.I)
_FURNITURE = re.compile(
    r"位置|导航|菜单|头部|底部|页头|页脚|版权|面包屑|搜索|检索|友情|链接|二维码|logo|\bnav|menu|header|footer|crumb|search"
    r"|栏目树|左侧|标题|广告|轮播|banner|登录|分享",
    re.I,
)
_MOST_UNITS = 20
_MOST_PAGES = 1000
_PAGE_SIZE = 15


class _Unit(NamedTuple):
    """A unit that a script fetches: the path of its endpoint, and what is sent."""

    url: str
    query: dict[str, str]

    @property
    def tag(self) -> str:
        return self.query.get("tagId", "")


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read a column page, or an answer of build/unit. Never raises; what cannot be followed is said."""
    source = decode(body, charset)
    if source.lstrip()[:1] == "{":
        return _read_answer(source, url, portal, column)
    units = _units(source, url)
    if not units:
        return static_list.read_source(source, url, portal, column)
    return _read_shell(units, source, url, portal, column)


def read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """Read the page of an article; see crawler/platforms/hanweb.py."""
    return read_article(body, charset, url, portal)


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """By the script that fetches units, or an address of its server."""
    if re.search(rb"unitbuild\.js[^<>]{0,3000}\bqueryData\s*=|\bqueryData\s*=[^<>]{0,3000}unitbuild\.js", body, re.I):
        parse_type = b"buildstatic" if b"buildstatic" in body else b"bulidstatic"
        variant = "number" if re.search(r"[?&]number=", url) else parse_type.decode()
        return Recognition("jpaas", "certain", "unitbuild.js with queryData", variant)
    if b"jpaas-publish-server" in body or _PATH in url:
        return Recognition("jpaas", "certain", "jpaas-publish-server")
    if b"/cms_files/" in body and b"jpaas" in body:
        return Recognition("jpaas", "likely", "/cms_files/")
    return None


def _options(portal: Portal) -> JpaasOptions:
    return portal.options if isinstance(portal.options, JpaasOptions) else JpaasOptions()


# The page with the scripts.


def _units(source: str, base: str) -> list[_Unit]:
    """What the scripts of a page fetch, each once."""
    found: dict[tuple[str, str], _Unit] = {}
    if not ("queryData" in source or "querydata" in source) or not _SCRIPT_START.search(source):
        return []
    for script in _SCRIPT.finditer(_COMMENT.sub(" ", source)):
        if len(found) >= _MOST_UNITS:
            break
        said = {name.lower(): "".join(values) for name, *values in _ATTRIBUTE.findall(script.group(1))}
        endpoint = absolute(base, unescape(said.get("url", "")))
        query = literal(unescape(said.get("querydata", "")))
        if endpoint is None or not isinstance(query, dict) or not query:
            continue
        sent = {name: "null" if value is None else str(value) for name, value in query.items()}
        found[endpoint, json.dumps(sent, sort_keys=True)] = _Unit(endpoint, sent)
    return list(found.values())


def _read_shell(units: list[_Unit], source: str, url: str, portal: Portal, column: Column | None) -> ListPage:
    chosen = _chosen(units, portal)
    search = _search(source, url, portal, column)
    first = [by_script(_first_page(unit, search, portal)) for unit in chosen]
    if len(first) == 1:
        page = ListPage(is_shell=True, further=first, has_structure=True)
    else:
        page = ListPage(is_shell=True, lists=[SubList(address) for address in first], has_structure=True)
    if re.search(r"20\d\d[^<>]{0,60}(?:年\s*报|年度报告)", source):
        static = static_list.read_source(source, url, portal, column)
        if static.has_structure and any(link.listed_on for link in static.links):
            # A page with rows of its own beside the units: all is read as one list.
            static.further = [*static.further, *first]
            static.made_elsewhere = None
            return static
    return page


def _chosen(units: list[_Unit], portal: Portal) -> list[_Unit]:
    """The units that may be the list: by the portal's file, else by names that only lists have, else all that are not
    plainly the frame of the page."""
    if (wanted := _options(portal).tagId) is not None:
        return [unit for unit in units if unit.tag == wanted] or units
    for candidates in (
        [unit for unit in units if _SURELY_LISTS.search(unit.tag)],
        [unit for unit in units if _LISTS.search(unit.tag) and not _FURNITURE.search(unit.tag)],
        [unit for unit in units if not _FURNITURE.search(unit.tag)],
    ):
        if candidates:
            return candidates
    return units


def _search(source: str, url: str, portal: Portal, column: Column | None) -> str | None:
    """What a column addressed by ?number= sends as `search`: JSON in a text of JSON. None for other columns."""
    code = _number_of(url) or (_number_of(column.url) if column is not None else None)
    if code is None:
        return None
    options = _options(portal)
    kind, name = _class_of(source, code)
    search = {
        "xxgkId": code,
        "xxgkType": options.xxgkType if options.xxgkType is not None else kind,
        "className": options.className if options.className is not None else name,
    }
    return json.dumps(search, ensure_ascii=False, separators=(",", ":"))


def _number_of(url: str) -> str | None:
    return next(iter(parse_qs(urlsplit(url).query).get("number", [])), None)


def _class_of(source: str, code: str) -> tuple[str, str]:
    """(type, name) of the class with a code, as the tree of the page has them; empty where it says nothing."""
    place = source.find(code)
    for _ in range(20):
        if place < 0:
            break
        near = source[place + len(code) : place + len(code) + 300]
        if call := re.match(r"[\"']\s*,\s*[\"']([^\"'<>]{0,60})[\"']\s*,\s*[\"']([^\"'<>]{1,60})[\"']\s*\)", near):
            return call.group(1), clean(call.group(2))
        if link := re.match(r"[\"'][^<>]{0,200}>\s*([^<>]{2,60}?)\s*</", near):
            return "", clean(unescape(link.group(1)))
        place = source.find(code, place + 1)
    return "", ""


def _first_page(unit: _Unit, search: str | None, portal: Portal) -> str:
    if search is None:
        return _asked(unit.url, unit.query)
    size = _options(portal).pageSize or _PAGE_SIZE
    return _numbered(unit.url, unit.query, {"pageNo": 1, "pageSize": size, "search": search})


def _asked(url: str, query: dict[str, str]) -> str:
    return urlunsplit(urlsplit(bare(url))._replace(query=urlencode(query)))


def _numbered(url: str, query: dict[str, str], param: dict[str, Any]) -> str:
    """A page by its number. Plain pageNo is ignored by the server; editType is not sent along."""
    kept = {name: value for name, value in query.items() if name not in ("editType", "paramJson")}
    return _asked(url, kept | {"paramJson": json.dumps(param, ensure_ascii=False, separators=(",", ":"))})


# The answers.


def _read_answer(source: str, url: str, portal: Portal, column: Column | None) -> ListPage:
    html = _html_of(source)
    if html is None:
        return ListPage()
    base = base_of(url, column)
    inner = [unit for unit in _units(html, bare(url)) if unit.query != fields_of(url)]
    if (links := read_plain_list(html, base, portal)) is not None:
        page = ListPage(links=links, rows=len(links), has_structure=True)
    else:
        page = static_list.read_source(html, base, portal, column)
    if inner and not page.links:
        nested = [by_script(_first_page(unit, None, portal)) for unit in _chosen(inner, portal)]
        return ListPage(is_shell=True, further=nested, has_structure=True)
    page.further, page.lists, page.made_elsewhere = [], [], None
    pager = _pager(html)
    numbers = {name.lower(): int(value) for name, value in _NUMBER.findall(pager or "")}
    size, count = numbers.get("rows", 0), numbers.get("count")
    if not size or count is None:
        page.unread_pager |= pager is not None
        return page
    _count(page, url, size, count, numbers.get("pageno"))
    return page


def _pager(html: str) -> str | None:
    """The tag of the pager: <div class="pagination" rows="15" count="41" pageNo="2" ...>."""
    found = _PAGE_NUMBER.search(html) or _PAGE_NUMBER_OTHERWISE.search(html)
    if found is None:
        return None
    start = html.rfind("<", max(found.start() - _LONGEST_TAG, 0), found.start())
    end = html.find(">", found.end(), found.end() + _LONGEST_TAG)
    return html[start:end] if 0 <= start < end else ""


def _count(page: ListPage, url: str, size: int, count: int, shown: int | None) -> None:
    """Say how many pages there are and where they are. size, count, shown: of the pager."""
    asked = fields_of(url)
    param = _param(asked)
    number = _page_number(param)
    page.unread_pager = False
    page.declared_entries = count
    page.declared_pages = max(math.ceil(count / size), 1)
    # What stands beside the rows must not make up for rows that are missing.
    page.rows = min(page.rows, max(min(size, count - (number - 1) * size), 0))
    if shown is not None and shown != number:
        page.made_elsewhere = f"page {number} was asked for, page {shown} came"
        return
    page.has_structure = True
    if not count:
        page.says_empty = 'count="0"'
    last = min(page.declared_pages, _MOST_PAGES)
    page.further = [
        by_script(_numbered(url, asked, param | {"pageNo": other, "pageSize": size}))
        for other in range(number + 1, last + 1)
    ]


def _param(fields: dict[str, str]) -> dict[str, Any]:
    try:
        value = json.loads(fields.get("paramJson", "{}"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _page_number(param: dict[str, Any]) -> int:
    number = param.get("pageNo", 1)
    return number if isinstance(number, int) and number > 0 else 1


def _html_of(source: str) -> str | None:
    """The HTML of an answer; None of one that is no answer of this server, or says that it failed."""
    try:
        answer = json.loads(source)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or answer.get("success") is False:
        return None
    data = answer.get("data")
    html = data.get("html") if isinstance(data, dict) else data
    # Halves of characters, which JSON may hold, cannot be written anywhere.
    return html.encode("utf-8", "replace").decode() if isinstance(html, str) else None
