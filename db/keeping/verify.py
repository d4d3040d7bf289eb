"""Is the archive what it was? Every check gives faults; each says what, where and what to do.

Documents are checked in batches, which a caller may spread over processes: `batches` says which, `check_batch` does it.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from db.collected.documents import PARTIAL, DocumentStore
from db.errors import ArchiveChangedError, ArchiveError
from db.keeping import wholeness
from db.keeping.retention import Retention
from db.schema import migrations as schema
from db.times import to_text

if TYPE_CHECKING:
    from db.archive import Archive
    from db.connection import ArchiveFile

BATCH = 64  # documents handed to a process in one go

_RESTORE = "restore the file from a copy"
_RESTORE_ARCHIVE = "restore the archive from a backup with `nianbao restore`"


class Fault(NamedTuple):
    """One thing that is not as it should be. is_damage: False for a notice, with which nothing is lost."""

    kind: str
    is_damage: bool
    what: str
    do: str

    @property
    def sentence(self) -> str:
        return f"{self.what}; {self.do}"


class Batch(NamedTuple):
    """Documents to be checked: the archive's path, and (SHA-256, size) of each. backups: a folder beside whose backups
    copies of them may lie."""

    archive: Path
    documents: list[tuple[str, int]]
    backups: Path | None = None


class Checked(NamedTuple):
    """What came of a batch: how many documents, bytes of them, and faults."""

    documents: int
    size: int
    faults: list[Fault]


def batches(archive: "ArchiveFile", since: datetime | None = None, backups: Path | None = None) -> Iterator[Batch]:
    """Every document of the archive whose bytes were not given up, or those that were first seen since a moment."""
    last = ""
    while True:
        rows = archive.query(
            "SELECT sha256, size FROM documents WHERE sha256 > ? AND first_seen_at >= ? AND dropped_at IS NULL"
            " ORDER BY sha256 LIMIT ?",
            (last, to_text(since) if since else "", BATCH),
        )
        if rows:
            yield Batch(archive.path, [(sha256, size) for sha256, size in rows], backups)
        if len(rows) < BATCH:
            return
        last = rows[-1][0]


def check_batch(batch: Batch) -> Checked:
    """Hash the documents of a batch anew. Runs in any process."""
    store, faults = DocumentStore(batch.archive), []
    for sha256, size in batch.documents:
        if (wrong := store.check(sha256, size)) is not None:
            faults.append(document_fault(store, sha256, size, wrong, batch.backups))
    return Checked(len(batch.documents), sum(size for _, size in batch.documents), faults)


def document_fault(store: DocumentStore, sha256: str, size: int, wrong: str, backups: Path | None) -> Fault:
    """A document that is not there or damaged (`wrong`), and where it is whole if it is, beside the backups."""
    here, do = store.path(sha256), _RESTORE
    if backups is not None:
        copies = copies_of(store.archive, backups)
        if copies.has(sha256) and copies.check(sha256, size) is None:
            do = f"copy it back from {copies.path(sha256)}, where it is whole"
    return Fault("document", True, f"{here}: {wrong}", do)


def copies_of(archive: Path, backups: Path) -> DocumentStore:
    """The documents of an archive beside its backups in a folder."""
    return DocumentStore(backups / archive.resolve().name)


def crashed(batch: Batch) -> Checked:
    """What is said of a batch whose process died of it."""
    first, last = batch.documents[0][0], batch.documents[-1][0]
    what = f"{batch.archive}: the documents from {first} to {last} could not be checked"
    return Checked(0, 0, [Fault("unchecked", True, what, "look at these files, and check again")])


def readable(archive: "ArchiveFile", faults: Iterator[Fault]) -> Iterator[Fault]:
    """The faults of a check; where the database cannot be read on the way, that is one, and other checks can go on."""
    try:
        yield from faults
    except ArchiveChangedError:
        raise
    except ArchiveError as error:
        what, _, do = str(error).partition("; ")
        yield Fault("database", True, what, do or _RESTORE_ARCHIVE)
    except sqlite3.DatabaseError as error:
        yield Fault("database", True, f"{archive.path}: cannot be read ({error})", _RESTORE_ARCHIVE)


def database_faults(archive: "ArchiveFile", *, deep: bool = False) -> Iterator[Fault]:
    """Whether SQLite finds its file whole, and every row that another one names is there. deep: indexes too."""
    name = str(archive.path)
    with archive.read() as connection:
        if lacking := schema.lacking_tables(connection):
            for table in lacking:  # the rows that name those of such a table are not listed one by one
                yield Fault("database", True, f"{name}: the database lacks the table {table}", _RESTORE_ARCHIVE)
            return
        is_damaged = False
        for said in wholeness.damage(connection, deep=deep):
            is_damaged = True
            yield Fault("database", True, f"{name}: the database is damaged, {said}", _RESTORE_ARCHIVE)
        try:
            yield from _reference_faults(connection, name)
            yield from _link_list_faults(connection, name)
        except sqlite3.DatabaseError as error:
            if not (is_damaged and wholeness.is_damage(error)):  # else it was said, and better
                raise


def _reference_faults(connection: sqlite3.Connection, name: str) -> Iterator[Fault]:
    for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        which = f"row {row_id} of {table}" if row_id is not None else f"a row of {table}"
        yield Fault("reference", True, f"{name}: {which} names a row of {parent} that is not there", _RESTORE_ARCHIVE)


def _link_list_faults(connection: sqlite3.Connection, name: str) -> Iterator[Fault]:
    """What columns listed is kept under its hash too."""
    for digest, links in connection.execute("SELECT hash, links FROM link_lists ORDER BY hash"):
        if hashlib.sha256(links.encode()).hexdigest() != digest:
            yield Fault(
                "link-list", True, f"{name}: what a column listed is no longer that of hash {digest}", _RESTORE_ARCHIVE
            )


def given_up(archive: "ArchiveFile") -> Iterator[Fault]:
    """Whether list pages were given up by the rules of retention: no fault, and to be known."""
    past = Retention(archive).given_up()
    if past.documents:
        days = past.first if past.first == past.last else f"from {past.first} to {past.last}"
        many = "document was" if past.documents == 1 else "documents were"
        yield Fault(
            "given-up",
            False,
            f"{archive.path}: {past.documents} {many} given up by the rules of retention on {days}",
            "nothing is to be done; their hashes, and what they listed, are kept",
        )


def folder_faults(archive: "ArchiveFile") -> Iterator[Fault]:
    """Files of the documents' folder without a row: a killed process leaves such, and nothing is lost with them."""
    store = archive.documents
    waiting: list[tuple[str, Path]] = []
    for path in store.files():
        sha256 = store.sha256_at(path)
        if sha256 is not None:
            waiting.append((sha256, path))
        elif path.name.endswith(PARTIAL):
            yield Fault(
                "partial", False, f"{path}: is half written", "delete it if no nianbao is running; a killed one left it"
            )
        else:
            yield Fault("stray", False, f"{path}: is no document of this archive", "move it elsewhere")
        if len(waiting) >= BATCH:
            yield from _rowless(archive, waiting)
            waiting = []
    yield from _rowless(archive, waiting)


def _rowless(archive: "ArchiveFile", files: list[tuple[str, Path]]) -> Iterator[Fault]:
    marks = ", ".join("?" * len(files))
    known = archive.query(
        f"SELECT sha256, dropped_at FROM documents WHERE sha256 IN ({marks})", tuple(sha for sha, _ in files)
    )
    there = dict(known)
    for sha256, path in files:
        if there.get(sha256):
            yield Fault(
                "left",
                False,
                f"{path}: was given up by the rules of retention on {there[sha256][:10]}, and is still there",
                "run `nianbao retention --apply`, which takes it away",
            )
        elif sha256 not in there:
            yield Fault(
                "no-row",
                False,
                f"{path}: has no row in the archive, as when a process was killed",
                "leave it (it is taken up when the bytes come again), or delete it",
            )


def manifest_faults(archive: "Archive", since: date | None = None) -> Iterator[Fault]:
    """Whether each manifest names the one before, and is still what the rows of its day say."""
    before: tuple[date, str] | None = None
    for manifest in archive.manifests.listed():
        if since is None or manifest.day >= since:
            where = f"{archive.path}: the manifest of {manifest.day}"
            try:
                if archive.manifests.previous(manifest) != before:
                    named = before[0] if before else "none before it"
                    yield Fault("chain", True, f"{where} does not name that of {named}", _RESTORE_ARCHIVE)
                elif archive.manifests.digest_now(manifest) != manifest.sha256:
                    yield Fault("manifest", True, f"{where} is not what the rows of its day say now", _RESTORE_ARCHIVE)
            except (ArchiveError, ValueError, KeyError) as error:
                yield Fault("manifest", True, f"{where} cannot be read: {error}", _RESTORE)
        before = (manifest.day, manifest.sha256)
