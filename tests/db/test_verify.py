"""Every kind of damage is found and named; what a killed process leaves is a notice."""

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from archive_samples import at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.keeping import verify
from db.records import ColumnRead, ListedLink, Visit
from monitor.evidence.checking import Counts, faults_of

NOW = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture
def filled(archive: Archive) -> Archive:
    for number in range(5):
        body = b"<html>%d</html>" % number * 300
        sha256 = archive.put_document(body, media="text/html", seen_at=at(number))
        archive.add_visit(
            Visit("city", f"https://city.example/{number}", "detail", at(number), 200, "ok", sha256=sha256)
        )
    archive.add_column_read(ColumnRead("city", "https://city.example/", at(), "ok", 1, [ListedLink("x", "y")]))
    for day in archive.manifests.lacking(NOW):
        archive.manifests.make(day, NOW)
    return archive


def _faults(archive: Archive, since: date | None = None) -> list[verify.Fault]:
    return list(faults_of(archive, Counts(), since=since))


def _change(archive: Archive, statement: str) -> None:
    """Change a row behind the archive's back, as damage or a hand would."""
    with sqlite3.connect(archive.path) as connection:
        connection.execute(statement)
    connection.close()


def _file(archive: Archive, number: int = 0) -> Path:
    rows = archive.query("SELECT sha256 FROM visits ORDER BY id")
    return archive.documents.path(rows[number][0])


def test_a_whole_archive_has_no_faults(filled: Archive) -> None:
    counts = Counts()
    assert list(faults_of(filled, counts)) == []
    assert (counts.documents, counts.manifests) == (10, 5)  # five pages, five manifests
    assert counts.size == sum(size for (size,) in filled.query("SELECT size FROM documents"))


@given(place=st.integers(0), flip=st.sampled_from([0x01, 0x80, 0xFF]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_flipped_byte_of_a_document_is_found(filled: Archive, place: int, flip: int) -> None:
    path = _file(filled)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[place % len(whole)] ^= flip
    path.write_bytes(damaged)
    try:
        (fault,) = _faults(filled)
    finally:
        path.write_bytes(whole)
    assert (fault.kind, fault.is_damage) == ("document", True)
    assert str(path) in fault.what
    assert fault.do == "restore the file from a copy"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "is not there"),
        (lambda path: path.write_bytes(path.read_bytes()[:-3]), "is damaged, it is cut off"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), "is damaged, it goes on after its end"),
        (lambda path: path.write_bytes(b""), "is damaged, it is cut off"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
    ],
)
def test_a_missing_or_broken_file_is_found(filled: Archive, damage, said: str) -> None:
    path = _file(filled)
    damage(path)
    faults = [fault for fault in _faults(filled) if fault.is_damage]
    assert [fault.kind for fault in faults] == ["document"]
    assert f"{path}: {said}" in faults[0].what


def test_a_document_under_the_name_of_another_is_found(filled: Archive) -> None:
    _file(filled, 1).write_bytes(_file(filled, 0).read_bytes())
    (fault,) = _faults(filled)
    assert "holds other bytes" in fault.what


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("UPDATE documents SET size = size + 1 WHERE sha256 = (SELECT sha256 FROM visits WHERE id = 1)", {"document"}),
        ("DELETE FROM documents WHERE sha256 IN (SELECT sha256 FROM visits WHERE id = 1)", {"reference", "no-row"}),
        ("UPDATE visits SET status = 404 WHERE id = 2", {"manifest"}),
        ("UPDATE visits SET response_headers = '{\"a\":\"b\"}' WHERE id = 2", {"manifest"}),
        ("DELETE FROM visits WHERE id = 2", {"manifest"}),
        ("INSERT INTO visits SELECT 0, portal, url || 'x', kind, at, status, outcome, evidence, final_url,"
         " request_headers, response_headers, sha256, crawl_id, network, redirects, requests, body_sha256, signature"
         " FROM visits WHERE id = 2", {"manifest"}),
        ("UPDATE link_lists SET links = '[]'", {"link-list"}),
        ("DELETE FROM column_read_pages", {"manifest"}),
        ("DELETE FROM manifests WHERE day = '2024-02-02'", {"chain"}),
        ("UPDATE manifests SET sha256 = (SELECT sha256 FROM visits LIMIT 1) WHERE day = '2024-02-05'", {"manifest"}),
        ("UPDATE manifests SET token = x'00' WHERE day = '2024-02-05'", {"stamp"}),
    ],
)  # fmt: skip
def test_a_changed_row_is_found(filled: Archive, statement: str, kinds: set[str]) -> None:
    assert filled.query("SELECT day FROM manifests ORDER BY day")[1] == ("2024-02-02",)
    _change(filled, statement)
    faults = _faults(filled)
    assert {fault.kind for fault in faults} == kinds
    assert all(fault.what and fault.do for fault in faults)


def test_what_a_killed_process_leaves_is_a_notice(filled: Archive) -> None:
    store = filled.documents
    store.write(b"never got a row", "0" * 64)
    half = store.path("f" * 64).with_name(f".{'f' * 64}.77.partial")
    half.parent.mkdir(exist_ok=True)
    half.touch()
    (store.folder / "notes.txt").touch()
    faults = _faults(filled)
    assert {fault.kind for fault in faults} == {"no-row", "partial", "stray"}
    assert not any(fault.is_damage for fault in faults)


def test_since_looks_at_what_is_new(filled: Archive) -> None:
    _file(filled, 0).unlink()
    assert len(_faults(filled)) == 1
    assert _faults(filled, date(2024, 2, 4)) == []
    _file(filled, 4).unlink()
    assert len(_faults(filled, date(2024, 2, 4))) == 1


def test_a_damaged_database_is_a_fault_and_the_documents_are_checked_all_the_same(filled: Archive) -> None:
    _file(filled).unlink()
    ((root,),) = filled.query("SELECT rootpage FROM sqlite_master WHERE name = 'link_lists'")
    ((size,),) = filled.query("PRAGMA page_size")
    filled.close()
    with sqlite3.connect(filled.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(filled.path.read_bytes())
    data[(root - 1) * size : root * size] = b"\xff" * size
    filled.path.write_bytes(data)
    with Archive.open(filled.path) as archive:
        faults = _faults(archive)
    assert {"document", "database"} <= {fault.kind for fault in faults}
