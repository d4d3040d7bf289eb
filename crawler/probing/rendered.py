"""What a portal file is to say of a page that only a browser shows: what to wait for, and which button loads more.

Read out of the page as it was rendered, frames in their places, beside the page as it came. Pure.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.html import clean
from parsers.encoding import decode
from parsers.titles import read_title

_MOST_NODES = 2000
_MOST_TRIED = 20
_DEEPEST = 10  # elements around a link
# A name that a person gave, and no number of this page alone.
_NAME = re.compile(r"[A-Za-z](?![\w-]*\d{4})[\w-]{1,40}")
_MORE = re.compile(
    r"(?:点击|点此)?(?:加载|查看|显示|获取|浏览|展开)(?:更多|全部)(?:内容|信息|数据|文章|列表|年报)?|load ?more", re.I
)
_BARE_MORE = "更多"  # says enough on a button; a link of this name leads to another page
_AROUND_WORDS = re.compile(r"[\s>»›…︾∨▼↓+＋]+")
_CLICKED = "button, input, a, span, div, p, li"
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)


def wishes(rendered: bytes, came: bytes, charset: str | None) -> dict[str, str]:
    """What [browser] of the file is to say: wait_for, more; each only where the page shows it.

    rendered: the page as the browser wrote it (UTF-8). came, charset: the page as the server gave it.
    """
    shown = LexborHTMLParser(rendered.decode("utf-8", "replace"))
    said: dict[str, str] = {}
    if wait_for := _wait_for(shown, LexborHTMLParser(decode(came, charset))):
        said["wait_for"] = wait_for
    if more := _more(shown):
        said["more"] = more
    return said


def _wait_for(shown: LexborHTMLParser, came: LexborHTMLParser) -> str | None:
    """The links of the list: there once scripts have made it, and not before."""
    links = [link for link in shown.css("a[href]")[:_MOST_NODES] if _is_report(link)]
    if not links:
        return None
    selectors = [f"{name} a" for node in _around(links[0]) for name in _names_of(node)]
    for selector in sorted(selectors, key=lambda selector: not selector.startswith("#"))[:_MOST_TRIED]:
        found = sum(map(_is_report, shown.css(selector)[:_MOST_NODES]))
        if 2 * found >= len(links) and came.css_first(selector) is None:
            return selector
    return None


def _more(shown: LexborHTMLParser) -> str | None:
    """The one button that loads more, by its id or class, or by those of the element around it."""
    for node in shown.css(_CLICKED)[:_MOST_NODES]:
        if not _loads_more(node):
            continue
        around = _names_of(node.parent) if node.parent is not None else []
        for selector in [*_names_of(node), *(f"{name} > {node.tag}" for name in around)]:
            if len(shown.css(selector)) == 1:
                return selector
    return None


def _names_of(node: LexborNode) -> list[str]:
    """Selectors of an element, the most certain first."""
    name = _id_of(node)
    return [f"#{name}"] * bool(name) + [f"{node.tag}.{word}" for word in _classes_of(node)]


def _loads_more(node: LexborNode) -> bool:
    given = node.attributes
    # Only the words that it holds itself: a click on what is inside reaches what is around it, and not the reverse.
    words = given.get("value") if node.tag == "input" else node.text(deep=False)
    said = _AROUND_WORDS.sub(" ", (words or "").strip()[:60]).strip()
    if not (_MORE.fullmatch(said) or (said == _BARE_MORE and node.tag in ("button", "input"))):
        return False
    href = (given.get("href") or "").strip().lower()
    leads = node.tag == "a" and href not in ("", "#") and not href.startswith("javascript:")
    return not leads and _HIDDEN.search(given.get("style") or "") is None


def _is_report(link: LexborNode) -> bool:
    title = clean(link.attributes.get("title") or link.text(deep=True))
    return read_title(title[:200]).is_report


def _around(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around a link, the nearest first, inside the document or the frame in which it stands."""
    parent = node.parent
    for _ in range(_DEEPEST):
        if parent is None or parent.tag in ("body", "html") or "data-frame" in parent.attributes:
            return
        yield parent
        parent = parent.parent


def _id_of(node: LexborNode) -> str | None:
    name = node.attributes.get("id") or ""
    return name if _NAME.fullmatch(name) else None


def _classes_of(node: LexborNode) -> list[str]:
    return [word for word in (node.attributes.get("class") or "").split() if _NAME.fullmatch(word)]
