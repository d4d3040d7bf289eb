"""Work on an archive in processes that are killed (SIGKILL) at random instants.

Each piece of work runs in a forked process, is measured once, and is then done over and over until it is killed. What
it leaves is looked at by another process: disasters_looked_at.py.
"""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from archive_samples import at, make_report
from test_migration import first_schema

from db.archive import Archive
from db.keeping import backup, restore
from db.keeping.keep import Keep
from db.keeping.retention import Due, Retention
from db.records import Finding, Message, Visit

LISTS = 40  # list pages that may be given up
ROUNDS = 3
URL = "https://city.example/nb/"


def store(archive: Archive, number: int) -> None:
    sha256 = archive.put_document(str(number).encode() * 999, media=None, seen_at=at())
    archive.store_report(
        make_report(values={"applications.new.total": number}), sha256=sha256, agency_id=None, agency="x", source="s",
        url=str(number), seen_at=at(), parser_version="1", portal=None,
    )  # fmt: skip


def finding(number: int) -> Finding:
    return Finding(
        rule="carry-over", kind="identity", severity="error", certainty="certain", basis="form", agency_id=None,
        agency="x", year=2023, figure=f"f{number}", figures=[], observed=number, expected=0, sentence_zh="错",
        sentence_en="wrong",
    )  # fmt: skip


def add_lists(archive: Archive) -> None:
    """List pages, each seen once at an address of its own and once more with other bytes, so that the first may go."""
    for number in range(LISTS):
        for day, text in ((0, f"<p>{number}"), (1, f"<p>{number} later")):
            sha256 = archive.put_document(text.encode(), media="text/html", seen_at=at(day))
            archive.add_visit(Visit("city", f"{URL}{number}", "list", at(day), 200, "ok", sha256=sha256))


def storing(folder: Path) -> None:
    with Archive.open(folder / "a.db") as archive:
        for number in range(random.randrange(50), 100, 20):
            store(archive, number)


def judging(folder: Path) -> None:
    with Archive.open(folder / "a.db") as archive:
        for _ in range(ROUNDS):
            chosen = [finding(number) for number in random.sample(range(20), 8)]
            archive.save_findings(
                chosen, judged=None, rules={"carry-over"}, at=at(random.random()),
                messages=lambda found, event: [Message("desk", "console", found.fingerprint, event, "x")],
            )  # fmt: skip


def backing_up(folder: Path) -> None:
    with Archive.open(folder / "a.db") as archive:
        for _ in range(ROUNDS):
            made = backup.back_up(archive, folder / "kept", at(random.randrange(90)))
            backup.rotate(folder / "kept", made, Keep(2, 0, 0))


def restoring(folder: Path) -> None:
    file = folder / "first" / next(p.name for p in (folder / "first").iterdir() if p.suffix == ".zst")
    for _ in range(ROUNDS):
        restore.restore(file, folder / "a.db", at=at(), replace=True)


def giving_up(folder: Path) -> None:
    with Archive.open(folder / "a.db") as archive:
        retention = Retention(archive)
        retention.apply(before=at(30), owed=[Due("art49_department", 2023, at(0))], at=at(60), why="old")
        for number in random.sample(range(LISTS), LISTS // 2):  # the same bytes come again
            archive.put_document(f"<p>{number}".encode(), media="text/html", seen_at=at(61))


def migrating(folder: Path) -> None:
    own = folder / f"m{time.monotonic_ns()}"
    own.mkdir()
    shutil.copy(folder / "old.db", own / "copy")
    (own / "copy").rename(own / "a.db")
    Archive.open(own / "a.db").close()


WORK: dict[str, Callable[[Path], None]] = {
    "storing": storing,
    "judging": judging,
    "backing_up": backing_up,
    "restoring": restoring,
    "giving_up": giving_up,
    "migrating": migrating,
}


def prepare(kind: str, folder: Path) -> None:
    if kind == "migrating":
        first_schema(folder / "a.db")
        (folder / "a.db").rename(folder / "old.db")
        return
    with Archive.open(folder / "a.db") as archive:
        store(archive, 0)
        if kind == "giving_up":
            add_lists(archive)
        if kind in ("backing_up", "restoring"):
            backup.back_up(archive, folder / ("kept" if kind == "backing_up" else "first"), at(-timedelta(1).days))


def _forked(work: Callable[[Path], None], folder: Path, seed: int, times: int) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            random.seed(seed)
            for _ in range(times):
                work(folder)
            status = 0
        finally:
            os._exit(status)
    return child


def kill_often(kind: str, folder: Path, kills: int) -> None:
    """Prepare an archive, have it worked on, and kill whoever does so, so many times. To be called in a process of its
    own, which forks."""
    prepare(kind, folder)
    began = time.monotonic()
    _, status = os.waitpid(_forked(WORK[kind], folder, 0, 1), 0)
    assert status == 0, f"{kind} does not even work undisturbed"
    took = time.monotonic() - began
    for number in range(kills):
        child = _forked(WORK[kind], folder, number, 1000)
        time.sleep(random.uniform(0, 1.2 * took))
        os.kill(child, signal.SIGKILL)
        how = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert how == -signal.SIGKILL, f"{kind} ended by itself: {how}"
