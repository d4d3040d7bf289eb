"""A site of guards as data: its addresses, what each answers, and the outcome that is right for it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.sandbox.guard_replies import Reply, listing, report, row
from db.records import Outcome, VisitKind


class Page(NamedTuple):
    """One address. outcome: of a visit to it, None if it must never be asked for. evidence: words that the visit's
    evidence holds. replies: what it answers the first, the second … time; the last one again and again."""

    path: str
    kind: VisitKind
    outcome: Outcome | None
    evidence: str
    replies: tuple[Reply, ...]


class Column(NamedTuple):
    """A list of a site: the outcome that a read of it must have, and of which year the portal's file says it is."""

    path: str
    outcome: Outcome
    year: int | None = None


@dataclass(slots=True)
class GuardSite:
    """A portal. pages: by path with query. hosts: names under which it is asked, beside its own."""

    id: str
    columns: list[Column] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)

    def add(self, path: str, kind: VisitKind, outcome: Outcome | None, evidence: str, *replies: Reply) -> None:
        if path in self.pages:
            raise ValueError(f"{self.id}: {path} is there twice")
        self.pages[path] = Page(path, kind, outcome, evidence, replies)

    def column(self, path: str, outcome: Outcome, evidence: str, *replies: Reply, read: Outcome | None = None,
               year: int | None = None) -> None:  # fmt: skip
        """A list with its page. outcome: of the visit; read: of the column, where that is another one."""
        self.columns.append(Column(path, read or outcome, year))
        self.add(path, "list", outcome, evidence, *replies)

    def ordinary(self, path: str) -> None:
        """A list with one report, such as come between the others: a crawler that is refused all the time gives up."""
        self.column(path, "ok", "", listing(row("r.html", "档案局")))
        self.add(f"{path}r.html", "detail", "ok", "", report("档案局"))
