"""What was seen of the reports of some agencies: the documents that stood at an address, what each was read as, the
lists that led there, and every look at it."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from db.connection import ArchiveFile
from db.readings.loading import load_report
from db.readings.rows import as_json
from db.records import ADDED, StoredReport
from db.schema.unread import READ_BESIDE
from db.times import from_text
from parsers.report import DateCandidate

_BATCH = 500

# Whose report is whose: an agency's own, a joint one that names it, and those of bodies that stand in for it.
_COUNTED = """
WITH wanted (agency_id) AS (SELECT value FROM json_each(:ids)),
named (agency_id, by_agency_id, year) AS (
  SELECT agency_id, agency_id, 0 FROM wanted
  UNION SELECT i.agency_id, i.by_agency_id, i.year FROM wanted w CROSS JOIN stand_ins i ON i.agency_id = w.agency_id),
counted (agency_id, report_id, year) AS (
  SELECT n.agency_id, r.id, n.year FROM named n CROSS JOIN reports r ON r.agency_key = n.by_agency_id
  UNION SELECT n.agency_id, b.report_id, n.year FROM named n
    CROSS JOIN report_bodies b ON b.agency_id = n.by_agency_id)
"""
_READINGS = f"""{_COUNTED}
SELECT DISTINCT c.agency_id, r.agency_id, r.year, r.id, r.source, r.url, r.revision, r.content, r.title, d.sha256,
  d.seen_at, d.parser_version, s.page_url, s.title, s.listed_on, coalesce(s.last_seen_at, d.seen_at)
FROM counted c CROSS JOIN reports r ON r.id = c.report_id JOIN readings d ON d.report_id = r.id
LEFT JOIN sightings s ON s.source = d.source AND s.url = d.url AND s.first_seen_at = d.seen_at AND s.sha256 = d.sha256
WHERE c.year IN (0, r.year) AND (:years IS NULL OR r.year IN (SELECT value FROM json_each(:years)))
ORDER BY c.agency_id, r.year, d.seen_at, r.source, r.url"""
_YEARS = f"""{_COUNTED}
SELECT DISTINCT c.agency_id, r.year FROM counted c CROSS JOIN reports r ON r.id = c.report_id
WHERE c.year IN (0, r.year)"""
_UNREAD = f"""
SELECT d.agency_id, d.agency, d.year, d.source, d.url, d.kind, d.title, d.sha256, d.seen_at, d.parser_version,
  s.page_url, s.title, s.listed_on, coalesce(s.last_seen_at, d.seen_at)
FROM readings d
LEFT JOIN sightings s ON s.source = d.source AND s.url = d.url AND s.first_seen_at = d.seen_at AND s.sha256 = d.sha256
WHERE d.report_id IS NULL AND d.year IS NOT NULL AND (:year IS NULL OR d.year = :year)
  AND (:ids IS NULL OR d.agency_id IN (SELECT value FROM json_each(:ids)) OR instr(d.agency, '、'))
  AND NOT EXISTS (
    SELECT 1 FROM readings e
    WHERE e.source = d.source AND e.url = d.url AND e.seen_at > d.seen_at AND e.report_id IS NOT NULL)
  AND NOT {READ_BESIDE.format(row="d")}
ORDER BY d.seen_at, d.url"""
_LISTED = """
SELECT f.url, f.portal, f.column_url, f.found_at FROM json_each(:places) p
CROSS JOIN frontier f ON f.portal = p.value ->> '$[0]' AND f.url = p.value ->> '$[1]'
WHERE f.column_url <> f.page_url"""
_FILES = """
SELECT page_url, url FROM frontier WHERE portal = :portal AND part = 'attachment' AND kind = 'report'
  AND page_url IN (SELECT value FROM json_each(:urls))"""
_LOOKS = """
SELECT v.url, v.kind, v.at, v.outcome, v.status, v.sha256 FROM json_each(:urls) u
CROSS JOIN visits v ON v.url = u.value WHERE v.kind IN ('detail', 'attachment') ORDER BY v.at, v.id"""
# How the addresses at which a portal's reports stood answered when they last said plainly whether they are there.
_STANDING = """
SELECT url, good_at, (SELECT min(v.at) FROM visits v WHERE v.url = s.url AND v.kind IN ('detail', 'attachment')
  AND v.outcome = 'gone' AND v.at > coalesce(good_at, ''))
FROM (SELECT DISTINCT o.url, (SELECT max(v.at) FROM visits v WHERE v.url = o.url
  AND v.kind IN ('detail', 'attachment') AND v.outcome IN ('ok', 'unchanged')) AS good_at
  FROM sightings o WHERE o.source = :source) s"""
_ELSEWHERE = """
SELECT s.sha256, s.source, s.url, max(s.last_seen_at) FROM sightings s
WHERE s.sha256 IN (SELECT value FROM json_each(:hashes)) GROUP BY s.sha256, s.source, s.url
UNION SELECT n.sha256, n.portal, n.url, n.last_seen_at FROM neighbours n
WHERE n.sha256 IN (SELECT value FROM json_each(:hashes))"""


class ReadDocument(NamedTuple):
    """A document as it stood at an address, and what it was read as: the report of an agency for a year.

    agency_id: whom it counts for. owner: whose it is kept as. agency: as listed, where it could not be read. report_id,
    revision, content: of the report; None, 0, "" where it could not be read, and kind says why. title: of the report,
    else as listed. page_url: the page that carries or links it. seen_at, last_seen_at: of these bytes, there.
    """

    agency_id: str | None
    owner: str | None
    agency: str | None
    year: int
    source: str
    url: str
    page_url: str
    sha256: str
    seen_at: datetime
    last_seen_at: datetime
    parser_version: str
    title: str | None
    listed_on: str | None
    report_id: int | None = None
    revision: int = 0
    content: str = ""
    kind: str | None = None


class LookAt(NamedTuple):
    """A visit to a page or a file."""

    url: str
    kind: str
    at: datetime
    outcome: str
    status: int | None
    sha256: str | None


class Standing(NamedTuple):
    """What the looks at an address said plainly. good_at: the last that showed it. gone_since: the first after that
    which says that it is gone."""

    good_at: datetime | None
    gone_since: datetime | None


class Copy(NamedTuple):
    """A document with known bytes at some address of some source."""

    sha256: str
    source: str
    url: str
    last_seen_at: datetime


class Publications:
    """Reads what was seen of reports, by agency."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def read(self, ids: Collection[str], years: Collection[int] | None = None) -> Iterator[ReadDocument]:
        """Every document that was read as a report that counts for one of these agencies; by agency and year, oldest
        first. years: only of these."""
        values = {"ids": as_json(sorted(ids)), "years": None if years is None else as_json(sorted(years))}
        for row in self._file.query(_READINGS, values):
            agency_id, owner, year, report_id, source, url, revision, content, title, *seen = row
            sha256, seen_at, version, page_url, listed, listed_on, last = seen
            yield ReadDocument(
                agency_id, owner, None, year, source, url, page_url or url, sha256, from_text(seen_at), from_text(last),
                version, title or listed, listed_on, report_id, revision, content,
            )  # fmt: skip

    def years(self, ids: Collection[str]) -> list[tuple[str, int]]:
        """(agency, year) of every report that counts for one of these agencies."""
        rows = self._file.query(_YEARS, {"ids": as_json(sorted(ids))})
        return sorted((agency_id, int(year)) for agency_id, year in rows)

    def unread(self, year: int | None, ids: Collection[str] | None = None) -> Iterator[ReadDocument]:
        """The documents for a year (None: any) that could not be read, oldest first. ids: those of these agencies, and
        all that name several; of all agencies without."""
        values = {"ids": None if ids is None else as_json(sorted(ids)), "year": year}
        for row in self._file.query(_UNREAD, values):
            agency_id, agency, of_year, source, url, kind, title, sha256, seen_at, version, page_url, *listing = row
            listed, listed_on, last = listing
            yield ReadDocument(
                agency_id, agency_id, agency, of_year, source, url, page_url or url, sha256, from_text(seen_at),
                from_text(last), version, title or listed, listed_on, kind=kind,
            )  # fmt: skip

    def unread_years(self, ids: Collection[str]) -> list[tuple[str, int]]:
        """(agency, year) of every document of one of these agencies that could not be read."""
        rows = self._file.query(
            "SELECT DISTINCT agency_id, year FROM readings WHERE report_id IS NULL AND year IS NOT NULL"
            " AND agency_id IN (SELECT value FROM json_each(?))",
            (as_json(sorted(ids)),),
        )
        return [(agency_id, int(year)) for agency_id, year in rows]

    def listed(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, datetime]]:
        """(portal, address) -> the column that led to it first, and when; of those of these to which one did."""
        found = {}
        for some in _some(sorted(set(places))):
            for url, portal, column, found_at in self._file.query(_LISTED, {"places": as_json(some)}):
                found[portal, url] = (column, from_text(found_at))
        return found

    def led_to(self, year: int, portal: str) -> Iterator[tuple[str, str, datetime]]:
        """(portal, title, when) of each entry for a year to which a list of any other portal led, fetched or not."""
        rows = self._file.query(
            "SELECT portal, title, found_at FROM frontier WHERE kind = 'report' AND part = 'page' AND year = ?"
            " AND portal <> ? AND title IS NOT NULL",
            (year, portal),
        )
        for other, title, found_at in rows:
            yield other, title, from_text(found_at)

    def files(self, portal: str, pages: Iterable[str]) -> dict[str, list[str]]:
        """Page -> the addresses of the files that it links as reports, of these pages of a portal."""
        found: dict[str, list[str]] = {}
        rows = self._file.query(_FILES, {"portal": portal, "urls": as_json(sorted(set(pages)))})
        for page, url in rows:
            found.setdefault(page, []).append(url)
        return found

    def looks(self, urls: Iterable[str]) -> dict[str, list[LookAt]]:
        """Address -> the looks at it as a page or a file, oldest first."""
        found: dict[str, list[LookAt]] = {}
        for some in _some(sorted(set(urls))):
            for url, kind, at, *rest in self._file.query(_LOOKS, {"urls": as_json(some)}):
                found.setdefault(url, []).append(LookAt(url, kind, from_text(at), *rest))
        return found

    def standing(self, source: str) -> dict[str, Standing]:
        """Of every address at which documents of a portal stood, how it answered; none of what a person added."""
        if source == ADDED:
            return {}
        rows = self._file.query(_STANDING, {"source": source})
        return {url: Standing(good and from_text(good), since and from_text(since)) for url, good, since in rows}

    def elsewhere(self, hashes: Iterable[str]) -> dict[str, list[Copy]]:
        """SHA-256 -> where documents with these bytes were seen, of every source."""
        found: dict[str, list[Copy]] = {}
        if wanted := sorted(set(hashes)):
            for sha256, source, url, last in self._file.query(_ELSEWHERE, {"hashes": as_json(wanted)}):
                found.setdefault(sha256, []).append(Copy(sha256, source, url, from_text(last)))
        return found

    def kept(self, hashes: Iterable[str]) -> set[str]:
        """Those of these documents whose bytes are kept."""
        rows = self._file.query(
            "SELECT d.sha256 FROM json_each(?) h CROSS JOIN documents d ON d.sha256 = h.value"
            " WHERE d.dropped_at IS NULL",
            (as_json(sorted(set(hashes))),),
        )
        return {sha256 for (sha256,) in rows}

    def dates(self, report_ids: Iterable[int]) -> dict[int, tuple[DateCandidate, ...]]:
        """Report -> every date that it or its page gives for itself, the most trusted of each kind first."""
        found: dict[int, list[DateCandidate]] = {}
        for some in _some(sorted(set(report_ids))):
            rows = self._file.query(
                "SELECT d.report_id, d.kind, d.day, d.source, d.text FROM json_each(?) i"
                " CROSS JOIN date_candidates d ON d.report_id = i.value ORDER BY d.report_id, d.position",
                (as_json(some),),
            )
            for report_id, *date in rows:
                found.setdefault(report_id, []).append(DateCandidate(*date))
        return {report_id: tuple(dates) for report_id, dates in found.items()}

    def figures(self, report_ids: Iterable[int]) -> dict[int, tuple[object, ...]]:
        """Report -> its form and its numbers, equal where these are equal."""
        found: dict[int, tuple[object, ...]] = {}
        for some in _some(sorted(set(report_ids))):
            rows = self._file.query(
                "SELECT w.* FROM json_each(?) i CROSS JOIN wide w ON w.report_id = i.value", (as_json(some),)
            )
            # report_id, agency_no, year, form, is_latest, variants, figures...
            found |= {row[0]: (row[3], row[6:]) for row in rows}
        return found

    def report(self, report_id: int) -> StoredReport | None:
        """A report with its figures; None where it is gone by now."""
        with self._file.read() as connection:
            return load_report(connection, report_id)

    def held(self, ids: Collection[str], year: int) -> set[str]:
        """Those of these agencies for whom a report counts, of any source."""
        rows = self._file.query(
            f"{_COUNTED} SELECT DISTINCT c.agency_id FROM counted c CROSS JOIN reports r ON r.id = c.report_id"
            " WHERE c.year IN (0, r.year) AND r.year = :year AND r.is_current = 1",
            {"ids": as_json(sorted(ids)), "year": year},
        )
        return {agency_id for (agency_id,) in rows}

    def strangers(self, year: int) -> set[str]:
        """The names, as printed and completed by the portal's place, of agencies that the register does not know and
        that have a report for a year."""
        rows = self._file.query(
            "SELECT DISTINCT agency FROM reports WHERE year = ? AND agency_key >= '?:' AND agency_key < '?;'", (year,)
        )
        return {name for (name,) in rows}

    def claims(
        self, ids: Collection[str], year: int
    ) -> list[tuple[str, str, str, str, str, int | None, str | None, str]]:
        """(agency, address, SHA-256, last_seen_at, unit, has_published, link, when a notice was first seen there) of
        what the notices say now of these agencies' reports for a year."""
        return self._file.query(
            "SELECT k.agency_id, k.url, k.sha256, n.last_seen_at, k.unit, k.has_published, k.link, (SELECT"
            " min(l.first_seen_at) FROM neighbours l WHERE l.portal = n.portal AND l.url = n.url) FROM claims k"
            " JOIN neighbours n ON n.portal = k.portal AND n.url = k.url AND n.sha256 = k.sha256"
            " WHERE k.year = :year AND k.agency_id IN (SELECT value FROM json_each(:ids))"
            " AND NOT EXISTS (SELECT 1 FROM neighbours l WHERE l.portal = n.portal AND l.url = n.url"
            " AND l.kind = n.kind AND (l.last_seen_at, l.id) > (n.last_seen_at, n.id))"
            " ORDER BY k.agency_id, n.last_seen_at, k.url, k.position",
            {"ids": as_json(sorted(ids)), "year": year},
        )


def _some(items: Iterable[object]) -> Iterator[list[object]]:
    listed = list(items)
    for start in range(0, len(listed), _BATCH):
        yield listed[start : start + _BATCH]
