"""Documents that are larger than memory: written and read piece by piece, and the manifests made so."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from db.archive import Archive
from db.collected.documents import DocumentStore, sha256_of
from db.errors import DocumentMissingError
from db.records import Visit

DAY = datetime(2024, 2, 1, 4, tzinfo=UTC)


@pytest.fixture
def documents(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path / "a.db")


def test_pieces_are_the_same_as_the_whole(documents: DocumentStore) -> None:
    data = b"".join(b"%d\n" % (number * 7919) for number in range(300_000))
    sha256, size = documents.write_pieces(data[start : start + 999] for start in range(0, len(data), 999))
    assert (sha256, size) == (sha256_of(data), len(data))
    assert documents.read(sha256) == b"".join(documents.pieces(sha256)) == data
    assert documents.check(sha256, size) is None
    assert [path.name for path in documents.files()] == [f"{sha256}.zst"]
    assert documents.write_pieces(iter(())) == (sha256_of(b""), 0) and documents.read(sha256_of(b"")) == b""


def test_what_breaks_off_leaves_nothing(documents: DocumentStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise DocumentMissingError("its source is gone")

    with pytest.raises(DocumentMissingError, match="source is gone"):
        documents.write_pieces(broken())
    assert list(documents.files()) == []


def test_pieces_that_are_not_whole_are_refused(documents: DocumentStore) -> None:
    sha256, _ = documents.write_pieces([b"abc" * 999])
    path = documents.path(sha256)
    whole = path.read_bytes()
    other, _ = documents.write_pieces([b"abd" * 999])
    for wrong in (whole[:-9], b"nothing", documents.path(other).read_bytes()):
        path.write_bytes(wrong)
        with pytest.raises(DocumentMissingError, match=sha256):
            list(documents.pieces(sha256))
    path.unlink()
    with pytest.raises(DocumentMissingError, match="is not there"):
        list(documents.pieces(sha256))


def test_a_day_of_many_visits_is_not_held(archive: Archive) -> None:
    with archive.write():
        for number in range(2500):
            visit = Visit("p", f"http://p.example/{number}", "detail", DAY + timedelta(seconds=number), 200, "ok")
            archive.add_visit(visit)
    tracemalloc.start()
    try:
        manifest = archive.manifests.make(date(2024, 2, 1), DAY + timedelta(days=2))
        made = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    text = archive.get_document(manifest.sha256)
    assert manifest.entries == text.count(b"\nvisit\t") == 2500
    assert made < len(text) / 2
    assert archive.manifests.digest_now(manifest) == manifest.sha256
    assert archive.manifests.reach(manifest).visits == 2500 and archive.manifests.previous(manifest) is None


def test_documents_of_a_linked_archive_lie_beside_the_archive_itself(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    with Archive.open(tmp_path / "disk" / "a.db") as archive:
        sha256 = archive.put_document(b"A", media=None, seen_at=datetime(2024, 2, 1, tzinfo=UTC))
    (tmp_path / "link.db").symlink_to(tmp_path / "disk" / "a.db")
    with Archive.open(tmp_path / "link.db") as archive:
        assert archive.get_document(sha256) == b"A"
        archive.put_document(b"B", media=None, seen_at=datetime(2024, 2, 1, tzinfo=UTC))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "link.db"]
