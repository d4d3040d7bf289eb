"""Opening, sharing and killing: the archive as a file that several processes use."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from archive_samples import at, make_report

from db.archive import Archive, ArchiveBusyError, ArchiveError, DocumentMissingError
from db.schema.migrations import VERSION

HERE = Path(__file__).parent
PRELUDE = """
import sys
from pathlib import Path
from archive_samples import at, make_report
from db.archive import Archive
path = Path(sys.argv[1])
def say(word):
    print(word, flush=True)
"""


def _child(script: str, path: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])}
    command = [sys.executable, "-c", PRELUDE + script, str(path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def _said(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def _kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()


STORE = """
def store(archive, number):
    sha256 = archive.put_document(str(number).encode() * 9999, media=None, seen_at=at())
    archive.store_report(make_report(values={"applications.new.total": number}), sha256=sha256, agency_id=None,
        agency="x", source="s", url=str(number), seen_at=at(), parser_version="1", portal=None)
"""


def test_another_process_sees_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    child = _child(STORE + "with Archive.open(path) as archive: store(archive, 7)", path)
    child.communicate()
    assert child.returncode == 0
    with Archive.open(path) as archive:
        (stored,) = archive.reports()
        assert stored.report == make_report(values={"applications.new.total": 7})
        assert archive.get_document(stored.sha256) == b"7" * 9999


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Archive.open(path).close()
    before = path.read_bytes()
    Archive.open(path).close()
    assert path.read_bytes() == before
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT name FROM _sqlite_migrations").fetchall() == [
            ("m001_first_tables",),
            ("m002_collecting",),
            ("m003_archive",),
            ("m004_judging",),
            ("m005_telling",),
        ]
        lax = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
        assert sorted(row[0] for row in connection.execute(lax)) == [
            *("_sqlite_migrations", "sqlite_schema", "sqlite_stat1")
        ]
    connection.close()


def test_a_second_writer_waits_and_then_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Archive.open(path, wait_s=0.05) as archive:
        hold = "with Archive.open(path) as archive:\n with archive.write():\n  say('writing'); sys.stdin.read()"
        child = _child(hold, path)
        assert _said(child) == "writing"
        with pytest.raises(
            ArchiveBusyError, match=r"a\.db: another process is writing and did not finish within 0\.05 s"
        ):
            archive.add_portal("city", "示例市", "static_list")
        assert archive.agencies() == []  # reading goes on
        Archive.open(path, wait_s=0.05).close()  # and so does opening
        child.communicate()
        archive.add_portal("city", "示例市", "static_list")


def test_two_processes_write_in_turn(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    script = STORE + "say('ready'); first = int(sys.stdin.readline())\nwith Archive.open(path) as archive:\n"
    script += " for number in range(first, first + 10): store(archive, number)"
    children = [_child(script, path) for _ in range(3)]  # the archive itself is made by whoever comes first
    assert [_said(child) for child in children] == ["ready"] * 3
    for number, child in enumerate(children):
        assert child.stdin is not None
        child.stdin.write(f"{number * 10}\n")
        child.stdin.flush()
    for child in children:
        child.communicate()
        assert child.returncode == 0
    with Archive.open(path) as archive:
        assert sorted(stored.report.value("applications.new.total") for stored in archive.reports()) == list(range(30))


@pytest.mark.parametrize("lines", [1, 3, 8])
def test_a_killed_process_leaves_a_consistent_archive(tmp_path: Path, lines: int) -> None:
    """Killed at an arbitrary instant of storing one report after another, and the same work done again."""
    path = tmp_path / "a.db"
    script = STORE + "with Archive.open(path) as archive:\n for n in range(100000):\n  store(archive, n); say(n)"
    child = _child(script, path)
    for number in range(lines):
        assert _said(child) == str(number)
    _kill(child)
    with Archive.open(path) as archive:
        assert archive.query("PRAGMA integrity_check") == [("ok",)]
        assert archive.query("PRAGMA foreign_key_check") == []
        stored = list(archive.reports())
        assert len(stored) >= lines  # what was said to be stored is stored
        for report in stored:
            number = int(report.url)
            assert report.report == make_report(values={"applications.new.total": number})
            assert archive.get_document(report.sha256) == str(number).encode() * 9999
        for (sha256,) in archive.query("SELECT sha256 FROM documents"):
            archive.get_document(sha256)


@pytest.mark.parametrize(
    ("place", "has_row"),
    [
        ("archive.documents.write = lambda data, sha256: stop()", False),  # before the file
        ("import os; os.replace = lambda *_: stop()", False),  # the file is written under its other name
        ("archive.write = stop", False),  # the file is there, the row is not
        ("", True),
    ],
)
def test_killed_within_put_document(tmp_path: Path, place: str, has_row: bool) -> None:
    path = tmp_path / "a.db"
    script = f"""
def stop(*_):
    say('stopped'); sys.stdin.read()
archive = Archive.open(path)
{place}
archive.put_document(b'A', media=None, seen_at=at())
stop()
"""
    child = _child(script, path)
    assert _said(child) == "stopped"
    _kill(child)
    with Archive.open(path) as archive:
        assert bool(archive.query("SELECT sha256 FROM documents")) is has_row
        sha256 = archive.put_document(b"A", media="text/html", seen_at=at())
        assert archive.get_document(sha256) == b"A"
        assert archive.query("SELECT size, media FROM documents") == [(1, "text/html")]


def test_killed_within_store_report(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    script = """
import db.readings.reports
def stop(*_):
    say('stopped'); sys.stdin.read()
db.readings.reports._insert_details = stop
with Archive.open(path) as archive:
    store(archive, 1)
"""
    child = _child(STORE + script, path)
    assert _said(child) == "stopped"
    _kill(child)
    with Archive.open(path) as archive:
        assert archive.query("SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM documents)") == [(0, 1)]


def test_a_transaction_may_be_nested_and_is_undone_whole(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a.db") as archive:
        with pytest.raises(RuntimeError), archive.write():
            archive.add_portal("a", "a", "x")
            raise RuntimeError
        assert archive.query("SELECT id FROM portals") == []
        with archive.write():
            archive.add_portal("a", "a", "x")
            with pytest.raises(RuntimeError), archive.write():
                archive.add_portal("b", "b", "x")
                raise RuntimeError
        assert archive.query("SELECT id FROM portals") == [("a",)]


def test_documents_are_kept_once_and_checked(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a.db") as archive:
        sha256 = archive.put_document(b"A" * 1000, media=None, seen_at=at(1))
        file = tmp_path / "a.db.documents" / sha256[:2] / f"{sha256}.zst"
        written = file.stat().st_mtime_ns
        assert archive.put_document(b"A" * 1000, media="text/html", seen_at=at(0)) == sha256
        assert archive.put_document(b"A" * 1000, media="application/pdf", seen_at=at(2)) == sha256
        assert file.stat().st_mtime_ns == written
        assert archive.query("SELECT sha256, size, media, first_seen_at FROM documents") == [
            (sha256, 1000, "text/html", at(0).isoformat())
        ]
        whole = file.read_bytes()
        for damaged in (b"", whole[:-3], b"x" + whole):
            file.write_bytes(damaged)
            with pytest.raises(DocumentMissingError, match="damaged"):
                archive.get_document(sha256)
        file.write_bytes(whole)
        other = archive.put_document(b"B", media=None, seen_at=at())
        file.rename(file.parent.parent / other[:2] / f"{other}.zst")
        with pytest.raises(DocumentMissingError, match="not those of this hash"):
            archive.get_document(other)
        with pytest.raises(DocumentMissingError, match="not there"):
            archive.get_document(sha256)
        archive.put_document(b"A" * 1000, media=None, seen_at=at(3))  # lost bytes are kept again when they come again
        assert archive.get_document(sha256) == b"A" * 1000
        with pytest.raises(ArchiveError, match="64 hex digits"):
            archive.get_document("../../etc/passwd")


def _newer(path: Path) -> None:
    Archive.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


def _other_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_text("这不是数据库。" * 99, "utf-8"), "is no SQLite database"),
        (lambda path: path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000), "is no SQLite database|damaged"),
        (lambda path: path.mkdir(), "is a folder"),
        (_newer, "use a newer nianbao"),
        (_other_program, "is the database of another program"),
        (lambda path: path.symlink_to(path.parent / "nowhere" / "a.db"), "give write access"),
    ],
)
def test_what_is_no_archive_is_refused_and_left_alone(tmp_path: Path, make, sentence: str) -> None:
    path = tmp_path / "a.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ArchiveError, match=sentence) as caught:
        Archive.open(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert before is None or path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="its folder does not exist"):
        Archive.open(tmp_path / "nowhere" / "a.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(ArchiveError, match="give write access"):
        Archive.open(tmp_path / "a.db")


def test_documents_that_cannot_be_written_leave_no_row(tmp_path: Path) -> None:
    (tmp_path / "a.db.documents").write_bytes(b"in the way")
    with Archive.open(tmp_path / "a.db") as archive:
        with pytest.raises(ArchiveError, match=r"a\.db\.documents"):
            archive.put_document(b"A", media=None, seen_at=at())
        assert archive.query("SELECT count(*) FROM documents") == [(0,)]
