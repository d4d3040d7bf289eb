"""Troubles as a pure function of the facts, and what is told of them from one hour to the next."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from db.jobs import LastRun, Mark
from db.local_rules import region_stem
from db.telling.records import Filter
from db.telling.troubles import Kept, Waiting
from db.telling.watched import Carried, ColumnReads, Looks
from monitor.watch import interruptions, lasting
from monitor.watch.stale import season_began, stale_columns
from monitor.watch.troubles import Disk, Facts, PortalFacts, Refusing, Trouble, full_in, troubles

NOW = datetime(2026, 2, 20, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://a.example/"


def facts(**changes: Any) -> Facts:
    return replace(Facts(awake_since=NOW - 30 * DAY, last_backup=NOW + 500 * DAY), **changes)


def portal(name: str = "a", *, good: float | None = 1, bad: int = 0, first: float = 0, **looks: Any) -> PortalFacts:
    """good, first: hours ago of the last look that was good, of the first that failed since."""
    good_at = None if good is None else NOW - good * HOUR
    bad_since, bad_at = (NOW - first * HOUR, NOW - HOUR) if bad else (None, None)
    last_at = max((at for at in (good_at, bad_at) if at), default=None)
    seen = Looks(NOW - 300 * DAY, last_at, good_at, bad, bad_since, bad_at, said="refused" if bad else "")
    return PortalFacts(name, name.upper(), seen._replace(**looks), {URL: ColumnReads(good_at, bad_since)})


def kinds(facts: Facts, now: datetime = NOW) -> list[tuple[str, str]]:
    return [one.key for one in troubles(facts, now)]


class TestPortals:
    WELL = portal("z")

    def test_broken_after_three_looks_over_more_than_a_day(self) -> None:
        assert kinds(facts(portals=(self.WELL, portal(bad=3, first=25, good=40)))) == [("portal-broken", "a")]
        assert kinds(facts(portals=(self.WELL, portal(bad=2, first=25, good=40)))) == []
        assert kinds(facts(portals=(self.WELL, portal(bad=9, first=23, good=40)))) == []

    def test_out_of_the_season_it_takes_longer(self) -> None:
        summer = NOW + 120 * DAY
        gone = portal(bad=3, first=-(120 * 24 - 25), good=-(120 * 24 - 40), bad_at=summer, last_at=summer)
        well = portal("z", good=-120 * 24)
        assert kinds(facts(portals=(well, gone)), summer) == []
        assert kinds(facts(portals=(well, gone)), summer + 7 * DAY) == [("portal-broken", "a")]

    def test_once_broken_until_a_look_is_good(self) -> None:
        standing = {("portal-broken", "a"): NOW - 9 * DAY}
        (one,) = troubles(facts(portals=(self.WELL, portal(bad=1, first=2, good=40)), standing=standing), NOW)
        assert one.since == NOW - 9 * DAY
        assert kinds(facts(portals=(self.WELL, portal()), standing=standing)) == []

    def test_stale(self) -> None:
        assert kinds(facts(portals=(self.WELL, portal(good=7 * 24 + 1)))) == [("portal-stale", "a")]
        assert kinds(facts(portals=(self.WELL, portal(good=7 * 24)))) == []

    def test_a_new_portal_is_not_stale_yet(self) -> None:
        new = portal(good=None, first_at=NOW - 6 * DAY, last_at=NOW - HOUR)
        assert kinds(facts(portals=(self.WELL, new))) == []
        older = portal(good=None, first_at=NOW - 8 * DAY, last_at=NOW - HOUR)
        assert kinds(facts(portals=(self.WELL, older))) == [("portal-stale", "a")]
        assert kinds(facts(portals=(self.WELL, portal(good=None, first_at=None, last_at=None)))) == []

    def test_the_first_days_of_a_season(self) -> None:
        january = season_began(NOW)
        assert stale_columns({URL: january - 6 * DAY}, 7, january + 2 * DAY) == {}
        assert stale_columns({URL: january - 6 * DAY}, 7, january + 2 * DAY + HOUR) == {URL: january - 6 * DAY}
        assert stale_columns({URL: january - 6 * DAY}, 7, january - HOUR) == {}

    def test_after_the_machine_was_off_nothing_is_stale_before_it_is_looked_at(self) -> None:
        off = facts(portals=(self.WELL, portal(good=8 * 24)), awake_since=NOW - 23 * HOUR)
        assert kinds(off) == []


class TestNothing:
    def test_ran(self) -> None:
        idle = facts(portals=(portal(good=37), portal("b", good=40)))
        assert kinds(idle) == [("nothing-ran", "looks")]
        assert kinds(facts(portals=(portal(good=36), portal("b", good=40)))) == []
        assert kinds(replace(idle, awake_since=NOW - 20 * HOUR)) == []  # what was missed is being made good
        assert kinds(replace(idle, portals=())) == []

    def test_out_of_the_season_looks_are_rare(self) -> None:
        summer = NOW + 120 * DAY
        idle = facts(portals=(portal(good=-106 * 24),))
        assert kinds(idle, summer) == []
        assert kinds(idle, summer + HOUR) == [("nothing-ran", "looks")]
        january = season_began(NOW)
        rare = facts(portals=(portal(good=(NOW - january) / HOUR + 9 * 24),), awake_since=january - 90 * DAY)
        assert kinds(rare, january + HOUR) == []

    def test_read(self) -> None:
        bad = (portal(bad=3, first=25, good=30), portal("b", bad=4, first=26, good=40))
        (one,) = troubles(facts(portals=bad), NOW)
        assert (one.kind, one.since, one.detail["count"]) == ("nothing-read", NOW - 30 * HOUR, 2)
        assert kinds(facts(portals=bad[:1])) == [("portal-broken", "a")]  # one portal is that portal's trouble
        assert kinds(facts(portals=(*bad, portal("c")))) == [("portal-broken", "a"), ("portal-broken", "b")]

    def test_read_ends_with_the_first_good_look(self) -> None:
        standing = {("nothing-read", ""): NOW - 30 * HOUR}
        bad = portal(bad=3, first=25, good=30)
        assert kinds(facts(portals=(bad, portal("b", bad=9, first=99, good=99)), standing=standing))[:1] == [
            ("nothing-read", "")
        ]
        assert kinds(facts(portals=(bad, portal("b")), standing=standing)) == [("portal-broken", "a")]

    def test_the_machine_was_off(self) -> None:
        off = facts(portals=(portal(),), off=(NOW - 13 * HOUR, NOW), awake_since=NOW)
        (one,) = troubles(off, NOW)
        assert (one.key, one.since, one.until) == (("nothing-ran", "off"), NOW - 13 * HOUR, NOW)
        assert kinds(replace(off, off=(NOW - 11 * HOUR, NOW))) == []


def run(outcome: str, failures: int) -> LastRun:
    return LastRun(NOW, NOW - HOUR, NOW - HOUR / 2, outcome, failures, detail="why")


class TestOthers:
    def test_jobs(self) -> None:
        def of(job: str, outcome: str, failures: int) -> list[str]:
            return [kind for kind, _ in kinds(facts(jobs={job: run(outcome, failures)}))]

        assert of("judge", "failed", 1) == []
        assert of("judge", "failed", 2) == ["job-failed"]
        assert of("verify", "failed", 1) == ["verify-failed"]
        assert of("verify", "killed", 1) == []  # with the watch, perhaps
        assert of("verify", "killed", 2) == ["verify-failed"]
        assert of("backup", "failed", 1) == ["backup-failed"]
        assert of("backup", "ok", 0) == []

    def test_backups(self) -> None:
        def of(**changes: Any) -> list[str]:
            return [str(one.detail["form"]) for one in troubles(facts(**changes), NOW)]

        assert of(last_backup=NOW - 49 * HOUR) == ["backup-old"]
        assert of(last_backup=NOW - 47 * HOUR) == []
        assert of(last_backup=None) == ["backup-none"]
        assert of(last_backup=None, awake_since=NOW - DAY) == []
        assert of(last_backup=None, makes_backups=False) == []

    def test_delivery(self) -> None:
        def of(awake: float = 99, **waiting: Any) -> list[str]:
            stuck = Waiting("telegram", 3, 2, NOW - HOUR, "no route", None, "")._replace(**waiting)
            found = troubles(facts(stuck=(stuck,), last_backup=NOW, awake_since=NOW - awake * HOUR), NOW)
            return [str(one.detail.get("form", one.kind)) for one in found]

        assert of() == ["delivery-stuck"]
        assert of(since=NOW - HOUR * 0.9) == []
        assert of(awake=0.9) == []
        assert of(messages=0, since=None) == []
        assert of(until=NOW + 2 * HOUR, messages=0, since=None) == ["delivery-paused"]
        assert of(until=NOW + HOUR / 2, messages=0, since=None) == []

    def test_chats_conflict_holidays(self) -> None:
        refusing = Refusing("telegram", "5", "Desk", NOW, "blocked")
        found = facts(refusing=(refusing,), conflict=Mark(NOW - HOUR, ""), holidays=(2027,))
        assert kinds(found) == [("bot-conflict", ""), ("chat-refused", "telegram 5"), ("holidays-unknown", "")]
        assert ("bot-conflict", "") not in kinds(found, NOW + 2 * HOUR)

    def test_disks(self) -> None:
        def of(free: int, *earlier: tuple[float, int], standing: bool = False) -> list[object]:
            disk = Disk("/d", free << 20, tuple((NOW - days * DAY, size << 20) for days, size in earlier))
            lasts = {("disk-filling", "/d"): NOW} if standing else {}
            found = troubles(facts(disks=(disk,), standing=lasts, disk_free=100 << 20), NOW)
            return [one.detail.get("days", "full") for one in found]

        assert of(99) == ["full"]
        assert of(100) == []
        assert of(109, standing=True) == ["full"]
        assert of(111, standing=True) == []
        assert of(500, (4, 900), (1, 600)) == [5]
        assert of(500, (4, 600), (1, 600)) == []  # one large file in the last day
        assert of(500, (4, 900), (1, 500)) == []  # it grows no more
        assert of(500, (1.5, 900), (1, 600)) == []  # not known for long enough
        assert of(5000, (4, 5400), (1, 5100)) == []

    def test_full_in(self) -> None:
        disk = Disk("/d", 400, ((NOW - 2 * DAY, 600), (NOW - DAY, 500)))
        assert full_in(disk, NOW) == 4 * DAY


portal_facts = st.builds(
    portal,
    st.sampled_from("abcdefg"),
    good=st.none() | st.floats(0, 500),
    bad=st.integers(0, 5),
    first=st.floats(0, 300),
)
some_facts = st.builds(
    facts,
    portals=st.lists(portal_facts, max_size=6, unique_by=lambda one: one.id).map(tuple),
    jobs=st.dictionaries(
        st.sampled_from(["judge", "manifest", "backup", "verify", "digest"]),
        st.builds(run, st.sampled_from(["ok", "failed", "killed"]), st.integers(0, 3)),
    ),
    refusing=st.lists(
        st.builds(Refusing, st.just("telegram"), st.sampled_from("123"), st.just(""), st.just(NOW), st.just("")),
        max_size=3,
        unique_by=lambda one: one.subscriber,
    ).map(tuple),
    disks=st.lists(
        st.builds(Disk, st.sampled_from("/ab"), st.integers(0, 10 << 30), st.just(())),
        max_size=3,
        unique_by=lambda one: one.folder,
    ).map(tuple),
    off=st.none() | st.just((NOW - 40 * HOUR, NOW)),
    awake_since=st.floats(0, 99).map(lambda hours: NOW - hours * HOUR),
)


@given(some_facts, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_makes_no_difference(found: Facts, chance: random.Random) -> None:
    def mixed(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(values, len(values)))

    jobs = dict(mixed(tuple(found.jobs.items())))
    other = replace(
        found, portals=mixed(found.portals), refusing=mixed(found.refusing), disks=mixed(found.disks), jobs=jobs
    )
    assert troubles(other, NOW) == troubles(found, NOW)
    keys = [one.key for one in troubles(found, NOW)]
    assert len(keys) == len(set(keys))


@given(some_facts)
def test_what_stands_is_known_by_its_beginning(found: Facts) -> None:
    """A trouble that is there now is there in the next moment, with the same beginning."""
    lasting_now = {one.key: one.since for one in troubles(found, NOW) if one.until is None}
    again = {one.key: one.since for one in troubles(replace(found, standing=lasting_now, off=None), NOW)}
    assert again == lasting_now


# From hour to hour


def played(present: list[bool], *, heard: bool = True) -> tuple[list[tuple[int, str]], list[Kept]]:
    """A trouble that is there or not in each of these hours: (hour, what was told), and the rows at the end."""
    rows: dict[datetime, Kept] = {}
    told: list[tuple[int, str]] = []
    since = NOW
    for hour, is_there in enumerate(present):
        now = NOW + hour * HOUR
        standing = [kept for kept in rows.values() if kept.ended_at is None]
        since = standing[0].since if standing else now
        current = [Trouble("job-failed", "judge", since, {"count": hour})] if is_there else []
        steps = lasting.steps(standing, current, now, is_heard=heard)
        assert lasting.steps(reversed(standing), current, now, is_heard=heard) == steps
        for step in steps:
            rows[step.kept.since] = step.kept
            told += [(hour, step.told)] if step.told else []
        # At once again: nothing is told twice.
        again = lasting.steps([k for k in rows.values() if k.ended_at is None], current, now, is_heard=heard)
        assert [step.told for step in again if step.told] == []
    return told, list(rows.values())


def test_told_once_reminded_and_ended() -> None:
    told, (row,) = played([False] * 3 + [True] * 24 * 10 + [False] * 9)
    assert told == [(3, "begins"), (27, "lasts"), (75, "lasts"), (171, "lasts"), (244, "ends")]
    assert (row.since, row.ended_at) == (NOW + 3 * HOUR, NOW + 243 * HOUR)


def test_flapping_is_one_trouble() -> None:
    told, rows = played([True, False] * 20 + [False] * 4)
    assert [what for _, what in told] == ["begins", "lasts", "ends"]
    assert len(rows) == 1


def test_a_machine_that_slept_reminds_once() -> None:
    trouble = Trouble("job-failed", "judge", NOW, {})
    (step,) = lasting.steps([], [trouble], NOW)
    (later,) = lasting.steps([step.kept], [trouble], NOW + 8 * DAY)
    assert (later.told, later.days) == ("lasts", 8)
    assert lasting.steps([later.kept], [trouble], NOW + 99 * DAY) == []


def test_nobody_to_tell_is_told_later() -> None:
    trouble = Trouble("job-failed", "judge", NOW, {})
    (step,) = lasting.steps([], [trouble], NOW, is_heard=False)
    assert (step.told, step.kept.told_at) == (None, None)
    (later,) = lasting.steps([step.kept], [trouble], NOW + 2 * DAY)
    assert later.told == "begins"


def test_of_what_is_gone_nothing_more_is_said() -> None:
    (step,) = lasting.steps([], [Trouble("portal-broken", "a", NOW, {})], NOW)
    (end,) = lasting.steps([step.kept], [], NOW + HOUR, is_known=lambda kept: False)
    assert (end.told, end.kept.ended_at) == (None, NOW + HOUR)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=12))
def test_every_trouble_has_one_beginning_and_at_most_one_end(stretches: list[tuple[bool, int]]) -> None:
    present = [is_there for is_there, hours in stretches for _ in range(hours)]
    told, rows = played(present)
    words = [what for _, what in told if what != "lasts"]
    assert words == (["begins", "ends"] * len(rows))[: len(words)]
    assert words.count("begins") == len(rows)
    # What is told is what was: of each row that has its end, an hour was without it.
    for row in rows:
        assert present[round((row.since - NOW) / HOUR)]
        if row.ended_at is not None:
            over = round((row.ended_at - NOW) / HOUR)
            assert not present[over]
            assert not present[over + 1]
    begins = [hour for hour, what in told if what == "begins"]
    lasts = [hour for hour, what in told if what == "lasts"]
    for number, begin in enumerate(begins):
        until = begins[number + 1] if number + 1 < len(begins) else len(present)
        mine = [hour - begin for hour in lasts if begin < hour < until]
        assert len(mine) <= 3
        assert all(hours >= after for hours, after in zip(mine, (24, 72, 168), strict=False))


# Interruptions


class TestUnwatched:
    def of(
        self, *portals: PortalFacts, now: datetime = NOW, nothing: float | None = None, **standing: float
    ) -> set[str]:
        since = None if nothing is None else now - nothing * HOUR
        before = {name: NOW - hours * HOUR for name, hours in standing.items()}
        return set(interruptions.unwatched(portals, now, before, since))

    def test_more_than_two_days_of_failing_looks(self) -> None:
        assert self.of(portal(bad=5, first=49, good=60), portal("b", bad=5, first=47, good=60)) == {"a"}

    def test_hours_are_nobodys_business(self) -> None:
        assert self.of(portal(bad=9, first=30, good=40)) == set()

    def test_three_days_without_a_look(self) -> None:
        assert self.of(portal(good=73), portal("b", good=71)) == {"a"}

    def test_a_column(self) -> None:
        reads = {URL: ColumnReads(NOW - HOUR, None), URL + "2": ColumnReads(NOW - 80 * HOUR, NOW - 60 * HOUR)}
        assert self.of(portal()._replace(columns=reads)) == {"a"}

    def test_only_in_the_season_but_until_it_is_read(self) -> None:
        summer = NOW + 120 * DAY
        broken = portal(bad=9, first=60, good=70)
        assert self.of(broken, now=summer) == set()
        assert self.of(broken, now=summer, a=70) == {"a"}
        assert self.of(portal(good=-200), now=summer, a=70) == set()

    def test_nothing_runs(self) -> None:
        assert self.of(portal(), portal("b"), nothing=36) == {"a", "b"}

    def test_until_every_column_is_read(self) -> None:
        reads = {URL: ColumnReads(NOW - HOUR, None), URL + "2": ColumnReads(NOW - 80 * HOUR, NOW - HOUR)}
        assert self.of(portal()._replace(columns=reads), a=70) == {"a"}
        assert self.of(portal(good=1), a=70) == set()


codes = st.sampled_from(["370000", "370400", "370481", "370500", "510000", "510100", "370481001", "370481001000"])
organs = st.sampled_from(["department", "government", "office"])
carried = st.builds(Carried, st.sampled_from("wxyz"), codes, organs)
filters = st.builds(
    Filter, place=st.just("") | codes, agency_id=st.sampled_from(["", "", "w", "q"]), organ=st.just("") | organs
)


@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(carried, max_size=4)),
    st.lists(carried, max_size=2),
    st.lists(filters, max_size=3),
)
def test_whom_a_portal_concerns(
    by_portal: dict[str, list[Carried]], anywhere: list[Carried], wanted: list[Filter]
) -> None:
    def fits(agency: Carried, one: Filter) -> bool:
        if one.agency_id:
            return agency.id == one.agency_id
        return agency.region_code.startswith(region_stem(one.place)) and one.organ in ("", agency.organ)

    expected = {
        name
        for name in "abc"
        for one in wanted
        if not by_portal.get(name)
        or not any((one.place, one.agency_id, one.organ))
        or any(fits(agency, one) for agency in [*by_portal[name], *anywhere])
    }
    assert interruptions.Reach("abc", by_portal, anywhere).of(wanted) == expected


@given(st.lists(st.sets(st.sampled_from("abcd")), max_size=30), st.integers(1, 30))
def test_a_subscriber_knows_what_is_not_watched(hours: list[set[str]], every: int) -> None:
    """Whoever follows the messages knows, a day late at most, what is not watched; and hears no more than one a day,
    but for the beginning and the end of it all."""
    kept: Kept | None = None
    known: set[str] = set()
    last: datetime | None = None
    for number, unseen in enumerate(hours):
        now = NOW + number * every * HOUR
        standing = {"x": kept} if kept else {}
        concerned = {"x": dict.fromkeys(unseen, now - DAY)}
        steps = interruptions.steps(standing, concerned, "abcd", now)
        for step in steps:
            assert step.told is not None
            assert set(step.back).isdisjoint(unseen)
            if step.told == "changes":
                assert last is not None
                assert now - last >= DAY
            known = set(step.unwatched)
            last = now
            kept = None if step.kept.ended_at else step.kept
        if not steps and known != unseen:
            assert last is not None
            assert now - last < DAY
            assert known
            assert unseen
        else:
            assert known == unseen
        again = interruptions.steps({"x": kept} if kept else {}, concerned, "abcd", now)
        assert again == []
