"""The hours of a portal: when it may be asked, in Beijing time. Pure."""

import re
from datetime import datetime, time, timedelta, timezone
from typing import NamedTuple

# China keeps one time and has had no summer time since 1991.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_SPAN = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)")


class Hours(NamedTuple):
    """From `begin` up to, not including, `end`; over midnight where end is not after begin; the same: all day."""

    begin: time
    end: time

    def are_open(self, at: datetime) -> bool:
        """Whether a moment (aware) lies within them."""
        now = at.astimezone(BEIJING).time()
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself where it lies within them, else when they next begin."""
        if self.are_open(at):
            return at
        here = at.astimezone(BEIJING)
        opening = datetime.combine(here.date(), self.begin, BEIJING)
        return opening if opening > here else opening + timedelta(days=1)


def read_hours(text: str) -> Hours:
    """ "22:00-06:00". ValueError for anything else."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f'must be a span of Beijing time, as in "22:00-06:00" (found {text!r})')
    return Hours(time.fromisoformat(match[1]), time.fromisoformat(match[2]))


def beijing_day(at: datetime) -> str:
    """The day in Beijing of a moment (aware), as ISO text."""
    return at.astimezone(BEIJING).date().isoformat()
