"""Children of commands that are forked instead of started: each a process of its own all the same, that does what
`python -m` would do, from a fork server that has imported Scrapy already. Importing is most of what a small crawl
costs. Other tests start children as the commands do (test_crawl.py, test_portal_probe.py).
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import reduction
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

_fork_server = multiprocessing.get_context("forkserver")
_fork_server.set_forkserver_preload(
    ["tests.crawler.preloaded", "crawler.probing.child", "scrapy.extensions.remote_control"]
)


class _Handed:
    """A file descriptor on its way to the other process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> Any:
        return _received, (reduction.DupFd(self.number),)


def _received(handed: Any) -> int:
    number: int = handed.detach()
    return number


class ForkedChild:
    """In the place of the Popen of crawler/run.py, as far as that uses it."""

    def __init__(
        self,
        command: list[str],
        *,
        stdin: int,
        stdout: int,
        stderr: IO[bytes] | None,
        start_new_session: bool,
        env: dict[str, str],
    ) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        error = stderr.fileno() if stderr is not None else 2
        ends = [_Handed(number) for number in (theirs_in, theirs_out, error)]
        self._process = _fork_server.Process(target=_run, args=(command[-1], ends, env, Path.cwd()))
        self._process.start()
        self.pid = self._process.pid
        os.close(theirs_in)
        os.close(theirs_out)
        self.stdin, self.stdout = os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb")

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (status := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired("a forked child", timeout or 0)
        return status

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def _run(module: str, ends: list[int], env: dict[str, str], folder: Path) -> None:
    os.setsid()
    multiprocessing.set_start_method(None, force=True)  # as in a process that was started
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for standard, number in enumerate(ends):
        os.dup2(number, standard)
        os.close(number)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.exit(import_module(module).main())


@contextmanager
def forking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within it the commands fork their children."""
    with monkeypatch.context() as patched:
        named = {"Popen": ForkedChild, "PIPE": subprocess.PIPE, "TimeoutExpired": subprocess.TimeoutExpired}
        patched.setattr("crawler.run.subprocess", SimpleNamespace(**named))
        yield
