"""Excel workbooks (xlsx): the visible worksheets to paragraphs and grids.

Read is what the sheets show: no hidden sheets, rows or columns. Values are as stored, not as a number format would
round them.
"""

import datetime
import io

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
    rows: list[Row] = [[_text(value) for value in row] for row in values.to_python(skip_empty_area=True)]
    merges = _cover(rows, values.merged_cell_ranges or [], top, left)
    hidden_rows = {row - top for row in sheet.hidden_rows} - _tied(merges, 0)
    hidden_columns = {column - left for column in sheet.hidden_columns} - _tied(merges, 1)
    bordered = [False] * len(rows)
    for row, column in sheet.bordered:
        if 0 <= row - top < len(rows) and 0 <= column - left < len(rows[0]):
            bordered[row - top] = True
    if hidden_rows or hidden_columns:
        kept = [row for row in range(len(rows)) if row not in hidden_rows]
        columns = [column for column in range(len(rows[0])) if column not in hidden_columns]
        rows = [[rows[row][column] for column in columns] for row in kept]
        bordered = [bordered[row] for row in kept]
        merges = [moved for area in merges if (moved := _moved(area, kept, columns)) is not None]
    return split(rows, merges, bordered)


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


def _tied(merges: list[Area], axis: int) -> set[int]:
    """Rows (axis 0) or columns (1) that a merged cell ties to others; hidden or not, they cannot be left out."""
    return {place for area in merges if area[axis] < area[axis + 2] for place in range(area[axis], area[axis + 2] + 1)}


def _moved(area: Area, rows: list[int], columns: list[int]) -> Area | None:
    """The area in a sheet of which only some rows and columns are kept; None if it is not among them."""
    places = (
        [rows.index(area[0]), rows.index(area[2])] if area[0] in rows and area[2] in rows else None,
        [columns.index(area[1]), columns.index(area[3])] if area[1] in columns and area[3] in columns else None,
    )
    if places[0] is None or places[1] is None:
        return None
    return places[0][0], places[1][0], places[0][1], places[1][1]


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
