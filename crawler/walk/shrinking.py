"""Whether a list has lost so much since it was last read well that it may not have been read to its end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from db.collected.crawls import ReadBefore

CONFIRMED_AFTER = timedelta(days=3)
_SLACK = timedelta(hours=6)  # daily crawls do not begin to the minute


def shrunken(pages: int, links: frozenset[str], earlier: Sequence[ReadBefore], at: datetime) -> str | None:
    """What a read of a column lacks beside its last good one; None if nothing much, or if it is confirmed.

    pages, links: of the new read, at the time `at`. earlier: the last good read and those after it, oldest first.
    Shrunken is a list with fewer pages, some entries of before being gone, or with less than half of the entries. It is
    confirmed, and so the list taken to be really shorter, by a read at least three days before that had as many pages,
    and no entry that is gone again.
    """
    if not earlier:
        return None
    good = earlier[0]
    fewer_pages = pages < good.pages and not good.links <= links
    if not fewer_pages and 2 * len(links) >= len(good.links):
        return None
    for read in earlier[1:]:
        if at - read.at >= CONFIRMED_AFTER - _SLACK and read.pages == pages and read.links and read.links <= links:
            return None
    return (
        f"the list has shrunk since {good.at:%Y-%m-%d}: {pages} pages with {len(links)} entries, then {good.pages} with"
        f" {len(good.links)}; believed once it has been so for {CONFIRMED_AFTER.days} days"
    )
