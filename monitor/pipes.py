"""`nianbao … | head`: the reader of what is printed has seen enough and went away. That is no failure."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from click import echo


@contextmanager
def quiet_end(status: int = 0) -> Iterator[None]:
    """Ends with this status where the reader of standard output or standard error has gone, and with a sentence and
    2 where the pipe to somebody else broke."""
    try:
        try:
            yield
        finally:
            if sys.stdout is not None and not sys.stdout.closed:
                sys.stdout.flush()  # else the reader is missed only when Python ends, with a message and status 120
    except SystemExit as end:
        # rich ends with status 1 there, and sees to the rest.
        if isinstance(end.__context__, BrokenPipeError) and end.code == 1:
            sys.exit(status)
        raise
    except BrokenPipeError:
        gone = [stream for stream in (sys.stdout, sys.stderr) if _has_no_reader(stream)]
        if not gone:
            echo("nianbao: the pipe to another process broke before all was done; start it again", err=True)
            sys.exit(2)
        for stream in gone:
            _throw_away(stream)
        sys.exit(status)


def _has_no_reader(stream: object) -> bool:
    import select

    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):  # no file, as in tests; closed
        return False
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _throw_away(stream: object) -> None:
    """What is still to be written to it goes nowhere: else Python tries once more when it ends."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[attr-defined]
        os.close(nowhere)
