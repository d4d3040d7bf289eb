"""Walking pretend portals by hand, as a browser would: with a few lines for each, and none of the readers."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from crawler.sandbox.portal_site import Answer, PortalSite, Request
from crawler.sandbox.portals.boda import BodaSite
from crawler.sandbox.portals.json_list import JsonListSite
from crawler.sandbox.portals.longxun import LongxunSite
from crawler.sandbox.portals.static_list import StaticListSite
from crawler.sandbox.portals.trs import TrsSite
from tests.crawler.sandbox.some_publications import NOW, PLACE, PORTAL_NAME, publications

HOST = "127.0.0.1:8123"
ORIGIN = f"http://{HOST}"
BEFORE = datetime(2020, 6, 1, tzinfo=UTC)
SITES: tuple[type[PortalSite], ...] = (TrsSite, BodaSite, LongxunSite, JsonListSite, StaticListSite)
ALL = [(site, variant) for site in SITES for variant in site.variants]
Rows = list[tuple[str, str]]  # (absolute address, title), in the order of the list


def made(kind: type[PortalSite], variant: str, count: int = 40) -> PortalSite:
    return kind("liuxi", PORTAL_NAME, PLACE, publications(count), variant=variant)


class Browser:
    """Asks a site, and remembers where it is."""

    def __init__(self, site: PortalSite, now: datetime = NOW) -> None:
        self.site, self.now, self.url = site, now, ORIGIN + "/"

    def ask(self, link: str, form: dict[str, str] | None = None) -> Answer | None:
        url = urljoin(self.url, link)
        parts = urlsplit(url)
        assert parts.netloc == HOST
        request = Request(
            "GET" if form is None else "POST",
            unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            form or {},
            b"",
            {"host": HOST, "referer": self.url},
        )
        return self.site.answer(request, self.now)

    def open(self, link: str) -> str:
        """Go to a page."""
        answer = self.ask(link)
        assert answer is not None and answer.status == 200, link
        self.url = urljoin(self.url, link)
        return shown_text(answer)

    def data(self, link: str, form: dict[str, str] | None = None) -> Any:
        answer = self.ask(link, form)
        assert answer is not None and answer.status == 200
        assert "json" in answer.content_type
        return json.loads(answer.body)


def shown_text(answer: Answer) -> str:
    """A page as a browser decodes it: by the header, else by its own label, gb2312 being read as GB18030."""
    label = re.search(rb"charset=\"?([\w-]+)", answer.content_type.encode() + b" " + answer.body[:400])
    assert label is not None
    name = label[1].decode()
    return answer.body.decode("gb18030" if name in ("gb2312", "gbk") else "utf-8-sig")


def anchors(page: str, base: str) -> Rows:
    """The links of the list itself: the page without comments, menu, position and pager."""
    page = re.sub(r"<!--.*?-->|<div class=\"(?:position|left|footer|page|pages)\".*?</div>", "", page, flags=re.S)
    found = re.findall(r"<a\b([^<>]*)>(.*?)</a>", page, re.S)
    rows = []
    for attributes, text in found:
        link = re.search(r'href="([^"]*)"', attributes)
        title = re.search(r'title="([^"]*)"', attributes)
        if link and not link[1].startswith("javascript"):
            rows.append((urljoin(base, unescape(link[1])), unescape(title[1] if title else text)))
    return rows


def listed(page: str, base: str) -> Rows:
    """The entries among the links: what is no page of a list."""
    return [row for row in anchors(page, base) if re.search(r"年|指南", row[1]) and row[1] != "政府信息公开年报"]


# How each platform's list is walked.


def numbered(browser: Browser, pages: int, name: Callable[[int], str]) -> Rows:
    """Pages by their number, the first being 1, which is open."""
    start, rows = browser.url, []
    for number in range(1, pages + 1):
        url = start if number == 1 else urljoin(start, name(number))
        rows += listed(browser.open(url), url)
    return rows


def walk_trs(browser: Browser) -> Rows:
    variant, column = browser.site.variant, browser.site.column_paths[0]
    page = browser.open(column)
    if variant == "fjdzapp":
        total = int(found(r"recordCount: '(\d+)'", page))
        asked = "channelid=229105&classsql=chnlid=1207&sortfield=-docorderpri,-docreltime&prepage=15"
        rows: Rows = []
        for number in range(1, -(-total // 15) + 1):
            data = browser.data(f"/fjdzapp/search?{asked}&page={number}")
            rows += [(row["docpuburl"], row["doctitle"]) for row in data["data"]]
        assert len(rows) == total
        return rows
    if variant == "was":
        pages = int(found(r"/共(\d+)页", page))
        assert not re.search(r'href="[^"]*page=', page)
        return numbered(browser, pages, lambda n: f"{column}&page={n}")
    if variant == "beijing":
        rows = listed(page, browser.url)
        assert f"createPageHTML({len(rows)}, 3, 0," in page
        return rows
    if variant == "wuhan":
        pages = int(found(r"createPageHTML\((\d+)", page))
        rows = []
        for number in range(pages):
            page = browser.open(f"index_{number}.html" if number else column)
            written = re.findall(r'var url="(.*?)"; var title="(.*?)";', page)
            rows += [(urljoin(browser.url, url), title) for url, title in written]
        return rows
    pattern, step = {
        "plain": (r'createPageHTML\((\d+), 0, "index", "html"\)', -1),
        "createpage": (r'createPage\((\d+),0,"index","html"\)', -1),
        "variables": (r"var countPage = (\d+)", -1),
        "hunan": (r"createPageHTML\('paging',(\d+),1,'index','html',40\)", 0),
        "shanghai": (r"pagination\(\{totalPage:(\d+)\}\)", 0),
    }[variant]
    return numbered(browser, int(found(pattern, page)), lambda n: f"index_{n + step}.html")


def walk_boda(browser: Browser) -> Rows:
    rows: Rows = []
    page = browser.open(browser.site.column_paths[0])
    while True:
        rows += listed(page, browser.url)
        following = re.search(r'<a href="([^"]*)">下页</a>', page)
        if following is None:
            return rows
        page = browser.open(unescape(following[1]))


def walk_longxun(browser: Browser) -> Rows:
    page = browser.open(browser.site.column_paths[0])
    if browser.site.variant == "content":
        rows: Rows = []
        while True:
            rows += listed(page, browser.url)
            following = re.search(r'<a href="([^"]*)">下一页</a>', page)
            if following is None:
                return rows
            page = browser.open(following[1])
    form = dict(re.findall(r'(\w+): "?([^",{}]*)"?[,}]', found(r"data: (\{.*?\})", page) if "data:" in page else ""))
    if not form:
        given = browser.site.portal_file(ORIGIN)["options"]
        form = {"labelName": "publicInfoList", "pageSize": "15", "result": "暂无相关信息"} | given
    rows = []
    for number in count(1):
        answer = browser.ask("/site/label/8888", form | {"pageIndex": str(number)})
        assert answer is not None
        fragment = answer.body.decode()
        if fragment == "暂无相关信息":
            return rows
        rows += listed(fragment, browser.url)
        assert f"currentPage: {number}, pageCount: 3, linkCount: 40" in fragment
    raise AssertionError


def walk_json(browser: Browser) -> Rows:
    """By the options that a portal file needs, as far as a few lines can read them."""
    options = browser.site.portal_file(ORIGIN)["options"]
    browser.open(browser.site.column_paths[0])
    rows: Rows = []
    for page in count(options.get("first", 1)):

        def filled(text: str, page: int = page) -> str:
            return text.replace("{page}", str(page)).replace("{size}", str(options["size"]))

        form = {name: filled(value) for name, value in options["fields"].items()} if "fields" in options else None
        data = browser.data(filled(options["endpoint"]), form)
        entries = inside(data, options["rows"])
        rows += [(urljoin(browser.url, row[options["url"]]), row[options["title"]]) for row in entries]
        assert inside(data, options["total"]) == 40
        assert all(re.match(r"20\d\d[-.]\d\d[-.]\d\d", row[options["date"]]) for row in entries)
        if not entries:
            return rows
    raise AssertionError


def inside(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = data[name]
        data = json.loads(data) if isinstance(data, str) else data
    return data


def by_links(browser: Browser, page: str) -> Rows:
    """One list after its links 下一页."""
    rows: Rows = []
    while True:
        rows += listed(page, browser.url)
        following = re.search(r'<a href="([^"]*)">(?:下一页|▶)</a>', page)
        if following is None:
            return rows
        page = browser.open(unescape(following[1]))


def walk_static(browser: Browser) -> Rows:
    variant, column = browser.site.variant, browser.site.column_paths[0]
    page = browser.open(column)
    if variant == "script":
        return numbered(browser, int(found(r"createPageHTML\((\d+)", page)), lambda n: f"index_{n - 1}.html")
    if variant == "years":
        root, rows = browser.url, []
        for link in re.findall(r'<li><a href="([^"]*)">\d{4}年</a>', page):
            browser.url = root
            rows += by_links(browser, browser.open(link))
        return rows
    if variant == "redirect":
        page = browser.open(found(r"location\.replace\('(.*?)'\)", page))
        first = browser.url
        rows = by_links(browser, page)
        for link in re.findall(r'<a href="(\.\./\d{4}nb/)">', page):
            browser.url = first
            rows += by_links(browser, browser.open(link))
        return [row for row in rows if not re.fullmatch(r"\d{4}年", row[1])]
    if variant == "matrix":
        rows = anchors(page, browser.url)
        return [row for row in rows if re.search(r"查看|年|指南", row[1]) and row[1] != "政府信息公开年报"]
    if variant == "frame":
        page = browser.open(found(r'<iframe[^<>]*src="(.*?)"', page))
    if variant == "selectors":
        rows = []
        while True:
            entries = re.findall(r'<p class="t">(.*?)</p>.*?<a class="go" href="(.*?)"', page)
            rows += [(urljoin(browser.url, link), title) for title, link in entries]
            following = re.search(r'<span class="nx"><a href="(.*?)">', page)
            if following is None:
                return rows
            page = browser.open(following[1])
    return by_links(browser, page)


WALKS: dict[type[PortalSite], Callable[[Browser], Rows]] = {
    TrsSite: walk_trs,
    BodaSite: walk_boda,
    LongxunSite: walk_longxun,
    JsonListSite: walk_json,
    StaticListSite: walk_static,
}


def found(pattern: str, page: str) -> str:
    match = re.search(pattern, page, re.S)
    assert match is not None, pattern
    return match[1]


def entries_of(kind: type[PortalSite], site: PortalSite, now: datetime = NOW) -> Iterator[tuple[str, str]]:
    """(path with query, title) of the entries of a site."""
    for url, title in WALKS[kind](Browser(site, now)):
        assert url.startswith(ORIGIN)
        yield url.removeprefix(ORIGIN), title


def is_copy(path: str) -> bool:
    """Whether an entry is a second one for the same article: the telephone's page, the other tree."""
    return "_wap." in path or "1055" in path
