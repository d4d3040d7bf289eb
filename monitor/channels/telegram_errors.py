"""What Telegram's refusals are about: the bot, the chat or the message; and which of them waiting does not change.

The words are those of the Bot API's descriptions, which are not documented and were collected from what it answers.
What is not known is never taken for a chat's end.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.channels import SendError
from monitor.config import TELEGRAM_TOKEN

if TYPE_CHECKING:
    from telegram.error import TelegramError

# The chat refuses us, whatever we send.
_CHAT_REFUSES = (
    "blocked by the user",
    "user is deactivated",
    "bot was kicked",
    "bot is not a member",
    "can't initiate conversation",
    "can't send messages to bots",
    "can't send messages to the user",
    "chat not found",
    "chat_id is empty",
    "group chat was deactivated",
    "group is deactivated",
    "have no rights to send",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_send_plain_forbidden",
    "channel_private",
    "peer_id_invalid",
    "user_is_blocked",
    "user_is_bot",
    "input_user_deactivated",
    "user_deactivated",
)
_NO_RIGHTS = "not enough rights to send"  # of text: to the chat; of a document: perhaps only of documents
_FILE_RIGHTS = ("send documents", "send media", "send_docs")


def send_error(error: "TelegramError", said: str, *, with_file: bool = False) -> SendError:
    """What an error of the library means for us. said: its text without secrets. with_file: a document was sent."""
    import httpx
    from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter

    if isinstance(error, RetryAfter):
        wait = error.retry_after
        wait = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
        sentence = f"Telegram asks to wait {wait.total_seconds():.0f} s"
        return SendError(sentence, scope="subscriber", retry_after=wait, is_unsent=True)
    if isinstance(error, InvalidToken):
        sentence = f"Telegram does not know the bot ({said}); check {TELEGRAM_TOKEN} and telegram.base_url"
        return SendError(sentence, scope="channel", is_unsent=True)
    if isinstance(error, ChatMigrated):
        new = str(error.new_chat_id)
        sentence = f"the chat has become {new}; put that number into config.toml where the old one stands"
        return SendError(sentence, scope="subscriber", moved_to=new, is_unsent=True)
    if isinstance(error, (Forbidden, BadRequest)):
        return _refusal(said, is_forbidden=isinstance(error, Forbidden), with_file=with_file)
    cause = error.__cause__
    if isinstance(error, NetworkError) and isinstance(cause, httpx.HTTPError):
        never_left = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
        if isinstance(cause, never_left):
            return SendError(f"Telegram could not be reached ({said})", scope="channel", is_unsent=True)
        return SendError(f"Telegram's answer did not come ({said})")
    if "entity too large" in said.lower():
        return SendError(f"Telegram refused it ({said})", is_final=True, is_unsent=True)
    return SendError(f"Telegram did not take it ({said})")


def _refusal(said: str, *, is_forbidden: bool, with_file: bool) -> SendError:
    sentence, lower = f"Telegram refused it ({said})", said.lower()
    if with_file and any(words in lower for words in _FILE_RIGHTS):
        return SendError(sentence, is_final=True, is_unsent=True)
    if _NO_RIGHTS in lower or any(words in lower for words in _CHAT_REFUSES):
        return SendError(sentence, scope="subscriber", is_final=True, is_unsent=True)
    if is_forbidden:
        return SendError(sentence, scope="subscriber", is_unsent=True)
    return SendError(sentence, is_final=True, is_unsent=True)
