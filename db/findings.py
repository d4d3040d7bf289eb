"""The life of a finding, as far as the rules make it: found, confirmed, held, gone, corrected; and what must be told of
it, in the same transaction. What people make of it: db/life.py.

What happened to a finding stands in finding_events, which is kept, each event with the whole claim. So findings that
were thrown away and judged anew are not told a second time, and those that are gone can be made again
(db/rebuilding/restore.py).
"""

import dataclasses
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any

from db.errors import ArchiveError
from db.finding_state import CONFIRMED, CORRECTED, FOUND, GONE, HELD, MUTED, Claim, State, claim_of, load_state
from db.readings.rows import as_json
from db.records import Finding, Message
from db.rule_record import suspended
from db.telling import writing
from db.telling.events import AFTER_MUTED, AFTER_WRONG, REPLACED

Messages = Callable[[Finding, str], list[Message]]
Hold = Callable[[Finding], str | None]
Replaced = Callable[[Finding, Finding], list[Message]]
"""What to tell of a finding that is gone while another about the same report came in its place."""

_PLAIN = ("rule", "kind", "severity", "certainty", "basis", "agency_id", "agency", "year", "figure")
_JSON = ("figures", "observed", "expected", "places")
_SENTENCES = ("sentence_zh", "sentence_en")
_CLAIM = (*_PLAIN, *_SENTENCES, "told", "confirmed", *_JSON)  # the fields of a Finding
_CONTENT = (*_CLAIM, "agency_key", "is_open", "gone_at", "held_why")  # what may change while the fingerprint stays
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

REPLACED_BY = "replaced by"
"""How the reason of such a going begins; the fingerprint of the other follows."""

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
    hold: Hold | None = None,
    replaced: Replaced | None = None,
) -> list[tuple[Finding, str]]:
    """See Archive.save_findings. To be called within a write transaction."""
    unique: dict[str, Finding] = {}
    for finding in found:
        unique.setdefault(finding.fingerprint, finding)
    events: list[tuple[Finding, str]] = []
    newly_told: dict[tuple[str, int], Finding] = {}
    for finding in unique.values():
        happened = _found(connection, finding, messages, at, hold)
        if happened and finding.kind == "time" and _is_told_now(connection, finding, at):
            newly_told.setdefault(finding.key, finding)
        events += happened
    for finding in _no_longer_found(connection, unique.keys(), judged, rules):
        by = newly_told.get(finding.key) if finding.kind == "time" else None
        if by is None:
            events.append((finding, _ended(connection, finding, messages, at)))
        else:
            events.append((finding, _ended(connection, finding, messages, at, by=by, replaced=replaced)))
    return events


def _is_told_now(connection: sqlite3.Connection, finding: Finding, at: str) -> bool:
    """Whether those who are to be told of a finding that was just saved hear of it."""
    state = load_state(connection, finding.fingerprint)
    return not is_not_to_be_told(connection, finding, state, at)


def _found(
    connection: sqlite3.Connection, finding: Finding, messages: Messages, at: str, hold: Hold | None
) -> list[tuple[Finding, str]]:
    """Write down a finding that stands, and what is new about it."""
    state, claim = load_state(connection, finding.fingerprint), claim_of(finding)
    event = _news(state, finding, claim, at)
    why = state.held_why
    if event is not None and finding.told and why is None and hold is not None:
        why = hold(finding)
    _write(connection, finding, why, at)
    if event is None:
        return []
    events = [event]
    write_event(connection, finding, event, at)
    if why is None:
        if finding.told:
            said = _said_before(state, claim, at) if event == FOUND else None
            writing.tell(connection, messages(finding, said or event), at, is_known=state.is_known(claim))
    elif finding.told and state.held_why is None:
        write_event(connection, finding, HELD, at, reason=why)
        events.append(HELD)
    return [(finding, event) for event in events]


def _news(state: State, finding: Finding, claim: Claim, at: str) -> str | None:
    """What has happened to a finding that was found; None where it stands as it stood."""
    if not state.is_open:
        return FOUND
    if finding.confirmed and not state.confirmed:
        return CONFIRMED
    if not finding.told:
        return None
    # What so far was only shown becomes news once it may be told; so does what says something else than the claim of
    # which a person said that it is wrong, or wanted to hear no more.
    is_other = state.of_another_claim(claim, at) and not state.is_known(claim)
    is_news = state.held_why is None and (is_other or state.speaks_again(claim, at))
    return FOUND if not state.told or is_news else None


def is_news(connection: sqlite3.Connection, finding: Finding, at: str) -> bool:
    """Whether a finding would be told if it were saved now."""
    state = load_state(connection, finding.fingerprint)
    is_held = state.held_why is not None
    return finding.told and not is_held and _news(state, finding, claim_of(finding), at) is not None


def _said_before(state: State, claim: Claim, at: str) -> str | None:
    """As what a message tells of a claim, where an earlier one was answered."""
    said = state.of_another_claim(claim, at)
    if said is None or state.is_known(claim):
        return None
    return AFTER_MUTED if said.event == MUTED else AFTER_WRONG


def _ended(
    connection: sqlite3.Connection,
    finding: Finding,
    messages: Messages,
    at: str,
    *,
    by: Finding | None = None,
    replaced: Replaced | None = None,
) -> str:
    """Write down that a finding stands no more; gone or corrected, or replaced: gone, and by what in its reason."""
    state = load_state(connection, finding.fingerprint)
    event = CORRECTED if _is_corrected(connection, finding, state) else GONE
    is_silent = is_not_to_be_told(connection, finding, state, at)
    connection.execute("UPDATE findings SET is_open = 0, gone_at = ? WHERE fingerprint = ?", (at, finding.fingerprint))
    if by is None or event == CORRECTED:
        write_event(connection, finding, event, at)
        writing.take_back(connection, messages(finding, event), at, is_silent=is_silent)
        return event
    write_event(connection, finding, event, at, reason=f"{REPLACED_BY} {by.fingerprint}")
    told = messages(finding, event) if replaced is None else replaced(finding, by)
    # What waits unsent need not be told at all: the other is.
    writing.take_back(connection, told, at, is_silent=True)
    return REPLACED


def _is_corrected(connection: sqlite3.Connection, finding: Finding, state: State) -> bool:
    """Whether a report that the finding rests on has new content since the agency was asked, or answered."""
    if state.asked_at is None:
        return False
    years = {finding.year, *(place["year"] for place in finding.places if place.get("sha256"))}
    return (
        connection.execute(
            "SELECT 1 FROM reports WHERE agency_key = ? AND year IN (SELECT value FROM json_each(?)) AND revision > 1"
            " AND first_seen_at > ? LIMIT 1",
            (finding.key[0], as_json(sorted(years)), state.asked_at),
        ).fetchone()
        is not None
    )


def is_not_to_be_told(connection: sqlite3.Connection, finding: Finding, state: State, at: str) -> bool:
    """Whether a finding is not to be told just now, be it news or not."""
    return (
        not finding.told
        or not finding.confirmed
        or finding.certainty == "doubtful"
        or state.held_why is not None
        or state.is_silenced(claim_of(finding), at)
        or finding.rule in suspended(connection)
    )


def write_event(
    connection: sqlite3.Connection,
    finding: Finding,
    event: str,
    at: str,
    *,
    by: str | None = None,
    reason: str | None = None,
    until: str | None = None,
    sha256: str | None = None,
    told: bool | None = None,
) -> None:
    """Write down what happened to a finding, with its claim as it is. told: else as the finding says."""
    connection.execute(
        "INSERT INTO finding_events (fingerprint, event, at, observed, told, claim, made_by, reason, until, sha256)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            finding.fingerprint,
            event,
            at,
            as_json(finding.observed),
            finding.told if told is None else told,
            as_json(dataclasses.asdict(finding)),
            by,
            reason,
            until,
            sha256,
        ),
    )


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
        row |= {name: json.loads(row[name] or "null") for name in _JSON}
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


def _write(connection: sqlite3.Connection, finding: Finding, held_why: str | None, at: str) -> None:
    values = {name: getattr(finding, name) for name in _CLAIM}
    values |= {name: as_json(values[name]) for name in _JSON}
    values |= {"agency_key": finding.key[0], "is_open": True, "gone_at": None, "held_why": held_why}
    (first,) = connection.execute(_FIRST_FOUND, (finding.fingerprint,)).fetchone()
    content = [values[name] for name in _CONTENT]
    connection.execute(_WRITE, (finding.fingerprint, *content, first if first is not None else at))


def _no_longer_found(
    connection: sqlite3.Connection, found: Set[str], judged: Set[tuple[str, int]] | None, rules: Set[str]
) -> list[Finding]:
    """The open findings of these rules that were judged and not found."""
    gone = [fingerprint for fingerprint in _open(connection, judged, rules) if fingerprint not in found]
    return [load(connection, fingerprint) for fingerprint in gone]


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


def load(connection: sqlite3.Connection, fingerprint: str) -> Finding:
    """The finding of a row. ArchiveError where there is none."""
    row = connection.execute(
        f"SELECT {', '.join(_CLAIM)} FROM findings WHERE fingerprint = ?", (fingerprint,)
    ).fetchone()
    if row is None:
        raise ArchiveError(f"there is no finding {fingerprint}; `nianbao findings --all` shows them")
    values = dict(zip(_CLAIM, row, strict=True))
    flags = {name: bool(values[name]) for name in ("told", "confirmed")}
    return Finding(**values | {name: json.loads(values[name] or "null") for name in _JSON} | flags)
