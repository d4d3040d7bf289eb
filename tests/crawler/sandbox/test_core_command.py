"""`nianbao sandbox`: what it prints and serves, and how it ends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.portal import load_portals
from crawler.register.table import load_agencies
from crawler.sandbox.country import Country
from crawler.sandbox.portals import SITES, Shape, all_shapes, read_shape, site_class
from crawler.sandbox.sites import country_sites, shape_of
from monitor.cli import main
from tests.crawler.sandbox.client import get


@contextmanager
def serving(*options: str) -> Iterator[list[str]]:
    """The command as it runs: its lines up to the last one. It is ended by Ctrl-C, and ends well."""
    command = [sys.executable, "-P", "-m", "monitor", "sandbox", *options]
    wide = os.environ | {"COLUMNS": "200"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=wide)
    try:
        assert process.stdout
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                break
        yield lines
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def test_it_serves_until_it_is_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "portals"
    options = ("--shapes", "static_list:table, boda:static", "--seed", "3", "--portals-to", str(folder))
    with serving(*options) as lines:
        assert lines[0].split() == ["portal", "software", "place", "home", "page", "column"]
        rows = [line.split() for line in lines[1:3]]
        assert [row[1] for row in rows] == ["static_list:table", "boda:static"]
        for _, _, place, home, column in rows:
            response, body = get(home)
            assert response.status == 200
            assert any(place.encode(encoding) in body for encoding in ("utf-8", "gb18030"))
            assert column.startswith(home) and get(column)[0].status == 200
        assert "2 portals, 40 agencies, reports for 2021–2023" in "".join(lines)
        portals = load_portals([folder])
        assert {id: portal.columns[0].url for id, portal in portals.items()} == {row[0]: row[-1] for row in rows}
        assert {agency.portal for agency in load_agencies(folder / "agencies.csv")} == set(portals)


def test_a_quiz_does_not_give_the_software_away(tmp_path: Path) -> None:
    with serving("--quiz", "--shapes", "boda:static", "--years", "2020-2022", "--now", "2022-02-20") as lines:
        text = "\n".join(lines)
        assert "boda" not in text and "software" not in text and "on 2022-02-20: 1 portal, 34 agencies" in text
        assert len(re.findall(r"http://127\.0\.0\.1:\d+/", text)) == 2
    result = CliRunner().invoke(main, ["sandbox", "--quiz", "--portals-to", str(tmp_path)])
    assert result.exit_code == 2 and "leave one of them out" in result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--shapes", "vista"], "plays no 'vista'; it plays boda"),
        (["--shapes", "boda:blue"], "there is no 'boda:blue'; there are boda:static"),
        (["--shapes", ","], "--shapes names no platform"),
        (["--years", "lately"], "--years lately: are no years"),
        (["--years", "2019"], "two or more running ones"),
        (["--years", "2023-2021"], "two or more running ones"),
        (["--port", "65535", "--shapes", "boda:static,boda:older"], "2 portals need ports up to 65535"),
        (["--now", "soon"], "--now soon: is no date"),
        (["--agencies", "9", "--shapes", "boda:static"], "ask for about"),
    ],
)
def test_what_cannot_be_is_told(options: list[str], words: str) -> None:
    result = CliRunner().invoke(main, ["sandbox", *options])
    assert result.exit_code == 2 and words in result.output
    assert "Traceback" not in result.output and len(result.output.splitlines()) == 1


def test_a_port_that_is_taken_is_told() -> None:
    with serving("--shapes", "boda:static") as lines:
        found = re.search(r"127\.0\.0\.1:(\d+)/", "".join(lines))
        assert found
        result = CliRunner().invoke(main, ["sandbox", "--shapes", "boda:static", "--port", found[1]])
        assert result.exit_code == 2 and f"port {found[1]} or one behind it" in result.output


def test_shapes_are_found_by_name() -> None:
    shapes = all_shapes()
    assert len(set(shapes)) == len(shapes)
    assert {shape.name for shape in shapes} == set(SITES)
    assert read_shape("boda")[0] == Shape("boda", site_class("boda").variants[0])
    assert read_shape(" boda:static ") == [Shape("boda", "static")]
    with pytest.raises(ValueError, match="plays no 'wordpress'"):
        site_class("wordpress")
    # What the modules of helpers are called is no platform.
    with pytest.raises(ValueError, match="plays no 'furniture'"):
        read_shape("furniture")


def test_places_take_the_shapes_in_turn() -> None:
    country = Country.build(1)
    wanted = [Shape("boda", "static"), Shape("static_list", "table")]
    sites = country_sites(country, shapes=wanted)
    assert [shape_of(site) for site in sites] == [*wanted, wanted[0]]
    assert {site.id for site in sites} == {agency.portal for agency in country.agencies}
    with pytest.raises(ValueError, match="portals=4"):
        country_sites(country, shapes=wanted * 2)
    with pytest.raises(ValueError, match="need a shape"):
        country_sites(country, shapes=())


def test_every_shape_has_several_pages_of_publications() -> None:
    shapes = all_shapes()
    country = Country.build(1, agencies=10 * len(shapes), portals=len(shapes))
    for site in country_sites(country, shapes=shapes):
        assert len(site.publications) > 2 * min(site.per_page, 15), shape_of(site)  # gkmlpt has pages of 100 rows
        # One is behind a guard, so that nothing of it can be read.
        is_guarded = shape_of(site) == ("scripted", "challenge")
        assert bool(site.truth(country.demo_days()[-1])) != is_guarded, shape_of(site)
