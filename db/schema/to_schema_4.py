"""The fourth migration: findings get a life of their own, and rules the names of the official words."""

import json
from typing import TYPE_CHECKING

from db.records import Finding
from db.schema.tables_judging import NEW_COLUMNS, TABLES

if TYPE_CHECKING:
    from sqlite_utils import Database

RENAMED = {"missing-section": "sections", "unexpected-form": "wrong-form"}
"""Rules that have another name since. Their findings keep what happened to them, under the new name."""


def apply(db: "Database") -> None:
    """Bring the tables of the third schema to the fourth. To be called within a write transaction."""
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for statement in TABLES:
        db.execute(statement)
    _rename(db)


def _rename(db: "Database") -> None:
    """A finding's fingerprint is made of its rule's name, too: it is the same finding, and must not be told again."""
    marks = ", ".join("?" * len(RENAMED))
    old = db.execute(f"SELECT fingerprint, claim FROM finding_events WHERE claim ->> '$.rule' IN ({marks})", [*RENAMED])
    for fingerprint, claim in dict(old.fetchall()).items():
        values = json.loads(claim)
        values["rule"] = RENAMED[values["rule"]]
        new = Finding(**values).fingerprint
        for table in ("findings", "finding_events", "outbox"):
            db.execute(f"UPDATE {table} SET fingerprint = ? WHERE fingerprint = ?", (new, fingerprint))
        db.execute("UPDATE findings SET rule = ? WHERE fingerprint = ?", (values["rule"], new))
        db.execute(
            "UPDATE finding_events SET claim = json_set(claim, '$.rule', ?)"
            " WHERE fingerprint = ? AND claim IS NOT NULL",
            (values["rule"], new),
        )
