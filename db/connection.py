"""Opening an archive file, and its transactions."""

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from db import beside, protected
from db.beside import folder_of
from db.collected import holders
from db.collected.documents import DocumentStore
from db.errors import ArchiveBusyError, ArchiveError
from db.schema import migrations as schema

if TYPE_CHECKING:
    from parsers.form import Form

__all__ = ["OLDEST_SQLITE", "WAIT_S", "ArchiveFile", "folder_of"]

WAIT_S = 30.0
OLDEST_SQLITE = (3, 38, 0)  # STRICT tables, RETURNING, the operators of JSON

_BETWEEN_TRIES_S = 0.01
_LACKS = re.compile(r"no such (table|column): (\S+)")


class ArchiveFile:
    """An open archive file: who may read and write it when. What it holds is the business of db.archive."""

    def __init__(self, path: Path, connection: sqlite3.Connection, forms: "Mapping[str, Form]", wait_s: float) -> None:
        self.path = path
        self.forms = forms
        self.documents = DocumentStore(path)
        self._connection = connection
        self._wait_s = wait_s
        self._depth = 0
        self._standing: protected.Standing | None = None
        self._backups: Path | None = None
        self._must_exist = False
        self.is_read_only = False

    # Opening and closing

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        forms: "Mapping[str, Form] | None" = None,
        wait_s: float = WAIT_S,
        backup: Path | bool = True,
        must_exist: bool = False,
    ) -> Self:
        """Open an archive; make it if there is none, bring it up to date if it is older, after a backup of it as it is.

        forms: the forms whose figures it holds, by default those of parsers/forms; a new one adds its columns.
        wait_s: how long a write waits for another process. backup: the folder for that backup; True: the one beside the
        archive (backup.folder_of), False: none is made. must_exist: none is made where there is none yet, nor in an
        empty file. Raises ArchiveError, naming the file and what to do; so it does where there is none, or an empty
        file, and documents or backups of one are there.

        One that this process may not write is opened for reading; is_read_only then says so, and writes raise.
        """
        if forms is None:
            from parsers.form import load_forms

            forms = load_forms()
        if path.is_dir():
            raise ArchiveError(f"{path}: is a folder; give the path of an archive file")
        _check_sqlite()
        backups = folder_of(path) if isinstance(backup, bool) else backup
        if beside.has_none(path, backups) and must_exist:
            raise _no_archive(path)
        if not path.parent.is_dir():
            raise ArchiveError(f"{path}: its folder does not exist; make it, or give another path")
        is_read_only = protected.may_only_be_read(path)
        connection, standing = _connect(path, wait_s, is_read_only=is_read_only)
        archive = cls(path, connection, forms, wait_s)
        archive.is_read_only, archive._standing = is_read_only, standing
        archive._must_exist = must_exist
        if backup is not False:
            archive._backups = backups
        try:
            archive._prepare()
        except BaseException:
            archive.close()
            raise
        return archive

    @classmethod
    def look(cls, path: Path, *, wait_s: float = WAIT_S) -> Self:
        """Open an archive for reading as it is: of whatever schema, damaged or not; nothing is made, checked, carried
        over or brought up to date. Raises ArchiveError where it cannot be opened at all, ArchiveChangedError where
        somebody begins to write it meanwhile."""
        if not path.is_file():
            raise ArchiveError(f"{path}: there is no such file; give the path of an archive")
        _check_sqlite()
        with _one_sentence(path, wait_s):
            # Where nobody has it open, to read it in the usual way would leave an empty journal behind.
            is_open = path.resolve().with_name(f"{path.resolve().name}-wal").exists()
            connection, standing = (
                (_reading(path.resolve(), wait_s), None)
                if is_open and not protected.may_only_be_read(path)
                else protected.connect(path, wait_s)
            )
        archive = cls(path, connection, {}, wait_s)
        archive.is_read_only, archive._standing = True, standing
        return archive

    def close(self) -> None:
        """Close the file. What was not written by then is not written."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _prepare(self) -> None:
        with self._plainly():
            known = schema.check_identity(self._connection)
            if not known and self._has_none() and self._must_exist:
                raise _no_archive(self.path)
            if not self.is_read_only:
                self._switch_to_wal()
            self._connection.execute("PRAGMA foreign_keys = ON")
            if known and schema.up_to_date(self._connection, self.forms):
                return
            if self.is_read_only:
                raise ArchiveError(
                    f"{self.path}: is of an older nianbao and may only be read here; it must be brought up to date by"
                    " somebody who may write it: let them run `nianbao verify`, or work on a copy"
                )
        if known and self._backups is not None:
            self._back_up()
        with self.write():
            # Another process may have done it while this one waited.
            if not (schema.check_identity(self._connection) and schema.up_to_date(self._connection, self.forms)):
                schema.migrate(self._connection, self.forms)

    def _has_none(self) -> bool:
        """Whether the file has no table yet; ArchiveError where documents or backups of an archive are there."""
        return beside.has_none(
            self.path,
            self._backups or folder_of(self.path),
            lambda path: not schema.check_identity(self._connection),
        )

    def _back_up(self) -> None:
        """Before a migration: it is not made where there is no room for a copy of what it changes."""
        from db.keeping import backup

        folder = self._backups or folder_of(self.path)
        try:
            with self.read() as connection:
                backup.make(connection, self.path, folder, datetime.now(UTC), names_schema=True)
        except ArchiveError as error:
            raise ArchiveError(
                f"{self.path}: is of an older nianbao, and was not brought up to date since it could not be backed up "
                f"before: {error}"
            ) from error

    def _switch_to_wal(self) -> None:
        """Make readers and the writer independent of each other. SQLite does not wait by itself where another process
        is just making the same switch in a new file."""
        last = time.monotonic() + self._wait_s
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() >= last:
                    raise
                time.sleep(_BETWEEN_TRIES_S)

    # Transactions

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: all of what is done inside is kept, or nothing. May be nested.

        The connection is for this room; other rooms group their calls with it.

        Raises ArchiveBusyError if another process keeps writing for longer than the wait; ArchiveError in an archive
        that may only be read, once something is to be changed: who finds nothing to change goes on.
        """
        begin, keep, undo = (
            ("BEGIN" if self.is_read_only else "BEGIN IMMEDIATE", "COMMIT", ["ROLLBACK"])
            if self._depth == 0
            else (
                f"SAVEPOINT s{self._depth}",
                f"RELEASE s{self._depth}",
                [f"ROLLBACK TO s{self._depth}", f"RELEASE s{self._depth}"],
            )
        )
        with self._plainly():
            self._connection.execute(begin)
            self._depth += 1
            try:
                yield self._connection
                if self._depth == 1:
                    self.documents.flush_names()
                self._connection.execute(keep)
            except BaseException:
                if self._connection.in_transaction:  # some errors, as a full disk, have ended it already
                    for statement in undo:
                        self._connection.execute(statement)
                raise
            finally:
                self._depth -= 1

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One view of the archive over several statements, whatever others write meanwhile."""
        with self._plainly():
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def scratch(self) -> Iterator[sqlite3.Connection]:
        """The connection outside of a transaction, for temporary tables that outlive one; each statement has a view of
        its own."""
        with self._plainly():
            yield self._connection

    def query(self, select: str, parameters: tuple[Any, ...] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one SELECT. For this room and its tests; other rooms have the methods below."""
        with self._plainly():
            return self._connection.execute(select, parameters).fetchall()  # one statement is one view by itself

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            with _one_sentence(self.path, self._wait_s), self._standing.kept() if self._standing else nullcontext():
                yield
        except ArchiveBusyError as error:
            what, semicolon, do = str(error).partition("; ")
            # Once only: transactions may be nested.
            who = "" if what.endswith(")") else holders.who_writes(self.path, self._connection)
            if not who:
                raise
            raise ArchiveBusyError(f"{what} ({who}){semicolon}{do}") from error


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise ArchiveError(
            f"this Python has SQLite {sqlite3.sqlite_version}, and nianbao needs {'.'.join(map(str, OLDEST_SQLITE))} or"
            " newer; use a newer Python, or one with a newer SQLite"
        )


def _no_archive(path: Path) -> ArchiveError:
    what = "the file is empty, there is no archive in it yet" if path.exists() else "there is no archive yet"
    return ArchiveError(f"{path}: {what}; make one with `nianbao run` or `nianbao add`, or name it with --archive")


def _reading(file: Path, wait_s: float) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=wait_s, isolation_level=None)


def _connect(path: Path, wait_s: float, *, is_read_only: bool) -> tuple[sqlite3.Connection, protected.Standing | None]:
    with _one_sentence(path, wait_s):
        if is_read_only:
            return protected.connect(path, wait_s)
        # No implicit transactions: write() and read() say where each begins and ends.
        return sqlite3.connect(path, timeout=wait_s, isolation_level=None), None


@contextmanager
def _one_sentence(path: Path, wait_s: float) -> Iterator[None]:
    """Turn what SQLite says into one sentence with the file and what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        name = error.sqlite_errorname
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise ArchiveBusyError(
                f"{path}: another process is writing and did not finish within {wait_s:g} s; wait for it, or stop it"
            ) from error
        if name.startswith("SQLITE_FULL"):
            raise ArchiveError(
                f"{path}: the disk is full; make room and start again (what was written before is there)"
            ) from error
        if name.startswith("SQLITE_IOERR"):
            raise ArchiveError(
                f"{path}: the disk does not take or give what it should ({error}); see whether it is full or failing, "
                "then run `nianbao doctor`"
            ) from error
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
            raise ArchiveError(
                f"{path}: cannot be written ({error}); give write access to the file and its folder"
            ) from error
        if lacks := _LACKS.search(str(error)):
            kind, which = lacks[1], lacks[2].removeprefix("main.")
            raise ArchiveError(
                f"{path}: the database lacks the {kind} {which}; run `nianbao verify`, restore it from a copy"
            ) from error
        raise
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
            raise ArchiveError(
                f"{path}: is no SQLite database; give the path of an archive or of a new file"
            ) from error
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_CORRUPT"):
            raise ArchiveError(
                f"{path}: the database is damaged ({error}); restore it from a backup with `nianbao restore`"
            ) from error
        raise
    except ArchiveError as error:
        if str(path) in str(error):
            raise
        raise type(error)(f"{path}: {error}") from error
