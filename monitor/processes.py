"""Work spread over all cores, in order, with bounded memory; a process that dies takes one item with it, not all."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_FEWEST = 4  # items; below that, starting processes costs more than it gains
_AT_ONCE = 8  # items handed to a process in one go, so that handing over costs little
_LOOKS_AFTER_S = 1.0  # a worker for its parent
_AHEAD = 3  # such goes waiting for each process; bounds what is in memory


def in_processes(
    work: Callable[[Item], Result], items: Iterable[Item], crashed: Callable[[Item], Result]
) -> Iterator[Result]:
    """work(item) for each item, in order. work: a function of a module. crashed: the result for an item whose process
    died of it."""
    source = iter(items)
    first = list(islice(source, _FEWEST))
    cores = os.cpu_count() or 1
    if len(first) < _FEWEST or cores < 2:
        yield from map(work, chain(first, source))
        return
    workers = _Workers(work, cores)
    try:
        yield from workers.run(chain(first, source), crashed)
    finally:
        workers.stop()


class _Workers(Generic[Item, Result]):
    def __init__(self, work: Callable[[Item], Result], count: int) -> None:
        self.work = work
        self.count = count
        self.pool = _pool(count)
        self.waiting: deque[tuple[list[Item], Future[list[Result]]]] = deque()

    def run(self, items: Iterator[Item], crashed: Callable[[Item], Result]) -> Iterator[Result]:
        self._fill(items)
        while self.waiting:
            group, future = self.waiting[0]
            try:
                results = future.result()
            except BrokenProcessPool:
                # Some item that was under way did it: those of this group are tried one by one, the others again.
                results = [_alone(self.work, item, crashed) for item in group]
                self._renew()
            self.waiting.popleft()
            yield from results
            self._fill(items)

    def _fill(self, items: Iterator[Item]) -> None:
        while len(self.waiting) < self.count * _AHEAD and (group := list(islice(items, _AT_ONCE))):
            try:
                future = self.pool.submit(_each, self.work, group)
            except BrokenProcessPool:
                self._renew()
                future = self.pool.submit(_each, self.work, group)
            self.waiting.append((group, future))

    def _renew(self) -> None:
        self.stop()
        self.pool = _pool(self.count)
        self.waiting = deque((group, self.pool.submit(_each, self.work, group)) for group, _ in self.waiting)

    def stop(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)


def _pool(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Have this process end when the one that started it is gone, killed say: it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    started_by = os.getppid()  # the parent or, on some systems, a server of its

    def watch() -> None:
        # Two signs: processes that were forked later hold the pipe of the first one open.
        while parent.is_alive() and os.getppid() == started_by:
            parent.join(_LOOKS_AFTER_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _each(work: Callable[[Item], Result], group: list[Item]) -> list[Result]:
    return [work(item) for item in group]


def _alone(work: Callable[[Item], Result], item: Item, crashed: Callable[[Item], Result]) -> Result:
    with _pool(1) as pool:
        try:
            return pool.submit(work, item).result()
        except BrokenProcessPool:
            return crashed(item)
