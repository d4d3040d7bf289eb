"""Processes that work on an archive beside the test: each a new one, forked from a server that has imported the rooms
already and has never opened an archive. Importing is most of what a small piece of work costs."""

import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_PATIENCE_S = 120.0
_server = multiprocessing.get_context("forkserver")
# There is one such server for all tests of a process: what others want of it (tests/crawler) stays.
_wanted = [name for name in forkserver._forkserver._preload_modules if name != "__main__"]
_server.set_forkserver_preload([*_wanted, "tests.archive_preloaded"])

Say = Callable[..., None]
Wait = Callable[[], object]


class Child:
    """A process that runs `work(path, say, wait)`: say hands something to the test, wait waits for its `go_on`."""

    def __init__(self, work: Callable[[Path, Say, Wait], None], path: Path) -> None:
        self._ours, theirs = _server.Pipe()
        self._process = _server.Process(target=_run, args=(work, path, theirs))
        self._process.start()
        theirs.close()

    @property
    def number(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def told(self) -> Any:
        """The next thing that it says."""
        assert self._ours.poll(_PATIENCE_S), "it says nothing"
        return self._ours.recv()

    def go_on(self) -> None:
        self._ours.send(None)

    def rest(self) -> list[Any]:
        """All that it says until its end, which must be a good one."""
        said = []
        try:
            while True:
                said.append(self.told())
        except EOFError:
            pass
        self._process.join(_PATIENCE_S)
        assert self._process.exitcode == 0, said
        return said


def _run(work: Callable[[Path, Say, Wait], None], path: Path, connection: Connection) -> None:
    try:
        work(path, connection.send, connection.recv)
    except BaseException:
        connection.send(traceback.format_exc())
        raise


def said_by(work: Callable[[Path, Say, Wait], None], path: Path) -> list[Any]:
    """Everything that a process says which does some work."""
    return Child(work, path).rest()
