"""Rows that a question gave, to the screen or a file: a table, CSV or JSON Lines.

Numbers are written as they are, never rounded. A null is an empty cell in CSV, null in JSON and a dim `null` in a
table; a zero is 0. Bytes are written as hex digits. Text is written as it is: what spreadsheets take for a formula is
data here.
"""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from db.errors import ArchiveError
from db.questions.asking import Row, Value
from monitor.commands.common import console, printable

if TYPE_CHECKING:
    from rich.text import Text

Format = Literal["table", "csv", "json"]
FORMATS: tuple[Format, ...] = ("table", "csv", "json")
_BY_SUFFIX: dict[str, Format] = {".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}

MOST_ROWS = 1000  # of a table, whose widths cannot be told before all of it is there
_WIDEST = 400  # characters for a line that goes to a file or a pager
_LONGEST = 5_000  # characters of a cell; a longer one is cut, which says so
_NARROWEST = 18  # characters at which a longer column is folded; where that is not enough, each row stands by itself


def chosen_format(wanted: str | None, out: Path | None) -> Format:
    """The format that is asked for, else that of the file's name, else a table. Raises ArchiveError."""
    if out is None:
        return _named(wanted) or "table"
    found = _named(wanted) or _BY_SUFFIX.get(out.suffix.lower())
    if found is None:
        raise ArchiveError(
            f"--out {out}: say in which format: --format csv or json, or a name that ends in .csv or .json"
        )
    if found == "table":
        raise ArchiveError(f"--out {out}: a table is for the screen; give --format csv or json")
    return found


def _named(wanted: str | None) -> Format | None:
    return next((one for one in FORMATS if one == wanted), None)


def write(columns: list[str], rows: Iterable[Row], how: Format, out: Path | None) -> int:
    """Write an answer, row by row where the format allows; how many rows. Raises ArchiveError.

    out: a file that takes its name once it is whole; None: standard output.
    """
    if how == "table":
        return _write_table(columns, rows)
    writer = _write_csv if how == "csv" else _write_json
    if out is None:
        return writer(columns, rows, sys.stdout)
    with _whole_file(out) as file:
        return writer(columns, rows, file)


@contextmanager
def _whole_file(out: Path) -> Iterator[IO[str]]:
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise ArchiveError(f"--out {out}: cannot be written ({error.strerror}); check the folder") from error
    finally:
        with suppress(OSError):  # a clean-up that fails must not hide the first error
            part.unlink(missing_ok=True)


def _write_csv(columns: list[str], rows: Iterable[Row], file: IO[str]) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    number = 0
    for row in rows:
        writer.writerow([_as_data(value) for value in row])
        number += 1
    file.flush()
    return number


def _write_json(columns: list[str], rows: Iterable[Row], file: IO[str]) -> int:
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise ArchiveError(f"two columns of the answer are called {twice[0]}; name them apart with AS, or take CSV")
    number = 0
    for row in rows:
        values = dict(zip(columns, map(_as_data, row), strict=True))
        try:
            text = json.dumps(values, ensure_ascii=False, allow_nan=False)
        except ValueError as error:
            raise ArchiveError("the answer has an infinite number, which JSON cannot hold; take CSV") from error
        file.write(f"{text}\n")
        number += 1
    file.flush()
    return number


def _as_data(value: Value) -> int | float | str | None:
    return value.hex() if isinstance(value, bytes) else value


def _write_table(columns: list[str], rows: Iterable[Row]) -> int:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    screen = console()
    iterator = iter(rows)
    shown = [tuple(map(_short, row)) for row in islice(iterator, MOST_ROWS)]
    is_cut = next(iterator, None) is not None
    natural = [
        max(cell_len(printable(name)), *(_cell(row[n]).cell_len for row in shown), 0) for n, name in enumerate(columns)
    ]
    if not screen.is_terminal:  # a file or a pager has no edge, an eye has
        screen.width = max(screen.width, min(_WIDEST, sum(natural) + 3 * len(columns) + 1))
    is_wide = sum(min(width, _NARROWEST) + 3 for width in natural) + 1 > screen.width
    if is_wide:
        for number, row in enumerate(shown, 1):
            table = Table(title=f"row {number}", title_justify="left", show_header=False, box=None)
            table.add_column(no_wrap=True)
            table.add_column(overflow="fold")
            for name, value in zip(columns, row, strict=True):
                table.add_row(Text(printable(name), style="bold"), _cell(value))
            screen.print(table)
    else:
        table = Table()
        for position, name in enumerate(columns):
            numeric = any(isinstance(row[position], int | float) for row in shown)
            table.add_column(Text(printable(name)), justify="right" if numeric else "left", overflow="fold")
        for row in shown:
            table.add_row(*map(_cell, row))
        screen.print(table)
    if is_cut:
        screen.print(f"The first {MOST_ROWS} rows; all of them with --format csv or json.")
    else:
        screen.print("1 row." if len(shown) == 1 else f"{len(shown)} rows.")
    return len(shown)


def _short(value: Value) -> Value:
    """As much of a value as a screen shows."""
    if not isinstance(value, str | bytes) or len(value) <= _LONGEST:
        return value
    begin = str(_as_data(value[:_LONGEST]))
    unit = "bytes" if isinstance(value, bytes) else "characters"
    return f"{begin}… ({len(value):,} {unit}; all of them with --format csv or json)"


def _cell(value: Value) -> "Text":
    from rich.text import Text

    return Text("null", style="dim") if value is None else Text(printable(str(_as_data(value))))
