"""A digest does not say again what is not to be told by now."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.life.answers import answer
from monitor.telling.digest import queue_digest
from tests.monitor.life_archive import NOON, Desk, agencies, desk, finding

SETTINGS = """\
archive = "a.db"
[telegram]
chats = [1]
public = [2]
language = "en"
"""
ONE = finding("carry-over", kind="identity", sentence_en="The claim.")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Desk]:
    made = desk(tmp_path, SETTINGS)
    with made.archive:
        agencies(made.archive, [("柳溪", "trs", 4)])
        made.save(ONE)
        for row in made.archive.outbox.each_due(_day(0.1)):
            made.archive.outbox.mark_sent(row["id"], _day(0.1), "9")
        yield made


def _day(days: float) -> datetime:
    return NOON + timedelta(days=days)


def _digests(made: Desk) -> list[str]:
    queue_digest(made.archive, made.config, _day(2))
    rows = made.archive.outbox.each_due(NOON.replace(year=2998))
    return [row["text"] for row in rows if row["fingerprint"] == "digest"]


def test_what_is_told_is_listed(made: Desk) -> None:
    assert ["The claim." in text for text in _digests(made)] == [True, True]


@pytest.mark.parametrize("word", ["wrong", "mute"])
def test_what_people_called_wrong_or_muted_is_not(made: Desk, word: str) -> None:
    """Also while the message that takes it back waits."""
    answer(made.archive, made.config, ONE.fingerprint, word, by="王敏", at=_day(1), reason="读错")
    assert [("The claim." in text, "still listed" in text) for text in _digests(made)] == [(False, False)] * 2


def test_what_a_suspended_rule_found_is_not(made: Desk) -> None:
    made.archive.life.suspend("carry-over", by="王敏", reason="规则有误", at=_day(1))
    assert [("The claim." in text, "still listed" in text) for text in _digests(made)] == [(False, False)] * 2
