"""Who there is in the country: governments, offices, departments and towns, with their duties and their roles."""

import random
from dataclasses import dataclass

from crawler.sandbox.faults import FAULTS, IDENTITY_FAULTS, INNOCENT
from crawler.sandbox.names import (
    COVERED_NAME,
    COVERING_TRADE,
    GOVERNMENT_TOPICS,
    TOWN_TOPICS,
    TRADES,
    Place,
    Trade,
    invented_places,
    invented_towns,
)
from db.records import Agency

DUTY_SOURCES = {
    "art49_department": "政府信息公开条例 (2019), Article 49, paragraph 1",
    "art49_government": "政府信息公开条例 (2019), Article 49, paragraph 2",
    "no_date": "",
}
LARGEST_COUNTY = 34
_WE = {"government": "县政府", "office": "本办公室", "department": "我局", "township": "我镇"}


@dataclass(slots=True)
class Member:
    """One agency and what the plot has in store for it.

    place: where it belongs. topics: what it writes about. role: a fault of FAULTS, a look-alike of INNOCENT,
    "silent-town", "covered", "covering" or "" for the ordinary.
    """

    agency: Agency
    place: Place
    topics: tuple[str, ...]
    role: str = ""

    @property
    def we(self) -> str:
        """How it calls itself in prose."""
        return _WE[self.agency.organ]


def cast(chance: random.Random, *, agencies: int, portals: int, faults: int) -> tuple[list[Place], list[Member]]:
    """The places (one portal each) and all agencies with their roles.

    agencies: how many in all. portals: how many counties at least; there are more where a county would have more than
    34 agencies. faults: how often each kind of fault is cast. Raises ValueError if there are too few agencies for it.
    """
    counties = max(portals, -(-agencies // LARGEST_COUNTY))
    places = invented_places(chance, counties)
    members: list[Member] = []
    for number, place in enumerate(places):
        size = agencies // counties + (number < agencies % counties)
        members += _county(chance, place, size, with_joint_report=number == 0)
    ordinary = [m for m in members if m.agency.duty == "art49_department" and not m.role]
    roles = [role for role in FAULTS for _ in range(faults)] + list(INNOCENT)
    if len(ordinary) < len(roles):
        raise ValueError(
            f"{agencies} agencies have {len(ordinary)} departments to spare, but {len(roles)} are needed for {faults} "
            f"of each fault and the look-alikes; ask for about {agencies + len(roles) - len(ordinary)} agencies or more"
        )
    for member, role in zip(chance.sample(ordinary, len(roles)), roles, strict=True):
        member.role = role
    return places, members


def wants_applications(role: str) -> bool:
    """Whether a role needs an agency with a fair number of applications."""
    return role in IDENTITY_FAULTS or role == "sections"


def _county(chance: random.Random, place: Place, size: int, *, with_joint_report: bool) -> list[Member]:
    towns = max(2 if with_joint_report else 1, size // 8, size - 2 - len(TRADES) - with_joint_report)
    departments = size - 2 - towns
    if departments < 2 + with_joint_report:
        raise ValueError(f"a county of {size} agencies is too small; ask for at least 8 for each portal")
    government = Trade("人民政府", "", GOVERNMENT_TOPICS)
    office = Trade("人民政府办公室", "政府办", GOVERNMENT_TOPICS)
    members = [
        _member(place, government, "government", "art49_government", aliases=(place.name,)),
        _member(place, office, "office", "no_date"),
    ]
    trades = list(TRADES)
    chance.shuffle(trades)
    if with_joint_report:
        covering = next(trade for trade in trades if trade.name == COVERING_TRADE)
        joint = f"{place.name}{COVERING_TRADE}、{place.name}{COVERED_NAME}"
        members.append(_member(place, covering, "department", "art49_department", aliases=(joint,), role="covering"))
        covered = Trade(COVERED_NAME, "", covering.topics)
        members.append(_member(place, covered, "department", "art49_department", role="covered"))
        trades.remove(covering)
        departments -= 2
    members += [_member(place, trade, "department", "art49_department") for trade in trades[:departments]]
    for number, name in enumerate(invented_towns(chance, towns)):
        role = "silent-town" if with_joint_report and not number else ""
        members.append(_member(place, Trade(f"{name}人民政府", name, TOWN_TOPICS), "township", "no_date", role=role))
    return members


def _member(
    place: Place, trade: Trade, organ: str, duty: str, *, aliases: tuple[str, ...] = (), role: str = ""
) -> Member:
    name = f"{place.name}{trade.name}"
    short = (f"{place.name}{trade.short}",) if trade.short else ()
    agency = Agency(
        id=f"{place.code}:{trade.name}",
        name=name,
        aliases=(*short, f"{place.city}{name}", *aliases),
        region_code=place.code,
        organ=organ,
        duty=duty,
        duty_source=DUTY_SOURCES[duty],
        portal=f"county_{place.code}",
    )
    return Member(agency, place, trade.topics, role)
