"""Full disks, locked databases, and kills at any instant, each in a process of its own; what is left is looked at by
another one."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections import namedtuple
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from archive_samples import at
from children import Child, Say, Wait, said_by
from disasters import kill_often, store
from disasters_looked_at import look
from test_migration import first_schema

from db.archive import Archive, ArchiveError
from db.keeping import backup, restore
from db.keeping.backup_documents import back_up_documents
from db.schema.migrations import VERSION

KILLS = 8
HERE = Path(__file__).parent


def limit(size: int) -> None:
    """No file of this process may grow beyond a size."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def until_refused(archive: Archive) -> tuple[int, str]:
    """Store reports until it is refused: how many there are then, and the sentence."""
    stored = 1
    try:
        while True:
            store(archive, stored)
            stored += 1
    except ArchiveError as error:
        return stored, str(error)


def one_report(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        store(archive, 0)


def reports(path: Path, say: Say, wait: Wait) -> None:
    """The addresses of all reports of an archive that is whole."""
    with Archive.open(path) as archive:
        assert archive.query("PRAGMA integrity_check") == [("ok",)]
        assert archive.query("PRAGMA foreign_key_check") == []
        halves = "SELECT id FROM reports WHERE id NOT IN (SELECT report_id FROM wide)"
        assert archive.query(f"{halves} OR id NOT IN (SELECT report_id FROM readings)") == []
        for (sha256,) in archive.query("SELECT sha256 FROM documents"):
            archive.get_document(sha256)
        for (url,) in archive.query("SELECT url FROM reports ORDER BY id"):
            say(url)


def schema(path: Path, say: Say, wait: Wait) -> None:
    with closing(sqlite3.connect(path)) as connection:
        say(connection.execute("PRAGMA user_version").fetchone()[0])


# Kills


def _killed(kind: str, path: Path, say: Say, wait: Wait) -> None:
    kill_often(kind, path, KILLS)


def _looked_at(kind: str, path: Path, say: Say, wait: Wait) -> None:
    look(kind, path)


@pytest.mark.parametrize("kind", ["storing", "judging", "backing_up", "restoring", "giving_up", "migrating"])
def test_what_is_killed_leaves_everything_consistent(tmp_path: Path, kind: str) -> None:
    assert said_by(partial(_killed, kind), tmp_path) == []
    assert said_by(partial(_looked_at, kind), tmp_path) == []


# A full disk


def _full(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        store(archive, 0)
        ((pages,),) = archive.query("PRAGMA page_count")
        archive.query(f"PRAGMA max_page_count = {pages + 3}")
        say(until_refused(archive))
        say(len(list(archive.reports())))


def test_a_full_disk_is_one_sentence_and_what_was_stored_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    (stored, sentence), readable = said_by(_full, path)
    assert sentence.startswith(f"{path}: the disk is full; make room and start again")
    assert readable == stored
    assert said_by(reports, path) == list(map(str, range(stored)))
    said_by(one_report, path)
    assert len(said_by(reports, path)) == stored


def _no_journal(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        store(archive, 0)
        limit(path.with_name("a.db-wal").stat().st_size + 50_000)
        say(until_refused(archive))


def test_no_room_for_the_journal(tmp_path: Path) -> None:
    """The same where a file cannot grow: SQLite is told of it in another way."""
    path = tmp_path / "a.db"
    ((stored, sentence),) = said_by(_no_journal, path)
    assert sentence.startswith(f"{path}: the disk ") and "full" in sentence
    assert said_by(reports, path) == list(map(str, range(stored)))


def _large_document(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        limit(100_000)
        try:
            archive.put_document(os.urandom(200_000), media=None, seen_at=at())
        except ArchiveError as error:
            say(str(error))


def test_no_room_for_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    (sentence,) = said_by(_large_document, path)
    assert f"{path}.documents" in sentence and sentence.endswith("make room or give write access")
    left = [file for file in (tmp_path / "a.db.documents").rglob("*") if file.is_file()]
    assert left == [], "no half of it is left"
    assert said_by(reports, path) == []


def _second_backup_without_room(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        store(archive, 0)
        backup.back_up(archive, path.parent / "kept", at())
        back_up_documents(archive, path.parent / "kept")
        limit(path.stat().st_size // 2)
        try:
            backup.back_up(archive, path.parent / "kept", at(1))
        except ArchiveError as error:
            say(str(error))


def _restored(path: Path, say: Say, wait: Wait) -> None:
    (file,) = path.glob("*.zst")
    restore.restore(file, path.parent / "restored.db", at=at())


def test_no_room_for_a_backup_leaves_the_older_one(tmp_path: Path) -> None:
    (sentence,) = said_by(_second_backup_without_room, tmp_path / "a.db")
    assert "the backup cannot be written" in sentence and "older backups are as they were" in sentence
    kept = sorted(file.name for file in (tmp_path / "kept").iterdir() if file.is_file())
    assert kept == ["a-20240201T120000Z.db.zst", "a-20240201T120000Z.db.zst.sha256"]
    said_by(_restored, tmp_path / "kept")
    assert said_by(reports, tmp_path / "restored.db") == ["0"]


def _migrated_without_room(path: Path, say: Say, wait: Wait) -> None:
    first_schema(path)
    shutil.disk_usage = lambda folder: namedtuple("Usage", "total used free")(9, 9, 1 << 20)  # type: ignore[assignment]
    try:
        Archive.open(path)
    except ArchiveError as error:
        say(str(error))


def _opened(path: Path, say: Say, wait: Wait) -> None:
    Archive.open(path).close()


def test_nothing_is_migrated_without_room_for_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    (sentence,) = said_by(_migrated_without_room, path)
    assert sentence.startswith(f"{path}: is of an older nianbao, and was not brought up to date")
    assert "1 MiB are free" in sentence and "make room" in sentence
    assert said_by(schema, path) == [1]
    said_by(_opened, path)  # with room it goes on
    assert said_by(schema, path) == [VERSION]
    (made,) = (tmp_path / "a.db.backups").glob("*.zst")
    assert made.name.endswith("-schema1.db.zst")
    said_by(_restored, tmp_path / "a.db.backups")
    assert said_by(schema, tmp_path / "restored.db") == [1]


# Locks


def _holding(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        archive.pace.take_lease("portal:liuxi")
        with archive.write():
            say("writes")
            wait()


def _impatient(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path, wait_s=0.1) as archive:
        try:
            archive.add_portal("city", "示例市", "static_list")
        except ArchiveError as error:
            say(str(error))
        say(len(archive.agencies()))


def _patient(path: Path, say: Say, wait: Wait) -> None:
    say("asks")
    with Archive.open(path) as archive:
        store(archive, 7)


def test_a_second_writer_waits_learns_who_writes_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    said_by(_opened, path)
    holder = Child(_holding, path)
    assert holder.told() == "writes"
    sentence, agencies = said_by(_impatient, path)
    assert f"process {holder.number} on" in sentence and "portal:liuxi" in sentence
    assert "did not finish within 0.1 s (process" in sentence and sentence.endswith("; wait for it, or stop it")
    assert agencies == 0, "reading goes on"
    patient = Child(_patient, path)
    assert patient.told() == "asks"
    holder.go_on()
    assert (holder.rest(), patient.rest()) == ([], [])
    assert said_by(reports, path) == ["7"]


def _reading(path: Path, say: Say, wait: Wait) -> None:
    tables = ("documents", "reports", "wide")
    with Archive.open(path) as archive:
        for _ in range(2):
            with archive.read() as connection:
                for _ in range(2):
                    say([connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables])
                    wait()


def _two_more(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        store(archive, 1)
        store(archive, 2)


def test_a_reader_has_one_view_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    said_by(one_report, path)
    reader = Child(_reading, path)
    assert reader.told() == [1, 1, 1]
    said_by(_two_more, path)
    for _ in range(4):
        reader.go_on()
    assert reader.rest() == [[1, 1, 1], [3, 3, 3], [3, 3, 3]]


def _newer(path: Path, say: Say, wait: Wait) -> None:
    Archive.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    said_by(_newer, path)
    before = path.read_bytes()
    command = [sys.executable, "-P", "-m", "monitor", "backup", "--archive", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"nianbao: {path}: is of schema version 99")
    assert done.stderr.endswith("use a newer nianbao\n")
    assert path.read_bytes() == before
