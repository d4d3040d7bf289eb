"""The buttons under an alert: who may press which, and what comes of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.channels.telegram import TelegramChannel
from monitor.telling.buttons import buttons_for
from monitor.telling.courier import Courier
from tests.bot_api import TOKEN, FakeBotApi, Sent
from tests.monitor.bot_rig import (
    BOSS,
    DESK,
    GROUP,
    PAGE,
    SETTINGS,
    SOURCE,
    STRANGER,
    Rig,
    about,
    keep_page,
    pressed_as,
    run,
)


async def deliver(rig: Rig) -> None:
    """What the courier does, with the buttons."""
    channel = TelegramChannel(rig.config.telegram, TOKEN)
    courier = Courier(rig.archive, [channel], rig.clock, buttons=lambda row: buttons_for(rig.archive, rig.config, row))
    await courier.round()
    await courier.close()


def labels(sent: Sent) -> list[str]:
    return [button["text"] for row in sent.buttons for button in row]


def judged(rig: Rig, fingerprint: str) -> list[tuple[str, str | None]]:
    return [(each.event, each.made_by) for each in rig.archive.life.events(fingerprint) if each.made_by]


def test_under_an_alert(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        await rig.say(STRANGER, "/subscribe all")
        keep_page(rig.archive)
        sum_, change = about("carry-over", kind="identity"), about("striking-change", kind="change")
        rig.save(sum_, change)
        await deliver(rig)
        (told,) = rig.news(STRANGER)
        assert labels(told) == ["原网页", "存档副本", "属实", "不成立", "30天不再提醒"]
        assert told.button("原网页")["url"] == SOURCE
        first, second = rig.news(DESK)
        assert "放行" not in labels(first)
        assert "放行" in labels(second)
        rig.save()  # both are gone
        await deliver(rig)
        assert labels(rig.news(STRANGER)[0]) == []

    run(tmp_path, api, test)


def test_the_archived_copy(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        sha256 = keep_page(rig.archive)
        found = about("carry-over", kind="identity")
        rig.save(found)
        await rig.press(STRANGER, f"copy:{found.fingerprint}", user=STRANGER, forged=True)
        (copy,) = rig.news(STRANGER)
        assert copy.document == ("柳溪县财政局2023年政府信息公开工作年度报告.html", PAGE)
        assert f"SHA-256：{sha256}" in copy.text
        assert SOURCE in copy.text
        assert "2024年3月1日12时00分" in copy.text
        taken = rig.archive.takedowns.add(SOURCE, reason="…", asked_by="…", at=rig.clock.now())
        await rig.press(STRANGER, f"copy:{found.fingerprint}", user=STRANGER, forged=True)
        await rig.press(DESK, f"copy:{found.fingerprint}", user=BOSS, forged=True)
        for chat in (STRANGER, DESK):
            (refused,) = rig.news(chat)
            assert refused.document is None
            assert "应请求不再提供" in refused.text
            assert SOURCE not in refused.text
        (shown,) = await rig.say(STRANGER, f"/findings {found.fingerprint}")
        assert "原网页" not in labels(shown)
        assert "存档副本" not in labels(shown)
        rig.archive.takedowns.lift(taken.id, why="…", at=rig.clock.now())
        rig.archive.documents.path(sha256).unlink()
        await rig.press(STRANGER, f"copy:{found.fingerprint}", user=STRANGER, forged=True)
        assert "没有该文件的内容" in rig.news(STRANGER)[0].text

    run(tmp_path, api, test)


def test_a_copy_that_is_too_large(tmp_path: Path, api: FakeBotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.bot.copies.LARGEST", 10)

    async def test(rig: Rig) -> None:
        keep_page(rig.archive)
        found = about("carry-over", kind="identity")
        rig.save(found)
        await rig.press(STRANGER, f"copy:{found.fingerprint}", user=STRANGER, forged=True)
        assert "超出 Telegram 的限制" in rig.news(STRANGER)[0].text

    run(tmp_path, api, test)


def test_votes_count_nowhere(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        found = about("carry-over", kind="identity")
        rig.save(found)
        number = found.fingerprint
        assert "您的意见：不成立" in await rig.press(GROUP, f"wrong:{number}", user=4, forged=True)
        assert "您的意见：属实" in await rig.press(GROUP, f"right:{number}", user=4, forged=True)
        assert "您的意见：不成立" in await rig.press(GROUP, f"wrong:{number}", user=5, forged=True)
        assert rig.archive.subscribers.votes(number) == {"right": 1, "wrong": 1}
        assert judged(rig, number) == []
        assert rig.news(GROUP) == []

    run(tmp_path, api, test)


def test_an_administrator_says_wrong_and_why(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        await rig.say(STRANGER, "/subscribe all")
        found = about("carry-over", kind="identity")
        rig.save(found)
        await deliver(rig)
        number = found.fingerprint
        rig.news(DESK), rig.news(STRANGER)
        assert await rig.press(DESK, pressed_as("wrong", found), user=BOSS) == "请回复机器人的消息，说明理由。"
        (asked,) = rig.news(DESK)
        assert asked.text.endswith(f"#wrong {number}")
        assert '"force_reply": true' in asked.fields["reply_markup"]
        assert judged(rig, number) == []
        await reply(rig, asked, "表格跨页", user=4)
        assert judged(rig, number) == []
        await reply(rig, asked, " \u202e\n ", user=BOSS)
        assert "没有收到理由" in rig.news(DESK)[-1].text
        await reply(rig, asked, "表格跨页", user=BOSS)
        assert "已记录：不成立" in rig.news(DESK)[-1].text
        assert judged(rig, number) == [("wrong", "王 敏 (Telegram 99)")]
        await deliver(rig)
        assert [each.headline[:6] for each in rig.news(STRANGER)] == ["【撤回提示】"]
        # A new name, the same person: it is taken back.
        assert "已记录：属实" in await rig.press(
            DESK, pressed_as("right", found), user={"id": BOSS, "first_name": "改名"}, forged=False
        )
        assert judged(rig, number)[-1] == ("right", "王 敏 (Telegram 99)")

    run(tmp_path, api, test)


async def reply(rig: Rig, to: Sent, text: str, *, user: int) -> None:
    """Reply to a message of the bot, as the wire has it."""
    chat = {"id": int(to.chat), "type": "private", "first_name": "…"}
    bot = {"id": rig.application.bot.id, "is_bot": True, "first_name": "test"}
    before = {"message_id": to.message_id, "date": 1, "chat": chat, "text": to.text, "from": bot}
    person = {"id": user, "is_bot": False, "first_name": "王", "last_name": "敏"}
    message = {"message_id": 9000, "date": 1_709_300_000, "chat": chat, "text": text, "from": person}
    rig.api.push("message", {**message, "reply_to_message": before})
    await rig.pump()


def test_mute_is_of_the_chat(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        for chat in (STRANGER, GROUP):
            await rig.say(chat, "/subscribe all", user=BOSS)
        found = about("carry-over", kind="identity")
        rig.save(found)
        await deliver(rig)
        rig.news(STRANGER), rig.news(GROUP)
        assert "只有群管理员" in await rig.press(GROUP, f"mute:{found.fingerprint}", user=4)
        assert "30天内" in await rig.press(STRANGER, f"mute:{found.fingerprint}", user=STRANGER)
        rig.clock.set(rig.clock.now() + timedelta(days=2))
        rig.save()
        rig.save(found)
        await deliver(rig)
        assert ["不再成立" in each.headline for each in rig.news(STRANGER)] == [True]
        assert len(rig.news(GROUP)) == 2

    run(tmp_path, api, test)


def test_release(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        await rig.say(STRANGER, "/subscribe all")
        change = about("striking-change", kind="change")
        rig.save(change)
        await deliver(rig)
        data = pressed_as("release", change)
        assert rig.news(STRANGER)[1:] == []
        assert "只有本机器人的管理员" in await rig.press(DESK, data, user=4)
        assert "没有这条提示" in await rig.press(STRANGER, data, user=STRANGER, forged=True)
        assert "已放行" in await rig.press(DESK, data, user=BOSS)
        assert "此前已经放行" in await rig.press(DESK, data, user=BOSS)
        before = len(rig.news(DESK))
        assert before == 1
        await deliver(rig)
        assert len(rig.news(STRANGER)) == 1
        assert rig.news(DESK) == []

    run(tmp_path, api, test)


MADE_UP = [
    "", "copy", "copy:", "copy:0123456789abcdef", "release:' OR 1=1 --", "sub:nothing", "uns:", "lang:klingon",
    "right:0123456789abcdeg", "☃:☃", "copy:" + "f" * 59,
]  # fmt: skip


def test_made_up_buttons(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        for number, data in enumerate(MADE_UP, 1):
            await rig.press(STRANGER, data, user=STRANGER, forged=True)
            assert len(rig.api.answers) == number
            rig.clock.set(rig.clock.now() + timedelta(minutes=1))
        assert rig.archive.subscribers.subscriptions("telegram", str(STRANGER)) == []
        assert [each.text for each in rig.news(STRANGER)] == ["请选择语言："]

    run(tmp_path, api, test)


@pytest.mark.parametrize("verb", ["release", "right", "wrong"])
def test_what_says_something_else_by_now_is_looked_at_first(tmp_path: Path, api: FakeBotApi, verb: str) -> None:
    async def test(rig: Rig) -> None:
        read = about("late", observed="2024-02-03")
        rig.save(read)
        await deliver(rig)
        rig.save(about("late", observed="2024-03-09"))  # of which nobody is told
        assert "与这条消息不同" in await rig.press(DESK, pressed_as(verb, read), user=BOSS)
        assert judged(rig, read.fingerprint) == []
        assert not len(rig.archive.outbox.due(rig.clock.now())), "no public chat hears what nobody has read"
        (_, shown) = rig.news(DESK), await rig.say(DESK, f"/findings {read.fingerprint}")
        data = pressed_as(verb, about("late", observed="2024-03-09"))
        assert data in [button.get("callback_data") for row in shown[-1].buttons for button in row]
        assert "与这条消息不同" not in await rig.press(DESK, data, user=BOSS)

    run(tmp_path, api, test)


def test_a_message_that_waited_knows_what_it_says(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        read = about("late", observed="2024-02-03")
        rig.save(read)
        rig.save(about("late", observed="2024-03-09"))
        await deliver(rig)  # says what it said first
        assert "与这条消息不同" in await rig.press(DESK, pressed_as("release", read), user=BOSS)

    run(tmp_path, api, test)


def test_a_reason_is_asked_in_private_of_who_reads_a_channel(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        found = about("carry-over", kind="identity")
        rig.save(found)
        await deliver(rig)
        await rig.press("@wangcha", pressed_as("wrong", found), user=BOSS)
        (asked,) = rig.news(BOSS)
        assert asked.text.endswith(f"#wrong {found.fingerprint}")

    run(tmp_path, api, test)


def test_english_buttons(tmp_path: Path, api: FakeBotApi) -> None:
    async def test(rig: Rig) -> None:
        keep_page(rig.archive)
        found = about("carry-over", kind="identity")
        rig.save(found)
        await deliver(rig)
        assert labels(rig.news(DESK)[0]) == ["Source", "Archived copy", "Right", "Wrong", "Mute 30 days"]

    run(tmp_path, api, test, SETTINGS.replace('"zh"', '"en"'))
