"""The bot and delivery go on whatever fails around them."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.archive import Archive
from db.records import Message
from monitor.channels import Channel, Outgoing, SendError
from monitor.channels.telegram import proxy_of
from monitor.clock import RealClock, VirtualClock
from monitor.config import Telegram, load_config
from monitor.telling.courier import Courier
from monitor.watch import speaking
from monitor.watch.speaking import Bot, Delivery, bot_of
from tests.bot_api.fake import TOKEN, FakeBotApi
from tests.bot_api.faults import Fault, refused
from tests.monitor.watching import deployment

NOW = datetime(2026, 2, 20, 4, tzinfo=UTC)


class HastyClock(RealClock):
    """The real time, in which nobody has to wait."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


def _answered(api: FakeBotApi, folder: Path) -> list[str]:
    """What somebody hears who says something once the bot listens."""

    async def listen() -> list[str]:
        config = load_config(deployment(folder, {}, f'[telegram]\nbase_url = "{api.base_url}"'))
        with Archive.open(folder / "nianbao.db", wait_s=0.05) as archive:
            bot = bot_of(archive, config, HastyClock(), TOKEN)
            assert isinstance(bot, Bot)
            running = asyncio.create_task(bot.run())
            try:
                api.say(7, "/help")
                await api.until(lambda: running.done() or api.received(7))
            finally:
                await bot.end()
            await running
            return [sent.text for sent in api.received(7)]

    return asyncio.run(listen())


@pytest.mark.parametrize(
    ("method", "number", "fault"),
    [
        ("deleteWebhook", 1, refused(502, "Bad Gateway")),
        ("getMe", 1, refused(404, "Not Found")),
        ("getMe", 1, Fault(200, b'{"ok": true, "result": {"portal": "log in here"}}')),
        ("getUpdates", 1, refused(404, "Not Found")),
        ("getUpdates", 1, refused(401, "Unauthorized")),
    ],
)
def test_the_bot_listens_after_all(method: str, number: int, fault: Fault, tmp_path: Path) -> None:
    """Whatever fails once as it begins, and whoever says once that the token is not known: a proxy, say."""

    def script(asked: str, chat: str, which: int) -> Fault | None:
        return fault if (asked, which) == (method, number) else None

    with FakeBotApi(script) as api:
        (said,) = _answered(api, tmp_path)
    assert "/subscribe" in said


class Broken:
    """A channel with a fault of ours for one chat."""

    name = "telegram"

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def __aenter__(self) -> Channel:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send(self, subscriber: str, message: Outgoing) -> str | None:
        if subscriber == "1":
            raise IndexError("nobody has foreseen this")
        self.sent.append(subscriber)
        return None


def test_a_fault_of_ours_stops_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "_AFTER_TROUBLE_S", 0.01)
    with Archive.open(tmp_path / "a.db") as archive:
        archive.outbox.put([Message(chat, "telegram", "x", "told", "t") for chat in ("1", "2", "3")], NOW)
        channel = Broken()

        async def deliver() -> None:
            delivery = Delivery(archive, Courier(archive, [channel], VirtualClock(NOW)), VirtualClock(NOW))
            running = asyncio.create_task(delivery.run())
            for _ in range(200):
                await asyncio.sleep(0.005)
                if len(channel.sent) == 2:
                    break
            assert not running.done()
            await delivery.end()
            await running

        asyncio.run(deliver())
    assert sorted(channel.sent) == ["2", "3"]


@pytest.mark.parametrize(
    "address", ["socks5://u:geheim@127.0.0.1:1", "u:geheim@127.0.0.1:1", "http://u:geheim@h:99999"]
)
def test_a_proxy_that_will_not_do(address: str) -> None:
    with pytest.raises(SendError, match="write it as http://HOST:PORT") as caught:
        proxy_of(Telegram(proxy="PROXY"), {"PROXY": address})
    assert "geheim" not in str(caught.value)
