"""What the archive holds that a list may show: whose report, of which year, stands at an address."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from db.connection import ArchiveFile
from db.readings.rows import as_json

_BATCH = 500
# Reports are found by agency and year; where they stand is asked for once, by whoever judges what lists show.
_GATHERED = (
    "DROP TABLE IF EXISTS temp.standing",
    "CREATE TEMP TABLE standing (url TEXT NOT NULL, report_id INTEGER NOT NULL)",
    "INSERT INTO temp.standing SELECT url, id FROM reports WHERE is_current = 1 AND agency_id IS NOT NULL",
    # A list leads to the page of an attached report, not to the file.
    "CREATE INDEX temp.standing_url ON standing (url)",
    "INSERT INTO temp.standing SELECT s.page_url, t.report_id FROM (SELECT DISTINCT url, page_url FROM sightings"
    " WHERE url <> page_url) s CROSS JOIN temp.standing t ON t.url = s.url",
)


class Holding(NamedTuple):
    """A report without its figures, the last revision of its source. agency: the register's name, else as printed and
    completed by the portal's place. printed: as its document prints it."""

    id: int
    agency_id: str | None
    agency: str
    printed: str | None
    source: str
    year: int


_COLUMNS = "r.id, r.agency_id, coalesce(a.name, r.agency), r.printed_agency, r.source, r.year"


class Holdings:
    """The reports of an archive by year and by address."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def of_year(self, year: int) -> Iterator[Holding]:
        """The reports for a reporting year, of every source."""
        last = ("", 0)
        while True:
            rows = self._file.query(
                f"SELECT r.agency_key, {_COLUMNS} FROM reports r LEFT JOIN agencies a ON a.id = r.agency_id"
                " WHERE r.year = ? AND (r.agency_key, r.id) > (?, ?) AND r.is_current = 1"
                " ORDER BY r.agency_key, r.id LIMIT ?",
                (year, *last, _BATCH),
            )
            for _, *row in rows:
                yield Holding(*row)
            if len(rows) < _BATCH:
                return
            last = rows[-1][:2]

    def has(self, key: str, year: int, sources: Iterable[str]) -> bool:
        """Whether one of these sources has a report of an agency (its key) for a year."""
        return bool(
            self._file.query(
                "SELECT 1 FROM reports WHERE agency_key = ? AND year = ? AND is_current = 1"
                " AND source IN (SELECT value FROM json_each(?)) LIMIT 1",
                (key, year, as_json(sorted(sources))),
            )
        )

    def judged(self, keys: Iterable[str], year: int) -> set[tuple[str, int]]:
        """Those of these agencies (their keys), with the year, that have a report for it."""
        rows = self._file.query(
            "SELECT DISTINCT k.key FROM json_each(?) j CROSS JOIN agency_keys k ON k.key = j.value"
            " CROSS JOIN wide w ON w.agency_no = k.no AND w.year = ? AND w.is_latest = 1",
            (as_json(sorted(keys)), year),
        )
        return {(key, year) for (key,) in rows}

    def keys_of(self, *names: str) -> list[int]:
        """The numbers of the agency keys that have one of these names, ids or keys: of agencies with a report."""
        rows = self._file.query(
            "SELECT no FROM agency_keys WHERE key IN (SELECT value FROM json_each(:names)) OR name IN"
            " (SELECT value FROM json_each(:names)) ORDER BY key",
            {"names": as_json(list(names))},
        )
        return [no for (no,) in rows]

    def gather(self) -> None:
        """Write down, for this connection alone and outside the archive's file, where every report of an agency that
        is known stands, or is linked from: what `at` looks into."""
        for statement in _GATHERED:
            self._file.query(statement)

    def at(self, urls: Iterable[str]) -> dict[str, list[Holding]]:
        """By address, of those that are given: the reports that stand there, or whose page it is. See `gather`."""
        found: dict[str, list[Holding]] = {}
        wanted = sorted(set(urls))
        for start in range(0, len(wanted), _BATCH):
            rows = self._file.query(
                f"SELECT u.value, {_COLUMNS} FROM json_each(?) u CROSS JOIN temp.standing t ON t.url = u.value"
                " CROSS JOIN reports r ON r.id = t.report_id LEFT JOIN agencies a ON a.id = r.agency_id",
                (as_json(wanted[start : start + _BATCH]),),
            )
            for url, *row in rows:
                found.setdefault(url, []).append(Holding(*row))
        return found
