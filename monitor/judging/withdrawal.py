"""Was a report that had been published taken away? Pure: a Season in, a Withdrawal out; None says nothing.

What makes it nothing, besides less than three days of it: an address of the report that is there, or was not looked at;
the same bytes anywhere else; a list that shows it, or was not read well; a list that shows nothing else either; many
addresses of the site that went at once; a reform of the agency; its name in the bytes of the lists. What was blocked,
has failed or was not understood is no evidence of anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from db.records import ADDED
from monitor.calendar import beijing_day
from monitor.judging.absence import MIN_DAYS, MIN_READS, Read, may_list, shows_peers
from monitor.judging.season import Gone, Look, Publication, Season

TOGETHER = timedelta(days=14)
"""Addresses that went within so long of each other may have gone for one reason."""
_ALIVE_PER_GONE = 4  # other addresses that answer since, for each that went at the same time

_HERE = ("ok", "unchanged")


class Doubt(StrEnum):
    """Why a report that is gone is not certainly withdrawn; each is a sentence of the rule."""

    UNREAD = "unread"  # what stood there could not be read
    NOT_KEPT = "not-kept"  # its bytes were given up
    NEVER_LISTED = "never-listed"  # no list that was read has shown it
    SHRUNK = "shrunk"  # the list shows fewer of the others, too
    UNRESOLVED = "unresolved"  # a report is listed that may be it under another name
    SEARCH = "search"  # the bytes of the lists could not all be searched for the agency's name


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A report that was there and is gone. publications: its addresses, all gone. last_seen_at: when one of them showed
    it last. looks: those that say that they are gone, oldest first. proof: the reads of the lists that do not show it
    since, oldest first; witnesses: those of them that show others'."""

    publications: tuple[Publication, ...]
    last_seen_at: datetime
    looks: tuple[Look, ...]
    proof: tuple[Read, ...]
    witnesses: tuple[Read, ...]
    doubts: tuple[Doubt, ...]

    @property
    def days(self) -> int:
        """On how many days in Beijing each address was seen to be gone, of the address that was so on the fewest."""
        return min(len({beijing_day(k.at) for k in self.looks if k.url == p.url}) for p in self.publications)


def is_gone(outcomes: Iterable[str]) -> bool:
    """Whether the last of some looks that says plainly whether something is there says that it is gone."""
    plain = [outcome for outcome in outcomes if outcome in (*_HERE, "gone")]
    return bool(plain) and plain[-1] == "gone"


def gone_since(season: Season) -> datetime | None:
    """The first look that says that the report is gone from an address, where it is gone from all of them; None where
    one is there, or was never looked at."""
    online = [p for p in season.publications if p.source != ADDED]
    if not online or not all(is_gone(k.outcome for k in p.own_looks) for p in online):
        return None
    return min(_last_run(p)[0].at for p in online)


def withdrawal(season: Season) -> Withdrawal | None:
    """What is to be said of a report that was there and is gone."""
    gone = season.gone
    if gone is None or season.is_reformed or gone.is_mentioned or _is_elsewhere(season, gone):
        return None
    online = tuple(p for p in season.publications if p.source != ADDED)
    if not any(p.owner in (None, season.agency.id) for p in online) or not all(_left_its_page(p) for p in online):
        return None
    looks = [look for p in online for look in _last_run(p)]
    found = Withdrawal(online, _last_seen(online), tuple(sorted(looks, key=lambda k: k.at)), (), (), ())
    reads = _reads_since(season, gone)
    if found.days < MIN_DAYS or reads is None or _is_of_the_site(gone):
        return None
    witnesses = _witnesses(season, reads)
    if not witnesses or _left_altogether(season, gone, reads) or _came_unknown(season, reads):
        return None
    doubts = [
        *([Doubt.UNREAD] if any(p.kind is not None for p in online) else []),
        *([] if {p.sha256 for p in online} <= gone.kept else [Doubt.NOT_KEPT]),
        *([] if gone.listed_before else [Doubt.NEVER_LISTED]),
        *([Doubt.SHRUNK] if gone.listed_still * 5 < gone.listed_before * 4 else []),
        *([Doubt.UNRESOLVED] if any(may_list(read, season.agency, season.year) for read in reads) else []),
        *([] if gone.is_searched else [Doubt.SEARCH]),
    ]
    return replace(found, proof=tuple(reads), witnesses=tuple(witnesses), doubts=tuple(doubts))


def reads_to_search(season: Season) -> tuple[Read, ...]:
    """The reads whose bytes are to be searched for the agency's name before the report is said to be withdrawn."""
    found = withdrawal(season)
    return found.proof if found else ()


def _last_run(publication: Publication) -> tuple[Look, ...]:
    """The looks that say that an address is gone, since the last that said otherwise."""
    looks = publication.own_looks
    last = max((number for number, look in enumerate(looks) if look.outcome in _HERE), default=-1)
    return looks[last + 1 :]


def _last_seen(publications: Iterable[Publication]) -> datetime:
    good = [look.at for p in publications for look in p.own_looks if look.outcome in _HERE]
    return max([*good, *(p.last_seen_at for p in publications)])


def _left_its_page(publication: Publication) -> bool:
    """Whether the page that carries a file does not carry it any more: it is gone, too, or nobody has looked at it."""
    page = [k.outcome for k in publication.looks if k.url == publication.page_url and k.outcome in (*_HERE, "gone")]
    return publication.page_url == publication.url or not page or is_gone(page)


def _is_elsewhere(season: Season, gone: Gone) -> bool:
    """Whether a person, or another address, has the report after it went."""
    added = (p for p in season.publications if p.source == ADDED)
    return any(p.last_seen_at >= gone.since for p in added) or any(
        copy.last_seen_at >= gone.since if copy.source == ADDED else not copy.is_gone for copy in gone.copies
    )


def _is_of_the_site(gone: Gone) -> bool:
    """Whether so much else went with it, or so little is known to be left, that the site may have been rebuilt."""
    if gone.gone_with:
        return gone.alive < _ALIVE_PER_GONE * gone.gone_with
    return gone.listed_still * 2 < gone.listed_before and not gone.alive


def _reads_since(season: Season, gone: Gone) -> list[Read] | None:
    """The good reads of every column that could carry it since it went and since it was listed last, by time; None
    where one of them was read too little."""
    first = beijing_day(gone.since)
    found: list[Read] = []
    for column in season.absence.columns:
        reads = [r for r in season.reads if r.column == column.url]
        showing = [r.at for r in reads if (season.agency.id, season.year) in r.seen]
        good = [r for r in reads if r.good and r.complete and beijing_day(r.at) >= first]
        since = [r for r in good if not showing or r.at > showing[-1]]
        if len(since) < MIN_READS or len({beijing_day(r.at) for r in since}) < MIN_DAYS:
            return None
        found += since
    others = {r.column for r in season.reads} - {column.url for column in season.absence.columns}
    # A column that is kept for another year or agency, or that the portal's file names no more, shows it all the same.
    shown = (r for r in season.reads if r.column in others and r.at >= gone.since)
    if not found or any((season.agency.id, season.year) in r.seen for r in shown):
        return None
    return sorted(found, key=lambda r: r.at)


def _left_altogether(season: Season, gone: Gone, reads: list[Read]) -> bool:
    """Whether its reports for other years went from the lists as well: the body was perhaps reorganised or moved, and
    the register does not know it yet."""
    columns = {read.column for read in reads}
    before = (r for r in season.reads if r.column in columns and r.at < gone.since)
    others = {key for r in before for key in r.seen if key[0] == season.agency.id and key[1] != season.year}
    return bool(others) and not any(others & r.seen for r in reads)


def _came_unknown(season: Season, reads: list[Read]) -> bool:
    """Whether something is listed since that may be it under another name or year, and nothing such was while a list
    showed it."""
    showing = [r for r in season.reads if (season.agency.id, season.year) in r.seen]
    known = any(may_list(r, season.agency, season.year) for r in showing[-1:])
    return not known and any(may_list(r, season.agency, season.year) for r in reads)


def _witnesses(season: Season, reads: list[Read]) -> list[Read]:
    """The reads that show a column to be alive: of columns of which each of them shows others' reports, and which have
    shown this one, where any has."""
    homes = {r.column for r in season.reads if (season.agency.id, season.year) in r.seen}
    found = []
    for column in {r.column for r in reads}:
        own = [r for r in reads if r.column == column]
        if (not homes or column in homes) and all(shows_peers(r, season.agency.id, season.year) for r in own):
            found += own
    return sorted(found, key=lambda r: r.at)
