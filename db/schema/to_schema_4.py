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
    # What was judged by an older nianbao is not judged for the first time now.
    db.execute(
        "INSERT INTO judged (subject, digest, at) SELECT 'once', '', max(at) FROM finding_events HAVING count(*)"
    )


def _rename(db: "Database") -> None:
    """A finding's fingerprint is made of its rule's name, too: it is the same finding, and must not be told again."""
    db.execute("CREATE TEMP TABLE renamed (old TEXT PRIMARY KEY, new TEXT NOT NULL, rule TEXT NOT NULL) WITHOUT ROWID")
    marks = ", ".join("?" * len(RENAMED))
    claims = db.execute(
        f"SELECT DISTINCT fingerprint, claim FROM finding_events WHERE claim ->> '$.rule' IN ({marks})", [*RENAMED]
    )
    for fingerprint, claim in claims:
        finding = Finding(**json.loads(claim))
        finding.rule = RENAMED[finding.rule]
        values = [fingerprint, finding.fingerprint, finding.rule]
        db.execute("INSERT INTO temp.renamed VALUES (?, ?, ?) ON CONFLICT DO NOTHING", values)
    # A message that waits says the number under which it is answered; one that was sent stays as it was read.
    db.execute(
        "UPDATE outbox SET text = replace(text, r.old, r.new) FROM temp.renamed r"
        " WHERE outbox.fingerprint = r.old AND outbox.state = 'pending'"
    )
    db.execute("UPDATE findings SET rule = r.rule FROM temp.renamed r WHERE findings.fingerprint = r.old")
    db.execute(
        "UPDATE finding_events SET claim = json_set(claim, '$.rule', r.rule) FROM temp.renamed r"
        " WHERE finding_events.fingerprint = r.old AND claim IS NOT NULL"
    )
    for table in ("findings", "finding_events", "outbox"):
        db.execute(f"UPDATE {table} SET fingerprint = r.new FROM temp.renamed r WHERE {table}.fingerprint = r.old")
    db.execute("DROP TABLE temp.renamed")
