"""What a visit came to, in the order in which it is decided."""

import time

import pytest

from crawler.outcomes import Answer, Signs, Verdict, is_moved_up, judge, shell_target, sniff
from crawler.platforms.html import absolute
from crawler.robots import read_robots

URL = "http://www.example.gov.cn/zwgk/nb/t20240126_1.html"
PAGE = f"<html><body><h1>年报</h1>{'正文' * 150}</body></html>"


def answer(status: int | None = 200, body: str | bytes = PAGE, final: str = URL, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else body.encode()
    return Answer(URL, final, status, {name.replace("_", "-"): value for name, value in headers.items()}, data)


def verdict(given: Answer, found: bool = True, empty: str | None = None, kind: str = "list") -> Verdict:
    return judge(given, kind, Signs(found, empty, certain=found))  # type: ignore[arg-type]


CHALLENGES = {
    "Ruishu": """<meta id="x" content="y" r='m'><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script>""",
    "Jiasule": ';go({"bts":["a"],"ha":"sha256","tn":"__jsl_clearance_s"})',
    "360 WAF": "<script src='/wzws-waf-cgi/a.js'></script>",
    "Yunsuo": "网防G01提示: 您的请求被拦截",
    "Xuanwudun": "您的访问可能对网站造成危险，已被云防护安全拦截",
    "Aliyun WAF": "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断",
    "Huawei WAF": "您的请求疑似攻击行为",
    "Wangsu": "您当前的访问行为存在异常，请稍后重试",
    "slider": "<title>请稍候…</title><div class=puzzle-vcode>",
    "cookie shell": '<script>document.cookie="C3VK=ab; max-age=300"; location.reload()</script>',
}


@pytest.mark.parametrize("guard", CHALLENGES)
@pytest.mark.parametrize("status", [200, 404, 412])
def test_a_challenge_is_blocked_whatever_the_status(guard: str, status: int) -> None:
    assert verdict(answer(status, f"<html>{CHALLENGES[guard]}</html>"), found=False) == (
        "blocked",
        f"challenge: {guard}",
    )


def test_challenge_in_gbk() -> None:
    body = "<html>您的访问可能对网站造成危险</html>".encode("gb18030")
    assert verdict(answer(200, body), found=False).outcome == "blocked"


def test_cookies_of_a_guard_count_only_on_a_page_without_text() -> None:
    cookie = "__jsluid_s=ab12; path=/"
    assert verdict(answer(200, PAGE, set_cookie=cookie)).outcome == "ok"
    assert verdict(answer(200, "<script>x()</script>", set_cookie=cookie), found=False) == (
        "blocked",
        "challenge: __jsluid_s",
    )
    assert verdict(answer(200, PAGE + "<script>document.cookie='a=1';location.href</script>")).outcome == "ok"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(403, "blocked"), (405, "blocked"), (412, "blocked"), (418, "blocked"), (429, "blocked"), (503, "blocked"),
     (521, "blocked"), (404, "gone"), (410, "gone"), (500, "failed"), (502, "failed"), (400, "unknown"),
     (302, "unknown"), (304, "unchanged"), (202, "unknown")],
)  # fmt: skip
def test_statuses(status: int, outcome: str) -> None:
    assert verdict(answer(status)).outcome == outcome


def test_202_without_text_is_a_block() -> None:
    assert verdict(answer(202, "<script>go()</script>"), found=False) == ("blocked", "status 202")


def test_no_answer_is_failed_with_its_reason() -> None:
    assert verdict(Answer(URL, URL, None, error="host name not found")) == ("failed", "host name not found")


@pytest.mark.parametrize(
    "words", ["您访问的页面不存在", "页面不存在或已删除", "404错误提示", "该信息已被删除", "ERROR 404"]
)
def test_soft_404(words: str) -> None:
    assert verdict(answer(200, f"<p>{words}</p>"), found=False).outcome == "gone"
    assert verdict(answer(200, f"<title>{words}</title>{PAGE}")).outcome == "gone"
    # A report may quote such words in its prose.
    assert verdict(answer(200, PAGE + f"<p>{words}</p>")).outcome == "ok"


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
    ],
)
def test_is_moved_up(asked: str, final: str, moved: bool) -> None:
    assert is_moved_up(asked, final) is moved


def test_shells() -> None:
    for shell in (
        "<script>location.replace('./2025nb/')</script>",
        "<meta http-equiv='refresh' content='0;url=./2025nb/'>",
    ):
        given = answer(200, f"<html><head>{shell}</head></html>")
        assert shell_target(given.body, None) == "./2025nb/"
        assert verdict(given, found=False) == ("ok", "page sends on to ./2025nb/")
    home = answer(200, "<p>5秒后返回首页</p><script>setTimeout(\"location.href='/'\",5000)</script>")
    assert verdict(home, found=False).outcome == "gone"
    assert shell_target(PAGE.encode() + b"<script>location.href='/x'</script>", None) is None


def test_empty_and_unknown() -> None:
    assert verdict(answer(200, "<p>暂无相关信息</p>"), found=False, empty="暂无相关信息").outcome == "empty"
    assert verdict(answer(), found=False).outcome == "unknown"
    assert verdict(answer(200, ""), found=False) == ("unknown", "empty answer")


def test_a_page_for_a_pdf_is_a_failure() -> None:
    assert verdict(answer(200, PAGE), kind="attachment").outcome == "failed"
    assert verdict(answer(200, b"%PDF-1.7 ..", content_type="text/html"), kind="attachment").outcome == "ok"
    word = b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>x</body></html>'
    assert verdict(answer(200, word), kind="attachment").outcome == "ok"


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


def robots(status: int | None, body: str = "", error: str | None = None) -> tuple[bool, str]:
    rules, verdict = read_robots(Answer(URL, URL, status, {}, body.encode(), error))
    return rules.refuses("http://www.example.gov.cn/zwgk/") is None, verdict.outcome


def test_robots() -> None:
    assert robots(200, "User-agent: *\nDisallow: /admin/") == (True, "ok")
    assert robots(200, "User-agent: *\nDisallow: /") == (False, "ok")
    assert robots(200, "User-agent: nianbao\nDisallow: /zwgk/\n\nUser-agent: *\nAllow: /") == (False, "ok")
    assert robots(200, "<html>首页</html>") == (True, "ok")
    assert robots(404) == (True, "gone")
    assert robots(400) == (True, "unknown")
    assert robots(403) == (False, "blocked")
    assert robots(429) == (False, "blocked")
    assert robots(503) == (False, "failed")
    assert robots(None, error="connection refused") == (False, "failed")


def test_robots_crawl_delay_is_bounded() -> None:
    rules, _ = read_robots(Answer(URL, URL, 200, {}, b"User-agent: *\nCrawl-delay: 9000"))
    assert rules.crawl_delay_s == 60.0


def test_targets_of_shells_resolve() -> None:
    assert absolute(URL, "./2025nb/") == "http://www.example.gov.cn/zwgk/nb/2025nb/"
