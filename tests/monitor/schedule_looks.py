"""The next look at one portal, as the tests of the calendar ask for it."""

from datetime import datetime, timedelta

from crawler.asking.hours import BEIJING, read_hours
from db.jobs import Job, LastRun
from monitor.config import Schedule
from monitor.watch.schedule import Due, PortalTime, upcoming

PORTAL = PortalTime("liuxi_county", read_hours("22:00-06:00"))
ONE_DAY = timedelta(days=1)
BRIEF = timedelta(seconds=40)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def look(portal: PortalTime, last: LastRun | None, schedule: Schedule, now: datetime) -> Due:
    """The next look at a portal."""
    job = Job("crawl", portal.id)
    (due,) = [one for one in upcoming([portal], {job: last} if last else {}, schedule, now) if one.job == job]
    return due


def ran(due: Due, at: datetime, outcome: str = "ok", failures: int = 0) -> LastRun:
    return LastRun(due.at, at, at + BRIEF, outcome, failures)


def fine(at: datetime) -> LastRun:
    return LastRun(at, at, at, "ok")
