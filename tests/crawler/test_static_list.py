"""Lists and detail pages of static portals, as pure functions on bytes."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.outcomes.verdict import Signs
from crawler.pages import html as html_tools
from crawler.pages.html import absolute, file_name_of, iso_date, printed_date
from crawler.pages.showing import detail_signs, shows
from crawler.pages.signature import list_signature
from crawler.platforms import Link, static_list
from crawler.platforms.static_list import read_detail, read_list
from crawler.portal import Column, Portal
from crawler.sandbox.guard_replies import TITLE, report

URL = "http://www.example.gov.cn/zwgk/xxgknb/"
REPORT = "柳溪县财政局2023年政府信息公开工作年度报告"


def portal(**options: object) -> Portal:
    return Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "static_list",
            "allowed_hosts": ["www.example.gov.cn"],
            "columns": [Column(url=URL)],
            **options,
        }
    )


def links(html: str, **options: object) -> list[Link]:
    return read_list(html.encode(), None, URL, portal(**options)).links


LINK = "./202401/t20240126_1.html"
ROWS = {
    "TRS": f'<ul><li><a href="{LINK}" title="{REPORT}">柳溪县财政局2023…</a><span>2024-01-26</span></li></ul>',
    "table": f'<table><tr><td>1</td><td><a href="{LINK}">{REPORT}</a></td><td>[2024/1/26]</td></tr></table>',
    "date inside": f'<div><p><a href="{LINK}"><i>2024.01.26</i>{REPORT}</a></p></div>',
    "date broken": f'<ul><li><a href=" {LINK}\n">{REPORT}</a><span>2024-0 1-\n26</span></li></ul>',
    "index number": f"<li><b>2026-02-00018</b><a href='{LINK}'>{REPORT}</a> 发布日期：2024年1月26日</li>",
    "flat": f"""<div><a href="a.html">指南</a> 2023-01-01<br><a href="{LINK}">{REPORT}</a> 2024-01-26<br>
        <a href="c.html">办法</a></div>""",
    "unclosed": f'<ul><li><a href="{LINK}">{REPORT}<span>2024-01-26</span><li><a href="b.html">指南</ul>',
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_many_shapes(name: str) -> None:
    found = {link.url: link for link in links(ROWS[name])}
    link = found["http://www.example.gov.cn/zwgk/xxgknb/202401/t20240126_1.html"]
    assert link.title == REPORT
    assert link.listed_on == "2024-01-26"


def test_title_of_a_row_whose_link_says_download() -> None:
    html = f'<table><tr><td>{REPORT}</td><td><a href="x.pdf">下载</a></td><td>2024-01-26</td></tr></table>'
    assert links(html) == [Link("http://www.example.gov.cn/zwgk/xxgknb/x.pdf", REPORT, "2024-01-26")]


def test_same_address_twice_is_one_entry_with_the_fuller_title() -> None:
    html = (
        f'<ul><li><a href="a.html">{REPORT[:9]}</a></li><li><a href="a.html">{REPORT}</a><em>2024-01-26</em></li></ul>'
    )
    assert links(html) == [Link(URL + "a.html", REPORT, "2024-01-26")]


def test_wap_copies_are_left_out() -> None:
    html = f'<a href="t1.html">{REPORT}</a><a href="t1_wap.html">{REPORT}</a><a href="t2_wap.html">{REPORT}</a>'
    assert [link.url.rsplit("/", 1)[1] for link in links(html)] == ["t1.html", "t2_wap.html"]


def test_comments_hold_old_lists() -> None:
    assert links(f'<!-- <li><a href="old.html">{REPORT}</a></li> -->') == []


def test_gbk_page_without_declaration() -> None:
    page = read_list(ROWS["TRS"].encode("gb18030"), "utf-8", URL, portal())
    assert page.links[0].title == REPORT


def test_selectors_override() -> None:
    row = f'<div class=r><b class=t>{REPORT}</b><a class=go href="a.html">go</a><u>于2024-01-26</u></div>'
    html = row + '<a href="no.html">2</a>'
    chosen = {"row": "div.r", "link": "a.go", "title": ".t"}
    assert links(html, selectors=chosen) == [Link(URL + "a.html", REPORT, "2024-01-26")]


def further(script: str, url: str = URL, **options: object) -> list[str]:
    page = read_list(f"<body>{script}</body>".encode(), None, url, portal(**options))
    return [target.removeprefix(URL) for target in page.further]


@pytest.mark.parametrize(
    ("html", "pages"),
    [
        ('<script>createPageHTML(3, 0, "index", "html");</script>', ["index_1.html", "index_2.html"]),
        ("<script>createPage(2,0,'index','htm')</script>", ["index_1.htm"]),
        ("<script>createPageHTML('page_div',3, 1,'list','shtml',41);</script>", ["list_2.shtml", "list_3.shtml"]),
        ("<script>createPageHTML('paging',2,1,'index','html',500)</script>", ["index_2.html"]),
        ('<script>//createPageHTML(9, 0, "index", "html");\ncreatePageHTML(1, 0, "index", "html")</script>', []),
        ('<a href="index_2.html">下一页</a><a href="javascript:;">尾页</a>', ["index_2.html"]),
        ('<a href="index.html">1</a><a href="index_1.html">2</a><a href="/2023/">2023</a>', ["index_1.html"]),
        ('<a href="index_1.html">下一页 &gt;</a>', ["index_1.html"]),
        ('<a href="index_1.html">[下一页]</a>', ["index_1.html"]),
        ('<a href="index_1.html">下一页»</a>', ["index_1.html"]),
        ('<a href="index_1.html"><img src="n.gif" alt="下一页"></a>', ["index_1.html"]),
        ('<a href="index.html">1</a><a href="index_1.html">②</a>', ["index_1.html"]),
        ('<a href="list.html">下一页</a>', ["list.html"]),
        (
            '<select><option value="index.html">第1页</option><option value="index_1.html">第2页</option></select>',
            ["index_1.html"],
        ),
        ('<a href="?page=2">2</a><a href="?page=2">&gt;</a>', ["?page=2"]),
        ('<a href="/other/7.html">7</a>', []),
    ],
)
def test_further_pages(html: str, pages: list[str]) -> None:
    assert further(html) == pages


def test_vsb_counts_backwards_below_its_own_name() -> None:
    html = '<span><a href="nb/2.htm">2</a></span><span><a href="nb/1.htm">3</a></span><a href="nb/2.htm">下页</a>'
    assert further(html, URL + "nb.htm") == ["nb/2.htm", "nb/1.htm"]


def test_configured_next() -> None:
    html = '<div class=p><a href="b">more</a></div><a href="c.html">2</a>'
    assert further(html, selectors={"next": ".p"}) == ["b"]


def test_a_pager_that_is_not_understood_is_said() -> None:
    page = read_list(
        b"<script>function createPageHTML(a){} createPageHTML(countPage, now)</script>", None, URL, portal()
    )
    assert page.unread_pager
    page = read_list(
        "<script>var countPage = 12;createPageHTML(countPage)</script>第1页/共12页".encode(), None, URL, portal()
    )
    assert page.declared_pages == 12
    assert read_list("<p>共41条 第1页/共3页</p>".encode(), None, URL, portal()).declared_pages == 3


@pytest.mark.parametrize(
    ("html", "unread"),
    [
        ("<div class=more>加载更多</div>", True),
        ("<button>点击加载更多...</button>", True),
        ('<a href="javascript:next(2)">下一页</a>', True),
        ("<a href='#' onclick='go(2)'>下页</a>", True),
        ("<a href='#' onclick='go(2)'>下页</a><p>第1页/共1页</p>", False),
        ('<a href="javascript:next(2)" class="disabled">下一页</a>', False),
        ('<a href="javascript:void(0)">下一页</a>', True),
        ('<a href="javascript:;" class=next>下一页</a>', True),
        ("<span class=next onclick='go(2)'>下一页</span>", True),
        ("<a class=next>下一页</a>", True),
        ("<select name=page><option value=1>1</option><option value=2>2</option></select>", True),
        ("<select onchange=f()><option value=1>第1页</option><option value=2>第2页</option></select>", True),
        ("<select name=size><option>10</option><option>20</option></select>", False),
        ("<select><option value=2022>2022</option><option value=2023>2023</option></select>", False),
        ("<script>$('#p').jqPaginator({totalPages: n, currentPage: 1})</script>", True),
        ("<script>$('#p').jqPaginator({totalPages: 1, currentPage: 1})</script>", False),
        ("<div><a href='javascript:;'>上一页</a> <b>1</b> <a href='javascript:;'>下一页</a></div>", False),
        ("<div><a href='index_1.html'>上一页</a> <a href='javascript:;'>下一页</a></div>", False),
        ("<ul><li class=disabled><a>下一页</a></li></ul>", False),
        ("<div>上一页 <span>1</span> 下一页</div>", False),
        ('<a href="javascript:next(2)">下一页</a><a href="index_1.html">2</a>', False),
        ("<p>点击“加载更多”可以看到其余</p>", False),
    ],
)
def test_pages_that_only_a_script_leads_to(html: str, unread: bool) -> None:
    body = f"<body>{html}</body>".encode()
    assert read_list(body, None, URL, portal()).unread_pager is unread
    # Whether a pattern leads there is the walk's to say.
    assert read_list(body, None, URL, portal(pages={"pattern": "index_{n}.html"})).unread_pager is unread


def test_an_arrow_to_a_page_beside_the_list_leads_on() -> None:
    row = '<li><a href="./1.html">柳溪县财政局2023年政府信息公开工作年度报告</a><span>2024-01-26</span></li>'
    for arrow in ("▶", "→", "》"):
        page = read_list(f'<ul>{row}</ul><span><a href="./p2.html">{arrow}</a></span>'.encode(), None, URL, portal())
        assert [target.rpartition("/")[2] for target in page.further] == ["p2.html"]
        assert not read_list(f'<ul>{row}</ul><a href="/about/">{arrow}</a>'.encode(), None, URL, portal()).further


def test_reports_outside_of_the_rows_of_the_file_are_not_absent() -> None:
    row = '<li><a href="./{}.html">柳溪县{}2023年政府信息公开工作年度报告</a><span>2024-01-30</span></li>'
    html = f'<ul class="list">{row.format(1, "财政局")}</ul><div class="top">{row.format(2, "水利局")}</div>'
    page = read_list(html.encode(), None, URL, portal(selectors={"row": "ul.list > li"}))
    assert [link.title[:6] for link in page.links] == ["柳溪县财政局"]
    assert [(link.title[:6], link.url.rpartition("/")[2]) for link in page.unfollowed] == [
        ("柳溪县水利局", "2.html#row-1")
    ]


def test_a_count_that_a_script_begins_with_is_none() -> None:
    row = '<li><a href="./1.html">柳溪县财政局2023年政府信息公开工作年度报告</a><span>2024-01-26</span></li>'
    button = '<a href="javascript:void(0)" onclick="go(2)">下一页</a>'
    page = read_list(f"<ul>{row}</ul>{button}<script>var pageCount = 1;</script>".encode(), None, URL, portal())
    assert page.unread_pager and page.declared_pages is None


def test_structure() -> None:
    assert not read_list(b"<a href='/'>home</a><a href='/a'>news</a>", None, URL, portal()).has_structure
    assert not read_list("<a href='/nb/'>政府信息公开年报</a>".encode(), None, URL, portal()).has_structure
    assert read_list(ROWS["TRS"].encode(), None, URL, portal()).has_structure


DETAIL = URL + "202401/t20240126_1.html"


def attachments(html: str, **options: object) -> list[tuple[str, str | None]]:
    page = read_detail(html.encode(), None, DETAIL, portal(**options))
    return [(item.url.removeprefix(URL + "202401/"), item.name) for item in page.attachments]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a href="./P020240126.pdf">附件</a>', ("P020240126.pdf", "P020240126.pdf")),
        ('<a appendix="true" href="./P0.xls" title="表.xls" download="真名.xls">x</a>', ("P0.xls", "真名.xls")),
        ('<a href="javascript:void(0)" data-url="a.docx">年报</a>', ("a.docx", "a.docx")),
        ('<a href="down.jsp?id=7">年报.docx</a>', ("down.jsp?id=7", "年报.docx")),
        ('<a href="d.jsp?classid=0&amp;filename=ab.pdf&amp;showname=%E5%B9%B4%E6%8A%A5.pdf">x</a>',
         ("d.jsp?classid=0&filename=ab.pdf&showname=%E5%B9%B4%E6%8A%A5.pdf", "年报.pdf")),
        ('<a href="viewer.html?file=%2Fzwgk%2Fxxgknb%2F202401%2Fx.pdf">全文</a>', ("x.pdf", "x.pdf")),
        ('<iframe src="viewer.html?file=x.pdf"></iframe>', ("x.pdf", "x.pdf")),
        ('<embed src="x.OFD">', ("x.OFD", "x.OFD")),
        ("<script>showVsbpdfIframe('/zwgk/xxgknb/202401/x.pdf','100%')</script>", ("x.pdf", None)),
        ('<a href="..\\202401\\年 报.wps">w</a>', ("%E5%B9%B4%20%E6%8A%A5.wps", "年 报.wps")),
        ("<a onclick=\"down3('7f-1.PDF')\">附件</a>", ("7f-1.PDF", "7f-1.PDF")),
        ("<a href=\"javascript:down('a.doc', 1)\" title='年报.doc'>附件</a>", ("a.doc", "年报.doc")),
        ("<span onclick=\"window.open('./a.pdf')\">查看年报</span>", ("a.pdf", "a.pdf")),
        ("<a onclick=\"down3('7f.PDF')\" href=\"javascript:void(0)\" data-url='b.PDF'>附件</a>", ("b.PDF", "b.PDF")),
        ('<a href="javascript:;" data-url="/zwgk/xxgknb/202401/down?id=3">年报.docx</a>', ("down?id=3", "年报.docx")),
        ('<div data-file="a.ofd"></div>', ("a.ofd", "a.ofd")),
        ('<object data="x.pdf"><param name="src" value="x.pdf"></object>', ("x.pdf", "x.pdf")),
        ('<iframe src="/pdfjs/web/viewer.html?file=/zwgk/xxgknb/202401/x.pdf#page=1"></iframe>', ("x.pdf", "x.pdf")),
        ("<div id=p></div><script>PDFObject.embed('x.pdf', '#p')</script>", ("x.pdf", "x.pdf")),
        ("<script>var pdfUrl = './x.pdf';</script>", ("x.pdf", "x.pdf")),
        ("<script>showVsbpdfIframe('/zwgk/xxgknb/202401/9')</script>", ("9", None)),
        ('<li>附件【<a href="d/download.jsp?urltype=news.DownloadAttachUrl&amp;wbfileid=7">年报</a>】</li>',
         ("d/download.jsp?urltype=news.DownloadAttachUrl&wbfileid=7", None)),
        ('<p>附件：<a href="downfile.jsp?id=7">柳溪县</a></p>', ("downfile.jsp?id=7", None)),
        ('<a fileurl="./x.pdf" href="javascript:;">查看</a>', ("x.pdf", "x.pdf")),
        ("<a href=\"javascript:open('/p/view.html?file=' + encodeURIComponent('/zwgk/xxgknb/202401/x.pdf'))\">全</a>",
         ("x.pdf", "x.pdf")),
    ],
)  # fmt: skip
def test_attachments(link: str, expected: tuple[str, str | None]) -> None:
    assert attachments(f'<div id="zoom"><p>正文</p>{link}</div>') == [expected]


def test_links_that_are_no_attachments() -> None:
    html = (
        '<div class="TRS_Editor"><div class="TRS_Editor"><a href="file:///C:/a.doc">a</a><a href="mailto:x@y.pdf">b</a>'
        '<a href="javascript:alert(1)">c</a><a href="#a.pdf">d</a><a href="next.html">下一篇</a></div></div>'
    )
    assert attachments(html) == []


def test_attachments_outside_the_body_only_if_they_are_called_so() -> None:
    html = (
        '<nav><a href="n.pdf">年报</a></nav><p><a href="x.pdf">网站手册</a></p><li>附件【<a href="y.pdf">y</a>】</li>'
    )
    assert attachments(html) == [("y.pdf", "y.pdf")]


FRAGMENTS = [
    "<p>正文</p>", "<div id=zoom>", "</div>", "<h1>年报</h1>", "<a href=a.pdf>附件</a>", "<a href='b.html'>下一篇</a>",
    "年报.docx", "<iframe src=v.html?file=x.pdf></iframe>", "<script>showVsbpdfIframe('9')</script>",
    "<a onclick=\"d('c.WPS')\">附件</a>", "<script>var a='/x.pdfs'</script>", "www.etc.gov.cn", "<nav>", "</nav>",
    "<embed src=q.PDF>", "<a title='表.xls' href=/d?i=1>附件</a>", "<a href=down.jsp?i=1>附件</a>",
    "<a href=x>dropdown</a>",
]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_pages_that_name_no_file_need_no_parsing(html: str, encoding: str) -> None:
    body = html.encode(encoding)
    cheap = read_detail(body, None, DETAIL, portal())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_list, "may_have_attachments", lambda body: True)
        whole = read_detail(body, None, DETAIL, portal())
    assert cheap.attachments == whole.attachments
    assert (cheap.title, cheap.text, cheap.has_body) == (whole.title, whole.text, whole.has_body)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_ordinary_report_page_is_read_cheaply(encoding: str) -> None:
    body = report(more="<p>本年度公开情况如下，数据真实。</p>" * 1500, encoding=encoding).body
    assert 50_000 < len(body) < 100_000

    def work() -> None:
        page = read_detail(body, None, DETAIL, portal_here)
        assert page.attachments == []
        assert detail_signs(body, None, TITLE.format(agency="财政局"), page).certain

    portal_here = portal()
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(40):
            work()
        rounds.append((time.process_time() - begun) / 40 * 1000)
    # 0.1 ms on the machine it was written on; parsing, let alone the text of the page, costs ten times that.
    assert min(rounds) < 0.8


@pytest.mark.parametrize(
    ("html", "found", "certain"),
    [
        (f"<h1>{REPORT}</h1>", True, True),
        (f"<title>{REPORT}_柳溪县</title><div id=app></div>", True, True),
        (f"<h1>柳溪县财政局<br>2023年\n政府信息公开工作年度报告</h1><p>{'字' * 20}</p>", True, True),
        ("<h1>柳溪县财政局&#50;023年政府信息公开工作年度报告</h1>", True, True),
        (f"<title>柳溪县</title><li><a href=a.html>{REPORT}</a>", False, False),  # a list in the page's stead
        (f"<title>柳溪县</title><li><a href=a.html title='{REPORT}'>柳溪县财政局…</a>", False, False),
        ("<title>政府信息公开年报</title><ul></ul>", False, False),  # the column
        ("<h1>柳溪县水利局2022年政府信息公开工作年度报告</h1>", True, True),  # another report, but one
        (f"<div id=zoom>{'字' * 120}</div>", True, False),
        ("<p>短</p>", False, False),
    ],
)
def test_whether_a_page_is_what_its_entry_promised(html: str, found: bool, certain: bool) -> None:
    for encoding in ("utf-8", "gb18030"):
        body = html.encode(encoding)
        page = read_detail(body, None, DETAIL, portal())
        assert detail_signs(body, None, REPORT, page) == Signs(found, certain=certain)
        assert not detail_signs(body, None, "", page).certain or page.title


def test_a_title_is_found_in_the_bytes_outside_of_links() -> None:
    assert shows(f"<h1>{REPORT}</h1>".encode("gb18030"), None, REPORT)
    assert shows(f"<a href=x>首页</a><h1>{REPORT}</h1>".encode(), None, REPORT[:12] + "…")
    assert not shows(f"<a href='x' title=1><b>{REPORT}</b></a>".encode(), None, REPORT)
    assert not shows(REPORT.encode(), None, "年报") and not shows(b"", None, None)


def test_detail_title_and_text() -> None:
    page = read_detail(
        f"<title>{REPORT}_柳溪县</title><div id=zoom>{'字' * 120}</div>".encode(), None, DETAIL, portal()
    )
    assert (page.title, page.has_body) == (REPORT, True)
    page = read_detail(
        f"<meta content=\"{REPORT}\" name='ArticleTitle'><h1>别的</h1><p>短</p>".encode(), None, DETAIL, portal()
    )
    assert (page.title, page.has_body, page.text) == (REPORT, False, "别的短")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (" ./a.html\n", URL + "a.html"),
        ("//WWW.Example.gov.cn:80/x", "http://www.example.gov.cn/x"),
        ("https://h.gov.cn./x#frag", "https://h.gov.cn/x"),
        ("http://h.gov.cn:8080", "http://h.gov.cn:8080/"),
        ("javascript:next(2)", None),
        ("#top", None),
        ("", None),
        (None, None),
        ("http://[::1", None),
        ("http://h:99999/", None),
        ("http://u:p@h.gov.cn/", None),
    ],
)
def test_absolute(link: str | None, url: str | None) -> None:
    assert absolute(URL, link) == url


@given(st.text(max_size=60))
def test_absolute_is_stable_and_never_raises(link: str) -> None:
    url = absolute(URL, link)
    assert url is None or absolute("http://other.cn/", url) == url


@given(
    st.sampled_from(
        [
            URL,
            "http://h",
            "http://h/a/b.html",
            "https://h.:443/年/y?q=/z/",
            "http://h/a//b/../c/",
            "mailto:x",
            "",
            "http://h/a b/",
        ]
    ),
    st.text(alphabet="ab1._-/~:年?# \\\n", max_size=12),
)
def test_plain_links_resolve_as_all_others_do(base: str, link: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fast = absolute(base, link)
        patch.setattr(html_tools, "_PLAIN_LINK", re.compile(r"(?!)"))
        assert absolute(base, link) == fast


@pytest.mark.parametrize(
    ("text", "alone", "inside"),
    [
        ("2024-01-30", "2024-01-30", "2024-01-30"),
        ("【2024年1月3日】", "2024-01-03", "2024-01-03"),
        ("发布时间：2024-01-30 09:30", "2024-01-30", "2024-01-30"),
        ("2024-02-30", None, None),
        ("2026-02-00018", None, None),
        ("编号12024-01-30", None, None),
        ("2023年 2024-01-30 起", None, "2024-01-30"),
        ("2024", None, None),
    ],
)
def test_dates(text: str, alone: str | None, inside: str | None) -> None:
    assert (iso_date(text), printed_date(text)) == (alone, inside)


def test_a_name_in_the_query_is_no_document_without_an_ending() -> None:
    assert file_name_of("http://a.cn/download.jsp?wbfileid=3") == (None, None)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(body: bytes) -> None:
    read_list(body, None, URL, portal())
    read_detail(body, "gbk", URL, portal())


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<b>x", "<ul><li>暂无数据", "<div onclick=\"d('a.pdf')\">附件", "<a href=a.pdf>年报", "<iframe src=x ",
     "{{", "<%", "<template", "document.write(", "<script>$.ajax(", "<ul id=a>", "<div id=list>", "农历", "共<b>",
     "共1", "加载更多<span>"],
)  # fmt: skip
def test_hostile_pages_cost_no_more_than_their_length(piece: str) -> None:
    body = ("<ul><li>暂无数据</li></ul><div class=list>" + piece * (60_000 // len(piece))).encode()
    begun = time.perf_counter()
    page = read_list(body, None, URL, portal())
    list_signature(page, body.decode())
    detail = read_detail(body, None, URL, portal())
    assert len(detail.own_text) <= len(detail.text)
    assert detail_signs(body, None, REPORT, detail).empty is None
    assert time.perf_counter() - begun < 3


NOWHERE = [
    f'<li><a href="javascript:void(0)" onclick="open1(77)">{REPORT}</a><span>2024-01-26</span></li>',
    f'<li><a href="#/detail/7">{REPORT}</a><span>2024-01-26</span></li>',
    f"<li>{REPORT} 2024-01-26</li>",
]


@pytest.mark.parametrize("row", NOWHERE)
def test_a_row_that_no_address_leads_on_from_is_there_all_the_same(row: str) -> None:
    page = read_list(f"<ul>{row}</ul>".encode(), None, URL, portal())
    assert [link.title for link in page.unfollowed] == [REPORT]
    assert {link.url for link in page.unfollowed} == {f"{URL}#row-1"} and page.links == []


def test_a_menu_is_no_row() -> None:
    menu = "<ul><li><a href='javascript:;'>政府信息公开年报</a><ul><li><a href='/a/'>指南</a></li></ul></li></ul>"
    assert read_list(menu.encode(), None, URL, portal()).unfollowed == []


def test_one_address_behind_the_titles_of_two_agencies() -> None:
    html = f'<li><a href="a.html">{REPORT}</a></li><li><a href="a.html">{REPORT.replace("财政", "民政")}</a></li>'
    page = read_list(html.encode(), None, URL, portal())
    assert [link.title[:6] for link in (*page.links, *page.unfollowed)] == ["柳溪县财政局", "柳溪县民政局"]
    assert page.unfollowed[0].url == f"{URL}a.html#row-1"


def row(number: int) -> str:
    return ROWS["TRS"].replace("_1.html", f"_{number}.html").removeprefix("<ul>").removesuffix("</ul>")


@pytest.mark.parametrize(
    "said", ["共{}条", "共<b>{}</b>条记录", "<script>laypage.render({{count: {}, limit: 9}})</script>"]
)
def test_printed_totals_and_rows(said: str) -> None:
    rows = "".join(row(number) for number in range(12))
    page = read_list(f"<ul class=list>{rows}</ul>{said.format(12)}<a href=/>首页</a>".encode(), None, URL, portal())
    assert (page.declared_entries, page.rows) == (12, 12)


@pytest.mark.parametrize(
    ("more", "is_made"),
    [
        ("<ul id=list></ul><script>$.ajax({success:function(d){$('#list').append('<li>')}})</script>", True),
        ("<div><p v-for='r in rows'>{{r.title}}</p></div>", True),
        ("<script><datastore><recordset></recordset></datastore></script>", True),
        ("<iframe src='frame.html' width=800 height=600></iframe>", True),
        ("<iframe src='/xxgk/list.html'></iframe>", True),
        ("<iframe src='/xxgk/list.html' style='display:none'></iframe>", False),
        (
            "<iframe src='/top.html' height=400></iframe><iframe src='//tianqi.example.com/x' height=400></iframe>",
            False,
        ),
        ("<script>$.get('/visit/count',function(n){$('#n').html(n)})</script><div id=share></div>", False),
        ("<script src='/share.js'></script><script>var _hmt=[];</script>", False),
    ],
)
def test_a_list_that_a_script_or_a_frame_goes_on_with(more: str, is_made: bool) -> None:
    body = f"{ROWS['TRS']}{more}".encode()
    page = read_list(body, None, URL, portal())
    # A frame on a host that is allowed is read as a list of its own.
    assert (page.made_elsewhere is not None or bool(page.lists)) is is_made
    assert bool(page.lists) is (is_made and "<iframe" in more)
    assert read_list(body, None, URL, portal(selectors={"row": "li"})).made_elsewhere is None
