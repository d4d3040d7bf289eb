"""The life of a finding: found, found again, gone; and what must be told of it, in the same transaction.

Whether a finding is new is read from finding_events, which is kept, so that findings that were thrown away and
judged anew are not told a second time.
"""

import json
import sqlite3
from collections.abc import Callable, Set
from typing import Any

from db.outbox import put_messages
from db.records import Finding, Message
from db.rows import as_json

FOUND = "found"
GONE = "gone"

Messages = Callable[[Finding, str], list[Message]]

_PLAIN = ("rule", "kind", "severity", "certainty", "basis", "agency_id", "agency", "year", "figure")
_JSON = ("figures", "observed", "expected", "places")
_SENTENCES = ("sentence_zh", "sentence_en")


def save_findings(
    connection: sqlite3.Connection,
    found: list[Finding],
    *,
    judged: set[tuple[str, int]] | None,
    rules: set[str],
    messages: Messages,
    at: str,
) -> list[tuple[Finding, str]]:
    """See Archive.save_findings. To be called within a write transaction."""
    unique: dict[str, Finding] = {}
    for finding in found:
        unique.setdefault(finding.fingerprint, finding)
    events: list[tuple[Finding, str]] = []
    for fingerprint, finding in unique.items():
        _write(connection, finding, at)
        before = _last_event(connection, fingerprint)
        # A finding that so far was only shown becomes news once it may be told.
        if before is None or before[0] == GONE or (finding.told and not before[1]):
            events.append((finding, FOUND))
    for finding in _no_longer_found(connection, unique.keys(), judged, rules):
        connection.execute(
            "UPDATE findings SET is_open = 0, gone_at = ? WHERE fingerprint = ?", (at, finding.fingerprint)
        )
        events.append((finding, GONE))
    for finding, event in events:
        connection.execute(
            "INSERT INTO finding_events (fingerprint, event, at, observed, told) VALUES (?, ?, ?, ?, ?)",
            (finding.fingerprint, event, at, as_json(finding.observed), finding.told),
        )
        if finding.told:
            put_messages(connection, messages(finding, event), at)
    return events


def findings(
    connection: sqlite3.Connection, year: int | None, agency: str | None, open_only: bool
) -> list[dict[str, Any]]:
    """See Archive.findings."""
    cursor = connection.execute(
        "SELECT * FROM findings WHERE (:year IS NULL OR year = :year)"
        " AND (:agency IS NULL OR :agency IN (agency, agency_id, agency_key)) AND (is_open OR NOT :open_only)"
        " ORDER BY year DESC, agency, rule, figure, fingerprint",
        {"year": year, "agency": agency, "open_only": open_only},
    )
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    for row in rows:
        row |= {name: json.loads(row[name]) for name in _JSON}
        row |= {name: bool(row[name]) for name in ("told", "is_open")}
    return rows


def _write(connection: sqlite3.Connection, finding: Finding, at: str) -> None:
    values = {name: getattr(finding, name) for name in (*_PLAIN, *_SENTENCES)}
    values |= {name: as_json(getattr(finding, name)) for name in _JSON}
    values |= {
        "agency_key": finding.key[0],
        "told": finding.told,
        "is_open": True,
        "last_found_at": at,
        "gone_at": None,
    }
    updates = ", ".join(f"{name} = excluded.{name}" for name in values)
    values |= {"fingerprint": finding.fingerprint, "first_found_at": at}
    connection.execute(
        f"INSERT INTO findings ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
        f" ON CONFLICT (fingerprint) DO UPDATE SET {updates}",
        list(values.values()),
    )


def _last_event(connection: sqlite3.Connection, fingerprint: str) -> tuple[str, bool] | None:
    """(event, told) of the last thing that happened to a finding, None if it was never found."""
    row = connection.execute(
        "SELECT event, told FROM finding_events WHERE fingerprint = ? ORDER BY id DESC LIMIT 1", (fingerprint,)
    ).fetchone()
    return (row[0], bool(row[1])) if row else None


def _no_longer_found(
    connection: sqlite3.Connection, found: Set[str], judged: set[tuple[str, int]] | None, rules: set[str]
) -> list[Finding]:
    """The open findings of these rules that were judged and not found."""
    rows = connection.execute(
        f"SELECT fingerprint, agency_key, year FROM findings WHERE is_open AND rule IN ({', '.join('?' * len(rules))})"
        " ORDER BY year, agency_key, rule, figure, fingerprint",
        sorted(rules),
    ).fetchall()
    return [
        _load(connection, fingerprint)
        for fingerprint, *key in rows
        if fingerprint not in found and (judged is None or tuple(key) in judged)
    ]


def _load(connection: sqlite3.Connection, fingerprint: str) -> Finding:
    fields = (*_PLAIN, *_SENTENCES, "told", *_JSON)
    row = connection.execute(
        f"SELECT {', '.join(fields)} FROM findings WHERE fingerprint = ?", (fingerprint,)
    ).fetchone()
    values = dict(zip(fields, row, strict=True))
    return Finding(**values | {name: json.loads(values[name]) for name in _JSON} | {"told": bool(values["told"])})
