"""Work in several processes: in order, and a process that dies takes one item with it."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.processes import in_processes

PARENT = os.getpid()
ROOT = Path(__file__).parents[2]


def double(item: int) -> int:
    return 2 * item


def double_or_die(item: int) -> int:
    if item < 0 and os.getpid() != PARENT:
        os._exit(9)
    return 2 * item


def lost(item: int) -> int:
    return -1


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=70))
def test_results_come_in_order(items: list[int]) -> None:
    assert list(in_processes(double, items, lost)) == [2 * item for item in items]


def test_a_process_that_dies_takes_only_its_item_with_it() -> None:
    items = list(range(60))
    items[7] = items[40] = -5
    assert list(in_processes(double_or_die, items, lost)) == [-1 if item < 0 else 2 * item for item in items]


def test_items_are_taken_as_they_are_needed() -> None:
    taken = []
    source = (taken.append(number) or number for number in range(10_000))
    results = in_processes(double, source, lost)
    assert [next(results) for _ in range(3)] == [0, 2, 4]
    assert len(taken) < 1000
    results.close()


PARENT_THAT_IS_KILLED = """
import multiprocessing, sys
from tests.monitor.test_processes import lost, who
from monitor.processes import in_processes
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    numbers = in_processes(who, range(10**9), lost)
    print(*{next(numbers) for _ in range(200)}, flush=True)
    for _ in numbers:
        pass
"""


def who(item: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("start", multiprocessing.get_all_start_methods())
def test_workers_end_when_their_parent_is_killed(tmp_path: Path, start: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT_THAT_IS_KILLED, "utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), start], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        workers = [psutil.Process(int(number)) for number in parent.stdout.readline().split()]
        assert workers and parent.pid not in {worker.pid for worker in workers}
        parent.kill()
    _, alive = psutil.wait_procs(workers, timeout=30)
    for worker in alive:
        worker.kill()
    assert not alive
