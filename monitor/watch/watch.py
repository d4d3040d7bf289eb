"""The one long-running process: sees what is due, has it done, speaks with people, looks after itself.

All that it must know after a restart stands in the archive, so that it may be killed at any instant: what ran without
an end counts as killed, and is due again. What it starts ends with it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from crawler.asking.hours import BEIJING
from db.archive import Archive
from db.errors import ArchiveError
from db.jobs import OK
from monitor.clock import Clock, RealClock, VirtualClock
from monitor.config import Config
from monitor.telling.patience import patiently
from monitor.telling.teller import sync_chats
from monitor.watch.files import Files
from monitor.watch.running import Running, result_of
from monitor.watch.schedule import Due, in_words
from monitor.watch.speaking import Bot, Delivery, bot_of, delivery_of
from monitor.watch.systemd import notify
from monitor.watch.threads import in_thread
from monitor.watch.work import CRAWL, Work
from parsers.strict_toml import ConfigError

log = structlog.get_logger("monitor")

TICK_S, BEAT_S = 15, 60
LEASE = "watch"
ALIVE = "alive"  # the mark of the last sign of life

_WAIT_S = 0.05  # of the archive, for other writers: the loop stands still meanwhile
_AT_LEAST = timedelta(seconds=1)  # that time goes on in `play`


class Watch:
    """The watch of one deployment.

    clock: RealClock for `run`, VirtualClock for `play`. token: of the bot; without one nothing is told. on_moment: for
    `play`, called with each moment before what is due then is done. log_file: for the logs of what it starts, else
    standard error.
    """

    def __init__(
        self,
        config: Config,
        archive_path: Path,
        clock: Clock,
        *,
        token: str | None = None,
        on_moment: Callable[[datetime], None] | None = None,
        log_file: Path | None = None,
    ) -> None:
        self._config = config
        self._path = archive_path
        self._clock = clock
        self._token = token
        self._on_moment = on_moment
        self._files = Files(config)
        self._work = Work(config, archive_path, log_file=log_file)
        self._wake = asyncio.Event()
        self._waits = False
        self._opened: tuple[int, int] | None = None  # which file of that name

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then within ten seconds: what was begun is ended, what was kept stays.

        Raises ArchiveError where another watch runs for this archive, or it cannot be opened or brought up to date.
        """
        if not await self._made_ready(stop):
            return
        async with self._archive_taken() as archive:
            log.info("watch", what="begins", archive=str(self._path), portals=len(self._files.portals))
            # Before the first sign of life: how long there was none is what people are told.
            portals = list(self._files.portals.values())
            looked = await result_of(lambda: self._work.look_after(portals, self._clock.now()))
            if looked.detail:
                log.error("trouble", what="looking after ourselves", why=looked.detail)
            running = Running(archive, self._config, self._files, self._work, self._clock, self._wake.set)
            delivery = delivery_of(archive, self._config, self._clock, self._token)
            bot = bot_of(archive, self._config, self._clock, self._token)
            with self._ticking(archive):
                await self._until(stop, archive, running, delivery, bot)
        log.info("watch", what="ended")

    async def play(self, until: datetime) -> None:
        """Play by a VirtualClock: go on from moment to moment at which something is due, do it, tell, until a time.

        Crawls are real processes that are handed the time. Raises ConfigError unless every portal is on loopback.
        """
        clock = self._clock
        if not isinstance(clock, VirtualClock):
            raise TypeError("only a VirtualClock can be played")
        with Archive.open(self._path, backup=self._config.backup_folder or True):
            pass  # it is made, or brought up to date, with a longer wait than below
        self._files.look()
        async with self._archive_taken() as archive:
            if not all(portal.on_loopback for portal in self._files.portals.values()):
                raise ConfigError(["a time is handed in, which is only for portals on this machine; leave it out"])
            running = Running(archive, self._config, self._files, self._work, clock, self._wake.set)
            delivery = delivery_of(archive, self._config, clock, self._token)
            try:
                while (moment := self._next(archive, running, delivery, clock.now())) <= until:
                    clock.set(moment)
                    if self._on_moment is not None:
                        self._on_moment(moment)
                    self._files.look()
                    archive.jobs.mark(ALIVE, clock.now())
                    await self._do_all(running)
                    if delivery is not None:
                        await delivery.round()
                clock.set(until)
            finally:
                await running.end()
                if delivery is not None:
                    await delivery.close()

    # What both do

    @asynccontextmanager
    async def _archive_taken(self) -> AsyncIterator[Archive]:
        """The archive, for this watch alone."""
        with Archive.open(self._path, wait_s=_WAIT_S) as archive:
            self._opened = _identity(self._path)
            holder = await patiently(lambda: archive.pace.take_lease(LEASE), RealClock())
            if holder is not None:
                raise ArchiveError(
                    f"{self._path}: another `nianbao watch` runs for this archive ({holder}); leave it to that one, or"
                    " stop that one first"
                )
            try:
                for job, _ in await patiently(lambda: archive.jobs.broken_off(self._clock.now()), RealClock()):
                    log.warning("job", job=job.name, subject=job.subject, what="was broken off; it is due again")
                # Before anything is told, or anybody asks: chats may be others by the settings.
                await patiently(lambda: sync_chats(archive, self._config, self._clock.now()), RealClock())
                yield archive
            finally:
                with suppress(ArchiveError):  # a lease of a process that is no more holds up nobody
                    archive.pace.release_lease(LEASE)

    # For real

    async def _made_ready(self, stop: asyncio.Event) -> bool:
        """Have the archive made, or brought up to date, and read all portal files; False where it is to end before.
        In a process of its own, since it may take long, and much memory that we would keep. Raises ArchiveError."""
        opening = asyncio.create_task(in_thread(lambda: self._work.job("open", [], None)))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({opening, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if stop.is_set():
            self._work.stop.set()
        outcome, detail, _ = await opening
        if stop.is_set():
            return False
        if outcome != OK:
            raise ArchiveError(detail)
        await in_thread(self._files.look)
        return True

    async def _until(
        self, stop: asyncio.Event, archive: Archive, running: Running, delivery: Delivery | None, bot: Bot | None
    ) -> None:
        speaking = [asyncio.create_task(one.run()) for one in (delivery, bot) if one is not None]
        stopped = asyncio.create_task(stop.wait())
        for task in (*speaking, stopped):
            task.add_done_callback(lambda _: self._wake.set())
        notify("READY=1")
        try:
            while not stop.is_set():
                self._wake.clear()
                tick = asyncio.create_task(self._tick(archive, running))
                await asyncio.wait({tick, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if not tick.done():  # an archive that is busy must not hold up the end
                    tick.cancel()
                    break
                tick.result()
                self._check_place()
                await self._wake.wait()
                for task in speaking:
                    if task.done():
                        task.result()  # what it died of ends us, and whoever started us starts us again
        finally:
            notify("STOPPING=1")
            log.info("watch", what="ends", running=running.names)
            stopped.cancel()
            ends = [running.end(), *(one.end() for one in (delivery, bot) if one is not None)]
            for trouble in await asyncio.gather(*ends, return_exceptions=True):
                if trouble is not None:
                    log.error("trouble", what="something did not end well", why=repr(trouble))
            for task in speaking:
                task.cancel()

    def _check_place(self) -> None:
        """What we start opens the archive anew: ArchiveError where that would be another one than ours."""
        if _identity(self._path) != self._opened:
            raise ArchiveError(
                f"{self._path}: another file, or none, lies there since the watch has begun; what is there counts once"
                " the watch is started again"
            )

    @contextmanager
    def _ticking(self, archive: Archive) -> Iterator[None]:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        async def ring() -> None:
            notify("WATCHDOG=1")  # here, since a tick waits for as long as somebody else writes the archive
            self._wake.set()

        scheduler = AsyncIOScheduler(
            timezone=BEIJING, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        scheduler.add_job(ring, "interval", seconds=TICK_S)
        scheduler.add_job(self._beat, "interval", args=[archive], seconds=BEAT_S, next_run_time=self._clock.now())
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)

    async def _beat(self, archive: Archive) -> None:
        """A sign of life, in the archive and for the lease."""

        def beat() -> None:
            with archive.write():
                archive.jobs.mark(ALIVE, self._clock.now())
                archive.pace.take_lease(LEASE)

        try:
            await patiently(beat, RealClock())
        except ArchiveError as error:
            log.error("trouble", what="no sign of life could be written", why=str(error))

    async def _tick(self, archive: Archive, running: Running) -> None:
        """Look at the files and the calendar, and begin what is due and may begin."""
        try:
            await in_thread(self._files.look)
            await patiently(lambda: self._files.tell(archive, self._clock.now()), RealClock())
            upcoming = running.upcoming()
            for due in upcoming:
                if due.at <= self._clock.now() and running.may_begin(due.job):
                    await running.begin(due)
            self._say_what_is_next(upcoming[0], running)
            self._wake_for(upcoming)
        except ArchiveError as error:  # a full disk, say: it may pass, and nothing is lost by waiting
            log.error("trouble", what="nothing could be begun", why=str(error))

    def _say_what_is_next(self, due: Due, running: Running) -> None:
        """Once all that was due is done."""
        waits = not running.names and due.at > self._clock.now()
        if waits and not self._waits:
            log.info("watch", what="waits", until=in_words(due.at), job=due.job.name, subject=due.job.subject)
        self._waits = waits

    def _wake_for(self, upcoming: list[Due]) -> None:
        """What becomes due before the next tick need not wait for it."""
        now = self._clock.now()
        wait = min(((due.at - now).total_seconds() for due in upcoming if due.at > now), default=TICK_S)
        if wait < TICK_S:
            asyncio.get_running_loop().call_later(wait, self._wake.set)

    # Virtually

    def _next(self, archive: Archive, running: Running, delivery: Delivery | None, now: datetime) -> datetime:
        """When something is due next."""
        times = [due.at for due in running.upcoming()[:1]]
        if delivery is not None and (due_at := archive.outbox.next_due(now)) is not None:
            times.append(max(due_at, now + _AT_LEAST))
        return min(times)

    async def _do_all(self, running: Running) -> None:
        """Do all that is due, and what becomes due by it: crawls side by side, all else one after the other."""
        while due := [due for due in running.upcoming() if due.at <= self._clock.now()]:
            crawls = [one for one in due if one.job.name == CRAWL][: self._config.crawl.at_once]
            for some in [crawls] if crawls else [[one] for one in due]:
                tasks = [await running.begin(one) for one in some]
                await asyncio.gather(*tasks)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another of the same name; None of one that is not there."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
