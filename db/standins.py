"""Whose report a report is besides its own agency's, by the register: those that are covered by another, and those of
the year of a merger. The table `stand_ins` says it for SQL."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator

from db.records import Agency

EVERY_YEAR = 0

_RELATED = """
SELECT id, covered_by, predecessors, successors, from_year, to_year FROM agencies
WHERE organ <> '' AND (covered_by IS NOT NULL OR predecessors <> '[]' OR successors <> '[]' OR id IN (
  SELECT r.value FROM agencies o, json_each(o.predecessors) r WHERE o.predecessors <> '[]'
  UNION SELECT r.value FROM agencies o, json_each(o.successors) r WHERE o.successors <> '[]'
)) ORDER BY id"""


class StandIns:
    """Which agencies a report counts for.

    One that is covered by another counts as published with the other's report. In the year of a merger the report of
    either body counts for both: the predecessor's last year and the successor's first may be written by the other.
    """

    def __init__(self, agencies: Iterable[Agency]) -> None:
        known = {agency.id: agency for agency in agencies}
        self._covers: dict[str, set[str]] = defaultdict(set)
        self._merged: dict[tuple[str, int], set[str]] = defaultdict(set)
        for agency in known.values():
            if agency.covered_by:
                self._covers[agency.covered_by].add(agency.id)
            pairs = [(agency.id, after) for after in agency.successors]
            pairs += [(before, agency.id) for before in agency.predecessors]
            for before, after in pairs:
                if before not in known or after not in known:
                    continue
                if (year := known[after].from_year) is not None:
                    self._merged[before, year].add(after)
                if (year := known[before].to_year) is not None:
                    self._merged[after, year].add(before)

    def counts_for(self, agency_id: str, year: int) -> set[str]:
        """The ids of all agencies whose report for a year is there once this agency's is, itself among them."""
        found = {agency_id}
        waiting = [agency_id]
        while waiting:
            one = waiting.pop()
            more = (self._covers.get(one, set()) | self._merged.get((one, year), set())) - found
            found |= more
            waiting += more
        return found

    def all(self) -> Iterator[tuple[str, int, str]]:
        """(agency, year, another whose report for that year counts for it, too); see EVERY_YEAR. Each once."""
        always: set[tuple[str, str]] = set()
        # In no year of a merger, then in each of them.
        for year in (EVERY_YEAR, *sorted({year for _, year in self._merged})):
            ones = self._covers.keys() | {one for one, at in self._merged if at == year}
            for one in ones:
                for other in self.counts_for(one, year) - {one}:
                    if year == EVERY_YEAR:
                        always.add((other, one))
                    elif (other, one) in always:
                        continue
                    yield other, year, one


def refresh(connection: sqlite3.Connection) -> tuple[int, int]:
    """Make the table `stand_ins` say what the register says now; how many rows were added and removed. To be called
    within a write transaction."""
    related = (
        Agency(
            id_,
            "",
            covered_by=covered_by,
            predecessors=tuple(json.loads(predecessors)),
            successors=tuple(json.loads(successors)),
            from_year=from_year,
            to_year=to_year,
        )
        for id_, covered_by, predecessors, successors, from_year, to_year in connection.execute(_RELATED)
    )
    wanted = set(StandIns(related).all())
    there = set(connection.execute("SELECT agency_id, year, by_agency_id FROM stand_ins"))
    connection.executemany(
        "DELETE FROM stand_ins WHERE agency_id = ? AND year = ? AND by_agency_id = ?", sorted(there - wanted)
    )
    connection.executemany(
        "INSERT INTO stand_ins (agency_id, year, by_agency_id) VALUES (?, ?, ?)", sorted(wanted - there)
    )
    return len(wanted - there), len(there - wanted)
