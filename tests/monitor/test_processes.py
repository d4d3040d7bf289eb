"""Work in several processes: in order, and a process that dies takes one item with it."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.processes import in_processes

PARENT = os.getpid()


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
