"""Dates as reports print them: signed, published, and the period covered; and the date in an address."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from urllib.parse import urlsplit

from parsers.blocks import Block, Grid, Paragraph
from parsers.report import SIGNATURE, DateCandidate

_DIGITS = {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "〇": 0, "○": 0, "Ｏ": 0, "O": 0, "0": 0}
_CHINESE_DATE = re.compile(
    r"([二2][〇○零OＯ0][〇○零OＯ一二三四五六七八九]{2})\s*年\s*([一二三四五六七八九十]{1,2})\s*月(?:\s*([一二三四五六七八九十]{1,3})\s*日)?"
)
_DATE = re.compile(
    r"((?:19|20)\d{2})\s*(?:年|[-/.．])\s*(\d{1,2})\s*(?:月|[-/.．])\s*(\d{1,2})\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
)
# At the beginning of a line or of a part of it; behind other words (指南公布时间) it is another date's.
_PUBLISHED_LABEL = re.compile(
    r"(?<![\u4e00-\u9fff])(?:信息|文章|本文|网站)?(?:发布|公开|发文|公布|上网|公示)\s*(?:日\s*期|时\s*间)\s*[:：]?\s*"
)
# The day on which the text was made, as the tables of catalogues name it (页面生成时间 is the portal's own).
_SIGNED_LABEL = re.compile(r"(?<![\u4e00-\u9fff])(?:成文|生成|印发)\s*日\s*期\s*[:：]?\s*")
_OTHER_LABEL = re.compile(r"(?:成文|生成|印发|制作|更新|失效|页面生成)\s*(?:日期|时间)")
_PERIOD = re.compile(
    r"(?:自|从)?\s*(20\d{2})\s*年\s*1\s*月\s*1\s*日\s*(?:起)?\s*[,，]?\s*(?:至|到|—+|-+|~|～)\s*(?:(20\d{2})\s*年)?\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
)
_TITLE_WORDS = re.compile(r"报告|年报|通知|公告|解读|公开")
_NUMERAL = "[一二三四五六七八九十]"
_MONTH_DAY = re.compile(rf"(?<!{_NUMERAL})({_NUMERAL}{{1,2}})\s*月\s*({_NUMERAL}{{1,3}})\s*日")
_CHINESE_YEAR = re.compile(r"二[〇○零OＯ][〇○零OＯ一二三四五六七八九]{2}(?=\s*年)")
_SIGNATURE_LINES = 12  # from the end of the article
_BEHIND_LABEL = 24  # characters in which the date must begin and end
_SHORT = 60  # characters of a candidate's text
# Where publishing systems put the day of entry: t20240115_123.html, P020240115612345678901.pdf, /art/2024/1/15/,
# /202401/15/. A number of eight digits that is a file's whole name may be anything.
_URL_DATES = (
    re.compile(r"/t((?:19|20)\d\d)(\d\d)(\d\d)_"),
    re.compile(r"/[PW]0(20\d\d)(\d\d)(\d\d)\d{6,}"),
    re.compile(r"/art/((?:19|20)\d\d)/(\d{1,2})/(\d{1,2})(?=/)"),
    re.compile(r"/((?:19|20)\d\d)[-/]?(\d\d)[-/](\d\d)(?=/)"),
    re.compile(r"/((?:19|20)\d\d)/?(\d\d)(\d\d)(?=/)"),
)


def find_dates(text: str) -> list[date]:
    """All complete dates of a text, in digits or Chinese numerals, in order; impossible ones are left out."""
    text = unicodedata.normalize("NFKC", text)
    found = [(m.start(), _date(int(m[1]), int(m[2]), int(m[3]))) for m in _DATE.finditer(text)]
    found += [(m.start(), _chinese_date(m)) for m in _CHINESE_DATE.finditer(text)]
    return [day for _, day in sorted(found, key=lambda pair: pair[0]) if day]


def read_period(paragraphs: Sequence[str]) -> tuple[str, str] | None:
    """The period that the report says its figures cover, as ISO dates: where figures or a report are spoken of, else
    the first that is named."""
    found: tuple[str, str] | None = None
    for text in paragraphs:
        if "月" not in text or "日" not in text:
            continue
        match = _PERIOD.search(_in_digits(text))
        if match:
            first = _date(int(match[1]), 1, 1)
            last = _date(int(match[2] or match[1]), int(match[3]), int(match[4]))
            if first and last and first < last:
                period = first.isoformat(), last.isoformat()
                if "数据" in text or "统计" in text or "报告" in text:
                    return period
                found = found or period
    return found


def _in_digits(text: str) -> str:
    """The text with full-width forms folded and dates in Chinese numerals written in digits."""
    text = unicodedata.normalize("NFKC", text)
    text = _CHINESE_YEAR.sub(lambda m: "2" + "".join(str(_DIGITS[c]) for c in m[0][1:]), text)
    return _MONTH_DAY.sub(lambda m: f"{_numeral(m[1])}月{_numeral(m[2])}日", text)


def read_dates(blocks: Sequence[Block], meta: dict[str, str], year: int | None) -> list[DateCandidate]:
    """Every date that a document gives for itself, the most trusted of each kind first, none twice from one source.

    Signed: the date under the signature at the end of the article, the last line first, then what the page labels as
    the day on which the text was made. Published: what the page labels as such, then its metadata. year: the reporting
    year; a signature before its last days, or many years later, is not believed, nor metadata that give the time at
    which the portal built the page.
    """
    found = (
        *_signatures(blocks, year),
        *(DateCandidate("signed", *labelled) for labelled in _labelled(blocks, _SIGNED_LABEL)),
        *(DateCandidate("published", *labelled) for labelled in _labelled(blocks, _PUBLISHED_LABEL)),
        *_in_metadata(blocks, meta),
    )
    return without_repeats(found)


def without_repeats(candidates: Iterable[DateCandidate]) -> list[DateCandidate]:
    """The candidates without those that give the same day from the same source again."""
    found: dict[tuple[str, str, str], DateCandidate] = {}
    for one in candidates:
        found.setdefault((one.kind, one.day, one.source), one)
    return list(found.values())


def dates_beside(listed_on: str | None, urls: Iterable[str]) -> list[DateCandidate]:
    """The days of publication that stand beside a document: in the list that leads to it, and in its addresses."""
    found = [DateCandidate("published", day.isoformat(), "list") for day in find_dates(listed_on or "")[:1]]
    found += [DateCandidate("published", day, "url") for url in urls if (day := date_in_url(url))]
    return without_repeats(found)


def date_in_url(url: str) -> str | None:
    """The ISO date in the path of a web address, None without one.

    It is the day of entry in the publishing system, often that of a migration: the weakest of all sources.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that are no IPv6 address
        return None
    path = parts.path if parts.scheme in ("http", "https") else ""
    for pattern in _URL_DATES:
        for match in pattern.finditer(path):
            if found := _date(*map(int, match.groups())):
                return found.isoformat()
    return None


def _signatures(blocks: Sequence[Block], year: int | None) -> Iterator[DateCandidate]:
    """A month without a day is none."""
    texts = [block.text for block in blocks if isinstance(block, Paragraph) and block.main]
    for text in reversed(texts[-_SIGNATURE_LINES:]):
        if len(text) > _SHORT:
            continue
        days = find_dates(text)
        if (
            len(days) == 1
            and _is_signature(text)
            and (year is None or date(year, 10, 1) <= days[0] <= date(year + 5, 12, 31))
        ):
            yield DateCandidate("signed", days[0].isoformat(), SIGNATURE, text)


def _is_signature(text: str) -> bool:
    """Nothing but a date, or an agency and a date; no sentence, no label of another date."""
    if _PUBLISHED_LABEL.search(text) or _OTHER_LABEL.search(text):
        return False
    if _TITLE_WORDS.search(text):
        return False  # another report in a list, with its date
    rest = _CHINESE_DATE.sub("", _DATE.sub("", unicodedata.normalize("NFKC", text)))
    return len(rest.strip()) <= 30 and not re.search(r"[。；;，,、:：!?]", rest)


def _in_metadata(blocks: Sequence[Block], meta: dict[str, str]) -> Iterator[DateCandidate]:
    printed = meta.get("pubdate", "")
    stated = find_dates(printed)
    if stated and not _is_build_time(blocks, meta, stated[0]):
        yield DateCandidate("published", stated[0].isoformat(), "metadata", printed[:_SHORT])


Labelled = tuple[str, str, str]  # ISO date, "page label", label and date as printed


def _labelled(blocks: Sequence[Block], label: re.Pattern[str]) -> Iterator[Labelled]:
    for block in blocks:
        yield from _labelled_in_text(block.text, label) if isinstance(block, Paragraph) else _in_grid(block, label)


def _labelled_in_text(text: str, label: re.Pattern[str]) -> Iterator[Labelled]:
    if len(text) > 200:
        return
    for match in label.finditer(text):
        days = find_dates(text[match.end() : match.end() + _BEHIND_LABEL])
        if not days:
            return
        yield days[0].isoformat(), "page label", text[match.start() : match.end() + _BEHIND_LABEL].strip()


def _in_grid(grid: Grid, label: re.Pattern[str]) -> Iterator[Labelled]:
    for row in grid.rows:
        for place, text in enumerate(row):
            # 日期 and 时间, also with blanks inside.
            if not text or len(text) > 40 or ("期" not in text and "间" not in text):
                continue
            within = list(_labelled_in_text(text, label))
            yield from within
            value = next((cell for cell in row[place + 1 :] if cell), "")
            if not within and label.fullmatch(re.sub(r"\s", "", text)) and (days := find_dates(value)):
                yield days[0].isoformat(), "page label", f"{text} {value}"[:_SHORT]


def _is_build_time(blocks: Sequence[Block], meta: dict[str, str], day: date) -> bool:
    built = meta.get("maketime", "") + " " + meta.get("others", "")
    if day in find_dates(built):
        return True
    return any(isinstance(b, Paragraph) and "页面生成时间" in b.text and day in find_dates(b.text) for b in blocks)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _chinese_date(match: re.Match[str]) -> date | None:
    if match[3] is None:
        return None
    year = int("".join(str(_DIGITS.get(c, c)) for c in match[1].replace("二", "2").replace("２", "2")))
    return _date(year, _numeral(match[2]), _numeral(match[3]))


def _numeral(text: str) -> int:
    """A Chinese numeral from 1 to 99; 0 for what is none."""
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS.get(text, 0)
    return max(0, _DIGITS.get(tens, -10 if tens else 1) * 10 + _DIGITS.get(ones, -100 if ones else 0))
