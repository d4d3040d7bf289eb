"""What SQLite finds wrong with its own file, in words that name the page, and the table where it can be told."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress

_MOST = 100  # things that SQLite is asked for
_FOLLOWS = "is never used"  # said of each page that hangs on a damaged one


def is_damage(error: Exception) -> bool:
    """Whether an error of SQLite says that the file is damaged."""
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_CORRUPT")


def damage(connection: sqlite3.Connection, *, deep: bool = False) -> Iterator[str]:
    """What is wrong with a database, one thing each; nothing where it is whole. deep: indexes are compared with their
    tables. Tables that are damaged are looked for only where something is wrong, since that reads everything again."""
    check = "integrity_check" if deep else "quick_check"
    found, is_cut_off = _said(connection, f"PRAGMA {check}({_MOST})")
    if not found:
        return
    told: set[str] = set()
    for table in _tables(connection):
        of_table, _ = _said(connection, f'PRAGMA {check}("{table}")')
        told.update(of_table)
        yield from (f"table {table}: {said}" for said in of_table)
    yield from (said for said in found if said not in told and not (told and (is_cut_off or _FOLLOWS in said)))


def _said(connection: sqlite3.Connection, check: str) -> tuple[list[str], bool]:
    """What a check says, and whether the damage has kept it from going on."""
    found: list[str] = []
    try:
        for (said,) in connection.execute(check):
            found += [line for line in said.splitlines() if line != "ok" and not line.startswith("***")]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [*found, str(error)], True
    return found, False


def _tables(connection: sqlite3.Connection) -> list[str]:
    with suppress(sqlite3.DatabaseError):  # the list of tables itself is damaged
        return [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name"
            )
        ]
    return []
