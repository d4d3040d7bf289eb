"""The agencies that documents name and the register does not know, each with what it may be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from db.collected.strangers import Mention
from db.records import Agency
from monitor.register.naming import candidates
from monitor.spool import Spool
from monitor.whose import Whose, names_of
from parsers.names import clean_name


@dataclass(slots=True)
class Unknown:
    """An agency that is named on one portal (None: in files that people added).

    name: as printed, completed by the portal's place where that is known. printed: the shortest that was printed.
    agency_id: by the region list alone, None where the name cannot be placed. reports, unread, notices: how many
    documents of each kind name it. years: reporting years. urls: the addresses, once each. near: agencies of the
    register that it may be.
    """

    name: str
    printed: str
    agency_id: str | None
    portal: str | None
    reports: int = 0
    unread: int = 0
    notices: int = 0
    years: list[int] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    near: list[Agency] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """One line of `agency unknown --json`."""
        return {
            "name": self.name, "agency_id": self.agency_id, "portal": self.portal, "reports": self.reports,
            "unread": self.unread, "notices": self.notices, "years": self.years, "urls": self.urls,
            "candidates": [{"id": agency.id, "name": agency.name} for agency in self.near],
        }  # fmt: skip


def unknown_agencies(
    mentions: Iterable[Mention],
    register: Sequence[Agency],
    regions: Mapping[str, str],
    places: Mapping[str, str],
) -> Spool[Unknown]:
    """The agencies behind mentions. Whom the register knows by now is none of them, though their document was read
    before.

    mentions: those of a portal together. register: the agencies that are in it. regions, places: portal -> code of its
    region, place in front of short names.
    """
    whose = Whose(names_of(register), regions, places)
    ids = {agency.id for agency in register}
    found: Spool[Unknown] = Spool()
    for _, of_portal in groupby(mentions, key=lambda mention: mention.portal):
        for one in _of_portal(of_portal, whose, ids):
            found.append(one)
    return found


def most_first(one: Unknown) -> tuple[int, int, str, str]:
    """The order in which they are shown: those with most documents first."""
    return -(one.reports + one.unread), -one.notices, one.portal or "", one.name


def with_candidates(one: Unknown, register: Sequence[Agency], regions: Mapping[str, str]) -> Unknown:
    """The same with the agencies of the register that it may be."""
    one.near = candidates(one.printed, register, regions.get(one.portal or ""))
    return one


def _of_portal(mentions: Iterable[Mention], whose: Whose, ids: set[str]) -> Iterable[Unknown]:
    full: dict[str, str | None] = {}  # name -> full name, None where it is known
    found: dict[str, Unknown] = {}
    for mention in mentions:
        where = mention.name
        if where not in full:
            is_known = whose.id_of(where, mention.portal) in ids
            full[where] = None if is_known else whose.name_of(where, mention.portal)
        name = full[where]
        if name is None:
            continue
        key = clean_name(name)
        one = found.setdefault(key, Unknown(name, mention.name, mention.agency_id, mention.portal))
        one.printed = min(one.printed, mention.name, key=len)
        one.agency_id = one.agency_id or mention.agency_id
        match mention.kind:
            case "report":
                one.reports += 1
            case "unread":
                one.unread += 1
            case _:
                one.notices += 1
        if mention.year is not None and mention.year not in one.years:
            one.years = sorted([*one.years, mention.year])
        if mention.url not in one.urls:
            one.urls.append(mention.url)
    return found.values()
