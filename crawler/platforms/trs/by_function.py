"""Pages that a function of the page opens: javascript:next(2), and the query lists of TRS's search (WAS).

<a href="javascript:next(2)">2</a> … function next(n){ location.href = "index_" + (n-1) + ".html" }
function next(n){ document.pageform.page.value = n; document.pageform.submit(); }
/was5/web/search?channelid=229105&page=1
"""

import re
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.address import bare, posting
from crawler.pages.fields import with_field
from crawler.pages.html import absolute, clean

_BUTTON = re.compile(r"\b([A-Za-z_$][\w$]{0,40})\(\s{0,5}[\"']?(\d{1,4})[\"']?\s{0,5}[,)]")
_LABEL = re.compile(
    r"\[?第?\s*\d{1,4}\s*页?\]?|下一?页|上一?页|首页|第一页|尾页|末页|最后一?页|[<>»«›‹]{1,2}|next|last", re.I
)
_WAS = re.compile(r"/was\d*/(?:web/)?(?:search|outline|list)", re.I)
_PAGE_FIELDS = ("page", "currentPage", "curPage", "pageNo", "pageIndex", "pagenum", "PageNo")
_BODY = 800  # characters of a function that are read
_MOST_BUTTONS = 500
_MOST_PAGES = 2000


class Buttons(NamedTuple):
    """The buttons of a pager: the function that they call, and the highest page that one of them opens."""

    function: str
    highest: int


def is_search(url: str) -> bool:
    """Whether an address is that of a list which TRS's search makes."""
    return _WAS.search(urlsplit(url).path) is not None


def pages_by_function(source: str, script: str, url: str, base: str, declared: int | None) -> list[str]:
    """Addresses of the pages from the second to the last; [] where they cannot be told.

    declared: how many pages the list says it has. Where it does not say, the highest page that a button opens is mostly
    the last; if not, that page has further buttons.
    """
    tree = LexborHTMLParser(source)
    buttons = _buttons(tree)
    if buttons is None:
        return [_of_search(url, number) for number in range(2, min(declared or 0, _MOST_PAGES) + 1) if is_search(url)]
    numbers = range(2, min(declared or buttons.highest, _MOST_PAGES) + 1)
    found = re.search(
        rf"(?:function\s+{re.escape(buttons.function)}\s*\(|(?<![\w$.]){re.escape(buttons.function)}\s*=\s*function\s*\()\s*([\w$]+)",
        script,
    )
    if found is not None:
        body = script[found.end() : found.end() + _BODY]
        made = [_made(body, found.group(1), number) for number in numbers]
        if targets := [target for name in made if (target := absolute(base, name)) is not None]:
            return targets
    if (form := _form(tree)) is not None and _is_pagers(form, None if found is None else script[found.end() :][:_BODY]):
        return [_sent(form, url, base, number) for number in numbers]
    if is_search(url):
        return [_of_search(url, number) for number in numbers]
    return []


def _of_search(url: str, number: int) -> str:
    return with_field(bare(url), "page", number)


def _buttons(tree: LexborHTMLParser) -> Buttons | None:
    highest: dict[str, int] = {}
    for node in tree.css("a[href^='javascript'], a[onclick], [onclick]")[:_MOST_BUTTONS]:
        label = clean(node.text(deep=True))
        if len(label) > 12 or not _LABEL.fullmatch(label):
            continue
        called = _BUTTON.search(f"{node.attributes.get('href') or ''} {node.attributes.get('onclick') or ''}")
        if called is not None:
            highest[called.group(1)] = max(highest.get(called.group(1), 0), int(called.group(2)))
    return max((Buttons(*item) for item in highest.items()), key=lambda one: one.highest, default=None)


def _made(body: str, parameter: str, number: int) -> str | None:
    """The address that a function makes of a page's number: "index_" + (n-1) + ".html", "?page=" + n."""
    name = re.escape(parameter)
    found = re.search(
        rf"[\"']([^\"'\n]{{1,300}}[_=/-])[\"']\s*\+\s*\(?\s*(?:parseInt\()?{name}\)?\s*(-\s*1)?\s*\)?"
        rf"(?:\s*\+\s*[\"']([^\"'\n]{{0,300}})[\"'])?",
        body,
    )
    if found is None:
        return None
    return f"{found.group(1)}{number - 1 if found.group(2) else number}{found.group(3) or ''}"


def _form(tree: LexborHTMLParser) -> tuple[LexborNode, str] | None:
    """A form that has a field for the page, and the name of that field."""
    for form in tree.css("form")[:20]:
        given = {node.attributes.get("name") or "" for node in form.css("input")[:50]}
        if field := next((name for name in _PAGE_FIELDS if name in given), None):
            return form, field
    return None


def _is_pagers(form: tuple[LexborNode, str], body: str | None) -> bool:
    """Whether a form is what the pager's function sends, and no search box or vote that has such a field too. body: of
    the function, None where it stands in a file of its own."""
    if body is not None:
        return re.search(r"\bsubmit\s{0,5}\(", body) is not None
    node, field = form
    filled = [one for one in node.css("input, select, textarea")[:50] if one.attributes.get("name") != field]
    return all((one.attributes.get("type") or "").lower() in ("hidden", "submit", "button") for one in filled)


def _sent(form: tuple[LexborNode, str], url: str, base: str, number: int) -> str:
    """The address of what a form asks for a page."""
    node, field = form
    fields = [
        (name, str(number) if name == field else one.attributes.get("value") or "")
        for one in node.css("input")[:50]
        if (name := one.attributes.get("name"))
        and (one.attributes.get("type") or "").lower() not in ("submit", "button")
    ]
    target = absolute(base, node.attributes.get("action")) or bare(url)
    if (node.attributes.get("method") or "").lower() == "post":
        return posting(target, fields)
    return f"{target.partition('?')[0]}?{urlencode(fields)}"
