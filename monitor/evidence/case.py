"""What belongs together in a bundle of evidence: collected from the archive, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.outcomes.verdict import sniff
from db.archive import Archive
from db.collected.manifests import Manifest, Reach
from db.collected.visits import SeenVisit
from db.errors import DocumentGivenUpError, DocumentMissingError
from db.evidence import ColumnReadRow, DocumentRow, ReportRow, SightingRow
from db.readings.corrections import Correction
from db.records import StoredReport, Visit
from monitor.calendar import beijing_day
from monitor.evidence.standing import Standing, standing_of
from monitor.evidence.target import Target

_NOT_MODIFIED = 304
_COMPLETE = ("ok", "unchanged")
_MOST_LINKS_OF_CHAIN = 400  # manifests taken along from a day to the next time stamp
_ENDINGS = ("html", "htm", "pdf", "doc", "docx", "wps", "xls", "xlsx", "et", "ofd", "txt", "zip", "rar", "json", "xml")
_BY_KIND = {"html": "html", "pdf": "pdf", "image": "img", "text": "txt", "rar": "rar", "rtf": "rtf", "zip": "zip"}


@dataclass(slots=True)
class Look:
    """One visit of the timeline. file: its text in the bundle. manifest: the day of the manifest that lists it. origin:
    for a visit that brought no bytes of its own, the time at which those that are kept came."""

    number: int
    visit: Visit
    file: str
    manifest: str | None = None
    origin: datetime | None = None

    @property
    def is_same_entries(self) -> bool:
        """A list that came with other bytes and the same entries: its bytes were not kept."""
        return self.visit.body_sha256 is not None and self.visit.body_sha256 != self.visit.sha256

    @property
    def is_pretended(self) -> bool:
        """Of a crawl that played another day: its time is not that at which it was made."""
        return (self.visit.network or {}).get("clock") == "pretended"

    @property
    def is_rendered(self) -> bool:
        """Its document is the page as a browser showed it, and not the bytes that came."""
        return "page" in (self.visit.network or {})


@dataclass(slots=True)
class Kept:
    """A document of the bundle. file: None where the archive has lost its bytes, which `lost` then says, or where it
    is on the takedown list (is_withheld)."""

    row: DocumentRow
    file: str | None
    addresses: list[str]
    lost: str | None = None
    is_withheld: bool = False
    given_up: str | None = None  # the day on which the rules of retention gave its bytes up


@dataclass(slots=True)
class Read:
    """A read of a column. is_linked: the archive has the visit of each page; looks: these, else the visits to the list
    that fall into its time. lists: the files with what its pages listed, one for all of them where it is not linked.
    is_ground: the finding rests on it."""

    row: ColumnReadRow
    portal: str
    looks: list[Look]
    lists: list[str]
    is_linked: bool
    is_ground: bool

    @property
    def found(self) -> int:
        """How many of its pages have a visit."""
        return len({look.visit.url for look in self.looks})

    @property
    def is_complete(self) -> bool:
        """Every page was obtained, and the visits show it."""
        return self.row.outcome in _COMPLETE and self.found >= self.row.asked


@dataclass(slots=True)
class Case:
    """A bundle's contents. agency, year: of the finding or the report; of a document that could not be read as one its
    title, and 0. reports: with their figures, None for one that is gone from the archive meanwhile. corrections: those
    that hold, by the id of the report. columns: whose
    reads belong to it, all of them. lists: file -> text. manifests: oldest first, those that only lead to the next time
    stamp included. names_paths: some manifest names the folders of a machine on which files were added by hand.
    standing: of the finding."""

    name: str
    agency: str
    year: int
    finding: dict[str, Any] | None
    events: list[tuple[str, datetime]]
    names: list[str]  # of the agency, for looking through lists
    reports: list[tuple[ReportRow, StoredReport]] = field(default_factory=list)
    corrections: dict[int, list[Correction]] = field(default_factory=dict)
    sightings: list[SightingRow] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    documents: dict[str, Kept] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    manifests: list[Manifest] = field(default_factory=list)
    names_paths: bool = False
    standing: Standing | None = None

    @property
    def pretended(self) -> int:
        """How many visits have a pretended time."""
        return sum(look.is_pretended for look in self.looks)

    @property
    def rendered(self) -> int:
        """How many visits have the page as a browser showed it for a document."""
        return sum(look.is_rendered for look in self.looks)


def collect(archive: Archive, target: Target, columns: Iterable[str] = ()) -> Case:
    """Everything that the archive has to show for a target. Nothing is left out because it is unfavourable: all visits
    to the addresses and all reads of the columns are there, whatever came of them and whenever they were made.

    columns: those that could carry the report, beside the ones that the finding names; see columns.carrying.
    """
    evidence = archive.evidence
    case = _empty(archive, target)
    rows = _report_rows(archive, target)
    case.reports = [(row, stored) for row in rows if (stored := evidence.report(row.id)) is not None]
    case.corrections = {row.id: archive.corrections.of_report(row.id) for row, _ in case.reports}
    shas = {row.sha256 for row in rows} | {s.sha256 for s in target.sightings}
    named = [place for place in (target.finding or {}).get("places", []) if place.get("sha256")]
    shas |= {place["sha256"] for place in named}  # also where it is read as another report by now
    if target.finding and target.finding["rule"] == "published-unread" and target.finding["agency_id"]:
        shas |= set(evidence.unread(target.finding["agency_id"], case.year))
    case.sightings = _sightings(archive, rows, shas)
    addresses = {row.url for row in rows} | {u for s in case.sightings for u in (s.url, s.page_url)}
    addresses |= {place["source"] for place in named if place.get("source")}
    grounds = _grounds(target)
    case.columns = sorted({column for column, _ in grounds} | set(columns))
    reads = evidence.column_reads(case.columns)
    of_reads = {read.id: _page_visits(archive, read) for read in reads}
    addresses |= set(case.columns) | {v.visit.url for found in of_reads.values() for v in found}
    seen = {v.id: v for v in evidence.visits_to(addresses)}
    origins = {number: _origin(archive, visit) for number, visit in seen.items()}
    seen |= {origin.id: origin for origin in origins.values() if origin is not None}
    _add_looks(case, seen, origins)
    by_id = dict(zip((v.id for v in _in_order(seen)), case.looks, strict=True))
    for read in reads:
        looks = [by_id[v.id] for v in of_reads[read.id]]
        _add_read(archive, case, read, looks, is_ground=(read.column, read.at) in grounds)
    _add_documents(archive, case, shas)
    _add_manifests(archive, case, _in_order(seen))
    case.names_paths = any(look.visit.url.startswith("file:") for look in case.looks) or any(
        b"\tadded\tfile:" in archive.get_document(manifest.sha256) for manifest in case.manifests
    )
    return case


def _empty(archive: Archive, target: Target) -> Case:
    if target.finding is not None:
        f = target.finding
        agency = archive.agency(f["agency_id"])
        names = [agency.name, *agency.aliases] if agency else [f["agency"]]
        events = archive.evidence.finding_events(f["fingerprint"])
        name, standing = f"evidence-{f['fingerprint']}", standing_of(archive, f)
        return Case(name, f["agency"], f["year"], f, events, names, standing=standing)
    if target.reports:
        first = target.reports[0]
        return Case(f"evidence-report-{first.id}", first.agency, first.year, None, [], [first.agency])
    seen = target.sightings[0]
    name = seen.title or seen.url.rpartition("/")[2] or seen.url
    return Case(f"evidence-{seen.sha256[:12]}", name, 0, None, [], [])


def _report_rows(archive: Archive, target: Target) -> list[ReportRow]:
    """The reports that a target rests on: those that its places name, or all of an agency and year."""
    if target.finding is None:
        return target.reports
    rows: dict[int, ReportRow] = {}
    for place in target.finding["places"]:
        if not place.get("sha256"):
            continue
        found = archive.evidence.reports(sha256=place["sha256"], year=place["year"])
        own = [row for row in found if row.agency_key == target.finding["agency_key"]] or found
        named = [row for row in own if row.url == place.get("source")] or own
        rows |= {row.id: row for row in named}
    return sorted(rows.values(), key=lambda row: (-row.year, row.source, row.url, row.revision))


def _sightings(archive: Archive, rows: list[ReportRow], shas: set[str]) -> list[SightingRow]:
    urls = {row.url for row in rows}
    seen = archive.evidence.sightings(urls=urls, sha256s=shas)
    return [s for s in seen if s.url in urls or s.sha256 in shas]


def _grounds(target: Target) -> set[tuple[str, datetime]]:
    """Column and moment of the reads that a finding rests on."""
    places = [p["place"] for p in (target.finding or {}).get("places", []) if p.get("place")]
    return {(p["column"], datetime.fromisoformat(p["read_at"])) for p in places if "read_at" in p}


def _is_linked(read: ColumnReadRow) -> bool:
    return len(read.pages) >= read.asked and all(page.visit is not None for page in read.pages)


def _page_visits(archive: Archive, read: ColumnReadRow) -> list[SeenVisit]:
    """The visits of a read's pages; where the archive has no such link, those to list pages below the column that fall
    into its time."""
    linked = [page.visit for page in read.pages if page.visit is not None]
    if _is_linked(read):
        return linked
    known = {visit.id for visit in linked}
    below = [v for v in archive.evidence.list_visits(read) if _is_below(v.visit.url, read.column)]
    return linked + [visit for visit in below if visit.id not in known]


def _is_below(url: str, column: str) -> bool:
    """Whether an address lies in the folder of a column."""
    one, other = urlsplit(url), urlsplit(column)
    return one.netloc == other.netloc and one.path.startswith(other.path.rpartition("/")[0] + "/")


def _origin(archive: Archive, seen: SeenVisit) -> SeenVisit | None:
    """The visit that brought the bytes which this one only found unchanged."""
    visit = seen.visit
    if visit.sha256 is None or (visit.status != _NOT_MODIFIED and visit.body_sha256 is None):
        return None
    return archive.evidence.origin(seen)


def _in_order(seen: dict[int, SeenVisit]) -> list[SeenVisit]:
    return sorted(seen.values(), key=lambda v: (v.visit.at, v.id))


def _add_looks(case: Case, seen: dict[int, SeenVisit], origins: dict[int, SeenVisit | None]) -> None:
    for number, (visit_id, visit) in enumerate(_in_order(seen), start=1):
        origin = origins.get(visit_id)
        file = f"visits/{number:04}-{visit.at:%Y%m%dT%H%M%SZ}-{visit.kind}.txt"
        case.looks.append(Look(number, visit, file, origin=origin.visit.at if origin else None))


def _add_read(archive: Archive, case: Case, read: ColumnReadRow, looks: list[Look], *, is_ground: bool) -> None:
    lists = []
    for page in read.pages:
        file = f"lists/{page.links_hash[:12]}.json"
        case.lists[file] = page.links
        lists.append(file)
    portal = archive.evidence.portal_name(read.portal) or read.portal
    case.reads.append(Read(read, portal, looks, lists, _is_linked(read), is_ground))


def _add_documents(archive: Archive, case: Case, shas: set[str]) -> None:
    """Every document that a look of the timeline or a report names, with a readable file name."""
    addresses: dict[str, list[str]] = {sha: [] for sha in sorted(shas)}
    for look in case.looks:
        if look.visit.sha256 is not None:
            known = addresses.setdefault(look.visit.sha256, [])
            if look.visit.url not in known:
                known.append(look.visit.url)
    years = {row.sha256: row.year for row, _ in case.reports}  # in the order in which the page speaks of them
    kinds = {look.visit.sha256: look.visit.kind for look in case.looks}
    rows = archive.evidence.documents(addresses)
    rank = {sha256: number for number, sha256 in enumerate(years)}
    order = sorted(rows, key=lambda sha256: (rank.get(sha256, len(rank)), rows[sha256].first_seen_at, sha256))
    for sha256 in order:
        row, at = rows[sha256], rows[sha256].first_seen_at
        what = f"report-{years[sha256]}" if sha256 in years else f"{kinds.get(sha256, 'document')}-{at:%Y-%m-%d}"
        try:
            ending = _ending(archive.get_document(sha256), addresses[sha256])
            case.documents[sha256] = Kept(row, f"documents/{sha256[:12]}-{what}.{ending}", addresses[sha256])
        except DocumentGivenUpError as error:
            case.documents[sha256] = Kept(row, None, addresses[sha256], given_up=error.day)
        except DocumentMissingError as error:
            why = str(error).partition("; ")[0].rpartition(": ")[2]
            case.documents[sha256] = Kept(row, None, addresses[sha256], why)


def _ending(data: bytes, addresses: list[str]) -> str:
    """The ending of a document's file: of what it is; where that says little, as its address has it."""
    kind = sniff(data)
    if kind in ("html", "pdf", "rar", "rtf"):
        return _BY_KIND[kind]
    for address in addresses:
        written = urlsplit(address).path.rpartition(".")[2].lower()
        if written in _ENDINGS:
            return written
    return _BY_KIND.get(kind, "bin")


def _add_manifests(archive: Archive, case: Case, seen: list[SeenVisit]) -> None:
    """The manifests that list the timeline's visits, and those that lead from them to the next time stamp."""
    listed = archive.manifests.listed()
    reaches = [archive.manifests.reach(manifest) for manifest in listed]
    needed: set[int] = set()
    for look, visit in zip(case.looks, seen, strict=True):
        place = _manifest_of(visit, listed, reaches)
        if place is not None:
            look.manifest = listed[place].day.isoformat()
            stamped = next((n for n in range(place, len(listed)) if listed[n].token is not None), place)
            needed |= set(range(place, stamped + 1)) if stamped - place < _MOST_LINKS_OF_CHAIN else {place}
    case.manifests = [listed[place] for place in sorted(needed)]


def _manifest_of(seen: SeenVisit, listed: list[Manifest], reaches: list[Reach]) -> int | None:
    day = beijing_day(seen.visit.at)
    return next((n for n, m in enumerate(listed) if m.day >= day and reaches[n].visits >= seen.id), None)
