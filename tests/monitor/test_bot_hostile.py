"""What people may send by mistake or on purpose: too much, too often, twice, late, broken, not for us."""

import asyncio
import logging
import re
from datetime import timedelta
from itertools import count, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from db.archive import Archive
from db.telling.records import Filter
from monitor.bot.ask import as_html, clean, echo
from monitor.bot.gate import Buckets, Gate, Passage
from tests.bot_api import TOKEN, FakeBotApi, refused, too_many
from tests.monitor.bot_rig import BOSS, DESK, GROUP, NOON, SETTINGS, STRANGER, Rig, about, bot, run

NUMBERS = count()
HOSTILE = [
    "<b>四川</b>", "</b><a href='https://x.example'>", "&lt;&amp;", "四川" * 2000, "x" * 4000, "🐼" * 100, "🏴‍☠️",
    "\u202e川四", "'; DROP TABLE findings; --", "%", "_%_", "\\", "!", "' OR 1=1 --", "\x00\x07", "{agency}", "{0}",
    "%s%n", "01 02 03", "٣", "九九", "99999999999999999999", "990101:财政局' --", "a b c d e f g h i j k l m n o p q",
    "agency agency", "rule", "kind:", "place 51", "地区 <i>", "\ud83d",
]  # fmt: skip


def test_whatever_stands_behind_a_command(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        for chat, text in product((STRANGER, DESK), HOSTILE):
            for command in ("subscribe", "agency", "missing 2023", "findings"):
                rig.clock.set(rig.clock.now() + timedelta(minutes=2))
                await say_raw(rig, chat, f"/{command} {text}")
                (sent, *_) = rig.news(chat)
                assert not {"<b>四川</b>", "<i>", "<a "} & {*re.findall("<.*?>", sent.source)} - {"<b>", "</b>"}
                assert "\u202e" not in sent.text
                assert "未能办到" not in sent.text
                assert len(sent.text) < 1500
        assert rig.archive.subscribers.subscriptions("telegram", str(STRANGER)) == [Filter(place="51")]

    run(tmp_path, api, test)


async def say_raw(rig: Rig, chat: int, text: str) -> None:
    """A message with a command, whatever else is in it."""
    command = text.partition(" ")[0]
    who = {"id": chat, "type": "private", "first_name": "<script>"}
    message = {
        "message_id": 1, "date": 1_709_300_000, "chat": who, "text": text,
        "from": {"id": chat, "is_bot": False, "first_name": "<b>x</b>"},
        "entities": [{"type": "bot_command", "offset": 0, "length": len(command)}],
    }  # fmt: skip
    rig.api.updates.append({"update_id": 100_000 + next(NUMBERS), "message": message})
    await rig.pump()


def test_what_is_not_for_us(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        for text in ("/help@another_bot", "/weather", "good morning", "hello /help"):
            assert await rig.say(GROUP, text) == []
        assert "没有这个命令" in (await rig.say(STRANGER, "/weather"))[0].text
        assert "请使用命令" in (await rig.say(STRANGER, "你好"))[0].text
        assert len(await rig.say(GROUP, "/HELP@Test_Bot")) == 1
        bot_user = {"id": 5, "is_bot": True}
        assert await rig.say(GROUP, "/help", user=bot_user) == []

    run(tmp_path, api, test)


def test_edited_messages_and_other_updates(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        rig.api.say(STRANGER, "/help")
        message = rig.api.updates.pop()["message"]
        for number, kind in enumerate(("edited_message", "edited_channel_post"), 500):
            rig.api.updates.append({"update_id": number, kind: message | {"edit_date": 1}})
        rig.api.updates.append(
            {"update_id": 502, "poll_answer": {"poll_id": "1", "option_ids": [0], "option_persistent_ids": ["0"]}}
        )
        assert await rig.heard(STRANGER) == []

    run(tmp_path, api, test)


def test_an_update_that_comes_twice(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        rig.api.say(STRANGER, "/help")
        rig.api.updates.append(rig.api.updates[0])
        assert len(await rig.heard(STRANGER)) == 1

    run(tmp_path, api, test)


def test_what_waited_is_answered_once(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        for number, text in enumerate(["/help"] * 5 + ["/status"] * 5):
            rig.api.say(STRANGER, text)
            rig.api.updates[-1]["message"]["date"] = int(NOON.timestamp()) + number
        assert [each.headline for each in await rig.heard(STRANGER)] == ["使用说明", "运行情况"]
        rig.clock.set(rig.clock.now() + timedelta(hours=1))
        for number in range(40):
            rig.api.say(STRANGER, f"/findings {number}")
            rig.api.updates[-1]["message"]["date"] = int(NOON.timestamp()) + number
        said = await rig.heard(STRANGER)
        assert len(said) == 11
        assert "过于频繁" in said[-1].text

    run(tmp_path, api, test)


def test_too_often(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        said = [sent.headline for _ in range(30) for sent in await rig.say(STRANGER, "/help")]
        assert said == ["使用说明"] * 10 + ["提问过于频繁，请稍等片刻；其间的提问不再答复。"]
        assert len(await rig.say(BOSS, "/help")) == 1  # nobody else is held up
        rig.clock.set(rig.clock.now() + timedelta(seconds=13))
        assert len([sent for _ in range(5) for sent in await rig.say(STRANGER, "/help")]) == 2
        rig.clock.set(rig.clock.now() + timedelta(minutes=10))
        assert len([sent for _ in range(30) for sent in await rig.say(STRANGER, "/help")]) == 11
        pressed = [await rig.press(STRANGER, "copy:0123456789abcdef", user=3, forged=True) for _ in range(14)]
        assert len(rig.api.answers) == 14  # each press is answered, or the button would turn for ever
        assert pressed[-1] == ""

    run(tmp_path, api, test)


def test_bot_is_taken_in_thrown_out_and_moved(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        api.member(GROUP, "left", "member")
        assert "群管理员可用" in (await rig.heard(GROUP))[0].text
        await rig.say(GROUP, "/subscribe 四川", anonymous=True)
        rig.save(about("carry-over", kind="identity"))
        api.member(GROUP, "member", "kicked")
        assert await rig.heard(GROUP) == []
        known = rig.archive.subscribers.get("telegram", str(GROUP))
        assert known is not None
        assert known.gone_at is not None
        api.member(GROUP, "left", "member")
        await rig.heard(GROUP)
        known = rig.archive.subscribers.get("telegram", str(GROUP))
        assert known is not None
        assert known.gone_at is None
        old = {"id": GROUP, "type": "group", "title": "…"}
        api.push("message", {"message_id": 77, "date": 1, "chat": old, "migrate_to_chat_id": -100999})
        new = {"id": -100999, "type": "supergroup", "title": "…"}
        api.push("message", {"message_id": 78, "date": 1, "chat": new, "migrate_from_chat_id": GROUP})
        await rig.pump()
        assert [f.place for f in rig.archive.subscribers.subscriptions("telegram", "-100999")] == ["510000"]
        assert rig.archive.subscribers.subscriptions("telegram", str(GROUP)) == []

    run(tmp_path, api, test)


def test_an_error_is_a_line_without_text(
    tmp_path: Path, api: FakeBotApi, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(rig: Rig) -> None:
        (rig.config.source.parent / "moved").mkdir()
        rig.archive.path.rename(rig.config.source.parent / "moved" / "a.db")
        (said,) = await rig.say(STRANGER, "/findings 秘密的话")
        assert said.text == "刚才的操作没有成功，请再试一次。"

    with caplog.at_level(logging.DEBUG):
        run(tmp_path, api, test)
    errors = [record for record in caplog.records if record.name == "nianbao.bot"]
    assert len(errors) == 1
    assert "message, ArchiveError at" in errors[0].getMessage()
    assert "秘密" not in caplog.text
    assert TOKEN not in caplog.text


def test_the_api_refuses_and_asks_to_wait(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        api.script = lambda method, chat, number: (
            too_many(3) if (method, chat, number) == ("sendMessage", str(STRANGER), 1) else None
        )
        before = rig.clock.now()
        assert [each.headline for each in await rig.say(STRANGER, "/help")] == ["使用说明"]
        assert rig.clock.now() == before + timedelta(seconds=3)
        api.script = lambda method, chat, number: (
            refused(403, "Forbidden: bot was blocked by the user") if method == "sendMessage" else None
        )
        assert await rig.say(STRANGER, "/help") == []
        api.script = lambda method, chat, number: None
        assert len(await rig.say(STRANGER, "/help")) == 1

    run(tmp_path, api, test)


def test_over_polling(tmp_path: Path, api: FakeBotApi) -> None:
    """As it really runs: what one chat says is answered in its order, and other chats are not held up."""

    async def test() -> None:
        async with bot(tmp_path, api, SETTINGS) as rig:
            allowed = ["message", "channel_post", "callback_query", "my_chat_member"]
            await rig.application.updater.start_polling(timeout=5, allowed_updates=allowed)
            try:
                for place in ("四川", "北京市", "天津市", "上海市"):
                    api.say(STRANGER, f"/subscribe {place}")
                    api.say(DESK, "/status")
                api.say(STRANGER, "/unsubscribe 北京市")
                await api.until(lambda: len(api.received(STRANGER)) == 5 and len(api.received(DESK)) == 4)
            finally:
                await rig.application.updater.stop()
            assert [f.place[:2] for f in rig.archive.subscribers.subscriptions("telegram", str(STRANGER))] == [
                "51", "12", "31"
            ]  # fmt: skip

    asyncio.run(test())


def test_a_writer_elsewhere_holds_up_nobody_else(tmp_path: Path, api: FakeBotApi) -> None:
    async def test() -> None:
        async with bot(tmp_path, api, SETTINGS) as rig:
            allowed = ["message", "channel_post", "callback_query", "my_chat_member"]
            await rig.application.updater.start_polling(timeout=5, allowed_updates=allowed)
            try:
                with Archive.open(rig.archive.path) as other, other.write():
                    api.say(STRANGER, "/subscribe 四川")
                    api.say(DESK, "/findings")
                    await api.until(lambda: api.received(DESK))
                    assert not api.received(STRANGER)
                await api.until(lambda: api.received(STRANGER))
            finally:
                await rig.application.updater.stop()
            assert api.received(STRANGER)[0].headline.startswith("已订阅")

    asyncio.run(test())


def test_a_press_that_has_waited_too_long(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        found = about("carry-over", kind="identity")
        rig.save(found)
        api.script = lambda method, chat, number: (
            refused(400, "Bad Request: query is too old") if method == "answerCallbackQuery" else None
        )
        await rig.press(STRANGER, f"right:{found.fingerprint}", user=STRANGER, forged=True)
        assert [each.text[:8] for each in rig.news(STRANGER)] == ["已记下您的意见："]
        await rig.press(GROUP, f"right:{found.fingerprint}", user=STRANGER, forged=True)
        assert rig.news(GROUP) == []

    run(tmp_path, api, test)


@given(st.text())
def test_what_is_shown_is_escaped(text: str) -> None:
    assert "<" not in as_html(clean(text)).replace("<b>", "").replace("</b>", "")
    assert len(echo(text)) <= 40
    assert "\n" not in echo(text)
    clean(text).encode()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_a_bucket_gives_no_more_than_it_has(gaps: list[float]) -> None:
    buckets, now, gone = Buckets(size=5, refill=10.0), NOON, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        gone.append(buckets.take("x", now))
    assert gone.count(Passage.GO) <= 5 + sum(gaps) / 10 + 1
    assert gone.count(Passage.TELL) <= 1 + sum(gaps) / 50
    assert gone[0] is Passage.GO


def test_a_person_cannot_use_up_a_group() -> None:
    gate = Gate()
    assert [gate.pass_by(-1, 5, NOON) for _ in range(30)].count(Passage.GO) == 10
    assert gate.pass_by(-1, 6, NOON) is Passage.GO


def test_the_updates_of_the_wire_are_ours() -> None:
    assert {"message", "channel_post", "callback_query", "my_chat_member"} <= set(Update.ALL_TYPES)
