"""An archive that may only be read here: another user's, or one on a medium that cannot be written."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.errors import ArchiveChangedError, ArchiveError


def may_only_be_read(path: Path) -> bool:
    """Whether there is an archive that this process may not write. Its folder counts too: the journal lies there."""
    file = path.resolve()  # the journal lies beside the file itself, not beside a link to it
    return file.is_file() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


class Standing:
    """The file as it was when it was opened without SQLite's own care for other writers; see `connect`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was = self._now()

    def _now(self) -> tuple[int, int, int]:
        now = self._path.stat()
        return now.st_ino, now.st_size, now.st_mtime_ns

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What is read inside counts only if the file is still the same afterwards. Raises ArchiveError."""
        try:
            yield
        finally:
            # Before whatever SQLite says of pages that do not fit together: this is why they do not.
            try:
                has_changed = self._now() != self._was
            except OSError:
                has_changed = True
            if has_changed:
                raise ArchiveChangedError(f"{self._path}: somebody has written it while it was read; start again")


def connect(path: Path, wait_s: float) -> tuple[sqlite3.Connection, Standing | None]:
    """A connection that only reads. Raises ArchiveError, and what SQLite raises.

    A database in WAL mode cannot be opened where its journal (-wal, -shm) can neither be found nor made, unless SQLite
    is told that the file is immutable: it then takes no locks and looks for no journal. Without a journal the file by
    itself is the whole archive, so that is safe as long as nobody writes: whoever does, writes into a new journal first
    and carries it over into the file later, which Standing sees by the file's time and size; what was read is then not
    used. With a journal the newest rows are in it and must not be passed over: then only mode=ro will do, which shares
    the journal with the process that writes.
    """
    file = path.resolve()
    if not os.access(file, os.R_OK):
        raise ArchiveError(f"{path}: cannot be read; give read access to the file and its folder")
    standing = Standing(file)  # before the journal is looked for: one that comes and goes meanwhile is noticed
    journal = file.with_name(f"{file.name}-wal")
    has_journal = journal.is_file() and journal.stat().st_size > 0
    uri = f"{file.as_uri()}?mode=ro{'' if has_journal else '&immutable=1'}"
    connection = sqlite3.connect(uri, uri=True, timeout=wait_s, isolation_level=None)
    if not has_journal:
        return connection, standing
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if not error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
            raise
        raise ArchiveError(
            f"{path}: may only be read here, and what was written last ({journal.name}) cannot be; let somebody who may"
            " write it run `nianbao verify` once, or make a copy"
        ) from error
    return connection, None
