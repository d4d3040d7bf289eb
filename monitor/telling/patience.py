"""Writing to an archive that somebody else may be writing to, on a loop that must not stand still meanwhile."""

from collections.abc import Callable
from typing import TypeVar

from db.errors import ArchiveBusyError
from monitor.clock import Clock

T = TypeVar("T")

FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 0.5


async def patiently(action: Callable[[], T], clock: Clock) -> T:
    """Do it, however long the archive is busy: tried again and again after growing waits, so that others go on. The
    archive should be opened with a short wait of its own (wait_s=0.05), in which the loop does stand still."""
    wait = FIRST_WAIT_S
    while True:
        try:
            return action()
        except ArchiveBusyError:
            await clock.sleep(wait)
            wait = min(LONGEST_WAIT_S, wait * 2)
