"""Reading the tables that people keep beside the portals: CSV, each row with its line, each fault as a sentence."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from parsers.strict_toml import ConfigError, unknown_name


def read_table(path: Path) -> str:
    """The text of a table, a byte order mark kept. Raises ConfigError."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); check the path and its permissions"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f'{path}: is not UTF-8 (byte {error.start}); save it as "CSV UTF-8"']) from error


def table_rows(
    text: str, name: str, columns: Sequence[str], required: Sequence[str], faults: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with a header: (line of the file, column -> stripped text). Blank lines are left out.

    name: of the file in the sentences. columns: those that there may be, in any order; required: those that must be.
    Rows that cannot be read are told in `faults`, as `file:line: what is wrong; what would be right`; a header that is
    wrong raises ConfigError.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if wrong := _header_faults(header, columns, required):
            raise ConfigError([f"{name}:1: {fault}" for fault in wrong])
        begins = reader.line_num + 1
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                faults.append(f"{name}:{line}: has {len(cells)} cells; the header has {len(header)}")
                continue
            yield line, {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
    except csv.Error as error:
        faults.append(f"{name}:{reader.line_num}: is not CSV ({error}); check the quotation marks")


def _header_faults(header: Sequence[str], columns: Sequence[str], required: Sequence[str]) -> list[str]:
    unknown = [
        f"{name}: unknown column {name!r}; {unknown_name(name, columns)}" for name in header if name not in columns
    ]
    missing = [f"{name}: column is missing; add it to the header" for name in required if name not in header]
    twice = [f"{name}: column stands twice; leave one out" for name in columns if header.count(name) > 1]
    return unknown + missing + twice
