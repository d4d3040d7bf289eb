"""The rules about single tables: what each says, and the nearest case in which it says nothing."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from crawler.sandbox.figures import Profile, next_year
from crawler.sandbox.sample import Printable
from db.records import Agency, Finding
from monitor.config import Thresholds
from monitor.judging.case import Case, Judged
from monitor.rules import judge_case
from parsers.form import load_forms
from parsers.report import REALIGNED, Doubt
from tests.monitor.judged import COUNTRY, judged, quiet_sample

SAMPLE = quiet_sample()
LAST = next(p.sample for p in COUNTRY.plans if p.agency.name == SAMPLE.agency and p.year == SAMPLE.year - 1)
_PROFILE = Profile(applications=30, powers=True, cases=400, stock=20)
_YEARS = [(year, next_year(_PROFILE, year, "2019", random.Random(year))) for year in (2019, 2020)]
BEFORE, OLD = (replace(SAMPLE, year=year, form="2019", figures=figures) for year, figures in _YEARS)
COLUMN = {"new": 45, "granted": 22, "partly_granted": 11, "unavailable_not_held": 7, "other_rest": 5}
Changes = Mapping[str, int | str | None]


def found(rule: str, this: Judged, last: Judged | None = None, **case: Any) -> list[Finding]:
    return judge_case(Case(this, last, **case), Thresholds(), only={rule})


def stock(**columns: int | str | None) -> Changes:
    return {f"disclosure.normative_documents.{column}": value for column, value in columns.items()}


def totals(**rows: int | str | None) -> dict[str, int | str | None]:
    """A table three of natural persons alone, these rows of it; the others are zero."""
    names = load_forms()["2021"].figure_names
    changes: dict[str, int | str | None] = {name: 0 for name in names if name.startswith("applications.")}
    for row, value in rows.items():
        changes |= {f"applications.{row}.{column}": value for column in ("natural_person", "total")}
    return changes


def filled(values: Mapping[str, int]) -> dict[str, int | str | None]:
    """Table three with these cells; the others are zero. The sums are not of interest."""
    return totals() | {f"applications.{name}": value for name, value in values.items()}


class TestStockImpossible:
    RULE = "stock-impossible"

    def test_fewer_in_force_than_issued_and_kept(self) -> None:
        (finding,) = found(self.RULE, judged(SAMPLE, stock(issued=9, repealed=2, in_force=6)))
        assert (finding.severity, finding.certainty) == ("warning", "certain")
        assert (finding.observed, finding.expected) == (6, ">= 7")
        assert "9 - 2 = 7" in finding.sentence_zh and "9 - 2 = 7" in finding.sentence_en
        assert {place["figure"] for place in finding.places} == set(finding.figures)

    @pytest.mark.parametrize(
        "columns",
        [
            {"issued": 9, "repealed": 2, "in_force": 7},
            {"issued": 2, "repealed": 9, "in_force": 0},  # those of earlier years were repealed too
            {"issued": 9, "repealed": None, "in_force": 6},
            {"issued": 9, "repealed": "/", "in_force": 6},
        ],
    )
    def test_what_may_be_is_passed_over(self, columns: dict[str, int | str | None]) -> None:
        assert found(self.RULE, judged(SAMPLE, stock(**columns))) == []

    def test_nothing_is_said_of_what_was_realigned_or_is_in_doubt(self) -> None:
        changes = stock(issued=9, repealed=2, in_force=6)
        assert found(self.RULE, judged(SAMPLE, changes, how=REALIGNED)) == []
        for figure in ("disclosure", "disclosure.fees", None):
            doubted = judged(SAMPLE, changes)
            doubted.report.doubts.append(Doubt(figure, "a row that is not in the form", "其中"))
            assert found(self.RULE, doubted) == []

    def test_more_published_in_the_year_than_in_all(self) -> None:
        (finding,) = found(self.RULE, judged(OLD, stock(made=4, published=4, total_published=3)))
        assert (finding.observed, finding.expected, finding.certainty) == (3, ">= 4", "likely")
        assert found(self.RULE, judged(OLD, stock(made=5, published=4, total_published=4))) == []

    def test_more_items_taken_away_than_there_were(self) -> None:
        names = ["disclosure.penalties.items_last_year", "disclosure.penalties.items_change"]
        (finding,) = found(self.RULE, judged(OLD, dict(zip(names, (4, "-5"), strict=True))))
        assert (finding.figure, finding.certainty, finding.observed) == (names[1], "certain", -5)
        assert found(self.RULE, judged(OLD, dict(zip(names, (5, "-5"), strict=True)))) == []

    def test_items_are_carried_from_year_to_year(self) -> None:
        name = "disclosure.licensing.items_last_year"
        right = OLD.figures[name]
        assert isinstance(right, int)
        assert found(self.RULE, judged(OLD), judged(BEFORE)) == []
        (finding,) = found(self.RULE, judged(OLD, {name: right + 7}), judged(BEFORE))
        assert (finding.observed, finding.expected) == (right + 7, right)
        assert {place["year"] for place in finding.places} == {2019, 2020}
        merged = Case(judged(OLD, {name: right + 7}), judged(BEFORE), same_body=False)
        assert judge_case(merged, Thresholds(), only={self.RULE}) == []


class TestBacklogOverAYear:
    RULE = "backlog-over-a-year"

    def test_more_open_at_the_end_than_came_in(self) -> None:
        (finding,) = found(
            self.RULE, judged(SAMPLE, totals(new=3, carried_in=9, processed=5, granted=5, carried_out=7))
        )
        assert (finding.severity, finding.observed, finding.expected) == ("warning", 7, "<= 3")
        assert "至少有4件" in finding.sentence_zh and "at least 4" in finding.sentence_en

    @pytest.mark.parametrize(
        "rows",
        [
            {"new": 7, "carried_in": 5, "processed": 5, "carried_out": 7},
            {"new": 3, "carried_in": 9, "processed": 4, "carried_out": 7},  # does not balance: a figure is wrong
            {"new": None, "carried_in": 12, "processed": 5, "carried_out": 7},
        ],
    )
    def test_what_does_not_follow_is_not_said(self, rows: dict[str, int | str | None]) -> None:
        assert found(self.RULE, judged(SAMPLE, totals(**rows))) == []


class TestBlankTotal:
    RULE = "blank-total"

    def test_one_finding_for_all_rows(self) -> None:
        cells = totals(new=5, granted=3, carried_out=2) | {
            "applications.granted.total": None,
            "applications.new.total": "/",
        }
        (finding,) = found(self.RULE, judged(SAMPLE, cells))
        assert finding.figures == ["applications.new.total", "applications.granted.total"]
        assert (finding.observed, finding.expected, finding.certainty) == (None, 5, "likely")

    def test_a_row_of_zeros_may_leave_its_total_blank(self) -> None:
        assert found(self.RULE, judged(SAMPLE, totals(new=5) | {"applications.granted.total": None})) == []

    def test_a_row_that_is_not_printed_has_no_blank_total(self) -> None:
        cells = totals(new=5, granted=3) | {"applications.granted.total": "absent"}
        assert found(self.RULE, judged(SAMPLE, cells)) == []

    def test_a_cell_that_was_not_understood_is_not_blank(self) -> None:
        cells = totals(new=5, granted=3) | {"applications.granted.total": "3 3"}
        assert found(self.RULE, judged(SAMPLE, cells)) == []


class TestCopiedOrShifted:
    RULE = "copied-or-shifted"

    def columns(self, *names: str) -> dict[str, int | str | None]:
        return filled({f"{row}.{name}": value for row, value in COLUMN.items() for name in names})

    def test_two_neighbouring_columns_that_are_equal(self) -> None:
        (finding,) = found(self.RULE, judged(SAMPLE, self.columns("business", "research")))
        assert (finding.severity, finding.certainty) == ("notice", "likely")
        assert "商业企业" in finding.sentence_zh and "科研机构" in finding.sentence_zh
        assert len(finding.figures) == len(finding.places) == 10

    def test_the_total_may_equal_its_only_column(self) -> None:
        assert found(self.RULE, judged(SAMPLE, self.columns("natural_person", "total"))) == []
        assert found(self.RULE, judged(SAMPLE, self.columns("other", "total"))) == []

    def test_one_other_cell_is_a_difference(self) -> None:
        changes = self.columns("business", "research") | {"applications.granted.research": 21}
        assert found(self.RULE, judged(SAMPLE, changes)) == []

    def test_few_or_like_figures_are_equal_by_chance(self) -> None:
        two = filled({f"{row}.{c}": 30 for row in ("new", "granted") for c in ("business", "research")})
        small = filled({f"{row}.{c}": n for n, row in enumerate(("granted", "partly_granted", "other_rest"), 1)
                        for c in ("business", "research")})  # fmt: skip
        assert found(self.RULE, judged(SAMPLE, two)) == []
        assert found(self.RULE, judged(SAMPLE, small)) == []

    def test_a_merged_cell_is_not_two(self) -> None:
        report = judged(SAMPLE, self.columns("business", "research"))
        for row in COLUMN:
            first = report.report.figures[f"applications.{row}.business"]
            name = f"applications.{row}.research"
            report.report.figures[name] = report.report.figures[name]._replace(place=first.place)
        assert found(self.RULE, report) == []

    def test_two_neighbouring_rows_that_are_equal(self) -> None:
        values = {"natural_person": 31, "business": 17, "legal_service": 5}
        rows = ("refused_internal", "refused_process")
        changes = filled({f"{row}.{c}": n for c, n in values.items() for row in rows})
        (finding,) = found(self.RULE, judged(SAMPLE, changes))
        assert "三类内部事务信息" in finding.sentence_zh
        apart = filled({f"{row}.{c}": n for c, n in values.items() for row in ("granted", "other_rest")})
        assert found(self.RULE, judged(SAMPLE, apart)) == []

    def test_what_was_processed_may_be_what_came_in(self) -> None:
        values = {"natural_person": 31, "business": 17, "legal_service": 5}
        changes = filled({f"{row}.{c}": n for c, n in values.items() for row in ("new", "granted", "processed")})
        assert found(self.RULE, judged(SAMPLE, changes)) == []

    def test_a_table_that_is_last_years(self) -> None:
        table = self.columns("natural_person", "total")
        this, last = judged(SAMPLE, table), replace(judged(LAST, table), sha256="cd" * 32)
        (finding,) = found(self.RULE, this, last)
        assert (finding.severity, finding.certainty) == ("warning", "likely")
        assert {place["year"] for place in finding.places} == {SAMPLE.year, SAMPLE.year - 1}
        assert found(self.RULE, this, replace(last, sha256=this.sha256)) == []  # one document, read for two years
        assert found(self.RULE, this, last, same_body=False) == []
        other = judged(LAST, table | {"applications.granted.total": 23})
        assert found(self.RULE, this, replace(other, sha256="cd" * 32)) == []

    def test_stocks_and_zeros_may_stay_as_they_were(self) -> None:
        quiet = {name: 0 for name in load_forms()["2021"].figure_names if not name.endswith("amount")}
        kept: Changes = quiet | {
            "disclosure.normative_documents.in_force": 41,
            "disclosure.regulations.in_force": 12,
            "disclosure.fees.amount": "187.5",
            "disclosure.licensing.decisions": 4120,
        }
        this, last = judged(SAMPLE, kept), replace(judged(LAST, kept), sha256="cd" * 32)
        assert found(self.RULE, this, last) == []


class TestRegulationsWithoutPower:
    RULE = "regulations-without-power"
    NAME = "disclosure.regulations.in_force"

    def found(
        self, organ: str = "department", code: str = "370481", name: str = "云溪县教育局", **more: Any
    ) -> list[Finding]:
        agency = Agency(f"{code}:{name}", name, region_code=code, organ=organ, **more)
        return found(self.RULE, judged(SAMPLE, {self.NAME: 3}), agency=agency)

    @pytest.mark.parametrize("organ", ["department", "township", "street"])
    def test_a_county_department_or_a_town_makes_no_rules(self, organ: str) -> None:
        (finding,) = self.found(organ)
        assert (finding.figure, finding.observed, finding.expected) == (self.NAME, 3, 0)
        assert (finding.severity, finding.certainty, finding.basis) == ("warning", "likely", "law")

    @pytest.mark.parametrize("organ", ["office", "government", "zone", "branch", "other", ""])
    def test_others_may_publish_them(self, organ: str) -> None:
        assert self.found(organ) == []

    @pytest.mark.parametrize("name", ["云溪县人民政府办公室", "云溪县政府办", "云溪县外事办公室"])
    def test_an_office_entered_as_a_department_is_an_office(self, name: str) -> None:
        assert self.found(name=name) == []

    @pytest.mark.parametrize("code", ["370400", "370000", "", "3704"])
    def test_departments_of_cities_and_provinces_are_left_alone(self, code: str) -> None:
        assert self.found(code=code) == []

    def test_nothing_is_said_without_a_register_or_of_a_joint_report(self) -> None:
        assert found(self.RULE, judged(SAMPLE, {self.NAME: 3})) == []
        assert self.found(covered_by="370481:云溪县人民政府") == []
        agency = Agency("370481:云溪县教育局", "云溪县教育局", region_code="370481", organ="department")
        joint = replace(judged(SAMPLE, {self.NAME: 3}), bodies=frozenset({"370481:云溪县体育局"}))
        assert found(self.RULE, joint, agency=agency) == []

    @pytest.mark.parametrize("value", [0, None, "/"])
    def test_none_is_none(self, value: int | str | None) -> None:
        agency = Agency("370481:云溪县教育局", "云溪县教育局", region_code="370481", organ="department")
        assert found(self.RULE, judged(SAMPLE, {self.NAME: value}), agency=agency) == []


def test_the_figures_of_a_finding_are_of_the_form() -> None:
    changed: dict[str, Printable] = {"disclosure.normative_documents.in_force": 0}
    sample = replace(SAMPLE, figures={**SAMPLE.figures, **changed, "disclosure.normative_documents.issued": 5})
    for finding in judge_case(Case(judged(sample)), Thresholds()):
        assert set(finding.figures) <= load_forms()["2021"].figure_set
