"""The register of agencies: a table (CSV) in a file beside the portals."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from db.records import Agency
from parsers.strict_toml import ConfigError, unknown_name

COLUMNS = (
    "id", "name", "aliases", "region_code", "organ", "duty", "duty_source", "from_year", "to_year", "portal",
)  # fmt: skip
REQUIRED = ("id", "name", "region_code", "organ", "duty")
DUTIES = ("art49_department", "art49_government", "no_date", "none")
_REGION_CODE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")
_ORGAN = re.compile(r"[a-z][a-z_]*")
_ALIAS_BREAK = re.compile(r"[;；]")


def load_agencies(path: Path) -> list[Agency]:
    """Read a register: UTF-8, comma separated, the columns COLUMNS in any order, aliases separated by `;`.

    Raises ConfigError with every fault as `file:line: column: what is wrong; what would be right`.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); check the path and its permissions"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f'{path}: is not UTF-8 (byte {error.start}); save it as "CSV UTF-8"']) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    faults: list[str] = []
    agencies: list[Agency] = []
    first_line: dict[str, int] = {}
    try:
        header = [cell.strip() for cell in next(reader, [])]
        faults += [f"{path}:1: {fault}" for fault in _header_faults(header)]
        if faults:
            raise ConfigError(faults)
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                faults.append(f"{path}:{line}: has {len(cells)} cells; the header has {len(header)}")
                continue
            row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            wrong = _row_faults(row)
            if row["id"] in first_line:
                wrong.append(f"id: {row['id']} is also on line {first_line[row['id']]}; each agency stands once")
            first_line.setdefault(row["id"], line)
            faults += [f"{path}:{line}: {fault}" for fault in wrong]
            if not wrong:
                agencies.append(_agency(row))
    except csv.Error as error:
        faults.append(f"{path}:{reader.line_num}: is not CSV ({error}); check the quotation marks")
    if faults:
        raise ConfigError(faults)
    return agencies


def _header_faults(header: Sequence[str]) -> list[str]:
    unknown = [
        f"{name}: unknown column {name!r}; {unknown_name(name, COLUMNS)}" for name in header if name not in COLUMNS
    ]
    missing = [f"{name}: column is missing; add it to the header" for name in REQUIRED if name not in header]
    twice = [f"{name}: column stands twice; leave one out" for name in COLUMNS if header.count(name) > 1]
    return unknown + missing + twice


def _row_faults(row: dict[str, str]) -> list[str]:
    faults = [f"{name}: is empty; fill it in" for name in REQUIRED if not row[name]]
    code = row["region_code"]
    if code and not _REGION_CODE.fullmatch(code):
        faults.append(f"region_code: must be digits of GB/T 2260, as in 370481 (found {code!r})")
    if row["id"] and code and not row["id"].startswith(f"{code}:"):
        faults.append(
            f"id: must be the region code, a colon and the local name, as in {code}:财政局 (found {row['id']!r})"
        )
    if row["organ"] and not _ORGAN.fullmatch(row["organ"]):
        faults.append(f"organ: must be a word in small letters, as in department (found {row['organ']!r})")
    duty = row["duty"]
    if duty and duty not in DUTIES:
        faults.append(f"duty: unknown duty {duty!r}; {unknown_name(duty, DUTIES)}")
    if duty.startswith("art49") and not row.get("duty_source"):
        faults.append("duty_source: is empty; a dated duty needs its source, as in 政府信息公开条例 (2019), Article 49")
    years = {}
    for name in ("from_year", "to_year"):
        text = row.get(name, "")
        if text and not (text.isascii() and text.isdigit() and 1949 <= int(text) <= 2100):
            faults.append(f"{name}: must be a year or empty (found {text!r})")
        elif text:
            years[name] = int(text)
    if len(years) == 2 and years["from_year"] > years["to_year"]:
        faults.append(f"to_year: {years['to_year']} is before from_year {years['from_year']}")
    return faults


def _agency(row: dict[str, str]) -> Agency:
    aliases = (alias.strip() for alias in _ALIAS_BREAK.split(row.get("aliases", "")))
    return Agency(
        id=row["id"],
        name=row["name"],
        aliases=tuple(dict.fromkeys(alias for alias in aliases if alias)),
        region_code=row["region_code"],
        organ=row["organ"],
        duty=row["duty"],
        duty_source=row.get("duty_source") or "",
        from_year=int(row["from_year"]) if row.get("from_year") else None,
        to_year=int(row["to_year"]) if row.get("to_year") else None,
        portal=row.get("portal") or None,
    )
