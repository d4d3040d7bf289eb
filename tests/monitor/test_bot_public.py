"""No answer to a chat that is no desk ever names a finding that is not public, whatever is asked."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.records import Agency, Finding
from tests.bot_api import FakeBotApi
from tests.monitor.bot_rig import BOSS, CHANNEL, DESK, GROUP, SETTINGS, STRANGER, Rig, about, bot

RULES = {"carry-over": "identity", "striking-change": "change", "missing": "time", "improvement": "text"}


@dataclass(frozen=True)
class Plan:
    """A finding, and what becomes of it."""

    rule: str
    told: bool
    confirmed: bool
    certainty: str
    held: bool
    released: bool
    changed_since: bool
    fate: str  # stands, gone, wrong, muted, mute-over

    def is_public(self, *, needs_release: bool, suspended: str) -> bool:
        stands = self.told and self.confirmed and self.certainty != "doubtful" and self.fate in ("stands", "mute-over")
        if not stands or (self.held and not self.released) or self.rule == suspended:
            return False
        return RULES[self.rule] == "identity" or not needs_release or (self.released and not self.changed_since)


# Mostly such as are public but for one thing.
mostly = st.sampled_from([True, True, True, False])
plans = st.builds(
    Plan,
    rule=st.sampled_from(list(RULES)),
    told=mostly,
    confirmed=mostly,
    certainty=st.sampled_from(["certain", "likely", "certain", "doubtful"]),
    held=st.sampled_from([False, False, True]),
    released=st.booleans(),
    changed_since=st.sampled_from([False, False, True]),
    fate=st.sampled_from(["stands", "stands", "stands", "gone", "wrong", "muted", "mute-over"]),
)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeBotApi]:
    with FakeBotApi() as api:
        yield api


@settings(max_examples=6)
@given(
    st.lists(plans, min_size=4, max_size=10),
    st.booleans(),
    st.sampled_from(["", *RULES]),
    st.sampled_from([STRANGER, GROUP, CHANNEL]),
)
def test_nothing_that_is_not_public_is_named(
    server: FakeBotApi, several: list[Plan], needs_release: bool, suspended: str, chat: int | str
) -> None:
    server.reset()
    text = SETTINGS if needs_release else f"{SETTINGS}[findings]\npublic_needs_release = false\n"

    async def test() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with bot(Path(folder), server, text) as rig:
                found = [_make(rig, plan, number) for number, plan in enumerate(several)]
                if suspended:
                    rig.archive.life.suspend(suspended, by="李强", reason="…", at=rig.clock.now())
                heard = await _ask_everything(rig, chat, found)
                for finding, plan in zip(found, several, strict=True):
                    is_public = plan.is_public(needs_release=needs_release, suspended=suspended)
                    named = finding.fingerprint in heard or finding.agency in heard or finding.sentence_zh in heard
                    assert named == is_public, (finding, plan)

    asyncio.run(test())


def _make(rig: Rig, plan: Plan, number: int) -> Finding:
    """The finding of a plan, saved, with all that becomes of it."""
    archive, now = rig.archive, rig.clock.now()
    agency = f"隐{number:02d}处"
    archive.import_agencies([
        Agency(f"990101:{agency}", f"柳溪县{agency}", region_code="990101", organ="department", duty="no_date")
    ])  # fmt: skip
    finding = about(
        plan.rule, agency, kind=RULES[plan.rule], certainty=plan.certainty, told=plan.told, confirmed=plan.confirmed,
        sentence_zh=f"第{number:02d}句话。", observed=1,
    )  # fmt: skip

    def save(*these: Finding, held: bool = False) -> None:
        archive.save_findings(
            list(these), judged={finding.key}, rules=set(RULES), messages=lambda f, e: [], at=now,
            hold=lambda f: "一次太多" if held else None,
        )  # fmt: skip

    save(finding, held=plan.held)
    if plan.released:
        archive.life.release([finding.fingerprint], by="王敏", reason="已核对", at=now)
    if plan.changed_since:
        finding.observed = 2
        save(finding)
    if plan.fate == "wrong":
        archive.life.answer(finding.fingerprint, "wrong", by="王敏", reason="…", at=now)
    elif plan.fate.startswith("mute"):
        days = 30 if plan.fate == "muted" else -1
        archive.life.answer(finding.fingerprint, "muted", by="王敏", at=now, until=now + timedelta(days=days))
    elif plan.fate == "gone":
        save()
    return finding


async def _ask_everything(rig: Rig, chat: int | str, found: list[Finding]) -> str:
    """All that a chat hears; names that it gives itself are not asked for."""
    commands = [
        "/findings", "/findings 柳溪县", "/findings carry-over", "/findings missing", "/missing 2023",
        "/missing 2023 990101", "/status", "/help", "/start", "/subscribe all", "/subscribe", "/unsubscribe all",
    ]  # fmt: skip
    heard = []
    for command in commands:
        said = await rig.say(chat, command, user=BOSS if chat == GROUP else STRANGER)
        heard += [f"{s.text}{s.document[1].decode() if s.document else ''}{s.buttons}" for s in said]
        rig.clock.set(rig.clock.now() + timedelta(minutes=2))
    if not isinstance(chat, int):
        return "".join(heard)
    verbs = cycle(("copy", "right", "wrong", "mute", "release"))
    for finding, verb in zip(found, verbs, strict=False):  # by their numbers, which somebody may have guessed
        heard.append(await rig.press(chat, f"{verb}:{finding.fingerprint}", user=STRANGER, forged=True))
        rig.clock.set(rig.clock.now() + timedelta(minutes=2))
    heard += [sent.text for sent in rig.news(chat)]
    return "".join(heard)


def test_a_desk_sees_what_waits_for_a_person(server: FakeBotApi, tmp_path: Path) -> None:
    server.reset()

    async def test() -> None:
        async with bot(tmp_path, server) as rig:
            plan = Plan("missing", True, True, "certain", True, False, False, "stands")
            finding = _make(rig, plan, 1)
            (said,) = await rig.say(DESK, "/findings")
            assert finding.fingerprint in said.text
            assert "暂缓，待放行" in said.text
            (said,) = await rig.say(BOSS, "/findings")  # an administrator, in private
            assert finding.fingerprint in said.text

    asyncio.run(test())
