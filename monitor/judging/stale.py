"""Lists that lack what they had shown before: a stale copy, one with a filter, one that shows the newest rows only.
That they do not show a report says nothing. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.judging.absence import Read

Key = tuple[str, int]  # agency and reporting year
MOST_DROPPED = 2
"""Reports that a list may have shown before and no longer show, or a tenth of them if that is more: withdrawn ones."""
STANDING_FOR = timedelta(days=60)
"""So long a list is held against what it had shown before the deadline: longer than a filter or a cache lasts."""


def stale_reads(reads: Sequence["Read"], agency: str, year: int, until: datetime) -> set[datetime]:
    """The moments of those complete reads of one column, oldest first, that lack what it had shown before, other than
    the report for a year of the agency.

    They lack several that come back later; or one, without showing anything new; or an earlier report of the agency
    that comes back; or more than a few of those for the year; or of those in the fullest good read before `until`, the
    end of the deadline, and within STANDING_FOR before the read. What is lacking need not be of that year: a filter
    that was set shortly before the deadline leaves out little of what is new.
    """
    own = (agency, year)
    after: list[frozenset[Key]] = [frozenset()] * len(reads)
    for number in range(len(reads) - 2, -1, -1):
        seen = reads[number + 1].seen
        # Reads that list the same share what they list.
        is_new = number + 2 >= len(reads) or reads[number + 2].seen is not seen
        after[number] = after[number + 1] | seen if is_new else after[number + 1]
    stale = set()
    known: frozenset[Key] = frozenset()
    standing: frozenset[Key]
    before = [r for r in reads if r.good and r.complete and until - STANDING_FOR <= r.at < until]
    for number, (read, later) in enumerate(zip(reads, after, strict=True)):
        if read.good and read.complete:
            dropped = known - read.seen - {own}
            came_back = dropped & later
            standing = _fullest(before, read.at) if read.at >= until else frozenset()
            # One that was taken down and put back, in a list which has news, is no sign of a cache.
            is_old = len(came_back) > 1 or (came_back and not read.seen - known)
            if (
                is_old
                or any(key == agency for key, _ in came_back)
                or _too_many([one for _, one in dropped].count(year), [one for _, one in known].count(year))
                or _too_many(len(standing - read.seen - {own}), len(standing))
            ):
                stale.add(read.at)
        if not number or reads[number - 1].seen is not read.seen:
            known |= read.seen
    return stale


def _fullest(reads: Sequence["Read"], until: datetime) -> frozenset[Key]:
    """What the fullest of these reads before a moment, and not long before it, showed."""
    shown = (read.seen for read in reads if until - STANDING_FOR <= read.at < until)
    return max(shown, key=len, default=frozenset())


def _too_many(dropped: int, known: int) -> bool:
    return dropped > max(MOST_DROPPED, known // 10)
