"""Reading documents again that were read before, and saying what that changed.

A document that is read again keeps its revision, and everything that people said of it; see db/readings/revisions.py.
What is to be read again is marked in the archive before the first document is, so that a run that was broken off is
gone on with by the next one.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import tee
from pathlib import Path
from typing import NamedTuple

from db.archive import Archive
from db.collected.documents import DocumentStore
from db.errors import DocumentMissingError
from db.readings.corrections import Correction
from db.readings.rereading import Before, Rereading
from db.records import Sighting, agency_key
from monitor.difference import Difference, difference, figure_said
from monitor.pipeline import Keeper
from monitor.processes import in_processes
from monitor.reading import CRASHED, read_bytes
from monitor.whose import Whose, names_of
from parsers.errors import UnreadableDocument
from parsers.report import CORRECTED, Figure, Report

_AT_ONCE = 200
_EXAMPLES = 3


class Reread(NamedTuple):
    """One document that says something else now, or was skipped. agency, year: as read now, else as before.

    change: changed (the report says something else), readable, unreadable, moved (it is another agency's or year's),
    skipped. was: of a moved one: (agency, year) before. sentence: why it cannot be read now, or was skipped.
    difference: where there was a report before and is one now. agreeing: the corrections that the parser agrees with.
    """

    sighting: Sighting
    change: str | None
    agency: str | None
    year: int | None
    was: tuple[str, int] | None = None
    sentence: str | None = None
    difference: Difference | None = None
    agreeing: tuple[Correction, ...] = ()


@dataclass(slots=True)
class FigureTally:
    """How often one figure was read differently. examples: (agency, year, before, after), some of them."""

    values: int = 0
    states: int = 0
    examples: list[tuple[str, int, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Summary:
    """What reading again came to. changes: how many documents of each kind of change. parted: documents that came to
    be a revision of their own, because another one of their revision says something else by the same parser."""

    documents: int = 0
    reports: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    figures: dict[str, FigureTally] = field(default_factory=dict)
    parts: Counter[str] = field(default_factory=Counter)  # form, title, section N, signed_on, …
    parted: int = 0
    agreeing: list[tuple[str, int, Correction]] = field(default_factory=list)

    def add(self, reread: Reread) -> None:
        if reread.change is not None:
            self.changes[reread.change] += 1
        changed = reread.difference
        agency, year = reread.agency or "?", reread.year or 0
        self.agreeing += [(agency, year, one) for one in reread.agreeing]
        if changed is None:
            return
        for change in changed.figures:
            tally = self.figures.setdefault(change.figure, FigureTally())
            if _number(change.before) != _number(change.after):
                tally.values += 1
            else:
                tally.states += 1
            if len(tally.examples) < _EXAMPLES:
                tally.examples.append((agency, year, figure_said(change.before), figure_said(change.after)))
        named = [("form", changed.form), ("title", changed.title)]
        self.parts.update([name for name, pair in named if pair])
        self.parts.update(f"section {number}" for number in changed.sections)
        self.parts.update(changed.dates.keys())


def reparse(
    archive: Archive,
    numbers: "array[int]",
    *,
    dry_run: bool,
    regions: dict[str, str],
    places: dict[str, str],
    on_reread: Callable[[Reread], None],
    on_progress: Callable[[int], None] | None = None,
) -> Summary:
    """Read these sightings again, in their order. dry_run: nothing is written, only compared.

    regions, places: see pipeline.read_waiting. on_reread: told of each document that says something else, or is
    skipped: its bytes were given up, are not there or are damaged; then its last reading stays.
    """
    rereading = Rereading(archive)
    agencies = archive.agencies()
    keeper = _Watcher(
        archive,
        Whose(names_of(agencies), regions, places),
        {agency.id: agency.name for agency in agencies},
        rereading=rereading,
        dry_run=dry_run,
    )
    del agencies
    for one in archive.corrections.holding():
        keeper.corrections.setdefault(one.sha256, []).append(one)
    if not dry_run:
        for batch in _batches(numbers):
            fates = _fates(archive, rereading, batch)
            rereading.mark(number for number, (_, why) in zip(batch, fates, strict=True) if why is None)
    summary = keeper.summary
    for sighting, outcome in _outcomes(archive, rereading, numbers):
        summary.documents += 1
        if isinstance(outcome, DocumentMissingError):
            if not dry_run:
                rereading.unmark(sighting)
            keeper.skipped(sighting, str(outcome))
        else:
            keeper.keep(sighting, outcome)
            keeper.reading.unread.clear()
        if keeper.reread is not None:
            summary.add(keeper.reread)
            if keeper.reread.change is not None or keeper.reread.agreeing:
                on_reread(keeper.reread)
        if on_progress:
            on_progress(summary.documents)
    summary.parted = keeper.reading.new + keeper.reading.revised
    return summary


def _batches(numbers: "array[int]") -> Iterator["array[int]"]:
    return (numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE))


def _fates(archive: Archive, rereading: Rereading, batch: "array[int]") -> list[tuple[Sighting, str | None]]:
    """The sightings with why their documents cannot be read, None for those that are there."""
    sightings = archive.sightings(batch)
    given_up = rereading.given_up({sighting.sha256 for sighting in sightings})
    return [(sighting, _gone(archive.documents, sighting.sha256, given_up)) for sighting in sightings]


def _gone(documents: DocumentStore, sha256: str, given_up: set[str]) -> str | None:
    if sha256 in given_up:
        return f"the bytes of document {sha256} were given up by the rules of retention"
    return None if documents.has(sha256) else f"{documents.path(sha256)}: the document is not there"


def _outcomes(
    archive: Archive, rereading: Rereading, numbers: "array[int]"
) -> Iterator[tuple[Sighting, Report | UnreadableDocument | DocumentMissingError]]:
    chosen, ahead = tee(fate for batch in _batches(numbers) for fate in _fates(archive, rereading, batch))
    work = ((archive.path, sighting.sha256, why) for sighting, why in ahead)
    for (sighting, _), outcome in zip(chosen, in_processes(_read, work, _crashed), strict=True):
        yield sighting, outcome


def _read(document: tuple[Path, str, str | None]) -> Report | UnreadableDocument | DocumentMissingError:
    """Read one document of an archive, or say why it is not there. Runs in any process."""
    archive, sha256, why = document
    if why is not None:
        return DocumentMissingError(why)
    try:
        return read_bytes(DocumentStore(archive).read(sha256))
    except DocumentMissingError as error:
        return error


def _crashed(document: tuple[Path, str, str | None]) -> UnreadableDocument:
    return UnreadableDocument(CRASHED)


@dataclass(slots=True)
class _Watcher(Keeper):
    """Keeps what was read as the main job does, and looks at what was there before. reread: of the last document."""

    rereading: Rereading = field(kw_only=True)
    dry_run: bool = field(kw_only=True)
    corrections: dict[str, list[Correction]] = field(default_factory=dict)
    summary: Summary = field(default_factory=Summary)
    reread: Reread | None = None

    def skipped(self, sighting: Sighting, sentence: str) -> None:
        stored = self.rereading.before(sighting).stored
        agency, year = (stored.agency, stored.year) if stored else (None, None)
        self.reread = Reread(sighting, "skipped", agency, year, sentence=sentence)

    def _keep_report(self, sighting: Sighting, report: Report, agency_id: str | None, agency: str) -> None:
        before = self.rereading.before(sighting)
        self.summary.reports += 1
        if not self.dry_run:
            Keeper._keep_report(self, sighting, report, agency_id, agency)
        self.reread = self._compared(sighting, before, report, agency_id, agency)

    def _compared(
        self, sighting: Sighting, before: Before, report: Report, agency_id: str | None, agency: str
    ) -> Reread:
        year = int(report.year or 0)
        agreeing = tuple(
            one
            for one in self.corrections.get(sighting.sha256, ())
            if (figure := report.figures.get(one.figure)) and _agrees(figure, one)
        )
        if before.stored is None:
            return Reread(sighting, "readable", agency, year, agreeing=agreeing)
        changed = difference(before.stored.report, report)
        if not before.is_own:
            changed = changed._replace(dates={})  # of another document with the same content, and another page
        was = None
        if (before.stored.key, before.stored.year) != (agency_key(agency_id, agency), year):
            was = (before.stored.agency, before.stored.year)
        change = "moved" if was else "changed" if changed else None
        return Reread(sighting, change, agency, year, was, difference=changed, agreeing=agreeing)

    def _keep_unread(self, sighting: Sighting, error: UnreadableDocument) -> None:
        before = self.rereading.before(sighting).stored
        if not self.dry_run:
            Keeper._keep_unread(self, sighting, error)
        self.reread = None
        if before is not None:
            self.reread = Reread(sighting, "unreadable", before.agency, before.year, sentence=str(error))


def _agrees(figure: Figure, one: Correction) -> bool:
    said = (one.value, one.state if one.value is None else CORRECTED, one.unit)
    return said == (figure.value, figure.state if figure.value is None else CORRECTED, figure.unit)


def _number(figure: Figure | None) -> tuple[object, object] | None:
    return None if figure is None or figure.value is None else (figure.value, figure.unit)
