"""Cells to numbers: the borders, and properties over written forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.numbers import read_number
from parsers.report import BLANK, DASH, PRINTED, UNREADABLE

FULL_WIDTH = str.maketrans("0123456789,", "０１２３４５６７８９，")


@pytest.mark.parametrize(
    ("cell", "value", "state"),
    [
        ("0", 0, PRINTED),
        (" 0　", 0, PRINTED),
        ("１,024", 1024, PRINTED),
        ("1，024", 1024, PRINTED),
        ("1 024", 1024, PRINTED),
        ("1\u200b2", 12, PRINTED),
        ("22（其中修订16件）", 22, PRINTED),
        ("5件", 5, PRINTED),
        ("12.0", 12, PRINTED),
        ("零", 0, PRINTED),
        ("+3", 3, PRINTED),
        ("", None, BLANK),
        ("\u3000\u00a0\u200b", None, BLANK),
        ("/", None, DASH),
        ("／", None, DASH),
        ("-", None, DASH),
        ("—", None, DASH),
        ("——", None, DASH),
        ("无", None, DASH),
        ("不适用", None, DASH),
        ("-3", None, UNREADABLE),
        ("1.5", None, UNREADABLE),
        ("约50", None, UNREADABLE),
        ("1\n2", None, UNREADABLE),
        ("1,23", None, UNREADABLE),
        ("3/4", None, UNREADABLE),
        ("22（不含修订16件）", None, UNREADABLE),
        ("22（未含修订16件）", None, UNREADABLE),
        ("22（另16件转交）", None, UNREADABLE),
        ("99（更正为3）", None, UNREADABLE),
        ("99（误，应为3）", None, UNREADABLE),
        ("3（原为99）", None, UNREADABLE),
        ("22（含修订16件）", 22, PRINTED),
        ("3（2）", None, UNREADABLE),
        ("O", None, UNREADABLE),
        ("1" * 13, None, UNREADABLE),
        ("12 345 678", 12345678, PRINTED),
        # A footnote is no digit; two figures in one cell are none; nor is a figure with a zero in front.
        ("3①", None, UNREADABLE),
        ("3²", None, UNREADABLE),
        ("5*", None, UNREADABLE),
        ("5 0", None, UNREADABLE),
        ("1 2 3", None, UNREADABLE),
        ("0 100", None, UNREADABLE),
        ("1 000 0", None, UNREADABLE),
        ("05", None, UNREADABLE),
        ("00", None, UNREADABLE),
        ("1.000", None, UNREADABLE),
        ("○", None, UNREADABLE),
        ("l2", None, UNREADABLE),
        ("1O", None, UNREADABLE),
        ("50%", None, UNREADABLE),
        ("十二", None, UNREADABLE),
        ("1e3", None, UNREADABLE),
        ("(3)", None, UNREADABLE),
    ],
)
def test_count(cell: str, value: int | None, state: str) -> None:
    reading = read_number(cell)
    assert (reading.value, reading.state) == (value, state)


@pytest.mark.parametrize(
    ("cell", "value"), [("+3", 3), ("-3", -3), ("－3", -3), ("减2", -2), ("增加2项", 2), ("0", 0), ("４", 4)]
)
def test_change(cell: str, value: int) -> None:
    assert read_number(cell, "change").value == value


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        ("251000元", 251000, "元"),
        ("5956", 5956, None),
        ("4068.208", 4068.208, None),
        ("7730.28", 7730.28, None),
        ("1,234.50万元", 1234.5, "万元"),
        ("¥12", 12, None),
        ("0", 0, None),
        ("7730.28（万元）", 7730.28, "万元"),
        ("1 234.5", 1234.5, None),
        ("12 34", None, None),
        ("约12万元", None, None),
        ("12.3.4", None, None),
    ],
)
def test_amount(cell: str, value: float | None, unit: str | None) -> None:
    reading = read_number(cell, "amount")
    assert (reading.value, reading.unit) == (value, unit)


@given(
    st.integers(0, 10**9),
    st.sampled_from(["", ",", " "]),
    st.booleans(),
    st.sampled_from(["", " ", "\u3000", "\u200b", "\u00a0"]),
)
def test_written_numbers_come_back(number: int, groups: str, full_width: bool, litter: str) -> None:
    written = f"{number:,}".replace(",", groups)
    if full_width:
        written = written.translate(FULL_WIDTH)
    inside = litter if litter == "\u200b" else ""
    assert read_number(litter + inside.join(written) + litter).value == number


@given(st.text(max_size=12), st.sampled_from(["count", "change", "amount"]))
def test_anything_is_a_number_or_says_why_not(cell: str, kind: str) -> None:
    reading = read_number(cell, kind)
    assert (reading.value is None) == (reading.state != PRINTED)
    if reading.value is not None and kind != "change":
        assert reading.value >= 0
