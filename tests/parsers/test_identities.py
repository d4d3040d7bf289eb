"""The reading of blanks: an identity is broken for certain only where no filling of the blanks could make it hold."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from parsers.form import load_forms
from parsers.identities import BROKEN, HOLDS, UNKNOWN, Variants, expand, judge, variants_of
from parsers.report import BLANK, PRINTED, ROW_ABSENT, Figure

FORM = load_forms()["2021"]
INSTANCES = {(i.rule.name, i.key): i for i in expand(FORM)}
CHALLENGES = INSTANCES["challenges-total", "reconsideration"]
BALANCE = INSTANCES["applications-balance", "total"]
RESULTS = INSTANCES["applications-results", "total"]
CARRY = INSTANCES["carry-over", "total"]

cell = st.none() | st.integers(0, 4)


def figures(values: dict[str, int | None], state: str = BLANK) -> dict[str, Figure]:
    return {name: Figure(name, value, PRINTED if value is not None else state) for name, value in values.items()}


def can_hold(left: list[int | None], right: list[int | None]) -> bool:
    """Whether some filling of the blanks with 0 to 20 makes both sums equal: brute force over the blanks' sums."""
    fillings = range(21)
    known_left, known_right = (sum(v for v in side if v is not None) for side in (left, right))
    more_left = fillings if None in left else (0,)
    more_right = fillings if None in right else (0,)
    return any(known_left + a == known_right + b for a, b in product(more_left, more_right))


@given(st.lists(cell, min_size=5, max_size=5))
def test_broken_means_that_no_filling_helps(values: list[int | None]) -> None:
    names = [CHALLENGES.subject, *CHALLENGES.right]
    verdict = judge(CHALLENGES, figures(dict(zip(names, values, strict=True))))
    total, parts = values[:1], values[1:]
    assert (verdict.outcome == BROKEN) == (not can_hold(total, parts))
    as_zero = sum(v or 0 for v in total) == sum(v or 0 for v in parts)
    assert (verdict.outcome == HOLDS) == as_zero


@given(st.lists(cell, min_size=4, max_size=4))
def test_blanks_on_both_sides_can_always_be_filled(values: list[int | None]) -> None:
    found = figures(dict(zip([*BALANCE.left, *BALANCE.right], values, strict=True)))
    verdict = judge(BALANCE, found)
    left, right = values[:2], values[2:]
    assert (verdict.outcome == BROKEN) == (not can_hold(left, right))


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(-9, 9))
def test_expected_is_what_the_other_terms_make_the_subject(new: int, carried_in: int, out: int, slip: int) -> None:
    processed = new + carried_in - out + slip
    names = ("new", "carried_in", "processed", "carried_out")
    values = dict(zip((f"applications.{n}.total" for n in names), (new, carried_in, processed, out), strict=True))
    verdict = judge(BALANCE, figures(values))
    assert (verdict.observed, verdict.expected) == (processed, processed - slip)
    assert verdict.outcome == (HOLDS if slip == 0 else BROKEN)


def result_figures(printed: int, *, other: int | None, parts: tuple[int, int, int] | None) -> dict[str, Figure]:
    values: dict[str, int | None] = dict.fromkeys(RESULTS.right, 0)
    values["applications.granted.total"] = 2
    values[RESULTS.subject] = printed
    found = figures(values)
    three = ("other_not_corrected", "other_fee_unpaid", "other_rest")
    for row, value in zip(("other", *three), (other, *(parts or (None,) * 3)), strict=True):
        name = f"applications.{row}.total"
        found[name] = Figure(name, value, PRINTED if value is not None else ROW_ABSENT)
    return found


def test_the_variant_that_is_not_printed_is_no_term() -> None:
    one_row = result_figures(5, other=3, parts=None)
    assert judge(RESULTS, one_row, None, variants_of(FORM, one_row)).outcome == HOLDS
    three_rows = result_figures(8, other=None, parts=(1, 2, 3))
    assert judge(RESULTS, three_rows, None, variants_of(FORM, three_rows)).outcome == HOLDS
    wrong = result_figures(9, other=None, parts=(1, 2, 3))
    assert judge(RESULTS, wrong, None, variants_of(FORM, wrong)).outcome == BROKEN


def test_where_no_variant_is_printed_its_rows_are_blanks() -> None:
    neither = result_figures(9, other=None, parts=None)
    assert judge(RESULTS, neither, None, variants_of(FORM, neither)).outcome == UNKNOWN


def test_where_both_variants_are_printed_nothing_can_be_told() -> None:
    both = result_figures(9, other=6, parts=(1, 2, 3))
    assert variants_of(FORM, both) != Variants()
    assert judge(RESULTS, both, None, variants_of(FORM, both)).outcome == UNKNOWN


def test_two_years_need_the_report_of_the_year_before() -> None:
    this = figures({"applications.carried_in.total": 3})
    assert judge(CARRY, this).outcome == UNKNOWN
    assert judge(CARRY, this, figures({"applications.carried_out.total": 3})).outcome == HOLDS
    assert judge(CARRY, this, figures({"applications.carried_out.total": 4})).outcome == BROKEN
    assert judge(CARRY, this, figures({"applications.carried_out.total": None})).outcome == UNKNOWN


def test_stock_does_not_follow_from_a_year_on_another_form() -> None:
    stock = INSTANCES["normative-stock", "regulations"]
    this = figures({f"disclosure.regulations.{c}": 1 for c in ("issued", "repealed", "in_force")})
    last = figures({"disclosure.regulations.total_published": 9})
    assert judge(stock, this, last).outcome == UNKNOWN
