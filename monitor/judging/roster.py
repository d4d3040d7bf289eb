"""Whose a listed or stored report is, by the register: the whole of it, or the part around some agencies."""

from collections.abc import Collection, Iterable
from functools import cached_property

from db.archive import Archive
from db.records import Agency
from db.standins import EVERY_YEAR
from monitor.judging.portal_reads import Key, PortalColumns
from monitor.whose import Whose, names_of
from parsers.names import clean_name


class Roster:
    """The agencies that are judged, and all that printed names may mean beside them.

    Who is not in the register owes nothing. agencies: those that are known here, by id. is_whole: they are all.
    """

    def __init__(
        self, archive: Archive, portals: Iterable[PortalColumns], around: Collection[str] | None = None
    ) -> None:
        """around: only the part of the register that matters to these agencies; what else a list names is looked up
        when it is met (`meet`)."""
        self._neighbourhood = archive.neighbourhood
        known = archive.agencies() if around is None else self._neighbourhood.around(around)
        self.agencies = {agency.id: agency for agency in known if agency.organ}
        self.is_whole = around is None
        self._met: set[str] = set()
        portals = list(portals)
        self.whose = Whose(
            names_of(self.agencies.values()),
            {portal.id: portal.region for portal in portals if portal.region},
            {portal.id: portal.place for portal in portals if portal.place},
        )
        self._counts: dict[str, dict[int, set[str]]] = {}
        for agency_id, year, by in self._neighbourhood.stand_ins(None if self.is_whole else self.agencies.keys()):
            self._counts.setdefault(by, {}).setdefault(year, set()).add(agency_id)

    @property
    def near(self) -> set[str] | None:
        """The agencies whose report may count for one that is judged; None: any."""
        return None if self.is_whole else self.agencies.keys() | self._counts.keys()

    def meet(self, printed: Iterable[str], portal: str) -> None:
        """Names that a portal's lists print: those of the register that they may mean are known from now on."""
        if self.is_whole:
            return
        wanted: set[str] = set()
        for name in set(printed) - self._met:
            self._met.add(name)
            parts = {name, *name.split("、")}
            ids = {self.whose.id_of(part, portal) for part in parts} - {None}
            if not ids or not all(one in self.agencies for one in ids):
                full = {self.whose.name_of(part, portal) or part for part in parts}
                wanted |= {clean_name(one) for one in parts | full} | {one for one in ids if one}
        for agency in self._neighbourhood.named(wanted) if wanted else ():
            if agency.id not in self.agencies:
                self.agencies[agency.id] = agency
                self.whose.names.add(agency.id, agency.name, agency.aliases)

    def keys(self, agency_id: str | None, printed: str | None, portal: str | None, year: int) -> set[Key]:
        """(agency, year) of all whose report one is: every body of a joint report, and those it stands in for."""
        ids = self.whose.ids_of(printed, portal) | ({agency_id} if agency_id else set())
        return {(other, year) for one in ids for other in self.counts_for(one, year)}

    def counts_for(self, agency_id: str, year: int) -> set[str]:
        """The agencies for whom the report of one for a year counts, itself among them."""
        counted = self._counts.get(agency_id)
        return {agency_id} if not counted else {agency_id, *counted.get(EVERY_YEAR, ()), *counted.get(year, ())}

    def is_reformed(self, agency: Agency, year: int) -> bool:
        """Whether a body was merged, split, renamed or ended in a year or since: what is gone then has gone with it."""
        return (
            (agency.to_year is not None and agency.to_year >= year)
            or bool(agency.successors)
            or agency.id in self._replaced
            or (bool(agency.predecessors) and (agency.from_year is None or agency.from_year >= year))
        )

    @cached_property
    def _replaced(self) -> set[str]:
        """Those that another names as its predecessor."""
        return {before for agency in self.agencies.values() for before in agency.predecessors}
