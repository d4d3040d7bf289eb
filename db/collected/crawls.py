"""Crawls: each one of a portal from beginning to end; one without an end was broken off and is gone on with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from db.collected import visits
from db.collected.seen import ensure_portal
from db.collected.visits import SeenVisit
from db.connection import ArchiveFile
from db.readings.rows import as_json
from db.records import Crawl, ListedPage, Outcome, Visit
from db.times import from_text, to_text

_OPEN = datetime.max.replace(tzinfo=UTC)
GONE_ON_WITH = timedelta(hours=12)  # a crawl that was broken off longer ago is left as it is


MOST_READS = 20  # of a column since its last good one that are looked at


class ReadBefore(NamedTuple):
    """An earlier read of a column: its time, its outcome, how many pages were asked for, and the addresses it lists."""

    at: datetime
    outcome: Outcome
    pages: int
    links: frozenset[str]


class PortalState(NamedTuple):
    """What the crawls of a portal came to. last_at, outcome, listed: of the last crawl that ended, None where none did;
    listed is how many reports its columns showed. good_at: the end of the last one that was "ok". columns_at: how old
    what is known of the columns is: the oldest of their last good reads, None where one was never read well. due_at:
    when the next known page is due. documents: that were seen as possible reports.
    """

    last_at: datetime | None
    outcome: str | None
    listed: int | None
    good_at: datetime | None
    columns_at: datetime | None
    due_at: datetime | None
    documents: int


class Crawls:
    """crawls of an archive, and what was done in one of them."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def begin(self, portal: str, at: datetime) -> Crawl:
        """Begin a crawl, or go on with the last one if it has no end and began less than 12 hours ago."""
        with self._file.write() as connection:
            ensure_portal(connection, portal)
            last = connection.execute(
                "SELECT id, started_at, ended_at FROM crawls WHERE portal = ? ORDER BY id DESC LIMIT 1", (portal,)
            ).fetchone()
            # A clock that was set back, or a time handed in twice, makes no difference.
            if last and last[2] is None and abs(at - from_text(last[1])) < GONE_ON_WITH:
                return Crawl(last[0], portal, from_text(last[1]), resumed=True)
            row = connection.execute(
                "INSERT INTO crawls (portal, started_at) VALUES (?, ?) RETURNING id", (portal, to_text(at))
            ).fetchone()
            return Crawl(row[0], portal, at)

    def end(self, crawl: Crawl, at: datetime, *, outcome: str, is_complete: bool, summary: dict[str, Any]) -> None:
        """Write down how a crawl ended. is_complete: every address that was due was asked for."""
        with self._file.write() as connection:
            connection.execute(
                "UPDATE crawls SET ended_at = ?, outcome = ?, is_complete = ?, summary = ? WHERE id = ?",
                (to_text(at), outcome, int(is_complete), as_json(summary), crawl.id),
            )

    def state(self, portal: str, columns: Sequence[str]) -> PortalState:
        """What the crawls of a portal came to so far. columns: the addresses of those that it has now."""
        wanted = as_json(list(columns))
        with self._file.read() as connection:

            def one(query: str, *more: str) -> Any:
                row = connection.execute(query, (portal, *more)).fetchone()
                return row[0] if row else None

            last = connection.execute(
                "SELECT ended_at, outcome, summary ->> '$.reports' FROM crawls"
                " WHERE portal = ? AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1",
                (portal,),
            ).fetchone() or (None, None, None)
            good_at = one("SELECT max(ended_at) FROM crawls WHERE portal = ? AND outcome = 'ok'")
            columns_at = one(
                "SELECT CASE WHEN count(*) = count(good_at) THEN min(good_at) END FROM (SELECT (SELECT max(r.at)"
                " FROM column_reads r WHERE r.portal = ? AND r.column_url = c.value"
                " AND r.outcome IN ('ok', 'unchanged', 'empty')) AS good_at FROM json_each(?) c)",
                wanted,
            )
            due_at = one("SELECT min(due_at) FROM frontier WHERE portal = ?")
            documents = one("SELECT count(DISTINCT sha256) FROM sightings WHERE source = ?")
        ended, good, lists, due = (from_text(text) if text else None for text in (last[0], good_at, columns_at, due_at))
        return PortalState(ended, last[1], last[2], good, lists, due, documents)

    def last_outcomes(self, portal: str) -> dict[str, Outcome]:
        """Address -> outcome of the last visit, to each list, page and file of a portal."""
        rows = self._file.query("SELECT url, outcome FROM visits WHERE portal = ? ORDER BY id", (portal,))
        return dict(rows)

    def has_complete(self, portal: str) -> bool:
        """Whether a portal was ever crawled to the end."""
        return bool(self._file.query("SELECT 1 FROM crawls WHERE portal = ? AND is_complete = 1 LIMIT 1", (portal,)))

    def doubtful_spans(self, portal: str) -> list[tuple[datetime, datetime]]:
        """(begin, end) of each crawl of a portal that failed, or was broken off and not gone on with; oldest first.

        Where one that failed read lists all the same, they showed fewer reports than the portal's file expects; of one
        without an end nobody has looked yet. It lasts until the next begins.
        """
        rows = self._file.query(
            "SELECT started_at, coalesce(ended_at, next) FROM (SELECT started_at, ended_at, outcome,"
            " lead(started_at) OVER (ORDER BY id) AS next FROM crawls WHERE portal = ?)"
            " WHERE outcome = 'failed' OR ended_at IS NULL",
            (portal,),
        )
        return [(from_text(begun), from_text(end) if end else _OPEN) for begun, end in rows]

    def last_time(self, crawl: Crawl) -> datetime:
        """The time of the last thing that was done in a crawl."""
        (row,) = self._file.query("SELECT max(at) FROM visits WHERE crawl_id = ?", (crawl.id,))
        return max(crawl.started_at, from_text(row[0])) if row[0] else crawl.started_at

    def list_visit(self, crawl: Crawl, url: str) -> SeenVisit | None:
        """The visit to a list page that a crawl made with a good answer.

        Good: there are kept bytes to be read in the place of a new answer.
        """
        condition = (
            "WHERE v.crawl_id = ? AND v.url = ? AND v.kind = 'list'"
            " AND v.outcome IN ('ok', 'unchanged', 'empty') AND v.sha256 IS NOT NULL ORDER BY v.id DESC LIMIT 1"
        )
        with self._file.read() as connection:
            return next(visits.load(connection, condition, (crawl.id, url)), None)

    def robots_visits(self, crawl: Crawl) -> list[Visit]:
        """The visits to robots.txt that a crawl has made."""
        with self._file.read() as connection:
            condition = "WHERE v.crawl_id = ? AND v.kind = 'robots' ORDER BY v.id"
            return [seen.visit for seen in visits.load(connection, condition, (crawl.id,))]

    def column_read(self, crawl: Crawl, column_url: str) -> tuple[Outcome, int] | None:
        """Outcome and number of pages of a column as a crawl has read it, None if it has not, or was refused."""
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT outcome, pages FROM column_reads WHERE portal = ? AND column_url = ? AND at >= ?"
                " AND outcome NOT IN ('blocked', 'failed') ORDER BY at DESC LIMIT 1",
                (crawl.portal, column_url, to_text(crawl.started_at)),
            ).fetchone()
        return (row[0], row[1]) if row else None

    def earlier_reads(self, portal: str, column_url: str) -> list[ReadBefore]:
        """The last good read of a column and those after it (the first 20), oldest first; [] without a good one."""
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT id, at, outcome, pages FROM column_reads WHERE portal = ? AND column_url = ? AND at >= ("
                " SELECT max(at) FROM column_reads WHERE portal = ? AND column_url = ?"
                " AND outcome IN ('ok', 'unchanged')) ORDER BY at, id",
                (portal, column_url, portal, column_url),
            ).fetchmany(MOST_READS)
            listings = [
                connection.execute(
                    "SELECT visit_id, links_hash FROM column_read_pages WHERE read_id = ?", (number,)
                ).fetchall()
                for number, *_ in rows
            ]
        return [
            ReadBefore(from_text(at), outcome, pages, self.links_of([ListedPage(*page) for page in listing]))
            for (_, at, outcome, pages), listing in zip(rows, listings, strict=True)
        ]

    def links_of(self, listing: Sequence[ListedPage]) -> frozenset[str]:
        """The different addresses that kept list pages lead to."""
        hashes = [page.links_hash for page in listing]
        marks = ", ".join("?" * len(hashes))
        rows = self._file.query(
            "SELECT DISTINCT json_extract(link.value, '$[0]') FROM link_lists l, json_each(l.links) link"
            f" WHERE l.hash IN ({marks}) AND json_extract(link.value, '$[0]') NOT LIKE '%#row-%'",
            tuple(hashes),
        )
        return frozenset(url for (url,) in rows)

    def listed(self, crawl: Crawl) -> int:
        """How many different addresses the columns list, as a crawl has read them."""
        (row,) = self._file.query(
            "SELECT count(DISTINCT json_extract(link.value, '$[0]')) FROM (SELECT DISTINCT p.links_hash AS hash"
            " FROM column_reads c JOIN column_read_pages p ON p.read_id = c.id WHERE c.portal = ? AND c.at >= ?) shown"
            " JOIN link_lists l ON l.hash = shown.hash, json_each(l.links) link"
            " WHERE json_extract(link.value, '$[0]') NOT LIKE '%#row-%'",
            (crawl.portal, to_text(crawl.started_at)),
        )
        return int(row[0])
