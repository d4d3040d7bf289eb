"""What of the prose is not handed out in bulk: e-mail addresses, telephone numbers, numbers of identity cards, accounts
of QQ and 微信, and passages that list persons.

Pure. Everything else stays as it is, to the character. Hotlines of up to six digits (12345, 110, 96…) are public and
stay, and so do numbers that count something: what a number is, is told by how it is written and by what stands right
in front of it and behind it. A comma in front or behind says nothing: no telephone number is a group of three digits.
Masking what is masked changes nothing.
"""

import re
from dataclasses import dataclass

from monitor.exports.persons import person_passages

EMAIL, PHONE, PERSONS, IDENTITY, ACCOUNT = "[邮箱]", "[电话]", "[人员名单略]", "[证件号]", "[账号]"

# One character for one character: what is found in the folded text stands at the same place in the original.
_FOLDED: dict[int, int | str] = {0xFF01 + n: 0x21 + n for n in range(94)}
_FOLDED |= dict.fromkeys([0x09, 0xA0, *range(0x2000, 0x200C), 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF], " ")
_FOLDED |= dict.fromkeys(map(ord, "‐‑‒–—―−─﹣"), "-")

# Without these there is no address, no number and no account, which is quickly seen.
_MAIL_SIGN = re.compile(r"[@#]|at[)\]]")
_DIGITS = re.compile(r"[0-9](?:[ ._·/:()\[\]【】〔〕<>-]{0,5}[0-9]){6}")
_ACCOUNT_SIGN = re.compile(r"[Qq]{2}|扣扣|微 *信|we(?:chat|ixin)", re.IGNORECASE)

# What looks like a number to call, and is none: in addresses, hashes, index numbers, codes of organizations.
_ADDRESS = re.compile(r"(?:https?://|www\.)[!#-&*-+\--:=?-{}~]+", re.IGNORECASE)
_CODE = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{32,64}(?![0-9A-Za-z])|[0-9A-Z]{8,18}/(?:19|20)[0-9]{2}-[0-9]{4,12}(?![0-9]))"
    r"|(?:19|20)[0-9]{2}[〕\])】][0-9]+ ?号"
    r"|(?:信用代码|机构代码|索引号)[^0-9A-Za-z一-鿿\n]{0,4}[0-9A-Z]{8,18}(?![0-9A-Za-z])"
)
_EMAIL = re.compile(
    r"(?:mailto:)?(?<![\w.%+-])[A-Za-z0-9._%+-]+ ?(?:@|[(\[]at[)\]]|#) ?(?:[A-Za-z0-9-]+\.)+"
    r"[A-Za-z]{2,24}(?![A-Za-z0-9])",
    re.ASCII,
)

# What is counted or measured: the number in front of it is a figure. 人工, 日常, 个人, … are no units.
_UNIT = (
    r"[余多]?(?:件|条(?!例)|次|通(?!知)|元|万|亿|个(?!人)|人(?![工民员事力大才])|份|篇|项(?!目)|起|户(?!籍)|家(?!庭)|宗|则"
    r"|期(?!间)|部(?!门)|册|页|平方|㎡|公里|公顷|千米|米|吨|亩|株|只(?![接能限有])|辆|台|套|千瓦|度(?!报)|%|‰|倍"
    r"|年(?![报度])|月|日(?![常间])|天(?!津)|小时|分钟|秒|[KMGT]B|km|kg|m[2²])"
)
# A number without a leading zero may be a figure: with decimals, or with a unit behind it.
_END = rf"(?![0-9]|\.[0-9]{{1,2}}(?![0-9])|\.[0-9]+ ?(?:元|万|亿|%|‰)| ?{_UNIT})"
_END_CALLED = rf"(?![0-9]| ?{_UNIT})"
_START = (
    r"(?<![0-9第¥$])(?<!ICP备)(?<!安备)(?<!(?<![0-9])0\.)"
    r"(?:(?<![A-Za-z])|(?<=[Tt][Ee][Ll])|(?<=[Ff][Aa][Xx])|(?<=hone)|(?<=obile))"
)
_COUNTRY = rf"(?:\((?:\+|00)86\)|\+86|{_START}(?:00)?86)[ -]{{0,3}}"
_MOBILE = r"1[3-9][0-9](?:(?:[ -]{0,2}[0-9]{4}){2}|[.·][0-9]{4}[.·][0-9]{4})"
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"  # without its 0
_LOCAL = r"[1-9][0-9]{2,3}[ -]?[0-9]{4}"
_INSIDE = r"(?:转|分机|ext\.?):? ?[0-9]{1,6}"
_EXTENSION = rf"(?: ?\({_INSIDE}\)| ?,? ?{_INSIDE}| ?-[0-9]{{1,6}}(?![0-9-]))?"
_FREE = (
    r"[48]00(?:[.-][0-9]{3}[.-]?[0-9]{4}|-?[0-9]{4}-?[0-9]{3}|[ ]?[0-9]{3} ?[0-9]{4}| [0-9]{4} ?[0-9]{3}"
    r"|[0-9]-[0-9]{3}-[0-9]{3})"
)
_WITH_AREA = (  # begins with a zero, a bracket or a plus, as no figure does
    rf"(?:(?:{_COUNTRY})?[(\[【〔<]0{_AREA}-?[)\]】〕>]|(?:{_COUNTRY}|{_START})0{_AREA})[ ._·/:-]{{0,3}}{_LOCAL}"
    rf"(?![0-9]){_EXTENSION}(?![0-9])"
    rf"|(?:\((?:\+|00)86\)|\+86|{_START}(?:0086|86-))[ -]{{0,3}}(?:\(0?\))?{_AREA}[ -]{{0,3}}{_LOCAL}"
    rf"(?![0-9]){_EXTENSION}{_END}"
)
_ANY = rf"(?:{_WITH_AREA}|(?:{_COUNTRY}|{_START}){_MOBILE}{_END}|{_START}{_FREE}{_EXTENSION}{_END})"

_MARK = r"[^0-9A-Za-z一-鿿\n¥$+\]]"  # ]: not behind what is masked already
_JOINT = r"[^0-9A-Za-z一-鿿¥$]"
_DAY = r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?![0-9])|(?:19|20)[0-9]{2}[ -](?:19|20)[0-9]{2}(?![0-9])"
# Further numbers behind the first, whose local part may stand alone: 0000-88880001（办公室），88880002; 88880001/02.
_MORE = (
    rf"(?:(?: ?\([^()0-9\n]{{1,20}}\))?(?:{_JOINT}{{1,6}}| ?[或和及与至到] ?)"
    rf"(?:{_ANY}|(?:(?<=[、/~-])|(?!{_DAY})){_LOCAL}{_EXTENSION}{_END}|(?<=[/~])[0-9]{{1,4}}{_END}))*"
)
_CALLED = (
    r"(?:电 *话|手 *机|传 *真|热线|座机|联系方式|拨打|致电|[Tt][Ee][Ll]|[Ff][Aa][Xx])(?:号码|号)?"
    rf"(?: ?\(区号 ?0{_AREA}\)| ?\([^()0-9\n]{{1,12}}\))?[为是]?(?:{_MARK}|\n){{0,4}}"
    r"|(?:咨询|联系|监督|举报|值班室): ?"
)
_PHONE = re.compile(
    rf"{_ANY}{_MORE}"
    # Seven or eight digits alone are one only where they are called so; what is called so has no decimals.
    rf"|(?P<called>{_CALLED})(?:(?:(?:{_COUNTRY})?{_MOBILE}|{_FREE}){_END_CALLED}"
    rf"|(?:(?:86[ -])?{_AREA}[ -])?{_LOCAL}{_EXTENSION}{_END}){_MORE}"
)
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}[ -]?(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?"
    rf"[0-9]{{3}}[0-9Xx](?![0-9A-Za-z]| ?{_UNIT})"
)
_ACCOUNT = re.compile(
    r"(?P<called>(?:[Qq]{2}|扣扣|微 *信|[Ww]e[Cc]hat|[Ww]eixin)(?:群|号码|号|ID|id)*"
    rf"(?:(?:(?<=[号群Dd])|为|是|{_MARK}{{0,2}}[:]){_MARK}{{0,3}}(?=[0-9A-Za-z])|{_MARK}{{0,2}}(?=[0-9]{{6}})))"
    rf"(?:[1-9][0-9]{{4,11}}(?![0-9A-Za-z@]| ?{_UNIT})|[A-Za-z][A-Za-z0-9_-]{{5,19}}(?![A-Za-z0-9_@.:/-]))"
)


@dataclass(slots=True)
class Masked:
    """How much was masked: addresses, numbers, passages, numbers of identity cards, accounts. Adds up over texts."""

    emails: int = 0
    phones: int = 0
    passages: int = 0
    identities: int = 0
    accounts: int = 0


def mask(text: str, counts: Masked | None = None) -> str:
    """A text without e-mail addresses, telephone and identity card numbers, accounts and lists of persons. counts: told
    what was masked."""
    counts = counts if counts is not None else Masked()
    passages = list(person_passages(text))
    counts.passages += len(passages)
    text = _replaced(text, [(start, end, PERSONS) for start, end in passages])
    folded = text.translate(_FOLDED)
    has_digits = bool(_DIGITS.search(folded))
    if not (has_digits or _MAIL_SIGN.search(folded) or _ACCOUNT_SIGN.search(folded)):
        return text
    taken = [match.span() for match in _ADDRESS.finditer(text)] + [match.span() for match in _CODE.finditer(folded)]
    emails = _found(_EMAIL, folded, taken, EMAIL)
    identities = _found(_IDENTITY, folded, taken, IDENTITY) if has_digits else []
    accounts = _found(_ACCOUNT, folded, taken, ACCOUNT)
    phones = _found(_PHONE, folded, taken, PHONE) if has_digits else []
    counts.emails += len(emails)
    counts.identities += len(identities)
    counts.accounts += len(accounts)
    counts.phones += len(phones)
    return _replaced(text, sorted(emails + identities + accounts + phones))


def _found(pattern: re.Pattern[str], text: str, taken: list[tuple[int, int]], mark: str) -> list[tuple[int, int, str]]:
    """What is found outside of what is taken, which then is taken, too. A group `called` in front of it stays."""
    found: list[tuple[int, int, str]] = []
    place = 0
    while match := pattern.search(text, place):
        start = match.end("called") if "called" in pattern.groupindex and match["called"] else match.start()
        behind = max((end for begin, end in taken if begin <= start < end), default=None)
        if behind is None:
            found.append((start, match.end(), mark))
        place = match.end() if behind is None else behind
    taken += [(start, end) for start, end, _ in found]
    return found


def _replaced(text: str, parts: list[tuple[int, int, str]]) -> str:
    """The text with each part (from, to, what to write instead), in order, replaced."""
    pieces, last = [], 0
    for start, end, instead in parts:
        pieces += [text[last:start], instead]
        last = max(last, end)
    return "".join([*pieces, text[last:]])
