"""Documents that are to be read again: which, what they were read as, and the mark that they wait."""

from array import array
from collections.abc import Iterable
from typing import NamedTuple

from db.connection import ArchiveFile
from db.readings.loading import load_report
from db.readings.rows import as_json
from db.records import Sighting, StoredReport
from db.times import to_text

_JOINED = (
    " FROM sightings s JOIN readings d ON d.source = s.source AND d.url = s.url AND d.seen_at = s.first_seen_at"
    " AND d.sha256 = s.sha256"
)


class Before(NamedTuple):
    """What a sighting was read as last. stored: the report, without corrections; None for a document that could not be
    read. is_own: that report's row was read from this very document."""

    stored: StoredReport | None
    is_own: bool


class Rereading:
    """The readings of an archive as things that can be made anew."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def chosen(
        self,
        *,
        not_by: str | None = None,
        agency: tuple[str, str | None] | None = None,
        year: int | None = None,
        source: str | None = None,
    ) -> "array[int]":
        """The numbers of the sightings that were read before, in the order in which they were seen: eight bytes each.

        not_by: only those that this version of the parser has not read. agency: key and id of the agency. source: the
        portal, or "added".
        """
        key, agency_id = agency or (None, None)
        with self._file.read() as connection:
            rows = connection.execute(
                f"SELECT s.id{_JOINED} LEFT JOIN reports r ON r.id = d.report_id"
                " WHERE (:not_by IS NULL OR d.parser_version <> :not_by) AND (:source IS NULL OR s.source = :source)"
                " AND (:year IS NULL OR coalesce(r.year, d.year) = :year)"
                " AND (:key IS NULL OR r.agency_key = :key OR (r.id IS NULL AND d.agency_id = :agency_id))"
                " ORDER BY s.first_seen_at, s.id",
                {"not_by": not_by, "source": source, "year": year, "key": key, "agency_id": agency_id},
            )
            return array("q", (number for (number,) in rows))

    def mark(self, numbers: Iterable[int]) -> None:
        """Have these sightings read again, by whoever reads next; their last readings stay until then."""
        with self._file.write() as connection:
            connection.execute(
                "UPDATE readings SET parser_version = '' WHERE (source, url, seen_at, sha256) IN"
                " (SELECT source, url, first_seen_at, sha256 FROM sightings"
                " WHERE id IN (SELECT value FROM json_each(?)))",
                (as_json(list(numbers)),),
            )

    def unmark(self, sighting: Sighting) -> None:
        """Leave a sighting with its last reading, whose document cannot be read again."""
        with self._file.write() as connection:
            connection.execute(
                "UPDATE readings SET parser_version = coalesce((SELECT r.parser_version FROM reports r"
                " WHERE r.id = readings.report_id), '')"
                " WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ? AND parser_version = ''",
                (sighting.source, sighting.url, to_text(sighting.seen_at), sighting.sha256),
            )

    def given_up(self, sha256s: Iterable[str]) -> set[str]:
        """Those of these documents whose bytes were given up by the rules of retention."""
        rows = self._file.query(
            "SELECT sha256 FROM documents WHERE dropped_at IS NOT NULL AND sha256 IN (SELECT value FROM json_each(?))",
            (as_json(list(sha256s)),),
        )
        return {sha256 for (sha256,) in rows}

    def before(self, sighting: Sighting) -> Before:
        """What a sighting was read as last."""
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT report_id FROM readings WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ?",
                (sighting.source, sighting.url, to_text(sighting.seen_at), sighting.sha256),
            ).fetchone()
            stored = load_report(connection, row[0], as_read=True) if row and row[0] is not None else None
        return Before(stored, stored is not None and stored.sha256 == sighting.sha256)

    def sources(self) -> list[str]:
        """All portals, and "added" where files were added by hand."""
        return [source for (source,) in self._file.query("SELECT DISTINCT source FROM sightings ORDER BY source")]
