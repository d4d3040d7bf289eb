"""A bot before a Bot API on loopback, with an archive of a pretend county: what people say and press goes in as the
wire has it, and is done once `pump` comes back.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from telegram import Update

from db.archive import Archive
from db.finding_state import claim_of
from db.records import Agency, Finding, Sighting
from monitor.bot.app import build_application
from monitor.clock import VirtualClock
from monitor.config import Config, load_config
from monitor.rules import rule_names
from monitor.telling.buttons import mark_of
from monitor.telling.teller import Teller
from tests.bot_api import TOKEN, FakeBotApi, Sent
from tests.monitor.life_archive import finding

NOON = datetime(2024, 3, 1, 4, tzinfo=UTC)
DESK, STRANGER, BOSS, GROUP, CHANNEL = 11, 2002, 99, -100123, "@wangcha"

SETTINGS = """\
archive = "a.db"
[telegram]
chats = [11]
public = ["@wangcha"]
maintainers = [7]
administrators = [99]
language = "zh"
base_url = "{base_url}"
"""

PAGE = "<html>柳溪县财政局2023年政府信息公开工作年度报告</html>".encode()
SOURCE = "https://www.liuxi.example.cn/nb/2023.htm"


@dataclass
class Rig:
    """A bot that runs. One update after the other."""

    api: FakeBotApi
    archive: Archive
    config: Config
    clock: VirtualClock
    application: Any
    seen: dict[str, int] = field(default_factory=dict)

    async def pump(self) -> None:
        """Do all that was said and pressed so far."""
        updates, self.api.updates[:] = list(self.api.updates), []
        for each in updates:
            update = Update.de_json(each, self.application.bot)
            await self.application.process_update(update)

    async def say(self, chat: int | str, text: str, **how: Any) -> list[Sent]:
        """Say something; what the chat hears because of it."""
        self.api.say(chat, text, **how)
        return await self.heard(chat)

    async def press(self, chat: int | str, data: str, *, user: int, forged: bool = False, **how: Any) -> str:
        """Press a button; what is said beside it. forged: there is no such button."""
        if forged:
            query = str(len(self.api.answers) + 50_000)
            kind = {"id": int(chat), "type": "private" if int(chat) > 0 else "supergroup", "first_name": "x"}
            message = {"message_id": 1, "date": 1, "chat": kind, "text": "…"}
            person = {"id": user, "is_bot": False, "first_name": "Somebody"}
            content = {"id": query, "from": person, "chat_instance": "1", "message": message, "data": data}
            self.api.push("callback_query", content)
        else:
            self.api.press(chat, data, user=user, **how)
        before = len(self.api.answers)
        await self.pump()
        return self.api.answers[before].get("text", "") if len(self.api.answers) > before else ""

    async def heard(self, chat: int | str) -> list[Sent]:
        """What a chat has received since it was asked last, once all is done."""
        await self.pump()
        return self.news(chat)

    def news(self, chat: int | str) -> list[Sent]:
        key = str(_number(chat))
        received = self.api.received(key)
        start = self.seen.get(key, 0)
        self.seen[key] = len(received)
        return received[start:]

    def application_tasks(self) -> bool:
        """Whether something that takes long is under way."""
        return any(task.get_name() == "bot" for task in asyncio.all_tasks())

    def save(self, *findings: Finding) -> None:
        """Save findings as a judgement of everything."""
        teller = Teller(self.archive, self.config, self.clock.now())
        self.archive.save_findings(
            list(findings), judged=None, rules=set(rule_names()), messages=teller.messages,
            at=self.clock.now(), replaced=teller.replaced,
        )  # fmt: skip

    def release(self, which: Finding) -> None:
        teller = Teller(self.archive, self.config, self.clock.now())
        self.archive.life.release(
            [which.fingerprint], by="王敏", reason="已核对", at=self.clock.now(), messages=teller.messages
        )


def _number(chat: int | str) -> int | str:
    from tests.bot_api.state import chat_object

    return chat_object(str(chat))["id"]


def fill(archive: Archive) -> None:
    """The register: a county with bodies, two departments of one name, and a real province's."""
    archive.add_portal("liuxi", "柳溪县人民政府网", "static_list")
    common = {"duty": "art49_department", "duty_source": "…", "portal": "liuxi"}
    archive.import_agencies([
        Agency("990101:人民政府", "柳溪县人民政府", region_code="990101", organ="government", **common),
        Agency("990101:财政局", "柳溪县财政局", ("县财政局",), region_code="990101", organ="department",
               supervisor="990101:人民政府", **common),
        Agency("990101:民政局", "柳溪县民政局", ("民政局",), region_code="990101", organ="department", **common),
        Agency("990102:民政局", "竹山县民政局", ("民政局",), region_code="990102", organ="department", **common),
        Agency("510100:财政局", "成都市财政局", region_code="510100", organ="department", **common),
    ])  # fmt: skip


def pressed_as(verb: str, finding: Finding) -> str:
    """What the button says under an alert that claims what the finding does."""
    return f"{verb}:{finding.fingerprint}:{mark_of(claim_of(finding))}"


def about(rule: str, agency: str = "财政局", **changes: Any) -> Finding:
    """A finding about a body of the county, with a document."""
    sha256 = hashlib.sha256(PAGE).hexdigest()
    place = {"year": 2023, "sha256": sha256, "source": SOURCE, "figure": None, "place": None}
    values = {
        "agency_id": f"990101:{agency}", "agency": f"柳溪县{agency}", "places": [place],
        "sentence_zh": f"{rule}的一句话。", "sentence_en": f"A sentence of {rule}.",
    }  # fmt: skip
    return finding(rule, **{**values, **changes})


def keep_page(archive: Archive, page: bytes = PAGE, url: str = SOURCE) -> str:
    """Put the document of `about` into the archive."""
    sha256 = archive.put_document(page, media="text/html", seen_at=NOON)
    title = "柳溪县财政局2023年政府信息公开工作年度报告"
    archive.add_sighting(Sighting("liuxi", url, url, "page", title, None, sha256, NOON))
    return sha256


@asynccontextmanager
async def bot(folder: Path, api: FakeBotApi, settings: str = SETTINGS) -> AsyncIterator[Rig]:
    """A bot that is started; nothing is polled, see `Rig.pump`."""
    file = folder / "config.toml"
    file.write_text(settings.format(base_url=api.base_url), "utf-8")
    config = load_config(file)
    clock = VirtualClock(NOON + timedelta(days=1))
    with Archive.open(config.archive, wait_s=0.05) as archive:
        fill(archive)
        application = build_application(config, TOKEN, archive, clock, environment={}, timeout_s=5.0)
        async with application:
            await application.start()
            try:
                await api.until(lambda: len(api.commands) == 2)
                yield Rig(api, archive, config, clock, application)
            finally:
                await application.stop()


def run(folder: Path, api: FakeBotApi, test: Callable[[Rig], Any], settings: str = SETTINGS) -> None:
    """Do a test with a bot that runs."""

    async def whole() -> None:
        async with bot(folder, api, settings) as rig:
            await test(rig)

    asyncio.run(whole())
