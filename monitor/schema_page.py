"""docs/schema.md: the dictionary of an archive as a page. Made with `nianbao schema --markdown`."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from db.schema.wide import column_name

if TYPE_CHECKING:
    from db.schema.dictionary import Entry
    from parsers.form import Form

_HEAD = """\
# Schema

Every table, view and column of the archive. Made by `nianbao schema --markdown` from what an archive says of itself in
its table `dictionary`; `nianbao schema TABLE` shows the same. How to ask: [querying.md](querying.md).
"""
_FIGURES = """\
The columns of `latest` and `wide` that hold a figure are called as the figure, with `_` for the dots; the unit of an
amount stands in `<column>_unit`. A number is as printed. 0: the report says zero; null: it gives no number, and
`figures.state` says why.
"""
_ROOMS = {
    "view": ("Views", "What to ask first."),
    "kept": ("Kept", "What was seen, when, by whom and what was said; nothing can bring it back."),
    "derived": ("Derived", "What was read and judged; it can be made again from documents, visits and the register."),
}


def page(entries: "list[Entry]", forms: "Mapping[str, Form]") -> str:
    """The page. entries: of the whole dictionary, as db.schema.dictionary.listed gives them. forms: those it knows."""
    return "\n".join(_lines(entries, forms))


def _lines(entries: "list[Entry]", forms: "Mapping[str, Form]") -> Iterator[str]:
    yield _HEAD
    for room, (title, about) in _ROOMS.items():
        yield f"## {title}\n\n{about}\n"
        for table, rows in groupby((e for e in entries if e.room == room), key=lambda entry: entry.table_name):
            head, *columns = rows
            yield f"### `{table}`\n\n{_cell(head.description)}\n"
            yield from _columns(columns, with_types=room != "view")
            yield ""
    yield "## Figures\n"
    yield _FIGURES
    yield "| figure | in the words of the form | is | form |"
    yield "| --- | --- | --- | --- |"
    for entry in entries:
        figure = entry.figure
        if entry.table_name != "wide" or figure is None or entry.column_name != column_name(figure):
            continue
        names = [name for name, form in forms.items() if figure in form.figure_set]
        kind = forms[names[-1]].column_of(figure).value
        yield f"| `{figure}` | {_cell(entry.label or '')} | {kind} | {', '.join(names)} |"
    yield ""


def _columns(columns: "list[Entry]", *, with_types: bool) -> Iterator[str]:
    yield "| column | type | holds |" if with_types else "| column | holds |"
    yield "| --- | --- | --- |" if with_types else "| --- | --- |"
    for is_figure, group in groupby(columns, key=lambda entry: entry.figure is not None):
        if is_figure:
            number = sum(entry.figure is not None for entry in group)
            kind = " INTEGER, REAL, TEXT |" if with_types else ""
            yield f"| `<table>_<row>_<column>` |{kind} {number} columns: the figures, and units of amounts; see below |"
            continue
        for entry in group:
            kind = f" {entry.type} |" if with_types else ""
            yield f"| `{entry.column_name}` |{kind} {_cell(entry.description)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
