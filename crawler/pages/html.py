"""Small tools for reading portal pages: addresses, dates, names of files."""

import re
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode
from w3lib.url import safe_url_string

from parsers.encoding import decode

# Kinds of files in which reports have been published. What cannot be read is kept all the same.
FILE_ENDINGS = ("pdf", "docx", "doc", "xlsx", "xls", "wps", "et", "ofd", "rtf", "txt", "zip", "rar")
_FILE_ENDING = re.compile(rf"\.(?:{'|'.join(FILE_ENDINGS)})$", re.I)
_LEVELS_UP = 40  # a hostile page nests without end
_NAME_PARAMETERS = ("showname", "filename", "fileName", "name")
_VIEWER_PARAMETERS = ("file", "url", "src")
BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
_DATE = re.compile(
    r"(?<![\d/-])((?:19|20)\d\d)\s*[-/.年]\s*(1[0-2]|0?[1-9])\s*[-/.月]\s*(3[01]|[12]\d|0?[1-9])(?!\d)(?:\s*日)?"
)
# At the start of a text, and no day that only some months have: needs no calendar.
_PLAIN_DATE = re.compile(r"((?:19|20)[0-9][0-9]-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8]))(?!\d)")
_DATE_ALONE = re.compile(
    r"[\[(（【〔]?(?:发布|公开|发文|更新)?(?:日期|时间)?[:：]?((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:\d\d:\d\d(?::\d\d)?)?[\])）】〕]?"
)


def parse(body: bytes, charset: str | None) -> LexborHTMLParser:
    """The page as a tree. charset: of the Content-Type header, a hint only."""
    return LexborHTMLParser(decode(body, charset))


def clean(text: str) -> str:
    """Text on one line, blanks folded to one space, invisible characters dropped."""
    return BLANK.sub(" ", text).strip()


def visible_text(node: LexborNode | None, *, links: bool = True) -> str:
    """What a reader sees of an element, without any blanks; "" for None. links: False leaves out what links say."""
    if node is None:
        return ""
    shown = (
        part.text_content
        for part in node.traverse(include_text=True)
        if part.is_text_node and _is_shown(part) and (links or not is_within(part, {"a"}))
    )
    return BLANK.sub("", "".join(text or "" for text in shown))


def _is_shown(text: LexborNode) -> bool:
    return text.parent is None or text.parent.tag not in ("script", "style", "noscript", "template", "title")


def is_within(node: LexborNode, tags: set[str]) -> bool:
    """Whether one of the elements close around a node has one of some tags."""
    parent: LexborNode | None = node.parent
    for _ in range(_LEVELS_UP):
        if parent is None:
            return False
        if parent.tag in tags:
            return True
        parent = parent.parent
    return False


def first_css(node: LexborHTMLParser | LexborNode, selector: str) -> LexborNode | None:
    """The first match inside a node, or None."""
    return node.css_first(selector)


def absolute(base: str, link: str | None) -> str | None:
    """The absolute http(s) URL of a link as written in a page, percent-encoded, without fragment; None for anything
    else (javascript:, mailto:, file:, a mere fragment, an address that cannot be one)."""
    text = re.sub(r"[\t\r\n]+", "", link or "").strip(_ENDS).replace("\\", "/")
    if not text or text.startswith("#"):
        return None
    if plain := _PLAIN_LINK.fullmatch(text):
        # Nine of ten links of a list; all that is special about an address stands in what they resolve against.
        start = _start_of(base, "/" if plain["root"] else "")
        return None if start is None else start + plain["path"]
    return _resolved(base, text)


# Blanks and control characters at the ends of an address are no part of it (as the URL standard says).
_ENDS = "".join(map(chr, range(0x21))) + "\u3000\xa0"
# Names without a leading dot, in characters that no URL encodes.
_PLAIN_LINK = re.compile(
    r"(?:\./|(?P<root>/))?(?P<path>(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*/)*[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*/?)"
)


@lru_cache(maxsize=256)
def _start_of(base: str, root: str) -> str | None:
    """What a plain link is appended to: the folder of a page, or the root of its host."""
    target = _resolved(base, f"{root}x")
    return None if target is None else target[:-1]


def _resolved(base: str, text: str) -> str | None:
    try:
        parts = urlsplit(urljoin(base, text))
        port = parts.port
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            return None
        host = parts.hostname.rstrip(".")
        host = f"[{host}]" if ":" in host else host
        if port is not None and port != (443 if parts.scheme == "https" else 80):
            host = f"{host}:{port}"
        return safe_url_string(urlunsplit((parts.scheme, host, parts.path or "/", parts.query, "")))
    except (ValueError, UnicodeError):
        return None


def has_file_ending(text: str) -> bool:
    """Whether a name or path ends like a document: .pdf, .docx, …"""
    return bool(_FILE_ENDING.search(text.strip()))


def file_name_of(url: str) -> tuple[str | None, str | None]:
    """(address of the document behind a URL, its real name), (None, None) if the URL names no document.

    Sees through viewers (`viewer.html?file=/a/b.pdf`) and download scripts (`downfile.jsp?filename=x.pdf&showname=y`).
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    if has_file_ending(path):
        return url, path.rsplit("/", 1)[-1]
    query = parse_qs(parts.query)
    for key in _VIEWER_PARAMETERS:
        inner = query.get(key, [""])[0]
        if has_file_ending(urlsplit(inner).path):
            return absolute(url, inner), unquote(urlsplit(inner).path).rsplit("/", 1)[-1]
    names = [query[key][0] for key in _NAME_PARAMETERS if key in query]
    if any(has_file_ending(name) for name in names):
        return url, next(name for name in names if name)
    return None, None


def iso_date(text: str) -> str | None:
    """The date that is all of a text, but for brackets, a label and a time of day: "[2024-01-30]" -> "2024-01-30"."""
    if len(text) > 200:
        return None
    match = _DATE_ALONE.fullmatch(BLANK.sub("", text))
    return _valid(match)


def printed_date(text: str) -> str | None:
    """The first date in a text, None if there is none; an index number such as 2026-02-00018 is none."""
    if plain := _PLAIN_DATE.match(text):
        return plain[1]
    return next((found for match in _DATE.finditer(text[:2000]) if (found := _valid(match))), None)


def _valid(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:
        return None
