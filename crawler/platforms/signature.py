"""What a list page says, without its counters: so that a changed hit counter alone is no change of the list."""

import hashlib
import re

from crawler.platforms import Link, ListPage

_UNSEEN = re.compile(r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
_TAG = re.compile(r"<[^<>]*>")
# How many entries or pages a list says it has: numbers that do count. 访问量共1234次 is none of them.
_TOTAL = re.compile(
    r"[共第]\s*(?:<[^<>]{0,200}>\s*)*(\d+)\s*(?:</[^<>]{1,20}>\s*)*([条页篇项件])"
    r"|\b(total_?(?:records?|count|pages?|num)?|record_?count|page_?count|count_?page|rowcount)[\"']?\s*[:=>]\s*[\"']?(\d+)"
    r"|(createPage(?:HTML)?)\s*\(([^()]{1,200})\)",
    re.I,
)
# What tells the day: weekday, lunar date, part of the day. Digits go anyway.
_TODAY = re.compile(
    r"(?:星期|周|礼拜)[一二三四五六日天]|农历.{2,12}?(?:日|[一二三四五六七八九十])(?![一二三四五六七八九十])"
    r"|[〇○零一二三四五六七八九十廿百]+(?=[年月日时分秒号])|(?:早上|上午|中午|下午|晚上|凌晨|夜里)好?"
)
_NO_WORD = re.compile(r"[\d\s０-９,.:：/%\-—]+|&(?:nbsp|ensp|emsp|#\d+);?")
_SESSION = re.compile(
    r";jsessionid=[^?#]*|(?<=[?&])(?:_|t|ts|timestamp|rnd|random|rand|v|sid|sessionid|jsessionid|token)=[^&#]*&?", re.I
)


def list_signature(page: ListPage, text: str) -> str:
    """A digest of what one page of a list says.

    page: as the platform read it. text: the same page, decoded. In the digest: the entries with address, title and
    date, the other pages, printed totals, and the words that a reader sees. Not in it: digits in the text, scripts,
    session ids in addresses, the day. Two pages with one signature list the same.
    """
    parts = [
        *map(_entry, page.links),
        *map(_address, page.further),
        f"{page.declared_pages} {page.unread_pager} {page.says_empty} {page.has_structure}",
        *(" ".join(filter(None, found.groups())) for found in _TOTAL.finditer(text)),
        _words(text),
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _entry(link: Link) -> str:
    return f"{_address(link.url)} {link.title} {link.listed_on}"


def _address(url: str) -> str:
    return _SESSION.sub("", url).rstrip("?&")


def _words(text: str) -> str:
    seen = _TAG.sub("", _UNSEEN.sub("", text))
    return _NO_WORD.sub("", _TODAY.sub("", seen))
