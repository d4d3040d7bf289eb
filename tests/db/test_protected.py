"""Reading without SQLite's locks is noticed to fail where somebody writes; a damaged database is one sentence."""

import sqlite3
from pathlib import Path

import pytest
from archive_samples import at
from test_migration import first_schema

from db import protected
from db.archive import Archive, ArchiveError
from db.keeping.verify import database_faults


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for somebody who may not write: root may, and tests of the commands give up its rights."""
    monkeypatch.setattr(protected, "may_only_be_read", lambda path: True)


def _made(path: Path) -> None:
    with Archive.open(path) as archive:
        archive.put_document(b"A", media=None, seen_at=at())


def test_what_would_be_written_is_one_sentence(
    tmp_path: Path, read_only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a b?.db"
    with monkeypatch.context() as writable:
        writable.setattr(protected, "may_only_be_read", lambda path: False)
        _made(path)
    before = path.read_bytes()
    with Archive.open(path) as archive:
        assert archive.is_read_only
        assert archive.query("SELECT count(*) FROM documents") == [(1,)]
        for _ in range(2):
            with pytest.raises(ArchiveError, match=r"db: cannot be written \(.*; give write access") as caught:
                archive.add_portal("city", "示例市", "static_list")
            assert "\n" not in str(caught.value)
        with archive.write():  # nothing is to be changed
            assert archive.agencies() == []
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [path.name], "no journal is left behind"


def test_a_file_that_is_written_meanwhile_is_not_trusted(
    tmp_path: Path, read_only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    with monkeypatch.context() as writable:
        writable.setattr(protected, "may_only_be_read", lambda path: False)
        _made(path)
    with Archive.open(path) as archive:
        assert archive.agencies() == []
        with monkeypatch.context() as writable:
            writable.setattr(protected, "may_only_be_read", lambda path: False)
            with Archive.open(path) as other:
                other.add_portal("city", "示例市", "static_list")
        with pytest.raises(ArchiveError, match="somebody has written it while it was read; start again"):
            archive.agencies()
        with pytest.raises(ArchiveError, match="start again"):
            archive.query("SELECT 1")


def test_an_older_schema_is_brought_up_to_date_by_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    first_schema(path)
    monkeypatch.setattr(protected, "may_only_be_read", lambda path: True)
    with pytest.raises(ArchiveError, match=r"a\.db: .* must be brought up to date by somebody who may write it"):
        Archive.open(path)


@pytest.mark.parametrize(
    ("damage", "lacks"),
    [
        ("DROP TABLE agency_aliases", "the table agency_aliases"),
        ("ALTER TABLE agencies RENAME COLUMN organ TO other", "the column organ"),
    ],
)
def test_a_table_or_column_that_is_lost_is_one_sentence(tmp_path: Path, damage: str, lacks: str) -> None:
    path = tmp_path / "a.db"
    _made(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute(damage)
    connection.close()
    with Archive.open(path) as archive:
        with pytest.raises(ArchiveError) as caught:
            archive.agencies()
        assert str(caught.value) == (
            f"{path}: the database lacks {lacks}; run `nianbao verify`, restore it from a copy"
        )
        if "TABLE agency" in damage:
            assert [fault.sentence for fault in database_faults(archive)] == [
                f"{path}: the database lacks {lacks}; restore the archive from a backup with `nianbao restore`"
            ]
