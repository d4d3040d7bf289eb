"""Automatic numbers of Word paragraphs: what "一、" or "（二）" a paragraph shows although its text does not hold it.

Numbers that cannot be told (a picture, an unknown kind of counting) are left out, never guessed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from parsers.readers.docx_names import ALTERNATE, Names

LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
_DIGITS = "〇一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)


def chinese(number: int) -> str | None:
    """1 to 9999 in Chinese as one counts: 10 is 十, 21 is 二十一, 105 is 一百零五; None outside."""
    if not 0 < number < 10_000:
        return None
    text, zero = "", False
    for value, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, value)
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + unit
        zero = digit == 0
    return text.removeprefix("一") if text.startswith("一十") else text


def _roman(number: int) -> str | None:
    if not 0 < number < 4000:
        return None
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def _letters(number: int) -> str | None:
    # After z Word goes on with aa, bb.
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number <= 260 else None


def _upper(kind: Callable[[int], str | None]) -> Callable[[int], str | None]:
    return lambda number: (text := kind(number)) and text.upper()


def _listed(letters: str) -> Callable[[int], str | None]:
    return lambda number: letters[number - 1] if 0 < number <= len(letters) else None


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_KINDS: dict[str, Callable[[int], str | None]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": lambda number: str(number).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda number: str(number).translate(_FULL_WIDTH),
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "ideographDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(number)),
    "ideographTraditional": _listed(_STEMS),
    "ideographZodiac": _listed(_BRANCHES),
    "decimalEnclosedCircle": _listed("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalEnclosedCircleChinese": _listed("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalEnclosedParen": _listed("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "decimalEnclosedFullstop": _listed("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    "ideographEnclosedCircle": _listed("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"),
    "lowerLetter": _letters,
    "upperLetter": _upper(_letters),
    "lowerRoman": _roman,
    "upperRoman": _upper(_roman),
}


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    legal: bool = False
    restart: int | None = None


@dataclass(slots=True)
class _List:
    """A w:num: the abstract list whose counters it shares, levels of its own, and where it starts anew."""

    abstract: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of numbering.xml and their counters. `label` is called for each paragraph in document order."""

    def __init__(self, root: etree._Element | None, names: Names) -> None:
        self._lists: dict[str, _List] = {}
        self._style_levels: dict[tuple[str, str], int] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._val = names("val")
        if root is not None:
            self._read(root, names)

    def level_of_style(self, number: str, style: str) -> int:
        """The level at which a paragraph style stands in a list; 0 unless the list says otherwise."""
        known = self._lists.get(number)
        return self._style_levels.get((known.abstract, style), 0) if known else 0

    def label(self, number: str, level: int) -> str:
        """Count one paragraph and return the number it shows ("" for none).

        number: the w:numId as written. level: from 0.
        """
        known = self._lists.get(number)
        if known is None or not 0 <= level < LEVELS:
            return ""
        counters = self._counters.setdefault(known.abstract, [None] * LEVELS)
        if level in known.starts and (number, level) not in self._begun:
            self._begun.add((number, level))
            counters[level] = known.starts[level]
        else:
            before = counters[level]
            counters[level] = self._level(known, level).start if before is None else before + 1
        for upper in range(level):
            if counters[upper] is None:
                counters[upper] = self._level(known, upper).start
        for lower in range(level + 1, LEVELS):
            restart = self._level(known, lower).restart
            # w:lvlRestart 0: never; n: only after a paragraph of level n or above; without it after any higher level.
            if restart is None or level < restart:
                counters[lower] = None
        return self._print(known, level, counters)

    def _level(self, known: _List, level: int) -> _Level:
        return known.levels.get(level) or _Level()

    def _print(self, known: _List, level: int, counters: list[int | None]) -> str:
        shown = self._level(known, level)
        text, told = shown.text, True

        def number(match: re.Match[str]) -> str:
            nonlocal told
            place = int(match.group(1)) - 1
            count = counters[place]
            kind = "decimal" if shown.legal and place != level else self._level(known, place).kind
            if kind == "none":
                return ""
            printed = _KINDS[kind](count) if kind in _KINDS and count is not None and count >= 0 else None
            told = told and printed is not None
            return printed or ""

        text = _PLACEHOLDER.sub(number, text).strip()
        if not told or not text or shown.kind == "bullet":
            return ""
        # A tab or blank stands behind the number; only where letters would run together does it matter.
        return f"{text} " if text[-1].isalnum() else text

    def _read(self, root: etree._Element, names: Names) -> None:
        abstracts: dict[str, dict[int, _Level]] = {}
        for abstract in root.iterchildren(names("abstractNum")):
            key = abstract.get(names("abstractNumId")) or ""
            abstracts[key] = {}
            for element in abstract.iterchildren(names("lvl")):
                place = _integer(element.get(names("ilvl")), 0)
                abstracts[key][place] = self._read_level(element, names)
                style = element.find(names("pStyle"))
                if style is not None:
                    self._style_levels[key, style.get(self._val) or ""] = place
        for num in root.iterchildren(names("num")):
            link = num.find(names("abstractNumId"))
            key = (link.get(self._val) if link is not None else None) or ""
            known = _List(key, dict(abstracts.get(key, {})))
            for override in num.iterchildren(names("lvlOverride")):
                place = _integer(override.get(names("ilvl")), 0)
                own = override.find(names("lvl"))
                if own is not None:
                    known.levels[place] = self._read_level(own, names)
                start = override.find(names("startOverride"))
                if start is not None:
                    known.starts[place] = _integer(start.get(self._val), 1)
            self._lists[num.get(names("numId")) or ""] = known

    def _read_level(self, element: etree._Element, names: Names) -> _Level:
        def value(local: str) -> str | None:
            child = element.find(names(local))
            return None if child is None else child.get(self._val, "")

        restart = value("lvlRestart")
        return _Level(
            start=_integer(value("start"), 0),
            # A kind that only newer Word knows stands inside mc:AlternateContent; it is not told.
            kind=value("numFmt") or ("decimal" if element.find(ALTERNATE) is None else "unknown"),
            text=value("lvlText") or "",
            legal=value("isLgl") not in (None, "0", "false", "off"),
            restart=None if restart is None else _integer(restart, 0),
        )


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default
