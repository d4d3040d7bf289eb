"""`nianbao portal check` and `portal new --from`: every fault at once, with its line; notes that are no faults."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from monitor.config import BUILT_IN_PORTALS
from monitor.portals.checking import check_files
from monitor.portals.starters import STARTERS, starter, starter_files
from parsers.strict_toml import ConfigError
from tests.conftest import ROOT

GOOD = """name = "石狮市人民政府"
platform = "{platform}"
allowed_hosts = ["www.shishi.gov.cn"]
place = "石狮市"
expect = {{ min = 30, max = 60 }}
[[columns]]
url = "https://www.shishi.gov.cn{path}"
"""


def good(platform: str = "static_list", path: str = "/zwgk/nb/", more: str = "") -> str:
    return GOOD.format(platform=platform, path=path) + more


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    (tmp_path / "portals").mkdir()
    (tmp_path / "config.toml").touch()
    return tmp_path


def check(deployment: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["portal", "check", *arguments, "--config", str(deployment / "config.toml")])


def notes(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "shishi.toml"
    path.write_text(text, "utf-8")
    return [f"{fault.line} {fault.severity} {fault.key}" for fault in check_files([path])]


def test_all_faults_of_all_files_at_once(deployment: Path) -> None:
    (deployment / "portals" / "a.toml").write_text(
        'name = "x"\nplatform = "trz"\nallowed_hosts = ["A.cn"]\ndelay = 3\n[[columns]]\nurl = "ftp://x"\n', "utf-8"
    )
    (deployment / "portals" / "b.toml").write_text(good("trs", more="[options]\ncounts_form = 1\n"), "utf-8")
    (deployment / "portals" / "c.toml").write_text("name = \n", "utf-8")
    (deployment / "portals" / "d.toml").write_text(good(), "utf-8")
    result = check(deployment)
    assert result.exit_code == 2
    said = [line.removeprefix(f"{deployment / 'portals'}/") for line in result.stderr.splitlines()]
    assert [line.partition(": ")[0] for line in said] == [
        *("a.toml:1", "a.toml:2", "a.toml:3", "a.toml:4", "a.toml:6"),
        "b.toml:9",
        "c.toml:1",
    ]
    assert "platform: unknown platform 'trz'; expected trs" in said[1]
    assert "delay: unknown key 'delay'; expected delay_s" in said[3]
    assert "options.counts_form: unknown key 'counts_form'; expected counts_from" in said[5]
    assert result.stdout == "4 portal files, 3 wrong, 0 notes\n"


def test_ids_files_and_json(deployment: Path) -> None:
    (deployment / "portals" / "a.toml").write_text(good("trs", "/gkmlpt/index"), "utf-8")
    draft = deployment / "draft.toml"
    draft.write_text(good() + "bogus = 1\n", "utf-8")
    result = check(deployment, "a", str(draft), "--json")
    assert result.exit_code == 2
    note, error, end = map(json.loads, result.stdout.splitlines())
    assert (note["severity"], note["line"], note["key"]) == ("note", 7, "columns.0.url")
    assert "gkmlpt" in note["sentence"] and "trs" in note["sentence"]
    assert error["severity"] == "error" and error["file"] == str(draft) and error["line"] == 8
    assert end == {"event": "checked", "files": 2, "wrong": 1, "notes": 1}
    assert check(deployment, "a").exit_code == 0
    unknown = check(deployment, "a", "nope", "gone.toml")
    assert unknown.exit_code == 2 and "'nope'" in unknown.stderr and "'gone.toml'" in unknown.stderr


def test_without_files(deployment: Path) -> None:
    assert not list(BUILT_IN_PORTALS.glob("*.toml")), "built-in portals are checked too: adapt this test"
    result = check(deployment)
    assert result.exit_code == 0 and "no portal file yet" in result.stdout


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (good(), []),
        (good().replace("expect = { min = 30, max = 60 }\n", ""), ["None note expect"]),
        (good().replace("expect = { min = 30, max = 60 }", "expect = { max = 60 }"), ["5 note expect"]),
        (good().replace('place = "石狮市"', 'place = "石狮"'), ["4 note place"]),
        (good().replace('place = "石狮市"\n', ""), ["None note place"]),
        (good().replace('place = "石狮市"', 'default_agency = "石狮市水利局"'), []),
        (good(path=""), ["7 note columns.0.url"]),
        (good("jpage"), []),
        (good("ucap", "/col/col8812/index.html"), ["7 note columns.0.url"]),
        (good("jpaas", "/col/col8812/index.html"), []),
        (good("gkmlpt", "/gkmlpt/index"), ["7 note columns.0.url"]),
        (good("gkmlpt", "/gkmlpt/index#2712"), []),
        (good("gkmlpt", "/gkmlpt/index#1", '[selectors]\nrow = "li"\nbody = "#a"\n'), ["9 note selectors.row"]),
        (good("jpage", more='[selectors]\nnext = "a"\n[pages]\npattern = "{n}.html"\n'),
         ["9 note selectors.next", "11 note pages.pattern", "11 note pages.pattern"]),
        (good(more='[selectors]\nlink = "a"\n'), ["9 note selectors.link"]),
        (good(more='[selectors]\nrow = "li"\nlink = "a"\n'), []),
        (good(more='[browser]\nmore = "#more"\n'), ["8 note browser"]),
        ('fetch = "browser"\n' + good(more='[browser]\nmore = "#more"\n'), []),
        ('fetch = "browser"\n' + good("jpage"), ["1 note fetch"]),
        ("verify_tls = false\n" + good(), ["1 note verify_tls"]),
    ],
)  # fmt: skip
def test_notes(text: str, found: list[str], tmp_path: Path) -> None:
    assert notes(tmp_path, text) == found


def test_what_is_still_the_example_is_a_fault(tmp_path: Path) -> None:
    example = good().replace("www.shishi", "www.example")
    assert notes(tmp_path, example) == ["3 error allowed_hosts.0", "7 error columns.0.url"]
    assert "is still the example; write the site's own" in str(check_files([tmp_path / "shishi.toml"])[0])
    assert not [fault for fault in check_files([ROOT / "docs" / "example-portal.toml"]) if fault.severity == "error"]


def test_of_many_files_a_strange_name_is_noted_once_and_in_short(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.toml" for name in "abc"]
    for path, place in zip(paths, ("柳溪县", "柳溪县", "松塘市"), strict=True):
        path.write_text(good(path=f"/{path.stem}/").replace("石狮市", place), "utf-8")
    assert [(Path(fault.file).stem, fault.sentence) for fault in check_files(paths)] == [
        ("a", "no region has the name 柳溪县"),
        ("c", "no region has the name 松塘市"),
    ]
    (alone,) = check_files(paths[:1])
    assert "that is right for a town" in alone.sentence


def test_one_list_in_two_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(good(), "utf-8")
    (fault,) = check_files([tmp_path / "one.toml", tmp_path / "two.toml"])
    assert str(fault).startswith(f"{tmp_path / 'two.toml'}:7: note: columns.0.url: is a column of one.toml too")


def test_starters_are_right_and_say_that_they_are_unverified() -> None:
    files = starter_files()
    assert len(files) == 31
    faults = check_files(files)
    assert {fault.severity for fault in faults} == {"note"}
    # Where the survey's address was cut off, the home page stands in its place.
    others = [fault for fault in faults if fault.key != "expect"]
    assert [(Path(fault.file).stem, fault.key) for fault in others] == [("hebei", "columns.0.url")]
    for path in files:
        text = path.read_text("utf-8")
        assert "unverified, from a survey of July 2026" in text and "expect =" not in text
    assert STARTERS not in BUILT_IN_PORTALS.glob("*.toml")


def test_a_starter_is_copied(deployment: Path) -> None:
    def new(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["portal", "new", *arguments, "--config", str(deployment / "config.toml")])

    result = new("mine", "--from", "陕西")
    assert result.exit_code == 0, result.output
    assert (deployment / "portals" / "mine.toml").read_text("utf-8") == starter("shaanxi") == starter("陕西省")
    assert starter("shaanxi").startswith("#:schema ./portal.schema.json\n")
    assert (deployment / "portals" / "portal.schema.json").is_file()
    assert check(deployment, "mine").exit_code == 0
    assert new("mine", "--from", "shanxi").exit_code == 2  # it is there already
    wrong = new("other", "--from", "shaanx")
    assert wrong.exit_code == 2 and "shaanxi" in wrong.stderr
    assert new("other", "https://www.example.gov.cn/", "--from", "shanxi").exit_code == 2
    with pytest.raises(ConfigError):
        starter("省")
