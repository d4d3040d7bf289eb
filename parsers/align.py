"""Rows with too few or too many values: put back in place where the form's identities leave exactly one reading.

A flattened table loses or gains a cell here and there. Each such row has a number of conceivable readings (which cell
was lost, which is surplus); the identities of the form rule out all that contradict the rest of the table. A row is
taken only where one reading is left; an agency's own slip in the arithmetic leaves none, and then nothing is guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from parsers.identities import NO_VARIANTS, Instance, Variants

# A cell of a reading: its value counted in identities, and the place of the printed cell it came from (None: lost).
Vector = tuple[tuple[int | None, int | None], ...]

_MOST_SHIFTED = 3  # cells lost or gained in one row; beyond that too much is unknown
_MOST_READINGS = 400  # of one row
_MOST_STEPS = 60_000  # of the search over all rows together
_LARGEST_LOST = 60  # a lost cell is tried with the values up to here where no identity fixes it


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
    if not rows:
        return []
    problem = _Problem(rows, known, equations, variants)
    return problem.solve()


class _Equation(NamedTuple):
    """sum(sign * cell) + constant = 0, with slack where terms are not given. cells: (row number, position, sign)."""

    constant: int
    cells: tuple[tuple[int, int, int], ...]
    slack_up: bool
    slack_down: bool


class _Problem:
    def __init__(
        self, rows: Sequence[Ragged], known: Mapping[str, int | None], equations: Sequence[Instance], variants: Variants
    ) -> None:
        self.rows = rows
        place = {
            target: (number, position) for number, row in enumerate(rows) for position, target in enumerate(row.targets)
        }
        self.equations = [e for e in (_compile(equation, place, known, variants) for equation in equations) if e.cells]
        self.bounds = self._bounds()
        # Readings that give every figure the same value are one reading, whichever of the equal cells was lost.
        self.readings = [
            list({tuple(value for value, _ in v): v for v in self._readings(number)}.values())
            for number in range(len(rows))
        ]

    def _bounds(self) -> dict[tuple[int, int], int]:
        """The most that a cell can hold, from equations whose other side is known."""
        bounds: dict[tuple[int, int], int] = {}
        for equation in self.equations:
            for number, position, sign in equation.cells:
                others = [s for n, p, s in equation.cells if (n, p) != (number, position)]
                # sign * x = -(constant) - rest; where no other term can pull the other way, x is bounded.
                pulls = any(s != sign for s in others) or (equation.slack_up if sign < 0 else equation.slack_down)
                if not pulls:
                    most = max(-equation.constant * sign, 0)
                    key = (number, position)
                    bounds[key] = min(bounds.get(key, most), most)
        return bounds

    def _readings(self, number: int) -> Iterator[Vector]:
        """All readings of one row that its own equations allow."""
        row = self.rows[number]
        lacking = len(row.targets) - len(row.values)
        if abs(lacking) > _MOST_SHIFTED:
            return
        own = [e for e in self.equations if all(n == number for n, _, _ in e.cells)]
        if lacking < 0:
            for kept in combinations(range(len(row.values)), len(row.targets)):
                vector = tuple((row.values[index], index) for index in kept)
                if _holds_all(own, vector):
                    yield vector
            return
        for lost in combinations(range(len(row.targets)), lacking):
            yield from self._with_lost(number, lost, own)

    def _with_lost(self, number: int, lost: tuple[int, ...], own: list[_Equation]) -> Iterator[Vector]:
        row = self.rows[number]
        printed = iter(enumerate(row.values))
        base: list[tuple[int | None, int | None]] = []
        for position in range(len(row.targets)):
            if position in lost:
                base.append((0, None))
            else:
                index, value = next(printed)
                base.append((value, index))
        for values in self._lost_values(number, lost, base, own):
            for position, value in zip(lost, values, strict=True):
                base[position] = (value, None)
            vector = tuple(base)
            if _holds_all(own, vector):
                yield vector

    def _lost_values(
        self,
        number: int,
        lost: tuple[int, ...],
        base: Vector | list[tuple[int | None, int | None]],
        own: list[_Equation],
    ) -> Iterator[tuple[int, ...]]:
        """Values to try for the lost cells: what an equation fixes, else all up to the cell's bound."""
        if len(lost) == 1:
            for equation in own:
                signs = [s for _, p, s in equation.cells if p == lost[0]]
                if signs and not equation.slack_up and not equation.slack_down:
                    rest = equation.constant + sum(s * (base[p][0] or 0) for _, p, s in equation.cells if p != lost[0])
                    value = -rest * signs[0]
                    if value >= 0:
                        yield (value,)
                    return
        ranges = [
            range(min(self.bounds.get((number, position), _LARGEST_LOST), _LARGEST_LOST) + 1) for position in lost
        ]
        yield from _product(ranges)

    def solve(self) -> list[Vector | None]:
        if any(not readings or len(readings) > _MOST_READINGS for readings in self.readings):
            # A row without a possible reading, or with too many, tells nothing; it is left out as a known quantity.
            return self._solve_without()
        order = sorted(range(len(self.rows)), key=lambda number: len(self.readings[number]))
        search = _Search(self.readings, self.equations, order)
        return search.unique()

    def _solve_without(self) -> list[Vector | None]:
        """The rows that have readings, solved with the cells of the others as slack."""
        open_rows = {n for n, readings in enumerate(self.readings) if readings and len(readings) <= _MOST_READINGS}
        if not open_rows:
            return [None] * len(self.rows)
        equations = []
        for e in self.equations:
            cells = tuple(cell for cell in e.cells if cell[0] in open_rows)
            gone = [sign for n, _, sign in e.cells if n not in open_rows]
            if cells:
                equations.append(_Equation(e.constant, cells, e.slack_up or 1 in gone, e.slack_down or -1 in gone))
        order = sorted(open_rows, key=lambda number: len(self.readings[number]))
        return _Search(self.readings, equations, order).unique()


class _Search:
    """Depth-first over the rows, pruned by what the equations can still reach."""

    def __init__(self, readings: list[list[Vector]], equations: list[_Equation], order: list[int]) -> None:
        self.readings = readings
        self.equations = equations
        self.order = order
        self.steps = 0
        self.found: list[set[int]] = [set() for _ in readings]
        # Share of each reading in each equation, and the least and most that the rows still to come can add.
        self.share = [[[_share(e, n, v) for e in equations] for v in vectors] for n, vectors in enumerate(readings)]
        self.least = [[0] * len(equations) for _ in range(len(order) + 1)]
        self.most = [[0] * len(equations) for _ in range(len(order) + 1)]
        for depth in range(len(order) - 1, -1, -1):
            shares = self.share[order[depth]]
            for k in range(len(equations)):
                column = [share[k] for share in shares]
                self.least[depth][k] = self.least[depth + 1][k] + min(column)
                self.most[depth][k] = self.most[depth + 1][k] + max(column)

    def unique(self) -> list[Vector | None]:
        self._descend(0, [e.constant for e in self.equations], [])
        complete = self.steps <= _MOST_STEPS
        result: list[Vector | None] = [None] * len(self.readings)
        for number in self.order:
            if complete and len(self.found[number]) == 1:
                result[number] = self.readings[number][next(iter(self.found[number]))]
        return result

    def _descend(self, depth: int, sums: list[int], chosen: list[int]) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            return
        if not all(
            self._reachable(e, total + self.least[depth][k], total + self.most[depth][k])
            for k, (e, total) in enumerate(zip(self.equations, sums, strict=True))
        ):
            return
        if depth == len(self.order):
            for number, index in zip(self.order, chosen, strict=True):
                self.found[number].add(index)
            return
        number = self.order[depth]
        for index, share in enumerate(self.share[number]):
            self._descend(depth + 1, [total + part for total, part in zip(sums, share, strict=True)], [*chosen, index])

    @staticmethod
    def _reachable(equation: _Equation, least: int, most: int) -> bool:
        return (most >= 0 or equation.slack_up) and (least <= 0 or equation.slack_down)


def _compile(
    equation: Instance, place: Mapping[str, tuple[int, int]], known: Mapping[str, int | None], variants: Variants
) -> _Equation:
    constant = 0
    cells = []
    slack = {1: False, -1: False}
    for sign, names in ((1, equation.left), (-1, equation.right)):
        for name in names:
            row = name.rpartition(".")[0]
            if row in variants.dropped:
                continue
            if name in place and row not in variants.ambiguous:
                number, position = place[name]
                cells.append((number, position, sign))
            elif (value := known.get(name)) is not None:
                constant += sign * value
            else:
                slack[sign] = True
    return _Equation(constant, tuple(cells), slack[1], slack[-1])


def _share(equation: _Equation, number: int, vector: Vector) -> int:
    return sum(sign * (vector[position][0] or 0) for n, position, sign in equation.cells if n == number)


def _holds_all(equations: list[_Equation], vector: Vector) -> bool:
    for equation in equations:
        total = equation.constant + sum(sign * (vector[position][0] or 0) for _, position, sign in equation.cells)
        if (total > 0 and not equation.slack_down) or (total < 0 and not equation.slack_up):
            return False
    return True


def _product(ranges: list[range]) -> Iterator[tuple[int, ...]]:
    if not ranges:
        yield ()
        return
    for value in ranges[0]:
        for rest in _product(ranges[1:]):
            yield (value, *rest)
