"""Hanweb's disclosure module /module/xxgk/: a tree of classes, lists from search.jsp, annual reports by year.

A column leads to its rows over up to two pages that only lead on: the page with the frame, the tree in the frame. The
rows come by POST. xxgkAnnualReport.jsp has no list: each year's question is answered by the report itself.
"""

import re
from html import unescape
from itertools import islice
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit, urlunsplit

from crawler.address import bare, posting
from crawler.outcomes.marks import EMPTY_TEXT
from crawler.pages.fields import fields_of
from crawler.pages.html import BLANK, absolute
from crawler.pages.scripts import text_in
from crawler.platforms import DetailPage, Link, ListPage, Recognition, SubList, static_list
from crawler.platforms.hanweb import article_date, base_of, read_article
from crawler.platforms.hanweb_rows import plain, read_rows
from crawler.platforms.options import XxgkOptions
from crawler.portal import Column, Portal
from parsers.encoding import decode
from parsers.titles import read_title

_SEARCH, _TREE, _ANNUAL = "search.jsp", "tree.jsp", "xxgkAnnualReport.jsp"
_ROW = re.compile(r"<tr\b[^<>]{0,200}\bclass\s*=\s*[\"']?[^\"'<>]{0,60}tr_main_value[^<>]{0,200}>", re.I)
_ROW_END = re.compile(r"</tr\s*>", re.I)
_TOTAL = re.compile(r"共(?:有|计)?[:：]?(\d{1,7})(?:条|篇|个记录|个信息)|(?:总记录数|记录总数|总条数)[:：]?(\d{1,7})")
_PAGES = re.compile(r"第\d{1,5}页/共?(\d{1,5})页|共(?:有|计)?[:：]?(\d{1,5})页|页次[:：]?\d{1,5}/(\d{1,5})")
_URL_IN_PAGE = re.compile(
    r"[\"'(]\s{0,9}((?:https?:)?[\w./:-]{0,200}/module/xxgk/(?:search|tree|xxgkAnnualReport)\.jsp[^\"'<>()\s]{0,1500})"
)
_NODE = (
    # <a onclick="funclick('A0203', …)">政府信息公开年报</a>
    re.compile(
        r"funclick\(\s{0,9}\\?[\"']([\w.-]{1,60})\\?[\"'][^<>]{0,300}>(?:\s|<[^<>/]{1,100}>){0,9}([^<>]{1,60})<"
    ),
    # d.add(12, 3, '政府信息公开年报', "javascript:funclick('A0203', …)")
    re.compile(
        r"[\"']([^\"'<>\\]{1,60})[\"']\s{0,9},\s{0,9}[\"'](?:javascript:)?\s{0,9}funclick\(\s{0,9}\\?[\"']([\w.-]{1,60})"
    ),
)
_YEARLY = re.compile(r"年\s*报|年度报告|年度工作报告")
_OTHER_YEARLY = re.compile(r"网站|财政|决算|统计年|企业|法治")
_YEAR = re.compile(r"(?<!\d)(20(?:0[89]|[1-9]\d))(?!\d)")
_OPTION = re.compile(r"<option\b([^<>]{0,200})>([^<>]{0,60})", re.I)
_YEAR_LINK = re.compile(r"fbtime\s*=\s*[\"']?\s{0,3}(20\d\d)(?!\d)", re.I)
_YEAR_CALL = re.compile(r"(?:onclick|href)\s*=\s*[\"'][^\"'<>]{0,60}\(\s*\\?[\"']?(20\d\d)\b", re.I)
_HEADING = re.compile(
    r"<(h[1-4]|title|td|div|p|span|strong|b|font|li)\b[^<>]{0,300}>((?:[^<>]|<br\s*/?>){6,120})<", re.I
)
_MOST_HEADINGS = 300
_MOST_PAGES = 1000
_FORM = ("infotypeId", "jdid", "area", "divid", "vc_title", "vc_number", "sortfield", "currpage", "vc_filenumber",
         "vc_all", "texttype", "fbtime")  # fmt: skip
_QUERY = {
    "standardXxgk": "1",
    "isAllList": "1",
    "texttype": "",
    "fbtime": "",
    "vc_all": "",
    "vc_filenumber": "",
    "vc_title": "",
    "vc_number": "",
    "currpage": "1",
    "sortfield": ",compaltedate:0",  # sic
}


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read a column page, the tree in its frame, an answer of search.jsp, or a year of xxgkAnnualReport.jsp.

    Never raises; what cannot be followed is said.
    """
    source = decode(body, charset)
    path = urlsplit(bare(url)).path
    if path.endswith(_ANNUAL):
        return _read_year(source, body, charset, url, portal, column)
    if path.endswith(_SEARCH) or (_ROW.search(source) and "/module/xxgk/" in path):
        return _read_answer(source, body, charset, url, portal, column)
    if path.endswith(_TREE):
        return _read_tree(source, url, portal, column)
    return _read_column(source, body, charset, url, portal, column)


def read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """Read the page of an article, or the report that a year's question is answered by."""
    return read_article(body, charset, url, portal)


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """By the addresses of the module, in the page or its own; a column's code as likely."""
    path = urlsplit(url).path
    if "/module/xxgk/" in path:
        return Recognition("xxgk", "certain", path[-60:], "annual report" if path.endswith(_ANNUAL) else "search")
    for mark, variant in ((b"xxgkAnnualReport.jsp", "annual report"), (b"tree.jsp", "tree"), (b"search.jsp", "search")):
        if (found := re.search(rb"/module/xxgk/" + re.escape(mark), body)) is not None:
            return Recognition("xxgk", "certain", found.group().decode(), variant)
    if b"tr_main_value_" in body:
        return Recognition("xxgk", "likely", "tr_main_value")
    if re.search(r"[?&]vc_xxgkarea=\w", url) or b"vc_xxgkarea=" in body:
        return Recognition("xxgk", "likely", "vc_xxgkarea")
    return None


def _options(portal: Portal) -> XxgkOptions:
    return portal.options if isinstance(portal.options, XxgkOptions) else XxgkOptions()


# The pages that lead to the rows.


def _read_column(
    source: str, body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None
) -> ListPage:
    addresses = [
        target for found in _URL_IN_PAGE.findall(source) if (target := absolute(url, unescape(found))) is not None
    ]
    annual = next((target for target in addresses if _ANNUAL in target), None)
    search = next((target for target in addresses if _SEARCH in urlsplit(target).path), None)
    tree = next((target for target in addresses if _TREE in urlsplit(target).path), None)
    given = _given(source, url, portal, column)
    if annual is not None:
        known = given | {name: value for name, value in fields_of(annual).items() if value}
        years = sorted({int(year) for year in _YEAR_LINK.findall(source)} | set(_options(portal).years), reverse=True)
        pinned = column.year if column is not None else None
        if years and pinned is None:
            return ListPage(is_shell=True, lists=_years(annual, known, years), has_structure=True)
        return ListPage(is_shell=True, further=[_annual(annual, known, pinned)], has_structure=True)
    if search is not None:
        known = {name: value for name, value in fields_of(search).items() if value} | given
        if known.get("infotypeId") or tree is None:
            return ListPage(is_shell=True, further=[_question(search, known)], has_structure=True)
    if tree is not None:
        target = _with(tree, {name: given[name] for name in ("area", "divid") if name in given})
        if given.get("infotypeId"):
            known = fields_of(target) | given
            return ListPage(is_shell=True, further=[_question(urljoin(tree, _SEARCH), known)], has_structure=True)
        return ListPage(is_shell=True, further=[target], has_structure=True)
    page = static_list.read_list(body, charset, url, portal, column)
    if not page.has_structure and given.get("area") and given.get("infotypeId"):
        # Nothing in the page names the endpoint, whose path is the same everywhere.
        return ListPage(
            is_shell=True, further=[_question(urljoin(url, "/module/xxgk/search.jsp"), given)], has_structure=True
        )
    return page


def _given(source: str, url: str, portal: Portal, column: Column | None) -> dict[str, str]:
    """What is known of a column's codes: by the portal's file, its address, its scripts, in this order."""
    query: dict[str, str] = {}
    for address in (url, column.url if column is not None else ""):
        for name, values in parse_qs(urlsplit(address).query).items():
            query.setdefault(name, values[0])
    options = _options(portal)
    found = {
        "area": options.area or query.get("vc_xxgkarea") or query.get("area"),
        "infotypeId": options.infotypeId or query.get("infotypeId") or query.get("number"),
        "jdid": options.jdid or query.get("jdid") or text_in(source, "jdid") or _in_address(source, "jdid"),
        "divid": options.divid or query.get("divid") or _in_address(source, "divid"),
    }
    return {name: value for name, value in found.items() if value}


def _in_address(source: str, name: str) -> str | None:
    found = re.search(rf"[?&;]{name}=(\w{{1,60}})", source)
    return found.group(1) if found else None


def _read_tree(source: str, url: str, portal: Portal, column: Column | None) -> ListPage:
    """The tree of classes: those of annual reports, each a list."""
    given = fields_of(url) | _given(source, url, portal, column)
    nodes = {code: plain(name) for code, name in _NODE[0].findall(source)}
    nodes |= {code: plain(name) for name, code in _NODE[1].findall(source)}
    wanted = given.get("infotypeId")
    codes = [wanted] if wanted else [code for code, name in nodes.items() if _is_yearly(name)]
    search = urljoin(bare(url), _SEARCH)
    questions = [_question(search, given | {"infotypeId": code}) for code in codes]
    if not questions:
        # A tree without such a class: what the portal's file must name.
        return ListPage()
    if len(questions) == 1:
        return ListPage(is_shell=True, further=questions, has_structure=True)
    return ListPage(is_shell=True, lists=[SubList(address) for address in questions], has_structure=True)


def _is_yearly(name: str) -> bool:
    if _OTHER_YEARLY.search(name):
        return False
    return bool(_YEARLY.search(name))


def _question(search: str, known: dict[str, str]) -> str:
    """The first page of a list, as the module's script asks for it."""
    query = _QUERY | {name: value for name, value in fields_of(search).items() if name in _QUERY and value}
    form = dict.fromkeys(_FORM, "") | {"sortfield": query["sortfield"], "currpage": "1"}
    form |= {name: known[name] for name in ("infotypeId", "jdid", "area", "divid") if name in known}
    return posting(_with(search.partition("?")[0], query | {"currpage": "1"}), form)


def _with(url: str, fields: dict[str, str]) -> str:
    return urlunsplit(urlsplit(bare(url))._replace(query=urlencode(fields_of(bare(url)) | fields)))


# The rows.


def _read_answer(
    source: str, body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None
) -> ListPage:
    before, *parts = _ROW.split(source)
    rows, rest = [], [before[-5000:]]
    for part in parts:
        end = _ROW_END.search(part)
        rows.append(part[: end.start()] if end else part)
        rest.append(part[end.end() :] if end else "")
    said = BLANK.sub("", plain("".join(rest)))
    total, pages = _number(_TOTAL, said), _number(_PAGES, said)
    if rows:
        found = read_rows(rows, base_of(url, column), portal)
        page = ListPage(links=found.links, unfollowed=found.unfollowed, rows=len(rows), has_structure=True)
    else:
        page = static_list.read_list(body, charset, base_of(url, column), portal, column)
        page.further, page.lists, page.made_elsewhere = [], [], None
    page.declared_entries, page.declared_pages = total, pages
    page.unread_pager = bool(page.rows) and total is None and pages is None
    if not page.links and (total == 0 or (total is None and EMPTY_TEXT.search(said))):
        empty = EMPTY_TEXT.search(said)
        page.says_empty = "共0条" if total == 0 else empty.group() if empty else None
        page.has_structure = total == 0
        page.declared_pages = None
    number = _asked_page(url)
    if pages is not None:
        page.further = [_turned(url, other) for other in range(number + 1, min(pages, _MOST_PAGES) + 1)]
    elif total is not None and page.rows and total > page.rows * number:
        page.further = [_turned(url, number + 1)]
    return page


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(next(group for group in found.groups() if group)) if found else None


def _asked_page(url: str) -> int:
    query = parse_qs(urlsplit(bare(url)).query)
    value = fields_of(url).get("currpage") or query.get("currpage", ["1"])[0]
    return int(value) if value.isascii() and value.isdigit() and 0 < len(value) < 6 else 1


def _turned(url: str, number: int) -> str:
    """The same question, another page: its number stands in the query and in the form."""
    here = _with(url, {"currpage": str(number)})
    form = dict.fromkeys(_FORM, "") | {"currpage": str(number)}
    sent = {name: value for name, value in fields_of(url).items() if name in form or url != bare(url)}
    return posting(here, form | sent | {"currpage": str(number)})


# Annual reports by year.


def _read_year(
    source: str, body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None
) -> ListPage:
    """The answer of xxgkAnnualReport.jsp: the report of one year, and the choice of years beside it."""
    query = fields_of(url)
    asked = query.get("fbtime", "")
    options = _options(portal)
    own = int(asked) if _YEAR.fullmatch(asked) else None
    page = ListPage()
    if (article := _report_of(source, body, charset, url, portal, own)) is not None:
        page.links, page.rows, page.has_structure = [article], 1, True
    elif (said := EMPTY_TEXT.search(BLANK.sub("", plain(source)))) is not None:
        page.says_empty = said.group()
    # Asked for without a year it offers the choice, whether it is the column's page or what that one leads to.
    is_start = column is None or own is None or _same(url, column.url)
    if not is_start or (column is not None and column.year is not None):
        return page
    years = _offered(source) | set(options.years)
    others = sorted(years - {own}, reverse=True)
    page.lists = _years(url, query, others)
    if own is None and page.lists:
        # Without a year it shows the newest, which has an address of its own among the others.
        return ListPage(is_shell=True, lists=page.lists, has_structure=True)
    if not years:
        page.made_elsewhere = "the page offers no choice of years, and each has a page of its own; set options.years"
    return page


def _same(url: str, other: str) -> bool:
    return urlsplit(bare(url)).path == urlsplit(bare(other)).path and fields_of(bare(url)) == fields_of(bare(other))


def _offered(source: str) -> set[int]:
    """The years that a page offers: as choices, or as links with fbtime."""
    found = {int(year) for pattern in (_YEAR_LINK, _YEAR_CALL) for year in pattern.findall(source)}
    for attributes, label in _OPTION.findall(source):
        if (year := _YEAR.search(f"{label} {attributes}")) is not None:
            found.add(int(year.group(1)))
    return found


def _years(url: str, known: dict[str, str], years: list[int]) -> list[SubList]:
    return [SubList(_annual(url, known, year), year=year) for year in years]


def _annual(url: str, known: dict[str, str], year: int | None) -> str:
    fields = {"area": known["area"]} if "area" in known else {}
    fields |= {name: value for name, value in fields_of(bare(url)).items() if value}
    return _with(bare(url).partition("?")[0], fields | ({"fbtime": str(year)} if year is not None else {}))


def _report_of(
    source: str, body: bytes, charset: str | None, url: str, portal: Portal, year: int | None
) -> Link | None:
    """The report that a page is, None if it has no title of one."""
    detail = read_article(body, charset, url, portal)
    own = detail.title or ""
    listed_on = article_date(source)
    title = own if _is_title(own) else _printed_title(source)
    if title is None:
        # 政府信息公开年度报告 alone is a report only with the year that was asked for, a date, and a text.
        if not (read_title(own).is_report and year and listed_on and (detail.has_body or detail.attachments)):
            return None
        title = own
    read = read_title(title)
    if read.year is not None and year is not None and read.year != year:
        return None  # whatever it is, it is not what was asked for
    return Link(f"{bare(url)}#article", title, listed_on)


def _printed_title(source: str) -> str | None:
    """The first line of a page that is the title of a report."""
    for _, words in islice(_HEADING.findall(source), _MOST_HEADINGS):
        if _YEARLY.search(words) and _is_title(shown := plain(words)):
            return shown
    return None


def _is_title(words: str) -> bool:
    read = read_title(words)
    return read.is_report and bool(read.agency or read.year)
