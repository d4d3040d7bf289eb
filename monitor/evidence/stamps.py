"""Time stamps by a service that keeps no secret of ours (RFC 3161): who has one can show that these bytes existed then.

Only the SHA-256 of the bytes is sent. The service's whole answer is kept, as `openssl ts -verify` wants it.
"""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

TIMEOUT_S = 30.0
LARGEST_ANSWER = 1 << 20  # bytes; a real one has some thousands
_MEDIA = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
_REASONS = re.compile(r'reason: "([^"]+)"')  # in the list of errors that OpenSSL gives
_GRANTED = (0, 1)  # granted, granted with modifications


class StampError(Exception):
    """There is no valid time stamp; one sentence: what, where, what to do."""


def request_stamp(data: bytes, service: str, ca: Path | None = None) -> tuple[bytes, datetime]:
    """Have bytes stamped by a service; its answer (DER) and the time that it gives.

    ca: the certificates (PEM) in which the service's chain must end; None: the chain is not checked. Raises StampError
    where the service does not answer, refuses, or answers with what is no stamp of these bytes.
    """
    import httpx
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    host = urlsplit(service).netloc.rpartition("@")[2]
    try:
        # As with portals, proxies of the environment are not taken by themselves.
        with (
            httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client,
            client.stream("POST", service, content=request.as_bytes(), headers=_MEDIA) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise StampError(
                    f"{host}: the time stamp service answered with status {answer.status_code}; try again later, or "
                    "check evidence.timestamp_url"
                )
            token = b""
            for piece in answer.iter_bytes():
                token += piece
                if len(token) > LARGEST_ANSWER:
                    raise StampError(f"{host}: the answer is too large for a time stamp; check evidence.timestamp_url")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = str(error) or type(error).__name__
        raise StampError(f"{host}: the time stamp service cannot be reached ({said}); try again later") from error
    try:
        return token, check_stamp(token, data, ca, request)
    except StampError as error:
        raise StampError(f"{host}: {error}") from error


def check_stamp(
    token: bytes, data: bytes, ca: Path | None = None, request: "TimeStampRequest | None" = None
) -> datetime:
    """The time (UTC) that a stamp gives for these bytes. Raises StampError if it is none for them.

    Checked are the hash of the bytes, and with `request` that it is the answer to it (nonce); with `ca` the signature
    and the chain of certificates up to one of that file, as of the time of the stamp.
    """
    stamp = _decoded(token)
    info = stamp.tst_info
    if info.message_imprint.message != hashlib.sha256(data).digest():
        raise StampError("the time stamp is for other bytes; have the manifest stamped again")
    if request is not None and info.nonce != request.nonce:
        raise StampError("the time stamp answers another request; have the manifest stamped again")
    if ca is not None:
        _check_chain(stamp, data, ca, request)
    return info.gen_time.astimezone(UTC)


def _decoded(token: bytes) -> "TimeStampResponse":
    from rfc3161_client import decode_timestamp_response

    from monitor.evidence.der import certificates_sorted

    try:
        stamp = decode_timestamp_response(certificates_sorted(token))
        if stamp.status not in _GRANTED:
            said = "; ".join(stamp.status_string) or f"status {stamp.status}"
            raise StampError(f"the service refused to stamp ({said}); ask those who run it, or use another one")
        # Read once here: what is broken inside shows itself only then.
        _ = stamp.tst_info.gen_time, stamp.tst_info.message_imprint.message
    except ValueError as error:
        raise StampError(f"what is there is no time stamp ({error}); have the manifest stamped again") from error
    return stamp


def _check_chain(stamp: "TimeStampResponse", data: bytes, ca: Path, request: "TimeStampRequest | None") -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    certificates = read_certificates(ca)
    roots = [c for c in certificates if c.issuer == c.subject] or certificates
    builder = VerifierBuilder(
        roots=roots, intermediates=[c for c in certificates if c not in roots], nonce=request.nonce if request else None
    )
    try:
        builder.build().verify_message(stamp, data)
    except (VerificationError, ValueError) as error:
        said = ", ".join(_REASONS.findall(str(error))[-1:]) or str(error)
        raise StampError(
            f"the time stamp's signature does not hold by {ca} ({said}); check evidence.timestamp_ca"
        ) from error


def read_certificates(path: Path) -> "list[Certificate]":
    """The certificates of a PEM file. Raises StampError, naming it."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StampError(f"{path}: is no file of certificates (PEM); check evidence.timestamp_ca") from error
