"""Answers out of a web archive in place of a portal: what was recorded is given again, and nobody is asked.

The WARC file is one that monitor/exports/warc.py wrote of a crawl from its very beginning. A page that a browser
showed is in it as rendered, so it is given as a plain answer.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scrapy import Request
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Response

from crawler.errors import CrawlError
from crawler.portal import Portal

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

NOT_RECORDED = "not recorded"

_REDIRECTS = (301, 302, 303, 307, 308)
_POSTED_AGAIN = (307, 308)
_FOUND = 302  # of a page whose script sent the browser on


class RecordedPortal(Portal):
    """A portal whose answers come out of a file: it has no pace, since nobody is disturbed."""

    @property
    def is_paced(self) -> bool:
        return False


def as_recorded(portal: Portal) -> RecordedPortal:
    """The portal with its ways of asking set aside: no browser, proxy, hours or delay; all else as its file says."""
    plain = {"fetch": "plain", "proxy": None, "hours": None, "delay_s": 0.0}
    fields = {name: getattr(portal, name) for name in Portal.model_fields}
    return RecordedPortal.model_construct(set(portal.model_fields_set) | set(plain), **{**fields, **plain})


class _Key(NamedTuple):
    """What is asked for. url: as Scrapy sends it."""

    method: str
    url: str
    body: bytes


@dataclass(slots=True)
class _Answered:
    """What came. error: why nothing came, "" where something did."""

    status: int = 0
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    error: str = ""


class Replay:
    """A Download for crawler.asking.network.Network. Raises CrawlError for a file that is no whole WARC file."""

    def __init__(self, path: Path) -> None:
        from warcio.exceptions import ArchiveLoadFailed

        self._answers: dict[_Key, _Answered] = {}
        try:
            with path.open("rb") as file:
                _Reading(self._answers).read(_records(file))
        except (OSError, ArchiveLoadFailed, EOFError, ValueError, KeyError) as error:
            raise CrawlError(f"{path}: cannot be read as a recorded portal ({error}); record it again") from error
        if not self._answers:
            raise CrawlError(f"{path}: holds no answer of a portal; record it again")

    def __len__(self) -> int:
        return len(self._answers)

    async def __call__(self, request: Request) -> Response:
        """The recorded answer. DownloadFailedError where there is none, or none came when it was recorded."""
        answered = self._answers.get(_Key(request.method, request.url, request.body))
        if answered is None or answered.error:
            raise DownloadFailedError(answered.error if answered else NOT_RECORDED)
        headers = dict(answered.headers or {})
        return Response(request.url, answered.status, headers=headers, body=answered.body, request=request)


def _records(file: io.BufferedReader) -> Iterator["ArcWarcRecord"]:
    from warcio.archiveiterator import ArchiveIterator

    yield from ArchiveIterator(file)


class _Reading:
    """Puts the records of each visit together: what came, what was asked, and the way there."""

    def __init__(self, answers: dict[_Key, _Answered]) -> None:
        self._answers = answers
        self._came: dict[str, tuple[str, _Answered]] = {}  # number of the record -> (address that answered, answer)
        self._payloads: dict[str, bytes] = {}
        self._asked: _Key | None = None

    def read(self, records: Iterator["ArcWarcRecord"]) -> None:
        for record in records:
            if record.rec_type in ("response", "revisit", "resource"):
                self._take_answer(record)
            elif record.rec_type == "request":
                method = record.http_headers.protocol
                url = record.rec_headers.get_header("WARC-Target-URI")
                self._asked = _key(method, url, record.content_stream().read())
            elif record.rec_type == "metadata":
                self._take_visit(record)

    def _take_answer(self, record: "ArcWarcRecord") -> None:
        # A later look was asked conditionally, or brought the same: the bytes are those of the record before.
        body = record.content_stream().read()
        digest = record.rec_headers.get_header("WARC-Payload-Digest") or ""
        if record.rec_type != "revisit":
            self._payloads[digest] = body
        if record.http_headers is None:  # a page as a browser showed it
            answered = _Answered(200, {"Content-Type": record.rec_headers.get_header("Content-Type")}, body)
        else:
            status = int(record.http_headers.get_statuscode())
            answered = _Answered(status, dict(record.http_headers.headers), self._payloads.get(digest, body))
        number = record.rec_headers.get_header("WARC-Record-ID")
        self._came[number] = record.rec_headers.get_header("WARC-Target-URI"), answered

    def _take_visit(self, record: "ArcWarcRecord") -> None:
        facts: list[tuple[str, str]] = []
        for line in record.content_stream().read().decode("utf-8").splitlines():
            name, _, value = line.partition(": ")
            facts.append((name, value))
        said = dict(facts)
        asked, self._asked = self._asked, None
        if asked is None:
            return  # a file that a person added
        near = record.rec_headers.get_header("WARC-Concurrent-To")
        if near not in self._came:
            words = said.get("evidence") or said.get("outcome") or NOT_RECORDED
            self._answers.setdefault(asked, _Answered(error=words))
            return
        final, answered = self._came.pop(near)
        way = [value.partition(" ")[::2] for name, value in facts if name == "redirect"]
        if way and answered.status in _REDIRECTS:
            way.pop()  # the answer is that of the last redirect itself, which was not followed
        targets = [_without_fragment(url) for _, url in way[1:]] + [final]
        for (status_text, _), target in zip(way, targets, strict=False):
            status = int(status_text) if int(status_text) in _REDIRECTS else _FOUND
            self._answers.setdefault(asked, _Answered(status, {"Location": target}))
            again = asked.method == "POST" and status in _POSTED_AGAIN
            asked = _key(asked.method if again else "GET", target, asked.body if again else b"")
        self._answers.setdefault(asked, answered)


def _key(method: str, url: str, body: bytes) -> _Key:
    return _Key(method, Request(url).url, body)


def _without_fragment(address: str) -> str:
    return address.partition("#")[0]
