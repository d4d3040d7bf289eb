"""What the archive holds that a list may show: whose report, of which year, stands at an address."""

from collections.abc import Iterable
from typing import NamedTuple

from db.connection import ArchiveFile
from db.readings.rows import as_json

_BATCH = 500
# A list leads to the page of an attached report, not to the file.
_AT = """
SELECT u.value, {columns} FROM json_each(:urls) u {sources}
CROSS JOIN readings d ON d.source = {source} AND d.url = u.value
JOIN reports r ON r.id = d.report_id AND r.is_current = 1 AND r.agency_id IS NOT NULL
LEFT JOIN agencies a ON a.id = r.agency_id
UNION SELECT u.value, {columns} FROM json_each(:urls) u {sources}
CROSS JOIN sightings s ON s.source = {source} AND s.page_url = u.value AND s.url <> s.page_url
CROSS JOIN readings d ON d.source = s.source AND d.url = s.url
JOIN reports r ON r.id = d.report_id AND r.is_current = 1 AND r.agency_id IS NOT NULL
LEFT JOIN agencies a ON a.id = r.agency_id"""
_EVERY = "CROSS JOIN (SELECT id FROM portals UNION SELECT 'added') o"


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

    def has(self, key: str, year: int, sources: Iterable[str]) -> bool:
        """Whether one of these sources has a report of an agency (its key) for a year."""
        return bool(
            self._file.query(
                "SELECT 1 FROM reports WHERE agency_key = ? AND year = ? AND is_current = 1"
                " AND source IN (SELECT value FROM json_each(?)) LIMIT 1",
                (key, year, as_json(sorted(sources))),
            )
        )

    def keys_of(self, *names: str) -> list[int]:
        """The numbers of the agency keys that have one of these names, ids or keys: of agencies with a report."""
        rows = self._file.query(
            "SELECT no FROM agency_keys WHERE key IN (SELECT value FROM json_each(:names)) OR name IN"
            " (SELECT value FROM json_each(:names)) ORDER BY key",
            {"names": as_json(list(names))},
        )
        return [no for (no,) in rows]

    def at(self, urls: Iterable[str], source: str | None) -> dict[str, list[Holding]]:
        """By address, of those that are given: the reports that stand there, or whose page it is; of the agencies that
        are known. source: where they were read; None for any, which takes a look for each source."""
        every, one = (_EVERY, "o.id") if source is None else ("", ":source")
        select = _AT.format(columns=_COLUMNS, sources=every, source=one)
        found: dict[str, list[Holding]] = {}
        wanted = sorted(set(urls))
        for start in range(0, len(wanted), _BATCH):
            rows = self._file.query(select, {"urls": as_json(wanted[start : start + _BATCH]), "source": source})
            for url, *row in rows:
                found.setdefault(url, []).append(Holding(*row))
        return found
