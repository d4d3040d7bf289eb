"""Giving up the bytes of list pages that prove nothing which the rows do not prove.

What a list page showed is kept for good (link_lists), and so are its hash, its visits and its manifest; only its bytes
go. A document is given up where every rule allows it:

- only looks at lists name it, each of them a good one, the last before the given time; nothing else refers to it:
  no report, sighting, neighbour, notice, manifest, robots.txt, correction or takedown;
- it is not what the last good look at its address brought, against which the next one is compared;
- it is not the first or the last page of a run of reads in which a page of a column listed the same;
- no finding, standing or gone, names a read that it belongs to;
- it was not seen in a time on which an absence on its portal can rest: from a deadline until all agencies of that
  portal whose report was due were seen;
- it does not belong to the reads of an archive of the first schema, which did not write down their visits.

First the row says that the bytes are given up, then the file goes: killed in between, the file is left, and goes next
time. Both under the lock of the writer, so that bytes which come again are never lost.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from db.connection import ArchiveFile
from db.times import to_text

_BATCH = 500
_GOOD = "('ok', 'unchanged', 'empty')"
_FOREVER = "9999"
_TAKEN_DOWN = "asked to be taken down"
_READ_OF_A_PLACE = (
    "json_extract(p.value, '$.place.column') AS column_url, json_extract(p.value, '$.place.read_at') AS at"
)

# Each is a SELECT of documents that are kept, with the reason.
_KEPT_FOR = (
    (
        "the last look at an address",
        f"""SELECT sha256 FROM (SELECT sha256, max(at) FROM visits WHERE kind = 'list' AND status = 200
          AND outcome IN {_GOOD} AND sha256 IS NOT NULL GROUP BY url)""",
    ),
    (
        "the first or last of equal pages",
        """SELECT v.sha256 FROM (
          SELECT p.visit_id, p.links_hash, lag(p.links_hash) OVER run AS earlier, lead(p.links_hash) OVER run AS later
          FROM column_read_pages p JOIN column_reads c ON c.id = p.read_id
          WINDOW run AS (PARTITION BY c.portal, c.column_url, p.position ORDER BY c.at, c.id)
        ) r JOIN visits v ON v.id = r.visit_id WHERE r.earlier IS NOT r.links_hash OR r.later IS NOT r.links_hash""",
    ),
    (
        "named by a finding",
        f"""SELECT v.sha256 FROM (
          SELECT {_READ_OF_A_PLACE} FROM findings f, json_each(f.places) p
          UNION SELECT {_READ_OF_A_PLACE} FROM finding_events e,
            json_each(CASE WHEN json_valid(e.claim) THEN e.claim ELSE '{{}}' END, '$.places') p
        ) n JOIN column_reads c ON c.column_url = n.column_url AND c.at = n.at
        JOIN column_read_pages p ON p.read_id = c.id JOIN visits v ON v.id = p.visit_id""",
    ),
    (
        "an absence may rest on it",
        """SELECT v.sha256 FROM visits v WHERE v.kind = 'list' AND EXISTS (SELECT 1 FROM temp.absent_spans s
          WHERE s.portal = v.portal AND v.at >= s.since AND v.at <= s.until)""",
    ),
    (
        _TAKEN_DOWN,
        """SELECT sha256 FROM visits WHERE url IN (SELECT url FROM takedowns)
          OR final_url IN (SELECT url FROM takedowns)""",
    ),
)
_REFERRED = "referred to by more than lists"

# The last read of which the visits are not known, and a day.
_OLD_READS = """
INSERT OR IGNORE INTO temp.absent_spans SELECT c.portal, '', strftime('%Y-%m-%dT%H:%M:%S+00:00', max(c.at), '+1 day')
FROM column_reads c JOIN column_read_pages p ON p.read_id = c.id WHERE p.visit_id IS NULL GROUP BY c.portal"""

# From a deadline until the last of those who owed it was seen. Years before a portal was first read are left out but
# for the last: what is found about them names its reads.
_ABSENCES = f"""
INSERT OR IGNORE INTO temp.absent_spans
SELECT w.portal, d.due_until, max(coalesce(
    (SELECT min(r.first_seen_at) FROM reports r WHERE r.agency_key = a.id AND r.year = d.year), '{_FOREVER}'))
FROM (SELECT portal, CAST(substr(datetime(min(at), '+8 hours'), 1, 4) AS INTEGER) AS year FROM column_reads
  GROUP BY portal) w
JOIN agencies a ON a.portal = w.portal
JOIN temp.owed d ON d.duty = a.duty AND d.year >= w.year - 1
  AND (d.organ = '' OR d.organ = a.organ AND substr(a.region_code, 1, length(d.region)) = d.region)
  AND (a.from_year IS NULL OR a.from_year <= d.year) AND (a.to_year IS NULL OR d.year <= a.to_year)
GROUP BY w.portal, d.due_until"""

_CANDIDATES = f"""
INSERT INTO temp.given_up (sha256) SELECT v.sha256 FROM visits v WHERE v.sha256 IS NOT NULL GROUP BY v.sha256
HAVING min(v.kind = 'list') = 1 AND min(v.outcome IN {_GOOD}) = 1 AND max(v.at) < ?"""


class Due(NamedTuple):
    """By when reports with a duty are owed. until: the first moment after the deadline. organ, region: of whom alone,
    where a local rule sets the date; region: with what the codes begin."""

    duty: str
    year: int
    until: datetime
    organ: str = ""
    region: str = ""


@dataclass(slots=True)
class Plan:
    """What may be given up. documents, size: how many, and bytes of them on disk. kept: reason -> how many old list
    pages it keeps. left: files of documents given up before that are still there."""

    documents: int = 0
    size: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    left: int = 0


class GivenUp(NamedTuple):
    """Documents whose bytes were given up: how many, and the first and last day (UTC) on which it was done."""

    documents: int
    first: str | None
    last: str | None


class Retention:
    """Which list pages of an archive may go, and letting them go."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def plan(self, *, before: datetime, owed: Sequence[Due]) -> Plan:
        """What may be given up: list pages last seen before a moment. owed: every deadline with a date up to now.

        Nothing is changed.
        """
        plan = Plan()
        with self._file.scratch() as connection:
            _choose(connection, before, owed, plan)
            for (sha256,) in connection.execute("SELECT sha256 FROM temp.given_up"):
                plan.documents += 1
                plan.size += self._size(sha256)
            for (sha256,) in connection.execute("SELECT sha256 FROM documents WHERE dropped_at IS NOT NULL"):
                plan.left += self._file.documents.has(sha256)
        return plan

    def apply(self, *, before: datetime, owed: Sequence[Due], at: datetime, why: str) -> Plan:
        """Give them up. at: now. why: for the rows, in a few words. The plan as it was carried out: `size` is what was
        freed, files left from before included. Again without harm."""
        plan = self.plan(before=before, owed=owed)
        with self._file.write() as connection:
            # What came between choosing and now.
            _keep(connection, "SELECT sha256 FROM visits WHERE id > (SELECT last FROM temp.chosen_at)")
            _keep_referred(connection)
            _keep(connection, dict(_KEPT_FOR)[_TAKEN_DOWN])
            plan.documents = connection.execute(
                "UPDATE documents SET dropped_at = ?, dropped_why = ? WHERE dropped_at IS NULL"
                " AND sha256 IN (SELECT sha256 FROM temp.given_up)",
                (to_text(at), why),
            ).rowcount
        plan.size = self._purge()
        return plan

    def given_up(self) -> GivenUp:
        """What was given up so far."""
        ((count, first, last),) = self._file.query(
            "SELECT count(*), min(dropped_at), max(dropped_at) FROM documents WHERE dropped_at IS NOT NULL"
        )
        return GivenUp(count, first and first[:10], last and last[:10])

    def _purge(self) -> int:
        """Take the files of given-up documents off the disk; how many bytes that were."""
        last, size = "", 0
        while True:
            with self._file.write() as connection:
                rows = connection.execute(
                    "SELECT sha256 FROM documents WHERE dropped_at IS NOT NULL AND sha256 > ? ORDER BY sha256 LIMIT ?",
                    (last, _BATCH),
                ).fetchall()
                for (sha256,) in rows:
                    size += self._size(sha256)
                    self._file.documents.path(sha256).unlink(missing_ok=True)
            if len(rows) < _BATCH:
                return size
            last = rows[-1][0]

    def _size(self, sha256: str) -> int:
        try:
            return self._file.documents.path(sha256).stat().st_size
        except OSError:
            return 0


def _choose(connection: sqlite3.Connection, before: datetime, owed: Sequence[Due], plan: Plan) -> None:
    for table, columns in (
        ("given_up", "sha256 TEXT PRIMARY KEY) WITHOUT ROWID"),
        ("absent_spans", "portal TEXT, since TEXT, until TEXT, PRIMARY KEY (portal, since, until)) WITHOUT ROWID"),
        ("owed", "duty TEXT, year INTEGER, due_until TEXT, organ TEXT, region TEXT)"),
        ("chosen_at", "last INTEGER)"),
    ):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        connection.execute(f"CREATE TEMP TABLE {table} ({columns}")
    connection.execute("INSERT INTO temp.chosen_at SELECT coalesce(max(id), 0) FROM visits")
    connection.executemany(
        "INSERT INTO temp.owed VALUES (?, ?, ?, ?, ?)",
        [(due.duty, due.year, to_text(due.until), due.organ, due.region) for due in owed],
    )
    connection.execute(_ABSENCES)
    connection.execute(_OLD_READS)
    connection.execute(_CANDIDATES, (to_text(before),))
    connection.execute(
        "DELETE FROM temp.given_up WHERE sha256 IN (SELECT sha256 FROM documents WHERE dropped_at IS NOT NULL)"
    )
    plan.kept[_REFERRED] = _keep_referred(connection)
    for reason, kept in _KEPT_FOR:
        plan.kept[reason] = _keep(connection, kept)


def _keep_referred(connection: sqlite3.Connection) -> int:
    """Whatever any table but that of the visits refers to stays."""
    references = connection.execute(
        'SELECT m.name, f."from" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f'
        " WHERE m.type = 'table' AND f.\"table\" = 'documents' AND m.name <> 'visits'"
    ).fetchall()
    return sum(_keep(connection, f'SELECT "{column}" FROM "{table}"') for table, column in references)


def _keep(connection: sqlite3.Connection, kept: str) -> int:
    return connection.execute(f"DELETE FROM temp.given_up WHERE sha256 IN ({kept})").rowcount
