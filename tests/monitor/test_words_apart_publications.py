"""The words to keep apart about what was published: of each, the case that is, and the nearest that is not. See
test_words_apart.py; the tests of each rule have the rest of what comes near."""

import pytest

from monitor.judging.absence import Held, State
from monitor.rules import rules
from tests.monitor.seasons_made import NEWS, feb, found, read, season
from tests.monitor.test_inaccessible import DROPPED, NOW, there
from tests.monitor.test_revised import OTHER, REPORT, TOTAL, alteration, line, made, plus
from tests.monitor.test_withdrawn import EMPTY, SHOWN, gone, looks, withdrawn
from tests.monitor.test_withdrawn import there as was_there


def names(of) -> set[str]:
    return {finding.rule for finding in found(of)} - {"dated-after-deadline", "late", "backdated"}


def test_withdrawn_and_dropped_from_a_list() -> None:
    """Gone from the portal, and gone from its list alone."""
    assert "withdrawn" in names(withdrawn())
    assert names(season(DROPPED, [there()], now=NOW)) == {"inaccessible"}


def test_withdrawn_and_moved() -> None:
    """Gone from the portal, and gone from its address alone."""
    again = was_there(url="https://www.example.gov.cn/nb/2.html", page_url="https://www.example.gov.cn/nb/2.html")
    assert "withdrawn" not in names(withdrawn(publications=[was_there(), again]))


def test_withdrawn_and_reorganised() -> None:
    assert "withdrawn" not in names(withdrawn(is_reformed=True))


def test_withdrawn_and_rebuilt() -> None:
    assert "withdrawn" not in names(withdrawn(gone=gone(gone_with=10, alive=5)))


@pytest.mark.parametrize("outcome", ["blocked", "failed", "unknown"])
def test_gone_and_what_could_not_be_fetched(outcome: str) -> None:
    """A 404 on three days, and three days on which a guard, a fault or a strange page answered."""
    assert "withdrawn" not in names(withdrawn(publications=[was_there(looks=looks(12, 13, 14, outcome=outcome))]))


def test_withdrawn_and_missing() -> None:
    """It was there; it never was."""
    assert "missing" not in names(withdrawn())
    never = season([*EMPTY[:1], *(read(feb(day), NEWS) for day in (13, 14, 15, 19))], [], held=Held.NOTHING)
    assert never.absence.state is not State.PRESENT and "withdrawn" not in names(never)
    assert SHOWN[0].seen > EMPTY[0].seen


def test_revised_and_counted() -> None:
    """Its figures say something else; the page has a counter."""
    assert names(made(REPORT, plus(TOTAL))) == {"revised"}
    assert names(made(REPORT, line(6, "浏览次数：1024"))) == set()


def test_revised_and_read_better() -> None:
    assert names(made(REPORT, plus(TOTAL), version=["7", "8"])) == set()


def test_a_revision_and_a_correction() -> None:
    """What is put right is told as good news: never as worse than before."""
    (worse,) = found(made(REPORT, plus(TOTAL)), "revised")
    (better,) = found(made(plus(OTHER), REPORT), "revised")
    assert (worse.severity, better.severity) == ("warning", "notice")
    changed = alteration(plus(OTHER), REPORT)
    assert changed is not None and changed.mended


def test_a_revision_and_versions_that_differ() -> None:
    """One after the other at one address; both at the same time at two."""
    assert rules()["revised"].certainty == "certain" and rules()["versions-differ"].certainty == "likely"
