"""The rules of the scan as a loop over rows in Python: what judging would cost without db/questions/scan.py."""

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any, NamedTuple

from db.archive import Archive
from db.questions.scan import Striking
from db.schema.wide import column_name, variant_bits
from parsers.form import Form
from parsers.identities import expand

Row = Sequence[Any]
_OWN = ("agency_no", "year", "form", "variants")


class _Equation(NamedTuple):
    """left, right, last: (place in the row, bit of its variant or None) of each term; last: places in last year's."""

    rule: str
    instance: str
    left: list[tuple[int, int | None]]
    right: list[tuple[int, int | None]]
    last: list[int]
    last_forms: frozenset[str]


def breaches(archive: Archive, limits: Striking) -> list[tuple[str, str, int, str]]:
    """As db.questions.scan.breaches, row by row."""
    names = [row[1] for row in archive.query("PRAGMA table_info(wide)") if row[2] in ("INTEGER", "REAL")]
    names = [*_OWN, *(name for name in names if name not in (*_OWN, "report_id", "is_latest"))]
    at = {name: number for number, name in enumerate(names)}
    equations = {form.name: _equations(form, archive.forms, at) for form in archive.forms.values()}
    watched = {form.name: [(name, at[column_name(name)]) for name in form.watched] for form in archive.forms.values()}
    keys = dict(archive.query("SELECT no, key FROM agency_keys"))
    found = []
    last: Row | None = None
    select = f"SELECT {', '.join(names)} FROM wide WHERE is_latest = 1 ORDER BY agency_no, year"
    for row in archive._connection.execute(select):
        if last is not None and (last[0], last[1]) != (row[0], row[1] - 1):
            last = None
        for rule, instance in _of_row(row, last, equations[row[2]], watched[row[2]], limits):
            found.append((rule, keys[row[0]], row[1], instance))
        last = row
    return found


def _of_row(
    row: Row, last: Row | None, equations: list[_Equation], watched: list[tuple[str, int]], limits: Striking
) -> Iterator[tuple[str, str]]:
    for one in equations:
        if one.last and (last is None or last[2] not in one.last_forms):
            continue
        left = sum([row[place] or 0 for place, _ in one.left])
        right = sum([row[place] or 0 for place, _ in one.right])
        if one.last and last is not None:
            right += sum([last[place] or 0 for place in one.last])
        if left == right:
            continue
        blanks = any(
            row[place] is None and _is_term(row, bit) for place, bit in (one.right if left > right else one.left)
        )
        if left > right and one.last and last is not None:
            blanks = blanks or any(last[place] is None for place in one.last)
        if not blanks and not _is_ambiguous(row, one):
            yield one.rule, one.instance
    if last is not None and last[2] == row[2]:
        for name, place in watched:
            if row[place] is not None and last[place] is not None and _changed(row[place], last[place], limits):
                yield "striking-change", name


def _is_term(row: Row, bit: int | None) -> bool:
    return bit is None or not row[3] or bool(row[3] >> bit & 1)


def _is_ambiguous(row: Row, one: _Equation) -> bool:
    return row[3].bit_count() > 1 and any(bit is not None for _, bit in (*one.left, *one.right))


def _changed(now: float, before: float, limits: Striking) -> bool:
    larger, smaller = max(now, before), min(now, before)
    if larger < limits.min_count or larger < limits.ratio * max(smaller, 1):
        return False
    return larger - smaller >= limits.sigma * sqrt(larger + smaller)


def _equations(form: Form, forms: Any, at: dict[str, int]) -> list[_Equation]:
    bits = variant_bits(form)

    def terms(names: Sequence[str]) -> list[tuple[int, int | None]]:
        return [(at[column_name(name)], bits.get(name.rpartition(".")[0])) for name in names]

    return [
        _Equation(
            i.rule.name,
            i.key,
            terms(i.left),
            terms(i.right),
            [at[column_name(name)] for name in i.right_last_year],
            frozenset(f.name for f in forms.values() if f.figure_set.issuperset(i.right_last_year)),
        )
        for i in expand(form)
    ]
