"""Label keys of the forms to the rows and columns that they name."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

from parsers.form import Form, load_forms
from parsers.labels import label_key

RowName = tuple[str, str]  # (table, row)


class Lookup(NamedTuple):
    """What each label key means in one form.

    rows: key -> (table, row). columns: key -> {table: column}. headers: keys that stand only in header rows, by table.
    groups: keys of groups of rows. foreign: keys of columns that only other forms have. namesakes: rows of other tables
    with the same label as the one that `rows` gives.
    """

    form: Form
    rows: Mapping[str, RowName]
    columns: Mapping[str, Mapping[str, str]]
    headers: Mapping[str, frozenset[str]]
    groups: frozenset[str]
    foreign: frozenset[str]
    only_in_headers: frozenset[str]
    keys: frozenset[str]
    namesakes: Mapping[RowName, tuple[RowName, ...]]

    def row(self, key: str) -> RowName | None:
        """The row that a key names, also where the group's label is printed in the same cell."""
        found = self.rows.get(key)
        if found is None and len(key) > 4:
            for group in self.groups:
                if key.startswith(group):
                    return self.rows.get(key[len(group) :].lstrip("0123456789一二三四五六七八九十"))
        return found


@lru_cache(maxsize=16)
def lookup(form: Form) -> Lookup:
    """The lookup of one form."""
    rows: dict[str, RowName] = {}
    columns: dict[str, dict[str, str]] = {}
    headers: dict[str, set[str]] = {}
    groups: set[str] = set()
    namesakes: dict[RowName, tuple[RowName, ...]] = {}
    for table in form.table:
        for name, row in table.rows.items():
            for spelling in (row.label, *row.spellings):
                first = rows.setdefault(label_key(spelling), (table.name, name))
                if first != (table.name, name) and (table.name, name) not in namesakes.get(first, ()):
                    namesakes[first] = (*namesakes.get(first, ()), (table.name, name))
        for name, column in table.columns.items():
            for spelling in (column.label, *column.spellings):
                columns.setdefault(label_key(spelling), {}).setdefault(table.name, name)
        for label in table.headers:
            headers.setdefault(label_key(label), set()).add(table.name)
        groups.update(map(label_key, table.groups))
    own = frozenset(rows) | frozenset(columns) | frozenset(headers) | groups
    foreign = _foreign(form) - own
    by_table = {key: frozenset(tables) for key, tables in headers.items()}
    only_in_headers = frozenset(by_table) | foreign
    return Lookup(form, rows, columns, by_table, frozenset(groups), foreign, only_in_headers, own, namesakes)


def _foreign(form: Form) -> frozenset[str]:
    """Keys of the columns of all other forms."""
    others = (other for other in load_forms().values() if other.name != form.name)
    return frozenset(
        label_key(spelling)
        for other in others
        for table in other.table
        for column in table.columns.values()
        for spelling in (column.label, *column.spellings)
    )


_FEWEST_LABELS = 6  # fewer known labels than this in a document's tables are a coincidence


def choose_form(keys: Collection[str], forms: Mapping[str, Form], year: int | None = None) -> Form | None:
    """The form whose labels a document prints: most of them found; among equals the one prescribed for the year.

    keys: the label keys of all cells. None if no form's labels are there.
    """
    present = frozenset(keys)
    best: Form | None = None
    best_score = (0, False)
    for form in forms.values():
        hits = len(lookup(form).keys & present)
        score = (hits, year is not None and year in form.years)
        if hits >= _FEWEST_LABELS and score >= best_score:
            best, best_score = form, score
    return best
