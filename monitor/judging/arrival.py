"""When a report that is there now came, and what was seen before it did. Pure: a Season in, plain values out.

Whatever says that it was public at some moment counts as a sign of it: a list that showed it, whatever else that read
was good for; a document at an address, read or not, of any source; a look at the address. The earliest is its arrival.
What the page, the list or the address print as its date is kept apart from that: it is what is claimed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from monitor.calendar import beijing_day, end_of_day
from monitor.judging.absence import WATCHED_WITHIN, Read, counts, may_list, shows_peers
from monitor.judging.season import Publication, Season
from monitor.judging.stale import Key, stale_reads
from parsers.dates import dates_beside
from parsers.report import DateCandidate


@dataclass(frozen=True, slots=True)
class Arrival:
    """at: the first sign of the report anywhere. column: the list of its own portal that showed it first. elsewhere:
    it was seen at another source on a day before that."""

    at: datetime
    column: str
    elsewhere: bool

    @property
    def day(self) -> date:
        """In Beijing."""
        return beijing_day(self.at)


@dataclass(frozen=True, slots=True)
class Before:
    """The reads that did not show a report before it came.

    proof: those that count, oldest first; of every column that could carry it, and of the one that showed it, at least
    one. witnesses: those of the column that showed it which showed others' reports of that year, or an earlier one of
    this agency. as_of: the last moment for which all these columns had been looked at. fresh: the column that showed it
    showed something new in them. searchable: the reads whose bytes must not name the agency: the proof, and of each
    column the last good read before it.
    """

    proof: tuple[Read, ...]
    witnesses: tuple[Read, ...]
    as_of: datetime
    fresh: bool
    searchable: tuple[Read, ...]

    def fewest(self) -> tuple[int, int]:
        """(reads, days) of the column that was read least."""
        by_column = [[r for r in self.proof if r.column == column] for column in {r.column for r in self.proof}]
        days = [len({beijing_day(read.at) for read in reads}) for reads in by_column]
        return min(map(len, by_column)), min(days)


def arrival_of(season: Season) -> Arrival | None:
    """The arrival of a report; None if no list of its own portal has ever shown it."""
    key = (season.agency.id, season.year)
    first = next((read for read in season.reads if key in read.seen), None)
    if first is None:
        return None
    own = season.agency.portal
    looked = (look.at for p in season.publications for look in p.looks if look.url == p.url)
    at = min([first.at, *(p.shown_at for p in season.publications), *looked])
    others = [p.shown_at for p in season.publications if p.source != own]
    elsewhere = any(beijing_day(shown) < beijing_day(first.at) for shown in others)
    return Arrival(at, first.column, elsewhere)


def before(season: Season, arrival: Arrival, last_day: date) -> Before | None:
    """What the reads after a day did not show; None if a column was not read, or nothing bears witness, or an entry
    that was not understood may have been the report."""
    if not any(counts(read, last_day) for read in season.reads if read.at < arrival.at):
        return None
    urls = columns_then(season, arrival, last_day)
    proof: list[Read] = []
    searchable: list[Read] = []
    as_of = arrival.at
    for url in urls:
        reads = [read for read in season.reads if read.column == url]
        stale = stale_reads(reads, season.agency.id, season.year, end_of_day(last_day))
        counted = [read for read in reads if read.at < arrival.at and counts(read, last_day) and read.at not in stale]
        if not counted:
            return None
        earlier = [read for read in reads if read.good and read.at < counted[0].at][-1:]
        proof += counted
        searchable += [*earlier, *counted]
        as_of = min(as_of, counted[-1].at)
    witnesses = tuple(r for r in proof if r.column == arrival.column and shows_peers(r, season.agency.id, season.year))
    if not witnesses or any(may_list(read, season.agency, season.year) for read in searchable):
        return None
    fresh = _has_news([r for r in season.reads if r.column == arrival.column], {read.at for read in witnesses})
    return Before(_in_time(proof), _in_time(witnesses), as_of, fresh, _in_time(searchable))


def columns_then(season: Season, arrival: Arrival, last_day: date) -> list[str]:
    """The columns that could carry the report before it came: those of today, without such as were first read later;
    and the one that showed it. Where that is none of today's, the site was rebuilt since: all that had been read well
    in the month before the end of a day."""
    first: dict[str, datetime] = {}
    for read in season.reads:
        first.setdefault(read.column, read.at)
    today = {column.url for column in season.absence.columns}
    urls = {arrival.column} | {url for url in today if first.get(url, arrival.at) <= arrival.at}
    if arrival.column not in today:
        end = end_of_day(last_day)
        urls = {url for url in urls if url in first}
        urls |= {read.column for read in season.reads if read.good and end - WATCHED_WITHIN <= read.at < end}
    return sorted(urls)


def is_in_newer(season: Season, arrival: Arrival) -> bool:
    """Whether a column that was first read after the report came shows it, while the one that first did stands: it may
    have shown it before."""
    key = (season.agency.id, season.year)
    today = {column.url for column in season.absence.columns}
    known = {read.column for read in season.reads if read.at <= arrival.at} | {arrival.column}
    showing = {read.column for read in season.reads if key in read.seen}
    return arrival.column in today and bool(showing & today - known)


def came_with(season: Season, arrival: Arrival) -> tuple[int, int, bool]:
    """(how many reports of the year the column showed first in the read that showed this one, this one included; how
    many it had shown before; whether earlier reports of this agency came with it): many at once are a list that was
    filtered, stale or rebuilt before."""
    reads = [read for read in season.reads if read.column == arrival.column]
    first = next(read for read in reads if (season.agency.id, season.year) in read.seen)
    known = {key for read in reads if read.at < first.at for key in read.seen}
    new = first.seen - known
    together = sum(year == season.year for _, year in new)
    has_older = any(key == season.agency.id and year < season.year for key, year in new)
    return together, sum(year == season.year for _, year in known), has_older


def is_unsteady(season: Season, arrival: Arrival, last_day: date) -> bool:
    """Whether the column that showed it served old copies around the end of a day: reads that lack what it had shown
    and shows again, the report itself among that. Then those that it served before may have been old as well."""
    end = end_of_day(last_day)
    reads = [read for read in season.reads if read.column == arrival.column and read.good]
    around = {r.at for r in reads if end - WATCHED_WITHIN <= r.at <= arrival.at + WATCHED_WITHIN}
    key = (season.agency.id, season.year)
    showing = [read.at for read in reads if key in read.seen]
    lacking = {read.at for read in reads if key not in read.seen and showing[0] < read.at < showing[-1]}
    return bool(around & (lacking | stale_reads(reads, season.agency.id, season.year, end)))


def claimed(season: Season) -> list[DateCandidate]:
    """Every date of publication that a page, a list or an address gives for the report."""
    return [
        one
        for publication in season.publications
        for one in (*publication.dates, *_beside(publication))
        if one.kind == "published"
    ]


def claimed_days(season: Season) -> list[date]:
    """The days that a page or a list prints as that of publication, in order, none twice; the dates of addresses are
    those of entry in the publishing system, and no claim."""
    return sorted({date.fromisoformat(one.day) for one in claimed(season) if one.source != "url"})


def seen_twice(season: Season) -> bool:
    """Whether a second look has shown the report: two reads of one list, or two visits to one address."""
    key = (season.agency.id, season.year)
    showing = [read.column for read in season.reads if key in read.seen]
    good = [look.url for p in season.publications for look in p.looks if look.outcome in ("ok", "unchanged")]
    visited = [url for p in season.publications for url in [p.url] * good.count(p.url)]
    return _has_repeats(showing) or _has_repeats(visited)


def _beside(publication: Publication) -> list[DateCandidate]:
    return dates_beside(publication.listed_on, (publication.url, publication.page_url))


def _has_news(reads: Iterable[Read], when: set[datetime]) -> bool:
    """Whether one of the reads at these moments showed what none before it had; the first of all does not count."""
    known: set[Key] = set()
    for number, read in enumerate(reads):
        if number and read.at in when and read.seen - known:
            return True
        known |= read.seen
    return False


def _has_repeats(items: list[str]) -> bool:
    return len(items) > len(set(items))


def _in_time(reads: Iterable[Read]) -> tuple[Read, ...]:
    return tuple(sorted(reads, key=lambda read: (read.at, read.column)))
