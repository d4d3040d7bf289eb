"""What is due when: judgements after crawls, manifests, backups, verifications, digests."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from crawler.asking.hours import BEIJING
from db.jobs import Job, LastRun
from monitor.config import Schedule
from monitor.watch.schedule import Due, PortalTime, planned, upcoming

USUAL = Schedule()
NAMES = {"judge", "manifest", "backup", "verify", "digest", "selfwatch"}
A_MINUTE = timedelta(minutes=1)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def fine(began: datetime, ended: datetime | None = None) -> LastRun:
    return LastRun(began, began, ended or began, "ok")


def due(name: str, runs: dict[Job, LastRun], now: datetime, schedule: Schedule = USUAL) -> Due:
    (found,) = [one for one in upcoming([], runs, schedule, now) if one.job == Job(name)]
    return found


def all_fine(at: datetime) -> dict[Job, LastRun]:
    return {Job(name): fine(at) for name in NAMES}


@pytest.mark.parametrize(
    ("name", "at", "why"),
    [
        ("judge", "2026-03-04 06:30", "daily at the latest"),
        ("manifest", "2026-03-04 00:20", "daily"),
        ("backup", "2026-03-04 03:40", "daily"),
        ("verify", "2026-03-08 04:20", "weekly"),
        ("digest", "2026-03-09 09:00", "weekly"),
        ("selfwatch", "2026-03-03 13:05", "hourly"),
    ],
)
def test_the_calendar(name: str, at: str, why: str) -> None:
    now = beijing("2026-03-03 12:10")  # a Tuesday
    found = due(name, {Job(name): fine(now)}, now)
    assert (found.at, found.why, found.missed) == (beijing(at), why, 0)
    # At its time it is due, once.
    assert due(name, {Job(name): fine(now)}, found.at) == found
    assert due(name, {Job(name): fine(found.at)}, found.at).at > found.at


def test_a_year_of_doing_what_is_due() -> None:
    now, end = beijing("2027-01-01 00:00"), beijing("2028-01-01 00:00")
    runs, count = all_fine(now), Counter[str]()
    while (first := upcoming([], runs, USUAL, now)[0]).at < end:
        now = first.at
        runs[first.job] = fine(now)
        count[first.job.name] += 1
    assert count == {
        "judge": 365, "manifest": 365, "backup": 365, "verify": 52, "digest": 52, "selfwatch": 365 * 24,
    }  # fmt: skip


def test_what_is_for_never_is_not_there() -> None:
    now = beijing("2026-03-03 12:10")
    schedule = Schedule(backup="", verify="", digest="")
    assert {one.job.name for one in upcoming([], {}, schedule, now)} == NAMES - {"backup", "verify", "digest"}


def test_at_the_very_first_nothing_is_digested() -> None:
    now = beijing("2026-03-03 12:10")
    first = {one.job.name: one for one in upcoming([], {}, USUAL, now)}
    assert {name for name, one in first.items() if one.at <= now} == NAMES - {"digest"}
    assert {one.why for one in first.values() if one.at <= now} == {"never done yet"}
    assert first["digest"].at == beijing("2026-03-09 09:00")
    # A machine that is off on Mondays at nine: by then there was something to tell of.
    runs = all_fine(beijing("2026-03-08 20:00"))
    del runs[Job("digest")]
    assert due("digest", runs, beijing("2026-03-09 11:00")).at == beijing("2026-03-09 09:00")


@pytest.mark.parametrize(("name", "missed"), [("backup", 9), ("manifest", 9), ("digest", 0), ("selfwatch", 239)])
def test_what_was_missed_is_made_good_once(name: str, missed: int) -> None:
    then, now = beijing("2026-03-03 12:10"), beijing("2026-03-13 12:10")
    found = due(name, {Job(name): fine(then)}, now)
    assert found.at <= now and found.missed == missed
    assert (f"{missed} times missed since 2026-03-0" in found.why) == (missed > 0)
    following = due(name, {Job(name): LastRun(found.at, now, now, "ok")}, now)
    assert following.at > now and following.missed == 0


def test_a_backup_that_fails_is_tried_again() -> None:
    now = beijing("2026-03-04 03:40")
    for failures, pause in enumerate([0.5, 1, 2, 4, 8, 16, 24, 24], start=1):
        found = due("backup", {Job("backup"): LastRun(now, now, now, "failed", failures)}, now)
        assert found.at - now == timedelta(hours=pause)
        assert "tried again: failed" in found.why
        assert found.missed == 0
        now = found.at
    assert due("backup", {Job("backup"): fine(now)}, now).why == "daily"


def test_what_was_broken_off_is_begun_again_at_once() -> None:
    began, now = beijing("2026-03-04 03:40"), beijing("2026-03-04 09:00")
    assert due("verify", {Job("verify"): LastRun(began, began, now, "killed", 1)}, now).at == now
    assert due("verify", {Job("verify"): LastRun(began, began, now, "killed", 2)}, now).at == now + timedelta(hours=1)


def test_what_runs_is_not_due() -> None:
    began = beijing("2026-03-04 03:40")
    for name in NAMES:
        runs = {Job(name): LastRun(began, began), Job("crawl", "p"): fine(began + A_MINUTE)}
        assert due(name, runs, began + timedelta(days=9)).at > began + timedelta(days=9)


def test_a_last_run_that_is_to_come_counts_for_nothing() -> None:
    now = beijing("2026-03-04 12:00")
    runs = all_fine(now + timedelta(days=700))
    for found in upcoming([], runs, USUAL, now):
        assert found.at == now
        assert "which is to come" in found.why
    assert all(found.at > now for found in upcoming([], all_fine(now), USUAL, now))
    # An hour is a clock that was put right, and nothing is done twice for it.
    assert all(
        found.at > now + timedelta(hours=1) for found in upcoming([], all_fine(now + timedelta(hours=1)), USUAL, now)
    )


# Judgements


def test_a_judgement_follows_a_crawl() -> None:
    began = beijing("2026-03-03 12:00")
    runs = {Job("judge"): fine(began, began + A_MINUTE), Job("crawl", "p"): fine(began - A_MINUTE)}
    now = began + timedelta(hours=1)
    assert due("judge", runs, now).at == beijing("2026-03-04 06:30")
    # Also one that ended while it judged, one that failed, and one by hand.
    for crawl in (
        fine(began, began + timedelta(seconds=9)),
        LastRun(began, began, began + timedelta(minutes=20), "failed", 3),
        fine(began - timedelta(days=3))._replace(looked_at=began + timedelta(minutes=30)),
    ):
        found = due("judge", runs | {Job("crawl", "q"): crawl}, now)
        assert found.at <= now
        assert found.why == "a crawl has ended since"
        assert due("judge", runs | {Job("crawl", "q"): crawl, Job("judge"): fine(now)}, now).at > now
    crawls = {Job("crawl", name): fine(began, began + timedelta(minutes=9)) for name in "abc"}
    assert due("judge", runs | crawls, now).why == "3 crawls have ended since"


def test_judgements_take_no_more_than_half_of_the_time() -> None:
    began = beijing("2026-03-03 12:00")
    crawl = {Job("crawl", "p"): fine(began, began + timedelta(minutes=2))}
    for took, rest in ((4, 4), (600, 15), (2, 2)):
        ended = began + timedelta(minutes=took)
        found = due("judge", crawl | {Job("judge"): fine(began, ended)}, ended)
        assert found.at == ended + timedelta(minutes=rest)


def test_a_judgement_that_fails_is_not_tried_with_every_crawl() -> None:
    began = beijing("2026-03-03 12:00")
    runs = {Job("judge"): LastRun(began, began, began, "failed", 2), Job("crawl", "p"): fine(began, began + A_MINUTE)}
    assert due("judge", runs, began + 2 * A_MINUTE).at == began + timedelta(hours=1)


def test_a_crawl_of_a_wrong_clock_causes_no_judgements_without_end() -> None:
    now = beijing("2026-03-03 12:00")
    runs = {Job("judge"): fine(now), Job("crawl", "p"): fine(now + timedelta(days=300))}
    assert due("judge", runs, now).at == beijing("2026-03-04 06:30")


# What is planned


def test_the_coming_days() -> None:
    now = beijing("2026-03-03 12:10")
    portals = [PortalTime("p"), PortalTime("q")]
    runs = all_fine(now) | {Job("crawl", name): fine(now) for name in "pq"}
    found = list(planned(portals, runs, USUAL, now, now + timedelta(days=31)))
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert all(now < one.at <= now + timedelta(days=31) for one in found)
    count = Counter(one.job for one in found)
    assert count[Job("backup")] == count[Job("judge")] == count[Job("manifest")] == 31
    assert count[Job("verify")] == 4
    assert count[Job("selfwatch")] == 1
    # From 26 March on three a day.
    assert count[Job("crawl", "p")] in range(22 + 8 * 3, 24 + 9 * 3)
    days = Counter(one.at.astimezone(BEIJING).day for one in found if one.job == Job("crawl", "q"))
    assert (days[25], days[26]) == (1, 3)
    assert {one.why for one in found if one.job.name == "crawl"} == {
        "daily look in the season",
        "one of 3 looks a day around the deadline of 31 March",
    }
