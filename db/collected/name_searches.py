"""What came of searching the bytes of lists for agencies' names: a page says today what it said yesterday."""

import json
from collections.abc import Collection, Iterable
from itertools import accumulate, pairwise
from typing import NamedTuple

from db.collected.documents import compress, decompress
from db.connection import ArchiveFile
from db.readings.rows import as_json

Key = tuple[str, int]
"""Agency and reporting year."""


class NameSearch(NamedTuple):
    """For an agency, and the words of a report of a year. made_of: of its names, and of what is taken for a mention.
    clear: the column reads (by id) whose every page was searched and does not name it. naming: those that do."""

    agency_id: str
    year: int
    made_of: str
    clear: frozenset[int]
    naming: frozenset[int]


class NameSearches:
    """Reads and writes what came of searches."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def of(self, keys: Collection[Key]) -> dict[Key, NameSearch]:
        """What is known for these agencies and years."""
        rows = self._file.query(
            "SELECT s.agency_id, s.year, s.made_of, s.clear, s.naming FROM json_each(?) k CROSS JOIN name_searches s"
            " ON s.agency_id = k.value ->> 0 AND s.year = k.value ->> 1",
            (as_json(sorted(keys)),),
        )
        return {
            (agency, year): NameSearch(agency, year, made_of, _unpacked(clear), _unpacked(naming))
            for agency, year, made_of, clear, naming in rows
        }

    def keep(self, searches: Iterable[NameSearch]) -> None:
        """Write down what came of searches, in the place of what was known for the same agency and year."""
        rows = [(s.agency_id, s.year, s.made_of, _packed(s.clear), _packed(s.naming)) for s in searches]
        if rows:
            with self._file.write() as connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO name_searches (agency_id, year, made_of, clear, naming)"
                    " VALUES (?, ?, ?, ?, ?)",
                    rows,
                )


def _packed(numbers: Iterable[int]) -> bytes:
    """As differences, which repeat themselves."""
    return compress(json.dumps([after - before for before, after in pairwise((0, *sorted(numbers)))]).encode())


def _unpacked(packed: bytes) -> frozenset[int]:
    return frozenset(accumulate(json.loads(decompress(packed))))
