"""The sums of files: how large they are, and by which hash they are known."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FILE = "SHA256SUMS"


class Summed(NamedTuple):
    """size: in bytes."""

    size: int
    sha256: str


def sum_of(path: Path) -> Summed:
    """Of a file that is complete; it is on disk once this returns."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        return Summed(file.tell(), digest)


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over all other files of a folder, as sha256sum writes and checks it."""
    lines = (f"{sum_of(folder / name).sha256}  {name}\n" for name in sorted(files_in(folder) - {FILE}))
    (folder / FILE).write_text("".join(lines), encoding="utf-8")
    sum_of(folder / FILE)


def files_in(folder: Path) -> set[str]:
    """The paths of all files below a folder, with /."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def listed_in(folder: Path) -> set[str]:
    """The paths that a folder's SHA256SUMS names, and itself; nothing without one."""
    try:
        lines: Iterable[str] = (folder / FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return set()
    return {line[66:] for line in lines} | {FILE}
