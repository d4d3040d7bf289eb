"""What a person says that a report prints: from words to a figure, every slip in one sentence."""

import re

from db.errors import ArchiveError
from monitor.whose_report import near
from parsers.form import Form
from parsers.numbers import read_number
from parsers.report import BLANK, CORRECTED, DASH, ROW_ABSENT, UNIT_UNKNOWN, UNREADABLE, Figure

WORDS = (BLANK, DASH, ROW_ABSENT, UNREADABLE)
"""What may be said of a cell without a number."""

_UNITS = ("元", "千元", "万元", "百万元", "亿元")
_LONG = re.compile(r"\d{13,}")


def figure_name(text: str, form: Form) -> str:
    """The figure that a person means: `table.row.column`, or its column in the archive. Raises ArchiveError."""
    for name in form.figure_names:
        if text in (name, name.replace(".", "_")):
            return name
    raise ArchiveError(f"{text}: is no figure of form {form.name}{near(text, form.figure_names)}; see `nianbao schema`")


def figure_said(name: str, text: str, form: Form, *, unit: str | None = None, printed: str | None = None) -> Figure:
    """The cell as a person says that it is printed.

    text: a number as printed, or one of WORDS. unit: of an amount, where the number does not carry it. printed: the
    whole cell as printed, where it is more than the number. Raises ArchiveError.
    """
    text = text.strip()
    kind = form.column_of(name).value
    if not text:
        raise ArchiveError(f"{name}: the value is empty; write blank for a cell with nothing in it")
    said = read_number(text, kind)
    state = text if text in WORDS else DASH if said.state == DASH else None
    if state is not None:
        if unit is not None:
            raise ArchiveError(f"{name}: a cell without a number has no unit; leave --unit away")
        if state == ROW_ABSENT and printed is not None:
            raise ArchiveError(f"{name}: a row that is not printed has no text; leave --text away")
        shown = printed if printed is not None else "" if state == BLANK else None if text in WORDS else text
        return Figure(name, None, state, shown, None, CORRECTED)
    if said.value is None:
        raise ArchiveError(f"{name}: {_fault(text, kind)}")
    return Figure(
        name, said.value, CORRECTED, text if printed is None else printed, _unit(name, kind, said.unit, unit), CORRECTED
    )


def _fault(text: str, kind: str) -> str:
    plain = text.lstrip("-−﹣－")
    amount = read_number(plain, "amount").value
    if amount is not None and plain != text and kind != "change":
        return f"{text} is below zero, and {'an amount' if kind == 'amount' else 'a count'} cannot be"
    if isinstance(amount, float) and kind != "amount":
        return f"{text} has decimals, and a count has none"
    if _LONG.search(text):
        return f"{text} is larger than any figure of a report"
    return f"{text} is not a number; write it as printed, as in 1,234, or one of {', '.join(WORDS)}"


def _unit(name: str, kind: str, printed: str | None, given: str | None) -> str | None:
    if kind != "amount":
        if given is not None:
            raise ArchiveError(f"{name}: is no amount of money and has no unit; leave --unit away")
        return None
    known = ", ".join((*_UNITS, UNIT_UNKNOWN))
    if given is not None and given not in (*_UNITS, UNIT_UNKNOWN):
        raise ArchiveError(f"{name}: {given} is no unit; known are {known}")
    if printed and given and printed != given:
        raise ArchiveError(f"{name}: the value is in {printed}, but --unit says {given}; which of them is printed?")
    unit = given or printed
    if unit is None:
        raise ArchiveError(f"{name}: an amount needs its unit as printed: --unit with one of {known}")
    return unit
