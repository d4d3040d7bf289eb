"""What the rows of an archive say about how it is kept. Asked of any archive as it is (ArchiveFile.look)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from db.collected import holders
from db.connection import ArchiveFile
from db.keeping import verify, wholeness
from db.keeping.snapshot import schema_of
from db.keeping.verify import Fault
from db.readings.rows import as_json
from db.schema import migrations as schema
from db.telling import due
from db.times import from_text, to_text

_EVER = "9999"  # after every time
_LATEST_VISITS = 2000  # among which the newest is looked for
_PRETENDED = "coalesce(json_extract(network, '$.clock'), '') = 'pretended'"


class Schema(NamedTuple):
    """Of the archive, and the newest that this nianbao knows."""

    version: int
    known: int


class Waiting(NamedTuple):
    """Messages that no channel has taken. since: when the oldest was written; error: what the last try came to."""

    messages: int
    since: datetime | None
    error: str | None


class Health:
    """Questions to one archive. All raise ArchiveError where it cannot be read."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def schema(self) -> Schema:
        """Raises ArchiveError for the database of another program, and for a newer schema."""
        with self._file.read() as connection:
            if not schema.check_identity(connection):
                return Schema(0, schema.VERSION)
            return Schema(schema_of(connection), schema.VERSION)

    def faults(self, *, deep: bool) -> Iterator[Fault]:
        """What SQLite, and the rows that name each other, have to say. deep: indexes are compared with their tables."""
        if self.schema().version == schema.VERSION:
            yield from verify.database_faults(self._file, deep=deep)
            return
        with self._file.read() as connection:
            for said in wholeness.damage(connection, deep=deep):
                what = f"{self._file.path}: the database is damaged, {said}"
                yield Fault("database", True, what, "restore the archive from a backup with `nianbao restore`")

    def lacking_files(self, backups: Path | None = None) -> Iterator[Fault]:
        """Documents that have a row, were not given up, and are not there. backups: see verify.Batch."""
        store = self._file.documents
        for batch in verify.batches(self._file):
            for sha256, size in batch.documents:
                if not store.has(sha256):
                    yield verify.document_fault(store, sha256, size, "is not there", backups)

    def newest(self) -> datetime | None:
        """The latest time by the clock of the machines that wrote this archive; pretended days do not count."""
        rows = self._file.query(
            f"SELECT max(at) FROM (SELECT at, network FROM visits ORDER BY id DESC LIMIT {_LATEST_VISITS})"
            f" WHERE NOT {_PRETENDED} UNION ALL SELECT max(last_at) FROM hosts UNION ALL SELECT max(since) FROM leases"
        )
        return max((from_text(at) for (at,) in rows if at), default=None)

    def leases(self) -> list[holders.Lease]:
        """Which processes have something for themselves."""
        with self._file.read() as connection:
            return holders.leases(connection)

    def to_read(self, parser_version: str) -> int:
        """How many documents this version of the parser has not read."""
        ((count,),) = self._file.query(
            "SELECT count(*) FROM sightings s LEFT JOIN readings d ON d.source = s.source AND d.url = s.url"
            " AND d.seen_at = s.first_seen_at AND d.sha256 = s.sha256 AND d.parser_version = ?"
            " WHERE d.source IS NULL",
            (parser_version,),
        )
        return int(count)

    def waiting(self, before: datetime) -> Waiting:
        """The messages that were written before a moment and are not sent, though they are to be."""
        with self._file.read() as connection:
            numbers = due.due(connection, to_text(before), by=_EVER)
            count, since = connection.execute(
                "SELECT count(*), min(o.created_at) FROM json_each(?) n CROSS JOIN outbox o ON o.id = n.value"
                " WHERE o.created_at < ?",
                (as_json(numbers.tolist()), to_text(before)),
            ).fetchone()
        errors = self._file.query(
            "SELECT error FROM outbox WHERE state = 'pending' AND error IS NOT NULL ORDER BY id DESC LIMIT 1"
        )
        return Waiting(count, from_text(since) if since else None, errors[0][0] if errors else None)

    def last_good_reads(self) -> dict[tuple[str, str], datetime]:
        """(portal, column) -> when it was last read well."""
        rows = self._file.query(
            "SELECT portal, column_url, max(at) FROM column_reads WHERE outcome IN ('ok', 'unchanged', 'empty')"
            " GROUP BY portal, column_url"
        )
        return {(portal, column): from_text(at) for portal, column, at in rows}
