"""What a rule about time judges: all that was seen of one agency's report for one reporting year, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from db.records import Agency
from monitor.judging.absence import Absence, Read
from parsers.report import DateCandidate


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
    prose are equal. parser_version: by which it was read."""

    report_id: int
    revision: int
    sha256: str
    content: str
    parser_version: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """One address at which the agency's report for the year stands or stood.

    source: the portal, or "added". column: the list that first led there. listed_at: when a list first showed the
    address; None where none did, or where the address is older than the year in which the report is due (then it
    carried something else before). first_seen_at, last_seen_at: of a document there. kind: None for a report that was
    read, else why it could not be (as in Unread). looks: visits to the address and to the page it hangs on, oldest
    first. revisions: oldest first, none of what could not be read.
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

    @property
    def shown_at(self) -> datetime:
        """The first moment at which we know it to be public."""
        return min(self.listed_at, self.first_seen_at) if self.listed_at else self.first_seen_at


class NoticeClaim(NamedTuple):
    """What a notice of a site says of this agency's report for this year."""

    url: str
    sha256: str
    seen_at: datetime
    unit: str
    has_published: bool | None
    link: str | None


@dataclass(frozen=True, slots=True)
class Season:
    """All that was seen of one agency's report for one year.

    absence: its state by the reads. reads: of the columns of its portal, oldest first, all of them up to now.
    publications: oldest first; those of agencies whose report counts for this one included. claims: of the notices as
    they are now. is_reformed: it was merged, split, renamed or ended in this year or since, by the register: what is
    gone then has gone with it.
    """

    agency: Agency
    year: int
    now: datetime
    absence: Absence
    reads: Sequence[Read] = ()
    publications: tuple[Publication, ...] = ()
    claims: tuple[NoticeClaim, ...] = ()
    is_reformed: bool = False

    @property
    def agency_id(self) -> str:
        return self.agency.id

    @property
    def agency_name(self) -> str:
        return self.agency.name
