"""Can what is published be found and read? Pure: a Season in, plain values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.records import ADDED
from monitor.calendar import beijing_day, season_of
from monitor.judging.absence import MIN_DAYS, MIN_READS, Read, may_list
from monitor.judging.season import Look, Publication, Season
from monitor.judging.withdrawal import is_gone

MOST_DROPPED = 2
"""Other reports of the year that a list may have shown before and no longer show."""
MIN_SPAN = timedelta(days=7)
"""From the first to the last of the reads that do not show a document that is there."""

_HERE = ("ok", "unchanged")
_IMAGE = "image-only"
_CARRIERS = ("not-a-report", "no-tables")  # kinds of a page that only links its report


@dataclass(frozen=True, slots=True)
class DeadFile:
    """A page that is there, and the file it links that is not. looks: those that say so, oldest first."""

    page: Publication
    file: str
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A document that answers, and the reads of the lists that could carry it and do not show it."""

    publication: Publication
    reads: tuple[Read, ...]
    was_listed: bool


def images(season: Season) -> list[Publication]:
    """The documents of a report that stands on the site as pictures alone; none where anything else may hold it."""
    found = [p for p in season.publications if p.kind == _IMAGE and not is_gone(k.outcome for k in p.own_looks)]
    pages = [p for p in season.publications if p.kind in _CARRIERS]
    if len(found) + len(pages) < len(season.publications):
        return []
    known = {p.url for p in found}
    files = {file for page in (*pages, *found) for file in page.files}
    # A file that nobody has obtained may be one that can be read.
    return found if all(file in known or is_gone(_of(season, file)) for file in files) else []


def dead_files(season: Season) -> list[DeadFile]:
    """The pages whose files have been gone on three days or more, where nothing else of the report is there."""
    found = []
    for page in season.publications:
        if page.kind is None and page.url != page.page_url:
            found += _dead(page, page.page_url, page.url)
        elif page.kind in _CARRIERS:
            found += [one for file in page.files for one in _dead(page, page.url, file)]
    dead = {one.file for one in found}
    others = [p for p in season.publications if p.url not in dead and p.kind not in _CARRIERS]
    files = {file for p in season.publications for file in p.files}
    is_all = all(is_gone(k.outcome for k in p.own_looks) for p in others) and files <= dead
    return found if is_all else []


def unlisted(season: Season) -> Unlisted | None:
    """A document that is there and that no list shows, while the lists show others and older ones; of this season
    alone, since lists let go of what is old."""
    if season.year != season_of(season.now) or not season.absence.columns:
        return None
    key = (season.agency.id, season.year)
    there = [p for p in season.publications if p.kind is None and p.owner == season.agency.id and _answered(p)]
    if not there or any(read.good and key in read.seen for read in _last_of_each(season.reads)):
        return None
    publication = max(there, key=lambda p: _answered(p)[-1])
    begun = beijing_day(min(p.first_seen_at for p in there))
    proof: list[Read] = []
    for column in season.absence.columns:
        good = [read for read in season.reads if read.column == column.url and read.good and read.complete]
        last = max((number for number, read in enumerate(good) if key in read.seen), default=-1)
        since = [r for r in _whole(good, last, season) if beijing_day(r.at) > begun]
        days = sorted({beijing_day(read.at) for read in since})
        if len(since) < MIN_READS or len(days) < MIN_DAYS or days[-1] - days[0] < MIN_SPAN:
            return None
        if good[-1] is not since[-1]:
            return None  # the list is a part of itself just now
        proof += since
    if any(may_list(read, season.agency, season.year) for read in proof) or not _reaches_back(season, proof):
        return None
    proof.sort(key=lambda read: read.at)
    # It must have answered while the lists did not show it.
    if _answered(publication)[-1] < proof[MIN_READS - 1].at:
        return None
    return Unlisted(publication, tuple(proof), any(key in read.seen for read in season.reads))


def _whole(reads: Sequence[Read], last: int, season: Season) -> list[Read]:
    """The reads after one that show all, but for two at most, that the list had shown of the year besides: no old copy
    of it, no filter, no list of the newest rows, none that is being made anew."""
    known: set[tuple[str, int]] = set()
    found = []
    for number, read in enumerate(reads):
        of_year = {key for key in read.seen if key[1] == season.year and key[0] != season.agency.id}
        if number > last and len(known - of_year) <= MOST_DROPPED:
            found.append(read)
        known |= of_year
    return found


def _dead(page: Publication, address: str, file: str) -> list[DeadFile]:
    shown = [look for look in page.looks if look.url == address and look.outcome in (*_HERE, "gone")]
    looks = [look for look in page.looks if look.url == file and look.outcome in (*_HERE, "gone")]
    last = max((number for number, look in enumerate(looks) if look.outcome in _HERE), default=-1)
    gone = tuple(looks[last + 1 :])
    if len({beijing_day(look.at) for look in gone}) < MIN_DAYS or not shown or shown[-1].outcome == "gone":
        return []
    return [DeadFile(page, file, gone)] if beijing_day(shown[-1].at) >= beijing_day(gone[0].at) else []


def _of(season: Season, url: str) -> list[str]:
    return [look.outcome for p in season.publications for look in p.looks if look.url == url]


def _answered(publication: Publication) -> list[datetime]:
    """When an address answered, unless it is gone; of what a person added, when that was."""
    if publication.source == ADDED:
        return [publication.last_seen_at] if publication.url.startswith(("http://", "https://")) else []
    if is_gone(look.outcome for look in publication.own_looks):
        return []
    return [look.at for look in publication.own_looks if look.outcome in _HERE]


def _last_of_each(reads: Sequence[Read]) -> list[Read]:
    """The last good read of each column."""
    return list({read.column: read for read in reads if read.good}.values())


def _reaches_back(season: Season, proof: Sequence[Read]) -> bool:
    """Whether each of these reads of some column shows reports of that year and of one before: then it is no list of
    the newest rows alone, which lets go of this one as of others."""
    by_column = {read.column: [r for r in proof if r.column == read.column] for read in proof}
    return any(
        all(
            any(year == season.year for _, year in read.seen) and any(year < season.year for _, year in read.seen)
            for read in reads
        )
        for reads in by_column.values()
    )
