"""What the jobs of the watch do: each in a process of its own with bounds of time and memory, but for the look after
ourselves. All of it blocks, and is called in threads.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from crawler.portal import Portal
from crawler.run import Stop, how_it_ended, run_child
from db.archive import Archive
from db.errors import ArchiveError
from db.jobs import FAILED, KILLED, OK
from monitor.config import Config
from monitor.crawling import crawl_one

CRAWL, SELFWATCH = "crawl", "selfwatch"

_READ_SOMETHING = ("ok", "partial")
_MOST_SENTENCES = 3  # of a crawl, in the record of its run; the log has them all


class Result(NamedTuple):
    """What came of a job: ok, failed or killed, and a sentence. at: when it ended, where it told that itself."""

    outcome: str
    detail: str
    at: datetime | None = None


class Work:
    """The jobs of one archive. stop: ends all that is under way, from another thread."""

    def __init__(self, config: Config, archive: Path, *, log_file: Path | None = None) -> None:
        self.stop = Stop()
        self._config = config
        self._archive = archive.absolute()
        self._log_file = log_file

    def crawl(self, portal: Portal, now: datetime | None) -> Result:
        """Crawl a portal. now: a virtual time, else the real one, as below."""
        summary = crawl_one(
            portal,
            self._archive,
            self._config,
            now=now,
            log_file=self._log_file,
            memory_mb=self._config.watch.crawl_memory_mb,
            stop=self.stop,
        )
        outcome = OK if summary.outcome in _READ_SOMETHING else KILLED if self.stop.is_set else FAILED
        said = f"{summary.outcome}; {summary.requests} requests, {summary.new_documents} new documents"
        at = datetime.fromisoformat(summary.ended_at).astimezone(UTC) if summary.ended_at else None
        return Result(outcome, "; ".join([said, *summary.errors[:_MOST_SENTENCES]]), at)

    def job(self, job: str, portals: Sequence[Portal], now: datetime | None) -> Result:
        """Do any other job (monitor/watch/child.py). portals: as they are now."""
        told: list[dict[str, object]] = []
        order = self._order | {"job": job, "now": now.isoformat() if now else None}
        if job == "judge":
            order["portals"] = [portal.model_dump(mode="json") for portal in portals]
        bounds = self._config.watch
        ended = run_child(
            "monitor.watch.child",
            order,
            told.append,
            timeout_s=bounds.job_timeout_s,
            memory_mb=bounds.job_memory_mb,
            log_file=self._log_file,
            stop=self.stop,
        )
        if told and not ended.over:
            return Result(str(told[-1]["outcome"]), str(told[-1]["detail"]))
        what = f"job {job!r}"
        sentence = how_it_ended(what, ended, bounds.job_timeout_s, bounds.job_memory_mb)
        return Result(KILLED if ended.over or ended.status < 0 else FAILED, sentence)

    def look_after(self, portals: Sequence[Portal], now: datetime) -> Result:
        """See how the deployment itself does, and tell those who keep it."""
        from monitor.watch.selfwatch import look_after

        try:
            with Archive.open(self._archive, must_exist=True) as archive:
                look_after(archive, self._config, now, portals)
        except ArchiveError as error:
            return Result(FAILED, str(error))
        return Result(OK, "")

    @cached_property
    def _order(self) -> dict[str, Any]:
        """What is the same for all. As the watch has read it: what the file says since counts after a restart."""
        config = TypeAdapter(Config).dump_python(self._config, mode="json")
        return {"config": config, "archive": str(self._archive)}
