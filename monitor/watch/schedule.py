"""What runs when, and why: a pure function of the settings, the last runs and the time.

A job is due where a time of its calendar has come that its last run was not for. However many were missed, they are
made good by one run. A run that failed is tried again after a pause that grows, and until then it has no other times.
What was written down by a clock that went wrong (more than a day ahead of now) counts for nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from crawler.asking.hours import BEIJING, Hours, read_hours
from db.jobs import CRAWL, FAILED, KILLED, OK, Job, LastRun
from monitor.config import Schedule
from monitor.watch.season import Pace, deadline_near, is_of_season
from monitor.watch.slots import DAY_S, HOUR_S, Looks, Slots, daily, hourly, weekly

__all__ = ["Due", "Job", "LastRun", "PortalTime", "in_words", "planned", "upcoming"]

JUDGE, MANIFEST, BACKUP, VERIFY, DIGEST, SELFWATCH = "judge", "manifest", "backup", "verify", "digest", "selfwatch"

_FIRST_PAUSE_S = HOUR_S // 2
_REFUSED_PAUSE_S = 6 * HOUR_S
_LONGEST_PAUSE_S = 2 * DAY_S
_LONGEST_REST_S = HOUR_S // 4  # between two judgements, while crawls end all the time
_NEVER = "never done yet"


class PortalTime(NamedTuple):
    """A portal and its hours; None where its file gives none."""

    id: str
    hours: Hours | None = None


class Due(NamedTuple):
    """When a job runs next, by the calendar; due once that is not after now. missed: how many earlier times of the
    calendar this run makes good."""

    job: Job
    at: datetime
    why: str
    missed: int = 0


class _Own(NamedTuple):
    """A job of the deployment itself."""

    slots: Slots
    period_s: int
    why: str
    at_once: bool = True  # where it never ran


def upcoming(
    portals: Iterable[PortalTime], runs: Mapping[Job, LastRun], settings: Schedule, now: datetime
) -> list[Due]:
    """The next time of every job, sorted by time; those that are not after `now` are due.

    A job that runs has its next time after now. portals: all those of the deployment.
    """
    moment = _seconds(now)
    due = [_look(looks, runs.get(Job(CRAWL, id_)), moment) for id_, looks in _all_looks(portals, settings)]
    for name, own in _own_jobs(settings).items():
        job = Job(name)
        found = _own(job, own, runs, moment)
        due.append(_judgement(found, own, runs, moment) if name == JUDGE else found)
    return sorted(due, key=lambda one: (one.at, one.job))


def planned(
    portals: Iterable[PortalTime], runs: Mapping[Job, LastRun], settings: Schedule, now: datetime, until: datetime
) -> Iterator[Due]:
    """All times from now to a moment, sorted, if each run is fine; what is hourly is there once, and of judgements the
    daily ones."""
    portals = list(portals)
    rows: dict[Job, Slots] = {Job(CRAWL, id_): looks for id_, looks in _all_looks(portals, settings)}
    rows |= {Job(name): own.slots for name, own in _own_jobs(settings).items() if own.period_s > HOUR_S}
    end, all_due = _seconds(until), []
    for due in upcoming(portals, runs, settings, now):
        if due.at > until:
            continue
        all_due.append(due)
        slots = rows.get(due.job)
        moment = max(_seconds(due.at), _seconds(now))
        while slots is not None and (moment := slots.after(moment)) <= end:
            why = _why_look(slots, moment) if isinstance(slots, Looks) else _own_jobs(settings)[due.job.name].why
            all_due.append(Due(due.job, _time(moment), why))
    yield from sorted(all_due, key=lambda one: (one.at, one.job))


def in_words(moment: datetime) -> str:
    """2026-02-02 08:10, in Beijing."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


# Portals


def _all_looks(portals: Iterable[PortalTime], settings: Schedule) -> Iterator[tuple[str, Looks]]:
    usual = read_hours(settings.hours)
    pace = Pace(settings.season_runs, settings.deadline_runs, settings.later_days)
    for portal in portals:
        yield portal.id, _looks(portal.id, portal.hours or usual, pace, settings.jitter_minutes * 60)


@lru_cache(maxsize=16_384)
def _looks(portal: str, hours: Hours, pace: Pace, jitter_s: int) -> Looks:
    return Looks(portal, hours, pace, jitter_s)


def _look(looks: Looks, last: LastRun | None, now: int) -> Due:
    """When a portal is looked at next."""
    job = Job(CRAWL, looks.portal)
    if last is not None and last.looked_at is not None and _is_credible(last.looked_at, now):
        last = _with_look(last, last.looked_at, now)
    if last is None:
        return Due(job, _time(max(now, looks.within(0, now))), "never looked at yet")
    if not _is_credible(_latest(last), now):
        why = f"the last look has the date {in_words(last.started_at)}, which is to come"
        return Due(job, _time(max(now, looks.within(0, now))), why)
    if last.outcome is None:
        after = looks.after(now)
        return Due(job, _time(after), _why_look(looks, after))
    since = _seconds(_covered(last))
    if last.outcome != OK:
        ready = _ready_again(last, _LONGEST_PAUSE_S)
        if not is_of_season(ended := _beijing_date(_latest(last))):
            # Longer where nobody waits, but not into the season.
            longer = _ready_again(last, max(_LONGEST_PAUSE_S, looks.later_days * DAY_S))
            ready = max(ready, min(longer, _seconds(datetime(ended.year + 1, 1, 1, tzinfo=BEIJING))))
        at = looks.within(ready, now)
        return _made_good(job, at, _why_again(last), looks, _held_back(last, since, ready))
    passed = looks.last(now)
    at = looks.within(passed, now) if passed > since else looks.after(max(now, since))
    why = _why_look(looks, at)
    if not last.is_whole and (rest := looks.within(looks.each_day().next_day(since), now)) < at:
        at, why = rest, "the last look left pages to this one"
    return _made_good(job, at, why, looks, since)


def _made_good(job: Job, at: int, why: str, slots: Slots, since: int) -> Due:
    """What is due at a moment, with the times of the calendar between the last run and then."""
    missed = slots.count(since, at - 1)
    if missed:
        what = "look" if job.name == CRAWL else "time"
        first = in_words(_time(slots.after(since)))
        why += f"; {missed} {what}{'' if missed == 1 else 's'} missed since {first}"
    return Due(job, _time(at), why, missed)


def _why_look(looks: Looks, at: int) -> str:
    day = looks.day(at)
    return _words_of_day(day, looks.looks_on(day), looks.later_days)


@lru_cache(maxsize=4096)
def _words_of_day(day: int, looks: int, later_days: int) -> str:
    here = date.fromordinal(day)
    if not is_of_season(here):
        return f"a look every {later_days} days out of the season" if later_days > 1 else "daily look"
    deadline = deadline_near(here)
    when = f"around the deadline of {deadline.day} {deadline:%B}" if deadline else "in the season"
    return f"daily look {when}" if looks == 1 else f"one of {looks} looks a day {when}"


# Jobs of the deployment


@lru_cache(maxsize=16)
def _own_jobs(settings: Schedule) -> dict[str, _Own]:
    jobs = {
        JUDGE: _Own(daily("06:30"), DAY_S, "daily at the latest"),
        MANIFEST: _Own(daily("00:20"), DAY_S, "daily"),
        SELFWATCH: _Own(hourly(5), HOUR_S, "hourly"),
    }
    if settings.backup:
        jobs[BACKUP] = _Own(daily(settings.backup), DAY_S, "daily")
    if settings.verify:
        jobs[VERIFY] = _Own(weekly(settings.verify), 7 * DAY_S, "weekly")
    if settings.digest:
        # A first one tells nothing before there was a week to tell of.
        jobs[DIGEST] = _Own(weekly(settings.digest), 7 * DAY_S, "weekly", at_once=False)
    return jobs


def _own(job: Job, own: _Own, runs: Mapping[Job, LastRun], now: int) -> Due:
    last = runs.get(job)
    if last is not None and not _is_credible(_latest(last), now):
        why = f"the last run has the date {in_words(last.started_at)}, which is to come"
        return Due(job, _time(now), why)
    if last is None and own.at_once:
        return Due(job, _time(now), _NEVER)
    if last is None:
        # Since the watch began, as far as one can tell.
        began = min((_seconds(run.started_at) for run in runs.values()), default=now)
        return _by_calendar(job, own, min(began, now), now)
    if last.outcome is None:
        return Due(job, _time(own.slots.after(now)), own.why)
    since = _seconds(_covered(last))
    if last.outcome == OK:
        return _by_calendar(job, own, since, now)
    ready = _ready_again(last, min(DAY_S, own.period_s))
    return _made_good(job, ready, _why_again(last), own.slots, _held_back(last, since, ready))


def _by_calendar(job: Job, own: _Own, since: int, now: int) -> Due:
    passed = own.slots.last(now)
    at = passed if passed > since else own.slots.after(max(now, since))
    return _made_good(job, at, own.why, own.slots, since)


def _judgement(daily_one: Due, own: _Own, runs: Mapping[Job, LastRun], now: int) -> Due:
    """The next judgement: soon after crawls, and at its daily time."""
    last = runs.get(Job(JUDGE))
    if last is None or last.outcome != OK or last.ended_at is None or not _is_credible(_latest(last), now):
        return daily_one
    crawls = (run for job, run in runs.items() if job.name == CRAWL)
    since = ([end for end in _ends(run) if end > last.started_at and _seconds(end) <= now] for run in crawls)
    ends = [min(some) for some in since if some]
    if not ends:
        return daily_one
    # Where there is much to judge, no more than half of the time is spent on it.
    rest = min(_LONGEST_REST_S, max(0, _seconds(last.ended_at) - _seconds(last.started_at)))
    at = _time(max(_seconds(min(ends)), _seconds(last.ended_at) + rest))
    if daily_one.at <= at:
        return daily_one
    return Due(Job(JUDGE), at, "a crawl has ended since" if len(ends) == 1 else f"{len(ends)} crawls have ended since")


def _ends(run: LastRun) -> list[datetime]:
    return [end for end in (run.ended_at, run.looked_at) if end is not None]


# Last runs


def _with_look(last: LastRun, looked: datetime, now: int) -> LastRun:
    """A last run, and a look since then: what people looked at by hand is as good as looked at by the calendar."""
    if not _is_credible(_latest(last), now):
        return LastRun(looked, looked, looked, OK, is_whole=last.is_whole)
    # Who writes down that a run was killed may come long after it was.
    end = last.started_at if last.outcome == KILLED else last.ended_at
    if end is None or looked <= end:
        return last
    return last._replace(ended_at=looked, outcome=OK, failures=0, is_refused=False)


def _ready_again(last: LastRun, longest: int) -> int:
    """When what failed may be tried again."""
    ended = _seconds(last.ended_at or last.started_at)
    if _goes_on(last):
        return ended  # most likely the machine went down, or the watch was ended: it goes on at once
    first = _REFUSED_PAUSE_S if last.is_refused else _FIRST_PAUSE_S
    return ended + min(longest, first << min(max(last.failures - 1, 0), 16))


def _held_back(last: LastRun, since: int, ready: int) -> int:
    """Up to when no time of the calendar was missed: those in a pause were held back."""
    return since if _goes_on(last) else max(since, ready)


def _goes_on(last: LastRun) -> bool:
    return last.outcome == KILLED and last.failures <= 1


def _why_again(last: LastRun) -> str:
    if _goes_on(last):
        return f"goes on with the one that was broken off at {in_words(last.started_at)}"
    how = "was refused" if last.is_refused else "failed" if last.outcome == FAILED else "was broken off"
    return f"tried again: {how}" + (f"; {last.failures} failures in a row" if last.failures > 1 else "")


def _covered(last: LastRun) -> datetime:
    """The times of the calendar up to this one need no other run: those in a run are that run's."""
    ended = last.ended_at if last.outcome != KILLED and last.ended_at else last.started_at
    return max(last.due_at, last.started_at, ended)


def _latest(last: LastRun) -> datetime:
    return max(last.due_at, last.started_at, last.ended_at or last.started_at)


def _is_credible(moment: datetime, now: int) -> bool:
    """False for what lies more than a day ahead: the clock was wrong, then or now."""
    return _seconds(moment) <= now + DAY_S


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp() // 1)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _beijing_date(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()
