"""How much memory a process takes with all that it has started, and ending what it leaves behind."""

import time
from contextlib import suppress

import psutil

_LOOKS_EVERY_S = 1.0
_MEBIBYTE = 2**20


class Memory:
    """A bound on the resident memory of a process with all that it has started (browsers, workers).

    Looked at now and then, so that it may be passed for about a second. Of memory that several of them share each
    counts its part, where the system tells (Linux); elsewhere the whole.
    """

    def __init__(self, pid: int, most_mb: float) -> None:
        self.most_mb = most_mb
        self._root = psutil.Process(pid)
        self._family = [self._root]
        self._next_at = time.monotonic() + _LOOKS_EVERY_S

    def is_over(self) -> bool:
        """Whether it takes more than the bound by now; between two looks it says no."""
        if (now := time.monotonic()) < self._next_at:
            return False
        self._next_at = now + _LOOKS_EVERY_S
        with suppress(psutil.NoSuchProcess):
            self._family = [self._root, *self._root.children(recursive=True)]
        # The sum of what each has counts shared memory several times: it is never too low, and cheap.
        return self._sum("rss", exact=False) > self.most_mb and self._sum("pss", exact=True) > self.most_mb

    def kill_rest(self) -> None:
        """Kill what the process had started when it was looked at last, and left behind."""
        for process in self._family[1:]:
            with suppress(psutil.NoSuchProcess):  # a number that came back is told apart
                process.kill()

    def _sum(self, which: str, *, exact: bool) -> float:
        total = 0
        for process in self._family:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                told = process.memory_full_info() if exact else process.memory_info()
                total += getattr(told, which, told.rss)
        return total / _MEBIBYTE
