"""Packed answers: whole ones are unpacked, and no part of one passes for the whole."""

import gzip
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.asking.unpack import BrokenPacking, unpack

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LARGEST = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("GZip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
    ("x-gzip", lambda data: gzip.compress(data) + b"\0" * 8),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstd.compress),
]


@pytest.mark.parametrize(("encoding", "pack"), PACKERS)
@given(st.binary(min_size=1, max_size=400))
def test_whole_bodies_come_back(encoding: str, pack: Callable[[bytes], bytes], data: bytes) -> None:
    assert unpack(pack(data * 20), encoding, LARGEST) == data * 20


@pytest.mark.parametrize(("encoding", "pack"), [p for i, p in enumerate(PACKERS) if i not in (1, 2)])
@given(st.binary(min_size=1, max_size=400), st.integers(1, 10_000))
def test_a_part_is_never_taken_for_the_whole(
    encoding: str, pack: Callable[[bytes], bytes], data: bytes, cut: int
) -> None:
    packed = pack(data * 20)
    with pytest.raises(BrokenPacking):
        unpack(packed[: 1 + cut % (len(packed) - 1)] if len(packed) > 2 else packed[:1], encoding, LARGEST)


@given(st.binary(min_size=1, max_size=300), st.sampled_from([name for name, _ in PACKERS]))
def test_any_bytes_come_back_or_are_refused(data: bytes, encoding: str) -> None:
    try:
        assert isinstance(unpack(data, encoding, LARGEST), bytes)
    except BrokenPacking as error:
        assert "answer" in str(error)


@pytest.mark.parametrize(("encoding", "pack"), PACKERS)
def test_what_grows_beyond_all_measure_is_refused(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BrokenPacking, match="too large"):
        unpack(pack(b"0" * (LARGEST + 1)), encoding, LARGEST)


def test_several_encodings_unknown_ones_and_none() -> None:
    assert unpack(zlib.compress(gzip.compress(b"page")), "gzip, deflate", LARGEST) == b"page"
    assert unpack(b"page", "", LARGEST) == unpack(b"page", "identity, odd", LARGEST) == b"page"
    assert unpack(b"", "gzip", LARGEST) == b""
