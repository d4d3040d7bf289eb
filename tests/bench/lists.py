"""What reading a page with 100 rows of a list costs beside parsing that page, for each platform.

Measured is `read_list` from the bytes of one page to its ListPage. Compared with, in the same run, pass by pass:

- HTML: decoding and parsing by lexbor, the fastest parser that is used here; of rows that come inside of scripts
  (CDATA) the markup in them too. Pages have the menus, scripts and footer of real ones around the rows that the pretend
  portals of crawler/sandbox/portals print, some 45 KB; answers of endpoints are as they come, without any furniture.
- JSON: json.loads of the bytes and the strings of each row's title, address and date; where the rows are HTML inside of
  the JSON, lexbor's parsing of that HTML in place of them.

The first lines are the page as a Scrapy spider reads it: parsel's Selector (lxml), and the loop over rows. No page is
read twice in a row (other titles, the same length), so that no title is known before. A pass is ten pages, one after
the other, on either side: a tree is memory that the system gives and takes back with each page, and who is measured
page by page pays for, or is spared, what the other one did. Milliseconds are those of one page.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import cycle
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from crawler.outcomes.verdict import Answer
from crawler.platforms import ListPage, load_platform
from crawler.portal import Column, Portal
from crawler.sandbox.portal_site import Answer as SiteAnswer
from crawler.sandbox.portal_site import Request
from crawler.sandbox.portals import site_class
from parsers.encoding import decode
from tests.bench.measure import Job, Result, at_most, faster_than
from tests.crawler.platforms.whole_columns import asked, portal_of
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

ROWS = 100
_PAGES = 40  # different ones of each kind
_PAGES_OF_PASS = 10
_PASSES = 31
_FEWEST = 15  # rows of a page that is measured; systems with a size of their own have no more
_MOST_ASKED = 20
_LIMIT = 2.0
_REAL_SIZE = 45_000  # bytes of a list page as portals send it
_URL = "http://www.example.gov.cn/zwgk/xxgknb/"
_ORGANS = ("财政局", "水利局", "民政局", "教育局", "罗家乡人民政府", "司法局", "审计局", "统计局")


class _Shape(NamedTuple):
    """Whose pages are measured. keys: of rows in JSON, what holds title, address and date."""

    platform: str
    variant: str
    keys: tuple[str, str, str] | None = None


_SHAPES = (
    _Shape("jpage", "post"),
    _Shape("jpaas", "column"),
    _Shape("xxgk", "search"),
    _Shape("trs", "plain"),
    _Shape("trs", "fjdzapp", ("doctitle", "docpuburl", "pubdate")),
    _Shape("gkmlpt", "tree", ("title", "url", "display_publish_time")),
    _Shape("ucap", "pager"),
    _Shape("ucap", "json", ("title", "url", "publishedTimeStr")),
    _Shape("boda", "static"),
    _Shape("longxun", "column"),
    _Shape("json_list", "suzhou", ("TITLE", "URL", "PUBLISHED_TIME_FORMAT")),
    _Shape("static_list", "links"),
)


def results() -> list[Result]:
    """A page of another software first; then the page of each platform as the pretend portals write it."""
    column = Column(url=_URL)
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": "static_list", "allowed_hosts": ["www.example.gov.cn"]}
    portal = Portal.model_validate({**said, "columns": [column]})
    bodies = [list_page(page) for page in range(_PAGES)]
    found = list(_beside_a_spider(bodies, portal, column))
    found.append(
        _measured("static_list, a page", "utf-8", bodies, _reader("utf-8", bodies, _URL, portal, column), None)
    )
    return found + [_measured_site(shape) for shape in _SHAPES]


def _measured(
    what: str, charset: str | None, bodies: list[bytes], read: Callable[[], ListPage], keys: tuple[str, ...] | None
) -> Result:
    rows = _entries(read())
    against, parse = _parser(charset, bodies, keys)
    return _at_most(f"{what}: {rows} rows, {len(bodies[0]) // 1000} KB", read, against, parse)


def _at_most(what: str, read: Job, against: str, parse: Job) -> Result:
    result = at_most(what, _several(read), against, _several(parse), _LIMIT, _PASSES)
    return replace(result, ours=result.ours / _PAGES_OF_PASS, floor=result.floor / _PAGES_OF_PASS)


def _several(job: Job) -> Job:
    """The job for the pages of one pass."""

    def jobs() -> None:
        for _ in range(_PAGES_OF_PASS):
            job()

    return jobs


def _parser(charset: str | None, bodies: list[bytes], keys: tuple[str, ...] | None) -> tuple[str, Job]:
    """What reading is compared with, and its name."""
    given = cycle(bodies)
    if keys is not None:
        first, second, third = keys

        def strings() -> object:
            rows = _longest(json.loads(next(given)))
            return [(row.get(first), row.get(second), row.get(third)) for row in rows]

        return "json.loads, strings of rows", strings
    if bodies[0].lstrip()[:1] == b"{":
        return "json.loads, lexbor of its HTML", lambda: LexborHTMLParser(json.loads(next(given))["data"]["html"])

    def markup() -> object:
        text = decode(next(given), charset)
        page = LexborHTMLParser(text)
        inner = [part.partition("]]>")[0] for part in text.split("<![CDATA[")[1:]]
        return page, LexborHTMLParser("".join(inner)) if inner else None

    return "decoding, lexbor", markup


def _longest(data: Any) -> list[Any]:
    """The rows of an answer: its longest list."""
    if not isinstance(data, dict | list):
        return []
    inner = data.values() if isinstance(data, dict) else ()
    return max([data if isinstance(data, list) else [], *map(_longest, inner)], key=len)


def _beside_a_spider(bodies: list[bytes], portal: Portal, column: Column) -> Iterator[Result]:
    """Ours against the parser of a Scrapy spider, and against the loop over rows that every spider has."""
    from parsel import Selector

    given = cycle(bodies)

    def rows() -> object:
        tree = Selector(text=next(given).decode())
        return [
            (row.css("a::attr(href)").get(), row.css("a::attr(title)").get(), row.css("span::text").get())
            for row in tree.css("div.list li")
        ]

    def page() -> object:
        return Selector(text=next(given).decode())

    read = _reader("utf-8", bodies, _URL, portal, column)
    yield _at_most("static_list, a page", read, "parsel.Selector of it", page)
    yield faster_than("static_list, a page", read, "parsel: link, title, date of each row", rows, 1, _PASSES)


def _reader(
    charset: str | None, bodies: list[bytes], url: str, portal: Portal, column: Column
) -> Callable[[], ListPage]:
    read_list = load_platform(portal.platform).read_list
    given = cycle(bodies)
    return lambda: read_list(next(given), charset, url, portal, column)


def _measured_site(shape: _Shape) -> Result:
    """The page with the most rows of a pretend portal that prints 100 on each."""
    name, variant, keys = shape
    known: Any = site_class(name)

    class Roomy(known):
        per_page = ROWS

        def answer(self, request: Request, now: datetime) -> SiteAnswer | None:
            # Some systems refuse who does not say what he is.
            named = request._replace(headers={**request.headers, "user-agent": "bench"})
            return super().answer(named, now)

    site = Roomy("liuxi", PORTAL_NAME, PLACE, publications(ROWS + 20, files=False), variant=variant)
    said = site.portal_file("")
    options = said.get("options", {})
    sizes = {key: ROWS for key in ("size", "prepage") if key in options}
    portal = portal_of(site, **({"options": options | sizes} if sizes else {}))
    platform, column = load_platform(portal.platform), portal.columns[0]
    waiting, seen = [column.url], set[str]()
    best: tuple[int, str, Answer] | None = None
    while waiting and len(seen) < _MOST_ASKED:
        url = waiting.pop(0)
        seen.add(url)
        answer = asked(site, url, referer=column.url)
        page = platform.read_list(answer.body, answer.charset, url, portal, column)
        if best is None or _entries(page) > best[0]:
            best = _entries(page), url, answer
        waiting += [other for other in (*page.further, *(part.url for part in page.lists)) if other not in seen]
    if best is None or best[0] < _FEWEST:
        raise RuntimeError(f"{name}, {variant}: no page of at least {_FEWEST} rows among {len(seen)}")
    _, url, answer = best
    bodies = list(_others(_furnished(answer.body, answer.charset)))
    read = _reader(answer.charset, bodies, url, portal, column)
    return _measured(f"{name}, {variant}", answer.charset, bodies, read, keys)


def _entries(page: ListPage) -> int:
    return sum("公开" in link.title for link in page.links)


def _others(body: bytes) -> Iterable[bytes]:
    """The page as other counties would have it: other titles, the same length."""
    for number in range(_PAGES):
        sign = chr(0x6C34 + number)
        for encoding in ("utf-8", "gb18030"):
            body = body.replace("柳溪县".encode(encoding), f"{sign}溪县".encode(encoding))
        yield body.replace(b"\\u67f3\\u6eaa\\u53bf", f"\\u{ord(sign):04x}\\u6eaa\\u53bf".encode())


def _furnished(body: bytes, charset: str | None) -> bytes:
    """A whole page with what real ones have around their rows; anything else as it is."""
    text = decode(body, charset)
    if "</head>" not in text or "</body>" not in text:
        return body
    encoding = "utf-8" if text.encode() == body else "gb18030"
    menu, foot = f'<ul class="nav">{_menu(40, "zwgk")}</ul>', f"{_friends()}{_SCRIPT}"
    missing = _REAL_SIZE - len(text.encode()) - len((menu + foot).encode())
    text = text.replace("</head>", f"{_style(missing)}</head>", 1).replace("<body>", f"<body>{menu}", 1)
    return text.replace("</body>", f"{foot}</body>", 1).encode(encoding, "xmlcharrefreplace")


def list_page(page: int) -> bytes:
    """A page of about 45 KB as content management systems write it: menus, scripts, links to friends, 100 rows."""
    rows = "".join(_row(page, row) for row in range(ROWS))
    content = f'<div class="list"><ul>\n{rows}</ul></div>\n<script>createPageHTML(3, 0, "index", "html");</script>'
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>政府信息公开年报_柳溪县人民政府</title>
<meta name="SiteName" content="柳溪县人民政府"><meta name="ColumnName" content="政府信息公开年报">
<link rel="stylesheet" href="/images/style.css"><script src="/js/jquery.min.js"></script>
{_style(6000)}</head><body>
<div class="header"><a href="/"><img src="/logo.png" alt="柳溪县人民政府"></a>
<div class="top"><a href="/wza/">无障碍浏览</a> | <a href="/en/">English</a> <span id="time"></span></div>
<form action="/search" method="get"><input name="q"><button type="submit">搜索</button></form>
<ul class="nav">{_menu(12, "nav")}</ul></div>
<div class="main"><div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a></div>
<div class="left"><h2>政府信息公开</h2><ul class="side">{_menu(30, "zwgk")}</ul></div>
<div class="right"><h3>政府信息公开年报</h3>{content}</div></div>
{_friends()}
<div class="footer"><p>主办：柳溪县人民政府办公室　网站标识码：3600000001</p>
{_SCRIPT}</div></body></html>""".encode()


_SCRIPT = """<script>$(function(){$(".nav li").hover(function(){$(this).addClass("on")},
function(){$(this).removeClass("on")});
$.ajax({url:"/tools/visits.jsp",data:{id:$("meta[name=SiteId]").attr("content")},success:function(d){
$("#visits").text(d)}});});
var _hmt=_hmt||[];(function(){var hm=document.createElement("script");hm.src="https://hm.example.com/hm.js?0a1b";
var s=document.getElementsByTagName("script")[0];s.parentNode.insertBefore(hm,s)})();</script>"""


def _style(size: int) -> str:
    """A style sheet of about so many bytes."""
    rules = (f".c{n}{{margin:{n}px auto;padding:0 {n}px;color:#33{n % 10}}}\n" for n in range(max(size // 50, 0)))
    return f"<style>{''.join(rules)}</style>"


def _friends() -> str:
    links = "".join(f'<option value="http://www.link{n}.gov.cn/">友情链接之{n}</option>' for n in range(40))
    return f'<div class="links"><select onchange="window.open(this.value)">{links}</select></div>'


def _row(page: int, row: int) -> str:
    title = f"柳溪县{_ORGANS[row % 8]}第{page * ROWS + row}分局{2014 + row % 10}年政府信息公开工作年度报告"
    link = f"./20240{1 + row % 3}/t202401{10 + row % 19}_{page}{row:03}.html"
    return (
        f'        <li class="clearfix"><i class="dot"></i><a href="{link}" target="_blank" title="{title}">'
        f'{title[:16]}…</a><span class="date">2024-01-{10 + row % 19}</span></li>\n'
    )


def _menu(count: int, folder: str) -> str:
    return "".join(
        f'<li class="nav-item"><a href="/{folder}/{number}/" target="_blank" title="栏目{number}">'
        f'<i class="ico ico-{number}"></i><span>政务栏目之{number}</span></a></li>\n'
        for number in range(count)
    )
