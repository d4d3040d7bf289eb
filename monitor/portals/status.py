"""What is known of each portal of a deployment: its file, and what the archive has of its crawls."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.portal import Expect, Portal
from db.archive import Archive
from db.collected.crawls import PortalState
from monitor.calendar import BEIJING

_NOTHING = PortalState(None, None, None, None, None, None, 0)


@dataclass(slots=True)
class PortalStatus:
    """One portal; times in Beijing to the minute, None where there is none.

    last_at, outcome, listed: of the last crawl that ended. good_at: the last crawl that was ok. columns_at: how old
    what is known of its lists is. age_days: the same in whole days before now. expected: what its file expects. keeps:
    whether `listed` is within it, None where nothing was listed or is expected. next: when something is to be done.
    """

    id: str
    name: str
    platform: str
    last_at: str | None
    outcome: str | None
    good_at: str | None
    columns_at: str | None
    age_days: int | None
    listed: int | None
    expected: str
    keeps: bool | None
    documents: int
    hours: str | None
    next: str


def status_of(portals: Iterable[Portal], archive: Archive | None, now: datetime) -> list[PortalStatus]:
    """The state of each portal. archive: None where there is none yet. now: timezone-aware."""
    found = []
    for portal in portals:
        state = (
            archive.crawls.state(portal.id, [column.url for column in portal.columns])
            if archive is not None
            else _NOTHING
        )
        age = (now - state.columns_at) // timedelta(days=1) if state.columns_at else None
        found.append(
            PortalStatus(
                portal.id,
                portal.name,
                portal.platform,
                _beijing(state.last_at),
                state.outcome,
                _beijing(state.good_at),
                _beijing(state.columns_at),
                max(age, 0) if age is not None else None,
                state.listed,
                _expected(portal.expect),
                _keeps(portal.expect, state.listed),
                state.documents,
                portal.hours,
                _next(portal, archive, state, now),
            )
        )
    return found


def _expected(expect: Expect) -> str:
    if expect.max is not None:
        return f"{expect.min}–{expect.max}"
    return f"≥ {expect.min}" if expect.min else "–"


def _keeps(expect: Expect, listed: int | None) -> bool | None:
    if listed is None or (not expect.min and expect.max is None):
        return None
    return expect.min <= listed and (expect.max is None or listed <= expect.max)


def _next(portal: Portal, archive: Archive | None, state: PortalState, now: datetime) -> str:
    """When a crawl has something to do: the lists always, pages from a time on; and when it may."""
    hours = f"; only {portal.hours}" if portal.hours else ""
    if state.last_at is None or archive is None:
        return f"first crawl{hours}"
    due = archive.frontier.count_due(portal.id, now)
    if due:
        return f"{due} due now{hours}"
    return f"{_beijing(state.due_at) or 'lists only'}{hours}"


def _beijing(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}" if moment else None
