"""What goes into the archive and comes out of it, as plain values.

Every time is a timezone-aware datetime in UTC; every date without a time is ISO text (YYYY-MM-DD).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from parsers.report import Report

Outcome = Literal["ok", "unchanged", "empty", "blocked", "gone", "failed", "unknown"]
VisitKind = Literal["robots", "list", "detail", "attachment", "added"]
Change = Literal["new", "revised", "unchanged"]

ADDED = "added"
UNRESOLVED = "?:"


def agency_key(agency_id: str | None, agency: str) -> str:
    """The key under which an agency's reports and findings are kept: its id; for an agency that the register does
    not know, `?:` and the printed name, so that it is never taken for another by guess."""
    return agency_id if agency_id is not None else UNRESOLVED + agency


def source_of(portal: str | None) -> str:
    """The source of what was read: the portal, or `added` for what a person put in."""
    return portal if portal is not None else ADDED


@dataclass(slots=True)
class Visit:
    """One look at one URL. Key: url, time and kind.

    status: HTTP status, None where there was no answer. evidence: what the outcome rests on, in a few words.
    sha256: the document that came back, if its bytes are in the archive. network: from where and how it was asked:
    {"from": the deployment's own words, "via": "direct" or "proxy NAME", "server": its IP address, "tls": "verified",
    "not verified" or null, "clock": "pretended" where the times are those of a crawl that plays another day}; of a page
    that a browser has shown also "by": "browser", "browser": its name and version, "page": the SHA-256 of the page as
    it came, in whose place the rendered one is kept.
    redirects: (status, URL that answered it) on the way to final_url. requests: sent for this visit, redirects and
    retries included. body_sha256: of the bytes that came where an equivalent document is kept in
    their place. signature: of a list page: what it says, without counters.
    """

    portal: str | None
    url: str
    kind: VisitKind
    at: datetime
    status: int | None
    outcome: Outcome
    evidence: str | None = None
    final_url: str | None = None
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    sha256: str | None = None
    crawl_id: int | None = None
    network: dict[str, str | None] | None = None
    redirects: list[tuple[int, str]] = field(default_factory=list)
    requests: int = 1
    body_sha256: str | None = None
    signature: str | None = None


class Look(NamedTuple):
    """What the archive has of the last good look at a URL, to ask whether it still holds.

    sha256: the document. etag, last_modified: the validators of the last whole answer, as sent. signature: of a list
    page, what it said; see Visit.
    """

    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    signature: str | None = None


class Crawl(NamedTuple):
    """A crawl that has begun. resumed: it was begun by a process that did not end it."""

    id: int
    portal: str
    started_at: datetime
    resumed: bool = False


@dataclass(slots=True)
class Address:
    """One address of a portal's frontier: where a list led, or a file that such a page links.

    part: how it is fetched. kind: "report", or the kind of neighbour. page_url: the list entry, or the page that
    links the file. year: of the report, where title or column say it. due_at: the next visit, None for never.
    failures: visits in a row that did not show it (refused, failed, gone). outcome, visited_at: of the last visit.
    """

    portal: str
    url: str
    part: Literal["page", "attachment"]
    kind: str
    page_url: str
    column_url: str
    title: str | None
    listed_on: str | None
    agency_hint: str | None
    year: int | None
    found_at: datetime
    due_at: datetime | None
    visits: int = 0
    failures: int = 0
    outcome: Outcome | None = None
    visited_at: datetime | None = None


@dataclass(slots=True)
class Neighbour:
    """A document of another kind beside the reports, as seen at an address: kept, not read as a report.

    kind: publication_notice, website_form, enforcement_statistics. seen_at: of this look; of a neighbour that comes
    out of the archive, of the last one.
    """

    portal: str
    page_url: str
    url: str
    kind: str
    title: str | None
    listed_on: str | None
    sha256: str
    seen_at: datetime
    first_seen_at: datetime | None = None
    visit_id: int | None = None


@dataclass(slots=True)
class ListedLink:
    """One entry of a column: its address, its title as printed, and the date printed beside it."""

    url: str
    title: str
    listed_on: str | None = None


class ListedPage(NamedTuple):
    """One page of a column read: the visit that it rests on (None for reads of the first schema) and its links, kept
    before under `links_hash`."""

    visit_id: int | None
    links_hash: str


@dataclass(slots=True)
class ColumnRead:
    """One complete look at one column of a portal, over all its pages.

    column: its URL. outcome: "ok" only if every page was read. links: in the order of the list; those of all pages
    together when read, and not needed for writing where `listing` names the pages.
    """

    portal: str
    column: str
    at: datetime
    outcome: Outcome
    pages: int
    links: list[ListedLink] = field(default_factory=list)
    listing: list[ListedPage] = field(default_factory=list, compare=False)


@dataclass(slots=True)
class Sighting:
    """A document that may be a report, as seen at an address.

    portal: None for what a person added. page_url: the page that carries or links it. seen_at: when these bytes were
    first seen at this address (in a row; A, then B, then A again are three sightings).
    """

    portal: str | None
    page_url: str
    url: str
    part: Literal["page", "attachment"]
    title: str | None
    listed_on: str | None
    sha256: str
    seen_at: datetime
    visit_id: int | None = None
    agency_hint: str | None = None

    @property
    def source(self) -> str:
        return source_of(self.portal)


@dataclass(slots=True)
class Agency:
    """An authority of the register.

    id: "<region_code>:<local name>". duty: art49_department, art49_government, no_date or none. from_year, to_year:
    the reporting years in which it existed, None where open. predecessors, successors: ids. supervisor, parent: ids; a
    parent is not always that of the region. covered_by: the id of the agency whose report is this one's too.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    region_code: str = ""
    organ: str = ""
    duty: str = "no_date"
    duty_source: str = ""
    from_year: int | None = None
    to_year: int | None = None
    portal: str | None = None
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    supervisor: str | None = None
    parent: str | None = None
    covered_by: str | None = None


@dataclass(slots=True)
class Finding:
    """A rule's claim about an agency, a year and figures.

    figure: the main one, None where it is about the report. observed: as printed; expected: as computed. places:
    [{year, sha256, figure, place}]. told: False for what is shown but not sent. confirmed: False while it rests on a
    single fetch, which a second look may confirm.
    """

    rule: str
    kind: str
    severity: str
    certainty: str
    basis: str
    agency_id: str | None
    agency: str
    year: int
    figure: str | None
    figures: list[str]
    observed: Any
    expected: Any
    sentence_zh: str
    sentence_en: str
    places: list[dict[str, Any]] = field(default_factory=list)
    told: bool = True
    confirmed: bool = True

    @property
    def fingerprint(self) -> str:
        """16 hex digits that stay the same as long as the claim is about the same rule, agency, year and figure."""
        parts = (self.rule, self.agency_id or self.agency, str(self.year), self.figure or "")
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    @property
    def key(self) -> tuple[str, int]:
        """Agency key and year: the unit in which findings are judged."""
        return agency_key(self.agency_id, self.agency), self.year


@dataclass(slots=True)
class Message:
    """What one subscriber is to be told on one channel. Key: subscriber, channel, fingerprint and event.

    fingerprint: of the finding; of any other message what it is about. document: (file name, text) of a file that goes
    with it, which has what is too long for a message.
    """

    subscriber: str
    channel: str
    fingerprint: str
    event: str
    text: str
    document: tuple[str, str] | None = None


@dataclass(slots=True)
class Stored:
    """What became of a report that was handed in: its row, its revision (from 1), and what that means."""

    report_id: int
    revision: int
    change: Change


@dataclass(slots=True)
class StoredReport:
    """One report as the archive keeps it.

    agency: the canonical name, or the printed one while agency_id is None. sha256: the document it was read from.
    revision: from 1, in the order in which the contents were seen. first_seen_at: when this content was first seen.
    bodies: the other agencies of the register whose report it is by its printed name (a joint report).
    """

    id: int
    agency_id: str | None
    agency: str
    year: int
    source: str
    url: str
    sha256: str
    revision: int
    first_seen_at: datetime
    report: Report
    bodies: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        return agency_key(self.agency_id, self.agency)
