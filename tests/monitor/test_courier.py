"""Delivery over a Bot API on loopback: nothing lost, nobody kept waiting by another, every end visible."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.archive import Archive
from db.records import Message
from monitor.channels import Button
from monitor.channels.telegram import TelegramChannel
from monitor.clock import VirtualClock
from monitor.config import Telegram
from monitor.telling.attempt import LAST_TRY, LONGEST_WAIT
from monitor.telling.courier import LEASE, Courier, Delivered, back_off, deliver
from tests.bot_api import (
    TOKEN,
    FakeBotApi,
    Fault,
    drop_after,
    drop_before,
    hang_before,
    malformed,
    refused,
    too_many,
)
from tests.db.test_pace import other_process

START = datetime(2024, 2, 8, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BLOCKED = refused(403, "Forbidden: bot was blocked by the user")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    Archive.open(path).close()
    return path


@pytest.fixture
def archive(template: Path, tmp_path: Path) -> Iterator[Archive]:
    shutil.copy(template, tmp_path / "a.db")
    with Archive.open(tmp_path / "a.db", wait_s=0.01) as opened:
        yield opened


def channel(api: FakeBotApi, *, timeout_s: float = 5.0, token: str = TOKEN) -> TelegramChannel:
    return TelegramChannel(Telegram(base_url=api.base_url), token, timeout_s=timeout_s)


def put(
    archive: Archive, *texts: str, to: tuple[str, ...] = ("11",), name: str = "telegram", event: str = "found"
) -> None:
    """Messages, each about something of its own; a text is its headline."""
    archive.outbox.put(
        [Message(chat, name, text.partition(" ")[0], event, text) for text in texts for chat in to], START
    )


def heard(api: FakeBotApi, chat: str) -> list[str]:
    return [sent.text for sent in api.received(chat)]


def rows(archive: Archive, *columns: str) -> list[tuple[Any, ...]]:
    return archive.query(f"SELECT {', '.join(columns)} FROM outbox ORDER BY id")


def chat_only(fault: Fault, *chats: str) -> Callable[[str, str, int], Fault | None]:
    return lambda method, chat, number: fault if chat in chats else None


class Sleepy(VirtualClock):
    """Does something when it is slept on for the n-th time."""

    def __init__(self, actions: dict[int, Callable[[], object]]) -> None:
        super().__init__(START)
        self.naps, self._actions = 0, actions

    async def sleep(self, seconds: float) -> None:
        self.naps += 1
        if self.naps in self._actions:
            self._actions[self.naps]()
        await super().sleep(seconds)


def test_all_is_sent_once_oldest_first(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "甲", "乙", to=("11", "-22"))
    put(archive, "丙", to=("11", "-22"))
    result = deliver(archive, [channel(api)], clock)
    assert (result.sent, result.failed, result.waiting) == (6, 0, 0)
    assert heard(api, "11") == heard(api, "-22") == ["甲", "乙", "丙"]
    assert [method for method, chat, _ in api.calls if not chat] == ["getMe"]
    numbers = [str(sent.message_id) for sent in api.sent]
    assert sorted(remote for (remote,) in rows(archive, "remote_id")) == sorted(numbers)
    deliver(archive, [channel(api)], clock)
    assert len(api.calls) == 7  # a channel with nothing to send is not opened


def test_the_pace_is_kept_by_the_clock(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, *[f"第{number}条" for number in range(40)], to=("-5",))
    put(archive, "一", "二", to=("11",))
    deliver(archive, [channel(api)], clock)
    assert len(api.received("-5")) == 40
    assert timedelta(seconds=110) < clock.now() - START < timedelta(seconds=200)
    ((last,),) = archive.query("SELECT max(sent_at) FROM outbox WHERE subscriber = '11'")
    assert datetime.fromisoformat(last) - START < timedelta(seconds=10)


def test_what_is_written_meanwhile_goes_out_in_the_same_round(archive: Archive, api: FakeBotApi) -> None:
    put(archive, *[f"第{number}条" for number in range(6)])
    clock = Sleepy({3: lambda: put(archive, "后来", to=("22",))})
    deliver(archive, [channel(api)], clock)
    assert heard(api, "22") == ["后来"]
    assert [sent.chat for sent in api.sent][-1] == "11"  # it did not wait for the others


def test_a_failure_waits_and_the_rest_goes_on(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "甲", "乙", to=("11", "22"))
    api.script = lambda method, chat, number: malformed() if (chat, number) == ("11", 1) else None
    result = deliver(archive, [channel(api)], clock)
    assert (result.sent, result.failed, result.waiting) == (3, 1, 0)
    assert "to 11 was not sent: Telegram did not take it" in result.errors[0]
    clock.set(START + back_off(0) - timedelta(seconds=1))
    assert deliver(archive, [channel(api)], clock).sent == 0
    clock.set(START + back_off(0) + timedelta(seconds=5))
    assert deliver(archive, [channel(api)], clock).sent == 1
    assert (heard(api, "11"), heard(api, "22")) == (["乙", "甲"], ["甲", "乙"])


def test_each_failure_waits_longer() -> None:
    waits = [back_off(attempts) for attempts in range(100)]
    assert waits[:3] == [MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    assert sum(waits[: LAST_TRY - 1], timedelta()) >= timedelta(days=7) > sum(waits[: LAST_TRY - 2], timedelta())


def test_a_wait_is_kept_by_the_archive_and_holds_one_chat(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "甲", "乙", to=("11", "22"))
    api.script = chat_only(too_many(90), "11")
    result = deliver(archive, [channel(api)], clock)
    assert (result.sent, result.failed, result.waiting) == (2, 1, 1)
    assert rows(archive, "subscriber", "attempts", "error")[0] == ("11", 0, None)  # it was certainly not heard
    api.script = lambda method, chat, number: None
    clock.set(START + timedelta(seconds=89))
    assert deliver(archive, [channel(api)], clock).sent == 0
    clock.set(START + timedelta(seconds=95))
    assert deliver(archive, [channel(api)], clock).sent == 2
    assert heard(api, "11") == ["甲", "乙"]


def test_where_nobody_gets_through_the_wait_is_the_bots(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    chats = tuple(str(number) for number in range(1, 41))
    put(archive, "甲", to=chats)
    api.script = lambda method, chat, number: too_many(30) if chat else None
    result = deliver(archive, [channel(api)], clock)
    assert result.failed <= 3 + 8  # three say so, others were on their way
    assert archive.outbox.next_due(clock.now()) >= START + timedelta(seconds=30)
    api.script = lambda method, chat, number: None
    clock.set(START + MINUTE)
    deliver(archive, [channel(api)], clock)
    assert all(heard(api, chat) == ["甲"] for chat in chats)


@pytest.mark.parametrize("fault", [BLOCKED, refused(400, "Bad Request: chat not found")])
def test_a_chat_that_refuses_for_good_ends_visibly(archive: Archive, api: FakeBotApi, fault: Fault) -> None:
    put(archive, "甲", "乙", to=("11", "22"))
    api.script = chat_only(fault, "11")
    result = deliver(archive, [channel(api)], VirtualClock(START))
    assert (result.sent, result.refused) == (2, 1)
    assert len([chat for _, chat, _ in api.calls if chat == "11"]) == 1
    gone = archive.subscribers.get("telegram", "11")
    assert gone is not None
    assert gone.gone_at is not None
    assert "Telegram refused it" in (gone.gone_why or "")
    assert {state for chat, state in rows(archive, "subscriber", "state") if chat == "11"} == {"refused"}


def test_a_message_that_is_refused_for_what_it_is_ends_after_a_week(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "坏", "好")
    bad = refused(400, "Bad Request: can't parse entities")
    turns = iter([bad, None])
    api.script = lambda method, chat, number: next(turns, bad) if chat else None
    days: list[datetime] = []
    while True:
        deliver(archive, [channel(api)], clock)
        days.append(clock.now())
        due = archive.outbox.next_due(clock.now())
        if due is None:
            break
        clock.set(due)
    assert heard(api, "11") == ["好"]
    ((state, error),) = archive.query("SELECT state, error FROM outbox WHERE fingerprint = '坏'")
    assert (state, "parse entities" in error) == ("refused", True)
    assert timedelta(days=7) <= days[-1] - START <= timedelta(days=8)
    known = archive.subscribers.get("telegram", "11")
    assert known is None or known.gone_at is None


def test_network_trouble_has_no_end_and_is_asked_for_again_within_half_a_day(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "甲")
    api.script = chat_only(refused(500, "Internal Server Error"), "11")
    while clock.now() < START + timedelta(days=20):
        deliver(archive, [channel(api)], clock)
        due = archive.outbox.next_due(clock.now())
        assert due is not None
        assert due - clock.now() <= LONGEST_WAIT
        clock.set(due)
    api.script = lambda method, chat, number: None
    deliver(archive, [channel(api)], clock)
    assert heard(api, "11") == ["甲"]


def test_a_chat_that_moved_hears_it_under_its_new_number(archive: Archive, api: FakeBotApi) -> None:
    put(archive, "甲", "乙", to=("-5",))
    fault = refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1005)
    api.script = chat_only(fault, "-5")
    result = deliver(archive, [channel(api)], VirtualClock(START))
    assert result.sent == 2
    assert heard(api, "-1005") == ["甲", "乙"]
    moved = archive.subscribers.get("telegram", "-5")
    assert moved is not None
    assert moved.moved_to == "-1005"


def test_a_channel_that_cannot_be_reached_is_left_alone_for_a_while(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "甲", "乙", to=("11", "22"))
    nowhere = TelegramChannel(Telegram(base_url="http://127.0.0.1:9/bot"), TOKEN, timeout_s=5)
    result = deliver(archive, [nowhere], clock)
    assert (result.sent, result.failed, result.waiting) == (0, 1, 3)
    assert set(rows(archive, "attempts", "error")) == {(0, None)}
    assert deliver(archive, [channel(api)], clock).sent == 0
    clock.set(clock.now() + MINUTE + timedelta(seconds=1))
    assert deliver(archive, [channel(api)], clock).sent == 4
    assert heard(api, "11") == ["甲", "乙"]


def test_a_wrong_token_is_no_message_s_fault(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "甲", to=("11", "22"))
    result = deliver(archive, [channel(api, token="1:other")], clock)
    assert result.failed == 1
    assert set(rows(archive, "state", "attempts", "error")) == {("pending", 0, None)}
    clock.set(START + 2 * MINUTE)
    assert deliver(archive, [channel(api)], clock).sent == 2


def test_failures_in_a_row_are_the_channels(archive: Archive, api: FakeBotApi) -> None:
    put(archive, *[f"第{number}条" for number in range(30)], to=("11", "22"))
    api.script = lambda method, chat, number: drop_before() if chat else None
    result = deliver(archive, [channel(api)], VirtualClock(START))
    assert 3 <= result.failed <= 4
    assert result.waiting >= 56


def test_a_reply_that_was_lost_makes_one_duplicate_at_most(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "甲")
    api.script = lambda method, chat, number: drop_after() if (chat, number) == ("11", 1) else None
    deliver(archive, [channel(api)], clock)
    assert rows(archive, "state", "attempts") == [("pending", 1)]
    clock.set(START + 2 * MINUTE)
    deliver(archive, [channel(api)], clock)
    assert heard(api, "11") == ["甲", "甲"]
    assert len(api.lost) == 1


def test_a_chat_that_hangs_keeps_nobody_waiting(archive: Archive, api: FakeBotApi) -> None:
    put(archive, "甲", to=("11", *[str(number) for number in range(100, 120)]))
    order: list[str] = []

    def hangs(method: str, chat: str, number: int) -> Fault | None:
        order.append(chat)
        return hang_before() if chat == "11" else None

    api.script = hangs
    result = deliver(archive, [channel(api, timeout_s=0.4)], VirtualClock(START))
    assert (result.sent, result.failed) == (20, 1)
    assert order.index("11") <= 8


def test_a_channel_that_is_down_keeps_no_other_waiting(archive: Archive, api: FakeBotApi) -> None:
    mail = TelegramChannel(Telegram(base_url="http://127.0.0.1:9/bot"), TOKEN, timeout_s=5)
    mail.name = "mail"
    put(archive, "甲", name="mail")
    put(archive, "乙")
    put(archive, "丙", name="fax")
    result = deliver(archive, [mail, channel(api)], VirtualClock(START))
    assert (result.sent, result.failed, result.waiting) == (1, 1, 1)
    assert heard(api, "11") == ["乙"]
    assert ("fax", "pending", 0) in rows(archive, "channel", "state", "attempts")


def test_a_later_event_does_not_overtake_an_earlier_one_and_replies_to_it(archive: Archive, api: FakeBotApi) -> None:
    clock = VirtualClock(START)
    put(archive, "甲 有了")
    put(archive, "甲 没了", event="withdrawn")
    put(archive, "乙")
    api.script = lambda method, chat, number: malformed() if (chat, number) == ("11", 1) else None
    deliver(archive, [channel(api)], clock)
    assert heard(api, "11") == ["乙"]
    clock.set(START + 2 * MINUTE)
    deliver(archive, [channel(api)], clock)
    assert heard(api, "11") == ["乙", "甲 有了", "甲 没了"]
    _, told, taken_back = api.received("11")
    assert (told.reply_to, taken_back.reply_to) == (None, told.message_id)


def test_buttons_and_documents_go_with_a_message(archive: Archive, api: FakeBotApi) -> None:
    archive.outbox.put([Message("11", "telegram", "甲", "found", "短", ("长.txt", "很长"))], START)

    async def run() -> Delivered:
        def pressed(row: dict[str, Any]) -> tuple[Button, ...]:
            return (Button("对", data=row["fingerprint"]),)

        async with Courier(archive, [channel(api)], VirtualClock(START), buttons=pressed) as courier:
            return await courier.round()

    assert asyncio.run(run()).sent == 1
    (sent,) = api.sent
    assert sent.document == ("长.txt", "很长".encode())
    assert sent.button("对")["callback_data"] == "甲"


def busy(archive: Archive) -> sqlite3.Connection:
    """Another who writes, and goes on writing."""
    other = sqlite3.connect(archive.path, check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_busy_archive_makes_no_duplicate(archive: Archive, api: FakeBotApi) -> None:
    """It is busy from the moment on at which the message has arrived."""
    put(archive, "甲", "乙")
    others: list[sqlite3.Connection] = []

    def begins(method: str, chat: str, number: int) -> None:
        if (chat, number) == ("11", 1):
            others.append(busy(archive))

    api.script = begins
    clock = Sleepy({6: lambda: others[0].close()})
    result = deliver(archive, [channel(api)], clock)
    assert (result.sent, result.failed, heard(api, "11")) == (2, 0, ["甲", "乙"])
    assert clock.naps >= 6
    assert {state for (state,) in rows(archive, "state")} == {"sent"}


def test_cancelled_between_sending_and_recording_it_is_recorded(archive: Archive, api: FakeBotApi) -> None:
    put(archive, "甲", "乙")
    others: list[sqlite3.Connection] = []
    rounds: list[asyncio.Task[Delivered]] = []

    def begins(method: str, chat: str, number: int) -> None:
        if (chat, number) == ("11", 1):
            others.append(busy(archive))

    api.script = begins
    clock = Sleepy({6: lambda: rounds[0].cancel(), 12: lambda: others[0].close()})

    async def run() -> None:
        async with Courier(archive, [channel(api)], clock) as courier:
            rounds.append(asyncio.create_task(courier.round()))
            with pytest.raises(asyncio.CancelledError):
                await rounds[0]

    asyncio.run(run())
    assert (heard(api, "11"), rows(archive, "state")) == (["甲"], [("sent",), ("pending",)])


def test_cancelled_while_sending_what_is_on_its_way_ends(archive: Archive, api: FakeBotApi) -> None:
    put(archive, "甲", "乙")

    async def run() -> None:
        loop = asyncio.get_running_loop()
        async with Courier(archive, [channel(api)], VirtualClock(START)) as courier:
            task = asyncio.create_task(courier.round())
            api.script = lambda method, chat, number: loop.call_soon_threadsafe(task.cancel) and None if chat else None
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())
    assert (heard(api, "11"), rows(archive, "state")) == (["甲"], [("sent",), ("pending",)])


def test_told_to_end_it_begins_nothing_more(archive: Archive, api: FakeBotApi) -> None:
    put(archive, *[f"第{number}条" for number in range(30)])

    async def run() -> Delivered:
        async with Courier(archive, [channel(api)], clock) as courier:
            couriers.append(courier)
            return await courier.round()

    couriers: list[Courier] = []
    clock = Sleepy({5: lambda: couriers[0].end()})
    result = asyncio.run(run())
    assert 0 < result.sent < 30
    assert len(heard(api, "11")) == result.sent


def test_killed_between_sending_and_recording_it_is_told_again(archive: Archive, api: FakeBotApi) -> None:
    class Killed(BaseException):
        pass

    clock = VirtualClock(START)
    put(archive, "甲")
    with pytest.MonkeyPatch.context() as patch:

        def die(*_: object) -> None:
            raise Killed

        patch.setattr(archive.outbox, "mark_sent", die)
        with pytest.raises(Killed):
            deliver(archive, [channel(api)], clock)
    ((attempts, error),) = rows(archive, "attempts", "error")
    assert (attempts, "was being sent" in error) == (0, True)  # so it counts as one that may have been heard
    assert deliver(archive, [channel(api)], clock).sent == 1
    assert heard(api, "11") == ["甲", "甲"]


def test_what_is_written_by_others_is_not_in_the_way(archive: Archive, api: FakeBotApi) -> None:
    """A chat that is gone by what the bot has seen while its messages wait in the lanes."""
    put(archive, "甲", "乙", "丙")

    class LeftMeanwhile(VirtualClock):
        async def sleep(self, seconds: float) -> None:
            if heard(api, "11"):  # however long the first message takes
                archive.subscribers.gone("telegram", "11", "left", START)
            await super().sleep(seconds)

    deliver(archive, [channel(api)], LeftMeanwhile(START))
    assert heard(api, "11") == ["甲"]
    with closing(sqlite3.connect(archive.path)) as connection:
        assert connection.execute("SELECT count(*) FROM outbox WHERE state = 'pending'").fetchone() == (0,)


def test_while_another_process_sends_all_is_left_to_it(archive: Archive, api: FakeBotApi) -> None:
    put(archive, "one", to=("11", "12"))
    with other_process(archive.path, f"assert archive.pace.take_lease({LEASE!r}) is None"):
        left = deliver(archive, [channel(api)], VirtualClock(START))
        assert (left.sent, left.waiting) == (0, 2), "two that send tell everything twice"
    assert deliver(archive, [channel(api)], VirtualClock(START)).sent == 2, "a process that is no more holds up nobody"
    assert archive.pace.holder(LEASE) is None
