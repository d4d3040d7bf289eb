"""Rows whose label no form knows: which row of the form a misprinted label can only mean."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from parsers.blocks import Grid
from parsers.columns import Cell, Header, of_another_kind
from parsers.form import Table
from parsers.labels import label_key
from parsers.lookup import RowName

_LIKE = 0.6  # similarity from which a misprinted label can be the only row that fits its place
_APART = 0.15  # by which it must be more like that row than like any other of its place
_SHORTEST = 4  # characters of a label that can be recognised although misprinted


@dataclass(slots=True)
class Orphan:
    """A row with values under a label that no form knows. after: the row of the form that stands above it."""

    label: str
    values: list[Cell]
    number: int
    row: int
    grid: Grid
    header: Header
    after: RowName | None


def only_row(label: str, table: Table, above: str | None, below: str | None, found: set[str]) -> str | None:
    """The one row between the rows above and below whose label is like the printed one.

    found: rows of the table that have been recognised.
    """
    key = label_key(label)
    if len(key) < _SHORTEST:
        return None
    order = list(table.rows)
    first = order.index(above) + 1 if above is not None else 0
    end = order.index(below) if below is not None else len(order)
    likeness = ((_likeness(key, label_key(table.rows[row].label)), row) for row in order if row not in found)
    scored = sorted(likeness, reverse=True)
    fits = [
        (score, row)
        for score, row in scored
        if row in order[first:end] and score >= _LIKE and not of_another_kind(label, table.rows[row].label)
    ]
    if not fits or (len(fits) > 1 and fits[0][0] - fits[1][0] < _APART):
        return None
    # A row elsewhere in the table that is as like would leave a doubt.
    return fits[0][1] if scored[0][1] == fits[0][1] else None


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
