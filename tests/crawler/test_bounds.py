"""What bounds a child process: its time, and the memory that it takes with all that it starts."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from crawler.memory import Memory
from crawler.run import GRACE_S, Ended, how_it_ended, run_child

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _children_find_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _run(**bounds: Any) -> tuple[Ended, psutil.Process | None]:
    told: list[psutil.Process] = []
    order = {"megabytes": 150, "ends": bounds.pop("ends", False), "deaf": bounds.pop("deaf", False)}

    def relay(message: dict[str, object]) -> None:
        assert isinstance(message["pid"], int)
        told.append(psutil.Process(message["pid"]))

    return run_child("tests.crawler.hungry", order, relay, **bounds), told[0] if told else None


def test_memory_of_all_that_it_started_is_bounded() -> None:
    ended, grandchild = _run(timeout_s=60, memory_mb=128)
    assert ended.over == "memory"
    assert grandchild is not None
    psutil.wait_procs([grandchild], timeout=10)
    assert not grandchild.is_running(), "what it started is left behind"
    assert "took more than 128 MiB of memory" in how_it_ended("job", ended, 60, 128)


def test_who_does_not_listen_is_killed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes too much, and does not hear SIGTERM, must not go on taking."""
    monkeypatch.setattr("crawler.run._MEMORY_GRACE_S", 0.1)
    started = time.monotonic()
    ended, _ = _run(timeout_s=60, memory_mb=128, deaf=True)
    assert (ended.over, ended.status) == ("memory", -signal.SIGKILL)
    assert time.monotonic() - started < GRACE_S


def test_within_its_bounds_it_ends_by_itself() -> None:
    ended, _ = _run(timeout_s=60, memory_mb=2048, ends=True)
    assert ended == Ended("", 0)


def test_time_is_bounded() -> None:
    ended, _ = _run(timeout_s=0.1, memory_mb=2048)
    assert ended.over == "time"
    assert "was ended after 0.1 s" in how_it_ended("job", ended, 0.1)


def test_memory_that_is_shared_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that were forked share what their parent had read: the sum of all is no measure."""
    monkeypatch.setattr("crawler.memory._LOOKS_EVERY_S", 0.0)
    process = subprocess.Popen([sys.executable, "-c", _FORKED], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == b"forked\n"
        each = psutil.Process(process.pid).memory_info().rss / 2**20
        assert each > 100
        assert not Memory(process.pid, 2 * each).is_over()
        assert Memory(process.pid, each / 2).is_over()
        process.stdin.close()


_FORKED = """
import os, sys
data = b"x" * (100 << 20)
for _ in range(3):
    if os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
print("forked", flush=True)
sys.stdin.read()
"""
