"""The archive: one SQLite file and its documents beside it. The face of this room; the work is done in its neighbours.

Every write is one transaction, may be repeated without harm, and may be killed at any instant. Any number of
processes may read while one writes; a second writer waits, and gives up with a clear sentence.
"""

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from db import findings as finding_rows
from db import register
from db.almanac import Almanac
from db.collected import seen
from db.collected.claims import Claims
from db.collected.crawls import Crawls
from db.collected.documents import sha256_of
from db.collected.frontier import Frontier
from db.collected.looks import Looks
from db.collected.manifests import Manifests
from db.collected.name_searches import NameSearches
from db.collected.neighbourhood import Neighbourhood
from db.collected.neighbours import Neighbours
from db.collected.pace import Pace
from db.collected.publications import Publications
from db.collected.read_pages import ReadPages
from db.collected.season_digest import SeasonDigest
from db.collected.strangers import Strangers
from db.connection import ArchiveFile
from db.errors import ArchiveBusyError, ArchiveError, DocumentGivenUpError, DocumentMissingError
from db.evidence import Evidence
from db.jobs import Jobs
from db.judging.judging import Judging
from db.life import Life
from db.readings import paging, revisions, unread
from db.readings.corrections import Corrections
from db.readings.holdings import Holdings
from db.readings.loading import load_report
from db.readings.reports import Reading
from db.records import Agency, ColumnRead, Finding, ListedLink, Look, Sighting, Stored, StoredReport, Visit
from db.searching.search import Search
from db.takedowns import Takedowns
from db.telling.outbox import Outbox
from db.telling.quoting import Quoting
from db.telling.subscribers import Subscribers
from db.telling.troubles import Troubles
from db.times import to_text
from parsers.report import Report

__all__ = ["Archive", "ArchiveBusyError", "ArchiveError", "DocumentMissingError"]

BATCH = 200  # rows read at a time, where there may be many


class Archive(ArchiveFile):
    """An open archive. Use `Archive.open`, and `with`. One thread at a time; other processes open their own."""

    def __init__(self, *file: Any) -> None:
        super().__init__(*file)
        # Parts that are large enough for a face of their own, one line each.
        self.evidence = Evidence(self)
        self.manifests = Manifests(self)
        self.crawls = Crawls(self)
        self.frontier = Frontier(self)
        self.holdings = Holdings(self)
        self.looks = Looks(self)
        self.neighbours = Neighbours(self)
        self.claims = Claims(self)
        self.strangers = Strangers(self)
        self.pace = Pace(self)
        self.read_pages = ReadPages(self)
        self.name_searches = NameSearches(self)
        self.publications = Publications(self)
        self.neighbourhood = Neighbourhood(self)
        self.season_digest = SeasonDigest(self)
        self.almanac = Almanac(self)
        self.search = Search(self)
        self.corrections = Corrections(self)
        self.judging = Judging(self)
        self.life = Life(self)
        self.outbox = Outbox(self)
        self.subscribers = Subscribers(self)
        self.jobs = Jobs(self)
        self.troubles = Troubles(self)
        self.takedowns = Takedowns(self)
        self.quoting = Quoting(self)

    # Documents

    def put_document(self, data: bytes, *, media: str | None, seen_at: datetime) -> str:
        """Keep bytes, once however often they are seen. Returns their SHA-256.

        media: the media type that the server named. The file is complete on disk before the archive has its row.
        """
        sha256 = sha256_of(data)
        row = self.query("SELECT 1 FROM documents WHERE sha256 = ?", (sha256,))
        if not row or not self.documents.has(sha256):
            self.documents.write(data, sha256)

        def written() -> None:  # retention, and drop_bytes, may have taken them since
            if not self.documents.has(sha256):
                self.documents.write(data, sha256)

        with self.write():
            seen.add_document(self._connection, sha256, len(data), media, seen_at, written=written)
        return sha256

    def add_document_row(self, sha256: str, size: int, media: str | None, seen_at: datetime) -> bool:
        """Write down a document whose bytes (size of them) are on disk already; again without harm.

        True if the archive had no row of it. ArchiveError if its file is not there.
        """

        def written() -> None:
            if not self.documents.has(sha256):
                raise ArchiveError(f"the bytes of document {sha256} are not on disk; they must be written first")

        with self.write():
            return seen.add_document(self._connection, sha256, size, media, seen_at, written=written)

    def drop_bytes(self, sha256: str) -> None:
        """Take bytes that were just written off the disk again, unless the archive has a row of them: a list that says
        what it said before costs no copy. Whoever writes the row of the same bytes now finds them gone, and writes
        them again."""
        with self.write():
            if not self.query("SELECT 1 FROM documents WHERE sha256 = ?", (sha256,)):
                self.documents.path(sha256).unlink(missing_ok=True)

    def get_document(self, sha256: str) -> bytes:
        """The bytes of a document. Raises DocumentMissingError if they are not there or are damaged,
        DocumentGivenUpError if they were given up by the rules of retention."""
        try:
            return self.documents.read(sha256)
        except DocumentMissingError as error:
            for at, why in self.query(
                "SELECT dropped_at, dropped_why FROM documents WHERE sha256 = ? AND dropped_at IS NOT NULL", (sha256,)
            ):
                raise DocumentGivenUpError(
                    f"{self.documents.path(sha256)}: was given up by the rules of retention on {at[:10]} ({why}); its"
                    " hash, and what it listed, are kept",
                    at[:10],
                ) from error
            raise

    # What was seen

    def add_visit(self, visit: Visit) -> int:
        """Write down a look at a URL. Returns its id; the same URL, time and kind is the same visit."""
        with self.write():
            return seen.add_visit(self._connection, visit)

    def free_moment(self, url: str, at: datetime) -> datetime:
        """The first time from `at` on at which no visit to a URL is written down, to the microsecond.

        A clock that plays the same day again must not make two looks one.
        """
        while self.query("SELECT 1 FROM visits WHERE url = ? AND at = ?", (url, to_text(at))):
            at += timedelta(microseconds=1)
        return at

    def last_look(self, url: str) -> Look | None:
        """What is kept of the last good look at a URL, to ask whether it still holds; None without one."""
        with self.read() as connection:
            return seen.last_look(connection, url)

    def keep_links(self, links: list[ListedLink]) -> str:
        """Keep the links of one list page, once for each different list; the hash under which they are kept."""
        with self.write():
            return seen.keep_links(self._connection, links)

    def add_column_read(self, read: ColumnRead) -> int:
        """Write down a complete look at a column. Returns its id; identical lists of links are stored once."""
        with self.write():
            return seen.add_column_read(self._connection, read)

    def column_reads(
        self, portal: str, since: datetime | None = None, *, season: tuple[int, datetime] | None = None
    ) -> list[ColumnRead]:
        """The reads of a portal's columns, oldest first. season: of those before a moment only such as say something of
        the reports for a reporting year; see db.collected.seen."""
        with self.read() as connection:
            return seen.column_reads(connection, portal, since, season)

    def add_sighting(self, sighting: Sighting) -> None:
        """Write down that a document, put before, stood at an address as a possible report."""
        with self.write():
            seen.add_sighting(self._connection, sighting)

    def sightings_to_read(self, parser_version: str) -> list[Sighting]:
        """The sightings that this version of the parser has not read, in the order in which they were seen.

        A sighting counts as read once store_report or store_unread was called with its source, url, sha256, seen_at.
        """
        return self.sightings(self.waiting(parser_version))

    def waiting(self, parser_version: str) -> "array[int]":
        """The numbers of those sightings, which take little room however many they are."""
        with self.read() as connection:
            return seen.waiting(connection, parser_version)

    def sightings(self, numbers: Iterable[int]) -> list[Sighting]:
        """The sightings of these numbers, in this order."""
        with self.read() as connection:
            return seen.sightings(connection, numbers)

    # The register

    def add_portal(self, portal: str, name: str, platform: str) -> None:
        """Write down a portal, or its new name and platform."""
        with self.write():
            register.add_portal(self._connection, portal, name, platform)

    def import_agencies(self, agencies: list[Agency], *, whole: bool = False) -> int:
        """Write down agencies, or what is new about them; agencies not named stay as they are. whole: these are all
        agencies of the register, and who was in it and is no more owes nothing from now on.

        Where anything is new, the sightings whose agency the register did not know are to be read again; returns how
        many those are. An agency without an organ is one that a report named and the register does not know.
        """
        with self.write():
            return register.import_agencies(self._connection, agencies, whole=whole)

    def agency(self, agency_id: str | None) -> Agency | None:
        """The agency of an id; None without one, or where the archive knows none of it."""
        with self.read() as connection:
            return next(register.each(connection, agency_id), None) if agency_id is not None else None

    def agencies(self) -> list[Agency]:
        """All agencies, by id."""
        with self.read() as connection:
            return register.agencies(connection)

    def portal_regions(self) -> dict[str, str]:
        """Portal -> the code of the region in which all its agencies lie."""
        with self.read() as connection:
            return register.portal_regions(connection)

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
        also: frozenset[str] = frozenset(),
    ) -> Stored:
        """Keep what was read from a document that was seen at an address.

        agency_id: None where the register does not know the agency; then `agency`, as printed or completed by the
        place of its portal, is its key. source: the portal, or "added"; source and url together are what revisions
        follow one another in. also: the other agencies of the register whose report it is by its printed name (a joint
        report). Raises ArchiveError for a report without a year, an unknown document or agency, and figures that are
        not those of the form.
        """
        at = to_text(seen_at)
        reading = Reading(report, sha256, agency_id, agency, source, portal, url, at, parser_version, also)
        with self.write():
            seen.require_document(self._connection, sha256)
            seen.ensure_portal(self._connection, portal)
            for one in filter(None, (agency_id, *also)):
                register.require_agency(self._connection, one)
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
        agency_id: str | None = None,
        agency: str | None = None,
        year: int | None = None,
    ) -> None:
        """Keep that a document could not be read as a report: kind is the error's word, sentence what it says.

        agency_id, agency, year: whose it is by its title and its portal, and of which year, as far as these say.
        """
        reading = unread.Unread(
            source, url, sha256, to_text(seen_at), parser_version, kind, sentence, title, agency_id, agency, year
        )
        with self.write():
            seen.require_document(self._connection, sha256)
            unread.store(self._connection, reading)

    def unread(self, year: int | None = None, urls: Iterable[str] | None = None) -> list[dict[str, Any]]:
        """The documents that could not be read, unless something readable stood at the same address later. year, urls:
        only those of a reporting year, at these addresses.

        Keys: source, url, sha256, seen_at, kind, sentence, title, agency_id, agency, year (whose it is by title and
        portal), media, portal, page_url, part, listed_on, agency_hint (the last five from the sighting, None without
        one). Oldest first.
        """
        return list(self.each_unread(year, urls))

    def each_unread(self, year: int | None = None, urls: Iterable[str] | None = None) -> Iterator[dict[str, Any]]:
        """The same one by one. Nothing is to be written before the last of them."""
        with self.read() as connection:
            yield from unread.listed(connection, year, urls)

    def reports(self, year: int | None = None, agency_id: str | None = None) -> Iterator[StoredReport]:
        """The latest revision of each agency, year and source; by year, agency, source."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT id FROM reports WHERE is_current = 1 AND (:year IS NULL OR year = :year)"
                " AND (:agency IS NULL OR agency_id = :agency) ORDER BY year, agency_key, source, url",
                {"year": year, "agency": agency_id},
            )
            ids = array("q", (number for (number,) in rows))
        return self._load(ids)

    def latest(self, year: int | None = None, agency_id: str | None = None) -> Iterator[StoredReport]:
        """The report to trust for each agency and year, as in the view `latest`; all years of an agency follow one
        another. Others may write while they are read, and memory does not grow with their number."""
        return self._load(paging.latest(self, year, agency_id))

    def latest_of(self, agencies: Iterable[int]) -> Iterator[StoredReport]:
        """The same of some agencies, by the numbers of their keys (see Holdings.keys_of)."""
        return self._load(paging.latest_of(self, agencies))

    def _load(self, ids: Iterable[int]) -> Iterator[StoredReport]:
        for report_id in ids:
            with self.read() as connection:
                stored = load_report(connection, report_id)
            if stored is not None:  # gone meanwhile: another process has read its document anew
                yield stored

    # Findings

    def save_findings(
        self,
        findings: list[Finding],
        *,
        judged: set[tuple[str, int]] | None,
        rules: set[str],
        messages: finding_rows.Messages,
        at: datetime,
        hold: finding_rows.Hold | None = None,
        replaced: finding_rows.Replaced | None = None,
    ) -> list[tuple[Finding, str]]:
        """Keep findings with the messages about them, in one transaction; doing it twice changes nothing.

        judged: (agency key, year) that these findings come from, None for all; open findings of `rules` within it that
        are not among `findings` are gone. messages: what to tell of a finding and its event (found, confirmed, gone,
        corrected; found-after-wrong, found-after-muted where it says something else than what a person answered); asked
        only for findings that may be told, and for those that were. hold: why something new is to wait until a person
        releases it, None where it need not. replaced: what to tell of a finding of kind time that is gone while another
        of that kind, agency and year (the second) is newly told; else as of any that is gone. Returns what is new:
        findings with their events, in their order; one that is held is found (or confirmed) and held, and one that
        another takes the place of is replaced.
        """
        if not findings:
            with self.read() as connection:
                if not finding_rows.has_open(connection, judged, rules):
                    return []
        with self.write():
            return finding_rows.save_findings(
                self._connection, findings, judged=judged, rules=rules, messages=messages, at=to_text(at), hold=hold,
                replaced=replaced,
            )  # fmt: skip

    def findings(
        self, year: int | None = None, agency: str | None = None, open_only: bool = True
    ) -> list[dict[str, Any]]:
        """Findings as rows of the table, JSON unpacked. agency: name, id or key."""
        return list(self.each_finding(year, agency, open_only))

    def each_finding(
        self, year: int | None = None, agency: str | None = None, open_only: bool = True
    ) -> Iterator[dict[str, Any]]:
        """The same one by one: the findings that there were when it was asked, as they are by then."""
        with self.read() as connection:
            selected = finding_rows.selected(connection, year, agency, open_only)
        for fingerprints in finding_rows.batches(selected):
            with self.read() as connection:
                rows = finding_rows.rows(connection, fingerprints)
            yield from rows

    def moved_findings(self) -> Iterator[tuple[str, int]]:
        """(agency key, year) under which findings stand whose documents are now known to be another's: the register has
        learned a name since, and the findings are made anew under it."""
        after = ""
        while True:
            with self.read() as connection:
                orphans = finding_rows.orphans(connection, after, BATCH)
                documents = {sha256 for *_, sha256s in orphans for sha256 in sha256s}
                taken = finding_rows.documents_of_latest(connection, documents) if documents else set()
            yield from ((key, year) for _, key, year, sha256s in orphans if taken.intersection(sha256s))
            if len(orphans) < BATCH:
                return
            after = orphans[-1][0]
