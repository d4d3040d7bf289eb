"""What the archive is told of holidays, deadlines and local rules, so that SQL alone can say who was late."""

from datetime import datetime
from importlib.metadata import version

from db.almanac import CalendarDay, Deadline
from db.archive import Archive
from db.local_rules import LocalRules
from db.times import to_text
from monitor.calendar import end_of_day, first_working_day_after, is_working_day, possible_holidays, unknown_years
from monitor.config import Config
from monitor.duties import DUTIES, FIRST_REPORTING_YEAR, dated_duty


def keep_almanac(archive: Archive, local: LocalRules | None = None) -> None:
    """Write down the calendar of all years whose holiday notices are known, the deadlines of every dated duty to the
    reporting year after the last of them, and the local rules; None leaves those that the archive has. Where it has
    them all, nothing is written."""
    days = _calendar()
    archive.almanac.keep(days, _deadlines(last_year=int(days[-1].day[:4]) + 1))
    if local is not None:
        archive.almanac.keep_local_rules(local)


def local_rules_of(config: Config) -> LocalRules | None:
    """The local rules that the settings name; None where they name none. Raises ConfigError with every fault."""
    if config.local_rules is None:
        return None
    from crawler.register.local_rules import load_local_rules

    return load_local_rules(config.local_rules)


def holidays_unknown(now: datetime) -> tuple[str, str] | None:
    """What to say while the public holidays of a year that is needed now are not known, and what to do about it; None
    where all are known."""
    years = unknown_years(now)
    if not years:
        return None
    what = (
        f"the public holidays of {' and '.join(map(str, years))} are not known: the package chinesecalendar"
        f" {version('chinesecalendar')} ends with {_calendar()[-1].day[:4]}, so that a report due in"
        f" {years[0]} is called missing {possible_holidays(known=False)} Mondays to Fridays later than it could be"
    )
    return what, "once the State Council has announced them, update that package, or nianbao"


def _calendar() -> list[CalendarDay]:
    """The holidays from Monday to Friday, and the Saturdays and Sundays that are worked, in order."""
    from chinese_calendar import constants  # here, since it is slow to import

    notice = f"chinesecalendar {version('chinesecalendar')}: General Office of the State Council, holiday notice for"
    days = []
    for day, name in sorted({**constants.holidays, **constants.workdays}.items()):
        is_workday = day in constants.workdays
        if is_workday == (day.weekday() >= 5):
            # A weekend of December is worked for the New Year's Day of the next year's notice.
            year = day.year + (name == "New Year's Day" and day.month == 12)
            days.append(CalendarDay(day.isoformat(), int(is_workday), name, f"{notice} {year}"))
    return days


def _deadlines(last_year: int) -> list[Deadline]:
    """By duty as agencies have it: where one date held for all, each duty has it."""
    deadlines = []
    for duty in DUTIES:
        for year in range(FIRST_REPORTING_YEAR, last_year + 1):
            if (dated := dated_duty(duty, year)) is None:
                continue
            due = dated.deadline(year)
            is_worked, known = is_working_day(due)
            following = first_working_day_after(due)
            deadlines.append(
                Deadline(
                    duty,
                    year,
                    due_on=due.isoformat(),
                    due_until=to_text(end_of_day(due)),
                    is_workday=int(is_worked) if known else None,
                    next_workday=following.day.isoformat() if following.known else None,
                    basis_zh=dated.source_zh,
                    basis_en=dated.source_en,
                )
            )
    return deadlines
