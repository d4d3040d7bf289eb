"""What the portal commands print of lists, of what they hold, and of what is doubtful: readable on a narrow terminal as
on a wide one. Addresses stand on lines of their own, since beside a title nothing would be left of either.
"""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, chop_cells
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from monitor.commands.common import console, printable

if TYPE_CHECKING:
    from rich.console import Console

    from crawler.probing.result import Doubt

MOST_SHOWN = 200  # rows; --json has them all
WIDTH = 120  # cells, where no terminal is there and COLUMNS says nothing
_INDENT = 2
_GAP = 2
_AGENCY = 14  # cells at least, if an agency has so many
_YEAR, _DATE = 4, 10
_UNKNOWN = "?"


class Entry(NamedTuple):
    """A listed report. column: the address of its list."""

    title: str
    agency: str | None
    year: int | None
    listed_on: str | None
    url: str
    column: str


class Line(NamedTuple):
    """Something with an address. cells: one for each head. about: what is to be said of it, on a line of its own."""

    cells: Sequence[str]
    address: str
    about: str = ""


def screen() -> "Console":
    """Where to print: the terminal; without one as wide as COLUMNS says, else so that titles stay on a line."""
    out = console()
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = WIDTH
    return out


def show_reports(out: "Console", title: str, entries: Sequence[Entry]) -> None:
    """Title, agency, year and date in a row each, the address below it: a path where it is on its list's own host."""
    rows = [
        (printable(one.title), printable(one.agency or _UNKNOWN), str(one.year or _UNKNOWN), one.listed_on or _UNKNOWN)
        for one in entries[:MOST_SHOWN]
    ]
    agency = min(max(cell_len(row[1]) for row in rows), max(out.width // 4, _AGENCY))
    left = out.width - agency - _YEAR - _DATE - 3 * _GAP
    widths = (max(min(max(cell_len(row[0]) for row in rows), left), _AGENCY), max(agency, 6), _YEAR, _DATE)
    _head(out, title)
    for line in _folded(("title", "agency", "year", "date"), widths):
        _print(out, line, "bold")
    _print(out, "─" * (sum(widths) + 3 * _GAP))
    for row, one in zip(rows, entries, strict=False):
        for line in _folded(row, widths):
            _print(out, line)
        _print_below(out, link_shown(one.url, one.column), "dim")
    if len(rows) < len(entries):
        _print(out, f"… and {len(entries) - len(rows)} more; --json prints them all")


def link_shown(url: str, column: str) -> str:
    """The address of a report as it is printed: its path on the host of its list, all of it on another host."""
    parts = urlsplit(url)
    if parts.netloc.lower() != urlsplit(column).netloc.lower() or not parts.path.startswith("/"):
        return url
    return url[url.index(parts.netloc) + len(parts.netloc) :]


def show_lines(out: "Console", title: str, heads: Sequence[str], lines: Sequence[Line]) -> None:
    """A row for each address, with what is to be said of it below. heads: of the cells before it; numbers, if they end
    in s."""
    _head(out, title)
    grid = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP, 0, 0))
    for head in heads:
        grid.add_column(head, no_wrap=True, justify="right" if head.endswith("s") else "left")
    grid.add_column("address", overflow="fold")
    for line in lines[:MOST_SHOWN]:
        about = f"\n{escape(line.about)}" if line.about else ""
        grid.add_row(*map(escape, line.cells), escape(line.address) + about)
    out.print(grid)


def show_doubts(out: "Console", doubts: "Sequence[Doubt]") -> None:
    """What is doubtful, and below it why, and what to do."""
    if not doubts:
        return
    _head(out, f"Doubtful: {len(doubts)}")
    for doubt in doubts[:MOST_SHOWN]:
        for line in chop_cells(printable(doubt.what), out.width):
            _print(out, line)
        why = Text(printable(doubt.why)).wrap(out, out.width - _INDENT, overflow="fold")
        for words in why:
            _print(out, " " * _INDENT + words.plain.rstrip())


def _folded(cells: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    """A row, each of its cells folded to its width."""
    parts = [chop_cells(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    for number in range(max(map(len, parts))):
        shown = [part[number] if number < len(part) else "" for part in parts]
        padded = [text + " " * (width - cell_len(text)) for text, width in zip(shown, widths, strict=True)]
        yield (" " * _GAP).join(padded).rstrip()


def _print_below(out: "Console", text: str, style: str) -> None:
    for line in chop_cells(printable(text), out.width - _INDENT):
        _print(out, " " * _INDENT + line, style)


def _head(out: "Console", title: str) -> None:
    out.print()
    _print(out, title, "bold")


def _print(out: "Console", line: str, style: str = "") -> None:
    """A line that is no longer than the terminal is wide."""
    out.print(Text(line, style), soft_wrap=True)
