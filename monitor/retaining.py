"""Which list pages a deployment's settings allow to be given up: the dates for db.keeping.retention."""

from datetime import UTC, datetime, timedelta

from db.keeping.retention import Due
from monitor.calendar import BEIJING, end_of_day
from monitor.duties import (
    DUTIES,
    FIRST_REPORTING_YEAR,
    LOCAL,
    NO_DATE,
    NO_LOCAL,
    LocalRules,
    deadline,
    due_of,
)

_SEASON_MONTHS = range(1, 5)  # January to April: both deadlines, and most of what comes late


def keep_from(now: datetime, days: int) -> datetime:
    """What was seen from this moment on is kept: of the last days, and of the season that is running."""
    here = now.astimezone(BEIJING)
    kept = now - timedelta(days=days)
    if here.month in _SEASON_MONTHS:
        kept = min(kept, datetime(here.year, 1, 1, tzinfo=BEIJING).astimezone(UTC))
    return kept


def owed_until(now: datetime, local: LocalRules = NO_LOCAL) -> list[Due]:
    """Every deadline of a dated duty that has passed, and every date that a region has set where the law sets none."""
    found = []
    years = range(FIRST_REPORTING_YEAR, now.astimezone(BEIJING).year + 1)
    for duty in DUTIES:
        for year in years:
            due = deadline(duty, year)
            if due is not None and end_of_day(due) <= now:
                found.append(Due(duty, year, end_of_day(due)))
    for rule in local:
        for year in filter(rule.holds_for, years):
            dated = due_of(NO_DATE, year, region_code=rule.region_code, organ=rule.organ, local=LocalRules([rule]))
            if dated is not None and dated.name == LOCAL and end_of_day(dated.deadline(year)) <= now:
                found.append(Due(NO_DATE, year, end_of_day(dated.deadline(year)), rule.organ, rule.region_code))
    return found
