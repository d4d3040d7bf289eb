"""Dates as reports print them: signed, published, and the period covered."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from parsers.blocks import Block, Grid, Paragraph

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
_OTHER_LABEL = re.compile(r"(?:成文|生成|印发|制作|更新|失效|页面生成)\s*(?:日期|时间)")
_PERIOD = re.compile(
    r"(?:自|从)?\s*(20\d{2})\s*年\s*1\s*月\s*1\s*日\s*(?:起)?\s*[,，]?\s*(?:至|到|—+|-+|~|～)\s*(?:(20\d{2})\s*年)?\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
)
_TITLE_WORDS = re.compile(r"报告|年报|通知|公告|解读|公开")
_NUMERAL = "[一二三四五六七八九十]"
_MONTH_DAY = re.compile(rf"(?<!{_NUMERAL})({_NUMERAL}{{1,2}})\s*月\s*({_NUMERAL}{{1,3}})\s*日")
_CHINESE_YEAR = re.compile(r"二[〇○零OＯ][〇○零OＯ一二三四五六七八九]{2}(?=\s*年)")
_SIGNATURE_LINES = 12  # from the end of the article


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


def read_signed_on(blocks: Sequence[Block], year: int | None) -> str | None:
    """The date under the signature at the end of the article; a month without a day is none.

    year: the reporting year; a signature before its last days, or many years later, is not believed.
    """
    texts = [block.text for block in blocks if isinstance(block, Paragraph) and block.main]
    for text in reversed(texts[-_SIGNATURE_LINES:]):
        if len(text) > 60:
            continue
        days = find_dates(text)
        if (
            len(days) == 1
            and _is_signature(text)
            and (year is None or date(year, 10, 1) <= days[0] <= date(year + 5, 12, 31))
        ):
            return days[0].isoformat()
    return None


def _is_signature(text: str) -> bool:
    """Nothing but a date, or an agency and a date; no sentence, no label of another date."""
    if _PUBLISHED_LABEL.search(text) or _OTHER_LABEL.search(text):
        return False
    if _TITLE_WORDS.search(text):
        return False  # another report in a list, with its date
    rest = _CHINESE_DATE.sub("", _DATE.sub("", unicodedata.normalize("NFKC", text)))
    return len(rest.strip()) <= 30 and not re.search(r"[。；;，,、:：!?]", rest)


def read_published_on(blocks: Sequence[Block], meta: dict[str, str]) -> tuple[str | None, str | None]:
    """(ISO date, source) of the publication: what the page labels as such, else its metadata.

    The time at which the portal built the page is no publication: metadata that equal it are not believed.
    """
    for block in blocks:
        day = _labelled(block.text) if isinstance(block, Paragraph) else _labelled_in_grid(block)
        if day:
            return day.isoformat(), "page label"
    stated = find_dates(meta.get("pubdate", ""))
    if stated and not _is_build_time(blocks, meta, stated[0]):
        return stated[0].isoformat(), "metadata"
    return None, None


def _labelled(text: str) -> date | None:
    if len(text) > 200:
        return None
    match = _PUBLISHED_LABEL.search(text)
    if not match:
        return None
    days = find_dates(text[match.end() : match.end() + 24])
    return days[0] if days else None


def _labelled_in_grid(grid: Grid) -> date | None:
    for row in grid.rows:
        for place, text in enumerate(row):
            # 日期 and 时间, also with blanks inside.
            if not text or len(text) > 40 or ("期" not in text and "间" not in text):
                continue
            if day := _labelled(text):
                return day
            value = next((cell for cell in row[place + 1 :] if cell), "")
            if _PUBLISHED_LABEL.fullmatch(re.sub(r"\s", "", text)) and (days := find_dates(value)):
                return days[0]
    return None


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
