"""Documents that could not be read as a report: published, perhaps, but unread by us. Kept and listed."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from db.readings import revisions
from db.readings.rows import as_json
from db.schema.unread import UNREAD


class Unread(NamedTuple):
    """What came of reading one sighting: kind is the error's word, sentence what it says.

    agency_id, agency, year: whose it is, of which year, by title and portal, as far as these say.
    """

    source: str
    url: str
    sha256: str
    seen_at: str
    parser_version: str
    kind: str
    sentence: str
    title: str | None
    agency_id: str | None = None
    agency: str | None = None
    year: int | None = None


def store(connection: sqlite3.Connection, reading: Unread) -> None:
    """Put it in the place of whatever the same sighting was read as before."""
    before = revisions.detach(connection, reading.source, reading.url, reading.seen_at, reading.sha256)
    connection.execute(
        f"INSERT INTO readings ({', '.join(Unread._fields)}) VALUES ({', '.join('?' * len(reading))})", reading
    )
    if before is not None:
        revisions.drop_unsupported(connection, before)
        revisions.put_in_order(connection, reading.source, reading.url)


def listed(
    connection: sqlite3.Connection, year: int | None = None, urls: Iterable[str] | None = None
) -> Iterator[dict[str, Any]]:
    """See Archive.unread."""
    wanted = None if urls is None else as_json(sorted(set(urls)))
    given = "" if wanted is None else " AND d.url IN (SELECT value FROM json_each(:urls))"
    cursor = connection.execute(
        "SELECT d.source, d.url, d.sha256, d.seen_at, d.kind, d.sentence, d.title, d.agency_id, d.agency, d.year,"
        " o.media, s.portal, s.page_url, s.part, s.listed_on, s.agency_hint"
        f" FROM ({UNREAD}) d"
        " JOIN documents o ON o.sha256 = d.sha256"
        " LEFT JOIN sightings s ON s.source = d.source AND s.url = d.url AND s.first_seen_at = d.seen_at"
        " AND s.sha256 = d.sha256"
        f" WHERE (:year IS NULL OR d.year = :year){given} ORDER BY d.seen_at, d.url",
        {"year": year, "urls": wanted},
    )
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))
