"""The archive, or a part of it, in the formats of others. One module for each; `nianbao export` has one option each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO


class ExportError(Exception):
    """The export cannot be written; one sentence."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is exported. portal: its id; year: a reporting year; since: seen from then on; None: all."""

    portal: str | None = None
    year: int | None = None
    since: datetime | None = None


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only once it is complete and on disk. Raises ExportError."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise ExportError(f"{path}: cannot be written ({error.strerror}); choose another place") from error
    finally:
        with suppress(OSError):  # a clean-up that fails must not hide the first error
            partial.unlink(missing_ok=True)
