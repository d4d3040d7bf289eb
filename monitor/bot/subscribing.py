"""/subscribe and /unsubscribe: what a chat hears of."""

from collections.abc import Sequence

from db.archive import Archive
from db.telling.lookups import Lookups
from db.telling.records import Filter
from monitor.bot.ask import Ask, Pair
from monitor.bot.facets import Trouble, Understood, in_words, understand
from monitor.bot.rights import may_change
from monitor.catalogue import say, word
from monitor.channels import Button
from monitor.rules import rule_names

MOST = 50
"""Subscriptions of one chat."""

_EVERYTHING = Filter()
# What a press of a button subscribes to, or takes back: "sub:…" and "uns:…".
_CHOICES = {
    "all": _EVERYTHING,
    "error": Filter(severity="error"),
    "warning": Filter(severity="warning"),
    "identity": Filter(kind="identity"),
    "time": Filter(kind="time"),
}
_NOTHING = "none"  # "uns:none": unsubscribe from everything


async def subscribe(ask: Ask) -> None:
    """/subscribe [WORDS]: subscribe to what all the words say; without words, show what is subscribed."""
    understood = await _wanted(ask)
    if understood is None:
        return
    if not understood.is_all and understood.facets == _EVERYTHING:
        await show(ask)
    else:
        await _subscribe(ask, understood.facets)


async def unsubscribe(ask: Ask) -> None:
    """/unsubscribe [WORDS]: take back what the same words subscribed to; without words, show what is subscribed."""
    understood = await _wanted(ask)
    if understood is not None:
        await _unsubscribe(ask, None if understood.is_all else understood.facets)


async def _wanted(ask: Ask) -> Understood | None:
    """What the words of somebody who may change the chat say; None where all is answered by then."""
    if not ask.words:
        await show(ask)
        return None
    if not await may_change(ask):
        await ask.say("bot-only-in-charge")
        return None
    understood = await ask.station.read(lambda archive: _understand(ask, archive))
    if isinstance(understood, Trouble):
        await ask.answer(*understood.said)
        return None
    return understood


async def chosen(ask: Ask, verb: str, choice: str) -> Pair | None:
    """A button below the list was pressed, by somebody who may; what to say beside it, None where a message says it."""
    if verb == "uns" and choice == _NOTHING:
        await _unsubscribe(ask, None)
        return None
    facets = _CHOICES.get(choice)
    if facets is None:
        return say("bot-button-gone")
    await (_subscribe if verb == "sub" else _unsubscribe)(ask, facets)
    return None


async def show(ask: Ask) -> None:
    """What the chat hears of, and how to change it."""
    subscriptions = ask.archive.subscribers.subscriptions(*ask.subscriber)
    lines = await ask.station.read(lambda archive: _lines(archive, subscriptions))
    head = say("bot-subscribed", count=len(lines)) if lines else say("bot-subscribed-none")
    rest = [] if ask.hears_all else [say("bot-public-only")]
    how = say("bot-how-to-subscribe")
    await ask.answer(head, *lines, *rest, how, buttons=_buttons(ask, subscriptions))


def _buttons(ask: Ask, subscriptions: Sequence[Filter]) -> list[list[Button]]:
    """The common choices, each as what can be done about it."""
    made = []
    for name, facets in _CHOICES.items():
        is_there = facets in subscriptions
        words = word("bot-choice", name)
        zh, en = say("bot-choice-off" if is_there else "bot-choice-on", choice_zh=words[0], choice_en=words[1])
        made.append(Button(ask.label((zh, en)), data=f"{'uns' if is_there else 'sub'}:{name}"))
    rows = [[one] for one in made]
    if subscriptions:
        rows.append([Button(ask.label(say("bot-choice-none")), data=f"uns:{_NOTHING}")])
    return rows


async def _subscribe(ask: Ask, facets: Filter) -> None:
    archive, now = ask.archive, ask.station.now()
    await ask.arrive()
    before = archive.subscribers.subscriptions(*ask.subscriber)
    if facets not in before and len(before) >= MOST:
        await ask.say("bot-too-many-subscriptions", most=MOST)
        return
    is_new = await ask.station.write(lambda: archive.subscribers.subscribe(*ask.subscriber, facets, now))
    zh, en = await ask.station.read(lambda own: in_words(facets, Lookups(own)))
    parts = [say("bot-subscribes" if is_new else "bot-subscribes-already", what_zh=zh, what_en=en)]
    if not ask.hears_all:
        parts.append(say("bot-public-only"))
    await ask.answer(*parts)


async def _unsubscribe(ask: Ask, facets: Filter | None) -> None:
    archive = ask.archive
    count = await ask.station.write(lambda: archive.subscribers.unsubscribe(*ask.subscriber, facets))
    if facets is None:
        await ask.say("bot-unsubscribed-all" if count else "bot-subscribed-none")
        return
    zh, en = await ask.station.read(lambda own: in_words(facets, Lookups(own)))
    if count:
        await ask.say("bot-unsubscribed", what_zh=zh, what_en=en)
        return
    left = archive.subscribers.subscriptions(*ask.subscriber)
    lines = await ask.station.read(lambda own: _lines(own, left))
    head = say("bot-subscribed", count=len(lines)) if lines else say("bot-subscribed-none")
    await ask.answer(say("bot-not-subscribed", what_zh=zh, what_en=en), head, *lines)


def _understand(ask: Ask, archive: Archive) -> Understood | Trouble:
    return understand(ask.words, Lookups(archive), rule_names())


def _lines(archive: Archive, subscriptions: Sequence[Filter]) -> list[Pair]:
    found = []
    for facets in subscriptions:
        zh, en = in_words(facets, Lookups(archive))
        found.append((f"• {zh}", f"• {en}"))
    return found
