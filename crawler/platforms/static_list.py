"""Static lists: plain pages of any software, whose entries and page links stand in the HTML.

No configuration is needed where entries are links with a date beside them or with the title of a report, and where
further pages are linked or counted by `createPageHTML(...)`. What differs is said in the portal's `selectors` and
`pages`. Frames, pages of years and tables of agencies and years: `sublists` and `matrix`.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.outcomes.scripted import made_elsewhere
from crawler.pages.article import BODIES, Article
from crawler.pages.attachments import find_attachments, may_have_attachments
from crawler.pages.empty import says_empty
from crawler.pages.html import absolute
from crawler.pages.matrix import composed_titles, under_names, with_years
from crawler.pages.nowhere import leading_nowhere, may_name_report
from crawler.pages.pager import read_pager
from crawler.pages.rows import configured_rows, found_rows, names_report, resolver
from crawler.pages.sublists import find_sublists, is_annual_column
from crawler.platforms import DetailPage, Link, ListPage, Recognition
from crawler.platforms.static_systems import system_of
from crawler.portal import Column, Portal, Selectors
from parsers.encoding import decode
from parsers.titles import read_title

# What a script says that loads something, and the marks of a page that scripts make: without any of these,
# `made_elsewhere` has nothing to say.
_LOADS = (
    "$.ajax", "$.get", "$.post", "jQuery.", "fetch", "axios", "XMLHttpRequest", ".load(", "$http", "layui", "ajaxPage",
    "jpage", "datastore", "recordset",
)  # fmt: skip
_MADE_BY_SCRIPT = "datastore, recordset, [querydata], script[src*=unitbuild]"
_REPEATED = "[v-for], [ng-repeat], [data-ng-repeat], [ms-for], [ms-repeat], [ms-each], [x-for], [\\*ngfor]"
_MAY_BE_REPEATED = re.compile(r"-(?:for|repeat|each)", re.I)


def read_list(body: bytes, charset: str | None, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """Read one page of a list. Never raises on bad HTML; a page that is no list gives has_structure False."""
    return read_source(decode(body, charset), url, portal, column)


def read_source(source: str, url: str, portal: Portal, column: Column | None = None) -> ListPage:
    """`read_list` of a page that is decoded."""
    tree = LexborHTMLParser(source)
    base = _base(tree, url)
    resolve = resolver(base)
    chosen = portal.selectors
    if chosen.row:
        rows = configured_rows(tree, resolve, chosen)
    else:
        rows = found_rows(tree, base, resolve, chosen, composed_titles(tree))
    names_reports = may_name_report(source)
    unfollowed = list(leading_nowhere(tree, base, resolve, rows)) if names_reports else []
    entries = rows.entries
    if names_reports and not chosen.row:
        entries = under_names(tree, with_years(tree, entries, rows.anchors), rows.anchors)
    kept = _each_once(entries, unfollowed)
    if names_reports and chosen.row:
        unfollowed += _beside(found_rows(tree, base, resolve, Selectors(), {}).entries, kept)
    lists_report = any(names_report(link.title) for link in kept)
    is_list = lists_report or rows.is_list
    frames = tree.css_first("iframe, frame") is not None
    sublists = find_sublists(
        tree,
        source if frames else "",
        url,
        resolve,
        portal,
        rows,
        column,
        lists_report=names_reports and lists_report,
    )
    if sublists.lists:
        targets = {target.url for target in sublists.lists}
        kept = [link for link in kept if link.url not in targets]
        is_list = any(link.listed_on or names_report(link.title) for link in kept)
    scripts = tree.css("script")
    pager = read_pager(tree, scripts, base, url, chosen.next)
    # The last page of a list without dates may hold nothing but guides.
    is_page_of_list = (pager.declared or 0) > 1 and bool(kept) and not is_list and is_annual_column(tree, url)
    elsewhere = sublists.doubt
    # A row that the portal's file names needs no script.
    if (
        elsewhere is None
        and (is_list or is_page_of_list or sublists.lists)
        and not chosen.row
        and (frames or _may_be_made_elsewhere(tree, scripts, source))
    ):
        elsewhere = made_elsewhere(_without(source, sublists.followed))
    return ListPage(
        links=kept,
        unfollowed=[
            Link(f"{row.url}#row-{number}", row.title, row.listed_on) for number, row in enumerate(unfollowed, start=1)
        ],
        further=pager.further,
        lists=sublists.lists,
        is_shell=bool(sublists.lists) and not is_list,
        declared_pages=pager.declared,
        declared_entries=pager.entries,
        rows=rows.count or (len(kept) if not rows.containers else 0),
        unread_pager=pager.unread,
        made_elsewhere=elsewhere,
        says_empty=None if is_list or sublists.lists or is_page_of_list else says_empty(tree, source),
        has_structure=is_list or bool(sublists.lists) or is_page_of_list,
    )


def _beside(links: list[Link], kept: list[Link]) -> list[Link]:
    """Reports outside of the rows that the portal's file names: they are not the list's, and not absent either."""
    known = {link.url for link in kept}
    return [link for link in links if link.url not in known and names_report(link.title)]


def _each_once(entries: list[Link], unfollowed: list[Link]) -> list[Link]:
    """The entries, each address once; a row whose address another agency's row has is added to `unfollowed`."""
    links: dict[str, Link] = {}
    for link in entries:
        known = links.setdefault(link.url, link)
        if known is link:
            continue
        if link.title != known.title and _are_two_agencies(known.title, link.title):
            unfollowed.append(link)
        elif len(link.title) > len(known.title) or not known.listed_on:
            # The same address twice (picture and text, short and long): the fuller title wins, a date is kept.
            title = max(known.title, link.title, key=len)
            links[link.url] = Link(link.url, title, known.listed_on or link.listed_on)
    if not any("_wap." in url for url in links):
        return list(links.values())
    return [link for link in links.values() if "_wap." not in link.url or _desktop_copy(link.url) not in links]


def read_detail(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """Read a page that carries or introduces a report: its title and the files that belong to it.

    A page whose bytes name no file is not even parsed before its title or text is asked for.
    """
    return read_article(body, charset, url, portal, BODIES)


def read_article(body: bytes, charset: str | None, url: str, portal: Portal, bodies: str) -> DetailPage:
    """`read_detail` for a platform that puts the text elsewhere. bodies: CSS of the places where it may stand."""
    page = Article(body, charset, portal, bodies=bodies)
    if may_have_attachments(body):
        page.attachments = find_attachments(page.bodies, page.tree.body, _base(page.tree, url), url)
    return page


def recognise(body: bytes, charset: str | None, url: str) -> Recognition | None:
    """Any page with a list that can be read without a platform of its own; systems that are known by their names."""
    host = re.match(r"https?://([^/?#@]+)", url.lower())
    if host is None:
        return None
    portal = Portal.model_construct(allowed_hosts=[host.group(1)], columns=[Column(url=url)])
    page = read_list(body, charset, url, portal)
    if not page.has_structure or page.made_elsewhere is not None:
        return None
    if (system := system_of(url, decode(body, charset))) is not None:
        return Recognition("static_list", system[0].certainty, system[1], system[0].variant)
    if page.is_shell:
        return Recognition("static_list", "likely", f"a page that leads to {len(page.lists)} lists")
    reports = sum(names_report(link.title) for link in page.links)
    dated = sum(link.listed_on is not None for link in page.links)
    return Recognition("static_list", "likely", f"rows in the page: {reports} reports, {dated} with dates")


def _are_two_agencies(one: str, other: str) -> bool:
    """Whether two titles are of the reports of two agencies, or of two years."""
    first, second = read_title(one), read_title(other)
    if not (first.agency and second.agency):
        return False
    return first.agency != second.agency or bool(first.year and second.year and first.year != second.year)


def _may_be_made_elsewhere(tree: LexborHTMLParser, scripts: list[LexborNode], source: str) -> bool:
    text = "\n".join(node.text(deep=True) for node in scripts)
    if any(word in text for word in _LOADS) or tree.css_first(_MADE_BY_SCRIPT) is not None:
        return True
    may_be_repeated = "*" in source or _MAY_BE_REPEATED.search(source) is not None
    return may_be_repeated and tree.css_first(_REPEATED) is not None


def _without(source: str, tags: list[str]) -> str:
    """A page without the frames that are read by themselves."""
    for tag in tags:
        source = source.replace(tag, "")
    return source


def _desktop_copy(url: str) -> str:
    """The address of which `…_wap.html` is a copy; "" for any other."""
    stem = re.sub(r"_wap(\.s?html?)$", r"\1", url)
    return stem if stem != url else ""


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return (absolute(url, node.attributes.get("href")) if node else None) or url
