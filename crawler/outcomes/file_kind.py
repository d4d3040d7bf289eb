"""What kind of file came, by its bytes, and whether it can be the one that was asked for."""

import re
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

FileKind = Literal["html", "pdf", "zip", "ole", "rar", "rtf", "image", "text", "other"]

_MAGIC: tuple[tuple[bytes, FileKind], ...] = (
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"Rar!", "rar"),
    (b"{\\rtf", "rtf"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
)
_HEAD = 2048
_OFFICE_HTML = re.compile(rb"urn:schemas-microsoft-com:office|<meta[^>]+ProgId")
_ENDING = re.compile(r"\.(pdf|docx?|xlsx?|wps|et|ofd|rtf|txt|zip|rar)$", re.I)
# Old .doc and .xls files are at times plain text under that name.
_MAY_BE_TEXT = frozenset({"txt", "doc", "xls", "wps", "et", "rtf"})


def sniff(body: bytes) -> FileKind:
    """The kind of file by its first bytes; Content-Type is not to be trusted."""
    for head, kind in _MAGIC:
        if body.startswith(head):
            return kind
    start = body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<") or b"<html" in start or b"<script" in start:
        return "html"
    if b"%pdf-" in start[:1024]:
        return "pdf"  # readers of PDF accept junk in front
    if b"\x00" in start and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "other"
    return "text"


def is_office_html(body: bytes) -> bool:
    """Whether HTML is a document saved by an office program; it says so, and often lies under a name in .doc."""
    return bool(_OFFICE_HTML.search(body[:4096]))


def may_be_text(body: bytes, url: str) -> bool:
    """Whether plain text can be the file that a URL names: by the endings in it; without one, unless it is JSON."""
    parts = urlsplit(url)
    names = [unquote(parts.path)] + [value for values in parse_qs(parts.query).values() for value in values]
    endings = {match.group(1).lower() for name in names if (match := _ENDING.search(name.strip()))}
    if endings:
        return endings <= _MAY_BE_TEXT
    return body.lstrip()[:1] not in (b"{", b"[")
