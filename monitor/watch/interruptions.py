"""Which portals are not watched, and whom that concerns: silence about them proves nothing. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from db.local_rules import region_stem
from db.telling.records import Filter
from db.telling.troubles import INTERRUPTED, Kept
from db.telling.watched import Carried
from monitor.watch.stale import in_season
from monitor.watch.troubles import PortalFacts, since_season

UNREAD_FOR = timedelta(days=2)  # of failing looks, in the season
UNSEEN_FOR = timedelta(days=3)  # the same without a look that fails: one is due every day
TOLD_EVERY = timedelta(days=1)  # what changes while it lasts

_PORTALS, _BACK = "portals", "back"  # in the detail: portal -> since; portal -> [since, until]

# begins, ends: of a whole interruption. changes: other portals than told are concerned.
Told = Literal["begins", "changes", "ends"]


class Step(NamedTuple):
    """What is to be written down, and told: None for nothing. unwatched: portal -> since when. back: portal -> from
    when to when it was not."""

    kept: Kept
    told: Told | None
    unwatched: dict[str, datetime]
    back: dict[str, tuple[datetime, datetime]]


# Which portals


def unwatched(
    portals: Iterable[PortalFacts], now: datetime, standing: Mapping[str, datetime], nothing_since: datetime | None
) -> dict[str, datetime]:
    """Portal -> since when it is not watched: when it, or one of its columns, was last read well.

    In the season only: later nobody waits. standing: portals of which somebody was told that they are not watched, with
    since when; they are watched again once they were read well. nothing_since: since when nothing runs at all, or
    nothing can be read; None where that is not so.
    """
    found = {}
    for portal in portals:
        before = standing.get(portal.id)
        since = _unread_since(portal, now) if before is None else _still_unread(portal, before)
        if since is None and nothing_since is not None:
            since = portal.looks.good_at if portal.looks.good_at and portal.looks.good_at < nothing_since else None
            since = since or nothing_since
        if since is not None:
            found[portal.id] = since
    return found


def _unread_since(portal: PortalFacts, now: datetime) -> datetime | None:
    if not in_season(now):
        return None
    looks, found = portal.looks, []
    if looks.bad_since is not None and now - since_season(looks.bad_since, now) > UNREAD_FOR:
        found.append(looks.good_at or looks.first_at or looks.bad_since)
    elif looks.good_at is not None and now - since_season(looks.good_at, now) > UNSEEN_FOR:
        found.append(looks.good_at)
    found += [
        reads.good_at or looks.first_at or reads.bad_since
        for reads in portal.columns.values()
        if reads.bad_since is not None and now - since_season(reads.bad_since, now) > UNREAD_FOR
    ]
    return min(found, default=None)


def _still_unread(portal: PortalFacts, since: datetime) -> datetime | None:
    looks = portal.looks
    was_read = looks.good_at is not None and looks.good_at > since and not looks.bad
    return None if was_read and not any(reads.bad_since for reads in portal.columns.values()) else since


# Whom they concern


class Reach:
    """Which portals carry what somebody wants to hear of. What the register does not know may be anywhere."""

    def __init__(self, portals: Iterable[str], carried: Mapping[str, list[Carried]], anywhere: list[Carried]) -> None:
        self._portals = frozenset(portals)
        self._carried = {portal: _Agencies(carried[portal]) for portal in self._portals if carried.get(portal)}
        self._anywhere = _Agencies(anywhere)
        self._known: dict[tuple[str, str, str], frozenset[str]] = {}

    def of(self, filters: Iterable[Filter]) -> frozenset[str]:
        """The portals that could concern somebody with these filters, any of which suffices."""
        return frozenset().union(*(self._of(one.place, one.agency_id, one.organ) for one in filters))

    def _of(self, place: str, agency_id: str, organ: str) -> frozenset[str]:
        wanted = place, agency_id, organ
        if wanted not in self._known:
            self._known[wanted] = self._found(*wanted)
        return self._known[wanted]

    def _found(self, place: str, agency_id: str, organ: str) -> frozenset[str]:
        if not (place or agency_id or organ) or self._anywhere.has(place, agency_id, organ):
            return self._portals
        return frozenset(
            portal
            for portal in self._portals
            if portal not in self._carried or self._carried[portal].has(place, agency_id, organ)
        )


class _Agencies:
    """Agencies, to be asked for those of a place (with all below it), an organ or an id."""

    def __init__(self, agencies: Iterable[Carried]) -> None:
        agencies = list(agencies)
        self._ids = {agency.id for agency in agencies}
        known = [agency for agency in agencies if agency.organ]
        regions: dict[str, set[str]] = {"": {agency.region_code for agency in known}}
        for agency in known:
            regions.setdefault(agency.organ, set()).add(agency.region_code)
        self._regions = {organ: sorted(codes) for organ, codes in regions.items()}

    def has(self, place: str, agency_id: str, organ: str) -> bool:
        if agency_id:
            return agency_id in self._ids
        regions = self._regions.get(organ, [])
        if not place:
            return bool(regions)
        stem = region_stem(place)
        first = bisect_left(regions, stem)
        return first < len(regions) and regions[first].startswith(stem)


# From one look to the next


def steps(
    standing: Mapping[str, Kept], concerned: Mapping[str, Mapping[str, datetime]], portals: Iterable[str], now: datetime
) -> list[Step]:
    """What is to be told to subscribers. concerned: subscriber -> the portals that it waits for and that are not
    watched, with since when; every subscriber is in it. portals: those of the settings."""
    known = set(portals)
    found = []
    for subject, unseen in concerned.items():
        step = _step(standing.get(subject), subject, dict(unseen), known, now)
        if step is not None:
            found.append(step)
    for subject, kept in standing.items():
        if subject not in concerned:  # gone, or waits for nothing any more
            found.append(Step(kept._replace(ended_at=now), None, {}, {}))
    return found


def told_of(kept: Kept) -> dict[str, datetime]:
    """The portals that a subscriber was told of, with since when."""
    return {portal: datetime.fromisoformat(at) for portal, at in kept.detail[_PORTALS].items()}


def were_back(kept: Kept) -> dict[str, tuple[datetime, datetime]]:
    """The portals that were watched again, with from when to when they were not."""
    spans = kept.detail[_BACK].items()
    return {portal: (datetime.fromisoformat(begin), datetime.fromisoformat(end)) for portal, (begin, end) in spans}


def _step(kept: Kept | None, subject: str, unseen: dict[str, datetime], known: set[str], now: datetime) -> Step | None:
    if kept is None:
        if not unseen:
            return None
        begun = Kept(INTERRUPTED, subject, min(unseen.values()), now, None, _detail(unseen, {}))
        return Step(begun, "begins", unseen, {})
    told = told_of(kept)
    new = unseen.keys() - told.keys()
    back = {portal: (since, now) for portal, since in told.items() if portal not in unseen and portal in known}
    if not unseen:
        back = were_back(kept) | back
        return Step(
            kept._replace(told_at=now, ended_at=now, detail=_detail({}, back)), "ends" if back else None, {}, back
        )
    if not (new or back):
        return None
    if kept.told_at is not None and now - kept.told_at < TOLD_EVERY:
        return None  # it is told once for the day, as it is then
    shown = {portal: told.get(portal, since) for portal, since in unseen.items()}
    kept = kept._replace(told_at=now, detail=_detail(shown, were_back(kept) | back))
    return Step(kept, "changes", shown, back)


def _detail(unseen: Mapping[str, datetime], back: Mapping[str, tuple[datetime, datetime]]) -> dict[str, object]:
    return {
        _PORTALS: {portal: since.isoformat() for portal, since in unseen.items()},
        _BACK: {portal: [begin.isoformat(), end.isoformat()] for portal, (begin, end) in back.items()},
    }
