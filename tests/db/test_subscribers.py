"""Chats: named by the settings or come by themselves, gone, back, moved; what they want, and what people vote."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.archive import Archive, ArchiveError
from db.records import Finding, Message
from db.telling.records import EVERYTHING, Filter
from db.telling.troubles import INTERRUPTED, Kept

NOON = datetime(2024, 3, 1, 4, tzinfo=UTC)
CHANNEL = "telegram"
FINDING = Finding(
    "late", "time", "warning", "certain", "law", None, "甲市某局", 2023, None, [], 5, None, "晚了。", "It is late."
)
NUMBER = FINDING.fingerprint


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db", backup=False) as archive:
        yield archive


def _sync(archive: Archive, desks: tuple[str, ...] = (), public: tuple[str, ...] = ()) -> None:
    archive.subscribers.sync(CHANNEL, desks, public, NOON)


def _save(archive: Archive, *found: Finding, chats: tuple[str, ...] = ()) -> None:
    archive.save_findings(
        list(found), judged=None, rules={"late"}, at=NOON,
        messages=lambda f, e: [Message(chat, CHANNEL, f.fingerprint, e, e) for chat in chats],
    )  # fmt: skip


def _send(archive: Archive) -> list[str]:
    heard = []
    for row in archive.outbox.each_due(NOON):
        archive.outbox.mark_sent(row["id"], NOON, "9")
        heard.append(f"{row['subscriber']}:{row['event']}")
    return heard


def test_a_chat_of_the_settings_wants_everything_until_it_says_otherwise(archive: Archive) -> None:
    _sync(archive, ("1",), ("@public",))
    one, two = archive.subscribers.each()
    assert [(c.subscriber, c.audience, c.origin) for c in (one, two)] == [
        ("1", "desk", "config"), ("@public", "public", "config"),
    ]  # fmt: skip
    assert archive.subscribers.subscriptions(CHANNEL, "1") == [EVERYTHING]
    assert archive.subscribers.unsubscribe(CHANNEL, "1", None) == 1
    changes = archive.subscribers.changes
    _sync(archive, ("1",), ("@public",))
    assert archive.subscribers.subscriptions(CHANNEL, "1") == []
    assert archive.subscribers.changes == changes, "nothing is written where nothing is new"
    _sync(archive)
    assert {c.audience for c in archive.subscribers.each()} == {"none"}
    assert archive.subscribers.subscriptions(CHANNEL, "@public") == []
    _sync(archive, ("1",))
    assert archive.subscribers.subscriptions(CHANNEL, "1") == [EVERYTHING], "named again, it is new"
    _sync(archive, ("1",), ("1",))
    assert [c.audience for c in archive.subscribers.each() if c.subscriber == "1"] == ["public"], "the lesser of both"


def test_a_stranger_is_public_and_wants_nothing_yet(archive: Archive) -> None:
    one = archive.subscribers.arrive(CHANNEL, "5", kind="private", title="张三", at=NOON)
    assert (one.audience, one.origin, one.title, one.since) == ("public", "bot", "张三", NOON)
    assert archive.subscribers.subscribe(CHANNEL, "5", Filter(place="3704"), NOON)
    assert not archive.subscribers.subscribe(CHANNEL, "5", Filter(place="3704"), NOON)
    archive.subscribers.subscribe(CHANNEL, "5", Filter(kind="time"), NOON)
    assert archive.subscribers.unsubscribe(CHANNEL, "5", Filter(place="3704")) == 1
    assert archive.subscribers.with_filters() == [(one, [Filter(kind="time")])]
    archive.subscribers.set_language(CHANNEL, "5", "en")
    again = archive.subscribers.arrive(CHANNEL, "5", kind=None, title=None, at=NOON)
    assert (again.language, again.title) == ("en", "张三")
    _sync(archive, ("5",))
    known = archive.subscribers.get(CHANNEL, "5")
    assert known and (known.audience, known.origin) == ("desk", "config")
    assert archive.subscribers.subscriptions(CHANNEL, "5") == [Filter(kind="time")], "it has said what it wants"
    with pytest.raises(ArchiveError, match="no language"):
        archive.subscribers.set_language(CHANNEL, "5", "fr")
    with pytest.raises(ArchiveError, match="no chat that we know"):
        archive.subscribers.subscribe(CHANNEL, "6", EVERYTHING, NOON)


def test_a_chat_that_left_the_settings_hears_what_is_taken_back_and_nothing_new(archive: Archive) -> None:
    _sync(archive, ("1", "2"))
    _save(archive, FINDING, chats=("1",))
    assert _send(archive) == ["1:found"]
    other = Finding(**{name: getattr(FINDING, name) for name in Finding.__slots__} | {"year": 2022})
    _save(archive, FINDING, other, chats=("1",))
    _sync(archive, ("2",))
    assert _send(archive) == [], "what was not sent by then is not told"
    _save(archive, chats=("1",))
    assert _send(archive) == ["1:gone"]


def test_a_desk_that_becomes_public_is_not_told_what_nobody_released(archive: Archive) -> None:
    _sync(archive, ("1",))
    _save(archive, FINDING, chats=("1",))
    _sync(archive, (), ("1",))
    assert _send(archive) == []
    (row,) = archive.outbox.failed()
    assert "public" in row["error"]


def test_who_was_gone_hears_what_was_taken_back_meanwhile(archive: Archive) -> None:
    _sync(archive, ("1",))
    _save(archive, FINDING, chats=("1",))
    _send(archive)
    archive.subscribers.gone(CHANNEL, "1", "blocked", NOON)
    _save(archive, chats=("1",))
    assert _send(archive) == []
    assert archive.subscribers.arrive(CHANNEL, "1", kind=None, title=None, at=NOON).gone_at is None
    assert _send(archive) == ["1:gone"]


def test_who_was_gone_hears_nothing_where_it_is_as_it_was(archive: Archive) -> None:
    _sync(archive, ("1",))
    _save(archive, FINDING, chats=("1",))
    _send(archive)
    archive.subscribers.gone(CHANNEL, "1", "blocked", NOON)
    _save(archive, chats=("1",))
    _save(archive, FINDING)  # found again, while nobody can be told
    archive.subscribers.arrive(CHANNEL, "1", kind=None, title=None, at=NOON)
    assert _send(archive) == [], "it was told that it is found, and it is"


def test_a_chat_that_moves_takes_everything_along(archive: Archive) -> None:
    _sync(archive, ("1",))
    archive.subscribers.set_language(CHANNEL, "1", "en")
    archive.subscribers.mute(CHANNEL, "1", "ff", NOON + timedelta(days=1), by="7", at=NOON)
    _save(archive, FINDING, chats=("1",))
    _send(archive)
    archive.outbox.put([Message("1", CHANNEL, "notice", "said", "x")], NOON)
    archive.troubles.put([Kept(INTERRUPTED, f"{CHANNEL} 1", NOON, NOON, None, {})])
    archive.subscribers.arrive(CHANNEL, "-1001", kind="supergroup", title="群", at=NOON)
    for _ in range(2):
        archive.subscribers.moved(CHANNEL, "1", "-1001", NOON)
    new = archive.subscribers.get(CHANNEL, "-1001")
    assert new and (new.audience, new.origin, new.language, new.title) == ("desk", "config", "en", "群")
    assert archive.subscribers.subscriptions(CHANNEL, "-1001") == [EVERYTHING]
    assert archive.query("SELECT subscriber FROM chat_mutes") == [("-1001",)]
    assert archive.outbox.told(NUMBER) == [(CHANNEL, "-1001")]
    assert _send(archive) == ["-1001:said"]
    assert [one.subject for one in archive.troubles.standing()] == [f"{CHANNEL} -1001"], "it is not told a second time"
    _sync(archive, ("1",))
    known = archive.subscribers.get(CHANNEL, "-1001")
    assert known and known.audience == "desk", "the settings still have the old number"
    archive.subscribers.moved(CHANNEL, "-1001", "1", NOON)  # and back
    assert archive.outbox.told(NUMBER) == [(CHANNEL, "1")]


def test_votes_are_of_the_finding_as_it_stands(archive: Archive) -> None:
    _save(archive, FINDING)
    for voter, word in (("1", "right"), ("2", "wrong"), ("1", "wrong")):
        archive.subscribers.vote(NUMBER, CHANNEL, voter, word, NOON)
    assert archive.subscribers.votes(NUMBER) == {"right": 0, "wrong": 2}
    _save(archive, Finding(**{name: getattr(FINDING, name) for name in Finding.__slots__} | {"observed": 6}))
    assert archive.subscribers.votes(NUMBER) == {"right": 0, "wrong": 0}
    with pytest.raises(ArchiveError, match="no vote"):
        archive.subscribers.vote(NUMBER, CHANNEL, "1", "maybe", NOON)
    with pytest.raises(ArchiveError, match="no finding"):
        archive.subscribers.vote("0" * 16, CHANNEL, "1", "right", NOON)
