"""The register of portals and agencies as the archive keeps it.

An agency without an organ is not in the register: a report named it, and the region list alone gave it its id. It owes
nothing until people say more.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from sys import intern

from db import regions, standins
from db.collected.seen import ensure_portal
from db.errors import ArchiveError
from db.readings import latest
from db.readings.rows import as_json
from db.records import Agency

_PLAIN = (
    "id", "name", "region_code", "organ", "duty", "duty_source", "from_year", "to_year", "portal",
    "supervisor", "parent", "covered_by",
)  # fmt: skip
_LISTS = ("predecessors", "successors")
_ALIKE = ("region_code", "organ", "duty", "duty_source", "portal")
_COLUMNS = (*_PLAIN, *_LISTS)
_UNKNOWN_AGENCY = "agency_id IS NULL OR agency_id IN (SELECT id FROM agencies WHERE organ = '')"
# A joint report of which a body is not known, or is among those that have changed.
_JOINT_AGAIN = (
    "SELECT id FROM reports r WHERE instr(printed_agency, '、')"
    " AND (length(printed_agency) - length(replace(printed_agency, '、', '')) >="
    " (agency_id IS NOT NULL) + (SELECT count(*) FROM report_bodies b WHERE b.report_id = r.id)"
    " OR agency_id IN (SELECT value FROM json_each(:changed)))"
    " UNION SELECT report_id FROM report_bodies WHERE agency_id IN (SELECT value FROM json_each(:changed))"
)
_READ_AGAIN = (
    "UPDATE readings SET parser_version = '' WHERE parser_version <> ''"
    f" AND (report_id IN (SELECT id FROM reports WHERE {_UNKNOWN_AGENCY})"
    f" OR report_id IN ({_JOINT_AGAIN})"
    f" OR (report_id IS NULL AND ({_UNKNOWN_AGENCY})))"
)
_NOTICES_AGAIN = (
    "UPDATE notice_readings SET parser_version = '' WHERE EXISTS (SELECT 1 FROM claims c WHERE c.url ="
    " notice_readings.url AND c.sha256 = notice_readings.sha256 AND (c.agency_id IS NULL OR c.agency_id NOT IN"
    " (SELECT id FROM agencies WHERE organ <> '')))"
)


def add_portal(connection: sqlite3.Connection, portal: str, name: str, platform: str) -> None:
    """Write down a portal, or its new name and platform."""
    connection.execute(
        "INSERT INTO portals (id, name, platform) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, platform = excluded.platform",
        (portal, name, platform),
    )


def import_agencies(connection: sqlite3.Connection, wanted: list[Agency], *, whole: bool = False) -> int:
    """Write down agencies, or what is new about them; agencies not named stay as they are.

    whole: these are all agencies of the register; who was in it and is no more is one that reports have named, from now
    on, and owes nothing.

    Where anything is new about an agency of the register, what was read of agencies that the register did not know is
    to be read again, and so are joint reports of which it did not know each, or now knows one otherwise; returns how
    many documents those are. Raises ArchiveError for an id that stands twice, and for
    relations to an agency that neither this list nor the archive knows.
    """
    regions.refresh(connection)
    twice, count = Counter(agency.id for agency in wanted).most_common(1)[0] if wanted else ("", 0)
    if count > 1:
        raise ArchiveError(f"agency {twice} stands {count} times in the register; its id must be its own")
    ids = {agency.id: agency for agency in wanted}
    unchanged, others, taken_out = set(), set(), []
    for agency in each(connection):
        if (new := ids.get(agency.id)) is None:
            others.add(agency.id)
            if whole and agency.organ:
                taken_out.append(agency)
        elif new == agency:
            unchanged.add(new.id)
    changed = [agency for agency in wanted if agency.id not in unchanged]
    _require_relatives(changed, ids.keys() | others if changed else set())
    for agency in taken_out:
        _write(connection, Agency(agency.id, agency.name, region_code=agency.region_code))
    for agency in changed:
        _write(connection, agency)
    if not taken_out and not any(agency.organ for agency in changed):
        return 0
    standins.refresh(connection)
    connection.execute(_NOTICES_AGAIN)
    different = as_json([agency.id for agency in (*changed, *taken_out)])
    return connection.execute(_READ_AGAIN, {"changed": different}).rowcount


def agencies(connection: sqlite3.Connection) -> list[Agency]:
    """All agencies, by id."""
    return list(each(connection))


def each(
    connection: sqlite3.Connection, agency_id: str | None = None, *, among: Collection[str] | None = None
) -> Iterator[Agency]:
    """All agencies, one, or those among some, by id, one by one."""
    wanted, values_of = ("WHERE {} = ?", (agency_id,)) if agency_id is not None else ("", ())
    if among is not None:
        wanted, values_of = "WHERE {} IN (SELECT value FROM json_each(?))", (as_json(sorted(among)),)
    spellings = connection.execute(
        f"SELECT agency_id, alias FROM agency_aliases {wanted.format('agency_id')} ORDER BY agency_id, position",
        values_of,
    )
    aliases = groupby(spellings, key=itemgetter(0))
    named, others = next(aliases, (None, iter(())))
    rows = connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM agencies {wanted.format('id')} ORDER BY id", values_of
    )
    for row in rows:
        values = dict(zip(_COLUMNS, row, strict=True))
        # Many say the same here, and a country has many.
        values |= {name: intern(values[name]) for name in _ALIKE if values[name] is not None}
        values |= {name: tuple(json.loads(values[name])) if values[name] != "[]" else () for name in _LISTS}
        values["aliases"] = ()
        if named == row[0]:
            values["aliases"] = tuple(alias for _, alias in others)
            named, others = next(aliases, (None, iter(())))
        yield Agency(**values)


def portal_regions(connection: sqlite3.Connection) -> dict[str, str]:
    """Portal -> the code of the region in which all its agencies lie."""
    return dict(
        connection.execute(
            "SELECT portal, min(region_code) FROM agencies WHERE portal IS NOT NULL AND region_code <> ''"
            " GROUP BY portal HAVING min(region_code) = max(region_code)"
        ).fetchall()
    )


def require_agency(connection: sqlite3.Connection, agency_id: str) -> None:
    """ArchiveError unless the agency is in the register."""
    if not connection.execute("SELECT 1 FROM agencies WHERE id = ?", (agency_id,)).fetchone():
        raise ArchiveError(f"agency {agency_id} is not in the archive's register; import_agencies must come first")


def _require_relatives(agencies: list[Agency], known: set[str]) -> None:
    for agency in agencies:
        named = {
            "predecessors": agency.predecessors,
            "successors": agency.successors,
            "supervisor": (agency.supervisor,),
            "parent": (agency.parent,),
            "covered_by": (agency.covered_by,),
        }
        for column, ids in named.items():
            if unknown := next((one for one in ids if one and one not in known), None):
                raise ArchiveError(
                    f"agency {agency.id}: {column}: neither the register nor the archive knows {unknown};"
                    " write it into the register, or take it out here"
                )


def _write(connection: sqlite3.Connection, agency: Agency) -> None:
    ensure_portal(connection, agency.portal)
    values = {name: getattr(agency, name) for name in _PLAIN}
    values |= {name: as_json(list(getattr(agency, name))) for name in _LISTS}
    updates = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])
    connection.execute(
        f"INSERT INTO agencies ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
        f" ON CONFLICT (id) DO UPDATE SET {updates}",
        [values[column] for column in _COLUMNS],
    )
    latest.rename(connection, agency.id)
    connection.execute("DELETE FROM agency_aliases WHERE agency_id = ?", (agency.id,))
    connection.executemany(
        "INSERT INTO agency_aliases (agency_id, position, alias) VALUES (?, ?, ?)",
        [(agency.id, position, alias) for position, alias in enumerate(agency.aliases)],
    )
