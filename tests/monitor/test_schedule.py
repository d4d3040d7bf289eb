"""What is due when: the looks at portals, in every season, after every gap and failure."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.asking.hours import BEIJING, Hours, read_hours
from db.jobs import Job, LastRun
from monitor.config import Schedule
from monitor.watch.schedule import PortalTime, planned, upcoming
from monitor.watch.season import deadline_near, near_deadlines
from tests.monitor.schedule_looks import BRIEF, ONE_DAY, PORTAL, beijing, fine, look, ran

minutes = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
portals = st.builds(
    PortalTime, st.sampled_from(["a", "liuxi_county", "z9"]), st.none() | st.builds(Hours, minutes, minutes)
)
schedules = st.builds(
    Schedule,
    season_runs=st.integers(1, 12),
    deadline_runs=st.integers(1, 24),
    later_days=st.integers(1, 60),
    jitter_minutes=st.integers(0, 360),
    hours=st.sampled_from(["07:00-22:00", "23:59-00:00", "00:00-00:00", "21:30-03:00"]),
)
moments = st.datetimes(datetime(2019, 1, 1), datetime(2033, 12, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
gaps = st.timedeltas(timedelta(0), timedelta(days=900))


def walk(portal: PortalTime, schedule: Schedule, start: datetime, end: datetime, last: LastRun) -> list[datetime]:
    """The times of all looks, where what is due is run at its time."""
    times = []
    now = start
    while (due := look(portal, last, schedule, now)).at < end:
        now = max(now, due.at)
        times.append(now)
        last = LastRun(due.at, now, now, "ok")
    return times


def open_hours(portal: PortalTime, schedule: Schedule) -> Hours:
    return portal.hours or read_hours(schedule.hours)


def day_of(moment: datetime, hours: Hours) -> date:
    """The day on which the hours began that a moment lies in."""
    return (moment.astimezone(BEIJING) - timedelta(hours=hours.begin.hour, minutes=hours.begin.minute)).date()


def expected_looks(day: date, schedule: Schedule) -> int | None:
    """By the settings; None where only the distance is known. The days around the deadlines are written out."""
    near = {2026: [("01-26", "02-13"), ("03-26", "04-15")], 2025: [("01-26", "02-17"), ("03-26", "04-15")]}
    if day.month > 4:
        return None
    here = f"{day:%m-%d}"
    return schedule.deadline_runs if any(a <= here <= b for a, b in near[day.year]) else schedule.season_runs


@pytest.mark.parametrize(
    ("year", "spans"),
    [
        # Spring Festival of 2025 lasted until 4 February; Saturday 8 February was worked.
        (2025, [("2025-01-26", "2025-02-17"), ("2025-03-26", "2025-04-15")]),
        (2026, [("2026-01-26", "2026-02-13"), ("2026-03-26", "2026-04-15")]),
        # Its holidays are not known: eight more Mondays to Fridays.
        (2090, [("2090-01-26", "2090-02-24"), ("2090-03-26", "2090-04-26")]),
    ],
)
def test_the_days_around_the_deadlines(year: int, spans: list[tuple[str, str]]) -> None:
    assert [(f"{near.first}", f"{near.last}") for near in near_deadlines(year)] == spans
    for near in near_deadlines(year):
        assert deadline_near(near.first) == deadline_near(near.last) == near.deadline
        assert deadline_near(near.first - ONE_DAY) is deadline_near(near.last + ONE_DAY) is None


@settings(max_examples=25)
@given(portals, schedules, st.sampled_from([2025, 2026]))
def test_a_year_of_doing_what_is_due_is_what_the_settings_say(
    portal: PortalTime, schedule: Schedule, year: int
) -> None:
    hours = open_hours(portal, schedule)
    start = datetime.combine(date(year, 1, 1), hours.begin, BEIJING)
    end = datetime.combine(date(year + 1, 1, 1), hours.begin, BEIJING)
    times = walk(portal, schedule, start, end, fine(start - timedelta(seconds=1)))
    assert times == sorted(set(times))
    assert all(hours.are_open(moment) for moment in times)
    looks = Counter(day_of(moment, hours) for moment in times)
    days = [start.date() + ONE_DAY * number for number in range((end - start).days)]
    assert all(looks[day] == expected_looks(day, schedule) for day in days if expected_looks(day, schedule) is not None)
    later = sorted(day for day in looks if expected_looks(day, schedule) is None)
    assert all(looks[day] == 1 for day in later)
    assert {after - before for before, after in pairwise(later)} == {ONE_DAY * schedule.later_days}
    assert later[0] - date(year, 5, 1) < ONE_DAY * schedule.later_days
    assert date(year, 12, 31) - later[-1] < ONE_DAY * schedule.later_days


@settings(max_examples=150)
@given(
    portals, schedules, moments, gaps,
    st.sampled_from(["ok", "failed", "killed", None]), st.integers(1, 40), st.booleans(), st.booleans(),
)  # fmt: skip
def test_every_time_lies_within_the_hours(
    portal: PortalTime, schedule: Schedule, now: datetime, gap: timedelta, outcome: str | None, failures: int,
    is_refused: bool, is_whole: bool,
) -> None:  # fmt: skip
    hours, at = open_hours(portal, schedule), now - gap
    ended = at if outcome else None
    last = LastRun(at, at, ended, outcome, 0 if outcome == "ok" else failures, is_refused, is_whole)
    for state in (last, None, fine(now + gap)):
        due = look(portal, state, schedule, now)
        assert hours.are_open(due.at)
        assert due.at > now or hours.are_open(now), "what is due may be asked now"
        assert due.missed >= 0 and due.why


@settings(max_examples=80)
@given(portals, schedules, moments, gaps)
def test_what_was_missed_is_made_good_once(
    portal: PortalTime, schedule: Schedule, now: datetime, gap: timedelta
) -> None:
    last = fine(now - gap)
    due = look(portal, last, schedule, now)
    begun = max(now, due.at)
    # Until it runs, however late, it stays one and the same run, while its hours last.
    assert look(portal, last, schedule, begun)[:2] == (due.job, due.at)
    done = ran(due, begun)
    following = look(portal, done, schedule, begun + BRIEF)
    assert following.at > begun + BRIEF or following.at > due.at
    assert following.missed == 0
    if gap < timedelta(days=40):
        slots = walk(portal, schedule, last.started_at, due.at, last)
        assert due.missed == len(slots)
        assert (f"; {due.missed} look" in due.why) == (due.missed > 0)


@settings(max_examples=25)
@given(portals, schedules, moments, st.integers(1, 3000), st.randoms())
def test_no_look_is_due_twice_for_the_same_time(
    portal: PortalTime, schedule: Schedule, start: datetime, tick_s: int, chance: Random
) -> None:
    """Ticks of any length, runs of any length, the watch killed at times: each run has a time of its own."""
    last: LastRun | None = fine(start)
    now, began = start, []
    for _ in range(300):
        now += timedelta(seconds=chance.randint(1, tick_s))
        due = look(portal, last, schedule, now)
        if due.at > now:
            now = max(now, due.at - timedelta(seconds=chance.randint(0, 5)))
            continue
        began.append(due.at)
        ended = now + timedelta(seconds=chance.randint(0, 4000))
        last, now = LastRun(due.at, now, ended, "ok"), ended
    assert began == sorted(set(began))


@given(portals, schedules, moments, st.booleans())
@settings(max_examples=40)
def test_pauses_after_failures_grow_and_end(
    portal: PortalTime, schedule: Schedule, start: datetime, is_refused: bool
) -> None:
    due = look(portal, fine(start), schedule, start)
    now = due.at
    for failures in range(1, 14):
        last = LastRun(due.at, now, now, "failed", failures, is_refused)
        due = look(portal, last, schedule, now)
        wanted = timedelta(hours=6 if is_refused else 0.5) * 2 ** (failures - 1)
        longest = timedelta(days=2 if now.astimezone(BEIJING).month < 5 else max(2, schedule.later_days))
        assert due.at - now >= min(wanted, timedelta(days=2))
        # Then it is tried as soon as its hours allow.
        assert due.at - now <= min(wanted, longest) + ONE_DAY
        assert due.missed == 0
        assert look(portal, last, schedule, due.at - timedelta(seconds=1)).at == due.at, "regular times are held back"
        now = due.at
    regular = look(portal, LastRun(due.at, now, now, "ok"), schedule, now)
    assert regular == look(portal, fine(now), schedule, now)


@pytest.mark.parametrize(
    ("start", "is_refused", "hours"),
    [
        ("2026-02-03 12:00", False, [0.5, 1, 2, 4, 8, 16, 32, 48, 48]),
        ("2026-02-03 12:00", True, [6, 12, 24, 48, 48]),
        ("2026-07-03 12:00", False, [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 168, 168]),
        ("2026-07-03 12:00", True, [6, 12, 24, 48, 96, 168, 168]),
    ],
)
def test_how_long_the_pauses_are(start: str, is_refused: bool, hours: list[float]) -> None:
    portal, now = PortalTime("p", read_hours("00:00-00:00")), beijing(start)
    for failures, pause in enumerate(hours, start=1):
        due = look(portal, LastRun(now, now, now, "failed", failures, is_refused), Schedule(), now)
        assert due.at - now == timedelta(hours=pause)
        now = due.at


def test_a_long_pause_does_not_reach_into_the_season() -> None:
    portal, now = PortalTime("p"), beijing("2026-12-20 12:00")
    last = LastRun(now, now, now, "failed", 20, True)
    assert look(portal, last, Schedule(later_days=60), now).at.astimezone(BEIJING).date() == date(2027, 1, 1)


@given(schedules, moments, st.randoms())
@settings(max_examples=20)
def test_order_and_repetition_make_no_difference(schedule: Schedule, now: datetime, chance: Random) -> None:
    names = [PortalTime(f"portal{number}", PORTAL.hours if number % 2 else None) for number in range(12)]
    runs = {
        Job("crawl", name.id): fine(now - timedelta(hours=chance.randint(0, 5000)))
        for name in names
        if chance.random() < 0.8
    }
    found = upcoming(names, runs, schedule, now)
    assert found == sorted(found, key=lambda due: (due.at, due.job))
    assert len(found) == len({due.job for due in found})
    for _ in range(3):
        shuffled, items = chance.sample(names, len(names)), list(runs.items())
        chance.shuffle(items)
        assert upcoming(shuffled, dict(items), schedule, now) == found
    until = now + timedelta(days=20)
    assert [due for due in planned(names, runs, schedule, now, until) if due in found] == [
        due for due in found if due.at <= until
    ]


def test_times_are_the_same_on_every_machine() -> None:
    now = beijing("2026-03-02 12:00")
    assert look(PORTAL, fine(now), Schedule(), now).at == beijing("2026-03-02 23:31:02")
    assert look(PortalTime("liuxi_county"), fine(now), Schedule(), now).at == beijing("2026-03-03 17:49:38")


# Of one day


def test_portals_are_spread_over_the_hours() -> None:
    now = beijing("2026-03-02 06:00")
    many = [PortalTime(f"p{number}") for number in range(3000)]
    runs = {Job("crawl", portal.id): fine(now) for portal in many}
    looks = [due for due in upcoming(many, runs, Schedule(), now) if due.job.name == "crawl"]
    assert len(looks) == 3000
    by_hour = Counter(due.at.astimezone(BEIJING).hour for due in looks)
    assert set(by_hour) == set(range(7, 22))
    assert min(by_hour.values()) > 100
    by_minute = Counter(due.at.replace(second=0) for due in looks)
    assert max(by_minute.values()) < 20


def test_what_was_missed_over_night_does_not_begin_in_one_minute() -> None:
    now = beijing("2026-03-03 06:59")
    many = [PortalTime(f"p{number}") for number in range(1000)]
    runs = {Job("crawl", portal.id): fine(now - timedelta(days=3)) for portal in many}
    looks = [due for due in upcoming(many, runs, Schedule(), now) if due.job.name == "crawl"]
    assert all(beijing("2026-03-03 07:00") <= due.at <= beijing("2026-03-03 07:45") for due in looks)
    assert max(Counter(due.at.replace(second=0) for due in looks).values()) < 60
    assert {due.missed for due in looks} <= {2, 3}


def test_hours_shorter_than_the_jitter() -> None:
    portal = PortalTime("p", read_hours("03:00-03:01"))
    schedule = Schedule(deadline_runs=24, jitter_minutes=360)
    start = beijing("2026-01-31 00:00")
    times = walk(portal, schedule, start, start + ONE_DAY, fine(start))
    assert len(set(times)) == 24
    assert all(beijing("2026-01-31 03:00") <= at < beijing("2026-01-31 03:01") for at in times)


def test_29_february_is_a_day_like_others() -> None:
    start = beijing("2028-02-29 00:00")
    times = walk(PortalTime("p"), Schedule(season_runs=2), start, start + ONE_DAY, fine(start))
    assert [at.astimezone(BEIJING).date() for at in times] == [date(2028, 2, 29)] * 2
