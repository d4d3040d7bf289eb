"""docs/portals.md is what a maintainer goes by: every file in it loads, and every command prints what stands there."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from crawler.platforms import PLATFORM_NAMES
from crawler.portal import Portal, PortalFile, load_portal
from crawler.sandbox.country import Country
from crawler.sandbox.portals import site_class
from crawler.sandbox.publications import publications
from crawler.sandbox.server import PortalServer
from monitor.cli import main
from monitor.portals import words
from monitor.portals.checking import check_files
from monitor.portals.schema import schema_text
from tests.conftest import ROOT
from tests.crawler.forked import forking
from tests.test_docs import blocks

GUIDE = ROOT / "docs" / "portals.md"
TOML = blocks(GUIDE, "toml")
HOST = "www.example.gov.cn"
BASE = {"name": "柳溪县人民政府", "platform": "static_list", "allowed_hosts": [HOST]}
COLUMN = {"url": f"https://{HOST}/zwgk/xxgknb/"}


def is_file(text: str) -> bool:
    return text.startswith("# portals/")


@pytest.mark.parametrize("text", [block.text for block in TOML if is_file(block.text)], ids=lambda t: t.split("\n")[0])
def test_files_are_right_and_checked(text: str, tmp_path: Path) -> None:
    path = tmp_path / Path(text.split("\n")[0].removeprefix("# ")).name
    path.write_text(text.replace("example.gov.cn", "liuxi.gov.cn"), "utf-8")  # the example itself is a fault
    portal = load_portal(path)
    assert portal.platform in PLATFORM_NAMES
    # What is invented has no region, and the least file sets neither expect nor place; all else would be a bad example.
    assert {fault.key for fault in check_files([path])} <= {"expect", "place"}


@pytest.mark.parametrize(
    "text", [block.text for block in TOML if not is_file(block.text)], ids=lambda t: t.split("\n")[0]
)
def test_parts_of_files_are_right(text: str) -> None:
    part = tomllib.loads(text)
    if "contact" in part:
        assert text.startswith("# config.toml\n")  # tests/test_docs.py loads it
        return
    beside = re.match(r'# beside platform = "(\w+)"\n', text)
    whole = {**BASE, "columns": [COLUMN], **({"platform": beside[1]} if beside else {}), **part}
    portal = Portal.model_validate({"id": "liuxi", **whole})
    if beside:
        assert portal.options.model_fields_set == set(part["options"])
    else:
        assert portal.fetch == "browser" and portal.browser.more


def test_every_platform_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (\S+) \|$", GUIDE.read_text("utf-8").partition("## Keys")[0], re.M)
    addresses = dict(rows)
    assert set(addresses) == set(PLATFORM_NAMES)
    for platform, address in addresses.items():
        if address != "–":
            url = f"https://{HOST}{address.strip('`')}"
            file = PortalFile.model_validate({**BASE, "platform": platform, "columns": [{"url": url}]})
            assert file.columns[0].url == url


def test_the_keys_table_has_every_key() -> None:
    section = GUIDE.read_text("utf-8").partition("## Keys")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| .* \|$", section, re.M)
    assert {name for name, _ in rows} == set(PortalFile.model_fields) == set(words.FILE)
    said = dict(rows)
    for table, keys in (("selectors", words.SELECTORS), ("browser", words.BROWSER), ("columns", words.COLUMN)):
        assert all(f"`{key}`" in said[table] for key in keys), table


def test_it_stays_readable() -> None:
    assert len(GUIDE.read_text("utf-8").splitlines()) < 350


@pytest.fixture(scope="module")
def site() -> Iterator[PortalServer]:
    country = Country.build(1, agencies=16, years=[2022, 2023], portals=1, faults=0)
    place = country.places[0]
    items = publications(country, place, ("html", "text"))
    # Named as in the guide; the place of its reports is another one.
    county = site_class("trs")("liuxi", "柳溪县人民政府", place.name, items, variant="plain")
    server = PortalServer([county], country.demo_days()[-1])
    server.real_dates = True  # as `nianbao sandbox` serves it: no command of the guide is given a time
    with server:
        yield server


def test_every_command_prints_what_the_guide_shows(
    site: PortalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    with forking(monkeypatch):
        all_is_as_it_is_shown(site, tmp_path)


def all_is_as_it_is_shown(site: PortalServer, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('contact = "watch@example.org"\n', "utf-8")
    shown = [line for block in blocks(GUIDE, "console") for line in block.text.splitlines()]
    ran = 0
    output: Iterator[str] = iter(())
    for line in shown:
        if line.startswith("$ nianbao "):
            output = iter(run(line.removeprefix("$ nianbao "), site, tmp_path))
            ran += 1
        elif line != "…":
            wanted = plain(line)
            same = wanted.removesuffix("…").rstrip()
            assert any(found.startswith(same) if wanted.endswith("…") else found == wanted for found in output), line
    assert ran == 9
    files = sorted(path.name for path in (tmp_path / "portals").iterdir())
    assert files == ["liuxi.toml", "portal.schema.json"]
    assert (tmp_path / "portals" / "portal.schema.json").read_text("utf-8") == schema_text()
    assert (tmp_path / "portals" / "liuxi.toml").read_text("utf-8").startswith("#:schema ./portal.schema.json\n")


def run(line: str, site: PortalServer, folder: Path) -> list[str]:
    """Run a command of the guide in this folder; what it prints, in the guide's words."""
    command, _, target = line.partition(" > ")
    origin = site.origin("liuxi")
    arguments = shlex.split(command.replace(f"https://{HOST}", origin))
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    if target:
        (folder / target).write_text(result.stdout, "utf-8")
    text = result.stdout.replace(origin, f"https://{HOST}").replace(site.host("liuxi"), HOST)
    text = text.replace(str(folder.resolve()), "/srv/watch").replace(str(folder), "/srv/watch")
    return [plain(shown) for shown in text.splitlines()]


def plain(line: str) -> str:
    """Without what differs from one look to the next: numbers, and the width of tables."""
    return " ".join(re.sub(r"\d+", "N", line).split())


def test_the_parser_knows_the_commands() -> None:
    group = main.get_command(click.Context(main), "portal")
    assert isinstance(group, click.Group)
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None and "Example:" in (command.help or ""), name
