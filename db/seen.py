"""What was seen: visits, column reads, sightings of documents. All kept data; all functions work on a connection."""

import hashlib
import json
import sqlite3
from datetime import datetime
from typing import Any

from db.errors import ArchiveError
from db.records import ColumnRead, ListedLink, Sighting, Visit
from db.rows import as_json
from db.times import from_text, to_text

VALIDATORS = ("etag", "last-modified")


def ensure_portal(connection: sqlite3.Connection, portal: str | None) -> None:
    """A bare row for a portal that is named before it is described."""
    if portal is not None:
        connection.execute("INSERT OR IGNORE INTO portals (id) VALUES (?)", (portal,))


def require_document(connection: sqlite3.Connection, sha256: str) -> None:
    """ArchiveError unless the document has its row: nothing may rest on bytes that are not kept."""
    if not connection.execute("SELECT 1 FROM documents WHERE sha256 = ?", (sha256,)).fetchone():
        raise ArchiveError(f"document {sha256} is not in the archive; put_document must come first")


def add_visit(connection: sqlite3.Connection, visit: Visit) -> int:
    """The id of the visit; the same URL, time and kind is the same visit."""
    ensure_portal(connection, visit.portal)
    if visit.sha256 is not None:
        require_document(connection, visit.sha256)
    key = (visit.url, to_text(visit.at), visit.kind)
    connection.execute(
        "INSERT INTO visits (url, at, kind, portal, status, outcome, evidence, final_url, request_headers,"
        " response_headers, sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url, at, kind) DO NOTHING",
        (
            *key,
            visit.portal,
            visit.status,
            visit.outcome,
            visit.evidence,
            visit.final_url,
            as_json(visit.request_headers),
            as_json(visit.response_headers),
            visit.sha256,
        ),
    )
    (visit_id,) = connection.execute("SELECT id FROM visits WHERE url = ? AND at = ? AND kind = ?", key).fetchone()
    return int(visit_id)


def last_validators(connection: sqlite3.Connection, url: str) -> dict[str, str]:
    """etag, last-modified and sha256 of the last good visit to a URL, as far as it had them; names in lower case."""
    row = connection.execute(
        "SELECT response_headers, sha256 FROM visits WHERE url = ? AND outcome = 'ok'"
        " ORDER BY at DESC, id DESC LIMIT 1",
        (url,),
    ).fetchone()
    if row is None:
        return {}
    headers = {name.lower(): value for name, value in json.loads(row[0]).items()} | {"sha256": row[1]}
    return {name: headers[name] for name in (*VALIDATORS, "sha256") if headers.get(name)}


def add_column_read(connection: sqlite3.Connection, read: ColumnRead) -> int:
    """The id of the column read; a list of links that was seen before is not stored again."""
    ensure_portal(connection, read.portal)
    links = as_json([[link.url, link.title, link.listed_on] for link in read.links])
    digest = hashlib.sha256(links.encode()).hexdigest()
    connection.execute("INSERT OR IGNORE INTO link_lists (hash, links) VALUES (?, ?)", (digest, links))
    key = (read.portal, read.column, to_text(read.at))
    connection.execute(
        "INSERT INTO column_reads (portal, column_url, at, outcome, pages, links_hash) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (portal, column_url, at) DO NOTHING",
        (*key, read.outcome, read.pages, digest),
    )
    (read_id,) = connection.execute(
        "SELECT id FROM column_reads WHERE portal = ? AND column_url = ? AND at = ?", key
    ).fetchone()
    return int(read_id)


def column_reads(connection: sqlite3.Connection, portal: str, since: datetime | None) -> list[ColumnRead]:
    """The reads of all columns of a portal, oldest first."""
    rows = connection.execute(
        "SELECT c.portal, c.column_url, c.at, c.outcome, c.pages, l.links FROM column_reads c"
        " JOIN link_lists l ON l.hash = c.links_hash WHERE c.portal = ? AND c.at >= ? ORDER BY c.at, c.id",
        (portal, to_text(since) if since else ""),
    )
    return [
        ColumnRead(portal, column, from_text(at), outcome, pages, [ListedLink(*link) for link in json.loads(links)])
        for portal, column, at, outcome, pages, links in rows
    ]


def add_sighting(connection: sqlite3.Connection, sighting: Sighting) -> None:
    """Write down that a document stood at an address. The same bytes seen again only lengthen the sighting.

    A title, a date or an agency that is new makes the document one to be read again.
    """
    ensure_portal(connection, sighting.portal)
    require_document(connection, sighting.sha256)
    seen_at = to_text(sighting.seen_at)
    last = connection.execute(
        "SELECT id, sha256, last_seen_at, title, listed_on, agency_hint, first_seen_at FROM sightings"
        " WHERE source = ? AND url = ? AND first_seen_at <= ? ORDER BY first_seen_at DESC, id DESC LIMIT 1",
        (sighting.source, sighting.url, seen_at),
    ).fetchone()
    if last and last[1] == sighting.sha256:
        if seen_at > last[2]:
            _lengthen(connection, sighting, seen_at, last)
        return
    connection.execute(
        "INSERT INTO sightings (source, portal, page_url, url, part, title, listed_on, sha256, first_seen_at,"
        " last_seen_at, visit_id, agency_hint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, url, first_seen_at, sha256) DO NOTHING",
        (
            sighting.source,
            sighting.portal,
            sighting.page_url,
            sighting.url,
            sighting.part,
            sighting.title,
            sighting.listed_on,
            sighting.sha256,
            seen_at,
            seen_at,
            sighting.visit_id,
            sighting.agency_hint,
        ),
    )


def _lengthen(connection: sqlite3.Connection, sighting: Sighting, seen_at: str, last: tuple[Any, ...]) -> None:
    sighting_id, sha256, _, *known, first_seen_at = last
    told = (sighting.title, sighting.listed_on, sighting.agency_hint)
    wanted = [new if new is not None else old for new, old in zip(told, known, strict=True)]
    connection.execute(
        "UPDATE sightings SET last_seen_at = ?, title = ?, listed_on = ?, agency_hint = ? WHERE id = ?",
        (seen_at, *wanted, sighting_id),
    )
    where = (sighting.source, sighting.url, first_seen_at, sha256)
    connection.execute(
        "UPDATE reports SET last_seen_at = max(last_seen_at, ?) WHERE id = (SELECT report_id FROM readings"
        " WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ?)",
        (seen_at, *where),
    )
    if wanted != known:
        connection.execute(
            "UPDATE readings SET parser_version = '' WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ?", where
        )


def sightings_to_read(connection: sqlite3.Connection, parser_version: str) -> list[Sighting]:
    """The sightings that this version of the parser has not read yet, in the order in which they were seen."""
    rows = connection.execute(
        "SELECT s.portal, s.page_url, s.url, s.part, s.title, s.listed_on, s.sha256, s.first_seen_at, s.visit_id,"
        " s.agency_hint FROM sightings s LEFT JOIN readings d ON d.source = s.source AND d.url = s.url"
        " AND d.seen_at = s.first_seen_at AND d.sha256 = s.sha256 AND d.parser_version = ?"
        " WHERE d.source IS NULL ORDER BY s.first_seen_at, s.id",
        (parser_version,),
    )
    return [
        Sighting(portal, page_url, url, part, title, listed_on, sha256, from_text(seen_at), visit_id, hint)
        for portal, page_url, url, part, title, listed_on, sha256, seen_at, visit_id, hint in rows
    ]
