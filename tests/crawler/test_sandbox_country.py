"""The pretend country: its figures hold, its faults break what the truth says, and a seed decides everything."""

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.sandbox.country import Country, PlannedReport
from crawler.sandbox.faults import FAULTS, INNOCENT
from crawler.sandbox.figures import apportion
from crawler.sandbox.names import all_invented_names
from crawler.sandbox.season import beijing_date, deadline, demo_days, provably_absent, works

APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other")
RESULTS_OUT = ("new", "carried_in", "processed", "carried_out")
Figures = Mapping[str, int | float | str | None]


def number(figures: Figures, name: str) -> int:
    """A figure as a count, blanks and slashes as zero."""
    value = figures.get(name)
    return value if isinstance(value, int) else 0


def broken_within(figures: Figures) -> set[tuple[str, str]]:
    """(rule, figure) of every identity that does not hold within one report, written from the vocabulary."""
    broken = set()
    rows = {name.split(".")[1] for name in figures if name.startswith("applications.")}
    for column in (*APPLICANTS, "total"):
        cell = {row: number(figures, f"applications.{row}.{column}") for row in rows}
        if cell["new"] + cell["carried_in"] != cell["processed"] + cell["carried_out"]:
            broken.add(("applications-balance", f"applications.processed.{column}"))
        if cell["processed"] != sum(count for row, count in cell.items() if row not in RESULTS_OUT):
            broken.add(("applications-results", f"applications.processed.{column}"))
    for row in rows:
        total = sum(number(figures, f"applications.{row}.{column}") for column in APPLICANTS)
        if number(figures, f"applications.{row}.total") != total:
            broken.add(("applications-applicants", f"applications.{row}.total"))
    for row in ("reconsideration", "litigation_direct", "litigation_after_reconsideration"):
        outcomes = sum(number(figures, f"challenges.{row}.{c}") for c in ("upheld", "corrected", "other", "pending"))
        if number(figures, f"challenges.{row}.total") != outcomes:
            broken.add(("challenges-total", f"challenges.{row}.total"))
    return broken


def broken_between(before: PlannedReport, after: PlannedReport) -> set[tuple[str, str]]:
    """(rule, figure) of what does not hold between two years running."""
    old, new, broken = before.sample.figures, after.sample.figures, set()
    for column in (*APPLICANTS, "total"):
        name = f"applications.carried_in.{column}"
        if number(new, name) != number(old, f"applications.carried_out.{column}"):
            broken.add(("carry-over", name))
    if before.sample.form == after.sample.form == "2021":
        for row in ("regulations", "normative_documents"):
            base = f"disclosure.{row}"
            flow = number(new, f"{base}.issued") - number(new, f"{base}.repealed")
            if number(new, f"{base}.in_force") != number(old, f"{base}.in_force") + flow:
                broken.add(("normative-stock", f"{base}.in_force"))
    return broken


def found(country: Country) -> set[tuple[str, str, int, str | None]]:
    """Every fault that this test finds by itself: (rule, agency, year, figure)."""
    found: set[tuple[str, str, int, str | None]] = set()
    by_agency: dict[str, list[PlannedReport]] = {}
    for plan in sorted(country.plans, key=lambda plan: plan.year):
        by_agency.setdefault(plan.agency.id, []).append(plan)
    for agency, plans in by_agency.items():
        if plans[-1].year < country.years[-1]:
            found.add(("missing", agency, country.years[-1], None))
        for plan in plans:
            last_day = deadline(plan.agency.duty, plan.year)
            if last_day and beijing_date(plan.published_at) > last_day:
                found.add(("late", agency, plan.year, None))
            found |= {(rule, agency, plan.year, figure) for rule, figure in broken_within(plan.sample.figures)}
            if plan.sample.form != ("2019" if plan.year <= 2020 else "2021"):
                found.add(("wrong-form", agency, plan.year, None))
            if len(plan.sample.sections) != 6:
                found.add(("sections", agency, plan.year, None))
        for before, after in pairwise(plans):
            found |= {(rule, agency, after.year, figure) for rule, figure in broken_between(before, after)}
            name = "applications.new.total"
            old, new = number(before.sample.figures, name), number(after.sample.figures, name)
            if new > 50 + 2 * old or old > 50 + 2 * new:
                found.add(("striking-change", agency, after.year, name))
    return found


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(40, 110), faults=st.integers(0, 1))
def test_country_has_exactly_the_faults_of_its_truth(seed: int, size: int, faults: int) -> None:
    country = Country.build(seed, agencies=size, faults=faults)
    assert found(country) == {(t.rule, t.agency_id, t.year, t.figure) for t in country.truths}
    assert {t.rule for t in country.truths} == (set(FAULTS) if faults else set())
    guilty = {t.agency_id for t in country.truths}
    assert not guilty & {innocent.agency_id for innocent in country.innocents}
    assert {innocent.kind for innocent in country.innocents} == {*INNOCENT, "silent-town", "covered"}


def test_several_faults_of_each_kind_and_older_years() -> None:
    country = Country.build(3, agencies=120, years=(2019, 2020, 2021, 2022, 2023), faults=3)
    assert found(country) == {(t.rule, t.agency_id, t.year, t.figure) for t in country.truths}
    kinds = Counter(rule for rule, _ in {(t.rule, t.fault) for t in country.truths})
    assert kinds == dict.fromkeys(FAULTS, 3)
    assert {plan.sample.form for plan in country.plans if plan.year < 2021} == {"2019"}


def test_each_fault_breaks_one_rule_only() -> None:
    country = Country.build(5, agencies=60, faults=2)
    seen = found(country)
    for truth in country.truths:
        rules = {rule for rule, agency, year, _ in seen if (agency, year) == (truth.agency_id, truth.year)}
        assert rules == {truth.rule}


def test_a_seed_decides_everything() -> None:
    one, same, other = Country.build(7), Country.build(7), Country.build(8)
    assert one == same
    assert [plan.sample.title for plan in one.plans] != [plan.sample.title for plan in other.plans]


def test_small_countries_and_wrong_years_are_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="ask for about"):
        Country.build(1, agencies=26)
    with pytest.raises(ValueError, match="running"):
        Country.build(1, years=(2021, 2023))
    with pytest.raises(ValueError, match="2022 or later"):
        Country.build(1, years=(2019, 2020))


def test_agencies_are_of_the_country_and_have_unique_names() -> None:
    country = Country.build(1, agencies=90)
    assert len(country.agencies) == 90
    assert len({agency.id for agency in country.agencies}) == 90
    names = [name for agency in country.agencies for name in (agency.name, *agency.aliases)]
    assert len(names) == len(set(names))
    for agency in country.agencies:
        assert agency.region_code.startswith("99") and agency.id.startswith(f"{agency.region_code}:")
        assert bool(agency.duty_source) == agency.duty.startswith("art49")


def test_no_invented_place_exists() -> None:
    regions = Path(__file__).parents[2] / "parsers" / "regions.csv"
    if not regions.exists():
        pytest.skip("the list of real places is not there")
    with regions.open(encoding="utf-8", newline="") as file:
        real = {row["name"] for row in csv.DictReader(file)}
    invented = all_invented_names()
    assert len(real) > 2000 and len(invented) > 500
    assert not real & set(invented)
    assert not {name[:-1] for name in real} & {name[:-1] for name in invented}


def test_demo_days_prove_an_absence_step_by_step() -> None:
    country = Country.build(1)
    days = country.demo_days()
    assert [beijing_date(day).isoformat() for day in days] == [
        "2024-01-10", "2024-01-25", "2024-02-02", "2024-02-05", "2024-02-20", "2024-04-02", "2024-04-10",
    ]  # fmt: skip
    assert all(works(beijing_date(day)) for day in days)
    assert all(day.tzinfo is not None and day.utcoffset() == timedelta(0) for day in days)
    shown = [len(country.published(day)) for day in days]
    assert shown == sorted(shown) and shown[0] < shown[1] < shown[2] < shown[-1] == len(country.plans)
    rules = [{truth.rule for truth in country.truth(day)} for day in days]
    assert rules[0] == {"wrong-form"}
    assert ["missing" in found for found in rules] == [False] * 4 + [True] * 3
    assert country.truth(days[-1]) == list(country.truths)
    overdue = [len(country.unconfirmed(day)) for day in days]
    assert overdue == [0, 0, 2, 2, 1, 1, 1]


def test_days_before_the_first_read_have_no_truth() -> None:
    country = Country.build(1)
    assert country.truth(datetime(2024, 1, 9, tzinfo=UTC)) == []
    read = datetime(2024, 3, 1, tzinfo=UTC)
    assert "missing" not in {truth.rule for truth in country.truth(read, reads=[read])}


def test_absence_takes_three_days_over_five_working_days() -> None:
    def reads(*days: str) -> list[datetime]:
        return [datetime.fromisoformat(f"{day}T02:00+00:00") for day in days]

    assert not provably_absent("art49_department", 2023, reads("2024-02-02", "2024-02-05", "2024-02-06"))
    assert provably_absent("art49_department", 2023, reads("2024-02-02", "2024-02-05", "2024-02-08"))
    assert not provably_absent("art49_department", 2023, reads("2024-02-02", "2024-02-02", "2024-02-20"))
    # The working day after the deadline itself does not count.
    assert not provably_absent("art49_department", 2023, reads("2024-02-01", "2024-02-05", "2024-02-20"))
    assert not provably_absent("no_date", 2023, reads("2024-02-02", "2024-02-05", "2024-02-20"))


@pytest.mark.parametrize("year", range(2020, 2025))
def test_the_season_of_any_year_is_in_order(year: int) -> None:
    days = demo_days(year)
    assert days == sorted(set(days))
    assert not provably_absent("art49_department", year, days[:4])
    assert provably_absent("art49_department", year, days[:5])
    country = Country.build(1, years=(year - 1, year)) if year > 2021 else None
    if country:
        assert country.truth(days[-1]) == list(country.truths)


def test_only_the_late_one_appears_after_the_deadline() -> None:
    country = Country.build(4)
    late = {truth.agency_id for truth in country.truths if truth.rule == "late"}
    after = {
        plan.agency.id
        for plan in country.plans
        if plan.agency.duty == "art49_department" and beijing_date(plan.published_at) > date(plan.year + 1, 1, 31)
    }
    assert after == late != set()


@given(st.integers(0, 5000), st.lists(st.integers(0, 100), min_size=1, max_size=12))
def test_apportion_adds_up(count: int, shares: list[int]) -> None:
    parts = apportion(count, shares)
    assert sum(parts) == (count if any(shares) else 0)
    assert all(part >= 0 and (share or not part) for part, share in zip(parts, shares, strict=True))


def test_prose_agrees_with_the_figures() -> None:
    for plan in Country.build(1).plans:
        general = "".join(plan.sample.sections[0].paragraphs)
        figures = plan.sample.figures
        received = number(figures, "applications.new.total")
        if received:
            assert f"申请{received}件" in general
        elif not number(figures, "applications.carried_in.total"):
            assert any(word in general for word in ("未收到", "没有收到", "申请为零"))
        reviews = number(figures, "challenges.reconsideration.total")
        assert (f"行政复议{reviews}件" in general) if reviews else ("行政复议" in general)
