"""Telegram, through a bot. Text goes out as HTML, all of it escaped; the token never reaches a log or an error."""

import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from monitor.channels import Button, Outgoing, SendError
from monitor.channels.telegram_errors import send_error
from monitor.channels.telegram_text import as_html, fitted, rows_of
from monitor.config import Config, Telegram
from monitor.secrets import keep_out_of_logs, telegram_token
from monitor.telling.messages import TELEGRAM

if TYPE_CHECKING:
    import ssl

    from telegram import Bot, InlineKeyboardMarkup, Message, Update
    from telegram.request import HTTPXRequest

_AT_ONCE = 32  # connections at the most


class TelegramChannel:
    """Sends to chats; a subscriber is a chat's number or "@channel"."""

    name = TELEGRAM

    def __init__(self, settings: Telegram, token: str, *, proxy: str | None = None, timeout_s: float = 20.0) -> None:
        self._settings = settings
        self._token = token
        self._proxy = proxy
        self._timeout_s = timeout_s
        self._bot: Bot | None = None
        self._forget: Callable[[], None] | None = None

    @classmethod
    def from_config(cls, config: Config, environment: Mapping[str, str]) -> "TelegramChannel | None":
        """The channel of a deployment; None where it has no token. SendError if the proxy's variable is not set,
        SecretError for a token file that will not do."""
        token = telegram_token(config, environment)
        return cls(config.telegram, token, proxy=proxy_of(config.telegram, environment)) if token else None

    async def __aenter__(self) -> Self:
        self._forget = keep_out_of_logs(self._token, self._proxy)
        self._bot = bot = new_bot(self._settings, self._token, self._proxy, timeout_s=self._timeout_s)
        try:
            await self._ask(bot.initialize)
        except SendError as failure:
            # Whatever it is, it concerns the bot and not one message.
            await self._close()
            failure.scope, failure.is_final, failure.is_unsent = "channel", False, True
            raise
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def send(self, subscriber: str, message: Outgoing) -> str | None:
        """Send one message, whole; its number in the chat. Raises SendError."""
        if self._bot is None:
            raise RuntimeError("the channel is not open; use `async with`")
        try:
            chat: int | str = subscriber if subscriber.startswith("@") else int(subscriber)
        except ValueError:
            sentence = f"{subscriber!r} is neither the number of a chat nor an @name"
            raise SendError(sentence, scope="subscriber", is_final=True, is_unsent=True) from None
        message = fitted(message)
        rows = rows_of(message.buttons)
        try:
            return await self._send(self._bot, chat, message, rows)
        except SendError as failure:
            # An alert is not lost for a button.
            if not (rows and failure.is_final and failure.scope == "message" and "button" in str(failure).lower()):
                raise
        return await self._send(self._bot, chat, message, [])

    async def _send(self, bot: "Bot", chat: int | str, message: Outgoing, rows: list[list[Button]]) -> str:
        from telegram import InputFile, LinkPreviewOptions, ReplyParameters

        common: dict[str, Any] = {"parse_mode": "HTML"}
        if rows:
            common["reply_markup"] = keyboard(rows)
        if message.reply_to is not None and message.reply_to.isdecimal():
            # The earlier message may have been deleted.
            common["reply_parameters"] = ReplyParameters(int(message.reply_to), allow_sending_without_reply=True)
        text = as_html(message.text)
        if message.document is None:
            no_preview = LinkPreviewOptions(is_disabled=True)
            sent = await self._ask(lambda: bot.send_message(chat, text, link_preview_options=no_preview, **common))
        else:
            name, content = message.document
            file = InputFile(content.encode(), filename=name)
            sent = await self._ask(
                lambda: bot.send_document(
                    chat,
                    file,
                    caption=text,
                    # A text is taken for what it is, not guessed at.
                    disable_content_type_detection=True,
                    **common,
                ),
                with_file=True,
            )
        return _number(sent)

    async def _ask(self, call: "Callable[[], Awaitable[Any]]", *, with_file: bool = False) -> Any:
        from telegram.error import TelegramError

        try:
            return await call()
        except TelegramError as error:
            raise send_error(error, self._without_secrets(str(error)), with_file=with_file) from None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # The library takes an answer that is not the Bot API's apart as if it were.
            said = f"{type(error).__name__}: {self._without_secrets(str(error))}"
            raise SendError(f"Telegram's answer cannot be read ({said})") from None

    async def _close(self) -> None:
        bot, self._bot = self._bot, None
        forget, self._forget = self._forget, None
        try:
            if bot is not None:
                await bot.shutdown()
        finally:
            if forget is not None:
                forget()

    def _without_secrets(self, text: str) -> str:
        for secret in (self._token, self._proxy):
            text = text.replace(secret, "***") if secret else text
        return text


def proxy_of(settings: Telegram, environment: Mapping[str, str]) -> str | None:
    """The proxy's address. SendError if the variable that is to hold it is not set, or holds none."""
    if settings.proxy is None:
        return None
    proxy = environment.get(settings.proxy, "").strip()
    if not proxy:
        sentence = (
            f"telegram.proxy names the environment variable {settings.proxy}, which is not set; set it, or take the key"
            " out"
        )
        raise SendError(sentence, scope="channel", is_unsent=True)
    if not _is_proxy(proxy):  # it is not shown: there may be a password in it
        sentence = (
            f"the environment variable {settings.proxy}, which telegram.proxy names, holds no address of an HTTP proxy;"
            " write it as http://HOST:PORT (SOCKS is not spoken)"
        )
        raise SendError(sentence, scope="channel", is_unsent=True)
    return proxy


def _is_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the port
        return False


@cache
def _certificates() -> "ssl.SSLContext":
    """Made once: it takes longer than a send."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def new_bot(settings: Telegram, token: str, proxy: str | None, *, timeout_s: float = 20.0) -> "Bot":
    """A bot as the settings want it, not opened yet: for sending, and for polling over a connection of its own."""
    # Before the import: from here on PTB gives waits as timedelta and does not warn of the change.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    from telegram import Bot
    from telegram.error import InvalidToken, NetworkError

    class PatientBot(Bot):
        """One that goes on listening. The library never asks again once it was told that the token is not known; so
        say (404) a proxy, and a Bot API server of one's own that just begins."""

        async def get_updates(self, *args: Any, **more: Any) -> "tuple[Update, ...]":
            try:
                return await super().get_updates(*args, **more)
            except InvalidToken as error:
                raise NetworkError(f"the token is not known there ({error.message})") from error

    # Addresses hold the token: httpx logs them at INFO, PTB 22.8 at DEBUG.
    for name in ("httpx", "httpcore", "telegram", "telegram.Bot", "telegram.ext.ExtBot"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs answers that it cannot read, with a traceback; they come to us as errors anyway.
    logging.getLogger("telegram.request.BaseRequest").setLevel(logging.CRITICAL)
    return PatientBot(
        token,
        base_url=settings.base_url,
        request=_request(proxy, timeout_s, _AT_ONCE),
        get_updates_request=_request(proxy, timeout_s, 1),
    )


def _request(proxy: str | None, timeout_s: float, at_once: int) -> "HTTPXRequest":
    from telegram.request import HTTPXRequest

    return HTTPXRequest(
        connection_pool_size=at_once,
        proxy=proxy,
        connect_timeout=timeout_s,
        read_timeout=timeout_s,
        write_timeout=timeout_s,
        pool_timeout=timeout_s,
        media_write_timeout=timeout_s,
        # Only the proxy that the deployment names is used, not what the environment happens to hold.
        httpx_kwargs={"trust_env": False, "verify": _certificates()},
    )


def keyboard(rows: list[list[Button]]) -> "InlineKeyboardMarkup":
    """Rows of buttons as the library has them."""
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(button.text, url=button.url, callback_data=button.data) for button in row]
            for row in rows
        ]
    )


def _number(sent: "Message") -> str:
    return str(sent.message_id)
