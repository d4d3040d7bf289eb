"""Was a report due and is it there? Pure: reads of the portal's columns in, one state out.

The words are kept apart as in the design: an agency is silent, a portal is blocked, or we cannot read: three
different facts. `missing` needs all of these, and anything short of it is `overdue_unconfirmed`, which is not told:

- a dated duty with its source, by law or by a rule of its region, and no announced closure;
- the deadline and the first working day after it have passed, in Beijing time;
- of every column that could carry the report, three good and complete reads after the deadline, on three days or
  more, from first to last over five working days or more, none of which showed it; a read that lacks what the column
  had shown before does not count (monitor/judging/stale.py);
- no entry that was listed there and not understood could be it, and the kept bytes of the lists nowhere name the
  agency near the words of such a report (monitor/judging/mentions.py looks, and calls `mentioned`);
- in one such column each of those reads showed other agencies' reports of that year, or an earlier one of this
  agency; where a column has ever shown this agency, it must be such a column; and where such columns were read before
  the weeks in which most reports come, one has shown something new in them or since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from db.local_rules import NO_LOCAL, LocalRules
from db.records import Agency
from monitor.calendar import (
    beijing_day,
    end_of_day,
    first_working_day_after,
    possible_holidays,
    working_days_between,
)
from monitor.duties import LOCAL, DatedDuty, due_of, local_date
from monitor.judging.likeness import may_be
from monitor.judging.stale import stale_reads

MIN_READS = 3
MIN_DAYS = 3
MIN_WORKING_DAYS = 5
WATCHED_WITHIN = timedelta(days=31)
"""So long before the end of a deadline a good read of a list says that it was watched then."""
STILL_FOR = timedelta(days=14)
"""So long before the end of a deadline, at the latest in January, most reports come."""
_OFFICES = ("办公室", "办公厅")


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
    STILL = "still"  # no column that bears witness has shown anything new since the weeks in which most reports come
    PEERS = "peers"  # no column showed others' reports of that year, or this agency's earlier one
    UNRESOLVED = "unresolved"  # a report of that year is listed whose agency could not be told
    SHRUNK = "shrunk"  # reads of a column lack what it had shown before, and do not count
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
    may be other names of those that it does. mistitled: (agency key, reporting year) of reports that may stand there
    under another year's title.
    """

    column: str
    at: datetime
    good: bool
    complete: bool
    seen: frozenset[tuple[str, int]] = frozenset()
    unresolved: frozenset[int | None] = frozenset()
    strangers: frozenset[tuple[str, int]] = frozenset()
    mistitled: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Absence:
    """The state of one agency's report for one year, and what it rests on.

    duty: what sets the deadline; None: no date is set. local: the earlier date of its region, where the law has set one
    too. columns: those that could carry it. proof: the reads that count, oldest first. witnesses: those of them that
    showed others' reports of that year or an earlier one of this agency. as_of: the last moment for which all
    columns were looked at. lacking: what is short of `missing`. watched_before_due: a column was already read well
    when the deadline had not passed; otherwise the report may have come and gone before our first visit. searched: the
    bytes behind every read that the claim rests on are there and were searched for the agency's name: those of the
    proof, or of a report that came late (lateness.reads_to_search).
    """

    state: State
    agency: Agency
    year: int
    duty: DatedDuty | None = None
    local: DatedDuty | None = None
    columns: tuple[Column, ...] = ()
    proof: tuple[Read, ...] = ()
    witnesses: tuple[Read, ...] = ()
    as_of: datetime | None = None
    lacking: tuple[Lack, ...] = ()
    watched_before_due: bool = False
    searched: bool = False

    @property
    def due(self) -> date | None:
        """The last day on which it is in time, whole and in Beijing; None: no date is set."""
        return self.duty.deadline(self.year) if self.duty else None


def mentioned(absence: Absence) -> Absence:
    """The state of a missing report where the agency's name was found in the lists after all: not told."""
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
    local: LocalRules = NO_LOCAL,
) -> Absence:
    """Judge one agency and reporting year from its portal's columns.

    columns: all of the portal's; those kept for another year or agency are left out here. reads: looks at them, and at
    those that it had before, in any order; looks later than `now` do not count. held: what the archive has, from any
    source.
    closure: the announcement, where the portal or its column has said that it closes. local: dates that regions have
    set for bodies of their own.
    """
    if agency.duty == "none" or not _existed(agency, year):
        return Absence(State.NOT_OWED, agency, year)
    place = {"region_code": agency.region_code, "organ": agency.organ}
    duty = due_of(agency.duty, year, **place, local=local)
    earlier = local_date(agency.duty, year, **place, local=local)
    due = duty.deadline(year) if duty else None
    wanted = tuple(c for c in columns if c.year in (None, year) and c.agency in (None, agency.id))
    urls = {column.url for column in wanted}
    past = sorted((r for r in reads if r.at <= now), key=lambda r: r.at)
    looks = [read for read in past if read.column in urls]
    if held is Held.REPORT:
        return Absence(State.PRESENT, agency, year, duty, earlier, wanted)
    listed = tuple(look for look in past if (agency.id, year) in look.seen)
    if held is Held.UNREAD or listed:
        last = listed[-1].at if listed else None
        return Absence(State.PUBLISHED_UNREAD, agency, year, duty, earlier, wanted, listed, as_of=last)
    last_day = due or date(year, 12, 31)
    if now < end_of_day(last_day):
        return Absence(State.NOT_YET_DUE, agency, year, duty, earlier, wanted)
    counted, is_shrunk = _counted(urls, looks, agency.id, year, last_day)
    former = _former(columns, past, counted, agency.id, year, last_day) if due else {}
    if former:
        counted |= former
        wanted += tuple(Column(url) for url in sorted(former))
        looks = [read for read in past if read.column in counted]
    too_few = {} if former else {url: few for url, reads_of in counted.items() if (few := _too_few(reads_of))}
    proof = tuple(sorted((r for reads_of in counted.values() for r in reads_of), key=lambda r: r.at))
    if not proof:
        return Absence(State.UNKNOWN, agency, year, duty, earlier, wanted)
    as_of = min(reads_of[-1].at for reads_of in counted.values() if reads_of)
    if duty is None or due is None:
        return Absence(State.NOT_FOUND_SO_FAR, agency, year, None, None, wanted, proof, as_of=as_of)
    others = {column.url for column in columns} - urls
    before = any(r.good and r.at < end_of_day(due) for r in past if r.column not in others)
    has_source = agency.duty_source.strip() or duty.name == LOCAL  # a local rule is its own source
    witnesses, witness_lack = _witnesses(agency.id, year, counted, looks)
    lacking = [
        *([] if has_source else [Lack.SOURCE]),
        *([Lack.CLOSURE] if closure else []),
        *([] if now >= end_of_day(safe_working_day_after(due)) else [Lack.WORKING_DAY]),
        *(lack for few in too_few.values() for lack in few),
        *witness_lack,
        *([Lack.UNRESOLVED] if any(may_list(r, agency, year) for r in proof) else []),
    ]
    if witnesses and not witness_lack and _stand_still({read.column for read in witnesses}, looks, due):
        lacking.append(Lack.STILL)
    lacking += [Lack.SHRUNK] if is_shrunk and lacking else []
    lacking = [lack for lack in Lack if lack in lacking]
    state = State.OVERDUE_UNCONFIRMED if lacking else State.MISSING
    return Absence(state, agency, year, duty, earlier, wanted, proof, witnesses, as_of, tuple(lacking), before)


def _existed(agency: Agency, year: int) -> bool:
    started = agency.from_year is None or agency.from_year <= year
    return started and (agency.to_year is None or year <= agency.to_year)


def counts(read: Read, last_day: date) -> bool:
    """A read says something about absence only if it is whole and made after the deadline's own day."""
    return read.good and read.complete and beijing_day(read.at) > last_day


def _counted(
    urls: Iterable[str], looks: Sequence[Read], agency: str, year: int, last_day: date
) -> tuple[dict[str, list[Read]], bool]:
    """(column -> its reads that count, whether others do not since they lack what the column had shown before)."""
    counted, is_shrunk = {}, False
    for url in urls:
        of_column = [read for read in looks if read.column == url]
        good = [read for read in of_column if counts(read, last_day)]
        stale = stale_reads(of_column, agency, year, end_of_day(last_day)) if good else set()
        counted[url] = [read for read in good if read.at not in stale]
        is_shrunk |= len(counted[url]) < len(good)
    return counted, is_shrunk


def _former(
    columns: Sequence[Column],
    past: Sequence[Read],
    counted: dict[str, list[Read]],
    agency: str,
    year: int,
    last_day: date,
) -> dict[str, list[Read]]:
    """The reads that count of the columns which a portal had when the deadline passed and has no more, where these are
    enough, and each column that is lacking reads is one that came instead and has been read since; else nothing.

    What the lists did not show before a site was rebuilt stays so after it.
    """
    end = end_of_day(last_day)
    lacking = {url for url, reads in counted.items() if _too_few(reads)}
    if not lacking or not all(counted[url] for url in lacking):
        return {}
    if any(read.at < end for read in past if read.column in lacking):
        return {}
    today = {column.url for column in columns}
    gone = {read.column for read in past if read.good and end - WATCHED_WITHIN <= read.at < end} - today
    former, _ = _counted(gone, past, agency, year, last_day)
    return {} if any(_too_few(reads) for reads in former.values()) else former


def may_list(read: Read, agency: Agency, year: int) -> bool:
    """Whether a read lists a report that may be the one that is looked for, under a name that could not be told, or
    under another year."""
    if {year, None} & read.unresolved or (agency.id, year) in read.mistitled or _lists_office(read, agency, year):
        return True
    return any(listed == year and may_be(printed, agency.name) for printed, listed in read.strangers)


def _lists_office(read: Read, government: Agency, year: int) -> bool:
    """Whether a read lists, where a government's report is looked for, one of its office, which often publishes the
    government's under its own name; not where it has listed one of each for an earlier year."""
    if government.organ != "government":
        return False
    offices = {f"{government.id}{kind}" for kind in _OFFICES} | {
        f"{government.id.removesuffix('人民政府')}{kind}" for kind in ("政府办公室", "政府办公厅")
    }
    if any(y == year and printed in {f"{government.name}{kind}" for kind in _OFFICES} for printed, y in read.strangers):
        return True
    own = {y for key, y in read.seen if key == government.id and y < year}
    both = any(key in offices and y in own for key, y in read.seen)
    return not both and any(key in offices and y == year for key, y in read.seen)


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
        showing = [read for read in reads if shows_peers(read, agency, year)]
        if showing and (not homes or url in homes) and _too_few(showing) == _too_few(reads):
            witnesses += showing
    return tuple(sorted(witnesses, key=lambda r: r.at)), [] if witnesses else [Lack.PEERS]


def _stand_still(urls: Iterable[str], looks: Sequence[Read], due: date) -> bool:
    """Whether each of these columns was read well before the weeks in which most reports come, those before the end of
    January or an earlier deadline, and none has shown anything new in them or since: it may have been left behind for
    another that nobody watches."""
    begun = end_of_day(min(due, date(due.year, 1, 31))) - STILL_FOR
    for url in urls:
        good = [read for read in looks if read.column == url and read.good]
        known: set[tuple[str, int]] = set()
        for read in good:
            if read.at < begun:
                known |= read.seen
        if not any(read.at < begun for read in good) or any(not read.seen <= known for read in good):
            return False
    return True


def shows_peers(read: Read, agency: str, year: int) -> bool:
    """Whether a read bears witness that the list is alive: others' reports of that year, or an earlier one of this."""
    return any((key != agency and y == year) or (key == agency and y < year) for key, y in read.seen)


def safe_working_day_after(due: date) -> date:
    """The first working day after the deadline; in a year of unknown holidays the first that must be one."""
    first = first_working_day_after(due)
    day = first.day
    for _ in range(possible_holidays(first.known)):
        day = first_working_day_after(day).day
    return day
