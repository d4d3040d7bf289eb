"""The rules about reports: what each says, and the nearest case in which it says nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sandbox.sample import SampleReport
from db.records import Finding
from monitor.config import StrikingChange, Thresholds
from monitor.judging.case import Case, Judged
from monitor.judging.reports import judge_reports
from monitor.rules import judge_case, rule_names
from monitor.rules.striking_change import is_striking
from parsers.report import REALIGNED
from tests.monitor.judged import COUNTRY, judged, quiet_sample

SAMPLE = quiet_sample()
LAST = next(p.sample for p in COUNTRY.plans if p.agency.name == SAMPLE.agency and p.year == SAMPLE.year - 1)


def findings(this: Judged, last: Judged | None = None) -> list[Finding]:
    return judge_case(Case(this, last), Thresholds())


def test_a_report_without_faults_gives_no_finding() -> None:
    assert findings(judged(SAMPLE), judged(LAST)) == []


def test_rule_names_are_each_there_once() -> None:
    names = rule_names()
    assert len(names) == len(set(names))
    assert names[:4] == ["applications-balance", "applications-results", "applications-applicants", "challenges-total"]


def test_a_wrong_total_is_an_error_with_its_arithmetic() -> None:
    name = "challenges.litigation_direct.total"
    right = SAMPLE.figures[name]
    assert isinstance(right, int)
    (finding,) = findings(judged(SAMPLE, {name: right + 2}))
    assert (finding.rule, finding.severity, finding.certainty) == ("challenges-total", "error", "certain")
    assert (finding.figure, finding.observed, finding.expected) == (name, right + 2, right)
    assert f"= {right}" in finding.sentence_zh and f"= {right}" in finding.sentence_en
    assert {place["figure"] for place in finding.places} == set(finding.figures)
    assert finding.told


def test_one_changed_cell_that_mends_everything_is_named() -> None:
    name = "applications.granted.natural_person"
    right = SAMPLE.figures[name]
    assert isinstance(right, int)
    found = findings(judged(SAMPLE, {name: right + 1}))
    assert {finding.rule for finding in found} == {"applications-results", "applications-applicants"}
    for finding in found:
        assert f"由{right + 1}改为{right}" in finding.sentence_zh


def test_no_cell_is_named_where_several_would_mend() -> None:
    (finding,) = findings(judged(SAMPLE, {"challenges.reconsideration.total": 99}))
    assert "改为" not in finding.sentence_zh


def test_what_we_realigned_ourselves_accuses_nobody() -> None:
    (finding,) = findings(judged(SAMPLE, {"challenges.litigation_direct.total": 77}, how=REALIGNED))
    assert finding.certainty == "doubtful"
    assert not finding.told


@pytest.mark.parametrize("blank", [None, "/", "—"])
def test_a_blank_total_is_no_broken_identity(blank: str | None) -> None:
    found = findings(judged(SAMPLE, {"challenges.litigation_direct.total": blank}))
    assert [finding.rule for finding in found] == ["blank-total"]


def test_carry_over_speaks_of_the_total_once() -> None:
    out = LAST.figures["applications.carried_out.total"]
    assert isinstance(out, int)
    changed = {"applications.carried_out.total": out + 5, "applications.carried_out.natural_person": out + 5}
    (finding,) = [f for f in findings(judged(SAMPLE), judged(LAST, changed)) if f.rule == "carry-over"]
    assert (finding.severity, finding.figure) == ("warning", "applications.carried_in.total")
    assert (finding.observed, finding.expected) == (out, out + 5)
    assert {place["year"] for place in finding.places} == {SAMPLE.year, SAMPLE.year - 1}


def test_carry_over_with_equal_totals_is_a_notice() -> None:
    person = LAST.figures["applications.carried_out.natural_person"]
    assert isinstance(person, int)
    moved = {"applications.carried_out.natural_person": person + 1}
    (finding,) = [f for f in findings(judged(SAMPLE), judged(LAST, moved)) if f.rule == "carry-over"]
    assert finding.severity == "notice"
    assert "总计一致" in finding.sentence_zh


def test_years_apart_are_not_compared() -> None:
    before = replace(LAST, year=SAMPLE.year - 2)
    changed = {"applications.carried_out.total": 999}
    assert findings(judged(SAMPLE), judged(before, changed)) == []


def test_stated_scopes_that_differ_are_not_compared() -> None:
    this, last = judged(SAMPLE), judged(LAST, {"applications.carried_out.total": 999})
    this.report.scope["applications"], last.report.scope["applications"] = "本机关", "全县"
    assert [f.rule for f in findings(this, last) if f.rule == "carry-over"] == []


def test_normative_stock_counts_from_last_year() -> None:
    name = "disclosure.normative_documents.in_force"
    right = SAMPLE.figures[name]
    assert isinstance(right, int)
    (finding,) = findings(judged(SAMPLE, {name: right + 3}), judged(LAST))
    assert (finding.rule, finding.severity, finding.expected) == ("normative-stock", "warning", right)


def without_section(sample: SampleReport, *numbers: int) -> Judged:
    return judged(replace(sample, sections=tuple(s for s in sample.sections if s.number not in numbers)))


def test_a_missing_section_is_likely_and_names_its_heading() -> None:
    (finding,) = findings(without_section(SAMPLE, 6))
    assert (finding.rule, finding.certainty, finding.expected) == (
        "sections",
        "likely",
        "六、其他需要报告的事项",
    )


def test_a_heading_lost_above_a_table_that_is_there_is_no_missing_section() -> None:
    assert findings(without_section(SAMPLE, 3)) == []


def test_a_file_with_tables_alone_lacks_no_section() -> None:
    assert findings(without_section(SAMPLE, 1, 2, 3, 4, 5, 6)) == []


def test_the_form_of_another_year_is_named() -> None:
    (finding,) = findings(judged(replace(SAMPLE, year=2020)))
    assert (finding.rule, finding.observed, finding.expected) == ("wrong-form", "2021", "2019")


def test_a_striking_change_is_one_notice() -> None:
    name = "disclosure.penalties.decisions"
    (finding,) = findings(judged(SAMPLE, {name: 90_000}), judged(LAST, {name: 12}))
    assert (finding.rule, finding.severity, finding.figure) == ("striking-change", "notice", name)


@given(st.integers(0, 19), st.integers(0, 19))
def test_small_counts_never_shout(before: int, after: int) -> None:
    assert not is_striking(before, after, StrikingChange())


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_striking_is_symmetric_and_needs_the_ratio(before: int, after: int) -> None:
    threshold = StrikingChange()
    assert is_striking(before, after, threshold) == is_striking(after, before, threshold)
    if max(before, after) < 3 * max(1, min(before, after)):
        assert not is_striking(before, after, threshold)


def test_unresolved_agencies_of_one_name_are_not_compared_in_an_archive() -> None:
    this = replace(judged(SAMPLE), agency_id=None)
    last = replace(judged(LAST, {"applications.carried_out.total": 999}), agency_id=None)
    assert "carry-over" not in {f.rule for f in judge_reports([this, last], Thresholds())}
    assert "carry-over" in {f.rule for f in judge_reports([this, last], Thresholds(), same_name_is_same=True)}
