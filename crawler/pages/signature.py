"""What a list page says, without its counters: so that a changed hit counter alone is no change of the list."""

import hashlib
import json
import re
from html import unescape
from typing import Any

from crawler.pages import Link, ListPage

_UNSEEN = re.compile(r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
_SCRIPT = re.compile(r"<script\b[^<>]*>(.*?)(?:</script\s*>|\Z)", re.I | re.S)
_TAG = re.compile(r"<[^<>]*>")
# How many entries or pages scripts say there are.
_TOTAL = re.compile(
    r"\b(total_?(?:records?|count|pages?|num)?|record_?count|page_?count|count_?page|rowcount)[\"']?\s*[:=>]\s*[\"']?(\d+)"
    r"|(createPage(?:HTML)?)\s*\(([^()]{1,200})\)",
    re.I,
)
# A script that holds entries, and not only a stamp or a session.
_LIST_DATA = re.compile(r"\[\s*\{|<\s*(?:li|tr|record|a)\b|公开|年报|报告", re.I)
# Where rows that no address leads on from say what they open, and frames what they show.
_TARGET = re.compile(
    r"\s(onclick|data-(?!v-|token|csrf|time|sid|nonce|s?rand)[\w-]+|href|src)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>\"']+)",
    re.I,
)
_FRAME = re.compile(r"<i?frame\b", re.I)
# Nothing is given back once it matched: a page may have thousands of blanks behind 浏览次数.
_NUMBER = r"[:：]?\s*+(?:共|约|为)?\s*+[\[(（]?\s*+[\d,]++\s*+[\])）]?\s*+(?:人次|次|人)?"
# What changes with each look or each day, and says nothing of the list: counters, the clock, the day of today.
_COUNTERS = re.compile(
    rf"(?:访问|浏览|点击|阅读|访客|人气|游览|查看)(?:总)?(?:量|数|次数|人数|人次|统计)?{_NUMBER}"
    rf"|(?:当前|目前)?在线(?:人数|用户|访客)?{_NUMBER}|第\s*[\d,]+\s*(?:位|个)(?:访客|访问|来访|浏览|客人|用户)?"
    r"|距今[^，。；\s]{0,12}|\d{1,2}\s*[:：]\s*\d\d(?:\s*[:：]\s*\d\d)?(?!\d)"
    r"|(?:今天|今日|现在|当前时间|当前日期|北京时间|系统时间)(?:是|为)?[:：]?\s*+(?:公元)?\s*+\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?"
    r"|\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?=\s*(?:星期|周|礼拜)[一二三四五六日天])"
    r"|(?:星期|周|礼拜)[一二三四五六日天]|农历.{2,12}?(?:日|[一二三四五六七八九十])(?![一二三四五六七八九十])"
    r"|(?:早上|上午|中午|下午|晚上|凌晨|夜里)好"
)
# Keys of JSON whose values change with each answer.
_PASSING = re.compile(
    r"(?:trace|request|req|session|span|log)_?(?:id|no)|token|nonce|(?:server|system|current|response|now)_?time|time_?stamp"
    r"|took|elapsed|duration|cost_?time|(?:click|hit|view|visit|browse|read|pv)_?(?:s|num|number|count|times|total)?",
    re.I,
)
_DEEPEST = 8
_BLANK = re.compile(r"[\s\u200b\ufeff\u00a0]+")
_SESSION = re.compile(r";jsessionid=[^?#]*|(?<=[?&])(?:rnd|random|rand|sid|sessionid|jsessionid|token)=[^&#]*&?", re.I)
_STAMP = re.compile(r"(?<=[?&])(_|t|ts|timestamp|v)=([^&#]*)&?", re.I)


def list_signature(page: ListPage, text: str) -> str:
    """A digest of what one page of a list says.

    page: as the platform read it. text: the same page, decoded. In the digest: the entries with address, title and
    date, the other pages, totals, all words and numbers that a reader sees, what rows without an address open, frames,
    and scripts that hold entries. Not in it: counters of visits, the clock and the day, other scripts, session ids, and
    a stamp (?t=, ?v=, ?_=) that several links carry, all with one value, and in JSON what only names the answer. Two
    pages with one signature list the same.
    """
    stamps = _stamps([link.url for link in page.links])
    parts = [
        *(_entry(link, stamps) for link in (*page.links, *page.unfollowed)),
        *(_address(url, stamps) for url in page.further),
        f"{page.declared_pages} {page.declared_entries} {page.unread_pager} {page.says_empty} {page.has_structure}",
        *(" ".join(filter(None, found.groups())) for found in _TOTAL.finditer(text)),
        *(_plain(body) for body in _SCRIPT.findall(text) if _LIST_DATA.search(body)),
        *(_address(target, stamps) for target in _targets(text)),
        _plain(_TAG.sub("", _UNSEEN.sub("", _without_counters(text)))),
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _without_counters(text: str) -> str:
    """A list that was sent as JSON, without what changes with each answer; any other text as it is."""
    if text.lstrip()[:1] != "{":
        return text
    try:
        return json.dumps(_lasting(json.loads(text), 0), ensure_ascii=False, sort_keys=True)
    except (ValueError, RecursionError):
        return text


def _lasting(data: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return data
    if isinstance(data, dict):
        return {key: _lasting(value, depth + 1) for key, value in data.items() if not _PASSING.fullmatch(key)}
    return [_lasting(value, depth + 1) for value in data] if isinstance(data, list) else data


def _entry(link: Link, stamps: set[str]) -> str:
    return f"{_address(link.url, stamps)} {link.title} {link.listed_on}"


def _stamps(urls: list[str]) -> set[str]:
    """The names of stamps that change for all links alike: several links carry them, with one value."""
    values: dict[str, list[str]] = {}
    for url in urls:
        for found in _STAMP.finditer(url):
            values.setdefault(found.group(1).lower(), []).append(found.group(2))
    return {name for name, found in values.items() if len(found) > 1 and len(set(found)) == 1}


def _address(url: str, stamps: set[str]) -> str:
    kept = _STAMP.sub(lambda found: "" if found.group(1).lower() in stamps else found.group(), url)
    return _SESSION.sub("", kept).rstrip("?&")


def _targets(text: str) -> list[str]:
    """What rows open by a script or below a fragment, and what frames show."""
    targets = []
    for tag in _TAG.findall(_UNSEEN.sub("", text)):
        if "=" not in tag:
            continue
        is_frame = _FRAME.match(tag) is not None
        for name, quoted in _TARGET.findall(tag):
            value, name = quoted.strip("\"' \t\r\n"), name.lower()
            if name == "src" and not is_frame:
                continue
            if name != "href" or value.startswith("#") or value.lower().startswith("javascript:"):
                targets.append(value)
    return targets


def _plain(text: str) -> str:
    return _BLANK.sub("", _COUNTERS.sub("", unescape(text)))
