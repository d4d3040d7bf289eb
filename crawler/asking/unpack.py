"""Unpacking what came with a Content-Encoding, and noticing where it was cut off.

Libraries for spiders hand on what they could unpack of a broken stream; half a list would then pass for a whole one.
"""

import sys
import zlib
from collections.abc import Callable

import brotli

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # window bits, as zlib names the three formats
_GZIP_MAGIC = b"\x1f\x8b"
_STEP = 1 << 20


class BrokenPacking(Exception):
    """A packed body cannot be unpacked whole; the text says why."""


class TooLarge(BrokenPacking):
    """It would grow beyond all measure, and would do so again."""


def unpack(body: bytes, encodings: str, largest: int) -> bytes:
    """The bytes before they were packed. An encoding that is not known is left as it is.

    encodings: the Content-Encoding header, "" without one. largest: bytes that are unpacked at most. Raises
    BrokenPacking for a body that is damaged, cut off or larger.
    """
    for name in reversed([part.strip().lower() for part in encodings.split(",")]):
        if body and (unpacker := _UNPACKERS.get(name)) is not None:
            try:
                body = unpacker(body, largest)
            except (zlib.error, brotli.error, ZstdError, EOFError) as error:
                raise BrokenPacking(f"the answer is packed ({name}) and damaged") from error
    return body


def _gzip(body: bytes, largest: int) -> bytes:
    parts: list[bytes] = []
    while body.startswith(_GZIP_MAGIC) or not parts:
        part, body = _inflate(body, _GZIP, largest - sum(map(len, parts)))
        parts.append(part)
    return b"".join(parts)  # what follows the last member is padding


def _deflate(body: bytes, largest: int) -> bytes:
    try:
        return _inflate(body, _ZLIB, largest)[0]
    except zlib.error:
        return _inflate(body, _RAW_DEFLATE, largest)[0]  # what some servers mean by it


def _inflate(body: bytes, window_bits: int, largest: int) -> tuple[bytes, bytes]:
    """(unpacked, what follows the stream)."""
    stream = zlib.decompressobj(window_bits)
    data = stream.decompress(body, largest + 1)
    if len(data) > largest:
        raise TooLarge("the answer is too large")
    if not stream.eof:
        raise BrokenPacking("the answer broke off (its packing has no end)")
    return data, stream.unused_data


def _brotli(body: bytes, largest: int) -> bytes:
    stream = brotli.Decompressor()
    data = bytearray()
    for start in range(0, len(body), _STEP // 16):
        data += stream.process(body[start : start + _STEP // 16])
        if len(data) > largest:
            raise TooLarge("the answer is too large")
    if not stream.is_finished():
        raise BrokenPacking("the answer broke off (its packing has no end)")
    return bytes(data)


def _zstd(body: bytes, largest: int) -> bytes:
    stream = ZstdDecompressor()
    data = bytearray(stream.decompress(body, _STEP))
    while not stream.eof:
        if stream.needs_input:
            raise BrokenPacking("the answer broke off (its packing has no end)")
        data += stream.decompress(b"", _STEP)
        if len(data) > largest:
            raise TooLarge("the answer is too large")
    return bytes(data)


_UNPACKERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
