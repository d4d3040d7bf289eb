"""`nianbao title`: one title, many from standard input, what is wrong with a line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main

TITLE = "柳溪县水利局2023年政府信息公开工作年度报告"
KEYS = ["title", "url", "is_report", "why", "agency", "agency_id", "year", "kind"]
PORTAL = """
name = "安阳县"
platform = "static_list"
allowed_hosts = ["122.0.0.1:8080"]
columns = [{ url = "http://122.0.0.1:8080/nb/" }]
place = "安阳县"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "anyang.toml").write_text(PORTAL, "utf-8")
    path = tmp_path / "config.toml"
    path.touch()
    return path


def title(config: Path, *arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["title", *arguments, "--config", str(config)], input=given)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_title(config: Path) -> None:
    result = title(config, TITLE, "--json")
    (answer,) = answers(result)
    assert result.exit_code == 0
    assert list(answer) == KEYS
    assert answer == {
        "title": TITLE,
        "url": None,
        "is_report": True,
        "why": "",
        "agency": "柳溪县水利局",
        "agency_id": None,
        "year": 2023,
        "kind": "report",
    }


def test_one_title_for_people(config: Path) -> None:
    shown = title(config, TITLE, "--url", "https://example.com/1.html").stdout
    assert "no report" in shown and "example.com" in shown and "柳溪县水利局" in shown and "2023" in shown
    assert "a report" in title(config, TITLE, "--url", "https://www.liuxi.gov.cn/1.html").stdout


def test_a_portal_adds_its_hosts_and_its_place(config: Path) -> None:
    printed, url = "住建局2023年政府信息公开工作年度报告", "http://122.0.0.1:8080/1.html"
    (without,) = answers(title(config, printed, "--url", url, "--json"))
    (within,) = answers(title(config, printed, "--url", url, "--portal", "anyang", "--json"))
    assert not without["is_report"]
    assert (within["is_report"], within["agency"]) == (True, "安阳县住房和城乡建设局")
    assert within["agency_id"] == "410522:住房和城乡建设局"


def test_an_unknown_portal_is_a_sentence(config: Path) -> None:
    for arguments in ([TITLE, "--portal", "anyan"], ["-", "--portal", "anyan"]):
        result = title(config, *arguments, given="")
        assert result.exit_code == 2
        assert "anyang" in result.stderr and "Traceback" not in result.stderr


def test_many_titles_are_answered_in_order(config: Path) -> None:
    lines = [
        {"title": f"柳溪县{n}2023年政府信息公开年报", "url": "http://www.a.gov.cn/"} for n in ("甲局", "乙局", "丙局")
    ]
    lines.append({"title": "公安局2023年政府信息公开年报", "url": "http://122.0.0.1:8080/", "portal": "anyang"})
    lines.append({"title": "2023年政府网站工作年度报表"})
    given = "\ufeff" + "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n"
    result = title(config, "-", "--json", given=given)
    found = answers(result)
    assert result.exit_code == 0
    assert [answer["title"] for answer in found] == [line["title"] for line in lines]
    assert found[3]["agency"] == "安阳县公安局"
    assert found[4]["kind"] == "website_form"


@pytest.mark.parametrize(
    "wrong",
    [
        b"{",
        b"[1]",
        b"null",
        b"{}",
        b'{"title": 3}',
        b'{"title": null}',
        b'{"title": "a", "url": 3}',
        b'{"title": "a", "portal": "nowhere"}',
        b'{"title": "\\ud800"}',
        b'{"title": "\xff"}',
        b"[" * 100_000,
    ],
)
def test_a_wrong_line_is_named_and_the_others_are_answered(config: Path, wrong: bytes) -> None:
    good = json.dumps({"title": TITLE, "url": None}).encode()
    result = title(config, "-", "--json", given=b"\n".join([good, wrong, good]))
    assert result.exit_code == 2
    assert [answer["title"] for answer in answers(result)] == [TITLE, TITLE]
    (complaint,) = result.stderr.splitlines()
    assert "line 2" in complaint


def test_an_address_goes_with_one_title(config: Path) -> None:
    result = title(config, "-", "--url", "http://www.a.gov.cn/", given="")
    assert result.exit_code == 2 and "--url" in result.stderr


def test_orders_to_the_terminal_do_not_reach_it(config: Path) -> None:
    evil = "\x1b]0;ours\x07柳溪县\x9b2J水利局\r2023年政府信息公开工作年度报告\x1b[31m"
    shown = title(config, evil).stdout
    assert not [character for character in shown if character != "\n" and not character.isprintable()]
    assert len(shown.splitlines()) == 4
    assert answers(title(config, evil, "--json"))[0]["title"] == evil
