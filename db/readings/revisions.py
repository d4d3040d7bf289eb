"""Which readings are one revision: a run of equal contents of one agency, year and source, in the order of sighting.

A revision is made by changed content, never by changed bytes and never by a better parser. So:
- other bytes with the same content as before or after them join that revision;
- a document that is read again keeps its revision, whatever the new parser makes of it; only where another document
  of that revision, read by the same parser, says something else, the two part;
- revisions that a better parser finds to be equal neighbours become one.
"""

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from db.readings import corrections, latest
from db.readings.loading import load_report
from db.readings.reports import Reading, bodies_of, delete_report, insert_report, replace_report
from db.records import Stored

if TYPE_CHECKING:
    from parsers.form import Form


class _Member(NamedTuple):
    """A stored reading of the same agency, year and source."""

    seen_at: str
    sha256: str
    parser_version: str
    report_id: int
    content: str

    @property
    def moment(self) -> tuple[str, str]:
        return self.seen_at, self.sha256


def store(connection: sqlite3.Connection, reading: Reading, forms: "Mapping[str, Form]") -> Stored:
    """Put a reading where it belongs. To be called within a write transaction."""
    before = _members(connection, reading)
    own = next((member for member in before if member.moment == (reading.seen_at, reading.sha256)), None)
    others = [member for member in before if member is not own]
    detached = detach(connection, reading.source, reading.url, reading.seen_at, reading.sha256)
    target = _stays(connection, reading, own, others, forms) if own else None
    target = target or _joins(connection, reading, others, forms)
    is_new_row = target is None
    if target is None:
        target = insert_report(connection, reading, forms)
        _part_later_readings(connection, target, reading, others, forms)
    _attach(connection, reading, target)
    _merge_neighbours(connection, reading)
    drop_unsupported(connection, detached)
    put_in_order(connection, reading.source, reading.url)
    report_id, revision = connection.execute(
        "SELECT r.id, r.revision FROM readings d JOIN reports r ON r.id = d.report_id"
        " WHERE d.source = ? AND d.url = ? AND d.seen_at = ? AND d.sha256 = ?",
        (reading.source, reading.url, reading.seen_at, reading.sha256),
    ).fetchone()
    if not is_new_row or report_id != target:
        return Stored(report_id, revision, "unchanged")
    return Stored(report_id, revision, "revised" if others else "new")


def detach(connection: sqlite3.Connection, source: str, url: str, seen_at: str, sha256: str) -> int | None:
    """Forget what one sighting was read as. Returns the report that it was read as, if any."""
    row = connection.execute(
        "DELETE FROM readings WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ? RETURNING report_id",
        (source, url, seen_at, sha256),
    ).fetchone()
    return row[0] if row else None


def drop_unsupported(connection: sqlite3.Connection, report_id: int | None) -> None:
    """Delete a report that no sighting is read as any more."""
    row = connection.execute(
        "SELECT agency_key, year FROM reports r WHERE id = ?"
        " AND NOT EXISTS (SELECT 1 FROM readings WHERE report_id = r.id)",
        (report_id,),
    ).fetchone()
    if row is not None and report_id is not None:
        delete_report(connection, report_id)
        latest.choose(connection, *row)


def put_in_order(connection: sqlite3.Connection, source: str, url: str) -> None:
    """Number the revisions at an address by time, mark the current ones, set when each was seen, and choose the one to
    trust of each agency and year that they are about."""
    rows = connection.execute(
        "SELECT r.id, r.agency_key, r.year, r.revision, r.is_current, r.first_seen_at, r.last_seen_at,"
        " min(d.seen_at), max(coalesce(s.last_seen_at, d.seen_at)), min(d.seen_at || d.sha256)"
        " FROM readings d JOIN reports r ON r.id = d.report_id"
        " LEFT JOIN sightings s ON s.source = d.source AND s.url = d.url AND s.first_seen_at = d.seen_at"
        " AND s.sha256 = d.sha256"
        " WHERE d.source = ? AND d.url = ? GROUP BY r.id ORDER BY r.agency_key, r.year, 10",
        (source, url),
    ).fetchall()
    changed = []
    revision = 0
    for index, (report_id, key, year, *stored, first, last, _) in enumerate(rows):
        same_before = index > 0 and rows[index - 1][1:3] == (key, year)
        same_after = index + 1 < len(rows) and rows[index + 1][1:3] == (key, year)
        revision = revision + 1 if same_before else 1
        wanted = [revision, int(not same_after), first, last]
        if wanted != stored:
            changed.append((*wanted, report_id))
    # First below every number in use, since two rows must not share a revision even for a moment.
    connection.executemany("UPDATE reports SET revision = -1000 - id WHERE id = ?", [(row[-1],) for row in changed])
    connection.executemany(
        "UPDATE reports SET revision = ?, is_current = ?, first_seen_at = ?, last_seen_at = ? WHERE id = ?", changed
    )
    for key, year in {(row[1], row[2]) for row in rows}:
        latest.choose(connection, key, year)
    corrections.follow(connection, source, url)


def _members(connection: sqlite3.Connection, reading: Reading) -> list[_Member]:
    rows = connection.execute(
        "SELECT d.seen_at, d.sha256, d.parser_version, r.id, r.content"
        " FROM readings d JOIN reports r ON r.id = d.report_id"
        " WHERE d.source = ? AND d.url = ? AND r.agency_key = ? AND r.year = ? ORDER BY d.seen_at, d.sha256",
        (reading.source, reading.url, *reading.key),
    )
    return [_Member(*row) for row in rows]


def _stays(
    connection: sqlite3.Connection,
    reading: Reading,
    own: _Member,
    others: list[_Member],
    forms: "Mapping[str, Form]",
) -> int | None:
    """The revision of a document that is read again; None if another document of it, by this parser, disagrees."""
    with_own = [member for member in others if member.report_id == own.report_id]
    if own.content != reading.content and any(m.parser_version == reading.parser_version for m in with_own):
        return None
    (read_from,) = connection.execute("SELECT sha256 FROM reports WHERE id = ?", (own.report_id,)).fetchone()
    is_first = all(member.moment > own.moment for member in with_own)
    if own.content != reading.content or read_from == reading.sha256 or is_first:
        replace_report(connection, own.report_id, reading, forms)
    if own.content != reading.content:
        _read_others_again(connection, own.report_id, reading)
    return own.report_id


def _joins(
    connection: sqlite3.Connection, reading: Reading, others: list[_Member], forms: "Mapping[str, Form]"
) -> int | None:
    """The revision just before or after in time, if this is the same content, or the very same bytes as before."""
    moment = (reading.seen_at, reading.sha256)
    earlier = [member for member in others if member.moment < moment]
    later = [member for member in others if member.moment > moment]
    if earlier and earlier[-1].content == reading.content:
        return earlier[-1].report_id
    if later and later[0].content == reading.content:
        # The row is read from the first of its documents.
        replace_report(connection, later[0].report_id, reading, forms)
        return later[0].report_id
    if earlier and earlier[-1].sha256 == reading.sha256:
        replace_report(connection, earlier[-1].report_id, reading, forms)
        _read_others_again(connection, earlier[-1].report_id, reading)
        return earlier[-1].report_id
    return None


def _read_others_again(connection: sqlite3.Connection, report_id: int, reading: Reading) -> None:
    """The other documents of a revision now say what this parser made of one of them. What another parser, which may
    be the one that is going to read next, made of them itself is not known any more: they are read again."""
    connection.execute(
        "UPDATE readings SET parser_version = '' WHERE report_id = ? AND parser_version <> ?",
        (report_id, reading.parser_version),
    )


def _part_later_readings(
    connection: sqlite3.Connection,
    target: int,
    reading: Reading,
    others: list[_Member],
    forms: "Mapping[str, Form]",
) -> None:
    """A revision found later in the middle of another one: the readings after it get a copy of that one."""
    moment = (reading.seen_at, reading.sha256)
    earlier = {member.report_id for member in others if member.moment < moment}
    later = [member for member in others if member.moment > moment and member.report_id in earlier]
    if not later:
        return
    stored = load_report(connection, later[0].report_id, as_read=True)
    if stored is None:
        return
    copy = Reading(
        stored.report,
        stored.sha256,
        reading.agency_id,
        reading.agency,
        reading.source,
        reading.portal,
        reading.url,
        later[0].seen_at,
        later[0].parser_version,
        bodies_of(connection, later[0].report_id),
    )
    copy_id = insert_report(connection, copy, forms)
    connection.executemany(
        "UPDATE readings SET report_id = ? WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ?",
        [(copy_id, reading.source, reading.url, *member.moment) for member in later],
    )
    if stored.sha256 != later[0].sha256:  # the copy is of another document, which it is no reading of
        connection.execute(
            "UPDATE readings SET parser_version = '' WHERE source = ? AND url = ? AND seen_at = ? AND sha256 = ?",
            (reading.source, reading.url, *later[0].moment),
        )


def _attach(connection: sqlite3.Connection, reading: Reading, report_id: int) -> None:
    connection.execute(
        "INSERT INTO readings (source, url, sha256, seen_at, parser_version, report_id, title)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            reading.source,
            reading.url,
            reading.sha256,
            reading.seen_at,
            reading.parser_version,
            report_id,
            reading.report.title,
        ),
    )


def _merge_neighbours(connection: sqlite3.Connection, reading: Reading) -> None:
    """Make one of revisions that follow each other with equal content."""
    members = _members(connection, reading)
    previous: _Member | None = None
    for member in members:
        if previous and member.report_id != previous.report_id and member.content == previous.content:
            connection.execute(
                "UPDATE readings SET report_id = ? WHERE report_id = ?", (previous.report_id, member.report_id)
            )
            drop_unsupported(connection, member.report_id)
            _merge_neighbours(connection, reading)
            return
        previous = member
