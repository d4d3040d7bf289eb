"""Who there is: places with a portal each, and their agencies, among them joint reports, mergers and new names."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from crawler.portal import Column, Portal
from crawler.sandbox.names import GOVERNMENT_TOPICS, TOWN_TOPICS, TRADES, Place, invented_places, invented_towns
from db.records import Agency
from tests.bench.judge.days import beijing

Layout = Literal["one", "two", "three", "years"]
FIRST, LAST = 2019, 2023  # reporting years; forms of 2019 and 2021
ADOPTED_LATE = 2020  # the season within which, after the deadline, some portals are crawled for the first time
REDESIGNED = 2022  # the reporting year in the April of whose season some portals are rebuilt
_LAYOUTS: tuple[Layout, ...] = ("one", "two", "three", "one", "years")
_SOURCES = {
    "art49_department": "政府信息公开条例 (2019), Article 49, paragraph 1",
    "art49_government": "政府信息公开条例 (2019), Article 49, paragraph 2",
    "no_date": "",
    "none": "",
}
_WE = {"government": "县政府", "office": "本办公室", "department": "我局", "township": "我镇", "street": "我街道"}
_MERGED = 2022  # the first reporting year of bodies that were merged
_RENAMED = 2021  # the first reporting year under a new name


@dataclass(slots=True)
class Body:
    """An agency and how it goes about its reports.

    list_of: which of its portal's lists carries its reports: "government", "department", "town". printed: its name as
    its reports print it, by reporting year from which on. joint: the other body of its joint report, by its name.
    publishes: False for one whose report another's is, or that owes none and writes none.
    """

    agency: Agency
    place: Place
    topics: tuple[str, ...]
    list_of: Literal["government", "department", "town"]
    printed: dict[int, str] = field(default_factory=dict)
    joint: str = ""
    publishes: bool = True
    kinds: tuple[str, ...] = ()  # of look-alikes that it is in every year

    @property
    def we(self) -> str:
        return _WE.get(self.agency.organ, "本单位")

    def name_in(self, year: int) -> str:
        """Its name as its report for a year prints it."""
        names = [name for since, name in sorted(self.printed.items()) if since <= year]
        name = names[-1] if names else self.agency.name
        return f"{name}、{self.joint}" if self.joint else name

    def exists_in(self, year: int) -> bool:
        first, last = self.agency.from_year or 0, self.agency.to_year or 9999
        return first <= year <= last


@dataclass(slots=True)
class Site:
    """One portal: how its lists are laid out, from when on it is crawled, and when it was rebuilt (None: never)."""

    id: str
    place: Place
    layout: Layout
    crawled_from: datetime
    rebuilt_at: datetime | None = None
    page_size: int = 1000

    def lists(self, now: datetime) -> dict[str, tuple[str, int | None]]:
        """name of a list -> (address, reporting year that it is kept for), as there are at a moment."""
        root = self.root(now)
        if self.layout == "one":
            return {"all": (f"{root}zfxxgknb/", None)}
        if self.layout == "years":
            years = range(FIRST, min(LAST, now.year - 1) + 1)
            return {str(year): (f"{root}nb/{year}/", year) for year in years}
        names = ("government", "department") if self.layout == "two" else ("government", "department", "town")
        return {name: (f"{root}{name}/", None) for name in names}

    def list_for(self, body: Body, year: int) -> str:
        """The list that carries a body's report."""
        if self.layout == "one":
            return "all"
        if self.layout == "years":
            return str(year)
        return "department" if self.layout == "two" and body.list_of == "town" else body.list_of

    def root(self, now: datetime) -> str:
        rebuilt = self.rebuilt_at is not None and now >= self.rebuilt_at
        return f"https://www.{self.id}.gov.cn/{'xxgk/nbxz' if rebuilt else 'zwgk'}/"

    def file(self, now: datetime) -> Portal:
        """The portal's file, as its maintainer keeps it at a moment."""
        columns = [Column(url=url, year=year) for url, year in self.lists(now).values()]
        return Portal(
            id=self.id,
            name=f"{self.place.name}人民政府",
            platform="static_list",
            allowed_hosts=[f"www.{self.id}.gov.cn"],
            columns=columns,
            place=self.place.name,
        )


@dataclass(slots=True)
class Country:
    """seed: of all that is drawn. sites by the id of their portal; bodies in the order of the register."""

    seed: int
    sites: dict[str, Site]
    bodies: list[Body]

    @property
    def agencies(self) -> list[Agency]:
        return [body.agency for body in self.bodies]


def make_country(seed: int, agencies: int) -> Country:
    """The country of a seed with about so many agencies: about 50 to a portal, 20 at least."""
    chance = random.Random(f"{seed}:country")
    count = max(3, round(agencies / 50))
    places = invented_places(chance, count)
    if count > 8:  # two places of one name in different cities, as 鼓楼区 is in four
        twin = places[1]
        places[-1] = Place(twin.name, places[-1].code, places[-1].city, places[-1].province)
    sites, bodies = {}, []
    for number, place in enumerate(places):
        site = _site(number, place, chance)
        sites[site.id] = site
        size = agencies // count + (number < agencies % count)
        bodies += _county(chance, place, site.id, size, twin=count > 8 and number in (1, count - 1))
    return Country(seed, sites, bodies)


def _site(number: int, place: Place, chance: random.Random) -> Site:
    layout = _LAYOUTS[number % len(_LAYOUTS)]
    crawled_from = beijing(date(FIRST + 1, 1, 2), 7)
    rebuilt_at = None
    if number % 10 == 6:
        crawled_from = beijing(date(ADOPTED_LATE + 1, 2, 22), 7)
    if number % 10 == 3:
        rebuilt_at = beijing(date(REDESIGNED + 1, 4, 14), 7)
    return Site(f"p{place.code}", place, layout, crawled_from, rebuilt_at, chance.choice((1000, 1000, 60)))


def _county(chance: random.Random, place: Place, portal: str, size: int, *, twin: bool) -> list[Body]:
    """The agencies of one place: government, office, departments, two thirds of them all, townships and streets."""

    def body(local: str, organ: str, duty: str, topics: tuple[str, ...], **more: object) -> Body:
        name = f"{place.name}{local}"
        agency = Agency(
            id=f"{place.code}:{local}",
            name=name,
            aliases=(f"{place.city}{name}",),
            region_code=place.code,
            organ=organ,
            duty=duty,
            duty_source=_SOURCES[duty],
            portal=portal,
        )
        lists: dict[str, Literal["government", "department", "town"]] = {
            "government": "government",
            "office": "government",
        }
        lists |= {"township": "town", "street": "town"}
        return Body(agency, place, topics, lists.get(organ, "department"), **more)  # type: ignore[arg-type]

    found = [
        body("人民政府", "government", "art49_government", GOVERNMENT_TOPICS),
        body("人民政府办公室", "office", "no_date", GOVERNMENT_TOPICS),
    ]
    if chance.random() < 0.25 and not twin:
        _one_page(found)
    trades = list(TRADES)
    chance.shuffle(trades)
    trades.sort(key=lambda trade: trade.name not in ("水利局", "文化和旅游局"))  # every place has these two
    towns = invented_towns(chance, max(2, size - 2 - max(8, round(size * 0.62))))
    departments = size - 2 - len(towns) - 3
    found += [body(t.name, "department", "art49_department", t.topics) for t in trades[: min(departments, len(trades))]]
    by_local = {one.agency.id.partition(":")[2]: one for one in found}
    # A joint report, a body that was merged into another, one that has a new name, and one that owes no report.
    culture = by_local["文化和旅游局"]
    covered = body("文物局", "department", "art49_department", culture.topics, publishes=False, kinds=("joint report",))
    covered.agency.covered_by = culture.agency.id
    culture.joint, culture.kinds = covered.agency.name, ("joint report",)
    culture.agency.aliases = (*culture.agency.aliases, culture.name_in(FIRST))
    merged = body("粮食局", "department", "art49_department", ("粮食储备", "粮油检查"), kinds=("merged away",))
    into = found[2 + 2]
    merged.agency.to_year, merged.agency.successors = _MERGED - 1, (into.agency.id,)
    into.agency.predecessors = (merged.agency.id,)
    into.kinds = (*into.kinds, "took over another body")
    renamed = by_local["水利局"]
    renamed.printed[_RENAMED] = f"{place.name}水务局"
    renamed.agency.aliases = (*renamed.agency.aliases, f"{place.name}水务局")
    renamed.kinds = ("renamed",)
    owes_none = body("总工会", "other", "none", ("职工维权", "帮扶"), publishes=False, kinds=("owes no report",))
    found += [covered, merged, owes_none]
    for number, town in enumerate(towns):
        organ, local = ("township", f"{town}人民政府") if number % 3 else ("street", f"{town[:-1]}街道办事处")
        found.append(body(local, organ, "no_date", TOWN_TOPICS))
    return found


def _one_page(found: list[Body]) -> None:
    """The office publishes one report, for itself and for its government."""
    government, office = found
    government.agency.covered_by = office.agency.id
    government.publishes = False
    government.kinds = office.kinds = ("office and government on one page",)
