"""The documents: commands exist and parse, twins agree, snippets load, SQL runs, tables say what the code says."""

import csv
import dataclasses
import re
import shlex
import sqlite3
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from click.testing import CliRunner

from crawler.portal import PortalFile, load_portal
from crawler.register.table import load_agencies
from crawler.sandbox.country import Country
from crawler.sandbox.writers import html
from crawler.summary import CrawlSummary
from monitor.as_json import FINDING_KEYS, read_dict
from monitor.cli import COMMANDS, main
from monitor.config import load_config
from monitor.judging.absence import State
from monitor.reading import Read
from monitor.rules import rule_names
from parsers import errors
from parsers.form import load_form, load_forms
from parsers.names import REGIONS_FILE
from parsers.report import NULL_STATES, Report
from tests.conftest import ROOT

README, TWIN = ROOT / "README.md", ROOT / "README.zh.md"
PAGES = [README, TWIN, *sorted((ROOT / "docs").glob("*.md"))]
IDS = [page.name for page in PAGES]
COMMANDS_PAGE = ROOT / "docs" / "commands.md"

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.M | re.S)


class Block(NamedTuple):
    page: str
    language: str
    text: str


def blocks(page: Path, *languages: str) -> list[Block]:
    """The code blocks of a page, of these languages if any are named."""
    found = (
        Block(page.name, language, textwrap.dedent(text))
        for _, language, text in _FENCE.findall(page.read_text("utf-8"))
    )
    return [block for block in found if not languages or block.language in languages]


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text("utf-8"))


def typed(page: Path) -> Iterator[str]:
    """What a reader is told to type: lines after `$`, and the lines of shell blocks."""
    for block in blocks(page, "console", "sh"):
        for line in block.text.splitlines():
            if block.language == "sh":
                yield line.split("  #")[0].strip()
            elif line.startswith("$ "):
                yield line[2:]


def nianbao_lines(text: Iterator[str]) -> list[str]:
    return [line for line in text if re.match(r"(\.venv/bin/)?nianbao( |$)", line)]


def parse_line(line: str) -> str:
    """Let the parser of the command line read an example, without running it; the name of the command."""
    words = shlex.split(re.split(r" [|>;&]+ ?", line)[0])[1:]
    name, arguments = words[0], words[1:]
    command = main.get_command(click.Context(main), name)  # type: ignore[attr-defined]
    assert command is not None, f"there is no command {name}: {line}"
    try:
        command.make_context(name, arguments)
    except click.UsageError as error:
        pytest.fail(f"{line}: {error.format_message()}")
    return name


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_examples_parse(page: Path) -> None:
    for line in nianbao_lines(typed(page)):
        parse_line(line)
    spans = [span for span in re.findall(r"`(nianbao [^`]+)`", prose(page)) if span not in ("nianbao COMMAND --help",)]
    for span in spans:
        name = span.split()[1]
        assert name in COMMANDS or name.startswith("--"), f"{page.name}: {span}"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_make_targets_exist(page: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert phony
    lines = [line for line in typed(page) if line.startswith("make ")]
    spans = re.findall(r"`(make [a-z][^`]*)`", prose(page))
    assert {line.split()[1] for line in lines + spans} <= set(phony[1].split())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples_that_parse(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    examples = nianbao_lines(line.strip() for line in result.output.partition("Example:")[2].splitlines())
    assert examples and {parse_line(line) for line in examples} == {name}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_shown(name: str) -> None:
    for page in (README, TWIN):
        assert name in {parse_line(line) for line in nianbao_lines(typed(page))}, page.name
    assert re.search(rf"^## `nianbao {name}\b", COMMANDS_PAGE.read_text("utf-8"), re.M)


def options_of(command: click.Command) -> set[str]:
    """All options of a command, or of all commands of a group."""
    known = {option for parameter in command.params for option in parameter.opts}
    if isinstance(command, click.Group):
        context = click.Context(command)
        inner = (command.get_command(context, name) for name in command.list_commands(context))
        known |= {option for one in inner if one is not None for option in options_of(one)}
    return known


@pytest.mark.parametrize("name", COMMANDS)
def test_options_in_the_reference_exist(name: str) -> None:
    section = re.search(rf"^## `nianbao {name}\b(.*?)(?=^## |\Z)", COMMANDS_PAGE.read_text("utf-8"), re.M | re.S)
    command = main.get_command(click.Context(main), name)  # type: ignore[attr-defined]
    known = options_of(command) | {"--help"}
    assert section and set(re.findall(r"`(--[a-z-]+)", section[1])) <= known
    shared = {"--json", "--config", "--archive", "--now", "--help"}
    undocumented = {o for o in known if o.startswith("--")} - shared - set(re.findall(r"`(--[a-z-]+)", section[1]))
    assert not undocumented or "every other column as an option" in section[1]


def test_twins_agree() -> None:
    def headings(page: Path) -> list[str]:
        return re.findall(r"^(#+) ", prose(page), re.M)

    assert headings(README) == headings(TWIN)
    one, other = blocks(README), blocks(TWIN)
    assert [block.language for block in one] == [block.language for block in other]
    for left, right in zip(one, other, strict=True):
        if left.language not in ("text", "sh"):  # these hold words for people
            assert left.text == right.text
    assert list(typed(README)) == list(typed(TWIN))
    assert prose(README).count("\n- ") == prose(TWIN).count("\n- ")


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_wording(page: Path) -> None:
    assert "未公布" not in page.read_text("utf-8") and "抄袭" not in page.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", prose(page)):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


TOML = [block for page in PAGES for block in blocks(page, "toml")]


@pytest.mark.parametrize("block", TOML, ids=lambda block: f"{block.page}: {block.text.splitlines()[0]}")
def test_toml_loads(block: Block, tmp_path: Path) -> None:
    named = re.match(r"# (\S+\.toml)\n", block.text)
    if named is None:
        assert tomllib.loads(block.text)
        return
    path = tmp_path / Path(named[1]).name
    path.write_text(block.text, "utf-8")
    (tmp_path / "register.csv").touch()
    match named[1].split("/"):
        case ["config.toml"]:
            assert load_config(path).source == path
        case ["portals", _]:
            assert load_portal(path).id == path.stem
        case ["parsers", "forms", _]:
            assert load_form(path).figure_names
        case _:
            pytest.fail(f"no loader is known for {named[1]}")


def test_example_files_load(tmp_path: Path) -> None:
    shown = tmp_path / "example.toml"
    shown.write_bytes((ROOT / "docs" / "example-portal.toml").read_bytes())
    assert load_portal(shown)
    assert load_config(ROOT / "config.toml")
    (register,) = blocks(README, "csv")
    path = tmp_path / "register.csv"
    path.write_text(register.text, "utf-8")
    assert [agency.duty for agency in load_agencies(path)] == ["art49_department", "no_date"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of some reports of the pretend country, made with `nianbao add`."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "reports").mkdir()
    country = Country.build(1, agencies=40)
    plans = [plan for plan in country.plans if plan.agency in country.agencies[:5]]
    for number, plan in enumerate(plans):
        (folder / "reports" / f"{number}.html").write_bytes(html.write(plan.sample, page=True))
    config = folder / "config.toml"
    config.touch()
    result = CliRunner().invoke(main, ["add", str(folder / "reports"), "--config", str(config)])
    assert result.exit_code == 0 and f" {len(plans)} new reports" in result.output, result.output
    return folder / "nianbao.db"


def queries() -> list[tuple[str, str]]:
    """(page, SQL) of every example: SQL blocks, and what sqlite3 is given on the command line."""
    found = [(block.page, block.text) for page in PAGES for block in blocks(page, "sql")]
    for page in PAGES:
        lines = [shlex.split(line) for line in typed(page) if line.startswith("sqlite3 ")]
        found += [(page.name, words[-1]) for words in lines if " " in words[-1]]
    return found


@pytest.mark.parametrize("example", queries(), ids=lambda example: f"{example[0]}: {' '.join(example[1].split())[:60]}")
def test_sql_runs(example: tuple[str, str], archive: Path) -> None:
    with sqlite3.connect(f"file:{archive}?mode=ro", uri=True) as connection:
        cursor = connection.execute(example[1])
        rows = cursor.fetchall()
    connection.close()
    assert cursor.description
    if "FROM applications" in example[1] or "WHERE value IS NULL" in example[1]:
        assert rows


def first_column(page: str, heading: str) -> list[str]:
    """The names in code in the first column of the tables below a heading, up to the next one."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.M | re.S)
    assert section, f"{page}: {heading}"
    cells = re.findall(r"^\| (`[^|]+?) \|", section[1], re.M)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_keys_of_json() -> None:
    read = Read("a.html", "00", Report(media="html"))
    assert first_column("commands.md", "`nianbao parse FILE...`") == list(read_dict(read, None))
    keys = first_column("commands.md", "`nianbao check [FILE...]`")
    assert keys == list(FINDING_KEYS)
    text = COMMANDS_PAGE.read_text("utf-8")
    for word in [*NULL_STATES, *(field.name for field in dataclasses.fields(CrawlSummary))]:
        assert f"`{word}`" in text, word
    kinds = [cls.kind for cls in (errors.UnreadableDocument, *errors.UnreadableDocument.__subclasses__())]
    assert all(f"`{kind}`" in text for kind in kinds)
    assert set(first_column("commands.md", "`nianbao missing YEAR`")) == set(State)


def test_rules_are_those_that_there_are() -> None:
    assert sorted(first_column("rules.md", "Rules")) == sorted(rule_names())


def test_keys_of_a_portal() -> None:
    assert set(first_column("portals.md", "Keys")) >= set(PortalFile.model_fields)
    example = tomllib.loads((ROOT / "docs" / "example-portal.toml").read_text("utf-8"))
    commented = re.findall(r"^# (\w+) = ", (ROOT / "docs" / "example-portal.toml").read_text("utf-8"), re.M)
    assert {*example, *commented} == set(PortalFile.model_fields)


def test_views_are_those_of_the_archive(archive: Path) -> None:
    with sqlite3.connect(f"file:{archive}?mode=ro", uri=True) as connection:
        there = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
    connection.close()
    assert sorted(first_column("archive.md", "Views: start here")) == sorted(there)


def test_forms_are_counted_right() -> None:
    text = (ROOT / "docs" / "forms.md").read_text("utf-8")
    for name, form in load_forms().items():
        assert re.search(rf"^\| `{name}` \| {form.prescribed_by} \| .* \| {len(form.figure_names)} \|$", text, re.M)


def test_regions_are_counted_right() -> None:
    with REGIONS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cities = sum(row["name"].endswith("市") and row["code"][4:] != "00" for row in rows)
    text = (ROOT / "docs" / "regions.md").read_text("utf-8")
    codes = [row["code"] for row in rows]
    provinces = sum(code.endswith("0000") for code in codes)
    prefectures = sum(code.endswith("00") for code in codes) - provinces
    assert f"| {provinces} | provinces" in text and f"| {prefectures} | prefectures" in text
    assert f"| {len(rows) - provinces - prefectures:,} | counties, districts, banners and {cities} county-level" in text
    assert f"| {len(rows):,} | in all" in text
