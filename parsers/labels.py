"""Labels of the forms, reduced to what matters for comparing them."""

import re
import unicodedata
from functools import lru_cache

_NOISE = re.compile(r"[^\w]|_")
_NUMBERING = re.compile(
    r"^(?:[（(〔\[]?\s*(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[)）〕\]]\s*|(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[、.．，,]\s*)"
)
_NUMERALS = "一二三四五六七八九"
_BOOKMARK = re.compile(r"\[(?:bookmark|image): [^\]]*\]")
_FOOTNOTE = re.compile(r"\^\s*[\[(（〔]?[\d①-⑳*※注]+[\])）〕]?")
_DIGITS_IN_FRONT = re.compile(r"^\d{1,2}(?=\D)")


def strip_bookmarks(text: str) -> str:
    """The text without the `[bookmark: ...]` and `[image: ...]` marks that some converters leave."""
    return _BOOKMARK.sub("", text) if "[" in text else text


def number_in_front(text: str) -> int | None:
    """The number of a label: 3 of "3.其他", 6 of "（六）其他处理", the last of "三、（七）总计"; None without one."""
    found = None
    while match := _NUMBERING.match(text := text.lstrip()):
        found, text = match[0], text[match.end() :]
    numeral = "".join(c for c in found or "" if c == "十" or c in _NUMERALS or c.isdecimal())
    if not numeral:
        return None
    if numeral.isdecimal():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    return (10 * (_NUMERALS.find(tens) + 1 if tens else 1) if ten else 0) + (_NUMERALS.find(ones) + 1 if ones else 0)


@lru_cache(maxsize=20_000)
def label_key(text: str) -> str:
    """The key under which two spellings of one label meet: full-width forms folded, no blanks, no punctuation,
    no numbering in front (1. （一） 一、); e.g. "（一）予以公开" and "(一) 予以 公开" give "予以公开"."""
    if "^" in text:  # how the readers mark what is raised
        text = _FOOTNOTE.sub("", text)
    text = unicodedata.normalize("NFKC", strip_bookmarks(text)).strip()
    while match := _NUMBERING.match(text):
        text = text[match.end() :].lstrip()
    text = _NOISE.sub("", text)
    return _DIGITS_IN_FRONT.sub("", text)
