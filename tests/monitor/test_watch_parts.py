"""What the watch is made of: the files that it reads while it runs, the bounds of its jobs, days that are played."""

import asyncio
import os
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crawler.sandbox.server import FolderPortal
from db.archive import Archive
from monitor.clock import RealClock, VirtualClock
from monitor.config import load_config
from monitor.crawling import crawl_one, deployment_portals
from monitor.first import mark_first
from monitor.job import read_and_judge
from monitor.watch.files import Files
from monitor.watch.systemd import notify
from monitor.watch.watch import Watch
from monitor.watch.work import Work
from parsers.strict_toml import ConfigError
from tests.monitor.watching import deployment, portal_text, reports

NOW = datetime(2024, 2, 20, 2, 0, tzinfo=UTC)


def _write(path: Path, text: str) -> None:
    """As an editor does, with another time."""
    path.write_text(text, "utf-8")
    stamp = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(stamp, stamp))


def test_portal_files_change_while_it_runs(tmp_path: Path) -> None:
    config = deployment(tmp_path, {"liuxi": "127.0.0.1:1", "shanyang": "127.0.0.1:2"}, "[telegram]\nmaintainers = [7]")
    liuxi = tmp_path / "portals" / "liuxi.toml"
    with Archive.open(tmp_path / "nianbao.db") as archive:
        files = Files(load_config(config))

        def look(minute: int) -> list[str]:
            """What the log and the maintainers are told in a minute."""
            with capture_logs() as logs:
                files.look()
            files.tell(archive, NOW + timedelta(minutes=minute))
            rows = [archive.outbox.rows([number]) for number in archive.outbox.due(NOW + timedelta(days=1))]
            return [str(line.get("why", line["what"])) for line in logs] + [row["text"] for (row,) in rows[told[0] :]]

        told = [0]
        assert look(0) == ["portals were read"] and set(files.portals) == {"liuxi", "shanyang"}
        assert look(1) == []
        _write(liuxi, portal_text("127.0.0.1:1", name="柳溪县人民政府门户"))
        assert look(2) == ["portals were read"] and files.portals["liuxi"].name == "柳溪县人民政府门户"
        _write(liuxi, 'name = "柳溪县\n')
        _read, why = look(3)  # it may be written just now: nobody is told yet
        assert "liuxi.toml:1" in why and files.portals["liuxi"].name == "柳溪县人民政府门户"
        (text,) = look(4)
        assert "站点文件有误" in text and "[Portal files]" in text and why in text
        told[0] = 1
        assert look(5) == []
        _write(liuxi, portal_text("127.0.0.1:3"))
        assert look(6) == ["portals were read"] and files.portals["liuxi"].allowed_hosts == ["127.0.0.1:3"]
        (text,) = look(7)
        assert "站点文件已改正" in text
        told[0] = 2
        (tmp_path / "portals" / "shanyang.toml").unlink()
        _write(config, config.read_text("utf-8") + "\n")
        _read, changed = look(8)
        assert "counts once nianbao is started again" in changed and set(files.portals) == {"liuxi"}


def test_jobs_are_bounded(tmp_path: Path) -> None:
    more = "[watch]\njob_timeout_s = 0.05\ncrawl_memory_mb = 128"
    config = load_config(deployment(tmp_path, {"liuxi": "127.0.0.1:1"}, more))
    work = Work(config, tmp_path / "nianbao.db", log_file=tmp_path / "log")
    outcome, detail, _ = work.job("verify", [], None)
    assert (outcome, "was ended after 0.05 s" in detail) == ("killed", True)
    work.stop.set()
    assert work.job("verify", [], None).outcome == "killed"


def test_only_loopback_is_played(tmp_path: Path) -> None:
    deployment(tmp_path, {"liuxi": "www.example.gov.cn"})
    config = load_config(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="only for portals on this machine"):
        asyncio.run(Watch(config, config.archive, VirtualClock(NOW)).play(NOW + timedelta(days=1)))
    with pytest.raises(TypeError):
        asyncio.run(Watch(config, config.archive, RealClock()).play(NOW))


def test_old_years_stay_quiet_after_a_kill(tmp_path: Path) -> None:
    """Killed between a portal's first crawl and the judgement: the next watch still tells nothing of old years, and
    does so only once."""
    moment = datetime(2024, 4, 10, 2, 0, tzinfo=UTC)
    config_file = deployment(tmp_path, {}, "[telegram]\nchats = [42]")
    with FolderPortal(reports(), now=moment) as server:
        server.portal_tomls(tmp_path / "portals")
        config = load_config(config_file)
        (portal,) = (one for one in deployment_portals(config) if one.on_loopback)
        with Archive.open(config.archive) as archive:
            mark_first(archive, [portal], moment)
        assert crawl_one(portal, config.archive, config, now=moment, log_file=tmp_path / "log").outcome == "ok"
        # Killed here. What another would tell that knows nothing of the mark:
        shutil.copytree(tmp_path, tmp_path / "other")
        later = moment + timedelta(minutes=1)
        with Archive.open(tmp_path / "other" / "nianbao.db") as other:
            other.jobs.unmark(f"first crawl: {portal.id}")
            read_and_judge(other, config, [portal], later)
            loud = _years_told(other)
        watch = Watch(config, config.archive, VirtualClock(later), log_file=tmp_path / "log")
        asyncio.run(watch.play(later + timedelta(minutes=1)))
    with Archive.open(config.archive) as archive:
        assert _years_told(archive) == {moment.year - 1}
        assert loud > {moment.year - 1}
        assert set(archive.jobs.marks()) >= {"alive"}
        assert not any(name.startswith("first crawl") for name in archive.jobs.marks())
        (run,) = archive.query("SELECT outcome FROM job_runs WHERE job = 'judge'")[:1]
        assert run == ("ok",)


def _years_told(archive: Archive) -> set[int]:
    return {
        year for (year,) in archive.query("SELECT DISTINCT f.year FROM outbox o JOIN findings f USING (fingerprint)")
    }


def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")  # nobody listens
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        address = os.path.relpath(tmp_path / "notify")  # a socket's path must be short
        listening.bind(address)
        listening.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify("READY=1", "STATUS=fine")
        assert listening.recv(100) == b"READY=1\nSTATUS=fine"
