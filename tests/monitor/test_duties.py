"""Who owes a report by when: the law, and dates that a region has set."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.local_rules import LocalRule, LocalRules, region_stem
from monitor.catalogue import word
from monitor.duties import DEPARTMENTS, DUTIES, LOCAL, DatedDuty, dated_duty, due_of, local_date

ADDRESS = "https://www.example.gov.cn/banfa.html"


def rule(
    region: str,
    organ: str = "township",
    years: tuple[int, int | None] = (2021, None),
    on: tuple[int, int] = (2, 20),
) -> LocalRule:
    (first, last), (month, day) = years, on
    return LocalRule(region, organ, first, last, month, day, f"《{region}办法》", ADDRESS)


def due(
    local: LocalRules, duty: str = "no_date", year: int = 2023, code: str = "990101001", organ: str = "township"
) -> DatedDuty | None:
    return due_of(duty, year, region_code=code, organ=organ, local=local)


def test_a_region_dates_the_duty_of_those_to_whom_the_law_sets_no_date() -> None:
    found = due(LocalRules([rule("990101")]))
    assert found is not None
    assert (found.name, found.deadline(2023)) == (LOCAL, date(2024, 2, 20))
    assert found.source_zh == f"《990101办法》（{ADDRESS}）"
    assert found.source_en == f"《990101办法》 ({ADDRESS})"
    assert word("basis", found.name) == ("地方规定的日期", "a date set locally")


@pytest.mark.parametrize(
    ("duty", "year", "code", "organ"),
    [
        ("no_date", 2023, "990102001", "township"),  # the neighbour's town
        ("no_date", 2023, "9901", "township"),  # above the region
        ("no_date", 2023, "990101001", "street"),
        ("no_date", 2020, "990101001", "township"),  # before it held
        ("none", 2023, "990101001", "township"),  # owes no report, whatever a region writes
        ("no_date", 2007, "990101001", "township"),
    ],
)
def test_nobody_else_gets_a_date(duty: str, year: int, code: str, organ: str) -> None:
    assert due(LocalRules([rule("990101")]), duty, year, code, organ) is None


def test_without_local_rules_it_is_the_law() -> None:
    for duty in DUTIES:
        for year in (2007, 2018, 2023):
            assert due_of(duty, year) == dated_duty(duty, year)


def test_the_law_goes_before_a_region() -> None:
    local = LocalRules([rule("99", "department", on=(1, 20)), rule("99", years=(2008, None), on=(1, 20))])
    assert due(local, "art49_department", organ="department") == DEPARTMENTS
    before_2019 = due(local, year=2018)
    assert before_2019 is not None and before_2019.deadline(2018) == date(2019, 3, 31)


def test_an_earlier_date_of_a_region_is_a_local_date() -> None:
    def earlier(on: tuple[int, int], duty: str = "art49_department") -> DatedDuty | None:
        local = LocalRules([rule("990100", "department", on=on)])
        return local_date(duty, 2023, region_code="990101", organ="department", local=local)

    found = earlier((1, 20))
    assert found is not None and (found.name, found.deadline(2023)) == (LOCAL, date(2024, 1, 20))
    assert earlier((1, 31)) is None, "the same as the law's"
    assert earlier((2, 20)) is None, "the law's is before it"
    assert earlier((1, 20), "no_date") is None, "the law sets none: it is the duty itself, see due_of"
    assert earlier((1, 20), "none") is None


def test_the_nearest_region_that_has_one_for_the_year_wins() -> None:
    local = LocalRules(
        [
            rule("990000", on=(3, 1)),
            rule("990100", on=(3, 2), years=(2021, 2022)),
            rule("990101", on=(3, 3), years=(2022, 2022)),
        ]
    )
    assert {year: found.day for year in range(2020, 2025) if (found := due(local, year=year))} == {
        2021: 2, 2022: 3, 2023: 1, 2024: 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "stem"),
    [
        ("370000", "37"),
        ("370400", "3704"),
        ("370480", "370480"),  # its zero is its own
        ("370481000", "370481"),
        ("370481000000", "370481"),
        ("370481001000", "370481001"),
        ("3700", "37"),
        ("37", "37"),
        ("000000", "00"),  # no region; and not all of them
    ],
)
def test_stem(code: str, stem: str) -> None:
    assert region_stem(code) == stem


CODES = st.sampled_from(["99", "990000", "9901", "990100", "990101", "990110", "990111", "990101001", "990101001000"])


@given(st.sets(CODES), CODES, st.integers(2019, 2024))
def test_what_is_found_is_the_longest_that_holds(regions: set[str], code: str, year: int) -> None:
    rules = {region_stem(region): rule(region_stem(region)) for region in regions}
    found = LocalRules(rules.values()).find(code, "township", year)
    fitting = [one for one in rules.values() if one.is_for(code, "township") and one.holds_for(year)]
    assert found == max(fitting, key=lambda one: len(one.region_code), default=None)
    assert LocalRules(reversed(rules.values())) == LocalRules(rules.values())
