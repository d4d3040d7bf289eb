"""What of the prose is not handed out in bulk: e-mail addresses, telephone numbers, and passages that list persons.

Pure. Everything else stays as it is, to the character. Hotlines of up to six digits (12345, 110, 96…) are public and
stay, and so do numbers that count something: what a number is, is told by how it is written and by what stands right
behind it. Masking what is masked changes nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.exports.persons import person_passages

EMAIL, PHONE, PERSONS = "[邮箱]", "[电话]", "[人员名单略]"

# One character for one character: what is found in the folded text stands at the same place in the original.
_FOLDED = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: " ", 0xA0: " "}
_FOLDED |= dict.fromkeys(map(ord, "‐‑‒–—―−─﹣"), "-")

# Without these there is no address and no number, which is quickly seen.
_MAIL_SIGN = re.compile(r"[@#]|at[)\]]")
_DIGITS = re.compile(r"[0-9](?:[ ()-]{0,4}[0-9]){6}")
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)  # its digits call nobody
_EMAIL = re.compile(
    r"(?:mailto:)?(?<![\w.%+-])[A-Za-z0-9._%+-]+ ?(?:@|[(\[]at[)\]]|#) ?(?:[A-Za-z0-9-]+\.)+"
    r"[A-Za-z]{2,24}(?![A-Za-z0-9])",
    re.ASCII,
)

# What is counted or measured: the number in front of it is a figure.
_UNIT = (
    r"[余多]?(?:件|条|次|元|万|亿|个|人|份|篇|项|起|户|家|宗|则|期|部|册|页|平方|立方|公里|公顷|千米|米|吨|亩|株|只|辆|台"
    r"|套|千瓦|度(?!报)|%|‰|倍|年(?![报度])|月|日|天|小时)"
)
_END = rf"(?![0-9A-Za-z]|\.[0-9]|,[0-9]{{3}}| ?{_UNIT})"
_START = r"(?<![0-9A-Za-z.¥$第备〕])(?<![0-9][-,/])"
_COUNTRY = r"(?:\((?:\+|00)86\)[ -]?|(?:\+|00)86[ -]?|86-)?"
_MOBILE = r"1[3-9][0-9](?:[ -]?[0-9]{4}){2}"
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"  # without its 0
_LOCAL = r"[2-8][0-9]{2,3}[ -]?[0-9]{4}"
_INSIDE = r"(?:转|分机|ext\.?):? ?[0-9]{1,6}"
_EXTENSION = rf"(?: ?\({_INSIDE}\)| ?,? ?{_INSIDE}| ?-[0-9]{{1,6}}(?![0-9-]))?"
_FREE = r"[48]00(?:-[0-9]{3}-?[0-9]{4}|-?[0-9]{4}-?[0-9]{3}|[ ]?[0-9]{3} ?[0-9]{4})"
# Further numbers behind the first: 0000-88880001、88880002, 0000-88880001/02.
_MORE = rf"(?: ?[、/,;或] ?(?:{_MOBILE}|{_LOCAL}|(?<=/)[0-9]{{1,4}}){_END})*"
_CALLED = r"(?:电 *话|手 *机|传 *真|热线|座机|联系方式|[Tt][Ee][Ll]|[Ff][Aa][Xx])(?:号码|号)?[为是]? ?[:.]? ?"

_PHONE = re.compile(
    rf"{_START}(?:{_COUNTRY}{_MOBILE}"
    rf"|(?:{_COUNTRY}(?:\(0{_AREA}\)|0{_AREA})|(?:\(\+86\)|\+86|86-)[ -]?{_AREA})[ -]{{0,3}}{_LOCAL}{_EXTENSION}"
    rf"|{_FREE}{_EXTENSION}){_END}{_MORE}"
    # Seven or eight digits alone are one only where they are called so.
    rf"|(?P<called>{_CALLED}){_LOCAL}{_EXTENSION}{_END}{_MORE}"
)


@dataclass(slots=True)
class Masked:
    """How much was masked: addresses, numbers, passages. Adds up over texts."""

    emails: int = 0
    phones: int = 0
    passages: int = 0


def mask(text: str, counts: Masked | None = None) -> str:
    """A text without e-mail addresses, telephone numbers and lists of persons. counts: told what was masked."""
    counts = counts if counts is not None else Masked()
    passages = list(person_passages(text))
    counts.passages += len(passages)
    text = _replaced(text, ((start, end, PERSONS) for start, end in passages))
    folded = text.translate(_FOLDED)
    may_hold = bool(_MAIL_SIGN.search(folded)), bool(_DIGITS.search(folded))
    if not any(may_hold):
        return text
    taken = [match.span() for match in _ADDRESS.finditer(folded)]
    found: list[tuple[int, int, str]] = []
    for match in _EMAIL.finditer(folded) if may_hold[0] else ():
        if not _within(match.start(), taken):
            counts.emails += 1
            found.append((*match.span(), EMAIL))
    taken += [(start, end) for start, end, _ in found]
    for match in _PHONE.finditer(folded) if may_hold[1] else ():
        start = match.end("called") if match["called"] else match.start()
        if not _within(start, taken):
            counts.phones += 1
            found.append((start, match.end(), PHONE))
    return _replaced(text, sorted(found))


def _within(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def _replaced(text: str, parts: Iterator[tuple[int, int, str]] | list[tuple[int, int, str]]) -> str:
    """The text with each part (from, to, what to write instead), in order, replaced."""
    pieces, last = [], 0
    for start, end, instead in parts:
        pieces += [text[last:start], instead]
        last = end
    return "".join([*pieces, text[last:]])
