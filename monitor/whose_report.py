"""Which agency a person means on the command line, and which of its reports."""

from collections.abc import Iterable
from difflib import get_close_matches

from db.archive import Archive
from db.errors import ArchiveError
from db.readings.history import AgencyKey, History, Revision
from monitor.whose import names_of

_NEAR = 3


def find_agency(archive: Archive, history: History, text: str) -> AgencyKey:
    """The agency of a name (with or without its province or city in front), an id or a key.

    Raises ArchiveError where neither a report nor the register has it, and where several have that name.
    """
    agencies = archive.agencies()
    wanted = names_of(agencies).resolve(text)
    found = history.agencies(text) or (history.agencies(wanted) if wanted else [])
    if not found:
        found = [AgencyKey(a.id, a.id, a.name) for a in agencies if a.id in (text, wanted) or a.name == text]
    if len(found) > 1:
        ids = ", ".join(one.key for one in found)
        raise ArchiveError(f"{text}: several agencies have this name; give one of {ids}")
    if not found:
        raise ArchiveError(
            f"{text}: no report of such an agency is in the archive, nor does the register have it"
            f"{near(text, (*history.names(), *(a.name for a in agencies)))}; the view `latest` lists those that are"
        )
    return found[0]


def find_revisions(history: History, agency: AgencyKey, year: int) -> list[Revision]:
    """The revisions of an agency's report for a year. Raises ArchiveError where there is none."""
    revisions = history.revisions(agency.key, year)
    if not revisions:
        have = ", ".join(map(str, history.years(agency.key))) or "none"
        raise ArchiveError(f"{agency.name}: the report for {year} is not in the archive (it has {have})")
    return revisions


def near(text: str, known: Iterable[str]) -> str:
    """Words for an error: the names that are most like one that is not known; "" where none is."""
    names = get_close_matches(text, set(known), n=_NEAR, cutoff=0.6)
    return f" (near: {', '.join(names)})" if names else ""
