"""Days and moments in words, in Chinese and English; moments in Beijing time."""

from datetime import date, datetime

from monitor.calendar import BEIJING

# Not strftime: its month names follow the machine's locale.
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def day_words(day: date) -> tuple[str, str]:
    """("2026年1月31日", "31 January 2026")."""
    return f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment_words(moment: datetime) -> tuple[str, str]:
    """("2026年2月9日10时05分", "10:05 on 9 February 2026"), Beijing time. moment: timezone-aware."""
    there = moment.astimezone(BEIJING)
    zh, en = day_words(there.date())
    return f"{zh}{there.hour}时{there.minute:02d}分", f"{there.hour}:{there.minute:02d} on {en}"
