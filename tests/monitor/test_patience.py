"""Patience: a busy archive is waited for by the clock, as long as it takes; anything else is raised."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from db.errors import ArchiveBusyError, ArchiveError
from monitor.clock import VirtualClock
from monitor.telling.patience import FIRST_WAIT_S, LONGEST_WAIT_S, patiently

START = datetime(2024, 2, 8, 1, tzinfo=UTC)


def busy(times: int) -> Callable[[], str]:
    """Works after so many times in vain."""
    left = iter(range(times))

    def action() -> str:
        if next(left, None) is not None:
            raise ArchiveBusyError("somebody writes")
        return "done"

    return action


def test_it_is_done_at_once_where_nobody_is_in_the_way() -> None:
    clock = VirtualClock(START)
    assert asyncio.run(patiently(busy(0), clock)) == "done"
    assert clock.now() == START


def test_it_is_tried_again_after_growing_waits_without_end() -> None:
    clock = VirtualClock(START)
    assert asyncio.run(patiently(busy(1000), clock)) == "done"
    assert timedelta(seconds=990 * LONGEST_WAIT_S) < clock.now() - START <= timedelta(seconds=1000 * LONGEST_WAIT_S)
    clock = VirtualClock(START)
    asyncio.run(patiently(busy(1), clock))
    assert clock.now() - START == timedelta(seconds=FIRST_WAIT_S)


def test_others_go_on_meanwhile() -> None:
    seen: list[int] = []

    async def run() -> None:
        async def other() -> None:
            for number in range(5):
                seen.append(number)
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        await patiently(busy(10), VirtualClock(START))
        assert task.done()

    asyncio.run(run())
    assert seen == [0, 1, 2, 3, 4]


def test_anything_else_is_raised() -> None:
    def broken() -> None:
        raise ArchiveError("is no archive")

    with pytest.raises(ArchiveError, match="no archive"):
        asyncio.run(patiently(broken, VirtualClock(START)))
