"""`nianbao watch` as a process: how it ends, what it survives, who else may run."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from crawler.sandbox.server import FolderPortal
from db.archive import Archive
from db.records import Message
from tests.bot_api.fake import TOKEN, FakeBotApi
from tests.bot_api.faults import hang_before
from tests.crawler.test_ending import Held, held
from tests.monitor.watching import Watching, deployment, reports

__all__ = ["held"]

LONGEST_S = 10.0
INSTANTS = (("crawl", "begins"), ("judge", "begins"))


def rows(archive: Path, select: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        return connection.execute(select).fetchall()


def assert_gone(processes: list[psutil.Process]) -> None:
    gone, alive = psutil.wait_procs(processes, timeout=LONGEST_S)
    assert not alive, "what it started is left behind"
    assert len(gone) == len(processes)


def test_sigterm_ends_it_whatever_hangs(held: Held, tmp_path: Path) -> None:
    """A portal does not answer, its crawl does not listen, nor does the Bot API: it ends in time, and the crawl is due
    again. Meanwhile a second watch is refused, and the token stands nowhere. Once the Bot API answers, the bot listens,
    and what others write into the outbox is delivered."""
    held.hold("/nb/d0.html")
    with FakeBotApi(lambda method, chat, number: hang_before()) as api:
        more = f'[telegram]\nchats = [42]\nbase_url = "{api.base_url}"'
        config = deployment(tmp_path, {"liuxi": held.site.host}, more)
        with Watching(tmp_path, token=TOKEN) as watch:
            assert held.asked.wait(30)
            watch.job("manifest", "ended")
            second = subprocess.run(
                [sys.executable, "-m", "monitor", "watch", "--config", str(config)],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert second.returncode == 2
            assert f"another `nianbao watch` runs for this archive (process {watch.pid} " in second.stderr
            (crawl,) = watch.children()
            crawl.suspend()
            started = time.monotonic()
            watch.signal(signal.SIGTERM)
            assert watch.end(LONGEST_S) == 0
            assert time.monotonic() - started < LONGEST_S
        assert_gone([crawl])
        assert TOKEN not in "".join(watch.said) + str(watch.lines) + second.stderr
        assert any(path.endswith("getMe") for path in api.paths), "the bot never tried"
        held.released.set()
        api.reset()
        with Watching(tmp_path, token=TOKEN) as again:
            assert "broken off" in again.job("crawl", "begins")["why"]
            api.say(7, "/help")
            with Archive.open(tmp_path / "nianbao.db") as archive:
                now = datetime.now(UTC)
                archive.outbox.put([Message("42", "telegram", "a test", "told", "收到\nreceived")], now)
            api.wait_for(lambda: api.received(7) and api.received(42), 30)
            assert again.job("crawl", "ended")["outcome"] == "ok"
            again.signal(signal.SIGINT)
            assert again.end(LONGEST_S) == 130
    crawls = rows(tmp_path / "nianbao.db", "SELECT outcome FROM job_runs WHERE job = 'crawl' ORDER BY id")
    assert crawls == [("killed",), ("ok",)]
    assert rows(tmp_path / "nianbao.db", "SELECT count(*) FROM leases WHERE name = 'watch'") == [(0,)]


def three_hours_go_by(archive: Path) -> None:
    """As if all had been that much earlier, and the watch begun anew since: what was killed twice is tried again only
    after a pause."""
    with closing(sqlite3.connect(archive, timeout=30)) as connection, connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'job_runs'").fetchall():
            return  # killed before there was one
        connection.execute("UPDATE job_runs SET ended_at = started_at, outcome = 'killed' WHERE ended_at IS NULL")
        for column in ("due_at", "started_at", "ended_at"):
            connection.execute(
                f"UPDATE job_runs SET {column} = strftime('%Y-%m-%dT%H:%M:%S', {column}, '-3 hours') || '.000000+00:00'"
                f" WHERE {column} IS NOT NULL"
            )


def left(archive: Path) -> dict[str, list[Any]]:
    """What a watch has left, without times and numbers."""
    selects = {
        "documents": "SELECT sha256 FROM documents WHERE sha256 NOT IN (SELECT sha256 FROM manifests)",
        "sightings": "SELECT page_url, url, part, title, sha256 FROM sightings",
        "reports": "SELECT agency_key, year, source, url, sha256 FROM reports",
        "findings": "SELECT fingerprint, rule, year, gone_at IS NULL FROM findings",
        "outbox": "SELECT subscriber, channel, fingerprint, event, state FROM outbox",
    }
    return {name: sorted(rows(archive, select), key=repr) for name, select in selects.items()}


def test_kill_at_any_instant(tmp_path: Path) -> None:
    """Killed while jobs run and between them, and started again: nothing is lost, nothing is there twice, and
    nobody is left behind."""
    with FolderPortal(reports()) as server:
        server.real_dates = True
        archive = tmp_path / "killed" / "nianbao.db"
        for folder in ("whole", "killed"):
            (tmp_path / folder).mkdir()
            deployment(tmp_path / folder, {}, "[telegram]\nchats = [42]")
            server.portal_tomls(tmp_path / folder / "portals")
        with Watching(tmp_path / "whole") as watch:
            _until_all_is_done(watch)
        for job, what in INSTANTS:
            with Watching(tmp_path / "killed") as watch:
                watch.job(job, what)
                children = watch.children()
                watch.signal(signal.SIGKILL)
                watch.end()
            assert_gone(children)
            three_hours_go_by(archive)
        with Watching(tmp_path / "killed") as watch:
            _until_all_is_done(watch)
    found = left(archive)
    assert found == left(tmp_path / "whole" / "nianbao.db")
    assert found["reports"] and found["findings"]
    assert rows(archive, "PRAGMA integrity_check") == [("ok",)]
    assert rows(archive, "SELECT count(*) FROM job_runs WHERE outcome = 'killed'")[0][0] >= 2


def _until_all_is_done(watch: Watching) -> None:
    """Let it run until the portal was crawled and judged, and all else was done once."""
    watch.done()
    watch.signal(signal.SIGTERM)
    assert watch.end(LONGEST_S) == 0
