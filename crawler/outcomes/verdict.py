"""What a visit came to: a pure judgement over what was asked and what came back.

The order of the decisions matters: a challenge is a challenge whatever its status says, and a page without any sign
of what was asked for is `unknown`, never empty. Nothing here tries to get past a block.

An ordinary page is judged by a few searches in its bytes; only a page that holds a trigger of some mark, or that is
not what was asked for, is decoded and read (see crawler/outcomes/marks.py, crawler/outcomes/page_text.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.outcomes import marks
from crawler.outcomes.file_kind import FileKind, is_office_html, may_be_text, sniff
from crawler.outcomes.marks import EMPTY_TEXT, SOFT_404
from crawler.outcomes.moves import SHELL_TEXT, directory, is_elsewhere, is_moved_up, join, shell_target
from crawler.outcomes.page_text import PageText
from crawler.outcomes.scripted import filled_by_script
from db.records import Outcome, VisitKind

__all__ = [
    "BLOCKED_STATUSES",
    "EMPTY_TEXT",
    "GONE_STATUSES",
    "RETRIED_STATUSES",
    "SOFT_404",
    "Answer",
    "FileKind",
    "Signs",
    "Verdict",
    "is_moved_up",
    "judge",
    "shell_target",
    "sniff",
]

BLOCKED_STATUSES = frozenset({401, 403, 405, 407, 412, 418, 429, 451, 461, 468, 493, 503, 521})
GONE_STATUSES = frozenset({404, 410})
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})

_META_NAME = re.compile(r"<meta[^<>]{0,300}?\bname\s*=\s*[\"']?(\w+)", re.I)
_SITE_NAME = re.compile(
    r"<meta(?=[^<>]{0,300}\bname\s*=\s*[\"']?SiteName\b)[^<>]{0,300}\bcontent\s*=\s*[\"']([^\"'<>]{2,100})", re.I
)
_OF_A_PLACE_IN_THE_SITE = {"columnname", "columntype", "articletitle", "pubdate", "contentsource"}

# Lengths in characters without blanks.
_NO_TEXT = 60  # what a page of nothing but script or of one link shows
_LITTLE_TEXT = 600  # a challenge that explains itself
_GUARD_TEXT = 2000  # a guard's own page, with its advice to webmasters
# (length of one of its sentences, where in it a mark comes at the latest): a paragraph that mentions guards does so
# later. Narrower where the page has what was asked for.
_GUARD_SENTENCE = {False: (200, 60), True: (120, 30)}
_SOFT_404_TEXT = 3000  # a page that says it is missing, within the frame of the site
_SOFT_404_SHORT = 1000  # a page that says something is missing that may be no page
_SOFT_404_BLOCK = 80
_HOME_LINKS = 30
_STUB_BYTES = 1000
_HEAD_BYTES = 4000
_TAIL_BYTES = 20_000  # scripts may stand behind the end
BREAKS_OFF = "the page breaks off before its end"


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
    Costs about 0.2 ms for a report page of 100 KB whose signs are certain, more where marks have to be read.
    """
    if answer.status is None:
        return Verdict("failed", answer.error or "no answer")
    if answer.status == 304:
        return Verdict("unchanged")
    media = sniff(answer.body)
    page = PageText(answer.body, answer.charset, readable=media in ("html", "text"))
    # A web page in the place of a file is not what was asked for, whatever the asker hoped.
    certain = signs.certain and not (kind == "attachment" and media == "html")
    if (challenge := _challenge(answer, page, signs._replace(certain=certain))) is not None:
        return Verdict("blocked", f"challenge: {challenge}")
    if answer.status in BLOCKED_STATUSES:
        return Verdict("blocked", f"status {answer.status}")
    if answer.status == 202 and page.has_script and len(page.bare) < _NO_TEXT:
        return Verdict("blocked", "status 202 with a page of script alone")
    if answer.status in GONE_STATUSES:
        return Verdict("gone", f"status {answer.status}")
    if answer.status != 200:
        return Verdict("failed" if answer.status >= 500 else "unknown", answer.error or f"status {answer.status}")
    return _judge_page(answer, kind, signs._replace(certain=certain), media, page)


def _judge_page(answer: Answer, kind: VisitKind, signs: Signs, media: FileKind, page: PageText) -> Verdict:
    if not answer.body.strip():
        return Verdict("unknown", "empty answer")
    if (words := _soft_404(kind, signs, page)) is not None:
        return Verdict("gone", f"page says {words}")
    if is_elsewhere(answer.asked, answer.final):
        return Verdict("gone", f"redirected to {answer.final}")
    if kind == "attachment":
        return _judge_file(answer, media, page)
    if (target := shell_target(answer.body, answer.charset)) is not None:
        gone = is_elsewhere(answer.asked, join(answer.final, target))
        return Verdict("gone" if gone else "ok", f"page sends on to {target}")
    if kind == "list" and (signs.found or signs.empty) and _breaks_off(answer.body):
        return Verdict("unknown", BREAKS_OFF)
    if signs.found:
        # News of a home page are a list too.
        replaced = _replaced_by_home(answer, page) if kind == "list" and not signs.certain else None
        return replaced or Verdict("ok")
    scripted = filled_by_script(page.text)
    if signs.empty and scripted is None:
        return Verdict("empty", f"page says {signs.empty}")
    return _judge_stranger(answer, page, scripted)


def _breaks_off(body: bytes) -> bool:
    """Whether a page began as a whole one and has no end; a fragment has neither. In UTF-16 nothing is told."""
    if b"<html" not in body[:_HEAD_BYTES].lower():
        return False
    tail = body[-_TAIL_BYTES:].lower()
    return b"</body" not in tail and b"</html" not in tail


def _judge_stranger(answer: Answer, page: PageText, scripted: str | None) -> Verdict:
    """A page with nothing on it that was asked for: blocked if it shows why, else unknown, with what may explain it."""
    if len(page.bare) < SHELL_TEXT and (captcha := marks.CAPTCHA.search(page.text)):
        return Verdict("blocked", f"challenge: captcha: {captcha.group()}")
    if (replaced := _replaced_by_home(answer, page)) is not None:
        return replaced
    nothing = "nothing that was asked for is on the page"
    closed = next((found for text in (page.title, *page.blocks) if (found := marks.CLOSED.search(text))), None)
    if closed is not None and len(page.bare) < _GUARD_TEXT:
        return Verdict("unknown", f"{nothing}; it says {closed.group()}")
    if scripted is not None:
        return Verdict("unknown", f"{nothing}; {scripted}")
    if len(answer.body) < _STUB_BYTES and len(page.bare) < _NO_TEXT:
        return Verdict("unknown", f"{nothing}; a stub of {len(answer.body)} bytes")
    return Verdict("unknown", nothing)


def _judge_file(answer: Answer, media: FileKind, page: PageText) -> Verdict:
    if media == "html" and not is_office_html(answer.body):
        if captcha := marks.CAPTCHA.search(page.text):
            return Verdict("blocked", f"challenge: captcha: {captcha.group()}, on a page in place of a file")
        return Verdict("failed", "a web page came where a file was asked for")
    if media == "text" and not may_be_text(answer.body, answer.asked):
        return Verdict("failed", "a text came where a file was asked for")
    return Verdict("ok")


def _challenge(answer: Answer, page: PageText, signs: Signs) -> str | None:
    """The guard that answered in place of the portal, and what it rests on.

    Where what was asked for is on the page for certain, only the guard's machinery counts, no words and no cookies.
    """
    if (name := _code_mark(page)) is not None:
        return name
    if 300 <= (answer.status or 0) < 400 and "set-cookie" in answer.headers:
        named = marks.GUARD_COOKIE.search(answer.headers["set-cookie"])
        if named or join(answer.final, answer.headers.get("location", "")) == answer.final:
            return (
                f"redirect to itself with the cookie {named.group()}" if named else "redirect to itself with a cookie"
            )
    if signs.certain:
        return None
    if marks.title_may_say(page.body):
        for mark in marks.TITLE_MARKS:
            if any(word in page.raw_title for word in mark.triggers) and (found := mark.pattern.search(page.title)):
                return f"{mark.guard}: {found.group()}"
    if marks.may_hold(page.body, marks.SHELL_NEEDLES) and (name := _shell_mark(page)) is not None:
        return name
    if marks.may_hold(page.body, marks.WORD_NEEDLES) and (name := _word_mark(page, signs.found)) is not None:
        return name
    return _guard_without_text(answer, page)


def _code_mark(page: PageText) -> str | None:
    """The guard whose machinery is in a page."""
    for mark in marks.CODE_MARKS if marks.may_hold(page.body, marks.CODE_NEEDLES) else ():
        # What a text says of it is no machinery, unless there is no text.
        if mark.pattern.search(page.text) and (len(page.bare) < SHELL_TEXT or mark.pattern.search(page.markup)):
            return mark.guard
    if marks.may_hold(page.body[: marks.HEAD_BYTES], marks.HEAD_NEEDLES):
        head = PageText(page.body[: marks.HEAD_BYTES], page.charset).markup
        return next((mark.guard for mark in marks.HEAD_MARKS if mark.pattern.search(head)), None)
    return None


def _shell_mark(page: PageText) -> str | None:
    found = [mark for mark in marks.SHELL_MARKS if mark.pattern.search(page.text)]
    if found and len(page.bare) < _LITTLE_TEXT:
        return found[0].guard
    cookie = marks.COOKIE_SHELL
    return cookie.guard if cookie.pattern.search(page.text) and len(page.bare) < SHELL_TEXT else None


def _word_mark(page: PageText, is_found: bool) -> str | None:
    said = [mark for mark in marks.WORD_MARKS if any(word in page.text for word in mark.triggers)]
    if not said or len(page.bare) >= (_LITTLE_TEXT if is_found else _GUARD_TEXT):
        return None
    longest, latest = _GUARD_SENTENCE[is_found]
    for mark in said:
        for block in page.blocks:
            found = mark.pattern.search(block) if len(block) <= longest else None
            if found and found.start() <= latest:
                return f"{mark.guard}: {found.group()}"
    return None


def _guard_without_text(answer: Answer, page: PageText) -> str | None:
    """A guard that shows itself only in headers, beside a page of nothing but script."""
    cookie = marks.GUARD_COOKIE.search(answer.headers.get("set-cookie", ""))
    header = next((name for name in marks.GUARD_HEADERS if name in answer.headers), None)
    if (cookie or header) and page.has_script and len(page.bare) < _NO_TEXT:
        return f"{f'cookie {cookie.group()}' if cookie else f'header {header}'} with a page of script alone"
    return None


def _soft_404(kind: VisitKind, signs: Signs, page: PageText) -> str | None:
    """The words in which a page says that it is not there; None if it does not, or only in the midst of a text."""
    if marks.title_may_say(page.body) and any(word in page.raw_title for word in marks.SOFT_404_TRIGGERS):
        found = SOFT_404.search(page.title) or marks.SOFT_404_TITLE.search(page.title)
        if found:
            return found.group()
    # A list may have entries of such titles, a report such sentences.
    if signs.certain or (kind == "list" and signs.found) or not marks.may_hold(page.body, marks.SOFT_404_NEEDLES):
        return None
    if not any(word in page.text for word in marks.SOFT_404_TRIGGERS) or len(page.bare) > _SOFT_404_TEXT:
        return None
    for block in page.blocks:
        found = SOFT_404.search(block) if len(block) <= _SOFT_404_BLOCK else None
        strong = found is not None and re.search("页面|网页|404|访问", found.group())
        if found and (len(page.bare) <= _SOFT_404_SHORT or (strong and not signs.found)):
            return found.group()
    return None


def _replaced_by_home(answer: Answer, page: PageText) -> Verdict | None:
    """Some portals answer who asks too often with their home page, and status 200."""
    home = _home_page(page) if directory(answer.asked) != "/" else None
    return None if home is None else Verdict("blocked", f"the home page ({home}) came in place of the page")


def _home_page(page: PageText) -> str | None:
    """The site's name, if this is its home page by the tags that the standard for government sites prescribes."""
    name = _SITE_NAME.search(page.text)
    if name is None or _OF_A_PLACE_IN_THE_SITE & {found.lower() for found in _META_NAME.findall(page.text)}:
        return None
    is_titled = "".join(name.group(1).split()) in page.title
    return name.group(1).strip() if is_titled and page.text.count("<a ") >= _HOME_LINKS else None
