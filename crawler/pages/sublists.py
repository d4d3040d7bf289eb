"""Lists that a page of a column leads to: one for each year or group of agencies, and those that it shows in frames.

What the portal's file names (`selectors.lists`) is followed. By itself is followed what is plainly a list of it: a
frame whose address or size says so, and links that are years, on a page of annual reports that lists none itself. One
that may not be followed, since its host is not allowed, is said, so that the column is never taken to be whole.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.outcomes.scripted import made_elsewhere
from crawler.pages import SubList
from crawler.pages.html import absolute
from crawler.pages.pager import same_page
from crawler.pages.rows import Resolve, Rows, folded
from crawler.portal import Column, Portal
from parsers.title_kinds import is_group
from parsers.titles import read_title

_MOST_LISTS = 300
_MOST_FRAMES = 20
_MOST_BUTTONS = 2000
_CLOSED = "a[onclick], li[onclick], span[onclick], div[onclick], button[onclick], option"
_FRAME_IN_SOURCE = re.compile(r"<i?frame\b[^<>]{1,600}>", re.I)
_OTHER_FRAME = re.compile(
    r"top|head|foot|nav|menu|search|weather|tianqi|share|count|stat|banner|login|video|player|map", re.I
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|$)", re.I)
_YEAR = re.compile(
    r"[\[(【]?(20[0-3]\d)\s*年?(度)?(?:政府信息公开|信息公开)?(?:工作)?(年?年报|年度报告|报告)?[\])】]?(?:查看|更多)?[>»]{0,2}"
)
_ONLY_YEARS = re.compile(r"(?:20[0-3]\d ?年(?:度)? ?[|/·]? ?){2,40}")
# Parts of one year's reports, as portals call them.
_GROUP = re.compile(
    r"(?:各|[市县区州]?(?:直|级|属)?)?(?:政府)?(?:部门|单位|机关)|[市县区]?(?:政府|本级|级)|各?(?:乡镇|镇街|镇乡|街道|乡镇街道|镇|乡)"
    r"(?:场|办|[(（]街道[)）])?|[县市区州]区?|开发区"
)
_AGENCY = re.compile(r"(?:局|委员会|委|厅|人民政府|镇|乡|街道|办事处|管委会|办公室|中心|院|公安)$")
_ANNUAL_NAME = re.compile(r"(?:信息|政务)公开.{0,6}(?:年报|年度(?:工作)?报告)|信息公开年报|^\W*(?:年报|年度报告)\W*$")
_ANNUAL_PATH = re.compile(r"gk\w{0,6}n(?:d|b)|ndbg|nianbao|gknb|nbnr|(?<![a-z])nb(?![a-z])", re.I)
_HEADINGS = "title, h1, h2, h3, meta[name]"
_MOST_HEADINGS = 60
_COLUMN_TAGS = ("columnname", "columntype")


@dataclass(slots=True)
class SubLists:
    """What a page leads to. lists: to be read; their addresses are no entries. followed: frames among them, as their
    tags stand in the source. doubt: what shows that there is a list that may not be followed."""

    lists: list[SubList] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    doubt: str | None = None


def find_sublists(
    tree: LexborHTMLParser,
    source: str,
    url: str,
    resolve: Resolve,
    portal: Portal,
    rows: Rows,
    column: Column | None,
    *,
    lists_report: bool,
) -> SubLists:
    """The further lists of a page. source: the page, decoded, "" of one without frames. lists_report: whether it
    lists a report itself."""
    found = SubLists()
    own = same_page(url)
    targets: list[tuple[str | None, str, str]] = []  # address, what leads there, how it is written
    if portal.selectors.lists:
        targets += _selected(tree, resolve, portal.selectors.lists)
    if source:
        targets += _frames(source, url, has_list=rows.is_list)
    if not portal.selectors.lists and not lists_report:
        targets += _years(tree, url, rows)
    elif not portal.selectors.lists and (column is None or column.year is None):
        targets += _tabs(tree, url, rows)
    if not portal.selectors.lists and lists_report and (column is None or column.year is None):
        found.doubt = _closed_years(tree, url, rows)
    seen: set[str] = set()
    for target, label, tag in targets[:_MOST_LISTS]:
        if target is None or same_page(target) == own or target in seen:
            continue
        seen.add(target)
        if portal.allows(target):
            found.lists.append(_sublist(target, label))
            found.followed += [tag] if tag else []
        elif not tag:  # frames that are not followed are judged where scripts are
            found.doubt = f"the list {label[:40]} lives at {target[:120]}; add its host to allowed_hosts"
    return found


def is_annual_column(tree: LexborHTMLParser, url: str) -> bool:
    """Whether a page is of annual reports by its own words, or by its address."""
    if _ANNUAL_PATH.search(urlsplit(url).path):
        return True
    for node in tree.css(_HEADINGS)[:_MOST_HEADINGS]:
        if node.tag == "meta":
            if (node.attributes.get("name") or "").lower() not in _COLUMN_TAGS:
                continue
            words = node.attributes.get("content") or ""
        else:
            words = node.text(deep=True)
        if _ANNUAL_NAME.search(folded(words[:200])):
            return True
    return False


def _selected(tree: LexborHTMLParser, resolve: Resolve, selector: str) -> Iterator[tuple[str | None, str, str]]:
    """What the portal's selector finds: links, frames, options, or the links inside of what it finds."""
    for match in tree.css(selector):
        for key in ("href", "src", "value"):
            if (link := match.attributes.get(key)) is not None:
                tag = (_tag(match) if key == "src" else "") or ""
                yield resolve(link), folded(match.text(deep=True)), tag
                break
        else:
            for anchor in match.css("a[href]"):
                yield resolve(anchor.attributes.get("href")), folded(anchor.text(deep=True)), ""


def _frames(source: str, url: str, *, has_list: bool) -> Iterator[tuple[str | None, str, str]]:
    """Frames that are plainly lists; on a page without a list of its own, any that is no menu, head or counter."""
    for found in list(_FRAME_IN_SOURCE.finditer(source))[:_MOST_FRAMES]:
        tag = found.group()
        frame = LexborHTMLParser(tag.replace("<frame", "<iframe").replace("<FRAME", "<iframe")).css_first("iframe[src]")
        if frame is None:
            continue
        given = frame.attributes
        src = (given.get("src") or "").strip()
        path = re.sub(r"^(?:https?:)?//[^/]*", "", src)
        is_seen = not (
            _HIDDEN.search(given.get("style") or "") or {given.get("width"), given.get("height")} & {"0", "1"}
        )
        is_content = not has_list and is_seen and not _OTHER_FRAME.search(path) and bool(path.strip("/"))
        if made_elsewhere(tag) is not None or is_content:
            yield absolute(url, src), src, tag


def _tag(node: LexborNode) -> str | None:
    return (node.html or "").partition(">")[0] + ">" if node.tag in ("iframe", "frame") else None


def _years(tree: LexborHTMLParser, url: str, rows: Rows) -> Iterable[tuple[str | None, str, str]]:
    """Links that are years, on a page of annual reports; below it, also those that are the groups of one year."""
    folder = url.rpartition("/")[0] + "/"
    labelled = [link for link in rows.entries if len(link.title) <= 24]
    years = [link for link in labelled if _YEAR.fullmatch(link.title)]
    groups = [link for link in labelled if link.url.startswith(folder) and _GROUP.fullmatch(link.title)]
    # A date, a number of a page: one year alone is none.
    years = years if len({link.url for link in years}) > 1 or any("年" in link.title for link in years) else []
    groups = groups if len({link.url for link in groups}) > 1 else []
    if not (years or groups) or not is_annual_column(tree, url):
        return ()
    return [(link.url, link.title, "") for link in (*years, *groups)]


def _tabs(tree: LexborHTMLParser, url: str, rows: Rows) -> Iterable[tuple[str | None, str, str]]:
    """Years beside the list of one of them, and groups beside that of one group: links in an element that holds nothing
    but years, or nothing but groups of this column."""
    found = []
    folder = url.rpartition("/")[0] + "/"
    bars: dict[int, bool] = {}  # whether an element is a bar of tabs, by its mem_id
    for link, anchor in zip(rows.entries, rows.anchors, strict=True):
        title = link.title
        if len(title) > 24:
            continue
        is_year = "20" in title[:3] and "年" in title and _YEAR.fullmatch(title)
        if not is_year and not (len(title) <= 8 and link.url.startswith(folder) and _GROUP.fullmatch(title)):
            continue
        bar = anchor.parent
        if bar is not None and bar.tag in ("li", "span", "p", "td"):
            bar = bar.parent
        if bar is None:
            continue
        if bar.mem_id not in bars:
            shown = folded(bar.text(deep=True, separator=" ")[:400])
            bars[bar.mem_id] = (_ONLY_YEARS.fullmatch(shown) if is_year else _is_of_groups(shown)) is not None
        if bars[bar.mem_id]:
            found.append((link.url, title, ""))
    return found if found and is_annual_column(tree, url) else ()


def _is_of_groups(text: str) -> bool | None:
    """True if a text holds nothing but groups, two or more."""
    words = [word for word in re.split(r"[ |/·]+", text) if word]
    return True if len(words) > 1 and all(_GROUP.fullmatch(word) for word in words) else None


def _closed_years(tree: LexborHTMLParser, url: str, rows: Rows) -> str | None:
    """What shows that the lists of other years are opened by a script: a bar of years, or a choice, without addresses,
    with more years than the reports on the page have."""
    years: set[str] = set()
    for node in tree.css(_CLOSED)[:_MOST_BUTTONS]:
        text = node.text(deep=True)
        if len(text) > 40 or "20" not in text or not (label := _YEAR.fullmatch(folded(text))):
            continue
        if node.tag == "option":
            choice = node.parent
            given = node.attributes.get("value") or ""
            is_closed = choice is not None and (
                "onchange" in choice.attributes or re.search(r"[./]", given) is not None
            )
        else:
            bar = node.parent
            if bar is not None and node.tag == "a" and bar.tag in ("li", "span", "p", "td"):
                bar = bar.parent
            is_link = node.tag == "a" and absolute(url, node.attributes.get("href")) is not None
            is_bar = bar is not None and _ONLY_YEARS.fullmatch(folded(bar.text(deep=True, separator=" ")[:400]))
            is_closed = bool(is_bar) and not is_link and "onclick" in node.attributes
        if is_closed:
            years.add(label[1])
    if len(years) < 2:
        return None  # as nearly all pages; the titles need not be read
    listed = {read.year for link in rows.entries if "公开" in link.title and (read := read_title(link.title)).is_report}
    if len(years) <= len(listed) or not is_annual_column(tree, url):
        return None
    named = ", ".join(sorted(years))
    return f"only a script opens the lists of its years ({named}); give each a column, or set selectors.lists"


def _sublist(target: str, label: str) -> SubList:
    """A list with what its label says of all of it. 2023年 alone may be the year in which its reports came out."""
    year = _YEAR.fullmatch(label)
    if year is not None:
        return SubList(target, int(year[1]) if year[2] or year[3] else None)
    is_agency = 3 <= len(label) <= 30 and _AGENCY.search(label) and not _GROUP.fullmatch(label) and not is_group(label)
    return SubList(target, agency=label if is_agency else None)
