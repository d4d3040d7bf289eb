"""A copy of the whole database at one moment, checked, and packed into one file."""

import hashlib
import os
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from db.errors import ArchiveError, BackupError
from db.keeping import wholeness
from db.schema import migrations as schema

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LEVEL = 3
_PIECE = 1 << 20  # bytes handled in one go
_PAGES = 2048  # pages copied in one go, so that an interrupt is heard
_MAGIC = b"SQLite format 3\x00"
_KEPT = re.compile(r"--\s*kept:")
_MOST_SAID = 20

HEAD = len(_MAGIC)  # bytes by which a database is known

Counts = dict[str, int]


class Digests(NamedTuple):
    """SHA-256 of a packed file and of what is in it, and the size of each in bytes."""

    packed: str
    plain: str
    packed_size: int
    plain_size: int


def kept_counts(connection: sqlite3.Connection) -> Counts:
    """Rows of each table that nothing can bring back (those described so in db/tables*.py), of any schema."""
    tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    kept = [name for name, sql in tables if _KEPT.search(sql or "")]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in kept}


def copy(connection: sqlite3.Connection, to: Path) -> Counts:
    """Copy the database as a read transaction of `connection` sees it, page by page, into a new file; the rows of each
    kept table in that view. Others may read and write meanwhile. Raises what SQLite raises."""
    counts = kept_counts(connection)
    with closing(sqlite3.connect(to, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous = OFF")  # what is kept in the end is flushed then
        connection.backup(target, pages=_PAGES)
    return counts


def check(plain: Path, counts: Counts | None) -> list[str]:
    """What is wrong with a copy that nobody has open: SQLite's own check, references, the rows of kept tables.

    Raises ArchiveError for a file that is no archive, or one of a newer nianbao.
    """
    try:
        with closing(opened(plain)) as connection:
            if not schema.check_identity(connection):
                return ["it is empty"]
            wrong = list(wholeness.damage(connection))[:_MOST_SAID]
            if not wrong:
                wrong += [
                    f"row {row} of {table} names a row of {parent} that is not there"
                    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_SAID)
                ]
            if not wrong and counts is not None:
                now = kept_counts(connection)
                wrong += [
                    f"{name} has {now.get(name, 0)} rows and should have {counts.get(name, 0)}"
                    for name in sorted(counts | now)
                    if now.get(name) != counts.get(name)
                ]
            return wrong
    except sqlite3.DatabaseError as error:
        return [str(error)]


def is_database(head: bytes) -> bool:
    """Whether a file that begins so is an SQLite database."""
    return head[:HEAD] == _MAGIC


def opened(plain: Path) -> sqlite3.Connection:
    """A copy that nobody writes, for reading; no journal is looked for or made."""
    return sqlite3.connect(f"{plain.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def schema_of(connection: sqlite3.Connection) -> int:
    """The schema version of a database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def born(connection: sqlite3.Connection) -> str:
    """When the archive was made, as its first migration has written it down: the same in every copy of it."""
    try:
        row = connection.execute("SELECT min(applied_at) FROM _sqlite_migrations").fetchone()
    except sqlite3.OperationalError:
        row = None
    return str(row[0]) if row and row[0] else ""


def pack(plain: Path, packed: Path) -> Digests:
    """Pack a file, flush it to the disk, and read it back. Raises OSError, and BackupError where it is not the same."""
    digest, size = hashlib.sha256(), 0
    with plain.open("rb") as source, packed.open("wb") as target:
        with zstd.open(target, "wb", level=_LEVEL) as packing:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                packing.write(piece)
        target.flush()
        os.fsync(target.fileno())
    found = unpack(packed, None)
    if (found.plain, found.plain_size) != (digest.hexdigest(), size):
        raise BackupError(f"{packed}: what was written is not what is there now; see whether the disk is failing")
    return found


def unpack(packed: Path, to: Path | None) -> Digests:
    """Unpack a file (one that is not packed is copied), flushed to the disk; `to` None: it is only read.

    Raises BackupError for a file that is damaged or neither of both, OSError where it cannot be read or written.
    """
    outer, inner, sizes = hashlib.sha256(), hashlib.sha256(), [0, 0]
    with packed.open("rb") as source, (to or Path(os.devnull)).open("wb") as target:
        is_plain = is_database(source.read(HEAD))
        source.seek(0)
        unpacking = None if is_plain else zstd.ZstdDecompressor()
        try:
            while unpacking is None or not unpacking.eof:
                wants = unpacking is None or unpacking.needs_input
                piece = source.read(_PIECE) if wants else b""
                if wants and not piece:
                    break
                outer.update(piece)
                sizes[0] += len(piece)
                if unpacking is not None:
                    piece = unpacking.decompress(piece, _PIECE)
                inner.update(piece)
                sizes[1] += len(piece)
                target.write(piece)
        except zstd.ZstdError as error:
            raise BackupError(f"{packed}: is no backup, or is damaged ({error}); take another one") from error
        if unpacking is not None and (not unpacking.eof or unpacking.unused_data or source.read(1)):
            how = "it goes on after its end" if unpacking.eof else "it is cut off"
            raise BackupError(f"{packed}: is damaged, {how}; take another backup")
        if to is not None:
            target.flush()
            os.fsync(target.fileno())
    return Digests(outer.hexdigest(), inner.hexdigest(), *sizes)


def identity_of(plain: Path) -> tuple[int, str]:
    """Schema version and birth of a copy. Raises ArchiveError where it cannot be read."""
    try:
        with closing(opened(plain)) as connection:
            return schema_of(connection), born(connection)
    except sqlite3.DatabaseError as error:
        raise ArchiveError(f"{plain}: cannot be read ({error})") from error
