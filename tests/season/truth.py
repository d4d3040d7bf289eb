"""What must be told in a season, when at the earliest and when at the latest: from the country, its plot, and the
calendar alone. Nothing of the rules, of the crawler or of the telling is asked.

Where the day depends on when a portal happens to be read, it is bounded from both sides: a list is read once a day at
least, a known page once in `pace_days`; on a day on which its portal is troubled, or was the day before (pauses after a
failure grow), nothing is counted on.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from crawler.sandbox import season
from crawler.sandbox.country import PlannedReport
from crawler.sandbox.faults import IDENTITY_FAULTS
from crawler.sandbox.names import COVERED_NAME
from crawler.sandbox.plot import Event, Plot
from crawler.sandbox.portal_site import PortalSite
from db.records import Agency

SLACK = timedelta(hours=12)
"""What reading, judging and delivering may take after the end of a day, with kills and retries among them."""
_DAY = timedelta(days=1)

# What the vocabulary says of each rule: kind and severity.
RULES = {
    "applications-balance": ("identity", "error"),
    "applications-results": ("identity", "error"),
    "applications-applicants": ("identity", "error"),
    "challenges-total": ("identity", "error"),
    "carry-over": ("identity", "warning"),
    "normative-stock": ("identity", "warning"),
    "striking-change": ("change", "notice"),
    "sections": ("form", "warning"),
    "missing": ("time", "error"),
    "late": ("time", "error"),
    "withdrawn": ("time", "error"),
    "revised": ("change", "warning"),
}
_ADDRESS_DATE = re.compile(r"/t(20\d{6})_")


class Span(NamedTuple):
    """From the earliest to the latest moment at which something is told."""

    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of one agency's report by one rule. least, most: how many findings it may be. back: when it is taken
    back, None where it stands."""

    rule: str
    agency: Agency
    year: int
    told: Span
    least: int = 1
    most: int = 1
    back: Span | None = None
    severity: str = ""

    @property
    def kind(self) -> str:
        return RULES[self.rule][0]

    @property
    def key(self) -> tuple[str, str, int]:
        return self.rule, self.agency.id, self.year


class Silence(NamedTuple):
    """A portal that cannot be read. since, until: of its trouble, None: to the end; seen: when it is surely seen to be
    over. place: its code; agencies: those that it carries."""

    portal: str
    name: str
    place: str
    agencies: frozenset[str]
    since: datetime
    until: datetime | None
    seen: datetime | None


class Truth:
    """See the module. first, last: the days that are played. repairs: portal -> when its file is right again.
    pace_days: between two looks at a page. sites: the portals as they are at first."""

    def __init__(
        self,
        plot: Plot,
        sites: list[PortalSite],
        first: date,
        last: date,
        *,
        repairs: dict[str, datetime] | None = None,
        pace_days: int = 7,
    ) -> None:
        self._plot, self._country = plot, plot.country
        self._sites = {site.id: site for site in sites}
        self.first, self.last = first, last
        self._repairs = repairs or {}
        self._pace = pace_days
        self._plans = {(plan.agency.id, plan.year): plan for plan in self._country.plans}
        self._agencies = {agency.id: agency for agency in self._country.agencies}

    def stories(self) -> list[Story]:
        """All that is told in the days that are played, or may be, in order."""
        found = [*self._in_reports(), *self._absences(), *self._events()]
        begin, end = season.at_beijing(self.first, 0), season.at_beijing(self.last + _DAY, 0)
        return sorted(
            (story for story in found if begin <= story.told.latest and story.told.earliest < end),
            key=lambda story: story.told,
        )

    def silences(self) -> list[Silence]:
        """The times in which portals cannot be read."""
        end = season.at_beijing(self.last + _DAY, 0)
        return [
            Silence(
                portal,
                site.name,
                portal.removeprefix("county_"),
                frozenset(agency.id for agency in self._country.agencies if agency.portal == portal),
                begins,
                ends,
                min(end, self._read(portal, ends)) if ends else None,
            )
            for portal, site in self._sites.items()
            for begins, ends in self._troubles(portal)
            if begins < end
        ]

    # What is in a report

    def _in_reports(self) -> Iterator[Story]:
        """The faults that were put into reports; those of earlier years are old when the first look finds them."""
        places: dict[tuple[str, str], list[str | None]] = defaultdict(list)
        for truth in self._country.truths:
            if truth.year == self._plot.year and truth.rule not in ("missing", "late"):
                places[truth.rule, truth.agency_id].append(truth.figure)
        corrected = {event.agency.id: event for event in self._plot.events if event.act == "corrected"}
        for (rule, agency_id), figures in places.items():
            plan = self._plans[agency_id, self._plot.year]
            event = corrected.get(agency_id) if rule in IDENTITY_FAULTS else None
            back = Span(event.at, self._looked(event.agency.portal, event.at)) if event else None
            # Two columns that were not carried over well may be said in one sentence.
            least = 1 if rule == "carry-over" else len(figures)
            yield self._story(rule, plan.agency, self._shown(plan), least=least, most=len(figures), back=back)

    # What is not there, or came late

    def _absences(self) -> Iterator[Story]:
        year = self._plot.year
        for agency in self._country.agencies:
            due = season.deadline(agency.duty, year)
            if due is None or agency.name.endswith(COVERED_NAME):
                continue
            plan = self._plans.get((agency.id, year))
            proved = self._proved(agency.portal or "", due)
            if plan is None or plan.published_at >= proved.latest:
                back = Span(plan.published_at, self._read(agency.portal, plan.published_at)) if plan else None
                yield self._story("missing", agency, proved, back=back)
            elif plan.published_at > proved.earliest:
                raise AssertionError(f"{agency.name}: whether its report is missing first depends on hours; move it")
            if plan is not None and season.beijing_date(plan.published_at) > due:
                # Told once a second look has shown it.
                told = Span(plan.published_at, self._read(agency.portal, plan.published_at, days=2))
                in_time = self._address_day(plan) is not None and self._address_day(plan) <= due
                yield self._story("late", agency, told, severity="warning" if in_time else "")

    def _proved(self, portal: str, due: date) -> Span:
        """When the absence of a report is proved: three reads on three days over five working days after the deadline,
        and its first working day is over."""
        earliest = season.working_day_after(due, 5)
        sure = self._sure_days(portal, due + _DAY)
        days = [next(sure)]
        while len(days) < 3 or days[-1] < max(
            season.working_day_after(days[0] - _DAY, 5), season.working_day_after(due, 2)
        ):
            days.append(next(sure))
        return Span(season.at_beijing(earliest, 0), _end(days[-1]))

    def _address_day(self, plan: PlannedReport) -> date | None:
        """The day in the address of a report, where its portal writes one."""
        site = self._sites[plan.agency.portal or ""]
        paths = [
            site.article_path(p) for p in site.publications if (p.agency_id, p.year) == (plan.agency.id, plan.year)
        ]
        found = _ADDRESS_DATE.search(paths[0])
        return date.fromisoformat(found[1]) if found else None

    # What becomes of reports

    def _events(self) -> Iterator[Story]:
        for event in self._plot.events:
            if event.act == "withdrawn":
                yield from self._withdrawn(event)
            elif event.act in ("revised", "corrected"):
                yield from self._revised(event)

    def _withdrawn(self, event: Event) -> Iterator[Story]:
        portal = event.agency.portal
        earliest = season.at_beijing(season.beijing_date(event.at) + 2 * _DAY, 0)
        # The page is due within its pace, and then daily.
        latest = self._read(portal, self._looked(portal, event.at), days=3)
        if event.until is not None and event.until <= earliest:
            return
        if event.until is not None and event.until < latest:
            raise AssertionError(f"{event.agency.name}: whether its report is withdrawn depends on hours; move it")
        back = Span(event.until, self._read(portal, event.until)) if event.until else None
        yield self._story("withdrawn", event.agency, Span(earliest, latest), back=back)

    def _revised(self, event: Event) -> Iterator[Story]:
        """Told once a second look has shown it, which comes not before `pace_days` after the first."""
        portal, pace = event.agency.portal, timedelta(days=self._pace)
        if event.until is not None and event.until - event.at < pace:
            return
        latest = self._looked(portal, self._looked(portal, event.at))
        yield self._story("revised", event.agency, Span(event.at + pace, latest))

    # When something is seen

    def _shown(self, plan: PlannedReport) -> Span:
        """A report, from its publication, or from the first look, to the end of the first day on which its portal is
        surely read."""
        at = max(plan.published_at, season.at_beijing(self.first, 0))
        return Span(at, self._read(plan.agency.portal, at))

    def _read(self, portal: str | None, at: datetime, *, days: int = 1) -> datetime:
        """When so many days with a sure read of the lists are over, after a moment."""
        sure = self._sure_days(portal or "", season.beijing_date(at) + _DAY)
        return [_end(next(sure)) for _ in range(days)][-1]

    def _looked(self, portal: str | None, at: datetime) -> datetime:
        """When a known page has surely been seen again after a moment: it falls due within its pace, and then the next
        sure read of its portal brings it."""
        return self._read(portal, at + timedelta(days=self._pace + 1))

    def _sure_days(self, portal: str, first: date) -> Iterator[date]:
        day = first
        while True:
            begin, end = season.at_beijing(day - _DAY, 0), season.at_beijing(day + _DAY, 0)
            if not any(since < end and (until is None or begin < until) for since, until in self._troubles(portal)):
                yield day
            day += _DAY
            if day > first + timedelta(days=400):
                raise AssertionError(f"{portal} is never read again; give it an end of its troubles, or a repair")

    def _troubles(self, portal: str) -> list[tuple[datetime, datetime | None]]:
        """From when to when a portal cannot be read; slow is no trouble."""
        return [
            (spell.begins, self._repairs.get(portal) if spell.failure == "redesigned" else spell.ends)
            for spell in self._plot.outages()
            if spell.portal == portal and spell.failure != "slow"
        ]

    def _story(
        self,
        rule: str,
        agency: Agency,
        told: Span,
        *,
        least: int = 1,
        most: int = 1,
        back: Span | None = None,
        severity: str = "",
    ) -> Story:
        return Story(rule, agency, self._plot.year, told, least, most, back, severity or RULES[rule][1])


def _end(day: date) -> datetime:
    return season.at_beijing(day + _DAY, 0) + SLACK
