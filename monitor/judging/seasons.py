"""Seasons out of the archive, portal by portal: what was seen of each agency's report, ready for the rules about time.

No more is held than the register, one portal's reads and its agencies' publications.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from db.archive import Archive
from db.collected.name_searches import NameSearch
from db.records import Agency
from monitor.calendar import beijing_day, season_of
from monitor.judging.portal_reads import PortalColumns
from monitor.judging.roster import Roster
from monitor.judging.season import Season
from monitor.judging.season_maker import Group, SeasonMaker, ending

_AT_ONCE = 500  # agencies without a portal that is looked at


class SeasonBatch(NamedTuple):
    """Seasons that are judged together.

    judged: agency keys and years whose open findings of season rules end if they are not found again. subject, digest:
    what to write into the table judged once the findings are saved; "" where nothing is to be written. searches: what
    came of searching lists for names, to be written down as well, so that it is not done again.
    """

    seasons: list[Season]
    judged: set[tuple[str, int]]
    subject: str = ""
    digest: str = ""
    searches: Sequence[NameSearch] = ()


class Seasons:
    """What was seen of the reports of an archive, as of a moment.

    Which years: of each agency of the register the current one; earlier ones of those about whose published report
    something is new: it was revised, its address is gone, or something said of it is still open.
    """

    def __init__(
        self, archive: Archive, portals: Iterable[PortalColumns], now: datetime, *, rules_digest: str = ""
    ) -> None:
        """portals: those that are looked at. rules_digest: of the rules and their thresholds; with another one than
        before all is judged again."""
        self.archive = archive
        self.now = now
        self.portals = {portal.id: portal for portal in portals}
        self._year = season_of(now)
        self._rules = rules_digest
        self._local = archive.almanac.local_rules()

    def batches(self) -> Iterator[SeasonBatch]:
        """All that may have changed since it was judged last, portal by portal, the current season before earlier
        ones."""
        from monitor.rules import season_rules  # which import this room

        roster = Roster(self.archive, self.portals.values())
        rules = {rule.name for rule in season_rules()}
        base = hashlib.sha256(repr((self._rules, self._local.rules)).encode())
        for agency in roster.agencies.values():
            base.update(repr(agency).encode())
        maker = SeasonMaker(self.archive, roster, self.now, self._local)
        for group in self._groups(roster.agencies.values()):
            ids = {agency.id for agency in group.agencies}
            earlier = self.archive.season_digest.changed(ids, self._year, rules)
            for year, wanted in ((self._year, ids), *earlier.items()):
                some = group._replace(agencies=[agency for agency in group.agencies if agency.id in wanted])
                subject = f"portal {group.name} {year}"
                digest = self._digest(base.copy(), some, year, maker)
                if self.archive.season_digest.judged(subject) != digest:
                    yield self._batch(maker, some, year)._replace(subject=subject, digest=digest)

    def of(self, agency_ids: Collection[str]) -> Iterator[SeasonBatch]:
        """Those of these agencies alone: the current season, and every year in which they have publications. Whom the
        register does not know is left out."""
        wanted = set(agency_ids)
        roster = Roster(self.archive, self.portals.values(), wanted)
        maker = SeasonMaker(self.archive, roster, self.now, self._local)
        years: dict[int, set[str]] = {self._year: wanted}
        published = self.archive.publications
        for agency_id, year in (*published.years(wanted), *published.unread_years(wanted)):
            years.setdefault(year, set()).add(agency_id)
        for group in self._groups(roster.agencies[one] for one in wanted & roster.agencies.keys()):
            for year in sorted(years, reverse=True):
                some = [agency for agency in group.agencies if agency.id in years[year]]
                if some:
                    yield self._batch(maker, group._replace(agencies=some), year)

    def all_of(self, year: int) -> Iterator[Season]:
        """The season of every agency of the register for one reporting year, those of a portal together."""
        maker = SeasonMaker(self.archive, Roster(self.archive, self.portals.values()), self.now, self._local)
        for group in self._groups(maker.roster.agencies.values()):
            yield from maker.seasons(group, year)

    def _batch(self, maker: SeasonMaker, group: Group, year: int) -> SeasonBatch:
        seasons = maker.seasons(group, year)
        return SeasonBatch(seasons, ending(seasons, self.portals), searches=maker.take_searches())

    def _groups(self, agencies: Iterable[Agency]) -> Iterator[Group]:
        by_portal: dict[str, list[Agency]] = {}
        for agency in sorted(agencies, key=lambda one: one.id):
            by_portal.setdefault((agency.portal or "") if agency.portal in self.portals else "", []).append(agency)
        rest = iter(by_portal.pop("", ()))
        for portal in sorted(by_portal):
            yield Group(portal, self.portals[portal], by_portal[portal])
        while some := list(islice(rest, _AT_ONCE)):
            yield Group(f"without, from {some[0].id}", None, some)

    def _digest(self, digest: "hashlib._Hash", group: Group, year: int, maker: SeasonMaker) -> str:
        """Of all that a judgement of these agencies for a year rests on; equal: judging again finds the same.

        Of an earlier year that is what stands at the addresses of their reports; the lists are looked at once a week.
        """
        ids = {agency.id for agency in group.agencies}
        day = beijing_day(self.now)
        is_current = year == self._year
        if group.portal is not None:  # its file may name other lists by now
            digest.update(repr((group.portal.columns, group.portal.region, group.portal.place)).encode())
        digest.update(repr((year, sorted(ids), day if is_current else tuple(day.isocalendar())[:2])).encode())
        for row in self.archive.season_digest.of_agencies(ids, None if is_current else year):
            digest.update(repr(row).encode())
        if is_current:
            digest.update(repr(maker.material(ids, year)).encode())
            for row in self.archive.season_digest.of_portal(group.portal.id) if group.portal else ():
                digest.update(repr(row).encode())
        return digest.hexdigest()
