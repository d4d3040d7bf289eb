"""One random history of telling: findings come, change and go, chats come, go and move, the channel fails in all its
ways, the process dies. Then all is quiet for as long as it takes, and what each chat heard is held against the model
(tests/telling/land.py).
"""

import asyncio
import random
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.archive import Archive
from db.records import Finding
from monitor.channels.telegram import TelegramChannel
from monitor.clock import VirtualClock
from monitor.config import Config, Telegram
from monitor.telling.alert import Said
from monitor.telling.courier import Courier
from monitor.telling.teller import Teller
from tests.bot_api import TOKEN, FakeBotApi, Fault
from tests.telling.faults import fault, moved, refusal
from tests.telling.land import AGENCIES, RULES, some_chats, some_filter, some_slots
from tests.telling.mortal import Key, Killed, Life, MortalArchive, MortalChannel
from tests.telling.reckoning import reckon

START = datetime(2024, 2, 8, 1, tzinfo=UTC)
TELEGRAM = "telegram"
MOST_ROUNDS = 400


@dataclass(slots=True)
class Told:
    """What a history came to, for the record. faults: answered with; copies: heard twice, each counted once."""

    kills: int = 0
    kills_between: int = 0
    lost: int = 0
    copies: int = 0
    messages: int = 0
    faults: int = 0


class History:
    """One history, by its seed; `play` raises AssertionError where it does not come out as it must."""

    def __init__(self, seed: int, api: FakeBotApi, template: Path, folder: Path, config: Config) -> None:
        self.draw = random.Random(seed)
        self.seed = seed
        self.api = api
        self.path = folder / f"{seed}.db"
        shutil.copy(template, self.path)
        self.archive = Archive.open(self.path, wait_s=0.05)
        self.clock = VirtualClock(START)
        self.slots = some_slots(self.draw)
        self.chats = some_chats(self.draw)
        self.names = {chat.id: chat for chat in self.chats}
        telegram = Telegram(
            chats=[_number(chat.id) for chat in self.chats if (chat.audience, chat.origin) == ("desk", "config")],
            public=[_number(chat.id) for chat in self.chats if (chat.audience, chat.origin) == ("public", "config")],
            base_url=api.base_url,
        )
        self.config = replace(config, telegram=telegram)
        self.rate = self.draw.choice([0.0, 0.1, 0.3, 0.6])
        self.hangs = self.draw.random() < 0.03
        self.deadly = self.draw.choice([0.0, 0.3, 0.7])
        self.is_quiet = False
        self.life = Life()
        self.result = Told()
        self.killed: list[Key] = []
        self.lost: list[Key] = []
        self.texts = 0
        # The model: by what may be found, its claim while it stands; by chat besides, who must hear it, who may.
        self.open: dict[int, int] = {}
        self.wrong: set[tuple[int, int]] = set()
        self.said: set[tuple[int, int]] = set()
        self.unsettled: set[int] = set()
        self.released: set[tuple[int, int]] = set()
        self.must: dict[tuple[int, int], int] = {}  # the claim of which
        self.may: set[tuple[int, int]] = set()
        self.maybe_heard: set[tuple[str, str]] = set()
        self.by_fingerprint = {slot.finding(0).fingerprint: n for n, slot in enumerate(self.slots)}

    # The world

    def fault(self, method: str, chat: str, number: int) -> Fault | None:
        """What goes wrong with a call."""
        one = self.names.get(chat)
        if one is not None and chat != one.id:
            return moved(one.id)
        if one is not None and one.refuses:
            return refusal(chat)
        found = None if self.is_quiet else fault(f"{self.seed} {method} {chat} {number}", self.rate, hangs=self.hangs)
        self.result.faults += found is not None
        return found

    # The story

    async def play(self) -> Told:
        """From the first day to the last, and the reckoning."""
        self.api.reset(self.fault)
        self.archive.import_agencies(AGENCIES)
        try:
            self._begin(self.archive)
            for _ in range(self.draw.randint(4, 9)):
                self.clock.set(self.clock.now() + timedelta(minutes=self.draw.choice([1, 10, 300, 2000, 5000])))
                for _ in range(self.draw.randint(1, 6)):
                    self._happen(self.archive)
                if self.draw.random() < 0.85:
                    await self._deliver(self.clock.now() + timedelta(minutes=self.draw.choice([0, 3, 120, 1500])))
            self.is_quiet = True
            await self._deliver(None)
            reckon(self)
        finally:
            self.archive.close()
            for left in self.path.parent.glob(f"{self.path.name}*"):
                left.unlink()
        return self.result

    def _begin(self, archive: Archive) -> None:
        self._teller(archive).messages(self.slots[0].finding(0), "found")  # makes the settings' chats known
        for chat in self.chats:
            if chat.origin == "bot":
                archive.subscribers.arrive(TELEGRAM, chat.id, kind=None, title=None, at=START)
                for wanted in chat.filters:
                    assert archive.subscribers.subscribe(TELEGRAM, chat.id, wanted, START)

    def _teller(self, archive: Archive) -> Teller:
        return Teller(archive, self.config, self.clock.now(), compose=self._compose)

    def _compose(self, archive: Archive, finding: Finding, event: str, *_: Any, **__: Any) -> Said:
        """A text that says what it is: no other has its number."""
        self.texts += 1
        text = f"{self.texts} {event} {finding.fingerprint} {finding.observed}\n第{self.texts}条 <&>"
        return Said(text, (f"{self.texts}.txt", text) if self.texts % 7 == 0 else None)

    def _happen(self, archive: Archive) -> None:
        what = self.draw.choices(
            ["judge", "release", "wrong", "subscribe", "unsubscribe", "refuse", "come back", "move"],
            [10, 4, 1, 2, 1, 1, 2, 1],
        )[0]
        chat = self.draw.randrange(len(self.chats))
        if what == "judge":
            self._judge(archive)
        elif what == "release":
            self._release(archive)
        elif what == "wrong":
            self._call_wrong(archive)
        elif what == "subscribe" and not self.chats[chat].is_gone:
            wanted = some_filter(self.draw)
            is_new = archive.subscribers.subscribe(TELEGRAM, self._known_as(archive, chat), wanted, self.clock.now())
            assert is_new == (wanted not in self.chats[chat].filters)
            if is_new:
                self.chats[chat].filters.append(wanted)
        elif what == "unsubscribe" and self.chats[chat].filters:
            gone = self.draw.choice([None, *self.chats[chat].filters])
            archive.subscribers.unsubscribe(TELEGRAM, self._known_as(archive, chat), gone)
            self.chats[chat].filters = [one for one in self.chats[chat].filters if gone is not None and one != gone]
        elif what == "refuse":
            self.chats[chat].refuses = True
        elif what == "come back" and self.chats[chat].refuses:
            self.chats[chat].refuses = False
            if self.chats[chat].is_gone:
                # It writes to the bot, under the number that it has by now.
                self._note_moves(archive, chat)
                name = self._known_as(archive, chat)
                archive.subscribers.arrive(TELEGRAM, name, kind=None, title=None, at=self.clock.now())
                self.chats[chat].is_gone = False
        elif what == "move" and self.chats[chat].id.startswith("-") and len(self.chats[chat].ids) < 3:
            self.chats[chat].ids.append(f"-100{9000 + len(self.names)}")
            self.names[self.chats[chat].id] = self.chats[chat]

    def _known_as(self, archive: Archive, chat: int) -> str:
        """The last number of a chat of which the archive has heard."""
        known = [one for one in self.chats[chat].ids if archive.subscribers.get(TELEGRAM, one)]
        return known[-1] if known else self.chats[chat].ids[0]

    def _note_moves(self, archive: Archive, chat: int) -> None:
        """A chat that has moved without anything having been sent to it since says so itself."""
        known = self._known_as(archive, chat)
        if known != self.chats[chat].id:
            archive.subscribers.moved(TELEGRAM, known, self.chats[chat].id, self.clock.now())

    def _hear(self, slot: int, claim: int) -> list[int]:
        """The chats that are to be told of it now."""
        one = self.slots[slot]
        if not one.told or one.certainty == "doubtful" or (slot, claim) in self.wrong:
            return []
        is_free = RULES[one.rule] == "identity" or (slot, claim) in self.released
        return [
            number
            for number, chat in enumerate(self.chats)
            if not chat.is_gone and chat.wants(one) and (chat.audience == "desk" or is_free)
        ]

    def _must_hear(self, slot: int, claim: int, *, again: bool = False) -> None:
        for chat in self._hear(slot, claim):
            if again and not self._has_heard(slot, chat):
                self.may.add((slot, chat))
                continue
            self.must[slot, chat] = claim
            self.may.add((slot, chat))

    def _has_heard(self, slot: int, chat: int) -> bool:
        number = self.slots[slot].finding(0).fingerprint
        return any(
            sent.headline.split()[2] == number for name in self.chats[chat].ids for sent in self.api.received(name)
        )

    def _judge(self, archive: Archive) -> None:
        agency = self.draw.choice(self.slots).agency_id
        here = {number: slot for number, slot in enumerate(self.slots) if slot.agency_id == agency}
        found = {number: self.draw.randint(0, 1) for number in here if self.draw.random() < 0.65}
        findings = [here[number].finding(claim) for number, claim in found.items()]
        teller = self._teller(archive)
        archive.save_findings(
            findings,
            judged={next(iter(here.values())).finding(0).key},
            rules=set(RULES),
            messages=teller.messages,
            replaced=teller.replaced,
            at=self.clock.now(),
        )
        for number in here:
            was, now = self.open.get(number), found.get(number)
            if now is None:
                self.open.pop(number, None)
                self.unsettled.discard(number)
                self.must = {key: claim for key, claim in self.must.items() if key[0] != number}
                continue
            self.open[number] = now
            is_known = (number, now) in self.said
            if was is None:
                # Said before, it is told to those again who heard of it.
                self._must_hear(number, now, again=is_known)
                self.said.add((number, now))
            elif was != now and any(slot == number for slot, _ in self.wrong):
                # What a person has called wrong says something else by now: news, where it never said that. Where it
                # comes back to what it said before, what is told is not laid down here.
                if is_known or (number, now) in self.wrong:
                    self.unsettled.add(number)
                    self.must = {key: claim for key, claim in self.must.items() if key[0] != number}
                else:
                    self.unsettled.discard(number)
                    self._must_hear(number, now)
                    self.said.add((number, now))

    def _release(self, archive: Archive) -> None:
        standing = [number for number in self.open if self.slots[number].told]
        if not standing:
            return
        number = self.draw.choice(standing)
        claim = self.open[number]
        done = archive.life.release(
            [self.slots[number].finding(claim).fingerprint],
            by="甲",
            reason="看过",
            at=self.clock.now(),
            messages=self._teller(archive).messages,
        )
        if done:
            self.released.add((number, claim))
            self.said.add((number, claim))
            for chat in self._hear(number, claim):
                if self.chats[chat].audience == "public" and RULES[self.slots[number].rule] != "identity":
                    self.must[number, chat] = claim
                    self.may.add((number, chat))

    def _call_wrong(self, archive: Archive) -> None:
        standing = [number for number in self.open if self.slots[number].told]
        if not standing or self.wrong:
            return
        number = self.draw.choice(standing)
        self.wrong.add((number, self.open[number]))
        archive.life.answer(
            self.slots[number].finding(0).fingerprint,
            "wrong",
            by="乙",
            reason="看错了",
            at=self.clock.now(),
            messages=self._teller(archive).messages,
        )
        self.must = {key: claim for key, claim in self.must.items() if key[0] != number}

    # Delivery

    async def _deliver(self, until: datetime | None) -> None:
        """Rounds whenever something is due, until then, or until nothing is due any more (None); the process may die,
        and is started again."""
        for _ in range(MOST_ROUNDS):
            dies = not self.is_quiet and self.draw.random() < self.deadly
            self.life = Life(self.draw.randint(1, 60) if dies else None)
            channel = MortalChannel(
                TelegramChannel(self.config.telegram, TOKEN, timeout_s=0.5 if self.hangs else 10.0),
                self.life,
                self._arrived,
            )
            try:
                is_done = await self._rounds(self.archive, channel, until)
            except Killed:
                self._count_kill(channel)
                is_done = False
            self.lost += self.life.lost
            self.maybe_heard |= self.life.maybe_heard
            self._look_who_is_gone(self.archive)
            if is_done:
                return
        raise AssertionError(f"seed {self.seed}: delivery does not come to an end")

    def _count_kill(self, channel: MortalChannel) -> None:
        """Another process opens the archive as it was left."""
        self.archive.close()
        self.archive = Archive.open(self.path, wait_s=0.05)
        between = channel.at_death()
        self.result.kills += 1
        self.result.kills_between += len(between)
        self.killed += between

    async def _rounds(self, archive: Archive, channel: MortalChannel, until: datetime | None) -> bool:
        async with Courier(MortalArchive(archive, self.life), [channel], self.clock) as courier:  # type: ignore[arg-type]
            for _ in range(MOST_ROUNDS):
                due = archive.outbox.next_due(self.clock.now())
                if due is None or (until is not None and due > until):
                    return True
                self.clock.set(due)
                await courier.round()
        return False

    def _arrived(self, key: Key) -> int:
        chat, text = key
        return sum(1 for sent in self.api.received(chat) if sent.text == text)

    def _look_who_is_gone(self, archive: Archive) -> None:
        """Who has refused for good is told nothing new until they come back."""
        for number, chat in enumerate(self.chats):
            known = archive.subscribers.get(TELEGRAM, self._known_as(archive, number))
            if known is not None and known.gone_at is not None and not chat.is_gone:
                assert chat.refuses, f"{chat.id} never refused"
                chat.is_gone = True
                self.must = {key: claim for key, claim in self.must.items() if key[1] != number}


def _number(chat: str) -> int | str:
    return chat if chat.startswith("@") else int(chat)


def play(seed: int, api: FakeBotApi, template: Path, folder: Path, config: Config) -> Told:
    """One history. AssertionError, which names the seed, where it does not come out as it must."""
    history = History(seed, api, template, folder, config)
    return asyncio.run(history.play())
