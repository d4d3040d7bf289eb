"""What one crawl came to, as the child process reports it to its parent in one line of JSON."""

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

CrawlOutcome = Literal["ok", "partial", "blocked", "failed", "postponed"]


@dataclass(slots=True)
class CrawlSummary:
    """One crawl of one portal.

    outcome: "ok": every column was read to its end (or says that it is empty), and no document that was asked for was
    refused or failed (those that are gone, unrecognised, or forbidden by robots.txt are named in errors); "partial":
    some were; "blocked": no column was read, the portal refused us; "failed": none was, fewer
    reports than expected are listed, or the crawl itself broke off; "postponed": nothing was asked, because the portal
    is not to be asked now, which is no failure.
    requests: sent; robots.txt, redirects and retries included. visits, robots, columns: how many by outcome: visits to
    lists, pages and files; those to a robots.txt; columns. new_documents: pages and files of reports and neighbours
    whose bytes the archive did not have. reports: links to reports in all columns, each address once. sightings:
    documents handed on to be read. errors: one sentence each: what, where, what to do. resumed: it went on with a crawl
    that was broken off; visits and requests are then those since. left: addresses that were due and are left to the
    next crawl. started_at, ended_at: ISO times, None if the crawl never began.
    """

    portal: str
    outcome: CrawlOutcome = "failed"
    requests: int = 0
    visits: dict[str, int] = field(default_factory=dict)
    robots: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    new_documents: int = 0
    reports: int = 0
    sightings: int = 0
    errors: list[str] = field(default_factory=list)
    resumed: bool = False
    left: int = 0
    started_at: str | None = None
    ended_at: str | None = None

    @property
    def is_fine(self) -> bool:
        """Whether all was done that was to be done now."""
        return self.outcome in ("ok", "postponed")

    def to_json(self) -> str:
        return json.dumps({"event": "summary", **asdict(self)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, message: dict[str, object]) -> "CrawlSummary":
        """From a decoded line. TypeError if it is not one that to_json wrote."""
        return cls(**{key: value for key, value in message.items() if key != "event"})  # type: ignore[arg-type]
