"""When a known address is to be seen again."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.walk.revisits import RevisitPace, next_visit
from db.records import Outcome

PACE = RevisitPace()
FOUND = datetime(2024, 1, 20, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2009, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
PACES = st.builds(RevisitPace, st.integers(1, 14), st.integers(15, 60), st.integers(61, 800), st.integers(1, 10))


def days(now: datetime, *, year: int | None = 2023, outcome: Outcome = "ok", failures: int = 0) -> float:
    due = next_visit(year=year, found_at=FOUND, outcome=outcome, failures=failures, now=now, pace=PACE)
    return (due - now) / timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2023, 12, 28, tzinfo=UTC), 7),  # published before the year was over
        (datetime(2024, 1, 20, tzinfo=UTC), 7),
        (datetime(2024, 4, 30, 15, 59, tzinfo=UTC), 7),  # 23:59 in Beijing
        (datetime(2024, 4, 30, 16, 0, tzinfo=UTC), 30),
        (datetime(2025, 2, 1, tzinfo=UTC), 30),
        (datetime(2026, 12, 31, tzinfo=UTC), 30),
        (datetime(2027, 1, 2, tzinfo=UTC), 365),
    ],
)
def test_weekly_then_monthly_then_yearly(now: datetime, expected: int) -> None:
    assert days(now) == expected
    assert days(now, outcome="unchanged") == expected
    assert days(now, year=None) == expected  # found in January 2024, so of 2023


@pytest.mark.parametrize("outcome", ["blocked", "failed"])
def test_what_failed_is_tried_soon_and_then_less_often(outcome: Outcome) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert [days(now, outcome=outcome, failures=n) for n in (1, 2, 3, 4, 5, 99)] == [0, 1, 3, 7, 7, 7]


def test_what_is_gone_is_looked_for_on_three_more_days() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert [days(now, outcome="gone", failures=n) for n in (1, 2, 3, 4, 50)] == [1, 1, 1, 30, 30]


@given(
    st.none() | st.integers(2008, 2100), MOMENTS, st.sampled_from(get_args(Outcome)), st.integers(0, 50), MOMENTS, PACES
)
def test_never_before_now_nor_later_than_the_longest_pace(
    year: int | None, found_at: datetime, outcome: Outcome, failures: int, now: datetime, pace: RevisitPace
) -> None:
    due = next_visit(year=year, found_at=found_at, outcome=outcome, failures=failures, now=now, pace=pace)
    assert now <= due <= now + timedelta(days=pace.old_days)
    assert due > now or outcome in ("blocked", "failed")


@given(st.integers(2008, 2030), MOMENTS, MOMENTS, PACES)
def test_an_older_report_is_never_seen_more_often(
    year: int, first: datetime, second: datetime, pace: RevisitPace
) -> None:
    earlier, later = sorted((first, second))

    def wait(now: datetime) -> timedelta:
        return next_visit(year=year, found_at=FOUND, outcome="ok", failures=0, now=now, pace=pace) - now

    assert wait(earlier) <= wait(later)
