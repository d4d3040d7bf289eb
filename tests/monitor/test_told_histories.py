"""Who is told what, whatever happens: random histories against a small model of what each chat may and must hear.

The model knows nothing of the outbox: it looks at what was really sent, and asks of it what people rely on.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.records import Agency, Finding
from db.telling.events import TELLS, base
from db.telling.records import Filter
from monitor.config import Config, load_config
from monitor.telling.alert import Said
from monitor.telling.teller import Teller

START = datetime(2024, 3, 1, 4, tzinfo=UTC)
CHANNEL = "telegram"
DESK, PUBLIC, READER, OTHER = range(4)  # chats, by their place here
NUMBERS = ("1", "2", "3", "4")
SETTINGS = 'archive = "a.db"\n[telegram]\nlanguage = "zh"\nchats = [1]\npublic = [2]\n'
FILTERS = (Filter(), Filter(place="370000"), Filter(kind="identity"), Filter(rule="late", severity="warning"))
CODES = ("370402", "371000", "110101")
RULES = ("carry-over", "missing", "late", "blank-total")


def _finding(number: int, claim: int) -> Finding:
    rule, kind = RULES[number], ("identity", "time", "time", "form")[number]
    code, severity = ("370402", "371000", "371000", "110101")[number], ("error", "notice", "warning", "error")[number]
    return Finding(
        rule, kind, severity, "certain", "law", f"{code}:某局", "某局", 2023, None, [], claim, None, "一。", "One.",
    )  # fmt: skip


FINDINGS = [_finding(number, 1).fingerprint for number in range(len(RULES))]


def _fits(wanted: Filter, number: int) -> bool:
    """What a subscription is to fit, said once more and slowly."""
    code, kind, rule = _finding(number, 1).agency_id or "", _finding(number, 1).kind, RULES[number]
    in_place = wanted.place == "" or code.startswith("37")
    is_severe = wanted.severity == "" or _finding(number, 1).severity in ("warning", "error")
    return in_place and is_severe and wanted.kind in ("", kind) and wanted.rule in ("", rule)


@dataclass
class Heard:
    """Something that a chat was sent, or may have been. end: sent; lost: nobody wrote down that it was; failed: for all
    we know, it may have come through."""

    message: int
    event: str
    claim: int
    written_at: str
    end: str

    @property
    def tells(self) -> bool:
        return base(self.event) in TELLS


@dataclass
class World:
    """What is so, as a person would know it."""

    open: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(range(len(RULES)), False))
    claim: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(len(RULES)), 0))
    held: set[int] = field(default_factory=set)
    wrong: dict[int, int] = field(default_factory=dict)  # finding -> claim
    muted: dict[int, tuple[int, datetime]] = field(default_factory=dict)
    released: set[tuple[int, int]] = field(default_factory=set)
    wants: dict[int, set[Filter]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    chat_mutes: dict[tuple[int, int], datetime] = field(default_factory=dict)
    may_hear: set[tuple[int, int, int]] = field(default_factory=set)  # chat, finding, claim
    must_hear: dict[tuple[int, int], int] = field(default_factory=dict)  # (chat, finding) -> claim
    known: set[tuple[int, int]] = field(default_factory=set)  # claims of which people were, or were to be, told
    heard: dict[tuple[int, int], list[Heard]] = field(default_factory=dict)
    over: dict[int, str] = field(default_factory=dict)  # finding -> when what was told of it was taken back

    def is_open_to(self, chat: int, number: int) -> bool:
        """Whether a chat may hear of a finding as it is now: it is arithmetic, released, or the chat a desk."""
        return chat == DESK or number == 0 or (number, self.claim[number]) in self.released

    def is_silenced(self, number: int, now: datetime) -> bool:
        """Whether nobody is to be told anything of it now."""
        claim = self.claim[number]
        muted, until = self.muted.get(number, (0, now))
        return number in self.held or self.wrong.get(number) == claim or (muted == claim and now <= until)

    def hearers(self, number: int) -> set[int]:
        return {
            chat
            for chat, wanted in self.wants.items()
            if chat not in self.gone and any(_fits(one, number) for one in wanted) and self.is_open_to(chat, number)
        }

    def last(self, chat: int, number: int) -> Heard | None:
        return next((one for one in reversed(self.heard.get((chat, number), ()))), None)


class Play:
    """One history: does something in the archive and in the world, and looks at all that is sent."""

    def __init__(self, path: Path, config: Config) -> None:
        self.archive = Archive.open(path, backup=False)
        self.config = config
        self.world = World(wants={DESK: {Filter()}, PUBLIC: {Filter()}, READER: set(), OTHER: set()})
        self.now = START
        self.numbers = list(NUMBERS)
        self.moves = 0

    def do(self, name: str, *words: object) -> None:
        does: Callable[..., None] = getattr(self, name)
        does(*words)

    def teller(self) -> Teller:
        return Teller(self.archive, self.config, self.now, compose=_said)

    # What the rules and people do

    def judge(self, claims: tuple[int, ...], holds: bool) -> None:
        """claims: what is found of each finding; 0: nothing, it is gone."""
        found = [_finding(number, claim) for number, claim in enumerate(claims) if claim]
        teller = self.teller()
        events = self.archive.save_findings(
            found, judged=None, rules=set(RULES), messages=teller.messages, at=self.now, replaced=teller.replaced,
            hold=lambda finding: "many" if holds else None,
        )  # fmt: skip
        happened: dict[int, set[str]] = {}
        for finding, event in events:
            happened.setdefault(RULES.index(finding.rule), set()).add(event)
        world = self.world
        for number, claim in enumerate(claims):
            world.open[number], before = bool(claim), world.claim[number]
            world.claim[number] = claim or before
            if claim != before:
                self._forget(number)  # what waits for a public chat waits again, and nobody is told of the change
            self._happened(number, happened.get(number, set()))

    def _happened(self, number: int, events: set[str]) -> None:
        world, claim = self.world, self.world.claim[number]
        if "held" in events:
            world.held.add(number)
            world.known.discard((number, claim))
            world.released.discard((number, claim))
        if events & {"gone", "replaced", "corrected"}:
            self._end(number)
        if "found" in events and number not in world.held:
            is_known = (number, claim) in world.known
            world.known.add((number, claim))
            self._told(number, world.hearers(number), must=not is_known, is_known=is_known)

    def answer(self, number: int, word: str) -> None:
        if not self._exists(number) or (word == "unmuted" and number not in self.world.muted):
            return
        world, claim = self.world, self.world.claim[number]
        until = self.now + timedelta(days=3) if word == "muted" else None
        self.archive.life.answer(
            FINDINGS[number], word, by="甲", at=self.now, reason="看过", until=until, messages=self.teller().messages
        )
        if word == "wrong":
            world.wrong[number] = claim
            self._end(number)
        elif word == "right":
            was = world.wrong.pop(number, None)
            if was == claim and world.open[number] and number not in world.held:
                self._told(number, world.hearers(number), must=False, is_known=True)
        elif word == "muted":
            assert until is not None
            world.muted[number] = (claim, until)
        else:
            world.muted.pop(number)

    def release(self, number: int) -> None:
        if not self._exists(number):
            return
        released = self.archive.life.release(
            [FINDINGS[number]], by="乙", reason="看过", at=self.now, messages=self.teller().messages
        )
        world, claim = self.world, self.world.claim[number]
        was_held = number in world.held
        can = was_held or (
            world.open[number] and number != 0 and world.wrong.get(number) != claim
            and (number, claim) not in world.released
        )  # fmt: skip
        assert bool(released) == can
        if not can:
            return
        world.held.discard(number)
        if not world.open[number]:
            return
        world.released.add((number, claim))
        is_known = (number, claim) in world.known
        world.known.add((number, claim))
        hearers = world.hearers(number)
        joining = {chat for chat in hearers - {DESK} if not self._is_told(chat, number)}
        self._told(number, joining, must=False)
        self._told(number, {chat for chat in joining if not self._was_told(chat, number)}, must=True)
        if was_held:
            self._told(number, hearers, must=not is_known, is_known=is_known)

    # What chats do

    def subscribe(self, chat: int, wanted: Filter) -> None:
        self.archive.subscribers.arrive(CHANNEL, self.numbers[chat], kind="group", title=None, at=self.now)
        self.world.gone.discard(chat)
        self.archive.subscribers.subscribe(CHANNEL, self.numbers[chat], wanted, self.now)
        self.world.wants[chat].add(wanted)

    def unsubscribe(self, chat: int) -> None:
        self.archive.subscribers.unsubscribe(CHANNEL, self.numbers[chat], None)
        self.world.wants[chat].clear()

    def mute_in_chat(self, chat: int, number: int) -> None:
        until = self.now + timedelta(days=2)
        self.archive.subscribers.mute(CHANNEL, self.numbers[chat], FINDINGS[number], until, by="7", at=self.now)
        self.world.chat_mutes[chat, number] = until

    def move(self, chat: int) -> None:
        self.moves += 1
        new = f"-100{chat}{self.moves}"
        self.archive.subscribers.moved(CHANNEL, self.numbers[chat], new, self.now)
        self.numbers[chat] = new
        self.world.gone.discard(chat)

    def refuse_all(self, chat: int) -> None:
        self.archive.subscribers.gone(CHANNEL, self.numbers[chat], "blocked", self.now)
        self.world.gone.add(chat)
        for key in [key for key in self.world.must_hear if key[0] == chat]:
            del self.world.must_hear[key]

    def come_back(self, chat: int, asked: bool) -> None:
        if asked:
            self.archive.subscribers.accept(CHANNEL, self.numbers[chat], self.now)
        else:
            self.archive.subscribers.arrive(CHANNEL, self.numbers[chat], kind=None, title=None, at=self.now)
        self.world.gone.discard(chat)

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # What is sent

    def send(self, ends: list[str], meanwhile: tuple | None) -> None:
        """Send what is due; how each try ends, over and over: sent, failed, lost (sent, and nobody wrote it down).
        meanwhile: a step that is done when the first of it is on its way."""
        for place, row in enumerate(list(self.archive.outbox.each_due(self.now))):
            if not self.archive.outbox.begin(row, self.now):
                continue
            end = ends[place % len(ends)]
            self._look_at(row, end)
            if meanwhile is not None:
                self.do(*meanwhile)
                meanwhile = None
            if end == "failed":
                self.archive.outbox.mark_failed(row["id"], "no line", self.now + timedelta(hours=1))
            elif end == "sent":
                self.archive.outbox.mark_sent(row["id"], self.now, "9")

    def _look_at(self, row: dict, end: str) -> None:
        world = self.world
        chat, number = self.numbers.index(row["subscriber"]), FINDINGS.index(row["fingerprint"])
        one = Heard(row["id"], row["event"], int(row["text"].rpartition(" ")[2]), row["created_at"], end)
        before = world.heard.setdefault((chat, number), [])
        again = [other for other in before if other.message == one.message]
        assert not any(other.end == "sent" for other in again), "a message that was sent is not sent again"
        assert chat not in world.gone
        last = before[-1] if before else None
        if one.tells:
            assert (chat, number, one.claim) in world.may_hear, "only who wanted it when it happened hears of it"
            assert not world.is_silenced(number, self.now) and world.wrong.get(number) != one.claim
            assert world.is_open_to(chat, number)
            assert world.chat_mutes.get((chat, number), START - timedelta(days=1)) < self.now
            is_double = last is not None and last.tells and last.claim == one.claim and last.end == "sent"
            assert not is_double or again, "nobody is told the same twice"
        else:
            assert last is not None, "nothing is taken back from who was not told"
            assert last.tells or last.end != "sent" or again, "nothing is taken back twice"
        before.append(one)

    # What must be so in the end

    def end(self) -> None:
        for chat in range(len(NUMBERS)):
            self.come_back(chat, asked=False)
        self.wait(24 * 9)
        for _ in range(4):
            self.send(["sent"], None)
            self.wait(2)
        assert list(self.archive.outbox.due(self.now)) == []
        world = self.world
        for (_, number), heard in world.heard.items():
            last = heard[-1]
            if not world.open[number]:
                assert not last.tells, "who was told hears that it is gone"
            elif last.tells and world.wrong.get(number) == world.claim[number]:
                assert last.claim != world.claim[number], "who was told hears that it is withdrawn"
        for (chat, number), claim in world.must_hear.items():
            if world.open[number] and not world.is_silenced(number, self.now) and world.is_open_to(chat, number):
                of = world.heard.get((chat, number), ())
                assert claim in [one.claim for one in of if one.tells and one.end == "sent"], (chat, number, claim)

    def _told(self, number: int, chats: set[int], *, must: bool, is_known: bool = False) -> None:
        """is_known: it was told before; who joined since then is not to hear of it."""
        before = {chat for chat, of, _ in self.world.may_hear if of == number}
        for chat in chats & before if is_known else chats:
            self.world.may_hear.add((chat, number, self.world.claim[number]))
            if must:
                self.world.must_hear[chat, number] = self.world.claim[number]

    def _forget(self, number: int) -> None:
        for key in [key for key in self.world.must_hear if key[1] == number]:
            del self.world.must_hear[key]

    def _end(self, number: int) -> None:
        """What was told of it so far is taken back."""
        self._forget(number)
        self.world.over[number] = self.now.isoformat()

    def _was_told(self, chat: int, number: int) -> bool:
        last = self.world.last(chat, number)
        return last is not None and last.tells and last.end == "sent"

    def _is_told(self, chat: int, number: int) -> bool:
        """Was told, and nothing happened since of which it is to hear that it is not so."""
        last = self.world.last(chat, number)
        return self._was_told(chat, number) and last is not None and last.written_at > self.world.over.get(number, "")

    def _exists(self, number: int) -> bool:
        return bool(self.world.claim[number])


def _said(
    archive: Archive, finding: Finding, event: str, language: str, now: datetime, *, by: Finding | None = None
) -> Said:
    return Said(f"{event} {finding.observed}", None)


def _history(random: Random) -> Iterator[tuple]:
    """Steps, each with what it is done to; a few findings and chats, so that much happens to each."""
    number, chat = (lambda: random.randrange(len(RULES))), (lambda: random.randrange(len(NUMBERS)))
    ends = lambda: random.choices(("sent", "failed", "lost"), (6, 2, 1), k=5)  # noqa: E731
    calm: dict[str, Callable[[], tuple]] = {
        "judge": lambda: (tuple(random.choices((0, 1, 2), (2, 5, 2), k=len(RULES))), random.random() < 0.15),
        "answer": lambda: (number(), random.choice(("wrong", "wrong", "right", "right", "muted", "unmuted"))),
        "release": lambda: (number(),),
        "subscribe": lambda: (chat(), random.choice(FILTERS)),
        "unsubscribe": lambda: (chat(),),
        "mute_in_chat": lambda: (chat(), number()),
        "move": lambda: (chat(),),
        "refuse_all": lambda: (chat(),),
        "come_back": lambda: (chat(), random.random() < 0.5),
        "wait": lambda: (random.choice((1, 30, 80)),),
    }
    weights = (8, 5, 6, 4, 2, 2, 1, 2, 3, 3)
    for _ in range(random.randint(10, 40)):
        (name,) = random.choices(list(calm), weights)
        step = (name, *calm[name]())
        if random.random() < 0.45:
            yield step
        else:  # something is sent, and this happens just before, or while it is
            yield from ((step, ("send", ends(), None)) if random.random() < 0.6 else (("send", ends(), step),))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config]:
    folder = tmp_path_factory.mktemp("made")
    (folder / "config.toml").write_text(SETTINGS, "utf-8")
    config = load_config(folder / "config.toml")
    with Archive.open(config.archive) as archive:
        archive.import_agencies([
            Agency(f"{code}:某局", "某局", region_code=code, organ="department") for code in CODES
        ])  # fmt: skip
        archive.subscribers.sync(CHANNEL, ["1"], ["2"], START)
        for number in ("3", "4"):
            archive.subscribers.arrive(CHANNEL, number, kind="private", title=None, at=START)
    return config.archive, config


@given(st.integers(0, 2**32))
@example(2055)  # what may have been heard is called wrong after it was gone: it is taken back all the same
@example(1277)
@example(564)  # what was called wrong waits, while the finding says something else
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_everybody_hears_what_they_may_and_must(fresh: tuple[Path, Config], seed: int) -> None:
    path = fresh[0].with_name("copy.db")
    shutil.copyfile(fresh[0], path)
    play = Play(path, fresh[1])
    with play.archive:
        for step in _history(Random(seed)):
            play.do(*step)
            play.wait(1)
        play.end()
    for rest in path.parent.glob("copy.db*"):
        rest.unlink()
