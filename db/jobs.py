"""What ran by the calendar, and what came of it; the times that the watch must know after a restart."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from db.errors import ArchiveError
from db.times import from_text, to_text

if TYPE_CHECKING:
    from db.connection import ArchiveFile

CRAWL = "crawl"
OK, FAILED, KILLED = "ok", "failed", "killed"
KEPT = timedelta(days=400)  # a season and the one before, and what it takes to look back at both
_PRUNED = 20  # old rows that go with each new one: as many come, so that there is never much to do

_NO_RUN = "of no run by the calendar; people looked themselves"

# The last run of each job and subject, by seeks alone however many rows there are; the newest by number, since clocks
# are set back. failures: the runs since the last one that was ok.
_LAST = """
WITH RECURSIVE keys (job, subject) AS (
  SELECT job, subject FROM (SELECT job, subject FROM job_runs ORDER BY job, subject LIMIT 1)
  UNION ALL
  -- In two steps: SQLite does not seek by both columns of (job, subject) > (…).
  SELECT n.job, n.subject FROM keys k JOIN job_runs n ON n.id = coalesce(
    (SELECT id FROM job_runs WHERE job = k.job AND subject > k.subject ORDER BY subject, id LIMIT 1),
    (SELECT id FROM job_runs WHERE job > k.job ORDER BY job, subject, id LIMIT 1))
)
SELECT r.job, r.subject, r.id, r.due_at, r.why, r.missed, r.started_at, r.ended_at, r.outcome, r.detail,
  CASE WHEN r.outcome = 'ok' THEN 0 ELSE (
    SELECT count(*) FROM job_runs f WHERE f.job = r.job AND f.subject = r.subject AND f.outcome IS NOT NULL
    AND f.id > coalesce((SELECT g.id FROM job_runs g WHERE g.job = r.job AND g.subject = r.subject AND g.outcome = 'ok'
      ORDER BY g.id DESC LIMIT 1), 0)) END
FROM keys k JOIN job_runs r ON r.id = (
  SELECT id FROM job_runs l WHERE l.job = k.job AND l.subject = k.subject ORDER BY id DESC LIMIT 1)
"""
# Of each portal: the last crawl that read something, and how the last of all ended, whoever made it.
_LOOKS = """
SELECT p.id, w.started_at, w.ended_at, coalesce(w.is_complete, 1), l.ended_at, l.outcome FROM portals p
JOIN crawls l ON l.id = (SELECT id FROM crawls WHERE portal = p.id AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1)
LEFT JOIN crawls w ON w.id = (
  SELECT id FROM crawls WHERE portal = p.id AND outcome IN ('ok', 'partial') ORDER BY id DESC LIMIT 1)
"""


class Job(NamedTuple):
    """What is run: a name (crawl, judge, manifest, backup, verify, digest, selfwatch) and, of crawl, the portal."""

    name: str
    subject: str = ""


class LastRun(NamedTuple):
    """The last run of a job. due_at: the time of the calendar that it was run for. ended_at, outcome (ok, failed,
    killed): None while it runs, or where it was killed and broken_off() has not said so yet. failures: so many in a row
    were not ok, this one included. is_refused: the portal refused it (blocked, or forbidden by robots.txt). is_whole:
    False where the last crawl that read something left addresses that were due. looked_at: the end of that crawl, by
    the calendar or by hand. id: 0 where the portal was only looked at by hand."""

    due_at: datetime
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    failures: int = 0
    is_refused: bool = False
    is_whole: bool = True
    looked_at: datetime | None = None
    id: int = 0
    why: str = ""
    missed: int = 0
    detail: str | None = None


class Mark(NamedTuple):
    """A time that is remembered under a name, and what belongs to it."""

    at: datetime
    detail: str


class Jobs:
    """job_runs and watch_marks of an archive."""

    def __init__(self, file: "ArchiveFile") -> None:
        self._file = file

    def begin(self, job: str, subject: str, due_at: datetime, why: str, missed: int, at: datetime) -> int:
        """Write down that a job begins; the number of the run. Some rows older than KEPT go."""
        with self._file.write() as connection:
            connection.execute(
                "DELETE FROM job_runs WHERE id IN (SELECT id FROM job_runs ORDER BY id LIMIT ?) AND started_at < ?",
                (_PRUNED, to_text(at - KEPT)),
            )
            row = connection.execute(
                "INSERT INTO job_runs (job, subject, due_at, why, missed, started_at) VALUES (?, ?, ?, ?, ?, ?)"
                " RETURNING id",
                (job, subject, to_text(due_at), why, missed, to_text(at)),
            ).fetchone()
            return int(row[0])

    def end(self, run_id: int, at: datetime, outcome: str, detail: str | None = None) -> None:
        """Write down what came of a run: ok, failed or killed, and a sentence. One that has its end keeps it.

        A crawl that read something ("ok", "partial") is ok; one that was refused, or postponed, is failed.
        Raises ArchiveError for another outcome.
        """
        if outcome not in (OK, FAILED, KILLED):
            raise ArchiveError(f"a run ends {OK}, {FAILED} or {KILLED}, not {outcome!r}")
        with self._file.write() as connection:
            connection.execute(
                "UPDATE job_runs SET ended_at = ?, outcome = ?, detail = ? WHERE id = ? AND ended_at IS NULL",
                (to_text(at), outcome, detail, run_id),
            )

    def last(self) -> dict[Job, LastRun]:
        """The last run of each job, and of each portal; a portal that only people looked at has their look."""
        with self._file.read() as connection:
            rows = connection.execute(_LAST).fetchall()
            looks = {portal: look for portal, *look in connection.execute(_LOOKS)}
        found: dict[Job, LastRun] = {}
        for job, subject, number, due_at, why, missed, started_at, ended_at, outcome, detail, failures in rows:
            refused, whole, looked_at = False, True, None
            if job == CRAWL and (look := looks.pop(subject, None)) is not None:
                _, looked_at, is_complete, last_at, last_outcome = look
                refused, whole = last_outcome == "blocked" and last_at >= started_at, bool(is_complete)
            found[Job(job, subject)] = LastRun(
                from_text(due_at), from_text(started_at), _time(ended_at), outcome, failures, refused, whole,
                _time(looked_at), number, why, missed, detail,
            )  # fmt: skip
        for portal, (started_at, looked_at, is_complete, _, _) in looks.items():
            if looked_at is not None:
                began, ended = from_text(started_at), from_text(looked_at)
                found[Job(CRAWL, portal)] = LastRun(
                    began, began, ended, OK, is_whole=bool(is_complete), looked_at=ended, why=_NO_RUN
                )
        return found

    def broken_off(self, at: datetime) -> list[tuple[Job, LastRun]]:
        """Give the runs without an end their end, killed: for a watch that begins, when nothing can run. Which those
        were, oldest first."""
        with self._file.write() as connection:
            rows = connection.execute(
                "SELECT id, job, subject, due_at, why, missed, started_at FROM job_runs"
                " WHERE ended_at IS NULL ORDER BY id"
            ).fetchall()
            for number, *_ in rows:
                self.end(number, at, KILLED, "broken off: whoever ran it was ended")
        return [
            (
                Job(job, subject),
                LastRun(from_text(due), from_text(began), at, KILLED, id=number, why=why, missed=missed),
            )
            for number, job, subject, due, why, missed, began in rows
        ]

    def mark(self, name: str, at: datetime, detail: str = "") -> None:
        """Remember a time under a name; the one before is forgotten."""
        with self._file.write() as connection:
            connection.execute(
                "INSERT INTO watch_marks (name, at, detail) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail",
                (name, to_text(at), detail),
            )

    def unmark(self, name: str) -> None:
        """Forget what is remembered under a name, if anything is."""
        with self._file.write() as connection:
            connection.execute("DELETE FROM watch_marks WHERE name = ?", (name,))

    def marks(self) -> dict[str, Mark]:
        """What is remembered, by name."""
        rows = self._file.query("SELECT name, at, detail FROM watch_marks ORDER BY name")
        return {name: Mark(from_text(at), detail) for name, at, detail in rows}


def _time(text: str | None) -> datetime | None:
    return from_text(text) if text is not None else None
