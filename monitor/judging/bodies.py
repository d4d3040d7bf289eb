"""Which bodies the register knows, and between which years one of them was reformed. Pure."""

from collections.abc import Iterable

from db.records import Agency
from monitor.judging.case import Case, Judged

_ALWAYS = None  # a reform of which the register gives no year


class Bodies:
    """The agencies of a register, or some of them with those that came before or after them."""

    def __init__(self, agencies: Iterable[Agency] = ()) -> None:
        self._agencies = {agency.id: agency for agency in agencies}
        self._reforms: dict[str, set[int | None]] = {}
        for agency in self._agencies.values():
            self._add(agency.id, agency.from_year, agency.to_year)
            for before in agency.predecessors:
                self._related(before, agency.id)
            for after in agency.successors:
                self._related(agency.id, after)

    def get(self, agency_id: str | None) -> Agency | None:
        """The agency of an id; None where the register has none."""
        return self._agencies.get(agency_id or "")

    def same(self, agency_id: str | None, year: int) -> bool:
        """Whether an agency was the same body all through a year and the year before: it was not founded, ended,
        merged or split in either."""
        return self._reforms.get(agency_id or "", set()).isdisjoint((year - 1, year, _ALWAYS))

    def case(self, this: Judged, last: Judged | None) -> Case:
        """A report to be judged, with what the register says of its agency."""
        return Case(this, last, self.get(this.agency_id), self.same(this.agency_id, this.year))

    def _related(self, before: str, after: str) -> None:
        """A merger or split, by the first year of the one and the last year of the other, where either is given."""
        one, other = self._agencies.get(before), self._agencies.get(after)
        years = {one.to_year if one else None, other.from_year if other else None} - {None}
        for agency_id in (before, after):
            self._reforms.setdefault(agency_id, set()).update(years or {_ALWAYS})

    def _add(self, agency_id: str, *years: int | None) -> None:
        if known := {year for year in years if year is not None}:
            self._reforms.setdefault(agency_id, set()).update(known)


NO_REGISTER = Bodies()
