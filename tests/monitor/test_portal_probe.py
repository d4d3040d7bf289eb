"""`nianbao portal probe` and `nianbao portal new`: what they print and write, and how they end."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from crawler.platforms import PLATFORM_NAMES
from crawler.portal import load_portal
from crawler.probing.result import Doubt, ListedReport, Probe, ProbedColumn, SeenPage
from monitor.cli import main
from monitor.probe_shown import json_lines, show_probe
from tests.crawler.small_site import html, row, serve, title

AGENCIES = ("财政局", "水利局", "审计局")
COLUMN = html(
    "<title>政府信息公开年报_柳溪县人民政府</title><ul>"
    + "".join(row(f"{number}.html", agency) for number, agency in enumerate(AGENCIES))
    + "</ul>"
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.touch()
    return path


def portal(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["portal", *arguments, "--config", str(config)])


def probed(**more: Any) -> Probe:
    url = "https://www.liuxi.gov.cn/zwgk/zfxxgk/fdzdgknr/zfxxgknb/"
    fields: dict[str, Any] = {
        "url": url,
        "found": True,
        "sentence": "1 column with 3 reports, read to the end",
        "site": "柳溪县人民政府",
        "platform": "trs",
        "certainty": "certain",
        "evidence": "createPageHTML(3, 0",
        "tried": ["trs"],
        "pages": [SeenPage(url, "ok", "", "a column of annual reports (trs)")],
        "columns": [ProbedColumn(url, "", None, "ok", "", 3, 3)],
        "reports": [
            ListedReport(title(name), f"柳溪县{name}", 2023, "2024-01-26", f"{url}202401/t20240126_{n}.html", url)
            for n, name in enumerate(AGENCIES)
        ],
        "doubts": [Doubt("柳溪县司法局2023年政府信息公开工作年…\x1b[31m", "it may be a report")],
        "draft": 'name = "柳溪县人民政府"\n',
        "requests": 5,
    }
    return Probe(**(fields | more))


def test_probe_and_new(config: Path) -> None:
    with serve() as site:
        site.pages["/nb/"] = COLUMN
        url = f"http://{site.host}/nb/"
        result = portal(config, "probe", url, "--json")
        assert result.exit_code == 0, result.stderr
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        assert [line["event"] for line in lines] == ["page", "software", "column", *["report"] * 3, "end"]
        assert [line["title"] for line in lines if line["event"] == "report"] == [title(name) for name in AGENCIES]
        assert lines[-1]["found"] and "[[columns]]" in lines[-1]["draft"] and not result.stderr
        assert list(config.parent.iterdir()) == [config]
        result = portal(config, "new", "liuxi", url)
        path = config.parent / "portals" / "liuxi.toml"
        assert result.exit_code == 0 and str(path) in result.stdout and "nianbao portal test liuxi" in result.stdout
        read = load_portal(path)
        assert (read.columns[0].url, read.place, read.expect.min) == (url, "柳溪县", 2)
        asked = len(site.asked)
        refused = portal(config, "new", "liuxi", url)
        assert refused.exit_code == 2 and "--force" in refused.stderr and len(site.asked) == asked


def test_nothing_found_is_a_sentence_and_no_file(config: Path) -> None:
    with serve() as site:
        result = portal(config, "new", "liuxi", f"http://{site.host}/nb/")
    assert result.exit_code == 2
    assert "there is no such page" in result.stderr and "was not written" in result.stderr
    assert not (config.parent / "portals").exists()


def test_a_template_for_each_platform(config: Path) -> None:
    (config.parent / "sites").mkdir()
    config.write_text('portals = ["sites"]\n', "utf-8")
    for name in PLATFORM_NAMES:
        result = portal(config, "new", name, "--platform", name)
        assert result.exit_code == 0 and f"nianbao portal check {name}" in result.stdout
        assert load_portal(config.parent / "sites" / f"{name}.toml").platform == name
    path = config.parent / "sites" / "trs.toml"
    path.write_text("mine", "utf-8")
    assert portal(config, "new", "trs", "--platform", "trs").exit_code == 2 and path.read_text("utf-8") == "mine"
    assert portal(config, "new", "trs", "--platform", "trs", "--force").exit_code == 0
    assert load_portal(path).platform == "trs"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("new", "Liuxi", "--platform", "trs"), "a-z, 0-9"),
        (("new", "../liuxi", "--platform", "trs"), "a-z, 0-9"),
        (("new", "liuxi", "--platform", "tsr"), "expected trs"),
        (("new", "liuxi"), "--platform"),
        (("new", "liuxi", "http://127.0.0.1/", "--platform", "trs"), "one of"),
        (("new", "liuxi", "127.0.0.1/nb/"), "https://127.0.0.1/nb/"),
        (("probe", "http://"), "no web address"),
        (("probe", "http://127.0.0.1/", "--allow", "a b"), "allowed_hosts"),
        (("probe", "http://127.0.0.1/", "--now", "today"), "--now"),
        (("probe", "http://www.liuxi.gov.cn/", "--most", "1"), "--most"),
    ],
)
def test_wrong_arguments_are_sentences(config: Path, arguments: tuple[str, ...], words: str) -> None:
    result = portal(config, *arguments)
    assert result.exit_code == 2 and words in result.stderr and "Traceback" not in result.stderr
    assert not (config.parent / "portals").exists()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_tables_fit_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show_probe(probed())
    shown = capsys.readouterr().out
    assert max(map(cell_len, shown.splitlines())) <= width
    words = "".join(shown.split())
    for part in ("Software", "createPageHTML(3,0", "2024-01-26", "Doubtful:1", "5requests"):
        assert part in words
    assert "\x1b" not in shown


def test_what_was_looked_at_is_shown_where_nothing_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    show_probe(probed(found=False, platform="", columns=[], reports=[], doubts=[], draft=""))
    shown = capsys.readouterr().out
    assert "not recognised; tried: trs" in shown and "What was looked at" in shown


def test_keys_of_json() -> None:
    lines = [json.loads(line) for line in json_lines(probed())]
    assert {line["event"]: list(line)[1:] for line in lines} == {
        "page": ["url", "outcome", "evidence", "what"],
        "software": ["platform", "certainty", "variant", "evidence", "tried", "site"],
        "column": ["url", "title", "year", "outcome", "why", "pages", "reports"],
        "report": ["title", "agency", "year", "listed_on", "url", "column"],
        "doubt": ["what", "why"],
        "end": ["url", "found", "sentence", "requests", "draft"],
    }
