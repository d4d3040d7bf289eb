"""Whether a finding of a release stands: a column that the archive does not have, made of what was said of it."""

import sqlite3

from db.finding_state import MUTED, WRONG, claim_in, load_state
from db.readings.rows import as_json
from db.rule_record import suspended

COLUMN = "status"
STANDS = "stands"
ABOUT = (
    "gone: the rules find it no more; wrong: a person who looked at it calls it wrong; suspended: its rule is; held:"
    " it waits for a person; muted: a person wants nothing told of it, see finding_events; unconfirmed: it rests on a"
    " single look; shown: doubtful, or not meant to be told; stands: none of these, and it alone is a claim."
)
_SAID = "SELECT DISTINCT fingerprint FROM finding_events WHERE event IN (?, ?) ORDER BY fingerprint"
# In this order: what comes later is only said of what nothing worse is said of.
_BY_COLUMNS = (
    ("gone", "NOT is_open"),
    ("wrong", "fingerprint IN (SELECT fingerprint FROM said WHERE is_wrong)"),
    ("suspended", "rule IN (SELECT value FROM json_each(:suspended))"),
    ("held", "held_why IS NOT NULL"),
    ("muted", "fingerprint IN (SELECT fingerprint FROM said)"),
    ("unconfirmed", "NOT confirmed"),
    ("shown", "NOT told OR certainty = 'doubtful'"),
)


def add_status(archive: sqlite3.Connection, release: sqlite3.Connection) -> None:
    """Add the column to the table findings of a release that is being written."""
    release.execute("CREATE TEMP TABLE said (fingerprint TEXT PRIMARY KEY, is_wrong INTEGER) WITHOUT ROWID")
    for (fingerprint,) in archive.execute(_SAID, (WRONG, MUTED)):
        row = archive.execute(
            "SELECT observed, expected FROM findings WHERE fingerprint = ?", (fingerprint,)
        ).fetchone()
        if row is None:
            continue
        state, claim = load_state(archive, fingerprint), claim_in(*row)
        is_wrong = state.wrong(claim) is not None
        if is_wrong or state.mute(claim, "") is not None:
            release.execute("INSERT INTO said VALUES (?, ?)", (fingerprint, is_wrong))
    arms = " ".join(f"WHEN {condition} THEN '{status}'" for status, condition in _BY_COLUMNS)
    release.execute(f"ALTER TABLE findings ADD COLUMN {COLUMN} TEXT NOT NULL DEFAULT '{STANDS}'")
    release.execute(
        f"UPDATE findings SET {COLUMN} = CASE {arms} ELSE '{STANDS}' END",
        {"suspended": as_json(sorted(suspended(archive)))},
    )
    release.execute("DROP TABLE said")
