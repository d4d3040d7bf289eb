"""Proposals for the register: who published in earlier years, and whom publication notices name. A person confirms."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from crawler.register.checks import mark_fault
from crawler.register.file import row_of
from db.collected.strangers import Mention
from db.records import Agency
from monitor.register.naming import Placed, candidates, duty_of, organ_of, place_name, place_of
from monitor.whose import Whose, names_of
from parsers.names import Names, clean_name

_SAID = {True: "as published", False: "as one that has not published", None: "without saying whether it has published"}


@dataclass(slots=True)
class _Ground:
    """What a proposal rests on. names: as printed, with how often."""

    names: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    years: dict[int, str] = field(default_factory=dict)  # year of a report -> its address
    notices: list[str] = field(default_factory=list)


def proposals(
    mentions: Iterable[Mention],
    claims: Iterable[Mapping[str, Any]],
    register: Sequence[Agency],
    *,
    regions: Mapping[str, str],
    places: Mapping[str, str],
    year: int | None = None,
) -> Iterator[dict[str, str]]:
    """Rows of the register, with `reason`, for agencies that it does not have; by portal, id, name.

    mentions: see db.strangers; claims: see db.claims; both by portal. regions, places: portal -> code, name in front.
    year: only who is named for that reporting year. Whom the register knows by now is not proposed. The duty is empty
    where the kind of body does not make it certain.
    """
    known = {agency.id for agency in register}
    # As documents are read; what a portal's place may be besides, by the register, is a guess good for a proposal.
    reader = Whose(names_of(register), regions, places)
    completer = Whose(Names(), regions, _all_places(regions, places, register))
    named: Iterator[tuple[str, Mention | Mapping[str, Any]]] = merge(
        ((mention.portal or "", mention) for mention in mentions),
        ((claim["portal"], claim) for claim in claims),
        key=itemgetter(0),
    )
    for portal, of_portal in groupby(named, key=itemgetter(0)):
        grounds = _Grounds(portal or None, regions, completer)
        for _, one in of_portal:
            if isinstance(one, Mention):
                is_known = reader.id_of(one.name, one.portal) in known
                if one.kind != "notice" and year in (None, one.year) and not is_known:
                    grounds.add_report(one)
                continue
            is_known = one["agency_id"] in known or reader.id_of(one["unit"], one["portal"]) in known
            if year in (None, one["year"]) and not is_known:
                grounds.add_claim(one)
        rows = [
            _row((key, grounds.portal), grounds.placed[key], one, register, regions.get(portal))
            for key, one in grounds.found.items()
            if key not in known and not any(map(mark_fault, one.names))
        ]
        yield from sorted(rows, key=lambda row: (row["id"] or "~", row["name"]))


class _Grounds:
    """Whom the documents of one portal name, by id or, where that cannot be told, by full name."""

    def __init__(self, portal: str | None, regions: Mapping[str, str], completer: Whose) -> None:
        self.portal = portal
        self.found: dict[str, _Ground] = defaultdict(_Ground)
        self.placed: dict[str, Placed | None] = {}
        self._region = regions.get(portal or "")
        self._completer = completer

    def add_report(self, mention: Mention) -> None:
        ground = self._of(mention.name)
        if mention.year is not None:
            ground.years.setdefault(mention.year, mention.url)

    def add_claim(self, claim: Mapping[str, Any]) -> None:
        about = f" for {claim['year']}" if claim["year"] else ""
        self._of(claim["unit"]).notices.append(
            f"named {_SAID[claim['has_published']]}{about} in the notice {claim['url']}"
        )

    def _of(self, name: str) -> _Ground:
        full = self._completer.name_of(name, self.portal) or name
        place = self._completer.places.get(self.portal or "", "")
        where = place_name(name, region=self._region, place=place) or place_name(full)
        key = where.id if where else clean_name(full)
        self.placed[key] = where
        self.found[key].names[name] += 1
        return self.found[key]


def _all_places(regions: Mapping[str, str], places: Mapping[str, str], register: Sequence[Agency]) -> dict[str, str]:
    return {portal: place_of(region, register) for portal, region in regions.items()} | dict(places)


def _row(
    key: tuple[str, str | None], placed: Placed | None, ground: _Ground, register: Sequence[Agency], region: str | None
) -> dict[str, str]:
    printed = max(ground.names, key=lambda name: ground.names[name])
    name = placed.name if placed else key[0]
    values: dict[str, object] = {"name": name, "portal": key[1] or ""}
    if placed:
        organ = organ_of(placed.id.partition(":")[2])
        duty, source = duty_of(placed.id, organ)
        values |= {"id": placed.id, "region_code": placed.region_code, "organ": organ}
        values |= {"duty": duty, "duty_source": source, "aliases": placed.aliases}
    return row_of(values) | {"reason": _reason(ground, placed, candidates(printed, register, region))}


def _reason(ground: _Ground, placed: Placed | None, near: Sequence[Agency]) -> str:
    parts = []
    if ground.years:
        years = ", ".join(map(str, sorted(ground.years)))
        parts.append(f"published for {years}: {ground.years[max(ground.years)]}")
    parts += dict.fromkeys(ground.notices)
    if placed is None:
        parts.append("its region cannot be told: write id and region_code")
    if near:
        parts.append(f"perhaps another name of {near[0].id} ({near[0].name})")
    return "; ".join(parts)
