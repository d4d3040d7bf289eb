"""Visits as rows: which columns, and back to the record."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from db.records import Visit
from db.times import from_text

COLUMNS = (
    "id", "portal", "url", "kind", "at", "status", "outcome", "evidence", "final_url", "request_headers",
    "response_headers", "sha256", "crawl_id", "network", "redirects", "requests", "body_sha256", "signature",
)  # fmt: skip


class SeenVisit(NamedTuple):
    """A visit with its number in the archive."""

    id: int
    visit: Visit


def select(condition: str, alias: str = "v") -> str:
    """A SELECT of whole visits; condition: what follows the table, aliased `v`."""
    return f"SELECT {', '.join(f'{alias}.{name}' for name in COLUMNS)} FROM visits {alias} {condition}"


def load(connection: sqlite3.Connection, condition: str, values: Any = ()) -> Iterator[SeenVisit]:
    """The visits of a condition, as they come."""
    for row in connection.execute(select(condition), values):
        yield visit_of(row)


def visit_of(row: tuple[Any, ...]) -> SeenVisit:
    """The visit of one row of `select`."""
    values = dict(zip(COLUMNS, row, strict=True))
    number = values.pop("id")
    values["at"] = from_text(values["at"])
    for name in ("request_headers", "response_headers"):
        values[name] = json.loads(values[name])
    values["network"] = json.loads(values["network"]) if values["network"] else None
    values["redirects"] = [(status, url) for status, url in json.loads(values["redirects"] or "[]")]
    return SeenVisit(number, Visit(**values))
