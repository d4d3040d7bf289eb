"""Which figure stands in which column: the headings of a table, and the rows of values below them.

Where positions can be trusted a figure belongs to the heading above it; where they cannot, to its place in the order
of the headings. What neither tells is left unread: a figure under the wrong heading is worse than none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from parsers.form import Table
from parsers.labels import label_key
from parsers.lookup import Lookup

Cell = tuple[int, str]  # (grid column, text)

_LIKE = 0.75  # similarity from which an unknown heading is a misprint of the one that is lacking
_SHORTEST = 3  # characters of a heading that can be recognised although misprinted
# Headings of figures of another kind, however like the form's they look.
_OTHER_KIND = (
    "序号",
    "备注",
    "上年",
    "上一年",
    "去年",
    "往年",
    "前年",
    "同比",
    "增",
    "减",
    "占",
    "率",
    "%",
    "小计",
    "其中",
    "累计",
    "19",
    "20",
)

UNHEADED = "no heading of the form says which column its figures stand in"
_TWICE = "a column of the form stands twice in the heading of this table"
_ORDER = "the columns of this table stand in another order than in the form"
_ROW_ORDER = "the rows of this table stand in another order than in the form"
_LACKING = "the heading of this table lacks a column of the form, and nothing tells which figures are its"
_SHIFTED = "the heading has columns that are not in the form, and the figures do not stand below the headings"
MERGED = "cells of this row are merged"
_EDGES = "there are empty cells on both sides of the figures, and nothing tells which of them are cells of the form"
UNDER_NONE = "the heading above it is not in the form"


class Plan(NamedTuple):
    """Where the figures of a row stand, by the headings above them.

    names: the columns (in tables set across: `row.column`) in printed order. places: their grid columns; () where
    positions mean nothing (flattened tables). headed: further grid columns that have a heading, one that the form does
    not know. blank: further ones whose heading is an empty cell. missing: names under no heading. trouble: why the
    columns cannot be told, if so.
    """

    names: tuple[str, ...]
    places: tuple[int, ...] = ()
    headed: frozenset[int] = frozenset()
    blank: frozenset[int] = frozenset()
    missing: tuple[str, ...] = ()
    trouble: str | None = None
    beside: tuple[int, ...] = ()  # headed and blank ones behind the first place, rising


@dataclass(slots=True)
class Header:
    """The header rows that hold for the lines below them. grid: the number of the grid that they stand in.

    columns: (row, grid column, key) of the forms' columns. across: (grid column, row name) of tables set across.
    others: (grid column, text) of labels unknown to the form. blank: grid columns with an empty cell. text: column
    name -> label as printed. grouped: a heading over several columns is among them: there is more than one row.
    run: its rows, and the first row of figures, were run together.
    """

    grid: int = -1
    columns: list[tuple[int, int, str]] = field(default_factory=list)
    across: list[tuple[int, str]] = field(default_factory=list)
    others: list[tuple[int, str]] = field(default_factory=list)
    blank: set[int] = field(default_factory=set)
    text: dict[str, str] = field(default_factory=dict)
    grouped: bool = False
    run: bool = False
    plans: dict[tuple[str, ...], Plan | None] = field(default_factory=dict)
    rows: dict[tuple[str, str, bool], Plan] = field(default_factory=dict)

    def plan(self, table: Table, row: str, lookup: Lookup, loose: bool) -> Plan | None:
        """The plan of a row of a table; None where no heading of that table's columns is here."""
        if known := self.rows.get((table.name, row, loose)):
            return known
        own = (str(loose), table.name, *table.columns_of(row))
        if own not in self.plans:
            self.plans[own] = _plan(self, table, own[2:], lookup, loose)
        plan = self.plans[own]
        if plan is not None:
            self.rows[table.name, row, loose] = plan
        return plan

    def plan_across(self, table: Table, lookup: Lookup, loose: bool) -> Plan | None:
        """The plan of the line of figures of a table set across; None where its columns or rows have no heading."""
        own = (str(loose),)
        if own not in self.plans:
            self.plans[own] = _across_loose(self, table, lookup) if loose else _across(self, table, lookup)
        return self.plans[own]


def _plan(header: Header, table: Table, expected: Sequence[str], lookup: Lookup, loose: bool) -> Plan | None:
    entries = _entries(header, table, lookup)
    found = [(r, c, column) for r, c, column in entries if column in expected]
    others = list(header.others)
    lacking = [column for column in expected if all(column != name for _, _, name in found)]
    for column in lacking:
        if (misprint := _misprint_of(table, column, others, lookup)) is not None:
            others.remove(misprint)
            found.append((-1, misprint[0], column))
    if not found:
        return None
    names = [column for _, _, column in found]
    if loose:
        return _plan_loose(header, list(expected), found)
    places = sorted({(c, column) for _, c, column in found})
    names = [column for _, column in places]
    if len(set(names)) < len(names):
        return Plan(tuple(expected), trouble=_TWICE)
    lacking = [column for column in expected if column not in names]
    if len({r for r, _, _ in found if r >= 0}) > 1 and names != [column for column in expected if column in names]:
        # One row of headings may be in any order; in several, a slip of one span puts them out of order.
        return Plan(tuple(expected), trouble=_ORDER)
    return _by_place(names, [c for c, _ in places], {c for c, _ in others}, header.blank, lacking)


def _by_place(names: Iterable[str], places: list[int], headed: set[int], blank: set[int], missing: list[str]) -> Plan:
    headed, blank = headed - {*places}, blank - {*places}
    beside = sorted(c for c in headed | blank if c > places[0])
    return Plan(tuple(names), tuple(places), frozenset(headed), frozenset(blank), tuple(missing), beside=tuple(beside))


def _entries(header: Header, table: Table, lookup: Lookup) -> list[tuple[int, int, str]]:
    """(row, grid column, column name) of the headings of one table, as printed."""
    return [(r, c, column) for r, c, key in header.columns if (column := lookup.columns[key].get(table.name))]


def _plan_loose(header: Header, expected: list[str], found: list[tuple[int, int, str]]) -> Plan:
    """In a flattened table only the order of the headings counts, and the rows of the heading follow one another."""
    names = list(dict.fromkeys(column for r, _, column in found if r >= 0))
    lacking = [column for column in expected if column not in names]
    misprinted = [column for r, _, column in found if r < 0]
    if set(lacking) - set(misprinted):
        return Plan(tuple(expected), trouble=_LACKING)
    one_row = len({r for r, _, _ in found if r >= 0}) == 1 and not header.grouped and not header.run
    order = [expected.index(name) for name in names]
    falls = sum(before > after for before, after in pairwise(order))
    if not falls:
        return Plan(tuple(expected))
    if one_row:
        return Plan(tuple(expected), trouble=_ORDER) if lacking else Plan(tuple(names))
    # Two rows of headings one behind the other: 自然人, 总计 and then what stands between them.
    by_place = [column for _, column in sorted((c, column) for r, c, column in found if r >= 0)]
    plain = (falls == 1 and order[0] == 0) or by_place == [column for column in expected if column in by_place]
    return Plan(tuple(expected), trouble=None if plain else _ORDER)


def _misprint_of(table: Table, column: str, others: list[Cell], lookup: Lookup) -> Cell | None:
    """The unknown heading that can only be a misprint of this column's."""
    best: tuple[float, Cell] | None = None
    for c, text in others:
        key = label_key(text)
        if len(key) < _SHORTEST or of_another_kind(text, table.columns[column].label):
            continue
        likeness = {name: max(_likeness(key, own) for own in _keys(table, name)) for name in table.columns}
        score = likeness.pop(column)
        if score >= _LIKE and score > max(likeness.values(), default=0) + 0.1 and (best is None or score > best[0]):
            best = score, (c, text)
    return best[1] if best else None


def of_another_kind(text: str, label: str) -> bool:
    """Whether a printed label says that it is for figures of another year or sort than the form's label is."""
    return any(word in text for word in _OTHER_KIND if word not in label)


def _keys(table: Table, column: str) -> list[str]:
    spec = table.columns[column]
    return [label_key(text) for text in (spec.label, *spec.spellings)]


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


# Tables set across


def _across(header: Header, table: Table, lookup: Lookup) -> Plan | None:
    starts = sorted(set(header.across))
    leaves = sorted({(c, column) for _, c, column in _entries(header, table, lookup)})
    if not starts or not leaves:
        return None
    rows = [row for _, row in starts]
    places: dict[str, int] = {}
    clear = len(set(rows)) == len(rows)
    for c, column in leaves:
        row = next((row for start, row in reversed(starts) if start <= c), None)
        if row is None or f"{row}.{column}" in places:
            clear = False
            break
        places[f"{row}.{column}"] = c
    wanted = [f"{row}.{column}" for row in table.rows if row in rows for column in table.columns_of(row)]
    if not clear:
        # The heading of a row may reach too far or not far enough, while the headings below stand as in the form.
        in_order = [row for row in table.rows if row in rows] == rows
        if not in_order or [column for _, column in leaves] != list(table.columns) * len(rows):
            return Plan(tuple(wanted), trouble=_ORDER if in_order else _ROW_ORDER)
        places = dict(zip(wanted, (c for c, _ in leaves), strict=True))
    lacking = [name for name in wanted if name not in places]
    if list(places) != [name for name in wanted if name in places]:
        return Plan(tuple(wanted), trouble=_ORDER)
    return _by_place(places, list(places.values()), {c for c, _ in header.others}, header.blank, lacking)


def _across_loose(header: Header, table: Table, lookup: Lookup) -> Plan | None:
    rows = list(dict.fromkeys(row for _, row in header.across))
    leaves = [column for _, _, column in _entries(header, table, lookup)]
    if not rows or not leaves:
        return None
    printed = [row for row in table.rows if row in rows]
    wanted = [f"{row}.{column}" for row in printed for column in table.columns_of(row)]
    # Headings may be torn apart, but those that are left stand in the form's order.
    sequence = iter(list(table.columns) * len(printed))
    if rows != printed:
        return Plan(tuple(wanted), trouble=_ROW_ORDER)
    if not all(column in sequence for column in leaves):
        return Plan(tuple(wanted), trouble=_ORDER)
    return Plan(tuple(wanted))


# Values


class Aligned(NamedTuple):
    """names: as in Plan. values: one for each name, or more or fewer where a cell was lost or gained. trouble: why
    they cannot be read, if so. beyond: what stands under headings that are not the form's."""

    names: tuple[str, ...]
    values: list[Cell]
    trouble: str | None = None
    beyond: list[Cell] = []  # noqa: RUF012 (never changed)


def align(plan: Plan, values: list[Cell], row: Sequence[str | None], *, same_grid: bool) -> Aligned:
    """The values of one row of a grid, each under its heading.

    row: the whole row, None where a merged cell covers. same_grid: the heading stands in this grid, so that columns
    can be compared.
    """
    places = plan.places
    if not plan.beside and len(values) == len(places) and tuple([c for c, _ in values]) == places:
        return Aligned(plan.names, values)
    at = dict(values)
    # Where the heading has columns of its own, a row that is longer or shorter than it has slipped.
    if plan.beside and (values[-1][0] > max(places[-1], plan.beside[-1]) or not at.keys() >= {*plan.beside}):
        return Aligned((*plan.names, *plan.missing), values, _SHIFTED)
    beyond = [(c, text) for c, text in values if text and c not in places]
    known = plan.headed
    if all(c in at for c in places) and (same_grid or all(c in places or c in known for c in at)):
        if plan.missing and len(values) == len(places) + len(plan.missing):
            known |= plan.blank
        if all(c in known for c, _ in beyond):
            return Aligned(plan.names, [(c, at[c]) for c in places], None, beyond)
    if plan.missing and (beyond or plan.headed or len(values) != len(places)):
        return Aligned((*plan.names, *plan.missing), values, _LACKING)
    if any(c >= min(values[0][0], places[0] - 1) for c in (*plan.headed, *plan.blank) if c):
        return Aligned(plan.names, values, _SHIFTED)
    trimmed = _trimmed(values, len(places))
    if trimmed is None:
        return Aligned(plan.names, values, _EDGES)
    if len(trimmed) == len(places) and (_adjoin(trimmed) or _overlap(trimmed, places)):
        return Aligned(plan.names, trimmed)
    first, last = values[0][0], values[-1][0]
    if any(text is None for text in row[first : max(last, places[-1]) + 1]):
        return Aligned(plan.names, values, MERGED)
    return Aligned(plan.names, trimmed)


def _trimmed(values: list[Cell], wanted: int) -> list[Cell] | None:
    """The values without empty cells at one end that are too many; None where both ends have them and it is not
    plain which go."""
    surplus = len(values) - wanted
    if surplus <= 0:
        return values
    front = next((i for i, (_, text) in enumerate(values) if text), len(values))
    if front == len(values):
        return values[surplus:]
    back = next(i for i, (_, text) in enumerate(reversed(values)) if text)
    if front + back <= surplus or not front or not back:
        front = min(front, surplus)
        return values[front : len(values) - min(back, surplus - front)]
    return None


def _overlap(values: list[Cell], places: tuple[int, ...]) -> bool:
    """Whether each value stands at least in part below its heading; cells reach to where the next one begins."""
    starts = sorted(places)
    edge = max(values[-1][0], starts[-1]) + 1
    ends = zip([*(c for c, _ in values[1:]), edge], [*starts[1:], edge], strict=True)
    return all(c < end and start < own for (c, _), start, (own, end) in zip(values, starts, ends, strict=True))


def _adjoin(values: list[Cell]) -> bool:
    """Whether no cell is merged over several columns."""
    return all(after - before == 1 for (before, _), (after, _) in pairwise(values))
