"""How a pretend portal fails on command: answers that are refused, dropped, slow or cut, and content that changes."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from crawler.sandbox.plot import Spell
from crawler.sandbox.portal_site import Failure, PortalSite, Publication
from crawler.sandbox.portals import Shape, all_shapes, site_class
from crawler.sandbox.publications import PublishedReport, changed_figures, changed_title

REFUSALS = {
    "412": b"<!DOCTYPE html><html><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script></html>",
    "429": "<html><body><p>请求过多，请稍后再试</p></body></html>".encode(),
    "503": b"<html><body><h1>503 Service Unavailable</h1></body></html>",
}
ANSWERS: tuple[Failure, ...] = ("412", "429", "503", "drop", "slow", "truncated")
"""Failures of single answers; the others are of the content."""

Edit = Callable[[PortalSite], PortalSite]


@dataclass(slots=True)
class Trouble:
    """A failure of answers. path: a pattern of the addresses (decoded, with query), None for all. times: how many
    answers are still to fail, None for all. released: set when nobody is to be kept waiting any longer."""

    failure: Failure
    path: re.Pattern[str] | None = None
    times: int | None = None
    retry_after: int | None = None
    wait_s: float = 0.0
    released: threading.Event = field(default_factory=threading.Event)


class Condition:
    """What is wrong with one portal, and what it shows because of it. Safe to be asked by several threads.

    site: the portal as it is now. base: the portal in health.
    """

    def __init__(self, base: PortalSite) -> None:
        self.base = self.site = base
        self._troubles: list[Trouble] = []
        self._edits: list[tuple[Failure, Edit]] = []
        self._lock = threading.Lock()

    def trouble_at(self, address: str) -> Trouble | None:
        """The failure that the answer to this address has; it is counted."""
        with self._lock:
            for trouble in self._troubles:
                if trouble.times != 0 and (trouble.path is None or trouble.path.search(address)):
                    trouble.times = None if trouble.times is None else trouble.times - 1
                    return trouble
        return None

    def add(self, trouble: Trouble) -> None:
        with self._lock:
            self._troubles.append(trouble)

    def edit(self, failure: Failure, edit: Edit) -> None:
        with self._lock:
            self.site = edit(self.site)
            self._edits.append((failure, edit))

    def recover(self, failures: Sequence[Failure] = ()) -> None:
        """End these failures, by default all; whoever waits is answered."""
        with self._lock:
            ended = [t for t in self._troubles if not failures or t.failure in failures]
            self._edits = [(f, edit) for f, edit in self._edits if failures and f not in failures]
            self._end(ended)

    def end(self, what: Trouble | Edit) -> None:
        """End one of them; the others go on."""
        with self._lock:
            self._edits = [(f, edit) for f, edit in self._edits if edit is not what]
            self._end([trouble for trouble in self._troubles if trouble is what])

    def _end(self, ended: Sequence[Trouble]) -> None:
        """Leave out these troubles, and show what the edits that are left make of the portal."""
        self._troubles = [trouble for trouble in self._troubles if not any(trouble is one for one in ended)]
        site = self.base
        for _, edit in self._edits:
            site = edit(site)
        self.site = site
        for trouble in ended:
            trouble.released.set()

    def release(self) -> None:
        """Let go of everybody who waits for a slow answer."""
        with self._lock:
            for trouble in self._troubles:
                trouble.released.set()


def known_failure(failure: str) -> Failure:
    """The failure of that name. Raises ValueError with those that there are."""
    for known in get_args(Failure):
        if known == failure:
            return known
    raise ValueError(f"there is no failure {failure!r}; there are {', '.join(get_args(Failure))}")


def pattern(path: str | re.Pattern[str] | None) -> re.Pattern[str] | None:
    """A pattern of addresses. Raises ValueError for one that cannot be read."""
    try:
        return re.compile(path) if path is not None else None
    except re.error as error:
        raise ValueError(
            f"path must be a regular expression, as in r'_1001\\.html$' (found {path!r}: {error})"
        ) from None


def concerned(site: PortalSite, path: re.Pattern[str] | None, now: datetime) -> list[Publication]:
    """The publications that are there at a moment and whose address or title has the pattern; without one the newest
    report. Raises ValueError if there is none."""
    shown = site.shown(now)
    if path is None:
        found = [item for item in shown if item.kind == "report"][:1]
    else:
        found = [item for item in shown if path.search(site.article_path(item)) or path.search(item.title)]
    if not found:
        what = f"with {path.pattern!r} in address or title" if path else "of a report"
        raise ValueError(f"{site.id} shows no publication {what} at {now.isoformat()}; see truth() for what it shows")
    return found


def of_report(site: PortalSite, agency_id: str, year: int | None) -> list[Publication]:
    """The publication of an agency's report. Raises ValueError if there is none."""
    found = [p for p in site.publications if p.kind == "report" and (p.agency_id, p.year) == (agency_id, year)]
    if not found:
        raise ValueError(f"{site.id} has no report of {agency_id} for {year}")
    return found


def begin(condition: Condition, spell: Spell) -> Trouble | Edit:
    """Let what a plot says befall a portal; what is to be ended when it is over."""
    if spell.failure in ANSWERS:
        retry_after = 1 if spell.failure == "429" else None
        trouble = Trouble(spell.failure, retry_after=retry_after, wait_s=spell.wait_s)
        condition.add(trouble)
        return trouble
    if spell.agency_id is None:
        edit = redesign(condition.site, None)
    else:
        items = of_report(condition.site, spell.agency_id, spell.year)
        is_gone = spell.failure == "withdrawn"
        edit = withdraw(items) if is_gone else change(items, title=False, figures=spell.figures)
    condition.edit(spell.failure, edit)
    return edit


def withdraw(items: Sequence[Publication]) -> Edit:
    """These publications are gone, from the list and from their address."""
    numbers = {item.number for item in items}
    return lambda site: _with(site, [item for item in site.publications if item.number not in numbers])


def change(items: Sequence[Publication], *, title: bool, figures: Mapping[str, int] | None = None) -> Edit:
    """These publications say something else: another title, or another figure (figures: these), which only a country's
    reports can."""
    after: dict[int, Publication] = {}
    for item in items:
        if title:
            after[item.number] = changed_title(item)
        elif isinstance(item, PublishedReport):
            after[item.number] = changed_figures(item, figures)
        else:
            raise ValueError(f"{item.title}: has no figures that could change; ask for another title, or for a report")
    return lambda site: _with(site, [after.get(item.number, item) for item in site.publications])


def redesign(site: PortalSite, to: tuple[str, str] | None) -> Edit:
    """The same publications under another shape; by default the first one in which no old address is left.

    Raises ValueError if `to` leaves old addresses, or if there is no such shape.
    """
    old = set(map(site.article_path, site.publications)) | set(site.column_paths)
    shapes = [Shape(*to)] if to is not None else [shape for shape in all_shapes() if shape.name != "scripted"]
    for shape in shapes:
        made = _as(site, shape)
        if not old & (set(map(made.article_path, made.publications)) | set(made.column_paths)):
            return lambda site: _as(site, shape)
    tried = str(shapes[0]) if to is not None else "every shape"
    raise ValueError(f"{site.id}: {tried} would leave old addresses in place; name a shape of another platform")


def _with(site: PortalSite, items: Sequence[Publication]) -> PortalSite:
    return type(site)(site.id, site.name, site.place, items, variant=site.variant)


def _as(site: PortalSite, shape: Shape) -> PortalSite:
    return site_class(shape.name)(site.id, site.name, site.place, site.publications, variant=shape.variant)
