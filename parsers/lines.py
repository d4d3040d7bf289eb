"""From grids to lines of figures: which row of which table each line of a grid is, and its values in order.

Works row by row on labels, through all grids of a document, since portals and page ends cut tables at any row and set
several tables as one.
"""

from parsers.blocks import Grid
from parsers.columns import MERGED, UNDER_NONE, Aligned, Cell, Header, Plan, align, of_another_kind
from parsers.form import Table
from parsers.labels import label_key, number_in_front
from parsers.line import Line, Padding, padding_of, unpadded
from parsers.lookup import Lookup, RowName
from parsers.numbers import read_number
from parsers.orphans import Orphan, only_row
from parsers.report import UNREADABLE
from parsers.torn import torn_headings

_AMBIGUOUS = 2  # characters of a label that says too little without its number


class LineReader:
    """Reads the grids of one document in order. The result are `lines`, and what was printed and not understood:

    unknown: (label as printed, table) of rows that are none of the form's. unheaded: (text, figures) of rows under no
    heading that says which figures they are. added: (table, heading as printed) of columns that are none of the form's.
    """

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.lines: list[Line] = []
        self.unknown: list[tuple[str, str]] = []
        self.unheaded: list[tuple[str, tuple[str, ...]]] = []
        self.added: list[tuple[str, str]] = []
        self._header = Header()
        self._table: Table | None = None
        self._across = next((t for t in lookup.form.table if t.layout == "across"), None)
        self._header_open = False
        self._last: RowName | None = None
        self._orphans: list[Orphan] = []
        self._found: set[RowName] = set()
        self._above: list[int] = []  # rows of the grid behind the last row of figures
        self._padding: dict[int, Padding] = {}  # by number of the flattened grid

    def read(self, number: int, grid: Grid) -> None:
        """Read one grid; number: its place among the document's grids."""
        first_line = lines = len(self.lines)
        self._above = []
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
            if len(self.lines) == lines:
                self._above.append(r)
            else:
                lines = len(self.lines)
                self._above = []
        if grid.loose:
            self._unpad(number, grid, self.lines[first_line:])

    def _read_row(
        self, number: int, r: int, grid: Grid, cells: list[Cell], keys: list[str], last: int, hits: int
    ) -> None:
        values = cells[last + 1 :]
        if last >= 0 and (hits > 1 or (hits and self._is_header(keys[last], values))):
            self._read_headings(number, r, grid, cells, keys, last)
            return
        if last < 0:
            self._read_unlabelled(number, r, grid, cells, keys)
            return
        found = self.lookup.row(keys[last])
        if found is None:
            if hits and not grid.loose and _has_number(values):
                # A column's label in front of figures: the table is turned by a quarter.
                self.unknown += [(cells[last][1], table) for table in self.lookup.columns[keys[last]]]
            # A group's label, and behind it perhaps a label that is misprinted.
            self._read_unlabelled(number, r, grid, values, keys[last + 1 :])
        elif len(keys[last]) <= _AMBIGUOUS and self._is_numbered_otherwise(found, cells[last][1]):
            self._read_unlabelled(number, r, grid, cells[last:], keys[last:])
        elif self._is_line(found, values):
            self._add_row(found, number, r, grid, cells[: last + 1], values)
        else:
            self._read_headings(number, r, grid, cells, keys, last)

    def _read_headings(self, number: int, r: int, grid: Grid, cells: list[Cell], keys: list[str], last: int) -> None:
        """A row of headings; bare text runs them together with the first row of figures."""
        values = cells[last + 1 :]
        with_figures = _has_number(values)
        row = self.lookup.row(keys[last]) if keys[last] not in self.lookup.columns else None
        if row and with_figures and self._is_line(row, values):
            if any(key in self.lookup.columns for key in keys[:last]):
                self._read_header(number, r, cells[:last], keys[:last])
                self._header.run = True
            self._add_row(row, number, r, grid, cells[: last + 1], values)
            return
        end = last + 1 if with_figures else len(cells)
        self._read_header(number, r, cells[:end], keys[:end])
        if with_figures:
            self._header.run = True
            self._add_across(number, r, grid, values)

    def _is_numbered_otherwise(self, found: RowName, text: str) -> bool:
        """Whether a short label (其他) has the number of another row in front (6.其他 is not the form's 3.其他) or,
        without a number, does not follow the row that is before it in the form."""
        table = self.lookup.form.tables[found[0]]
        printed, own = number_in_front(text), number_in_front(table.rows[found[1]].label)
        if own is None:
            return False
        if printed is not None:
            return printed != own
        if self._last is None or self._last[0] != table.name:
            return True
        order = list(table.rows)
        between = order[order.index(self._last[1]) + 1 : order.index(found[1])]
        group = next((group for group in table.variants if found[1] in group), [])
        variants = {row for group in table.variants for row in group}
        return order.index(self._last[1]) >= order.index(found[1]) or any(
            r in group or r not in variants for r in between
        )

    def _is_line(self, found: RowName, values: list[Cell]) -> bool:
        """Whether what follows the label of a row are its figures; that of a row set across heads several columns."""
        table = self.lookup.form.tables[found[0]]
        return table.layout == "rows" or (_has_number(values) and len(values) <= 2 * len(table.columns))

    def _is_header(self, key: str, values: list[Cell]) -> bool:
        """Whether a row whose only known label is a column's is a header; 总计 and 其他 are rows as well."""
        return key in self.lookup.columns and key not in self.lookup.rows and not _has_number(values)

    def _read_header(self, number: int, r: int, cells: list[Cell], keys: list[str]) -> None:
        if not self._header_open:
            self._header = Header()
            self._header_open = True
        header, lookup = self._header, self.lookup
        header.grid = number
        for (c, text), key in zip(cells, keys, strict=True):
            if not key:
                if text:
                    header.others.append((c, text))
                else:
                    header.blank.add(c)
                continue
            row = lookup.rows.get(key)
            if row and self._across and row[0] == self._across.name:
                header.across.append((c, row[1]))
                self._table = self._across
            if by_table := lookup.columns.get(key):
                header.columns.append((r, c, key))
                for column in by_table.values():
                    header.text.setdefault(column, text)
            elif key in lookup.headers:
                header.grouped = header.grouped or bool(header.columns)
            elif key not in lookup.keys:
                header.others.append((c, text))

    def _add_row(self, found: RowName, number: int, r: int, grid: Grid, labels: list[Cell], values: list[Cell]) -> None:
        self._header_open = False
        if not values:
            return
        if found in self.lookup.namesakes:
            found = self._headed(found, grid)
        table = self.lookup.form.tables[found[0]]
        plan = self._header.plan(table, found[1], self.lookup, grid.loose)
        if (plan is None or plan.missing or plan.trouble) and self._mend_header(number, r, grid, values):
            plan = self._header.plan(table, found[1], self.lookup, grid.loose)
        if plan is None:
            targets = tuple(f"{table.name}.{found[1]}.{column}" for column in table.columns_of(found[1]))
            self.unheaded.append((_joined([*labels[-1:], *values]), targets))
            return
        self._table, self._last = table, found
        self._found.add(found)
        self._add_line(f"{table.name}.{found[1]}.", plan, number, r, grid, values, self._header)

    def _mend_header(self, number: int, r: int, grid: Grid, values: list[Cell]) -> bool:
        """Put the headings together that are torn over several rows; whether that gave more than was known."""
        above = [row for row in self._above if not any(text and text.isdigit() for text in grid.rows[row])]
        if len(above) < 2:
            return False
        known = self._header
        torn = torn_headings(grid, above, r, values, self.lookup.columns)
        # A flattened row may have lost cells; its places then are those of no other row.
        if len(torn) <= len(known.columns) or (grid.loose and len(torn) < len(values)):
            return False
        header = Header(number, across=known.across)
        header.columns = [(0, place, label_key(label)) for place, label in torn]
        for _, label in torn:
            for column in self.lookup.columns[label_key(label)].values():
                header.text.setdefault(column, label)
        self._header = header
        return True

    def _headed(self, found: RowName, grid: Grid) -> RowName:
        """Of the rows that share a label, the one whose table's headings stand above."""
        for table_name, row in (found, *self.lookup.namesakes[found]):
            table = self.lookup.form.tables[table_name]
            if self._header.plan(table, row, self.lookup, grid.loose) is not None:
                return table_name, row
        return found

    def _append(
        self, table: Table, row: str, number: int, r: int, grid: Grid, values: list[Cell], header: Header
    ) -> None:
        plan = header.plan(table, row, self.lookup, grid.loose)
        if plan is not None:
            self._add_line(f"{table.name}.{row}.", plan, number, r, grid, values, header)

    def _add_line(
        self, prefix: str, plan: Plan, number: int, r: int, grid: Grid, values: list[Cell], header: Header
    ) -> None:
        """One line of values by the plan of its headings. prefix: what stands in front of the plan's names."""
        if plan.trouble:
            aligned = Aligned(plan.names, values, plan.trouble)
        elif grid.loose:
            aligned = Aligned(plan.names, values)
        else:
            aligned = align(plan, values, grid.rows[r], same_grid=header.grid == number)
            if aligned.trouble is MERGED:
                self._doubt_above(number, r, grid)
        targets = tuple([prefix + name for name in aligned.names])
        self.lines.append(Line(targets, aligned.values, number, r, grid.loose, header.text, aligned.trouble))
        if aligned.beyond and plan.missing:
            targets = tuple(prefix + name for name in plan.missing)
            self.lines.append(Line(targets, aligned.beyond, number, r, grid.loose, header.text, UNDER_NONE))
        elif aligned.beyond:
            self._note_columns(prefix.partition(".")[0], aligned.beyond, header)

    def _note_columns(self, table: str, cells: list[Cell], header: Header) -> None:
        """Remember the columns that an agency added: its sums may count them."""
        headings = dict(header.others)
        for c, text in cells:
            heading = headings.get(c, "")
            if read_number(text).value and not of_another_kind(heading, "") and (table, heading) not in self.added:
                self.added.append((table, heading))

    def _doubt_above(self, number: int, r: int, grid: Grid) -> None:
        """A figure of the line above may be merged with the row below it, and then be that of either."""
        above = self.lines[-1] if self.lines else None
        if above and (above.grid, above.row) == (number, r - 1) and not above.trouble:
            below = grid.rows[r]
            if any(c < len(below) and below[c] is None for c, text in above.values if text):
                above.trouble = MERGED

    def _unpad(self, number: int, grid: Grid, lines: list[Line]) -> None:
        """Drop the empty cells of a flattened grid that are no cells of its tables."""
        padding = self._padding[number] = padding_of(grid, [line for line in lines if line.targets])
        for line in lines:
            line.values = unpadded(line, padding)

    def _read_unlabelled(self, number: int, r: int, grid: Grid, cells: list[Cell], keys: list[str]) -> None:
        """A row without a known label: the line of a table set across, or a row whose label is misprinted."""
        in_across = self._table is not None and self._table is self._across and bool(self._header.across)
        first = next((i for i, (_, text) in enumerate(cells) if text and read_number(text).state == UNREADABLE), None)
        if first is None:
            if in_across and (_has_number(cells) or (not grid.loose and cells)):
                self._add_across(number, r, grid, cells)
            elif not grid.loose and sum(bool(text) for _, text in cells) > 1 and (table := self._headed_table()):
                self.unknown.append((_joined(cells), table))  # figures without a label
            return
        label = cells[first][1]
        values = cells[first + 1 :]
        if any(text and read_number(text).state == UNREADABLE for _, text in values) or not _has_number(values):
            if any(keys):
                self._header_open = self._header_open and not _has_number(values)
            return
        if in_across and self._across:
            # A line of figures with a name of its own: of another year, or of a part.
            targets = tuple(".".join((self._across.name, *cell)) for cell in self._across.cells())
            self.unheaded.append((_joined(cells[first:]), targets))
        elif self._table is not None and self._table.layout == "rows" and _is_chinese(label):
            self._orphans.append(Orphan(label, values, number, r, grid, self._header, self._last))
            self.lines.append(Line((), values, number, r, grid.loose))  # keeps its place in the order of lines

    def _headed_table(self) -> str | None:
        """The one table whose columns the header names."""
        named = [set(self.lookup.columns[key]) for _, _, key in self._header.columns]
        common = set.intersection(*named) if named else set()
        return next(iter(common)) if len(common) == 1 else None

    def _add_across(self, number: int, r: int, grid: Grid, values: list[Cell]) -> None:
        table, header = self._across, self._header
        if table is None or not header.across:
            return
        self._header_open = False
        prefix = f"{table.name}."
        plan = header.plan_across(table, self.lookup, grid.loose)
        if (plan is None or plan.missing or plan.trouble) and self._mend_header(number, r, grid, values):
            header = self._header
            plan = header.plan_across(table, self.lookup, grid.loose)
        if plan is None:
            targets = tuple(f"{prefix}{row}.{column}" for _, row in header.across for column in table.columns_of(row))
            self.unheaded.append((_joined(values), targets))
            return
        names = set(plan.names)
        again = any(line.targets and line.targets[0].removeprefix(prefix) in names for line in self.lines)
        printed = sum(bool(text) for _, text in values)
        if again and (printed < 2 or 2 * len(values) < len(names)):
            return  # a page number, or an empty line below the figures
        if not again and 2 * len(values) < len(names):
            return
        self._found.update((table.name, row) for _, row in header.across)
        self._add_line(prefix, plan, number, r, grid, values, header)

    def finish(self) -> None:
        """Give the rows with misprinted labels to the rows of the form that they can only be."""
        for orphan in self._orphans:
            table_name = orphan.after[0] if orphan.after else None
            index = next(i for i, line in enumerate(self.lines) if (line.grid, line.row) == (orphan.number, orphan.row))
            table = self.lookup.form.tables[table_name] if table_name else None
            row = only_row(orphan.label, table, *self._neighbours(orphan, index, table)) if table else None
            if table is None or row is None:
                self.unknown.append((orphan.label, table_name or ""))
                continue
            self._found.add((table.name, row))
            saved, self.lines = self.lines, []
            self._append(table, row, orphan.number, orphan.row, orphan.grid, orphan.values, orphan.header)
            self.lines, saved = saved, self.lines
            if orphan.grid.loose:
                for line in saved:
                    line.values = unpadded(line, self._padding[orphan.number])
            self.lines[index : index + 1] = saved
        # What holds no text is an empty row of padding, unless it has room for all cells.
        self.lines = [line for line in self.lines if line.targets and _is_printed(line)]

    def _neighbours(self, orphan: Orphan, index: int, table: Table) -> tuple[str | None, str | None, set[str]]:
        """The known rows of the table above and below an orphan, None at its ends; the rows that have been found."""
        above = orphan.after[1] if orphan.after else None
        next_line = next((line for line in self.lines[index + 1 :] if line.targets), None)
        name, row, _ = next_line.targets[0].split(".") if next_line else ("", "", "")
        below = row if name == table.name and row in table.rows else None
        return above, below, {row for name, row in self._found if name == table.name}


def _is_printed(line: Line) -> bool:
    return not line.loose or len(line.values) >= len(line.targets) or any(text for _, text in line.values)


def _joined(cells: list[Cell]) -> str:
    return " | ".join(text for _, text in cells)


def _has_number(cells: list[Cell]) -> bool:
    return any(text and (text.isdigit() or read_number(text, "amount").state != UNREADABLE) for _, text in cells)


def _is_chinese(text: str) -> bool:
    return sum("\u4e00" <= c <= "\u9fff" for c in text) >= 2
