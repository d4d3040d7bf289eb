"""Putting right what OpenSSL's time stamps get wrong: the certificates of a set in the order that DER asks for.

`openssl ts -reply`, and the services that are built on it, write the signer's certificate first; rfc3161-client 1.0
refuses such a set. No signature covers the order, so sorting it changes nothing that a stamp says.
"""

from typing import NamedTuple

_CERTIFICATES = 0xA0  # [0] IMPLICIT, in SignedData


class _Element(NamedTuple):
    tag: int
    start: int  # of the tag
    content: int
    end: int


def certificates_sorted(response: bytes) -> bytes:
    """A TimeStampResp (RFC 3161, DER) with its certificates in order; bytes that are none come back as they are."""
    try:
        _, token = _children(response, _element(response, 0))  # status, timeStampToken
        content = _children(response, token)[1]  # contentType, [0] content
        (signed_data,) = _children(response, content)
        certificates = next(e for e in _children(response, signed_data)[1:] if e.tag == _CERTIFICATES)
        elements = [response[e.start : e.end] for e in _children(response, certificates)]
    except (ValueError, IndexError, StopIteration):
        return response
    return response[: certificates.content] + b"".join(sorted(elements)) + response[certificates.end :]


def _children(data: bytes, parent: _Element) -> list[_Element]:
    found, position = [], parent.content
    while position < parent.end:
        found.append(_element(data, position))
        position = found[-1].end
    return found


def _element(data: bytes, start: int) -> _Element:
    """The element at a position. ValueError or IndexError where there is no whole one."""
    length, content = data[start + 1], start + 2
    if length & 0x80:
        size = length & 0x7F
        length, content = int.from_bytes(data[content : content + size], "big"), content + size
    if content + length > len(data):
        raise ValueError("the element goes on after the end")
    return _Element(data[start], start, content, content + length)
