"""Rows with too few or too many values: put back in place where the form's identities leave exactly one reading.

A flattened table loses or gains a cell here and there. Each such row has a number of conceivable readings (which cell
was lost, which is surplus). Rows are settled one by one: a reading counts only if equations whose other terms are all
plainly printed, or settled already, rule out every other one and confirm each figure of it that is not zero. So what
an agency got wrong in its own arithmetic rules out all readings, and then nothing is guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

from parsers.identities import NO_VARIANTS, Instance, Variants

# A cell of a reading: its value, and the place of the printed cell it came from (None: lost).
Vector = tuple[tuple[int | None, int | None], ...]

_MOST_SHIFTED = 3  # cells lost or gained in one row; beyond that too much is unknown
_MOST_READINGS = 1000  # of one row


class Ragged(NamedTuple):
    """One row (or line of figures): the figures it should hold, and the values that it has, None where not given."""

    targets: tuple[str, ...]
    values: tuple[int | None, ...]


def realign(
    rows: Sequence[Ragged],
    known: Mapping[str, int | None],
    equations: Sequence[Instance],
    variants: Variants = NO_VARIANTS,
) -> list[Vector | None]:
    """For each ragged row its one possible reading, or None where none or several are left.

    known: the figures of the table that were read plainly, None where not given. equations: those within one report.
    A reading gives for each target (value, index of the printed value), the index None for a lost cell.
    """
    table = _Table(rows, known, [_terms(equation, variants) for equation in equations])
    settled: dict[int, Vector] = {}
    changed = True
    while changed:
        changed = False
        for number, row in enumerate(rows):
            if number not in settled and (vector := table.only_reading(row)) is not None:
                settled[number] = vector
                table.cells.update(
                    (t, value) for t, (value, _) in zip(row.targets, vector, strict=True) if value is not None
                )
                changed = True
    # A row of zeros is settled by its own sum; a sum that later turns out not to hold takes that back.
    return [
        vector if (vector := settled.get(number)) is not None and not table.is_contradicted(row) else None
        for number, row in enumerate(rows)
    ]


class _Equation(NamedTuple):
    """sum(sign * cell) = 0. terms: (sign, figure name). vague: some terms are not known to be terms."""

    terms: tuple[tuple[int, str], ...]
    vague: bool


def _terms(equation: Instance, variants: Variants) -> _Equation:
    signed = [(1, name) for name in equation.left] + [(-1, name) for name in equation.right]
    signed = [(sign, name) for sign, name in signed if name.rpartition(".")[0] not in variants.dropped]
    return _Equation(tuple(signed), any(name.rpartition(".")[0] in variants.ambiguous for _, name in signed))


class _Table:
    """The figures of one table as far as they are known: plainly read, or settled."""

    def __init__(self, rows: Sequence[Ragged], known: Mapping[str, int | None], equations: list[_Equation]) -> None:
        self.cells = {name: value for name, value in known.items() if value is not None}
        self.touching: dict[str, list[_Equation]] = {target: [] for row in rows for target in row.targets}
        for equation in equations:
            for _, name in equation.terms:
                if name in self.touching:
                    self.touching[name].append(equation)

    def is_contradicted(self, row: Ragged) -> bool:
        """Whether a sum that a settled row is part of cannot hold."""
        return any(not self._can_hold(equation, {}) for target in row.targets for equation in self.touching[target])

    def only_reading(self, row: Ragged) -> Vector | None:
        """The one reading of a row that the known figures allow and confirm; None if there is no such."""
        lacking = len(row.targets) - len(row.values)
        longest = max(len(row.targets), len(row.values))
        if not 0 < abs(lacking) <= _MOST_SHIFTED or comb(longest, abs(lacking)) > _MOST_READINGS:
            return None
        found: dict[tuple[int | None, ...], Vector] = {}
        for vector in self._with_surplus(row) if lacking < 0 else self._with_lost(row, lacking):
            if vector is None:
                return None  # a conceivable reading whose lost values nothing tells
            values = tuple(value for value, _ in vector)
            if values not in found and self._is_possible(row, values):
                # Readings that give every figure the same value are one, whichever of equal cells was lost.
                found[values] = vector
                if len(found) > 1:
                    return None
        return next(
            (v for values, v in found.items() if self._is_confirmed(row, values) and not _drops_figure(row, v)), None
        )

    def _with_surplus(self, row: Ragged) -> Iterator[Vector]:
        for kept in combinations(range(len(row.values)), len(row.targets)):
            yield tuple((row.values[index], index) for index in kept)

    def _with_lost(self, row: Ragged, lacking: int) -> Iterator[Vector | None]:
        for lost in combinations(range(len(row.targets)), lacking):
            printed = iter(enumerate(row.values))
            values: dict[str, int | None] = {}
            indexes: list[int | None] = []
            for position, target in enumerate(row.targets):
                index, value = (None, None) if position in lost else next(printed)
                indexes.append(index)
                if index is not None:
                    values[target] = value
            found = self._fill([row.targets[position] for position in lost], values)
            if found is None:
                yield None
            elif found:
                yield tuple((found[target], index) for target, index in zip(row.targets, indexes, strict=True))

    def _fill(self, lost: list[str], values: dict[str, int | None]) -> dict[str, int | None] | None:
        """The row's values with the lost ones, as the equations fix them; {}: they cannot be, None: nothing tells."""
        filled = dict(values)
        open_ = list(lost)
        while open_:
            before = len(open_)
            for target in list(open_):
                for equation in self.touching[target]:
                    gap, unknown = self._gap(equation, filled)
                    if equation.vague or unknown - {target}:
                        continue
                    sign = next(sign for sign, name in equation.terms if name == target)
                    if gap * sign > 0:
                        return {}
                    filled[target] = -gap * sign
                    open_.remove(target)
                    break
            if len(open_) == before:
                return filled | dict.fromkeys(open_, 0) if self._must_be_zero(open_, filled) else None
        return filled

    def _must_be_zero(self, open_: list[str], filled: Mapping[str, int | None]) -> bool:
        """Whether the lost cells add up to nothing, whichever of them they are."""
        for equation in self.touching[open_[0]]:
            gap, unknown = self._gap(equation, filled)
            signs = {sign for sign, name in equation.terms if name in unknown}
            if not equation.vague and gap == 0 and unknown == set(open_) and len(signs) == 1:
                return True
        return False

    def _gap(self, equation: _Equation, more: Mapping[str, int | None]) -> tuple[int, set[str]]:
        """(sum of the signed terms that are known, names of the others). more: values of the row that is tried."""
        gap = 0
        unknown = set()
        for sign, name in equation.terms:
            value = more[name] if name in more else self.cells.get(name)
            if value is None:
                unknown.add(name)
            else:
                gap += sign * value
        return gap, unknown

    def _can_hold(self, equation: _Equation, more: Mapping[str, int | None]) -> bool:
        """Whether some non-negative values of the unknown terms make an equation hold."""
        gap, unknown = self._gap(equation, more)
        if equation.vague or gap == 0:
            return True
        needed = -1 if gap > 0 else 1
        return any(sign == needed for sign, name in equation.terms if name in unknown)

    def _is_possible(self, row: Ragged, values: tuple[int | None, ...]) -> bool:
        tried = dict(zip(row.targets, values, strict=True))
        return all(self._can_hold(equation, tried) for target in row.targets for equation in self.touching[target])

    def _is_confirmed(self, row: Ragged, values: tuple[int | None, ...]) -> bool:
        """Whether each figure that is not zero is part of a sum that holds and reaches beyond the row. The row's own
        sum gives a value to whichever cell is lost, and nothing then says that it is right."""
        tried = dict(zip(row.targets, values, strict=True))
        return all(
            any(
                not equation.vague
                and any(name not in tried for _, name in equation.terms)
                and self._gap(equation, tried) == (0, set())
                for equation in self.touching[target]
            )
            for target, value in tried.items()
            if value
        )


def _drops_figure(row: Ragged, vector: Vector) -> bool:
    """Whether a reading leaves out a figure: what the sums have no place for may be the agency's own slip. A cell
    that only repeats its neighbour is none."""
    kept = {index for _, index in vector if index is not None}
    for index, value in enumerate(row.values):
        neighbours = {row.values[i] for i in (index - 1, index + 1) if i in kept}
        if value and index not in kept and value not in neighbours:
            return True
    return False
