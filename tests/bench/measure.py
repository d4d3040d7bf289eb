"""Timing that can be compared: the passes of all candidates interleaved, CPU time of this thread, medians."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

Job = Callable[[], object]


@dataclass(frozen=True)
class Result:
    """One measured goal; "" for what is only told. ours, floor: median milliseconds of CPU time; ratio: median of the
    per-pass ratios."""

    what: str
    ours: float
    against: str
    floor: float
    ratio: float
    goal: str
    met: bool


def show(results: Sequence[Result], title: str) -> None:
    """Print a table of what was measured."""
    table = Table(title=title, title_justify="left")
    for heading in ("what", "ours", "against", "theirs", "ratio", "goal", ""):
        table.add_column(heading)
    for r in results:
        table.add_row(
            r.what,
            f"{r.ours:.2f}",
            r.against,
            f"{r.floor:.2f}" if r.floor else "",
            f"{r.ratio:.2f}" if r.goal or r.floor else "",
            r.goal,
            ("met" if r.met else "[red]MISSED[/red]") if r.goal else "",
        )
    Console(width=150).print(table)


def interleaved(jobs: Sequence[Job], passes: int) -> list[list[float]]:
    """Seconds of CPU time for each job and pass. CPU time leaves out what other processes of the machine take; the
    collector is off while measuring, as in timeit."""
    for job in jobs:
        job()
    times: list[list[float]] = [[] for _ in jobs]
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(passes):
            for job, taken in zip(jobs, times, strict=True):
                started = time.thread_time()
                job()
                taken.append(time.thread_time() - started)
    finally:
        if collecting:
            gc.enable()
    return times


def at_most(what: str, ours: Job, against: str, floor: Job, limit: float, passes: int = 31) -> Result:
    """Ours takes at most `limit` times the floor."""
    mine, base = interleaved([ours, floor], passes)
    ratio = statistics.median(a / b for a, b in zip(mine, base, strict=True))
    return Result(what, _ms(mine), against, _ms(base), ratio, f"at most {limit:g}x", ratio <= limit)


def faster_than(what: str, ours: Job, against: str, other: Job, factor: float, passes: int = 9) -> Result:
    """Ours is at least `factor` times faster than the other."""
    mine, base = interleaved([ours, other], passes)
    ratio = statistics.median(b / a for a, b in zip(mine, base, strict=True))
    return Result(what, _ms(mine), against, _ms(base), ratio, f"at least {factor:g}x faster", ratio >= factor)


def _ms(times: list[float]) -> float:
    return statistics.median(times) * 1e3
