"""The real reports against what a person read in them, figure by figure; the titles against the list of real ones."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli import main
from parsers.read import read_report
from parsers.report import NULL_STATES, Report
from parsers.titles import read_title

SHARED = Path(__file__).resolve().parents[3] / "shared"
REPORTS = SHARED / "reports"
GOLDS = sorted(REPORTS.glob("*.gold.json"))
ABSENT = pytest.mark.skip(reason="../shared/reports is not there")
CASES = [pytest.param(path, id=path.name.removesuffix(".gold.json")) for path in GOLDS] or [
    pytest.param(None, marks=ABSENT)
]

TITLES_FILE = SHARED / "titles.csv"
TITLES = list(csv.DictReader(TITLES_FILE.read_text("utf-8").splitlines())) if TITLES_FILE.exists() else []
TITLE_CASES = [pytest.param(row, id=row["title"]) for row in TITLES] or [
    pytest.param(None, marks=pytest.mark.skip(reason="../shared/titles.csv is not there"))
]


def document_of(gold: Path) -> Path:
    """The report that a gold file is about."""
    stem = gold.name.removesuffix("gold.json")
    return next(path for path in gold.parent.iterdir() if path.name.startswith(stem) and path != gold)


@pytest.fixture(scope="module")
def reports() -> dict[Path, Report]:
    """Each document is read once."""
    return {gold: read_report(document_of(gold).read_bytes()) for gold in GOLDS}


def content(gold: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(gold.read_text("utf-8"))
    return value


@pytest.mark.parametrize("gold", CASES)
def test_every_figure_is_the_one_that_a_person_read(gold: Path, reports: dict[Path, Report]) -> None:
    expected = content(gold)["figures"]
    figures = reports[gold].figures
    assert {name: figures[name].value for name in expected if name in figures} == {
        name: value for name, value in expected.items() if name in figures
    }
    assert set(expected) - set(figures) == set()
    assert set(figures) - set(expected) == set()


@pytest.mark.parametrize("gold", CASES)
def test_every_figure_says_how_it_was_read_and_where(gold: Path, reports: dict[Path, Report]) -> None:
    for figure in reports[gold].figures.values():
        assert (figure.value is None) == (figure.state in NULL_STATES)
        if figure.value is not None:
            assert figure.place is not None
            assert figure.how == figure.state
            assert figure.text or figure.place.column is None
        if figure.name.endswith(".amount"):
            assert figure.unit


@pytest.mark.parametrize("gold", CASES)
@pytest.mark.parametrize("key", ["agency", "year", "form", "signed_on", "published_on", "title", "period", "sections"])
def test_what_the_report_says_of_itself(gold: Path, key: str, reports: dict[Path, Report]) -> None:
    report, expected = reports[gold], content(gold)[key]
    found: Any = {
        "sections": [section.heading for section in report.sections],
        "period": list(report.period) if report.period else None,
    }.get(key, getattr(report, key))
    if key in ("title", "sections"):
        found, expected = _without_blanks(found), _without_blanks(expected)
    assert found == expected


def _without_blanks(value: Any) -> Any:
    return ["".join(text.split()) for text in value] if isinstance(value, list) else "".join(value.split())


@pytest.mark.parametrize("gold", CASES)
def test_check_finds_the_broken_identities_and_accuses_of_nothing_else(gold: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--json", str(document_of(gold))])
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    expected = [f for f in content(gold)["findings"] if f["kind"] == "identity"]
    identities = [f for f in findings if f["kind"] == "identity"]
    assert len(identities) == len(expected)
    for wanted in expected:
        same = [f for f in identities if (f["observed"], f["expected"]) == (wanted["observed"], wanted["expected"])]
        assert [wanted["figure"] in f["figures"] and f["certainty"] == "certain" for f in same] == [True]
    others = [f for f in findings if f["kind"] != "identity"]
    assert [f for f in others if f["severity"] == "error" and f["certainty"] == "certain"] == []
    assert result.exit_code == (1 if expected else 0)


def test_nothing_is_said_of_blanks_and_of_section_totals() -> None:
    """The report with the most blanks breaks no identity: a blank is no zero."""
    if not GOLDS:
        pytest.skip("../shared/reports is not there")
    shanghai = next(path for path in GOLDS if path.name.startswith("shanghai"))
    result = CliRunner().invoke(main, ["check", "--json", str(document_of(shanghai))])
    assert [json.loads(line)["kind"] for line in result.stdout.splitlines() if "identity" in line] == []


@pytest.mark.parametrize("row", TITLE_CASES)
def test_real_titles(row: dict[str, str]) -> None:
    title = read_title(row["title"])
    # A copy on a foreign host has the title of the real report; the host is the crawler's concern.
    # In traditional characters it is a copy by its title alone.
    about_host = "host outside gov.cn" in row["why"] and "notice" not in row["why"] and "公開" not in row["title"]
    assert title.is_report == (row["is_report"] == "1" or about_host)
    assert bool(title.why) == (not title.is_report)
    if row["year"]:
        assert title.year == int(row["year"])
    else:
        assert title.year is None
