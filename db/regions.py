"""The region list in the archive, so that SQL can join names and levels to the codes of the register."""

import sqlite3


def refresh(connection: sqlite3.Connection) -> None:
    """Put the packaged list in the place of one of another date. To be called within a write transaction."""
    from parsers.regions import list_facts, regions

    date = list_facts().date
    if connection.execute("SELECT 1 FROM regions WHERE as_of = ? LIMIT 1", (date,)).fetchone():
        return
    connection.execute("DELETE FROM regions")
    connection.executemany(
        "INSERT INTO regions (code, name, level, as_of) VALUES (?, ?, ?, ?)",
        [(*region, date) for region in regions().values()],
    )
