"""Who is who in a chat: what a chat is called among the subscribers, and who may change what it hears."""

from typing import TYPE_CHECKING

from monitor.config import Telegram

if TYPE_CHECKING:
    from telegram import Chat

    from monitor.bot.ask import Ask

_IN_CHARGE = ("creator", "administrator")


def key_of(chat: "Chat", settings: Telegram) -> str:
    """The name of a chat among the subscribers: its number, or the @name by which the settings have it."""
    if chat.username and chat.type != "private":
        name = f"@{chat.username}".casefold()
        for named in (*settings.public, *settings.chats, *settings.maintainers):  # named as both it is public
            if isinstance(named, str) and named.casefold() == name:
                return named
    return str(chat.id)


def in_settings(key: str, *lists: list[int | str]) -> bool:
    """Whether a chat stands in one of these lists of the settings."""
    return any(str(named) == key for chats in lists for named in chats)


async def may_change(ask: "Ask") -> bool:
    """Whether who asks may change what the chat hears: everybody in a private chat; in a group its administrators, the
    anonymous ones too, and those of the settings; in a channel who writes as the channel, since only those may."""
    from telegram.error import TelegramError

    if ask.is_private or ask.is_administrator or ask.writes_as == ask.chat.id:
        return True
    if ask.person is None or ask.writes_as is not None:
        return False
    try:
        member = await ask.bot.get_chat_member(ask.chat.id, ask.person.id)
    except TelegramError:
        return False  # who cannot be shown to be in charge is not
    return member.status in _IN_CHARGE
