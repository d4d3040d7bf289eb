"""The history of one agency's report for one year, put together: its revisions with what changed, and what was said."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.readings.corrections import Correction
from db.readings.history import AgencyKey, Event, History, OtherReport, Revision, UnreadDocument, Withheld
from monitor.as_json import cell_dict
from monitor.catalogue.figures import figure_words
from monitor.difference import Difference, difference
from parsers.form import load_forms
from parsers.report import Figure


@dataclass(slots=True)
class Chronicle:
    """revisions: each with what changed since the one before at the same address (as read, without corrections), None
    for the first. others: reports of other agencies that count for this one. read: (document, figure) -> what the
    parser reads of a figure that was corrected."""

    agency: AgencyKey
    year: int
    revisions: list[tuple[Revision, Difference | None]]
    corrections: list[Correction]
    read: dict[tuple[str, str], Figure]
    events: list[Event]
    unread: list[UnreadDocument]
    takedowns: list[Withheld]
    others: list[OtherReport]

    def label(self, figure: str, form: str | None) -> str:
        """A figure in the words of a form, or of the one of this report that has it."""
        forms = load_forms()
        for name in (form, *(revision.form for revision, _ in self.revisions), *forms):
            if name in forms and figure in forms[name].figure_set:
                return figure_words(figure, forms[name])[0]
        return ""

    def figure(self, one: Correction) -> Figure:
        """A correction as a figure."""
        return Figure(one.figure, one.value, one.state, one.text, one.unit)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One object for each thing, with `kind`; docs/commands.md names the keys. The revisions come first, then all
        else in order of time."""
        whose = {"agency": self.agency.name, "agency_id": self.agency.agency_id, "year": self.year}
        for revision, changed in self.revisions:
            row = revision._asdict() | {
                "first_seen_at": revision.first_seen_at.isoformat(),
                "last_seen_at": revision.last_seen_at.isoformat(),
                "documents": [_plain(document._asdict()) for document in revision.documents],
                "changed": None if changed is None else self._changed(changed, revision.form),
            }
            yield {"kind": "revision"} | whose | row
        for other in self.others:
            row = {("whose" if name == "agency" else name): value for name, value in other._asdict().items()}
            yield {"kind": "other"} | whose | _plain(row)
        for _, row in sorted(self._happened(), key=lambda one: one[0]):
            yield {"kind": row.pop("kind")} | whose | row

    def _happened(self) -> Iterator[tuple[datetime, dict[str, Any]]]:
        """When, and the row with its `kind`."""
        for one in self.corrections:
            read = self.read.get((one.sha256, one.figure))
            row = _plain(one._asdict()) | {"label": self.label(one.figure, None), "read": read and cell_dict(read)}
            row["by"] = row.pop("made_by")
            yield one.made_at, {"kind": "correction"} | row
        for event in self.events:
            yield event.at, {"kind": "event"} | _plain(event._asdict())
        for document in self.unread:
            row = _plain(document._asdict())
            yield document.seen_at, {"kind": "unread", "why": row.pop("kind")} | row
        for entry in self.takedowns:
            yield entry.made_at, {"kind": "takedown"} | _plain(entry._asdict())

    def _changed(self, changed: Difference, form: str | None) -> dict[str, Any]:
        return {
            "form": changed.form,
            "title": changed.title,
            "figures": [
                {
                    "figure": change.figure,
                    "label": self.label(change.figure, form),
                    "before": change.before and cell_dict(change.before),
                    "after": change.after and cell_dict(change.after),
                }
                for change in changed.figures
            ],
            "sections": [{"number": number, "change": how} for number, how in changed.sections.items()],
            "dates": changed.dates,
        }


def chronicle(history: History, agency: AgencyKey, year: int) -> Chronicle:
    """All that the archive has of it. Two reports at a time are held in memory."""
    revisions: list[tuple[Revision, Difference | None]] = []
    read: dict[tuple[str, str], Figure] = {}
    found = history.revisions(agency.key, year)
    corrections = history.corrections(found)
    last = None
    for revision in found:
        stored = history.report(revision.report_id, as_read=True)
        if stored is None:
            continue
        here = (revision.source, revision.url)
        changed = difference(last[1], stored.report) if last and last[0] == here else None
        revisions.append((revision, changed))
        last = (here, stored.report)
        of = {revision.sha256} | {document.sha256 for document in revision.documents}
        for one in corrections:
            if one.sha256 in of and (figure := stored.report.figures.get(one.figure)):
                read[one.sha256, one.figure] = figure
    unread = history.unread(agency, year)
    seen = {(document.sha256, r.url) for r in found for document in r.documents} | {(u.sha256, u.url) for u in unread}
    return Chronicle(
        agency,
        year,
        revisions,
        corrections,
        read,
        history.events(agency.key, year),
        unread,
        history.takedowns(seen),
        history.others(agency.agency_id, year),
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The same with times as text."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
