"""What guards, missing pages and closed sites say of themselves; the words by which `outcomes` decides.

Each mark names triggers: of a text that its pattern matches, at least one trigger is a part. Triggers are looked for in
the raw bytes, in UTF-8 and in GB18030, so that an ordinary page is never decoded for the sake of a mark.
Source: the guards that public crawlers of government portals met, by name; sentences as the guards print them.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Mark(NamedTuple):
    """A guard's name, what gives it away, and the triggers of that pattern."""

    guard: str
    pattern: re.Pattern[str]
    triggers: tuple[str, ...]


# In the scripts or tags of a page, whatever text stands beside them: only the guard's own machinery writes this.
CODE_MARKS = (
    Mark("Ruishu", re.compile(r"\$_ts\s*=\s*window\[|\$_ts\.(?:nsd|cd)\s*="), ("$_ts",)),
    Mark("Jiasule", re.compile(r"__jsl_clearance"), ("__jsl_clearance",)),
    Mark("360 WAF", re.compile(r"/wzws-waf-cgi/"), ("/wzws-waf-cgi/",)),
)

# The same in the head of a page; so short a trigger is not looked for in all of it.
HEAD_MARKS = (Mark("Ruishu", re.compile(r"<(?:meta|script)\b[^>]{0,5000}\br=['\"]m['\"]"), ("r='m'", 'r="m"')),)
HEAD_BYTES = 16_384

# In the source of a page with little or no text; ordinary pages behind the guard may mention them too.
SHELL_MARKS = (
    Mark(
        "360 WAF",
        re.compile(r"waf_slider_verify|请开启JavaScript并刷新该页"),
        ("waf_slider_verify", "JavaScript并刷新"),
    ),
    Mark(
        "Yunsuo",
        re.compile(r"yunsuologo|yunsuo_session_verify|security_session_(?:mid_)?verify"),
        ("yunsuo", "security_session_"),
    ),
    Mark("Aliyun WAF", re.compile(r"acw_sc__v[23]"), ("acw_sc__v",)),
    Mark("SafeLine", re.compile(r"safeline_bot_challenge|SafeLineChallenge"), ("safeline_bot", "SafeLineCh")),
    Mark("slider", re.compile(r"puzzle-vcode"), ("puzzle-vcode",)),
)

# A page of next to nothing but a script that sets a cookie and loads itself again.
COOKIE_SHELL = Mark(
    "cookie shell",
    re.compile(
        r"document\.cookie\s*=[^;]{1,400};.{0,300}?(?:location\.(?:href|reload|replace)|window\.location|location\s*=)",
        re.S,
    ),
    ("document.cookie",),
)

# Sentences that a guard shows in place of the page. A report may speak of guards; it does so in the midst of a text.
WORD_MARKS = (
    Mark("Jiasule", re.compile(r"当前访问疑似黑客攻击"), ("疑似黑客",)),
    Mark("Yunsuo", re.compile(r"网防G01提示"), ("网防G01",)),
    Mark("Xuanwudun", re.compile(r"您的访问可能对网站造成危险"), ("造成危险",)),
    Mark("Aliyun WAF", re.compile(r"您访问的URL有可能对网站造成安全威胁|您的访问被阻断"), ("安全威胁", "被阻断")),
    Mark("Huawei WAF", re.compile(r"您的请求疑似攻击行为"), ("疑似攻击",)),
    Mark("Safedog", re.compile(r"如果您是网站管理员[，,]?请登录安全狗"), ("安全狗",)),
    Mark("Baota", re.compile(r"您的请求带有不合法参数"), ("不合法参数",)),
    Mark("Wangsu", re.compile(r"您当前的访问行为存在异常"), ("访问行为",)),
    Mark("place filter", re.compile(r"reason:\s*GeoBL"), ("GeoBL",)),
    Mark("rate limit", re.compile(r"(?:访问|请求|操作)(?:过于|太)频繁"), ("频繁",)),
    Mark(
        "WAF",
        re.compile(
            r"(?:您|你)?的?(?:访问|请求)(?:已|被|已被)(?:[^。，,]{0,12})拦截|(?:The)?requestedURLwasrejected|检测到可疑访问"
            r"|^访问异常页面",
            re.I,
        ),
        ("拦截", "requested URL", "可疑访问", "访问异常"),
    ),
)

# The whole title of a page that a guard shows.
TITLE_MARKS = (
    Mark("slider", re.compile(r"请稍候"), ("请稍候",)),
    Mark(
        "WAF",
        re.compile(
            r"访问异常页面|网站防火墙|WEB应用防火墙|RequestRejected|AccessDenied|403Forbidden|访问被?拒绝", re.I
        ),
        ("访问异常", "防火墙", "equest ", "REQUEST ", "ccess ", "ACCESS ", "403", "拒绝"),
    ),
)

# What asks a reader to prove that he is one. Search and login forms have it too, so it counts only in place of a page.
CAPTCHA = re.compile(r"验证码|人机验证|安全验证|滑块|captcha|verify-?code|vcode", re.I)

# Cookies and headers come with ordinary pages too; they count only with a page of nothing but script.
GUARD_COOKIE = re.compile(
    r"__jsluid_[hs]|__jsl_clearance(?:_s)?|wzws_sessionid|HWWAFSESID|yunsuo_session_verify"
    r"|security_session_(?:mid_)?verify|acw_tc|safeline_bot_challenge\w*|C3VK|CT6TS|FSSBB\w+"
    # Ruishu: a name drawn by chance that ends in S or O, and a long value.
    r"|(?<![\w-])(?=\w*\d)\w{10,24}[SO](?==[\w.%-]{60,})"
)
GUARD_HEADERS = ("x-via-jsl", "wzws-ray")

SOFT_404 = re.compile(
    r"(?:您|你)?(?:要|所|想要)?(?:访问|浏览|查看|请求)的?(?:页面|网页|内容|信息|文件|资源|链接)"
    r"(?:可能|暂时)?(?:已经?)?(?:不存在|被?删除|无法访问|找不到|未找到)"
    r"|页面(?:不存在|未找到|找不到|已被?删除|走丢|丢失|飞走)|(?:抱歉|对不起)[，,]?(?:您|你)(?:要)?访问的页面"
    r"|404错误|错误404|(?:该|此)(?:信息|页面|文章|内容|栏目)(?:不存在|已经?被?删除|已下线)"
    r"|(?:信息|文章|内容)不存在或(?:已|被)|ERROR404|404NotFound|(?:HTTPStatus|HTTP状态)404"
    r"|找不到(?:您|你)要(?:访问|查看)的(?:页面|文件|内容)|(?:找不到|无法找到)(?:文件或)?(?:目录|页面|网页|该页|资源)"
    r"|(?:page|file|resource|object)(?:couldnotbe|cannotbe|wasnot|not)found",
    re.I,
)
# Of a title alone: 404 is a number like any other in a page.
SOFT_404_TITLE = re.compile(r"^404(?:$|[-_|—页])|[-_|—]404$")
SOFT_404_TRIGGERS = ("不存在", "删除", "找不到", "未找到", "无法访问", "无法找到", "已下线", "走丢", "丢失",
                     "飞走", "抱歉", "对不起", "404", "ound", "OUND")  # fmt: skip

# A site that says itself that it is closed for a while. Neither the page nor its absence can be judged then.
CLOSED = re.compile(
    r"(?:网站|系统|平台|服务器?)(?:正在|正|将)?(?:进行)?(?:升级|维护|改版|迁移|检修|关闭|关停)(?:升级|维护|改造|中)*|系统繁忙|服务(?:暂时)?不可用"
)

# What a list says that has no entries. Looked for in texts without blanks.
EMPTY_TEXT = re.compile(
    r"暂时?(?:无|没有)(?:任何|相关|符合条件的?|可显示的?|此类|该类)*的?"
    r"(?:政府)?(?:信息|数据|内容|文章|记录|结果|文件|资料|条目|发布|年度?报告?)"
    r"|(?:没有|未)(?:查询|查找|检索|找)到|(?:没有|无)(?:任何)?相关的?(?:信息|数据|内容|文章|记录|结果)|共0条"
)


def needles(triggers: Iterable[str]) -> tuple[bytes, ...]:
    """The triggers as they stand in a page, in either of the two encodings."""
    return tuple(dict.fromkeys(word.encode(name) for word in triggers for name in ("utf-8", "gb18030")))


CODE_NEEDLES = needles(word for mark in CODE_MARKS for word in mark.triggers)
HEAD_NEEDLES = needles(word for mark in HEAD_MARKS for word in mark.triggers)
TITLE_NEEDLES = needles([*(word for mark in TITLE_MARKS for word in mark.triggers), *SOFT_404_TRIGGERS])
SHELL_NEEDLES = needles(word for mark in (*SHELL_MARKS, COOKIE_SHELL) for word in mark.triggers)
WORD_NEEDLES = needles(word for mark in WORD_MARKS for word in mark.triggers)
SOFT_404_NEEDLES = needles(SOFT_404_TRIGGERS)
_TITLE_START = re.compile(rb"<title", re.I)
# Narrower than what is read of a decoded page: whatever does not look like this is decoded and read.
_PLAIN_TITLE = re.compile(rb"<title[^<>]{0,200}>([^<]{0,500})</title", re.I)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def may_hold(body: bytes, wanted: tuple[bytes, ...]) -> bool:
    """Whether a page may hold one of some triggers: False only if it holds none. Costs no decoding."""
    return any(needle in body for needle in wanted) or body.startswith(_UTF_16)


def title_may_say(body: bytes) -> bool:
    """Whether the page's <title> may be one of a guard or of a missing page."""
    start = _TITLE_START.search(body)
    if start is None:
        return body.startswith(_UTF_16)
    title = _PLAIN_TITLE.match(body, start.start())
    return title is None or may_hold(title.group(1), TITLE_NEEDLES)
