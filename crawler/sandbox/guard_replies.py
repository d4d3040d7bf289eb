"""Single answers of guards and of careless servers, written by ourselves in the shape of real ones.

They are put together to sites in crawler/sandbox/guards.py. What surrounds a mark is as plain as the mark allows.
"""

import gzip
from typing import NamedTuple

TITLE = "柳溪县{agency}2023年政府信息公开工作年度报告"
_PARAGRAPH = (
    "<p>本报告依照政府信息公开条例编制，所列数据的统计期限自2023年1月1日起至2023年12月31日止。"
    "本年度主动公开各类信息，受理公众申请，未发生由公开引起的行政复议和诉讼。</p>"
)
NAVIGATION = "".join(f'<a href="/channel/{n}.html">栏目{n}</a>\n' for n in range(1, 41))


class Reply(NamedTuple):
    """One answer. headers: without Content-Length; `{origin}` and `{twin}` in a Location stand for the site's address
    under its own name and under another name of the same host."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def html(body: str, status: int = 200, *, title: str = "柳溪县人民政府", encoding: str = "utf-8", label: str = "utf-8",
         type: str = "text/html", **headers: str) -> Reply:  # fmt: skip
    """A page. label: the charset that its meta tag claims. headers: names with _ for -."""
    meta = f'<meta charset="{label}">' if label else ""
    text = f"<!DOCTYPE html><html><head>{meta}<title>{title}</title></head><body>{body}</body></html>"
    return Reply(text.encode(encoding), status, (("Content-Type", type), *_named(headers)))


def bare(text: str, status: int = 200, *, type: str = "text/html", **headers: str) -> Reply:
    """An answer of this text and nothing around it."""
    return Reply(text.encode(), status, (("Content-Type", type), *_named(headers)))


def move(target: str, status: int = 302, **headers: str) -> Reply:
    return Reply(b"", status, (("Location", target), *_named(headers)))


def _named(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", "-"), value) for name, value in headers.items())


def row(href: str, agency: str = "财政局", *, title: str = "", shown: str = "") -> str:
    full = title or TITLE.format(agency=agency)
    return f'<li><a href="{href}" title="{full}">{shown or full}</a><span>2024-01-26</span></li>\n'


def listing(*rows: str, more: str = "", **options: str) -> Reply:
    """A list page with an ordinary head and some rows."""
    place = '<div class="position"><a href="/">首页</a> &gt; <a href="./">政府信息公开年报</a></div>'
    return html(f'{place}<ul class="list">{"".join(rows)}</ul>{more}', title="政府信息公开年报_柳溪县", **options)  # type: ignore[arg-type]


def report(agency: str = "财政局", more: str = "", head: str = "", **options: str) -> Reply:
    """A report page: navigation, headline, text. more: inside the text."""
    title = TITLE.format(agency=agency)
    body = f'{head}<div class="nav">{NAVIGATION}</div><h1>{title}</h1><div id="zoom">{_PARAGRAPH * 12}{more}</div>'
    return html(body, title=f"{title}_柳溪县", **options)  # type: ignore[arg-type]


def zipped(reply: Reply) -> Reply:
    """The same, compressed although nobody asked for it."""
    return reply._replace(
        body=gzip.compress(reply.body, mtime=0), headers=(*reply.headers, ("Content-Encoding", "gzip"))
    )


def home(name: str = "柳溪县人民政府") -> Reply:
    """A home page with the tags that the standard for government sites prescribes."""
    tags = f'<meta name="SiteName" content="{name}"><meta name="SiteDomain" content="www.example.gov.cn">'
    news = "".join(f'<li><a href="/news/{n}.html">柳溪县召开第{n}次会议</a></li>' for n in range(12))
    return html(f"{tags}<div>{NAVIGATION}</div><div class=main><h2>要闻</h2><ul>{news}</ul></div>", title=name)


PDF = Reply(b"%PDF-1.7\n% made for a test\n%%EOF\n", 200, (("Content-Type", "application/octet-stream"),))
WORD = Reply(b"PK\x03\x04" + b"\x00" * 60, 200, (("Content-Type", "text/html"),))

# Guards. The challenge scripts do nothing: only their marks are real.
RUISHU = (
    "<!DOCTYPE html><html><head><meta id=\"k\" content=\"{x}\" r='m'><script r='m'>"
    "$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;$_ts.cd=\"qqq\";</script></head><body></body></html>"
).replace("{x}", "kQ" * 1200)
JIASULE_FIRST = (
    "<script>document.cookie=('_')+('_')+('j')+'sl=1';location.href=location.pathname+location.search</script>"
)
JIASULE_GO = (
    '<script>var _0=1;;go({"bts":["17","8"],"ct":"0","ha":"sha256","tn":"__jsl_clearance_s","vt":"3600"})</script>'
)
JSLUID = "__jsluid_h=0123456789abcdef; max-age=31536000; path=/; HttpOnly"
WZWS = "<html><script src='/wzws-waf-cgi/guard.js'></script><noscript>请开启JavaScript并刷新该页</noscript></html>"
YUNSUO = "<div class=yunsuologo></div><p>网防G01提示: 您的请求带有可疑内容</p><p>eventID: 7-0</p>"
XUANWU = "<p>您的访问可能对网站造成危险，已被云防护安全拦截</p>"
ALIYUN = "<p>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</p>"
HUAWEI = "<p>您的请求疑似攻击行为！</p>"
SAFEDOG = "<p>如果您是网站管理员，请登录安全狗查看详情</p>"
BAOTA = "<h1>网站防火墙</h1><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p>"
WANGSU = "<p>您当前的访问行为存在异常，请稍后重试</p>"
WEB_WALL = "<p>请求被WEB防火墙拦截</p>"
SAFELINE = "<html><head><script>window.SafeLineChallenge={}</script></head><body></body></html>"
COOKIE_SHELL = (
    '<html><script>document.cookie="C3VK=a1b2c3; path=/; max-age=300"; window.location.reload();</script></html>'
)
SLIDER = f"<div class='puzzle-vcode'></div><script>{'var a=1;' * 2800}</script>"
CAPTCHA = "<form><p>请输入验证码后下载</p><img src='/code.jsp'><input name=code></form>"

MISSING = "<div><h2>您访问的页面不存在或已删除</h2><p>5秒后返回首页</p></div>"
# What reports do say: all words of guards and of missing pages in the midst of a text.
SPEAKS_OF_BLOCKS = (
    "<p>全年网站系统维护12次，页面不存在的链接全部修复，处置“503”“404错误”等问题；部署WAF网站防火墙，"
    "拦截异常请求，您的访问可能对网站造成危险等提示经优化后不再误报；当前访问疑似黑客攻击的告警由创宇盾处理，"
    "对访问过于频繁的来源进行限制，“您访问的页面不存在”的提示改为自动跳转。</p>"
    "<p>该信息不存在的，告知申请人；暂无数据的栏目已补充内容。</p><table><tr><td>该信息不存在</td><td>404</td></tr></table>"
)
COUNTER = (
    "<script>document.cookie='visited=1; path=/';var n=document.getElementById('hits');"
    "if(window.location.href.indexOf('x')>0){n.innerHTML='1'}</script>"
)
