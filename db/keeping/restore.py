"""Putting a backup in the place of an archive. Nothing that is there is deleted: it is put aside under a new name."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from db.collected import holders
from db.collected.documents import DocumentStore, flush_folder
from db.errors import ArchiveBusyError, ArchiveError, BackupError
from db.keeping import backup, snapshot
from db.keeping.backup_documents import Copied, bring

_TIME = "%Y%m%dT%H%M%SZ"
_PARTIAL = ".restoring"
_JOURNALS = ("-wal", "-journal")
_MOST_NAMED = 100


@dataclass(slots=True)
class Restored:
    """archive: where it is now. aside: the new name of what was there, None where nothing was. schema: its version.
    has_sum: a SHA-256 stood beside the backup. documents: how many the archive has bytes of, by its rows; missing: how
    many of these are not on disk, named: the first hundred of them. fetched: what came from the backup's documents."""

    archive: Path
    aside: Path | None
    schema: int
    has_sum: bool
    documents: int = 0
    missing: int = 0
    named: list[str] = field(default_factory=list)
    fetched: Copied = field(default_factory=Copied)


def restore(file: Path, archive: Path, *, at: datetime, replace: bool = False, wait_s: float = 5.0) -> Restored:
    """Put the archive of a backup (packed, or a plain SQLite file) at a path, after it was checked.

    at: now; names what is put aside. replace: an archive that is there is put aside, in whatever state it is. wait_s:
    how long to wait for others to let go of it. Documents that lie beside the backup and are not there are brought.
    At every instant the path has the old archive or the new one, whole; only in the place of a damaged one with a
    journal there may be none for a moment. Raises BackupError, ArchiveBusyError; nothing has changed then.
    """
    real = archive.resolve()
    if not file.is_file():
        raise BackupError(f"{file}: there is no such file; `nianbao backup --list` shows the backups")
    if real.is_dir():
        raise BackupError(f"{archive}: is a folder; give the path of an archive file")
    is_there = real.exists()
    if is_there and not replace:
        raise BackupError(
            f"{archive}: there is an archive already; add --replace to put it aside under a new name, or give another "
            "path with --to"
        )
    with _explained(real):
        real.parent.mkdir(parents=True, exist_ok=True)
        _sweep(real)
        partial = real.with_name(f".{real.name}.{os.getpid()}{_PARTIAL}")
        try:
            has_sum = _unpacked(file, partial)
            done = Restored(archive, None, snapshot.identity_of(partial)[0], has_sum)
            _bring_documents(file, archive, partial, done)
            aside = _new_name(real, at)
            if is_there:
                _alone(real, wait_s)
                done.aside = aside
            _swap(partial, real, aside, is_there=is_there)
        finally:
            with suppress(OSError):  # a clean-up that fails must not hide the first error
                partial.unlink(missing_ok=True)
    return done


def _unpacked(file: Path, partial: Path) -> bool:
    """Unpack a backup and check it in every way; whether a SHA-256 stood beside it."""
    said = backup.described(file)
    if shutil.disk_usage(partial.parent).free < file.stat().st_size:
        raise BackupError(f"{partial.parent}: the disk is full; make room, or give another path with --to")
    digests = snapshot.unpack(file, partial)
    if said is not None and said.sha256 != digests.packed:
        raise BackupError(
            f"{file}: is not what was written ({said.path.name} had another SHA-256); take another backup"
        )
    try:
        wrong = snapshot.check(partial, said.counts if said else None)
    except ArchiveError as error:  # another program's, or of a newer nianbao
        raise BackupError(f"{file}: {error}") from error
    if wrong:
        raise BackupError(f"{file}: the archive in it is not whole ({wrong[0]}); take another backup")
    return said is not None


def _bring_documents(file: Path, archive: Path, partial: Path, done: Restored) -> None:
    target = DocumentStore(archive)
    name = backup.archive_name(file)
    source = DocumentStore(file.resolve().with_name(name)) if name else None
    if source is not None and source.folder.is_dir() and source.folder.resolve() != target.folder.resolve():
        lacking = ((sha, size) for sha, size in _documents(partial) if not target.has(sha) and source.has(sha))
        bring(source, target, lacking, done.fetched)
    for sha256, _ in _documents(partial):
        done.documents += 1
        if not target.has(sha256):
            done.missing += 1
            if len(done.named) < _MOST_NAMED:
                done.named.append(str(target.path(sha256)))


def _documents(plain: Path) -> Iterator[tuple[str, int]]:
    """SHA-256 and size of the documents whose bytes an archive of any schema should have."""
    with closing(snapshot.opened(plain)) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(documents)")}
        kept = " WHERE dropped_at IS NULL" if "dropped_at" in columns else ""
        yield from connection.execute(f"SELECT sha256, size FROM documents{kept} ORDER BY sha256")


def _alone(real: Path, wait_s: float) -> None:
    """Make sure that nobody has the present archive open, and that its journal is carried over into it. A damaged one
    that SQLite cannot open is left as it is. Raises ArchiveBusyError."""
    with real.open("rb") as file:
        if not snapshot.is_database(file.read(snapshot.HEAD)):
            return  # SQLite would take what it does not understand of the journal away
    try:
        with closing(sqlite3.connect(real, timeout=wait_s, isolation_level=None)) as connection:
            held = [lease for lease in _leases(connection) if lease.runs and lease.process != os.getpid()]
            if held:
                raise ArchiveBusyError(f"{real}: {held[0].name} is held by {held[0]}; stop it, then restore")
            # Refused as long as any other process has it open.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise ArchiveBusyError(
                f"{real}: another process has it open; stop every nianbao and whatever else reads it, then restore"
            ) from error
    except sqlite3.DatabaseError:
        return


def _leases(connection: sqlite3.Connection) -> list[holders.Lease]:
    try:
        return holders.leases(connection)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise
        return []
    except (sqlite3.DatabaseError, ValueError, KeyError):
        return []


def _swap(partial: Path, real: Path, aside: Path, *, is_there: bool) -> None:
    """The new archive in the place of the old. A journal of the old one must not lie beside the new one, which SQLite
    would take for its own; nor may it part from the old one: both get their second names before they lose their first.
    """
    journals = [
        (journal, aside.with_name(aside.name + end)) for end in _JOURNALS if (journal := _beside(real, end)).exists()
    ]
    files = [*([(real, aside)] if is_there else []), *journals]
    if all(_link(here, there) for here, there in files):
        if journals:  # else the next step does both at once
            for here, _ in files:
                here.unlink()
    else:
        for here, there in files:
            there.unlink(missing_ok=True)  # a second name of the same file, by now
            here.rename(there)
    _beside(real, "-shm").unlink(missing_ok=True)  # no data; of whoever has the old one open
    partial.replace(real)
    flush_folder(real.parent)


def _beside(real: Path, end: str) -> Path:
    return real.with_name(f"{real.name}{end}")


def _link(here: Path, there: Path) -> bool:
    """A second name for a file; False on a disk that knows no such thing."""
    try:
        os.link(here, there)
    except OSError:
        return False
    return True


def _new_name(real: Path, at: datetime) -> Path:
    begin = f"{real.name}.replaced-{at.astimezone(UTC):{_TIME}}"
    number = 1
    while True:
        path = real.with_name(f"{begin}{f'-{number}' if number > 1 else ''}")
        if not any(_beside(path, end).exists() for end in ("", *_JOURNALS)):
            return path
        number += 1


def _sweep(real: Path) -> None:
    """Delete what a killed restore left half done."""
    begin = f".{real.name}."
    for path in real.parent.glob(f".*{_PARTIAL}"):
        pid = path.name.removeprefix(begin).removesuffix(_PARTIAL)
        if path.name.startswith(begin) and pid.isdecimal() and not holders.process_runs(int(pid)):
            path.unlink(missing_ok=True)


@contextmanager
def _explained(real: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(
            f"{error.filename or real}: cannot be read or written ({error.strerror or error}); make room or give"
            " access; the archive is as it was"
        ) from error
