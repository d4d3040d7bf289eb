"""Whatever figures a report has, as long as they agree, no rule says that it errs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from db.records import Agency, Finding
from monitor.config import Thresholds
from monitor.judging.case import Case, Judged
from monitor.rules import judge_case
from parsers.form import Form, load_forms
from parsers.report import REALIGNED
from tests.monitor.judged import judged, quiet_sample

SAMPLE = quiet_sample()
FORMS = load_forms()
SUMS = ("applications-balance", "applications-results", "applications-applicants", "challenges-total")
AGENCY = Agency(f"370481:{SAMPLE.agency}", SAMPLE.agency, region_code="370481", organ="department")

counts = st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 100_000))
Figures = dict[str, Any]


@st.composite
def agreeing(draw: st.DrawFn, form: Form, carried_in: Mapping[str, int] | None = None) -> Figures:
    """Figures of which all sums of the form hold. carried_in: by column, what the year before left."""
    figures: Figures = {}
    table = form.tables["applications"]
    columns = [column for column in table.columns if column != "total"]
    absent = draw(st.sampled_from(table.variants)) if table.variants else []
    results = [row for row in table.rows if row not in ("new", "carried_in", "processed", "carried_out", *absent)]
    for column in columns:
        rows = {row: draw(counts) for row in draw(st.lists(st.sampled_from(results), max_size=4, unique=True))}
        carried = carried_in[column] if carried_in else draw(st.integers(0, 9))
        processed = sum(rows.values())
        out = max(draw(counts), carried - processed)
        rows |= {"processed": processed, "carried_in": carried, "carried_out": out, "new": processed + out - carried}
        figures |= {f"applications.{row}.{column}": rows.get(row, 0) for row in table.rows}
    for row in table.rows:
        figures[f"applications.{row}.total"] = sum(figures[f"applications.{row}.{column}"] for column in columns)
        if row in absent:
            figures |= {f"applications.{row}.{column}": "absent" for column in table.columns}
    for row in form.tables["challenges"].rows:
        outcomes = {column: draw(counts) for column in ("upheld", "corrected", "other", "pending")}
        figures |= {f"challenges.{row}.{column}": value for column, value in outcomes.items()}
        figures[f"challenges.{row}.total"] = sum(outcomes.values())
    for row, column in form.tables["disclosure"].cells():
        figures[f"disclosure.{row}.{column}"] = draw(counts)
    blank = draw(st.sampled_from([0, None, "/", "—"]))  # as which zero is printed
    return {name: blank if value == 0 else value for name, value in figures.items()}


def report(form: str, year: int, figures: Mapping[str, Any], **how: str) -> Judged:
    this = judged(replace(SAMPLE, form=form, year=year), figures, **how)
    return replace(this, sha256=f"{year:064d}")


def errors(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.severity == "error"]


@settings(max_examples=60)
@given(st.data(), st.sampled_from(["2019", "2021"]))
def test_no_error_where_all_sums_hold(data: st.DataObject, form: str) -> None:
    year = FORMS[form].years.first + 1
    last = data.draw(agreeing(FORMS[form]))
    columns = [column for column in FORMS[form].tables["applications"].columns if column != "total"]
    left = {c: last[f"applications.carried_out.{c}"] for c in columns}
    this = data.draw(agreeing(FORMS[form], {c: v if isinstance(v, int) else 0 for c, v in left.items()}))
    case = Case(report(form, year, this), report(form, year - 1, last), AGENCY)
    found = judge_case(case, Thresholds())
    assert errors(found) == []
    assert {finding.rule for finding in found}.isdisjoint({*SUMS, "carry-over", "blank-total"})


@settings(max_examples=40)
@given(st.data(), st.integers(1, 9))
def test_one_wrong_total_is_an_error_and_a_realigned_one_is_none(data: st.DataObject, more: int) -> None:
    drawn = data.draw(agreeing(FORMS["2021"]))
    figures = {n: 0 if v in (None, "/", "—") else v for n, v in drawn.items()}  # a blank might make up for it
    rows = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
    name = f"challenges.{data.draw(st.sampled_from(rows))}.total"
    wrong = {**figures, name: figures[name] + more}
    (finding,) = errors(judge_case(Case(report("2021", 2023, wrong)), Thresholds()))
    assert (finding.figure, finding.expected, finding.certainty) == (name, figures[name], "certain")
    unsure = judge_case(Case(report("2021", 2023, wrong, how=REALIGNED)), Thresholds())
    assert all(f.certainty == "doubtful" and not f.told for f in errors(unsure))
    assert {f.rule for f in unsure} <= {"challenges-total", "sections"}, "no other rule builds on it"


@settings(max_examples=60)
@given(st.data())
def test_every_sentence_of_any_report_is_whole(data: st.DataObject) -> None:
    """Figures at random: whatever is found has its sentences, its proof, and figures of the form."""
    form = data.draw(st.sampled_from(["2019", "2021"]))
    names = FORMS[form].figure_names
    some = data.draw(st.lists(st.sampled_from(names), min_size=40, max_size=120, unique=True))
    values = data.draw(st.lists(st.one_of(counts, st.sampled_from(["", "/", "3①"])), min_size=1, max_size=9))
    figures = {name: values[number % len(values)] for number, name in enumerate(some)}
    last = {name: values[(number + 1) % len(values)] for number, name in enumerate(some)}
    year = FORMS[form].years.first + 1
    for finding in judge_case(Case(report(form, year, figures), report(form, year - 1, last), AGENCY), Thresholds()):
        assert "{" not in finding.sentence_zh + finding.sentence_en
        assert finding.places and finding.sentence_zh.endswith("。") and finding.sentence_en.endswith(".")
        assert set(finding.figures) <= FORMS[form].figure_set
