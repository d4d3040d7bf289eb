"""Backups: the whole database at one moment, packed, checked, and thinned out with time.

A backup is `<name>-<UTC time>.db.zst` with `<the same>.sha256` beside it, which `sha256sum -c` reads; its first line
says of which archive it is. Only what has such a neighbour, of this archive, is ever deleted.
"""

import json
import os
import re
import shutil
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from db.collected import holders
from db.collected.documents import flush_folder
from db.connection import ArchiveFile
from db.errors import BackupError
from db.keeping import snapshot
from db.keeping.keep import Keep
from db.times import from_text, to_text

ENDING = ".zst"
SUM = ".sha256"

_HEAD = "# nianbao backup 1 "
_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(?P<stem>.+)-\d{8}T\d{6}Z(?:-schema\d+)?(?:-\d+)?(?P<suffix>\.[^.]+)?\.zst")
_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64})  (?P<name>.+)")
_ROOM = 1.4  # of the database: the plain copy and, while both are there, the packed one
_ROOM_LEAST = 16 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup. sha256, size: of the packed file. archive, born: where the archive lay, and when it was made. schema:
    its version. counts: rows of each kept table. is_before_migration: made by itself before a migration."""

    path: Path
    sha256: str
    size: int
    made_at: datetime
    archive: str
    born: str
    schema: int
    counts: snapshot.Counts
    is_before_migration: bool

    @property
    def is_there(self) -> bool:
        """Whether the file is there with its size; its bytes are not looked at."""
        try:
            return self.path.stat().st_size == self.size
        except OSError:
            return False


def needed_room(archive: Path) -> int:
    """Bytes that must be free to back up an archive."""
    files = (archive, archive.with_name(f"{archive.name}-wal"))
    return int(sum(f.stat().st_size for f in files if f.is_file()) * _ROOM) + _ROOM_LEAST


def back_up(archive: ArchiveFile, folder: Path, at: datetime) -> Backup:
    """Back up an open archive; see `make`."""
    with archive.read() as connection:
        return make(connection, archive.path, folder, at)


def make(
    connection: sqlite3.Connection, archive: Path, folder: Path, at: datetime, *, names_schema: bool = False
) -> Backup:
    """Back up what a read transaction of `connection` sees into a folder, which is made if it is not there.

    at: now; names the file. names_schema: for a backup before a migration. The file has its name once it was written,
    unpacked, opened and checked. Raises BackupError; other backups are as they were then.
    """
    archive = archive.resolve()
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, archive)
        free, needed = shutil.disk_usage(folder).free, needed_room(archive)
        if free < needed:
            raise BackupError(
                f"{folder}: {free / 2**20:,.0f} MiB are free, a backup needs {needed / 2**20:,.0f} MiB; make room, or "
                "name another folder (--to, or [backup] folder in config.toml)"
            )
        plain, packed = (folder / _partial(archive, ending) for ending in ("db", "zst"))
        try:
            counts = snapshot.copy(connection, plain)
            if wrong := snapshot.check(plain, counts):
                raise BackupError(
                    f"{archive}: a copy of it is not whole ({wrong[0]}) and was not kept; run `nianbao doctor --deep`"
                )
            version, born = snapshot.identity_of(plain)
            digests = snapshot.pack(plain, packed)
            path = _reserved(folder, archive, at, f"-schema{version}" if names_schema else "")
            backup = Backup(
                path, digests.packed, digests.packed_size, at, str(archive), born, version, counts, names_schema
            )
            try:
                _write_sum(backup)
                packed.replace(path)
            except OSError:
                with suppress(OSError):  # a clean-up that fails must not hide the first error
                    _sum_of(path).unlink(missing_ok=True)
                raise
            flush_folder(folder)
        finally:
            for leftover in (plain, plain.with_name(f"{plain.name}-journal"), packed):
                with suppress(OSError):  # a clean-up that fails must not hide the first error
                    leftover.unlink(missing_ok=True)
    return backup


def listed(folder: Path) -> list[Backup]:
    """The backups in a folder, of whatever archive, oldest first; those whose file is gone among them."""
    if not folder.is_dir():
        return []
    found = [backup for path in folder.glob(f"*{ENDING}{SUM}") if (backup := _read_sum(path)) is not None]
    return sorted(found, key=lambda backup: (backup.made_at, backup.path.name))


def described(file: Path) -> Backup | None:
    """What stands beside a backup; None where nothing does."""
    return _read_sum(_sum_of(file))


def archive_name(file: Path) -> str | None:
    """The name of the archive that a backup's file name gives, as nianbao.db; None where it is another kind of name."""
    match = _NAME.fullmatch(file.name)
    return f"{match['stem']}{match['suffix'] or ''}" if match else None


def of_archive(backups: Iterable[Backup], newest: Backup) -> list[Backup]:
    """Those that are of the same archive as one of them: made at the same time, lying at the same place."""
    return [b for b in backups if (b.archive, b.born) == (newest.archive, newest.born)]


def rotate(folder: Path, newest: Backup, keep: Keep) -> list[Path]:
    """Delete the backups of the archive that are no longer to be kept; gives their paths.

    newest: the one just made, which is kept whatever `keep` says, as are the last before the migration of each schema,
    and whatever was made later. Nothing is deleted unless the newest is there.
    """
    if not newest.is_there:
        raise BackupError(f"{newest.path}: is not there any more, so that no older backup was deleted; see who deletes")
    own = [b for b in of_archive(listed(folder), newest) if b.is_there and b.made_at <= newest.made_at]
    wanted = {newest.path} | {b.path for b in to_keep(own, keep)}
    gone = [b.path for b in own if b.path not in wanted]
    with _explained(folder):
        for path in gone:
            path.unlink(missing_ok=True)  # the file first: a sum without it costs nothing
            _sum_of(path).unlink(missing_ok=True)
    return gone


def to_keep(backups: Iterable[Backup], keep: Keep) -> list[Backup]:
    """The newest backup of each of the last days, weeks and months that have one (in Beijing), and the newest before a
    migration of each schema."""
    from db.collected.manifests import BEIJING

    chosen: dict[Path, Backup] = {}
    seen: dict[tuple[str, object], None] = {}
    counts = {"day": keep.daily, "week": keep.weekly, "month": keep.monthly}
    for backup in sorted(backups, key=lambda b: (b.made_at, b.path.name), reverse=True):
        day = backup.made_at.astimezone(BEIJING).date()
        for kind, span in _spans(day):
            if (kind, span) not in seen and counts[kind] > 0:
                seen[kind, span] = None
                counts[kind] -= 1
                chosen[backup.path] = backup
        if backup.is_before_migration and ("schema", backup.schema) not in seen:
            seen["schema", backup.schema] = None
            chosen[backup.path] = backup
    return list(chosen.values())


def _spans(day: date) -> Iterator[tuple[str, object]]:
    yield "day", day
    yield "week", day.isocalendar()[:2]
    yield "month", (day.year, day.month)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """What the disk says, as one sentence."""
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise BackupError(
            f"{where}: the backup cannot be written ({error.strerror or error}); make room, give write access, or name "
            "another folder; older backups are as they were"
        ) from error
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")):
            raise
        raise BackupError(
            f"{folder}: the backup cannot be written ({error}); make room, give write access, or name another folder; "
            "older backups are as they were"
        ) from error


def _partial(archive: Path, ending: str) -> str:
    return f".{archive.name}.{socket.gethostname()}.{os.getpid()}.{ending}.partial"


def _sweep(folder: Path, archive: Path) -> None:
    """Delete the half of a backup that a killed process of this machine left."""
    begin = f".{archive.name}.{socket.gethostname()}."
    for path in folder.glob(".*.partial*"):
        if path.name.startswith(begin):
            pid = path.name.removeprefix(begin).partition(".")[0]
            if pid.isdecimal() and not holders.process_runs(int(pid)):
                path.unlink(missing_ok=True)


def _reserved(folder: Path, archive: Path, at: datetime, label: str) -> Path:
    """A name that nobody else has or takes: its sum is there from now on, empty as yet."""
    begin = f"{archive.stem}-{at.astimezone(UTC):{_TIME}}{label}"
    number = 1
    while True:
        path = folder / f"{begin}{f'-{number}' if number > 1 else ''}{archive.suffix}{ENDING}"
        try:
            if not path.exists():
                _sum_of(path).touch(exist_ok=False)
                return path
        except FileExistsError:
            pass
        number += 1


def _sum_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{SUM}")


def _write_sum(backup: Backup) -> None:
    """Before the file itself: one without a sum would never be looked at again."""
    head = {
        "archive": backup.archive,
        "born": backup.born,
        "made_at": to_text(backup.made_at),
        "schema": backup.schema,
        "is_before_migration": backup.is_before_migration,
        "size": backup.size,
        "counts": backup.counts,
    }
    path = _sum_of(backup.path)
    partial = path.with_name(_partial(Path(backup.archive), "sha256"))
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(f"{_HEAD}{json.dumps(head, ensure_ascii=False)}\n{backup.sha256}  {backup.path.name}\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):  # a clean-up that fails must not hide the first error
            partial.unlink(missing_ok=True)


def _read_sum(path: Path) -> Backup | None:
    """None for a file that is not one of ours, or no longer says what we wrote."""
    try:
        head, line = path.read_text("utf-8").splitlines()
        facts = json.loads(head.removeprefix(_HEAD))
        match = _LINE.fullmatch(line)
        if not head.startswith(_HEAD) or match is None or f"{match['name']}{SUM}" != path.name:
            return None
        if archive_name(path.with_name(match["name"])) is None:
            return None
        return Backup(
            path=path.with_name(match["name"]),
            sha256=match["sha256"],
            size=int(facts["size"]),
            made_at=from_text(facts["made_at"]),
            archive=str(facts["archive"]),
            born=str(facts["born"]),
            schema=int(facts["schema"]),
            counts={str(name): int(rows) for name, rows in facts["counts"].items()},
            is_before_migration=bool(facts["is_before_migration"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
