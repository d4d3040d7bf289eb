"""What lies beside an archive that is not there: then nothing may be begun in its place without being asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from db.collected.documents import DocumentStore
from db.errors import ArchiveError


class Left(NamedTuple):
    """Of an archive that is not there, or an empty file. what, do: a sentence's halves."""

    what: str
    do: str


def folder_of(archive: Path) -> Path:
    """Where the backups of an archive lie, unless its settings name another folder."""
    return archive.with_name(f"{archive.name}.backups")


def is_nothing(path: Path) -> bool:
    """Whether there is no file at a path, or one without a single byte."""
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)


def left(path: Path, backups: Path) -> Left | None:
    """What is there of an archive that is not; None where nothing is. backups: the folder in which they lie."""
    from db.keeping import backup

    documents = DocumentStore(path).folder
    own = [b for b in backup.listed(backups) if b.is_there and b.archive == str(path.resolve())]
    folders = ([documents] if _has_files(documents) else []) + ([backups] if own else [])
    if not folders:
        return None
    there = " and ".join(str(folder) for folder in folders)
    how = "is empty" if path.exists() else "is not there"
    which = "its documents" if folders[0] == documents else "backups of it"
    what = f"{path}: the archive {how}, but {which} are there"
    if own:
        replace = " --replace" if path.exists() else ""
        do = f"restore it: `nianbao restore {own[-1].path} --to {path}{replace}`"
    else:
        do = f"restore it from a copy (no backup of it lies in {backups})"
    return Left(what, f"{do}; to begin anew, move {there} away first")


def has_none(path: Path, backups: Path, is_none: Callable[[Path], bool] = is_nothing) -> bool:
    """Whether there is no archive, and nothing of one; ArchiveError where something is left of one.

    is_none: tells whether the file at the path is no archive.
    """
    if not is_none(path):
        return False
    found = left(path, backups)
    if not is_none(path):  # another process has made it since; what was found may be of the new one
        return False
    if found is not None:
        raise ArchiveError(f"{found.what}; {found.do}")
    return True


def _has_files(folder: Path) -> bool:
    try:
        return any(path.is_file() for path in folder.rglob("*"))
    except OSError:
        return True  # it cannot be looked into: that is not the same as empty
