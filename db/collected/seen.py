"""What was seen: visits, column reads, sightings of documents. All kept data; all functions work on a connection."""

import hashlib
import json
import sqlite3
from array import array
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from db.errors import ArchiveError
from db.readings import latest
from db.readings.rows import as_json
from db.records import ColumnRead, ListedLink, ListedPage, Look, Sighting, Visit
from db.times import from_text, to_text

Written = Callable[[], None]


def ensure_portal(connection: sqlite3.Connection, portal: str | None) -> None:
    """A bare row for a portal that is named before it is described."""
    if portal is not None:
        connection.execute("INSERT OR IGNORE INTO portals (id) VALUES (?)", (portal,))


def require_document(connection: sqlite3.Connection, sha256: str) -> None:
    """ArchiveError unless the document has its row: nothing may rest on bytes that are not kept."""
    if not connection.execute("SELECT 1 FROM documents WHERE sha256 = ?", (sha256,)).fetchone():
        raise ArchiveError(f"document {sha256} is not in the archive; put_document must come first")


def _insert(
    connection: sqlite3.Connection, statement: str, values: tuple[Any, ...], portal: str | None, sha256: str | None
) -> list[Any]:
    """Run an INSERT that rests on a portal and a document, which are looked at only if SQLite misses one."""
    try:
        return connection.execute(statement, values).fetchall()
    except sqlite3.IntegrityError:
        ensure_portal(connection, portal)
        if sha256 is not None:
            require_document(connection, sha256)
    return connection.execute(statement, values).fetchall()


def add_document(
    connection: sqlite3.Connection, sha256: str, size: int, media: str | None, at: datetime, *, written: Written
) -> bool:
    """Write down a document whose bytes are on disk. True if there was no row of it.

    written: makes sure of the bytes where the row is new. A media type that is new, or an earlier time, is added. Bytes
    that were given up and come again are kept again.
    """
    moment = to_text(at)
    row = connection.execute(
        "SELECT media, first_seen_at, dropped_at FROM documents WHERE sha256 = ?", (sha256,)
    ).fetchone()
    if row and row[1] <= moment and (row[0] or not media) and row[2] is None:
        return False
    written()
    connection.execute(
        "INSERT INTO documents (sha256, size, media, first_seen_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO UPDATE SET media = coalesce(media, excluded.media),"
        " first_seen_at = min(first_seen_at, excluded.first_seen_at), dropped_at = NULL, dropped_why = NULL",
        (sha256, size, media, moment),
    )
    return not row


_VISIT_COLUMNS = (
    "url", "at", "kind", "portal", "status", "outcome", "evidence", "final_url", "request_headers", "response_headers",
    "sha256", "crawl_id", "network", "redirects", "requests", "body_sha256", "signature",
)  # fmt: skip
_INSERT_VISIT = (
    f"INSERT INTO visits ({', '.join(_VISIT_COLUMNS)}) VALUES ({', '.join('?' * len(_VISIT_COLUMNS))})"
    " ON CONFLICT (url, at, kind) DO NOTHING RETURNING id"
)


def add_visit(connection: sqlite3.Connection, visit: Visit) -> int:
    """The id of the visit; the same URL, time and kind is the same visit."""
    at = to_text(visit.at)
    row = (
        visit.url,
        at,
        visit.kind,
        visit.portal,
        visit.status,
        visit.outcome,
        visit.evidence,
        visit.final_url,
        as_json(visit.request_headers),
        as_json(visit.response_headers),
        visit.sha256,
        visit.crawl_id,
        as_json(visit.network) if visit.network is not None else None,
        as_json(visit.redirects) if visit.redirects else None,
        visit.requests,
        visit.body_sha256,
        visit.signature,
    )
    found = _insert(connection, _INSERT_VISIT, row, visit.portal, visit.sha256)
    if not found:
        known = "SELECT id FROM visits WHERE url = ? AND at = ? AND kind = ?"
        found = connection.execute(known, (visit.url, at, visit.kind)).fetchall()
    return int(found[0][0])


def last_look(connection: sqlite3.Connection, url: str) -> Look | None:
    """The last good look at a URL with a whole answer, None without one."""
    row = connection.execute(
        "SELECT sha256, response_headers, signature FROM visits WHERE url = ? AND outcome IN ('ok', 'unchanged',"
        " 'empty') AND status = 200 AND sha256 IS NOT NULL ORDER BY at DESC, id DESC LIMIT 1",
        (url,),
    ).fetchone()
    if row is None:
        return None
    headers = {name.lower(): value for name, value in json.loads(row[1]).items()}
    return Look(row[0], headers.get("etag") or None, headers.get("last-modified") or None, row[2])


def keep_links(connection: sqlite3.Connection, links: list[ListedLink]) -> str:
    """Keep the links of one list page, once for each different list; the hash under which they are kept."""
    text = as_json([[link.url, link.title, link.listed_on] for link in links])
    digest = hashlib.sha256(text.encode()).hexdigest()
    connection.execute("INSERT OR IGNORE INTO link_lists (hash, links) VALUES (?, ?)", (digest, text))
    return digest


def add_column_read(connection: sqlite3.Connection, read: ColumnRead) -> int:
    """The id of the column read. Without a listing its links are kept as one page."""
    ensure_portal(connection, read.portal)
    key = (read.portal, read.column, to_text(read.at))
    known = "SELECT id FROM column_reads WHERE portal = ? AND column_url = ? AND at = ?"
    if (row := connection.execute(known, key).fetchone()) is not None:
        return int(row[0])
    listing = read.listing or [ListedPage(None, keep_links(connection, read.links))]
    connection.execute(
        "INSERT INTO column_reads (portal, column_url, at, outcome, pages) VALUES (?, ?, ?, ?, ?)",
        (*key, read.outcome, read.pages),
    )
    (read_id,) = connection.execute(known, key).fetchone()
    connection.executemany(
        "INSERT INTO column_read_pages (read_id, position, visit_id, links_hash) VALUES (?, ?, ?, ?)",
        [(read_id, position, page.visit_id, page.links_hash) for position, page in enumerate(listing)],
    )
    return int(read_id)


def column_reads(
    connection: sqlite3.Connection,
    portal: str,
    since: datetime | None,
    season: tuple[int, datetime] | None = None,
) -> list[ColumnRead]:
    """The reads of all columns of a portal, oldest first. Reads that list the same share their links.

    season: a reporting year and a moment: without those reads from before the moment that say nothing new of the
    reports for that year. Before October of it, the last good one of each month does; from the second year after it on,
    the first and the last good one of equal lists.
    """
    given: tuple[Any, ...] = (portal, to_text(since) if since else "")
    wanted = "c.at >= ?"
    if season is not None:
        wanted += _OF_SEASON
        first, last, recent = f"{season[0]}-10", f"{season[0] + 2}", to_text(season[1])
        given += (first, last, recent, portal, first, portal, last, portal, last)
    rows = connection.execute(
        "SELECT c.id, c.column_url, c.at, c.outcome, c.pages, p.visit_id, p.links_hash FROM column_reads c"
        f" JOIN column_read_pages p ON p.read_id = c.id WHERE c.portal = ? AND {wanted}"
        " ORDER BY c.at, c.id, p.position",
        given,
    )
    reads: dict[int, ColumnRead] = {}
    for read_id, column, at, outcome, pages, visit_id, digest in rows:
        read = reads.setdefault(read_id, ColumnRead(portal, column, from_text(at), outcome, pages))
        read.listing.append(ListedPage(visit_id, digest))
    # The same list is shown day after day, and one with news has the other entries all the same.
    known: _Known = {}
    shown: dict[tuple[str, ...], list[ListedLink]] = {}
    for read in reads.values():
        hashes = tuple(page.links_hash for page in read.listing)
        if hashes not in shown:
            shown[hashes] = _links(connection, hashes, known)
        read.links = shown[hashes]
    return list(reads.values())


_Entry = tuple[tuple[str, str], ListedLink]
"""(address, title), and the link."""
_Known = dict[str, _Entry]
"""As the list has it in JSON -> the one link that says so."""

_GOOD = "outcome IN ('ok', 'unchanged')"
_LISTS = (
    "SELECT id, column_url, (SELECT group_concat(p.links_hash) FROM column_read_pages p WHERE p.read_id = g.id)"
    f" AS shown FROM column_reads g WHERE portal = ? AND at >= ? AND {_GOOD}"
)
_OF_SEASON = (
    " AND (c.at >= ? AND c.at < ? OR c.at >= ?"
    f" OR c.id IN (SELECT max(id) FROM column_reads WHERE portal = ? AND at < ? AND {_GOOD}"
    " GROUP BY column_url, substr(at, 1, 7))"
    f" OR c.id IN (SELECT min(id) FROM ({_LISTS}) GROUP BY column_url, shown)"
    f" OR c.id IN (SELECT max(id) FROM ({_LISTS}) GROUP BY column_url, shown))"
)


def _links(connection: sqlite3.Connection, hashes: Iterable[str], known: _Known) -> list[ListedLink]:
    listed: dict[tuple[str, str], ListedLink] = {}
    for digest in hashes:
        for (links,) in connection.execute("SELECT links FROM link_lists WHERE hash = ?", (digest,)):
            for one in _entries(links, known):
                # Two pages may overlap; one address may stand behind two titles.
                listed.setdefault(*one)
    return list(listed.values())


def _entries(links: str, known: _Known) -> list[_Entry]:
    """The entries of a list, as its text says them. Most were seen before, and need not be taken apart again."""
    texts = links[2:-2].split("],[") if len(links) > len("[[]]") else []
    for text in set(texts) - known.keys():
        try:
            url, title, listed_on = json.loads(f"[{text}]")
        except ValueError:  # the mark between two entries stands in one of them
            return [((url, title), ListedLink(url, title, day)) for url, title, day in json.loads(links)]
        known[text] = ((url, title), ListedLink(url, title, listed_on))
    return [known[text] for text in texts]


_SIGHTING_COLUMNS = (
    "source", "portal", "page_url", "url", "part", "title", "listed_on", "sha256", "first_seen_at", "last_seen_at",
    "visit_id", "agency_hint",
)  # fmt: skip
_INSERT_SIGHTING = (
    f"INSERT INTO sightings ({', '.join(_SIGHTING_COLUMNS)}) VALUES ({', '.join('?' * len(_SIGHTING_COLUMNS))})"
    " ON CONFLICT (source, url, first_seen_at, sha256) DO NOTHING"
)


def add_sighting(connection: sqlite3.Connection, sighting: Sighting) -> None:
    """Write down that a document stood at an address. The same bytes seen again only lengthen the sighting.

    A title, a date or an agency that is new makes the document one to be read again.
    """
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
    row = (
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
    )
    _insert(connection, _INSERT_SIGHTING, row, sighting.portal, sighting.sha256)


def _lengthen(connection: sqlite3.Connection, sighting: Sighting, seen_at: str, last: tuple[Any, ...]) -> None:
    sighting_id, sha256, _, *known, first_seen_at = last
    told = (sighting.title, sighting.listed_on, sighting.agency_hint)
    wanted = [new if new is not None else old for new, old in zip(told, known, strict=True)]
    connection.execute(
        "UPDATE sightings SET last_seen_at = ?, title = ?, listed_on = ?, agency_hint = ? WHERE id = ?",
        (seen_at, *wanted, sighting_id),
    )
    where = (sighting.source, sighting.url, first_seen_at, sha256)
    for key, year in connection.execute(
        "UPDATE reports SET last_seen_at = max(last_seen_at, ?) WHERE id = (SELECT report_id FROM readings"
        " WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ?) RETURNING agency_key, year",
        (seen_at, *where),
    ).fetchall():
        latest.choose(connection, key, year)
    if wanted != known:
        connection.execute(
            "UPDATE readings SET parser_version = '' WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ?", where
        )


def waiting(connection: sqlite3.Connection, parser_version: str) -> "array[int]":
    """The numbers of the sightings that this version of the parser has not read yet, in the order in which they were
    seen: eight bytes for each."""
    rows = connection.execute(
        "SELECT s.id FROM sightings s LEFT JOIN readings d ON d.source = s.source AND d.url = s.url"
        " AND d.seen_at = s.first_seen_at AND d.sha256 = s.sha256 AND d.parser_version = ?"
        " WHERE d.source IS NULL ORDER BY s.first_seen_at, s.id",
        (parser_version,),
    )
    return array("q", (number for (number,) in rows))


def sightings(connection: sqlite3.Connection, numbers: Iterable[int]) -> list[Sighting]:
    """The sightings of these numbers, in this order."""
    rows = connection.execute(
        "SELECT s.portal, s.page_url, s.url, s.part, s.title, s.listed_on, s.sha256, s.first_seen_at, s.visit_id,"
        " s.agency_hint FROM json_each(?) n CROSS JOIN sightings s ON s.id = n.value ORDER BY n.key",
        (as_json(list(numbers)),),
    )
    return [
        Sighting(portal, page_url, url, part, title, listed_on, sha256, from_text(seen_at), visit_id, hint)
        for portal, page_url, url, part, title, listed_on, sha256, seen_at, visit_id, hint in rows
    ]
