"""Lists of agencies that people have, made into rows of the register."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crawler.register.checks import mark_fault
from crawler.register.table import COLUMNS, LISTS, split_values
from db.records import Agency
from monitor.duties import ART49_DEPARTMENT, ART49_GOVERNMENT, NO_DATE
from monitor.register.naming import Placed, organ_of, place_name
from monitor.whose import names_of
from parsers.names import Names, clean_name
from parsers.strict_toml import ConfigError

COMMENT = "#"
PROPOSAL_COLUMNS = ("reason",)
"""What a proposal says beside the register's columns; left out when it is imported."""
_LONGEST = 60  # characters of a name
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_BINARY = (b"%PDF", b"PK", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_DATED = {ART49_DEPARTMENT: "department", ART49_GOVERNMENT: "government"}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for every name of a list that does not say it itself. place: what the region is called where the
    region list does not know it. lies_in: the regions of the portal's agencies, where they are several. duty: a dated
    one holds for departments, or for governments, only."""

    portal: str = ""
    region: str = ""
    place: str = ""
    lies_in: tuple[str, ...] = ()
    organ: str = ""
    duty: str = ""
    source: str = ""


@dataclass(slots=True)
class Sorted:
    """What became of a list. rows: new rows of the register. known: sentences about names that are there already or
    stand twice. unplaced: sentences about names that no row could be made of. ignored: columns that the register does
    not have."""

    rows: list[dict[str, str]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def read_list(path: Path) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """[(line, column -> text)] of a CSV with a column `name`, or of a text with one name a line; and the columns of
    the CSV that the register does not have. UTF-8, else GB 18030 as Excel writes it. Raises ConfigError."""
    text = _text(path)
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise ConfigError([f"{path}: is empty; write one name a line, or a CSV with a column `name`"])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader)]
        if "name" not in header:
            if len(header) > 1:
                say = "name the columns in the first line, as in name,region_code,organ"
                raise ConfigError([f"{path}:1: has no column `name`; {say}"])
            return _names(lines), []
        rows = []
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) > len(header):
                    raise ConfigError([f"{path}:{line}: has {len(cells)} cells; the header has {len(header)}"])
                rows.append((line, {column: cell.strip() for column, cell in zip(header, cells, strict=False)}))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError([f"{path}:{reader.line_num}: is not CSV ({error}); check the quotation marks"]) from error
    return rows, [column for column in header if column not in (*COLUMNS, *PROPOSAL_COLUMNS)]


def sort_list(path: Path, register: Sequence[Agency], defaults: Defaults) -> Sorted:
    """Make rows of the names of a list that the register does not know. Raises ConfigError for a list that cannot be
    read; a name that cannot be placed is no reason to refuse the others."""
    entries, ignored = read_list(path)
    result = Sorted(ignored=ignored)
    names = names_of(register)
    ids = {agency.id: agency.name for agency in register}
    exact: dict[str, list[Agency]] = {}  # every spelling of the register -> who bears it
    for agency in register:
        for spelling in {clean_name(one) for one in (agency.name, *agency.aliases)}:
            exact.setdefault(spelling, []).append(agency)
    spelled: dict[str, int] = {}
    for line, entry in entries:
        name = entry.get("name", "")
        where = f"{path}:{line}: {name}"
        if not name:
            result.unplaced.append(f"{path}:{line}: name: is empty; fill it in")
            continue
        if fault := _name_fault(name):
            result.unplaced.append(f"{path}:{line}: name: {fault}")
            continue
        bearers = [] if entry.get("id") else exact.get(clean_name(name), [])
        if bearers:
            there = " and ".join(f"{agency.id} ({agency.name})" for agency in bearers)
            result.known.append(f"{where}: is in the register as {there}")
            continue
        row = _row(entry, defaults)
        if row is None:
            known = names.resolve(name)
            if known in ids:
                result.known.append(f"{where}: is in the register as {known} ({ids[known]})")
            else:
                result.unplaced.append(f"{where}: its region cannot be told: {_why(name, names, defaults)}")
            continue
        within = row["region_code"]
        known = row["id"] if row["id"] in ids else names.resolve(name, within=within)
        known = known if known in ids else names.resolve(row["name"], within=within)
        if row["id"] in spelled:
            result.known.append(f"{where}: stands on line {spelled[row['id']]} too")
        elif known in ids:
            result.known.append(f"{where}: is in the register as {known} ({ids[known]})")
        else:
            spelled[row["id"]] = line
            result.rows.append(row)
    return result


def _name_fault(name: str) -> str:
    """Why something cannot be the name of an agency; "" where it can."""
    if fault := mark_fault(name):
        return fault
    shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    if not _CHINESE.search(name):
        return f"{shown!r} has no Chinese character; write the agency as it is printed"
    if len(name) > _LONGEST:
        return f"{shown!r} is longer than {_LONGEST} characters; write one agency a line"
    return ""


def _why(name: str, names: Names, defaults: Defaults) -> str:
    """Why the region of a name cannot be told, and what to do."""
    apart = names.regions.taken_apart(clean_name(name))
    if len(apart.codes) > 1:
        return f"several regions are called {apart.places[-1]}; write its city in front, or give --region CODE"
    if defaults.lies_in:
        regions = ", ".join(defaults.lies_in)
        return (
            f"the agencies of portal {defaults.portal} lie in several regions ({regions}); give --region CODE, "
            "or a CSV with a column `region_code`"
        )
    if apart.places:
        return f"{''.join(apart.places)} is not in the region list; give --region CODE"
    return "write the place in front of it, or give --region CODE"


def _row(entry: dict[str, str], defaults: Defaults) -> dict[str, str] | None:
    """A whole row for one entry: what it says, then what holds for the list, then what follows from the name."""
    row = {column: entry.get(column, "") for column in COLUMNS}
    region = row["region_code"] or row["id"].partition(":")[0] or defaults.region
    placed = place_name(row["name"], region=region or None, place=defaults.place)
    if row["id"]:
        code = row["region_code"] or row["id"].partition(":")[0]
        placed = Placed(row["id"], row["name"], (), code)
    if placed is None:
        return None
    row["id"], row["name"], row["region_code"] = placed.id, placed.name, placed.region_code
    aliases = [*split_values(row["aliases"]), *placed.aliases]
    row["aliases"] = ";".join(dict.fromkeys(one for one in aliases if clean_name(one) != clean_name(placed.name)))
    row["organ"] = row["organ"] or defaults.organ or organ_of(placed.id.partition(":")[2])
    row["portal"] = row["portal"] or defaults.portal
    # A body of which nobody has said that it owes a report by a date owes none by a date.
    row["duty"] = row["duty"] or (defaults.duty if _may_owe(defaults.duty, row["organ"]) else NO_DATE)
    if row["duty"] in _DATED:
        row["duty_source"] = row["duty_source"] or defaults.source
    for column in LISTS:
        row[column] = ";".join(split_values(row[column]))
    return row


def _may_owe(duty: str, organ: str) -> bool:
    """Whether a duty given for a whole list holds for this organ: a dated one only for its own kind, so that the towns
    of a list of departments are not taken for late."""
    return bool(duty) and _DATED.get(duty, organ) == organ


def _names(lines: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    named = ((number, line.strip()) for number, line in enumerate(lines, start=1))
    return [(number, {"name": name}) for number, name in named if name and not name.startswith(COMMENT)]


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; check the path"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); check the path and its permissions"]) from error
    if b"\0" in data or data.startswith(_BINARY):
        raise ConfigError([f'{path}: is no text but a PDF, Word or Excel file or the like; save it as "CSV UTF-8"'])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError([f'{path}: is neither UTF-8 nor GB 18030; save it as "CSV UTF-8"'])
