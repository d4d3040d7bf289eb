"""Further pages of a list: page links, and the page counters that scripts turn into page links."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.platforms.html import absolute, clean

_MOST_PAGES = 2000
# createPageHTML(3, 0, "index", "html"): pages, current from 0; page n (from 1, n > 1) is index_<n-1>.html.
_COUNTED_FROM_0 = re.compile(
    r"\bcreatePage(?:HTML)?\(\s*(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*[\"']([\w./-]+)[\"']\s*,\s*[\"'](\w+)[\"']\s*\)"
)
# createPageHTML('page_div', 3, 1, 'list', 'shtml', 41): pages, current from 1; page n is list_<n>.shtml.
_COUNTED_FROM_1 = re.compile(
    r"\bcreatePageHTML\(\s*[\"'][\w-]+[\"']\s*,\s*(\d{1,4})\s*,\s*(\d{1,4})\s*,"
    r"\s*[\"']([\w./-]+)[\"']\s*,\s*[\"'](\w+)[\"']\s*(?:,\s*\d+\s*)?\)"
)
_ANY_CALL = re.compile(r"(?<!function )\bcreatePage(?:HTML)?\(")
_DEFINITION = re.compile(r"function\s+createPage(?:HTML)?\s*\(")
_COUNT_VARIABLE = re.compile(r"\b(?:countPage|totalPages?|pageCount|_nPageCount)\s*[:=]\s*[\"']?(\d{1,4})\b")
_LINE_COMMENT = re.compile(r"^\s*//.*$", re.M)
_PRINTED_COUNT = re.compile(
    r"共\s*(\d{1,4})\s*页|第\s*\d{1,4}\s*页\s*/\s*共?\s*(\d{1,4})\s*页|页次[:：]?\s*\d+\s*/\s*(\d{1,4})"
)
_NEXT = re.compile(r"^(?:下一?[页頁]|后一?页|next|Next|>|»|›|>>|＞)$")
_MORE = re.compile(r"^(?:点击|上拉|下拉)?加载更多[.…]*$")
_SCRIPT_CALL = re.compile(r"(?!void\b|alert\b)\b[A-Za-z_$][\w$.]*\(\s*[^()\s]")
_AT_END = re.compile(r"disable|no-?more|\bend\b|\bunable")
_NUMBER = re.compile(r"^[\[(（]?\s*第?\s*(\d{1,4})\s*页?\s*[\])）]?$")


@dataclass(slots=True)
class Pager:
    """What a page says of the other pages of its list; see ListPage."""

    further: list[str] = field(default_factory=list)
    declared: int | None = None
    unread: bool = False


def read_pager(tree: LexborHTMLParser, base: str, url: str, next_selector: str | None) -> Pager:
    """The other pages that a page names, in order, without itself.

    base: what links resolve against. url: the page's own address. next_selector: links to further pages, if configured.
    """
    pager = Pager()
    pages: list[str | None] = []
    script = "\n".join(_LINE_COMMENT.sub("", node.text(deep=True)) for node in tree.css("script:not([src])"))
    if counted := _COUNTED_FROM_0.search(script):
        count, stem, ending = int(counted.group(1)), counted.group(3), counted.group(4)
        pages += [absolute(base, f"{stem}_{number}.{ending}") for number in range(1, min(count, _MOST_PAGES))]
        pager.declared = count
    elif counted := _COUNTED_FROM_1.search(script):
        count, stem, ending = int(counted.group(1)), counted.group(3), counted.group(4)
        pages += [absolute(base, f"{stem}_{number}.{ending}") for number in range(2, min(count, _MOST_PAGES) + 1)]
        pager.declared = count
    else:
        pager.unread = bool(_ANY_CALL.search(_DEFINITION.sub("", script)))
        if variable := _COUNT_VARIABLE.search(script):
            pager.declared = int(variable.group(1))
        pages += [absolute(base, node.attributes.get("href")) for node in _page_links(tree, base, url, next_selector)]
    text = tree.body.text(deep=True) if tree.body is not None else ""
    if pager.declared is None and (printed := _PRINTED_COUNT.search(text)):
        pager.declared = next(int(group) for group in printed.groups() if group)
    own = {same_page(url), same_page(base)}
    pager.further = [page for page in dict.fromkeys(pages) if page is not None and same_page(page) not in own]
    if not pager.further and not next_selector:
        pager.unread |= _goes_on_by_script(tree, text)
    if pager.declared == 1:
        pager.unread = False
    return pager


def _goes_on_by_script(tree: LexborHTMLParser, text: str) -> bool:
    """Whether there is a button for more that only a script can follow: 加载更多, or 下一页 as javascript:next(2)."""
    if "加载更多" in text:
        more = (clean(node.text(deep=False)) for node in tree.css("a, button, span, div, p, li"))
        if any(_MORE.match(words) for words in more):
            return True
    return any(
        _NEXT.match(clean(node.text(deep=True)))
        and _SCRIPT_CALL.search(f"{node.attributes.get('href') or ''} {node.attributes.get('onclick') or ''}")
        and not _AT_END.search(
            f"{node.attributes.get('class') or ''} {node.attributes.get('disabled', 'no') or 'disabled'}"
        )
        for node in tree.css("a, button")
    )


def same_page(url: str) -> str:
    """The address under which two names of one list page meet: /a/, /a/index.html and /a/index.htm are one page."""
    return re.sub(r"/(?:index|list)\.s?html?$", "/", url)


def _page_links(tree: LexborHTMLParser, base: str, url: str, selector: str | None) -> list[LexborNode]:
    if selector:
        return [node for match in tree.css(selector) for node in match.css("a[href]")]
    return [node for node in tree.css("a[href]") if _leads_on(node, base, url)]


def _leads_on(node: LexborNode, base: str, url: str) -> bool:
    text = clean(node.text(deep=True))
    target = absolute(base, node.attributes.get("href"))
    if target is None:
        return False
    if node.attributes.get("rel") == "next" or _NEXT.match(text):
        return True
    # A number is a page only beside or below the list itself; elsewhere it may be a year or a day.
    return bool(_NUMBER.match(text)) and _is_sibling(target, url)


def _is_sibling(target: str, url: str) -> bool:
    there, here = urlsplit(target), urlsplit(url)
    if there.netloc != here.netloc:
        return False
    folder = here.path.rsplit("/", 1)[0] + "/"
    if there.path == here.path:
        return there.query != here.query and bool(there.query)
    inner = there.path.removeprefix(folder)
    # index_2.html, 2.html, page_2.html, and VSB's nb/2.htm under nb.htm
    return there.path.startswith(folder) and inner.count("/") <= 1 and bool(re.search(r"\d", inner.rsplit("/", 1)[-1]))
