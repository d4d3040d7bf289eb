"""What the archive knows of the values that ready queries are asked for: a year, a region, a kind of organ, a portal.

A value of which the archive has nothing is refused, with those named that it has: no row would look like an answer.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from db.errors import ArchiveError

_SHOWN = 20
_DIGITS = (2, 4, 6)


class _Known(NamedTuple):
    """there: SQL that gives a row if the archive has it; all: those that there are. lacks: what is to be said."""

    there: str
    all: str
    lacks: str


_ADDED = "SELECT id FROM portals UNION SELECT 'added'"
_KNOWN = {
    # Findings may be of a year without a report: it is missing.
    "year": _Known(
        "SELECT 1 FROM reports WHERE year = ?1 UNION ALL SELECT 1 FROM findings WHERE year = ?1"
        " UNION ALL SELECT 1 FROM readings WHERE year = ?1 AND report_id IS NULL LIMIT 1",
        "SELECT year FROM reports UNION SELECT year FROM findings"
        " UNION SELECT year FROM readings WHERE year IS NOT NULL AND report_id IS NULL ORDER BY 1",
        "the archive has no report of that year",
    ),
    "region": _Known(
        "SELECT 1 FROM agencies WHERE substr(region_code, 1, length(?1)) = ?1 LIMIT 1",
        "SELECT DISTINCT substr(region_code, 1, max(2, length(?1))) FROM agencies ORDER BY 1",
        "the archive has no agency whose region code begins so",
    ),
    "organ": _Known(
        "SELECT 1 FROM agencies WHERE organ = ?1 AND organ <> '' LIMIT 1",
        "SELECT DISTINCT organ FROM agencies WHERE organ <> '' ORDER BY 1",
        "the register of the archive has no such organ",
    ),
    "portal": _Known(f"SELECT 1 FROM ({_ADDED}) WHERE id = ?1", _ADDED, "the archive knows no such portal"),
    "source": _Known(f"SELECT 1 FROM ({_ADDED}) WHERE id = ?1", _ADDED, "the archive knows no such portal"),
    "kind": _Known(
        "SELECT 1 FROM readings WHERE report_id IS NULL AND kind = ?1 LIMIT 1",
        "SELECT DISTINCT kind FROM readings WHERE report_id IS NULL ORDER BY 1",
        "nothing in the archive is unread for that reason",
    ),
}
_NAMED_SO = "SELECT DISTINCT region_code FROM agencies WHERE instr(name, ?) = 1 ORDER BY 1 LIMIT 5"


def check(connection: sqlite3.Connection, name: str, value: int | str) -> None:
    """Raises ArchiveError, with what there is, for a value of the parameter `name` of which the archive has nothing."""
    if name == "digits" and value not in _DIGITS:
        raise ArchiveError(f"--digits {value}: give {', '.join(map(str, _DIGITS[:-1]))} or {_DIGITS[-1]}")
    if name == "region" and not (str(value).isascii() and str(value).isdecimal()):
        codes = [code for (code,) in connection.execute(_NAMED_SO, (value,))] if value else []
        meant = f"{' or '.join(codes)}? " if codes else ""
        raise ArchiveError(
            f"--region {value}: is no region code; {meant}give its first digits, as 44 for a province, 4401, 440103"
        )
    known = _KNOWN.get(name)
    if known is None or connection.execute(known.there, (value,)).fetchone():
        return
    marks = known.all.count("?1")
    there = [str(one) for (one,) in connection.execute(known.all, (value,) * min(marks, 1))]
    if not there and name == "kind":
        return  # nothing is unread for any reason, which is the answer
    has = f"; it has {', '.join(there[:_SHOWN])}{', …' if len(there) > _SHOWN else ''}" if there else ", nor any other"
    whole = _beginning(str(value)) if name == "region" else ""
    if whole != value and whole and connection.execute(known.there, (whole,)).fetchone():
        has += f"; {whole} takes in all that lies in it"
    raise ArchiveError(f"--{name} {value}: {known.lacks}{has}")


def _beginning(code: str) -> str:
    """44 of 440000."""
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def looked_at(connection: sqlite3.Connection, parameters: Mapping[str, Any]) -> str:
    """How many reports of the view `latest` a query looks at, by those of its parameters that choose reports: `38
    reports of 2023 (organ department, region 9901)`."""
    chosen = {name: parameters.get(name) for name in ("year", "region", "organ")}
    (number,) = connection.execute(
        "SELECT count(*) FROM wide w JOIN agency_keys k ON k.no = w.agency_no"
        " LEFT JOIN agencies a ON a.id = k.agency_id"
        " WHERE w.is_latest = 1 AND (:year IS NULL OR w.year = :year) AND (:organ IS NULL OR a.organ = :organ)"
        " AND (:region IS NULL OR substr(a.region_code, 1, length(:region)) = :region)",
        chosen,
    ).fetchone()
    more = ", ".join(f"{name} {chosen[name]}" for name in ("organ", "region") if chosen[name] is not None)
    year = f" of {chosen['year']}" if chosen["year"] is not None else ""
    return f"{number} report{'' if number == 1 else 's'}{year}{f' ({more})' if more else ''}"
