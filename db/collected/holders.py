"""Which processes have a part of an archive for themselves, and whether they still run."""

import json
import os
import socket
import sqlite3
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_SAME_START_S = 0.5
_PROC_LOCKS = Path("/proc/locks")
_WRITER_BYTE = "120"  # of the -shm file, on which SQLite's writer in WAL mode holds a lock


class Lease(NamedTuple):
    """What a process has taken for itself. since: as the archive has it. runs: False once that process is no more;
    None of a process on another machine, of which only the age of what it holds is known."""

    name: str
    machine: str
    process: int
    since: str
    runs: bool | None

    def __str__(self) -> str:
        return f"process {self.process} on {self.machine}, since {self.since}"


@cache
def _identity(pid: int) -> dict[str, Any]:
    import psutil  # slow, and not needed to open an archive

    return {"machine": socket.gethostname(), "process": pid, "began": psutil.Process(pid).create_time()}


def myself() -> dict[str, Any]:
    """This process as a lease names it."""
    return dict(_identity(os.getpid()))


def is_me(holder: dict[str, Any]) -> bool:
    """Whether a lease is this process's own."""
    me = myself()
    return all(holder.get(key) == value for key, value in me.items())


def is_alive(holder: dict[str, Any], since: datetime, now: datetime, stale: timedelta) -> bool:
    """Whether the process that holds a lease still runs. Process numbers come back; with when it began it is known."""
    runs = _runs(holder)
    return now - since < stale if runs is None else runs


def leases(connection: sqlite3.Connection) -> list[Lease]:
    """Every lease of an archive, by name."""
    found = []
    for name, text, since in connection.execute("SELECT name, holder, since FROM leases ORDER BY name"):
        holder = json.loads(text)
        found.append(Lease(name, str(holder["machine"]), int(holder["process"]), since, _runs(holder)))
    return found


def process_runs(pid: int) -> bool:
    """Whether there is a process of this number on this machine."""
    import psutil

    return psutil.pid_exists(pid)


def writer_of(archive: Path) -> int | None:
    """The process on this machine that is writing an archive just now, where the system says so (Linux); else None."""
    try:
        inode = archive.resolve().with_name(f"{archive.resolve().name}-shm").stat().st_ino
        lines = _PROC_LOCKS.read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    for line in lines:
        # 1: POSIX  ADVISORY  WRITE 4711 fe:00:131073 120 120
        words = line.split()
        if words[1:4] == ["POSIX", "ADVISORY", "WRITE"] and len(words) == 8 and words[6] == _WRITER_BYTE:
            pid = int(words[4])
            if words[5].rpartition(":")[2] == str(inode) and pid not in (os.getpid(), 0):
                return pid
    return None


def who_writes(archive: Path, connection: sqlite3.Connection) -> str:
    """Who keeps an archive busy, in a few words for a sentence about waiting; "" where that cannot be told."""
    try:
        held = [lease for lease in leases(connection) if lease.runs is not False]
    except (sqlite3.Error, ValueError, KeyError):  # busy as it is, or damaged: then the leases are not to be had
        held = []
    pid = writer_of(archive)
    if pid is not None:
        names = ", ".join(lease.name for lease in held if lease.process == pid)
        return f"process {pid} on this machine" + (f", which has {names} for itself" if names else "")
    held = [lease for lease in held if lease.process != os.getpid()]
    return ", ".join(f"{lease.name} is held by {lease}" for lease in held[:3])


def _runs(holder: dict[str, Any]) -> bool | None:
    import psutil

    if holder["machine"] != socket.gethostname():
        return None
    try:
        process = psutil.Process(holder["process"])
        began, status = process.create_time(), process.status()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # another user's: it runs, and more cannot be known
    return abs(began - holder["began"]) < _SAME_START_S and status not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
