"""What a finding's events come to: whether it stands, is held, was told, and what people said of it.

A pure fold over the events in their order, so that it is the same after every rebuild. What people said of a finding
holds for its claim (observed and expected) as it was then; what rules did, and whom the agency was asked, for all.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from db.readings.rows import as_json
from db.records import Finding

# What the rules make happen, and a person's release of what they held.
FOUND, CONFIRMED, HELD, RELEASED, GONE, CORRECTED = "found", "confirmed", "held", "released", "gone", "corrected"
BY_RULES = (FOUND, CONFIRMED, HELD, RELEASED, GONE, CORRECTED)
ENDED = (GONE, CORRECTED)
# What people say or do.
RIGHT, WRONG, MUTED, UNMUTED = "right", "wrong", "muted", "unmuted"
CHECKED, ASKED, ANSWERED, PUBLISHED = "checked", "asked", "answered", "published"
BY_PEOPLE = (RIGHT, WRONG, MUTED, UNMUTED, CHECKED, ASKED, ANSWERED, PUBLISHED)

_SELECT = (
    "SELECT e.id, e.event, e.at, e.told, e.claim -> '$.observed', e.claim -> '$.expected',"
    " coalesce(e.claim ->> '$.confirmed', 1), e.made_by, e.reason, e.until, e.sha256"
    " FROM finding_events e WHERE e.fingerprint = ? ORDER BY e.id"
)


class Claim(NamedTuple):
    """What a finding says was printed and what was computed, as JSON."""

    observed: str
    expected: str


class Happened(NamedTuple):
    """One event of a finding. claim: None where it was written before claims were kept. until: of muted. sha256: of
    answered, the agency's own answer."""

    id: int
    event: str
    at: str
    told: bool
    claim: Claim | None
    confirmed: bool
    made_by: str | None
    reason: str | None
    until: str | None
    sha256: str | None


class Said(NamedTuple):
    """What a person said of a claim."""

    event: str
    by: str
    at: str
    claim: Claim | None
    reason: str | None
    until: str | None


@dataclass(slots=True)
class State:
    """Of one finding, by its events.

    told, confirmed: as it was found last. known: the claims of which messages were made. released: those that a person
    has released, while they could be told. last_claim: of the last of these events. ended_at: None while it
    stands. held_why: until a person releases it, also where it is gone and found again. verdicts: person -> right or
    wrong, their last one. muted: None where nothing is muted. checked: person -> claim. asked_at: when the agency was
    first asked, or answered.
    """

    is_found: bool = False
    told: bool = False
    confirmed: bool = True
    known: list[Claim | None] = field(default_factory=list)
    released: list[Claim] = field(default_factory=list)
    last_claim: Claim | None = None
    ended_at: str | None = None
    held_why: str | None = None
    verdicts: dict[str, Said] = field(default_factory=dict)
    muted: Said | None = None
    checked: dict[str, Claim | None] = field(default_factory=dict)
    asked_at: str | None = None

    @property
    def is_open(self) -> bool:
        return self.is_found and self.ended_at is None

    def is_known(self, claim: Claim) -> bool:
        """Whether a message was made of this claim."""
        return any(_same(one, claim) for one in self.known)

    def is_released(self, claim: Claim) -> bool:
        """Whether a person has released just this claim."""
        return claim in self.released

    def wrong(self, claim: Claim) -> Said | None:
        """Who says that this claim is wrong, the first of them."""
        return next(iter(self.wrongs(claim)), None)

    def wrongs(self, claim: Claim) -> list[Said]:
        """Everybody who says that this claim is wrong, the first first."""
        said = [one for one in self.verdicts.values() if one.event == WRONG and _same(one.claim, claim)]
        return sorted(said, key=lambda one: one.at)

    def mute(self, claim: Claim, now: str) -> Said | None:
        """By whom this claim is muted at a time."""
        one = self.muted
        return one if one and _same(one.claim, claim) and (one.until is None or now <= one.until) else None

    def is_silenced(self, claim: Claim, now: str) -> bool:
        """Whether people have said that nothing is to be told of this claim."""
        return self.wrong(claim) is not None or self.mute(claim, now) is not None

    def of_another_claim(self, claim: Claim, now: str) -> Said | None:
        """The last answer that stops the telling of this finding where it says something else."""
        said = [one for one in self.verdicts.values() if one.event == WRONG]
        said += [self.muted] if self.muted and (self.muted.until is None or now <= self.muted.until) else []
        return max((one for one in said if not _same(one.claim, claim)), key=lambda one: one.at, default=None)

    def speaks_again(self, claim: Claim, now: str) -> bool:
        """Whether what was told last, or is to be told, is silenced by people, and this claim is another one, which is
        not."""
        last = self.last_claim
        return last is not None and last != claim and self.is_silenced(last, now) and not self.is_silenced(claim, now)

    def checked_by(self, claim: Claim) -> list[str]:
        """The people who have checked this claim, in order."""
        return [name for name, checked in self.checked.items() if _same(checked, claim)]

    def add(self, one: Happened) -> None:
        """Take the next event in."""
        if one.event in BY_RULES:
            self._add_of_rules(one)
        elif one.event in (RIGHT, WRONG):
            by = person(one.made_by)
            self.verdicts[by] = Said(one.event, one.made_by or "", one.at, one.claim, one.reason, None)
        elif one.event == MUTED:
            self.muted = Said(MUTED, one.made_by or "", one.at, one.claim, one.reason, one.until)
        elif one.event == UNMUTED:
            self.muted = None
        elif one.event == CHECKED:
            names = {person(name): name for name in self.checked}
            self.checked[names.get(person(one.made_by), one.made_by or "")] = one.claim
        elif one.event in (ASKED, ANSWERED) and self.asked_at is None:
            self.asked_at = one.at

    def _add_of_rules(self, one: Happened) -> None:
        if one.event in (FOUND, CONFIRMED, RELEASED):
            self.last_claim = one.claim
        if one.event in (FOUND, CONFIRMED):
            self.is_found, self.ended_at = True, None
            self.told, self.confirmed = one.told, one.confirmed
            if one.told and self.held_why is None:
                self.known.append(one.claim)
        elif one.event == HELD:
            self.held_why = one.reason or ""
            self.known = [claim for claim in self.known if not _same(claim, one.claim)]
            self.released = [claim for claim in self.released if not _same(claim, one.claim)]
        elif one.event == RELEASED:
            self.held_why = None
            if one.told:
                self.known.append(one.claim)
                self.released += [one.claim] if one.claim is not None else []
        else:
            self.ended_at = one.at


def state_of(events: Iterable[Happened]) -> State:
    """What these events, in their order, come to."""
    state = State()
    for one in events:
        state.add(one)
    return state


def events_of(connection: sqlite3.Connection, fingerprint: str) -> list[Happened]:
    """The events of a finding, oldest first."""
    return [
        Happened(
            number, event, at, bool(told), _claim(observed, expected), bool(confirmed), made_by, reason, until, sha256
        )
        for number, event, at, told, observed, expected, confirmed, made_by, reason, until, sha256 in (
            connection.execute(_SELECT, (fingerprint,))
        )
    ]


def load_state(connection: sqlite3.Connection, fingerprint: str) -> State:
    """What has become of a finding so far."""
    return state_of(events_of(connection, fingerprint))


def claim_told(events: Iterable[Happened], at: str) -> Claim | None:
    """Of which claim a message tells that was written at a time: that of the event it was written with."""
    return next((one.claim for one in reversed(list(events)) if one.at <= at and one.claim is not None), None)


def claim_of(finding: Finding) -> Claim:
    """What a finding claims now."""
    # By way of JSON, so that it is equal to what was kept (a tuple is a list there).
    return claim_in(as_json(finding.observed), as_json(finding.expected))


def claim_in(observed: str | None, expected: str | None) -> Claim:
    """The claim of a row of findings, given its JSON."""
    return Claim(_canonical(observed or "null"), _canonical(expected or "null"))


def person(name: str | None) -> str:
    """A name by which two spellings of it are one person's."""
    return " ".join((name or "").split()).casefold()


def _claim(observed: str | None, expected: str | None) -> Claim | None:
    return None if observed is None or expected is None else claim_in(observed, expected)


def _canonical(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _same(one: Claim | None, other: Claim | None) -> bool:
    """A claim that was not kept may be any: what cannot be told apart is not told again."""
    return one is None or other is None or one == other
