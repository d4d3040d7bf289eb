"""A report as an Excel file (xlsxwriter), with merged cells."""

import re
from datetime import datetime
from io import BytesIO

from crawler.sandbox.forms import PrintedTable, printed_tables
from crawler.sandbox.sample import PackageAbsent, SampleReport, chinese_date

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def write(report: SampleReport, *, numbers_as_text: bool = False, sheet_per_section: bool = False) -> bytes:
    """The report as xlsx: prose in column A, tables below their headings.

    numbers_as_text: counts are stored as text, as pasted ones are. sheet_per_section: one sheet for each section, else
    one sheet for all. Raises PackageAbsent without xlsxwriter.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise PackageAbsent("xlsxwriter", "xlsx") from error
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    # A fixed date of creation: no clock in the file, so that one report gives one sequence of bytes.
    book.set_properties({"title": report.title, "created": datetime(2024, 1, 1)})
    framed = book.add_format({"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
    sheet = book.add_worksheet("年度报告")
    row = 0

    def put_table(table: PrintedTable) -> None:
        for y, x, cell in table.placed():
            first, last_row, last_column = row + y, row + y + cell.rowspan - 1, x + cell.colspan - 1
            number = _number(cell.text) if cell.figure and not numbers_as_text else None
            if last_row > first or last_column > x:
                sheet.merge_range(first, x, last_row, last_column, "", framed)
            if number is not None:
                sheet.write_number(first, x, number, framed)
            else:
                sheet.write_string(first, x, cell.text, framed)

    for row, text in enumerate((report.title, *report.opening_paragraphs())):
        sheet.write_string(row, 0, text)
    row += 1
    tables = printed_tables(report.form, report.figures)
    for section in report.sections:
        if sheet_per_section:
            sheet, row = book.add_worksheet(section.heading[:10]), 0
        for text in (section.heading, *section.paragraphs):
            sheet.write_string(row, 0, text)
            row += 1
        for table in tables.get(section.number or 0, ()):
            put_table(table)
            row += len(table.rows) + 1
    if report.signed_on:
        sheet.write_string(row, 0, report.agency)
        sheet.write_string(row + 1, 0, chinese_date(report.signed_on))
    book.close()
    return buffer.getvalue()


def _number(text: str) -> float | None:
    """The number that a cell holds; None for a text such as "+3" or "251000元", which stays as it is."""
    return float(text) if _PLAIN_NUMBER.fullmatch(text) else None
