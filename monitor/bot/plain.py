"""/start, /help, /language: what the bot is, and in which languages it speaks."""

from monitor.bot.ask import Ask
from monitor.bot.rights import may_change
from monitor.bot.subscribing import show
from monitor.catalogue import say
from monitor.channels import Button
from monitor.config import Language

_LANGUAGES: dict[str, Language] = {
    "zh": "zh", "中文": "zh", "chinese": "zh", "en": "en", "英文": "en", "english": "en",
    "both": "both", "双语": "both", "都": "both",
}  # fmt: skip


async def start(ask: Ask) -> None:
    """/start: say what this is, and what the chat hears."""
    await ask.arrive()
    await ask.answer(say("bot-welcome-desk" if ask.is_desk else "bot-welcome"))
    await show(ask)


async def help_(ask: Ask) -> None:
    """/help: all commands."""
    parts = [say("bot-help"), say("bot-help-facets")]
    if ask.is_administrator or ask.is_desk:
        parts.append(say("bot-help-desk"))
    await ask.answer(*parts)


async def language(ask: Ask) -> None:
    """/language zh|en|both."""
    wanted = _LANGUAGES.get(" ".join(ask.words).casefold())
    if wanted is None:
        rows = [[Button(text, data=f"lang:{name}")] for text, name in _NAMES.items()]
        await ask.say("bot-language-which", buttons=rows)
    elif not await may_change(ask):
        await ask.say("bot-only-in-charge")
    else:
        await set_language(ask, wanted)


async def set_language(ask: Ask, wanted: str) -> None:
    """Speak so in this chat from now on; "" or an unknown word changes nothing."""
    if wanted not in _NAMES.values():
        await ask.say("bot-language-which")
        return
    archive = ask.archive
    await ask.arrive()
    await ask.station.write(lambda: archive.subscribers.set_language(*ask.subscriber, wanted))
    ask.language = _LANGUAGES[wanted]
    await ask.say("bot-language-set")


_NAMES = {"中文": "zh", "English": "en", "中文 + English": "both"}
