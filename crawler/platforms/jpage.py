"""Hanweb JCMS with jpage: rows as CDATA in a script of the page, further ones from dataproxy.jsp in groups of pages.

A page may have several units, each a list with a proxy and a count of its own. All that may hold reports are read, and
counted together. A column without any unit is a static list, or shows its only article itself.
"""

import math
import re
from urllib.parse import urlencode, urlsplit

from crawler.address import by_script, posting
from crawler.pages.fields import fields_of
from crawler.pages.html import absolute
from crawler.pages.scripts import inline_scripts
from crawler.platforms import DetailPage, ListPage, Recognition, static_list
from crawler.platforms.hanweb import MARKS_OF_ARTICLES, base_of, only_article, read_article
from crawler.platforms.hanweb_rows import WORDS_OF_REPORT, name_reports, read_rows
from crawler.platforms.jpage_units import Unit, is_store, outside_of_scripts, read_store, units_of, whole_number
from crawler.platforms.options import JpageOptions
from crawler.portal import Column, Portal
from parsers.encoding import decode

_MOST_GROUPS = 1000
_COLUMN = re.compile(r"/col/col(\d+)(?:/|$)")
_PARAMETERS_OF_PAGE = ("appid", "webid", "path", "columnid", "unitid", "webname", "permissiontype")
_TITLE_IN_HTML = re.compile(r"20\d\d[^<>]{0,60}(?:信息公开|政务公开|年\s*报|年度报告)")
_COMMENT = re.compile(r"<!--(?!-?>).*?-->", re.S)
_YEAR = re.compile(r"20\d\d|二[〇○零]")


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read a column page, or an answer of its proxy. Never raises; what cannot be followed is said."""
    source = decode(body, charset)
    if is_store(source):
        return _read_group(source, url, portal, column)
    scripts = inline_scripts(source)
    units = units_of(source, scripts, _options(portal))
    if not units:
        return _without_units(source, body, charset, url, portal, column)
    return _read_units(units, source, outside_of_scripts(source, scripts), url, portal, column)


def read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """Read the page of an article; see crawler/platforms/hanweb.py."""
    return read_article(body, charset, url, portal)


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """By the call or the data of jpage for certain; by addresses and marks of JCMS as likely."""
    head = body[:2_000_000]
    for mark in (b"/module/xxgk/", b"unitbuild.js"):
        if mark in head:
            return None  # of another platform of Hanweb, whose pages may carry jpage beside it
    if re.search(rb"\.jpage\s*\(", head) and (b"<datastore" in head or b"dataproxy.jsp" in head or b"InitData" in head):
        variant = "InitData" if b"InitData" in head else "nextgroup" if b"<nextgroup" in head else "startrecord"
        return Recognition("jpage", "certain", ".jpage(", variant)
    if b"dataproxy.jsp" in head and b"<datastore" in head:
        return Recognition("jpage", "certain", "dataproxy.jsp", "nextgroup")
    path = urlsplit(url).path
    if found := re.search(
        r"/col/col\d+(?:/|$)|/art/(?:\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+|\d{4}/art_[0-9a-f]{32})", path
    ):
        return Recognition("jpage", "likely", found.group())
    if (linked := re.search(rb"href\s*=\s*[\"']?[^\"'<>\s]{0,200}(/col/col\d+/)", head)) is not None:
        return Recognition("jpage", "likely", f"link to {linked.group(1).decode()}")
    return Recognition("jpage", "likely", "i_columnid") if b"i_columnid" in head else None


def _options(portal: Portal) -> JpageOptions:
    return portal.options if isinstance(portal.options, JpageOptions) else JpageOptions()


def _read_units(
    units: list[Unit], source: str, outside: str, url: str, portal: Portal, column: Column | None
) -> ListPage:
    chosen = _chosen(units, url, portal)
    rows = [row for unit in chosen for row in unit.rows]
    # What stands in the page as HTML is listed too: some proxies are empty although the page lists.
    static = None
    if _TITLE_IN_HTML.search(_COMMENT.sub("", outside)):
        static = static_list.read_source(outside, url, portal, column)
        if not any(WORDS_OF_REPORT.search(row) for row in rows) and static.has_structure:
            whole = static_list.read_source(source, url, portal, column)
            return _listed_in_html(whole, chosen, url, portal)
    found = read_rows(rows, url, portal)
    page = ListPage(links=found.links, unfollowed=found.unfollowed, rows=len(rows), has_structure=True)
    if static is not None:
        known = {link.url for link in page.links}
        # A menu says 政府信息公开年报 without year and date.
        page.links += [
            link
            for link in static.links
            if link.url not in known
            and WORDS_OF_REPORT.search(link.title)
            and (link.listed_on or _YEAR.search(link.title))
        ]
        page.unfollowed += [link._replace(url=f"{link.url}-in-html") for link in static.unfollowed]
    _count(page, chosen, url, portal)
    return page


def _count(page: ListPage, units: list[Unit], url: str, portal: Portal) -> None:
    """Say how much there is, and where the rest comes from."""
    if any(unit.total is not None for unit in units):
        # What one unit has beyond its count must not make up for what another lacks.
        page.declared_entries = sum(max(unit.total or 0, len(unit.rows)) for unit in units)
    for unit in units:
        if unit.is_whole:
            continue
        groups = _groups_after(unit, url, portal)
        page.further += [group for group in groups if group not in page.further]
        if not groups and unit.total is None and not _is_short(unit):
            page.unread_pager, page.declared_entries = True, None
    page.is_shell = not page.rows and page.declared_entries is None and bool(page.further)
    silent = [unit for unit in units if unit.total == 0 and not unit.rows]
    if silent and all(unit.is_whole for unit in units) and not name_reports(page.links + page.unfollowed):
        page.says_empty = "totalrecord 0"  # whatever other lists of the page speak of other things


def _is_short(unit: Unit) -> bool:
    """Whether a unit without a count shows less than one of its pages: then there is no other."""
    return unit.per_page is not None and 0 < len(unit.rows) < unit.per_page


def _listed_in_html(static: ListPage, units: list[Unit], url: str, portal: Portal) -> ListPage:
    """The list in the page's own HTML, beside units that show no report in the page."""
    shown = sum(link.listed_on is not None or WORDS_OF_REPORT.search(link.title) is not None for link in static.links)
    # A unit with rows of other things is another list; one without rows may be this one, of which the HTML is a part.
    rest = [unit for unit in units if not unit.rows and unit.total != 0]
    if all(unit.total is not None for unit in rest) and (static.made_elsewhere or "").startswith("a script makes"):
        static.made_elsewhere = None  # the counts say what is missing
    static.rows = min(static.rows, shown)
    for unit in rest:
        static.declared_entries = max(static.declared_entries or 0, unit.total or 0)
        if (unit.total or 0) > shown:
            unit.rows = [""] * shown
            static.further += _groups_after(unit, url, portal)
    return static


def _chosen(units: list[Unit], url: str, portal: Portal) -> list[Unit]:
    """The units that may hold reports. One is left out if all its rows in the page speak of other things, another unit
    has rows of reports, and it does not belong to the column itself."""
    if (wanted := _options(portal).unitid) is not None:
        return [unit for unit in units if wanted in (unit.id, unit.form.get("unitid"))] or units
    telling = [unit for unit in units if any(WORDS_OF_REPORT.search(row) for row in unit.rows)]
    if not telling:
        return units
    own = _COLUMN.search(urlsplit(url).path)
    number = own.group(1) if own else None
    return [
        unit
        for unit in units
        if unit in telling or (not unit.rows and unit.total != 0) or (number and unit.form.get("columnid") == number)
    ]


def _groups_after(unit: Unit, url: str, portal: Portal) -> list[str]:
    """Addresses of the groups behind the rows that are known: all where the total is known, else the next."""
    proxy = absolute(url, unit.proxy)
    request = _options(portal).request
    if request == "page" and proxy is not None and unit.form:
        if not unit.rows:
            return [_page_of_groups(proxy, unit.form, 1)]
        groups = math.ceil((unit.total or 0) / len(unit.rows))
        return [_page_of_groups(proxy, unit.form, number) for number in range(2, min(groups, _MOST_GROUPS) + 1)]
    if request is None and unit.next_group is not None:
        # Relative to the proxy that gives the groups, not to the page.
        base = proxy or (url if unit.next_group.startswith(("/", "http")) else None)
        following = absolute(base, unit.next_group) if base else None
        return [by_script(following)] if following else []
    if proxy is None or not unit.per_page or not unit.form:
        return []
    return _groups(proxy, unit.form, len(unit.rows) + 1, unit.per_page, unit.group_size, unit.total)


def _groups(proxy: str, form: dict[str, str], start: int, per_page: int, size: int, total: int | None) -> list[str]:
    step = per_page * size
    last = start if total is None else total
    firsts = range(start, min(last, start + step * _MOST_GROUPS) + 1, step)
    return [posting(_group_url(proxy, first, step, per_page), form) for first in firsts]


def _group_url(proxy: str, first: int, step: int, per_page: int) -> str:
    query = urlencode({"startrecord": first, "endrecord": first + step - 1, "perpage": per_page})
    return f"{proxy.partition('?')[0]}?{query}"


def _page_of_groups(proxy: str, form: dict[str, str], number: int) -> str:
    named = {name: form[name] for name in _PARAMETERS_OF_PAGE if name in form}
    return by_script(f"{proxy.partition('?')[0]}?{urlencode({'page': number} | named)}")


def _read_group(source: str, url: str, portal: Portal, column: Column | None) -> ListPage:
    """An answer of the proxy."""
    unit = read_store(source)
    found = read_rows(unit.rows, base_of(url, column), portal)
    page = ListPage(
        links=found.links,
        unfollowed=found.unfollowed,
        rows=len(unit.rows),
        declared_entries=unit.total,
        has_structure=bool(unit.rows) or unit.total is not None,
    )
    if not unit.rows:
        # Past the end of a list comes a datastore with nothing in it; a list that is empty says 0.
        page.says_empty = "totalrecord 0" if unit.total == 0 else "a datastore without records"
        if unit.total:
            page.says_empty = None
    asked = _asked_range(url)
    if unit.rows and unit.next_group is not None and _options(portal).request is None and not _is_last(unit, url):
        following = absolute(url, unit.next_group)
        page.further = [by_script(following)] if following else []
    elif asked is not None and unit.total is not None and unit.rows:
        first, last, per_page = asked
        form = fields_of(url)
        size = max((last - first + 1) // per_page, 1)
        page.further = _groups(url, form, last + 1, per_page, size, unit.total)
    elif asked is not None and unit.total is None and unit.rows and len(unit.rows) > asked[1] - asked[0]:
        page.unread_pager = True  # a full group, and no word of how many there are
    return page


def _asked_range(url: str) -> tuple[int, int, int] | None:
    query = dict(part.partition("=")[::2] for part in urlsplit(url).query.split("&"))
    numbers = [whole_number(query.get(name, "")) for name in ("startrecord", "endrecord", "perpage")]
    first, last, per_page = numbers
    return (first, last, per_page) if first and last and per_page and last >= first else None


def _is_last(unit: Unit, url: str) -> bool:
    """Whether this group of `page=` ends the list: groups before it were no smaller."""
    number = whole_number(fields_of(url).get("page", ""))
    return unit.total is not None and number is not None and number * len(unit.rows) >= unit.total


def _without_units(
    source: str, body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None
) -> ListPage:
    """A column that is a static list, or shows its only article."""
    page = static_list.read_source(source, url, portal, column)
    is_article = MARKS_OF_ARTICLES.search(source) is not None
    if is_article or not page.has_structure:
        article = only_article(body, charset, url, portal, is_article=is_article)
        if article is not None:
            return ListPage(links=[article], rows=1, has_structure=True)
    return page
