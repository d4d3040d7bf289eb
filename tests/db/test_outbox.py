"""The outbox: what is due, in which order, what stops it, and how it stands with each chat."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.archive import Archive, ArchiveError
from db.records import Finding, Message

NOON = datetime(2024, 3, 1, 4, tzinfo=UTC)
FINDING = Finding(
    "late", "time", "warning", "certain", "law", None, "甲市某局", 2023, None, [], 5, None, "晚了。", "It is late."
)
NUMBER = FINDING.fingerprint


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db", backup=False) as archive:
        yield archive


def _put(archive: Archive, *chats: str, about: str = "notice", event: str = "said") -> None:
    archive.outbox.put([Message(chat, "telegram", about, event, f"{event} to all") for chat in chats], NOON)


def _find(archive: Archive, *chats: str, hours: float = 0, **changes: object) -> None:
    finding = Finding(**{name: getattr(FINDING, name) for name in Finding.__slots__} | changes)
    archive.save_findings(
        [finding], judged=None, rules={"late"}, at=at(hours),
        messages=lambda f, e: [Message(chat, "telegram", f.fingerprint, e, f"{e} 5") for chat in chats],
    )  # fmt: skip


def _due(archive: Archive, hours: float = 1) -> list[str]:
    return [f"{row['subscriber']}:{row['event']}" for row in archive.outbox.each_due(at(hours))]


def test_a_text_is_kept_once_however_many_hear_it(archive: Archive) -> None:
    _put(archive, "1", "2", "3")
    assert archive.query("SELECT count(*) FROM message_texts") == [(1,)]
    assert [row["text"] for row in archive.outbox.each_due(at(0))] == ["said to all"] * 3
    assert archive.outbox.put([Message("1", "telegram", "notice", "said", "otherwise")], NOON) == 0
    assert archive.outbox.put([Message("1", "telegram", "notice", "again", "x", ("a.txt", "all of it"))], NOON) == 1
    (*_, row) = archive.outbox.each_due(at(0))
    assert (row["document_name"], row["document"]) == ("a.txt", "all of it")


def test_a_chat_that_is_gone_and_one_that_waits_stop_nobody_else(archive: Archive) -> None:
    _put(archive, "1", "2", "3")
    assert archive.subscribers.gone("telegram", "1", "bot was blocked", NOON) == 1
    archive.subscribers.pause("telegram", "2", at(5), "too many requests")
    assert _due(archive) == ["3:said"]
    archive.subscribers.pause("telegram", None, at(2), "flood")
    assert _due(archive) == []
    assert archive.outbox.next_due(at(1)) == at(2)
    assert _due(archive, 3) == ["3:said"]
    assert _due(archive, 6) == ["2:said", "3:said"]
    one, two, three = archive.outbox.overview(at(1))
    assert (one.waiting, one.refused, one.refused_why, one.gone_why) == (0, 1, "bot was blocked", "bot was blocked")
    assert (two.waiting, two.due, two.paused_until, two.paused_why) == (1, 0, at(5), "too many requests")
    assert (three.paused_until, three.next_try) == (at(2), at(2))
    assert archive.subscribers.accept("telegram", "1", at(7)) == 1
    assert "1:said" in _due(archive, 8)


def test_a_shorter_pause_does_not_end_a_longer_one(archive: Archive) -> None:
    _put(archive, "1")
    for hours in (5, 2):
        archive.subscribers.pause("telegram", "1", at(hours), "wait")
        archive.subscribers.pause("telegram", None, at(hours), "wait")
    assert _due(archive, 3) == []
    assert archive.outbox.next_due(at(3)) == at(5)


def test_what_failed_is_tried_later_and_what_is_refused_never(archive: Archive) -> None:
    _put(archive, "1", "2")
    first, second = archive.outbox.due(NOON)
    archive.outbox.mark_failed(first, "no line", at(2))
    archive.outbox.refuse(second, "message is too strange", NOON)
    assert archive.outbox.next_due(NOON) == at(2)
    assert [(row["state"], row["attempts"], row["error"], row["headline"]) for row in archive.outbox.failed()] == [
        ("pending", 1, "no line", "said to all"), ("refused", 0, "message is too strange", "said to all"),
    ]  # fmt: skip
    assert [row["id"] for row in archive.outbox.failed("2")] == [second]
    archive.outbox.mark_sent(first, at(2), "77")
    assert archive.outbox.next_due(at(3)) is None
    assert archive.outbox.rows([first])[0]["remote_id"] == "77"
    with pytest.raises(ArchiveError, match="there is no such chat"):
        archive.subscribers.accept("telegram", "9", NOON)


def test_later_events_wait_for_earlier_ones(archive: Archive) -> None:
    _put(archive, "1", about="x", event="first")
    _put(archive, "1", about="x", event="second")
    rows = list(archive.outbox.each_due(NOON))
    assert archive.outbox.begin(rows[0], NOON)
    archive.outbox.mark_failed(rows[0]["id"], "no line", at(2))
    assert not archive.outbox.begin(rows[1], NOON), "it would overtake the first"
    assert _due(archive) == []
    assert _due(archive, 3) == ["1:first", "1:second"]


def test_what_was_begun_may_have_been_heard(archive: Archive) -> None:
    """Killed between the send and the record: whoever may have heard it hears that it is withdrawn."""
    _find(archive, "1", "2")
    row, _ = archive.outbox.each_due(NOON)
    assert archive.outbox.begin(row, NOON)
    archive.life.answer(
        NUMBER, "wrong", by="甲", reason="看过", at=at(1),
        messages=lambda f, e: [Message(chat, "telegram", f.fingerprint, e, e) for chat in ("1", "2")],
    )  # fmt: skip
    assert _due(archive, 2) == ["1:withdrawn"]
    archive.outbox.mark_sent(row["id"], at(2), "5")  # its channel had it after all
    assert archive.query("SELECT state FROM outbox WHERE id = ?", (row["id"],)) == [("sent",)]


def test_what_is_not_to_be_told_any_more_is_not_begun(archive: Archive) -> None:
    _find(archive, "1")
    (row,) = archive.outbox.each_due(NOON)
    archive.life.answer(NUMBER, "muted", by="甲", at=NOON, until=at(9), messages=lambda f, e: [])
    assert not archive.outbox.begin(row, at(1))
    assert archive.outbox.next_due(at(1)) == at(9) + timedelta(microseconds=1)
    assert archive.outbox.begin(row, at(10))
    assert not archive.outbox.begin(row | {"text_id": 99}, at(10)), "it is another message by now"
    archive.outbox.mark_sent(row["id"], at(10))
    assert not archive.outbox.begin(row, at(10))


@pytest.mark.parametrize("change", ["held", "doubtful", "suspended", "muted"])
def test_what_is_not_to_be_told_is_counted_as_kept_back(archive: Archive, change: str) -> None:
    _find(archive, "1")
    if change == "held":
        assert archive.life.hold([NUMBER], why="many", at=NOON)
        assert archive.query("SELECT count(*) FROM outbox") == [(0,)], "what nobody has heard is thrown away"
        return
    if change == "doubtful":
        _find(archive, "1", certainty="doubtful")
    elif change == "suspended":
        archive.life.suspend("late", by="甲", reason="不对", at=NOON)
    else:
        archive.subscribers.mute("telegram", "1", NUMBER, at(9), by=None, at=NOON)
    assert _due(archive) == []
    (one,) = archive.outbox.overview(at(1))
    assert (one.waiting, one.due, one.kept_back) == (1, 0, 1)
    assert archive.outbox.next_due(at(1)) == (at(9) + timedelta(microseconds=1) if change == "muted" else None)


def test_what_was_called_wrong_is_not_told_where_the_finding_says_something_else_by_then(archive: Archive) -> None:
    """Who wants to hear no more is asked of nothing new, and what waits for them is the claim that was wrong."""
    _find(archive, "1")
    archive.life.answer(NUMBER, "wrong", by="甲", reason="看过", at=at(1), messages=lambda f, e: [])
    _find(archive, hours=2, observed=6)  # nobody wants to hear of it by now
    assert _due(archive, 3) == []
    archive.life.answer(NUMBER, "wrong", by="甲", reason="看过", at=at(4), messages=lambda f, e: [])
    _find(archive, "1", hours=5, observed=7)
    assert _due(archive, 6) == ["1:found-after-wrong"], "what waited is replaced"
