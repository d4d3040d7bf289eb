"""What is due after a look that was not fine, or none, or one by hand, or one by a clock that was wrong; and why."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from crawler.asking.hours import BEIJING
from db.jobs import LastRun
from monitor.config import Schedule
from monitor.watch.schedule import PortalTime
from tests.monitor.schedule_looks import BRIEF, ONE_DAY, PORTAL, beijing, fine, look, ran


def test_a_new_portal_is_looked_at_as_soon_as_its_hours_allow() -> None:
    noon = beijing("2026-07-01 12:00")
    due = look(PORTAL, None, Schedule(), noon)
    assert beijing("2026-07-01 22:00") <= due.at < beijing("2026-07-01 22:45")
    assert due.why == "never looked at yet"
    late = beijing("2026-07-01 23:30")
    assert look(PORTAL, None, Schedule(), late).at == late


def test_a_look_by_hand_counts() -> None:
    schedule, now = Schedule(), beijing("2026-03-03 21:59")
    portal = PortalTime("p")
    last = fine(now - timedelta(days=2))
    assert look(portal, last, schedule, now).at <= now
    by_hand = last._replace(looked_at=now - timedelta(minutes=1))
    assert look(portal, by_hand, schedule, now).at.astimezone(BEIJING).day == 4
    failed = LastRun(*last[:3], "failed", 9, looked_at=now - timedelta(minutes=1))
    assert look(portal, failed, schedule, now) == look(portal, by_hand, schedule, now)
    before = failed._replace(looked_at=last.started_at - ONE_DAY)
    assert "tried again" in look(portal, before, schedule, now).why


def test_what_was_broken_off_goes_on_at_once_but_not_for_ever() -> None:
    began, now = beijing("2026-03-03 12:00"), beijing("2026-03-05 13:00")
    killed = LastRun(began, began, now, "killed", 1)
    due = look(PortalTime("p"), killed, Schedule(), now)
    assert due.at == now
    assert "broken off" in due.why
    assert due.missed in (1, 2)
    assert look(PortalTime("p"), killed._replace(failures=2), Schedule(), now).at == now + timedelta(hours=1)
    by_hand = killed._replace(looked_at=began + timedelta(days=2))
    assert look(PortalTime("p"), by_hand, Schedule(), now).at > now


def test_what_runs_is_not_due() -> None:
    began = beijing("2026-03-03 12:00")
    due = look(PortalTime("p"), LastRun(began, began), Schedule(), began + timedelta(days=30))
    assert due.at > began + timedelta(days=30)


def test_a_look_that_left_pages_is_followed_by_one_the_next_day() -> None:
    now = beijing("2026-07-01 12:00")
    last = fine(now)._replace(is_whole=False)
    schedule = Schedule(later_days=60)
    due = look(PortalTime("p"), last, schedule, now + timedelta(minutes=1))
    assert due.at.astimezone(BEIJING).date() == date(2026, 7, 2)
    assert look(PortalTime("p"), last._replace(is_whole=True), schedule, now).at > due.at
    # In the season it is nothing special.
    march = fine(beijing("2026-03-03 12:00"))
    one, other = (
        look(PortalTime("p"), march._replace(is_whole=whole), Schedule(), march.due_at) for whole in (False, True)
    )
    assert one == other


@pytest.mark.parametrize("ahead", [timedelta(days=2), timedelta(days=4000)])
def test_a_last_look_that_is_to_come_counts_for_nothing(ahead: timedelta) -> None:
    """The clock was wrong when it was written down, or is now."""
    now = beijing("2026-03-03 12:00")
    for last in (
        fine(now + ahead),
        LastRun(now, now, now + ahead, "failed", 3),
        fine(now)._replace(looked_at=now + ahead),
    ):
        due = look(PortalTime("p"), last, Schedule(), now)
        assert due.at <= now or last.looked_at
        again = look(PortalTime("p"), ran(due, now)._replace(looked_at=last.looked_at), Schedule(), now + BRIEF)
        assert again.at > now + BRIEF


def test_a_clock_that_is_set_back_by_an_hour_repeats_nothing() -> None:
    schedule, portal = Schedule(), PortalTime("p")
    due = look(portal, fine(beijing("2026-03-02 23:00")), schedule, beijing("2026-03-03 00:00"))
    done = ran(due, due.at)
    following = look(portal, done, schedule, due.at - timedelta(hours=1))
    assert following == look(portal, done, schedule, due.at + BRIEF)


@pytest.mark.parametrize(
    ("now", "schedule", "says"),
    [
        ("2026-03-03 12:00", Schedule(), "daily look in the season"),
        ("2026-03-03 12:00", Schedule(season_runs=2), "one of 2 looks a day in the season"),
        ("2026-03-30 12:00", Schedule(), "one of 3 looks a day around the deadline of 31 March"),
        ("2026-01-26 12:00", Schedule(deadline_runs=1), "daily look around the deadline of 31 January"),
        ("2026-07-03 12:00", Schedule(), "a look every 7 days out of the season"),
        ("2026-07-03 12:00", Schedule(later_days=1), "daily look"),
    ],
)
def test_why(now: str, schedule: Schedule, says: str) -> None:
    moment = beijing(now)
    assert look(PortalTime("p"), fine(moment), schedule, moment).why == says


def test_what_is_missed_is_said() -> None:
    due = look(PortalTime("p"), fine(beijing("2026-03-01 00:00")), Schedule(), beijing("2026-03-03 21:59"))
    assert due.missed == 2
    first = look(PortalTime("p"), fine(beijing("2026-03-01 00:00")), Schedule(), beijing("2026-03-01 00:00")).at
    assert due.why == f"daily look in the season; 2 looks missed since {first.astimezone(BEIJING):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda last: last, "tried again: failed"),
        (lambda last: last._replace(failures=3), "tried again: failed; 3 failures in a row"),
        (lambda last: last._replace(is_refused=True), "tried again: was refused"),
        (
            lambda last: last._replace(outcome="killed", failures=2),
            "tried again: was broken off; 2 failures in a row",
        ),
    ],
)
def test_why_it_is_tried_again(change: Callable[[LastRun], LastRun], says: str) -> None:
    now = beijing("2026-03-03 12:00")
    assert look(PortalTime("p"), change(LastRun(now, now, now, "failed", 1)), Schedule(), now).why == says
