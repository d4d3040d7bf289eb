"""How often a portal is looked at on a day, as the season of reports goes. Pure; days are days in Beijing."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from monitor.calendar import is_working_day, possible_holidays
from monitor.duties import DEPARTMENTS, GOVERNMENTS
from monitor.watch.stale import SEASON

_DAYS_BEFORE = 5
_WORKING_DAYS_AFTER = 10  # an absence is proved by reads on several working days after the deadline


class Near(NamedTuple):
    """The days around a deadline, first and last included."""

    deadline: date
    first: date
    last: date


class Pace(NamedTuple):
    """Looks a day: in the season, and around a deadline. later_days: days between two looks out of the season."""

    season_runs: int
    deadline_runs: int
    later_days: int


def is_of_season(day: date) -> bool:
    """Whether reports are published on this day."""
    return day.month in SEASON


def season_end(year: int) -> date:
    """The first day after the season, which begins with the year."""
    return date(year, SEASON.stop, 1)


@lru_cache(maxsize=64)
def near_deadlines(year: int) -> tuple[Near, ...]:
    """The days around the deadlines of a year: from 5 days before until the tenth working day after, since Spring
    Festival lies there. Where the holidays of the year are not known, as many days more as they could take."""
    return tuple(
        Near(due, due - timedelta(days=_DAYS_BEFORE), _working_days_after(due, _WORKING_DAYS_AFTER))
        for due in (DEPARTMENTS.deadline(year - 1), GOVERNMENTS.deadline(year - 1))
    )


def deadline_near(day: date) -> date | None:
    """The deadline around which this day lies; None where it lies around none."""
    return next((near.deadline for near in near_deadlines(day.year) if near.first <= day <= near.last), None)


@lru_cache(maxsize=8192)
def season_looks(day: int, pace: Pace) -> int | None:
    """Looks on a day (proleptic ordinal) of the season; None out of the season."""
    here = date.fromordinal(day)
    if not is_of_season(here):
        return None
    return pace.deadline_runs if deadline_near(here) else pace.season_runs


@lru_cache(maxsize=256)
def _season_sums(year: int, pace: Pace) -> tuple[int, ...]:
    """Looks from 1 January of a year up to each day of its season, that day included; before them a 0."""
    first, end = date(year, 1, 1).toordinal(), season_end(year).toordinal()
    sums = [0]
    for day in range(first, end):
        sums.append(sums[-1] + (season_looks(day, pace) or 0))
    return tuple(sums)


def looks_between(after: int, until: int, pace: Pace, phase: int) -> int:
    """Looks on the days (ordinals) after one, up to and with another. phase: see `is_later_look`."""
    if until <= after:
        return 0
    first, last = date.fromordinal(after).year, date.fromordinal(until).year
    whole = sum(_in_year(date(year, 12, 31).toordinal(), year, pace, phase) for year in range(first, last))
    return whole + _in_year(until, last, pace, phase) - _in_year(after, first, pace, phase)


def is_later_look(day: int, pace: Pace, phase: int) -> bool:
    """Whether a day out of the season is one of those with a look. phase: a portal's own number, so that not all have
    the same days."""
    return (day + phase) % pace.later_days == 0


def _in_year(day: int, year: int, pace: Pace, phase: int) -> int:
    """Looks from 1 January of its year up to a day."""
    sums = _season_sums(year, pace)
    off = season_end(year).toordinal()
    if day < off:
        return sums[day - date(year, 1, 1).toordinal() + 1]
    return sums[-1] + (day + phase) // pace.later_days - (off - 1 + phase) // pace.later_days


def _working_days_after(day: date, count: int) -> date:
    known, counted = True, 0
    while counted < count + possible_holidays(known):
        day += timedelta(days=1)
        working, certain = is_working_day(day)
        known, counted = known and certain, counted + working
    return day
