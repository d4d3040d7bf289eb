"""The takedown list: documents whose bytes and prose are withheld from everything that is handed out.

Kept by document or by address, so that it outlives every reading; a figure is a fact and stays. Nothing is deleted: an
entry can be lifted, and everything is there again.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from db.errors import ArchiveError
from db.times import to_text

if TYPE_CHECKING:
    import sqlite3

    from db.connection import ArchiveFile

_SHA256 = re.compile(r"[0-9a-f]{8,64}")
_URL = re.compile(r"(?:https?|file)://\S+")
_WHOLE = 64

# (address, document) of what was seen at these addresses. A visit that brought no good answer is left out: what a site
# shows in place of a page is the same at many addresses, and is no report of anybody's.
_SEEN_AT = """
SELECT t.value, v.sha256 FROM json_each(:urls) t JOIN visits v ON v.url = t.value
  WHERE v.sha256 IS NOT NULL AND v.outcome IN ('ok', 'unchanged')
UNION SELECT final_url, sha256 FROM visits
  WHERE final_url IN (SELECT value FROM json_each(:urls)) AND sha256 IS NOT NULL AND outcome IN ('ok', 'unchanged')
UNION SELECT url, sha256 FROM sightings WHERE url IN (SELECT value FROM json_each(:urls))
UNION SELECT page_url, sha256 FROM sightings
  WHERE page_url IN (SELECT value FROM json_each(:urls)) AND part = 'attachment'
UNION SELECT url, sha256 FROM neighbours WHERE url IN (SELECT value FROM json_each(:urls))
UNION SELECT url, sha256 FROM reports WHERE url IN (SELECT value FROM json_each(:urls))
"""


@dataclass(frozen=True, slots=True)
class Takedown:
    """One entry: a document or an address, why, who asked for it, and when it was lifted and why (None: it holds).
    documents: how many documents of the archive it withholds."""

    id: int
    sha256: str | None
    url: str | None
    reason: str
    asked_by: str
    made_at: str
    lifted_at: str | None
    lifted_why: str | None
    documents: int

    @property
    def what(self) -> str:
        return self.sha256 or self.url or ""


@dataclass(frozen=True, slots=True)
class Held:
    """What is withheld now. sha256s: of documents, with those that were seen at a withheld address and those that say
    the same in other bytes. urls: the addresses that entries name."""

    sha256s: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.sha256s or self.urls)

    def holds(self, sha256: str | None, urls: Iterable[str | None] = ()) -> bool:
        """Whether a document, or anything at these addresses, is withheld."""
        return sha256 in self.sha256s or not self.urls.isdisjoint(urls)


class Takedowns:
    """Writes and reads the list."""

    def __init__(self, file: "ArchiveFile") -> None:
        self._file = file

    def add(self, what: str, *, reason: str, asked_by: str, at: datetime) -> Takedown:
        """Withhold a document (its SHA-256, or 8 digits or more of its beginning) or whatever was and will be seen at
        an address. Again changes nothing and gives the entry that holds. ArchiveError for what is neither."""
        if not (reason.strip() and asked_by.strip()):
            raise ArchiveError(f"{what}: say why it is to be withheld, and who asked for it")
        with self._file.write() as connection:
            sha256, url = self._named(connection, what)
            known = connection.execute(
                "SELECT id FROM takedowns WHERE lifted_at IS NULL AND (sha256 = ? OR url = ?)", (sha256, url)
            ).fetchone()
            if known is None:
                known = connection.execute(
                    "INSERT INTO takedowns (sha256, url, reason, asked_by, made_at) VALUES (?, ?, ?, ?, ?)"
                    " RETURNING id",
                    (sha256, url, reason.strip(), asked_by.strip(), to_text(at)),
                ).fetchone()
            return _entries(connection, "id = ?", int(known[0]))[0]

    def lift(self, number: int, *, why: str, at: datetime) -> Takedown:
        """Let an entry hold no more; it stays in the list with why. ArchiveError where there is no such entry or it
        was lifted before."""
        if not why.strip():
            raise ArchiveError(f"takedown {number}: say why it is lifted")
        with self._file.write() as connection:
            row = connection.execute("SELECT lifted_at FROM takedowns WHERE id = ?", (number,)).fetchone()
            if row is None:
                raise ArchiveError(f"there is no takedown {number}; `nianbao takedown list` shows the numbers")
            if row[0] is not None:
                raise ArchiveError(f"takedown {number} was lifted at {row[0]} already")
            connection.execute(
                "UPDATE takedowns SET lifted_at = ?, lifted_why = ? WHERE id = ?", (to_text(at), why.strip(), number)
            )
            return _entries(connection, "id = ?", number)[0]

    def listed(self, *, lifted: bool = False) -> list[Takedown]:
        """The entries that hold, oldest first; lifted: those that hold no more too."""
        with self._file.read() as connection:
            return _entries(connection, "? OR lifted_at IS NULL", lifted)

    def holds(self, sha256: str | None, urls: Iterable[str | None] = ()) -> bool:
        """Whether a document, or anything at these addresses, is withheld now. For many of them take `held`."""
        return self.held().holds(sha256, urls)

    def held(self) -> Held:
        """What is withheld now."""
        with self._file.read() as connection:
            return held(connection)

    def _named(self, connection: "sqlite3.Connection", what: str) -> tuple[str | None, str | None]:
        """(SHA-256, None) or (None, address)."""
        what = what.strip()
        if _URL.fullmatch(what):
            return None, what
        if not _SHA256.fullmatch(what.lower()):
            raise ArchiveError(
                f"{what}: is neither an address nor the SHA-256 of a document; give one of the columns url and sha256"
                " of the view latest"
            )
        rows = connection.execute(
            "SELECT sha256 FROM documents WHERE sha256 >= ?1 AND sha256 < ?1 || 'g' ORDER BY sha256 LIMIT 2",
            (what.lower(),),
        ).fetchall()
        if len(rows) == 1:
            return rows[0][0], None
        if rows:
            raise ArchiveError(f"{what}: several documents begin so; give all {_WHOLE} digits")
        raise ArchiveError(f"{what}: the archive has no such document; `nianbao history AGENCY YEAR` shows them")


def held(connection: "sqlite3.Connection") -> Held:
    """What is withheld now. For this room."""
    rows = connection.execute("SELECT sha256, url FROM takedowns WHERE lifted_at IS NULL").fetchall()
    urls = frozenset(url for _, url in rows if url is not None)
    seen = frozenset(sha256 for _, sha256 in _seen_at(connection, urls))
    named = seen | {sha256 for sha256, _ in rows if sha256 is not None}
    return Held(named | _twins(connection, named), urls)


def _twins(connection: "sqlite3.Connection", sha256s: Set[str]) -> frozenset[str]:
    """The documents that say the same as one of these: other bytes, read as the same revision of the same report."""
    if not sha256s:
        return frozenset()
    rows = connection.execute(
        "SELECT DISTINCT other.sha256 FROM readings one JOIN readings other ON other.report_id = one.report_id"
        " WHERE one.sha256 IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(sha256s)),),
    )
    return frozenset(row[0] for row in rows)


def _entries(connection: "sqlite3.Connection", which: str, *parameters: object) -> list[Takedown]:
    rows = connection.execute(
        "SELECT id, sha256, url, reason, asked_by, made_at, lifted_at, lifted_why FROM takedowns"
        f" WHERE {which} ORDER BY id",
        parameters,
    ).fetchall()
    seen = Counter(url for url, _ in _seen_at(connection, {row[2] for row in rows if row[2] is not None}))
    return [Takedown(*(*row, 1 if row[1] is not None else seen[row[2]])) for row in rows]


def _seen_at(connection: "sqlite3.Connection", urls: Set[str]) -> list[tuple[str, str]]:
    """(address, document) for each document that was seen at one of these addresses; looks for nothing without any."""
    return connection.execute(_SEEN_AT, {"urls": json.dumps(sorted(urls))}).fetchall() if urls else []
