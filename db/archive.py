"""The archive: one SQLite file and its documents beside it. The face of this room; the work is done in its neighbours.

Every write is one transaction, may be repeated without harm, and may be killed at any instant. Any number of
processes may read while one writes; a second writer waits, and gives up with a clear sentence.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from db import findings as finding_rows
from db import outbox, register, revisions, seen, unread
from db.connection import ArchiveFile
from db.documents import sha256_of
from db.errors import ArchiveBusyError, ArchiveError, DocumentMissingError
from db.records import Agency, ColumnRead, Finding, Sighting, Stored, StoredReport, Visit
from db.reports import Reading, load_report
from db.times import to_text
from parsers.report import Report

__all__ = ["Archive", "ArchiveBusyError", "ArchiveError", "DocumentMissingError"]


class Archive(ArchiveFile):
    """An open archive. Use `Archive.open`, and `with`. One thread at a time; other processes open their own."""

    def __init__(self, *file: Any) -> None:
        super().__init__(*file)
        # Parts that are large enough for a face of their own, one line each.

    # Documents

    def put_document(self, data: bytes, *, media: str | None, seen_at: datetime) -> str:
        """Keep bytes, once however often they are seen. Returns their SHA-256.

        media: the media type that the server named. The file is complete on disk before the archive has its row.
        """
        sha256 = sha256_of(data)
        moment = to_text(seen_at)
        row = self.query("SELECT media, first_seen_at FROM documents WHERE sha256 = ?", (sha256,))
        if not row or not self.documents.has(sha256):
            self.documents.write(data, sha256)
        if row and row[0][1] <= moment and (row[0][0] or not media):
            return sha256
        with self.write():
            self._connection.execute(
                "INSERT INTO documents (sha256, size, media, first_seen_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (sha256) DO UPDATE SET media = coalesce(media, excluded.media),"
                " first_seen_at = min(first_seen_at, excluded.first_seen_at)",
                (sha256, len(data), media, moment),
            )
        return sha256

    def get_document(self, sha256: str) -> bytes:
        """The bytes of a document. Raises DocumentMissingError if they are not there or are damaged."""
        return self.documents.read(sha256)

    # What was seen

    def add_visit(self, visit: Visit) -> int:
        """Write down a look at a URL. Returns its id; the same URL, time and kind is the same visit."""
        with self.write():
            return seen.add_visit(self._connection, visit)

    def last_validators(self, url: str) -> dict[str, str]:
        """etag, last-modified and sha256 (its document) of the last good visit to a URL, as far as it had them."""
        with self.read() as connection:
            return seen.last_validators(connection, url)

    def add_column_read(self, read: ColumnRead) -> int:
        """Write down a complete look at a column. Returns its id; identical lists of links are stored once."""
        with self.write():
            return seen.add_column_read(self._connection, read)

    def column_reads(self, portal: str, since: datetime | None = None) -> list[ColumnRead]:
        """The reads of a portal's columns, oldest first."""
        with self.read() as connection:
            return seen.column_reads(connection, portal, since)

    def add_sighting(self, sighting: Sighting) -> None:
        """Write down that a document, put before, stood at an address as a possible report."""
        with self.write():
            seen.add_sighting(self._connection, sighting)

    def sightings_to_read(self, parser_version: str) -> list[Sighting]:
        """The sightings that this version of the parser has not read, in the order in which they were seen.

        A sighting counts as read once store_report or store_unread was called with its source, url, sha256, seen_at.
        """
        with self.read() as connection:
            return seen.sightings_to_read(connection, parser_version)

    # The register

    def add_portal(self, portal: str, name: str, platform: str) -> None:
        """Write down a portal, or its new name and platform."""
        with self.write():
            register.add_portal(self._connection, portal, name, platform)

    def import_agencies(self, agencies: list[Agency]) -> None:
        """Write down agencies, or what is new about them; agencies not named stay as they are.

        Where anything is new, the sightings whose agency was not known are to be read again.
        """
        with self.write():
            register.import_agencies(self._connection, agencies)

    def agencies(self) -> list[Agency]:
        """All agencies, by id."""
        with self.read() as connection:
            return register.agencies(connection)

    # Reports

    def store_report(
        self,
        report: Report,
        *,
        sha256: str,
        agency_id: str | None,
        agency: str,
        source: str,
        url: str,
        seen_at: datetime,
        parser_version: str,
        portal: str | None,
    ) -> Stored:
        """Keep what was read from a document that was seen at an address.

        agency_id: None where the register does not know the agency; then `agency`, as printed, is its key. source:
        the portal, or "added"; source and url together are what revisions follow one another in. Raises ArchiveError
        for a report without a year, an unknown document or agency, and figures that are not those of the form.
        """
        reading = Reading(report, sha256, agency_id, agency, source, portal, url, to_text(seen_at), parser_version)
        with self.write():
            seen.require_document(self._connection, sha256)
            seen.ensure_portal(self._connection, portal)
            if agency_id is not None:
                register.require_agency(self._connection, agency_id)
            return revisions.store(self._connection, reading, self.forms)

    def store_unread(
        self,
        sha256: str,
        *,
        source: str,
        url: str,
        kind: str,
        sentence: str,
        seen_at: datetime,
        parser_version: str,
        title: str | None,
    ) -> None:
        """Keep that a document could not be read as a report: kind is the error's word, sentence what it says."""
        reading = unread.Unread(source, url, sha256, to_text(seen_at), parser_version, kind, sentence, title)
        with self.write():
            seen.require_document(self._connection, sha256)
            unread.store(self._connection, reading)

    def unread(self) -> list[dict[str, Any]]:
        """The documents that could not be read, unless something readable stood at the same address later.

        Keys: source, url, sha256, seen_at, kind, sentence, title, media, portal, page_url, part, listed_on,
        agency_hint (the last five from the sighting, None without one). Oldest first.
        """
        with self.read() as connection:
            return unread.listed(connection)

    def reports(self, year: int | None = None, agency_id: str | None = None) -> Iterator[StoredReport]:
        """The latest revision of each agency, year and source; by year, agency, source."""
        ids = self.query(
            "SELECT id FROM reports WHERE is_current = 1 AND (:year IS NULL OR year = :year)"
            " AND (:agency IS NULL OR agency_id = :agency) ORDER BY year, agency_key, source, url",
            {"year": year, "agency": agency_id},
        )
        return self._load(ids)

    def latest(self, year: int | None = None, agency_id: str | None = None) -> Iterator[StoredReport]:
        """The report to trust for each agency and year, as in the view `latest`."""
        ids = self.query(
            "SELECT report_id FROM latest_reports WHERE (:year IS NULL OR year = :year)"
            " AND (:agency IS NULL OR agency_id = :agency) ORDER BY year, agency_key, report_id",
            {"year": year, "agency": agency_id},
        )
        return self._load(ids)

    def _load(self, ids: list[tuple[Any, ...]]) -> Iterator[StoredReport]:
        for (report_id,) in ids:
            with self.read() as connection:
                stored = load_report(connection, report_id)
            if stored is not None:  # gone meanwhile: another process has read its document anew
                yield stored

    # Findings and messages

    def save_findings(
        self,
        findings: list[Finding],
        *,
        judged: set[tuple[str, int]] | None,
        rules: set[str],
        messages: finding_rows.Messages,
        at: datetime,
    ) -> list[tuple[Finding, str]]:
        """Keep findings with the messages about them, in one transaction; doing it twice changes nothing.

        judged: (agency key, year) that these findings come from, None for all; open findings of `rules` within it that
        are not among `findings` are gone. messages: what to tell of a finding and its event ("found" or "gone"); asked
        only for findings that may be told. Returns what is new: findings with their events.
        """
        with self.write():
            return finding_rows.save_findings(
                self._connection, findings, judged=judged, rules=rules, messages=messages, at=to_text(at)
            )

    def findings(
        self, year: int | None = None, agency: str | None = None, open_only: bool = True
    ) -> list[dict[str, Any]]:
        """Findings as rows of the table, JSON unpacked. agency: name, id or key."""
        with self.read() as connection:
            return finding_rows.findings(connection, year, agency, open_only)

    def due_messages(self, now: datetime) -> list[dict[str, Any]]:
        """What is to be sent now, oldest first, as rows of the outbox."""
        with self.read() as connection:
            return outbox.due_messages(connection, to_text(now))

    def mark_sent(self, message_id: int, at: datetime) -> None:
        """A channel has taken the message."""
        with self.write():
            outbox.mark_sent(self._connection, message_id, to_text(at))

    def mark_failed(self, message_id: int, error: str, next_try: datetime) -> None:
        """A channel has not taken the message; try again at `next_try`."""
        with self.write():
            outbox.mark_failed(self._connection, message_id, error, to_text(next_try))
