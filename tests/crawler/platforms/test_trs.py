"""TRS: pagers and rows that stand in scripts, the JSON of its search, and whole columns of the pretend portal."""

import json
import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.address import bare, question
from crawler.pages.fields import fields_of, with_field
from crawler.pages.scripts import inline_scripts, number_in, text_in
from crawler.platforms import ListPage, trs
from crawler.portal import Portal
from crawler.sandbox.portals.json_list import JsonListSite
from crawler.sandbox.portals.trs import TrsSite
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

URL = "http://www.example.gov.cn/zwgk/xxgknb/"
REPORT = "柳溪县财政局2023年政府信息公开工作年度报告"


def portal(**more: object) -> Portal:
    said = {"id": "liuxi", "name": "柳溪县人民政府", "platform": "trs", "allowed_hosts": ["www.example.gov.cn"]}
    return Portal.model_validate({**said, "columns": [{"url": URL}], **more})


def read(html: str, url: str = URL, **more: object) -> ListPage:
    given = portal(**more)
    return trs.read_list(html.encode(), None, url, given, given.columns[0])


def rows(count: int) -> str:
    row = f'<li><a href="./202401/t20240126_{{n}}.html" title="{REPORT}">柳溪县…</a><span>2024-01-26</span></li>'
    return "<ul class=list>" + "".join(row.replace("{n}", str(n)) for n in range(count)) + "</ul>"


def further(script: str, url: str = URL, **more: object) -> list[str]:
    page = read(f"{rows(5)}<script>{script}</script>", url, **more)
    return [address.removeprefix(URL) for address in page.further]


FROM_0, FROM_1 = ["index_1.html", "index_2.html"], ["index_2.html", "index_3.html"]
PAGERS = {
    'createPageHTML(3, 0, "index", "html");': FROM_0,
    "createPage(3,0,'index','html')": FROM_0,
    'createPageHTML(3, 1, "index", "html");': FROM_1,
    "createPageHTML('paging',3,1,'index','html',500)": FROM_1,
    "var countPage=3; var currentPage=0;": FROM_0,
    "var countPage = 3//共多少页\nvar currentPage = 1;": FROM_1,
    'var countPage=3,currentPage=0;createPageHTML(countPage, currentPage, "index", "html")': FROM_0,
    'var n = "3"; var name="list", ext="shtml"; createPageHTML(n, 0, name, ext)': ["list_1.shtml", "list_2.shtml"],
    '$(".pagination").pagination({totalPage:3})': FROM_1,
    "$('.pagination').pagination({ currentPage: 1, totalPage : 3, callback: go })": FROM_1,
    'createPageHTML(13, 3, 0, "index", "html")': FROM_0,
    'createPageHTML(3, 0, 13, "index", "html")': FROM_0,
    "createPageHTML(1, 13, 3)": FROM_1,
    'createPageHTML(3, 0, "index", "html", 13)': FROM_0,
    'createPageHTML(parseInt("3"), 0, "index", "html")': FROM_0,
    '//createPageHTML(9,0,"index","html")\n/* createPage(8,0,"a","html") */createPage(3,0,"index","html")': FROM_0,
    "function createPageHTML(a,b){ if(a>1){} }\ncreatePageHTML(3,0,'index','html')": FROM_0,
    'createPageHTML(1, 0, "index", "html")': [],
    "createPageHTML(0, 0, 'index', 'html')": [],
}


@pytest.mark.parametrize("script", PAGERS)
def test_names_of_further_pages(script: str) -> None:
    assert further(script) == PAGERS[script]
    page = read(f"{rows(5)}<script>{script}</script>")
    assert (page.declared_pages, page.unread_pager) == (len(PAGERS[script]) + 1, False)


def test_counts_of_three_numbers() -> None:
    page = read(f'{rows(5)}<script>createPageHTML(3, 13, 0, "index", "html")</script>')
    assert (page.declared_entries, page.declared_pages, page.rows) == (13, 3, 5)


def test_a_further_page_names_no_page_that_is_not_there() -> None:
    for at, script in (
        ("index_2.html", "createPageHTML(4,2,'index','html')"),
        ("index_1.html", "createPage(4,1,'index','html')"),
    ):
        left = set(further(script, URL + at))
        assert left <= {"index_1.html", "index_2.html", "index_3.html"} & {
            "index_2.html",
            "index_3.html",
            "index_4.html",
        }


def test_the_portal_file_says_how_pages_are_counted() -> None:
    assert further('createPageHTML(3, 0, "index", "html")', options={"counts_from": 1}) == FROM_1
    assert further("createPageHTML('p',3,1,'index','html',9)", options={"counts_from": 0}) == FROM_0
    # Numbers that fit no way of counting are not guessed at.
    page = read(f'{rows(5)}<script>createPageHTML(9, 4, "index", "html")</script>')
    assert page.further == [] and page.unread_pager and page.declared_pages == 9


def test_a_column_whose_name_ends_in_a_number_is_a_first_page_too() -> None:
    url = URL + "list_12.html"
    script = f"{rows(5)}<script>var countPage=3;var currentPage=0;</script>"
    page = read(script, url, columns=[{"url": url}])
    assert [address.removeprefix(URL) for address in page.further] == ["list_12_1.html", "list_12_2.html"]


def test_what_the_file_says_of_pages_comes_first() -> None:
    script = '$(".pagination").pagination({totalPage:3})'
    html = f'{rows(5)}<div class=p><a href="b.html">b</a></div><script>{script}</script>'
    assert read(html, selectors={"next": ".p"}).further == [URL + "b.html"]
    assert read(f"{rows(5)}<script>createPageHTML(n)</script>", pages={"pattern": "index_{n}.html"}).unread_pager


@pytest.mark.parametrize(
    "script",
    [
        'createPageHTML(13, 3, 0, "index", "html")',
        "var pageSize = 5; $('.list li').hide().slice(0,pageSize).show(); var countPage=3; var currentPage=0;",
        "var pageSize=5; $('.list li:gt(4)').hide(); $('.p').pagination({totalPage: Math.ceil(n/pageSize)})",
    ],
)
def test_all_rows_are_there_and_a_script_shows_some(script: str) -> None:
    page = read(f"{rows(13)}<div class=page></div><script>{script}</script>")
    assert (page.further, page.declared_pages, page.unread_pager, len(page.links)) == ([], None, False, 13)
    # With a page's worth of rows it is a list as any other.
    page = read(f"{rows(5)}<div class=page></div><script>{script}</script>")
    assert page.further or page.unread_pager


@pytest.mark.parametrize("more", ['<script>createPageHTML(3, 0, 15, "index", "html")</script>',
                                  '每页共15条<script>createPageHTML(3, 0, "index", "html")</script>'])  # fmt: skip
def test_the_rows_of_a_page_are_not_taken_for_all(more: str) -> None:
    assert len(read(rows(15) + more).further) == 2


def test_rows_in_scripts() -> None:
    def row(n: int) -> str:
        return (
            f'<li><script>var url="./202602/t2026020{n}_7.shtml"; '
            f'var title="柳溪县\\u8d22政局202{n}年政府信息公开工作年度报告"; '
            "document.writeln('<a href=\"'+url+'\">'+title+'</a>');</script>"
            f"<span>2026-02-0{n}</span></li>"
        )

    page = read(f"<ul>{row(1)}{row(2)}</ul><script>createPageHTML(2,0,'index','shtml')</script>")
    assert [tuple(link) for link in page.links] == [
        (f"{URL}202602/t2026020{n}_7.shtml", f"柳溪县财政局202{n}年政府信息公开工作年度报告", f"2026-02-0{n}")
        for n in (1, 2)
    ]
    assert page.has_structure and page.rows >= 2 and page.unfollowed == [] and page.further == [URL + "index_1.shtml"]


def test_rows_in_one_script() -> None:
    lines = "".join(
        f"url='/nb/{n}.html';title='<font color=red>柳溪县水利局202{n}年政府信息公开年报</font>';"
        f"document.write('<li><a href='+url+'>'+title+'</a>202{n}-03-01</li>');"
        for n in (1, 2)
    )
    page = read(f"<ul><script>var url,title;{lines}</script></ul>")
    assert [(link.title, link.listed_on) for link in page.links] == [
        (f"柳溪县水利局202{n}年政府信息公开年报", f"202{n}-03-01") for n in (1, 2)
    ]


WAS = "http://www.example.gov.cn/was5/web/search?channelid=229105&templet=nb.jsp"
BUTTONS = (
    '<a href="javascript:next(2)">[2]</a><a href="javascript:next(3)">[3]</a><a href="javascript:next(2)">下一页</a>'
)


@pytest.mark.parametrize(
    ("html", "url", "pages"),
    [
        (BUTTONS, WAS, [WAS + "&page=2", WAS + "&page=3"]),
        ('<a href="javascript:next(2)">下一页</a>共9条 第1页/共3页', WAS, [WAS + "&page=2", WAS + "&page=3"]),
        (BUTTONS + '<script>function next(n){location.href="index_"+(n-1)+".html"}</script>', URL,
         [URL + "index_1.html", URL + "index_2.html"]),
        (BUTTONS + '<script>next=function(n){ window.location = "list.jsp?id=7&page=" + n; }</script>', URL,
         [URL + "list.jsp?id=7&page=2", URL + "list.jsp?id=7&page=3"]),
        (BUTTONS + '<form name=f action="/was/search"><input name=channelid value=7><input name=page value=1></form>'
         "<script>function next(n){document.f.page.value=n;document.f.submit()}</script>", URL,
         ["http://www.example.gov.cn/was/search?channelid=7&page=2", "http://www.example.gov.cn/was/search?channelid=7&page=3"]),
        (BUTTONS + '<form method=POST action="q.do"><input name=page></form>', URL,
         [URL + "q.do#post:page=2", URL + "q.do#post:page=3"]),
        (BUTTONS, URL, []),
    ],
)  # fmt: skip
def test_pages_that_a_function_opens(html: str, url: str, pages: list[str]) -> None:
    page = read(rows(3) + html, url, columns=[{"url": url}])
    assert page.further == pages
    assert page.unread_pager is not bool(pages)


def test_a_stub_is_no_list() -> None:
    page = read("<html><head><title></title></head><body><div class=err></div></body></html>", URL + "index_9.html")
    assert not page.has_structure and page.says_empty is None and page.further == []


# Fujian's search.

COLUMN = "http://www.example.gov.cn/lx/zfxxgkndbg/"
SEARCH = "http://www.example.gov.cn/fjdzapp/search"


def shell(config: str) -> str:
    return (
        f"<ul class=gl-ul ms-controller=list></ul><script>var config = {{ {config} }}; load('/fjdzapp/search')</script>"
    )


def test_the_shell_leads_to_the_search() -> None:
    page = read(shell("recordCount: '13', channelid: '229105', chnlid: '1207', prepage: 20"), COLUMN)
    assert page.is_shell and page.has_structure and page.links == []
    fields = fields_of(page.further[0])
    assert page.further[0].startswith(SEARCH + "?") and question(page.further[0]).headers
    assert (fields["channelid"], fields["classsql"], fields["page"], fields["prepage"]) == (
        "229105",
        "chnlid=1207",
        "1",
        "20",
    )


def test_a_shell_that_does_not_say_enough() -> None:
    page = read(shell("recordCount: '13'"), COLUMN)
    assert not page.is_shell and page.made_elsewhere is not None and not page.has_structure
    page = read(shell("recordCount: '13'"), COLUMN, options={"channelid": "100000", "chnlid": "1207"})
    assert fields_of(page.further[0])["classsql"] == "chnlid=1207"


def record(number: int, **more: object) -> dict[str, object]:
    return {
        "doctitle": REPORT, "docpuburl": f"{COLUMN}202603/t20260305_{number}.htm", "docreltime": "2026.03.05 14:48:00",
        "chnldocurl": f"http://www.example.gov.cn/mirror/{number}.htm", "pubdate": "2026-03-05",
        "files": [{"appdesc": "附件1.ofd", "appfile": "P020260305531.ofd", "fileext": "ofd"}], **more,
    }  # fmt: skip


def answer(**said: object) -> ListPage:
    url = SEARCH + "?channelid=1&classsql=chnlid%3D7&page=1&prepage=2#xhr"
    return read(json.dumps({"error": False, "page": 1, **said}, ensure_ascii=False), url)


def test_an_answer_of_the_search() -> None:
    page = answer(pageCount=3, recordCount=5, data=[record(1), record(2, docpuburl="")])
    assert [link.url.rsplit("/", 1)[1] for link in page.links] == ["t20260305_1.htm", "2.htm"]
    assert (page.links[0].listed_on, page.rows, page.declared_entries, page.declared_pages) == ("2026-03-05", 2, 5, 3)
    assert [fields_of(address)["page"] for address in page.further] == ["2", "3"]
    assert all(address.endswith("#xhr") and "classsql=chnlid%3D7" in address for address in page.further)
    assert answer(pageCount=1, recordCount=1, docs=[record(1)]).links == page.links[:1]


def test_answers_that_hold_nothing() -> None:
    page = answer(pageCount=0, recordCount=0, data=[])
    assert page.has_structure and page.says_empty == '"recordCount":0'
    for said in ({"error": True, "data": []}, {"data": []}, {"data": "x"}, {}):
        assert not answer(**said).has_structure
    assert answer(recordCount=1, data=[record(1, docpuburl="", chnldocurl="")]).unfollowed[0].title == REPORT
    assert answer(data=[record(1)]).unread_pager


def test_the_search_of_quanzhou() -> None:
    options = {"endpoint": "/smartSearch/interface/search.do", "chnlid": "120"}
    first = read("<div id=app></div>", COLUMN, options=options).further[0]
    assert fields_of(first) == {
        "express": "(chnlid=120)", "siteId": "", "order": "-docrelTime", "pagesize": "15", "currentpage": "1"
    }  # fmt: skip
    page = read(json.dumps({"total": 31, "list": [record(n) for n in range(15)]}), first)
    assert [fields_of(address)["currentpage"] for address in page.further] == ["2", "3"]


# The pretend portal.


@pytest.mark.parametrize("variant", TrsSite.variants)
def test_whole_columns(variant: str) -> None:
    site = TrsSite("liuxi", PORTAL_NAME, PLACE, publications(50), variant=variant)
    given = portal_of(site)
    results, reports = read_columns(site, given)
    assert [(result.outcome, result.why) for result in results] == [("ok", "")]
    truth = {ORIGIN + listed.path: listed.title for listed in site.truth(NOW)}
    assert sorted(entry.link.url for entry in reports) == sorted(truth)
    assert all(entry.link.title == truth[entry.link.url] and entry.link.listed_on for entry in reports)
    for item in site.publications:
        page = asked(site, ORIGIN + site.article_path(item))
        detail = trs.read_detail(page.body, page.charset, page.final, given)
        files = {ORIGIN + site.file_path(item, file, n): file.name for n, file in enumerate(item.files)}
        assert {file.url: file.name for file in detail.attachments} == files
        assert detail.title == item.title
    for path in (site.column_paths[0], "/"):
        page = asked(site, ORIGIN + path)
        found = trs.recognise(page.body, page.charset, ORIGIN + path)
        assert found is not None and found.platform == "trs"


def test_the_old_search_is_read_without_a_pattern_too() -> None:
    site = TrsSite("liuxi", PORTAL_NAME, PLACE, publications(50), variant="was")
    results, reports = read_columns(site, portal_of(site, pages={}))
    assert (results[0].outcome, len(reports)) == ("ok", len(site.truth(NOW)))


def test_quanzhou_is_read_without_any_option() -> None:
    site = JsonListSite("liuxi", PORTAL_NAME, PLACE, publications(50), variant="quanzhou")
    results, reports = read_columns(site, portal_of(site, platform="trs", options={}))
    assert results[0].outcome == "ok" and all(entry.link.listed_on for entry in reports)
    assert sorted(entry.link.url for entry in reports) == sorted(ORIGIN + listed.path for listed in site.truth(NOW))


@pytest.mark.parametrize("variant", TrsSite.variants)
def test_empty_columns(variant: str) -> None:
    site = TrsSite("liuxi", PORTAL_NAME, PLACE, [], variant=variant)
    results, _ = read_columns(site, portal_of(site))
    assert results[0].outcome == "empty"


def test_a_list_that_lacks_a_page_is_not_read_to_its_end() -> None:
    class Short(TrsSite):
        def _pager(self, place: int, pages: int, records: int) -> str:
            return super()._pager(place, pages + 1, records)

    site = Short("liuxi", PORTAL_NAME, PLACE, publications(50))
    assert read_columns(site, portal_of(site))[0][0].outcome == "unknown"


# The tools.


def test_scripts_of_a_page() -> None:
    source = (
        "<!-- <script>old()</script> --><SCRIPT type=a>one()</SCRIPT><script src=x></script>"
        "<script><!--\ntwo() // x\n//gone()\n--></script><script>three('</a>') /* gone */"
    )
    texts = [script.text for script in inline_scripts(source)]
    assert [text.strip("<!->\n ")[:3] for text in texts] == ["one", "two", "thr"]
    assert "gone" not in "".join(texts)
    assert number_in("var xcountPage=9; countPage = '12';", "countPage") == 12
    assert text_in('{chnlid : \'7\', "b": "x"}', "chnlid") == "7" and text_in('{"b": "x"}', "b") == "x"


def test_fields_of_addresses() -> None:
    get = "http://h.cn/s?a=%E5%B9%B4&page=1#xhr"
    assert with_field(get, "page", 2) == "http://h.cn/s?a=%E5%B9%B4&page=2#xhr"
    assert with_field("http://h.cn/s#post:page=1&b=", "page", 3) == "http://h.cn/s#post:page=3&b="
    assert fields_of(get) == {"a": "年", "page": "1"} and bare(get) in with_field(get, "page", 1)


@given(st.binary(max_size=300), st.sampled_from([URL, WAS, SEARCH + "?page=1#xhr"]))
def test_any_bytes_can_be_read(body: bytes, url: str) -> None:
    trs.read_list(body, None, url, portal())
    trs.read_list(b'{"data":[' + body + b"]}", None, url, portal())
    trs.recognise(body, None, url)


PIECES = [
    "createPageHTML(", "createPageHTML(1,", "<script>", "<!--", "/*", "var url='", "javascript:next(2)", "<base ",
    "url='a';title='b';document.write('c');", '<a href="javascript:next(2)">2</a>', "<form><input name=page>",
    "countPage=", "$('.p').pagination({", "{channelid:'", "/was5/web/search?", "\\u", "  \n", "((", "/fjdzapp/",
    "='/t2024", "http://a/", "/aaaaaaaa",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_pages_cost_no_more_than_their_length(piece: str) -> None:
    body = piece * (60_000 // len(piece))
    begun = time.process_time()
    for html in (f"{rows(3)}<script>{body}</script>", f"<script>function next(n){{ {body}", body):
        for url in (URL, WAS):
            read(html, url)
        trs.recognise(html.encode(), None, urlsplit(URL).geturl())
    assert time.process_time() - begun < 6
