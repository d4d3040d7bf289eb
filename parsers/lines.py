"""From grids to lines of figures: which row of which table each line of a grid is, and its values in order.

Works row by row on labels, through all grids of a document, since portals and page ends cut tables at any row and set
several tables as one.
"""

from dataclasses import dataclass, field
from difflib import SequenceMatcher

from parsers.blocks import Grid
from parsers.form import Table
from parsers.labels import label_key
from parsers.lookup import Lookup, RowName
from parsers.numbers import read_number
from parsers.report import UNREADABLE

Cell = tuple[int, str]  # (grid column, text)

_LIKE = 0.5  # similarity from which a misprinted label can be the only row that fits its place


@dataclass(slots=True)
class Line:
    """The values of one row of a table (or of several rows that stand side by side).

    targets: the figures they should be, in printed order. values: the printed cells. place: (table, row) in the
    document's grids. loose: see Grid. trouble: why the line cannot be read, if so.
    """

    targets: tuple[str, ...]
    values: list[Cell]
    grid: int
    row: int
    loose: bool
    header_text: dict[str, str] = field(default_factory=dict)
    trouble: str | None = None


@dataclass(slots=True)
class _Orphan:
    """A row with values under a label that no form knows."""

    label: str
    values: list[Cell]
    grid: int
    row: int
    loose: bool
    columns: "_Header"
    after: RowName | None


@dataclass(slots=True)
class _Header:
    """The header rows that hold for the lines below them."""

    columns: list[tuple[int, int, str]] = field(default_factory=list)  # (row, grid column, column name)
    across: list[tuple[int, str]] = field(default_factory=list)  # (grid column, row name) of tables set across
    text: dict[str, str] = field(default_factory=dict)  # column name -> label as printed
    foreign: str | None = None  # a column label of another form
    known: dict[tuple[str, ...], tuple[list[str], str | None]] = field(default_factory=dict)  # see _columns
    grouped: bool = False  # a heading over several columns stands among them: the header has more than one row


class LineReader:
    """Reads the grids of one document in order; `lines`, then `unknown` labels, are the result."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.lines: list[Line] = []
        self.unknown: list[tuple[str, str]] = []  # (label as printed, table)
        self._header = _Header()
        self._table: Table | None = None
        self._across = next((t for t in lookup.form.table if t.layout == "across"), None)
        self._header_open = False
        self._last: RowName | None = None
        self._orphans: list[_Orphan] = []
        self._found: set[RowName] = set()

    def read(self, number: int, grid: Grid) -> None:
        """Read one grid; number: its place among the document's grids."""
        columns, labels, row_of = self.lookup.columns, self.lookup.keys, self.lookup.row
        only_in_headers = self.lookup.only_in_headers
        for r, row in enumerate(grid.rows):
            cells: list[Cell] = []
            keys: list[str] = []
            last = -1
            hits = 0
            for c, text in enumerate(row):
                if text is None:
                    continue
                cells.append((c, text))
                if not text or text.isdigit():
                    keys.append("")
                    continue
                key = label_key(text)
                keys.append(key)
                if key in columns:
                    hits += 1
                    last = len(keys) - 1
                elif key in only_in_headers:
                    hits = 2
                    last = len(keys) - 1
                elif key in labels or (key and row_of(key)):
                    last = len(keys) - 1
            self._read_row(number, r, grid, cells, keys, last, hits)

    def _read_row(
        self, number: int, r: int, grid: Grid, cells: list[Cell], keys: list[str], last: int, hits: int
    ) -> None:
        values = cells[last + 1 :]
        if last >= 0 and (hits > 1 or (hits and self._is_header(keys[last], values))):
            row_name = self.lookup.row(keys[last]) if keys[last] not in self.lookup.columns else None
            # Bare text runs the header and the first row together; else a header has no figures.
            end = last if row_name and _has_number(values) else last + 1
            self._read_header(r, cells[:end], keys[:end])
            if end == last and row_name:
                self._add_row(row_name, number, r, grid, cells[: last + 1], values)
            elif _has_number(values):
                self._add_across(number, r, grid, values)
            return
        if last < 0:
            self._read_unlabelled(number, r, grid, cells, keys)
            return
        found = self.lookup.row(keys[last])
        if found is None:
            # A group's label, and behind it perhaps a label that is misprinted.
            self._read_unlabelled(number, r, grid, values, keys[last + 1 :])
            return
        table = self.lookup.form.tables[found[0]]
        if table.layout == "across":
            self._read_header(r, cells[: last + 1], keys[: last + 1])
            if _has_number(values):
                self._add_across(number, r, grid, values)
            return
        self._add_row(found, number, r, grid, cells[: last + 1], values)

    def _is_header(self, key: str, values: list[Cell]) -> bool:
        """Whether a row whose only known label is a column's is a header; 总计 and 其他 are rows as well."""
        return key in self.lookup.columns and key not in self.lookup.rows and not _has_number(values)

    def _read_header(self, r: int, cells: list[Cell], keys: list[str]) -> None:
        if not self._header_open:
            self._header = _Header()
            self._header_open = True
        header = self._header
        for (c, text), key in zip(cells, keys, strict=True):
            if not key:
                continue
            row = self.lookup.rows.get(key)
            if row and self._across and row[0] == self._across.name:
                header.across.append((c, row[1]))
                self._table = self._across
            if by_table := self.lookup.columns.get(key):
                header.columns.append((r, c, key))
                for column in by_table.values():
                    header.text.setdefault(column, text)
            elif key in self.lookup.foreign:
                header.foreign = text
            elif key in self.lookup.headers and header.columns:
                header.grouped = True

    def _add_row(self, found: RowName, number: int, r: int, grid: Grid, labels: list[Cell], values: list[Cell]) -> None:
        self._header_open = False
        if not values or (grid.loose and not any(text for _, text in values) and not prints_blanks(grid)):
            return
        table = self.lookup.form.tables[found[0]]
        self._table, self._last = table, found
        self._found.add(found)
        self._append(table, found[1], number, r, grid, values, self._header)

    def _append(
        self, table: Table, row: str, number: int, r: int, grid: Grid, values: list[Cell], header: _Header
    ) -> None:
        own = tuple(table.columns_of(row))
        key = (table.name, *own)
        if key not in header.known:
            header.known[key] = _columns(table, row, header, self.lookup, grid.loose)
        columns, trouble = header.known[key]
        targets = tuple(f"{table.name}.{row}.{column}" for column in columns)
        values = _trim(values, len(targets), grid, header)
        if not grid.loose and len(values) < len(targets):
            targets = self._printed_targets(table, row, header, len(values)) or targets
        self.lines.append(Line(targets, values, number, r, grid.loose, header.text, trouble))

    def _printed_targets(self, table: Table, row: str, header: _Header, count: int) -> tuple[str, ...] | None:
        """The targets where the table leaves out a column: its header names as many columns as the row has values."""
        names = {key for _, _, key in header.columns}
        printed = {column for key in names if (column := self.lookup.columns[key].get(table.name))}
        columns = [column for column in table.columns_of(row) if column in printed]
        return tuple(f"{table.name}.{row}.{column}" for column in columns) if len(columns) == count > 0 else None

    def _read_unlabelled(self, number: int, r: int, grid: Grid, cells: list[Cell], keys: list[str]) -> None:
        """A row without a known label: the line of a table set across, or a row whose label is misprinted."""
        first = next((i for i, (_, text) in enumerate(cells) if text and read_number(text).state == UNREADABLE), None)
        if first is None:
            if (
                self._table is self._across
                and self._across is not None
                and self._header.across
                and (_has_number(cells) or (not grid.loose and cells))
            ):
                self._add_across(number, r, grid, cells)
            return
        label = cells[first][1]
        values = cells[first + 1 :]
        if any(text and read_number(text).state == UNREADABLE for _, text in values) or not _has_number(values):
            if any(keys):
                self._header_open = self._header_open and not _has_number(values)
            return
        if self._table is not None and self._table.layout == "rows" and _is_chinese(label):
            self._orphans.append(_Orphan(label, values, number, r, grid.loose, self._header, self._last))
            self.lines.append(Line((), values, number, r, grid.loose))  # keeps its place in the order of lines

    def _add_across(self, number: int, r: int, grid: Grid, values: list[Cell]) -> None:
        table, header = self._across, self._header
        if table is None or not header.across:
            return
        self._header_open = False
        printed = [row for _, row in sorted(header.across)] if not grid.loose else [row for _, row in header.across]
        printed = list(dict.fromkeys(printed))
        expected = list(table.rows)
        trouble = None
        if len(values) == len(printed) * len(table.columns) and 0 < len(printed) < len(expected):
            rows = [row for row in expected if row in printed]
        else:
            rows = expected
        if not grid.loose and printed != [row for row in expected if row in printed]:
            trouble = "the rows of this table stand in another order than in the form"
        leaf = [
            self.lookup.columns[key].get(table.name) for _, _, key in sorted(header.columns, key=lambda entry: entry[1])
        ]
        if not grid.loose and len(leaf) == len(rows) * len(table.columns) and leaf != list(table.columns) * len(rows):
            trouble = "the columns of this table stand in another order than in the form"
        targets = tuple(f"{table.name}.{row}.{column}" for row in rows for column in table.columns_of(row))
        if all(t in {target for line in self.lines for target in line.targets} for t in targets):
            return  # a second line of figures under the same header is none of the form's
        if grid.loose:
            values = _strip(values) if len(values) != len(targets) else values
        self._found.update((table.name, row) for row in rows)
        self.lines.append(Line(targets, values, number, r, grid.loose, {}, trouble))

    def finish(self) -> None:
        """Give the rows with misprinted labels to the rows of the form that they can only be."""
        for orphan in self._orphans:
            table_name = orphan.after[0] if orphan.after else None
            index = next(i for i, line in enumerate(self.lines) if line.grid == orphan.grid and line.row == orphan.row)
            table = self.lookup.form.tables[table_name] if table_name else None
            row = self._only_row(orphan, index, table) if table else None
            if table is None or row is None:
                self.unknown.append((orphan.label, table_name or ""))
                continue
            self._found.add((table.name, row))
            grid = Grid([], loose=orphan.loose)
            saved, self.lines = self.lines, []
            self._append(table, row, orphan.grid, orphan.row, grid, orphan.values, orphan.columns)
            self.lines, saved = saved, self.lines
            self.lines[index] = saved[0]
        self.lines = [line for line in self.lines if line.targets]

    def _only_row(self, orphan: _Orphan, index: int, table: Table) -> str | None:
        """The one row between the known rows above and below whose label is like the printed one."""
        order = list(table.rows)
        above = order.index(orphan.after[1]) if orphan.after else -1
        below = len(order)
        between = 0
        for line in self.lines[index + 1 :]:
            if not line.targets:
                between += 1
                continue
            name, row, _ = line.targets[0].split(".")
            below = order.index(row) if name == table.name and row in table.rows else len(order)
            break
        key = label_key(orphan.label)
        scored = sorted(
            (
                (_likeness(key, label_key(table.rows[row].label)), row)
                for row in order
                if (table.name, row) not in self._found
            ),
            reverse=True,
        )
        fits = [(score, row) for score, row in scored if above < order.index(row) < below and score >= _LIKE]
        if not fits or (len(fits) > 1 and fits[0][0] - fits[1][0] < 0.15):
            return None
        # A row elsewhere in the table that is as like would leave a doubt.
        return fits[0][1] if scored[0][1] == fits[0][1] else None


def prints_blanks(grid: Grid) -> bool:
    """Whether a flattened table leaves cells empty between figures, so that an empty cell is a cell."""
    for row in grid.rows:
        numbers = [i for i, text in enumerate(row) if text and read_number(text).value is not None]
        if len(numbers) > 1 and any(not row[i] for i in range(numbers[0], numbers[-1])):
            return True
    return False


def _columns(table: Table, row: str, header: _Header, lookup: Lookup, loose: bool) -> tuple[list[str], str | None]:
    """The columns of a row in printed order, and why they cannot be told, if so."""
    expected = table.columns_of(row)
    if header.foreign is not None and not any(
        table.name in lookup.columns.get(key, {}) for _, _, key in header.columns
    ):
        return expected, f"the column “{header.foreign}” belongs to another form"
    entries = header.columns if loose else sorted(header.columns, key=lambda entry: entry[1])
    printed = [column for _, _, key in entries if (column := lookup.columns[key].get(table.name)) in expected]
    printed = list(dict.fromkeys(printed))
    in_order = [column for column in expected if column in printed]
    if printed == in_order:
        return expected, None
    one_row = len({r for r, _, _ in header.columns}) == 1
    if loose and (header.grouped or not one_row):
        return expected, None  # the rows of a flattened header follow one another; their order says nothing
    if len(printed) == len(expected):
        return printed, None
    return expected, "the columns of this table stand in another order than in the form"


def _trim(values: list[Cell], wanted: int, grid: Grid, header: _Header) -> list[Cell]:
    """The values without the empty cells that are no cells of theirs."""
    if grid.loose:
        if grid.rows and prints_blanks(grid):
            while len(values) > wanted and not values[-1][1]:
                values = values[:-1]
            while len(values) > wanted and not values[0][1]:
                values = values[1:]
            return values
        return _strip(values) if any(text for _, text in values) else values[:wanted]
    if len(values) > wanted and header.columns:
        # Unmerged empty label cells in front: the figures begin below the first column's heading.
        first = min(c for _, c, _ in header.columns)
        below = [(c, text) for c, text in values if c >= first]
        if len(below) == wanted:
            return below
    while len(values) > wanted and not values[0][1]:
        values = values[1:]
    while len(values) > wanted and not values[-1][1]:
        values = values[:-1]
    return values


def _strip(values: list[Cell]) -> list[Cell]:
    while values and not values[0][1]:
        values = values[1:]
    while values and not values[-1][1]:
        values = values[:-1]
    return values


def _has_number(cells: list[Cell]) -> bool:
    return any(text and (text.isdigit() or read_number(text, "amount").state != UNREADABLE) for _, text in cells)


def _is_chinese(text: str) -> bool:
    return sum("\u4e00" <= c <= "\u9fff" for c in text) >= 2


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
