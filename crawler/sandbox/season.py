"""The reporting season: deadlines of Article 49, Beijing's working days, and the days that a demo plays."""

from datetime import UTC, date, datetime, time, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
DEADLINES = {"art49_department": (1, 31), "art49_government": (3, 31)}
# What `missing` takes: good reads on so many days, over so many working days.
READS_NEEDED = 3
WORKING_DAYS_NEEDED = 5


def at_beijing(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a Beijing day, in UTC."""
    return datetime.combine(day, time(hour, minute), BEIJING).astimezone(UTC)


def beijing_date(moment: datetime) -> date:
    """The day in Beijing at a moment."""
    return moment.astimezone(BEIJING).date()


def deadline(duty: str, year: int) -> date | None:
    """The last day for the report of a reporting year; None for a duty without a date."""
    month_day = DEADLINES.get(duty)
    return date(year + 1, *month_day) if month_day else None


def works(day: date) -> bool:
    """Whether a day is worked in China, make-up days included; Monday to Friday where the notice is not known."""
    import chinese_calendar  # slow to import

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def working_day_after(day: date, number: int) -> date:
    """The `number`-th working day after a day: 1 is the first one after it."""
    while number:
        day += timedelta(days=1)
        number -= works(day)
    return day


def demo_days(year: int) -> list[datetime]:
    """Moments of the season in which the reports of `year` are due, 10:00 in Beijing, in UTC, oldest first.

    Two before the departments' deadline; the second, fourth and eleventh working day after it (2024: 2, 5 and 20
    February, the holiday between them); the second and seventh after the governments' (2024: 2 and 10 April). So
    three reads on three days lie after the first working day past the deadline, and they span more than five
    working days whichever way one counts; on the day before there are two.
    """
    early, middle = date(year + 1, 1, 10), date(year + 1, 1, 25)
    days = [day if works(day) else working_day_after(day, 1) for day in (early, middle)]
    for duty, offsets in (("art49_department", (2, 4, 11)), ("art49_government", (2, 7))):
        last = deadline(duty, year)
        if last:
            days += [working_day_after(last, offset) for offset in offsets]
    return [at_beijing(day, 10) for day in days]


def provably_absent(duty: str, year: int, reads: list[datetime]) -> bool:
    """Whether these good reads prove a report's absence, counted strictly.

    Only reads after the first working day past the deadline count; they must fall on three days, and at least five
    working days must lie from the first to the last of them.
    """
    last = deadline(duty, year)
    if last is None:
        return False
    first_working = working_day_after(last, 1)
    days = sorted({day for day in map(beijing_date, reads) if day > first_working})
    return len(days) >= READS_NEEDED and days[-1] >= working_day_after(days[0], WORKING_DAYS_NEEDED)
