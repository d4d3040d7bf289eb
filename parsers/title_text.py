"""The text of a title made plain, and the years in it."""

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Blanks and all that a reader does not see: controls, zero-width characters, fillers, variation selectors.
_INVISIBLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]+"
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_AFFIX_BACK = re.compile(
    r"(?:\((?:图片版|全文|超链版|附表|附件|含附表|文字版|PDF版|pdf版|word版|新)\)|\.(?:docx?|pdf|wps|xlsx?|ofd|html?))+$",
    re.I,
)
# Characters of titles that only the traditional script has.
_TRADITIONAL = re.compile(
    "[開報務廳縣區鎮鄉資訊關於門廣東華發財業規劃環衛醫療農糧審計統體險總綜辦處單領導會員衆眾協觀國鐵應護監"
    "執稅質檢標準級運輸線電話訪談圖讀解釋內蘇滬貴慶遼濟陽陝寧臺灣長龍馬魚鳥齊黃興義豐無錫漢紹鹽鄭營縣]"
)
_TRADITIONAL_REPORT = re.compile("[開報]")
# 報(bào)告: the reading of a character put behind it.
_GLOSS = re.compile(r"(?<=[\u3400-\u9fff])\([a-z]{0,4}[\u00e0-\u01dc\u1e3f]?[a-z]{0,3}\)(?=[\u3400-\u9fff])")
_INSERTED = re.compile(r"(?<=[\u3400-\u9fff\d])[★☆✩✪✭✮✯⭐♥♡❤◥◤▲△▼▽※✔✓]+(?=[\u3400-\u9fff\d])")

MARK = "\ue000"  # stands for a year in a marked text
_ZERO = "〇○零0OＯo\u041e\u043e\u039f\u03bf◯"
_CHINESE_DIGITS = str.maketrans(_ZERO + "一二三四五六七八九", "0" * len(_ZERO) + "123456789")
_CHINESE_YEAR = re.compile(
    rf"(?<![{_ZERO}一二三四五六七八九\d])[二2][{_ZERO}][{_ZERO}一二三四五六七八九\d]{{2}}(?![{_ZERO}一二三四五六七八九\d])"
)
_CHINESE_DIGIT = re.compile(rf"[二2][{_ZERO}]")
# A year, but no part of a date (2024-01-30, 2024年1月30日) or of a document's number (〔2023〕5号).
_YEAR = re.compile(r"(?<![\d〔])((?:19|20)\d\d)(?!\d)(?:年度(?!\d)|年(?!\d{1,2}(?:月|日))|度)?(?![-./]\d|年\d|号|〕)")


def clean_title(text: str) -> str:
    """The title with full-width forms folded; without markup, blanks and invisible characters, file endings and
    remarks such as （全文）."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return _AFFIX_BACK.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))


class Plain(NamedTuple):
    """A cleaned title in simplified characters. traditional: its report words were printed in traditional ones.
    inserted: signs or readings of characters that stood between its words, which are left out of text; "" if none."""

    text: str
    traditional: bool
    inserted: str


def plain_title(title: str) -> Plain:
    """Clean a title and undo what copies do to it."""
    text = clean_title(title).replace(MARK, "")
    traditional = False
    if _TRADITIONAL.search(text):
        traditional = bool(_TRADITIONAL_REPORT.search(text))
        text = simplified(text)
    inserted = ""
    if "(" in text and (gloss := _GLOSS.search(text)) and gloss.group() not in ("(pdf)", "(doc)", "(docx)", "(word)"):
        inserted, text = gloss.group(), _GLOSS.sub("", text)
    if not text.isalnum() and (sign := _INSERTED.search(text)):
        inserted, text = sign.group(), _INSERTED.sub("", text)
    return Plain(text, traditional, inserted)


def simplified(text: str) -> str:
    """The text in simplified characters; as it is where it holds no traditional one that titles use."""
    if not _TRADITIONAL.search(text):
        return text
    converted: str = _converter().convert(text)
    return converted


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]
    import opencc  # 20 ms, for the few titles that need it

    return opencc.OpenCC("t2s")


class Marked(NamedTuple):
    """A text in which each year is one character, MARK, and the years in order."""

    text: str
    years: list[int]


def mark_years(text: str) -> Marked:
    """Take the years out of a cleaned text: 2023年, 2023年度, 2023, 二〇二三年, 二○二三."""
    if _CHINESE_DIGIT.search(text):
        text = _CHINESE_YEAR.sub(lambda m: m.group().translate(_CHINESE_DIGITS), text)
    years: list[int] = []

    def take(match: re.Match[str]) -> str:
        years.append(int(match.group(1)))
        return MARK

    return Marked(_YEAR.sub(take, text), years)


def title_year(text: str) -> int | None:
    """The last year in a cleaned text that is no title of a report, None if it holds none."""
    years = mark_years(text).years
    return years[-1] if years else None
