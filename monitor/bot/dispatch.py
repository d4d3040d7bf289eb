"""From an update of Telegram to what it asks for: who may ask, what was asked before, how much is too much."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import TYPE_CHECKING

from db.errors import ArchiveError
from monitor.bot.agency import agency
from monitor.bot.ask import Ask, Station, clean
from monitor.bot.failing import failed
from monitor.bot.findings import findings
from monitor.bot.gate import Gate, Passage
from monitor.bot.members import changed, moved
from monitor.bot.missing import missing
from monitor.bot.plain import help_, language, start
from monitor.bot.pressing import popup, pressed, reason_given
from monitor.bot.rights import in_settings, key_of
from monitor.bot.status import status
from monitor.bot.subscribing import subscribe, unsubscribe
from monitor.catalogue import say
from monitor.telling.messages import TELEGRAM

if TYPE_CHECKING:
    from telegram import Bot, CallbackQuery, Chat, Message, Update, User

Command = Callable[[Ask], Awaitable[None]]

COMMANDS: dict[str, Command] = {
    "start": start,
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "agency": agency,
    "missing": missing,
    "findings": findings,
    "status": status,
    "language": language,
    "help": help_,
}
"""In the order in which Telegram shows them."""

LONGEST_QUESTION = 300  # characters
MOST_WORDS = 16
_WHEN_CLOSED = ("unsubscribe",)  # what a stranger may still say to a closed bot


class Dispatch:
    """Takes updates of one bot."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._gate = Gate()

    async def take(self, update: "Update", bot: "Bot") -> None:
        """Do what one update asks for; one that came before, nothing."""
        if not self._gate.updates.is_new(update.update_id):
            return
        if update.callback_query is not None:
            await self._press(update.callback_query, bot)
        elif update.my_chat_member is not None:
            change = update.my_chat_member
            ask = self._ask(bot, change.chat, change.from_user, None)
            await changed(ask, change, may_use=self._may_use(ask))
        elif (message := update.message or update.channel_post) is not None:
            await self._message(message, bot)

    async def _message(self, message: "Message", bot: "Bot") -> None:
        if message.migrate_to_chat_id is not None:
            await moved(self._station, message.chat.id, message.migrate_to_chat_id)
            return
        if message.migrate_from_chat_id is not None:
            await moved(self._station, message.migrate_from_chat_id, message.chat.id)
            return
        asked = _command(message, bot)
        replied = message.reply_to_message
        is_reply = replied is not None and replied.from_user is not None and replied.from_user.id == bot.id
        if message.text is None or (asked is None and not is_reply and message.chat.type != "private"):
            return
        writes_as = message.sender_chat.id if message.sender_chat is not None else None
        person = None if writes_as is not None else message.from_user
        if (person is not None and person.is_bot) or (writes_as is not None and message.is_automatic_forward):
            return
        command, words = asked or ("", [])
        if asked is not None and COMMANDS.get(command) is None and message.chat.type != "private":
            return  # another bot's
        ask = self._ask(bot, message.chat, person, message)
        ask.writes_as, ask.words = writes_as, words
        if not self._may_use(ask) and command not in _WHEN_CLOSED:
            await self._closed(ask)
            return
        sent_at, now = message.date.astimezone(UTC), self._station.now()
        if asked is not None and self._gate.is_repeated(message.chat.id, message.text, sent_at, now):
            return
        if not await self._let_pass(ask):
            return
        if asked is None:
            if is_reply and replied is not None and await reason_given(ask, replied.text or "", message.text):
                return
            if message.chat.type == "private":
                await ask.say("bot-only-commands")
        elif len(message.text) > LONGEST_QUESTION or len(words) > MOST_WORDS:
            await ask.say("bot-too-long")
        else:
            await COMMANDS.get(command, _unknown)(ask)

    async def _press(self, query: "CallbackQuery", bot: "Bot") -> None:
        from telegram import Message
        from telegram.error import TelegramError

        if query.message is None or query.data is None:
            await _beside(query, None)
            return
        # Of a message that is too old, only the chat is known.
        message = query.message if isinstance(query.message, Message) else None
        ask = self._ask(bot, query.message.chat, query.from_user, message)
        if not self._may_use(ask):
            await _beside(query, popup(ask, say("bot-closed")))
            return
        passage = self._gate.pass_by(ask.chat.id, query.from_user.id, self._station.now())
        if passage is not Passage.GO:
            await _beside(query, popup(ask, say("bot-too-many")) if passage is Passage.TELL else None)
            return
        try:
            said = await pressed(ask, query.data)
        except (TelegramError, ArchiveError) as error:
            failed("a button", error)
            said = say("bot-error")
        # Of a press that has waited, Telegram takes no answer any more.
        if not await _beside(query, popup(ask, said) if said else None) and said and ask.is_private:
            await ask.answer(said)

    def _ask(self, bot: "Bot", chat: "Chat", person: "User | None", message: "Message | None") -> Ask:
        settings = self._station.config.telegram
        key = key_of(chat, settings)
        known = self._station.archive.subscribers.get(TELEGRAM, key)
        is_desk = known.audience == "desk" if known is not None else in_settings(key, settings.chats)
        if chat.type == "private" and person is not None and person.id in settings.administrators:
            is_desk = True
        spoken = known.language if known is not None and known.language is not None else settings.language
        return Ask(self._station, bot, chat, person, key, known, is_desk, spoken, [], message)

    def _may_use(self, ask: Ask) -> bool:
        """Whether the bot speaks with this chat: to those of the settings, and to anybody else where it is open."""
        settings = ask.config.telegram
        if settings.open or ask.is_desk or in_settings(ask.key, settings.chats, settings.public, settings.maintainers):
            return True
        return ask.known is not None and ask.known.origin == "config" and ask.known.audience != "none"

    async def _closed(self, ask: Ask) -> None:
        """Say once that strangers are not served."""
        if self._gate.strangers.is_new(ask.chat.id):
            await ask.say("bot-closed")

    async def _let_pass(self, ask: Ask) -> bool:
        passage = self._gate.pass_by(ask.chat.id, ask.person.id if ask.person else None, self._station.now())
        if passage is Passage.TELL:
            await ask.say("bot-too-many")
        return passage is Passage.GO


async def _beside(query: "CallbackQuery", text: str | None) -> bool:
    """Say something beside the button that was pressed, and let it rest; False where it is too late for that."""
    from telegram.error import BadRequest

    try:
        await query.answer(text, show_alert=text is not None)
    except BadRequest:
        return False
    return True


async def _unknown(ask: Ask) -> None:
    await ask.say("bot-unknown-command")


def _command(message: "Message", bot: "Bot") -> tuple[str, list[str]] | None:
    """The command that a message begins with and the words behind it; None without one, or where it is for another
    bot."""
    text, entities = message.text, message.entities
    if not text or not entities or entities[0].type != "bot_command" or entities[0].offset != 0:
        return None
    written = text[1 : entities[0].length]
    name, at, to = written.partition("@")
    if at and to.casefold() != (bot.username or "").casefold():
        return None
    return name.casefold(), clean(text[entities[0].length :]).split()
