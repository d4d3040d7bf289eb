"""Reading what is new: documents that wait become reports, or are kept as what could not be read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import tee
from pathlib import Path

from db.archive import Archive
from db.collected.documents import DocumentStore
from db.errors import DocumentMissingError
from db.readings import bulk, packing
from db.records import Agency, Sighting
from db.times import to_text
from monitor.notices import read_notices
from monitor.processes import in_processes
from monitor.reading import CRASHED, read_bytes
from monitor.whose import Whose, listed_year, names_of
from parsers.dates import dates_beside
from parsers.errors import UnreadableDocument
from parsers.read import PARSER_VERSION
from parsers.report import Report
from parsers.titles import read_title

_AT_ONCE = 200  # sightings, reports or states at a time


@dataclass(slots=True)
class Reading:
    """What became of the documents that were waiting: reports new, revised, unchanged; documents unread. lost: of those
    whose bytes are not there: they keep their last reading, and wait."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)  # (url, sentence)
    lost: list[str] = field(default_factory=list)  # sentences


def read_waiting(
    archive: Archive,
    *,
    regions: dict[str, str] | None = None,
    places: dict[str, str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read every document that this version of the parser has not read, and keep what it says.

    regions: portal -> code of its region, to tell agencies of one name apart. places: portal -> the place in front of
    short agency names.
    """
    waiting = archive.waiting(PARSER_VERSION)
    agencies = archive.agencies()
    whose = Whose(names_of(agencies), regions or {}, places or {})
    keeper = _BatchKeeper(archive, whose, {agency.id: agency.name for agency in agencies})
    del agencies  # a country's are many, and what is needed of them is known
    for number, (sighting, outcome) in enumerate(_outcomes(archive, waiting), start=1):
        if isinstance(outcome, DocumentMissingError):  # one lost file must not keep all others from being read
            keeper.reading.lost.append(str(outcome))
        else:
            keeper.keep(sighting, outcome)
        if on_progress:
            on_progress(number, len(waiting))
    keeper.store()
    if keeper.reading.new or keeper.reading.revised:
        archive.search.tidy()
    # A page is not unread whose attachment was read, and the other way round.
    unread = {row["url"] for row in archive.each_unread(urls={url for url, _ in keeper.reading.unread})}
    keeper.reading.unread = [(url, sentence) for url, sentence in keeper.reading.unread if url in unread]
    read_notices(archive, whose)
    return keeper.reading


def _outcomes(
    archive: Archive, waiting: Sequence[int]
) -> Iterator[tuple[Sighting, Report | UnreadableDocument | DocumentMissingError]]:
    sightings, ahead = tee(
        sighting
        for start in range(0, len(waiting), _AT_ONCE)
        for sighting in archive.sightings(waiting[start : start + _AT_ONCE])
    )
    # The processes take the documents from the disk themselves: their bytes never pass through this one.
    documents = ((archive.documents.archive, sighting.sha256) for sighting in ahead)
    return zip(sightings, in_processes(_read_document, documents, _crashed), strict=True)


def _read_document(document: tuple[Path, str]) -> Report | UnreadableDocument | DocumentMissingError:
    """Read one document of an archive, or say why it is not there. Runs in any process."""
    archive, sha256 = document
    try:
        return read_bytes(DocumentStore(archive).read(sha256))
    except DocumentMissingError as error:
        return error


def _crashed(document: tuple[Path, str]) -> UnreadableDocument:
    return UnreadableDocument(CRASHED)


@dataclass(slots=True)
class Keeper:
    """Puts what was read into the archive: a report under its agency and year, all else as unread."""

    archive: Archive
    whose: Whose
    names: dict[str, str]  # id -> canonical name, of every agency that the archive knows
    reading: Reading = field(default_factory=Reading)

    def keep(self, sighting: Sighting, outcome: Report | UnreadableDocument) -> None:
        if isinstance(outcome, Report):
            _complete(outcome, sighting)
            agency_id, agency = self._whose(outcome, sighting)
            if outcome.year is not None and agency:
                self._keep_report(sighting, outcome, agency_id, agency)
                return
            lacking = "for which year" if outcome.year is None else "whose"
            outcome = UnreadableDocument(
                f"neither its title nor its text says {lacking} the report is; add it by hand with what you know"
            )
        self._keep_unread(sighting, outcome)

    def _whose(self, report: Report, sighting: Sighting) -> tuple[str | None, str]:
        """(id or None, full name) of the agency. What a person says of a file that they add comes before what it
        prints; what a portal's settings say comes after it."""
        hint = sighting.agency_hint
        candidates = [hint, report.agency] if sighting.portal is None else [report.agency, hint]
        prose = "\n".join(section.text for section in report.sections)
        for name in candidates:
            if agency_id := self.whose.id_of(name, sighting.portal, text=prose):
                return agency_id, self.names.get(agency_id) or self.whose.name_of(name, sighting.portal) or ""
        return None, self.whose.name_of(next(filter(None, candidates), ""), sighting.portal) or ""

    def _keep_report(self, sighting: Sighting, report: Report, agency_id: str | None, agency: str) -> None:
        self._introduce(agency_id, agency)
        stored = self.archive.store_report(
            report,
            sha256=sighting.sha256,
            agency_id=agency_id,
            agency=agency,
            source=sighting.source,
            url=sighting.url,
            seen_at=sighting.seen_at,
            parser_version=PARSER_VERSION,
            portal=sighting.portal,
            also=self._also(report, sighting, agency_id),
        )
        setattr(self.reading, stored.change, getattr(self.reading, stored.change) + 1)

    def _also(self, report: Report, sighting: Sighting, agency_id: str | None) -> frozenset[str]:
        """The other agencies of the register whose report it is by its printed name, as the seasons take it."""
        named = self.whose.ids_of(report.agency, sighting.portal) - {agency_id}
        return frozenset(named & self.whose.names.canonical.keys())

    def _introduce(self, agency_id: str | None, agency: str) -> None:
        """Write down an agency that is known by its name and the region list alone: it owes nothing until people say
        more."""
        if agency_id is not None and agency_id not in self.names:
            self.archive.import_agencies([Agency(agency_id, agency, region_code=agency_id.partition(":")[0])])
            self.names[agency_id] = agency

    def _keep_unread(self, sighting: Sighting, error: UnreadableDocument) -> None:
        # What it is said to be where it stands: a document that we cannot read is published all the same.
        title = read_title(sighting.title or "")
        agency, agency_id = None, None
        for name in (title.agency if title.is_report else None, sighting.agency_hint):
            if agency_id := self.whose.id_of(name, sighting.portal):
                agency = name
                break
            agency = agency or name
        is_listed = title.is_report or sighting.portal is not None
        self.archive.store_unread(
            sighting.sha256,
            source=sighting.source,
            url=sighting.url,
            kind=error.kind,
            sentence=str(error),
            seen_at=sighting.seen_at,
            parser_version=PARSER_VERSION,
            title=sighting.title,
            agency_id=agency_id,
            agency=self.whose.name_of(agency, sighting.portal),
            year=listed_year(sighting.title, sighting.listed_on) if is_listed else None,
        )
        self.reading.unread.append((sighting.url, str(error)))


@dataclass(slots=True)
class _BatchKeeper(Keeper):
    """The same, many reports in one transaction; `store` writes the last of them."""

    waiting: list[packing.Reading] = field(default_factory=list)

    def store(self) -> None:
        for stored in bulk.store_reports(self.archive, self.waiting):
            setattr(self.reading, stored.change, getattr(self.reading, stored.change) + 1)
        self.waiting.clear()

    def _keep_report(self, sighting: Sighting, report: Report, agency_id: str | None, agency: str) -> None:
        if agency_id is not None and agency_id not in self.names:
            self.store()  # those of unknown agencies may have to be read again for it
            self._introduce(agency_id, agency)
        reading = packing.Reading(
            report,
            sighting.sha256,
            agency_id,
            agency,
            sighting.source,
            sighting.portal,
            sighting.url,
            to_text(sighting.seen_at),
            PARSER_VERSION,
            self._also(report, sighting, agency_id),
        )
        self.waiting.append(reading)
        if len(self.waiting) == _AT_ONCE:
            self.store()

    def _keep_unread(self, sighting: Sighting, error: UnreadableDocument) -> None:
        self.store()  # in the order of sighting: what stands at an address depends on what was read there before
        Keeper._keep_unread(self, sighting, error)


def _complete(report: Report, sighting: Sighting) -> None:
    """What only the list says: the date of publication, where the page prints none; the year and the agency of a
    document that names neither."""
    listed = read_title(sighting.title or "")
    if report.published_on is None and sighting.listed_on:
        report.published_on, report.published_source = sighting.listed_on, "list"
    report.dates += dates_beside(sighting.listed_on, (sighting.page_url, sighting.url))
    if report.year is None and listed.year is not None:
        report.year = listed.year
    if report.agency is None:
        report.agency = listed.agency
