"""What a look at a site came to, as the child process tells it to its parent in one line of JSON."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class SeenPage:
    """A page that was asked for on the way. outcome, evidence: as of a visit. what: what it was taken for."""

    url: str
    outcome: str
    evidence: str = ""
    what: str = ""


@dataclass(slots=True)
class ProbedColumn:
    """One list of annual reports. title: of the link that led to it, "" for the address that was given. year: where the
    whole list belongs to one. outcome, why, pages, reports: of its read, as in crawler.walk.column.ColumnResult;
    outcome "unread" if it was not read."""

    url: str
    title: str = ""
    year: int | None = None
    outcome: str = "unread"
    why: str = ""
    pages: int = 0
    reports: int = 0


@dataclass(slots=True)
class ListedReport:
    """A report that a crawl would collect. listed_on: ISO date beside the link. column: address of its column."""

    title: str
    agency: str | None
    year: int | None
    listed_on: str | None
    url: str
    column: str


@dataclass(slots=True)
class Doubt:
    """Something to look at. what: the title or address that it is about. why: what is wrong, and what to do."""

    what: str
    why: str


@dataclass(slots=True)
class Probe:
    """One look at a site.

    found: the software was recognised, and a list of annual reports was read or says that it is empty. sentence: how
    the look ended; where found is False, what to do next. platform, certainty, variant, evidence: of the page of the
    first column, else of any page ("" where none was recognised). tried: the platforms that were asked. draft: the text
    of a portal file, "" where nothing was found that could stand in it. requests: sent, robots.txt included. site: the
    site's name as its pages give it.
    """

    url: str
    found: bool = False
    sentence: str = ""
    site: str = ""
    platform: str = ""
    certainty: str = ""
    variant: str = ""
    evidence: str = ""
    tried: list[str] = field(default_factory=list)
    pages: list[SeenPage] = field(default_factory=list)
    columns: list[ProbedColumn] = field(default_factory=list)
    reports: list[ListedReport] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    draft: str = ""
    requests: int = 0

    @classmethod
    def from_json(cls, message: dict[str, Any]) -> "Probe":
        """From a decoded line that was made of `dataclasses.asdict`, with an `event` beside."""
        plain = {key: value for key, value in message.items() if key != "event"}
        for key, kind in (("pages", SeenPage), ("columns", ProbedColumn), ("reports", ListedReport), ("doubts", Doubt)):
            plain[key] = [kind(**row) for row in plain[key]]
        return cls(**plain)
