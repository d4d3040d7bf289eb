"""What was found about an agency that the register did not know is the same finding once the register knows it.

Its fingerprint is made of the agency, too. Without this, the finding would be gone under the printed name and found
anew under the agency's: told twice, and what people had said of it would be lost.
"""

import json
import sqlite3
from collections.abc import Iterable

from db.readings.rows import as_json
from db.records import UNRESOLVED, Finding, agency_key
from db.telling import writing

Key = tuple[str, int]

_FIELDS = ("rule", "kind", "severity", "certainty", "basis", "agency_id", "agency", "year", "figure", "sentence_zh",
           "sentence_en", "told")  # fmt: skip
_STANDING = (
    f"SELECT f.fingerprint, f.places, {', '.join(f'f.{name}' for name in _FIELDS)} FROM json_each(?) k"
    " CROSS JOIN findings f ON f.year = k.value ->> 1 AND f.agency_key = k.value ->> 0 WHERE f.agency_id IS NULL"
)
# Whose the documents are now, as far as the register knows it.
_OWNERS = (
    "SELECT DISTINCT r.agency_id, r.agency FROM reports r JOIN wide w ON w.report_id = r.id AND w.is_latest = 1"
    " WHERE r.sha256 IN (SELECT value FROM json_each(?)) AND r.year = ? AND r.agency_id IS NOT NULL"
)
_IS_TAKEN = "SELECT 1 FROM finding_events WHERE fingerprint = ? LIMIT 1"


def unresolved(connection: sqlite3.Connection) -> list[Key]:
    """Of agencies that the register did not know, those that are marked to be judged and of which findings are kept."""
    return connection.execute(
        "SELECT DISTINCT f.agency_key, f.year FROM to_judge t JOIN findings f ON f.year = t.year"
        " AND f.agency_key = t.agency_key WHERE t.agency_key >= ? AND t.agency_key < ?",
        (UNRESOLVED, UNRESOLVED[:-1] + chr(ord(UNRESOLVED[-1]) + 1)),
    ).fetchall()


def adopt(connection: sqlite3.Connection, keys: Iterable[Key]) -> int:
    """Have the findings of these go on as findings of the agency whose their documents are by now; how many.

    Nothing is done where the documents are not, or not all, one agency's, nor where that has the same finding already.
    """
    adopted = 0
    for fingerprint, places, *values in connection.execute(_STANDING, (as_json(sorted(keys)),)).fetchall():
        finding = Finding(
            **dict(zip(_FIELDS, values, strict=True)), figures=[], observed=None, expected=None, places=[]
        )
        documents = {p["sha256"] for p in json.loads(places) if p.get("sha256") and p["year"] == finding.year}
        owners = connection.execute(_OWNERS, (as_json(sorted(documents)), finding.year)).fetchall()
        if len(owners) != 1:
            continue
        finding.agency_id, finding.agency = owners[0]
        if not connection.execute(_IS_TAKEN, (finding.fingerprint,)).fetchone():
            _rename(connection, fingerprint, finding)
            adopted += 1
    return adopted


def _rename(connection: sqlite3.Connection, old: str, finding: Finding) -> None:
    new = finding.fingerprint
    named = (finding.agency_id, finding.agency)
    connection.execute(
        "UPDATE findings SET fingerprint = ?, agency_id = ?, agency = ?, agency_key = ? WHERE fingerprint = ?",
        (new, *named, agency_key(*named), old),
    )
    connection.execute(
        "UPDATE finding_events SET fingerprint = ?, claim = CASE WHEN claim IS NOT NULL"
        " THEN json_set(claim, '$.agency_id', ?, '$.agency', ?) END WHERE fingerprint = ?",
        (new, *named, old),
    )
    # A message that waits says the number under which it is answered; one that was sent stays as it was read.
    writing.say_other_number(connection, old, new)
    for table in ("outbox", "chat_mutes", "votes"):
        connection.execute(f"UPDATE OR REPLACE {table} SET fingerprint = ? WHERE fingerprint = ?", (new, old))
