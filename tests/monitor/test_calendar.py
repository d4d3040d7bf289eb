"""Working days, deadlines and Beijing time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.calendar import (
    MOST_WEEKDAYS_OFF,
    beijing_day,
    end_of_day,
    first_working_day_after,
    is_working_day,
    late_by,
    possible_holidays,
    unknown_years,
    working_days_between,
)
from monitor.catalogue import word
from monitor.catalogue.dates import day_words, moment_words
from monitor.duties import BEFORE_2019, DEPARTMENTS, DUTIES, GOVERNMENTS, dated_duty, deadline

UNKNOWN_YEAR = 2090


@pytest.mark.parametrize(
    ("duty", "year", "expected"),
    [
        ("art49_department", 2023, date(2024, 1, 31)),
        ("art49_department", 2019, date(2020, 1, 31)),
        ("art49_department", 2018, date(2019, 3, 31)),  # the rules of 2007
        ("art49_department", 2007, None),  # before any rules
        ("art49_government", 2023, date(2024, 3, 31)),
        ("art49_government", 2018, date(2019, 3, 31)),
        ("no_date", 2023, None),
        ("no_date", 2018, date(2019, 3, 31)),  # all administrative organs then
        ("none", 2023, None),
        ("none", 2018, None),
    ],
)
def test_deadline(duty: str, year: int, expected: date | None) -> None:
    assert deadline(duty, year) == expected


def test_unknown_duty_is_refused() -> None:
    with pytest.raises(ValueError, match="art_49"):
        deadline("art_49", 2023)
    assert {dated_duty(duty, 2023) for duty in DUTIES} == {None, DEPARTMENTS, GOVERNMENTS}


@pytest.mark.parametrize("duty", [DEPARTMENTS, GOVERNMENTS, BEFORE_2019])
def test_the_catalogue_names_the_same_articles(duty) -> None:
    assert word("basis", duty.name) == (duty.source_zh, duty.source_en)


@pytest.mark.parametrize(
    ("day", "working", "known"),
    [
        (date(2024, 2, 9), True, True),  # a Friday; 2024's holiday began a day later
        (date(2024, 2, 12), False, True),  # a Monday in the Spring Festival
        (date(2024, 2, 18), True, True),  # a Sunday made up for it
        (date(UNKNOWN_YEAR, 1, 31), True, False),  # a Tuesday
        (date(UNKNOWN_YEAR, 1, 29), False, False),  # a Sunday
    ],
)
def test_working_day(day: date, working: bool, known: bool) -> None:
    assert is_working_day(day) == (working, known)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 1, 31), date(2024, 2, 1)),  # Wednesday -> Thursday
        (date(2026, 1, 31), date(2026, 2, 2)),  # Saturday -> Monday
        (date(2025, 1, 31), date(2025, 2, 5)),  # Spring Festival to 4 February
        (date(2024, 3, 31), date(2024, 4, 1)),  # Sunday -> Monday
        (date(2023, 1, 20), date(2023, 1, 28)),  # the day after the holiday is a Saturday, made up
    ],
)
def test_first_working_day_after(day: date, expected: date) -> None:
    assert first_working_day_after(day) == (expected, True)


def test_unknown_years_say_so() -> None:
    assert first_working_day_after(date(UNKNOWN_YEAR, 1, 31)) == (date(UNKNOWN_YEAR, 2, 1), False)
    span = working_days_between(date(UNKNOWN_YEAR, 1, 30), date(UNKNOWN_YEAR, 2, 5))
    assert span == (5, 2, False)
    assert possible_holidays(span.known) == MOST_WEEKDAYS_OFF
    assert possible_holidays(True) == 0
    # A stretch that reaches from a known into an unknown year is not known.
    assert not working_days_between(date(2026, 12, 31), date(2126, 1, 2)).known


@pytest.mark.parametrize(
    ("now", "unknown"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), ()),
        (datetime(UNKNOWN_YEAR, 3, 1, tzinfo=UTC), (UNKNOWN_YEAR,)),
        (datetime(UNKNOWN_YEAR - 1, 12, 31, 16, tzinfo=UTC), (UNKNOWN_YEAR,)),  # already the new year in Beijing
        (datetime(UNKNOWN_YEAR, 11, 1, tzinfo=UTC), (UNKNOWN_YEAR, UNKNOWN_YEAR + 1)),
        (datetime(2025, 11, 1, tzinfo=UTC), ()),  # the next one is known
    ],
)
def test_years_that_are_needed_and_not_known(now: datetime, unknown: tuple[int, ...]) -> None:
    assert unknown_years(now) == unknown


def test_the_next_year_is_needed_once_its_notice_may_be_out() -> None:
    first = next(year for year in range(2026, 2126) if not is_working_day(date(year, 1, 1))[1])
    assert unknown_years(datetime(first - 1, 10, 31, 15, tzinfo=UTC)) == ()
    assert unknown_years(datetime(first - 1, 10, 31, 16, tzinfo=UTC)) == (first,)


def test_no_run_of_days_off_holds_more_weekdays_than_the_margin() -> None:
    longest = run = 0
    day = date(2010, 1, 1)
    while is_working_day(day)[1]:
        run = 0 if is_working_day(day)[0] else run + (day.weekday() < 5)
        longest = max(longest, run)
        day += timedelta(days=1)
    assert 0 < longest < MOST_WEEKDAYS_OFF


def test_lateness_counts_days_off() -> None:
    assert late_by(date(2024, 1, 31), date(2024, 1, 31)) == (0, 0, False, True)
    assert late_by(date(2024, 1, 31), date(2024, 1, 30)).days == 0
    assert late_by(date(2026, 1, 31), date(2026, 2, 2)) == (2, 1, True, True)  # due on a Saturday
    assert late_by(date(2025, 1, 31), date(2025, 2, 5)) == (5, 4, True, True)


@given(st.dates(date(2008, 1, 1), date(2026, 10, 1)), st.integers(0, 60))
def test_a_span_is_all_its_days(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    span = working_days_between(first, last)
    assert span.working + span.off == length + 1
    assert working_days_between(last + timedelta(days=1), last) == (0, 0, True)
    assert first_working_day_after(first).day > first


def test_a_day_in_beijing_ends_at_four_in_the_afternoon_utc() -> None:
    assert end_of_day(date(2024, 1, 31)) == datetime(2024, 1, 31, 16, tzinfo=UTC)
    assert beijing_day(datetime(2024, 1, 31, 15, 59, 59, tzinfo=UTC)) == date(2024, 1, 31)
    assert beijing_day(datetime(2024, 1, 31, 16, tzinfo=UTC)) == date(2024, 2, 1)
    with pytest.raises(ValueError, match="time zone"):
        beijing_day(datetime(2024, 1, 31))


def test_dates_in_words() -> None:
    assert day_words(date(2024, 1, 31)) == ("2024年1月31日", "31 January 2024")
    moment = datetime(2024, 12, 31, 17, 5, tzinfo=UTC)
    assert moment_words(moment) == ("2025年1月1日1时05分", "1:05 on 1 January 2025")
