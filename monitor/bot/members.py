"""What becomes of the chats that the bot is in: it is taken in, thrown out, or a group gets another number."""

from typing import TYPE_CHECKING

from monitor.bot.ask import Ask, Station
from monitor.catalogue import say
from monitor.telling.messages import TELEGRAM

if TYPE_CHECKING:
    from telegram import ChatMemberUpdated

_OUT = ("kicked", "left")


async def changed(ask: Ask, change: "ChatMemberUpdated", *, may_use: bool) -> None:
    """The bot's own standing in a chat has changed. may_use: the chat is one that may use the bot."""
    was_in = change.old_chat_member.status not in _OUT
    is_in = change.new_chat_member.status not in _OUT
    # Also where it was in all the time, and may write again.
    if is_in and ask.known is not None and ask.known.gone_at is not None and _may_write(change):
        await ask.arrive()
    if was_in == is_in:
        return
    archive, now = ask.archive, ask.station.now()
    if not is_in:
        if ask.known is not None and ask.known.gone_at is None:
            why = "the bot was blocked" if ask.is_private else "the bot was taken out of the chat"
            await ask.station.write(lambda: archive.subscribers.gone(*ask.subscriber, why, now))
        return
    # A channel is for its readers, and who opens a private chat says /start.
    if ask.is_private or ask.chat.type == "channel":
        return
    await ask.answer(say("bot-greeting" if may_use else "bot-closed"))


def _may_write(change: "ChatMemberUpdated") -> bool:
    """Whether the bot may write in a chat, as far as its standing says."""
    member = change.new_chat_member
    return all(getattr(member, right, True) is not False for right in ("can_send_messages", "can_post_messages"))


async def moved(station: Station, old: int, new: int) -> None:
    """A group has become a supergroup, with another number."""
    archive, now = station.archive, station.now()
    if archive.subscribers.get(TELEGRAM, str(old)) is not None:
        await station.write(lambda: archive.subscribers.moved(TELEGRAM, str(old), str(new), now))
