"""Whose report a report is besides its own agency's: joint reports, and those of the year of a merger."""

from collections import defaultdict
from collections.abc import Iterable

from db.records import Agency


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
