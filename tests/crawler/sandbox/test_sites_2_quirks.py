"""Pretend portals of TRS, Boda, Longxun, JSON interfaces and plain pages: what is particular to each."""

import json
import re
from html import unescape
from urllib.parse import urljoin

import pytest

from crawler.sandbox.portal_site import Answer, PortalSite
from crawler.sandbox.portals.boda import BodaSite
from crawler.sandbox.portals.json_list import JsonListSite
from crawler.sandbox.portals.longxun import LongxunSite
from crawler.sandbox.portals.static_list import StaticListSite
from crawler.sandbox.portals.trs import TrsSite
from tests.crawler.sandbox.sites_2_walks import ORIGIN, Browser, Rows, anchors, entries_of, found, listed, made
from tests.crawler.sandbox.some_publications import NOW


@pytest.mark.parametrize("variant", [name for name in TrsSite.variants if name not in ("was", "fjdzapp")])
def test_trs_answers_a_stub_for_a_missing_page(variant: str) -> None:
    site = made(TrsSite, variant)
    answer = Browser(site).ask(site.column_paths[0] + "index_9.html")
    assert answer is not None and answer.status == 200
    assert 300 <= len(answer.body) <= 400
    assert "年" not in answer.body.decode()


def test_trs_names_an_article_by_the_day_of_its_entry() -> None:
    site = made(TrsSite, "plain")
    item = site.publications[3]
    assert f"{item.day:%Y%m%d}" not in site.article_path(item)
    assert str(item.day) in Browser(site).open(site.article_path(item))
    assert not re.search(r"t\d{8}_", site.article_path(site.publications[5]))


def test_trs_nests_its_editor_and_marks_its_files() -> None:
    site = made(TrsSite, "plain")
    page = Browser(site).open(site.article_path(site.publications[6]))
    assert re.search(r'<div class="TRS_Editor"><div class="TRS_Editor">', page)
    files = re.findall(
        r'<a appendix="true" data-appendix="true" needdownload="true" href="\./P0\d{20}\.(\w+)" title=', page
    )
    assert files == ["pdf", "docx"]


def test_trs_lists_some_articles_of_chongqing_twice() -> None:
    site = made(TrsSite, "createpage")
    copies = [path for path, _ in entries_of(TrsSite, site) if "_wap." in path]
    assert len(copies) == len(set(copies)) == 10
    assert "<h2>" in Browser(site).open(copies[0])
    assert not {entry.path for entry in site.truth(NOW)} & set(copies)


def test_was_says_that_nothing_was_found_past_the_end() -> None:
    site = made(TrsSite, "was")
    pages = site.portal_file(ORIGIN)["pages"]
    browser = Browser(site)
    browser.open(site.column_paths[0])
    assert "没有检索到" in browser.open(pages["pattern"].replace("{n}", "4"))
    assert "没有检索到" not in browser.open(pages["pattern"].replace("{n}", "3"))


def test_fujian_has_copies_and_steps_where_a_document_was() -> None:
    site = made(TrsSite, "fjdzapp")
    browser = Browser(site)
    form = {"channelid": "229105", "classsql": "chnlid=1207", "page": "1", "prepage": "100", "templet": "docs.jsp"}
    rows = browser.data("/fjdzapp/search", form)["docs"]
    assert len(rows) == 40
    assert browser.open(rows[0]["chnldocurl"]) == browser.open(rows[0]["docpuburl"])
    assert rows[0]["chnldocurl"] != rows[0]["docpuburl"]
    gone = browser.open(re.sub(r"_\d+\.htm", "_1.htm", rows[0]["docpuburl"]))
    assert 'http-equiv="refresh" content="0;url=../"' in gone
    past = browser.data("/fjdzapp/search", form | {"page": "2"})
    assert past["docs"] == [] and past["recordCount"] == 40
    assert browser.data("/fjdzapp/search", form | {"classsql": "chnlid=9"})["recordCount"] == 0
    with_file = next(row for row in rows if row["files"])
    assert browser.ask(urljoin(with_file["docpuburl"], with_file["files"][0]["appfile"])) is not None


def test_boda_counts_its_pages_backwards() -> None:
    site = made(BodaSite, "static")
    browser = Browser(site)
    oldest = site.article_path(site.publications[0])
    assert "下页" in browser.open("/xxgk/nb/2.htm") and oldest not in browser.open("/xxgk/nb/2.htm")
    assert oldest.rpartition("/")[2] in browser.open("/xxgk/nb/1.htm")
    assert browser.ask("/xxgk/nb/4.htm") is None
    # With fewer pages the same entries stand under other names: the second page was nb/1.htm.
    before = Browser(site, site.publications[24].published_at)
    assert before.ask("/xxgk/nb/2.htm") is None
    assert oldest.rpartition("/")[2] in before.open("/xxgk/nb/1.htm")


def test_boda_lists_some_articles_under_two_trees() -> None:
    site = made(BodaSite, "static")
    rows = [path for path, _ in entries_of(BodaSite, site)]
    copies = [path for path in rows if "1055" in path]
    assert len(copies) == 6 and len(rows) == 46
    for path in copies:
        first = path.replace("1055", "1042")
        assert rows.index(first) == rows.index(path) - 1
        assert first in {entry.path for entry in site.truth(NOW)} | {site.article_path(i) for i in site.publications}
        assert Browser(site).open(path) == Browser(site).open(first)
    assert sum("content.jsp?urltype=news.NewsContentUrl&wbtreeid=1042" in path for path in rows) == 8


@pytest.mark.parametrize(("variant", "parameter"), [("dynamic", "PAGENUM"), ("older", "a134567p")])
def test_boda_jsp_lists_have_links_of_a_query_alone(variant: str, parameter: str) -> None:
    site = made(BodaSite, variant)
    browser = Browser(site)
    page = browser.open(site.column_paths[0])
    assert re.search(rf'href="\?[^"]*&amp;{parameter}=2&amp;', page)
    assert "共46条&nbsp;&nbsp;1/4" in page
    past = browser.open(f"{site.column_paths[0]}&{parameter}=9")
    assert not listed(past, browser.url)


def test_boda_sends_files_without_a_name_in_their_address() -> None:
    site = made(BodaSite, "static")
    item = site.publications[4]
    page = Browser(site).open(site.article_path(item))
    link = unescape(found(r'附件【<a href="([^"]*)"', page))
    assert "docx" not in link
    answer = Browser(site).ask(link)
    assert answer is not None and answer.body == item.files[0].make()
    assert answer.content_type == "application/octet-stream"
    assert dict(answer.headers)["Content-Disposition"].endswith(".docx")
    pdf = site.publications[2]
    shown = found(r'showVsbpdfIframe\("(.*?)"', Browser(site).open(site.article_path(pdf)))
    assert shown.startswith("/__local/") and Browser(site).ask(shown) is not None


def test_boda_asks_for_a_captcha_before_one_file_only() -> None:
    site = made(BodaSite, "captcha")
    assert isinstance(site, BodaSite) and len(site.behind_captcha) == 1
    answer = Browser(site).ask(next(iter(site.behind_captcha)))
    assert answer is not None and answer.status == 200
    assert answer.content_type.startswith("text/html") and "验证码" in answer.body.decode()
    plain = made(BodaSite, "static")
    assert isinstance(plain, BodaSite) and not plain.behind_captcha


def test_longxun_says_that_there_is_nothing_in_the_words_it_was_given() -> None:
    site = made(LongxunSite, "column")
    answer = Browser(site).ask("/site/label/8888?labelName=publicInfoList&catId=1&result=暂无相关信息")
    assert answer is not None and answer.body.decode() == "暂无相关信息"


def test_longxun_writes_the_body_as_it_does() -> None:
    site = made(LongxunSite, "column")
    page = Browser(site).open(site.article_path(site.publications[4]))
    assert 'class="j-fontContent newscontnet' in page and '<td id="_fileNum">' in page
    assert re.search(r'href="/group6/M00/', page)


def test_quanzhou_refuses_who_does_not_come_from_the_column() -> None:
    site = made(JsonListSite, "quanzhou")
    link = site.portal_file(ORIGIN)["options"]["endpoint"].replace("{page}", "1").replace("{size}", "15")
    browser = Browser(site)
    answer = browser.ask(link)
    assert answer is not None and answer.status == 403
    browser.open(site.column_paths[0])
    assert len(browser.data(link)["data"]["docs"]) == 15


def test_epoint_counts_from_zero_and_packs_json_into_json() -> None:
    site = made(JsonListSite, "epoint")
    form = {"siteGuid": "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a", "categoryNum": "003001005", "pageSize": "15"}
    answer = Browser(site).data(site.portal_file(ORIGIN)["options"]["endpoint"], form | {"pageIndex": "0"})
    assert isinstance(answer["custom"], str)
    rows = json.loads(answer["custom"])["infodata"]
    assert rows[0]["title"] == site.shown(NOW)[0].title


@pytest.mark.parametrize("variant", ["suzhou", "epoint", "chinatax"])
def test_a_question_by_get_is_refused_where_scripts_post(variant: str) -> None:
    site = made(JsonListSite, variant)
    endpoint = site.portal_file(ORIGIN)["options"]["endpoint"].partition("?")[0]
    answer = Browser(site).ask(endpoint)
    assert answer is not None and answer.status == 405


def test_static_looks_differ_in_encoding() -> None:
    kinds = {
        "links": ("utf-8", True),
        "script": ("gbk", False),
        "table": ("gb18030", True),
        "headings": ("utf-8-sig", False),
    }
    for variant, (encoding, has_etag) in kinds.items():
        site = made(StaticListSite, variant)
        answer = Browser(site).ask(site.column_paths[0])
        assert answer is not None
        assert "年报" in answer.body.decode(encoding)
        assert ("ETag" in dict(answer.headers)) == has_etag
        assert ("charset" in answer.content_type) == (encoding.startswith("utf-8"))
    assert b'charset="gb2312"' in answer_of("table").body
    assert answer_of("headings").body.startswith(b"\xef\xbb\xbf")


def answer_of(variant: str) -> Answer:
    site = made(StaticListSite, variant)
    answer = Browser(site).ask(site.column_paths[0])
    assert answer is not None
    return answer


def test_a_redirecting_root_is_about_160_bytes() -> None:
    assert 140 <= len(answer_of("redirect").body) <= 180


def test_rows_twice_link_the_report_and_its_file() -> None:
    site = made(StaticListSite, "rows_twice")
    rows = list(entries_of_links(site))
    whole = [path for path, text in rows if text == "全文下载"]
    assert len(whole) == 15
    assert any(path.endswith(".pdf") for path in whole) and any(path.endswith(".html") for path in whole)


def entries_of_links(site: PortalSite) -> Rows:
    browser = Browser(site)
    return anchors(browser.open(site.column_paths[0]), browser.url)


def test_a_matrix_links_some_files_themselves() -> None:
    site = made(StaticListSite, "matrix")
    paths = [entry.path for entry in site.truth(NOW)]
    assert sum("/uploadfile/" in path for path in paths) == 9
    page = answer_of("matrix").body.decode()
    assert "<th>2021年</th>" in page and "<td>柳溪县财政局</td>" in page


def test_headings_stand_over_rows_without_dates() -> None:
    page = answer_of("headings").body.decode("utf-8-sig")
    assert re.findall(r'<h3 class="year">(\d+)年</h3>', page) == ["2022", "2021"]
    rows = found(r'(<ul class="list">.*</ul>)', page)
    assert not re.search(r"20\d\d-\d\d", rows)


@pytest.mark.parametrize(
    ("variant", "shape"),
    [
        ("script", r"onclick=\"down3\('[\w-]+\.PDF'\)\""),
        ("table", r'data-url="/uploadfile/.*?\.pdf"'),
        ("years", r"viewer\.html\?file=%2Fuploadfile%2F.*?\.pdf"),
        ("headings", r'<embed src="/uploadfile/.*?\.pdf"'),
        ("links", r'<a href="(?:\.\./)+uploadfile/.*?\.pdf" title='),
    ],
)
def test_files_are_linked_in_the_ways_of_real_sites(variant: str, shape: str) -> None:
    site = made(StaticListSite, variant)
    assert re.search(shape, Browser(site).open(site.article_path(site.publications[2])))


@pytest.mark.parametrize(
    ("variant", "shape"),
    [
        ("openness", r"/OpennessAnnualReport/show/\d+\.html"),
        ("shandong", r"/gongkai/site_\w+/channel_\w+/doc_[0-9a-f]{24}\.html"),
        ("eportal", r"/lxx/zwgk/zfxxgknb/\d+/index\.html"),
        ("hebei", r"/columns/[0-9a-f-]{36}/\d{6}/\d\d/[0-9a-f-]{36}\.html"),
        ("jiangxi", r"/lxxrmzf/xxgkn142/\d{6}/content_\d+\.html"),
        ("frame", r"/wz/nb/\d{18,19}\.html"),
    ],
)
def test_addresses_have_the_shapes_of_their_systems(variant: str, shape: str) -> None:
    assert all(re.fullmatch(shape, entry.path) for entry in made(StaticListSite, variant).truth(NOW))
