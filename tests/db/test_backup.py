"""Backups are whole, checked, thinned out without losing the last good one, and come back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from archive_samples import at, make_report
from children import Say, Wait, said_by
from hypothesis import given
from hypothesis import strategies as st

from db.archive import Archive, ArchiveError
from db.collected.documents import DocumentStore
from db.errors import BackupError
from db.keeping import backup, backup_documents, restore, snapshot
from db.keeping.keep import Keep

DAY = timedelta(days=1)


@pytest.fixture
def filled(archive: Archive, store) -> Archive:
    for number in range(3):
        store(make_report(2021 + number), b"%d" % number * 99, url=f"https://city.example/{number}")
    return archive


def _contents(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        say([(r.url, r.report.year, archive.get_document(r.sha256)) for r in archive.reports()])


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_comes_back_in_another_process(filled: Archive, tmp_path: Path) -> None:
    made = backup.back_up(filled, tmp_path / "kept", at())
    assert _files(tmp_path / "kept") == ["a-20240201T120000Z.db.zst", "a-20240201T120000Z.db.zst.sha256"]
    assert made.counts["documents"] == 3 and not made.is_before_migration
    backup_documents.back_up_documents(filled, tmp_path / "kept")
    before = said_by(_contents, filled.path)
    done = restore.restore(made.path, tmp_path / "b.db", at=at())
    assert (done.documents, done.missing, done.aside, done.has_sum) == (3, 0, None, True)
    assert said_by(_contents, tmp_path / "b.db") == before


def test_others_check_the_sum_and_unpack_it_without_us(filled: Archive, tmp_path: Path) -> None:
    made = backup.back_up(filled, tmp_path / "kept", at())
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "-c", "--status", f"{made.path.name}.sha256"], cwd=made.path.parent, check=True)
    snapshot.unpack(made.path, tmp_path / "plain.db")
    with closing(sqlite3.connect(tmp_path / "plain.db")) as connection:
        assert connection.execute("SELECT count(*) FROM latest").fetchone() == (3,)


def test_what_is_written_meanwhile_is_not_half_in_it(filled: Archive, tmp_path: Path, store) -> None:
    with Archive.open(filled.path) as reader, reader.read() as connection:
        assert snapshot.kept_counts(connection)["documents"] == 3  # the view is taken
        store(make_report(2024), b"later", url="https://city.example/9")
        made = backup.make(connection, filled.path, tmp_path / "kept", at())
    assert made.counts["documents"] == 3
    restore.restore(made.path, tmp_path / "b.db", at=at())
    with Archive.open(tmp_path / "b.db") as archive:
        assert len(list(archive.reports())) == 3


def test_a_damaged_archive_is_not_backed_up(filled: Archive, tmp_path: Path) -> None:
    first = backup.back_up(filled, tmp_path / "kept", at())
    with filled.scratch() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM documents WHERE sha256 = (SELECT min(sha256) FROM documents)")
    with pytest.raises(BackupError, match="a copy of it is not whole") as caught:
        backup.back_up(filled, tmp_path / "kept", at(1))
    assert "names a row of documents that is not there" in str(caught.value)
    assert backup.listed(tmp_path / "kept") == [first] and len(_files(tmp_path / "kept")) == 2


def test_without_room_none_is_begun(filled: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=5 << 20))
    with pytest.raises(BackupError, match=r"5 MiB are free, a backup needs .* MiB; make room, or name another folder"):
        backup.back_up(filled, tmp_path / "kept", at())
    assert _files(tmp_path / "kept") == []


def test_two_backups_of_one_second_have_two_names(filled: Archive, tmp_path: Path) -> None:
    names = [backup.back_up(filled, tmp_path / "kept", at()).path.name for _ in range(2)]
    assert names == ["a-20240201T120000Z.db.zst", "a-20240201T120000Z-2.db.zst"]
    assert {backup.archive_name(Path(name)) for name in names} == {"a.db"}


def test_what_a_killed_backup_left_is_swept_and_nothing_else(filled: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    own = backup._partial(filled.path, "db").replace(str(os.getpid()), "999999999")
    for name in (own, backup._partial(filled.path, "x"), ".other.db.host.1.db.partial", "notes.partial"):
        (folder / name).touch()
    backup.back_up(filled, folder, at())
    assert not (folder / own).exists() and len(_files(folder)) == 5


def _made(made_at: datetime, *, migration: bool = False, schema: int = 3) -> backup.Backup:
    name = Path(f"a-{made_at:%Y%m%dT%H%M%SZ}{f'-schema{schema}' if migration else ''}.db.zst")
    return backup.Backup(name, "0" * 64, 1, made_at, "a.db", "born", schema, {}, migration)


def test_which_are_kept() -> None:
    days = [_made(datetime(2024, 1, 1, 20, tzinfo=UTC) + n * DAY) for n in range(200)]
    kept = {b.made_at.date().isoformat() for b in backup.to_keep(days, Keep(3, 2, 4))}
    # 20:00 UTC is the next day in Beijing: the last was made on 2024-07-19, a Friday, there.
    assert kept == {"2024-07-18", "2024-07-17", "2024-07-16", "2024-07-13", "2024-06-29", "2024-05-30", "2024-04-29"}
    migration = _made(datetime(2023, 1, 1, tzinfo=UTC), migration=True, schema=2)
    assert migration in backup.to_keep([migration, *days], Keep(1, 0, 0))


@given(
    hours=st.lists(st.integers(0, 24 * 800), min_size=1, max_size=40, unique=True),
    keep=st.builds(Keep, st.integers(1, 9), st.integers(0, 6), st.integers(0, 14)),
)
def test_the_newest_is_always_kept_and_thinning_twice_changes_nothing(hours: list[int], keep: Keep) -> None:
    backups = [_made(at() + timedelta(hours=hour)) for hour in hours]
    kept = backup.to_keep(backups, keep)
    assert max(backups, key=lambda b: b.made_at) in kept
    assert len(kept) <= sum(keep)
    assert {b.path for b in backup.to_keep(kept, keep)} == {b.path for b in kept}


def test_only_own_backups_are_deleted(filled: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    old = [backup.back_up(filled, folder, at(day)) for day in range(4)]
    (tmp_path / "other").mkdir()
    with Archive.open(tmp_path / "other" / "a.db") as other:
        others = backup.back_up(other, folder, at(-3))
    (folder / "a-20200101T000000Z.db.zst").write_bytes(b"put here by hand")
    (folder / "notes.txt").touch()
    gone = backup.rotate(folder, old[-1], Keep(2, 0, 0))
    assert gone == [old[0].path, old[1].path]
    assert {b.path for b in backup.listed(folder)} == {old[2].path, old[3].path, others.path}
    assert (folder / "a-20200101T000000Z.db.zst").exists() and (folder / "notes.txt").exists()
    old[3].path.unlink()
    with pytest.raises(BackupError, match="no older backup was deleted"):
        backup.rotate(folder, old[3], Keep(1, 0, 0))
    assert old[2].is_there


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-9] + bytes(9),
        lambda data: data + b"x",
        lambda data: b"",
        lambda data: b"no backup at all" * 99,
    ],
)
@pytest.mark.parametrize("has_sum", [True, False])
def test_a_damaged_backup_is_refused_and_nothing_changes(
    filled: Archive, tmp_path: Path, damage, has_sum: bool
) -> None:
    made = backup.back_up(filled, tmp_path / "kept", at())
    made.path.write_bytes(damage(made.path.read_bytes()))
    if not has_sum:
        made.path.with_name(f"{made.path.name}.sha256").unlink()
    filled.close()
    before = _files(tmp_path), filled.path.read_bytes()
    with pytest.raises(ArchiveError) as caught:
        restore.restore(made.path, filled.path, at=at(), replace=True)
    assert str(made.path) in str(caught.value) or "restoring" in str(caught.value)
    assert (_files(tmp_path), filled.path.read_bytes()) == before


def test_an_archive_is_replaced_only_when_asked_and_put_aside(filled: Archive, tmp_path: Path, store) -> None:
    made = backup.back_up(filled, tmp_path / "kept", at())
    store(make_report(2024), b"later", url="https://city.example/9")
    with pytest.raises(BackupError, match="there is an archive already; add --replace"):
        restore.restore(made.path, filled.path, at=at())
    with pytest.raises(ArchiveError, match="another process has it open; stop every nianbao"):
        restore.restore(made.path, filled.path, at=at(), replace=True, wait_s=0.1)
    filled.close()
    done = restore.restore(made.path, filled.path, at=at(), replace=True)
    assert done.aside == tmp_path / "a.db.replaced-20240201T120000Z"
    with Archive.open(filled.path) as now, Archive.open(done.aside) as before:
        assert (len(list(now.reports())), len(list(before.reports()))) == (3, 4)


def test_a_process_that_holds_something_is_named(filled: Archive, tmp_path: Path) -> None:
    made = backup.back_up(filled, tmp_path / "kept", at())
    filled.pace.take_lease("portal:liuxi")
    with filled.write() as connection:  # as another living process: that which started this one
        connection.execute("UPDATE leases SET holder = json_set(holder, '$.process', 1, '$.began', ?)", (_began(1),))
    filled.close()
    with pytest.raises(ArchiveError, match="portal:liuxi is held by process 1 on"):
        restore.restore(made.path, filled.path, at=at(), replace=True)


def _began(pid: int) -> float:
    import psutil

    return float(psutil.Process(pid).create_time())


@pytest.mark.parametrize("damage", ["middle", "header", "journal"])
def test_a_damaged_archive_is_put_aside_with_its_journal(filled: Archive, tmp_path: Path, damage: str) -> None:
    made = backup.back_up(filled, tmp_path / "kept", at())
    filled.close()
    data = bytearray(filled.path.read_bytes())
    place = 100 if damage == "header" else len(data) // 2
    data[0 if damage == "header" else place : place + 5000] = b"\xff" * 5000
    filled.path.write_bytes(data)
    if damage == "journal":
        filled.path.write_bytes(b"\xff" * 100)
        filled.path.with_name("a.db-wal").write_bytes(b"of the damaged one")
    done = restore.restore(made.path, filled.path, at=at(), replace=True)
    assert done.aside is not None and done.aside.exists()
    assert not filled.path.with_name("a.db-wal").exists()
    if damage == "journal":
        assert done.aside.read_bytes() == b"\xff" * 100
        assert done.aside.with_name(f"{done.aside.name}-wal").read_bytes() == b"of the damaged one"
    assert len(said_by(_contents, filled.path)[0]) == 3


def test_a_journal_without_its_archive_does_not_come_into_the_new_one(filled: Archive, tmp_path: Path) -> None:
    made = backup.back_up(filled, tmp_path / "kept", at())
    filled.close()
    filled.path.unlink()
    filled.path.with_name("a.db-wal").write_bytes(b"left over")
    done = restore.restore(made.path, filled.path, at=at())
    assert done.aside is None
    assert (tmp_path / "a.db.replaced-20240201T120000Z-wal").read_bytes() == b"left over"
    assert len(said_by(_contents, filled.path)[0]) == 3


def test_a_newer_schema_or_another_program_is_not_restored(filled: Archive, tmp_path: Path) -> None:
    filled.close()
    for pragma, said in (("user_version = 99", "use a newer nianbao"), ("application_id = 7", "another program")):
        with closing(sqlite3.connect(filled.path)) as connection:
            connection.execute(f"PRAGMA {pragma}")
        with pytest.raises(BackupError, match=said):
            restore.restore(filled.path, tmp_path / "b.db", at=at())
    assert not (tmp_path / "b.db").exists()


def test_missing_documents_are_named(filled: Archive, tmp_path: Path) -> None:
    made = backup.back_up(filled, tmp_path / "kept", at())
    done = restore.restore(made.path, tmp_path / "b.db", at=at())
    assert (done.documents, done.missing, len(done.named)) == (3, 3, 3)
    assert done.named[0].startswith(str(tmp_path / "b.db.documents"))


def test_documents_are_brought_once_and_damaged_ones_never(filled: Archive, tmp_path: Path) -> None:
    paths = [filled.documents.path(sha256) for (sha256,) in filled.query("SELECT sha256 FROM documents")]
    paths[0].write_bytes(b"damaged")
    paths[1].unlink()
    done = backup_documents.back_up_documents(filled, tmp_path / "kept")
    assert (done.linked + done.copied, done.present, done.failed) == (1, 0, 2)
    assert [str(path) in said for path, said in zip(paths[:2], done.faults, strict=True)] == [True, True]
    again = backup_documents.back_up_documents(filled, tmp_path / "kept")
    assert (again.linked + again.copied, again.present, again.failed) == (0, 1, 2)


def test_documents_on_another_disk_are_copied(filled: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_disk(here: Path, there: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", another_disk)
    done = backup_documents.back_up_documents(filled, tmp_path / "kept")
    assert (done.linked, done.copied, done.failed) == (0, 3, 0)
    target = DocumentStore(tmp_path / "kept" / "a.db")
    for (sha256,) in filled.query("SELECT sha256 FROM documents"):
        assert target.read(sha256) == filled.get_document(sha256)
    # Restoring works there too: without second names the old archive is moved instead.
    made = backup.back_up(filled, tmp_path / "kept", at())
    filled.close()
    done_too = restore.restore(made.path, filled.path, at=at(), replace=True)
    assert done_too.aside is not None and done_too.aside.exists()
    assert len(said_by(_contents, filled.path)[0]) == 3
