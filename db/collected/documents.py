"""The blob store: fetched bytes by SHA-256, beside the archive in `<archive>.documents/ab/<sha256>.zst`.

A file is complete on disk before the archive has its row, so that a row always has its bytes; a file without a row
is what a killed process leaves, and is written again when the bytes come again.
"""

import hashlib
import os
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from db.errors import ArchiveError, DocumentMissingError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 3
ENDING = ".zst"
PARTIAL = ".partial"

_PIECE = 1 << 20  # bytes that are hashed in one go
_SHA256 = re.compile(r"[0-9a-f]{64}")


def compress(data: bytes) -> bytes:
    return zstd.compress(data, LEVEL)


def decompress(data: bytes) -> bytes:
    return zstd.decompress(data)


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def folder_of(archive: Path) -> Path:
    """Where the documents of an archive lie: beside it. Of a link to an archive: beside the archive itself, unless some
    lie beside the link."""
    beside = archive.with_name(f"{archive.name}.documents")
    if archive.is_symlink() and not beside.is_dir():
        real = archive.resolve()
        return real.with_name(f"{real.name}.documents")
    return beside


class DocumentStore:
    """The files. Knows nothing of the rows about them."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.folder = folder_of(archive)
        self._root = str(self.folder)
        self._unflushed: set[str] = set()

    def path(self, sha256: str) -> Path:
        """Where a document lies. ArchiveError if the text is no SHA-256."""
        return Path(self._name(sha256))

    # Names as text: they are asked for with each page of a crawl, and Path is slow and never forgets a part of a name.

    def _folder_of(self, sha256: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise ArchiveError(f"{sha256!r} is no SHA-256; it must have 64 hex digits in lower case")
        return f"{self._root}{os.sep}{sha256[:2]}"

    def _name(self, sha256: str) -> str:
        return f"{self._folder_of(sha256)}{os.sep}{sha256}{ENDING}"

    def has(self, sha256: str) -> bool:
        return os.path.isfile(self._name(sha256))  # noqa: PTH113

    def write(self, data: bytes, sha256: str, *, flush_name: bool = True) -> None:
        """Put the bytes on disk for good: a file of another name, flushed, then renamed. ArchiveError if that fails.

        flush_name: False leaves it to `flush_names` that the name survives a power cut too.
        """
        folder = self._folder_of(sha256)
        # Two threads may be given the same bytes at once. To make new files in one folder is far cheaper than in 256.
        partial = f"{self._root}{os.sep}.{sha256}.{os.getpid()}-{threading.get_native_id()}{PARTIAL}"
        try:
            self._make_folder(folder)
            with open(partial, "wb") as file:  # noqa: PTH123
                file.write(compress(data))
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, self._name(sha256))  # noqa: PTH105
        except OSError as error:
            with suppress(OSError):  # on a full disk every byte counts
                os.unlink(partial)  # noqa: PTH108
            raise _cannot_be_written(folder, error) from error
        self.flush_name_later(sha256)
        if flush_name:
            self.flush_names()

    def write_pieces(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """The same for bytes that come piece by piece and are never in memory as a whole. Returns their SHA-256 and how
        many they are; that the name survives a power cut is left to `flush_names`."""
        digest, size, packer = hashlib.sha256(), 0, zstd.ZstdCompressor(LEVEL)
        partial = f"{self._root}{os.sep}.pieces.{os.getpid()}-{threading.get_native_id()}{PARTIAL}"
        try:
            self._make_folder(self._root)
            with open(partial, "wb") as file:  # noqa: PTH123
                for piece in pieces:
                    digest.update(piece)
                    size += len(piece)
                    file.write(packer.compress(piece))
                file.write(packer.flush())
                file.flush()
                os.fsync(file.fileno())
            sha256 = digest.hexdigest()
            self._make_folder(self._folder_of(sha256))
            os.replace(partial, self._name(sha256))  # noqa: PTH105
        except BaseException as error:
            with suppress(OSError):
                os.unlink(partial)  # noqa: PTH108
            if isinstance(error, OSError):
                raise _cannot_be_written(self._root, error) from error
            raise
        self.flush_name_later(sha256)
        return sha256, size

    def flush_name_later(self, sha256: str) -> None:
        """Have the name of a document flushed before the next commit of the archive."""
        self._unflushed.add(self._folder_of(sha256))

    def flush_names(self) -> None:
        """Make the names of written documents survive a power cut. The archive calls it before each of its commits, so
        that several documents cost one flush. ArchiveError if that fails."""
        while self._unflushed:
            folder = self._unflushed.pop()
            try:
                flush_folder(folder)
            except OSError as error:
                raise _cannot_be_written(folder, error) from error

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

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The bytes piece by piece. DocumentMissingError if they are not there; at the end, if they were not those of
        this hash."""
        digest, unpack, path = hashlib.sha256(), zstd.ZstdDecompressor(), self.path(sha256)
        try:
            with path.open("rb") as file:
                while not unpack.eof:
                    packed = file.read(_PIECE) if unpack.needs_input else b""
                    if unpack.needs_input and not packed:
                        break
                    piece = unpack.decompress(packed, _PIECE)
                    digest.update(piece)
                    yield piece
        except FileNotFoundError as error:
            raise DocumentMissingError(f"{path}: the document is not there; restore it from a copy") from error
        except OSError as error:
            raise DocumentMissingError(f"{path}: the document cannot be read ({error.strerror})") from error
        except zstd.ZstdError as error:
            raise DocumentMissingError(f"{path}: the document is damaged; restore it from a copy") from error
        if digest.hexdigest() != sha256:
            raise DocumentMissingError(f"{path}: the bytes are not those of this hash; restore the file from a copy")

    def check(self, sha256: str, size: int | None = None) -> str | None:
        """What is wrong with a document's file in a few words, None if it is whole. Memory does not grow with its size.

        size: of the document as its row has it.
        """
        digest, length, unpack = hashlib.sha256(), 0, zstd.ZstdDecompressor()
        try:
            with self.path(sha256).open("rb", buffering=0) as file:
                while not unpack.eof:
                    packed = file.read(_PIECE) if unpack.needs_input else b""
                    if unpack.needs_input and not packed:
                        return "is damaged, it is cut off"
                    piece = unpack.decompress(packed, _PIECE)
                    digest.update(piece)
                    length += len(piece)
                if unpack.unused_data or file.read(1):
                    return "is damaged, it goes on after its end"
        except FileNotFoundError:
            return "is not there"
        except OSError as error:
            return f"cannot be read ({error.strerror or error})"
        except zstd.ZstdError:
            return "is damaged, it cannot be unpacked"
        if digest.hexdigest() != sha256:
            return f"holds other bytes, their SHA-256 is {digest.hexdigest()}"
        return None if size in (None, length) else f"has {length} bytes, its row says {size}"

    def files(self) -> Iterator[Path]:
        """Every file below the folder, in order of name; a folder at a time is held in memory."""
        if self.folder.is_dir():
            for entry in sorted(self.folder.iterdir()):
                if entry.is_dir():
                    yield from (path for path in sorted(entry.iterdir()) if path.is_file())
                else:
                    yield entry

    def sha256_at(self, path: Path) -> str | None:
        """The hash whose document lies at a path; None for a file that is no document, or not in its place."""
        sha256 = path.name.removesuffix(ENDING)
        return sha256 if _SHA256.fullmatch(sha256) and self.path(sha256) == path else None

    def _make_folder(self, folder: str) -> None:
        if not os.path.isdir(folder):  # noqa: PTH112
            Path(folder).mkdir(parents=True, exist_ok=True)
            flush_folder(self._root)
            flush_folder(str(self.folder.parent))


def _cannot_be_written(folder: str, error: OSError) -> ArchiveError:
    return ArchiveError(f"{folder}: the document cannot be written ({error.strerror}); make room or give write access")


def flush_folder(folder: str | Path) -> None:
    """Make the names in a folder survive a power cut; on systems whose folders cannot be opened there is no way."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
