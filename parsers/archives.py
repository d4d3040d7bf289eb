"""Opening zip containers (docx, xlsx) that nobody vouches for.

Nothing is written to disk and no member's name is used as a path. What a header promises is checked first, since that
is cheap; what really comes out while inflating is bounded again, since a header may lie.
"""

import io
import struct
import zipfile
import zlib

from parsers.errors import EncryptedDocument, OversizedDocument, TruncatedDocument, UnsupportedMedia

MB = 1024 * 1024
# The largest real report seen has a document.xml of 2 MB; photographs make the container larger, not its parts.
MAX_PART = 32 * MB
MAX_UNPACKED = 200 * MB
MAX_MEMBERS = 5000
# Deflate reaches 1032:1 on zeros. Sheets of thousands of equal rows come to about 100:1.
MAX_RATIO = 300
# Below this size a high ratio does no harm.
RATIO_FREE = 4 * MB

_ENCRYPTED_FLAG = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises on damaged bytes, besides its own error.
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, OSError)

_BROKEN = "the zip container is damaged or cut off ({reason}): fetch the file again"
_TOO_LARGE = "the zip container unpacks to more than {limit} MB, which no report does: it is not opened"
_BOMB = "part {name!r} of the zip container unpacks to more than {ratio} times its size, as a zip bomb does: not opened"
_LOCKED = "the zip container asks for a password: ask for, or save, a copy without one"


class Container:
    """A zip container whose parts are read by name within bounds; see open_container."""

    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        self._archive = archive
        self._size = size
        self._budget = MAX_UNPACKED
        self.names: frozenset[str] = frozenset(info.filename for info in archive.infolist())

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def read(self, name: str, limit: int = MAX_PART) -> bytes:
        """The unpacked bytes of one part.

        limit: most bytes it may unpack to. Raises KeyError if there is no such part, OversizedDocument if it, or all
        parts read so far, unpack to too much, TruncatedDocument if it is damaged, EncryptedDocument, UnsupportedMedia.
        """
        info = self._archive.getinfo(name)
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise EncryptedDocument(_LOCKED)
        if info.compress_type not in _METHODS:
            raise UnsupportedMedia(f"part {name!r} of the zip container uses compression method {info.compress_type}")
        bound = min(limit, self._budget)
        try:
            with self._archive.open(info) as part:
                data = part.read(bound + 1)
        except _DAMAGE as error:
            raise TruncatedDocument(_BROKEN.format(reason=f"part {name!r}: {error}")) from error
        except (NotImplementedError, RuntimeError) as error:
            raise UnsupportedMedia(f"part {name!r} of the zip container cannot be unpacked: {error}") from error
        if len(data) > bound:
            raise OversizedDocument(_TOO_LARGE.format(limit=bound // MB))
        # The packed size that the header gives may lie as well; no part is larger than the whole file.
        packed = min(info.compress_size, self._size)
        if len(data) > RATIO_FREE and len(data) > MAX_RATIO * packed:
            raise OversizedDocument(_BOMB.format(name=name, ratio=MAX_RATIO))
        self._budget -= len(data)
        return data


def open_container(data: bytes) -> Container:
    """Open a zip container held in memory.

    Raises TruncatedDocument if it is damaged or cut off, EncryptedDocument if a part asks for a password,
    OversizedDocument if it promises more than MAX_UNPACKED bytes, MAX_MEMBERS parts or a ratio above MAX_RATIO.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (*_DAMAGE, NotImplementedError) as error:
        raise TruncatedDocument(_BROKEN.format(reason=error)) from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise OversizedDocument(f"the zip container holds {len(members)} parts; a report has fewer than {MAX_MEMBERS}")
    total = 0
    for info in members:
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise EncryptedDocument(_LOCKED)
        if info.file_size > RATIO_FREE and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise OversizedDocument(_BOMB.format(name=info.filename, ratio=MAX_RATIO))
        total += info.file_size
    if total > MAX_UNPACKED:
        raise OversizedDocument(_TOO_LARGE.format(limit=MAX_UNPACKED // MB))
    return Container(archive, len(data))
