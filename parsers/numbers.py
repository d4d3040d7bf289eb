"""Cells to numbers, as agencies write them."""

import re
from functools import lru_cache
from typing import NamedTuple

from parsers.report import BLANK, DASH, PRINTED, UNREADABLE, Number


class Reading(NamedTuple):
    """What one cell says: value (None if it gives no number), state, and for amounts the unit printed in the cell."""

    value: Number | None
    state: str
    unit: str | None = None


_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\x00-\x08\x0e-\x1f]")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
# A blank between two digits parts two figures that share a cell, unless it groups thousands: 12 345.
_GROUPS = re.compile(r"(?<![\d ])([1-9]\d{0,2})((?: \d{3})+)(?![\d ])", re.ASCII)
_PARTED = re.compile(r"\d \d", re.ASCII)
# Full-width forms only: a general compatibility folding would turn a footnote into a digit (3① and 3² into 31, 32).
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {ord("￥"): ord("¥")}
_DASHES = frozenset(
    (
        "/",
        "\\",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "―",
        "_",
        "__",
        "无",
        "不适用",
        "〇无",
        "N/A",
        "n/a",
        "NA",
        "*",
        "·",
        ".",
    )
)
_COUNTERS = r"(?:件|条|项|个|宗|份|次|起|部|人)?"
_REMARK = r"(?:\((?P<remark>[^()]*)\))?"
# A figure does not begin with a zero; 05 is a slip or two cells in one.
_INTEGER = r"(?:[1-9]\d{0,2}(?:,\d{3})+|0|[1-9]\d*)"
_COUNT = re.compile(rf"(?P<number>{_INTEGER})(?:\.00?)?{_COUNTERS}{_REMARK}", re.ASCII)
_CHANGE = re.compile(
    rf"(?P<sign>\+|-|增加?|新增|减少?|↑|↓)?(?P<number>{_INTEGER})(?:\.00?)?{_COUNTERS}{_REMARK}", re.ASCII
)
# Words of a remark by which the figure in front of it is not the one that counts, or not all of it.
_CHANGES = re.compile(
    r"[不未]包?含|[不未]包括|[不未]计|除外|另|以外"
    r"|更正|订正|勘误|[应当]为|应是|改[为成]|[误错]|原[为是填报数]|实[为际]|为准|(?:修改|修正|调整)为"
)
_UNIT = "元|万元|亿元|千元|百万元"
_AMOUNT = re.compile(rf"(?:¥|人民币)?(?P<number>{_INTEGER}(?:\.\d+)?|\.\d+)(?P<unit>{_UNIT})?{_REMARK}", re.ASCII)
_UNITS = frozenset(_UNIT.split("|"))
_MINUS = {"−": "-", "﹣": "-"}
_ZEROS = frozenset(("零", "〇"))
_LARGEST = 10**12  # a count beyond this is two cells run together, not a figure

# What nearly every cell holds; looked up before anything else.
PLAIN_NUMBERS = {str(number): Reading(number, PRINTED) for number in range(200)}
PLAIN_NUMBERS[""] = Reading(None, BLANK)


def read_number(text: str, kind: str = "count") -> Reading:
    """Read one cell.

    text: as printed. kind: "count" (integer >= 0), "change" (signed integer) or "amount" (decimal number >= 0).
    Understood: full-width digits, thousands parted by commas or blanks, zero-width characters, a sign before a change,
    a counter (件, 条, …) or a unit behind, a remark in brackets: 22（其中修订16件）. Not given: blank, / - — 无 不适用.
    Anything else is unreadable, never guessed: 3①, 5 0, 05, 1.5 as a count, 约50.
    """
    plain = PLAIN_NUMBERS.get(text)
    return plain if plain is not None else _read(text, kind)


@lru_cache(maxsize=4096)
def _read(text: str, kind: str) -> Reading:
    text = _INVISIBLE.sub("", text).strip()
    # A line break inside a cell parts two figures; a blank inside a figure does not.
    if "\n" in text and re.search(r"\d\s*\n\s*\d", text):
        return Reading(None, UNREADABLE)
    text = _BLANKS.sub(" ", text.translate(_FOLD)).replace("\n", "")
    text = _GROUPS.sub(lambda match: match[0].replace(" ", ""), text)
    if _PARTED.search(text):
        return Reading(None, UNREADABLE)
    text = text.replace(" ", "")
    for printed, plain in _MINUS.items():
        text = text.replace(printed, plain)
    if not text:
        return Reading(None, BLANK)
    if text in _DASHES or not text.strip("-—–―─_"):
        return Reading(None, DASH)
    if text in _ZEROS:
        return Reading(0, PRINTED)
    if kind == "amount":
        return _amount(text)
    match = (_CHANGE if kind == "change" else _COUNT).fullmatch(text)
    # "+3" is written for a count as well; a negative count is none.
    if not match and kind == "count" and text.startswith("+"):
        match = _COUNT.fullmatch(text[1:])
    if not match or _adds_figure(match["remark"]):
        return Reading(None, UNREADABLE)
    number = int(match["number"].replace(",", ""))
    if number >= _LARGEST:
        return Reading(None, UNREADABLE)
    if kind == "change" and match["sign"] and match["sign"][0] in "-减↓":
        number = -number
    return Reading(number, PRINTED)


def _adds_figure(remark: str | None) -> bool:
    """Whether a remark in brackets changes the figure: 22（不含16件）, 3（2）, 99（更正为3）."""
    if not remark:
        return False
    return remark[0].isdigit() or remark.startswith(("+", "-")) or _CHANGES.search(remark) is not None


def _amount(text: str) -> Reading:
    match = _AMOUNT.fullmatch(text)
    if not match or _adds_figure(match["remark"]):
        return Reading(None, UNREADABLE)
    digits = match["number"].replace(",", "")
    number: Number = float(digits) if "." in digits else int(digits)
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    # 7730.28（万元）
    unit = match["unit"] or (match["remark"] if match["remark"] in _UNITS else None)
    return Reading(number, PRINTED, unit)
