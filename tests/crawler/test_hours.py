"""Hours of a portal, over midnight too."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.asking.hours import BEIJING, Hours, beijing_day, read_hours

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("hours", "beijing", "open_"),
    [
        ("22:00-06:00", "21:59:59", False),
        ("22:00-06:00", "22:00:00", True),
        ("22:00-06:00", "00:00:00", True),
        ("22:00-06:00", "05:59:59", True),
        ("22:00-06:00", "06:00:00", False),
        ("09:00-17:30", "08:59:59", False),
        ("09:00-17:30", "09:00:00", True),
        ("09:00-17:30", "17:30:00", False),
        ("00:00-00:00", "13:00:00", True),
    ],
)
def test_begin_belongs_to_them_and_end_does_not(hours: str, beijing: str, open_: bool) -> None:
    at = datetime.combine(datetime(2026, 2, 1), time.fromisoformat(beijing), BEIJING)
    assert read_hours(hours).are_open(at) is open_
    assert read_hours(hours).are_open(at.astimezone(UTC)) is open_


@given(TIMES, TIMES, MOMENTS)
def test_they_are_open_for_their_length_each_day(begin: time, end: time, at: datetime) -> None:
    hours = Hours(begin, end)
    today = datetime(2026, 2, 1)
    length = (datetime.combine(today, end) - datetime.combine(today, begin)) % timedelta(days=1) or timedelta(days=1)
    since = (at - datetime.combine(at.astimezone(BEIJING).date(), begin, BEIJING)) % timedelta(days=1)
    assert hours.are_open(at) is (since < length)


@given(TIMES, TIMES, MOMENTS)
def test_the_next_opening_is_the_first_moment_that_is_open(begin: time, end: time, at: datetime) -> None:
    hours = Hours(begin, end)
    opening = hours.next_opening(at)
    assert hours.are_open(opening) and timedelta(0) <= opening - at <= timedelta(days=1)
    if not hours.are_open(at):
        assert opening.astimezone(BEIJING).time() == begin
        assert not hours.are_open(opening - timedelta(microseconds=1))
    else:
        assert opening == at


@pytest.mark.parametrize("text", ["22-06", "24:00-06:00", "22:00-06:60", "22:00 - 06:00", "", "22:00-06:00\n"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match="must be a span of Beijing time"):
        read_hours(text)


def test_a_day_in_beijing_begins_at_16_utc() -> None:
    assert beijing_day(datetime(2026, 1, 31, 15, 59, tzinfo=UTC)) == "2026-01-31"
    assert beijing_day(datetime(2026, 1, 31, 16, 0, tzinfo=UTC)) == "2026-02-01"
