"""What reading a page with 100 rows of a list costs beside parsing that page, for each platform.

Parsing is what a Scrapy spider does with a page (parsel's Selector, built by lxml), or json.loads where an endpoint
sends JSON; both begin with the bytes, as ours does. Each pass reads another page, so that nothing is known before.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import cycle
from typing import Any

from crawler.outcomes.verdict import Answer
from crawler.platforms import ListPage, load_platform
from crawler.portal import Column, Portal
from crawler.sandbox.portal_site import Answer as SiteAnswer
from crawler.sandbox.portal_site import Request
from crawler.sandbox.portals import site_class
from tests.bench.measure import Result, at_most, faster_than
from tests.crawler.platforms.whole_columns import asked, portal_of
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

ROWS = 100
_PAGES = 40  # different ones of each kind
_FEWEST = 15  # rows of a page that is measured; systems with a size of their own have no more
_MOST_ASKED = 20
_LIMIT = 2.0
_URL = "http://www.example.gov.cn/zwgk/xxgknb/"
_ORGANS = ("财政局", "水利局", "民政局", "教育局", "罗家乡人民政府", "司法局", "审计局", "统计局")
# Whose pages are measured.
_SHAPES = (
    ("jpage", "post"), ("jpaas", "column"), ("xxgk", "search"), ("trs", "plain"), ("trs", "fjdzapp"),
    ("gkmlpt", "tree"), ("ucap", "pager"), ("ucap", "json"), ("boda", "static"), ("longxun", "column"),
    ("json_list", "suzhou"), ("static_list", "links"),
)  # fmt: skip


def results() -> list[Result]:
    """A realistic page of 45 KB first; then the page of each platform as the pretend portals write it."""
    column = Column(url=_URL)
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": "static_list", "allowed_hosts": ["www.example.gov.cn"]}
    portal = Portal.model_validate({**said, "columns": [column]})
    bodies = [list_page(page) for page in range(_PAGES)]
    found = [_measured("static_list, a real page's size", "utf-8", bodies, _URL, portal, column)]
    found.append(_beside_a_spider(bodies, portal, column))
    for name, variant in _SHAPES:
        found.append(_measured_site(name, variant))
    return found


def _measured(what: str, charset: str | None, bodies: list[bytes], url: str, portal: Portal, column: Column) -> Result:
    from parsel import Selector

    read = _reader(charset, bodies, url, portal, column)
    rows = _entries(read())
    is_json = bodies[0].lstrip()[:1] in (b"{", b"[")
    given = cycle(bodies)

    def parse() -> object:
        return json.loads(next(given)) if is_json else Selector(text=next(given).decode("utf-8", "replace"))

    against = "json.loads of it" if is_json else "parsel.Selector of it"
    return at_most(f"{what}: {rows} rows, {len(bodies[0]) // 1000} KB", read, against, parse, _LIMIT, passes=61)


def _beside_a_spider(bodies: list[bytes], portal: Portal, column: Column) -> Result:
    """Ours against the loop over rows that every spider has."""
    from parsel import Selector

    given = cycle(bodies)

    def rows() -> object:
        tree = Selector(text=next(given).decode())
        return [
            (row.css("a::attr(href)").get(), row.css("a::attr(title)").get(), row.css("span::text").get())
            for row in tree.css("div.list li")
        ]

    read = _reader("utf-8", bodies, _URL, portal, column)
    return faster_than("static_list, the same", read, "parsel: link, title, date of each row", rows, 1, passes=31)


def _reader(
    charset: str | None, bodies: list[bytes], url: str, portal: Portal, column: Column
) -> Callable[[], ListPage]:
    read_list = load_platform(portal.platform).read_list
    given = cycle(bodies)
    return lambda: read_list(next(given), charset, url, portal, column)


def _measured_site(name: str, variant: str) -> Result:
    """The first page with the rows of a pretend portal that prints 100 on each."""
    known: Any = site_class(name)

    class Roomy(known):  # type: ignore[misc]
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
    return _measured(f"{name}, {variant}", answer.charset, list(_others(answer.body)), url, portal, column)


def _entries(page: ListPage) -> int:
    return sum("公开" in link.title for link in page.links)


def _others(body: bytes) -> Iterable[bytes]:
    """The page as other counties would have it: other titles, the same length."""
    for number in range(_PAGES):
        sign = chr(0x6C34 + number)
        for encoding in ("utf-8", "gb18030"):
            body = body.replace("柳溪县".encode(encoding), f"{sign}溪县".encode(encoding))
        yield body.replace(b"\\u67f3\\u6eaa\\u53bf", f"\\u{ord(sign):04x}\\u6eaa\\u53bf".encode())


def list_page(page: int) -> bytes:
    """A page of about 45 KB as content management systems write it: menus, scripts, links to friends, 100 rows."""
    rows = "".join(_row(page, row) for row in range(ROWS))
    content = f'<div class="list"><ul>\n{rows}</ul></div>\n<script>createPageHTML(3, 0, "index", "html");</script>'
    style = "".join(f".c{n}{{margin:{n}px auto;padding:0 {n}px;color:#33{n % 10}}}\n" for n in range(120))
    friends = "".join(f'<option value="http://www.link{n}.gov.cn/">友情链接之{n}</option>' for n in range(40))
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>政府信息公开年报_柳溪县人民政府</title>
<meta name="SiteName" content="柳溪县人民政府"><meta name="ColumnName" content="政府信息公开年报">
<link rel="stylesheet" href="/images/style.css"><script src="/js/jquery.min.js"></script>
<style>{style}</style></head><body>
<div class="header"><a href="/"><img src="/logo.png" alt="柳溪县人民政府"></a>
<div class="top"><a href="/wza/">无障碍浏览</a> | <a href="/en/">English</a> <span id="time"></span></div>
<form action="/search" method="get"><input name="q"><button type="submit">搜索</button></form>
<ul class="nav">{_menu(12, "nav")}</ul></div>
<div class="main"><div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a></div>
<div class="left"><h2>政府信息公开</h2><ul class="side">{_menu(30, "zwgk")}</ul></div>
<div class="right"><h3>政府信息公开年报</h3>{content}</div></div>
<div class="links"><select onchange="window.open(this.value)">{friends}</select></div>
<div class="footer"><p>主办：柳溪县人民政府办公室　网站标识码：3600000001</p>
<script>$(function(){{$(".nav li").hover(function(){{$(this).addClass("on")}},
function(){{$(this).removeClass("on")}})}});</script></div></body></html>""".encode()


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
