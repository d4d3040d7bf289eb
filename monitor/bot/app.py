"""The bot as an application of python-telegram-bot: made here, started and stopped by whoever has the loop."""

import asyncio
from collections.abc import Awaitable, Mapping
from os import environ
from typing import TYPE_CHECKING, Any

from db.archive import Archive
from db.errors import ArchiveError
from monitor.bot.ask import Station, as_html
from monitor.bot.dispatch import COMMANDS, Dispatch
from monitor.bot.failing import failed
from monitor.bot.reading import Reader
from monitor.catalogue import say, word
from monitor.channels.telegram import new_bot, proxy_of
from monitor.clock import Clock
from monitor.config import Config
from monitor.secrets import keep_out_of_logs
from monitor.telling.messages import TELEGRAM, in_languages

if TYPE_CHECKING:
    from telegram import Bot
    from telegram.ext import Application

    AnyApplication = Application[Any, Any, Any, Any, Any, Any]

ALLOWED_UPDATES = ("message", "channel_post", "callback_query", "my_chat_member")
_AT_ONCE = 256  # updates, of different chats


def build_application(
    config: Config,
    token: str,
    archive: Archive,
    clock: Clock,
    *,
    environment: Mapping[str, str] = environ,
    timeout_s: float = 20.0,
) -> "AnyApplication":
    """The bot of a deployment, not started yet; `initialize`, `start` and polling are the caller's, with
    ALLOWED_UPDATES. Once started it makes the chats of the settings known and names its commands to Telegram.

    archive: the one of the loop, opened with a short wait. environment: where the proxy's address stands. SendError
    where the proxy that the settings name is not set.
    """
    proxy = proxy_of(config.telegram, environment)
    keep_out_of_logs(token, proxy)
    bot = new_bot(config.telegram, token, proxy, timeout_s=timeout_s)
    # After the bot was made, which sets how PTB gives times.
    from telegram import Update
    from telegram.ext import Application, ApplicationBuilder, BaseUpdateProcessor, TypeHandler

    station = Station(config, archive, clock, Reader(archive))
    dispatch = Dispatch(station)

    class InOrder(BaseUpdateProcessor):
        """Updates of one chat one after the other, of different ones side by side: a chat whose question takes long
        keeps nobody else waiting."""

        def __init__(self) -> None:
            super().__init__(_AT_ONCE)
            self._queues: dict[int, tuple[asyncio.Lock, int]] = {}

        async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
            chat = update.effective_chat.id if isinstance(update, Update) and update.effective_chat else 0
            lock, waiting = self._queues.get(chat, (asyncio.Lock(), 0))
            self._queues[chat] = lock, waiting + 1
            try:
                async with lock:
                    await coroutine
            finally:
                lock, waiting = self._queues[chat]
                if waiting == 1:
                    del self._queues[chat]
                else:
                    self._queues[chat] = lock, waiting - 1

        async def initialize(self) -> None:
            """Nothing is to be opened."""

        async def shutdown(self) -> None:
            """Nothing is to be closed."""

    class BotApplication(Application):
        """Introduces itself once it runs, and leaves nothing behind when it ends."""

        async def start(self) -> None:
            await super().start()
            station.begin("introduce", _introduce(station, self.bot))

        async def stop(self) -> None:
            for task in list(station.tasks.values()):
                task.cancel()
            await super().stop()
            await station.reader.close()

    async def take(update: Update, context: Any) -> None:
        await dispatch.take(update, context.bot)

    async def on_error(update: object, context: Any) -> None:
        await _on_error(station, update, context)

    application = (
        ApplicationBuilder()
        .application_class(BotApplication)
        .bot(bot)
        .job_queue(None)
        .concurrent_updates(InOrder())
        .build()
    )
    application.add_handler(TypeHandler(Update, take))
    application.add_error_handler(on_error)
    return application


async def _introduce(station: Station, bot: "Bot") -> None:
    """Make the chats of the settings known, and tell Telegram which commands there are, in both languages."""
    from telegram import BotCommand
    from telegram.error import TelegramError

    telegram = station.config.telegram
    try:
        sync, now = station.archive.subscribers.sync, station.now()
        await station.write(lambda: sync(TELEGRAM, map(str, telegram.chats), map(str, telegram.public), now))
        for language, number in ((None, 1), ("zh", 0)):
            commands = [BotCommand(name, word("bot-command", name)[number]) for name in COMMANDS]
            await bot.set_my_commands(commands, language_code=language)
    except (TelegramError, ArchiveError) as error:
        failed("introducing itself", error)


async def _on_error(station: Station, update: object, context: Any) -> None:
    """One line in the log; and whoever asked hears that it could not be done."""
    from telegram import Update
    from telegram.error import BadRequest, TelegramError

    what = "an update"
    chat = None
    if isinstance(update, Update):
        what = next((name for name in ALLOWED_UPDATES if getattr(update, name, None) is not None), what)
        chat = update.effective_chat if update.my_chat_member is None else None
    failed(what, context.error)
    is_out_of_reach = isinstance(context.error, TelegramError) and not isinstance(context.error, BadRequest)
    if chat is None or is_out_of_reach:
        return
    try:
        known = station.archive.subscribers.get(TELEGRAM, str(chat.id))
        language = (known.language if known else None) or station.config.telegram.language
        await context.bot.send_message(chat.id, as_html(in_languages([say("bot-error")], language)), parse_mode="HTML")
    except (TelegramError, ArchiveError) as error:
        failed("saying so", error)
