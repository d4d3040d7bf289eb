"""Dates that a region has set for bodies of its own: values, and how the archive keeps them (table local_rules)."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


class LocalRule(NamedTuple):
    """By when the bodies of one kind in a region publish, says a document of that region: a row of table local_rules.

    region_code: without the zeros that stand for "all below", see region_stem. organ: as in db.records.Agency.
    from_year, to_year: reporting years, to_year None while it holds. month, day: of the year after the reporting year.
    name: of the document. source: its address.
    """

    region_code: str
    organ: str
    from_year: int
    to_year: int | None
    month: int
    day: int
    name: str
    source: str

    def holds_for(self, year: int) -> bool:
        """Whether it holds for a reporting year."""
        return self.from_year <= year and (self.to_year is None or year <= self.to_year)

    def is_for(self, region_code: str, organ: str) -> bool:
        """Whether it is about a body of this region and organ, unless one nearer to it is."""
        return organ == self.organ and region_code.startswith(region_stem(self.region_code))


class LocalRules:
    """The local rules of a deployment, to be looked up. A value: it is made once and not changed."""

    def __init__(self, rules: Iterable[LocalRule] = ()) -> None:
        self.rules: Sequence[LocalRule] = tuple(sorted(rules, key=lambda rule: rule[:3]))
        self._by_place: dict[tuple[str, str], list[LocalRule]] = defaultdict(list)
        for rule in self.rules:
            self._by_place[region_stem(rule.region_code), rule.organ].append(rule)

    def find(self, region_code: str, organ: str, year: int) -> LocalRule | None:
        """The rule for a body of this region and organ and a reporting year: that of the region itself, else of the
        nearest one above it which has one for that year. None where no region has."""
        stem = region_stem(region_code)
        for length in range(len(stem), 0, -1):
            for rule in self._by_place.get((stem[:length], organ), ()):
                if rule.holds_for(year):
                    return rule
        return None

    def __len__(self) -> int:
        return len(self.rules)

    def __iter__(self) -> Iterator[LocalRule]:
        return iter(self.rules)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalRules) and self.rules == other.rules

    def __hash__(self) -> int:
        return hash(self.rules)

    def __repr__(self) -> str:
        return f"LocalRules({list(self.rules)!r})"


NO_LOCAL = LocalRules()


def region_stem(code: str) -> str:
    """The digits with which the codes of a region and of all below it begin: 37 for 370000, 3704 for 370400, 370481 for
    itself and for 370481000000."""
    for length, zeros in ((12, "000"), (9, "000"), (6, "00"), (4, "00")):
        if len(code) == length and code.endswith(zeros):
            code = code.removesuffix(zeros)
    return code


def kept(connection: sqlite3.Connection) -> LocalRules:
    """Those that the archive keeps."""
    rows = connection.execute(f"SELECT {', '.join(LocalRule._fields)} FROM local_rules")
    return LocalRules(LocalRule(*row) for row in rows)


def keep(connection: sqlite3.Connection, rules: LocalRules) -> None:
    """Make these the local rules of the archive. To be called within a write transaction."""
    connection.execute("DELETE FROM local_rules")
    marks = ", ".join("?" * len(LocalRule._fields))
    connection.executemany(f"INSERT INTO local_rules ({', '.join(LocalRule._fields)}) VALUES ({marks})", rules.rules)
