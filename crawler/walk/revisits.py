"""When a known address is to be seen again. Pure.

That a report was withdrawn or revised can only be said of pages that are looked at; how often is declared in
config.toml, [crawl.revisit], and is a compromise between knowing soon and disturbing nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.asking.hours import BEIJING
from db.records import Outcome

_SEASON_ENDS = (5, 1)  # in the year after the reporting year: both deadlines lie before, and most corrections
_GONE_DAILY = 3  # a withdrawal is told only after it was seen on three days
_AFTER_FAILURES_DAYS = (0, 1, 3, 7)  # by failures in a row: the next crawl, then …; the last for all further ones


@dataclass(frozen=True, slots=True)
class RevisitPace:
    """Days between two looks at a page: in the season of its reporting year (until 30 April after it), then, and once
    the reporting year lies more than old_after_years back."""

    season_days: int = 7
    later_days: int = 30
    old_days: int = 365
    old_after_years: int = 3


def next_visit(
    *,
    year: int | None,
    found_at: datetime,
    outcome: Outcome,
    failures: int,
    now: datetime,
    pace: RevisitPace,
) -> datetime:
    """The time from which an address is due again.

    year: the reporting year, None where it is not known (then the year before it was found). outcome: of the visit
    just made. failures: visits in a row that did not show the page (refused, failed, gone), this one included. All
    times aware.
    """
    if outcome in ("blocked", "failed"):
        step = min(max(failures - 1, 0), len(_AFTER_FAILURES_DAYS) - 1)
        return now + timedelta(days=_AFTER_FAILURES_DAYS[step])
    if outcome == "gone":
        return now + timedelta(days=1 if failures <= _GONE_DAILY else pace.later_days)
    return now + timedelta(days=_days(year, found_at, now, pace))


def _days(year: int | None, found_at: datetime, now: datetime, pace: RevisitPace) -> int:
    if year is None:
        year = found_at.astimezone(BEIJING).year - 1
    here = now.astimezone(BEIJING)
    season_ends = datetime(year + 1, *_SEASON_ENDS, tzinfo=BEIJING)
    if here < season_ends:
        return pace.season_days
    return pace.old_days if here.year - year > pace.old_after_years else pace.later_days
