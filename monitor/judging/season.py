"""What a rule about time judges: all that was seen of one agency's report for one reporting year, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from db.records import Agency
from monitor.judging.absence import Absence, Read
from parsers.report import DateCandidate, Report


class Look(NamedTuple):
    """One visit to an address of a publication. kind: detail or attachment. outcome: as in db.records.Outcome."""

    url: str
    kind: str
    at: datetime
    outcome: str
    status: int | None
    sha256: str | None


class RevisionSeen(NamedTuple):
    """One content of a report, in the order in which they were seen. content: equal where figures, form, title and
    prose are equal. sha256, parser_version: of the reading that its figures come from."""

    report_id: int
    revision: int
    sha256: str
    content: str
    parser_version: str
    first_seen_at: datetime
    last_seen_at: datetime


_PLAIN = ("ok", "unchanged", "gone")


@dataclass(frozen=True, slots=True)
class Publication:
    """One address at which the agency's report for the year stands or stood.

    owner: whose report it is kept as: the agency's own, or of one whose report counts for it; None where it was not
    read. source: the portal, or "added". column: the list that first led there. listed_at: when a list first showed the
    address; None where none did, or where the address is older than the year in which the report is due (then it
    carried something else before). first_seen_at, last_seen_at: of a document there. kind: None for a report that was
    read, else why it could not be (as in Unread). looks: visits to the address and to the page it hangs on, oldest
    first. revisions: oldest first, none of what could not be read. files: what an unread page links as its report.
    """

    source: str
    url: str
    page_url: str
    column: str | None
    title: str | None
    listed_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    sha256: str
    kind: str | None = None
    listed_on: str | None = None
    dates: tuple[DateCandidate, ...] = ()
    looks: tuple[Look, ...] = ()
    revisions: tuple[RevisionSeen, ...] = ()
    owner: str | None = None
    files: tuple[str, ...] = ()

    @property
    def own_looks(self) -> tuple[Look, ...]:
        """The looks at the address itself that say plainly whether it is there: what was blocked, has failed or was not
        understood says nothing."""
        return tuple(look for look in self.looks if look.url == self.url and look.outcome in _PLAIN)

    @property
    def shown_at(self) -> datetime:
        """The first moment at which we know it to be public."""
        return min(self.listed_at, self.first_seen_at) if self.listed_at else self.first_seen_at


class NoticeClaim(NamedTuple):
    """What a notice of a site says of this agency's report for this year. first_seen_at: when a notice was first seen
    at its address; None if that is not known, and it may have been at any time."""

    url: str
    sha256: str
    seen_at: datetime
    unit: str
    has_published: bool | None
    link: str | None
    first_seen_at: datetime | None = None


class CopySeen(NamedTuple):
    """The bytes of one of the publications at another address, of whatever agency and year. is_gone: that address said
    so when it last said anything plainly."""

    source: str
    url: str
    last_seen_at: datetime
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """What is known besides of a report whose address is gone: whether it is the address alone, or the site.

    since: the first look that says so, with none after that says otherwise. gone_with, alive: other agencies' addresses
    of the source that turned gone within two weeks of it; that answered since. listed_before, listed_still: other
    reports that its column showed together with it, by address; those of them that it shows still. copies: the same
    bytes elsewhere. kept: the documents of the publications whose bytes are kept. is_mentioned, is_searched: whether
    the agency's name stands in the bytes of the lists since, and whether all of them could be searched.
    """

    since: datetime
    gone_with: int = 0
    alive: int = 0
    listed_before: int = 0
    listed_still: int = 0
    copies: tuple[CopySeen, ...] = ()
    kept: frozenset[str] = frozenset()
    is_mentioned: bool = False
    is_searched: bool = False


@dataclass(frozen=True, slots=True)
class Season:
    """All that was seen of one agency's report for one year.

    absence: its state by the reads. reads: of the columns of its portal, oldest first, all of them up to now.
    publications: oldest first; those of agencies whose report counts for this one included. claims: of the notices as
    they are now. is_reformed: it was merged, split, renamed or ended in this year or since, by the register: what is
    gone then has gone with it. contents: report_id -> the report, of those that are to be compared: several revisions
    of one address, several addresses with different figures. gone: where the address of a publication is gone.
    """

    agency: Agency
    year: int
    now: datetime
    absence: Absence
    reads: Sequence[Read] = ()
    publications: tuple[Publication, ...] = ()
    claims: tuple[NoticeClaim, ...] = ()
    is_reformed: bool = False
    contents: Mapping[int, Report] = field(default_factory=dict)
    gone: Gone | None = None

    @property
    def agency_id(self) -> str:
        return self.agency.id

    @property
    def agency_name(self) -> str:
        return self.agency.name
