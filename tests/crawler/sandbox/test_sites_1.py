"""Pretend portals of Hanweb (jpage, jpaas, xxgk), gkmlpt and UCAP: what holds for all, and what is peculiar to the
last two. They are walked by hand as their own pages' scripts would."""

import json
import re
from collections import Counter
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import chompjs
import pytest

from crawler.sandbox.portal_site import Answer, PortalSite, Request
from crawler.sandbox.portals import gkmlpt, ucap
from crawler.sandbox.portals.gkmlpt import GkmlptSite
from crawler.sandbox.portals.jpage import JpageSite
from crawler.sandbox.portals.ucap import UcapSite
from crawler.sandbox.portals.xxgk import XxgkSite
from tests.crawler.sandbox.hand_walks import (
    HOST,
    ORIGIN,
    WALKS,
    ask,
    hrefs,
    path_of,
    settings_of,
    site_of,
    text_of,
    visible,
)
from tests.crawler.sandbox.some_publications import NOW, PLACE, PORTAL_NAME

SHAPES = [pytest.param(kind, variant, id=f"{kind.platform}-{variant}") for kind in WALKS for variant in kind.variants]
# What gives the software away on a home page.
HOME_MARKS = {
    "jpage": "/col/col8801/index.html",
    "jpaas": "unitbuild.js",
    "xxgk": "/module/xxgk/",
    "gkmlpt": "/gkmlpt/index",
    "ucap": "/lxx/c111790/202401/c01_",
}
# Where the text of an article stands.
BODIES = re.compile(
    r'id="zoom"|ZJEG_RSS\.content\.begin|信息内容\]>begin|name="ContentStart"|id="ivs_content"|class="zc_article_con"'
    r'|class="art-con"|UCAPCONTENT|ucapcontent|class="article_content"|<div class="content" id="content">'
)


@pytest.mark.parametrize("kind, variant", SHAPES)
def test_the_lists_show_the_truth_and_each_report_once(kind, variant):
    site = site_of(kind, variant, 230 if kind is GkmlptSite else 100)
    listed = Counter(path_of(address) for address in WALKS[kind](site))
    truth = [entry.path for entry in site.truth(NOW)]
    assert len(truth) == len(set(truth)) == sum(item.kind == "report" for item in site.publications)
    assert {path: listed[path] for path in truth} == dict.fromkeys(truth, 1)
    others = {site.article_path(item) for item in site.publications if item.kind != "report"}
    beside = {path for path in listed if path not in truth and path not in others}
    assert not [path for path in beside if path in site._articles], "an article under an address that is not its own"
    if kind is GkmlptSite:
        assert {path.partition("?")[2] for path in beside} == {"jump=true", ""}
    elif (kind, variant) not in ((JpageSite, "units"), (XxgkSite, "search")):
        assert not beside


@pytest.mark.parametrize("kind, variant", SHAPES)
def test_articles_carry_their_text_and_lead_to_their_files(kind, variant):
    site = site_of(kind, variant, 40)
    reports = {site.article_path(item): item for item in site.publications if item.kind == "report"}
    assert set(reports) == {entry.path for entry in site.truth(NOW)}
    for path, item in reports.items():
        answer = ask(site, path)
        if answer.status == 301:
            path = path_of(dict(answer.headers)["Location"])
            answer = ask(site, path)
        assert answer.status == 200
        page = text_of(answer)
        assert BODIES.search(page)
        assert item.body(NOW.date()) in page
        assert page.count(item.title) > 1 and f"<title>{item.title}_" in page
        linked = {urljoin(ORIGIN + path, unescape(href)) for href in hrefs(visible(page))}
        found = [ask(site, address) for address in linked if re.search(r"\.(pdf|docx|xlsx)(&|$)", address)]
        assert sorted(file.body for file in found) == sorted(file.make() for file in item.files)


@pytest.mark.parametrize("kind, variant", SHAPES)
def test_a_home_page_leads_to_the_column_over_the_section(kind, variant):
    site = site_of(kind, variant, 20)
    home = text_of(ask(site, "/"))
    assert "/zwgk/" in hrefs(home) and HOME_MARKS[kind.platform] in home
    section = [unescape(href) for href in hrefs(text_of(ask(site, "/zwgk/")))]
    assert site.column_paths[0] in section
    assert ask(site, site.column_paths[0].partition("#")[0]).status == 200
    assert site.portal_file(ORIGIN)["platform"] == kind.platform
    assert [column["url"] for column in site.portal_file(ORIGIN)["columns"]] == [
        ORIGIN + path for path in site.column_paths
    ]


@pytest.mark.parametrize("kind, variant", SHAPES)
def test_what_is_not_published_yet_is_nowhere(kind, variant):
    site = site_of(kind, variant, 20)
    last = site.publications[-1]
    early = last.published_at - timedelta(minutes=1)
    assert last.title not in {entry.title for entry in site.truth(early)}
    path, _, query = site.article_path(last).partition("?")
    answer = site.answer(Request("GET", path, dict(parse_qsl(query)), {}, b"", {"host": HOST}), early)
    assert answer is None or last.title not in text_of(answer)


@pytest.mark.parametrize("kind, variant", SHAPES)
def test_a_portal_without_publications_answers(kind, variant):
    site = kind("nothing", PORTAL_NAME, PLACE, [], variant=variant)
    assert site.truth(NOW) == []
    for path in (*site.column_paths, site.empty_path):
        assert ask(site, path.partition("#")[0]).status == 200
    if site.column_paths:
        assert not [path for path in WALKS[kind](site) if "/2024/" not in path and "/2019/" not in path]


class TestGkmlpt:
    def api(self, site: PortalSite, query: str, column: int = 2712) -> Answer:
        return ask(site, f"{site.column_paths[0].partition('/index')[0]}/api/all/{column}?{query}")

    @pytest.mark.parametrize("variant", GkmlptSite.variants)
    def test_pages_count_from_one_and_zero_is_one(self, variant):
        site = site_of(GkmlptSite, variant, 230)
        pages = [json.loads(self.api(site, f"page={n}&sid=700041").body) for n in range(5)]
        assert pages[0] == pages[1]
        assert [len(page["articles"]) for page in pages] == [100, 100, 100, 32, 0]
        assert {page["total"] for page in pages} == {232}
        assert self.api(site, "page=1").status == 404

    def test_one_article_lives_elsewhere_and_one_is_there_twice(self):
        site = site_of(GkmlptSite, "tree", 40)
        articles = json.loads(self.api(site, "page=1&sid=700041").body)["articles"]
        outside = [article for article in articles if not article["url"].startswith(ORIGIN)]
        assert [urlsplit(article["url"]).netloc for article in outside] == ["mp.weixin.qq.com"]
        twice = [article["title"] for article in articles if article["url"].endswith("?jump=true")]
        assert len(twice) == 1 and [article["title"] for article in articles].count(twice[0]) == 2
        jumped = next(article["url"] for article in articles if article["url"].endswith("?jump=true"))
        assert ask(site, jumped).body == ask(site, jumped.removesuffix("?jump=true")).body
        titles = {entry.title for entry in site.truth(NOW)}
        assert outside[0]["title"] not in titles

    def test_addresses_follow_from_numbers(self):
        paths = [e.path for e in site_of(GkmlptSite, "fragment").truth(NOW)]
        assert any("/mpost_" in path for path in paths)
        for path in paths:
            millions, thousands, post = re.fullmatch(r"/gkmlpt/content/(\d+)/(\d+)/m?post_(\d+)\.html", path).groups()
            assert (int(millions), int(thousands)) == (int(post) // 1_000_000, int(post) // 1000)
        department = site_of(GkmlptSite, "department")
        assert all(e.path.startswith("/lxxczj/gkmlpt/content/") for e in department.truth(NOW))
        assert ask(department, "/gkmlpt/index").status == 404

    def test_the_tree_has_traps(self):
        site = site_of(GkmlptSite, "fragment", 40)
        tree = settings_of(text_of(ask(site, "/gkmlpt/index")))["TREE"]
        nodes = {node["name"]: node for top in tree for node in top["children"]}
        assert next(iter(nodes)) == "年度报告" and nodes["年度报告"]["id"] != nodes["政府信息公开年报"]["id"]
        assert nodes["政府信息公开指南"]["jump_url"]
        law = json.loads(self.api(site, "page=1&sid=700041", nodes["年度报告"]["id"]).body)
        assert all("法治政府" in article["title"] for article in law["articles"])
        assert json.loads(self.api(site, "page=1&sid=700041", nodes["历年归档"]["id"]).body)["total"] == 0
        everything = json.loads(self.api(site, "page=1&sid=700041", 0).body)
        assert everything["total"] == 42 + 3

    def test_settings_of_an_article_hold_its_text(self):
        site = site_of(GkmlptSite, "tree", 40)
        item = next(item for item in site.publications if item.files)
        page = text_of(ask(site, site.article_path(item)))
        detail = settings_of(page)["DETAIL"]
        assert item.body(NOW.date()) in detail["content"] and "\\u003C" in page
        found = re.fullmatch(r"/attachment/(\d+)/(\d+)/(\d+)/(\d+)\.pdf", detail["attachment"][0]["url"]).groups()
        number, post = int(found[2]), int(found[3])
        assert (int(found[0]), int(found[1]), post) == (number // 1_000_000, number // 1000, site.post_id(item))

    def test_javascript_literals(self):
        value = {"a": "'\"\\<b>\n", "b": [1, 2.5, None], "c": {"d": "/"}}
        assert chompjs.parse_js_object(gkmlpt.javascript(value)) == value


class TestUcap:
    def search(self, site: PortalSite, query: str) -> Answer:
        page = text_of(ask(site, site.column_paths[0]))
        channel = re.search(r'name="channelid" content="(\w+)"', page)[1]
        return ask(site, f"{'/searchList' if site.variant == 'searchlist' else '/common/search'}/{channel}?{query}")

    @pytest.mark.parametrize(
        "variant, sizes", [("json", [30, 30, 30, 10, 0]), ("json_fixed", [18, 18, 18, 18, 18, 10])]
    )
    def test_some_have_their_own_size(self, variant, sizes):
        site = site_of(UcapSite, variant)
        for number, size in enumerate(sizes, start=1):
            data = json.loads(self.search(site, f"page={number}&_pageSize=30&_isJson=true").body)["data"]
            assert len(data["results"]) == size and data["total"] == 100
            assert data["rows"] == (30 if variant == "json" else ucap.FIXED_SIZE)

    def test_without_the_word_json_it_is_html(self):
        assert text_of(self.search(site_of(UcapSite, "json"), "page=1&_pageSize=15")).startswith("<ul>")

    def test_addresses_in_three_forms_and_some_that_moved(self):
        site = site_of(UcapSite, "json")
        rows = json.loads(self.search(site, "page=1&_pageSize=15&_isJson=true").body)["data"]["results"]
        assert {re.match(r"http:|//|/", row["url"])[0] for row in rows} == {"http:", "//", "/"}
        moved = [row["url"] for row in rows if "/old/" in row["url"]]
        answer = ask(site, moved[0])
        assert answer.status == 301
        location = dict(answer.headers)["Location"]
        assert "/old/" not in location and ask(site, location).status == 200

    def test_static_pages(self):
        site = site_of(UcapSite, "pager")
        assert ask(site, "/lxx/c108463/list_7.shtml").status == 200
        assert ask(site, "/lxx/c108463/list_8.shtml").status == 404
        empty = text_of(ask(site, site.empty_path))
        assert "暂无相关信息" in empty and "createPageHTML('page_div',1, 1,'list','shtml',0)" in empty

    def test_a_root_that_sends_on_without_an_encoding(self):
        site = site_of(UcapSite, "redirect")
        answer = ask(site, site.column_paths[0])
        assert len(answer.body) < 200 and answer.content_type == "text/html"
        assert site.column_paths[0].endswith("redirect_firstChannel.shtml")

    def test_an_empty_channel(self):
        site = site_of(UcapSite, "searchlist")
        channel = re.search(r'name="channelid" content="(\w+)"', text_of(ask(site, site.empty_path)))[1]
        data = json.loads(ask(site, f"/searchList/{channel}?page=1&_isJson=true").body)["data"]
        assert (data["total"], data["results"]) == (0, [])
