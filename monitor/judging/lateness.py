"""Did a report come late? Pure: a Season and what set the deadline in, a Lateness out; None says nothing.

What makes it nothing: any sign of the report before the deadline had passed; a page or list whose every date says that
it was in time, or came by the first working day after a deadline on a day off; another source that had it before its
own portal's list; a column without a good and complete read after the deadline and before it came; reads that bear no
witness, or list what may be it under another name; the agency's name in the bytes of those lists; many that came at
once without a printed date after the deadline; a file that has not been obtained. What is left may still be innocent,
and is certain only without any of `Doubt`.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from monitor.calendar import (
    Late,
    beijing_day,
    end_of_day,
    first_working_day_after,
    is_working_day,
    late_by,
    working_days_between,
)
from monitor.duties import LOCAL, DatedDuty
from monitor.judging.absence import MIN_WORKING_DAYS, WATCHED_WITHIN, Lack, Read, State, safe_working_day_after
from monitor.judging.arrival import (
    Arrival,
    Before,
    arrival_of,
    before,
    came_with,
    claimed,
    claimed_days,
    columns_then,
    is_in_newer,
    is_unsteady,
    seen_twice,
)
from monitor.judging.season import Season

MASS = 5
"""So many reports of a year that a list shows at once, and a third of what it had shown: not one agency's doing."""


class Doubt(StrEnum):
    """Why a report that came after its deadline is not certainly late; each is a sentence of the catalogue under
    `doubt-<value>`."""

    UNWATCHED = "unwatched"  # the list that shows it had no good read before the deadline passed
    OTHERS_UNWATCHED = "others-unwatched"  # another that could carry it had none
    LONG_BEFORE = "long-before"  # the last good read before the deadline is too old
    OUTAGE = "outage"  # the list could not be read over the deadline
    HOLIDAYS = "holidays"  # the holiday notice of the year is not known
    FEW_READS = "few-reads"  # one read or day without it, and no printed date after the deadline
    NO_NEWS = "no-news"  # the list showed nothing new in those reads, and no printed date after the deadline
    TOGETHER = "together"  # many came at once, or its earlier ones with it
    PRINTED = "printed"  # one of its printed dates says that it was in time
    ADDRESS = "address"  # the date in its address does
    KNOWN_PAGE = "known-page"  # the page that carries its file was known before
    NOTICE = "notice"  # a notice that was there when the lists did not show it says that it is published
    UNREAD = "unread"  # it could not be read
    SEARCH = "search"  # the bytes of the lists could not all be searched for the agency's name
    REFORMED = "reformed"  # the agency was reorganised in that year or since


@dataclass(frozen=True, slots=True)
class Lateness:
    """A report that was not seen after its deadline, and then was.

    duty: what set the deadline. late: from it to the arrival. in_grace: the deadline was a day off, and the report came
    by the end of the first working day after it. printed: the last day that a page or list prints for its publication,
    where all of them lie after the deadline.
    """

    duty: DatedDuty
    due: date
    arrival: Arrival
    before: Before
    late: Late
    in_grace: bool
    doubts: tuple[Doubt, ...]
    printed: date | None
    confirmed: bool


def grace_day(due: date) -> date:
    """The last day whose reads say nothing of lateness: the deadline; where that was a day off, or may have been, the
    first working day after it."""
    working, known = is_working_day(due)
    return due if working and known else safe_working_day_after(due)


def shown_in_time(season: Season, due: date) -> bool:
    """Whether anything shows the report to have been public before the deadline had passed."""
    end = end_of_day(due)
    if any(p.shown_at < end or any(k.at < end for k in p.looks if k.url == p.url) for p in season.publications):
        return True
    key = (season.agency.id, season.year)
    return any(key in read.seen for read in season.reads if read.at < end)


def lateness(season: Season, duty: DatedDuty | None) -> Lateness | None:
    """Whether the report came after the date that this duty sets."""
    absence = season.absence
    if duty is None or absence.state not in (State.PRESENT, State.PUBLISHED_UNREAD):
        return None
    has_source = absence.agency.duty_source.strip() or duty.name == LOCAL
    due = duty.deadline(season.year)
    if not has_source or season.now < end_of_day(safe_working_day_after(due)) or shown_in_time(season, due):
        return None
    arrival = arrival_of(season)
    if arrival is None or arrival.elsewhere or Lack.MENTIONED in absence.lacking or not season.publications:
        return None
    days = claimed_days(season)
    if (days and days[-1] <= due) or _is_claimed(season, end_of_day(due)):
        return None
    first_working = first_working_day_after(due)
    late = late_by(due, arrival.day)
    in_grace = late.on_holiday and late.known and first_working.known and arrival.day <= first_working.day
    if late.on_holiday and not in_grace and days and days[-1] <= first_working.day:
        return None  # every printed date says that it came by then, and the list may have been a stale copy
    seen = before(season, arrival, due if in_grace else grace_day(due))
    if seen is None:
        return None
    after = bool(days) and days[0] > due
    doubts = [
        *_of_the_watch(season, arrival, due),
        *_of_the_reads(season, arrival, seen, after),
        *_of_the_report(season, due),
        *([Doubt.NOTICE] if _is_claimed(season, seen.as_of) else []),
        *([] if late.known and first_working.known else [Doubt.HOLIDAYS]),
    ]
    if not after and (Doubt.TOGETHER in doubts or Doubt.UNREAD in doubts or is_unsteady(season, arrival, due)):
        return None  # a list that was filtered or stale for everybody; a page whose date is not known
    ordered = tuple(doubt for doubt in Doubt if doubt in doubts)
    return Lateness(duty, due, arrival, seen, late, in_grace, ordered, days[-1] if after else None, seen_twice(season))


def reads_to_search(season: Season) -> tuple[Read, ...]:
    """The reads whose bytes are to be searched for the agency's name before the report is said to be late or dated
    back; none where neither will be said. What came of it: `with_search`."""
    searched = replace(season, absence=replace(season.absence, searched=True))
    claims = (*(lateness(searched, duty) for duty in (season.absence.duty, season.absence.local)), backdated(searched))
    reads = {(read.column, read.at): read for claim in claims if claim for read in claim.before.searchable}
    return tuple(reads[which] for which in sorted(reads))


def with_search(season: Season, *, is_mentioned: bool, is_whole: bool) -> Season:
    """The season, with what came of the search. is_mentioned: the agency's name stands there near the words of a
    report. is_whole: every page of every read could be searched."""
    lacking = (Lack.MENTIONED,) if is_mentioned else ()
    return replace(season, absence=replace(season.absence, searched=is_whole, lacking=lacking))


@dataclass(frozen=True, slots=True)
class Backdated:
    """A report that a page or list dates on a day after which it was not there. printed: the latest of those days."""

    printed: date
    arrival: Arrival
    before: Before
    confirmed: bool


def backdated(season: Season) -> Backdated | None:
    """Whether all printed dates of publication say that the report was in time, and two good reads or more of every
    column, on two days or more, after that day and a working day more, the last of them at least five working days
    after it, did not show it: publishing has its queues, and lists are made anew once in a while."""
    due, absence = season.absence.due, season.absence
    if due is None or absence.state is not State.PRESENT or season.is_reformed or shown_in_time(season, due):
        return None
    arrival = arrival_of(season)
    if arrival is None or arrival.elsewhere or Lack.MENTIONED in absence.lacking or not absence.searched:
        return None
    days = claimed_days(season)
    if not days or days[-1] > due or days[-1].year <= season.year:
        return None  # not in time, or before the year was over, which no publication can be
    following = first_working_day_after(days[-1])
    seen = before(season, arrival, max(following.day, grace_day(due)))
    if seen is None or not seen.fresh or min(seen.fewest()) < 2:
        return None
    waited = working_days_between(days[-1] + timedelta(days=1), beijing_day(seen.as_of))
    if not waited.known or waited.working < MIN_WORKING_DAYS:
        return None
    doubts = {*_of_the_watch(season, arrival, due), *_of_the_reads(season, arrival, seen, after=True)}
    if doubts & {Doubt.UNWATCHED, Doubt.OUTAGE, Doubt.TOGETHER} or _is_claimed(season, seen.as_of):
        return None
    if is_unsteady(season, arrival, days[-1]):
        return None
    return Backdated(days[-1], arrival, seen, seen_twice(season))


def _of_the_watch(season: Season, arrival: Arrival, due: date) -> list[Doubt]:
    """Whether the lists were looked at before the deadline, and around it."""
    end = end_of_day(due)
    others = set(columns_then(season, arrival, due)) - {arrival.column}
    last: dict[str, datetime] = {read.column: read.at for read in season.reads if read.good and read.at < end}
    home = [read for read in season.reads if read.column == arrival.column]
    until = [read.good for read in home if read.at < end]
    since = [read.good for read in home if read.at >= end]
    is_out = bool(until and since) and not until[-1] and not since[0]
    return [
        *([] if arrival.column in last else [Doubt.UNWATCHED]),
        *([] if others <= last.keys() and not is_in_newer(season, arrival) else [Doubt.OTHERS_UNWATCHED]),
        *([Doubt.LONG_BEFORE] if end - last.get(arrival.column, end) > WATCHED_WITHIN else []),
        *([Doubt.OUTAGE] if is_out else []),
    ]


def _of_the_reads(season: Season, arrival: Arrival, seen: Before, after: bool) -> list[Doubt]:
    """after: the page or the list prints a day after the deadline."""
    together, known, has_older = came_with(season, arrival)
    return [
        *([] if after or min(seen.fewest()) > 1 else [Doubt.FEW_READS]),
        *([] if after or seen.fresh else [Doubt.NO_NEWS]),
        *([Doubt.TOGETHER] if has_older or (together >= MASS and together * 3 >= known) else []),
        *([] if season.absence.searched else [Doubt.SEARCH]),
    ]


def _of_the_report(season: Season, due: date) -> list[Doubt]:
    printed = claimed(season)
    in_time = {one.source == "url" for one in printed if date.fromisoformat(one.day) <= due}
    # 生成日期 is when the entry of a catalogue was made; a day of signing says nothing of publication.
    made = (d for p in season.publications for d in p.dates if d.kind == "signed" and (d.text or "").startswith("生成"))
    pages = (look for p in season.publications for look in p.looks if look.url != p.url)
    return [
        *([Doubt.PRINTED] if False in in_time or any(date.fromisoformat(d.day) <= due for d in made) else []),
        *([Doubt.ADDRESS] if True in in_time else []),
        *([Doubt.KNOWN_PAGE] if any(beijing_day(look.at) <= due for look in pages) else []),
        *([Doubt.UNREAD] if season.absence.state is not State.PRESENT else []),
        *([Doubt.REFORMED] if season.is_reformed else []),
    ]


def _is_claimed(season: Season, by: datetime) -> bool:
    """Whether a notice that was seen by a moment, or may have been, says that the report is published."""
    return any(c.has_published and (c.first_seen_at is None or c.first_seen_at <= by) for c in season.claims)
