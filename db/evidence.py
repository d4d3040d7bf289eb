"""What the archive can show for a claim: findings, reports, visits, reads of columns and documents, as they are kept.

Reading only. What belongs together in a bundle of evidence is decided in monitor/evidence/.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from db.collected import visits
from db.collected.visits import SeenVisit
from db.errors import ArchiveError
from db.readings.loading import load_report
from db.records import StoredReport
from db.times import from_text, to_text

if TYPE_CHECKING:
    from db.connection import ArchiveFile

_JSON = ("figures", "observed", "expected", "places")
_BATCH = 500
_GIVEN = "(SELECT value FROM json_each(?))"
_FITS = {  # what is given of a report -> the condition
    "id": "r.id = :id",
    "sha256": "substr(r.sha256, 1, length(:sha256)) = :sha256",
    "url": "(r.url = :url OR r.url IN (SELECT s.url FROM sightings s WHERE s.page_url = :url))",
    "agency": ":agency IN (r.agency_key, r.agency_id, r.agency, a.name, r.printed_agency)",
    "year": "r.year = :year",
}
# A visit that brought bytes which are kept under their own hash: neither "not modified" nor "same entries".
_BROUGHT = "v.sha256 IS NOT NULL AND v.status IS NOT NULL AND v.status <> 304 AND v.body_sha256 IS NULL"


class ReportRow(NamedTuple):
    """A report without its figures. agency: the register's name, else as printed. is_current: its last revision."""

    id: int
    agency_key: str
    agency: str
    year: int
    source: str
    portal: str | None
    url: str
    revision: int
    is_current: bool
    sha256: str
    title: str | None
    first_seen_at: datetime
    last_seen_at: datetime


class SightingRow(NamedTuple):
    """A document as it stood at an address, over the time in which the bytes stayed the same."""

    portal: str | None
    page_url: str
    url: str
    part: str
    title: str | None
    listed_on: str | None
    sha256: str
    first_seen_at: datetime
    last_seen_at: datetime


class DocumentRow(NamedTuple):
    """What is known of a document's bytes. media: as the server named it."""

    sha256: str
    size: int
    media: str | None
    first_seen_at: datetime


class ReadPage(NamedTuple):
    """One list page of a column read. visit: None where the archive did not write down which it was. links: the text
    that `links_hash` is the SHA-256 of: a JSON list of [address, title, date]."""

    position: int
    visit: SeenVisit | None
    links_hash: str
    links: str


@dataclass(slots=True)
class ColumnReadRow:
    """A read of a column with its pages in order. asked: how many pages were asked for; an archive of the first schema
    did not write down which visits those were, and has one page that lists what all of them showed."""

    id: int
    portal: str
    column: str
    at: datetime
    outcome: str
    asked: int
    pages: list[ReadPage]


class Original(NamedTuple):
    """The visit that first brought a document's bytes."""

    id: int
    url: str
    at: datetime


class Evidence:
    """Reads what the archive has to show."""

    def __init__(self, file: "ArchiveFile") -> None:
        self._file = file

    # What is asked for

    def findings(self, start: str) -> list[dict[str, Any]]:
        """The findings, standing or gone, whose fingerprints begin so; rows of the table, JSON unpacked."""
        with self._file.read() as connection:
            cursor = connection.execute(
                "SELECT * FROM findings WHERE fingerprint >= ? AND fingerprint < ? ORDER BY fingerprint",
                (start, f"{start}g"),  # of hexadecimal digits
            )
            rows = _dicts(cursor)
        for row in rows:
            row |= {name: json.loads(row[name]) for name in _JSON}
        return rows

    def finding_events(self, fingerprint: str) -> list[tuple[str, datetime]]:
        """The life of a finding: what happened and when, oldest first."""
        rows = self._file.query(
            "SELECT event, at FROM finding_events WHERE fingerprint = ? ORDER BY id", (fingerprint,)
        )
        return [(event, from_text(at)) for event, at in rows]

    def similar(self, part: str, year: int | None, most: int) -> tuple[list[ReportRow], int]:
        """The reports of agencies whose name holds something, those of the first `most` agencies and years; and how
        many agencies and years there are."""
        values = {"part": part, "year": year, "most": most}
        named = (
            "FROM agency_keys k JOIN wide w ON w.agency_no = k.no AND w.is_latest = 1"
            " WHERE instr(k.name, :part) AND (:year IS NULL OR w.year = :year)"
        )
        ((count,),) = self._file.query(f"SELECT count(*) FROM (SELECT DISTINCT w.agency_no, w.year {named})", values)
        keys = self._file.query(f"SELECT DISTINCT w.year, k.key {named} ORDER BY w.year, k.key LIMIT :most", values)
        return [row for of_year, key in keys for row in self.reports(agency=key, year=of_year)], count

    def reports(
        self,
        *,
        report_id: int | None = None,
        sha256: str | None = None,
        url: str | None = None,
        agency: str | None = None,
        year: int | None = None,
    ) -> list[ReportRow]:
        """The reports, all revisions, that fit everything given: id, start of the document's SHA-256, address (of the
        report or of the page that links it), agency (name, id or key) and year."""
        given = {"id": report_id, "sha256": sha256, "url": url, "agency": agency, "year": year}
        wanted = [_FITS[name] for name, value in given.items() if value is not None] or ["1"]
        rows = self._file.query(
            "SELECT r.id, r.agency_key, coalesce(a.name, r.agency), r.year, r.source, r.portal, r.url, r.revision,"
            " r.is_current, r.sha256, r.title, r.first_seen_at, r.last_seen_at FROM reports r"
            f" LEFT JOIN agencies a ON a.id = r.agency_id WHERE {' AND '.join(wanted)}"
            " ORDER BY r.year, r.agency_key, r.source, r.url, r.revision",
            given,
        )
        return [
            ReportRow._make((*row[:8], bool(row[8]), *row[9:11], from_text(row[11]), from_text(row[12])))
            for row in rows
        ]

    def report(self, report_id: int) -> StoredReport | None:
        """A report with its figures."""
        with self._file.read() as connection:
            return load_report(connection, report_id)

    # What it rests on

    def sightings(self, *, urls: Iterable[str] = (), sha256s: Iterable[str] = ()) -> list[SightingRow]:
        """The documents that stood at, or were linked from, any of these addresses, or that are any of these."""
        rows = self._file.query(
            "SELECT portal, page_url, url, part, title, listed_on, sha256, first_seen_at, last_seen_at FROM sightings"
            f" WHERE url IN {_GIVEN} OR page_url IN {_GIVEN} OR sha256 IN {_GIVEN} ORDER BY first_seen_at, id",
            (_array(urls), _array(urls), _array(sha256s)),
        )
        return [SightingRow._make((*row[:7], from_text(row[7]), from_text(row[8]))) for row in rows]

    def unread(self, agency_id: str, year: int) -> list[str]:
        """SHA-256 of the documents that are an agency's for a year by title and portal, and could not be read."""
        rows = self._file.query(
            "SELECT DISTINCT sha256 FROM readings WHERE report_id IS NULL AND agency_id = ? AND year = ?"
            " ORDER BY sha256",
            (agency_id, year),
        )
        return [row[0] for row in rows]

    def visits_to(self, urls: Iterable[str]) -> list[SeenVisit]:
        """Every look at these addresses, oldest first."""
        with self._file.read() as connection:
            return list(visits.load(connection, f"WHERE v.url IN {_GIVEN} ORDER BY v.at, v.id", (_array(urls),)))

    def origin(self, visit: SeenVisit) -> SeenVisit | None:
        """The first visit to the same address that brought the document which this one names; itself, if it did."""
        with self._file.read() as connection:
            found = visits.load(
                connection,
                f"WHERE v.url = ? AND v.sha256 = ? AND {_BROUGHT} ORDER BY v.at, v.id LIMIT 1",
                (visit.visit.url, visit.visit.sha256),
            )
            return next(found, None)

    def column_reads(self, columns: Iterable[str]) -> list[ColumnReadRow]:
        """Every read of these columns, whatever came of it, with the visits of its pages; oldest first."""
        with self._file.read() as connection:
            reads = {
                read_id: ColumnReadRow(read_id, portal, column, from_text(at), outcome, asked, [])
                for read_id, portal, column, at, outcome, asked in connection.execute(
                    "SELECT id, portal, column_url, at, outcome, pages FROM column_reads"
                    f" WHERE column_url IN {_GIVEN} ORDER BY at, id",
                    (_array(columns),),
                )
            }
            pages = connection.execute(
                "SELECT read_id, position, visit_id, links_hash FROM column_read_pages"
                f" WHERE read_id IN {_GIVEN} ORDER BY read_id, position",
                (json.dumps(list(reads)),),
            ).fetchall()
            numbers = json.dumps([visit_id for _, _, visit_id, _ in pages if visit_id is not None])
            seen = {v.id: v for v in visits.load(connection, f"WHERE v.id IN {_GIVEN}", (numbers,))}
            # The same list is shown day after day: its text is held once.
            texts = connection.execute(
                f"SELECT hash, links FROM link_lists WHERE hash IN {_GIVEN}", (_array(page[3] for page in pages),)
            )
            links = dict(texts.fetchall())
            for read_id, position, visit_id, links_hash in pages:
                if links_hash not in links:
                    raise ArchiveError(
                        f"what a column listed, of hash {links_hash}, is not there; run `nianbao verify`, restore the"
                        " archive from a copy"
                    )
                reads[read_id].pages.append(ReadPage(position, seen.get(visit_id), links_hash, links[links_hash]))
        return list(reads.values())

    def columns_of(self, portal: str) -> list[str]:
        """The columns of a portal that were ever read."""
        rows = self._file.query(
            "SELECT DISTINCT column_url FROM column_reads WHERE portal = ? ORDER BY column_url", (portal,)
        )
        return [row[0] for row in rows]

    def list_visits(self, read: ColumnReadRow) -> list[SeenVisit]:
        """The visits to list pages from the moment of a read to the next read on its portal, in order: its own, where
        columns are read one after the other."""
        with self._file.read() as connection:
            (until,) = connection.execute(
                "SELECT min(at) FROM column_reads WHERE portal = ? AND at > ?", (read.portal, to_text(read.at))
            ).fetchone()
            condition = "WHERE v.portal = ? AND v.kind = 'list' AND v.at >= ? AND (? IS NULL OR v.at < ?)"
            values = (read.portal, to_text(read.at), until, until)
            return list(visits.load(connection, f"{condition} ORDER BY v.at, v.id", values))

    def documents(self, sha256s: Iterable[str]) -> dict[str, DocumentRow]:
        """The rows of these documents, by SHA-256."""
        rows = self._file.query(
            f"SELECT sha256, size, media, first_seen_at FROM documents WHERE sha256 IN {_GIVEN} ORDER BY sha256",
            (_array(sha256s),),
        )
        return {row[0]: DocumentRow._make((*row[:3], from_text(row[3]))) for row in rows}

    def portal_name(self, portal: str) -> str | None:
        """The name of a portal."""
        rows = self._file.query("SELECT name FROM portals WHERE id = ?", (portal,))
        return rows[0][0] if rows else None

    # Everything, for an export

    def visits_for_export(
        self, *, portal: str | None = None, year: int | None = None, since: datetime | None = None
    ) -> Iterator[tuple[SeenVisit, Original | None]]:
        """The visits of a selection, each with the one that first brought its document's bytes.

        year: those to reports of that reporting year, as far as a list or a document told it. Where the bytes came
        with a visit outside the selection, that visit is among them too. In the order in which they were written down;
        memory does not grow with their number.
        """
        chosen = (
            "(:portal IS NULL OR v.portal = :portal) AND (:since IS NULL OR v.at >= :since) AND (:year IS NULL OR"
            " v.sha256 IN (SELECT sha256 FROM reports WHERE year = :year) OR"
            " v.url IN (SELECT url FROM frontier WHERE year = :year))"
        )
        values = {"portal": portal, "year": year, "since": to_text(since) if since else None}
        with self._file.read() as connection:
            connection.execute("DROP TABLE IF EXISTS temp.chosen")
            connection.execute("DROP TABLE IF EXISTS temp.brought")
            connection.execute("CREATE TEMP TABLE chosen (id INTEGER PRIMARY KEY)")
            connection.execute("CREATE TEMP TABLE brought (sha256 TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID")
            connection.execute(f"INSERT INTO chosen SELECT v.id FROM visits v WHERE {chosen} ORDER BY v.id", values)
            connection.execute(
                f"INSERT INTO brought SELECT v.sha256, min(v.id) FROM visits v WHERE {_BROUGHT} GROUP BY v.sha256"
            )
            connection.execute(
                "INSERT OR IGNORE INTO chosen SELECT b.id FROM chosen c JOIN visits v ON v.id = c.id"
                " JOIN brought b ON b.sha256 = v.sha256"
            )
            yield from _in_batches(connection)


def _in_batches(connection: sqlite3.Connection) -> Iterator[tuple[SeenVisit, Original | None]]:
    columns = ", ".join(f"v.{name}" for name in visits.COLUMNS)
    last = 0
    while True:
        rows = connection.execute(
            f"SELECT {columns}, o.id, o.url, o.at FROM chosen c JOIN visits v ON v.id = c.id"
            " LEFT JOIN brought b ON b.sha256 = v.sha256 LEFT JOIN visits o ON o.id = b.id"
            " WHERE c.id > ? ORDER BY c.id LIMIT ?",
            (last, _BATCH),
        ).fetchall()
        for *row, original_id, url, at in rows:
            original = Original(original_id, url, from_text(at)) if original_id is not None else None
            yield visits.visit_of(tuple(row)), original
        if len(rows) < _BATCH:
            return
        last = rows[-1][0]


def _array(values: Iterable[str]) -> str:
    return json.dumps(sorted(set(values)), ensure_ascii=False)


def _dicts(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
