"""Beijing days, and the working days of China by the State Council's yearly holiday notices.

Source of the notices: the package `chinesecalendar`, which knows the years announced when it was released. For any
other year the answers count Monday to Friday as working days and carry `known=False`: right for most days, not
good enough for an accusation (see `possible_holidays`).
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from monitor.duties import deadline

__all__ = [
    "BEIJING",
    "Day",
    "Late",
    "Span",
    "beijing_day",
    "deadline",
    "end_of_day",
    "first_working_day_after",
    "is_working_day",
    "late_by",
    "possible_holidays",
    "season_of",
    "unknown_years",
    "working_days_between",
]

# China has kept UTC+8 without summer time since 1992, so a fixed offset needs no time zone files.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

# The longest runs of days off from 2004 to 2026 (8 to 10 days) held 6 Mondays to Fridays. Two more are granted, since
# a year of unknown holidays is where a mistake would accuse somebody.
MOST_WEEKDAYS_OFF = 8

# The notices for 2024, 2025 and 2026 are of 25 October, 12 November and 4 November of the year before.
NOTICE_MONTH = 11


class Day(NamedTuple):
    """A day, and whether the holiday notice of its year (and of all years that were looked at) is known."""

    day: date
    known: bool


class Span(NamedTuple):
    """Days of a stretch: working days, days off (weekends and holidays), whether all its years are known."""

    working: int
    off: int
    known: bool


class Late(NamedTuple):
    """How long after a deadline something happened.

    days: calendar days after the deadline, 0 if in time. off: how many of them were weekends or holidays.
    on_holiday: the deadline itself was no working day. known: the holiday notices of all years are known.
    """

    days: int
    off: int
    on_holiday: bool
    known: bool


def beijing_day(moment: datetime) -> date:
    """The date in Beijing at a moment (timezone-aware; ValueError if it is not)."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone; use UTC")
    return moment.astimezone(BEIJING).date()


def season_of(now: datetime) -> int:
    """The reporting year whose reports are due now: the year before, in Beijing."""
    return beijing_day(now).year - 1


def end_of_day(day: date) -> datetime:
    """The first moment after a day in Beijing, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING).astimezone(UTC)


@lru_cache(maxsize=4096)
def is_working_day(day: date) -> tuple[bool, bool]:
    """(working, known): whether a day is worked in China, make-up days included."""
    import chinese_calendar  # here, since it is slow to import and `--help` needs none of it

    try:
        return chinese_calendar.is_workday(day), True
    except NotImplementedError:  # the package's word for a year whose notice it does not have
        return day.weekday() < 5, False


def unknown_years(now: datetime) -> tuple[int, ...]:
    """The years that are needed at this moment, or soon, and whose holiday notice is not known: the one in which the
    reports of this season are due, and from November on, when its notice comes out, the next one."""
    today = beijing_day(now)
    needed = (today.year, today.year + 1) if today.month >= NOTICE_MONTH else (today.year,)
    return tuple(year for year in needed if not is_working_day(date(year, 1, 1))[1])


def first_working_day_after(day: date) -> Day:
    """The first working day after a day; `known` is False if any day looked at is in an unknown year."""
    known = True
    while True:
        day += timedelta(days=1)
        working, certain = is_working_day(day)
        known = known and certain
        if working:
            return Day(day, known)


def working_days_between(first: date, last: date) -> Span:
    """Working days and days off from first to last, both included; nothing at all if last is before first."""
    working = off = 0
    known = True
    for number in range((last - first).days + 1):
        worked, certain = is_working_day(first + timedelta(days=number))
        working, off, known = working + worked, off + (not worked), known and certain
    return Span(working, off, known)


def possible_holidays(known: bool) -> int:
    """How many Mondays to Fridays of a stretch could in truth be days off: none where the notices are known."""
    return 0 if known else MOST_WEEKDAYS_OFF


def late_by(due: date, done: date) -> Late:
    """How late `done` (a Beijing day) is after the deadline `due`, with the days off among those days counted."""
    due_working, due_known = is_working_day(due)
    span = working_days_between(due + timedelta(days=1), done)
    return Late(max(0, (done - due).days), span.off, not due_working, due_known and span.known)
