"""The fifth migration: subscribers of their own kind, and an outbox in which many hear one text."""

import hashlib
from typing import TYPE_CHECKING

from db.schema.tables_telling import OUTBOX, OUTBOX_INDEXES, TABLES

if TYPE_CHECKING:
    from sqlite_utils import Database


def apply(db: "Database") -> None:
    """Bring the tables of the fourth schema to the fifth. To be called within a write transaction."""
    for statement in TABLES:
        db.execute(statement)
    db.conn.create_function("text_digest", 1, _digest, deterministic=True)
    db.execute(
        "INSERT INTO message_texts (digest, text) SELECT text_digest(text), text FROM outbox WHERE true"
        " GROUP BY text ORDER BY min(id) ON CONFLICT (digest) DO NOTHING"
    )
    db.execute("ALTER TABLE outbox RENAME TO outbox_4")
    for name in ("outbox_pending", "outbox_finding"):
        db.execute(f"DROP INDEX {name}")
    db.execute(OUTBOX)
    db.execute(
        "INSERT INTO outbox (id, subscriber, channel, fingerprint, event, text_id, state, attempts, next_try,"
        " created_at, sent_at, error) SELECT o.id, o.subscriber, o.channel, o.fingerprint, o.event, t.id, o.state,"
        " o.attempts, o.next_try, o.created_at, o.sent_at, o.error FROM outbox_4 o"
        " JOIN message_texts t ON t.digest = text_digest(o.text) ORDER BY o.id"
    )
    db.execute("DROP TABLE outbox_4")
    for statement in OUTBOX_INDEXES:
        db.execute(statement)


def text_digest(text: str, document_name: str | None = None, document: str | None = None) -> str:
    """By which a text, with the file that goes with it, is kept once."""
    parts = (text, document_name or "", document or "")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _digest(text: str) -> str:
    return text_digest(text)
