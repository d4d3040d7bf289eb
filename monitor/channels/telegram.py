"""Telegram, through a bot. Text goes out as HTML, all of it escaped; the token never reaches a log or an error."""

import html
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from monitor.channels import SendError
from monitor.config import TELEGRAM_TOKEN, Telegram
from monitor.telling.messages import TELEGRAM

if TYPE_CHECKING:
    from telegram.error import TelegramError
    from telegram.ext import ExtBot

# Bot API: 1 to 4096 characters of text after the markup is read; counted here before, in UTF-16 units, to be safe.
LONGEST_TEXT = 4096


class TelegramChannel:
    """Sends to chats; a subscriber is a chat's number or "@channel"."""

    name = TELEGRAM

    def __init__(self, settings: Telegram, token: str, *, proxy: str | None = None, timeout_s: float = 20.0) -> None:
        self._settings = settings
        self._token = token
        self._proxy = proxy
        self._timeout_s = timeout_s
        self._bot: ExtBot[Any] | None = None

    @classmethod
    def from_environment(cls, settings: Telegram, environment: Mapping[str, str]) -> "TelegramChannel | None":
        """The channel of a deployment; None where no token is set. SendError if the proxy's variable is not set."""
        token = environment.get(TELEGRAM_TOKEN, "").strip()
        if not token:
            return None
        proxy = None
        if settings.proxy is not None:
            proxy = environment.get(settings.proxy, "").strip()
            if not proxy:
                raise SendError(
                    f"telegram.proxy names the environment variable {settings.proxy}, which is not set; set it, or "
                    "take the key out",
                    scope="channel",
                )
        return cls(settings, token, proxy=proxy)

    async def __aenter__(self) -> Self:
        from telegram.error import TelegramError

        self._bot = self._new_bot()
        try:
            await self._bot.initialize()
        except TelegramError as error:
            # Whatever it is, it concerns the bot and not one message.
            failure = self._send_error(error)
            failure.scope = "channel"
            await self._close()
            raise failure from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def send(self, subscriber: str, text: str) -> None:
        """Send one text, in as many messages as its length asks for. Raises SendError."""
        from telegram import LinkPreviewOptions
        from telegram.error import TelegramError

        if self._bot is None:
            raise RuntimeError("the channel is not open; use `async with`")
        try:
            chat: int | str = subscriber if subscriber.startswith("@") else int(subscriber)
        except ValueError:
            sentence = f"{subscriber!r} is neither the number of a chat nor an @name"
            raise SendError(sentence, scope="subscriber") from None
        for part in html_parts(text):
            try:
                await self._bot.send_message(
                    chat, part, parse_mode="HTML", link_preview_options=LinkPreviewOptions(is_disabled=True)
                )
            except TelegramError as error:
                raise self._send_error(error) from None

    def _new_bot(self) -> "ExtBot[Any]":
        # Before the import: from here on PTB gives waits as timedelta and does not warn of the change.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        from telegram.ext import AIORateLimiter, ExtBot
        from telegram.request import HTTPXRequest

        # Addresses hold the token: httpx logs them at INFO, PTB 22.8 at DEBUG.
        for name in ("httpx", "httpcore", "telegram", "telegram.Bot", "telegram.ext.ExtBot"):
            logging.getLogger(name).setLevel(logging.WARNING)
        # The limiter logs a traceback for each wait that it is told of; the wait comes to us as an error anyway.
        logging.getLogger("telegram.ext.AIORateLimiter").setLevel(logging.CRITICAL)
        requests = [
            HTTPXRequest(
                proxy=self._proxy,
                connect_timeout=self._timeout_s,
                read_timeout=self._timeout_s,
                write_timeout=self._timeout_s,
                # Only the proxy that the deployment names is used, not what the environment happens to hold.
                httpx_kwargs={"trust_env": False},
            )
            for _ in range(2)
        ]
        return ExtBot(
            self._token,
            base_url=self._settings.base_url,
            request=requests[0],
            get_updates_request=requests[1],
            # A wait that Telegram asks for becomes the message's next try; nothing sleeps here.
            rate_limiter=AIORateLimiter(max_retries=0),
        )

    async def _close(self) -> None:
        bot, self._bot = self._bot, None
        if bot is not None:
            await bot.shutdown()

    def _send_error(self, error: "TelegramError") -> SendError:
        import httpx
        from telegram.error import ChatMigrated, InvalidToken, NetworkError, RetryAfter

        said = self._without_secrets(str(error))
        if isinstance(error, RetryAfter):
            wait = error.retry_after
            wait = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
            return SendError(
                f"Telegram asks to wait {wait.total_seconds():.0f} s", scope="subscriber", retry_after=wait
            )
        if isinstance(error, InvalidToken):
            return SendError(
                f"Telegram does not know the bot ({said}); check {TELEGRAM_TOKEN} and telegram.base_url",
                scope="channel",
            )
        if isinstance(error, ChatMigrated):
            return SendError(f"the chat has become {error.new_chat_id}; put that number into telegram.chats")
        if isinstance(error, NetworkError) and isinstance(error.__cause__, httpx.HTTPError):
            return SendError(f"Telegram could not be reached ({said})", scope="channel")
        return SendError(f"Telegram refused it ({said})")

    def _without_secrets(self, text: str) -> str:
        for secret in (self._token, self._proxy):
            text = text.replace(secret, "***") if secret else text
        return text


def html_parts(text: str, longest: int = LONGEST_TEXT) -> list[str]:
    """The text as HTML messages within the limit: escaped, split between lines, the headline in bold.

    A line that is too long by itself is split inside, never inside an escaped character. No text, no parts.
    """
    parts: list[str] = []
    part = ""
    for piece in _pieces(text, longest):
        joined = f"{part}\n{piece}" if part else piece
        if _length(joined) > longest:
            parts.append(part)
            joined = piece
        part = joined
    parts = [each for each in (*parts, part) if each.strip()]
    if parts:
        headline, newline, rest = parts[0].partition("\n")
        bold = f"<b>{headline}</b>{newline}{rest}"
        if headline.strip() and _length(bold) <= longest:
            parts[0] = bold
    return parts


def _pieces(text: str, longest: int) -> Iterator[str]:
    """The lines of the text, escaped; an overlong one in several pieces."""
    for line in text.splitlines():
        piece, length = "", 0
        for character in line:
            escaped = html.escape(character)
            size = _length(escaped)
            if length + size > longest:
                yield piece
                piece, length = "", 0
            piece, length = piece + escaped, length + size
        yield piece


def _length(text: str) -> int:
    """Length in UTF-16 units, in which Telegram measures positions in a text."""
    return len(text.encode("utf-16-le")) // 2
