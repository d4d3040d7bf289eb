"""Excel workbooks (xlsx): the visible worksheets to paragraphs and grids.

Read is what the sheets show: no hidden sheets, rows or columns. Values are as stored, not as a number format would
round them.
"""

import datetime
import io
from bisect import bisect_right

import python_calamine as calamine

from parsers.archives import open_container
from parsers.blocks import Block, Document
from parsers.errors import EmptyDocument, ImageOnlyDocument, OversizedDocument, TruncatedDocument
from parsers.readers.office import properties
from parsers.readers.xlsx_layout import Area, Row, split
from parsers.readers.xlsx_parts import MAX_CELLS, Sheet, checked_workbook

_Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def read(data: bytes) -> Document:
    """Read an xlsx file.

    data: the file. Returns a Document of media "xlsx": for each sheet the rows with one filled cell outside of tables
    as paragraphs, the tables as grids. Raises EmptyDocument, ImageOnlyDocument (pictures only), TruncatedDocument,
    EncryptedDocument, OversizedDocument or UnsupportedMedia.
    """
    container = open_container(data)
    packed, sheets = checked_workbook(container)
    blocks: list[Block] = []
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(packed)) as workbook:
            for sheet in sheets:
                blocks += _read_sheet(workbook.get_sheet_by_name(sheet.name), sheet)
    except calamine.CalamineError as error:
        raise TruncatedDocument(f"the workbook is damaged ({error}): fetch it again") from error
    if not blocks:
        if any(name.startswith("xl/media/") for name in container.names):
            raise ImageOnlyDocument("the workbook holds pictures and no text: it has to be read by a person")
        raise EmptyDocument("the workbook holds no text")
    return Document("xlsx", blocks, properties(container))


def _read_sheet(values: calamine.CalamineSheet, sheet: Sheet) -> list[Block]:
    if values.start is None:
        return []
    top, left = values.start
    rows: list[Row] = [[_text(value) for value in row] for row in _values(values)]
    merges = _cover(rows, values.merged_cell_ranges or [], top, left)
    bordered = [False] * len(rows)
    for row, column in sheet.bordered:
        if 0 <= row - top < len(rows) and 0 <= column - left < len(rows[0]):
            bordered[row - top] = True
    if sheet.hidden_rows or sheet.hidden_columns:
        hidden = {row - top for row in sheet.hidden_rows}, {column - left for column in sheet.hidden_columns}
        rows, merges, bordered = _without_hidden(rows, merges, bordered, *hidden)
    return split(rows, merges, bordered)


def _values(sheet: calamine.CalamineSheet) -> list[list[_Value]]:
    try:
        return sheet.to_python(skip_empty_area=True)
    except BaseException as error:
        # A duration of 1e300 days makes the Rust library panic (python-calamine 0.9.1, seen 2026-11), and a panic is no
        # Exception, nor can its class be imported.
        if not isinstance(error, OverflowError) and type(error).__name__ != "PanicException":
            raise
        raise TruncatedDocument(f"the workbook holds a date that cannot be ({error}): fetch it again") from error


def _cover(rows: list[Row], ranges: list[tuple[tuple[int, int], tuple[int, int]]], top: int, left: int) -> list[Area]:
    """Put None where merged cells cover. Returns the merged areas inside of the used rows and columns."""
    areas: list[Area] = []
    covered = 0
    for (first_row, first_column), (last_row, last_column) in ranges:
        area = (
            max(first_row - top, 0),
            max(first_column - left, 0),
            min(last_row - top, len(rows) - 1),
            min(last_column - left, len(rows[0]) - 1),
        )
        if area[2] < area[0] or area[3] < area[1]:
            continue
        covered += (area[2] - area[0] + 1) * (area[3] - area[1] + 1)
        if covered > MAX_CELLS:
            raise OversizedDocument("the merged areas of the workbook lie upon one another: it is not opened")
        for row in range(area[0], area[2] + 1):
            for column in range(area[1], area[3] + 1):
                if (row, column) != (area[0], area[1]):
                    rows[row][column] = None
        areas.append(area)
    return areas


def _kept(count: int, hidden: set[int], origins: set[int]) -> list[int]:
    """The rows (or columns) of `count` that show. One where a larger merged cell begins holds its text, and is kept."""
    return [place for place in range(count) if place not in hidden or place in origins]


def _without_hidden(
    rows: list[Row], merges: list[Area], bordered: list[bool], hidden_rows: set[int], hidden_columns: set[int]
) -> tuple[list[Row], list[Area], list[bool]]:
    down = _kept(len(rows), hidden_rows, {top for top, _, bottom, _ in merges if bottom > top})
    across = _kept(len(rows[0]), hidden_columns, {left for _, left, _, right in merges if right > left})
    row_at = {old: new for new, old in enumerate(down)}
    column_at = {old: new for new, old in enumerate(across)}
    moved = [
        (row_at[top], column_at[left], bisect_right(down, bottom) - 1, bisect_right(across, right) - 1)
        for top, left, bottom, right in merges
        if top in row_at and left in column_at
    ]
    return [[rows[row][column] for column in across] for row in down], moved, [bordered[row] for row in down]


def _text(value: _Value) -> str:
    """A value as text: whole numbers without a point, other numbers in shortest form, dates in ISO form."""
    if isinstance(value, str):
        return "\n".join(line for part in value.splitlines() if (line := " ".join(part.split())))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
