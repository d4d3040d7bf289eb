"""Making one table of the archive equal to that of the copy, row by row; see db/rebuilding/merge.py."""

import sqlite3
from typing import NamedTuple


class Difference(NamedTuple):
    """How many rows of a table were added, changed and removed."""

    table: str
    added: int
    changed: int
    removed: int


class Part:
    """One table, whose rows are compared by a key. In SQL a is a row of the archive (main), b one of the copy (made).

    of_reports: the rows hang on a report by report_id, which leads the key and is another number in the copy; see
    db/rebuilding/numbers.py. scope: which rows are compared, SQL with {0} for a or b. given: column -> SQL for what the
    archive is to have there.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        table: str,
        key: tuple[str, ...],
        *,
        of_reports: bool = False,
        scope: str = "1",
        given: dict[str, str] | None = None,
    ) -> None:
        self._do = connection.execute
        self._table, self._key, self._scope = table, key, scope
        self._names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
        self._values = {name: f'b."{name}"' for name in self._names} | (given or {})
        same = [f'b."{name}" = a."{name}"' for name in key]
        if of_reports:
            self._values["report_id"] = "m.id"
            same = ["b.report_id = m.made AND a.report_id = m.id", *same[1:]]
            numbered = "JOIN temp.report_numbers m ON m.{} = {}.report_id"
            by_a, by_b = numbered.format("id", "a"), numbered.format("made", "b")
        else:
            by_a = by_b = ""
        on = " AND ".join(same)
        self._from_a = f"main.{table} a {by_a} LEFT JOIN made.{table} b ON {on}"
        self._from_b = f"made.{table} b {by_b} LEFT JOIN main.{table} a ON {on}"
        self._changed = self._removed = 0

    def find(self) -> None:
        """Look which rows of the archive are to go, since the copy has them otherwise or not at all."""
        rest = [name for name in self._names if name not in self._key]
        mine, theirs = ", ".join(f'a."{name}"' for name in rest), ", ".join(self._values[name] for name in rest)
        differs = f" OR ({mine}) IS NOT ({theirs})" if rest else ""
        there = f'b."{self._key[0]}" IS NOT NULL'
        keys = ", ".join(f'a."{name}" AS k{number}' for number, name in enumerate(self._key))
        self._do(f"DROP TABLE IF EXISTS temp.goes_{self._table}")
        self._do(
            f"CREATE TEMP TABLE goes_{self._table} AS SELECT {keys}, {there} AS is_changed FROM {self._from_a}"
            f" WHERE {self._scope.format('a')} AND (NOT {there}{differs})"
        )
        self._changed, self._removed = self._do(
            f"SELECT count(*) FILTER (WHERE is_changed), count(*) FILTER (WHERE NOT is_changed)"
            f" FROM temp.goes_{self._table}"
        ).fetchone()

    def reports(self) -> set[int]:
        """After `find`: the reports of the archive of which a row is to go or to come."""
        rows = self._do(
            f"SELECT k0 FROM temp.goes_{self._table}"
            f' UNION SELECT m.id FROM {self._from_b} WHERE a."{self._key[0]}" IS NULL'
        )
        return {row[0] for row in rows}

    def remove(self) -> None:
        """After `find`: take out what is to go."""
        keys = ", ".join(f'"{name}"' for name in self._key)
        numbered = ", ".join(f"k{number}" for number in range(len(self._key)))
        self._do(f"DELETE FROM main.{self._table} WHERE ({keys}) IN (SELECT {numbered} FROM temp.goes_{self._table})")

    def insert(self) -> Difference:
        """After `remove`: put in what the archive lacks."""
        names = ", ".join(f'"{name}"' for name in self._names)
        values = ", ".join(self._values[name] for name in self._names)
        inserted = self._do(
            f"INSERT INTO main.{self._table} ({names}) SELECT {values} FROM {self._from_b}"
            f' WHERE {self._scope.format("b")} AND a."{self._key[0]}" IS NULL'
        ).rowcount
        return Difference(self._table, inserted - self._changed, self._changed, self._removed)

    def bring(self) -> Difference:
        """All of it."""
        self.find()
        self.remove()
        return self.insert()
