"""Visits as a web archive (WARC 1.1, ISO 28500), which the tools of web archives read and replay.

What we kept is what came after Content-Encoding and Transfer-Encoding were undone, so a response is written without
them: its headers of that kind keep their values under `X-Archive-Orig-…`, and Content-Length is that of the bytes that
follow. Nothing is written that was not seen: a list whose entries were the same and whose bytes were not kept gets a
`metadata` record only. The same selection of the same archive gives the same bytes.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from io import BytesIO
from ipaddress import ip_address
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.address import bare, question
from db.archive import Archive
from db.collected.visits import SeenVisit
from db.errors import DocumentGivenUpError, DocumentMissingError
from db.evidence import Original
from db.records import Visit
from monitor.exports import Selection, whole_file

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord
    from warcio.warcwriter import WARCWriter

_NOT_MODIFIED = 304
_UNDONE = ("content-encoding", "transfer-encoding", "content-length")
_ORIGINAL = "X-Archive-Orig-"
_SERVER_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NAMESPACE = uuid.UUID("5d2f4c1e-7f0b-5a59-9a0c-6e62616f0001")  # of the records' numbers, which follow from the visit

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Counts:
    """What was written: visits, records; documents whose bytes the archive has lost, and has given up; visits that were
    left out for the takedown list."""

    visits: int = 0
    records: int = 0
    lost: int = 0
    given_up: int = 0
    withheld: int = 0


def write_warc(
    archive: Archive, path: Path, selection: Selection, complain: Callable[[str], None] = lambda sentence: None
) -> Counts:
    """Write a selection as a WARC file, each record packed by itself where the name ends in .gz.

    complain: told of each document whose bytes are not there; its visit is written as metadata. Raises ExportError.
    """
    from warcio.warcwriter import WARCWriter

    counts = Counts()
    with whole_file(path) as file:
        export = _Export(archive, WARCWriter(file, gzip=path.suffix == ".gz", warc_version="1.1"), counts, complain)
        visits = archive.evidence.visits_for_export(portal=selection.portal, year=selection.year, since=selection.since)
        first = next(visits, None)
        export.write_info(selection, first[0].visit.at if first else datetime(1970, 1, 1, tzinfo=UTC))
        for seen, original in chain([first] if first else [], visits):
            export.write_visit(seen, original)
    return counts


class _Export:
    """Writes visit by visit."""

    def __init__(self, archive: Archive, writer: "WARCWriter", counts: Counts, complain: Callable[[str], None]) -> None:
        self.archive = archive
        self.writer = writer
        self.counts = counts
        self.complain = complain
        self.held = archive.takedowns.held()

    def write_info(self, selection: Selection, at: datetime) -> None:
        """The first record: what the file is. at: when the first visit was; no other time belongs into the file."""
        chosen = {
            "portal": selection.portal,
            "year": selection.year,
            "since": selection.since.isoformat() if selection.since else None,
        }
        fields = {
            "software": f"nianbao/{version('nianbao')}",
            "format": "WARC File Format 1.1",
            "description": "; ".join(f"{key} {value}" for key, value in chosen.items() if value is not None) or "all",
            "encoding": "Content-Encoding and Transfer-Encoding are undone; their headers are kept as X-Archive-Orig-*",
        }
        self._write(self._record("", "warcinfo", at, _fields(fields), {"WARC-Record-ID": _number(repr(chosen))}))

    def write_visit(self, seen: SeenVisit, original: Original | None) -> None:
        """The records of one visit: what came (or that nothing new came), what was asked, and what was made of it."""
        visit, data, gone = seen.visit, None, None
        if self._is_withheld(visit):
            self.counts.withheld += 1
            return
        self.counts.visits += 1
        if visit.sha256 is not None and (visit.kind == "added" or (original and original.id == seen.id)):
            data, gone = self._bytes(visit)
        if visit.kind == "added" or _is_rendered(visit):
            # What a browser made of a page never came over the network as it is.
            main = self._resource(visit, data) if data is not None else None
        elif visit.status is None:
            main = None
        elif data is not None or (visit.sha256 is None and visit.body_sha256 is None):
            main = self._response(visit, data or b"")
        elif original is not None and original.id != seen.id and not _has_other_bytes(visit):
            main = self._revisit(visit, original)
        else:
            main = None
        near = {}
        if main is not None:
            near = {"WARC-Concurrent-To": main.rec_headers.get_header("WARC-Record-ID")}
            self._write(main)
        if visit.kind != "added":
            self._write(self._request(visit, near))
        self._write(self._metadata(visit, near, gone))

    def _is_withheld(self, visit: Visit) -> bool:
        """Whether the document of a visit is on the takedown list, or its address. Nothing of such a visit is written:
        each of its records names the address."""
        at = (visit.url, bare(visit.url), visit.final_url)
        return self.held.holds(visit.sha256, at) or self.held.holds(visit.body_sha256)

    def _bytes(self, visit: Visit) -> tuple[bytes | None, str | None]:
        """The document of a visit; None, and a few words, where it was given up; None and None where it was lost."""
        try:
            return self.archive.get_document(visit.sha256 or ""), None
        except DocumentGivenUpError as error:
            self.counts.given_up += 1
            return None, str(error).partition("; ")[0].rpartition(": ")[2]
        except DocumentMissingError as error:
            self.counts.lost += 1
            self.complain(str(error))
            return None, None

    def _response(self, visit: Visit, data: bytes) -> "ArcWarcRecord":
        headers = _as_kept(visit.response_headers, len(data))
        common = self._common(visit, "response") | {"WARC-Payload-Digest": _digest(data)}
        return self._record(_answered(visit), "response", visit.at, data, common, _status(visit, headers))

    def _revisit(self, visit: Visit, original: Original) -> "ArcWarcRecord":
        """The answer's headers, and where the bytes are: they were not sent again, or were the same."""
        not_modified = visit.status == _NOT_MODIFIED
        headers = list(visit.response_headers.items())
        if not not_modified:
            headers = _as_kept(visit.response_headers, None)
        common = self._common(visit, "revisit") | {
            "WARC-Profile": _SERVER_NOT_MODIFIED if not_modified else _SAME_PAYLOAD,
            "WARC-Refers-To-Target-URI": bare(original.url),
            "WARC-Refers-To-Date": _date(original.at),
            "WARC-Payload-Digest": f"sha256:{visit.sha256}",
        }
        return self._record(_answered(visit), "revisit", visit.at, b"", common, _status(visit, headers))

    def _resource(self, visit: Visit, data: bytes) -> "ArcWarcRecord":
        """A file that a person added: no answer of a server, so no HTTP around it."""
        from crawler.outcomes.verdict import sniff

        media = {"html": "text/html", "pdf": "application/pdf", "text": "text/plain"}
        kind = "text/html; charset=utf-8" if _is_rendered(visit) else media.get(sniff(data), "application/octet-stream")
        common = self._common(visit, "resource") | {
            "Content-Type": kind,
            "WARC-Payload-Digest": _digest(data),
        }
        return self._record(bare(visit.url), "resource", visit.at, data, common)

    def _request(self, visit: Visit, near: dict[str, str]) -> "ArcWarcRecord":
        from warcio.statusandheaders import StatusAndHeaders

        put = question(visit.url)
        parts = urlsplit(put.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = [("Host", parts.netloc.rpartition("@")[2]), *visit.request_headers.items()]
        line = StatusAndHeaders(
            f"{put.method} {_latin(target)} HTTP/1.1", _latin_headers(headers), is_http_request=True
        )
        common = self._common(visit, "request") | near
        return self._record(put.url, "request", visit.at, put.body or b"", common, line)

    def _metadata(self, visit: Visit, near: dict[str, str], gone: str | None) -> "ArcWarcRecord":
        """What we made of it: outcome and its evidence, the way there, the hashes of the archive. gone: why the bytes
        are no longer kept."""
        facts: list[tuple[str, object]] = [
            ("portal", visit.portal),
            ("kind", visit.kind),
            ("outcome", visit.outcome),
            ("evidence", visit.evidence),
            ("asked", visit.url),
            *(("redirect", f"{status} {url}") for status, url in visit.redirects),
            *((f"network-{name}", value) for name, value in sorted((visit.network or {}).items())),
            ("document-sha256", visit.sha256),
            ("document", gone),
            ("body-sha256", visit.body_sha256),
        ]
        common = self._common(visit, "metadata") | near
        return self._record(bare(visit.url), "metadata", visit.at, _fields(facts), common)

    def _common(self, visit: Visit, kind: str) -> dict[str, str]:
        """The headers that all records of a visit have."""
        headers = {"WARC-Record-ID": _number(f"{kind} {visit.at.isoformat()} {visit.kind} {visit.url}")}
        server = (visit.network or {}).get("server")
        if server and kind in ("response", "revisit", "request") and _is_address(server):
            headers["WARC-IP-Address"] = server
        return headers

    def _record(
        self,
        url: str,
        kind: str,
        at: datetime,
        data: bytes,
        headers: Mapping[str, str],
        http: object = None,
    ) -> "ArcWarcRecord":
        warc_headers = {"WARC-Date": _date(at), **headers}
        return self.writer.create_warc_record(
            url,
            kind,
            payload=BytesIO(data),
            length=len(data),
            warc_headers_dict=warc_headers,
            http_headers=http,
        )

    def _write(self, record: "ArcWarcRecord") -> None:
        self.writer.write_record(record)
        self.counts.records += 1


def _is_rendered(visit: Visit) -> bool:
    """Whether the document is a page as a browser showed it, and not the bytes that came."""
    return "page" in (visit.network or {})


def _has_other_bytes(visit: Visit) -> bool:
    return visit.body_sha256 is not None and visit.body_sha256 != visit.sha256


def _answered(visit: Visit) -> str:
    """The address that gave the answer, at the end of all redirects."""
    return bare(visit.final_url or visit.url)


def _status(visit: Visit, headers: Headers) -> object:
    from warcio.statusandheaders import StatusAndHeaders

    status = visit.status or 0
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return StatusAndHeaders(f"{status} {phrase}".strip(), _latin_headers(headers), protocol="HTTP/1.1")


def _as_kept(received: Mapping[str, str], length: int | None) -> Headers:
    """The headers of an answer as they fit the bytes that are kept. length: of these; None: none follow."""
    names = {name.lower(): name for name in received}
    fits = "content-encoding" not in names and received.get(names.get("content-length", "")) == str(length)
    undone = _UNDONE[:2] if fits else _UNDONE
    headers = [(f"{_ORIGINAL}{name}" if name.lower() in undone else name, value) for name, value in received.items()]
    return headers if fits or length is None else [*headers, ("Content-Length", str(length))]


def _digest(data: bytes) -> str:
    """As the archive writes it, so that a record is found by the document's name."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _latin_headers(headers: Headers) -> Headers:
    return [(_latin(name), _latin(value)) for name, value in headers]


def _latin(text: str) -> str:
    """Text on one line as HTTP writes it: what lies beyond ASCII as percent-encoded UTF-8."""
    from urllib.parse import quote

    return quote(" ".join(text.split("\n")).replace("\r", ""), safe="".join(map(chr, range(32, 127))))


def _fields(facts: Mapping[str, object] | list[tuple[str, object]]) -> bytes:
    pairs: Iterator[tuple[str, object]] = iter(facts.items() if isinstance(facts, Mapping) else facts)
    lines = (f"{name}: {' '.join(str(value).split())}\r\n" for name, value in pairs if value is not None)
    return "".join(lines).encode("utf-8", "backslashreplace")


def _date(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _number(text: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, text)}>"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
