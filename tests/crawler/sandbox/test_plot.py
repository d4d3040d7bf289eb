"""A plot: what happens to portals and reports, by the virtual time of the server that follows it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.sandbox.country import Country
from crawler.sandbox.plot import Event, Outage, Plot, Spell, Turn, season_plot
from crawler.sandbox.publications import PublishedReport
from crawler.sandbox.season import at_beijing
from crawler.sandbox.server import SandboxServer
from tests.crawler.sandbox.client import get

COUNTRY = Country.build(7, agencies=200, faults=2)
PLOT = season_plot(COUNTRY)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(PLOT.country, at_beijing(date(2024, 1, 1), 10)) as server:
        server.follow(PLOT.spells)
        yield server


def shown(server: SandboxServer, event: Event) -> PublishedReport | None:
    """The report of an agency as its portal has it now."""
    for item in server.site(event.agency.portal or "").shown(server.now):
        if isinstance(item, PublishedReport) and (item.agency_id, item.year) == (event.agency.id, 2023):
            return item
    return None


def events(act: str) -> list[Event]:
    return [event for event in PLOT.events if event.act == act]


def test_the_same_country_has_the_same_plot_and_stays_as_it_was() -> None:
    assert season_plot(Country.build(7, agencies=200, faults=2)) == PLOT
    assert Country.build(7, agencies=200, faults=2) == COUNTRY
    taken = [event.agency.id for event in PLOT.events]
    assert len(taken) == len(set(taken)) == 9
    troubled = {spell.portal for spell in PLOT.outages() if spell.failure != "slow"}
    assert troubled and not troubled & {event.agency.portal for event in PLOT.events}
    assert not set(taken) & {e.agency.id for e in season_plot(COUNTRY, spare=taken).events if e.act != "corrected"}


def test_what_is_put_off_comes_later_and_says_so(server: SandboxServer) -> None:
    for event in events("put-off"):
        server.now = event.at - timedelta(minutes=1)
        assert shown(server, event) is None
        server.now = event.at
        item = shown(server, event)
        assert item is not None and item.published_at == event.at
        assert item.sample.published_on == f"{event.at + timedelta(hours=8):%Y-%m-%d}"


def test_reports_go_and_come_back(server: SandboxServer) -> None:
    for event in events("withdrawn"):
        server.now = event.at - timedelta(seconds=1)
        item = shown(server, event)
        assert item is not None
        site = server.site(event.agency.portal or "")
        url = server.origin(site.id) + site.article_path(item)
        server.now = event.at
        assert shown(server, event) is None and get(url)[0].status == 404
        if event.until is not None:
            server.now = event.until
            assert shown(server, event) == item and get(url)[0].status == 200
    # Time may be set back, and all is as it was then.
    server.now = events("withdrawn")[0].at
    assert shown(server, events("withdrawn")[0]) is None


def test_reports_say_something_else(server: SandboxServer) -> None:
    for event in (*events("revised"), *events("corrected")):
        server.now = event.at - timedelta(seconds=1)
        before = shown(server, event)
        server.now = event.at
        after = shown(server, event)
        assert before is not None and after is not None
        changed = {
            name: (value, after.sample.figures[name])
            for name, value in before.sample.figures.items()
            if after.sample.figures[name] != value
        }
        assert len(changed) == 1 and before.published_at == after.published_at
        if event.figure is not None:
            ((old, new),) = changed.values()
            assert changed.keys() == {event.figure} and isinstance(old, int) and new == old - 1
        if event.until is not None:
            server.now = event.until
            assert shown(server, event) == before


def test_portals_fail_and_recover(server: SandboxServer) -> None:
    for spell in PLOT.outages():
        if spell.failure in ("412", "429", "503"):
            for moment, status in ((spell.begins, int(spell.failure)), (spell.ends, 200)):
                server.now = moment or spell.begins
                assert get(server.column_url(spell.portal))[0].status == status
    (redesigned,) = (spell for spell in PLOT.outages() if spell.failure == "redesigned")
    server.now = redesigned.begins - timedelta(seconds=1)
    before = server.column_url(redesigned.portal)
    server.now = redesigned.begins
    assert server.column_url(redesigned.portal) != before
    assert len(server.truth(redesigned.portal)) > 50


def test_what_cannot_be_played() -> None:
    small = Country.build(1, agencies=40)
    with pytest.raises(ValueError, match="no department is left"):
        season_plot(small, turns=[Turn("revised", (2, 2))] * 60, outages=[])
    plot = season_plot(small, turns=[], outages=[Outage(0, "503", (1, 2, 0), (1, 3, 0)), Outage(9, "503", (1, 2, 0))])
    assert [spell.failure for spell in plot.spells] == ["503"]
    with SandboxServer(small) as server, pytest.raises(ValueError, match="has no report"):
        server.follow([Spell(plot.spells[0].portal, "withdrawn", datetime(2020, 1, 1, tzinfo=UTC), None, "x", 2023)])
    assert Plot(small, (), ()).year == 2023
