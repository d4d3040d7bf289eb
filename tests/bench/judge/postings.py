"""What stands on a portal, where, from when until when, and what its address answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

NEVER = datetime.max
Bytes = Callable[[datetime], bytes]
"""What an address serves at a moment; it may hold a counter."""
Interval = tuple[datetime, datetime]


@dataclass(slots=True)
class Content:
    """What is served. media: as the server names it. files: paths of the files that a page links."""

    write: Bytes
    media: str = "text/html"
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class Served:
    """One address: what it serves from when on. None: 404; a path: it sends its reader there."""

    path: str
    states: list[tuple[datetime, Content | str | None]] = field(default_factory=list)

    def at(self, now: datetime) -> Content | str | None:
        """What it answers at a moment."""
        found = None
        for since, state in self.states:
            if since <= now:
                found = state
        return found


@dataclass(slots=True)
class Row:
    """An entry of a list: it is shown from `since` on, but not within `hidden`, to the path that it has by then."""

    list_name: str
    title: str
    listed_on: str
    since: datetime
    paths: list[tuple[datetime, str]]
    hidden: list[Interval] = field(default_factory=list)
    until: datetime | None = None

    def path(self, now: datetime) -> str:
        return next(path for since, path in reversed(self.paths) if since <= now)

    def is_shown(self, now: datetime) -> bool:
        ended = self.until is not None and now >= self.until
        return self.since <= now and not ended and not any(begun <= now < end for begun, end in self.hidden)


Kind = Literal["blocked", "dead", "half", "stale", "filter", "column-gone"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with a whole portal for some time. blocked: every request is refused (412). dead: no
    answer. half: only the first half of each list comes, and it is seen that the rest lacks. stale: lists are shown as
    they were at its beginning. filter: half of the agencies are left out of the lists without a word. column-gone: the
    lists have other addresses, and the portal's file has the old ones."""

    kind: Kind
    begin: datetime
    end: datetime

    def holds(self, now: datetime) -> bool:
        return self.begin <= now < self.end


@dataclass(slots=True)
class Board:
    """All that one portal shows. newest: lists show so many rows at most."""

    rows: list[Row] = field(default_factory=list)
    served: dict[str, Served] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    newest: int | None = None

    def serve(self, path: str, since: datetime, state: Content | str | None) -> None:
        """From a moment on an address answers so."""
        one = self.served.setdefault(path, Served(path))
        one.states.append((since, state))
        one.states.sort(key=lambda pair: pair[0])

    def trouble(self, now: datetime, *kinds: Kind) -> Trouble | None:
        return next((t for t in self.troubles if t.holds(now) and t.kind in kinds), None)

    def shown(self, list_name: str, now: datetime) -> list[Row]:
        """What a list shows at a moment, newest first."""
        if stale := self.trouble(now, "stale"):
            now = stale.begin
        rows = [row for row in self.rows if row.list_name == list_name and row.is_shown(now)]
        rows.sort(key=lambda row: (row.listed_on, row.since, row.title), reverse=True)
        if self.trouble(now, "filter"):
            rows = [row for row in rows if len(row.title.encode()) % 2]
        return rows[: self.newest]
