"""The doctor says what is wrong, where, and what to do, in whatever state the archive is; and changes nothing."""

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.archive import Archive, ArchiveError
from db.keeping import backup, health
from db.local_rules import LocalRule, LocalRules
from db.records import ColumnRead, Message, Sighting, Visit
from db.telling.outbox import put_messages
from monitor.cli import main
from monitor.doctor import Line, examine, machine
from monitor.doctor import archive as of_archive
from monitor.retaining import keep_from, owed_until

# Within a season, so that stale portals count.
NOW = datetime(2024, 2, 20, 4, tzinfo=UTC)
PORTAL = """
name = "柳溪县人民政府"
platform = "static_list"
columns = [{ url = "https://liuxi.example/nb/" }]
allowed_hosts = ["liuxi.example"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A deployment: settings, an archive with one document, a backup of it."""
    (tmp_path / "config.toml").write_text('archive = "a.db"\n', "utf-8")
    with Archive.open(tmp_path / "a.db") as archive:
        sha256 = archive.put_document(b"A", media="text/html", seen_at=NOW - timedelta(days=3))
        visit = Visit("liuxi", "https://liuxi.example/1", "detail", NOW - timedelta(days=3), 200, "ok", sha256=sha256)
        archive.add_visit(visit)
        backup.back_up(archive, tmp_path / "a.db.backups", NOW - timedelta(days=1))
    return tmp_path


def _lines(place: Path, now: datetime = NOW, *, deep: bool = False) -> Iterator[Line]:
    # The disk's time is that of the machine, the doctor's one of a season: that they differ is another test.
    return (
        line
        for line in examine(place / "config.toml", None, now, deep=deep)
        if not (line.topic == "clock" and "the disk of" in line.what)
    )


def _wrong(place: Path, now: datetime = NOW, *, deep: bool = False) -> list[Line]:
    return [line for line in _lines(place, now, deep=deep) if line.level != "ok" and line.topic != "fonts"]


def _nianbao(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize("deep", [False, True])
def test_a_deployment_that_is_well(place: Path, deep: bool) -> None:
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    lines = list(_lines(place, deep=deep))
    assert [line for line in lines if line.level != "ok" and line.topic != "fonts"] == []
    assert {"sqlite", "config", "portals", "chromium", "space", "backup", "schema", "integrity", "documents"} <= {
        line.topic for line in lines
    }
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def test_in_a_process_of_its_own(place: Path) -> None:
    words = ["doctor", "--deep", "--json", "--config", str(place / "config.toml")]
    command = [sys.executable, "-P", "-m", "monitor", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert all(list(line) == ["topic", "level", "what", "do"] for line in lines)
    assert {line["level"] for line in lines} <= {"ok", "notice"}
    assert "clock" in {line["topic"] for line in lines if line["level"] == "ok"}
    Path(place / "a.db").write_bytes(b"damaged" * 999)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert "is no SQLite database" in done.stdout


def _newer(place: Path) -> None:
    _change(place, "PRAGMA user_version = 99")


def _damaged(place: Path) -> None:
    data = bytearray((place / "a.db").read_bytes())
    data[100:4096] = b"\xff" * 3996  # the list of tables, behind the head of the file
    (place / "a.db").write_bytes(data)


def _damaged_table(place: Path) -> None:
    with closing(sqlite3.connect(place / "a.db")) as connection:
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'visits'")
    data = bytearray((place / "a.db").read_bytes())
    data[(root - 1) * 4096 : (root - 1) * 4096 + 2000] = b"\xff" * 2000
    (place / "a.db").write_bytes(data)


def _change(place: Path, statement: str) -> None:
    with closing(sqlite3.connect(place / "a.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)


def _document(place: Path) -> Path:
    (file,) = (place / "a.db.documents").rglob("*.zst")
    return file


@pytest.mark.parametrize(
    ("harm", "topic", "what", "do"),
    [
        (lambda place: (place / "config.toml").write_text("archiv = 1", "utf-8"), "config", "archiv", ""),
        (lambda place: (place / "config.toml").write_text('register = "no"', "utf-8"), "config", "no file", "agency"),
        (lambda place: (place / "a.db").unlink(), "archive", "is not there", "restore it: `nianbao restore "),
        (lambda place: (place / "a.db").write_bytes(b"x" * 9999), "archive", "no SQLite database", "give the path"),
        (_newer, "archive", "is of schema version 99", "use a newer nianbao"),
        (_damaged, "archive", "the database is damaged", "restore it from a backup"),
        (_damaged_table, "integrity", "a.db", "restore"),
        (lambda place: _change(place, "DELETE FROM documents"), "integrity", "names a row of documents", "restore"),
        (lambda place: _document(place).unlink(), "documents", "is not there", "restore the file from a copy"),
        (lambda place: next((place / "a.db.backups").glob("*.zst")).write_bytes(b"x"), "backup", "not as it was",
         "make another"),
    ],
)  # fmt: skip
def test_faults(place: Path, harm, topic: str, what: str, do: str) -> None:
    harm(place)
    found = [line for line in _wrong(place) if line.level == "fault"]
    assert [line for line in found if line.topic == topic and what in line.what and do in line.do], found
    done = _nianbao("doctor", "--config", str(place / "config.toml"))
    assert done.exit_code == 2 and done.exception.__class__ is SystemExit


def test_the_local_rules(place: Path) -> None:
    (place / "config.toml").write_text(
        'archive = "a.db"\nregister = "register.csv"\nlocal_rules = "local_rules.csv"\n', "utf-8"
    )
    head, source = (
        "region_code,organ,from_year,month,day,name,source\n",
        "《示例县办法》,https://www.example.gov.cn/a\n",
    )
    (place / "register.csv").write_text(
        "id,name,region_code,organ,duty\n990101:青石镇,柳溪县青石镇人民政府,990101,township,no_date\n", "utf-8"
    )
    (place / "local_rules.csv").write_text(f"{head}990101,township,2021,2,20,{source}", "utf-8")
    assert _wrong(place) == []
    (place / "local_rules.csv").write_text(
        f"{head}990101,township,2021,2,20,{source}990102,township,2021,2,20,{source}", "utf-8"
    )
    (line,) = _wrong(place)
    assert (line.topic, line.level) == ("local_rules", "notice")
    assert "township of region 990102, from 2021: the register has no such body" in line.what
    (place / "local_rules.csv").write_text(f"{head}990101,township,2021,2,30,{source}", "utf-8")
    (line,) = _wrong(place)
    assert (line.topic, line.level) == ("local_rules", "fault")
    assert line.what.endswith("local_rules.csv:2: day: there is no day 30 of month 2 in every year")
    assert line.do == "write one that there is"


def test_holidays_that_are_not_known(place: Path) -> None:
    lines = [line for line in _wrong(place, NOW.replace(year=2090)) if line.topic == "holidays"]
    assert [line.level for line in lines] == ["notice"]
    assert "the public holidays of 2090 are not known" in lines[0].what


def test_only_the_deep_look_hashes(place: Path) -> None:
    _document(place).write_bytes(b"other bytes")
    file = next((place / "a.db.backups").glob("*.zst"))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert _wrong(place) == []
    assert sorted(line.topic for line in _wrong(place, deep=True)) == ["backup", "documents"]


def test_without_an_archive_it_is_a_notice(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    (line,) = _wrong(tmp_path)
    assert (line.topic, line.level) == ("archive", "notice") and "there is no archive yet" in line.what


def test_a_locked_archive_is_said_to_be(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_archive, "WAIT_S", 0.05)
    with closing(sqlite3.connect(place / "a.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        (line,) = _wrong(place)
    assert (line.topic, line.level) == ("locked", "fault") and "did not finish within 0.05 s" in line.what


def test_an_archive_that_may_only_be_read_is_looked_at_all_the_same(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.protected.may_only_be_read", lambda path: True)
    (line,) = _wrong(place, deep=True)
    assert (line.topic, line.level) == ("archive", "notice") and "may only be read" in line.what


def test_an_older_schema_is_left_as_it_is(place: Path) -> None:
    _change(place, "PRAGMA user_version = 2")
    (line,) = _wrong(place)
    assert (line.topic, line.level) == ("schema", "notice") and "is of schema 2" in line.what
    with closing(sqlite3.connect(place / "a.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_room_is_counted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(place)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage._replace(free=1 << 20))
    (line,) = _wrong(place)
    assert (line.topic, line.level) == ("space", "fault") and "1 MiB are free" in line.what and "make room" in line.do


def test_a_clock_behind_the_archive_is_a_fault(place: Path) -> None:
    (line,) = (line for line in _wrong(place, NOW - timedelta(days=9)) if line.topic == "clock")
    assert line.level == "fault" and "has seen 2024-02-17 04:00 already" in line.what
    with Archive.open(place / "a.db") as archive:  # a day that was only played says nothing
        pretended = Visit("liuxi", "https://liuxi.example/2", "detail", NOW + timedelta(days=99), 200, "ok")
        pretended.network = {"clock": "pretended"}
        archive.add_visit(pretended)
    assert _wrong(place) == []


def test_the_clock_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "now").touch()
    now = datetime.fromtimestamp((tmp_path / "now").stat().st_mtime, UTC)
    assert [line.level for line in machine.clock_lines(tmp_path, now)] == ["ok"]
    (line,) = machine.clock_lines(tmp_path, now + timedelta(hours=8))
    assert line.level == "notice" and "set the clock" in line.do
    assert [path.name for path in tmp_path.iterdir()] == ["now"]


def test_old_and_half_backups(place: Path) -> None:
    (place / "a.db.backups" / ".a.db.host.1.db.partial").touch()
    half, old = _wrong(place, NOW + timedelta(days=30))
    assert "the last backup is 31 days old" in old.what and half.what.endswith(".partial: is half written")
    for path in (place / "a.db.backups").iterdir():
        path.unlink()
    (line,) = _wrong(place)
    assert (line.level, line.do) == ("notice", "run `nianbao backup`, best every day")


def test_what_waits(place: Path) -> None:
    sha256 = _document(place).stem
    with Archive.open(place / "a.db") as archive:
        seen = NOW - timedelta(days=3)
        archive.add_sighting(Sighting("liuxi", "https://x/1", "https://x/1", "page", None, None, sha256, seen))
        with archive.write() as connection:
            put_messages(connection, [Message("desk", "console", "f", "found", "x")], seen.isoformat())
            holder = json.dumps({"machine": socket.gethostname(), "process": 999999999, "began": 0.0})
            connection.execute("INSERT INTO leases VALUES ('portal:liuxi', ?, ?)", (holder, seen.isoformat()))
    lines = {line.topic: line for line in _wrong(place)}
    assert set(lines) == {"reading", "message", "lease"}
    assert "1 document(s) wait to be read" in lines["reading"].what
    assert "1 message(s) wait to be sent, the oldest since 2024-02-17" in lines["message"].what
    assert "portal:liuxi is held by process 999999999" in lines["lease"].what
    assert {line.level for line in lines.values()} == {"notice"}


def test_files_and_rows_that_do_not_belong_together_are_named_up_to_a_number(place: Path) -> None:
    with Archive.open(place / "a.db") as archive:
        for number in range(15):
            archive.documents.write(b"%d" % number, f"{number:064x}")
    lines = _wrong(place)
    assert {(line.topic, line.level) for line in lines} == {("documents", "notice")}
    assert len(lines) == 11 and "… and 5 more of no-row" in lines[-1].what


def test_stale_portals_in_the_season_only(place: Path) -> None:
    (place / "portals").mkdir()
    (place / "portals" / "liuxi.toml").write_text(PORTAL, "utf-8")
    (line,) = _wrong(place)
    assert (line.topic, line.level) == ("portal", "notice")
    assert "liuxi: https://liuxi.example/nb/ was not read well ever" in line.what
    with Archive.open(place / "a.db") as archive:
        for days, outcome in ((8, "ok"), (1, "blocked")):
            archive.add_column_read(
                ColumnRead("liuxi", "https://liuxi.example/nb/", NOW - timedelta(days=days), outcome, 1)
            )
    (line,) = _wrong(place)
    assert "was not read well since 2024-02-12" in line.what
    (place / "config.toml").write_text('archive = "a.db"\n[doctor]\nstale_days = 9\n', "utf-8")
    assert _wrong(place) == []
    (place / "config.toml").write_text('archive = "a.db"\n', "utf-8")
    assert {line.topic for line in _wrong(place, NOW + timedelta(days=120))} == {"backup"}


def test_chromium_is_needed_where_a_portal_says_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "portals").mkdir()
    (place / "portals" / "liuxi.toml").write_text(f'fetch = "browser"\n{PORTAL}', "utf-8")
    (place / "config.toml").write_text('archive = "a.db"\n[browser]\nexecutable = "/nowhere/chromium"\n', "utf-8")
    (line,) = (line for line in _wrong(place) if line.topic == "chromium")
    assert line.level == "fault" and "liuxi cannot be crawled" in line.what and "/nowhere/chromium" in line.what


def test_no_fonts_is_only_a_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    monkeypatch.setattr(machine, "_FONT_FOLDERS", (str(tmp_path),))
    (line,) = machine.font_lines()
    assert line.level == "notice" and "install one" in line.do
    (tmp_path / "NotoSansCJK-Regular.ttc").touch()
    assert [line.level for line in machine.font_lines()] == ["ok"]


def test_an_sqlite_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "OLDEST_SQLITE", (99, 0, 0))
    (line,) = machine.sqlite_lines()
    assert line.level == "fault" and "99.0.0 is needed" in line.what


def test_a_large_journal(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_archive, "LARGE_JOURNAL", 10)
    with Archive.open(place / "a.db") as archive:
        archive.add_portal("city", "示例市", "static_list")
        (line,) = _wrong(place)
    assert (line.topic, line.level) == ("journal", "notice")


def test_the_look_makes_nothing_and_says_when_somebody_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Archive.open(path).close()
    before = path.read_bytes()
    with Archive.look(path) as archive:
        assert archive.is_read_only
        schema = health.Health(archive).schema()
        assert schema.version == schema.known
        with pytest.raises(ArchiveError, match="cannot be written"):
            archive.add_portal("x", "x", "x")
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["a.db"]
    with Archive.open(path) as other, Archive.look(path) as archive:  # somebody has it open: then it is shared
        other.add_portal("x", "x", "x")
        assert archive.query("SELECT count(*) FROM portals") == [(1,)]


def test_who_begins_to_write_meanwhile_is_no_fault(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = health.Health.leases

    def meanwhile(self: health.Health) -> list[object]:
        with Archive.open(place / "a.db") as other:
            other.add_portal("x", "x", "x")
        return ask(self)  # type: ignore[return-value]

    monkeypatch.setattr(health.Health, "leases", meanwhile)
    (line,) = _wrong(place)
    assert line.level == "notice" and "somebody began to write it meanwhile" in line.what


def test_which_list_pages_are_old_enough() -> None:
    summer, winter = datetime(2024, 8, 1, 4, tzinfo=UTC), datetime(2024, 4, 1, 4, tzinfo=UTC)
    assert keep_from(summer, 30) == summer - timedelta(days=30)
    assert keep_from(winter, 30) == datetime(2023, 12, 31, 16, tzinfo=UTC), "the running season is kept whole"
    assert keep_from(winter, 365) == winter - timedelta(days=365)
    owed = {(due.duty, due.year): due.until for due in owed_until(winter)}
    assert owed["art49_department", 2023] == datetime(2024, 1, 31, 16, tzinfo=UTC)
    assert owed["art49_government", 2023] == datetime(2024, 3, 31, 16, tzinfo=UTC)
    assert ("art49_department", 2024) not in owed and ("none", 2023) not in owed and ("no_date", 2023) not in owed
    rule = LocalRule("9901", "township", 2017, 2023, 2, 20, "《示例市办法》", "https://www.example.gov.cn/banfa.html")
    local = [due for due in owed_until(winter, LocalRules([rule])) if due.organ]
    assert {due.year for due in local} == {2019, 2020, 2021, 2022, 2023}, "to 2018 the law set the date"
    assert local[-1] == ("no_date", 2023, datetime(2024, 2, 20, 16, tzinfo=UTC), "township", "9901")


def test_the_commands_say_what_they_did(place: Path) -> None:
    config = ("--config", str(place / "config.toml"))
    done = _nianbao("retention", "--apply", *config)
    assert done.exit_code == 0 and "list_pages_days = 0" in done.stdout
    (place / "config.toml").write_text(
        'archive = "a.db"\n[retention]\nlist_pages_days = 30\n[backup]\nfolder = "kept"\nkeep_daily = 1\n', "utf-8"
    )
    done = _nianbao("retention", "--json", *config)
    assert done.exit_code == 0
    assert {"applied", "before", "documents", "size", "kept", "left"} == set(json.loads(done.stdout))
    done = _nianbao("backup", "--documents", "--json", *config)
    assert done.exit_code == 0, done.output
    first = json.loads(done.stdout)
    assert Path(first["file"]).parent == place / "kept" and first["documents"]["failed"] == 0
    second = json.loads(_nianbao("backup", "--json", *config).stdout)
    assert second["deleted"] == [first["file"]], "one of a day is kept"
    listed = [json.loads(line) for line in _nianbao("backup", "--list", "--json", *config).stdout.splitlines()]
    assert [one["file"] for one in listed] == [second["file"]]
    done = _nianbao("restore", second["file"], *config)
    assert done.exit_code == 2 and "--replace" in done.stderr
    done = _nianbao("restore", second["file"], "--replace", "--json", *config)
    assert done.exit_code == 0 and json.loads(done.stdout)["missing"] == 0
    _document(place).unlink()
    done = _nianbao("backup", "--documents", "--to", str(place / "empty"), *config)
    assert done.exit_code == 2 and "is not there; restore the file from a copy" in done.stderr


def test_a_backup_of_a_time_to_come_hides_no_old_ones(place: Path) -> None:
    with Archive.open(place / "a.db") as archive:
        backup.back_up(archive, place / "a.db.backups", NOW + timedelta(days=3000))
    later = NOW + timedelta(days=30)
    said = [line.what for line in _wrong(place, later) if line.topic == "backup"]
    assert any("is of a time to come" in what for what in said)
    assert any("the last backup is 31 days old" in what for what in said)
