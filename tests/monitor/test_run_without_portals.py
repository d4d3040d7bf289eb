"""`nianbao run` and `nianbao add` for whoever has files and no portal: what was added is judged and told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.sandbox.writers import html
from db.archive import Archive
from monitor.cli import main
from tests.monitor.judged import COUNTRY

SETTINGS = 'archive = "a.db"\n[telegram]\nchats = [1]\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NIANBAO_TELEGRAM_TOKEN", raising=False)
    (tmp_path / "config.toml").write_text(SETTINGS, "utf-8")
    return tmp_path


def test_a_run_without_portals_judges_and_delivers(here: Path) -> None:
    fault = next(truth for truth in COUNTRY.truths if truth.rule == "challenges-total")
    plan = next(p for p in COUNTRY.plans if (p.agency.id, p.year) == (fault.agency_id, fault.year))
    (here / "r.html").write_bytes(html.write(plan.sample))
    assert CliRunner().invoke(main, ["add", "r.html"]).exit_code == 0
    with Archive.open(here / "a.db") as archive, archive.write() as connection:
        # As though it had been added by an earlier nianbao: nothing of it is judged.
        connection.execute("DELETE FROM findings")
        connection.execute("DELETE FROM finding_events")
        connection.execute("DELETE FROM judged")
    done = CliRunner().invoke(main, ["run", "--json"])
    assert done.exit_code == 1, (done.output, done.exception)  # a certain error is on record, and nothing failed
    assert "there is no portal to crawl" in done.stderr
    assert "challenges-total" in {json.loads(line)["rule"] for line in done.stdout.splitlines()}
    again = CliRunner().invoke(main, ["run"])
    assert "0 portals, 0 requests" in again.stdout


def test_a_run_without_anything_is_fine(here: Path) -> None:
    done = CliRunner().invoke(main, ["run"])
    assert done.exit_code == 0 and "0 findings on record" in done.stdout
    assert "there is no portal to crawl" in done.stderr


@pytest.mark.parametrize("text", ['{"title": "柳溪县财政局2023年政府信息公开工作年度报告"}', '[["柳溪县"]]'])
def test_a_json_file_is_said_to_be_one(here: Path, text: str) -> None:
    (here / "x.json").write_text(text, "utf-8")
    done = CliRunner().invoke(main, ["add", "x.json"])
    assert done.exit_code == 2
    (line,) = [line for line in done.stderr.splitlines() if "x.json" in line]
    assert line.endswith(
        "a JSON file, for which there is no reader: add the page or the document that the report stands in"
    )
    with Archive.open(here / "a.db") as archive:
        assert archive.query("SELECT kind FROM readings") == [("unsupported",)]


def test_a_text_that_begins_like_json_is_none(here: Path) -> None:
    (here / "x.txt").write_text("[柳溪县财政局2023年政府信息公开工作年度报告]\n收到申请3件。", "utf-8")
    done = CliRunner().invoke(main, ["add", "x.txt"])
    assert "JSON" not in done.stderr and "kept, but not read" in done.stderr
