"""What a visit came to: a pure judgement over what was asked and what came back.

The order of the decisions matters: a challenge is a challenge whatever its status says, and a page without any sign
of what was asked for is `unknown`, never empty. Nothing here tries to get past a block.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from urllib.parse import urljoin, urlsplit

from db.records import Outcome, VisitKind
from parsers.encoding import decode

FileKind = Literal["html", "pdf", "zip", "ole", "rar", "rtf", "image", "text", "other"]

# Said by the page itself, and by no page that shows what was asked for.
CHALLENGES = (
    ("Ruishu", re.compile(r"\$_ts\s*=\s*window\[|\$_ts\.(?:nsd|cd)\s*=|<(?:meta|script)\b[^>]{0,300}\br=['\"]m['\"]")),
    ("Jiasule", re.compile(r"__jsl_clearance|当前访问疑似黑客攻击")),
    ("360 WAF", re.compile(r"/wzws-waf-cgi/|waf_slider_verify|请开启JavaScript并刷新该页")),
    ("Yunsuo", re.compile(r"网防G01提示|yunsuologo|security_session_(?:mid_)?verify")),
    ("Xuanwudun", re.compile(r"您的访问可能对网站造成危险")),
    ("Aliyun WAF", re.compile(r"您访问的URL有可能对网站造成安全威胁|acw_sc__v2")),
    ("Huawei WAF", re.compile(r"您的请求疑似攻击行为")),
    ("Safedog", re.compile(r"如果您是网站管理员，请登录安全狗|您的请求带有不合法参数")),
    ("Wangsu", re.compile(r"您当前的访问行为存在异常")),
    ("SafeLine", re.compile(r"safeline_bot_challenge|SafeLineChallenge")),
    ("WAF", re.compile(r"请求被WEB防火墙拦截|<title>\s*访问异常页面|reason:GeoBL")),
    ("slider", re.compile(r"puzzle-vcode|<title>\s*请稍候")),
    (
        "cookie shell",
        re.compile(
            r"document\.cookie\s*=[^;]{1,400};.{0,300}(?:location\.(?:href|reload|replace)|window\.location)", re.S
        ),
    ),
)
# Sent with ordinary pages too, so they count only where the page has no text of its own.
WEAK_MARKS = re.compile(
    r"__jsluid_[hs]|__jsl_clearance|wzws_sessionid|HWWAFSESID|yunsuo_session_verify|safeline|CT6TS", re.I
)
WEAK_HEADERS = ("x-via-jsl", "wzws-ray")

BLOCKED_STATUSES = frozenset({401, 403, 405, 407, 412, 418, 429, 451, 461, 468, 493, 503, 521})
GONE_STATUSES = frozenset({404, 410})
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})

SOFT_404 = re.compile(
    r"(?:您|你)?(?:访问|浏览|查看)的(?:页面|网页|内容|信息)(?:不存在|已(?:被)?删除|暂时无法访问|找不到)"
    r"|页面不存在(?:或已删除)?|抱歉，您访问的页面|404错误提示|(?:该|此)(?:信息|页面|文章|内容)(?:已被?删除|不存在)"
    r"|ERROR\s*404|404\s*Not\s*Found|找不到(?:您|你)要访问的页面"
)
EMPTY_TEXT = re.compile(
    r"暂无(?:相关)?(?:信息|数据|内容|文章|记录)|没有查询到|<totalrecord>\s*0\s*<|\"total\"\s*:\s*0\b"
)

_SCRIPTS = re.compile(r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
# Bounded repeats: a hostile page must not cost more than its length.
_TAGS = re.compile(r"<[^<>]*>")
_TITLE = re.compile(r"<title[^<>]{0,200}>(.{0,500}?)</title", re.I | re.S)
_REFRESH = re.compile(
    r"<meta[^<>]{1,200}http-equiv\s*=\s*[\"']?refresh[\"']?[^<>]{0,200}"
    r"content\s*=\s*[\"']?\s*\d+\s*;\s*url\s*=\s*'?([^\"'>]{1,2000})",
    re.I,
)
_SCRIPTED_MOVE = re.compile(
    r"(?:window\.|self\.|top\.|document\.|parent\.)*location(?:\.href)?(?:\.replace\(|\.assign\(|\s*=)\s*[\"']([^\"'#]+)[\"']"
)
_INDEX_NAME = re.compile(r"/(?:index|default|home)\.[a-z]{3,5}$", re.I)
_LOOKED_AT = 300_000  # bytes of a page in which markers are looked for
_SHORT_TEXT = 60  # characters: what a page of nothing but script or of one link shows
_SHELL_TEXT = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one URL. status None: nothing did, and `error` says why ("timeout", "dns", ...).

    asked: the URL asked for. final: the URL that answered. headers: names in lower case.
    """

    asked: str
    final: str
    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None

    @property
    def charset(self) -> str | None:
        """The charset that the Content-Type header declares."""
        match = re.search(r"charset\s*=\s*[\"']?([\w:.-]+)", self.headers.get("content-type", ""), re.I)
        return match.group(1) if match else None


class Signs(NamedTuple):
    """What the platform saw in the page.

    found: it is the kind of page that was asked for. empty: the words in which it says that there is nothing.
    certain: what was asked for is on it, so that words such as 页面不存在 in it mean something else.
    """

    found: bool
    empty: str | None = None
    certain: bool = False


class Verdict(NamedTuple):
    """The outcome of a visit and, in a few words, what it rests on (None for a plain ok)."""

    outcome: Outcome
    evidence: str | None = None


def judge(answer: Answer, kind: VisitKind, signs: Signs) -> Verdict:
    """Judge one visit to a list, a detail page or an attachment.

    The evidence of a block, a disappearance or a failure names the marker, the status or the address it rests on.
    """
    if answer.status is None:
        return Verdict("failed", answer.error or "no answer")
    if answer.status == 304:
        return Verdict("unchanged")
    media = sniff(answer.body)
    text = decode(answer.body[:_LOOKED_AT], answer.charset) if media in ("html", "text") else ""
    bare = _bare_text(text)
    if (challenge := _challenge(answer, text, bare)) is not None:
        return Verdict("blocked", f"challenge: {challenge}")
    if answer.status in BLOCKED_STATUSES or (answer.status == 202 and len(bare) < _SHORT_TEXT):
        return Verdict("blocked", f"status {answer.status}")
    if answer.status in GONE_STATUSES:
        return Verdict("gone", f"status {answer.status}")
    if answer.status != 200:
        return Verdict("failed" if answer.status >= 500 else "unknown", answer.error or f"status {answer.status}")
    return _judge_page(answer, kind, signs, media, text, bare)


def _judge_page(answer: Answer, kind: VisitKind, signs: Signs, media: FileKind, text: str, bare: str) -> Verdict:
    if not answer.body.strip():
        return Verdict("unknown", "empty answer")
    title = _TITLE.search(text)
    soft = SOFT_404.search(title.group(1) if title else "") or (None if signs.certain else SOFT_404.search(bare))
    if soft:
        return Verdict("gone", f"page says {soft.group()}")
    if is_moved_up(answer.asked, answer.final):
        return Verdict("gone", f"redirected to {answer.final}")
    if kind == "attachment":
        return _judge_file(answer, media)
    if (target := shell_target(answer.body, answer.charset)) is not None:
        if is_moved_up(answer.asked, _join(answer.final, target)):
            return Verdict("gone", f"page sends on to {target}")
        return Verdict("ok", f"page sends on to {target}")
    if signs.found:
        return Verdict("ok")
    if signs.empty:
        return Verdict("empty", f"page says {signs.empty}")
    return Verdict("unknown", "nothing that was asked for is on the page")


def _judge_file(answer: Answer, media: FileKind) -> Verdict:
    if media != "html":
        return Verdict("ok")
    # Old .doc and .xls files are now and then HTML saved by an office program; they say so.
    if re.search(rb"urn:schemas-microsoft-com:office|<meta[^>]+ProgId", answer.body[:4096]):
        return Verdict("ok")
    return Verdict("failed", "a web page came where a file was asked for")


def _challenge(answer: Answer, text: str, bare: str) -> str | None:
    found = next((name for name, mark in CHALLENGES if mark.search(text)), None)
    if found is not None:
        # A cookie is also set and a page also left by scripts of ordinary pages; without text it is a shell.
        return found if found != "cookie shell" or len(bare) < _SHELL_TEXT else None
    if len(bare) < _SHORT_TEXT and "<script" in text.lower():
        cookie = WEAK_MARKS.search(answer.headers.get("set-cookie", ""))
        header = next((name for name in WEAK_HEADERS if name in answer.headers), None)
        return cookie.group() if cookie else header
    return None


def shell_target(body: bytes, charset: str | None) -> str | None:
    """Where a page without text of its own sends its reader (meta refresh, location.replace), as written; else None.

    body: of a page that is no challenge. charset: of the Content-Type header.
    """
    if sniff(body) != "html":
        return None
    text = decode(body[:_LOOKED_AT], charset)
    if len(_bare_text(text)) >= _SHELL_TEXT or "<a " in text.lower():
        return None
    match = _REFRESH.search(text) or _SCRIPTED_MOVE.search(text)
    return match.group(1).replace("&amp;", "&").strip() if match else None


def sniff(body: bytes) -> FileKind:
    """The kind of file by its first bytes; Content-Type is not to be trusted."""
    for head, kind in _MAGIC:
        if body.startswith(head):
            return kind
    start = body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<") or b"<html" in start or b"<script" in start:
        return "html"
    if b"\x00" in start and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "other"
    return "text"


_MAGIC: tuple[tuple[bytes, FileKind], ...] = (
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"Rar!", "rar"),
    (b"{\\rtf", "rtf"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
)


def is_moved_up(asked: str, final: str) -> bool:
    """Whether a deep page was asked for and the home page, or a directory above it, answered."""
    asked_path, final_path = _directory(asked), _directory(final)
    if urlsplit(final).query:
        return False
    above = asked_path != final_path and asked_path.startswith(final_path) and final_path.endswith("/")
    # /a/b answered by /a/b/ is the same page.
    return above or (final_path == "/" and asked_path != "/")


def _directory(url: str) -> str:
    return _INDEX_NAME.sub("/", urlsplit(url).path or "/")


def _join(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        return target


def _bare_text(html: str) -> str:
    """What a reader without scripts would see, roughly, without white space."""
    body = _TITLE.sub("", html)
    return re.sub(r"\s+|&nbsp;?", "", _TAGS.sub("", _SCRIPTS.sub("", body)))
