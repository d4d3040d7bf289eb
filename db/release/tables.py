"""What of the archive goes into a release, table by table and column by column, and how the release's tables are made.

Tables are named one by one, so that a new one is handed out only once somebody has thought of it; text that is not
known to be a key, a time or a word of ours is masked. docs/release.md says why what is left out is left out.
"""

import sqlite3
from dataclasses import dataclass
from typing import Literal, NamedTuple

from db.errors import ArchiveError
from db.schema.views import quoted

TABLES = (
    "portals", "regions", "calendar", "deadlines", "agencies", "agency_aliases", "agency_keys", "documents", "crawls",
    "visits", "column_reads", "sightings", "neighbours", "manifests", "forms", "form_figures", "form_rows", "reports",
    "wide", "cell_states", "places", "scopes", "report_bodies", "stand_ins", "date_candidates", "sections", "doubts",
    "readings", "claims", "notice_readings", "corrections", "findings", "finding_events", "rule_events", "local_rules",
)  # fmt: skip
"""The tables of a release that the archive has, in the order in which they are written."""

LEFT_OUT = {
    "hosts": "the pace of requests",
    "leases": "which process has what for itself",
    "portal_days": "the budget of requests",
    "frontier": "what is to be fetched when; what it says of a report's first showing is in timeliness",
    "outbox": "messages to subscribers",
    "message_texts": "messages to subscribers",
    "subscribers": "who is told",
    "subscriptions": "who is told what",
    "channel_pauses": "when messages may be sent",
    "chat_mutes": "who wants to hear nothing of what",
    "votes": "what persons say in chats",
    "job_runs": "what ran when on this machine",
    "troubles": "what was wrong with this deployment",
    "watch_marks": "when this deployment was at work",
    "column_read_pages": "names the link lists",
    "link_lists": "titles and addresses of everything that the columns list, reports or not",
    "report_search": "an index of the prose before it was masked",
    "takedowns": "who asked for what to be withheld",
    "dictionary": "made anew for the release",
    "to_judge": "what is to be done next",
    "judged": "what was done last",
    "name_searches": "what was searched last",
}
"""The tables of the archive that a release does not have, each with why or what it is."""

AS_TABLES = {"timeliness": ("year", "agency_id"), "unread": ("seen_at", "source", "url", "sha256")}
"""Views of the archive that are tables in a release, each with the order of its rows: they need tables that are left
out, or find rows by what may be withheld."""

# How a value is made public. plain: as it is. prose: masked. cell: masked unless it is a number. json: the same for
# each text in it. url: withheld where it is on the takedown list; of a file by hand without its folders. headers,
# network: only what tells nothing of persons and machines. person: the number of who said something; said: their words,
# masked, with numbers for the names of such people. None: the column is left out.
Way = Literal["plain", "prose", "cell", "json", "url", "headers", "network", "person", "said"]

# Columns of these names hold keys, times, numbers and words of ours, wherever they stand.
_PLAIN = frozenset({
    "id", "no", "key", "name", "alias", "organ", "duty", "region_code", "portal", "platform", "predecessors",
    "successors", "supervisor", "parent", "covered_by", "agency", "agency_id", "by_agency_id", "agency_key", "sha256",
    "body_sha256", "links_hash", "content", "figure", "figures", "form", "row_name", "row_figures", "table_name",
    "label", "column_name", "position", "kind", "part", "source", "rule", "severity", "certainty", "basis",
    "fingerprint", "event", "at", "first_seen_at", "last_seen_at", "seen_at", "made_at", "undone_at", "stamped_at",
    "started_at", "ended_at", "gone_at", "first_found_at", "last_found_at", "due_until", "dropped_at", "day",
    "due_on", "next_workday", "as_of", "listed_on", "signed_on", "published_on", "published_source", "period_from",
    "period_to", "media", "outcome", "state", "how", "unit", "parser_version", "prescribed_by", "digest", "level",
    "code", "service", "basis_zh", "basis_en",
})  # fmt: skip
_WAYS: dict[tuple[str, str], Way | None] = {
    ("visits", "request_headers"): "headers",
    ("visits", "response_headers"): "headers",
    ("visits", "network"): "network",
    ("visits", "redirects"): "json",
    ("visits", "signature"): None,
    ("crawls", "summary"): None,
    ("cell_states", "text"): "cell",
    ("cell_states", "read"): "json",
    ("corrections", "text"): "cell",
    ("corrections", "made_by"): "person",
    ("corrections", "undone_by"): "person",
    ("corrections", "source"): "said",
    ("corrections", "undone_why"): "said",
    ("findings", "observed"): "json",
    ("findings", "expected"): "json",
    ("findings", "places"): "json",
    ("finding_events", "observed"): "json",
    ("finding_events", "claim"): "json",
    ("finding_events", "made_by"): "person",
    ("finding_events", "reason"): "said",
    ("rule_events", "made_by"): "person",
    ("rule_events", "reason"): "said",
    ("claims", "unit"): "plain",
    ("claims", "link"): "url",
}
_URLS = frozenset(("url", "page_url", "column_url", "final_url"))

HIDDEN: dict[str, tuple[str, ...]] = {
    "visits": ("url", "final_url", "evidence", "request_headers", "response_headers", "redirects"),
    "sightings": ("url", "page_url", "title", "agency_hint"),
    "neighbours": ("url", "page_url", "title"),
    "reports": ("url", "title", "printed_agency"),
    "cell_states": ("text", "read"),
    "scopes": ("text",),
    "date_candidates": ("text",),
    "doubts": ("text",),
    "readings": ("url", "title", "sentence"),
    "unread": ("url", "title", "sentence"),
    "notice_readings": ("url", "sentence"),
    "corrections": ("text",),
}
"""What is withheld of a row about a document on the takedown list; the rest stays."""

DROPPED_ROWS = ("sections", "places", "claims")
"""Tables whose rows about such a document are left out altogether."""

MARKED = ("documents", "visits", "sightings", "neighbours", "reports", "readings", "unread", "notice_readings")
"""Tables whose rows say whether something of them is withheld, in a column of their own."""
MARK = "is_withheld"


class Column(NamedTuple):
    """A column of a release's table. way: how its values are made public."""

    name: str
    sql_type: str
    not_null: bool
    way: Way = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a release. key: the columns of its primary key; is_rowid: the key is the row's number. unique: further
    keys. references: (columns, table, columns there). indexes: statements that make them. order: how its rows are read
    from the archive."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    is_rowid: bool = True
    unique: tuple[tuple[str, ...], ...] = ()
    references: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    indexes: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def create(self) -> str:
        """The statement that makes it."""
        lines = []
        for column in self.columns:
            is_number = self.is_rowid and self.key == (column.name,) and column.sql_type == "INTEGER"
            rest = " PRIMARY KEY" if is_number else " NOT NULL" * column.not_null
            lines.append(f"{quoted(column.name)} {column.sql_type}{rest}")
        if self.key and not any(line.endswith(" PRIMARY KEY") for line in lines):
            lines.append(f"PRIMARY KEY ({_names(self.key)})")
        lines += [f"UNIQUE ({_names(unique)})" for unique in self.unique]
        for own, table, there in self.references:
            lines.append(f"FOREIGN KEY ({_names(own)}) REFERENCES {quoted(table)} ({_names(there)})")
        options = "STRICT" if self.is_rowid or not self.key else "STRICT, WITHOUT ROWID"
        return f"CREATE TABLE {quoted(self.name)} (\n  " + ",\n  ".join(lines) + f"\n) {options}"


def tables_of(archive: sqlite3.Connection) -> list[Table]:
    """The tables of a release of this archive, in the order in which they are written."""
    return [_table(archive, name) for name in TABLES] + [_as_table(archive, name) for name in AS_TABLES]


def way_of(table: str, column: str, sql_type: str) -> Way | None:
    """How the values of a column are made public; None: it is left out."""
    if (table, column) in _WAYS:
        return _WAYS[table, column]
    if sql_type not in ("TEXT", "ANY", "") or table == "wide" or column in _PLAIN:
        return "plain"
    return "url" if column in _URLS else "prose"


def _table(archive: sqlite3.Connection, name: str) -> Table:
    rows = archive.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (name,)).fetchall()
    if not rows:
        raise ArchiveError(f"the database lacks the table {name}; run `nianbao verify`, restore it from a copy")
    hidden = HIDDEN.get(name, ())
    columns = [
        Column(column, sql_type, bool(not_null) and column not in hidden, way)
        for column, sql_type, not_null, _ in rows
        if (way := way_of(name, column, sql_type)) is not None
    ]
    if name in MARKED:
        columns.append(Column(MARK, "INTEGER", True))
    key = tuple(column for column, _, _, place in sorted(rows, key=lambda row: row[3]) if place)
    # A key of which something may be withheld is none any more.
    kept = key if not set(key) & set(hidden) else ()
    (is_rowid,) = archive.execute("SELECT NOT wr FROM pragma_table_list(?) WHERE schema = 'main'", (name,)).fetchone()
    names = {column.name for column in columns}
    return Table(
        name, tuple(columns), kept, bool(is_rowid), _unique(archive, name, set(hidden)),
        _references(archive, name, names), _indexes(archive, name, names), key,
    )  # fmt: skip


def _as_table(archive: sqlite3.Connection, view: str) -> Table:
    """A table with the columns of a view; what the view works out has no declared type."""
    types = dict(archive.execute("SELECT column_name, type FROM dictionary WHERE table_name = ?", (view,)))
    rows = archive.execute("SELECT name, type FROM pragma_table_info(?)", (view,)).fetchall()
    columns = [
        Column(name, declared or types.get(name) or _type_by_name(name), False, way_of(view, name, declared) or "plain")
        for name, declared in rows
    ]
    if view in MARKED:
        columns.append(Column(MARK, "INTEGER", True))
    return Table(view, tuple(columns), order=AS_TABLES[view])


def _type_by_name(column: str) -> str:
    is_number = column.startswith(("days_", "is_", "seen_late")) or column == "year"
    return "INTEGER" if is_number else "TEXT"


def _unique(archive: sqlite3.Connection, table: str, hidden: set[str]) -> tuple[tuple[str, ...], ...]:
    found = []
    for (index,) in archive.execute("SELECT name FROM pragma_index_list(?) WHERE origin = 'u'", (table,)).fetchall():
        rows = archive.execute("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))
        columns = tuple(name for (name,) in rows)
        if not set(columns) & hidden:
            found.append(columns)
    return tuple(sorted(found))


def _references(
    archive: sqlite3.Connection, table: str, columns: set[str]
) -> tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]:
    found: dict[int, tuple[str, list[str], list[str]]] = {}
    for number, there, own, of in archive.execute(
        'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq', (table,)
    ):
        if there in TABLES and own in columns:
            entry = found.setdefault(number, (there, [], []))
            entry[1].append(own)
            entry[2].append(of)
    return tuple(sorted((tuple(own), there, tuple(of)) for there, own, of in found.values()))


def _indexes(archive: sqlite3.Connection, table: str, columns: set[str]) -> tuple[str, ...]:
    """The statements of the archive's own indexes whose columns are all there."""
    found = []
    for name, sql in archive.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name",
        (table,),
    ).fetchall():
        used = {column for (column,) in archive.execute("SELECT name FROM pragma_index_info(?)", (name,))}
        if used <= columns:
            found.append(str(sql))
    return tuple(found)


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, columns))
