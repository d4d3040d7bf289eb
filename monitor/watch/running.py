"""The jobs that run: what may begin beside what, and the record of each in the archive, before it begins and after."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from db.archive import Archive
from db.errors import ArchiveError
from db.jobs import FAILED, OK, Job
from monitor.clock import Clock, RealClock, VirtualClock
from monitor.config import Config
from monitor.first import mark_first
from monitor.telling.patience import patiently
from monitor.watch.files import Files
from monitor.watch.schedule import Due, PortalTime, upcoming
from monitor.watch.threads import in_thread
from monitor.watch.work import CRAWL, SELFWATCH, Result, Work

log = structlog.get_logger("monitor")

_AFTER_TROUBLE_S = 30.0
_FOR_JOBS_S = 7.0  # to end; crawler.run.Stop kills their processes after 5


async def result_of(work: Callable[[], Result]) -> Result:
    """Do a job, in a thread. What nobody has foreseen is a failure of this job, and holds up no other."""
    done = asyncio.ensure_future(in_thread(work))
    await asyncio.wait({done})
    error = done.exception()
    if error is None:
        return done.result()
    log.error("trouble", what="something that nobody has foreseen", why=repr(error), exc_info=error)
    return Result(FAILED, f"{type(error).__name__}: {error}")


class Running:
    """The jobs of one watch. on_end: called when one has ended."""

    def __init__(
        self, archive: Archive, config: Config, files: Files, work: Work, clock: Clock, on_end: Callable[[], None]
    ) -> None:
        self._archive = archive
        self._config = config
        self._files = files
        self._work = work
        self._clock = clock
        self._on_end = on_end
        self._tasks: dict[Job, asyncio.Task[None]] = {}

    @property
    def names(self) -> list[str]:
        """What runs now."""
        return [" ".join(filter(None, job)) for job in self._tasks]

    def upcoming(self) -> list[Due]:
        """What is due, and when what is not, soonest first."""
        portals = [PortalTime(portal.id, portal.open_hours) for portal in self._files.portals.values()]
        return upcoming(portals, self._archive.jobs.last(), self._config.schedule, self._clock.now())

    def may_begin(self, job: Job) -> bool:
        """Crawls run side by side, and so does the look after ourselves; of all else one at a time."""
        if job in self._tasks:
            return False
        if job.name == CRAWL:
            if sum(other.name == CRAWL for other in self._tasks) >= self._config.crawl.at_once:
                return False
            # Somebody crawls it by hand, or the crawl of a watch that was killed is about to end.
            return self._archive.pace.holder(f"portal:{job.subject}") is None
        return job.name == SELFWATCH or not any(other.name not in (CRAWL, SELFWATCH) for other in self._tasks)

    async def begin(self, due: Due) -> asyncio.Task[None]:
        """Write down that it begins, and have it done. Raises ArchiveError."""
        # Waiting for other writers takes real time, whatever clock the rest goes by.
        number = await patiently(lambda: self._write_begin(due), RealClock())
        if due.job.name != SELFWATCH:  # of which every hour nothing is to be said
            log.info("job", job=due.job.name, subject=due.job.subject, what="begins", why=due.why)
        task = self._tasks[due.job] = asyncio.create_task(self._do(due.job, number))
        return task

    async def end(self) -> None:
        """Ask all that runs to end, and wait for it. What does not is killed; what then is not written down counts as
        killed when the next watch begins."""
        self._work.stop.set()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=_FOR_JOBS_S)
        for task in self._tasks.values():
            task.cancel()

    def _write_begin(self, due: Due) -> int:
        now = self._clock.now()
        with self._archive.write():
            if due.job.name == CRAWL:
                mark_first(self._archive, [self._files.portals[due.job.subject]], now)
            return self._archive.jobs.begin(due.job.name, due.job.subject, due.at, due.why, due.missed, now)

    async def _do(self, job: Job, number: int) -> None:
        try:
            result = await result_of(self._what(job))
            if result.at is not None and isinstance(self._clock, VirtualClock):
                self._clock.set(result.at)  # what it saw is not of the future
            at = self._clock.now()
            await self._write_end(job, number, at, result)
            if result.detail or result.outcome != OK or job.name != SELFWATCH:
                say = log.info if result.outcome == OK else log.warning
                say("job", job=job.name, subject=job.subject, what="ended", outcome=result.outcome, why=result.detail)
        finally:
            del self._tasks[job]
            self._on_end()

    async def _write_end(self, job: Job, number: int, at: datetime, result: Result) -> None:
        """Write down what came of it, however long that takes: without an end it would count as running, and be tried
        again by nobody. Where the watch ends before, it counts as killed."""
        while True:
            try:
                await patiently(
                    lambda: self._archive.jobs.end(number, at, result.outcome, result.detail or None), RealClock()
                )
                return
            except ArchiveError as error:  # a full disk, say: it may pass
                log.error("trouble", what=f"the end of {job.name} could not be written down", why=str(error))
            if self._work.stop.is_set:
                return
            await RealClock().sleep(_AFTER_TROUBLE_S)

    def _what(self, job: Job) -> Callable[[], Result]:
        now = self._clock.now() if isinstance(self._clock, VirtualClock) else None
        if job.name == CRAWL:
            return partial(self._work.crawl, self._files.portals[job.subject], now)
        portals = list(self._files.portals.values())
        if job.name == SELFWATCH:
            return partial(self._work.look_after, portals, self._clock.now())
        return partial(self._work.job, job.name, portals, now)
