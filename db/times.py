"""Times as the archive keeps them: ISO text in UTC that ends in `+00:00`.

`+00:00` rather than `Z`, because then text order is the order of time even where only some have fractions of a
second ("+" sorts before ".", "Z" after it), and `datetime.fromisoformat` gives the same value back.
"""

from datetime import UTC, datetime


def to_text(time: datetime) -> str:
    """2026-01-31T08:00:00+00:00. ValueError for a time without a zone: it could mean any hour."""
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone; the archive keeps UTC only")
    return time.astimezone(UTC).isoformat()


def from_text(text: str) -> datetime:
    """The time that `to_text` wrote."""
    return datetime.fromisoformat(text)
