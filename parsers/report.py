"""The nouns of the project: what one annual report says."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from parsers.blocks import Box

# Why a figure has no number (vocabulary: state). A number's state is how it was read: printed, realigned; or that a
# person has corrected it.
NOT_IN_FORM = "not_in_form"
ROW_ABSENT = "row_absent"
BLANK = "blank"
DASH = "dash"
UNREADABLE = "unreadable"
PRINTED = "printed"
REALIGNED = "realigned"
CORRECTED = "corrected"
NULL_STATES = (NOT_IN_FORM, ROW_ABSENT, BLANK, DASH, UNREADABLE)

UNIT_UNKNOWN = "unit_unknown"

Number = int | float

# Where a date stands, the most trusted first.
SIGNATURE = "signature"
DATE_SOURCES = (SIGNATURE, "page label", "metadata", "list", "url")


class Place(NamedTuple):
    """Where a figure stands in its document.

    page: from 1, None where the format has no pages. box: (x0, y0, x1, y1) in points, None where unknown.
    table, row, column: from 0, in the grids of the document in reading order; column None for a cell that was
    lost in a flattened table.
    """

    page: int | None
    box: Box | None
    table: int
    row: int
    column: int | None


class Figure(NamedTuple):
    """One figure of a form.

    name: `table.row.column` as in the vocabulary. value: an integer count, or for amounts a decimal number in the
    printed unit; None where the report gives no number. state: one of the states above. text: the cell as printed,
    None where there is no cell. unit: for amounts only: 元, 万元, … or unit_unknown. how: printed or realigned, None
    where there is no cell; corrected where a person says what is printed. place: None where there is no cell.
    """

    name: str
    value: Number | None
    state: str
    text: str | None = None
    unit: str | None = None
    how: str | None = None
    place: Place | None = None


class Section(NamedTuple):
    """One of the six sections: number from 1, heading as printed, text with one line per paragraph."""

    number: int
    heading: str
    text: str


class Doubt(NamedTuple):
    """A doubt about our own reading (never an accusation). figure: the name of a figure, of a row or of a table (its
    sums may then be ours and not the agency's), None for the whole report. reason; text: as printed."""

    figure: str | None
    reason: str
    text: str


class DateCandidate(NamedTuple):
    """A date that a report or its page gives for itself.

    day: ISO. source: one of DATE_SOURCES; the list is that of the portal in which the report stands. text: as printed,
    short; None where the source is not of the document.
    """

    kind: Literal["signed", "published"]
    day: str
    source: str
    text: str | None = None


@dataclass(slots=True)
class Report:
    """One annual report as read from one document.

    media: kind of file. agency: as printed. year: the reporting year. form: name of the form it follows ("2019",
    "2021"), None if no table was found. title: as printed. signed_on, published_on: ISO dates (YYYY-MM-DD).
    published_source: page label, metadata or list. period: first and last day as ISO dates. scope: table -> text
    where the report says whom its figures cover. figures: every figure of the form, by name, in the form's order.
    preface: what stands in front of the first section, the title among it; empty where none was found.
    dates: every date that the report or its page gives for itself, the most trusted of each kind first: signed_on and
    published_on are the first of their kinds where they are set; a labelled day of signing or a date in the address
    alone sets neither. misread: by name, what was read of the figures that a person has corrected since.
    """

    media: str
    agency: str | None = None
    year: int | None = None
    form: str | None = None
    title: str | None = None
    signed_on: str | None = None
    published_on: str | None = None
    published_source: str | None = None
    period: tuple[str, str] | None = None
    scope: dict[str, str] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    preface: str = ""
    sections: list[Section] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    dates: list[DateCandidate] = field(default_factory=list)
    misread: dict[str, Figure] = field(default_factory=dict)

    def value(self, name: str) -> Number | None:
        """The number of one figure, None where the report gives none or the form has no such figure."""
        figure = self.figures.get(name)
        return figure.value if figure else None
