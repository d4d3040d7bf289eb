"""From lines of values to the figures of a form."""

from collections.abc import Mapping, Sequence

from parsers.align import Ragged, Vector, realign
from parsers.blocks import Block, Grid
from parsers.columns import UNDER_NONE, UNHEADED, of_another_kind
from parsers.form import Form
from parsers.identities import expand, variants_printed
from parsers.labels import label_key
from parsers.line import Line
from parsers.lines import LineReader
from parsers.lookup import choose_form, lookup
from parsers.numbers import PLAIN_NUMBERS, Reading, read_number
from parsers.report import BLANK, PRINTED, REALIGNED, ROW_ABSENT, UNIT_UNKNOWN, UNREADABLE, Doubt, Figure, Place

_ROWS_OF_SECOND_TABLE = 3  # rows printed twice from which it is not a slip
_UNITS = ("百万元", "亿元", "万元", "千元", "元")


def read_figures(
    blocks: Sequence[Block], forms: Mapping[str, Form], year: int | None
) -> tuple[Form | None, dict[str, Figure], list[Doubt]]:
    """Read all figures of a document.

    year: the reporting year where known; it decides only between forms whose labels fit equally well.
    Returns (form, figures by name in the form's order, doubts); (None, {}, []) where no form's tables are there.
    """
    grids = [block for block in blocks if isinstance(block, Grid)]
    keys = {label_key(text) for grid in grids for row in grid.rows for text in row if text and not text.isdigit()}
    form = choose_form(keys, forms, year)
    if form is None:
        return None, {}, []
    reader = LineReader(lookup(form))
    for number, grid in enumerate(grids):
        reader.read(number, grid)
    reader.finish()
    assembly = _Assembly(form, grids)
    for line in reader.lines:
        assembly.add(line)
    assembly.realign()
    assembly.doubt_second_tables(reader.lines)
    for label, table in reader.unknown:
        assembly.unknown_row(label, table)
    for table, heading in reader.added:
        assembly.doubts.append(
            Doubt(table, "a column that is not in the form: the sums of its table may count it", heading)
        )
    for text, targets in reader.unheaded:
        assembly.unheaded_row(text, targets)
    return form, assembly.figures(), assembly.doubts


class _Assembly:
    """The figures of one document as they are put together."""

    def __init__(self, form: Form, grids: list[Grid]) -> None:
        self.form = form
        self.grids = grids
        self.found: dict[str, Figure] = {}
        self.ragged: list[Line] = []
        self.doubts: list[Doubt] = []
        self.lost_tables: set[str] = set()
        self.counts = form.plain_counts

    def add(self, line: Line) -> None:
        """Take one line: plainly, or put it aside as ragged."""
        if line.trouble:
            self._unreadable(line, line.trouble)
        elif len(line.values) == len(line.targets):
            self._add_plain(line)
        else:
            self.ragged.append(line)

    def _add_plain(self, line: Line) -> None:
        grid_number, row = line.grid, line.row
        boxes, page = self.grids[grid_number].boxes, self._page(line)
        counts, found = self.counts, self.found
        # Two hundred figures a report: built as the tuples that they are, at half the price.
        new = tuple.__new__
        for target, (column, text) in zip(line.targets, line.values, strict=True):
            plain = PLAIN_NUMBERS.get(text) if target in counts and target not in found else None
            if plain is None:
                self._put(self._figure(line, target, text, column, PRINTED))
            else:
                place = new(Place, (page, boxes.get((row, column)) if boxes else None, grid_number, row, column))
                found[target] = new(Figure, (target, plain.value, plain.state, text, None, PRINTED, place))

    def realign(self) -> None:
        """Settle the ragged lines, table by table, with the form's identities."""
        by_table: dict[str, list[Line]] = {}
        for line in self.ragged:
            by_table.setdefault(line.targets[0].split(".")[0], []).append(line)
        for table, lines in by_table.items():
            printed = {name.rpartition(".")[0] for name in self.found} | {
                t.rpartition(".")[0] for line in lines for t in line.targets
            }
            equations = [e for e in expand(self.form) if e.rule.table == table and not e.rule.spans_years]
            readings = [[read_number(text, "change") for _, text in line.values] for line in lines]
            rows = [
                Ragged(line.targets, tuple(_whole(reading) for reading in row))
                if all(r.state != UNREADABLE for r in row)
                else Ragged(line.targets, ())
                for line, row in zip(lines, readings, strict=True)
            ]
            known = {name: _whole_figure(figure) for name, figure in self.found.items()}
            has_blanks = any(r.state == BLANK for row in readings for r in row) or any(
                figure.state == BLANK for name, figure in self.found.items() if name.startswith(f"{table}.")
            )
            solved = realign(rows, known, equations, variants_printed(self.form, printed))
            for line, vector in zip(lines, solved, strict=True):
                if vector is None:
                    count = f"{len(line.values)} values for {len(line.targets)} columns"
                    self._unreadable(
                        line, f"{count}, and not exactly one reading that the identities of the form allow"
                    )
                    continue
                self._take_realigned(line, vector, has_blanks or self.grids[line.grid].gapless)

    def _take_realigned(self, line: Line, vector: Vector, has_blanks: bool) -> None:
        # Where cells are left empty, the one that is lost may have been empty, whatever the sums make of it; and so
        # may each cell of the row that shows the same figure, since nobody can tell which of them is lost.
        untold = {value for value, index in vector if index is None} if has_blanks else ()
        for target, (value, index) in zip(line.targets, vector, strict=True):
            if value in untold:
                self._put_unreadable(line, target, "a cell of this row is lost, and it may have been empty")
            elif index is None:
                place = Place(self._page(line), None, line.grid, line.row, None)
                self._put(Figure(target, value, REALIGNED, None, self._unit(line, target, None), REALIGNED, place))
            else:
                column, text = line.values[index]
                self._put(self._figure(line, target, text, column, REALIGNED))

    def _put_unreadable(self, line: Line, target: str, reason: str) -> None:
        text = " | ".join(text for _, text in line.values)
        self.doubts.append(Doubt(target, reason, text))
        place = Place(self._page(line), None, line.grid, line.row, None)
        self._put(Figure(target, None, UNREADABLE, text, self._unit(line, target, None), PRINTED, place))

    def doubt_second_tables(self, lines: Sequence[Line]) -> None:
        """Where a table stands twice with different figures (two years, two bodies), which is meant cannot be told."""
        kept = [line for line in lines if line.targets and line.trouble is not UNDER_NONE]
        if len({line.targets[0].rpartition(".")[0] for line in kept}) == len(kept):
            return
        printed: dict[str, dict[str, list[tuple[str, ...]]]] = {}
        for line in kept:
            row = line.targets[0].rpartition(".")[0]
            texts = tuple(text for _, text in line.values)
            printed.setdefault(row.split(".")[0], {}).setdefault(row, []).append(texts)
        for table, rows in printed.items():
            twice = [texts for texts in rows.values() if len(texts) > 1]
            wanted = 1 if self.form.tables[table].layout == "across" else _ROWS_OF_SECOND_TABLE
            if len(twice) < wanted or all(len(set(texts)) == 1 for texts in twice):
                continue
            self.doubts.append(Doubt(None, f"the table {table} stands there twice with different figures", ""))
            for name, figure in self.found.items():
                if name.startswith(f"{table}.") and figure.state not in (UNREADABLE, ROW_ABSENT):
                    self.found[name] = figure._replace(value=None, state=UNREADABLE)

    def unknown_row(self, label: str, table: str) -> None:
        """A row that holds values under a label nobody knows: the form's rows that are not found may be it, and the
        sums of its table may count it."""
        if table and of_another_kind(label, ""):
            return  # a part of a row above (其中), or last year's
        self.doubts.append(Doubt(table or None, "a row whose label is not in the form and fits no place in it", label))
        if table:
            self.lost_tables.add(table)

    def unheaded_row(self, text: str, targets: tuple[str, ...]) -> None:
        """A row under no heading that says which figures are in it; of no interest where they were found elsewhere."""
        lost = [target for target in targets if target not in self.found]
        if lost:
            self.doubts.append(Doubt(lost[0].rpartition(".")[0], UNHEADED, text))
            for target in lost:
                self.found[target] = Figure(target, None, UNREADABLE, text)

    def figures(self) -> dict[str, Figure]:
        """All figures of the form, in its order; what was not found is row_absent, or unreadable where a row of the
        same table could not be understood."""
        found = self.found
        lost_tables = self.lost_tables
        variant_rows = (
            {f"{t.name}.{row}" for t in self.form.table for group in t.variants for row in group} if lost_tables else ()
        )
        result = {}
        for name in self.form.figure_names:
            figure = found.get(name)
            if figure is None:
                lost = (
                    lost_tables and name.split(".", 1)[0] in lost_tables and name.rpartition(".")[0] not in variant_rows
                )
                figure = Figure(name, None, UNREADABLE if lost else ROW_ABSENT)
            result[name] = figure
        return result

    def _figure(self, line: Line, target: str, text: str, column: int, how: str) -> Figure:
        kind = self.form.column_of(target).value
        reading = read_number(text, kind)
        grid = self.grids[line.grid]
        place = Place(self._page(line), grid.boxes.get((line.row, column)), line.grid, line.row, column)
        state = how if reading.state == PRINTED else reading.state
        unit = self._unit(line, target, reading) if kind == "amount" else None
        if reading.state == UNREADABLE:
            self.doubts.append(Doubt(target, "not a number", text))
        return Figure(target, reading.value, state, text, unit, how, place)

    def _unit(self, line: Line, target: str, reading: Reading | None) -> str | None:
        """The unit as printed in the cell, else in the column's label as the report prints it, else unknown."""
        column = self.form.column_of(target)
        if column.value != "amount":
            return None
        if reading is not None and reading.unit:
            return reading.unit
        label = "".join(line.header_text.get(target.rpartition(".")[2], "").split())
        unit = next((unit for unit in _UNITS if unit in label), UNIT_UNKNOWN)
        # 元/万元: either of two.
        return unit if not any(other in label.replace(unit, "") for other in _UNITS) else UNIT_UNKNOWN

    def _page(self, line: Line) -> int | None:
        pages = self.grids[line.grid].pages
        return pages[line.row] if pages else None

    def _put(self, figure: Figure) -> None:
        """Keep a figure; the same cell printed twice with different content is not understood."""
        other = self.found.get(figure.name)
        if other is None:
            self.found[figure.name] = figure
        elif figure.value != other.value or UNREADABLE in (figure.state, other.state):
            text = f"{other.text} / {figure.text}"
            self.doubts.append(Doubt(figure.name, "printed twice with different values", text))
            self.found[figure.name] = Figure(figure.name, None, UNREADABLE, text, figure.unit, PRINTED, other.place)

    def _unreadable(self, line: Line, reason: str) -> None:
        text = " | ".join(text for _, text in line.values)
        self.doubts.append(Doubt(line.targets[0].rpartition(".")[0], reason, text))
        place = Place(self._page(line), None, line.grid, line.row, None)
        for target in line.targets:
            self._put(Figure(target, None, UNREADABLE, text, self._unit(line, target, None), PRINTED, place))


def _whole(reading: Reading) -> int | None:
    return reading.value if isinstance(reading.value, int) else None


def _whole_figure(figure: Figure) -> int | None:
    return figure.value if isinstance(figure.value, int) else None
