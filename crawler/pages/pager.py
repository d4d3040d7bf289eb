"""Further pages of a list: page links, page counters that scripts turn into page links, and pagers that only a script
can follow. What cannot be followed is said, so that no list counts as read to its end by mistake."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.html import absolute, clean
from crawler.pages.scripts import without_line_comments

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
# Pagers of libraries: what a call is given says how many entries or pages there are.
_LIBRARY_CALL = re.compile(
    r"\blaypage(?:\.render)?\s*\(|\.(?:pagination|jqPaginator|bootstrapPaginator|twbsPagination|paging|pager|createPage"
    r"|myPagination|zPager|Paging|Page)\s*\(\s*[\d{]"
)
_CALL_LENGTH = 600
_CALL_PAGES = re.compile(r"\b(?:totalPages?|pageCount|pages|totalPage)[\"']?\s*:\s*[\"']?(\d{1,6})\b", re.I)
_CALL_ENTRIES = re.compile(
    r"\b(?:count|total|totalCount|totalCounts|totalRecords?|recordCount|totalNum|totalNumber|totalData)[\"']?\s*:"
    r"\s*[\"']?(\d{1,6})\b|\.pagination\s*\(\s*(\d{1,6})\b",
    re.I,
)
_PRINTED_COUNT = re.compile(
    r"共\s*(\d{1,4})\s*页|第\s*\d{1,4}\s*页\s*/\s*+共?\s*+(\d{1,4})\s*页|页次[:：]?\s*\d+\s*/\s*(\d{1,4})"
)
_PRINTED_ENTRIES = re.compile(
    r"[共总]\s*+(?:计|有)?\s*+(\d{1,6})\s*[条篇]|(?:总记录数?|记录总数|总条数)\s*+[:：]?\s*+(\d{1,6})"
)
# Cheap to find, and a part of all that the pattern matches.
_SIGNS_OF_ENTRIES = ("条", "篇", "记录")
_NEXT = re.compile(r"(?:下一?[页頁]|后一?页|next(?:page)?|[>»›]{1,2})", re.I)
_ARROW = re.compile(r"[▶►→⇒⇨》]{1,2}")
_BESIDE_WORD = " \t[]【】()（）{}<>«»‹›→▶►»|…·"
_BACK = re.compile(r"(?:上一?[页頁]|前一?页|prev(?:ious)?|首页|第一页|[<«‹]{1,2})", re.I)
_MORE = re.compile(r"^(?:点击|上拉|下拉)?加载更多[.…]*$")
_SCRIPT_CALL = re.compile(r"(?!void\b|alert\b)\b[A-Za-z_$][\w$.]*\(\s*[^()\s]")
_AT_END = re.compile(r"disable|no-?more|\bend\b|\bunable|\binactive|\bgr[ae]y\b", re.I)
_NUMBER = re.compile(r"^[\[(（]?\s*第?\s*(\d{1,4})\s*页?\s*[\])）]?$")
_SHORT_NUMBER = re.compile(r"^第?\s*(\d{1,3})\s*页?$")
_LONGEST_WORD = 12  # characters of what a pager's button says
_MOST_BUTTONS = 5000


@dataclass(slots=True)
class Pager:
    """What a page says of the other pages of its list; see ListPage."""

    further: list[str] = field(default_factory=list)
    declared: int | None = None
    entries: int | None = None
    unread: bool = False


def read_pager(
    tree: LexborHTMLParser, scripts: list[LexborNode], base: str, url: str, next_selector: str | None
) -> Pager:
    """The other pages that a page names, in order, without itself.

    scripts: the page's elements of that name. base: what links resolve against. url: the page's own address.
    next_selector: links to further pages, if configured.
    """
    pager = Pager()
    pages: list[str | None] = []
    script = "\n".join(without_line_comments(node.text(deep=True)) for node in scripts if "src" not in node.attrs)
    calls = "createPage" in script
    if counted := _COUNTED_FROM_0.search(script) if calls else None:
        count, stem, ending = int(counted.group(1)), counted.group(3), counted.group(4)
        pages += [absolute(base, f"{stem}_{number}.{ending}") for number in range(1, min(count, _MOST_PAGES))]
        pager.declared = count
    elif counted := _COUNTED_FROM_1.search(script) if calls else None:
        count, stem, ending = int(counted.group(1)), counted.group(3), counted.group(4)
        pages += [absolute(base, f"{stem}_{number}.{ending}") for number in range(2, min(count, _MOST_PAGES) + 1)]
        pager.declared = count
    else:
        pager.unread = calls and bool(_ANY_CALL.search(_DEFINITION.sub("", script)))
        # 1 is what such a variable begins with, before the script knows.
        if (variable := _COUNT_VARIABLE.search(script)) and int(variable.group(1)) > 1:
            pager.declared = int(variable.group(1))
        pages += [absolute(base, node.attributes.get("href")) for node in _page_links(tree, base, url, next_selector)]
        if not next_selector:
            pages += _options(tree, base, url)
    text = tree.body.text(deep=True) if tree.body is not None else ""
    if pager.declared is None and "页" in text and (printed := _PRINTED_COUNT.search(text)):
        pager.declared = next(int(group) for group in printed.groups() if group)
    if any(sign in text for sign in _SIGNS_OF_ENTRIES) and (printed := _PRINTED_ENTRIES.search(text)):
        pager.entries = next(int(group) for group in printed.groups() if group)
    own = {same_page(url), same_page(base)}
    pager.further = [page for page in dict.fromkeys(pages) if page is not None and same_page(page) not in own]
    calls_library = _read_library(script, pager)
    if not pager.further:
        pager.unread |= calls_library or _goes_on_by_script(tree, base, text) or _has_unread_options(tree)
    if pager.declared == 1:
        pager.unread = False
    return pager


def _read_library(script: str, pager: Pager) -> bool:
    """Take the counts that a pager of a library is given; gives whether there is one whose counts are not known."""
    # "pag" is a part of all their names.
    call = _LIBRARY_CALL.search(script) if "pag" in script or "Pag" in script else None
    if call is None:
        return False
    given = script[call.start() : call.end() + _CALL_LENGTH]
    pages, entries = _CALL_PAGES.search(given), _CALL_ENTRIES.search(given)
    if pages is not None:
        pager.declared = max(pager.declared or 0, int(pages.group(1)))
    if entries is not None:
        counted = next(int(group) for group in entries.groups() if group)
        pager.entries = max(pager.entries or 0, counted)
    return pages is None and entries is None


def _goes_on_by_script(tree: LexborHTMLParser, base: str, text: str) -> bool:
    """Whether there is a button for more that only a script can follow: 加载更多, or 下一页 without an address."""
    if "加载更多" in text:
        more = (clean(node.text(deep=False)) for node in tree.css("a, button, span, div, p, li"))
        if any(_MORE.match(words) for words in more):
            return True
    buttons = [
        node
        for node in tree.css("a, button, [onclick]")[:_MOST_BUTTONS]
        if _is_next(node) and absolute(base, node.attributes.get("href")) is None and not _is_at_end(node)
    ]
    if any(_SCRIPT_CALL.search(_handlers(node)) for node in buttons):
        return True
    return any(not _is_only_page(node, base) for node in buttons)


def _handlers(node: LexborNode) -> str:
    return f"{node.attributes.get('href') or ''} {node.attributes.get('onclick') or ''}"


def _is_at_end(node: LexborNode) -> bool:
    """Whether a button is switched off, by itself or by the item that it stands in."""
    around = [node] + [parent for parent in [node.parent] if parent is not None and parent.tag in ("li", "span")]
    return any(
        "disabled" in one.attributes or _AT_END.search(one.attributes.get("class") or "") is not None for one in around
    )


def _is_only_page(node: LexborNode, base: str) -> bool:
    """Whether the buttons beside a dead 下一页 say that this is the last page: the number 1 alone stands there, or the
    way back has an address."""
    bar = node.parent
    if bar is not None and bar.tag in ("li", "span"):
        bar = bar.parent
    if bar is None or bar.tag in ("body", "html"):
        return False
    numbers = set()
    for other in bar.css("a, span, b, strong, em, i, li, button")[:100]:
        label = _label(other)
        if (number := _NUMBER.match(label)) is not None:
            numbers.add(int(number.group(1)))
        elif _BACK.fullmatch(label) and other.tag == "a":
            target = absolute(base, other.attributes.get("href"))
            # The way back from the first page leads to itself, or nowhere.
            if target is not None and same_page(target) != same_page(base):
                return True
    return numbers == {1}


def _label(node: LexborNode) -> str:
    """What a button says: its text, else its title, else the words of its picture; ② is 2, ＞ is >."""
    text = clean(node.text(deep=True))
    if not text:
        told = [node.attributes.get("title")]
        if (picture := node.css_first("img")) is not None:
            told += [picture.attributes.get("alt"), picture.attributes.get("title")]
        text = clean(next((words for words in told if words), ""))
    return unicodedata.normalize("NFKC", text) if len(text) <= 2 * _LONGEST_WORD else text


def _is_next(node: LexborNode) -> bool:
    return not _says_words(node.text(deep=True)) and _is_next_label(_label(node))


def _is_next_label(label: str) -> bool:
    if len(label) > _LONGEST_WORD:
        return False
    return bool(_NEXT.fullmatch(label.strip(_BESIDE_WORD).replace(" ", "")) or _NEXT.fullmatch(label))


def _options(tree: LexborHTMLParser, base: str, url: str) -> Iterator[str]:
    """Pages that a choice of pages leads to: <option value="index_1.html">第2页</option>."""
    for node in tree.css("select option"):
        if _says_words(node.text(deep=True)) or not _SHORT_NUMBER.match(_label(node)):
            continue
        value = (node.attrs.get("value") or "").strip()
        target = absolute(base, value) if re.search(r"[./?]", value) else None
        if target is not None and _is_sibling(target, url):
            yield target


def _has_unread_options(tree: LexborHTMLParser) -> bool:
    """Whether there is a choice of several pages without addresses."""
    for choice in tree.css("select"):
        labels = [_label(node) for node in choice.css("option")[:_MOST_PAGES]]
        numbers = [int(found.group(1)) for label in labels if (found := _SHORT_NUMBER.match(label))]
        if len(numbers) < 2 or numbers != list(range(1, len(numbers) + 1)):
            continue
        about = " ".join(str(value) for value in choice.attributes.values())
        beside = clean(choice.parent.text(deep=False)) if choice.parent is not None else ""
        if "页" in "".join(labels) + beside or re.search(r"page|location", about, re.I):
            return True
    return False


def same_page(url: str) -> str:
    """The address under which two names of one list page meet: /a/, /a/index.html and /a/index.htm are one page."""
    return re.sub(r"/index\.s?html?$", "/", url)


def _page_links(tree: LexborHTMLParser, base: str, url: str, selector: str | None) -> list[LexborNode]:
    if selector:
        return [node for match in tree.css(selector) for node in match.css("a[href]")]
    marked = {node.mem_id for node in tree.css("a[rel=next]") if node.attributes.get("rel") == "next"}
    return [
        node
        for node in tree.css("a[href]")
        if node.mem_id in marked or (not _says_words(node.text(deep=True)) and _leads_on(node, base, url))
    ]


def _says_words(text: str) -> bool:
    """Whether a button's text is certainly neither a number nor the word for the next page: it begins with a Chinese
    character, and none of those do but 第, 下 and 后. So do most links of a page."""
    return "一" <= text[:1] <= "龥" and text[0] not in "第下后"


def _leads_on(node: LexborNode, base: str, url: str) -> bool:
    label = _label(node)
    if len(label) > _LONGEST_WORD:
        return False
    target = absolute(base, node.attributes.get("href"))
    if target is None:
        return False
    if _is_next_label(label):
        return True
    # A number or an arrow is a page only beside or below the list itself; elsewhere it may be a year, or an ornament.
    return bool(_NUMBER.match(label) or _ARROW.fullmatch(label)) and _is_sibling(target, url)


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
