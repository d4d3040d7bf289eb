"""What is not read well for too long. The one truth about it, for `nianbao doctor` and for the self-watch. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.calendar import BEIJING

SEASON = range(1, 5)
"""The months, in Beijing, in which reports are published."""

SETTLING = timedelta(days=2)
"""So long after a season's beginning nothing is called stale: before it lists were read every few days only."""


def in_season(now: datetime) -> bool:
    """Whether reports are published now."""
    return now.astimezone(BEIJING).month in SEASON


def season_began(now: datetime) -> datetime:
    """The first moment of this year in Beijing, with which its season begins."""
    return datetime(now.astimezone(BEIJING).year, 1, 1, tzinfo=BEIJING)


def stale_columns(good: Mapping[str, datetime | None], stale_days: int, now: datetime) -> dict[str, datetime | None]:
    """The columns of a portal that were not read well for so many days, in the season; what is stale longest first.

    good: column -> when it was last read well, None for never. An absence there cannot be told.
    """
    if not in_season(now):
        return {}
    limit = timedelta(days=stale_days)
    settled = season_began(now) + SETTLING - limit
    stale = {url: at for url, at in good.items() if at is None or now - max(at, settled) > limit}
    return dict(sorted(stale.items(), key=lambda item: (item[1] is not None, item[1] or now, item[0])))
