"""A release: a SQLite file for those who read, made from the archive: without what only serves our own work, with
masked prose, and with what is on the takedown list withheld.

It is no archive (it has no application_id of ours), and opens in anything that reads SQLite. Equal data give equal rows
in equal order, and so the same snapshot id.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from db.errors import ArchiveError
from db.keeping import wholeness
from db.release import cells, words
from db.release.people import People
from db.release.status import add_status
from db.release.tables import AS_TABLES, MARK, Table, tables_of
from db.release.values import Mask, Public
from db.schema.views import quoted
from db.schema.wide import known_columns
from db.takedowns import Held, held

if TYPE_CHECKING:
    from db.connection import ArchiveFile

_RULES = """CREATE TABLE rules (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  basis TEXT NOT NULL,
  severity TEXT NOT NULL,
  certainty TEXT NOT NULL,
  is_told INTEGER NOT NULL
) STRICT, WITHOUT ROWID"""

_RELEASE = "CREATE TABLE release (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID"

_DICTIONARY = """CREATE TABLE dictionary (
  table_name TEXT NOT NULL,
  position INTEGER NOT NULL,
  column_name TEXT NOT NULL,
  type TEXT NOT NULL,
  figure TEXT,
  label TEXT,
  description TEXT NOT NULL,
  PRIMARY KEY (table_name, position)
) STRICT, WITHOUT ROWID"""

_VIEWS = {
    "parser_versions": """
SELECT parser_version, sum(report_id IS NOT NULL) AS documents_read, sum(report_id IS NULL) AS documents_unread,
  min(seen_at) AS first_seen_at, max(seen_at) AS last_seen_at
FROM readings WHERE parser_version <> '' GROUP BY parser_version""",
    # A finding that was told, and then no longer stood or was taken back. why: a person's word for it, else what
    # happened between the telling and the going.
    "retractions": """
SELECT e.id AS event_id, e.fingerprint, coalesce(f.rule, e.claim ->> 'rule') AS rule,
  coalesce(f.agency_id, e.claim ->> 'agency_id') AS agency_id, coalesce(f.agency, e.claim ->> 'agency') AS agency,
  coalesce(f.year, e.claim ->> 'year') AS year, coalesce(f.figure, e.claim ->> 'figure') AS figure,
  t.at AS told_at, e.at AS gone_at, e.made_by,
  CASE
    WHEN e.made_by IS NOT NULL THEN 'said by a person'
    WHEN e.reason LIKE 'replaced by %' THEN 'replaced by another finding about the same report'
    WHEN e.event = 'corrected' THEN 'corrected by the agency after it was asked'
    WHEN coalesce(f.kind, e.claim ->> 'kind') = 'time' THEN 'found or read since, or no longer owed'
    WHEN EXISTS (
      SELECT 1 FROM json_each(coalesce(f.places, e.claim ->> 'places')) p JOIN corrections c
        ON c.sha256 = p.value ->> 'sha256' AND (c.made_at BETWEEN t.at AND e.at OR c.undone_at BETWEEN t.at AND e.at)
    ) THEN 'reading corrected by a person'
    WHEN EXISTS (
      SELECT 1 FROM reports r WHERE r.year IN (f.year, f.year - 1) AND r.agency_key = f.agency_key
        AND r.first_seen_at > t.at AND r.first_seen_at <= e.at
    ) THEN 'report published anew or changed'
    ELSE 'read or judged anew'
  END AS why,
  e.reason,
  NOT EXISTS (
    SELECT 1 FROM finding_events n WHERE n.fingerprint = e.fingerprint AND n.id > e.id AND n.event IN ('found', 'right')
  ) AS is_final
FROM finding_events e
JOIN finding_events t ON t.id = (
  SELECT max(p.id) FROM finding_events p
  WHERE p.fingerprint = e.fingerprint AND p.id < e.id AND p.event IN ('found', 'confirmed', 'released') AND p.told = 1
)
LEFT JOIN findings f ON f.fingerprint = e.fingerprint
WHERE e.event IN ('gone', 'corrected', 'wrong')""",
}


class RuleRow(NamedTuple):
    """A rule as a release lists it; severity and certainty are the highest that it gives."""

    name: str
    kind: str
    basis: str
    severity: str
    certainty: str
    is_told: bool


@dataclass(slots=True)
class Snapshot:
    """What was written. id: 64 hex digits that are the same for equal data. rows: how many in each table. withheld:
    how many rows were left out or stripped for the takedown list."""

    id: str
    rows: dict[str, int] = field(default_factory=dict)
    withheld: int = 0


def write_release(
    file: "ArchiveFile", path: Path, *, mask: Mask, rules: Sequence[RuleRow], facts: Mapping[str, str]
) -> Snapshot:
    """Write the release to a new file. mask: what masks prose. facts: what else the table `release` says.

    Memory does not grow with the archive. Raises ArchiveError.
    """
    with file.read() as archive:
        try:
            with _new_file(path) as release:
                return _write(archive, release, mask, rules, facts)
        except (OSError, sqlite3.DatabaseError) as error:
            if wholeness.is_damage(error):
                raise  # the archive's: what is written is new
            raise ArchiveError(f"{path}: the release cannot be written ({error}); make room, or start again") from error


@contextmanager
def _new_file(path: Path) -> Iterator[sqlite3.Connection]:
    """A new database that is complete and on disk once this ends; whoever is interrupted throws it away."""
    with closing(sqlite3.connect(path, isolation_level=None)) as release:
        for setting in ("page_size = 4096", "encoding = 'UTF-8'", "journal_mode = OFF", "synchronous = OFF"):
            release.execute(f"PRAGMA {setting}")
        yield release
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _write(
    archive: sqlite3.Connection,
    release: sqlite3.Connection,
    mask: Mask,
    rules: Sequence[RuleRow],
    facts: Mapping[str, str],
) -> Snapshot:
    public = _public(archive, mask)
    tables = tables_of(archive)
    digest, counts = hashlib.sha256(), {}
    release.execute("BEGIN")
    for table in tables:
        release.execute(table.create())
        digest.update(f"{table.name} {table.names}\n".encode())
        counts[table.name] = _fill(release, table, _rows(archive, table, public), digest)
    add_status(archive, release)
    release.execute(_RULES)
    listed = sorted((*rule[:-1], int(rule.is_told)) for rule in rules)
    digest.update(repr(listed).encode())
    release.executemany("INSERT INTO rules VALUES (?, ?, ?, ?, ?, ?)", listed)
    for table in tables:
        for statement in table.indexes:
            release.execute(statement)
    _make_views(archive, release)
    (version,) = archive.execute("PRAGMA user_version").fetchone()
    release.execute(_RELEASE)
    snapshot = Snapshot(digest.hexdigest(), counts | {"rules": len(listed)}, public.withheld)
    said = {"snapshot": snapshot.id, "schema": str(version), **facts}
    release.executemany("INSERT INTO release VALUES (?, ?)", sorted(said.items()))
    release.execute(_DICTIONARY)
    release.executemany("INSERT INTO dictionary VALUES (?, ?, ?, ?, ?, ?, ?)", words.describe(archive, release))
    _check(release)
    release.execute("COMMIT")
    release.execute("ANALYZE")
    release.execute(f"PRAGMA user_version = {version}")
    return snapshot


def _public(archive: sqlite3.Connection, mask: Mask) -> Public:
    """What is withheld at this moment, with the reports and the addresses that this concerns."""
    withheld: Held = held(archive)
    people = People(archive)
    if not withheld:
        return Public(mask, withheld, frozenset(), frozenset(), people)
    given = json.dumps(sorted(withheld.sha256s))
    of = "WHERE sha256 IN (SELECT value FROM json_each(:given))"
    reports = archive.execute(
        f"SELECT id FROM reports {of} UNION SELECT report_id FROM readings {of} AND report_id IS NOT NULL",
        {"given": given},
    )
    addresses = archive.execute(
        f"SELECT url FROM reports {of} UNION SELECT url FROM sightings {of} UNION SELECT url FROM neighbours {of}"
        # Where something else is read from the same address, there is nothing to be withheld about it.
        " EXCEPT SELECT url FROM reports WHERE sha256 NOT IN (SELECT value FROM json_each(:given))",
        {"given": given},
    )
    return Public(mask, withheld, frozenset(n for (n,) in reports), frozenset(url for (url,) in addresses), people)


def _rows(archive: sqlite3.Connection, table: Table, public: Public) -> Iterator[tuple[object, ...]]:
    """The rows of a table as they are handed out, in the order of the table's key."""
    names = ", ".join(quoted(name) for name in table.names if name != MARK)
    order = ", ".join(map(quoted, table.order))
    made = public.rows_of(table)
    for row in archive.execute(f"SELECT {names} FROM {quoted(table.name)} ORDER BY {order}"):
        if (values := made(row)) is not None:
            yield values


def _fill(
    release: sqlite3.Connection, table: Table, rows: Iterable[tuple[object, ...]], digest: "hashlib._Hash"
) -> int:
    """Write rows, and take them into the digest. Returns how many."""
    count = 0

    def seen() -> Iterator[tuple[object, ...]]:
        nonlocal count
        for row in rows:
            count += 1
            digest.update(repr(row).encode("utf-8", "backslashreplace"))
            yield row

    marks = ", ".join("?" * len(table.columns))
    release.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({marks})", seen())
    return count


def _make_views(archive: sqlite3.Connection, release: sqlite3.Connection) -> None:
    """The archive's own views, and those that only a release has. `latest` says what is withheld, too."""
    views = archive.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid").fetchall()
    for name, sql in views:
        if name in AS_TABLES:
            continue
        release.execute(sql)
        if name == "latest":
            (select,) = release.execute("SELECT sql FROM sqlite_master WHERE name = 'latest'").fetchone()
            release.execute("DROP VIEW latest")
            release.execute(
                f"CREATE VIEW latest AS SELECT l.*, r.{MARK} FROM ({select.partition(' AS ')[2]}) l"
                " JOIN reports r ON r.id = l.report_id"
            )
    forms = [form for (form,) in release.execute("SELECT name FROM forms ORDER BY first_year, name").fetchall()]
    of_cells = cells.view({form: known_columns(release, form) for form in forms})
    for name, select in {**_VIEWS, cells.NAME: of_cells}.items():
        release.execute(f"CREATE VIEW {name} AS {select}")


def _check(release: sqlite3.Connection) -> None:
    """Every view answers, and every reference leads somewhere. Raises ArchiveError: a release that does not hold
    together is not handed out."""
    for (name,) in release.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        release.execute(f"SELECT * FROM {quoted(name)} LIMIT 0")
    if fault := release.execute("PRAGMA foreign_key_check").fetchone():
        raise ArchiveError(
            f"row {fault[1]} of table {fault[0]} refers to a row of {fault[2]} that is not there; run `nianbao verify`,"
            " restore the archive from a copy"
        )
