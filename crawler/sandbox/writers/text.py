"""A report as the plain text that copying from a page or a word processor leaves."""

from collections.abc import Callable, Iterator
from typing import Literal

from crawler.sandbox.forms import PrintedTable, printed_tables
from crawler.sandbox.sample import SampleReport, chinese_date

Shape = Literal["cells", "tabs", "lines"]


def write(report: SampleReport, *, shape: Shape = "cells", encoding: str = "utf-8") -> bytes:
    """The report as text.

    shape: "cells": one cell a line with a leading tab, an empty line after each row; "tabs": one row a line, tabs
    between its cells; "lines": one cell a line without tabs, an empty cell leaves an empty line. In all of them a
    cell merged over several columns stands once, and where a cell is merged over rows the rows below begin empty
    (in "lines" nothing is left of that).
    """
    lines = [report.title, ""]
    lines += report.opening_paragraphs()
    tables = printed_tables(report.form, report.figures)
    for section in report.sections:
        lines += ["", section.heading, *section.paragraphs]
        for table in tables.get(section.number or 0, ()):
            lines += _SHAPES[shape](table)
    if report.signed_on:
        lines += ["", report.agency, chinese_date(report.signed_on)]
    return ("\n".join(lines) + "\n").encode(encoding)


def _rows(table: PrintedTable) -> Iterator[list[tuple[str, bool]]]:
    """Each row as (text, goes on from above); what is merged sideways stands once."""
    lines: list[list[tuple[int, str, bool]]] = [[] for _ in table.rows]
    for y, x, cell in table.placed():
        for below in range(cell.rowspan):
            lines[y + below].append((x, cell.text if not below else "", below > 0))
    for line in lines:
        yield [(text, goes_on) for _, text, goes_on in sorted(line)]


def _cells(table: PrintedTable) -> Iterator[str]:
    for row in _rows(table):
        yield from (f"\t{text}" for text, _ in row)
        yield ""


def _tabs(table: PrintedTable) -> Iterator[str]:
    yield ""
    yield from ("\t".join(text for text, _ in row) for row in _rows(table))
    yield ""


def _lines(table: PrintedTable) -> Iterator[str]:
    for row in _rows(table):
        yield from (text for text, goes_on in row if not goes_on)


_SHAPES: dict[str, Callable[[PrintedTable], Iterator[str]]] = {"cells": _cells, "tabs": _tabs, "lines": _lines}
