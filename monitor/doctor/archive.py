"""The archive: whether it can be used, is whole, has room, is backed up, and is kept going."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from db import beside, protected
from db.archive import Archive
from db.collected import holders
from db.connection import folder_of
from db.errors import ArchiveBusyError, ArchiveChangedError, ArchiveError
from db.keeping import backup, snapshot, verify
from db.keeping.health import Health
from monitor.doctor.findings import finding_lines
from monitor.doctor.leftovers import leftover_lines
from monitor.doctor.line import Line, fault, notice, of_error, of_fault, ok
from monitor.doctor.telling import chat_lines, trouble_lines, watch_lines
from monitor.processes import in_processes
from monitor.watch.stale import in_season, stale_columns

if TYPE_CHECKING:
    from crawler.portal import Portal
    from monitor.config import Config

WAIT_S = 5.0  # for an archive that is locked
BACKUP_DAYS = 7  # after which a backup is old
AHEAD = timedelta(days=1)  # by which a backup may be before the clock
MESSAGE_DAYS = 1  # after which a message waits long
BEHIND = timedelta(minutes=5)  # by which the clock may be before what the archive has seen
LARGE_JOURNAL = 256 << 20  # bytes

_MOST = 10  # lines of one kind


def archive_lines(
    path: Path, config: "Config | None", portals: "Iterable[Portal]", now: datetime, *, deep: bool
) -> Iterator[Line]:
    """Everything about one archive, whatever state it is in."""
    folder = (config.backup_folder if config else None) or folder_of(path)
    if beside.is_nothing(path):
        yield from _missing(path, folder)
        yield from leftover_lines(path, [])
        return
    yield from _space(path, folder)
    yield from _journal(path)
    yield from _backups(path, folder, now, deep=deep)
    if protected.may_only_be_read(path):
        yield notice("archive", f"{path}: may only be read by this user", "work as its owner to write it")
    try:
        with Archive.look(path, wait_s=WAIT_S) as archive:
            yield from _rows(archive, folder, config, portals, now, deep=deep)
    except ArchiveBusyError as error:
        yield of_error("locked", error)
    except ArchiveChangedError:
        yield notice("archive", f"{path}: somebody began to write it meanwhile; not all was looked at", "look again")
    except ArchiveError as error:
        yield of_error("archive", error)


def _missing(path: Path, folder: Path) -> Iterator[Line]:
    if (left := beside.left(path, folder)) is not None:
        yield fault("archive", left.what, left.do)
    else:
        what = "the file is empty, there is no archive in it yet" if path.exists() else "there is no archive yet"
        yield notice("archive", f"{path}: {what}", "make one with `nianbao run` or `nianbao add`")


def _space(path: Path, folder: Path) -> Iterator[Line]:
    """Room for a backup, and for a migration, which writes the archive anew into its journal."""
    at_backup = next(parent for parent in (folder, *folder.resolve().parents) if parent.is_dir())
    needed = {path.resolve().parent: path.stat().st_size, at_backup: 0}
    needed[at_backup] += backup.needed_room(path)
    if path.resolve().parent.stat().st_dev == at_backup.stat().st_dev:
        needed = {at_backup: sum(needed.values())}
    for place, size in needed.items():
        free = shutil.disk_usage(place).free
        said = f"{place}: {free / 2**20:,.0f} MiB are free, {size / 2**20:,.0f} MiB are needed for a backup and a new"
        if free < size:
            yield fault("space", f"{said} schema", "make room, or name another [backup] folder")
        else:
            yield ok("space", f"{said} schema")


def _journal(path: Path) -> Iterator[Line]:
    journal = path.resolve().with_name(f"{path.resolve().name}-wal")
    size = journal.stat().st_size if journal.is_file() else 0
    if size > LARGE_JOURNAL:
        yield notice(
            "journal",
            f"{journal}: has {size / 2**20:,.0f} MiB; somebody has been reading for long, or was killed",
            "end whatever reads the archive; the next nianbao that writes carries it over",
        )
    if (pid := holders.writer_of(path)) is not None:
        yield notice("journal", f"{path}: process {pid} is writing just now", "nothing, unless it does not end")


def _backups(path: Path, folder: Path, now: datetime, *, deep: bool) -> Iterator[Line]:
    own = [b for b in backup.listed(folder) if b.archive == str(path.resolve())]
    for one in own:
        if one.path.exists() and not one.is_there:
            yield fault("backup", f"{one.path}: is not as it was written", "make another: `nianbao backup`")
    there = [one for one in own if one.is_there]
    if folder.is_dir():
        for half in sorted(folder.glob(".*.partial")):
            yield notice("backup", f"{half}: is half written", "delete it if no nianbao is running")
    if not there:
        yield notice("backup", f"{folder}: there is no backup of {path}", "run `nianbao backup`, best every day")
        return
    # One that a wrong clock has put into the future would hide for years that none is made.
    if ahead := [one for one in there if one.made_at > now + AHEAD]:
        yield notice("backup", f"{ahead[-1].path}: is of a time to come", "see whether the clock is right")
        there = [one for one in there if one not in ahead]
        if not there:
            return
    last = there[-1]
    age = (now - last.made_at) // timedelta(days=1)
    if age > BACKUP_DAYS:
        yield notice("backup", f"{last.path}: the last backup is {age} days old", "run `nianbao backup`")
    elif deep:
        yield _hashed(last)
    else:
        yield ok("backup", f"{last.path}: the last of {len(there)}, {max(age, 0)} days old")


def _hashed(last: backup.Backup) -> Line:
    try:
        digests = snapshot.unpack(last.path, None)
    except (ArchiveError, OSError) as error:
        return fault("backup", f"{last.path}: cannot be unpacked ({error})", "make another: `nianbao backup`")
    if digests.packed != last.sha256:
        return fault("backup", f"{last.path}: has another SHA-256 than written", "make another: `nianbao backup`")
    return ok("backup", f"{last.path}: unpacked and hashed")


def _rows(
    archive: Archive,
    backups: Path,
    config: "Config | None",
    portals: "Iterable[Portal]",
    now: datetime,
    *,
    deep: bool,
) -> Iterator[Line]:
    health, path = Health(archive), archive.path
    version, known = health.schema()
    if version == 0:  # a file without a table
        yield from _missing(path, backups)
        return
    if version < known:
        yield notice(
            "schema",
            f"{path}: is of schema {version}, this nianbao writes schema {known}",
            "it is brought up to date, after a backup, when it is opened next",
        )
    else:
        yield ok("schema", f"{path}: schema {version}")
    is_damaged = False
    for found in verify.readable(archive, health.faults(deep=deep)):
        is_damaged |= found.is_damage
        yield of_fault("integrity", found)
    if not is_damaged:
        yield ok("integrity", f"{path}: SQLite finds it whole{', its indexes too' if deep else ''}")
    if version == known:
        yield from _kept_going(archive, health, config, portals, now)
        yield from _documents(archive, health, backups, deep=deep)
    yield from leftover_lines(path, _known_leases(health))


def _known_leases(health: Health) -> list[holders.Lease]:
    """None where they cannot be read, which is said elsewhere."""
    try:
        return health.leases()
    except ArchiveChangedError:
        raise
    except ArchiveError:
        return []


def _kept_going(
    archive: Archive, health: Health, config: "Config | None", portals: "Iterable[Portal]", now: datetime
) -> Iterator[Line]:
    """What can be asked of the rows; one table that cannot be read does not keep the others from being asked."""
    for topic, asked in (
        ("clock", lambda: _clock(archive.path, health, now)),
        ("lease", lambda: _leases(health)),
        ("reading", lambda: _to_read(archive.path, health)),
        ("message", lambda: _messages(archive.path, health, now)),
        ("chat", lambda: chat_lines(archive, now)),
        ("watch", lambda: watch_lines(archive, now)),
        ("trouble", lambda: trouble_lines(archive)),
        ("finding", lambda: finding_lines(archive)),
        ("portal", lambda: _stale(health, config, portals, now)),
    ):
        try:
            yield from asked()
        except ArchiveChangedError:
            raise
        except ArchiveError as error:
            yield of_error(topic, error)


def _clock(path: Path, health: Health, now: datetime) -> Iterator[Line]:
    newest = health.newest()
    if newest is not None and now + BEHIND < newest:
        yield fault(
            "clock",
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, and {path} has seen {newest:%Y-%m-%d %H:%M} already",
            "set the clock before anything is crawled: first-seen times are evidence",
        )


def _leases(health: Health) -> Iterator[Line]:
    for lease in health.leases():
        if lease.runs is False:
            yield notice("lease", f"{lease.name} is held by {lease}, which is no more", "nothing: it holds nothing")


def _to_read(path: Path, health: Health) -> Iterator[Line]:
    from parsers.read import PARSER_VERSION

    if waiting := health.to_read(PARSER_VERSION):
        yield notice("reading", f"{path}: {waiting} document(s) wait to be read", "run `nianbao run`")


def _messages(path: Path, health: Health, now: datetime) -> Iterator[Line]:
    waiting = health.waiting(now - timedelta(days=MESSAGE_DAYS))
    if waiting.messages:
        since = f"{waiting.since:%Y-%m-%d}" if waiting.since else "?"
        said = f" ({waiting.error})" if waiting.error else ""
        yield notice(
            "message",
            f"{path}: {waiting.messages} message(s) wait to be sent, the oldest since {since}{said}",
            "see the settings of the channel, then run `nianbao run`",
        )


def _stale(health: Health, config: "Config | None", portals: "Iterable[Portal]", now: datetime) -> Iterator[Line]:
    """Portals of which, in the season, a column was not read well for long: an absence there cannot be told."""
    if config is None or not in_season(now):
        return
    good = health.last_good_reads()
    for portal in portals:
        reads = {column.url: good.get((portal.id, column.url)) for column in portal.columns}
        stale = stale_columns(reads, config.doctor.stale_days, now)
        if not stale:
            continue
        url, at = next(iter(stale.items()))
        since = f"since {at:%Y-%m-%d}" if at else "ever"
        more = f", and {len(stale) - 1} more" if len(stale) > 1 else ""
        yield notice(
            "portal",
            f"{portal.id}: {url} was not read well {since}{more}",
            f"see `nianbao portal list {portal.id}` and `nianbao portal test {portal.id}`",
        )


def _documents(archive: Archive, health: Health, backups: Path, *, deep: bool) -> Iterator[Line]:
    """Files without a row, rows without a file, half written ones; deep: every byte."""
    counts: Counter[str] = Counter()
    for found in verify.readable(archive, _document_faults(archive, health, backups, deep=deep)):
        counts[found.kind] += 1
        if counts[found.kind] <= _MOST:
            yield of_fault("documents", found)
    for kind, count in counts.items():
        if count > _MOST:
            yield notice(
                "documents", f"{archive.documents.folder}: … and {count - _MOST} more of {kind}", "run `nianbao verify`"
            )
    if not counts:
        yield ok("documents", f"{archive.documents.folder}: {'hashed, ' if deep else ''}each with its row and file")


def _document_faults(archive: Archive, health: Health, backups: Path, *, deep: bool) -> Iterator[verify.Fault]:
    if deep:
        batches = verify.batches(archive, backups=backups)
        for checked in in_processes(verify.check_batch, batches, verify.crashed):
            yield from checked.faults
    else:
        yield from health.lacking_files(backups)
    yield from verify.folder_faults(archive)
    yield from verify.given_up(archive)
