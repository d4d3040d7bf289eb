"""TRS WCM (拓尔思): static lists whose pagers, and at times whose rows, stand in scripts only; Fujian's JSON search.

Entries and articles are read as those of any static list (crawler/platforms/static_list.py). Added here: the names of
further pages in all variants (`pager`, `by_function`), rows in scripts (`script_rows`), lists from the search
(`interface`). The date in an article's name (t20240126_1.html) is that of its entry in the system, and never used.
"""

import re

from crawler.pages.html import absolute
from crawler.pages.pager import same_page
from crawler.pages.scripts import base_of, inline_scripts
from crawler.platforms import Link, ListPage, Recognition, static_list
from crawler.platforms.options import TrsOptions
from crawler.platforms.trs import by_function, interface
from crawler.platforms.trs.pager import names, read_pages, ships_all_rows
from crawler.platforms.trs.script_rows import script_rows
from crawler.portal import Column, Portal
from parsers.encoding import decode
from parsers.titles import read_title

__all__ = ["read_detail", "read_list", "recognise"]

read_detail = static_list.read_detail

# Only TRS writes these; createPageHTML alone stands in many trees of static pages.
_CERTAIN = (
    re.compile(r"/fjdzapp/(?:search|data)\b|/smartSearch/interface/search\.do"),
    re.compile(r"\bTRS_Editor\b|\btrs_editor_view\b|\bTRS_UEDITOR\b|\bTRS_PreAppend\b", re.I),
    re.compile(r"/was\d?/web/(?:search|outline)\?[^\"'<>\s]{0,100}channelid="),
    re.compile(r"=\s{0,3}[\"']?\.{0,2}[\w./-]{0,200}/t(?:19|20)\d{6}_\d{2,12}\.s?html?\b"),
)
_LIKELY = (
    re.compile(r"\bcreatePage(?:HTML)?\s{0,3}\((?!\s{0,3}[\"']page_div)"),
    re.compile(r"\bvar\s{1,5}countPage\s{0,5}=\s{0,5}\d"),
    re.compile(r"\.pagination\(\s{0,5}\{\s{0,5}totalPage\s{0,3}:"),
    re.compile(r"=\s{0,3}[\"']?\.{0,2}[\w./-]{0,200}/t\d{6,9}\.s?html?\b"),
    re.compile(r"\bappendix\s{0,3}=\s{0,3}[\"']?true\b|/P0(?:19|20)\d{6,16}\.(?:pdf|docx?|xlsx?|wps|ofd)\b", re.I),
)
# What other systems write, which may use such names too.
_OTHERS = re.compile(
    r"UCAP|createPageHTML\(\s*[\"']page_div|/common/search/[0-9a-f]{32}|_showDynClicks|_newscontent_fromname"
    r"|\.jpage\(|unitbuild\.js|window\._CONFIG\b|/gkmlpt/"
)


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read one page of a list, a shell of one, or an answer of the search. Never raises; see `crawler.platforms`."""
    options = portal.options if isinstance(portal.options, TrsOptions) else TrsOptions()
    source = decode(body, charset)
    if interface.is_data(body, url):
        return interface.read_data(source, url)
    page = static_list.read_source(source, url, portal, column)
    shell = interface.read_shell(source, url, options)
    if shell is not None and not _lists_reports(page):
        return shell
    scripts = inline_scripts(source)
    base = base_of(source, url)
    if "document.write" in source and portal.selectors.row is None:
        _add_rows(page, script_rows(source, scripts, base))
    # What the portal's file says of further pages comes before what a script says.
    if portal.pages.pattern is None and portal.selectors.next is None:
        is_column = column is not None and same_page(column.url) == same_page(url)
        script = "\n".join(one.text for one in scripts)
        _read_pager(page, source, script, url, base, options, is_column=is_column)
    return page


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """TRS by what only it writes, or "likely" by what it has in common with others."""
    source = decode(body, charset)
    other = _OTHERS.search(source) is not None
    for certain, patterns in ((True, _CERTAIN), (False, _LIKELY)):
        found = next((match for pattern in patterns if (match := pattern.search(source))), None)
        if found is not None:
            evidence = " ".join(found.group().split())[:60]
            variant = "search" if "fjdzapp" in evidence or "smartSearch" in evidence else ""
            return Recognition("trs", "certain" if certain and not other else "likely", evidence, variant)
    return None


def _read_pager(
    page: ListPage, source: str, script: str, url: str, base: str, options: TrsOptions, *, is_column: bool
) -> None:
    """Put right what a static list's reader makes of a pager that a script draws."""
    pages = read_pages(script)
    if pages is not None and pages.entries is None:
        pages = pages._replace(entries=page.declared_entries)
    if (pages is not None or page.unread_pager) and ships_all_rows(source, script, pages, page.rows):
        page.further, page.declared_pages, page.unread_pager = [], None, False
        return
    if pages is not None and not (page.further and pages.stem is None and pages.first is None):
        found = names(pages, url, options.counts_from, is_column=is_column)
        page.declared_pages = max(pages.total, 1)
        page.declared_entries = pages.entries if page.rows or (pages.entries or 0) > 1 else None
        page.unread_pager = found is None
        page.further = _others([absolute(base, name) for name in found or []], url, base)
    elif not page.further and (page.unread_pager or (page.declared_pages or 0) > 1):
        made = by_function.pages_by_function(source, script, url, base, page.declared_pages)
        if made:
            page.further = _others(list(made), url, base)
            page.unread_pager = False
            page.declared_pages = max(page.declared_pages or 0, len(made) + 1)


def _add_rows(page: ListPage, rows: list[Link]) -> None:
    """Add the entries that scripts hold to those of the tree."""
    if not rows:
        return
    known = {link.url for link in page.links}
    page.links += [row for row in rows if row.url not in known]
    # The text of such a script is no row of its own.
    titles = [row.title for row in rows]
    page.unfollowed = [
        row for row in page.unfollowed if "document.write" not in row.title and not any(t in row.title for t in titles)
    ]
    page.rows += len(rows)
    if any(row.listed_on or _names_report(row) for row in rows):
        page.has_structure, page.says_empty = True, None


def _lists_reports(page: ListPage) -> bool:
    return any(link.listed_on and read_title(link.title).is_report for link in page.links)


def _names_report(link: Link) -> bool:
    read = read_title(link.title)
    return read.is_report and bool(read.agency or read.year)


def _others(pages: list[str | None], url: str, base: str) -> list[str]:
    own = {same_page(url), same_page(base)}
    return [page for page in dict.fromkeys(pages) if page is not None and same_page(page) not in own]
