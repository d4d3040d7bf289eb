"""Documents of other kinds that stand beside the reports: which units have published, website forms, statistics."""

import sqlite3
from datetime import datetime

from db.collected.seen import ensure_portal, require_document
from db.connection import ArchiveFile
from db.records import Neighbour
from db.times import from_text, to_text


class Neighbours:
    """neighbours of an archive."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def add(self, neighbour: Neighbour) -> None:
        """Write down that a document, put before, stood at an address. The same bytes again only make it seen later."""
        with self._file.write() as connection:
            add(connection, neighbour)

    def listed(
        self, *, kind: str | None = None, portal: str | None = None, since: datetime | None = None
    ) -> list[Neighbour]:
        """The neighbours, of one kind or portal if named, last seen since a time; in the order in which they came."""
        rows = self._file.query(
            "SELECT portal, page_url, url, kind, title, listed_on, sha256, last_seen_at, first_seen_at, visit_id"
            " FROM neighbours WHERE (:kind IS NULL OR kind = :kind) AND (:portal IS NULL OR portal = :portal)"
            " AND last_seen_at >= :since ORDER BY first_seen_at, id",
            {"kind": kind, "portal": portal, "since": to_text(since) if since else ""},
        )
        found = []
        for row in rows:
            neighbour = Neighbour(*row)
            neighbour.seen_at, neighbour.first_seen_at = from_text(row[7]), from_text(row[8])
            found.append(neighbour)
        return found


def add(connection: sqlite3.Connection, neighbour: Neighbour) -> None:
    """See Neighbours.add."""
    ensure_portal(connection, neighbour.portal)
    require_document(connection, neighbour.sha256)
    seen_at = to_text(neighbour.seen_at)
    connection.execute(
        "INSERT INTO neighbours (portal, page_url, url, kind, title, listed_on, sha256, first_seen_at, last_seen_at,"
        " visit_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (portal, url, sha256) DO UPDATE SET"
        " kind = excluded.kind, title = coalesce(excluded.title, title),"
        " listed_on = coalesce(excluded.listed_on, listed_on),"
        " last_seen_at = max(last_seen_at, excluded.last_seen_at)",
        (
            neighbour.portal,
            neighbour.page_url,
            neighbour.url,
            neighbour.kind,
            neighbour.title,
            neighbour.listed_on,
            neighbour.sha256,
            seen_at,
            seen_at,
            neighbour.visit_id,
        ),
    )
