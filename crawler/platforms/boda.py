"""Boda VSB and webplus (博达站群): named .htm lists that count backwards, .jsp lists, downloads without an ending.

A static list's first page is xxgk/nb.htm, the page behind it xxgk/nb/<pages-1>.htm, the last one nb/1.htm: addresses
shift when a page is added, so that links are followed, forth and back, and none is computed. Of a dynamic list every
page has the query totalpage=9&PAGENUM=2, of an older one a<block>t=9&a<block>p=2; page 1 of either is the column's own.

Rows and articles are read as those of any static list (crawler/platforms/static_list.py).
"""

import re
from collections import Counter
from html import unescape
from urllib.parse import parse_qs, urlsplit

from crawler.pages.html import absolute, clean, has_file_ending
from crawler.pages.scripts import base_of
from crawler.platforms import Attachment, DetailPage, Link, ListPage, Recognition, static_list
from crawler.portal import Column, Portal
from parsers.encoding import decode

# A day and its month in two elements, in either order; a table's cells and the next row are others.
_BETWEEN = r"((?:</?(?!td\b|tr\b|li\b|a\b|dd\b)\w[^<>]{0,200}>\s{0,20}){1,4})"
_YEAR_MONTH = r"((?:19|20)\d\d)\s?[-/.年]\s?(1[0-2]|0?[1-9])\s?月?"
_DAY = r"(0?[1-9]|[12]\d|3[01])\s?日?"
_DAY_FIRST = re.compile(rf">\s{{0,20}}{_DAY}\s{{0,20}}{_BETWEEN}{_YEAR_MONTH}\s{{0,20}}(?=<)")
_MONTH_FIRST = re.compile(rf">\s{{0,20}}{_YEAR_MONTH}\s{{0,20}}{_BETWEEN}{_DAY}\s{{0,20}}(?=<)")
_MONTH_ALONE = re.compile(r">\s{0,20}(?:19|20)\d\d\s?[-/.年]\s?(?:1[0-2]|0?[1-9])\s?月?\s{0,20}<")
_ROW = re.compile(r"line_?(u?\d*)_\d+[\"' >]")
_STATIC_ARTICLE = re.compile(r"https?://([^/?#]+/[^?#]*?)info/(\d+)/(\d+)\.htm")
_TOTAL = re.compile(r"^(?:totalpage|a\d+t)$", re.I)
_PAGE = re.compile(r"^(?:pagenum|a\d+p)$", re.I)
_PLACE_OF_TOTALS = re.compile(r"(?:\bid\s?=\s?[\"']?fanye\d*|\bclass\s?=\s?[\"']?p_t\b)[^<>]{0,200}>(.{0,400})", re.S)
_ENTRIES, _OF_PAGES = (
    re.compile(r"共\s*(\d{1,6})\s*[条篇]"),
    re.compile(r"(?<![\d/])(\d{1,4})\s*/\s*(\d{1,4})(?![\d/])"),
)
_NUMBER = re.compile(r"class\s?=\s?[\"']?p_no(?:_d)?\b[^<>]{0,100}>(?:<a\b[^<>]{0,300}>)?\s*(\d{1,4})\s*<")
_STATIC_NEXT = re.compile(
    r"class\s?=\s?[\"']?p_next\b[^<>]{0,100}>\s*<a\b[^<>]{0,200}?href\s?=\s?[\"']?[\w./-]*?(\d{1,4})\.htm\b"
)
_STATIC_PREVIOUS = re.compile(
    r"class\s?=\s?[\"']?p_prev\b[^<>]{0,100}>\s*<a\b[^<>]{0,200}?href\s?=\s?[\"']?([\w./-]*?\d{1,4}\.htm)\b"
)
_STATIC_PAGE = re.compile(r"/\d{1,4}\.htm$")
_TAG = re.compile(r"<[^<>]{0,300}>")
_DOWNLOAD = re.compile(r"DownloadAttachUrl|\bwbfileid=|/_content/download\.jsp", re.I)
_DOWNLOAD_SIGN = re.compile(rb"DownloadAttachUrl|wbfileid=|/_content/download\.jsp", re.I)
_LINK = re.compile(
    r"<a\b([^<>]{0,300}?)\bhref\s*=\s*(?:\"([^\"<>]{1,1000})\"|'([^'<>]{1,1000})')([^<>]{0,600})>(.{0,600}?)</a",
    re.I | re.S,
)
_NAMED = re.compile(r"\b(?:title|download)\s*=\s*(?:\"([^\"<>]{1,300})\"|'([^'<>]{1,300})')", re.I)
_CERTAIN = (
    re.compile(
        r"_showDynClicks\(|_newscontent_fromname|\bvsb_content\b|\bvsb_content_\d|\bv_news_content\b|showVsbpdfIframe\("
        r"|urltype=(?:tree\.TreeTempUrl|news\.NewsContentUrl|news\.DownloadAttachUrl)|\bpb_sys_common\b|\bVSB\w{0,20}Name\b"
    ),
    re.compile(r"/system/resource/(?:js|style|code)/|\bid\s?=\s?[\"']?line_u\d+_\d+"),
)
_LIKELY = re.compile(r"(?:^|[\"'/.])info/\d{1,6}/\d{1,9}\.htm\b|\bwbtreeid=\d")


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read one page of a list. Never raises; see `crawler.platforms`."""
    source = decode(body, charset)
    page = static_list.read_source(_with_whole_dates(source), url, portal, column)
    page.links = _each_once(page.links)
    page.further = [address for address in page.further if _page_of(address) != 1]
    if "p_prev" in source and (before := _STATIC_PREVIOUS.search(source)):
        # Another page than the one that we came from, where a page was added since.
        target = absolute(base_of(source, url), before.group(1))
        if target is not None and target not in page.further and _STATIC_PAGE.search(target):
            page.further.append(target)
    # The rows of a block are numbered; of several blocks the longest is the list.
    page.rows = max(Counter(_ROW.findall(source)).values(), default=page.rows)
    if portal.pages.pattern is None and portal.selectors.next is None:
        _read_totals(page, source, url)
    return page


def read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """Read an article: as any other, and its downloads, whose addresses have no ending and whose names stand in the
    links alone. 上一条 and 下一条 are no files, whatever their titles end in."""
    page = static_list.read_detail(body, charset, url, portal)
    page.attachments = [file for file in page.attachments if article_key(file.url) is None]
    if _DOWNLOAD_SIGN.search(body):
        known = {file.url for file in page.attachments}
        page.attachments += [file for file in _downloads(decode(body, charset), url) if file.url not in known]
    return page


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """VSB by what only it writes, or "likely" by the addresses of its articles."""
    source = decode(body, charset)
    variant = "jsp" if ".jsp" in urlsplit(url).path else ""
    for pattern in _CERTAIN:
        if found := pattern.search(source):
            return Recognition("boda", "certain", found.group()[:60], variant)
    likely = _LIKELY.search(source)
    return Recognition("boda", "likely", likely.group().strip("\"'./")[:60], variant) if likely else None


def _with_whole_dates(source: str) -> str:
    """The page with each date in one place: <b>30</b><span>2024-01</span> says 2024-01-30."""
    if _MONTH_ALONE.search(source) is None:
        return source
    whole = _DAY_FIRST.sub(r">\2\3-\4-\1", source)
    return _MONTH_FIRST.sub(r">\1-\2-\4\3", whole)


def _each_once(links: list[Link]) -> list[Link]:
    """The entries without those that lead to one article under another tree's number, or in the other form of address.

    The tree of most entries is the list's own.
    """
    articles = [article_key(link.url) for link in links]
    if len({article[1:] for article in articles if article is not None}) == sum(key is not None for key in articles):
        return links
    trees = Counter(article[0] for article in articles if article is not None)
    kept: dict[object, Link] = {}
    for link, article in zip(links, articles, strict=True):
        key = link.url if article is None else article[1:]
        other = kept.get(key)
        if other is None or article is None:
            kept[key] = link
            continue
        before = article_key(other.url)
        if before is not None and trees[article[0]] > trees[before[0]]:
            kept[key] = link._replace(listed_on=link.listed_on or other.listed_on)
    return list(kept.values())


def article_key(url: str) -> tuple[str, str, str] | None:
    """(tree, host and folder, number) of an article, in either form of its address: /info/1042/2087.htm is
    content.jsp?urltype=news.NewsContentUrl&wbtreeid=1042&wbnewsid=2087. Sites below a folder of a host number their
    articles each for itself."""
    if "info/" in url and (found := _STATIC_ARTICLE.fullmatch(url)):
        return found.group(2), found.group(1), found.group(3)
    if "wbnewsid=" not in url:
        return None
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    number, tree = query.get("wbnewsid", [""])[0], query.get("wbtreeid", [""])[0]
    return (tree, f"{parts.netloc}{parts.path.rpartition('/')[0]}/", number) if number else None


def identity(url: str) -> str:
    """What names an article whatever tree of the site it is shown in; any other address itself."""
    key = article_key(url)
    return f"{key[1]} {key[2]}" if key is not None else url


def _page_of(address: str) -> int | None:
    """The number of a dynamic list's page, None of any other address. Page 1 is the column's own first page."""
    return next(
        (int(value) for name, value in _query(address) if _PAGE.match(name) and value.isdecimal() and len(value) < 6),
        None,
    )


def _query(address: str) -> list[tuple[str, str]]:
    return [(name, values[-1]) for name, values in parse_qs(urlsplit(address).query).items()]


def _read_totals(page: ListPage, source: str, url: str) -> None:
    """How many pages and entries there are, as VSB's pagers say it: in their links, beside them, by their numbers."""
    said = [
        int(value)
        for address in (*page.further, url)
        for name, value in _query(address)
        if _TOTAL.match(name) and value.isdecimal() and len(value) < 6
    ]
    has_totals = "fanye" in source or "p_t" in source
    if has_totals and (place := _PLACE_OF_TOTALS.search(source)):
        text = _TAG.sub(" ", unescape(place.group(1)))
        if entries := _ENTRIES.search(text):
            page.declared_entries = int(entries.group(1))
        said += [int(counted.group(2)) for counted in _OF_PAGES.finditer(text)][:1]
    said += [int(number) for number in _NUMBER.findall(source)]
    is_first = "p_next" in source and not _STATIC_PAGE.search(urlsplit(url).path)
    if is_first and (behind := _STATIC_NEXT.search(source)):
        said.append(int(behind.group(1)) + 1)  # of a static list's first page alone
    if said:
        page.declared_pages = max(*said, page.declared_pages or 0)


def _downloads(source: str, url: str) -> list[Attachment]:
    base = base_of(source, url)
    found: dict[str, Attachment] = {}
    for link in _LINK.finditer(source):
        address = absolute(base, unescape(link.group(2) or link.group(3)))
        if address is None or not _DOWNLOAD.search(address):
            continue
        names = [clean(_TAG.sub("", unescape(link.group(5))))]
        names += [
            clean(unescape("".join(named.groups("")))) for named in _NAMED.finditer(link.group(1) + link.group(4))
        ]
        found.setdefault(address, Attachment(address, next((name for name in names if has_file_ending(name)), None)))
    return list(found.values())
