"""The same reports survive a change of clothes: the figures of a report do not depend on its file format."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from report_samples import (
    GRIDS,
    TEXTS,
    any_figures,
    consistent_counts,
    dressed,
    numbered,
    read_values,
    sample,
    truth,
    values,
    wrong,
)

from crawler.sandbox.sample import Printable
from parsers.form import load_forms
from parsers.read import read_report

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports"
CASES = [
    pytest.param(path, id=path.name.removesuffix(".gold.json")) for path in sorted(REPORTS.glob("*.gold.json"))
] or [pytest.param(None, marks=pytest.mark.skip(reason="../shared/reports is not there"))]
FORMS = pytest.mark.parametrize(("form", "three_rows"), [("2019", False), ("2021", False), ("2021", True)])
SEVERAL = settings(
    max_examples=12,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


# A table without rules loses its empty cells: what is left of it may be refused.
KEEPING = [writer for writer in GRIDS if "unruled" not in writer]


@pytest.mark.parametrize("writer", [*KEEPING, "text-cells", "text-tabs-gbk"])
@pytest.mark.parametrize("gold", CASES)
def test_real_figures_in_other_clothes(gold: Path, writer: str) -> None:
    report = dressed(gold)
    read = read_report((GRIDS | TEXTS)[writer](report))
    assert values(read) == truth(report.figures, report.form)
    assert "".join((read.title or "").split()) == "".join(report.title.split())
    assert (read.agency, read.year, read.form, read.period) == (report.agency, report.year, report.form, report.period)
    assert [_squeezed(s.heading) for s in read.sections] == [_squeezed(s.heading) for s in report.sections]
    assert [_squeezed(s.text) for s in read.sections] == [_squeezed("".join(s.paragraphs)) for s in report.sections]
    assert read.signed_on == report.signed_on


@pytest.mark.parametrize("gold", CASES)
@pytest.mark.parametrize("writer", ["text-lines", "pdf-unruled"])
def test_real_figures_in_torn_clothes(gold: Path, writer: str) -> None:
    report = dressed(gold)
    found = read_values((GRIDS | TEXTS)[writer](report))
    assert wrong(found, truth(report.figures, report.form)) == {}


def _squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("writer", list(GRIDS))
@FORMS
def test_every_cell_of_a_grid_is_found_in_its_place(writer: str, form: str, three_rows: bool) -> None:
    figures = numbered(form, three_rows=three_rows)
    assert read_values(GRIDS[writer](sample(figures, form=form, year=2020 if form == "2019" else 2023))) == truth(
        figures, form
    )


@pytest.mark.parametrize(
    "writer", ["html-page-gbk", "html-word-one-table", "html-gbk-wrong-label-cut", "docx", "xlsx", "pdf"]
)
@FORMS
@SEVERAL
@given(data=st.data())
def test_any_figures_in_a_grid(data: st.DataObject, writer: str, form: str, three_rows: bool) -> None:
    """Readers do not depend on the arithmetic of what they read: these figures agree with nothing."""
    figures = data.draw(any_figures(form, three_rows=three_rows))
    read = read_report(GRIDS[writer](sample(figures, form=form, year=2020 if form == "2019" else 2023)))
    assert values(read) == truth(figures, form)
    assert all(
        read.figures[name].state == _state(figures.get(name), name in figures)
        for name in load_forms()[form].figure_names
    )


def _state(cell: Printable, printed: bool) -> str:
    if not printed:
        return "row_absent"
    return (
        {None: "blank", "/": "dash", "—": "dash"}.get(cell, "printed")
        if not isinstance(cell, int | float)
        else "printed"
    )


@pytest.mark.parametrize("writer", ["text-cells", "text-tabs-gbk"])
@FORMS
@SEVERAL
@given(data=st.data())
def test_consistent_figures_in_tabbed_text(data: st.DataObject, writer: str, form: str, three_rows: bool) -> None:
    figures = data.draw(consistent_counts(form, three_rows=three_rows))
    assert read_values(TEXTS[writer](sample(figures, form=form, year=2020 if form == "2019" else 2023))) == truth(
        figures, form
    )


@pytest.mark.parametrize("writer", [*TEXTS, "pdf-unruled"])
@FORMS
@SEVERAL
@given(data=st.data())
def test_no_wrong_figure_from_flattened_text(data: st.DataObject, writer: str, form: str, three_rows: bool) -> None:
    figures = data.draw(any_figures(form, three_rows=three_rows))
    found = read_values((GRIDS | TEXTS)[writer](sample(figures, form=form, year=2020 if form == "2019" else 2023)))
    assert wrong(found, truth(figures, form)) == {}
