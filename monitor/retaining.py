"""Which list pages a deployment's settings allow to be given up: the dates for db.keeping.retention."""

from datetime import UTC, datetime, timedelta

from db.keeping.retention import Due
from monitor.calendar import BEIJING, end_of_day
from monitor.duties import DUTIES, FIRST_REPORTING_YEAR, deadline

_SEASON_MONTHS = range(1, 5)  # January to April: both deadlines, and most of what comes late


def keep_from(now: datetime, days: int) -> datetime:
    """What was seen from this moment on is kept: of the last days, and of the season that is running."""
    here = now.astimezone(BEIJING)
    kept = now - timedelta(days=days)
    if here.month in _SEASON_MONTHS:
        kept = min(kept, datetime(here.year, 1, 1, tzinfo=BEIJING).astimezone(UTC))
    return kept


def owed_until(now: datetime) -> list[Due]:
    """Every deadline of a dated duty that has passed."""
    found = []
    for duty in DUTIES:
        for year in range(FIRST_REPORTING_YEAR, now.astimezone(BEIJING).year + 1):
            due = deadline(duty, year)
            if due is not None and end_of_day(due) <= now:
                found.append(Due(duty, year, end_of_day(due)))
    return found
