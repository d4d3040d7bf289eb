"""Who owes a report and has none: over the archive, portal by portal."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from db.archive import Archive
from db.records import Agency, agency_key
from db.standins import StandIns
from monitor.judging.absence import Absence, Held, State, judge
from monitor.judging.portal_reads import PortalColumns, PortalReads
from monitor.whose import Whose, names_of
from parsers.names import clean_name

NOT_OBTAINED = ("empty",)
"""Kinds of unread documents that are no sign of a publication: nothing has come."""


class AbsenceJudge:
    """Judges who owes a report and has none, from the reads of the portals' columns: for one reporting year, portal by
    portal, so that no more is held than the agencies and what one portal showed."""

    def __init__(self, archive: Archive, portals: Iterable[PortalColumns], now: datetime) -> None:
        self.archive = archive
        self.now = now
        # Who is not in the register owes nothing.
        self.agencies = [agency for agency in archive.agencies() if agency.organ]
        self.portals = {portal.id: portal for portal in portals}
        self._registered = {agency.id for agency in self.agencies}
        self.stand_ins = StandIns(self.agencies)
        self.whose = Whose(
            names_of(self.agencies),
            {portal.id: portal.region for portal in self.portals.values() if portal.region},
            {portal.id: portal.place for portal in self.portals.values() if portal.place},
        )
        # Of the year that is judged:
        self._held: dict[str, Held] = {}  # agency ->
        # The name of every stored report: under its full name a report is there, wherever a portal put it.
        self._named: set[str] = set()
        self.unread: dict[tuple[str, int], list[dict[str, Any]]] = {}  # (agency, year) -> url, kind, sha256, seen_at

    def judge(self, year: int) -> list[Absence]:
        """The state of every agency of the register, for one reporting year; by agency."""
        return sorted(self.states(year), key=lambda absence: absence.agency.id)

    def states(self, year: int) -> Iterator[Absence]:
        """The same one by one, the agencies of a portal together."""
        self._look_up(year)
        self.archive.holdings.gather()
        by_portal: dict[str | None, list[Agency]] = {}
        for agency in self.agencies:
            known = agency.portal if agency.portal in self.portals else None
            by_portal.setdefault(known, []).append(agency)
        for portal, agencies in by_portal.items():
            yield from self._of_portal(self.portals.get(portal or ""), agencies, year)

    def _look_up(self, year: int) -> None:
        """What the archive holds of a year."""
        self._held, self._named, self.unread = {}, set(), {}
        for report in self.archive.holdings.of_year(year):
            for agency, _ in self._keys(report.agency_id, report.printed, report.source, year):
                self._held[agency] = Held.REPORT
            self._named.add(clean_name(report.agency))
        for row in self.archive.each_unread(year):
            if row["kind"] not in NOT_OBTAINED:
                document = {name: row[name] for name in ("url", "kind", "sha256", "seen_at")}
                for key in self._keys(row["agency_id"], row["agency"], row["portal"], year):
                    self._held.setdefault(key[0], Held.UNREAD)
                    self.unread.setdefault(key, []).append(document)

    def _keys(self, agency_id: str | None, printed: str | None, portal: str | None, year: int) -> set[tuple[str, int]]:
        """(agency, year) of all whose report this one is: every body of a joint report, and those it stands in for."""
        ids = self.whose.ids_of(printed, portal) | ({agency_id} if agency_id else set())
        return {(other, year) for one in ids for other in self.stand_ins.counts_for(one, year)}

    def _of_portal(self, portal: PortalColumns | None, agencies: Sequence[Agency], year: int) -> list[Absence]:
        """The states of the agencies of one portal, or of none."""
        columns = portal.columns if portal else ()
        showing = PortalReads(self.archive, portal, self._keys, self._registered) if portal else None
        reads = showing.reads if showing else []
        states = []
        for agency in agencies:
            held = self._held.get(agency.id)
            if held is None:
                held = Held.REPORT if clean_name(agency.name) in self._named else Held.NOTHING
            states.append(judge(agency, year, columns=columns, reads=reads, held=held, now=self.now))
        return showing.searched(states) if showing else states


def absent_keys(states: Iterable[Absence], watched: Container[str]) -> set[tuple[str, int]]:
    """The agencies and years that were judged, so that findings about them that no longer hold can end.

    watched: the portals that are looked at. What was said of an agency whose portal is another stands until its report
    is seen: that nobody looks any more is no news of it.
    """
    return {
        (agency_key(a.agency.id, a.agency.name), a.year)
        for a in states
        if a.state is not State.NOT_OWED
        and (a.state is not State.UNKNOWN or a.agency.portal is None or a.agency.portal in watched)
    }
