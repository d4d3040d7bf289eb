"""What befalls a country in its season: portals that fail for a time, reports that come late, change, go and come back.

A plot is made from a country and its seed; a server follows it by its virtual time (`PortalServer.follow`). What must
be found of it is for those to say who know the rules; here stands what happens, and when.
"""

import random
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from crawler.sandbox import season
from crawler.sandbox.country import Country, PlannedReport
from crawler.sandbox.figures import as_int
from crawler.sandbox.portal_site import Failure
from db.records import Agency

Act = Literal["put-off", "revised", "corrected", "withdrawn"]
"""put-off: published later than planned. revised: another figure, of which no sum hangs. corrected: a total that was
misprinted is put right. withdrawn: gone from the lists and from its address."""

_MISPRINT = "challenges-total"  # the fault of the country that a correction undoes: its total is one too high


class Turn(NamedTuple):
    """Something that an agency may do with its report of the season: on which day of the year after (month, day),
    03:00 in Beijing, and after how many days it undoes it, None for never; a report that is put off comes at 14:00."""

    act: Act
    day: tuple[int, int]
    days: float | None = None


class Outage(NamedTuple):
    """Something that a portal does: from when to when, as (month, day, hour) in Beijing; None: for good. portal: its
    number in the country. wait_s: of "slow"."""

    portal: int
    failure: Failure
    begins: tuple[int, int, int]
    ends: tuple[int, int, int] | None = None
    wait_s: float = 0.0


TURNS = (
    Turn("put-off", (2, 2)),  # after its deadline, before its absence can be proved
    Turn("put-off", (4, 10)),  # long after that
    Turn("withdrawn", (2, 5), 24),  # long enough to be proved, and back
    Turn("withdrawn", (2, 27)),
    Turn("withdrawn", (3, 6), 1),  # too short for anything
    Turn("revised", (2, 28)),
    Turn("revised", (3, 5), 6),  # shorter than what lies between two looks
    Turn("revised", (4, 26)),  # nobody looks twice before the season is over
    Turn("corrected", (3, 1)),
)
OUTAGES = (
    Outage(1, "503", (1, 17, 0), (1, 18, 0)),
    Outage(1, "drop", (3, 12, 0), (3, 13, 0)),
    Outage(1, "429", (3, 20, 0), (3, 20, 12)),
    Outage(2, "412", (2, 20, 0), (3, 4, 0)),
    Outage(3, "redesigned", (2, 26, 0)),
    Outage(4, "slow", (3, 18, 0), (3, 20, 0), wait_s=0.1),
)
"""A country of 200 agencies has six portals; of a smaller one the portals beyond its number have no outages."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A failure of a portal from a moment until another; None: for good. agency_id, year: of content, the report that
    is concerned; figures: what it says instead, by default another one. wait_s: of slow answers."""

    portal: str
    failure: Failure
    begins: datetime
    ends: datetime | None = None
    agency_id: str | None = None
    year: int | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    wait_s: float = 0.0

    def lasts(self, now: datetime) -> bool:
        """Whether it is so at a moment."""
        return self.begins <= now and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True)
class Event:
    """A turn that an agency takes. at: when; until: when it undoes it, None for never. figure: that was put right."""

    act: Act
    agency: Agency
    at: datetime
    until: datetime | None = None
    figure: str | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """country: the one that was given, with the reports put off that are to be. spells, events: by their begin."""

    country: Country
    spells: tuple[Spell, ...]
    events: tuple[Event, ...]

    @property
    def year(self) -> int:
        """The reporting year of the season."""
        return self.country.years[-1]

    def outages(self) -> list[Spell]:
        """What befalls portals as a whole."""
        return [spell for spell in self.spells if spell.agency_id is None]


def season_plot(
    country: Country,
    *,
    turns: Sequence[Turn] = TURNS,
    outages: Sequence[Outage] = OUTAGES,
    spare: Container[str] = (),
) -> Plot:
    """A plot for the season of the country's last year, the same for the same country. Each turn is taken by a
    department that is ordinary otherwise, on a portal without outages, slow ones aside; `corrected` by one with a
    misprint, there if there is one. spare: agencies (ids) that take none.

    Raises ValueError where the country has too few of them, or no misprint that could be corrected.
    """
    befallen = [_outage(country, one) for one in outages if one.portal < len(country.places)]
    troubled = {spell.portal for spell in befallen if spell.failure != "slow"}
    actors = (one for one in _ordinary(country, troubled) if one[0].id not in spare)
    misprinted = _misprinted(country, troubled)
    events = []
    for turn in turns:
        found = next(misprinted if turn.act == "corrected" else actors, None)
        if found is None:
            raise ValueError(
                f"no department is left for {turn.act} on {turn.day}; build the country with more agencies"
            )
        events.append(_event(country, turn, *found))
    played = _put_off(country, {event.agency.id: event.at for event in events if event.act == "put-off"})
    spells = [*befallen, *(_spell(played, event) for event in events if event.act != "put-off")]
    spells.sort(key=lambda spell: (spell.begins, spell.portal))
    return Plot(played, tuple(spells), tuple(sorted(events, key=lambda event: event.at)))


def _ordinary(country: Country, troubled: set[str]) -> Iterator[tuple[Agency, None]]:
    """Departments with nothing else in store for them, whose report comes some days before the deadline."""
    roles = {truth.agency_id for truth in country.truths} | {one.agency_id for one in country.innocents}
    early = season.at_beijing(date(country.years[-1] + 1, 1, 27), 0)
    found = [
        plan.agency
        for plan in country.plans
        if plan.year == country.years[-1]
        and plan.agency.organ == "department"
        and plan.agency.id not in roles
        and plan.agency.portal not in troubled
        and plan.agency.name == plan.sample.agency  # no joint report
        and plan.published_at < early
    ]
    random.Random(f"{country.seed}:plot").shuffle(found)
    return ((agency, None) for agency in found)


def _misprinted(country: Country, troubled: set[str]) -> Iterator[tuple[Agency, str | None]]:
    """Those whose report has a misprinted total, on portals without outages first."""
    agencies = {agency.id: agency for agency in country.agencies}
    found = [(agencies[truth.agency_id], truth.figure) for truth in country.truths if truth.rule == _MISPRINT]
    return iter(sorted(found, key=lambda one: one[0].portal in troubled))


def _event(country: Country, turn: Turn, agency: Agency, figure: str | None) -> Event:
    year = country.years[-1] + 1
    at = season.at_beijing(date(year, *turn.day), 14 if turn.act == "put-off" else 3)
    return Event(turn.act, agency, at, at + timedelta(days=turn.days) if turn.days else None, figure)


def _put_off(country: Country, moments: Mapping[str, datetime]) -> Country:
    """The country whose agencies publish their last report at other moments, dated so."""

    def moved(plan: PlannedReport) -> PlannedReport:
        at = moments.get(plan.agency.id)
        if at is None or plan.year != country.years[-1]:
            return plan
        day = season.beijing_date(at).isoformat()
        return replace(plan, published_at=at, sample=replace(plan.sample, signed_on=day, published_on=day))

    plans = sorted(map(moved, country.plans), key=lambda plan: (plan.published_at, plan.agency.id))
    return replace(country, plans=tuple(plans))


def _spell(country: Country, event: Event) -> Spell:
    year, figures = country.years[-1], {}
    if event.figure is not None:
        (plan,) = (p for p in country.plans if (p.agency.id, p.year) == (event.agency.id, year))
        figures = {event.figure: as_int(plan.sample.figures, event.figure) - 1}
    return Spell(
        portal=event.agency.portal or "",
        failure="withdrawn" if event.act == "withdrawn" else "changed",
        begins=event.at,
        ends=event.until,
        agency_id=event.agency.id,
        year=year,
        figures=figures,
    )


def _outage(country: Country, outage: Outage) -> Spell:
    year = country.years[-1] + 1

    def moment(when: tuple[int, int, int]) -> datetime:
        return season.at_beijing(date(year, *when[:2]), when[2])

    return Spell(
        portal=f"county_{country.places[outage.portal].code}",
        failure=outage.failure,
        begins=moment(outage.begins),
        ends=moment(outage.ends) if outage.ends else None,
        wait_s=outage.wait_s,
    )
