"""The register of agencies: a table (CSV) in a file beside the portals. Its columns: docs/agencies.md."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern

from crawler.register.checks import REQUIRED, row_faults, row_warnings
from crawler.register.relations import check_relations, name_warnings
from crawler.register.rows import read_table, table_rows
from db.records import Agency
from parsers.strict_toml import ConfigError

COLUMNS = (
    "id", "name", "aliases", "region_code", "organ", "duty", "duty_source", "from_year", "to_year", "portal",
    "predecessors", "successors", "supervisor", "parent", "covered_by",
)  # fmt: skip
LISTS = ("aliases", "predecessors", "successors")
"""The columns that hold several values, separated by `;`."""
_BREAK = re.compile(r"[;；]")


@dataclass(slots=True)
class Register:
    """A register as its file says it. lines: id -> line of the file. warnings: sentences `file:line: column: …` about
    what is odd and no fault."""

    agencies: list[Agency]
    lines: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def load_agencies(path: Path) -> list[Agency]:
    """The agencies of a register; see load_register."""
    return load_register(path).agencies


def load_register(path: Path, archived: Collection[str] | None = None) -> Register:
    """Read a register: UTF-8, comma separated, the columns COLUMNS in any order, several values separated by `;`.

    archived: the ids that the archive knows. A relation to an id that is not in the file is a warning where the archive
    knows it or nobody asked it, else a fault. Raises ConfigError with every fault as `file:line: column: what is wrong;
    what would be right`.
    """
    return parse_register(read_table(path), str(path), archived)


def parse_register(text: str, name: str, archived: Collection[str] | None = None) -> Register:
    """Read the text of a register; `name` stands for the file in the sentences. See load_register."""
    faults: list[str] = []
    register = Register([])
    for line, row in table_rows(text, name, COLUMNS, REQUIRED, faults):
        wrong = row_faults(row)
        if row["id"] in register.lines:
            wrong.append(f"id: {row['id']} is also on line {register.lines[row['id']]}; each agency stands once")
        register.lines.setdefault(row["id"], line)
        faults += [f"{name}:{line}: {fault}" for fault in wrong]
        if not wrong:
            register.warnings += [f"{name}:{line}: {warning}" for warning in row_warnings(row)]
            register.agencies.append(_agency(row))
    if not faults:
        notes, odd = check_relations(register.agencies, archived)
        odd += name_warnings(register.agencies)
        faults = [f"{name}:{register.lines[agency_id]}: {fault}" for agency_id, fault in notes]
        register.warnings += [f"{name}:{register.lines[agency_id]}: {warning}" for agency_id, warning in odd]
    if faults:
        raise ConfigError(faults)
    return register


def split_values(text: str) -> tuple[str, ...]:
    """The values of a cell that may hold several, each once."""
    return tuple(dict.fromkeys(part.strip() for part in _BREAK.split(text) if part.strip()))


def _agency(row: dict[str, str]) -> Agency:
    return Agency(
        id=row["id"],
        name=row["name"],
        aliases=split_values(row.get("aliases", "")),
        # Many rows say the same here, and a country has many rows.
        region_code=intern(row["region_code"]),
        organ=intern(row["organ"]),
        duty=intern(row["duty"]),
        duty_source=intern(row.get("duty_source") or ""),
        from_year=int(row["from_year"]) if row.get("from_year") else None,
        to_year=int(row["to_year"]) if row.get("to_year") else None,
        portal=intern(row["portal"]) if row.get("portal") else None,
        predecessors=split_values(row.get("predecessors", "")),
        successors=split_values(row.get("successors", "")),
        supervisor=row.get("supervisor") or None,
        parent=row.get("parent") or None,
        covered_by=row.get("covered_by") or None,
    )
