"""What is peculiar to the pretend portals of Hanweb: jpage, jpaas and the disclosure module."""

import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import chompjs
import pytest

from crawler.sandbox.portal_site import Answer, PortalSite
from crawler.sandbox.portals import jpaas, jpage, xxgk
from crawler.sandbox.portals.jpaas import JpaasSite
from crawler.sandbox.portals.jpage import JpageSite
from crawler.sandbox.portals.xxgk import XxgkSite
from tests.crawler.sandbox.hand_walks import ORIGIN, ask, records, script, site_of, text_of, visible, walk_directory
from tests.crawler.sandbox.some_publications import NOW, PLACE, PORTAL_NAME, publications


class TestJpage:
    def group(self, site: PortalSite, start: int, **headers: str) -> Answer:
        column = site.column_paths[0]
        call = chompjs.parse_js_object(text_of(ask(site, column)).split(".jpage(")[-1])
        fields = {name: str(value) for name, value in call["ajaxParam"].items()}
        address = f"{call['proxyUrl']}?startrecord={start}&endrecord={start + 44}&perpage=15"
        return ask(site, address, form=fields, headers=headers or script(site))

    def test_the_first_group_is_hidden_in_a_script(self):
        page = text_of(ask(site_of(JpageSite, "post"), "/col/col8812/index.html"))
        assert len(records(page)) == 45
        assert "年度报告" not in visible(page)
        # The page link that people can read shows the first page again.
        again = ask(site_of(JpageSite, "post"), "/col/col8812/index.html?uid=30442&pageNum=3")
        assert text_of(again) == page

    @pytest.mark.parametrize("variant", JpageSite.variants)
    def test_past_the_end_and_for_strangers_the_group_is_empty(self, variant):
        site = site_of(JpageSite, variant)
        assert len(records(text_of(self.group(site, 46)))) == 45
        assert self.group(site, 1000).body == jpage.EMPTY_GROUP
        assert len(jpage.EMPTY_GROUP) == 54
        column = ORIGIN + site.column_paths[0]
        stranger = ORIGIN + "/col/col1/index.html"
        assert self.group(site, 46, referer=column).body == jpage.EMPTY_GROUP
        assert self.group(site, 46, **script(site) | {"referer": stranger}).body == jpage.EMPTY_GROUP

    def test_groups_by_number(self):
        site = site_of(JpageSite, "get")
        page = text_of(ask(site, site.column_paths[0]))
        following = re.search(r"<nextgroup><!\[CDATA\[<a href=\"(.*?)\"", page)[1]
        assert following.startswith("./dataproxy.jsp?page=2&") and "webname=%25E6" in following
        answer = ask(site, urljoin("/module/jpage/", following), headers=script(site))
        assert answer.content_type.startswith("text/html")
        assert "page=3&" in text_of(answer) and "[2023-" in text_of(answer)
        last = ask(site, urljoin("/module/jpage/", following.replace("page=2", "page=3")), headers=script(site))
        assert len(records(text_of(last))) == 10 and "nextgroup" not in text_of(last)
        past = ask(site, urljoin("/module/jpage/", following.replace("page=2", "page=4")), headers=script(site))
        assert past.body == jpage.EMPTY_GROUP

    def test_rows_have_the_known_oddities(self):
        post = records(text_of(ask(site_of(JpageSite, "post"), "/col/col8812/index.html")))
        assert any("…</a>" in row for row in post)
        assert all(re.search(r'title="[^"…]+"', row) for row in post)
        assert any(re.search(r">20\d\d-02-000\d\d<", row) for row in post)
        units = records(text_of(ask(site_of(JpageSite, "units"), "/col/col8812/index.html")))
        assert any(re.search(r"<span>20\d\d-0\n\d-\d\d</span>", row) for row in units)

    def test_the_old_form_is_gbk_and_nothing_says_so_but_the_page(self):
        answer = ask(site_of(JpageSite, "initdata"), "/col/col8812/index.html")
        assert answer.content_type == "text/html"
        assert "政府信息公开".encode("gbk") in answer.body and b"charset=gb2312" in answer.body

    def test_units_and_opaque_codes(self):
        site = site_of(JpageSite, "units")
        page = text_of(ask(site, site.column_paths[0]))
        calls = [chompjs.parse_js_object(text) for text in re.findall(r"\.jpage\((\{.*?\})\);", page, re.S)]
        assert [call["totalRecord"] for call in calls] == [4, 20, 100]
        assert len({call["ajaxParam"]["columnid"] for call in calls}) == 1 and "/" in calls[0]["ajaxParam"]["columnid"]
        assert all(re.search(r"/col/col8812/art/\d{4}/art_[0-9a-f]{32}\.html$", e.path) for e in site.truth(NOW))

    def test_one_article_shown_at_its_columns_address(self):
        site = site_of(JpageSite, "single")
        alone = site.column_paths[1]
        page = text_of(ask(site, alone))
        assert "jpage(" not in page and '<meta name="ArticleTitle"' in page
        assert alone in {entry.path for entry in site.truth(NOW)}

    def test_a_download_has_the_real_name_percent_encoded(self):
        site = site_of(JpageSite, "post")
        item = next(item for item in site.publications if item.files)
        path = site.file_path(item, item.files[0], 0)
        assert re.fullmatch(
            r"/module/download/downfile\.jsp\?classid=0&filename=[0-9a-f]{32}\.pdf&showname=[%\w.]+", path
        )
        answer = ask(site, path)
        assert answer.body == item.files[0].make()
        assert quote(item.files[0].name) in dict(answer.headers)["Content-Disposition"]

    def test_an_empty_column(self):
        site = site_of(JpageSite, "post")
        page = text_of(ask(site, site.empty_path))
        assert "totalRecord:0" in page and not records(page)


class TestJpaas:
    def unit(self, site: PortalSite, headers: dict[str, str] | None = None, **more: str) -> Answer:
        page = text_of(ask(site, site.column_paths[0]))
        data = json.loads(re.search(r'queryData="([^"]+)"', page)[1].replace("'", '"')) | more
        address = jpaas.ENDPOINT + "?" + "&".join(f"{k}={quote(v)}" for k, v in data.items())
        return ask(site, address, headers=script(site) if headers is None else headers)

    def test_plain_page_numbers_are_ignored(self):
        site = site_of(JpaasSite, "column")
        first = self.unit(site).body
        assert self.unit(site, pageNo="2", rows="30").body == first
        second = self.unit(site, paramJson='{"pageNo":2,"pageSize":15}').body
        assert b'pageNo=\\"2\\"' in second and second != first
        past = json.loads(self.unit(site, paramJson='{"pageNo":99,"pageSize":15}').body)["data"]["html"]
        assert "<li" not in past and 'count="100"' in past

    @pytest.mark.parametrize("variant", JpaasSite.variants)
    def test_strangers_are_refused(self, variant):
        site = site_of(JpaasSite, variant)
        assert self.unit(site, headers={}).status == 403
        assert self.unit(site, headers=script(site) | {"user-agent": ""}).status == 403
        assert self.unit(site).status == 200
        assert json.loads(self.unit(site, pageId="1").body)["data"]["html"] == ""

    def test_the_number_chooses_inside_json_inside_json(self):
        site = site_of(JpaasSite, "number")
        assert "年度报告" not in json.loads(self.unit(site).body)["data"]["html"]
        chosen = {"pageNo": 1, "pageSize": 15, "search": json.dumps({"xxgkId": "JD16-JD1602"})}
        assert "年度报告" in json.loads(self.unit(site, paramJson=json.dumps(chosen)).body)["data"]["html"]

    def test_spelling_order_and_links(self):
        assert b"'parseType':'bulidstatic'" in ask(site_of(JpaasSite, "column"), "/col/col1229/index.html").body
        miit = site_of(JpaasSite, "miit")
        page = text_of(ask(miit, miit.column_paths[0]))
        assert "'parseType':'buildstatic'" in page and re.search(r"'webId':'[0-9a-f]{32}'", page)
        html = json.loads(self.unit(miit).body)["data"]["html"]
        assert {href.startswith("http://") for href in re.findall(r'class="fl" href="([^"]+)', html)} == {True, False}
        dates = re.findall(r"<span>(\d{4}-\d\d-\d\d)</span>", html)
        assert len(dates) == 15 and dates != sorted(dates, reverse=True)

    def test_an_empty_column(self):
        site = site_of(JpaasSite, "column")
        page = text_of(ask(site, site.empty_path))
        data = json.loads(re.search(r'queryData="([^"]+)"', page)[1].replace("'", '"'))
        assert 'count="0"' in json.loads(self.unit(site, pageId=data["pageId"]).body)["data"]["html"]


class TestXxgk:
    def post(self, site: PortalSite, **form: str) -> str:
        fields = {"infotypeId": "", "jdid": "3", "area": site.area, "currpage": "1"} | form
        return ask(site, xxgk.SEARCH, form=fields).body.decode("gb18030")

    def test_a_kind_of_information_chosen_in_the_tree(self):
        site = site_of(XxgkSite, "search")
        page = text_of(ask(site, site.column_paths[0]))
        frame = unescape(re.search(r'<iframe[^>]* src="([^"]+)"', page)[1])
        nodes = dict(re.findall(r"funclick\('(\d+)','(.*?)'\)", text_of(ask(site, frame))))
        (reports,) = (type for type, name in nodes.items() if "年报" in name)
        listed = list(walk_directory(site, reports))
        assert sorted(listed) == sorted(map(site.article_path, site.publications))

    def test_past_the_end_empty_and_foreign_areas(self):
        site = site_of(XxgkSite, "search")
        assert "第9页/共8页 共112条" in self.post(site, currpage="9") and "href" not in self.post(site, currpage="9")
        empty = dict(parse_qsl(urlsplit(site.empty_path).query))["vc_xxgkarea"]
        assert "没有查询到" in self.post(site, area=empty) and "共0条" in self.post(site, area=empty)
        assert "石桥县" in self.post(site, area=xxgk.FOREIGN_AREA) and "石桥县" not in self.post(site)
        assert "石桥县" in self.post(site, area="")
        assert "没有查询到" in ask(site, xxgk.SEARCH).body.decode("gb18030")

    def test_reports_by_query(self):
        site = site_of(XxgkSite, "annual")
        agencies = {item.agency_id for item in site.publications if item.kind == "report"}
        assert (
            len(site.column_paths) == len(agencies) == len({column.split("area=")[1] for column in site.column_paths})
        )
        column = site.column_paths[0]
        newest = next(entry for entry in site.truth(NOW) if entry.path.startswith(column))
        assert newest.title in text_of(ask(site, column))
        assert "没有查询到" in text_of(ask(site, f"{column}2012"))
        assert "没有查询到" in text_of(ask(site, site.empty_path))
        assert "石桥县" in text_of(ask(site, f"{xxgk.ANNUAL}?area={xxgk.FOREIGN_AREA}&fbtime=2023"))
        named = site.portal_file(ORIGIN)["columns"]
        assert named[0]["agency"] == f"{PLACE}财政局"

    def test_years_that_only_the_portal_file_knows(self):
        site = site_of(XxgkSite, "annual_years")
        assert "fbtime=" not in text_of(ask(site, site.column_paths[0]))
        assert site.portal_file(ORIGIN)["options"] == {"years": list(range(2020, 2025))}
        assert "options" not in site_of(XxgkSite, "annual").portal_file(ORIGIN)

    def test_a_query_holds_the_newest_report_of_a_year(self):
        first, *rest = publications(20)
        again = first.__class__(99, f"{first.title}（更正）", "report", first.publisher, NOW - timedelta(days=1),
                                first.body, (), first.agency_id, first.year)  # fmt: skip
        site = XxgkSite("liuxi", PORTAL_NAME, PLACE, [first, *rest, again], variant="annual")
        path = site.article_path(first)
        assert [entry.title for entry in site.truth(NOW) if entry.path == path] == [again.title]
        assert [e.title for e in site.truth(NOW - timedelta(days=2)) if e.path == path] == [first.title]
        assert again.title in text_of(ask(site, path))
