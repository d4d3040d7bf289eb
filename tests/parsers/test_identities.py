"""How identities are judged: blanks, variants of rows, two years; against brute force over all small fillings."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import APPLICANTS, COLUMNS, application_rows, consistent_counts, numbered, sample, zeros

from crawler.sandbox.sample import Printable
from crawler.sandbox.writers import html
from parsers.form import load_forms
from parsers.identities import BROKEN, HOLDS, UNKNOWN, Instance, broken_in, expand, judge, variants_of
from parsers.read import read_report
from parsers.report import BLANK, DASH, NULL_STATES, PRINTED, ROW_ABSENT, UNREADABLE, Figure, Number

FORM = load_forms()["2021"]
SHORT = [i for i in expand(FORM) if i.rule.name in ("applications-balance", "challenges-total")]
RESULTS = next(i for i in expand(FORM) if i.rule.name == "applications-results" and i.key == "total")
CARRY = next(i for i in expand(FORM) if i.rule.name == "carry-over" and i.key == "total")
STOCK = next(i for i in expand(FORM) if i.rule.name == "normative-stock" and i.key == "normative_documents")
OTHER = "applications.other.total"
OTHER_THREE = tuple(f"applications.{row}.total" for row in ("other_not_corrected", "other_fee_unpaid", "other_rest"))

cell = st.one_of(st.integers(0, 4), st.none())


def figure(name: str, value: Number | None, state: str = BLANK) -> Figure:
    return Figure(name, value, PRINTED if value is not None else state)


def given_figures(values: dict[str, int | None]) -> dict[str, Figure]:
    return {name: figure(name, value) for name, value in values.items()}


def fillings(instance: Instance, values: dict[str, int | None]) -> bool:
    """Whether some non-negative filling of what is not given makes the equation hold, by trying them all."""
    open_ = [name for name, value in values.items() if value is None]
    most = sum(value or 0 for value in values.values())
    for numbers in product(range(most + 1), repeat=len(open_)):
        filled = {**values, **dict(zip(open_, numbers, strict=True))}
        right = [*instance.right, *instance.right_last_year]
        if sum(filled[name] or 0 for name in instance.left) == sum(filled[name] or 0 for name in right):
            return True
    return False


@given(st.sampled_from(SHORT), st.lists(cell, min_size=5, max_size=5))
def test_broken_means_that_no_filling_of_the_blanks_holds(instance: Instance, cells: list[int | None]) -> None:
    names = [*instance.left, *instance.right]
    values = dict(zip(names, cells, strict=False))
    verdict = judge(instance, given_figures(values))
    assert (verdict.outcome == BROKEN) == (not fillings(instance, values))
    zeros_hold = sum(values[n] or 0 for n in instance.left) == sum(values[n] or 0 for n in instance.right)
    assert (verdict.outcome == HOLDS) == zeros_hold
    assert verdict.outcome in (HOLDS, BROKEN, UNKNOWN)


@given(st.sampled_from(SHORT), st.lists(cell, min_size=5, max_size=5))
def test_what_is_expected_makes_the_equation_hold(instance: Instance, cells: list[int | None]) -> None:
    values = dict(zip([*instance.left, *instance.right], cells, strict=False))
    verdict = judge(instance, given_figures(values))
    assert verdict.observed == values[instance.subject]
    if verdict.expected is not None:
        mended = {**values, instance.subject: verdict.expected}
        assert sum(mended[n] or 0 for n in instance.left) == sum(mended[n] or 0 for n in instance.right)


@given(st.lists(cell, min_size=2, max_size=2), st.sampled_from([BLANK, DASH, UNREADABLE, ROW_ABSENT]))
def test_carry_over_needs_both_years(cells: list[int | None], state: str) -> None:
    this = {name: figure(name, value, state) for name, value in zip(CARRY.left, cells[:1], strict=True)}
    last = {name: figure(name, value, state) for name, value in zip(CARRY.right_last_year, cells[1:], strict=True)}
    outcome = judge(CARRY, this, last).outcome
    given_both = None not in cells
    assert outcome == (HOLDS if cells[0] == cells[1] else BROKEN) if given_both else outcome != BROKEN
    assert judge(CARRY, this, None).outcome == UNKNOWN
    assert judge(CARRY, this, {}).outcome == UNKNOWN


@given(st.lists(st.integers(0, 5), min_size=4, max_size=4))
def test_the_stock_of_documents(counts: list[int]) -> None:
    in_force, repealed, issued, before = counts
    row = "disclosure.normative_documents"
    this = given_figures({f"{row}.in_force": in_force, f"{row}.repealed": repealed, f"{row}.issued": issued})
    verdict = judge(STOCK, this, given_figures({f"{row}.in_force": before}))
    assert verdict.outcome == (HOLDS if in_force == before + issued - repealed else BROKEN)
    assert verdict.expected == before + issued - repealed


def test_a_blank_may_hide_what_is_lacking_but_not_what_is_too_much() -> None:
    instance = next(i for i in SHORT if i.rule.name == "challenges-total" and i.key == "reconsideration")
    total, *parts = instance.left[0], *instance.right
    short = {total: 5, parts[0]: 3, parts[1]: None, parts[2]: 0, parts[3]: 0}
    assert judge(instance, given_figures(short)).outcome == UNKNOWN
    over = {**short, parts[0]: 6}
    assert judge(instance, given_figures(over)).outcome == BROKEN
    no_total = {**short, total: None}
    assert judge(instance, given_figures(no_total)).outcome == UNKNOWN


# Variants: 其他处理 as one row or as three


def results(other: dict[str, int | None], processed: int) -> dict[str, Figure]:
    found = {name: figure(name, 1 if name == "applications.granted.total" else 0) for name in RESULTS.right}
    for name in (OTHER, *OTHER_THREE):
        for column in COLUMNS:
            cell_name = name.replace(".total", f".{column}")
            found[cell_name] = (
                figure(cell_name, other[name], BLANK) if name in other else figure(cell_name, None, ROW_ABSENT)
            )
    found["applications.processed.total"] = figure("applications.processed.total", processed)
    return found


@pytest.mark.parametrize(
    ("other", "processed", "outcome"),
    [
        ({OTHER: 2}, 3, HOLDS),
        ({OTHER: 2}, 4, BROKEN),  # the three rows are not printed: they are no blanks that could hide the rest
        ({OTHER: 2}, 2, BROKEN),
        (dict(zip(OTHER_THREE, (1, 0, 1), strict=True)), 3, HOLDS),
        (dict(zip(OTHER_THREE, (1, 0, 1), strict=True)), 4, BROKEN),
        (dict(zip(OTHER_THREE, (1, None, 1), strict=True)), 4, UNKNOWN),
        (dict(zip(OTHER_THREE, (1, None, 1), strict=True)), 2, BROKEN),
        ({OTHER: 2, **dict(zip(OTHER_THREE, (1, 0, 1), strict=True))}, 3, UNKNOWN),  # a sum and its parts: who knows
        ({OTHER: 2, **dict(zip(OTHER_THREE, (1, 0, 1), strict=True))}, 99, UNKNOWN),
        ({}, 4, UNKNOWN),
        ({}, 0, BROKEN),
    ],
)
def test_variants(other: dict[str, int | None], processed: int, outcome: str) -> None:
    figures = results(other, processed)
    assert judge(RESULTS, figures, None, variants_of(FORM, figures)).outcome == outcome


def test_an_unread_variant_is_printed_all_the_same() -> None:
    """A row that is printed and not understood may hold what is lacking."""
    figures = results({OTHER: 0}, 4)
    figures[OTHER_THREE[0]] = figure(OTHER_THREE[0], None, UNREADABLE)
    assert judge(RESULTS, figures, None, variants_of(FORM, figures)).outcome == UNKNOWN


# Whole reports


@given(st.data(), st.booleans())
def test_a_consistent_report_breaks_nothing_and_blanks_do_not_change_that(
    data: st.DataObject, three_rows: bool
) -> None:
    figures = data.draw(consistent_counts(three_rows=three_rows, largest=9))
    report = read_report(html.write(sample(figures)))
    assert broken_in(report) == []
    for name in data.draw(st.lists(st.sampled_from(sorted(figures)), max_size=40)):
        report.figures[name] = figure(name, None, data.draw(st.sampled_from(NULL_STATES[1:])))
    assert broken_in(report) == []


@given(st.data())
def test_one_changed_figure_breaks_what_it_is_part_of(data: st.DataObject) -> None:
    figures = data.draw(consistent_counts(three_rows=True, largest=9))
    row, column = data.draw(st.sampled_from(application_rows("2021"))), data.draw(st.sampled_from(COLUMNS))
    name = f"applications.{row}.{column}"
    figures[name] = int(figures[name] or 0) + 1
    broken = broken_in(read_report(html.write(sample(figures))))
    assert {i.rule.name for i, _ in broken} >= {"applications-applicants"}
    assert all(name in instance.figures for instance, _ in broken)
    in_columns = {"applications-balance"} if row in ("new", "carried_in", "carried_out") else {"applications-results"}
    in_columns |= {"applications-balance"} if row == "processed" else set()
    assert {i.rule.name for i, _ in broken} == {"applications-applicants", *in_columns}


def test_the_2019_form_is_judged_by_its_own_rows() -> None:
    figures: dict[str, Printable] = zeros("2019")
    figures |= {f"applications.{row}.{c}": 2 for row in ("other", "processed", "new") for c in (APPLICANTS[0], "total")}
    report = read_report(html.write(sample(figures, form="2019", year=2020)))
    assert (report.form, broken_in(report)) == ("2019", [])
    figures["applications.other.total"] = 3
    report = read_report(html.write(sample(figures, form="2019", year=2020)))
    assert {i.rule.name for i, _ in broken_in(report)} == {"applications-results", "applications-applicants"}


def test_numbers_that_agree_with_nothing_break_everything() -> None:
    report = read_report(html.write(sample(numbered())))
    within = [i for i in expand(FORM) if not i.rule.spans_years and "other." not in i.subject + "."]
    assert len(broken_in(report)) >= len(within) - 1
