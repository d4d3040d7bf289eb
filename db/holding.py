"""What it takes to hold a finding, and to release it. Within a transaction; the face of it is db/life.py."""

import sqlite3
from typing import Any

from db import findings as finding_rows
from db.finding_state import HELD, RELEASED, State, claim_of, load_state
from db.records import Finding
from db.telling import writing
from db.telling.gates import ARITHMETIC

_BATCH = 200
_RELEASED = f"SELECT 1 FROM finding_events WHERE fingerprint = ? AND event = '{RELEASED}' LIMIT 1"


def hold(connection: sqlite3.Connection, fingerprint: str, why: str, at: str) -> Finding | None:
    """Hold a finding of which nobody was told so far. Returns it; None, and nothing is done, for one that is told
    already, gone or held."""
    finding, state = finding_rows.load(connection, fingerprint), load_state(connection, fingerprint)
    if not state.is_open or not finding.told or state.held_why is not None:
        return None
    if not writing.drop_untold(connection, fingerprint):
        return None
    finding_rows.write_event(connection, finding, HELD, at, reason=why)
    connection.execute("UPDATE findings SET held_why = ? WHERE fingerprint = ?", (why, fingerprint))
    return finding


def held(connection: sqlite3.Connection, after: str, portal: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """The next findings that are held, as rows of the table, and behind which the next ones come; None: no more."""
    some = [
        name
        for (name,) in connection.execute(
            "SELECT f.fingerprint FROM findings f LEFT JOIN agencies a ON a.id = f.agency_id"
            " WHERE f.held_why IS NOT NULL AND f.fingerprint > ? AND (?2 IS NULL OR a.portal = ?2)"
            " ORDER BY f.fingerprint LIMIT ?3",
            (after, portal, _BATCH),
        )
    ]
    return finding_rows.rows(connection, some), some[-1] if len(some) == _BATCH else None


def why_not_released(finding: Finding, state: State) -> str | None:
    """Why nothing comes of releasing a finding, in a sentence; None where it can be released."""
    which, claim = finding.fingerprint, claim_of(finding)
    if state.held_why is not None:
        return None
    if not state.is_open:
        return f"{which}: stands no more; see `nianbao findings {which}`"
    if not finding.told or finding.certainty == "doubtful":
        return f"{which}: is only shown, and told to nobody"
    if finding.kind == ARITHMETIC:
        return f"{which}: is arithmetic, of which public channels hear without a release"
    if said := state.wrong(claim):
        return f"{which}: {said.by} says that it is wrong ({said.reason}); settle that before releasing it"
    if state.is_released(claim):
        return f"{which}: is released already as it stands"
    return None


def is_released(connection: sqlite3.Connection, finding: Finding) -> bool:
    """Whether a person has released what a finding claims now."""
    fingerprint = finding.fingerprint
    # Of most nobody has released anything, and this is asked of every one that is found.
    if not connection.execute(_RELEASED, (fingerprint,)).fetchone():
        return False
    return load_state(connection, fingerprint).is_released(claim_of(finding))


def release(
    connection: sqlite3.Connection,
    finding: Finding,
    state: State,
    by: str,
    reason: str,
    at: str,
    messages: finding_rows.Messages,
) -> None:
    """Release a finding that can be: one that was held is told to all; of another one those public chats hear that
    were not told so far."""
    tells = state.is_open and finding.told
    finding_rows.write_event(connection, finding, RELEASED, at, by=by, reason=reason, told=tells)
    connection.execute("UPDATE findings SET held_why = NULL WHERE fingerprint = ?", (finding.fingerprint,))
    if not tells:
        return
    public = set(connection.execute("SELECT channel, subscriber FROM subscribers WHERE audience = 'public'"))
    said = messages(finding, RELEASED)
    if state.held_why is None:  # the others have heard what they are to hear
        said = [one for one in said if (one.channel, one.subscriber) in public]
    is_known = state.held_why is None or state.is_known(claim_of(finding))
    writing.tell(connection, said, at, is_known=is_known, joining=public)
