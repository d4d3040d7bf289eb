"""`nianbao schedule`: what runs next, for people and as JSON, with and without archive, portals and a watch."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.archive import Archive
from monitor.cli import main
from monitor.watch.watch import LEASE

NOW = datetime.fromisoformat("2026-03-03T12:00:00+08:00")
HOUR = timedelta(hours=1)
PORTAL = """name = "柳溪县"
platform = "static_list"
allowed_hosts = ["{host}"]
{hours}columns = [{{ url = "http://{host}/nb/" }}]
"""


def portal(folder: Path, name: str, hours: str = "", host: str = "127.0.0.1") -> None:
    (folder / "portals").mkdir(exist_ok=True)
    text = PORTAL.format(host=host, hours=f'hours = "{hours}"\n' if hours else "")
    (folder / "portals" / f"{name}.toml").write_text(text, "utf-8")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('archive = "a.db"\n', "utf-8")
    portal(tmp_path, "liuxi")
    portal(tmp_path, "qinghe", "22:00-06:00")
    return tmp_path


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["schedule", *arguments])


def rows(*arguments: str) -> list[dict[str, Any]]:
    done = ask("--json", "--now", NOW.isoformat(), *arguments)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def ran(archive: Archive, job: str, subject: str, at: datetime, outcome: str | None, detail: str = "") -> None:
    number = archive.jobs.begin(job, subject, at, "daily", 0, at)
    if outcome:
        archive.jobs.end(number, at + HOUR / 2, outcome, detail)


def test_without_an_archive_all_is_to_be_done(here: Path) -> None:
    done = ask("--now", NOW.isoformat())
    assert done.exit_code == 0
    assert done.stderr == f"nianbao: {here / 'a.db'}: there is no archive yet; nothing ever ran for it\n"
    heading, *lines = done.stdout.splitlines()
    assert heading.split("  ")[0] == "when (Beijing)"
    assert [line.split() for line in lines if "liuxi" in line] == [
        ["now", "crawl", "liuxi", "never", "never", "looked", "at", "yet"]
    ]
    assert any(line.startswith("2026-03-03 22:") and "crawl qinghe" in line for line in lines)
    assert lines[-2] == "2 portals, 6 other jobs: 6 due now."
    assert lines[-1].startswith("Mind: no `nianbao watch` runs for this archive")
    assert not (here / "a.db").exists()


def test_how_the_last_runs_went(here: Path) -> None:
    with Archive.open(here / "a.db") as archive:
        ran(archive, "crawl", "liuxi", NOW - HOUR, "failed", "failed; 1 request; \x1b[31mliuxi: no answer")
        ran(archive, "backup", "", NOW - 8 * HOUR, "ok")
        ran(archive, "verify", "", NOW - 3 * HOUR, None)
        begun = archive.crawls.begin("qinghe", NOW - 10 * HOUR)
        archive.crawls.end(begun, NOW - 9 * HOUR, outcome="ok", is_complete=True, summary={})
    shown = ask("--now", NOW.isoformat()).stdout.splitlines()
    lines = {name: line for line in shown for name in ("liuxi", "qinghe", "backup", "verify") if name in line}
    assert "failed 2026-03-03 11:30" in lines["liuxi"]
    assert lines["liuxi"].startswith("now ")
    assert lines["liuxi"].endswith("tried again: failed")
    assert "by hand 2026-03-03 03:00" in lines["qinghe"]
    assert "ok 2026-03-03 04:30" in lines["backup"] and lines["backup"].startswith("2026-03-04 03:40")
    assert "killed 2026-03-03 09:00" in lines["verify"] and "broken off" in lines["verify"]
    assert shown[-2].endswith("; 2 not fine the last time.")
    one = ask("--now", NOW.isoformat(), "--portal", "liuxi").stdout.splitlines()
    assert one[2] == "The last look: failed; 1 request; �[31mliuxi: no answer"
    assert one[3] == "1 portal: 1 due now; 1 not fine the last time."


def test_as_json(here: Path) -> None:
    with Archive.open(here / "a.db") as archive:
        ran(archive, "crawl", "liuxi", NOW - 50 * HOUR, "ok", "fine")
    (liuxi,) = rows("--portal", "liuxi")
    assert liuxi["why"].startswith("daily look in the season")
    at = datetime.fromisoformat(liuxi.pop("at"))
    assert at.utcoffset() == timedelta(0)
    last = liuxi.pop("last")
    assert liuxi == {
        "job": "crawl", "portal": "liuxi", "is_due": at <= NOW, "why": liuxi["why"], "missed": liuxi["missed"]
    }  # fmt: skip
    assert datetime.fromisoformat(last.pop("due_at")) == datetime.fromisoformat(last.pop("started_at"))
    assert datetime.fromisoformat(last.pop("ended_at")) == NOW - 49.5 * HOUR
    assert last == {"outcome": "ok", "failures": 0, "refused": False, "looked_at": None, "detail": "fine"}
    found = rows()
    assert {(row["job"], row["portal"]) for row in found} == {
        ("crawl", "liuxi"), ("crawl", "qinghe"), ("backup", None), ("digest", None), ("judge", None),
        ("manifest", None), ("selfwatch", None), ("verify", None),
    }  # fmt: skip
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)


def test_the_coming_days(here: Path) -> None:
    found = rows("--days", "31", "--portal", "liuxi")
    assert len({row["at"] for row in found}) == len(found) in range(40, 56)
    assert max(row["at"] for row in found) < (NOW + timedelta(days=31)).isoformat()
    done = ask("--now", NOW.isoformat(), "--days", "1")
    assert done.stdout.splitlines()[0].split() == ["when", "(Beijing)", "what", "why"]
    assert "times in 1 day." in done.stdout
    for days in ("0", "32", "x"):
        assert ask("--days", days).exit_code == 2


def test_where_a_watch_runs_nothing_is_to_be_minded(here: Path) -> None:
    """In another process: what this one holds is its own."""
    with Archive.open(here / "a.db") as archive:
        ran(archive, "verify", "", NOW - 3 * HOUR, None)
    hold = (
        "import sys; from pathlib import Path; from db.archive import Archive\n"
        f"with Archive.open(Path('a.db')) as archive: assert archive.pace.take_lease({LEASE!r}) is None\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        done = ask("--now", NOW.isoformat())
    finally:
        holder.communicate()
    assert "Mind" not in done.stdout
    assert "under way since 2026-03-03 09:00" in done.stdout
    assert "1 under way" in done.stdout


def test_what_is_wrong_is_one_sentence(here: Path) -> None:
    done = ask("--portal", "nowhere")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "nianbao: there is no portal 'nowhere'; known are liuxi, qinghe\n"
    done = ask("--now", "tomorrow")
    assert done.exit_code == 2 and "is no time" in done.stderr
    portal(here, "beyond", host="www.example.gov.cn")
    for arguments in ([], ["--portal", "liuxi"]):
        done = ask("--now", NOW.isoformat(), *arguments)
        assert (done.exit_code, done.stderr) == (
            2,
            "nianbao: --now is only for portals on this machine; leave it out\n",
        )
    assert ask().exit_code == 0


def test_without_portals_there_are_the_other_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = ask()
    assert done.exit_code == 0
    assert "there is no portal to crawl" in done.stderr
    assert "0 portals, 6 other jobs" in done.stdout
