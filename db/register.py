"""The register of portals and agencies as the archive keeps it."""

import sqlite3
from collections import Counter, defaultdict

from db.errors import ArchiveError
from db.records import Agency
from db.seen import ensure_portal

_COLUMNS = ("id", "name", "region_code", "organ", "duty", "duty_source", "from_year", "to_year", "portal")


def add_portal(connection: sqlite3.Connection, portal: str, name: str, platform: str) -> None:
    """Write down a portal, or its new name and platform."""
    connection.execute(
        "INSERT INTO portals (id, name, platform) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, platform = excluded.platform",
        (portal, name, platform),
    )


def import_agencies(connection: sqlite3.Connection, wanted: list[Agency]) -> None:
    """Write down agencies, or what is new about them; agencies not named stay as they are.

    Where anything is new, the reports whose agency is not known yet are to be read again.
    """
    twice, count = Counter(agency.id for agency in wanted).most_common(1)[0] if wanted else ("", 0)
    if count > 1:
        raise ArchiveError(f"agency {twice} stands {count} times in the register; its id must be its own")
    known = {agency.id: agency for agency in agencies(connection)}
    changed = [agency for agency in wanted if known.get(agency.id) != agency]
    for agency in changed:
        _write(connection, agency)
    if changed:
        connection.execute(
            "UPDATE readings SET parser_version = ''"
            " WHERE report_id IN (SELECT id FROM reports WHERE agency_id IS NULL)"
        )


def agencies(connection: sqlite3.Connection) -> list[Agency]:
    """All agencies, by id."""
    aliases: dict[str, list[str]] = defaultdict(list)
    for agency_id, alias in connection.execute("SELECT agency_id, alias FROM agency_aliases ORDER BY position"):
        aliases[agency_id].append(alias)
    rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM agencies ORDER BY id")
    return [Agency(**dict(zip(_COLUMNS, row, strict=True)), aliases=tuple(aliases.get(row[0], ()))) for row in rows]


def require_agency(connection: sqlite3.Connection, agency_id: str) -> None:
    """ArchiveError unless the agency is in the register."""
    if not connection.execute("SELECT 1 FROM agencies WHERE id = ?", (agency_id,)).fetchone():
        raise ArchiveError(f"agency {agency_id} is not in the archive's register; import_agencies must come first")


def _write(connection: sqlite3.Connection, agency: Agency) -> None:
    ensure_portal(connection, agency.portal)
    updates = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])
    connection.execute(
        f"INSERT INTO agencies ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
        f" ON CONFLICT (id) DO UPDATE SET {updates}",
        [getattr(agency, column) for column in _COLUMNS],
    )
    connection.execute("DELETE FROM agency_aliases WHERE agency_id = ?", (agency.id,))
    connection.executemany(
        "INSERT INTO agency_aliases (agency_id, position, alias) VALUES (?, ?, ?)",
        [(agency.id, position, alias) for position, alias in enumerate(agency.aliases)],
    )
