"""`nianbao rules`, and the page that is made of it."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.archive import Archive
from db.records import Finding
from monitor.cli import main
from monitor.rules import rule_names, rules
from monitor.rules_page import page
from tests.conftest import ROOT

NOW = datetime(2024, 2, 20, 4, tzinfo=UTC)


def nianbao(place: Path, *words: str) -> Result:
    settings = place / "config.toml"
    settings.touch()
    return CliRunner().invoke(main, ["rules", "--config", str(settings), *words])


def finding(year: int, rule: str = "carry-over") -> Finding:
    kind, basis = ("identity", "convention") if rule == "carry-over" else ("change", "observation")
    return Finding(
        rule=rule, kind=kind, severity="warning", certainty="certain", basis=basis, agency_id=None,
        agency="柳溪县财政局", year=year, figure="applications.carried_in.total", figures=[], observed=1, expected=2,
        sentence_zh="甲", sentence_en="A", places=[], told=False,
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An archive with findings of two rules, one of which a person has judged."""
    with Archive.open(tmp_path / "nianbao.db") as archive:
        found = [finding(2021), finding(2022), finding(2022, "striking-change")]
        archive.save_findings(found, judged=None, rules=set(rule_names()), messages=lambda f, event: [], at=NOW)
        kept = {(row["rule"], row["year"]): row["fingerprint"] for row in archive.findings()}
        archive.life.answer(kept["carry-over", 2021], "right", by="li", at=NOW)
        archive.life.answer(kept["carry-over", 2022], "wrong", by="li", at=NOW, reason="合并")
        archive.save_findings(found[1:], judged=None, rules=set(rule_names()), messages=lambda f, event: [], at=NOW)
        archive.life.suspend("striking-change", by="li", at=NOW, reason="测试")
    return tmp_path


def test_the_docs_are_what_the_command_prints(tmp_path: Path) -> None:
    result = nianbao(tmp_path, "--markdown")
    assert result.exit_code == 0
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == result.stdout, (
        "make it anew: nianbao rules --markdown > docs/rules.md"
    )


@pytest.mark.parametrize("name", rule_names())
def test_the_page_has_all_of_a_rule(name: str) -> None:
    rule = rules()[name]
    text = page(rules().values())
    _, _, section = text.partition(f"\n### `{name}`\n")
    section = section.partition("\n### ")[0].partition("\n## ")[0]
    assert rule.about in section
    for entry in rule.says.values():
        assert entry.zh[-10:] in section and entry.en[-10:] in section
    excluded, _, rest = section.partition("Not excluded:")
    for innocent in rule.innocent:
        assert innocent.zh in (excluded if innocent.excluded else rest)
        assert innocent.en in (excluded if innocent.excluded else rest)
    assert (rule.defect or "") in section
    assert (rule.article.zh if rule.article else "") in section


def test_every_rule_has_what_a_page_needs() -> None:
    for rule in rules().values():
        assert rule.about.strip() and rule.says, rule.name
        assert max(len(line) for line in rule.about.splitlines()) <= 120, rule.name


def test_without_an_archive(tmp_path: Path) -> None:
    result = nianbao(tmp_path, "--json")
    assert result.exit_code == 0 and "there is no archive yet" in result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["rule"] for line in lines] == rule_names()
    by_name = {line["rule"]: line for line in lines}
    missing = by_name["missing"]
    assert missing["defect"] == "不按时发布" and "第四十九条" in missing["article_zh"]
    assert missing["excluded"] and missing["not_excluded"] and missing["told"] is True
    assert set(missing["sentences"]) == set(rules()["missing"].says)
    assert missing["open"] is None and missing["suspended_since"] is None
    assert not (tmp_path / "nianbao.db").exists()


def test_the_record_of_each_rule_in_a_process_of_its_own(place: Path) -> None:
    (place / "config.toml").touch()
    words = [sys.executable, "-P", "-m", "monitor", "rules", "--json", "--config", str(place / "config.toml")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    record = {line["rule"]: line for line in map(json.loads, done.stdout.splitlines())}
    told = ("open", "right", "wrong", "suspended_since")
    assert [record["carry-over"][key] for key in told] == [1, 1, 1, None]
    assert [record["striking-change"][key] for key in told[:3]] == [1, 0, 0]
    assert record["striking-change"]["suspended_since"].startswith("2024-02-20T04:00")
    assert "测试" in record["striking-change"]["suspended_why"]
    assert record["wrong-form"]["open"] == 0
    assert done.stderr == ""


def test_the_table_and_one_rule(place: Path) -> None:
    result = nianbao(place)
    assert result.exit_code == 0
    assert all(name in result.stdout for name in rule_names())
    assert "striking-change: suspended since 2024-02-20" in " ".join(result.stdout.split())
    one = nianbao(place, "carry-over").stdout
    assert rules()["carry-over"].about in one
    assert "In the archive: 1 finding open; called right 1, wrong 1 times." in one
    assert nianbao(place, "carry-over", "--markdown").stdout in one


def test_a_rule_that_there_is_not(tmp_path: Path) -> None:
    result = nianbao(tmp_path, "carryover")
    assert result.exit_code == 2
    assert result.stderr == "nianbao: carryover: there is no such rule; expected carry-over\n"
