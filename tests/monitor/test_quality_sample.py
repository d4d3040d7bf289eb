"""A small pretend country, whose errors are known in kind and number: what is told as an error is one, and of the kinds
that matter most nearly all are told. `make bench-judge` does the same with 2,000 agencies (docs/quality.md)."""

import pytest

from tests.bench.judge.make import World, make_world
from tests.bench.judge.oracle import between, within
from tests.bench.judge.play import play
from tests.bench.judge.score import COMPLETE, IDENTITIES, PRECISE, RECALL, Score, score

AGENCIES = 45


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(1, AGENCIES)


@pytest.fixture(scope="module")
def found(world: World, tmp_path_factory: pytest.TempPathFactory) -> Score:
    return score(world.truth, play(world, tmp_path_factory.mktemp("country"), few=True))


def test_what_is_told_as_an_error_is_one(found: Score) -> None:
    told = [false for rule in found.rules.values() for false in rule.false if false.finding.severity == "error"]
    assert [(false.finding.sentence_en, false.circumstances) for false in told] == []
    assert found.told("error")[0] > 40
    assert [name for name in PRECISE if found.rules[name].false_certain] == []


def test_the_errors_that_matter_most_are_told(found: Score) -> None:
    for name in COMPLETE:
        rule = found.rules[name]
        assert rule.expected >= 3, f"{name}: the country has too few of them for a test"
        # One of few may hide behind something that is left alone on purpose.
        assert len(rule.lacking) <= (0 if name in IDENTITIES else max(1, rule.expected * (1 - RECALL))), rule.lacking


def test_the_country_is_the_same_every_time(world: World) -> None:
    again = make_world(1, AGENCIES)
    assert again.truth.errors == world.truth.errors and again.truth.innocents == world.truth.innocents
    assert {key: draft.figures for key, draft in again.drafts.of.items()} == {
        key: draft.figures for key, draft in world.drafts.of.items()
    }


def test_the_oracle_reckons_by_the_vocabulary() -> None:
    row = {f"challenges.reconsideration.{name}": n for name, n in (("upheld", 2), ("corrected", 0), ("other", 1))}
    broken = {**row, "challenges.reconsideration.pending": 0, "challenges.reconsideration.total": 4}
    assert [breach.figure for breach in within(broken)] == ["challenges.reconsideration.total"]
    assert not list(within({**broken, "challenges.reconsideration.pending": None})), "1 may stand in the empty cell"
    too_few = {**broken, "challenges.reconsideration.pending": None, "challenges.reconsideration.total": 2}
    assert [breach.rule for breach in within(too_few)] == ["challenges-total"], "nothing empty can hold less than zero"
    last = {"applications.carried_out.total": 2, "applications.carried_out.other": 2}
    moved = {"applications.carried_in.total": 2, "applications.carried_in.other": 1}
    assert [breach.severity for breach in between(moved, "2021", last, "2021")] == ["notice"]
    assert [b.severity for b in between({"applications.carried_in.total": 3}, "2021", last, "2021")] == [""]
