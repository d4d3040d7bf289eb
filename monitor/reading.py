"""Files of the disk to reports: many at once on all cores, a sentence for each that cannot be read."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.processes import in_processes
from parsers.errors import OversizedDocument, UnreadableDocument
from parsers.report import Report

CRASHED = "brought the reader down; the file is damaged in a way that its library does not survive"


@dataclass(slots=True)
class Read:
    """What became of one file: a report, or `error` (one sentence) with `kind` (one word)."""

    file: str
    sha256: str | None = None
    report: Report | None = None
    error: str | None = None
    kind: str | None = None


def read_bytes(data: bytes) -> Report | UnreadableDocument:
    """One report from bytes, or why there is none; never raises for what is wrong with them."""
    from parsers.read import read_report

    try:
        return read_report(data)
    except UnreadableDocument as error:
        return error
    except (MemoryError, RecursionError) as error:
        return OversizedDocument(f"too deeply nested or too large to be read ({type(error).__name__})")


def read_file(path: str) -> Read:
    """Read one file; never raises for what is wrong with it."""
    try:
        data = load_file(Path(path))
    except UnreadableDocument as error:
        return Read(path, error=str(error), kind=error.kind)
    sha256 = hashlib.sha256(data).hexdigest()
    outcome = read_bytes(data)
    if isinstance(outcome, UnreadableDocument):
        return Read(path, sha256, error=str(outcome), kind=outcome.kind)
    return Read(path, sha256, report=outcome)


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
    return in_processes(read_file, paths, _crashed)


def _crashed(path: str) -> Read:
    return Read(path, error=CRASHED, kind="crashed")
