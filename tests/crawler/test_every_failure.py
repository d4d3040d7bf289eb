"""What becomes of every platform's lists when a portal fails: the outcome says so, and no list that is short counts
as read."""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from crawler.portal import load_portal
from crawler.sandbox.country import Country
from crawler.sandbox.portals import SITES, Shape, site_class
from crawler.sandbox.publications import publications
from crawler.sandbox.server import PortalServer
from tests.crawler.collected import path_of
from tests.crawler.many_crawls import crawl_all

PLATFORMS = [name for name in SITES if name != "scripted"]
# Where a failure strikes: the last page of the list that a healthy crawl asks for, or the whole portal.
LAST, ALL = "last", "all"


class Case(NamedTuple):
    """A failure, where it strikes, and the outcomes that the column may have."""

    failure: str
    where: str
    outcomes: frozenset[str]
    more: Mapping[str, Any]


def case(failure: str, where: str, outcomes: str, **more: Any) -> Case:
    return Case(failure, where, frozenset(outcomes.split()), more)


CASES = [
    case("412", ALL, "blocked failed"),  # robots.txt refused is blocked, too
    case("412", LAST, "blocked"),
    case("429", LAST, "blocked", retry_after=0),
    case("429", LAST, "ok", retry_after=0, times=2),
    case("503", LAST, "blocked"),
    case("drop", LAST, "failed"),
    case("drop", LAST, "ok", times=1),
    case("slow", LAST, "ok", wait_s=0.1),
    case("truncated", LAST, "failed unknown"),
    case("withdrawn", ALL, "ok"),
    case("changed", ALL, "ok", title=True),
    case("redesigned", ALL, "ok gone unknown failed empty"),
]


@pytest.fixture(scope="module")
def country() -> Country:
    return Country.build(1, agencies=16, years=(2022, 2023), portals=1, faults=0)


def test_a_short_list_is_never_read_to_its_end(country: Country, tmp_path: Path) -> None:
    now, place = country.demo_days()[-1], country.places[0]
    shown = publications(country, place)
    planned = [(name, number, what) for name in PLATFORMS for number, what in enumerate([None, *CASES])]
    sites = {
        f"{name}_{number}": site_class(name)(f"{name}_{number}", f"{place.name}人民政府", place.name, shown)
        for name, number, _ in planned
    }
    wrong: list[str] = []
    with PortalServer(list(sites.values()), now) as server:
        portals = {path.stem: load_portal(path) for path in server.portal_tomls(tmp_path)}
        lists: dict[str, list[str]] = {}

        def crawl(ids: list[str]) -> dict[str, str]:
            summaries = crawl_all([(portals[id], tmp_path / f"{id}.db", 0) for id in ids], now)
            return {id: "/".join(sorted(summary.columns)) for id, summary in zip(ids, summaries, strict=True)}

        healthy = [f"{name}_0" for name in PLATFORMS]
        for id, outcome in crawl(healthy).items():
            assert outcome == "ok", id
            lists[id.rpartition("_")[0]] = _asked(tmp_path / f"{id}.db")
        failing = {f"{name}_{number}": (name, what) for name, number, what in planned if what is not None}
        for id, (name, what) in failing.items():
            path = re.escape(lists[name][-1]) + "$" if what.where == LAST else None
            server.fail(id, what.failure, path=path, **what.more)
        for id, outcome in crawl(list(failing)).items():
            name, what = failing[id]
            there = Counter(unquote(entry.path) for entry in server.truth(id))
            if outcome not in what.outcomes:
                wrong.append(f"{Shape(name)}, {what}: {outcome}")
            elif outcome == "ok" and _listed(tmp_path / f"{id}.db") != there:
                wrong.append(f"{Shape(name)}, {what}: ok, and not what is there")
    assert not wrong, "\n".join(wrong)


def _asked(archive: Path) -> list[str]:
    """Path and query of each list page, in the order in which they were asked for."""
    with sqlite3.connect(archive) as connection:
        rows = connection.execute("SELECT url FROM visits WHERE kind = 'list' ORDER BY id").fetchall()
    return [path_of(url) for (url,) in rows]


def _listed(archive: Path) -> Counter[str]:
    with sqlite3.connect(archive) as connection:
        rows = connection.execute("SELECT url FROM frontier WHERE kind = 'report'").fetchall()
    return Counter(path_of(url) for (url,) in rows)
