"""The pretend country: its agencies, every report that they publish and when, and the faults that are in them."""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from crawler.sandbox import prose, season
from crawler.sandbox.faults import (
    FAULTS,
    IDENTITY_FAULTS,
    STRIKING_FROM,
    STRIKING_TO,
    Innocent,
    Truth,
    break_identity,
    print_blanks,
    print_slashes,
)
from crawler.sandbox.figures import Profile, next_year, one_other_row
from crawler.sandbox.names import COVERED_NAME, Place
from crawler.sandbox.roster import Member, cast, wants_applications
from crawler.sandbox.sample import SampleReport
from crawler.sandbox.writers.html import HtmlVariant
from db.records import Agency

_TITLES = (
    "{agency}{year}年政府信息公开工作年度报告",
    "{year}年{agency}政府信息公开工作年度报告",
    "{agency}{year}年度政府信息公开工作年度报告",
)
_TABLES: tuple[Literal["one", "three", "cut"], ...] = ("three", "three", "three", "cut", "one")
# By portal: encoding and whether the page's label tells it.
_CHARSETS: tuple[tuple[str, Literal["right", "wrong"]], ...] = (
    ("utf-8", "right"),
    ("gbk", "right"),
    ("gb18030", "wrong"),
)


@dataclass(frozen=True, slots=True)
class PlannedReport:
    """A report and its publication. published_at: when it appears on the portal, in UTC.

    variant: how its HTML is written (the portal adds its frame). build_date: its page carries the time at which the
    portal last built its pages in place of the publication date.
    """

    agency: Agency
    sample: SampleReport
    published_at: datetime
    variant: HtmlVariant
    build_date: bool = False

    @property
    def year(self) -> int:
        return self.sample.year


@dataclass(frozen=True, slots=True)
class Country:
    """What one seed gives. `plans` are in order of publication; `truths` are all faults, whatever the time."""

    seed: int
    years: tuple[int, ...]
    places: tuple[Place, ...]
    agencies: tuple[Agency, ...]
    plans: tuple[PlannedReport, ...]
    truths: tuple[Truth, ...]
    innocents: tuple[Innocent, ...]

    @classmethod
    def build(
        cls,
        seed: int = 1,
        *,
        agencies: int = 40,
        years: Sequence[int] = (2021, 2022, 2023),
        portals: int = 3,
        faults: int = 1,
    ) -> "Country":
        """The country of a seed.

        agencies: in all; portals: counties with a portal each, at least (34 agencies at most in one). years: reporting
        years running, the last one 2022 or later; form 2019 until 2020. faults: how many of each kind.
        Raises ValueError with what would be possible.
        """
        years = tuple(years)
        if len(years) < 2 or list(years) != list(range(years[0], years[-1] + 1)) or not 2019 <= years[0] <= 2100:
            raise ValueError(
                f"years must be two or more running ones from 2019 on, as in 2021, 2022, 2023 (got {years})"
            )
        if years[-1] < 2022:
            raise ValueError(
                f"the last year must be 2022 or later, so that two years of form 2021 run (got {years[-1]})"
            )
        if faults < 0:
            raise ValueError(f"faults must be 0 or more (got {faults})")
        places, members = cast(random.Random(f"{seed}:cast"), agencies=agencies, portals=portals, faults=faults)
        plans: list[PlannedReport] = []
        truths: list[Truth] = []
        for number, member in enumerate(members):
            style = places.index(member.place)
            plans += _publish(random.Random(f"{seed}:{member.agency.id}"), member, years, style, number, truths)
        plans.sort(key=lambda plan: (plan.published_at, plan.agency.id))
        return cls(
            seed=seed,
            years=years,
            places=tuple(places),
            agencies=tuple(member.agency for member in members),
            plans=tuple(plans),
            truths=tuple(sorted(truths, key=lambda truth: (truth.fault, truth.figure or ""))),
            innocents=tuple(_innocents(members, years)),
        )

    def demo_days(self) -> list[datetime]:
        """The moments that a demo plays, in UTC (season.demo_days for the last year)."""
        return season.demo_days(self.years[-1])

    def published(self, now: datetime) -> list[PlannedReport]:
        """What the portals show at a moment, oldest first."""
        return [plan for plan in self.plans if plan.published_at <= now]

    def truth(self, now: datetime, reads: Sequence[datetime] | None = None) -> list[Truth]:
        """The faults that must have been found at a moment.

        reads: when every portal was read well, by default the demo's days up to `now`. A fault in a report counts once
        it was published before the last of these reads; a missing report once these reads prove it; a late one once two
        of them have shown it.
        """
        good = sorted(read for read in (self.demo_days() if reads is None else reads) if read <= now)
        if not good:
            return []
        shown = {(plan.agency.id, plan.year) for plan in self.published(good[-1])}
        before = {(plan.agency.id, plan.year) for plan in self.published(good[-2])} if len(good) > 1 else set()
        duties = {agency.id: agency.duty for agency in self.agencies}
        return [
            truth
            for truth in self.truths
            if (truth.agency_id, truth.year) in (before if truth.rule == "late" else shown)
            or (truth.rule == "missing" and season.provably_absent(duties[truth.agency_id], truth.year, good))
        ]

    def unconfirmed(self, now: datetime) -> list[Agency]:
        """Whose report of the last year is overdue on the portal at a moment (shown, never sent; late or missing).

        The body that another's report covers is none of them. An agency that `truth` calls missing stays in the list.
        """
        year, today = self.years[-1], season.beijing_date(now)
        shown = {plan.agency.id for plan in self.published(now) if plan.year == year}
        overdue = []
        for agency in self.agencies:
            last = season.deadline(agency.duty, year)
            covered = agency.name.endswith(COVERED_NAME)
            if last and agency.id not in shown and not covered and today > season.working_day_after(last, 1):
                overdue.append(agency)
        return overdue


def _publish(
    chance: random.Random, member: Member, years: tuple[int, ...], style: int, number: int, truths: list[Truth]
) -> list[PlannedReport]:
    """All reports of one agency; its faults are added to `truths`."""
    if member.role in ("silent-town", "covered"):
        return []
    agency, last = member.agency, years[-1]
    profile = _profile(chance, member, years)
    printed_name = next((alias for alias in agency.aliases if "、" in alias), agency.name)
    fault = FAULTS.index(member.role) * 1000 + number if member.role in FAULTS else -1

    def tell(year: int, figure: str | None, note: str) -> None:
        truths.append(Truth(member.role, agency.id, agency.name, year, figure, note, fault))

    plans = []
    one_row = chance.random() < 0.2
    for year in years:
        form = "2019" if year <= 2020 else "2021"
        if member.role == "wrong-form" and year == last - 1:
            form = "2019"
            tell(year, None, "form 2019 used for a year of form 2021")
        figures = next_year(profile, year, form, chance)
        if form == "2021" and one_row:
            figures = one_other_row(figures)
        if member.role in IDENTITY_FAULTS and year == last:
            for figure, note in break_identity(figures, member.role).items():
                tell(year, figure, note)
        if member.role == "striking-change" and year == last:
            tell(year, "applications.new.total", f"{STRIKING_FROM} the year before, {STRIKING_TO} now")
        if member.role == "blank-zero":
            print_blanks(figures)
        if member.role == "slash":
            print_slashes(figures)
        if member.role == "missing" and year == last:
            tell(year, None, "never published, while the years before and the others were")
            continue
        parts = prose.sections(chance, figures, year=year, we=member.we, topics=member.topics)
        if member.role == "sections" and year == last:
            parts = parts[:5]
            tell(year, None, "ends after section 五")
        if member.role == "late" and year == last:
            tell(year, None, "published after the deadline, before its absence could be proved")
        day = _publication_day(chance, member, year, newest=year == last)
        signed = day - timedelta(days=chance.randint(0, 4))
        # A portal may call a government's report that of the place: 柳溪县2023年政府信息公开工作年度报告.
        titled = member.place.name if agency.organ == "government" and style % 3 == 0 else printed_name
        sample = SampleReport(
            title=_TITLES[style % len(_TITLES)].format(agency=titled, year=year),
            agency=printed_name,
            year=year,
            form=form,
            figures=figures,
            sections=parts,
            signed_on=signed.isoformat(),
            published_on=day.isoformat(),
            opening=prose.opening(chance, agency=agency.name, year=year, site=member.place.name),
        )
        moment = season.at_beijing(day, chance.randint(9, 17), chance.randint(0, 59))
        variant = _variant(chance, style, f"{agency.id}:{year}")
        plans.append(PlannedReport(agency, sample, moment, variant, member.role == "build-date"))
    return plans


def _profile(chance: random.Random, member: Member, years: tuple[int, ...]) -> Profile:
    organ, last = member.agency.organ, years[-1]
    applications = chance.choice((0, 0, 1, 1, 2, 3, 4, 5))
    if organ == "government":
        applications = chance.randint(180, 800)
    elif wants_applications(member.role) or (not member.role and organ == "department" and chance.random() < 0.25):
        applications = chance.randint(20, 80)
    powers = organ == "department" and member.role != "slash" and chance.random() < 0.6
    stock = chance.randint(3, 40) if organ == "government" or powers or member.role == "normative-stock" else 0
    cases, fees = (chance.randint(60, 4000), float(chance.randint(1, 900))) if powers else (0, 0.0)
    profile = Profile(applications, powers, cases, stock, fees if chance.random() < 0.5 else 0.0)
    if member.role == "striking-change":
        profile.pinned = {year: STRIKING_FROM - (last - 1 - year) % 3 for year in years[:-1]} | {last: STRIKING_TO}
    if member.role == "small-change":
        profile.pinned = dict.fromkeys(years[:-1], 1) | {last: 4}
    return profile


def _publication_day(chance: random.Random, member: Member, year: int, *, newest: bool) -> date:
    """A working day on which the report appears."""
    deadline = date(year + 1, *season.DEADLINES["art49_department"])
    if member.role == "late" and newest:
        # After the demo's second look past the deadline and before its third.
        return season.working_day_after(deadline, 9)
    first, last = date(year + 1, 1, 5), date(year + 1, 1, 29)
    if member.agency.organ == "government":
        first, last = date(year + 1, 3, 4), date(year + 1, 3, 28)
    elif member.agency.organ == "township":
        last = date(year + 1, 2, 26)
    elif newest and member.role in FAULTS:
        first = date(year + 1, 1, 12)  # after the demo's first day, on which old things are found and none is told
    day = first + timedelta(days=chance.randint(0, (last - first).days))
    while not season.works(day):
        day -= timedelta(days=1)
    return day


def _variant(chance: random.Random, style: int, name: str) -> HtmlVariant:
    encoding, charset = _CHARSETS[style % len(_CHARSETS)]
    return HtmlVariant(
        encoding=encoding,
        charset=charset,
        word_paste=chance.random() < 0.4,
        tables=chance.choice(_TABLES),
        nested=chance.random() < 0.15,
        unclosed=chance.random() < 0.15,
        litter=chance.random() < 0.15,
        absurd_spans=chance.random() < 0.1,
        seed=zlib.crc32(name.encode()),
    )


_INNOCENT_NOTES = {
    "blank-zero": "zeros of applications and challenges printed as empty cells",
    "slash": "powers that it lacks, and no challenges, printed as /",
    "small-change": "1 application the year before, 4 now",
    "build-date": "its page carries the time of the portal's last build",
    "silent-town": "a township without report; the law sets it no date",
    "covered": "named in the title of another agency's report",
}


def _innocents(members: list[Member], years: tuple[int, ...]) -> list[Innocent]:
    return [
        Innocent(member.role, member.agency.id, member.agency.name, years[-1], _INNOCENT_NOTES[member.role])
        for member in members
        if member.role in _INNOCENT_NOTES
    ]
