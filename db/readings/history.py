"""All that the archive knows of one agency's report for one year: every source with its revisions, what people said of
it, what the rules said, what could not be read, what is withheld."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from db.connection import ArchiveFile
from db.readings import corrections
from db.readings.corrections import Correction
from db.readings.loading import load_report
from db.records import StoredReport
from db.schema.unread import READ_BESIDE
from db.times import from_text


class AgencyKey(NamedTuple):
    """Under what an agency's reports are kept; see records.agency_key. name: of the register, else as printed."""

    key: str
    agency_id: str | None
    name: str


class Document(NamedTuple):
    """A document that was read as a revision. seen_at: since when it stood at the address. dropped_at: when its bytes
    were given up, None while they are kept."""

    sha256: str
    seen_at: datetime
    parser_version: str
    dropped_at: datetime | None


class Revision(NamedTuple):
    """One content of a report at one address. is_trusted: the views show it. sha256, parser_version: what its figures
    were read from, and by which parser. documents: all with this content, the first seen first."""

    report_id: int
    source: str
    url: str
    revision: int
    is_current: bool
    is_trusted: bool
    sha256: str
    form: str | None
    title: str | None
    parser_version: str
    first_seen_at: datetime
    last_seen_at: datetime
    documents: tuple[Document, ...]


class OtherReport(NamedTuple):
    """A report that counts for an agency and is another's. how: "joint" (it names both), else "stands in" (by the
    register; see the table stand_ins). agency: whose it is kept as."""

    report_id: int
    agency_key: str
    agency: str
    how: str
    source: str
    url: str
    title: str | None
    first_seen_at: datetime
    last_seen_at: datetime


class Event(NamedTuple):
    """Something that happened to a finding. until: of muted; sha256: of answered, the agency's own answer. finding: as
    it was then, or as it is now where that was not kept."""

    fingerprint: str
    event: str
    at: datetime
    told: bool
    made_by: str | None
    reason: str | None
    until: datetime | None
    sha256: str | None
    is_open: bool
    finding: dict[str, Any]


class UnreadDocument(NamedTuple):
    """A document that is this agency's of this year by its title and place, and could not be read."""

    source: str
    url: str
    sha256: str
    seen_at: datetime
    kind: str
    sentence: str
    title: str | None


class Withheld(NamedTuple):
    """A document, or all that was seen at an address, that is (lifted_at: was) withheld from what is handed out."""

    sha256: str | None
    url: str | None
    reason: str
    asked_by: str
    made_at: datetime
    lifted_at: datetime | None
    lifted_why: str | None


class History:
    """Reads; each method is one view of the archive."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def agencies(self, name: str) -> list[AgencyKey]:
        """Those with reports whose name, id or key this is."""
        rows = self._file.query(
            "SELECT key, agency_id, name FROM agency_keys WHERE name = ?1 UNION"
            " SELECT key, agency_id, name FROM agency_keys WHERE agency_id = ?1 UNION"
            " SELECT key, agency_id, name FROM agency_keys WHERE key = ?1 ORDER BY key",
            (name,),
        )
        return [AgencyKey(*row) for row in rows]

    def names(self) -> Iterator[str]:
        """The names of all agencies that have reports."""
        with self._file.read() as connection:
            for (name,) in connection.execute("SELECT DISTINCT name FROM agency_keys ORDER BY name"):
                yield name

    def years(self, key: str) -> list[int]:
        """The years of which an agency has reports."""
        rows = self._file.query("SELECT DISTINCT year FROM reports WHERE agency_key = ? ORDER BY year", (key,))
        return [year for (year,) in rows]

    def revisions(self, key: str, year: int) -> list[Revision]:
        """Of every address in turn, the one seen first before the others; each with its revisions in order."""
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT r.id, r.source, r.url, r.revision, r.is_current, w.is_latest, r.sha256, r.form, r.title,"
                " r.parser_version, r.first_seen_at, r.last_seen_at FROM reports r"
                " JOIN wide w ON w.report_id = r.id WHERE r.year = ? AND r.agency_key = ?"
                " ORDER BY min(r.first_seen_at) OVER (PARTITION BY r.source, r.url), r.source, r.url, r.revision",
                (year, key),
            ).fetchall()
            found = []
            for *row, parser_version, first, last in rows:
                report_id, source, url, revision, is_current, is_trusted, sha256, form, title = row
                found.append(
                    Revision(
                        report_id,
                        source,
                        url,
                        revision,
                        bool(is_current),
                        bool(is_trusted),
                        sha256,
                        form,
                        title,
                        parser_version,
                        from_text(first),
                        from_text(last),
                        _documents(connection, report_id),
                    )
                )
            return found

    def others(self, agency_id: str | None, year: int) -> list[OtherReport]:
        """The reports of other agencies that count for this one, the last revision at each address."""
        rows = self._file.query(
            "WITH counted (id, how) AS (SELECT report_id, 'joint' FROM report_bodies WHERE agency_id = :agency"
            " UNION SELECT r.id, 'stands in' FROM stand_ins i CROSS JOIN reports r ON r.agency_key = i.by_agency_id"
            " AND r.year = :year WHERE i.agency_id = :agency AND i.year IN (0, :year)"
            " UNION SELECT b.report_id, 'stands in' FROM stand_ins i CROSS JOIN report_bodies b"
            " ON b.agency_id = i.by_agency_id WHERE i.agency_id = :agency AND i.year IN (0, :year))"
            " SELECT r.id, r.agency_key, coalesce(a.name, r.agency), min(c.how), r.source, r.url, r.title,"
            " r.first_seen_at, r.last_seen_at FROM counted c JOIN reports r ON r.id = c.id"
            " LEFT JOIN agencies a ON a.id = r.agency_id"
            " WHERE r.year = :year AND r.is_current = 1 AND r.agency_id IS NOT :agency"
            " GROUP BY r.id ORDER BY r.first_seen_at, r.source, r.url",
            {"agency": agency_id, "year": year},
        )
        return [
            OtherReport(report_id, key, name, how, source, url, title, from_text(first), from_text(last))
            for report_id, key, name, how, source, url, title, first, last in rows
        ]

    def report(self, report_id: int, *, as_read: bool = False) -> StoredReport | None:
        """A report with its figures; None where it is gone by now. as_read: without the corrections of people."""
        with self._file.read() as connection:
            return load_report(connection, report_id, as_read=as_read)

    def corrections(self, revisions: list[Revision]) -> list[Correction]:
        """Those of their documents, also the ones that were taken back; by figure, the latest first."""
        documents = {document.sha256 for revision in revisions for document in revision.documents}
        with self._file.read() as connection:
            return corrections.of_documents(connection, documents | {revision.sha256 for revision in revisions})

    def events(self, key: str, year: int) -> list[Event]:
        """What happened to the findings about an agency and year, in order."""
        rows = self._file.query(
            "SELECT e.fingerprint, e.event, e.at, e.told, e.made_by, e.reason, e.until, e.sha256, f.is_open, e.claim,"
            " f.rule, f.severity, f.certainty, f.figure, f.sentence_zh, f.sentence_en FROM findings f"
            " JOIN finding_events e ON e.fingerprint = f.fingerprint WHERE f.year = ? AND f.agency_key = ?"
            " ORDER BY e.at, e.id",
            (year, key),
        )
        names = ("rule", "severity", "certainty", "figure", "sentence_zh", "sentence_en")
        found = []
        for fingerprint, event, at, told, made_by, reason, until, sha256, is_open, claim, *values in rows:
            finding = dict(zip(names, values, strict=True)) | (json.loads(claim) if claim else {})
            found.append(
                Event(fingerprint, event, from_text(at), bool(told), made_by, reason,
                      until and from_text(until), sha256, bool(is_open), {name: finding[name] for name in names})
            )  # fmt: skip
        return found

    def unread(self, agency: AgencyKey, year: int) -> list[UnreadDocument]:
        """The documents of an agency and year that could not be read, the first seen first."""
        rows = self._file.query(
            "SELECT d.source, d.url, d.sha256, d.seen_at, d.kind, d.sentence, d.title FROM readings d"
            " WHERE d.report_id IS NULL AND d.year = ?2"
            " AND (d.agency_id = ?1 OR (?1 IS NULL AND d.agency_id IS NULL AND d.agency = ?3))"
            f" AND NOT {READ_BESIDE.format(row='d')} ORDER BY d.seen_at, d.url",
            (agency.agency_id, year, agency.name),
        )
        return [
            UnreadDocument(source, url, sha256, from_text(seen_at), kind, sentence, title)
            for source, url, sha256, seen_at, kind, sentence, title in rows
        ]

    def takedowns(self, documents: set[tuple[str, str]]) -> list[Withheld]:
        """Those of any of these documents, given as (SHA-256, address), also the ones that were lifted."""
        found: set[tuple[Any, ...]] = set()
        for sha256, url in documents:
            found.update(
                self._file.query(
                    "SELECT id, sha256, url, reason, asked_by, made_at, lifted_at, lifted_why FROM takedowns"
                    " WHERE sha256 = ? OR url = ?",
                    (sha256, url),
                )
            )
        return [
            Withheld(sha256, url, reason, asked_by, from_text(made_at), lifted_at and from_text(lifted_at), lifted_why)
            for _, sha256, url, reason, asked_by, made_at, lifted_at, lifted_why in sorted(found)
        ]


def _documents(connection: sqlite3.Connection, report_id: int) -> tuple[Document, ...]:
    rows = connection.execute(
        "SELECT d.sha256, d.seen_at, d.parser_version, o.dropped_at FROM readings d"
        " JOIN documents o ON o.sha256 = d.sha256 WHERE d.report_id = ? ORDER BY d.seen_at, d.sha256",
        (report_id,),
    )
    return tuple(
        Document(sha256, from_text(seen_at), version, None if dropped is None else from_text(dropped))
        for sha256, seen_at, version, dropped in rows
    )
