"""Slipped rows: put back where only one reading is possible, left unread where several are, never repaired by guess."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from report_samples import COLUMNS, application_rows, consistent_counts, read_values, sample, truth, wrong, zeros

from crawler.sandbox.sample import Printable
from crawler.sandbox.writers import text
from parsers.align import Ragged, realign
from parsers.form import load_forms
from parsers.identities import expand
from parsers.read import read_report
from parsers.report import REALIGNED, UNREADABLE, Report

SEVERAL = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
FORMS = pytest.mark.parametrize(("form", "three_rows"), [("2019", False), ("2021", True)])


class Slips:
    """A report as tab-separated text whose rows of applications lose and gain cells."""

    def __init__(self, figures: dict[str, Printable], form: str, three_rows: bool) -> None:
        self.figures = figures
        self.form = form
        self.rows = application_rows(form, three_rows=three_rows)
        year = 2020 if form == "2019" else 2023
        self.lines = text.write(sample(figures, form=form, year=year), shape="tabs").decode().split("\n")
        self.start = next(i for i, line in enumerate(self.lines) if line.startswith("一、本年新收"))
        self.touched: set[str] = set()

    def cells(self, row: str) -> tuple[int, list[str], int]:
        """(line, its cells, the first cell that holds a figure) of one row."""
        line = self.start + self.rows.index(row)
        cells = self.lines[line].split("\t")
        return line, cells, len(cells) - len(COLUMNS)

    def lose(self, row: str, place: int) -> None:
        line, cells, first = self.cells(row)
        del cells[first + place]
        self.lines[line] = "\t".join(cells)
        self.touched.add(row)

    def gain(self, row: str, place: int, cell: str) -> None:
        line, cells, first = self.cells(row)
        cells.insert(first + place, cell)
        self.lines[line] = "\t".join(cells)
        self.touched.add(row)

    def read(self) -> Report:
        return read_report("\n".join(self.lines).encode())

    def states(self, report: Report, row: str) -> set[str]:
        return {report.figures[f"applications.{row}.{column}"].state for column in COLUMNS}


def slip_some(data: st.DataObject, slips: Slips, *, at_most: int = 8) -> None:
    for row in data.draw(st.lists(st.sampled_from(slips.rows), min_size=1, max_size=at_most, unique=True)):
        if data.draw(st.booleans()):
            slips.lose(row, data.draw(st.integers(0, 6)))
        else:
            slips.gain(row, data.draw(st.integers(0, 7)), data.draw(st.sampled_from(("0", "", "7"))))


@FORMS
@SEVERAL
@given(data=st.data())
def test_what_is_read_of_slipped_rows_is_what_was_printed(data: st.DataObject, form: str, three_rows: bool) -> None:
    figures = data.draw(
        consistent_counts(form, three_rows=three_rows, largest=data.draw(st.sampled_from((2, 60, 5000))))
    )
    slips = Slips(figures, form, three_rows)
    slip_some(data, slips)
    report = slips.read()
    found = {name: figure.value for name, figure in report.figures.items()}
    expected = truth(figures, form)
    assert wrong(found, expected) == {}
    # The rows that did not slip are read as ever.
    assert all(slips.states(report, row) == {"printed"} for row in slips.rows if row not in slips.touched)


@FORMS
@SEVERAL
@given(data=st.data())
def test_rows_that_can_only_be_zero_are_put_back(data: st.DataObject, form: str, three_rows: bool) -> None:
    slips = Slips(zeros(form, three_rows=three_rows), form, three_rows)
    for row in data.draw(st.lists(st.sampled_from(slips.rows), min_size=1, max_size=len(slips.rows), unique=True)):
        slips.lose(row, data.draw(st.integers(0, 6)))
    report = slips.read()
    assert {report.value(f"applications.{row}.{column}") for row in slips.rows for column in COLUMNS} == {0}
    assert all(slips.states(report, row) == {REALIGNED} for row in slips.touched)


@SEVERAL
@given(data=st.data())
def test_a_single_slipped_row_of_a_consistent_table_is_put_back(data: st.DataObject) -> None:
    """Its figures stand in a column's sum whose other terms are plain; equal readings are one."""
    figures = data.draw(consistent_counts(three_rows=True))
    slips = Slips(figures, "2021", True)
    row = data.draw(st.sampled_from(slips.rows))
    slips.lose(row, data.draw(st.integers(0, 6)))
    report = slips.read()
    assert {c: report.value(f"applications.{row}.{c}") for c in COLUMNS} == {
        c: figures[f"applications.{row}.{c}"] for c in COLUMNS
    }


@FORMS
@SEVERAL
@given(data=st.data())
def test_what_an_agency_got_wrong_is_never_repaired(data: st.DataObject, form: str, three_rows: bool) -> None:
    figures = data.draw(consistent_counts(form, three_rows=three_rows, largest=9))
    rows = application_rows(form, three_rows=three_rows)
    odd = data.draw(st.sampled_from(rows))
    name = f"applications.{odd}.{data.draw(st.sampled_from(COLUMNS))}"
    figures[name] = int(figures[name] or 0) + data.draw(st.integers(1, 9))
    slips = Slips(figures, form, three_rows)
    slip_some(data, slips)
    assume(odd not in slips.touched)
    assert wrong({n: f.value for n, f in slips.read().figures.items()}, truth(figures, form)) == {}


@SEVERAL
@given(data=st.data())
def test_a_row_that_does_not_add_up_stays_unread_when_it_slips(data: st.DataObject) -> None:
    figures = data.draw(consistent_counts(three_rows=True, largest=9))
    slips_row = data.draw(st.sampled_from(application_rows("2021")))
    figures[f"applications.{slips_row}.total"] = int(figures[f"applications.{slips_row}.total"] or 0) + 3
    slips = Slips(figures, "2021", True)
    slips.lose(slips_row, data.draw(st.integers(0, 5)))
    report = slips.read()
    assert slips.states(report, slips_row) == {UNREADABLE}
    assert any(doubt.figure == f"applications.{slips_row}" for doubt in report.doubts)


@SEVERAL
@given(data=st.data())
def test_a_lost_cell_may_have_been_empty_where_others_are(data: st.DataObject) -> None:
    figures = data.draw(consistent_counts(three_rows=True, largest=9))
    for name in data.draw(
        st.lists(st.sampled_from([n for n in figures if n.startswith("applications.")]), min_size=1, max_size=40)
    ):
        figures[name] = None
    slips = Slips(figures, "2021", True)
    for row in data.draw(st.lists(st.sampled_from(slips.rows), min_size=1, max_size=4, unique=True)):
        slips.lose(row, data.draw(st.integers(0, 6)))
    left = [figures[f"applications.{row}.{c}"] for row in slips.rows if row not in slips.touched for c in COLUMNS]
    assume(None in left)
    assert wrong({n: f.value for n, f in slips.read().figures.items()}, truth(figures, "2021")) == {}


@pytest.mark.parametrize("shape", ["cells", "tabs", "lines"])
@SEVERAL
@given(data=st.data())
def test_empty_cells_of_flattened_tables_never_become_figures(data: st.DataObject, shape: Any) -> None:
    figures = data.draw(consistent_counts(three_rows=True, largest=9))
    for name in data.draw(st.lists(st.sampled_from(sorted(figures)), max_size=60)):
        figures[name] = None
    assert wrong(read_values(text.write(sample(figures), shape=shape)), truth(figures, "2021")) == {}


# The function itself

APPLICANTS_RULE = [
    e for e in expand(load_forms()["2021"]) if e.rule.name == "applications-applicants" and e.key == "new"
]
NEW = tuple(f"applications.new.{column}" for column in COLUMNS)


def test_the_rows_own_sum_alone_proves_nothing() -> None:
    """[5, 0, 0, 0, 0, 5]: which zero is lost makes no difference, but the lost cell might as well be the total."""
    assert realign([Ragged(NEW, (5, 0, 0, 0, 0, 5))], {}, APPLICANTS_RULE) == [None]


def test_zeros_are_zeros_whichever_is_lost() -> None:
    (vector,) = realign([Ragged(NEW, (0, 0, 0, 0, 0, 0))], {}, APPLICANTS_RULE)
    assert vector is not None
    assert [value for value, _ in vector] == [0] * 7
    assert sum(index is None for _, index in vector) == 1


def test_a_figure_that_is_too_many_is_not_thrown_away() -> None:
    """Without the 3 all would be zero; but the 3 may be the agency's own, and one of the zeros too many."""
    assert realign([Ragged(NEW, (0, 0, 3, 0, 0, 0, 0, 0))], {}, APPLICANTS_RULE) == [None]


def test_too_much_lost_is_not_tried() -> None:
    assert realign([Ragged(NEW, (0, 0, 0))], {}, APPLICANTS_RULE) == [None]
    assert realign([Ragged(NEW, ())], {}, APPLICANTS_RULE) == [None]
    assert realign([], {}, APPLICANTS_RULE) == []


def test_large_lost_figures_come_from_the_sums() -> None:
    balance = [e for e in expand(load_forms()["2021"]) if e.rule.name == "applications-balance"]
    known = {f"applications.{row}.{c}": 0 for row in ("carried_in", "carried_out") for c in COLUMNS}
    known |= {f"applications.processed.{c}": 0 for c in COLUMNS}
    known |= {"applications.processed.natural_person": 123_456, "applications.processed.total": 123_456}
    (vector,) = realign([Ragged(NEW, (0, 0, 0, 0, 0, 123_456))], known, [*balance, *APPLICANTS_RULE])
    assert vector is not None
    assert vector[0] == (123_456, None)
