"""A visit as a text of its own: what a manifest hashes, and what a journalist finds beside the document.

The text is canonical: the same row always gives the same bytes. Its SHA-256 therefore stands for all that was written
down about the visit, its headers included.
"""

import hashlib
import json
import re
from typing import Any

from db.records import Visit
from db.times import to_text

FIRST_LINE = "nianbao visit 1"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]")


def visit_text(visit: Visit) -> str:
    """The text, one fact a line, headers as they were sent (`> `) and received (`< `). A fact without value is left
    out."""
    facts: list[tuple[str, Any]] = [
        ("url", visit.url),
        ("time", to_text(visit.at)),
        ("kind", visit.kind),
        ("portal", visit.portal),
        ("status", visit.status),
        ("outcome", visit.outcome),
        ("evidence", visit.evidence),
        ("final-url", visit.final_url),
        *(("redirect", f"{status} {url}") for status, url in visit.redirects),
        *((f"network-{name}", value) for name, value in sorted((visit.network or {}).items())),
        ("requests", visit.requests),
        ("document-sha256", visit.sha256),
        ("body-sha256", visit.body_sha256),
    ]
    lines = [FIRST_LINE, *(f"{name}: {plain(value)}" for name, value in facts if value is not None)]
    lines += [f"> {plain(name)}: {plain(value)}" for name, value in visit.request_headers.items()]
    lines += [f"< {plain(name)}: {plain(value)}" for name, value in visit.response_headers.items()]
    return "".join(f"{line}\n" for line in lines)


def visit_sha256(visit: Visit) -> str:
    """SHA-256 of the text in UTF-8."""
    return hashlib.sha256(visit_text(visit).encode("utf-8", "backslashreplace")).hexdigest()


def plain(value: object) -> str:
    r"""A value on one line: control characters and the backslash as \xNN or \uNNNN."""

    def escaped(match: re.Match[str]) -> str:
        code = ord(match[0])
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"

    return _CONTROL.sub(escaped, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
