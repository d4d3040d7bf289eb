"""A crawl may be killed at any instant: the next one ends it, and asks for nothing again that is kept."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawler import killing

INSTANTS = 20


@pytest.fixture(scope="module")
def site() -> Iterator[killing.Site]:
    with killing.serve() as served:
        yield served


@pytest.fixture(scope="module")
def whole(site: killing.Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, list[Any]]]:
    """How many requests an uninterrupted crawl takes, and what it leaves."""
    path = tmp_path_factory.mktemp("whole") / "a.db"
    site.expect(10**9)
    summary = killing.Child(killing.order(site, path, 1)).summary()
    assert (summary.outcome, summary.left, summary.errors) == ("ok", 0, [])
    return len(site.asked), killing.contents(path)


@pytest.mark.parametrize("instant", range(INSTANTS))
def test_killed_at_a_random_instant(
    site: killing.Site, whole: tuple[int, dict[str, list[Any]]], instant: int, tmp_path: Path
) -> None:
    requests, left = whole
    killed = killing.kill_and_go_on(site, tmp_path / "a.db", random.Random(instant), requests)
    assert killing.faults(killed, killing.contents(tmp_path / "a.db"), left) == [], killed


def test_killed_again_and_again(site: killing.Site, whole: tuple[int, dict[str, list[Any]]], tmp_path: Path) -> None:
    """Seven kills of one crawl: it is one crawl still, and no page was kept twice."""
    requests, left = whole
    path, chance = tmp_path / "a.db", random.Random(7)
    for _ in range(7):
        site.expect(chance.randrange(1, requests // 6))
        child = killing.Child(killing.order(site, path, 1))
        before = killing.stored(path)
        while not site.reached() and child.is_alive:
            pass
        child.kill()
        assert not before.intersection(site.asked)
    site.expect(10**9)
    summary = killing.Child(killing.order(site, path, 1)).summary()
    assert (summary.outcome, summary.left, summary.resumed) == ("ok", 0, True)
    assert killing.contents(path) == left
