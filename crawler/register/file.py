"""Changing a register without touching the rest of it: columns, their order, quotation marks and line ends stay."""

import csv
import io
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from crawler.register.rows import read_table
from crawler.register.table import COLUMNS, Register, parse_register
from parsers.strict_toml import ConfigError

BACKUP = ".bak"
EMPTY = ",".join(COLUMNS) + "\n"
"""The text of a register without agencies."""
_BOM = "\ufeff"


class Record(NamedTuple):
    """One record of a CSV text. cells: (start, end) of each cell as written, quotation marks included. end: behind the
    last cell, before the line's end."""

    cells: list[tuple[int, int]]
    end: int


class RegisterFile:
    """A register that is being changed. Nothing is written before `save`."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError where the file cannot be read or is wrong already."""
        self.path = path
        self.text = self.before = read_table(path)
        self.register = parse_register(self.text, str(path))

    def add_alias(self, agency_id: str, alias: str) -> None:
        """Write one more name behind the aliases of an agency that is in the file."""
        self._ensure_column("aliases")
        record = self._record_of(agency_id)
        start, end = record.cells[self._header().index("aliases")]
        old = self._value(start, end)
        self._replace(start, end, f"{old};{alias}" if old.strip() else alias)

    def append(self, row: Mapping[str, str]) -> None:
        """Write one more row at the end. row: column of COLUMNS -> text; columns that the file lacks are added to it
        where they are filled."""
        for column in COLUMNS:
            if row.get(column):
                self._ensure_column(column)
        line = ",".join(_written(row.get(column, "")) for column in self._header())
        ends = _line_end(self.text)
        if self.text and not self.text.endswith(("\n", "\r")):
            self.text += ends
        self.text += line + ends

    def check(self) -> Register:
        """The register as it would be. Raises ConfigError with the lines that it would have."""
        return parse_register(self.text, str(self.path))

    def save(self) -> Path | None:
        """Check the register and put it in the place of the old one, which is kept beside it; the path of the old one,
        None where nothing has changed. Killed at any moment, the old file or the new one is there, whole.

        Raises ConfigError where it cannot be written, has been changed by somebody else meanwhile, or would be wrong.
        """
        self.register = self.check()
        if self.text == self.before:
            return None
        if read_table(self.path) != self.before:
            raise ConfigError([f"{self.path}: was changed by somebody else just now; give the command again"])
        path = self.path.resolve()  # where it is a link, the link stays
        backup = path.with_name(path.name + BACKUP)
        _write_whole(backup, self.before, path)
        _write_whole(path, self.text, path)
        self.before = self.text
        return backup

    def _records(self) -> list[Record]:
        return records(self.text)

    def _header(self) -> list[str]:
        return [self._value(start, end).strip() for start, end in self._records()[0].cells]

    def _record_of(self, agency_id: str) -> Record:
        place = self._header().index("id")
        for record in self._records()[1:]:
            if len(record.cells) > place and self._value(*record.cells[place]).strip() == agency_id:
                return record
        raise ConfigError([f"{self.path}: has no agency {agency_id}; `nianbao agency list` shows all ids"])

    def _ensure_column(self, column: str) -> None:
        if column in self._header():
            return
        header, *rows = self._records()
        for record in reversed(rows):
            if len(record.cells) == len(header.cells):  # a blank line stays one
                self.text = self.text[: record.end] + "," + self.text[record.end :]
        self.text = f"{self.text[: header.end]},{column}{self.text[header.end :]}"

    def _value(self, start: int, end: int) -> str:
        written = self.text[start:end]
        return written[1:-1].replace('""', '"') if written.startswith('"') else written

    def _replace(self, start: int, end: int, value: str) -> None:
        quoted = self.text[start:end].startswith('"')
        written = '"' + value.replace('"', '""') + '"' if quoted else _written(value)
        self.text = self.text[:start] + written + self.text[end:]


def row_of(values: Mapping[str, object]) -> dict[str, str]:
    """Values of an agency as the texts of a row."""
    row = {}
    for column in COLUMNS:
        value = values.get(column)
        if isinstance(value, tuple | list):
            value = ";".join(value)
        row[column] = "" if value is None else str(value)
    return row


def csv_line(row: Mapping[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    """One row as CSV, without the line's end."""
    return ",".join(_written(row.get(column, "")) for column in columns)


def records(text: str) -> list[Record]:
    """The records of a CSV text that Python's csv module reads without complaint, with the place of every cell."""
    found: list[Record] = []
    cells: list[tuple[int, int]] = []
    position = start = len(_BOM) if text.startswith(_BOM) else 0
    quoted = False
    while position < len(text):
        character = text[position]
        if quoted:
            if character == '"':
                if text[position + 1 : position + 2] == '"':
                    position += 1
                else:
                    quoted = False
        elif character == '"' and position == start:
            quoted = True
        elif character == ",":
            cells.append((start, position))
            start = position + 1
        elif character in "\r\n":
            found.append(Record([*cells, (start, position)], position))
            cells = []
            if text[position : position + 2] == "\r\n":
                position += 1
            start = position + 1
        position += 1
    if cells or start < len(text):
        found.append(Record([*cells, (start, len(text))], len(text)))
    return found


def _written(value: str) -> str:
    """A cell as CSV, in quotation marks only where it needs them."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow([value, ""])
    return buffer.getvalue().removesuffix(",\r\n")


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _write_whole(path: Path, text: str, named: Path) -> None:
    """Write a file completely or not at all, with the rights that the register has."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        new.chmod(named.stat().st_mode & 0o777)
        new.replace(path)
    except OSError as error:
        with suppress(OSError):  # a clean-up that fails must not hide the first error
            new.unlink(missing_ok=True)
        raise ConfigError(
            [f"{path}: cannot be written ({error.strerror}); give write access to the file and its folder"]
        ) from error
