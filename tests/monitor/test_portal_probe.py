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
from monitor.portals.schema import schema_text
from monitor.portals.tables import link_shown
from monitor.probe_shown import json_lines, show_probe
from tests.crawler.forked import forking
from tests.crawler.small_site import html, row, serve, title

AGENCIES = ("财政局", "水利局", "审计局")
COLUMN = html(
    "<title>政府信息公开年报_柳溪县人民政府</title><ul>"
    + "".join(row(f"{number}.html", agency) for number, agency in enumerate(AGENCIES))
    + "</ul>"
)


LEAST = """\
name = "柳溪县人民政府"
platform = "{}"
allowed_hosts = ["www.liuxi.gov.cn"]
[[columns]]
url = "https://www.liuxi.gov.cn/nb/"
"""


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


def test_probe(config: Path) -> None:
    """By a child as the command starts it; without --now, whatever the site's clock says."""
    with serve() as site:
        site.pages["/nb/"] = COLUMN
        result = portal(config, "probe", f"http://{site.host}/nb/", "--json")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["page", "software", "column", *["report"] * 3, "end"]
    assert [line["title"] for line in lines if line["event"] == "report"] == [title(name) for name in AGENCIES]
    assert lines[-1]["found"] and "[[columns]]" in lines[-1]["draft"] and not result.stderr
    assert list(config.parent.iterdir()) == [config]


def test_new(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as site, forking(monkeypatch):
        site.pages["/nb/"] = COLUMN
        url = f"http://{site.host}/nb/"
        result = portal(config, "new", "liuxi", url)
        path = config.parent / "portals" / "liuxi.toml"
        assert result.exit_code == 0 and str(path) in result.stdout and "nianbao portal test liuxi" in result.stdout
        read = load_portal(path)
        assert (read.columns[0].url, read.place, read.expect.min) == (url, "柳溪县", 2)
        assert path.read_text("utf-8").startswith("#:schema ./portal.schema.json\n")
        schema = path.parent / "portal.schema.json"
        assert schema.read_text("utf-8") == schema_text()
        schema.write_text("mine", "utf-8")
        asked = len(site.asked)
        refused = portal(config, "new", "liuxi", url)
        assert refused.exit_code == 2 and "--force" in refused.stderr and len(site.asked) == asked
        missing = portal(config, "new", "other", f"http://{site.host}/gone/")
        assert missing.exit_code == 2
        assert "there is no such page" in missing.stderr and "was not written" in missing.stderr
        assert not path.with_stem("other").exists() and schema.read_text("utf-8") == "mine"


def test_what_is_to_be_filled_in_is_a_fault(config: Path) -> None:
    folder = config.parent / "portals"
    assert portal(config, "new", "made", "--platform", "json_list").exit_code == 0
    texts = {
        "search": LEAST.format("trs") + '[options]\nchannelid = "<F12: channelid>"\nchnlid = "x"\n',
        "label": LEAST.format("longxun") + '[options]\nsiteId = "<F12: siteId>"\norganId = "7"\n',
    }
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    result = portal(config, "check")
    assert result.exit_code == 2
    said = [line.removeprefix(f"{folder}/") for line in result.stderr.splitlines()]
    assert [line.partition(": is ")[0] for line in said if "is not filled in yet" in line] == [
        "label.toml:7: options.siteId",
        *(f"made.toml:{line}: options.{key}" for line, key in unfilled_lines(folder / "made.toml")),
        "search.toml:7: options.channelid",
    ]
    assert sum("is still the example; write the site's own" in line for line in said) == 2  # host and column of made
    assert "is not filled in yet: F12: siteId; docs/portals.md says how, under longxun" in result.stderr
    assert sum("options.channelid" in line for line in said) == 1 and "search.toml:8: options.chnlid" in result.stderr
    (folder / "search.toml").unlink()
    tried = portal(config, "test", "label")
    assert tried.exit_code == 2 and "label: options.siteId is not filled in yet" in tried.stderr


def unfilled_lines(path: Path) -> list[tuple[int, str]]:
    lines = path.read_text("utf-8").splitlines()
    return [(number, line.split(" = ")[0]) for number, line in enumerate(lines, 1) if ' = "<' in line]


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


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_tables_fit_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    long = f"柳溪县人民政府办公室关于2023年度政府信息公开工作情况的年度报告（含{'下属事业单位' * 6}）"
    far = f"https://xxgk.liuxi.gov.cn/{'a' * 90}/downfile.jsp?classid=0"
    given = probed()
    given.reports.append(ListedReport(long, "柳溪县自然资源和规划局（柳溪县林业和草原局）", None, None, far, given.url))
    show_probe(given)
    shown = capsys.readouterr().out
    assert max(map(cell_len, shown.splitlines())) <= width
    words = "".join(shown.split())
    for part in ("Software", "createPageHTML(3,0", "2024-01-26", "Doubtful:1", "5requests", far):
        assert part in words
    # The link has a line of its own, and a title as much of one as there is.
    assert "\n  /zwgk/zfxxgk/fdzdgknr/zfxxgknb/202401/t20240126_0.html\n" in shown
    first = next(line for line in shown.splitlines() if line.startswith("柳溪县财政局2023年"))
    assert cell_len(first.split("  ")[0]) >= min(cell_len(title("财政局")), width // 2 - 10)
    assert "\x1b" not in shown


def test_without_a_terminal_it_is_wide(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    show_probe(probed())
    assert f"{title('财政局')}  柳溪县财政局  2023  2024-01-26" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.liuxi.gov.cn/a/b.html?c=1#d", "/a/b.html?c=1#d"),
        ("http://WWW.liuxi.gov.cn/a/", "/a/"),
        ("https://www.liuxi.gov.cn:8443/a/", "https://www.liuxi.gov.cn:8443/a/"),
        ("https://www.liuxi.gov.cn", "https://www.liuxi.gov.cn"),
        ("https://xxgk.liuxi.gov.cn/a/", "https://xxgk.liuxi.gov.cn/a/"),
    ],
)
def test_a_link_is_a_path_on_its_own_host(url: str, shown: str) -> None:
    assert link_shown(url, "https://www.liuxi.gov.cn/nb/") == shown


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
