"""Ending a crawl before its time, by a signal: no further request, and what is under way is waited for only shortly."""

from collections.abc import Callable

LONGEST_END_S = 3.0  # for an answer that is under way; then it is dropped, and asked for again by the next crawl


class Ending:
    """Whether a crawl is to end now. May be asked from a signal handler, before the crawl has begun and repeatedly."""

    def __init__(self) -> None:
        self.is_asked = False
        self._listener: Callable[[], object] | None = None

    def ask(self) -> None:
        """The crawl is to end."""
        if not self.is_asked:
            self.is_asked = True
            if self._listener is not None:
                self._listener()

    def listen(self, listener: Callable[[], object]) -> None:
        """Have `listener` called once, when the crawl is to end; at once if that was asked already."""
        self._listener = listener
        if self.is_asked:
            listener()
