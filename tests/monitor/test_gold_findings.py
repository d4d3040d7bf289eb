"""What the rules find in the real reports, read as they came, against what people found in them."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from db.records import Finding
from monitor.config import Thresholds
from monitor.judging.case import Case, Judged
from monitor.rules import judge_case
from parsers.read import read_report

# Names of gold findings under which a rule of ours says the same.
OURS = {
    "missing-section": "sections",
    "improvement-missing": "improvement",
    "published-exceeds-total": "stock-impossible",
}
STEMS = (
    "hongze-district-2023",
    "liaocheng-miit-2020",
    "luobei-miit-2020",
    "shanghai-general-office-2019",
    "shizhong-miit-2023",
    "tengzhou-miit-2020",
    "yanzhou-st-2020",
)


@lru_cache(maxsize=len(STEMS))
def found_in(folder: Path, stem: str) -> tuple[Finding, ...]:
    (path,) = (path for path in folder.glob(f"{stem}.*") if not path.name.endswith(".gold.json"))
    report = read_report(path.read_bytes())
    assert report.agency is not None and report.year is not None
    judged = Judged(f"990000:{report.agency}", report.agency, report.year, "ab" * 32, report, path.name)
    return tuple(judge_case(Case(judged), Thresholds()))


def gold_of(folder: Path, stem: str, *kinds: str) -> list[dict[str, Any]]:
    gold = json.loads((folder / f"{stem}.gold.json").read_text("utf-8"))
    return [finding for finding in gold["findings"] if finding["kind"] in kinds]


def says_the_same(finding: Finding, gold: dict[str, Any]) -> bool:
    figures = {finding.figure, *finding.figures}
    return (
        finding.kind == gold["kind"]
        and (finding.observed, finding.expected) == (gold["observed"], gold["expected"])
        and (gold["figure"] is None or gold["figure"] in figures)
    )


def test_all_real_reports_are_judged(shared_reports: Path) -> None:
    assert sorted(path.name.removesuffix(".gold.json") for path in shared_reports.glob("*.gold.json")) == list(STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_identities_are_certain_and_nothing_else_is_a_certain_error(shared_reports: Path, stem: str) -> None:
    certain = [f for f in found_in(shared_reports, stem) if f.severity == "error" and f.certainty == "certain"]
    gold = gold_of(shared_reports, stem, "identity")
    assert [sum(says_the_same(f, one) for f in certain) for one in gold] == [1] * len(gold)
    assert len(certain) == len(gold)


@pytest.mark.parametrize("stem", STEMS)
def test_forms_and_oddities_are_warnings_or_notices(shared_reports: Path, stem: str) -> None:
    findings = found_in(shared_reports, stem)
    for gold in gold_of(shared_reports, stem, "form", "oddity"):
        (finding,) = [f for f in findings if f.rule == OURS.get(gold["rule"], gold["rule"])]
        assert says_the_same(finding, gold)
        assert finding.severity in ("warning", "notice") and finding.certainty != "doubtful"


@pytest.mark.parametrize("stem", STEMS)
def test_what_people_only_noted_is_not_told(shared_reports: Path, stem: str) -> None:
    """Nothing is found but what people found: no note, and nothing that they did not see."""
    gold = gold_of(shared_reports, stem, "identity", "form", "oddity", "narrative")
    for finding in found_in(shared_reports, stem):
        assert any(OURS.get(one["rule"], one["rule"]) == finding.rule for one in gold), finding.sentence_en
    notes = {note["figure"] for note in gold_of(shared_reports, stem, "note")} - {None}
    noted = [f for f in found_in(shared_reports, stem) if f.figure in notes]
    assert [f.rule for f in noted if f.kind != "identity"] == []


def test_the_blank_totals_are_one_finding_with_all_rows(shared_reports: Path) -> None:
    (finding,) = found_in(shared_reports, "shanghai-general-office-2019")
    assert (finding.rule, len(finding.figures), finding.expected) == ("blank-total", 11, 272)
    assert {place["figure"] for place in finding.places} == set(finding.figures)
