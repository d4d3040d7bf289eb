"""Was a report due and is it there? Pure: reads of the portal's columns in, one state out.

The words are kept apart as in the design: an agency is silent, a portal is blocked, or we cannot read: three
different facts. `missing` needs all of these, and anything short of it is `overdue_unconfirmed`, which is not told:

- a dated duty with its source, and no announced closure;
- the deadline and the first working day after it have passed, in Beijing time;
- of every column that could carry the report, three good and complete reads after the deadline, on three days or
  more, from first to last over five working days or more, none of which showed it;
- no entry that was listed there and not understood could be it, and the kept bytes of the lists nowhere name the
  agency near the words of such a report (monitor/judging/mentions.py looks, and calls `mentioned`);
- in one such column each of those reads showed other agencies' reports of that year, or an earlier one of this
  agency; where a column has ever shown this agency, it must be such a column.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from db.records import Agency
from monitor.calendar import (
    beijing_day,
    deadline,
    end_of_day,
    first_working_day_after,
    possible_holidays,
    working_days_between,
)
from monitor.judging.likeness import may_be

MIN_READS = 3
MIN_DAYS = 3
MIN_WORKING_DAYS = 5


class State(StrEnum):
    """What is known of one agency's report for one year."""

    NOT_OWED = "not_owed"
    NOT_YET_DUE = "not_yet_due"
    PRESENT = "present"
    PUBLISHED_UNREAD = "published_unread"
    NOT_FOUND_SO_FAR = "not_found_so_far"
    OVERDUE_UNCONFIRMED = "overdue_unconfirmed"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Held(StrEnum):
    """What the archive holds of the report, from any source: nothing, a report, or a document that we cannot read."""

    NOTHING = "nothing"
    REPORT = "report"
    UNREAD = "unread"


class Lack(StrEnum):
    """What `missing` still needs; each is a sentence of the catalogue under `lacking-<value>`."""

    SOURCE = "source"  # no source for the agency's duty
    CLOSURE = "closure"  # the portal or column has announced its closure
    WORKING_DAY = "working-day"  # the first working day after the deadline is not over
    UNREAD_COLUMN = "unread-column"  # a column that could carry it has had no good read since the deadline
    READS = "reads"
    DAYS = "days"
    SPAN = "span"
    PEERS = "peers"  # no column showed others' reports of that year, or this agency's earlier one
    UNRESOLVED = "unresolved"  # a report of that year is listed whose agency could not be told
    MENTIONED = "mentioned"  # the agency's name stands in the list near the words of a report


@dataclass(frozen=True, slots=True)
class Column:
    """A list that could carry reports, a search or an agency's own column included.

    year, agency: set where the column carries one reporting year, or one agency (its key), only.
    """

    url: str
    name: str = ""
    year: int | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One look at one column.

    at: timezone-aware. good: fetched and understood, neither blocked, empty nor failed. complete: every page of it.
    seen: (agency key, reporting year) of each report listed. unresolved: reporting years of listed reports whose
    agency could not be told, any of which might be the one that is looked for; None: not even the year could be told.
    strangers: (name as printed, reporting year) of listed reports of agencies that the register does not know, which
    may be other names of those that it does.
    """

    column: str
    at: datetime
    good: bool
    complete: bool
    seen: frozenset[tuple[str, int]] = frozenset()
    unresolved: frozenset[int | None] = frozenset()
    strangers: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Absence:
    """The state of one agency's report for one year, and what it rests on.

    columns: those that could carry it. proof: the reads that count, oldest first. witnesses: those of them that
    showed others' reports of that year or an earlier one of this agency. as_of: the last moment for which all
    columns were looked at. lacking: what is short of `missing`. watched_before_due: a column was already read well
    when the deadline had not passed; otherwise the report may have come and gone before our first visit. searched: the
    bytes behind every read of the proof are there and were searched for the agency's name.
    """

    state: State
    agency: Agency
    year: int
    due: date | None = None
    columns: tuple[Column, ...] = ()
    proof: tuple[Read, ...] = ()
    witnesses: tuple[Read, ...] = ()
    as_of: datetime | None = None
    lacking: tuple[Lack, ...] = ()
    watched_before_due: bool = False
    searched: bool = True


def mentioned(absence: Absence) -> Absence:
    """The absence of an agency whose name was found in the lists after all: not told."""
    return replace(absence, state=State.OVERDUE_UNCONFIRMED, lacking=(*absence.lacking, Lack.MENTIONED))


def judge(
    agency: Agency,
    year: int,
    *,
    columns: Sequence[Column],
    reads: Iterable[Read],
    held: Held,
    now: datetime,
    closure: str | None = None,
) -> Absence:
    """Judge one agency and reporting year from its portal's columns.

    columns: all of the portal's; those kept for another year or agency are left out here. reads: looks at them, in
    any order; looks later than `now` do not count. held: what the archive has, from any source.
    closure: the announcement, where the portal or its column has said that it closes.
    """
    if agency.duty == "none" or not _existed(agency, year):
        return Absence(State.NOT_OWED, agency, year)
    due = deadline(agency.duty, year)
    wanted = tuple(c for c in columns if c.year in (None, year) and c.agency in (None, agency.id))
    urls = {column.url for column in wanted}
    past = sorted((r for r in reads if r.at <= now), key=lambda r: r.at)
    looks = [read for read in past if read.column in urls]
    if held is Held.REPORT:
        return Absence(State.PRESENT, agency, year, due, wanted)
    listed = tuple(look for look in past if (agency.id, year) in look.seen)
    if held is Held.UNREAD or listed:
        last = listed[-1].at if listed else None
        return Absence(State.PUBLISHED_UNREAD, agency, year, due, wanted, listed, as_of=last)
    last_day = due or date(year, 12, 31)
    if now < end_of_day(last_day):
        return Absence(State.NOT_YET_DUE, agency, year, due, wanted)
    counted = {url: [r for r in looks if r.column == url and _counts(r, last_day)] for url in urls}
    proof = tuple(sorted((r for reads_of in counted.values() for r in reads_of), key=lambda r: r.at))
    if not proof:
        return Absence(State.UNKNOWN, agency, year, due, wanted)
    as_of = min(reads_of[-1].at for reads_of in counted.values() if reads_of)
    if due is None:
        return Absence(State.NOT_FOUND_SO_FAR, agency, year, None, wanted, proof, as_of=as_of)
    before = any(r.good and r.at < end_of_day(due) for r in looks)
    witnesses, witness_lack = _witnesses(agency.id, year, counted, looks)
    lacking = [
        *([] if agency.duty_source.strip() else [Lack.SOURCE]),
        *([Lack.CLOSURE] if closure else []),
        *([] if now >= end_of_day(_safe_working_day_after(due)) else [Lack.WORKING_DAY]),
        *(lack for reads_of in counted.values() for lack in _too_few(reads_of)),
        *witness_lack,
        *([Lack.UNRESOLVED] if any(_may_list(r, agency, year) for r in proof) else []),
    ]
    lacking = [lack for lack in Lack if lack in lacking]
    state = State.OVERDUE_UNCONFIRMED if lacking else State.MISSING
    return Absence(state, agency, year, due, wanted, proof, witnesses, as_of, tuple(lacking), before)


def _existed(agency: Agency, year: int) -> bool:
    started = agency.from_year is None or agency.from_year <= year
    return started and (agency.to_year is None or year <= agency.to_year)


def _counts(read: Read, last_day: date) -> bool:
    """A read says something about absence only if it is whole and made after the deadline's own day."""
    return read.good and read.complete and beijing_day(read.at) > last_day


def _may_list(read: Read, agency: Agency, year: int) -> bool:
    """Whether a read lists a report that may be the one that is looked for, under a name that could not be told."""
    if {year, None} & read.unresolved:
        return True
    return any(listed == year and may_be(printed, agency.name) for printed, listed in read.strangers)


def _too_few(reads: Sequence[Read]) -> list[Lack]:
    """What the reads of one column lack in number, in days, and in working days from first to last."""
    if not reads:
        return [Lack.UNREAD_COLUMN]
    days = [beijing_day(read.at) for read in reads]
    span = working_days_between(days[0], days[-1])
    return [
        *([Lack.READS] if len(reads) < MIN_READS else []),
        *([Lack.DAYS] if len(set(days)) < MIN_DAYS else []),
        *([Lack.SPAN] if span.working - possible_holidays(span.known) < MIN_WORKING_DAYS else []),
    ]


def _witnesses(
    agency: str, year: int, counted: dict[str, list[Read]], looks: Sequence[Read]
) -> tuple[tuple[Read, ...], list[Lack]]:
    """The reads that show a column to be alive for this year, of the columns whose other reads are not needed."""
    homes = {look.column for look in looks if any(key == agency for key, _ in look.seen)}
    witnesses: list[Read] = []
    for url, reads in counted.items():
        showing = [read for read in reads if _shows_peers(read, agency, year)]
        if showing and (not homes or url in homes) and _too_few(showing) == _too_few(reads):
            witnesses += showing
    return tuple(sorted(witnesses, key=lambda r: r.at)), [] if witnesses else [Lack.PEERS]


def _shows_peers(read: Read, agency: str, year: int) -> bool:
    return any((key != agency and y == year) or (key == agency and y < year) for key, y in read.seen)


def _safe_working_day_after(due: date) -> date:
    """The first working day after the deadline; in a year of unknown holidays the first that must be one."""
    first = first_working_day_after(due)
    day = first.day
    for _ in range(possible_holidays(first.known)):
        day = first_working_day_after(day).day
    return day
