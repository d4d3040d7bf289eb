"""What a visit came to, in the order in which it is decided."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.outcomes import marks
from crawler.outcomes.verdict import Answer, Signs, Verdict, is_moved_up, judge, shell_target, sniff
from crawler.pages.html import absolute
from crawler.sandbox.guard_replies import COUNTER, SPEAKS_OF_BLOCKS, report

URL = "http://www.example.gov.cn/zwgk/nb/t20240126_1.html"
PAGE = f"<html><body><h1>年报</h1>{'正文' * 150}</body></html>"


def answer(status: int | None = 200, body: str | bytes = PAGE, final: str = URL, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else body.encode()
    return Answer(URL, final, status, {name.replace("_", "-"): value for name, value in headers.items()}, data)


def verdict(given: Answer, found: bool = True, empty: str | None = None, kind: str = "list") -> Verdict:
    return judge(given, kind, Signs(found, empty, certain=found))  # type: ignore[arg-type]


# What a guard shows, and what the evidence then says.
CHALLENGES = {
    """<meta id="x" content="y" r='m'><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script>""": "Ruishu",
    """<meta id="x" content="y" r="m"><script src=a.js r="m"></script>""": "Ruishu",
    ';go({"bts":["a"],"ha":"sha256","tn":"__jsl_clearance_s"})': "Jiasule",
    "当前访问疑似黑客攻击，已被创宇盾拦截": "Jiasule: 当前访问疑似黑客攻击",
    "<script src='/wzws-waf-cgi/a.js'></script>": "360 WAF",
    "<noscript>请开启JavaScript并刷新该页</noscript>": "360 WAF",
    "网防G01提示: 您的请求有误": "Yunsuo: 网防G01提示",
    "<div class=yunsuologo></div>": "Yunsuo",
    "您的访问可能对网站造成危险，已被云防护安全拦截": "Xuanwudun: 您的访问可能对网站造成危险",
    "由于您<b>访问的URL</b>有可能对网站造成安全威胁": "Aliyun WAF: 您访问的URL有可能对网站造成安全威胁",
    "很抱歉，您的访问被阻断": "Aliyun WAF: 您的访问被阻断",
    "<script>var arg1='';setCookie('acw_sc__v2')</script>": "Aliyun WAF",
    "您的请求疑似攻击行为": "Huawei WAF: 您的请求疑似攻击行为",
    "如果您是网站管理员，请登录安全狗": "Safedog: 如果您是网站管理员，请登录安全狗",
    "您的请求带有不合法参数，已被网站管理员设置拦截！": "Baota: 您的请求带有不合法参数",
    "您当前的访问行为存在异常，请稍后重试": "Wangsu: 您当前的访问行为存在异常",
    "<script>SafeLineChallenge()</script>": "SafeLine",
    "请求被WEB防火墙拦截": "WAF: 请求被WEB防火墙拦截",
    "<title>\n访问异常页面</title>": "WAF: 访问异常页面",
    "reason:GeoBL": "place filter: reason:GeoBL",
    "访问过于频繁": "rate limit: 访问过于频繁",
    "<title>请稍候…</title><div class=puzzle-vcode>": "slider: 请稍候",
    '<script>document.cookie="C3VK=ab; max-age=300"; location.reload()</script>': "cookie shell",
}


@pytest.mark.parametrize("shown", CHALLENGES)
@pytest.mark.parametrize("status", [200, 400, 404, 412, 521])
def test_a_challenge_is_blocked_whatever_the_status(shown: str, status: int) -> None:
    for encoding in ("utf-8", "gb18030"):
        given = answer(status, f"<html>{shown}</html>".encode(encoding))
        assert verdict(given, found=False) == ("blocked", f"challenge: {CHALLENGES[shown]}")


def test_challenge_in_gbk() -> None:
    body = "<html>您的访问可能对网站造成危险</html>".encode("gb18030")
    assert verdict(answer(200, body), found=False).outcome == "blocked"


@pytest.mark.parametrize(
    ("header", "value", "evidence"),
    [
        ("set_cookie", "__jsluid_s=ab12; path=/", "cookie __jsluid_s with a page of script alone"),
        ("set_cookie", "a=1, HWWAFSESID=1", "cookie HWWAFSESID with a page of script alone"),
        ("set_cookie", f"Kq81ZtPw0a3O={'x9' * 60}", "cookie Kq81ZtPw0a3O with a page of script alone"),
        ("x_via_jsl", "1", "header x-via-jsl with a page of script alone"),
    ],
)
def test_cookies_and_headers_of_a_guard_count_only_on_a_page_without_text(
    header: str, value: str, evidence: str
) -> None:
    given = {header: value}
    assert verdict(answer(200, PAGE, **given)).outcome == "ok"
    assert verdict(answer(200, PAGE, **given), found=False).outcome == "unknown"
    assert verdict(answer(200, "<script>x()</script>", **given), found=False) == ("blocked", f"challenge: {evidence}")
    assert verdict(answer(200, "<script>x()</script>"), found=False).outcome == "unknown"


def test_a_page_may_count_its_readers_by_cookie() -> None:
    assert verdict(answer(200, PAGE + "<script>document.cookie='a=1';location.href</script>")).outcome == "ok"


def test_a_redirect_to_itself_with_a_cookie_is_a_guard() -> None:
    assert verdict(answer(302, "", location="./t20240126_1.html", set_cookie="CT6TS=1"), found=False) == (
        "blocked",
        "challenge: redirect to itself with the cookie CT6TS",
    )
    assert verdict(answer(302, "", location=URL, set_cookie="any=1"), found=False).outcome == "blocked"
    assert verdict(answer(302, "", location="/login", set_cookie="any=1"), found=False).outcome == "unknown"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(403, "blocked"), (405, "blocked"), (412, "blocked"), (418, "blocked"), (429, "blocked"), (503, "blocked"),
     (521, "blocked"), (461, "blocked"), (468, "blocked"), (493, "blocked"),
     (404, "gone"), (410, "gone"), (500, "failed"), (502, "failed"), (400, "unknown"),
     (302, "unknown"), (304, "unchanged"), (202, "unknown")],
)  # fmt: skip
def test_statuses(status: int, outcome: str) -> None:
    assert verdict(answer(status)).outcome == outcome


def test_202_without_text_is_a_block() -> None:
    page = "<script>go()</script>"
    assert verdict(answer(202, page), found=False) == ("blocked", "status 202 with a page of script alone")
    assert verdict(answer(202, ""), found=False).outcome == "unknown"


def test_no_answer_is_failed_with_its_reason() -> None:
    assert verdict(Answer(URL, URL, None, error="host name not found")) == ("failed", "host name not found")


@pytest.mark.parametrize(
    "words",
    ["您访问的页面不存在", "页面不存在或已删除", "抱歉，您访问的页面走丢了", "404错误提示", "该信息已被删除",
     "ERROR 404", "找不到您要访问的页面", "您要查看的内容已删除", "对不起,您访问的页面丢失了", "Page not found"],
)  # fmt: skip
def test_soft_404(words: str) -> None:
    assert verdict(answer(200, f"<p>{words}</p>"), found=False).outcome == "gone"
    assert verdict(answer(200, f"<p><b>{words[:3]}</b>{words[3:]}</p>"), found=False).outcome == "gone"
    assert verdict(answer(200, f"<title>{words}</title>{PAGE}")).outcome == "gone"
    # A report may quote such words in its prose.
    assert verdict(answer(200, PAGE + f"<p>{words}</p>")).outcome == "ok"
    prose = f"<p>{'全年公开情况如下。' * 12}“{words}”等提示已全部整改，网站运行平稳。</p>"
    assert verdict(answer(200, prose), found=False).outcome == "unknown"


def test_a_list_has_entries_of_any_title() -> None:
    given = answer(200, "<li><a href=a>该信息不存在告知书</a>2024-01-01</li>")
    assert judge(given, "list", Signs(True)).outcome == "ok"


def test_redirect_to_home_is_gone() -> None:
    assert verdict(answer(final="http://www.example.gov.cn/index.html")) == (
        "gone",
        "redirected to http://www.example.gov.cn/index.html",
    )


@pytest.mark.parametrize(
    ("asked", "final", "moved"),
    [
        ("http://a/b/c.html", "http://a/", True),
        ("http://a/b/c.html", "http://a/b/", True),
        ("http://a/b/c/", "https://a/b/index.shtml", True),
        ("http://a/b/", "http://a/b/index.html", False),
        ("http://a/b/index.html", "http://a/b/", False),
        ("http://a/b", "http://a/b/", False),
        ("http://a/b/", "http://a/b/2025nb/", False),
        ("http://a/b/", "https://www.a/b/", False),
        ("http://a/", "http://b/", False),
        ("http://a/b/c.html", "http://a/d/c.html", False),
        ("http://a/b/c.html", "http://a/index.do", True),
        ("http://a/b/c.html", "http://a/?from=b", False),
    ],
)
def test_is_moved_up(asked: str, final: str, moved: bool) -> None:
    assert is_moved_up(asked, final) is moved


def test_shells() -> None:
    for shell in (
        "<meta content='3; URL=./2025nb/' http-equiv=Refresh>",
        "<script>location.replace('./2025nb/')</script>",
        "<meta http-equiv='refresh' content='0;url=./2025nb/'>",
    ):
        given = answer(200, f"<html><head>{shell}</head></html>")
        assert shell_target(given.body, None) == "./2025nb/"
        assert verdict(given, found=False) == ("ok", "page sends on to ./2025nb/")
    home = answer(200, "<p>5秒后返回首页</p><script>setTimeout(\"location.href='/'\",5000)</script>")
    assert verdict(home, found=False).outcome == "gone"
    assert shell_target(PAGE.encode() + b"<script>location.href='/x'</script>", None) is None


def test_a_head_that_sends_on_is_believed_although_there_is_a_link() -> None:
    page = b"<meta http-equiv=Refresh content='5; url=/'><a href='/'>home</a>"
    assert shell_target(page, None) == "/"
    assert verdict(answer(200, page), found=False).outcome == "gone"


def test_redirect_to_an_error_page_is_gone() -> None:
    for path in ("/404.html", "/error/404.htm", "/error.jsp", "/static/notfound.html"):
        final = f"http://www.example.gov.cn{path}"
        assert verdict(answer(final=final), found=False) == ("gone", f"redirected to {final}")
    assert verdict(answer(final="http://www.example.gov.cn/zwgk/404123.html"), found=False).outcome == "unknown"


def test_empty_and_unknown() -> None:
    assert verdict(answer(200, "<p>暂无相关信息</p>"), found=False, empty="暂无相关信息").outcome == "empty"
    assert verdict(answer(), found=False).outcome == "unknown"
    assert verdict(answer(200, ""), found=False) == ("unknown", "empty answer")


def test_an_empty_list_behind_a_script_is_unknown() -> None:
    given = answer(200, "<ul id=list></ul><p>暂无数据</p>")
    assert verdict(given, found=False, empty="暂无数据").outcome == "unknown"
    assert "empty place" in str(verdict(given, found=False, empty="暂无数据").evidence)


def test_a_home_page_in_place_of_a_page_is_a_refusal() -> None:
    links = "<a href=x>要闻</a>" * 40
    home = f"<title>柳溪县人民政府</title><meta content='柳溪县人民政府' name='SiteName'>{links}"
    assert verdict(answer(200, home), found=False) == (
        "blocked",
        "the home page (柳溪县人民政府) came in place of the page",
    )
    column = home + '<meta name="ColumnName" content="年报">'
    assert verdict(answer(200, column), found=False).outcome == "unknown"
    assert verdict(answer(200, home), found=True).outcome == "ok"
    news = home + "<li><a href=a>要闻</a>2024-01-01</li>"
    assert judge(answer(200, news), "list", Signs(True)).outcome == "blocked"


def test_unknown_pages_say_what_may_explain_them() -> None:
    nothing = "nothing that was asked for is on the page"
    assert verdict(answer(200, "<html><p>a</p></html>"), found=False)[1] == f"{nothing}; a stub of 21 bytes"
    assert verdict(answer(200, "<h1>网站升级维护中</h1>"), found=False)[1] == f"{nothing}; it says 网站升级维护中"
    assert verdict(answer(200, "<div id=app></div>"), found=False)[1] == (
        f"{nothing}; the page is an empty frame for a script: <div id=app></div>"
    )
    assert verdict(answer(200, "<p>请输入验证码</p>"), found=False) == ("blocked", "challenge: captcha: 验证码")


PDF_URL = "http://www.example.gov.cn/zwgk/nb/P020240126.pdf"


@pytest.mark.parametrize(
    ("body", "outcome", "url"),
    [
        (PAGE, "failed", PDF_URL),
        ("<p>您访问的页面不存在</p>", "gone", PDF_URL),
        ("<form>请输入验证码</form>", "blocked", PDF_URL),
        ("<p>您的请求疑似攻击行为</p>", "blocked", PDF_URL),
        ('{"code":500}', "failed", PDF_URL),
        ('{"code":500}', "failed", "http://a.gov.cn/download.jsp?id=1"),
        ("not found", "failed", PDF_URL),
        ("一、总体情况", "ok", "http://a.gov.cn/download.jsp?id=1"),
        ("一、总体情况", "ok", "http://a.gov.cn/x.txt"),
        ("", "unknown", PDF_URL),
        (b"%PDF-1.7 ..", "ok", PDF_URL),
        (b"\r\n\r\n%PDF-1.7 ..", "ok", PDF_URL),
        (b"PK\x03\x04", "ok", PDF_URL),
        (
            '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>x</body></html>',
            "ok",
            "http://a.gov.cn/x.doc",
        ),
    ],
)
def test_what_comes_in_place_of_a_file(body: str | bytes, outcome: str, url: str) -> None:
    data = body if isinstance(body, bytes) else body.encode()
    given = Answer(url, url, 200, {"content-type": "text/html"}, data)
    assert judge(given, "attachment", Signs(True, certain=True)).outcome == outcome


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"%PDF-1.4", "pdf"), (b"PK\x03\x04x", "zip"), (b"\xd0\xcf\x11\xe0", "ole"), (b"Rar!", "rar"),
     (b"\xef\xbb\xbf\r\n<html>", "html"), (b"\x00\x01", "other"),
     ("一、总体情况".encode(), "text"), (b"{\\rtf1", "rtf"), (b"\x89PNG", "image")],
)  # fmt: skip
def test_sniff(body: bytes, kind: str) -> None:
    assert sniff(body) == kind


@pytest.mark.parametrize(
    "piece",
    ["<", "<title>", "<script>", "<!--", "<meta ", "location=", "document.cookie=", "<meta http-equiv=refresh "],
)
def test_hostile_repetition_costs_no_more_than_its_length(piece: str) -> None:
    body = (piece * (300_000 // len(piece))).encode()
    begun = time.perf_counter()
    verdict(answer(200, body), found=False)
    assert time.perf_counter() - begun < 3


def test_targets_of_shells_resolve() -> None:
    assert absolute(URL, "./2025nb/") == "http://www.example.gov.cn/zwgk/nb/2025nb/"


# Cheap searches in the bytes decide which pages are read. They must never change a verdict.

ORDINARY = [
    "<p>全年网站系统维护12次，页面不存在的链接全部修复。</p>", "<a href='/a.html'>政务公开</a>", "<td>404</td>",
    "<script>var a='x';document.cookie='n=1'</script>", "<title>年报</title>", "<TITLE>年报</TITLE>", "<br>",
    "正文" * 40, "<div id=zoom>", "</div>", "<span>", "</span>", "暂无数据", "<style>p{}</style>", "<!-- 注 -->",
    "<meta name=a content=b>",
]  # fmt: skip
MARKED = [
    *CHALLENGES, "您访问的页面不存在", "<title>404</title>", "<title>您访问的页面不存在</title>", "该信息不存在",
    "ERROR 404", "location.href='/'", "<script>location.replace('./2023nb/')</script>",
    "<meta http-equiv='refresh' content='0;url=/a/'>", "$_ts",
    "r='m'", "拦截", "请稍候", "<title>网站防火墙</title>", "<title >\nAccess Denied</title>", "验证码",
]  # fmt: skip
PIECES = st.lists(st.sampled_from(ORDINARY + MARKED), max_size=12).map("".join)
SIGNS = [Signs(True, certain=True), Signs(True), Signs(False), Signs(False, "暂无数据")]


@settings(max_examples=400)
@given(
    PIECES,
    st.sampled_from(["utf-8", "gb18030"]),
    st.sampled_from([200, 202, 404]),
    st.sampled_from(["list", "detail", "attachment"]),
    st.sampled_from(SIGNS),
    st.booleans(),
)
def test_cheap_searches_change_no_verdict(
    page: str, encoding: str, status: int, kind: str, signs: Signs, long: bool
) -> None:
    body = (page + f"<div>{'柳溪县公开年报。' * 400}</div>" * long).encode(encoding)
    given = answer(status, body, content_type="text/html", set_cookie="__jsluid_s=1")
    fast = judge(given, kind, signs)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        # Every page is decoded and read.
        patch.setattr(marks, "may_hold", lambda body, wanted: True)
        patch.setattr(marks, "title_may_say", lambda body: True)
        slow = judge(given, kind, signs)  # type: ignore[arg-type]
    assert fast == slow


@given(st.binary(max_size=400), st.sampled_from([200, 202, 302, 400, 403, 404, 500]), st.sampled_from(SIGNS))
def test_any_bytes_are_judged(body: bytes, status: int, signs: Signs) -> None:
    for kind in ("list", "detail", "attachment"):
        given = answer(status, body, location="http://[", set_cookie="x")
        assert judge(given, kind, signs).outcome  # type: ignore[arg-type]


# Pages that speak of blocks, and pages behind a guard that lets us through.


def real_pages(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".html", ".txt")]


def assert_ordinary(body: bytes) -> None:
    for signs in (Signs(True, certain=True), Signs(True), Signs(False)):
        for kind in ("list", "detail"):
            found = judge(answer(200, body, set_cookie="__jsluid_s=1; path=/", x_via_jsl="1"), kind, signs)  # type: ignore[arg-type]
            assert found.outcome == ("ok" if signs.found else "unknown"), found


def test_no_mark_is_in_a_real_report(shared_reports: Path) -> None:
    pages = real_pages(shared_reports)
    assert len(pages) >= 5
    for body in pages:
        assert_ordinary(body)


def test_a_report_may_speak_of_blocks() -> None:
    for encoding in ("utf-8", "gb18030"):
        assert_ordinary(report(more=SPEAKS_OF_BLOCKS, encoding=encoding).body)
        assert_ordinary(report(more=COUNTER, encoding=encoding).body)


def cpu_ms(work: Callable[[], object], times: int = 40) -> float:
    """CPU milliseconds of one run, the best of several rounds."""
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - begun) / times * 1000)
    return min(rounds)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_ordinary_report_is_judged_without_being_read(encoding: str) -> None:
    body = report(more="<p>本年度公开情况如下，数据真实。</p>" * 1500, encoding=encoding).body
    assert 50_000 < len(body) < 100_000
    given = answer(200, body, content_type="text/html")

    def work() -> None:
        assert judge(given, "detail", Signs(True, certain=True)) == ("ok", None)
        assert sniff(body) == "html"
        assert shell_target(body, None) is None

    # 0.1 ms on the machine it was written on; decoding and reading the page costs ten to a hundred times that.
    assert cpu_ms(work) < 0.6
