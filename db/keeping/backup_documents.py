"""The documents of an archive beside its backups. They never change, so that one copy serves every backup."""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from db.collected.documents import PARTIAL, DocumentStore
from db.connection import ArchiveFile
from db.errors import BackupError
from db.keeping.verify import batches, copies_of

_MOST_FAULTS = 100


@dataclass(slots=True)
class Copied:
    """What was done. present: were there already, and are not hashed again. saved: those of them that are missing in
    the source, and whole; saved_as: sentences about the first hundred of these. linked: a second name of the same file
    on the same disk; copied: a file of its own. faults: sentences about those that could not be had, the first hundred;
    failed: how many."""

    present: int = 0
    saved: int = 0
    linked: int = 0
    copied: int = 0
    size: int = 0  # bytes on disk of what is new
    failed: int = 0
    faults: list[str] = field(default_factory=list)
    saved_as: list[str] = field(default_factory=list)

    def add_fault(self, sentence: str) -> None:
        self.failed += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(sentence)

    def add_saved(self, sentence: str) -> None:
        self.saved += 1
        if len(self.saved_as) < _MOST_FAULTS:
            self.saved_as.append(sentence)


def bring(source: DocumentStore, target: DocumentStore, documents: Iterable[tuple[str, int]], done: Copied) -> Copied:
    """Have every document (SHA-256, size) of `source` in `target`: linked where both are on one disk, else copied. What
    is new is hashed; bytes that are not whole are not taken over. `done` is filled on the way. BackupError where
    nothing can be written."""
    for sha256, size in documents:
        here, there = source.path(sha256), target.path(sha256)
        if target.has(sha256):
            if source.has(sha256):
                done.present += 1
            elif (wrong := target.check(sha256, size)) is not None:
                done.add_fault(f"{here}: is not there, and {there} {wrong}; restore the file from another copy")
            else:
                done.present += 1
                done.add_saved(f"{here}: is not there any more; copy it back from {there}, where it is whole")
            continue
        try:
            there.parent.mkdir(parents=True, exist_ok=True)
            is_linked = _link(here, there)
            if not is_linked:
                _copy(here, there)
        except FileNotFoundError:
            done.add_fault(f"{here}: is not there; restore the file from a copy")
            continue
        except OSError as error:
            raise BackupError(
                f"{there}: the document cannot be written ({error.strerror}); make room, give write access, or name "
                "another folder; what is there stays, and the same command goes on from there"
            ) from error
        if (wrong := target.check(sha256, size)) is not None:
            there.unlink(missing_ok=True)
            done.add_fault(f"{here}: {wrong}; restore the file from a copy")
            continue
        target.flush_name_later(sha256)
        done.linked, done.copied = done.linked + is_linked, done.copied + (not is_linked)
        done.size += there.stat().st_size
    target.flush_names()
    return done


def _link(here: Path, there: Path) -> bool:
    try:
        os.link(here, there)
    except FileNotFoundError:
        raise
    except FileExistsError:  # another process was quicker
        return True
    except OSError:  # another disk, or one that knows no second names
        return False
    return True


def _copy(here: Path, there: Path) -> None:
    partial = there.with_name(f".{there.name}.{os.getpid()}{PARTIAL}")
    try:
        with here.open("rb") as source, partial.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
        partial.replace(there)
    finally:
        with suppress(OSError):  # a clean-up that fails must not hide the first error
            partial.unlink(missing_ok=True)


def back_up_documents(archive: ArchiveFile, folder: Path) -> Copied:
    """Have every document of an archive beside its backups in a folder, in <archive's name>.documents there."""
    target = copies_of(archive.path, folder)
    done = Copied()
    for batch in batches(archive):
        bring(archive.documents, target, batch.documents, done)
    return done
