"""The demo: the main job over the country's season finds all of its faults and no other, and tells each once."""

from collections import Counter
from pathlib import Path

import pytest

from crawler.sandbox.country import Country
from monitor.demo import DemoFolderError, play, prepare, score


def test_the_demo_finds_what_the_country_knows_and_nothing_else(tmp_path: Path) -> None:
    country = Country.build(2)
    prepare(tmp_path / "demo")
    new = Counter()
    findings = []
    for day in play(tmp_path / "demo", country):
        assert not day.outcome.failed
        assert {f.rule for f in day.new if f.rule == "missing"} <= {
            truth.rule for truth in country.truth(day.moment)
        }, "nothing is called missing before it is proved"
        new.update(finding.fingerprint for finding in day.new)
        findings = day.outcome.judgement.findings
    result = score(country.truth(country.demo_days()[-1]), findings)
    assert result.overlooked == []
    assert result.invented == []
    assert len(result.found) >= 10
    assert set(new.values()) == {1}, "each finding is new once"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DemoFolderError, match="--into"):
        prepare(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
