"""The archived copy behind a finding: the bytes as they were fetched, with hash and times of the looks. What was taken
down is given to nobody."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from db.archive import Archive
from db.errors import DocumentGivenUpError, DocumentMissingError
from db.takedowns import Held
from db.telling.lookups import Lookups, Shown
from monitor.bot.visible import Row
from monitor.catalogue import say
from monitor.catalogue.dates import moment_words

Pair = tuple[str, str]

LARGEST = 50_000_000  # bytes; the Bot API takes files of up to 50 MB
MOST = 3  # documents of one finding
_LONGEST_NAME = 60  # characters
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+')
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_KNOWN = frozenset({*_SUFFIXES.values(), ".htm", ".shtml", ".zip", ".rar", ".wps", ".et", ".ofd", ".png", ".jpg"})
_TITLE_SUFFIX = re.compile(r"\.[A-Za-z]{2,5}$")


class Copy(NamedTuple):
    """One document to be sent, or why it is not: name and data are None then."""

    said: list[Pair]
    name: str | None = None
    data: bytes | None = None


def copies(archive: Archive, row: Row) -> list[Copy]:
    """The documents that a finding rests on, each once."""
    held = archive.takedowns.held()
    places = {place["sha256"]: place for place in row["places"] if place.get("sha256")}
    return [_copy(archive, held, row, sha256, place) for sha256, place in list(places.items())[:MOST]]


def _copy(archive: Archive, held: Held, row: Row, sha256: str, place: Mapping[str, Any]) -> Copy:
    shown = Lookups(archive).shown_at(sha256)
    addresses = {place.get("source"), *(one.url for one in shown), *(one.page_url for one in shown)}
    about = archive.evidence.documents([sha256]).get(sha256)
    if held.holds(sha256, addresses):
        return Copy([say("bot-copy-withheld", sha256=sha256)])
    if about is None:
        return Copy([say("bot-copy-lost", sha256=sha256)])
    if about.size > LARGEST:
        return Copy([say("bot-copy-large", sha256=sha256, size=about.size // 1_000_000)])
    try:
        data = archive.get_document(sha256)
    except DocumentGivenUpError as error:
        return Copy([say("bot-copy-given-up", sha256=sha256, day=error.day)])
    except DocumentMissingError:
        return Copy([say("bot-copy-lost", sha256=sha256)])
    if not data:
        return Copy([say("bot-copy-empty", sha256=sha256)])
    source = shown[0].url if shown else place.get("source") or ""
    name = _name(row, place, shown) + _suffix(source, about.media, data)
    first, last = _times(about.first_seen_at, shown)
    caption = say(
        "bot-copy", name=name, url=source, sha256=sha256, first_zh=first[0], first_en=first[1], last_zh=last[0],
        last_en=last[1],
    )  # fmt: skip
    return Copy([caption], name, data)


def _times(first_seen_at: datetime, shown: list[Shown]) -> tuple[Pair, Pair]:
    """When the bytes were first and last seen."""
    first = min([first_seen_at, *(one.first_seen_at for one in shown)])
    return moment_words(first), moment_words(max([first, *(one.last_seen_at for one in shown)]))


def _name(row: Row, place: Mapping[str, Any], shown: list[Shown]) -> str:
    """What the site calls it; else the agency and the year."""
    title = next((one.title for one in shown if one.title and one.title.strip()), None)
    name = title or f"{row['agency']}{place['year']}年政府信息公开工作年度报告"
    name = " ".join(_NOT_IN_NAMES.sub(" ", _TITLE_SUFFIX.sub("", name)).split()).strip(". ")
    return name[:_LONGEST_NAME] or "document"


def _suffix(url: str, media: str | None, data: bytes) -> str:
    if data.startswith(b"%PDF"):
        return ".pdf"
    try:
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        suffix = ""
    if suffix in _KNOWN:
        return ".html" if suffix in (".htm", ".shtml") else suffix
    return _SUFFIXES.get((media or "").partition(";")[0].strip().lower(), ".bin")
