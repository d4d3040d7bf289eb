"""The changes of a report after its publication. Pure: a Season in, changes out.

A change is seen between two documents of other bytes, at one address or where one address took the place of another,
that the same version of the parser has read. A content that was seen once, between two that say the same, is none: it
may have been another page, or our reading.
"""

from dataclasses import dataclass
from itertools import pairwise

from monitor.judging.alteration import Alteration, alteration
from monitor.judging.season import Publication, RevisionSeen, Season
from monitor.judging.withdrawal import is_gone
from parsers.names import clean_name
from parsers.report import Report


@dataclass(frozen=True, slots=True)
class Content:
    """What stood at an address for a time, and says the same."""

    url: str
    seen: RevisionSeen
    report: Report

    @property
    def is_seen_twice(self) -> bool:
        return self.seen.last_seen_at > self.seen.first_seen_at


@dataclass(frozen=True, slots=True)
class Revised:
    """From one content to the next. is_confirmed: a second look has shown the new one."""

    before: Content
    after: Content
    alteration: Alteration
    is_confirmed: bool


def revised(season: Season) -> list[Revised]:
    """The changes of the agency's own report, oldest first; the same change at several addresses once."""
    found = [change for line in lines(season) for change in _changes(_contents(season, line))]
    different: dict[tuple[object, ...], Revised] = {}
    for change in sorted(found, key=lambda one: one.after.seen.first_seen_at):
        which = _which(change.alteration)
        known = different.setdefault(which, change)
        if change.is_confirmed and not known.is_confirmed:
            different[which] = change
    return list(different.values())


def _which(said: Alteration) -> tuple[object, ...]:
    if said.figures:
        return tuple((c.figure, c.before and c.before.value, c.after and c.after.value) for c in said.figures)
    return (*(sentence for _, sentence in said.removed), None, *(sentence for _, sentence in said.added))


def lines(season: Season) -> list[list[Publication]]:
    """The own publications of an agency, each with those that took its place: at another address of the same source,
    under the same title, first seen once the earlier was gone."""
    found: list[list[Publication]] = []
    for one in sorted(own(season), key=lambda p: p.first_seen_at):
        for line in found:
            if _takes_place(line[-1], one):
                line.append(one)
                break
        else:
            found.append([one])
    return found


def own(season: Season) -> list[Publication]:
    """The publications of the agency's own report that were read."""
    return [p for p in season.publications if p.owner == season.agency.id and p.revisions]


def _takes_place(earlier: Publication, later: Publication) -> bool:
    same = clean_name(earlier.title or "") == clean_name(later.title or "") != ""
    looks = earlier.own_looks
    went = [look.at for look in looks if look.outcome == "gone"]
    return (
        same
        and earlier.source == later.source
        and is_gone(look.outcome for look in looks)
        and later.first_seen_at >= earlier.last_seen_at
        and bool(went)
    )


def _contents(season: Season, line: list[Publication]) -> list[Content]:
    """What stood there, in order; neighbours that say the same are one."""
    found: list[Content] = []
    for publication in line:
        for seen in publication.revisions:
            report = season.contents.get(seen.report_id)
            if report is None:
                continue
            found.append(Content(publication.url, seen, report))
            _merge(found)
    return found


def _merge(found: list[Content]) -> None:
    """Make one of the last two where they say the same; drop what was seen once between two that do."""
    if len(found) > 1 and _same(found[-2], found[-1]):
        last = found.pop()
        found[-1] = _until(found[-1], last)
    elif len(found) > 2 and not found[-2].is_seen_twice and _same(found[-3], found[-1]):
        last = found.pop()
        found.pop()
        found[-1] = _until(found[-1], last)


def _until(first: Content, last: Content) -> Content:
    """A content that was seen again in other bytes."""
    seen = last.seen._replace(first_seen_at=first.seen.first_seen_at)
    return Content(last.url, seen, last.report)


def _same(one: Content, other: Content) -> bool:
    return one.seen.parser_version == other.seen.parser_version and alteration(one.report, other.report) is None


def _changes(contents: list[Content]) -> list[Revised]:
    found = []
    for before, after in pairwise(contents):
        if before.seen.parser_version != after.seen.parser_version or before.seen.sha256 == after.seen.sha256:
            continue  # it may be our reading that has changed
        said = alteration(before.report, after.report)
        if said is not None:
            found.append(Revised(before, after, said, after.is_seen_twice))
    return found
