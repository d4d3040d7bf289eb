"""Lists of Hanweb JCMS with jpage: what stands in scripts, what the proxy sends, and what makes a read doubtful."""

from datetime import date, datetime
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.address import bare, posted, question
from crawler.pages.fields import fields_of
from crawler.platforms import ListPage, jpage
from crawler.portal import Column, Portal
from crawler.sandbox.portal_site import Answer, Request
from crawler.sandbox.portals.jpage import EMPTY_GROUP, JpageSite
from tests.crawler.platforms.whole_columns import NOW, ORIGIN, asked, portal_of, read_columns
from tests.crawler.sandbox.some_publications import PLACE, PORTAL_NAME, publications

HOST = "http://www.liuxi.gov.cn"
URL = f"{HOST}/col/col8812/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp"
FORM = (
    "{col:1,appid:'1',webid:'95',path:'/',columnid:'8812',sourceContentType:1,unitid:'30442',"
    "webname:'%E6%9F%B3%E6%BA%AA',permissiontype:0}"
)


def portal(**options: object) -> Portal:
    return Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "jpage",
            "allowed_hosts": ["www.liuxi.gov.cn"],
            "columns": [Column(url=URL)],
            **({"options": options} if options else {}),
        }
    )


def title(number: int) -> str:
    return f"柳溪县第{number}局2023年政府信息公开工作年度报告"


def row(number: int, name: str | None = None) -> str:
    name = name or title(number)
    return (
        f'<li><a href="/art/2024/1/{number % 28 + 1}/art_8812_{number}.html" title="{name}" target="_blank">'
        f"{name[:9]}…</a><span>2024-01-{number % 28 + 1:02}</span></li>"
    )


def store(rows: list[str], total: int | None = None, following: str = "") -> str:
    counted = f"<totalrecord>{total}</totalrecord><totalpage>9</totalpage>" if total is not None else ""
    group = f'<nextgroup><![CDATA[<a href="{following}"></a>]]></nextgroup>' if following else ""
    records = "\n".join(f"<record><![CDATA[{text}]]></record>" for text in rows)
    return f"<datastore>{counted}{group}\n<recordset>{records}</recordset></datastore>"


def call(unit: str, total: int, form: str = FORM, proxy: str = PROXY) -> str:
    return (
        f"<script>$(function(){{ $('#{unit}').jpage({{ themeName:'default', totalRecord:{total}, perPage:15,"
        f" groupSize:3, barPosition:'bottom', proxyUrl:'{proxy}', dataBefore:'<ul>', dataAfter:'</ul>',"
        f" ajaxParam:{form} }}); }});</script>"
    )


def unit(code: str, rows: list[str], total: int, form: str = FORM, following: str = "") -> str:
    inside = store(rows, total if following else None, following)
    return f'<div id="{code}"><script type="text/xml">{inside}</script></div>{call(code, total, form)}'


def page(*parts: str, head: str = "") -> bytes:
    return f"<html><head><title>年报_柳溪县</title>{head}</head><body>{''.join(parts)}</body></html>".encode()


def read(body: bytes, url: str = URL, **options: object) -> ListPage:
    told = portal(**options)
    return jpage.read_list(body, None, url, told, told.columns[0])


def test_first_group_stands_in_a_script_and_the_others_are_posted_for() -> None:
    found = read(page(unit("30442", [row(n) for n in range(45)], 123)))
    assert [link.title for link in found.links] == [title(n) for n in range(45)]
    assert found.links[0] == (f"{HOST}/art/2024/1/1/art_8812_0.html", title(0), "2024-01-01")
    assert (found.rows, found.declared_entries, found.has_structure, found.is_shell) == (45, 123, True, False)
    asked = [dict(parse_qsl(urlsplit(bare(address)).query)) for address in found.further]
    assert asked == [
        {"startrecord": "46", "endrecord": "90", "perpage": "15"},
        {"startrecord": "91", "endrecord": "135", "perpage": "15"},
    ]
    assert urlsplit(found.further[0]).path == PROXY
    form = "col=1&appid=1&webid=95&path=%2F&columnid=8812&sourceContentType=1&unitid=30442"
    assert (posted(found.further[0]) or "").startswith(form)


def test_a_web_name_is_encoded_twice_as_the_script_does() -> None:
    found = read(page(unit("30442", [row(1)], 99)))
    assert (question(found.further[0]).body or b"").endswith(b"webname=%25E6%259F%25B3%25E6%25BA%25AA&permissiontype=0")


def test_a_group_tells_what_is_behind_it() -> None:
    first = read(page(unit("30442", [row(n) for n in range(45)], 123))).further[0]
    found = read(store([row(n) for n in range(45, 90)], 123).encode(), first)
    assert (found.rows, found.declared_entries, len(found.links)) == (45, 123, 45)
    assert found.further == read(page(unit("30442", [row(n) for n in range(45)], 123))).further[1:]
    assert found.links[0].url.startswith(f"{HOST}/art/")


def test_a_group_without_any_count_is_not_the_end() -> None:
    address = read(page(unit("30442", [], 40))).further[0]
    assert read(store([row(n) for n in range(45)]).encode(), address).unread_pager
    assert not read(store([row(n) for n in range(44)]).encode(), address).unread_pager


def test_next_group_is_followed_by_get_relative_to_the_proxy() -> None:
    following = f"./dataproxy.jsp?page=2&appid=1&webid=95&path=/&columnid=8812&webname={quote(quote('柳溪'))}"
    found = read(page(unit("30442", [row(n) for n in range(100)], 123, following=following)))
    assert found.further == [f"{HOST}/module/web/jpage/{following[2:]}#xhr"]
    second = read(store([row(n) for n in range(100, 123)], 123).encode(), found.further[0])
    assert (second.rows, second.further, second.declared_entries) == (23, [], 123)


def test_a_group_that_must_be_the_last_is_not_followed() -> None:
    url = f"{HOST}{PROXY}?page=2&unitid=1#xhr"
    rows = [row(n) for n in range(50)]
    assert read(store(rows, 100, "./dataproxy.jsp?page=3").encode(), url).further == []
    assert read(store(rows, 101, "./dataproxy.jsp?page=3").encode(), url).further == [f"{HOST}{PROXY}?page=3#xhr"]


def test_the_portal_file_may_choose_the_way_of_asking() -> None:
    following = "./dataproxy.jsp?page=2&appid=1"
    body = page(unit("30442", [row(n) for n in range(45)], 123, following=following))
    assert "startrecord=46" in read(body, request="startrecord").further[0]
    pages = read(body, request="page").further
    assert [fields_of(address)["page"] for address in pages] == ["2", "3"]
    assert read(store([row(1)], 123, following).encode(), pages[0], request="page").further == []


def test_counts_of_the_portal_file_stand_in_where_the_page_has_no_call() -> None:
    body = page(f'<div id="30442"><script type="text/xml">{store([row(n) for n in range(45)], 60)}</script></div>')
    silent = read(body)
    assert (silent.further, silent.declared_entries, silent.rows) == ([], 60, 45)  # the column will be unknown
    told = read(body, proxyUrl=PROXY, perPage=15, ajaxParam={"col": 1, "unitid": "30442"})
    assert [posted(address) for address in told.further] == ["col=1&unitid=30442"]


def test_old_arrays_of_rows() -> None:
    rows = ",".join("'" + text.replace("'", "\\'") + "'" for text in (row(n) for n in range(15)))
    script = f"<script>var InitData30442=[{rows}];</script><div id='30442'></div>"
    proxy = "/module/jslib/jquery/jpage/dataproxy.jsp"
    found = read(page(script, call("30442", 41, proxy=proxy)))
    assert (found.rows, found.declared_entries, len(found.links)) == (15, 41, 15)
    assert bare(found.further[0]) == f"{HOST}{proxy}?startrecord=16&endrecord=60&perpage=15"


def test_several_units_are_counted_together() -> None:
    other = FORM.replace("30442", "30443")
    found = read(page(unit("30442", [row(n) for n in range(10)], 10), unit("30443", [row(60)], 3, other)))
    assert (found.rows, found.declared_entries, len(found.links)) == (11, 13, 11)
    assert [fields_of(address)["unitid"] for address in found.further] == ["30443"]


def test_surplus_of_one_unit_does_not_make_up_for_another() -> None:
    found = read(page(unit("1", [row(n) for n in range(12)], 10), unit("2", [row(60)], 3)))
    assert (found.declared_entries, found.rows) == (15, 13)


def test_a_unit_of_news_beside_the_list_is_left_out() -> None:
    news = [row(n, f"柳溪县召开第{n}次会议") for n in range(100, 145)]
    other = FORM.replace("30442", "30441").replace("8812", "8801")
    found = read(page(unit("30441", news, 5000, other), unit("30442", [row(1)], 1)))
    assert (found.rows, found.declared_entries, found.further) == (1, 1, [])
    # Of the column itself, or where no unit has reports, nothing is left out.
    same = read(page(unit("30441", news, 5000, FORM.replace("30442", "30441")), unit("30442", [row(1)], 1)))
    assert (same.declared_entries, bool(same.further)) == (5001, True)
    assert read(page(unit("30441", news, 5000, other))).declared_entries == 5000


def test_opaque_codes_and_units_whose_names_do_not_meet() -> None:
    form = FORM.replace("30442", "uFq28Xw0LmA9/+==").replace("8812", "kZ3vQ0")
    body = page(f'<div id="u"><script type="text/xml">{store([row(1)])}</script></div>', call("abc", 20, form))
    found = read(body)
    assert (found.rows, found.declared_entries, len(found.further)) == (1, 20, 1)
    assert fields_of(found.further[0])["unitid"] == "uFq28Xw0LmA9/+=="


def test_an_empty_proxy_although_the_html_lists() -> None:
    html = f'<div id="30442"><ul>{"".join(row(n) for n in range(12))}</ul></div>'
    found = read(page(html, call("30442", 12)))
    assert (len(found.links), found.further, found.made_elsewhere) == (12, [], None)
    more = read(page(html, call("30442", 40)))
    assert (more.rows, more.declared_entries) == (12, 40)
    assert "startrecord=13" in more.further[0]


def test_a_report_that_stands_in_the_page_beside_the_unit_is_listed_too() -> None:
    pinned = f'<p><a href="/art/2025/1/2/art_8812_999.html">{title(999)}</a><span>2025-01-02</span></p>'
    found = read(page(pinned, unit("30442", [row(1)], 1)))
    assert sorted(link.title for link in found.links) == sorted([title(1), title(999)])
    assert (found.rows, found.declared_entries) == (1, 1)


def test_empty_lists() -> None:
    assert read(page(unit("30442", [], 0))).says_empty == "totalrecord 0"
    zero = read(b"<datastore><totalrecord>0</totalrecord></datastore>", f"{HOST}{PROXY}#post:unitid=1")
    assert (zero.says_empty, zero.has_structure) == ("totalrecord 0", True)
    past = read(b"<datastore>\r\n<recordset>\r\n</recordset>\r\n</datastore>", f"{HOST}{PROXY}#post:unitid=1")
    assert (past.rows, past.has_structure) == (0, False)
    assert past.says_empty
    contradiction = read(store([], 123).encode(), f"{HOST}{PROXY}#post:unitid=1")
    assert contradiction.says_empty is None


def test_a_list_whose_rows_are_all_elsewhere_is_asked_for_from_its_beginning() -> None:
    found = read(page('<div id="30442"></div>', call("30442", 30)))
    assert (found.declared_entries, found.rows, found.is_shell, found.says_empty) == (30, 0, False, None)
    assert "startrecord=1&" in found.further[0]
    unknown = read(page('<div id="30442"></div>', call("30442", 30).replace("totalRecord:30,", "")))
    assert (unknown.is_shell, len(unknown.further)) == (True, 1)


def test_a_unit_that_cannot_be_counted_nor_followed_is_said() -> None:
    rows = [row(n) for n in range(15)]
    found = read(page(f'<div id="1"><script type="text/xml">{store(rows)}</script></div>'))
    assert found.unread_pager
    short = call("1", 0).replace("totalRecord:0,", "").replace(f"proxyUrl:'{PROXY}',", "")
    body = page(f'<div id="1"><script type="text/xml">{store(rows[:14])}</script></div>', short)
    assert not read(body).unread_pager


ARTICLE = (
    '<meta name="ArticleTitle" content="{0}"><meta name="PubDate" content="2024-01-26 09:30">',
    "<h1>{0}</h1><div><!--ZJEG_RSS.content.begin--><p>{1}</p><!--ZJEG_RSS.content.end--></div>",
)


def test_a_column_with_one_article_shows_it() -> None:
    body = page(ARTICLE[1].format(title(1), "全文" * 100), head=ARTICLE[0].format(title(1)))
    found = read(body)
    assert found.links == [(f"{URL}#article", title(1), "2024-01-26")]
    assert (found.has_structure, found.rows) == (True, 1)
    guide = page(ARTICLE[1].format("政府信息公开指南", "全文" * 100), head=ARTICLE[0].format("政府信息公开指南"))
    assert read(guide).links == []


def test_a_static_list_of_jcms_is_read_as_one() -> None:
    found = read(page(f"<ul>{row(1)}{row(2)}</ul>"))
    assert [link.title for link in found.links] == [title(1), title(2)]


ROWS = {
    "brackets": "<li><a href='{0}' title='{1}'>{1}</a>[2024-01-30]</li>",
    "broken date": '<li><a href="{0}" title="{1}">{1}</a><span>2024-0\n1-3 0</span></li>',
    "index number": '<li><a href="{0}">{1}</a><b>2026-02-00018</b><span>2024-01-30</span></li>',
    "table": '<tr><td>1</td><td><a href="{0}" title="{1}">柳溪…</a></td><td>1199/2024-1</td><td>2024-01-30</td></tr>',
    "date inside": "<li><a href={0}><span>2024-01-30</span>{1}</a></li>",
    "spans": '<div><a href="{0}">柳溪县第<font>1</font>局2023年政府信息公开<b>工作年度报告</b></a> 2024-01-30</div>',
    "old entry": '<li><!-- <a href="/old.html">旧</a> --><a href="{0}">{1}</a><span>2024-01-30</span></li>',
    "download": '<tr><td>{1}</td><td><a href="{0}">下载</a></td><td>2024-01-30</td></tr>',
    "category": '<li><a href="/col/col9/index.html">[财政]</a><a href="{0}">{1}</a><span>2024-01-30</span></li>',
    "unclosed": '<li><a href="{0}" title="{1}">{1}<span>2024-01-30</span>',
    "entities": '<li><a title="{1}&nbsp;" href="{0}">{1}&#65279;</a><span>&nbsp;2024-01-30</span></li>',
    "upper case": '<LI><A HREF="{0}" TITLE="{1}">{1}</A><SPAN>2024-01-30</SPAN></LI>',
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_many_shapes(name: str) -> None:
    text = ROWS[name].format("/art/2024/1/30/art_8812_1.html", title(1))
    found = read(page(unit("30442", [text, row(2)], 2)))
    assert found.links[0] == (f"{HOST}/art/2024/1/30/art_8812_1.html", title(1), "2024-01-30")
    assert (len(found.links), found.unfollowed) == (2, [])


def test_a_row_that_leads_nowhere_is_kept() -> None:
    text = f'<li><a href="javascript:void(0)" onclick="openit(7)">{title(7)}</a><span>2024-01-30</span></li>'
    found = read(page(unit("30442", [text, row(2)], 2)))
    assert found.unfollowed == [(f"{URL}#row-1", title(7), "2024-01-30")]
    assert len(found.links) == 1


def test_one_address_for_two_agencies() -> None:
    texts = [row(1), row(1, "柳溪县水利局2022年政府信息公开工作年度报告")]
    found = read(page(unit("30442", texts, 2)))
    assert (len(found.links), len(found.unfollowed), found.rows) == (1, 1, 2)


def test_old_lists_in_comments_are_not_read() -> None:
    found = read(page(f"<!-- {unit('1', [row(9)], 900)} -->", unit("30442", [row(1)], 1)))
    assert [link.title for link in found.links] == [title(1)]
    assert found.declared_entries == 1


def test_detail_page_between_comments_and_its_download() -> None:
    file = f"/module/download/downfile.jsp?classid=0&filename=0a1b.pdf&showname={quote(quote('附件.pdf'))}"
    body = page(ARTICLE[1].format(title(1), "全文" * 100 + f'<a href="{file}">点击</a>'))
    found = jpage.read_detail(body, None, f"{HOST}/art/2024/1/30/art_8812_1.html", portal())
    assert found.has_body
    assert found.title == title(1)
    assert [(item.url, item.name) for item in found.attachments] == [(f"{HOST}{file}", "附件.pdf")]


def test_recognise() -> None:
    certain = jpage.recognise(page(unit("30442", [row(1)], 1)), None, URL)
    assert certain is not None
    assert (certain.platform, certain.certainty, certain.variant) == ("jpage", "certain", "startrecord")
    likely = jpage.recognise(page("<p>年报</p>"), None, URL)
    assert likely is not None
    assert likely.certainty == "likely"
    assert jpage.recognise(page("<p>年报</p>"), None, f"{HOST}/zwgk/") is None
    other = page(unit("1", [row(1)], 1), '<iframe src="/module/xxgk/tree.jsp?area=1"></iframe>')
    assert jpage.recognise(other, None, f"{HOST}/zwgk/") is None


@given(st.text(alphabet=st.sampled_from("<>'\"/=[]{}()&; aA年报#$"), max_size=200), st.booleans())
def test_never_raises(junk: str, inside: bool) -> None:
    body = page(unit("30442", [junk, row(1)], 2)) if inside else page(junk, call("30442", 9), junk)
    for address in (URL, f"{HOST}{PROXY}?startrecord=1&endrecord=45&perpage=15#post:a=1"):
        found = read(body + store([junk]).encode(), address)
        assert all(link.url.startswith("http") for link in found.links)
    jpage.recognise(body, None, URL)


@pytest.mark.parametrize(
    "body",
    [
        b"<datastore>" + b"<record>" * 200_000,
        b"<datastore>" + b"<record><![CDATA[<li><a href=" * 50_000,
        b"<script>" + b"$('#1').jpage({a:" * 100_000,
        b"<script>InitData1=['" * 50_000,
        b"<datastore><record><![CDATA[" + b"<a title='" * 100_000,
        b"<html>.jpage(" + b"<div id='" * 200_000 + b"<script>$('#1').jpage({})</script>",
    ],
)
def test_hostile_pages_end(body: bytes) -> None:
    assert read(body).rows >= 0


class _Grouped(JpageSite):
    per_page = 5  # several groups of 15


@pytest.mark.parametrize("variant", JpageSite.variants)
def test_whole_columns_of_the_pretend_portal(variant: str) -> None:
    site = _Grouped("liuxi", PORTAL_NAME, PLACE, publications(70), variant=variant)
    told = portal_of(site)
    results, reports = read_columns(site, told)
    assert {result.outcome for result in results} == {"ok"}, [result.why for result in results]
    listed = {ORIGIN + one.path: one.title for one in site.truth(NOW)}
    assert {bare(entry.link.url): entry.link.title for entry in reports} == listed
    assert len(reports) == len(listed)
    recognised = jpage.recognise(asked(site, told.columns[0].url).body, None, told.columns[0].url)
    assert recognised is not None
    assert recognised.certainty == "certain"


@pytest.mark.parametrize("variant", JpageSite.variants)
def test_an_empty_column_of_the_pretend_portal(variant: str) -> None:
    site = JpageSite("liuxi", PORTAL_NAME, PLACE, publications(20), variant=variant)
    results, reports = read_columns(site, portal_of(site, columns=[{"url": ORIGIN + site.empty_path}]))
    assert (results[0].outcome, reports) == ("empty", [])


def test_a_proxy_that_gives_nothing_makes_the_column_unknown() -> None:
    class Broken(_Grouped):
        def lists(self, request: Request, now: datetime) -> Answer | None:
            if request.path == self.proxy:
                return self.text(EMPTY_GROUP, "text/xml", now)
            return super().lists(request, now)

    site = Broken("liuxi", PORTAL_NAME, PLACE, publications(70))
    results, reports = read_columns(site, portal_of(site))
    assert results[0].outcome == "unknown"
    assert 0 < len(reports) < len(site.truth(NOW))


def test_units_that_are_too_many_or_cannot_be_read_are_said() -> None:
    many = page(*(f'<div id="u{n}"><script type="text/xml">{store([row(n)], 1)}</script></div>' for n in range(80)))
    assert read(many).unread_pager
    broken = page("<script>var InitData1=[<not an array>];</script><div id='1'></div>")
    assert read(broken).unread_pager
    variable = call("1", 0).replace("totalRecord:0", "totalRecord:'a' + n + ")
    rows = "".join(row(n) for n in range(15))
    assert read(page(f"<div id='1'><ul>{rows}</ul></div>", variable)).made_elsewhere


def test_two_datastores_in_one_element_are_both_read() -> None:
    stores = "".join(f'<script type="text/xml">{store([row(n)], 1)}</script>' for n in range(2))
    assert len(read(page(f'<div id="30442">{stores}</div>')).links) == 2


@given(
    st.sampled_from(["title='{}' href='{}'", 'href="{1}" title="{0}"', "class=a href='{1}'", 'href="{1}" title={0}']),
    st.sampled_from(["/art/2024/1/30/art_1_2.html", "./a.html", f"{HOST}/a/b.html", "//x/y", "/a?b=1&c=2"]),
    st.text(alphabet="柳溪县局年报 2023…\u3000\u200b&;", min_size=1, max_size=30),
    st.text(alphabet="柳溪县局年报 2023…", min_size=1, max_size=30),
    st.dates(),
)
def test_plain_rows_are_read_as_all_others_are(tag: str, href: str, text: str, full: str, day: date) -> None:
    row = f"<li><a {tag.format(full, href)}>{text}</a><span>{day}</span></li>"
    plainly = read(page(unit("30442", [row], 1)))
    otherwise = read(page(unit("30442", [f"<!-- -->{row}"], 1)))
    assert (plainly.links, plainly.unfollowed) == (otherwise.links, otherwise.unfollowed)
