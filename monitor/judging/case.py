"""What a rule judges: one agency's report, with the one of the year before where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from db.records import Agency, Finding, agency_key
from monitor.catalogue import say, word
from monitor.catalogue.figures import figure_words
from parsers.form import Form, load_forms
from parsers.identities import Variants, variants_of
from parsers.report import CORRECTED, PRINTED, UNIT_UNKNOWN, Figure, Place, Report

if TYPE_CHECKING:
    from monitor.judging.rule import ReportRule


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
    bodies: frozenset[str] = frozenset()  # the other agencies whose report it is by its printed name

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


@dataclass(frozen=True)
class Case:
    """One report to be judged and, if known, the same agency's report of the year before.

    agency: as the register knows it; None where it does not, or where there is no register. same_body: False where the
    register says that it was merged, split or founded between the two years, so that figures need not connect.
    """

    this: Judged
    last: Judged | None = None
    agency: Agency | None = None
    same_body: bool = True

    def places(self, figures: list[str], last_figures: list[str] | None = None) -> list[dict[str, Any]]:
        """Where the figures stand, for those that have a place."""
        found = [_place(self.this, figure) for figure in figures]
        if self.last is not None:
            found += [_place(self.last, figure) for figure in last_figures or ()]
        return [place for place in found if place]

    @property
    def agency_id(self) -> str | None:
        return self.this.agency_id

    @property
    def agency_name(self) -> str:
        return self.this.agency

    @property
    def year(self) -> int:
        return self.this.year

    @cached_property
    def variants(self) -> Variants:
        """Which variant rows the report prints."""
        return variants_of(self.this.form, self.this.report.figures)

    def finding(self, rule: "ReportRule", says: str, fields: Mapping[str, object], **claim: Any) -> Finding:
        """A finding of a rule about this report; see Rule.finding. Where one of the figures that it rests on was
        corrected by a person, its sentences say so."""
        finding = rule.finding(self, says, fields, **claim)
        corrected = self._corrected(finding.places)
        finding.sentence_zh = "".join((finding.sentence_zh, *(zh for zh, _ in corrected)))
        finding.sentence_en = " ".join((finding.sentence_en, *(en for _, en in corrected)))
        return finding

    def _corrected(self, places: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """A sentence for each of these places whose figure a person has corrected."""
        found = []
        for place in places:
            judged = self.this if place["year"] == self.this.year or self.last is None else self.last
            if read := judged.report.misread.get(place["figure"] or ""):
                zh, en = figure_words(read.name, judged.form)
                read_zh, read_en = read_words(read)
                found.append(
                    say(
                        "corrected-reading",
                        year=judged.year,
                        figure_zh=zh,
                        figure_en=en,
                        read_zh=read_zh,
                        read_en=read_en,
                    )
                )
        return found


def _place(judged: Judged, name: str) -> dict[str, Any] | None:
    figure = judged.report.figures.get(name)
    # A cell that a person has seen where the parser saw none is in the document all the same.
    if figure is None or (figure.place is None and figure.how != CORRECTED):
        return None
    return judged.place(name, place_dict(figure.place))


def place_dict(place: Place | None) -> dict[str, Any] | None:
    """A place under the names of its parts."""
    return None if place is None else place._asdict()


def read_words(figure: Figure) -> tuple[str, str]:
    """What was read of a cell, in Chinese and English: the number with its unit, or why there is none."""
    if figure.value is None:
        return word("state", figure.state)
    unit = figure.unit if figure.unit and figure.unit != UNIT_UNKNOWN else ""
    return f"{figure.value}{unit}", f"{figure.value}{f' {unit}' if unit else ''}"


def plainly_read(figures: list[Figure | None]) -> bool:
    """Whether all figures that are given were read where they are printed, or a person vouches for them; what was
    realigned, or printed but not understood, is a doubt of ours and carries no accusation."""
    return all(
        figure is None
        or (figure.state in (PRINTED, CORRECTED) if figure.value is not None else figure.state != "unreadable")
        for figure in figures
    )
