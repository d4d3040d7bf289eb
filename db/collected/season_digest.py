"""What a judgement of who owes a report, and of what became of it, rests on: in few rows that change where it does."""

from collections.abc import Collection, Iterator
from typing import Any

from db.connection import ArchiveFile
from db.readings.rows import as_json

_PORTAL = (
    "SELECT 'reads', count(*), max(id), max(at), NULL FROM column_reads WHERE portal = :portal",
    "SELECT 'crawls', count(*), max(id), max(ended_at), group_concat(iif(outcome = 'failed' OR ended_at IS NULL, id,"
    " NULL)) FROM crawls WHERE portal = :portal",
    "SELECT 'frontier', count(*), sum(visits), max(visited_at), max(found_at) FROM frontier WHERE portal = :portal",
    "SELECT 'sightings', count(*), max(id), max(last_seen_at), sum(id) FROM sightings WHERE source = :portal",
    "SELECT 'readings', count(*), sum(report_id), max(seen_at), group_concat(DISTINCT parser_version) FROM readings"
    " WHERE source = :portal",
    "SELECT 'looks', count(v.id), max(v.id), NULL, NULL FROM (SELECT url FROM sightings WHERE source = :portal UNION"
    " SELECT page_url FROM sightings WHERE source = :portal) s CROSS JOIN visits v ON v.url = s.url",
    "SELECT 'claims', count(*), sum(has_published), group_concat(DISTINCT sha256), max(year) FROM claims"
    " WHERE portal = :portal",
)
_REPORTS = """
SELECT r.id, r.agency_key, r.year, r.source, r.url, r.revision, r.is_current, r.content, r.parser_version,
  r.last_seen_at, (SELECT max(v.id) FROM visits v WHERE v.url = r.url)
FROM json_each(:ids) j CROSS JOIN reports r ON r.agency_key = j.value ORDER BY r.id"""
# Of an earlier year only what may change what is said: that an address was looked at once more and is there is no news.
_EARLIER = """
SELECT r.id, r.agency_key, r.source, r.url, r.revision, r.is_current, r.content, r.parser_version,
  r.last_seen_at > r.first_seen_at,
  (SELECT v.outcome FROM visits v WHERE v.url = r.url AND v.kind IN ('detail', 'attachment')
    AND v.outcome IN ('ok', 'unchanged', 'gone') ORDER BY v.at DESC LIMIT 1) = 'gone',
  (SELECT min(count(DISTINCT substr(v.at, 1, 10)), 9) FROM visits v WHERE v.url = r.url
    AND v.kind IN ('detail', 'attachment') AND v.outcome = 'gone')
FROM json_each(:ids) j CROSS JOIN reports r ON r.agency_key = j.value WHERE r.year = :year ORDER BY r.id"""
# An earlier year is judged again where something about a published report may have become new.
_CHANGED = """
SELECT DISTINCT r.agency_key, r.year FROM json_each(:ids) j CROSS JOIN reports r ON r.agency_key = j.value
WHERE r.year < :before AND (r.revision > 1
  OR EXISTS (SELECT 1 FROM findings f WHERE f.year = r.year AND f.agency_key = r.agency_key AND f.is_open = 1
    AND f.rule IN (SELECT value FROM json_each(:rules)))
  OR (SELECT v.outcome FROM visits v WHERE v.url = r.url AND v.kind IN ('detail', 'attachment')
    AND v.outcome IN ('ok', 'unchanged', 'gone') ORDER BY v.at DESC LIMIT 1) = 'gone')
ORDER BY r.year DESC, r.agency_key"""


class SeasonDigest:
    """Reads what to compare with what was judged last."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def judged(self, subject: str) -> str | None:
        """The digest with which a subject was judged last; None: it never was."""
        rows = self._file.query("SELECT digest FROM judged WHERE subject = ?", (subject,))
        return rows[0][0] if rows else None

    def of_portal(self, portal: str) -> Iterator[tuple[Any, ...]]:
        """What was seen on a portal, counted."""
        for select in _PORTAL:
            yield from self._file.query(select, {"portal": portal})

    def of_agencies(self, ids: Collection[str], earlier: int | None) -> Iterator[tuple[Any, ...]]:
        """The reports of agencies, each with the last look at its address; earlier: those of an earlier year alone, and
        of the looks whether they say that it is gone, and on how many days."""
        given = {"ids": as_json(sorted(ids)), "year": earlier}
        yield from self._file.query(_REPORTS if earlier is None else _EARLIER, given)

    def changed(self, ids: Collection[str], before: int, rules: Collection[str]) -> dict[int, list[str]]:
        """Year -> those of these agencies whose report for it was revised, stood at an address that is gone, or has an
        open finding of one of these rules; of the years before one, the last first."""
        found: dict[int, list[str]] = {}
        given = {"ids": as_json(sorted(ids)), "before": before, "rules": as_json(sorted(rules))}
        for agency, year in self._file.query(_CHANGED, given):
            found.setdefault(year, []).append(agency)
        return found
