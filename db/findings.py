"""The life of a finding: found, found again, gone; and what must be told of it, in the same transaction.

What happened to a finding stands in finding_events, which is kept, each event with the whole claim. So findings that
were thrown away and judged anew are not told a second time, and those that are gone can be made again.
"""

import dataclasses
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any

from db.outbox import put_messages
from db.readings.rows import as_json
from db.records import Finding, Message, agency_key

FOUND = "found"
GONE = "gone"

Messages = Callable[[Finding, str], list[Message]]

_PLAIN = ("rule", "kind", "severity", "certainty", "basis", "agency_id", "agency", "year", "figure")
_JSON = ("figures", "observed", "expected", "places")
_SENTENCES = ("sentence_zh", "sentence_en")
_CLAIM = (*_PLAIN, *_SENTENCES, "told", "confirmed", *_JSON)  # the fields of a Finding
_CONTENT = (*_CLAIM, "agency_key", "is_open", "gone_at")  # what may change while the fingerprint stays
_WRITE = (
    f"INSERT INTO findings (fingerprint, {', '.join(_CONTENT)}, first_found_at)"
    f" VALUES (?, {', '.join('?' * len(_CONTENT))}, ?) ON CONFLICT (fingerprint) DO UPDATE SET"
    f" {', '.join(f'{name} = excluded.{name}' for name in _CONTENT)}"
    # What is found again as it was costs no write: a whole archive is judged day after day.
    f" WHERE ({', '.join(f'findings.{name}' for name in _CONTENT)})"
    f" IS NOT ({', '.join(f'excluded.{name}' for name in _CONTENT)})"
)
_FIRST_FOUND = "SELECT min(at) FROM finding_events WHERE fingerprint = ? AND event = 'found'"
_OPEN_OF = (
    "SELECT f.fingerprint FROM json_each(?) k CROSS JOIN findings f ON f.year = k.value ->> 1"
    " AND f.agency_key = k.value ->> 0 WHERE f.is_open AND f.rule IN (SELECT value FROM json_each(?))"
)
_IN_ORDER = " ORDER BY f.year, f.agency_key, f.rule, f.figure, f.fingerprint"

_DIGITS = 16  # of a fingerprint
_BATCH = 200  # findings read at a time


def save_findings(
    connection: sqlite3.Connection,
    found: Iterable[Finding],
    *,
    judged: Set[tuple[str, int]] | None,
    rules: Set[str],
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
            "INSERT INTO finding_events (fingerprint, event, at, observed, told, claim) VALUES (?, ?, ?, ?, ?, ?)",
            (finding.fingerprint, event, at, as_json(finding.observed), finding.told, claim_of(finding)),
        )
        if finding.told:
            put_messages(connection, messages(finding, event), at)
    return events


def has_open(connection: sqlite3.Connection, judged: Set[tuple[str, int]] | None, rules: Set[str]) -> bool:
    """Whether any finding of these rules stands about these agencies and years (None: all)."""
    return next(_open(connection, judged, rules), None) is not None


def selected(connection: sqlite3.Connection, year: int | None, agency: str | None, open_only: bool) -> bytes:
    """The fingerprints of findings in the order in which they are shown, one after the other, 16 digits each."""
    cursor = connection.execute(
        "SELECT fingerprint FROM findings"
        " WHERE (:year IS NULL OR year = :year)"
        " AND (:agency IS NULL OR :agency IN (agency, agency_id, agency_key)) AND (is_open OR NOT :open_only)"
        " ORDER BY year DESC, agency, rule, figure, fingerprint",
        {"year": year, "agency": agency, "open_only": open_only},
    )
    found = bytearray()
    for (fingerprint,) in cursor:
        found += fingerprint.encode("ascii")
    return bytes(found)


def batches(fingerprints: bytes) -> Iterator[list[str]]:
    """Fingerprints as `selected` gives them, some at a time."""
    step = _DIGITS * _BATCH
    for start in range(0, len(fingerprints), step):
        some = fingerprints[start : start + step].decode("ascii")
        yield [some[at : at + _DIGITS] for at in range(0, len(some), _DIGITS)]


def rows(connection: sqlite3.Connection, fingerprints: list[str]) -> list[dict[str, Any]]:
    """Findings as rows of the table, JSON unpacked, in this order; one that is gone from it meanwhile is left out."""
    cursor = connection.execute(
        "SELECT f.* FROM json_each(?) k CROSS JOIN findings f ON f.fingerprint = k.value ORDER BY k.key",
        (as_json(fingerprints),),
    )
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor]
    for row in found:
        row |= {name: json.loads(row[name]) for name in _JSON}
        row |= {name: bool(row[name]) for name in ("told", "confirmed", "is_open")}
    return found


def orphans(connection: sqlite3.Connection, after: str, most: int) -> list[tuple[str, str, int, list[str]]]:
    """(fingerprint, agency key, year, documents of that year) of the open findings about an agency and year of which
    there is no report to judge, by fingerprint, from behind `after` on."""
    found = connection.execute(
        "SELECT f.fingerprint, f.agency_key, f.year, f.places FROM findings f WHERE f.is_open AND f.fingerprint > ?"
        " AND NOT EXISTS (SELECT 1 FROM agency_keys k JOIN wide w ON w.agency_no = k.no AND w.year = f.year"
        " AND w.is_latest = 1 WHERE k.key = f.agency_key) ORDER BY f.fingerprint LIMIT ?",
        (after, most),
    )
    return [
        (fingerprint, key, year, [p["sha256"] for p in json.loads(places) if p.get("sha256") and p["year"] == year])
        for fingerprint, key, year, places in found
    ]


def documents_of_latest(connection: sqlite3.Connection, sha256s: Iterable[str]) -> set[str]:
    """Those of these documents that a report to be judged was read from."""
    found = connection.execute(
        "SELECT DISTINCT r.sha256 FROM reports r JOIN wide w ON w.report_id = r.id AND w.is_latest = 1"
        " WHERE r.sha256 IN (SELECT value FROM json_each(?))",
        (as_json(sorted(set(sha256s))),),
    )
    return {sha256 for (sha256,) in found}


def claim_of(finding: Finding) -> str:
    """A finding as JSON, whole."""
    return as_json(dataclasses.asdict(finding))


def restore(connection: sqlite3.Connection) -> int:
    """Make the rows of findings that are lacking from the claim of their last event: those that stood and those that
    are gone. Judging then brings up to date what stands. Returns how many rows were made.

    A finding whose last event was written without its claim is left as it is.
    """
    return _restore(connection, (FOUND, GONE))


def restore_gone(connection: sqlite3.Connection) -> int:
    """The same for findings that are gone alone: nothing but their events can bring them back."""
    return _restore(connection, (GONE,))


def _restore(connection: sqlite3.Connection, last: tuple[str, ...]) -> int:
    made, after = 0, ""
    while True:
        events = connection.execute(
            "SELECT e.fingerprint, e.event, e.at, e.claim FROM finding_events e WHERE e.id IN (SELECT max(id)"
            " FROM finding_events WHERE fingerprint > ? GROUP BY fingerprint ORDER BY fingerprint LIMIT ?)"
            " ORDER BY e.fingerprint",
            (after, _BATCH),
        ).fetchall()
        for fingerprint, event, at, claim in events:
            if event not in last or claim is None:
                continue
            finding = json.loads(claim)
            values = {name: finding[name] for name in (*_PLAIN, *_SENTENCES)}
            values |= {name: as_json(finding[name]) for name in _JSON}
            values |= {
                "fingerprint": fingerprint,
                "agency_key": agency_key(finding["agency_id"], finding["agency"]),
                "told": bool(finding["told"]),
                "confirmed": bool(finding.get("confirmed", True)),
                "is_open": event != GONE,
                "gone_at": at if event == GONE else None,
            }
            (values["first_found_at"],) = connection.execute(_FIRST_FOUND, (fingerprint,)).fetchone()
            made += connection.execute(
                f"INSERT INTO findings ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
                " ON CONFLICT (fingerprint) DO NOTHING",
                list(values.values()),
            ).rowcount
        if len(events) < _BATCH:
            return made
        after = events[-1][0]


def _write(connection: sqlite3.Connection, finding: Finding, at: str) -> None:
    values = {name: getattr(finding, name) for name in _CLAIM}
    values |= {name: as_json(values[name]) for name in _JSON}
    values |= {"agency_key": finding.key[0], "is_open": True, "gone_at": None}
    (first,) = connection.execute(_FIRST_FOUND, (finding.fingerprint,)).fetchone()
    content = [values[name] for name in _CONTENT]
    connection.execute(_WRITE, (finding.fingerprint, *content, first if first is not None else at))


def _last_event(connection: sqlite3.Connection, fingerprint: str) -> tuple[str, bool] | None:
    """(event, told) of the last thing that happened to a finding, None if it was never found."""
    row = connection.execute(
        "SELECT event, told FROM finding_events WHERE fingerprint = ? ORDER BY id DESC LIMIT 1", (fingerprint,)
    ).fetchone()
    return (row[0], bool(row[1])) if row else None


def _no_longer_found(
    connection: sqlite3.Connection, found: Set[str], judged: Set[tuple[str, int]] | None, rules: Set[str]
) -> list[Finding]:
    """The open findings of these rules that were judged and not found."""
    gone = [fingerprint for fingerprint in _open(connection, judged, rules) if fingerprint not in found]
    return [_load(connection, fingerprint) for fingerprint in gone]


def _open(connection: sqlite3.Connection, judged: Set[tuple[str, int]] | None, rules: Set[str]) -> Iterator[str]:
    """The fingerprints of the open findings of these rules about what was judged."""
    named = as_json(sorted(rules))
    if judged is None:
        every = "SELECT f.fingerprint FROM findings f WHERE f.is_open AND f.rule IN (SELECT value FROM json_each(?))"
        cursor = connection.execute(every + _IN_ORDER, (named,))
    else:
        cursor = connection.execute(_OPEN_OF + _IN_ORDER, (as_json(sorted(judged)), named))
    for (fingerprint,) in cursor:
        yield fingerprint


def _load(connection: sqlite3.Connection, fingerprint: str) -> Finding:
    row = connection.execute(
        f"SELECT {', '.join(_CLAIM)} FROM findings WHERE fingerprint = ?", (fingerprint,)
    ).fetchone()
    values = dict(zip(_CLAIM, row, strict=True))
    flags = {name: bool(values[name]) for name in ("told", "confirmed")}
    return Finding(**values | {name: json.loads(values[name]) for name in _JSON} | flags)
