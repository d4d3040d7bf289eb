"""Guangdong's 政府信息公开目录平台 (gkmlpt): a page of script, whose lists come from an API as JSON.

    /gkmlpt/index#2712                          the column; what stands behind # never reaches the server
    /gkmlpt/api/all/2712?page=1&sid=700041      its entries, 100 on a page; page 0 is page 1 again
    /gkmlpt/content/0/963/post_963149.html      an article; mpost_ and ?jump=true are further names of one

Departments have the same below a folder of their own (/czj/gkmlpt/…). The page tells the number of the site (SID) and
the tree of columns in `window._CONFIG`. A column that lives elsewhere (`jump_url`) is read there as a static list.
Source: public crawlers of portals of Guangdong.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urldefrag, urlsplit

from crawler.address import bare, by_script
from crawler.pages.article import BODIES
from crawler.pages.fields import fields_of, number_of, with_field
from crawler.pages.html import absolute, clean, file_name_of, printed_date
from crawler.pages.javascript import object_after
from crawler.pages.json_answer import beijing_day, failure_in, json_of
from crawler.pages.rows import Resolve, folded, resolver
from crawler.platforms import DetailPage, Link, ListPage, Recognition, SubList, static_list
from crawler.portal import Column, Portal
from parsers.encoding import decode

_CONFIG = re.compile(r"window\s*\.\s*_CONFIG(?![\w$])")
_PATH = re.compile(r"^(?P<root>.*/gkmlpt)(?:/|$)")
_LINKED = re.compile(
    r"<a\b[^<>]{0,300}?\bhref\s*=\s*[\"']?([^\"'\s<>]{0,300}/gkmlpt(?:/[^\"'\s<>]{0,200})?)[\"']?[^<>]*>([^<]{0,60})",
    re.I,
)
_ANNUAL = re.compile(r"(?:政府|政务)?信息公开(?:工作)?(?:年度工作报告|年度报告|工作报告|年报)|年度报告|年报")
_OTHER_ANNUAL = re.compile(r"法治|网站|统计|执法|预算|决算|财政|环境|质量|企业|学校|审计")
_MAPPED = re.compile(r"/mpost_(\d+)\.html")
_BODIES = f"{BODIES}, #content, .content"
_PAGE_SIZE = 100
_MOST_PAGES = 500
_MOST_NODES = 20_000
_TIMES = ("display_publish_time", "first_publish_time", "date")


class Node(NamedTuple):
    """One column of the tree. jump_url: where its entries live if not here, as written."""

    id: int
    name: str
    jump_url: str


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read the page of a column, one page of the API, or the static list that a column was moved to."""
    source = decode(body, charset)
    if "/gkmlpt/api/" in urlsplit(url).path:
        data = json_of(source)
        return _answer(data, url, portal) if isinstance(data, dict) else ListPage()
    config = object_after(source, _CONFIG)
    if not isinstance(config, dict):
        return static_list.read_list(body, charset, url, portal, column)
    return _shell(config, url, portal, column)


def read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """Read an article, of this platform or of the pages beside it."""
    return static_list.read_article(body, charset, url, portal, _BODIES)


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """The platform's own page, or a home page that links one; of the first, its columns of annual reports."""
    if b"gkmlpt" not in body and b"_CONFIG" not in body:
        return None
    source = decode(body, charset)
    if _CONFIG.search(source) is not None:
        config = object_after(source, _CONFIG)
        root = _root_of(url)
        if isinstance(config, dict) and root is not None and ("SID" in config or "TREE" in config):
            columns = [absolute(url, node.jump_url) or f"{root}/index#{node.id}" for node in _annual(config)]
            return Recognition("gkmlpt", "certain", "window._CONFIG with SID and TREE", columns=tuple(columns))
        return None
    links = [(absolute(url, link.partition("#")[0]), link, clean(text)) for link, text in _LINKED.findall(source)]
    known = [(target, link, text) for target, link, text in links if target is not None and _root_of(target)]
    if not known:
        return None
    columns = [
        target + ("#" + fragment if (fragment := urldefrag(link).fragment) else "")
        for target, link, text in known
        if _is_annual(text)
    ]
    return Recognition("gkmlpt", "likely", f"a link to {known[0][0]}"[:120], columns=tuple(dict.fromkeys(columns)))


def _shell(config: dict[str, Any], url: str, portal: Portal, column: Column | None) -> ListPage:
    """What the page of a column leads to. Its own number comes from the portal's file, else from the tree."""
    root = _root_of(url) or f"{'//'.join(urlsplit(url)[:2])}/gkmlpt"
    wanted = urldefrag(column.url).fragment if column is not None else ""
    sid = str(config.get("SID") or "").strip()
    if wanted.isdecimal():
        nodes = [node for node in _nodes(config) if node.id == int(wanted)] or [Node(int(wanted), "", "")]
    else:
        nodes = _annual(config)
    if not nodes:
        return ListPage(made_elsewhere="the tree names no column of annual reports; write its number behind the #")
    if not sid:
        return ListPage(made_elsewhere="the page does not say the number of its site (SID)")
    page = ListPage(has_structure=True)
    here = [f"{root}/api/all/{node.id}?page=1&sid={quote(sid)}" for node in nodes if not node.jump_url]
    if len(nodes) == 1:
        page.further = [by_script(address) for address in here]
    else:
        page.lists = [SubList(by_script(address)) for address in here]
    for node in nodes:
        if not node.jump_url:
            continue
        target = absolute(url, node.jump_url)
        if target is not None and portal.allows(target):
            page.lists.append(SubList(target))
        else:
            where = target or node.jump_url
            page.made_elsewhere = f"the column lives at {where[:120]}; add its host to allowed_hosts"
    page.is_shell = bool(page.further or page.lists)
    page.has_structure = page.is_shell
    return page


def _answer(data: dict[str, Any], url: str, portal: Portal) -> ListPage:
    """One page of the API."""
    articles = data.get("articles")
    total = _number(data.get("total"))
    if not isinstance(articles, list) or total is None:
        return ListPage()
    if not articles:
        # An API that fails, or that does not know who asks, has no entries to give either.
        is_empty = total == 0 and failure_in(data) is None and not data.get("error")
        return ListPage(declared_entries=total, says_empty='"total":0' if is_empty else None, has_structure=is_empty)
    page = ListPage(rows=len(articles), declared_entries=total, has_structure=True)
    links: dict[str, Link] = {}
    publishers: dict[str, str] = {}
    resolve = resolver(bare(url))
    own = bare(url)
    for place, article in enumerate(articles, start=1):
        read = _entry(article, url, portal, resolve)
        if read is None:
            page.made_elsewhere = "a row of the answer has no title"
        elif read.url == own:
            page.unfollowed.append(read._replace(url=f"{own}#row-{place}"))
        else:
            links.setdefault(read.url, read)
            publishers.setdefault(read.url, folded(_str(article.get("publisher")) or ""))
    page.links = _without_copies(list(links.values()), publishers)
    number = number_of(url, "page") or 1  # 0 is 1 under another name
    # The API keeps to 100 rows; where it gives fewer, the first page shows how many.
    size = len(articles) if number == 1 and len(articles) < total else _PAGE_SIZE
    last = min(-(-total // size), _MOST_PAGES)
    if "page" in fields_of(url):
        page.further = [with_field(url, "page", other) for other in range(1, last + 1) if other != number]
    page.declared_pages = -(-total // size)
    return page


def _entry(article: Any, url: str, portal: Portal, resolve: Resolve) -> Link | None:
    """One row as a link; with the answer's own address where no other is known. None without a title."""
    title = folded(str(article.get("title") or "")) if isinstance(article, dict) else ""
    if not title:
        return None
    target = resolve(_str(article.get("url"))) or resolve(_str(article.get("post_url")))
    if target is None and (number := _number(article.get("id"))) is not None and (root := _root_of(url)) is not None:
        target = f"{root}/content/{number // 1_000_000}/{number // 1000}/post_{number}.html"
    if target is not None:
        target = _without_jump(target)
        if (
            article.get("attachment")
            and not portal.allows(target)
            and (file := _file_here(article, url, portal)) is not None
        ):
            target = file  # a letter of WeChat that introduces a file which lies here
    return Link(target or bare(url), title, _day(article))


def _file_here(article: dict[str, Any], url: str, portal: Portal) -> str | None:
    """The only file that comes with a row, if this portal has it."""
    attached = article.get("attachment")
    items = [item for item in attached if isinstance(item, dict)] if isinstance(attached, list) else []
    targets = [target for item in items if (target := absolute(url, _str(item.get("url")))) is not None]
    files = [target for target in targets if file_name_of(target)[0] is not None and portal.allows(target)]
    return files[0] if len(files) == 1 else None


def _without_jump(url: str) -> str:
    """The address without ?jump=true, which only sends on to it."""
    if "jump=true" not in url:
        return url
    return re.sub(r"\?jump=true$|(?<=[?&])jump=true&", "", url).removesuffix("&jump=true")


def _without_copies(links: list[Link], publishers: dict[str, str]) -> list[Link]:
    """Without the mapped posts (mpost_) of articles that are listed themselves. publishers: by address; many reports
    of one day are called 2023年政府信息公开工作年度报告, each by another agency."""
    if not any("/mpost_" in link.url for link in links):
        return links

    def told(link: Link) -> tuple[str, str | None, str]:
        return link.title, link.listed_on, publishers.get(link.url, "")

    own = {told(link) for link in links if _MAPPED.search(link.url) is None}
    return [link for link in links if _MAPPED.search(link.url) is None or told(link) not in own]


def _day(article: dict[str, Any]) -> str | None:
    """The day of publication in Beijing."""
    for key in _TIMES:
        seconds = _number(article.get(key))
        if seconds is not None and 0 < seconds < 1 << 33:
            return beijing_day(seconds)
        if (day := printed_date(_str(article.get(key)) or "")) is not None:
            return day
    return printed_date(_str(article.get("created_at")) or "")


def _annual(config: dict[str, Any]) -> list[Node]:
    """The columns of annual reports; those named 信息公开年报 and the like alone, where there are any."""
    named = [node for node in _nodes(config) if _is_annual(node.name)]
    exact = [node for node in named if "公开" in node.name]
    return exact or named


def _nodes(config: dict[str, Any]) -> Iterator[Node]:
    """All columns of the tree, outer ones first."""
    waiting: list[Any] = [config.get("TREE")]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.append(item.get("children"))
            number = _number(item.get("id"))
            if number is not None:
                yield Node(number, clean(_str(item.get("name")) or ""), _jump(item))


def _jump(item: dict[str, Any]) -> str:
    text = (_str(item.get("jump_url")) or "").strip()
    return "" if text in ("null", "#") or text.startswith("javascript:") else text


def _is_annual(name: str) -> bool:
    return len(name) <= 30 and _ANNUAL.search(name) is not None and _OTHER_ANNUAL.search(name) is None


def _root_of(url: str) -> str | None:
    """http://host[/department]/gkmlpt, None where the address is none of the platform."""
    parts = urlsplit(url)
    found = _PATH.match(parts.path)
    return f"{parts.scheme}://{parts.netloc}{found['root']}" if found else None


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) else None
