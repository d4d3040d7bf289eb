"""The demo: the main job over the country's season finds all of its faults and no other, and tells each once."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.sandbox.country import Country
from db.archive import Archive
from monitor.config import load_config
from monitor.crawling import deployment_portals, portal_columns
from monitor.demo import DemoFolderError, play, prepare, score
from monitor.rebuilding import rebuild


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
        findings, judged_at = day.standing, day.outcome.moment
        assert judged_at > day.moment and judged_at - day.moment < timedelta(hours=1)
    result = score(country.truth(country.demo_days()[-1]), findings)
    assert result.overlooked == []
    assert result.invented == []
    assert len(result.found) >= 10
    assert set(new.values()) == {1}, "each finding is new once"

    # All that is derived can be made anew: equal row for row.
    config = load_config(tmp_path / "demo" / "config.toml")
    with Archive.open(config.archive) as archive:
        columns = portal_columns(deployment_portals(config), archive.agencies())
        merged = rebuild(archive, config, columns, now=judged_at).merged
    assert [difference for difference in merged.differences if any(difference[1:])] == []
    assert (merged.events, merged.messages, merged.left, merged.has_findings) == (0, 0, 0, True)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DemoFolderError, match="--into"):
        prepare(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
