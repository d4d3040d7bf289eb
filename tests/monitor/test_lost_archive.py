"""Where an archive is lost or damaged, nothing is begun in its place, and each command says what to do."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db import beside, connection
from db.archive import Archive, ArchiveError
from db.keeping import backup, wholeness
from db.keeping.backup_documents import back_up_documents
from monitor.doctor import Line, examine

NOW = datetime(2024, 7, 20, 4, tzinfo=UTC)
PAGE = 4096
PORTAL = """
name = "柳溪县人民政府"
platform = "static_list"
columns = [{ url = "https://liuxi.example/nb/" }]
allowed_hosts = ["liuxi.example"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A deployment: settings, an archive with documents of some size."""
    (tmp_path / "config.toml").write_text('archive = "a.db"\n', "utf-8")
    with Archive.open(tmp_path / "a.db") as archive:
        for number in range(3):
            archive.put_document(b"%d" % number * 99, media="text/html", seen_at=NOW - timedelta(days=3))
    return tmp_path


def _nianbao(place: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", "-m", "monitor", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=place)


def _doctor(place: Path, *, deep: bool = False) -> list[Line]:
    lines = examine(place / "config.toml", None, NOW, deep=deep)
    return [line for line in lines if line.level != "ok" and line.topic not in ("fonts", "clock")]


def _back_up(place: Path) -> backup.Backup:
    with Archive.open(place / "a.db") as archive:
        back_up_documents(archive, place / "a.db.backups")
        return backup.back_up(archive, place / "a.db.backups", NOW)


def _files(place: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def _header_only(path: Path) -> None:
    """As a process leaves it that is killed right after it made the file."""
    path.unlink()
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode = WAL")


LOSSES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "no tables": _header_only,
}


@pytest.mark.parametrize("has_backup", [True, False])
@pytest.mark.parametrize("loss", LOSSES)
def test_nothing_is_begun_in_the_place_of_a_lost_archive(place: Path, loss: str, has_backup: bool) -> None:
    made = _back_up(place) if has_backup else None
    LOSSES[loss](place / "a.db")
    before = _files(place)
    for must_exist in (True, False):
        with pytest.raises(ArchiveError) as caught:
            Archive.open(place / "a.db", must_exist=must_exist)
        how = "is not there" if loss == "missing" else "is empty"
        sentence = str(caught.value)
        assert sentence.startswith(f"{place / 'a.db'}: the archive {how}, but its documents are there; restore it"), (
            sentence
        )
        assert "to begin anew, move " in sentence and "a.db.documents" in sentence
        if made is not None:
            replace = "" if loss == "missing" else " --replace"
            assert f"`nianbao restore {made.path} --to {place / 'a.db'}{replace}`" in sentence
    assert _files(place) == before
    (line,) = (line for line in _doctor(place) if line.topic == "archive")
    assert line.level == "fault" and line.sentence == sentence


@pytest.mark.parametrize(
    "words", [["query", "coverage"], ["add", "x.html"], ["run"], ["backup"], ["agency", "unknown"]]
)
def test_the_commands_refuse_it(place: Path, words: list[str]) -> None:
    (place / "x.html").write_text("<p>x</p>", "utf-8")
    (place / "portals").mkdir()
    (place / "portals" / "liuxi.toml").write_text(PORTAL, "utf-8")
    (place / "a.db").write_bytes(b"")
    done = _nianbao(place, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nianbao: ") and len(done.stderr.splitlines()) == 1
    assert "the archive is empty, but its documents are there; restore it" in done.stderr
    assert (place / "a.db").read_bytes() == b""


def test_what_the_advice_says_helps(place: Path) -> None:
    made = _back_up(place)
    (place / "a.db").write_bytes(b"")
    done = _nianbao(place, "restore", str(made.path), "--to", str(place / "a.db"), "--replace")
    assert done.returncode == 0, done.stderr
    (place / "a.db").unlink()
    (place / "a.db.documents").rename(place / "away")
    with pytest.raises(ArchiveError, match=r"but backups of it are there; .* move \S+a\.db\.backups away first"):
        Archive.open(place / "a.db")
    (place / "a.db.backups").rename(place / "away.backups")
    Archive.open(place / "a.db").close()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_reading_command_fills_no_file(tmp_path: Path, loss: str) -> None:
    path = tmp_path / "a.db"
    path.touch()
    LOSSES[loss](path)
    before = _files(tmp_path)
    with pytest.raises(ArchiveError, match=r"there is no archive (in it )?yet; make one"):
        Archive.open(path, must_exist=True)
    assert _files(tmp_path) == before
    (tmp_path / "config.toml").write_text('archive = "a.db"\n', "utf-8")
    (line,) = _doctor(tmp_path)[-1:]
    assert (line.topic, line.level) == ("archive", "notice") and "yet" in line.what
    (tmp_path / "a.db.documents").mkdir()  # an empty folder is no document
    Archive.open(path).close()


def test_killed_between_the_archive_and_its_first_row_nobody_is_locked_out(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('archive = "a.db"\n', "utf-8")
    with Archive.open(tmp_path / "a.db") as archive:
        archive.documents.write(b"A", "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd")
    assert {line.level for line in _doctor(tmp_path)} == {"notice"}
    with Archive.open(tmp_path / "a.db", must_exist=True) as archive:
        archive.put_document(b"A", media=None, seen_at=NOW)


def test_made_by_another_process_meanwhile_it_is_not_lost(place: Path) -> None:
    looks = iter([True, False])
    assert beside.has_none(place / "a.db", place / "a.db.backups", lambda path: next(looks)) is False


def test_an_sqlite_that_is_too_old_is_one_sentence(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.sqlite3, "sqlite_version_info", (3, 37, 2))
    monkeypatch.setattr(connection.sqlite3, "sqlite_version", "3.37.2")
    for opened in (Archive.open, Archive.look):
        with pytest.raises(
            ArchiveError, match=r"has SQLite 3\.37\.2, and nianbao needs 3\.38\.0 or newer; use a newer"
        ):
            opened(place / "a.db")


# Damage


def _damage(path: Path, table: str) -> int:
    """Overwrite the first page of a table; gives its number."""
    with closing(sqlite3.connect(path)) as opened:
        ((page,),) = opened.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
    data = bytearray(path.read_bytes())
    data[(page - 1) * PAGE : page * PAGE] = b"\xff" * PAGE
    path.write_bytes(data)
    return int(page)


@pytest.mark.parametrize("table", ["visits", "wide", "documents"])
def test_the_damaged_table_is_named(place: Path, table: str) -> None:
    page = _damage(place / "a.db", table)
    with closing(sqlite3.connect(place / "a.db")) as opened:
        said = list(wholeness.damage(opened))
    assert any(sentence.startswith(f"table {table}: ") for sentence in said), said
    assert all("\n" not in sentence and "never used" not in sentence for sentence in said)
    for deep in (False, True):
        lines = [line for line in _doctor(place, deep=deep) if line.topic == "integrity"]
        assert any(f"a.db: the database is damaged, table {table}: " in line.what for line in lines), page
        assert all("nianbao restore" in line.do for line in lines)


@pytest.mark.parametrize("words", [["rebuild"], ["rebuild", "--dry-run"], ["export", "release", "--no-parquet"]])
def test_of_a_damaged_archive_nothing_is_made(place: Path, words: list[str]) -> None:
    _damage(place / "a.db", "documents")
    done = _nianbao(place, *words)
    assert done.returncode == 2 and "Nothing differed" not in done.stdout
    assert "a.db: the database is damaged" in done.stderr and "nianbao restore" in done.stderr
    assert "make room" not in done.stderr and len(done.stderr.splitlines()) == 1
    assert not list(place.glob("a.db.rebuild*"))


def test_with_wrong_settings_it_is_said_that_the_archive_was_not_looked_at(place: Path) -> None:
    (place / "config.toml").write_text("archiv = 1", "utf-8")
    line = _doctor(place)[-1]
    assert (line.topic, line.level) == ("archive", "notice") and "was not looked at" in line.what
    assert "--archive" in line.do
    named = list(examine(place / "config.toml", place / "a.db", NOW))
    assert "integrity" in {line.topic for line in named}


# What is left, and what is lost and still somewhere


def test_what_killed_commands_left_is_named(place: Path) -> None:
    _back_up(place)
    (place / "a.db.rebuild").write_bytes(bytes(3 << 20))
    (place / "a.db.rebuild-wal").touch()
    (place / ".a.db.77.restoring").touch()
    for name in ("release.partial", "music.partial"):
        (place / name).mkdir()
    (place / "release.partial" / "nianbao.sqlite").touch()
    lines = {line.what.partition(": ")[0]: line for line in _doctor(place)}
    assert {Path(name).name for name in lines} == {
        "a.db.rebuild", "a.db.rebuild-wal", ".a.db.77.restoring", "release.partial",
    }  # fmt: skip
    assert {(line.topic, line.level) for line in lines.values()} == {("leftover", "notice")}
    assert "(3.0 MiB)" in lines[str(place / "a.db.rebuild")].what
    with Archive.open(place / "a.db") as archive:
        archive.pace.take_lease("rebuild")
        assert [line for line in _doctor(place) if "a.db.rebuild" in line.what] == [], "it is under way"


@pytest.mark.parametrize("deep", [False, True])
def test_a_lost_document_that_is_whole_beside_the_backups_is_named_there(place: Path, deep: bool) -> None:
    _back_up(place)
    whole, damaged, _ = sorted((place / "a.db.documents").rglob("*.zst"))
    whole.unlink()
    copy = place / "a.db.backups" / "a.db.documents" / damaged.parent.name / damaged.name
    damaged.unlink()
    copy.write_bytes(b"damaged")
    lines = {line.what: line.do for line in _doctor(place, deep=deep) if line.topic == "documents"}
    there = place / "a.db.backups" / "a.db.documents" / whole.parent.name / whole.name
    assert lines[f"{whole}: is not there"] == f"copy it back from {there}, where it is whole"
    assert lines[f"{damaged}: is not there"] == "restore the file from a copy"


def test_a_backup_of_documents_says_what_is_lost_here(place: Path) -> None:
    _back_up(place)
    whole, damaged, _ = sorted((place / "a.db.documents").rglob("*.zst"))
    whole.unlink()
    done = _nianbao(place, "backup", "--documents", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["documents"] | {"size": 0} == {
        "present": 3, "saved": 1, "linked": 0, "copied": 0, "size": 0, "failed": 0,
    }  # fmt: skip
    assert f"{whole}: is not there any more; copy it back from" in done.stderr
    damaged.unlink()
    (place / "a.db.backups" / "a.db.documents" / damaged.parent.name / damaged.name).write_bytes(b"damaged")
    done = _nianbao(place, "backup", "--documents")
    assert done.returncode == 2
    assert "2 there before." in done.stdout and "is not hashed again" in done.stdout
    assert f"Of what was there before, missing in {place / 'a.db.documents'}: 1." in done.stdout
    assert f"{damaged}: is not there, and " in done.stderr
