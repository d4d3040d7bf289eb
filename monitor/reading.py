"""Files of the disk to reports: many at once on all cores, a sentence for each that cannot be read."""

import hashlib
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from parsers.errors import UnreadableDocument
from parsers.report import Report

_FEWEST_FOR_POOL = 4  # below that, starting processes costs more than it gains
_AT_ONCE = 8  # files handed to a process in one go, so that handing over costs little
_AHEAD = 3  # such goes waiting for each process; bounds what is in memory


@dataclass(slots=True)
class Read:
    """What became of one file: a report, or `error` (one sentence) with `kind` (one word)."""

    file: str
    sha256: str | None = None
    report: Report | None = None
    error: str | None = None
    kind: str | None = None


def read_bytes(data: bytes) -> Report:
    """One report from bytes. Raises UnreadableDocument."""
    from parsers.read import read_report

    return read_report(data)


def read_file(path: str) -> Read:
    """Read one file; never raises for what is wrong with it."""
    try:
        data = load_file(Path(path))
    except UnreadableDocument as error:
        return Read(path, error=str(error), kind=error.kind)
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        return Read(path, sha256, report=read_bytes(data))
    except UnreadableDocument as error:
        return Read(path, sha256, error=str(error), kind=error.kind)
    except (MemoryError, RecursionError) as error:
        return Read(
            path, sha256, error=f"too deeply nested or too large to be read ({type(error).__name__})", kind="too-large"
        )


class _FileTrouble(UnreadableDocument):
    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def load_file(path: Path) -> bytes:
    """The bytes of a file. Raises UnreadableDocument where it is not there, is no file, is locked or too large."""
    from parsers.media import MAX_BYTES

    try:
        if path.is_dir():
            raise _FileTrouble("folder", "is a folder; name the files in it, or take it in whole with `nianbao add`")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _FileTrouble(
                "too-large",
                f"is {size / 1e6:.0f} MB; no report is larger than {MAX_BYTES // 1_000_000} MB, "
                "check that it is the right file",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _FileTrouble("not-found", "there is no such file; check the path") from error
    except OSError as error:
        raise _FileTrouble("unreadable", f"cannot be opened ({error.strerror}); check its permissions") from error


def read_files(paths: Sequence[str]) -> Iterator[Read]:
    """Read files in their order, on all cores where there are several. A file that brings its process down is named,
    and the others are read all the same."""
    if len(paths) < _FEWEST_FOR_POOL or (os.cpu_count() or 1) < 2:
        yield from map(read_file, paths)
        return
    remaining = list(paths)
    while remaining:
        try:
            for result in _in_pool(remaining):
                yield result
                remaining.pop(0)
        except BrokenProcessPool:
            # One of the files that were under way brought a process down: they are read one by one.
            for path in remaining[:_AT_ONCE]:
                yield _alone(path)
            del remaining[:_AT_ONCE]


def _in_pool(paths: Sequence[str]) -> Iterator[Read]:
    workers = min(os.cpu_count() or 1, len(paths))
    at_once = max(1, min(_AT_ONCE, len(paths) // workers))
    groups = [paths[start : start + at_once] for start in range(0, len(paths), at_once)]
    with ProcessPoolExecutor(workers) as pool:
        rest = iter(groups)
        queue = deque(pool.submit(_read_group, group) for group in islice(rest, workers * _AHEAD))
        while queue:
            yield from queue.popleft().result()
            queue.extend(pool.submit(_read_group, group) for group in islice(rest, 1))


def _read_group(paths: Sequence[str]) -> list[Read]:
    return [read_file(path) for path in paths]


def _alone(path: str) -> Read:
    with ProcessPoolExecutor(1) as pool:
        try:
            return pool.submit(read_file, path).result()
        except BrokenProcessPool:
            return Read(
                path,
                error="brought the reader down; the file is damaged in a way that its library does not survive",
                kind="crashed",
            )
