"""What the buttons do, and the reason that is asked after "wrong"."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from db.errors import ArchiveError
from monitor.bot.ask import Ask, Pair, clean, label
from monitor.bot.copies import copies
from monitor.bot.plain import set_language
from monitor.bot.rights import may_change
from monitor.bot.subscribing import chosen
from monitor.bot.visible import Row, one
from monitor.catalogue import say
from monitor.life.answers import answer
from monitor.telling.buttons import claim_of_row, mark_of
from monitor.telling.messages import TELEGRAM
from monitor.telling.teller import Teller

if TYPE_CHECKING:
    from telegram import User

MUTE_FOR = timedelta(days=30)
LONGEST_REASON = 500  # characters
_NUMBER = re.compile(r"[0-9a-f]{16}")
_ASKED = re.compile(r"#wrong ([0-9a-f]{16})\s*$")
_LONGEST_POPUP = 190  # characters; 200 by the Bot API
_OF_A_CLAIM = ("right", "wrong", "release")
_CHANGES = ("sub", "uns", "lang", "mute")  # what the chat hears


async def pressed(ask: Ask, data: str) -> Pair | None:
    """Do what a button says; what to say beside it, None where a message in the chat says it. data: as it came, which
    anybody may have made up."""
    verb, _, what = data.partition(":")
    if verb in _CHANGES and not await may_change(ask):
        return say("bot-only-in-charge")
    if verb in ("sub", "uns"):
        return await chosen(ask, verb, what)
    if verb == "lang":
        await set_language(ask, what)
        return None
    act = _ACTS.get(verb)
    number, _, mark = what.partition(":")
    if act is None or not _NUMBER.fullmatch(number):
        return say("bot-button-gone")
    row = one(ask.archive, ask.eyes, number)
    if row is None:
        return say("bot-no-such-finding")
    if mark and verb in _OF_A_CLAIM and mark != mark_of(claim_of_row(row)):
        return say("bot-says-other", number=number)  # nobody has read what it would count for
    return await act(ask, row)


async def reason_given(ask: Ask, asked: str, text: str) -> bool:
    """Somebody has replied to a message of ours: whether it asked for a reason. asked: what that message said."""
    found = _ASKED.search(asked)
    if found is None or not ask.is_administrator:
        return False
    row = one(ask.archive, ask.eyes, found[1])
    if row is None:
        await ask.say("bot-no-such-finding")
        return True
    reason = " ".join(clean(text).split())[:LONGEST_REASON]
    if not reason:
        await ask.say("bot-reason-empty")
        return True
    await ask.answer(await _judge(ask, row, "wrong", reason))
    return True


def popup(ask: Ask, said: Pair) -> str:
    """What is shown beside a button, within what Telegram allows."""
    text = label(said, ask.language)
    return text if len(text) <= _LONGEST_POPUP else label(said, "zh" if ask.language == "both" else ask.language)[:190]


async def _copy(ask: Ask, row: Row) -> Pair | None:
    found = await ask.station.read(lambda archive: copies(archive, row))
    if not found:
        return say("bot-copy-none")
    for copy in found:
        document = (copy.name, copy.data) if copy.name is not None and copy.data is not None else None
        await ask.answer(*copy.said, document=document)
    return None


async def _right(ask: Ask, row: Row) -> Pair | None:
    return await (_judge(ask, row, "right", None) if ask.is_administrator else _vote(ask, row, "right"))


async def _wrong(ask: Ask, row: Row) -> Pair | None:
    from telegram.error import Forbidden

    if not ask.is_administrator:
        return await _vote(ask, row, "wrong")
    if ask.chat.type == "channel" and ask.person is not None:
        ask.answers_to = ask.person.id  # nobody can reply in a channel
    # Whom it is asked of sees that it is for them: Telegram goes by the @name.
    name = f"@{ask.person.username} " if ask.person and ask.person.username and not ask.is_private else ""
    number = f"{name}#wrong {row['fingerprint']}"
    try:
        await ask.answer(say("bot-reason", agency=row["agency"], year=row["year"]), (number, number), reason_for=True)
    except Forbidden:
        return say("bot-reason-private")  # who has never spoken to us cannot be spoken to
    return say("bot-reason-asked")


async def _mute(ask: Ask, row: Row) -> Pair | None:
    now = ask.station.now()
    await ask.arrive()
    by = str(ask.person.id) if ask.person else None
    mute = ask.archive.subscribers.mute
    await ask.station.write(lambda: mute(*ask.subscriber, row["fingerprint"], now + MUTE_FOR, by=by, at=now))
    return say("bot-muted")


async def _release(ask: Ask, row: Row) -> Pair | None:
    if not ask.is_administrator or ask.person is None:
        return say("bot-only-administrators")
    archive, config, now, by = ask.archive, ask.config, ask.station.now(), name_of(ask.person)

    def release() -> int:
        teller = Teller(archive, config, now)
        done = archive.life.release(
            [row["fingerprint"]], by=by, reason=say("bot-released-by-button")[0], at=now, messages=teller.messages
        )
        return len(done)

    return say("bot-released" if await ask.station.write(release) else "bot-released-already")


_ACTS = {"copy": _copy, "right": _right, "wrong": _wrong, "mute": _mute, "release": _release}


async def _vote(ask: Ask, row: Row, verdict: str) -> Pair:
    """Keep what somebody says who is no administrator; it counts nowhere."""
    if ask.person is None:
        return say("bot-button-gone")
    archive, voter, now = ask.archive, str(ask.person.id), ask.station.now()
    await ask.station.write(lambda: archive.subscribers.vote(row["fingerprint"], TELEGRAM, voter, verdict, now))
    return say(f"bot-vote-{verdict}")


async def _judge(ask: Ask, row: Row, verdict: str, reason: str | None) -> Pair:
    """Write down the answer of an administrator, with all that follows."""
    if ask.person is None:
        return say("bot-button-gone")
    archive, config, now, number = ask.archive, ask.config, ask.station.now(), row["fingerprint"]
    by = _as_before(ask, row) or name_of(ask.person)
    try:
        done = await ask.station.write(lambda: answer(archive, config, number, verdict, by=by, at=now, reason=reason))
    except ArchiveError:  # gone meanwhile
        return say("bot-no-such-finding")
    if not done.is_new:
        return say("bot-answered-already")
    return say(f"bot-answered-{verdict}", messages=done.messages)


def name_of(person: "User") -> str:
    """A person as their answers are signed: the name, which may change, and the number, which does not."""
    name = " ".join(clean(person.full_name).split())[:60]
    return f"{name} (Telegram {person.id})"


def _as_before(ask: Ask, row: Row) -> str | None:
    """The name under which this person has judged the finding before, so that one person's word is one."""
    if ask.person is None:
        return None
    state = ask.archive.life.state(row["fingerprint"])
    end = f"(Telegram {ask.person.id})"
    return next((said.by for said in state.verdicts.values() if said.by.endswith(end)), None)
