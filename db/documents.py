"""The blob store: fetched bytes by SHA-256, beside the archive in `<archive>.documents/ab/<sha256>.zst`.

A file is complete on disk before the archive has its row, so that a row always has its bytes; a file without a row
is what a killed process leaves, and is written again when the bytes come again.
"""

import hashlib
import os
import re
import sys
from pathlib import Path

from db.errors import ArchiveError, DocumentMissingError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 3
_SHA256 = re.compile(r"[0-9a-f]{64}")


def compress(data: bytes) -> bytes:
    return zstd.compress(data, LEVEL)


def decompress(data: bytes) -> bytes:
    return zstd.decompress(data)


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class DocumentStore:
    """The files. Knows nothing of the rows about them."""

    def __init__(self, archive: Path) -> None:
        self.folder = archive.with_name(archive.name + ".documents")

    def path(self, sha256: str) -> Path:
        """Where a document lies. ArchiveError if the text is no SHA-256."""
        if not _SHA256.fullmatch(sha256):
            raise ArchiveError(f"{sha256!r} is no SHA-256; it must have 64 hex digits in lower case")
        return self.folder / sha256[:2] / f"{sha256}.zst"

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def write(self, data: bytes, sha256: str) -> None:
        """Put the bytes on disk for good: a file of another name, flushed, then renamed. ArchiveError if that fails."""
        path = self.path(sha256)
        partial = path.with_name(f".{sha256}.{os.getpid()}.partial")
        try:
            self._make_folder(path.parent)
            with partial.open("wb") as file:
                file.write(compress(data))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            _flush_folder(path.parent)
        except OSError as error:
            raise ArchiveError(
                f"{path.parent}: the document cannot be written ({error.strerror}); make room or give write access"
            ) from error

    def read(self, sha256: str) -> bytes:
        """The bytes. DocumentMissingError if they are not there or not those of this hash."""
        path = self.path(sha256)
        try:
            data = decompress(path.read_bytes())
        except FileNotFoundError as error:
            raise DocumentMissingError(f"{path}: the document is not there; restore it from a copy") from error
        except OSError as error:
            raise DocumentMissingError(f"{path}: the document cannot be read ({error.strerror})") from error
        except zstd.ZstdError as error:
            raise DocumentMissingError(f"{path}: the document is damaged; restore it from a copy") from error
        if sha256_of(data) != sha256:
            raise DocumentMissingError(f"{path}: the bytes are not those of this hash; restore the file from a copy")
        return data

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _flush_folder(folder.parent)
            _flush_folder(folder.parent.parent)


def _flush_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut; on systems whose folders cannot be opened there is no way."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
