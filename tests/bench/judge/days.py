"""The calendar of a season as this country knows it: deadlines, working days, the days on which portals are crawled,
and the moments at which the archive is judged.

Written from the vocabulary; nothing of monitor/ is used, so that a slip there shows here.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8))
DEADLINES = {"art49_department": (1, 31), "art49_government": (3, 31)}
# (month, day, hour in Beijing) of the year after the reporting year. Lists are read early, before offices open, so that
# what is published on a day is seen on the next one. On the evening of each deadline they are read once more.
_CRAWLS = (
    (1, 6, 7), (1, 13, 7), (1, 20, 7), (1, 27, 7), (1, 31, 7),
    *((2, day, 7) for day in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 19, 22, 26)),
    *((3, day, 7) for day in (2, 6, 10, 14, 18, 22, 27, 31)),
    *((4, day, 7) for day in (1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 30)),
    *((month, day, 7) for month, day in ((6, 10), (8, 15), (8, 16), (8, 18), (10, 20), (12, 10))),
)  # fmt: skip
# Fewer of them, for a small country that is played in seconds.
_FEW_CRAWLS = (
    (1, 6, 7), (1, 13, 7), (1, 27, 7), (1, 31, 7),
    *((2, day, 7) for day in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 19, 26)),
    *((3, day, 7) for day in (10, 18, 27, 31)),
    *((4, day, 7) for day in (1, 2, 3, 6, 8, 10, 13, 25)),
    *((month, day, 7) for month, day in ((8, 15), (8, 16), (8, 18), (12, 10))),
)  # fmt: skip
# Shortly after a crawl each: before the deadline, after it, once absence can be proved, after corrections, in summer.
_JUDGED = ((1, 27, 12), (2, 3, 12), (2, 19, 12), (3, 10, 12), (4, 2, 12), (4, 13, 12), (8, 18, 12), (12, 10, 12))
_FEW_JUDGED = ((2, 3, 12), (2, 19, 12), (4, 13, 12), (8, 18, 12), (12, 10, 12))


def beijing(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a Beijing day, in UTC."""
    return datetime.combine(day, time(hour, minute), BEIJING).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day in Beijing at a moment."""
    return moment.astimezone(BEIJING).date()


@lru_cache(maxsize=4096)
def works(day: date) -> bool:
    """Whether a day is worked in China, make-up days included."""
    import chinese_calendar  # slow to import

    return bool(chinese_calendar.is_workday(day))


def deadline(duty: str, year: int) -> date | None:
    """The last day for the report of a reporting year; None for a duty without a date."""
    last = DEADLINES.get(duty)
    return date(year + 1, *last) if last else None


def working_day_after(day: date, number: int = 1) -> date:
    """The `number`-th working day after a day."""
    while number:
        day += timedelta(days=1)
        number -= works(day)
    return day


def working_day_from(day: date, *, back: bool = False) -> date:
    """The day itself if it is worked, else the next (or, back, the last) one that is."""
    while not works(day):
        day += timedelta(days=-1 if back else 1)
    return day


def crawls_of(year: int, *, few: bool = False) -> list[datetime]:
    """When the portals are crawled in the season of a reporting year, oldest first, in UTC. few: on fewer days."""
    return [beijing(date(year + 1, month, day), hour) for month, day, hour in (_FEW_CRAWLS if few else _CRAWLS)]


def judged_at(year: int, *, few: bool = False) -> list[datetime]:
    """When the archive is judged in that season, in UTC."""
    return [beijing(date(year + 1, month, day), hour) for month, day, hour in (_FEW_JUDGED if few else _JUDGED)]


def working_days(first: date, last: date) -> int:
    """How many days are worked from first to last, both included."""
    return sum(works(first + timedelta(days=n)) for n in range((last - first).days + 1))


def each_day(first: date, last: date) -> Iterator[date]:
    """The days from first to last, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
