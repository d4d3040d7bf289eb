"""A report as a Word file (python-docx), with merged cells."""

import zipfile
from io import BytesIO
from typing import Any

from crawler.sandbox.forms import PrintedTable, printed_tables
from crawler.sandbox.sample import PackageAbsent, SampleReport, chinese_date


def write(report: SampleReport, *, headings: bool = True) -> bytes:
    """The report as docx. headings: title and section headings carry Word's heading styles, else they are plain text.

    Raises PackageAbsent without python-docx.
    """
    try:
        import docx
    except ImportError as error:
        raise PackageAbsent("python-docx", "docx") from error
    document = docx.Document()
    document.core_properties.title = report.title
    if headings:
        document.add_heading(report.title, level=0)
    else:
        document.add_paragraph(report.title)
    for text in report.opening_paragraphs():
        document.add_paragraph(text)
    tables = printed_tables(report.form, report.figures)
    for section in report.sections:
        if headings:
            document.add_heading(section.heading, level=1)
        else:
            document.add_paragraph(section.heading)
        for text in section.paragraphs:
            document.add_paragraph(text)
        for table in tables.get(section.number or 0, ()):
            _add_table(document, table)
            document.add_paragraph()
    if report.signed_on:
        document.add_paragraph(report.agency)
        document.add_paragraph(chinese_date(report.signed_on))
    buffer = BytesIO()
    document.save(buffer)
    return _without_clock(buffer.getvalue())


def _without_clock(data: bytes) -> bytes:
    """The same package with all its members dated 1980, so that one report gives one sequence of bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _add_table(document: Any, table: PrintedTable) -> None:
    grid = document.add_table(rows=len(table.rows), cols=table.width)
    grid.style = "Table Grid"
    cells = grid._cells  # row by row; grid.cell() would build this list anew for every cell
    for y, x, cell in table.placed():
        place = cells[y * table.width + x]
        if cell.rowspan > 1 or cell.colspan > 1:
            place = place.merge(cells[(y + cell.rowspan - 1) * table.width + x + cell.colspan - 1])
        place.text = cell.text
