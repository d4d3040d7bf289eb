"""A report as the rows that the tables keep of it: packed before anything is written, so that one report and many are
written alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from db.errors import ArchiveError
from db.readings.rows import CellState, absent_cells, content_hash, pack
from db.records import agency_key
from db.schema.wide import columns_of, variants_printed
from parsers.report import Figure, Report, Section

if TYPE_CHECKING:
    from parsers.form import Form

REPORT_COLUMNS = (
    "agency_id", "agency", "portal", "sha256", "content", "numbers", "media", "printed_agency", "form", "title",
    "signed_on", "published_on", "published_source", "period_from", "period_to", "parser_version",
)  # fmt: skip
"""The columns of table reports that a reading decides, besides those that say where it belongs."""

PARTS = {
    "cell_states": ("figure", "state", "text", "how", "read"),
    "sections": ("position", "number", "heading", "text"),
    "doubts": ("position", "figure", "reason", "text"),
    "scopes": ("table_name", "text"),
    "report_bodies": ("agency_id",),
    "date_candidates": ("position", "kind", "day", "source", "text"),
}
"""The tables with several rows of a report, and their columns behind report_id."""

DETAILS = ("wide", "places", *PARTS)
"""The tables that hang on a report."""

PREFACE = 0
"""The number under which table sections has what stands in front of section one."""

Row = tuple[Any, ...]


@dataclass(slots=True)
class Reading:
    """One report as a parser read it from one sighting of a document, with all that decides where it belongs.

    also: the other agencies of the register whose report it is by its printed name (a joint report)."""

    report: Report
    sha256: str
    agency_id: str | None
    agency: str
    source: str
    portal: str | None
    url: str
    seen_at: str
    parser_version: str
    also: frozenset[str] = frozenset()
    content: str = ""

    def __post_init__(self) -> None:
        if self.report.year is None:
            raise ArchiveError(f"{self.url}: the report has no reporting year; store it as unread")
        if self.agency_id is None and not self.agency.strip():
            raise ArchiveError(f"{self.url}: the report has no agency; store it as unread")
        self.content = content_hash(self.report)

    @property
    def key(self) -> tuple[str, int]:
        """Agency key and year."""
        return agency_key(self.agency_id, self.agency), int(self.report.year or 0)


class PackedReport(NamedTuple):
    """All rows of one report; its id, its revision and the number of its agency key are given when it is written.

    columns: as REPORT_COLUMNS. variants: see db/schema/wide.py. figures: as figure_columns of its form; empty without
    one. places: None without a form. parts: the rows of each table of PARTS, without report_id.
    """

    key: str
    year: int
    source: str
    url: str
    seen_at: str
    columns: Row
    variants: int
    figures: Row
    places: bytes | None
    parts: Mapping[str, list[Row] | list[CellState]]

    def column(self, name: str) -> Any:
        """One of `columns` by its name."""
        return self.columns[REPORT_COLUMNS.index(name)]

    @property
    def passages(self) -> list[str]:
        """Every heading and every text of its sections, as they are searched."""
        return [text for _, _, *texts in self.parts["sections"] for text in texts]


def pack_report(
    reading: Reading,
    forms: "Mapping[str, Form]",
    corrected: Report | None = None,
    read: Mapping[str, Figure] | None = None,
) -> PackedReport:
    """Take a report apart. Raises ArchiveError for what could not be given back exactly.

    corrected, read: the report with the corrections of people laid over it, and what was read of the corrected
    figures; see db.readings.corrections.apply.
    """
    report = corrected or reading.report
    if report.form is not None and report.form not in forms:
        raise ArchiveError(
            f"{reading.url}: the report follows form {report.form!r}, which the archive was not opened with;"
            f" known are {', '.join(forms)}"
        )
    if report.form is None and report.figures:
        raise ArchiveError(f"{reading.url}: the report has figures but no form")
    key, year = reading.key
    first, last = report.period or (None, None)
    columns = (
        reading.agency_id,
        reading.agency,
        reading.portal,
        reading.sha256,
        reading.content,
        sum(figure.value is not None for figure in reading.report.figures.values()),
        report.media,
        report.agency,
        report.form,
        report.title,
        report.signed_on,
        report.published_on,
        report.published_source,
        first,
        last,
        reading.parser_version,
    )
    variants, rows = 0, None
    if report.form is not None:
        form = forms[report.form]
        rows = pack(report, columns_of(form), read)
        variants = variants_printed(form, absent_cells(report))
    parts: dict[str, list[Row] | list[CellState]] = {
        "cell_states": rows.states if rows else [],
        "sections": [(position, *section) for position, section in enumerate([*report.sections, *_preface(report)])],
        "doubts": [(position, *doubt) for position, doubt in enumerate(report.doubts)],
        "scopes": list(report.scope.items()),
        "report_bodies": [(agency_id,) for agency_id in sorted(reading.also - {reading.agency_id})],
        "date_candidates": [(position, *date) for position, date in enumerate(report.dates)],
    }
    figures, places = (tuple(rows.wide.values()), rows.places) if rows else ((), None)
    return PackedReport(
        key, year, reading.source, reading.url, reading.seen_at, columns, variants, figures, places, parts
    )


def _preface(report: Report) -> list[Section]:
    """What stands in front of the sections is kept as one more of them, behind the others."""
    return [Section(PREFACE, "", report.preface)] if report.preface else []


def figure_columns(form: "Form") -> list[str]:
    """The columns of table wide that hold the figures of a form and the units of its amounts, in the form's order."""
    names: list[str] = []
    for column in columns_of(form):
        names += [column.column, column.unit_column] if column.is_amount else [column.column]
    return names


def insert_part(table: str) -> str:
    """The statement that puts one row of a report into a table of PARTS."""
    columns = PARTS[table]
    return f"INSERT INTO {table} (report_id, {', '.join(columns)}) VALUES (?{', ?' * len(columns)})"
