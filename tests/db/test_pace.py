"""Turns at a host, leases and budgets: shared by processes, and nothing that a dead one had holds anybody up."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.collected.pace import STALE_LEASE, STALE_TURN, Pace

START = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)
HOST = "www.example.gov.cn:80"


class Time:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as opened:
        yield opened


@pytest.fixture
def pace(archive: Archive, time: Time) -> Pace:
    return Pace(archive, time)


def ask(pace: Pace, time: Time, delay_s: float = 3.0, connections: int = 1) -> tuple[str | None, float]:
    turn = pace.take_turn(HOST, delay_s=delay_s, connections=connections, moment=time())
    return turn.lease, turn.wait_s


@contextmanager
def other_process(path: Path, *statements: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that has done this with the pace of the archive, and then waits."""
    lines = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from db.archive import Archive",
        f"archive = Archive.open(Path({str(path)!r})); now = datetime.now(UTC)",
        *statements,
        "print('done', flush=True); sys.stdin.read()",
    )
    child = subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert child.stdout is not None and child.stdout.readline() == "done\n"
        yield child
    finally:
        child.kill()
        child.communicate()


def test_the_delay_counts_from_the_end_of_the_answer(pace: Pace, time: Time) -> None:
    lease, _ = ask(pace, time)
    assert lease == f"host:{HOST}/0"
    time.go_on(20)
    assert ask(pace, time)[0] is None
    pace.end_turn(HOST, lease, delay_s=3.0)
    assert ask(pace, time) == (None, 3.0)
    time.go_on(2.5)
    assert ask(pace, time) == (None, 0.5)
    time.go_on(0.5)
    assert ask(pace, time)[0] == lease


def test_of_two_delays_the_longer_one_counts(pace: Pace, time: Time) -> None:
    lease, _ = ask(pace, time, delay_s=10)
    assert lease is not None
    pace.end_turn(HOST, lease, delay_s=10)
    assert ask(pace, time, delay_s=1) == (None, 10.0)
    time.go_on(10)
    lease, _ = ask(pace, time, delay_s=1)
    assert lease is not None
    pace.end_turn(HOST, lease, delay_s=1)
    time.go_on(1)
    assert ask(pace, time, delay_s=10) == (None, 9.0)


def test_several_connections_begin_a_delay_apart(pace: Pace, time: Time) -> None:
    leases = []
    for _ in range(3):
        lease, _ = ask(pace, time, connections=3)
        leases.append(lease)
        assert ask(pace, time, connections=3) == (None, 3.0)
        time.go_on(3)
    assert len(set(leases)) == 3 and None not in leases
    assert ask(pace, time, connections=3)[0] is None
    # A portal that allows one connection does not join in while others are under way.
    pace.end_turn(HOST, str(leases[0]), delay_s=3.0)
    time.go_on(3)
    assert ask(pace, time, connections=1)[0] is None
    assert ask(pace, time, connections=3)[0] == leases[0]


def test_hosts_do_not_wait_for_each_other(pace: Pace, time: Time) -> None:
    assert ask(pace, time)[0]
    for other in ("www.example.gov.cn:8080", "www.example.gov.cn:8", "ww.example.gov.cn:80", "%:80"):
        assert pace.take_turn(other, delay_s=3, connections=1, moment=time()).lease == f"host:{other}/0"


def test_a_living_process_is_waited_for_and_a_dead_one_is_not(archive: Archive, pace: Pace, time: Time) -> None:
    take = f"assert archive.pace.take_turn({HOST!r}, delay_s=7, connections=1, moment=now).lease"
    with other_process(archive.path, take) as child:
        time.now = datetime.now(UTC) + timedelta(seconds=60)
        assert ask(pace, time)[0] is None
        os.kill(child.pid, signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and still in the table of processes
        # A request that it sent with its last breath is followed by its whole delay, from now on.
        assert ask(pace, time) == (None, 7.0)
        time.go_on(6)
        assert ask(pace, time) == (None, 1.0)
        time.go_on(1)
        assert ask(pace, time)[0] == f"host:{HOST}/0"


def test_process_numbers_that_come_back_hold_nothing(archive: Archive, pace: Pace, time: Time) -> None:
    assert ask(pace, time)[0]
    with archive.write() as connection:
        (text,) = connection.execute("SELECT holder FROM leases").fetchone()
        earlier = json.dumps(json.loads(text) | {"began": 1.0})
        connection.execute("UPDATE leases SET holder = ?", (earlier,))
    time.go_on(60)
    assert ask(pace, time) == (None, 3.0)
    time.go_on(3)
    assert ask(pace, time)[0]


def test_of_another_machine_only_the_age_is_known(archive: Archive, pace: Pace, time: Time) -> None:
    assert ask(pace, time)[0]
    assert pace.take_lease("portal:liuxi") is None
    with archive.write() as connection:
        for name, text in connection.execute("SELECT name, holder FROM leases").fetchall():
            foreign = json.dumps(json.loads(text) | {"machine": "elsewhere"})
            connection.execute("UPDATE leases SET holder = ? WHERE name = ?", (foreign, name))
    time.now += STALE_TURN - timedelta(seconds=1)
    assert ask(pace, time)[0] is None
    time.go_on(1)
    assert ask(pace, time) == (None, 3.0)
    assert "on elsewhere, since 2026-02-01" in str(pace.take_lease("portal:liuxi"))
    time.now = START + STALE_LEASE
    assert pace.take_lease("portal:liuxi") is None


def test_rest_is_only_ever_longer_and_outlives_the_process(archive: Archive, pace: Pace, time: Time) -> None:
    assert pace.off_until(HOST) is None
    pace.put_off(HOST, START + timedelta(hours=2))
    pace.put_off(HOST, START + timedelta(hours=1))
    with Archive.open(archive.path) as again:
        assert again.pace.off_until(HOST) == START + timedelta(hours=2)
        turn = again.pace.take_turn(HOST, delay_s=0.5, connections=1, moment=START + timedelta(hours=1))
        assert (turn.lease, turn.wait_s, turn.off_until) == (None, 3600.0, START + timedelta(hours=2))
        assert again.pace.take_turn(HOST, delay_s=0.5, connections=1, moment=START + timedelta(hours=2)).lease


def test_a_clock_set_back_holds_nobody_up(pace: Pace, time: Time) -> None:
    lease, _ = ask(pace, time)
    pace.end_turn(HOST, str(lease), delay_s=3.0)
    time.go_on(-86_400)
    assert ask(pace, time) == (None, 3.0)
    time.go_on(3)
    assert ask(pace, time)[0]


def test_a_lease_has_one_holder(archive: Archive, pace: Pace) -> None:
    with other_process(archive.path, "assert archive.pace.take_lease('portal:liuxi') is None") as child:
        assert str(pace.take_lease("portal:liuxi")).startswith(f"process {child.pid} on ")
        pace.release_lease("portal:liuxi")  # not ours
        assert pace.take_lease("portal:liuxi") is not None
        assert pace.take_lease("portal:qinghe") is None
        child.kill()
        child.wait()
        assert pace.take_lease("portal:liuxi") is None
        assert pace.take_lease("portal:liuxi") is None
    pace.release_lease("portal:liuxi")
    assert archive.query("SELECT name FROM leases") == [("portal:qinghe",)]


def test_requests_are_counted_by_day_over_processes(archive: Archive, pace: Pace) -> None:
    assert pace.requests_of("liuxi", "2026-02-01") == 0
    assert pace.count_requests("liuxi", "2026-02-01", 2) == 2
    with other_process(archive.path, "archive.pace.count_requests('liuxi', '2026-02-01', 40)"):
        assert pace.requests_of("liuxi", "2026-02-01") == 42
    assert pace.count_requests("liuxi", "2026-02-02", 1) == 1
    assert pace.count_requests("qinghe", "2026-02-01", 1) == 1


def test_counting_keeps_the_lease_fresh(archive: Archive, pace: Pace, time: Time) -> None:
    assert pace.take_lease("portal:liuxi") is None
    time.go_on(60)
    pace.count_requests("liuxi", "2026-02-01", 1)
    assert archive.query("SELECT since FROM leases") == [("2026-02-01T03:01:00+00:00",)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """One archive for many examples, each with a host of its own."""
    with Archive.open(tmp_path_factory.mktemp("pace") / "a.db") as opened:
        opened._connection.execute("PRAGMA synchronous = OFF")
        yield opened


_numbers = count()
STEPS = st.one_of(st.tuples(st.just("ask"), st.sampled_from([0.5, 1.0, 4.0])), st.just("answer"), st.floats(0.1, 5))


@settings(max_examples=60)
@given(connections=st.integers(1, 3), steps=st.lists(STEPS, max_size=20))
def test_never_more_than_the_rate_nor_the_connections(shared: Archive, connections: int, steps: list[Any]) -> None:
    """Any order of asking, answering and waiting, by askers with delays of their own."""
    host, time = f"h{next(_numbers)}:80", Time()
    pace = Pace(shared, time)
    events: list[tuple[datetime, float]] = []  # requests and ends of answers, with their delays
    under_way: list[tuple[str, float]] = []
    for step in steps:
        if isinstance(step, tuple):
            delay = step[1]
            lease, wait, _ = pace.take_turn(host, delay_s=delay, connections=connections, moment=time())
            if lease is None:
                assert wait > 0
                continue
            assert all(time() - at >= timedelta(seconds=max(delay, theirs)) for at, theirs in events)
            events.append((time(), delay))
            under_way.append((lease, delay))
            assert len({name for name, _ in under_way}) == len(under_way) <= connections
        elif step == "answer":
            if under_way:
                lease, delay = under_way.pop(0)
                pace.end_turn(host, lease, delay_s=delay)
                events.append((time(), delay))
        else:
            time.go_on(step)
