"""Pretend portals of TRS, Boda, Longxun, JSON interfaces and plain pages: what all of them do."""

import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from urllib.parse import unquote

import pytest

from crawler.portal import Portal
from crawler.sandbox.portal_site import PortalSite
from crawler.sandbox.portals.json_list import JsonListSite
from crawler.sandbox.portals.longxun import LongxunSite
from tests.crawler.sandbox.sites_2_walks import (
    ALL,
    BEFORE,
    HOST,
    ORIGIN,
    Browser,
    Rows,
    anchors,
    entries_of,
    is_copy,
    listed,
    made,
    numbered,
)
from tests.crawler.sandbox.some_publications import NOW, PLACE, PORTAL_NAME, publications

each_site = pytest.mark.parametrize(("kind", "variant"), ALL, ids=lambda value: getattr(value, "platform", value))


@each_site
def test_a_walk_reaches_what_was_published_each_once(kind: type[PortalSite], variant: str) -> None:
    site = made(kind, variant)
    rows = [(path, title) for path, title in entries_of(kind, site) if not is_copy(path) and title != "全文下载"]
    truth = {entry.path: entry.title for entry in site.truth(NOW)}
    assert len(truth) == sum(item.kind == "report" for item in site.publications) == 35
    others = {site.article_path(item): item.title for item in site.publications if item.kind != "report"}
    assert sorted(path for path, _ in rows) == sorted(truth | others)
    if variant != "matrix":  # whose cells say nothing
        assert dict(rows) == truth | others


@each_site
def test_every_entry_leads_to_its_article(kind: type[PortalSite], variant: str) -> None:
    site = made(kind, variant)
    browser = Browser(site)
    for item in site.publications:
        page = browser.open(site.article_path(item))
        assert f'<meta name="ArticleTitle" content="{item.title}">' in page
        assert f'<meta name="ContentSource" content="{item.publisher}">' in page
        assert item.body(item.day) in page
        # Older neighbours are linked by their title; none that is not there yet.
        assert page.count(item.title) >= 3


@each_site
def test_files_are_served_with_their_bytes(kind: type[PortalSite], variant: str) -> None:
    site = made(kind, variant)
    browser = Browser(site)
    guarded = getattr(site, "behind_captcha", frozenset())
    for item in site.publications:
        for index, file in enumerate(item.files):
            path = site.file_path(item, file, index)
            answer = browser.ask(path)
            assert answer is not None
            assert (answer.body == file.make()) == (path not in guarded)


@each_site
def test_files_are_named_in_their_article(kind: type[PortalSite], variant: str) -> None:
    site = made(kind, variant)
    for item in site.publications:
        page = unescape(unquote(Browser(site).open(site.article_path(item))))
        for index, file in enumerate(item.files):
            assert site.file_path(item, file, index).rpartition("/")[2] in page


@each_site
def test_nothing_is_there_before_it_is_published(kind: type[PortalSite], variant: str) -> None:
    site = made(kind, variant)
    middle = site.publications[20].published_at
    rows = {path for path, _ in entries_of_any(kind, site, middle)}
    assert {entry.path for entry in site.truth(middle)} <= rows
    later = [site.article_path(item) for item in site.publications[21:]]
    assert not rows & set(later)
    answer = Browser(site, middle).ask(later[0])
    assert answer is None or len(answer.body) < 400


def entries_of_any(kind: type[PortalSite], site: PortalSite, now: datetime) -> Rows:
    """The entries, whatever their number."""
    if kind is LongxunSite and site.variant != "content":
        form = {"pageSize": "100", "labelName": "publicInfoList", "siteId": "2653861", "organId": "1000001"}
        form |= {"catId": "6719511", "file": "/xxgk/publicInfoList_newest2020"}
        answer = Browser(site, now).ask("/site/label/8888", form)
        assert answer is not None
        return [(url.removeprefix(ORIGIN), title) for url, title in listed(answer.body.decode(), ORIGIN)]
    if kind is JsonListSite:
        return [(site.article_path(item), item.title) for item in site.shown(now)]
    if site.variant in ("hunan", "beijing"):
        browser = Browser(site, now)
        browser.open(site.column_paths[0])
        pages = 1 if site.variant == "beijing" else 2
        return [(u.removeprefix(ORIGIN), t) for u, t in numbered(browser, pages, lambda n: f"index_{n}.html")]
    return list(entries_of(kind, site, now))


@each_site
def test_an_empty_list_says_so_and_a_shell_stays_one(kind: type[PortalSite], variant: str) -> None:
    site = made(kind, variant)
    browser = Browser(site, BEFORE)
    page = browser.open(site.column_paths[0])
    assert site.truth(BEFORE) == []
    assert not listed(page, browser.url) or variant in ("years", "redirect")
    if variant == "frame":
        page = browser.open("/wz/nblist/list.html")
    if variant in ("years", "redirect"):
        page = browser.open("./2019nb/")
    is_shell = kind is JsonListSite or variant in ("fjdzapp", "column", "external")
    assert is_shell or re.search("暂无相关信息|没有检索到相关信息", page)


@each_site
def test_the_home_page_leads_to_the_column(kind: type[PortalSite], variant: str) -> None:
    browser = Browser(made(kind, variant))
    links = {text: url for url, text in anchors(browser.open("/"), browser.url)}
    section = browser.open(links["政府信息公开"])
    column = {text: url for url, text in anchors(section, browser.url)}["政府信息公开年报"]
    assert column == ORIGIN + browser.site.column_paths[0]


@each_site
def test_the_same_question_has_the_same_answer(kind: type[PortalSite], variant: str) -> None:
    one, two = made(kind, variant), made(kind, variant)
    for path in (one.column_paths[0], one.article_path(one.publications[3]), "/", "/zwgk/"):
        first = Browser(one).ask(path)
        assert first is not None
        assert first == Browser(two).ask(path)
        assert first.modified <= NOW


@each_site
def test_the_portal_file_is_accepted(kind: type[PortalSite], variant: str) -> None:
    file = {"id": "liuxi", "name": PORTAL_NAME, "allowed_hosts": [HOST]} | made(kind, variant).portal_file(ORIGIN)
    assert Portal.model_validate(file).platform == kind.platform


@each_site
def test_another_address_is_nothing(kind: type[PortalSite], variant: str) -> None:
    browser = Browser(made(kind, variant))
    for path in ("/nothing.html", "/zwgk/other/", "/info/1042/9999999.htm", "/site/label/1", "/index_7.html"):
        assert browser.ask(path) is None


def test_a_page_that_is_built_daily_has_the_build_in_its_tags() -> None:
    items = [replace(item, built_daily=item.number == 3) for item in publications(8)]
    for kind, variant in ALL:
        site = kind("liuxi", PORTAL_NAME, PLACE, items, variant=variant)
        page = Browser(site).open(site.article_path(items[3]))
        assert f'<meta name="PubDate" content="{NOW:%Y-%m-%d} 03:12">' in page
        assert not re.search(r"(?:发布日期|发布时间|时间)：(?:</td><td>)?\s*20", page)
