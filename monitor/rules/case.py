"""What a rule judges: one agency's report, with the one of the year before where there is one."""

from dataclasses import dataclass
from typing import Any

from db.records import Finding, agency_key
from parsers.form import Form, load_forms
from parsers.report import PRINTED, Figure, Place, Report


@dataclass(frozen=True, slots=True)
class Judged:
    """A report with what identifies it. agency: the canonical name, or as printed while agency_id is None. source: the
    address or file that it was read from."""

    agency_id: str | None
    agency: str
    year: int
    sha256: str
    report: Report
    source: str = ""  # where it was read from: an address or a file name

    @property
    def form(self) -> Form:
        """The form that the report follows; KeyError if it names one that is not loaded."""
        return load_forms()[self.report.form or ""]

    def place(self, figure: str | None = None, place: dict[str, Any] | None = None) -> dict[str, Any]:
        """A place in the report, or the report as a whole."""
        return {"year": self.year, "sha256": self.sha256, "source": self.source, "figure": figure, "place": place}

    @property
    def key(self) -> str:
        return agency_key(self.agency_id, self.agency)


@dataclass(frozen=True, slots=True)
class Case:
    """One report to be judged and, if known, the same agency's report of the year before."""

    this: Judged
    last: Judged | None = None

    def places(self, figures: list[str], last_figures: list[str] | None = None) -> list[dict[str, Any]]:
        """Where the figures stand, for those that have a place."""
        found = [_place(self.this, figure) for figure in figures]
        if self.last is not None:
            found += [_place(self.last, figure) for figure in last_figures or ()]
        return [place for place in found if place]

    def finding(
        self, rule: str, kind: str, severity: str, certainty: str, basis: str, sentence: tuple[str, str], **claim: Any
    ) -> Finding:
        """A finding about this report; claim: figure, figures, observed, expected, places, told."""
        this = self.this
        values = {"figure": None, "figures": [], "observed": None, "expected": None} | claim
        return Finding(
            rule=rule,
            kind=kind,
            severity=severity,
            certainty=certainty,
            basis=basis,
            agency_id=this.agency_id,
            agency=this.agency,
            year=this.year,
            sentence_zh=sentence[0],
            sentence_en=sentence[1],
            **values,
        )


def _place(judged: Judged, name: str) -> dict[str, Any] | None:
    figure = judged.report.figures.get(name)
    if figure is None or figure.place is None:
        return None
    return judged.place(name, place_dict(figure.place))


def place_dict(place: Place | None) -> dict[str, Any] | None:
    """A place under the names of its parts."""
    return None if place is None else place._asdict()


def plainly_read(figures: list[Figure | None]) -> bool:
    """Whether all figures that are given were read where they are printed; what was realigned, or printed but not
    understood, is a doubt of ours and carries no accusation."""
    return all(
        figure is None or (figure.state == PRINTED if figure.value is not None else figure.state != "unreadable")
        for figure in figures
    )
