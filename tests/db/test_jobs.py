"""What ran by the calendar: written down, found again quickly, merged with what people looked at by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.archive import Archive
from db.errors import ArchiveError
from db.jobs import KEPT, Job, Jobs, Mark

T = datetime(2026, 3, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
CRAWL = Job("crawl", "p")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as archive:
        yield archive


def run(jobs: Jobs, at: datetime, outcome: str | None = "ok", job: Job = CRAWL) -> int:
    number = jobs.begin(*job, at, "daily", 0, at)
    if outcome is not None:
        jobs.end(number, at + HOUR / 2, outcome, f"it was {outcome}")
    return number


def crawl(archive: Archive, at: datetime, outcome: str, *, is_complete: bool = True, portal: str = "p") -> None:
    begun = archive.crawls.begin(portal, at)
    archive.crawls.end(begun, at + HOUR / 4, outcome=outcome, is_complete=is_complete, summary={})


def test_the_last_run_of_each(archive: Archive) -> None:
    jobs = archive.jobs
    assert jobs.last() == {}
    run(jobs, T)
    number = jobs.begin("crawl", "p", T + HOUR, "daily look", 2, T + 2 * HOUR)
    last = jobs.last()[CRAWL]
    assert (last.id, last.due_at, last.started_at, last.ended_at) == (number, T + HOUR, T + 2 * HOUR, None)
    assert (last.outcome, last.why, last.missed, last.failures, last.looked_at) == (None, "daily look", 2, 0, None)
    jobs.end(number, T + 3 * HOUR, "failed", "no answer")
    jobs.end(number, T + 9 * HOUR, "ok", "twice")
    run(jobs, T, job=Job("backup"))
    run(jobs, T, job=Job("crawl", "q"))
    found = jobs.last()
    assert list(found) == [Job("backup"), CRAWL, Job("crawl", "q")]
    assert (found[CRAWL].outcome, found[CRAWL].ended_at, found[CRAWL].detail) == ("failed", T + 3 * HOUR, "no answer")
    assert found[CRAWL].failures == 1


def test_failures_in_a_row(archive: Archive) -> None:
    jobs, counts = archive.jobs, []
    for hour, outcome in enumerate(["failed", "ok", "failed", "killed", None, "failed", "ok", None]):
        run(jobs, T + hour * HOUR, outcome)
        counts.append(jobs.last()[CRAWL].failures)
    # One that runs is not yet one of them, nor does it end them.
    assert counts == [1, 0, 1, 2, 2, 3, 0, 0]


def test_the_last_is_the_newest_also_where_the_clock_was_set_back(archive: Archive) -> None:
    run(archive.jobs, T + 900 * HOUR, "failed")
    run(archive.jobs, T)
    assert archive.jobs.last()[CRAWL].started_at == T


def test_what_people_look_at_by_hand(archive: Archive) -> None:
    crawl(archive, T - 9 * HOUR, "failed")
    assert archive.jobs.last() == {}
    crawl(archive, T, "partial")
    crawl(archive, T + HOUR, "blocked")
    crawl(archive, T, "ok", portal="q", is_complete=False)
    found = archive.jobs.last()
    last = found[CRAWL]
    assert (last.id, last.started_at, last.ended_at, last.outcome, last.failures) == (0, T, T + HOUR / 4, "ok", 0)
    assert last.is_whole and not found[Job("crawl", "q")].is_whole
    run(archive.jobs, T + 2 * HOUR, "failed")
    last = archive.jobs.last()[CRAWL]
    assert (last.outcome, last.looked_at, last.is_refused) == ("failed", T + HOUR / 4, False)


def test_what_the_portal_refused(archive: Archive) -> None:
    number = run(archive.jobs, T, None)
    crawl(archive, T, "blocked")
    archive.jobs.end(number, T + HOUR, "failed", "blocked")
    assert archive.jobs.last()[CRAWL].is_refused
    run(archive.jobs, T + 2 * HOUR, "failed")
    assert not archive.jobs.last()[CRAWL].is_refused


def test_runs_that_nobody_ended(archive: Archive) -> None:
    run(archive.jobs, T)
    run(archive.jobs, T + HOUR, None, Job("backup"))
    run(archive.jobs, T + 2 * HOUR, None)
    found = archive.jobs.broken_off(T + 5 * HOUR)
    assert [(job, last.started_at, last.outcome) for job, last in found] == [
        (Job("backup"), T + HOUR, "killed"),
        (CRAWL, T + 2 * HOUR, "killed"),
    ]
    assert archive.jobs.broken_off(T + 6 * HOUR) == []
    last = archive.jobs.last()[CRAWL]
    assert (last.outcome, last.ended_at, last.failures) == ("killed", T + 5 * HOUR, 1)


def test_another_outcome_is_refused(archive: Archive) -> None:
    number = run(archive.jobs, T, None)
    with pytest.raises(ArchiveError, match="not 'fine'"):
        archive.jobs.end(number, T, "fine")


def test_old_runs_go(archive: Archive) -> None:
    jobs = archive.jobs
    for number in range(50):
        run(jobs, T + number * HOUR)
    later = T + KEPT + 25 * HOUR
    for _ in range(3):
        run(jobs, later)
    rows = archive.query("SELECT min(started_at), count(*) FROM job_runs")
    assert rows == [((T + 25 * HOUR).isoformat(), 25 + 3)]
    assert jobs.last()[CRAWL].started_at == later


def test_asking_for_the_last_does_not_grow_with_the_runs(archive: Archive) -> None:
    """Counted in steps of SQLite's machine, which are the same on every one."""

    def steps() -> int:
        count = 0

        def step() -> None:
            nonlocal count
            count += 1

        with archive.read() as connection:
            connection.set_progress_handler(step, 1)
            try:
                assert len(archive.jobs.last()) == 40
            finally:
                connection.set_progress_handler(None, 0)
        return count

    def more(rounds: int, start: int) -> None:
        with archive.write() as connection:
            connection.executemany(
                "INSERT INTO job_runs (job, subject, due_at, why, started_at, ended_at, outcome)"
                " VALUES ('crawl', ?, ?, '', ?, ?, ?)",
                (
                    (f"p{number:02}", *[(T + (start + turn) * HOUR).isoformat()] * 3, "ok" if turn % 5 else "failed")
                    for turn in range(rounds)
                    for number in range(40)
                ),
            )

    more(10, 0)
    few = steps()
    more(1000, 10)
    assert steps() < 1.2 * few


def test_marks(archive: Archive) -> None:
    jobs = archive.jobs
    assert jobs.marks() == {}
    jobs.mark("alive", T)
    jobs.mark("told", T, "x")
    jobs.mark("alive", T + HOUR, "y")
    assert jobs.marks() == {"alive": Mark(T + HOUR, "y"), "told": Mark(T, "x")}
    jobs.unmark("told")
    jobs.unmark("told")
    assert list(jobs.marks()) == ["alive"]
