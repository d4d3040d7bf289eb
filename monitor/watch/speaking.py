"""The bot and delivery on the loop of the watch: what waits is sent within some seconds, whatever the bot does."""

import asyncio
import os
from collections.abc import Awaitable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from db.archive import Archive
from db.errors import ArchiveError
from monitor.channels.telegram import TelegramChannel, proxy_of
from monitor.clock import Clock
from monitor.config import Config

if TYPE_CHECKING:
    from telegram.error import TelegramError
    from telegram.ext import Application

    from monitor.telling.courier import Courier

    AnyApplication = Application[Any, Any, Any, Any, Any, Any]

log = structlog.get_logger("monitor")

LOOKS_EVERY_S = 2.0  # at the outbox: others write into it too
_AFTER_TROUBLE_S, _LONGEST_PAUSE_S = 30.0, 900.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 300.0
_LAST_ROUND_S = 4.0  # for messages that are under way when all ends
_FOR_A_STEP_S = 2.0  # of the bot's end


def delivery_of(archive: Archive, config: Config, clock: Clock, token: str | None) -> "Delivery | None":
    """What delivers; None without a token. Raises SendError where the proxy that the settings name is not set."""
    if token is None:
        return None
    from monitor.telling.buttons import buttons_for
    from monitor.telling.courier import Courier

    channel = TelegramChannel(config.telegram, token, proxy=proxy_of(config.telegram, os.environ))
    courier = Courier(archive, [channel], clock, buttons=lambda row: buttons_for(archive, config, row))
    return Delivery(archive, courier, clock)


def bot_of(archive: Archive, config: Config, clock: Clock, token: str | None) -> "Bot | None":
    """What listens; None without a token. Raises SendError like delivery_of."""
    if token is None:
        return None
    from monitor.bot.app import build_application

    return Bot(build_application(config, token, archive, clock), archive, clock)


class Delivery:
    """Sends what is due, as soon as it is due."""

    def __init__(self, archive: Archive, courier: "Courier", clock: Clock) -> None:
        self._archive = archive
        self._clock = clock
        self._courier = courier
        self._ending, self._ended = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Until `end`. What nobody has foreseen stops one round, and not all that is watched besides."""
        unforeseen = 0
        try:
            while not self._ending.is_set():
                pause = LOOKS_EVERY_S
                rounding = asyncio.ensure_future(self.round())
                try:
                    await asyncio.wait({rounding})
                finally:
                    rounding.cancel()  # of no effect once it is done
                error = None if rounding.cancelled() else rounding.exception()
                if isinstance(error, ArchiveError):  # a full disk, say: it may pass, and what is not sent waits
                    log.error("trouble", what="messages wait", why=str(error))
                    pause = _AFTER_TROUBLE_S
                elif error is not None:
                    log.error(
                        "trouble", what="messages wait; nobody has foreseen this", why=repr(error), exc_info=error
                    )
                    pause = min(_LONGEST_PAUSE_S, _AFTER_TROUBLE_S * 2 ** min(unforeseen, 16))
                    unforeseen += 1
                else:
                    unforeseen = 0
                await within(self._ending.wait(), pause)
        finally:
            self._ended.set()

    async def round(self) -> None:
        """Send what is due now."""
        due_at = self._archive.outbox.next_due(self._clock.now())
        if due_at is None or due_at > self._clock.now():
            return
        done = await self._courier.round()
        if done.sent or done.failed:
            log.info("told", sent=done.sent, failed=done.failed, waiting=done.waiting, why=done.errors[:1])

    async def end(self) -> None:
        """What is under way is sent to its end, if that comes soon."""
        self._ending.set()
        self._courier.end()
        await within(self._ended.wait(), _LAST_ROUND_S)
        await self.close()

    async def close(self) -> None:
        """Close the channels."""
        await within(self._courier.close(), _FOR_A_STEP_S)


class Bot:
    """The bot of a deployment, which people talk to."""

    def __init__(self, application: "AnyApplication", archive: Archive, clock: Clock) -> None:
        self._application = application
        self._archive = archive
        self._clock = clock
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Listen to people until `end`. Where the Bot API cannot be reached it is tried again, after growing pauses;
        that it does not know the token is said once."""
        beginning = asyncio.create_task(self._begin())
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({beginning, ending}, return_when=asyncio.FIRST_COMPLETED)
            if beginning.done():
                beginning.result()
            await ending
        finally:
            for task in (beginning, ending):
                task.cancel()

    async def _begin(self) -> None:
        from telegram.error import InvalidToken, TelegramError

        wait, knows_token = _FIRST_WAIT_S, True
        while True:
            try:
                await self._listen()
                break
            except InvalidToken:  # so says, too, a proxy or a server of one's own that just begins (404)
                if knows_token:
                    log.error(
                        "bot", what="Telegram does not know the token; put the right one in its place, start again"
                    )
                knows_token = False
            except (TelegramError, AttributeError, KeyError, TypeError, ValueError) as error:
                # Of the latter the library makes an answer that is not the Bot API's.
                log.warning("bot", what="Telegram could not be reached", why=str(error), again_in_s=wait)
            await self._clock.sleep(wait)
            wait = min(_LONGEST_WAIT_S, wait * 2)
        log.info("bot", what="listens")

    async def _listen(self) -> None:
        """Begin to listen; what was begun before a failure is not begun again."""
        from monitor.bot.app import ALLOWED_UPDATES

        await self._application.initialize()
        if not self._application.running:
            await self._application.start()
        if self._application.updater is None:
            raise RuntimeError("the bot was built without what listens")
        await self._application.updater.start_polling(allowed_updates=ALLOWED_UPDATES, error_callback=self._not_heard)

    def _not_heard(self, error: "TelegramError") -> None:
        """Listening failed; it goes on by itself. That another process takes what people say to the same bot, those who
        keep it are told (monitor/watch/selfwatch.py)."""
        from telegram.error import Conflict

        from monitor.watch.selfwatch import BOT_CONFLICT_MARK

        log.warning("bot", what="what people say could not be fetched; it is tried again", why=str(error))
        if isinstance(error, Conflict):
            with suppress(ArchiveError):  # it is noticed again soon
                self._archive.jobs.mark(BOT_CONFLICT_MARK, self._clock.now())

    async def end(self) -> None:
        """Listen no more. Each step is given up after a while, since the Bot API may not answer."""
        from telegram.error import TelegramError

        self._ending.set()
        updater = self._application.updater
        try:
            if updater is not None and updater.running:
                await within(updater.stop(), _FOR_A_STEP_S)
            if self._application.running:
                await within(self._application.stop(), _FOR_A_STEP_S)
            if not self._application.running:
                await within(self._application.shutdown(), _FOR_A_STEP_S)
        except TelegramError as error:
            log.warning("bot", what="did not end well", why=str(error))


async def within(step: Awaitable[object], seconds: float) -> bool:
    """Whether something ended within some seconds; else it is given up, and its end is not waited for."""
    task = asyncio.ensure_future(step)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()  # of no effect once it is done
    if task.done():
        task.result()
        return True
    return False
