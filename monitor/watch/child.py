"""One job of the watch in a process of its own: `python -P -m monitor.watch.child`, its order as one JSON object on
stdin.

order: the fields of `Order`. Prints one JSON line on stdout at the end: {"event": "done", "outcome", "detail"}. Logs go
to stderr, one JSON line each. SIGTERM, or the death of the one who ordered it, ends it at once: every job may be killed
at any instant and run again.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ConfigDict, Field

from crawler.orders import ChildOrder, print_line, take_order
from crawler.portal import Portal
from db.archive import Archive
from db.errors import ArchiveError
from monitor.commands.common import counted
from monitor.config import Config
from parsers.strict_toml import ConfigError


class Order(ChildOrder):
    """What the watch asks for. job: one of JOBS. portals: as the watch has read them last. now: a virtual time."""

    model_config = ConfigDict(extra="forbid")

    job: str
    config: Config
    archive: Path
    portals: list[Portal] = Field(default=[])
    now: datetime | None = None

    @property
    def moment(self) -> datetime:
        """As of when it is done."""
        return self.now or datetime.now(UTC)


class Done(NamedTuple):
    """What came of it: whether all could be done, and a sentence."""

    is_fine: bool
    detail: str


def main() -> int:
    """Exit status 0 if it was told what came of it, whatever that is."""
    order = take_order(Order)
    if order is None or order.job not in JOBS:
        return 2
    try:
        with Archive.open(order.archive, backup=order.config.backup_folder or True) as archive:
            done = JOBS[order.job](archive, order)
    except (ArchiveError, ConfigError) as error:
        done = Done(False, str(error))
    print_line({"event": "done", "outcome": "ok" if done.is_fine else "failed", "detail": done.detail})
    return 0


def _open(archive: Archive, order: Order) -> Done:
    return Done(True, "")  # it was made, or brought up to date, as it was opened


def _judge(archive: Archive, order: Order) -> Done:
    from crawler.register.table import load_agencies
    from monitor.job import read_and_judge, take_in

    register = order.config.register
    take_in(archive, order.config, order.portals, load_agencies(register) if register else [])
    judged = read_and_judge(archive, order.config, order.portals, order.moment)
    reading, found = judged.reading, {"found": 0, "gone": 0, "held": 0}
    for _, event in judged.judgement.events:
        if event in found:
            found[event] += 1
    said = (
        f"{counted(reading.new, 'new report')}, {reading.revised} revised, {len(reading.unread)} kept unread;"
        f" {counted(found['found'], 'new finding')}, {found['gone']} gone, {found['held']} held"
    )
    return Done(not reading.lost, "; ".join([said, *reading.lost[:1]]))


def _manifest(archive: Archive, order: Order) -> Done:
    from monitor.evidence.daily import keep_daily

    unstamped = keep_daily(archive, order.config, order.moment)
    return Done(not unstamped, "; ".join(unstamped))


def _backup(archive: Archive, order: Order) -> Done:
    from db.connection import folder_of
    from db.keeping.backup import back_up, rotate

    folder = order.config.backup_folder or folder_of(order.archive)
    made = back_up(archive, folder, order.moment)
    gone = rotate(folder, made, order.config.backup.keep())
    return Done(True, f"{made.path}: {made.size / 2**20:,.1f} MiB; {counted(len(gone), 'older backup')} deleted")


def _verify(archive: Archive, order: Order) -> Done:
    from monitor.evidence.checking import Counts, faults_of

    counts, faults, first = Counts(), 0, ""
    for fault in faults_of(archive, counts, ca=order.config.timestamp_ca):
        if fault.is_damage:
            faults, first = faults + 1, first or fault.sentence
    said = f"{counted(counts.documents, 'document')} hashed: {counted(faults, 'fault')}"
    return Done(not faults, f"{said}; the first: {first}" if faults else said)


def _digest(archive: Archive, order: Order) -> Done:
    from monitor.telling.digest import queue_digest

    return Done(True, f"{counted(queue_digest(archive, order.config, order.moment), 'message')} queued")


JOBS: dict[str, Callable[[Archive, Order], Done]] = {
    "open": _open,
    "judge": _judge,
    "manifest": _manifest,
    "backup": _backup,
    "verify": _verify,
    "digest": _digest,
}


if __name__ == "__main__":
    sys.exit(main())
