"""What is asked of the bot: by whom, where, and the way to answer. Whatever is answered is escaped here."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from db.archive import Archive
from db.telling.records import Subscriber
from monitor.bot.reading import Reader
from monitor.bot.visible import Eyes
from monitor.catalogue import say
from monitor.channels import Button
from monitor.channels.telegram import keyboard
from monitor.channels.telegram_text import LONGEST_CAPTION, LONGEST_TEXT, as_html, units
from monitor.clock import Clock
from monitor.config import Config, Language
from monitor.telling.messages import TELEGRAM, in_languages
from monitor.telling.patience import patiently

if TYPE_CHECKING:
    from telegram import Bot, Chat, Message, User

T = TypeVar("T")
Pair = tuple[str, str]

_LONGEST_WAIT_S = 60.0
_ECHO = 40  # characters of what somebody wrote that are said back
# Orders to a terminal or to the direction of writing, and what hides: all but the end of a line.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Station:
    """What the bot stands on: the settings, the archive of the loop it runs on (writes go through `patiently`), the
    clock. tasks: what takes long and is under way, by what it is about."""

    config: Config
    archive: Archive
    clock: Clock
    reader: Reader
    tasks: dict[Hashable, "asyncio.Task[None]"] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.clock.now()

    async def read(self, question: Callable[[Archive], T]) -> T:
        """Ask the archive something that may take a while, beside the loop."""
        return await self.reader.ask(question)

    def begin(self, key: Hashable, work: Coroutine[Any, Any, None]) -> bool:
        """Begin something that takes long, beside the other questions; False, and nothing is done, while the same is
        under way. It ends with the loop."""
        if key in self.tasks:
            work.close()
            return False
        task = asyncio.get_running_loop().create_task(work, name="bot")
        self.tasks[key] = task
        task.add_done_callback(lambda _: self.tasks.pop(key, None))
        return True

    async def write(self, action: Callable[[], T]) -> T:
        """Write into the archive, however long another process has it."""
        return await patiently(action, self.clock)


@dataclass(slots=True)
class Ask:
    """One question. chat, person: as Telegram has them; person: None in a channel, and for who writes as a chat. key:
    the chat's name among the subscribers. known: what is kept of the chat, None for a stranger. words: what stands
    behind the command. message: what was written, or the message under whose button was pressed. writes_as: the number
    of the chat as which it was written. answers_to: where it is answered, if elsewhere."""

    station: Station
    bot: "Bot"
    chat: "Chat"
    person: "User | None"
    key: str
    known: Subscriber | None
    is_desk: bool
    language: Language
    words: list[str]
    message: "Message | None" = None
    writes_as: int | None = None
    answers_to: int | None = None

    @property
    def to(self) -> int:
        """Where it is answered."""
        return self.answers_to or self.chat.id

    @property
    def config(self) -> Config:
        return self.station.config

    @property
    def archive(self) -> Archive:
        return self.station.archive

    @property
    def is_private(self) -> bool:
        return self.chat.type == "private"

    @property
    def hears_all(self) -> bool:
        """Whether the chat is told what waits for a release; it may be shown more than that (is_desk)."""
        return self.known is not None and self.known.audience == "desk"

    @property
    def is_administrator(self) -> bool:
        """Of the deployment: whose right and wrong count."""
        return self.person is not None and self.person.id in self.config.telegram.administrators

    @property
    def eyes(self) -> Eyes:
        return Eyes(self.is_desk, self.config, self.station.now())

    async def arrive(self) -> None:
        """Make the chat known, so that what it wants can be kept."""
        chat, now = self.chat, self.station.now()
        title = chat.title or " ".join(filter(None, (chat.first_name, chat.last_name))) or None
        shown = clean(title)[:100] if title else None
        self.known = await self.station.write(
            lambda: self.archive.subscribers.arrive(*self.subscriber, kind=chat.type, title=shown, at=now)
        )

    def text(self, parts: Sequence[Pair]) -> str:
        """Sentences in the languages of the chat."""
        return in_languages([(clean(zh), clean(en)) for zh, en in parts], self.language)

    def label(self, pair: Pair) -> str:
        """The words on a button."""
        return label(pair, self.language)

    async def answer(
        self,
        *parts: Pair,
        buttons: Sequence[Sequence[Button]] = (),
        document: tuple[str, bytes] | None = None,
        reason_for: bool = False,
    ) -> None:
        """Say something in the chat: sentences one under the other, the first in bold. What is longer than a message
        goes as a document. document: file name and bytes. reason_for: the person is to reply to it."""
        text = self.text(parts)
        if document is None and units(text) > LONGEST_TEXT:
            document = ("nianbao.txt", text.encode())
        if document is not None and units(text) > LONGEST_CAPTION:
            text = self.text(parts[:1])
        await self.send(text, buttons=buttons, document=document, reason_for=reason_for)

    async def send(
        self,
        text: str,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        document: tuple[str, bytes] | None = None,
        reason_for: bool = False,
    ) -> None:
        """Send a text within the limits as it is; see `answer`."""
        from telegram import ForceReply, InputFile, LinkPreviewOptions, ReplyParameters

        common: dict[str, Any] = {"parse_mode": "HTML", "message_thread_id": self._thread}
        if rows := [list(row) for row in buttons]:
            common["reply_markup"] = keyboard(rows)
        if reason_for:
            common["reply_markup"] = ForceReply(selective=True)
            if self.message is not None and not self.is_private:  # selective: of whom it is asked
                common["reply_parameters"] = ReplyParameters(self.message.message_id, allow_sending_without_reply=True)
        html = as_html(text)
        if document is None:
            no_preview = LinkPreviewOptions(is_disabled=True)
            await self._try(lambda: self.bot.send_message(self.to, html, link_preview_options=no_preview, **common))
            return
        file = InputFile(document[1], filename=document[0])
        await self._try(
            lambda: self.bot.send_document(self.to, file, caption=html, disable_content_type_detection=True, **common)
        )

    async def _try(self, call: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Send; where Telegram asks for a short wait, once more after it."""
        from telegram.error import RetryAfter

        try:
            await call()
        except RetryAfter as error:
            wait = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
            if seconds > _LONGEST_WAIT_S:
                raise
            await self.station.clock.sleep(seconds)
            await call()

    async def say(self, key: str, *, buttons: Sequence[Sequence[Button]] = (), **fields: object) -> None:
        """Answer with one sentence of the catalogue."""
        await self.answer(say(key, **fields), buttons=buttons)

    @property
    def _thread(self) -> int | None:
        message = self.message
        if message is None or self.answers_to is not None:
            return None
        return message.message_thread_id if message.is_topic_message else None

    @property
    def subscriber(self) -> tuple[str, str]:
        """Channel and name of the chat, as the archive has them."""
        return TELEGRAM, self.key


def clean(text: str) -> str:
    """Text of others as it may be shown."""
    return _UNSAFE.sub("", text)


def echo(text: str) -> str:
    """What somebody wrote, to be said back: a line, and short."""
    line = clean(" ".join(text.split()))
    return line if len(line) <= _ECHO else line[: _ECHO - 1] + "…"


def label(pair: Pair, language: Language) -> str:
    """Words on a button, in one language or both."""
    zh, en = pair
    return zh if language == "zh" else en if language == "en" else zh if zh == en else f"{zh} {en}"
