"""Findings that were thrown away, made again from their events."""

import json
import sqlite3

from db.finding_state import BY_RULES, ENDED, FOUND, HELD, RELEASED
from db.readings.rows import as_json
from db.records import agency_key

_BATCH = 200  # findings at a time
_NAMES = ", ".join(f"'{event}'" for event in BY_RULES)
_LAST = (
    "SELECT e.fingerprint, e.event, e.at, e.claim FROM finding_events e WHERE e.id IN (SELECT max(id)"
    f" FROM finding_events WHERE fingerprint > ? AND event IN ({_NAMES}) GROUP BY fingerprint"
    " ORDER BY fingerprint LIMIT ?) ORDER BY e.fingerprint"
)
_FIRST_FOUND = f"SELECT min(at) FROM finding_events WHERE fingerprint = ? AND event = '{FOUND}'"
_ENDED = f"""SELECT at FROM finding_events WHERE fingerprint = ?1 AND event IN ({", ".join(repr(e) for e in ENDED)})
  AND id > (SELECT max(id) FROM finding_events WHERE fingerprint = ?1 AND event = '{FOUND}') ORDER BY id LIMIT 1"""
_HOLD = f"""UPDATE findings SET held_why = h.why FROM (SELECT f.fingerprint,
    (SELECT CASE e.event WHEN '{HELD}' THEN e.reason END FROM finding_events e WHERE e.fingerprint = f.fingerprint
      AND e.event IN ('{HELD}', '{RELEASED}') ORDER BY e.id DESC LIMIT 1) AS why FROM findings f) h
  WHERE h.fingerprint = findings.fingerprint AND h.why IS NOT findings.held_why"""


def restore(connection: sqlite3.Connection) -> int:
    """Make the rows of findings that are lacking from the claim of the last thing that the rules made happen: those
    that stood and those that are gone. Judging then brings up to date what stands. Returns how many rows were made.

    A finding whose last event was written without its claim is left as it is.
    """
    made, after = 0, ""
    while True:
        events = connection.execute(_LAST, (after, _BATCH)).fetchall()
        for fingerprint, _, _, claim in events:
            if claim is not None:
                made += _make(connection, fingerprint, json.loads(claim))
        if len(events) < _BATCH:
            connection.execute(_HOLD)
            return made
        after = events[-1][0]


def _make(connection: sqlite3.Connection, fingerprint: str, finding: dict[str, object]) -> int:
    """Write the row of a finding, unless it is there."""
    ended = connection.execute(_ENDED, (fingerprint,)).fetchone()
    (first,) = connection.execute(_FIRST_FOUND, (fingerprint,)).fetchone()
    plain = ("rule", "kind", "severity", "certainty", "basis", "agency_id", "agency", "year", "figure")
    values = {name: finding[name] for name in (*plain, "sentence_zh", "sentence_en")}
    values |= {name: as_json(finding[name]) for name in ("figures", "observed", "expected", "places")}
    values |= {
        "fingerprint": fingerprint,
        "agency_key": agency_key(finding["agency_id"], str(finding["agency"])),  # type: ignore[arg-type]
        "told": bool(finding["told"]),
        "confirmed": bool(finding.get("confirmed", True)),
        "is_open": ended is None,
        "gone_at": ended and ended[0],
        "first_found_at": first,
    }
    return connection.execute(
        f"INSERT INTO findings ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
        " ON CONFLICT (fingerprint) DO NOTHING",
        list(values.values()),
    ).rowcount
