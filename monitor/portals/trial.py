"""What a dry crawl of a portal came to."""

from dataclasses import asdict, dataclass, field
from typing import Any

from crawler.probing.result import Doubt


@dataclass(slots=True)
class TriedColumn:
    """One column. outcome, pages: of its read ("unread": it was not reached). why: what the outcome rests on where it
    is not good. reports: how many it lists."""

    url: str
    outcome: str = "unread"
    why: str = ""
    pages: int = 0
    reports: int = 0

    @property
    def is_read(self) -> bool:
        """Whether it was read to its end."""
        return self.outcome in ("ok", "unchanged", "empty")


@dataclass(slots=True)
class TriedReport:
    """A listed report. agency: its full name as far as it can be told; agency_id: in the register, or by the region
    list. listed_on: ISO date beside the link. column: address of its column."""

    title: str
    agency: str | None
    agency_id: str | None
    year: int | None
    listed_on: str | None
    url: str
    column: str


@dataclass(slots=True)
class TriedDocument:
    """A page or file that was opened as a report. title: of its list entry. form: its report form, None where it could
    not be read as a report, and `error` says why. read, total: figures that have a number, and figures of the form."""

    url: str
    title: str | None
    form: str | None = None
    year: int | None = None
    agency: str | None = None
    read: int = 0
    total: int = 0
    error: str | None = None


@dataclass(slots=True)
class Trial:
    """One dry crawl of a portal.

    started_at: ISO. outcome: of the crawl (crawler.summary). pages: the most reports that were opened, None for all.
    visits: address -> outcome of the last visit to each list, page and file. least, most: what the portal's file
    expects. knows_agencies: the deployment has a register. sentences: what went wrong.
    """

    portal: str
    started_at: str
    outcome: str
    pages: int | None
    requests: int = 0
    least: int = 0
    most: int | None = None
    knows_agencies: bool = False
    columns: list[TriedColumn] = field(default_factory=list)
    reports: list[TriedReport] = field(default_factory=list)
    documents: list[TriedDocument] = field(default_factory=list)
    visits: dict[str, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    @property
    def listed(self) -> int:
        """How many different reports all columns list."""
        return len({report.url for report in self.reports})

    @property
    def expect_holds(self) -> bool:
        return self.least <= self.listed and (self.most is None or self.listed <= self.most)

    @property
    def is_fine(self) -> bool:
        """Every column was read to its end, and as many reports are listed as the portal's file expects."""
        return bool(self.columns) and all(column.is_read for column in self.columns) and self.expect_holds

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {**asdict(self), "listed": self.listed, "expect_holds": self.expect_holds, "is_fine": self.is_fine}
