"""Chats that become public, are removed, move or come back: who hears what waits for them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.life.answers import answer
from monitor.telling.teller import sync_chats
from parsers.strict_toml import ConfigError
from tests.monitor.life_archive import NOON, Desk, agencies, desk, finding

LATER = NOON.replace(year=2998)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Desk]:
    made = desk(tmp_path, _settings("chats = [-1001, 1]"))
    with made.archive:
        agencies(made.archive, [("柳溪", "trs", 4)])
        yield made


def _settings(chats: str) -> str:
    return f'archive = "a.db"\n[telegram]\n{chats}\nlanguage = "zh"\n'


def _named(made: Desk, chats: str) -> None:
    made.config.source.write_text(_settings(chats), "utf-8")
    made.config = load_config(made.config.source)
    sync_chats(made.archive, made.config, _day(1))


def _day(days: float) -> datetime:
    return NOON + timedelta(days=days)


def _send(made: Desk) -> list[str]:
    heard = []
    for row in made.archive.outbox.each_due(LATER):
        made.archive.outbox.mark_sent(row["id"], LATER, "9")
        heard.append(f"{row['subscriber']}:{row['event']}")
    return sorted(heard)


@pytest.mark.parametrize("is_gone", [False, True])
@pytest.mark.parametrize(
    "steps",
    [
        ["chats = [1]\npublic = [-1001]"],
        ["chats = [1]"],
        ["chats = [1]", "chats = [1]\npublic = [-1001]"],
    ],
    ids=["public", "removed", "removed, then public"],
)
def test_what_waited_for_a_desk_is_told_to_no_other(made: Desk, steps: list[str], is_gone: bool) -> None:
    """Also once a person says that it accepts again."""
    made.save(finding("late"))
    if is_gone:
        made.archive.subscribers.gone("telegram", "-1001", "kicked", NOON)
    for chats in steps:
        _named(made, chats)
    made.archive.subscribers.accept("telegram", "-1001", _day(2))
    assert _send(made) == ["1:found"]


def test_a_desk_that_becomes_what_is_a_public_chat(made: Desk) -> None:
    _named(made, "chats = [-5, 1]\npublic = [-1002]")
    made.save(finding("late"))
    made.archive.subscribers.moved("telegram", "-5", "-1002", NOON)
    assert _send(made) == ["1:found"]


def test_messages_of_an_archive_that_did_not_know_chats(made: Desk) -> None:
    made.save(finding("late"), finding("carry-over", kind="identity"))
    with made.archive.write() as connection:
        connection.execute("DELETE FROM subscribers")
    _named(made, "chats = [1]\npublic = [-1001]")
    assert _send(made) == ["-1001:found", "1:found", "1:found"]


def test_a_name_in_capitals_is_the_same_channel(made: Desk) -> None:
    _named(made, 'chats = [1, "@News"]\npublic = ["@news"]')
    made.save(finding("late"))
    assert _send(made) == ["1:found"]
    with pytest.raises(ConfigError, match="stands there twice"):
        _named(made, 'chats = ["@News", "@news"]')


def test_what_may_have_been_heard_is_taken_back_once_the_chat_is_back(made: Desk) -> None:
    one = finding("late")
    made.save(one)
    for row in made.archive.outbox.each_due(LATER):
        assert made.archive.outbox.begin(row, NOON)
        made.archive.outbox.mark_failed(row["id"], "no answer came", _day(1))
    answer(made.archive, made.config, one.fingerprint, "wrong", by="王敏", at=_day(1), reason="读错")
    made.archive.subscribers.gone("telegram", "-1001", "kicked", _day(2))
    made.archive.subscribers.arrive("telegram", "-1001", kind="group", title="x", at=_day(3))
    assert _send(made) == ["-1001:withdrawn", "1:withdrawn"]
