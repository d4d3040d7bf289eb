"""Whether a name may become one of an agency's."""

from collections.abc import Sequence
from difflib import get_close_matches

from crawler.register.checks import mark_fault
from db.records import Agency
from monitor.whose import names_of
from parsers.names import clean_name, gazetteer


class AliasRefused(Exception):
    """The name cannot become an alias; the sentence says why and what to do."""


def check_alias(name: str, agency_id: str, register: Sequence[Agency]) -> bool:
    """Whether the name is new to the agency. Raises AliasRefused where the agency is not in the register, or where the
    name means another agency too."""
    wanted = clean_name(name)
    agency = next((a for a in register if a.id == agency_id), None)
    if agency is None:
        near = get_close_matches(agency_id, [a.id for a in register], n=2)
        hint = f"perhaps {' or '.join(near)}" if near else "`nianbao agency list` shows all ids"
        raise AliasRefused(f"has no agency {agency_id}; {hint}, `nianbao agency add` makes a new one")
    if not wanted or mark_fault(name.strip()):
        raise AliasRefused(f"{name!r} is no name; write it as it is printed, without `;` and control characters")
    if wanted in {clean_name(one) for one in (agency.name, *agency.aliases)}:
        return False
    for other in register:
        if other.id == agency_id:
            continue
        if wanted in {clean_name(one) for one in (other.name, *other.aliases)}:
            raise AliasRefused(f"{name} is a name of {other.id} already; it cannot mean {agency_id} too")
        if wanted in _short(other):
            raise AliasRefused(
                f"{name} alone means {other.id} ({other.name}) as well; put the place in front, "
                f"as in {place_in_front(agency)}{wanted}"
            )
    meant = names_of(register).resolve(wanted)
    if meant is not None and meant != agency_id and any(meant == a.id for a in register):
        raise AliasRefused(f"{name} already means {meant}, by the places in front of its name; check the id")
    return True


def lacks_place(name: str, register: Sequence[Agency]) -> bool:
    """Whether a name has no place in front, in a register of several regions: it then means its agency on the portals
    of the others too."""
    wanted = clean_name(name)
    if len({agency.region_code for agency in register}) < 2 or gazetteer().split(wanted)[0]:
        return False
    return not any(place and wanted.startswith(place) for place in map(place_in_front, register))


def place_in_front(agency: Agency) -> str:
    """The place that stands in front of an agency's local name; "" where its name does not end in it."""
    local = agency.id.partition(":")[2]
    return agency.name.removesuffix(local) if agency.name.endswith(local) else ""


def _short(agency: Agency) -> set[str]:
    """What is left of an agency's names without its place."""
    place = clean_name(place_in_front(agency))
    names = {clean_name(one) for one in (agency.name, *agency.aliases)}
    found = {name.removeprefix(place) for name in names if place and name.startswith(place)}
    return {name for name in (*found, agency.id.partition(":")[2]) if name}
