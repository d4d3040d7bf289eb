"""What goes wrong around the watch stays where it is: it goes on, and all else with it."""

import asyncio
import socket
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.archive import Archive
from db.errors import ArchiveError
from monitor.clock import RealClock, VirtualClock
from monitor.config import load_config
from monitor.watch import watch as watching
from monitor.watch.files import Files
from monitor.watch.running import Running
from monitor.watch.schedule import Due, Job
from monitor.watch.watch import Watch
from monitor.watch.work import Result, Work
from tests.monitor.watching import deployment

NOW = datetime(2026, 2, 20, 4, tzinfo=UTC)


def test_a_busy_archive_is_no_standstill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody else writes for long, systemd hears that we are alive; and the end does not wait for him."""
    config = load_config(deployment(tmp_path, {"liuxi": "127.0.0.1:9"}))
    monkeypatch.setattr(watching, "TICK_S", 0.05)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        async def run() -> list[str]:
            stop, clock = asyncio.Event(), RealClock()
            running = asyncio.create_task(Watch(config, config.archive, clock, log_file=tmp_path / "log").run(stop))
            assert await asyncio.to_thread(systemd.recv, 99) == b"READY=1"
            with closing(sqlite3.connect(config.archive, timeout=20, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                (tmp_path / "portals" / "shanyang.toml").write_text("name = 1", "utf-8")
                said = [(await asyncio.to_thread(systemd.recv, 99)).decode() for _ in range(20)]
                stop.set()
                await asyncio.wait_for(running, 9)
                other.execute("ROLLBACK")
            return said

        assert set(asyncio.run(run())) == {"WATCHDOG=1"}


def _tried(tmp_path: Path, make: Callable[[Running, Archive, Work], Awaitable[None]]) -> None:
    config = load_config(deployment(tmp_path, {"liuxi": "127.0.0.1:9"}, schedule='verify = ""'))

    async def made() -> None:
        with Archive.open(config.archive, wait_s=0.05) as archive:
            files, work = Files(config), Work(config, config.archive)
            files.look()
            await make(Running(archive, config, files, work, VirtualClock(NOW), lambda: None), archive, work)

    asyncio.run(made())


def test_what_could_not_be_begun_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process could be made: Python is being put in anew, or the machine has no room. It is tried again soon."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))

    async def make(running: Running, archive: Archive, work: Work) -> None:
        for job in (Job("backup"), Job("crawl", "liuxi")):
            await (await running.begin(Due(job, NOW, "a test")))
        for job, last in archive.jobs.last().items():
            assert (last.outcome, last.failures) == ("failed", 1)
            assert "could not be begun (No such file or directory" in (last.detail or "")
            (again,) = (due for due in running.upcoming() if due.job == job)
            assert again.at == NOW + timedelta(minutes=30)

    _tried(tmp_path, make)


def test_what_nobody_has_foreseen_has_failed(tmp_path: Path) -> None:
    async def make(running: Running, archive: Archive, work: Work) -> None:
        def broken(job: str, portals: object, now: object) -> Result:
            raise KeyError("who")

        work.job = broken  # type: ignore[method-assign, assignment]
        await (await running.begin(Due(Job("backup"), NOW, "a test")))
        last = archive.jobs.last()[Job("backup")]
        assert (last.outcome, last.detail, running.names) == ("failed", "KeyError: 'who'", [])

    _tried(tmp_path, make)


@pytest.mark.parametrize("is_replaced", [False, True])
def test_another_archive_is_not_gone_on_with(
    tmp_path: Path, *, is_replaced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is moved away by hand while the watch has it open is not filled on, while what it starts makes a new one."""
    config = load_config(deployment(tmp_path, {}))
    monkeypatch.setattr(watching, "TICK_S", 0.05)

    async def run() -> None:
        running = asyncio.create_task(
            Watch(config, config.archive, RealClock(), log_file=tmp_path / "log").run(asyncio.Event())
        )
        while not running.done() and "watch" not in _leases(config.archive):
            await asyncio.sleep(0.02)
        if is_replaced:
            with Archive.open(tmp_path / "new.db"):
                pass
            (tmp_path / "new.db").replace(config.archive)
        else:
            config.archive.rename(tmp_path / "old.db")
        with pytest.raises(ArchiveError, match="another file, or none, lies there"):
            await asyncio.wait_for(running, 20)

    asyncio.run(run())


def _leases(archive: Path) -> list[str]:
    if not archive.exists():
        return []
    with closing(sqlite3.connect(archive)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'leases'").fetchall():
            return []
        return [name for (name,) in connection.execute("SELECT name FROM leases")]
