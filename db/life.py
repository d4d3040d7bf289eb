"""What people make of findings: they answer, hold and release them, and so judge the rules that made them.

Kept by fingerprint in finding_events, each with the claim that it was said of, so that it survives every reading and
rebuild. What follows from it (who is told, which rule is suspended) is written in the same transaction. What the rules
make of findings: db/findings.py.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from db import findings as finding_rows
from db import holding, rule_record
from db.collected.seen import require_document
from db.errors import ArchiveError
from db.finding_state import (
    ANSWERED,
    BY_PEOPLE,
    CHECKED,
    FOUND,
    MUTED,
    PUBLISHED,
    RIGHT,
    UNMUTED,
    WRONG,
    Happened,
    State,
    claim_of,
    events_of,
    load_state,
    person,
)
from db.records import Finding, Message
from db.rule_record import RuleRecord
from db.telling import writing
from db.telling.events import WITHDRAWN
from db.times import from_text, to_text

if TYPE_CHECKING:
    from db.connection import ArchiveFile

Notices = Callable[[str, RuleRecord], list[Message]]
"""What the maintainers are told of a rule that was just suspended."""


class LifeEvent(NamedTuple):
    """Something that happened to a finding; see the table finding_events."""

    event: str
    at: datetime
    told: bool
    made_by: str | None
    reason: str | None
    until: datetime | None
    sha256: str | None
    claim: dict[str, Any] | None


class Answered(NamedTuple):
    """What an answer came to. is_new: False where the same person said the same before. suspended: why the rule is
    suspended by it, None where it is not. messages: how many wait to be sent because of it. takes_back: the same person
    had called it wrong before."""

    is_new: bool
    suspended: str | None
    messages: int
    takes_back: bool = False


def _silent(finding: Finding, event: str) -> list[Message]:
    return []


class Life:
    """The life of findings in an open archive. Every time is handed in."""

    def __init__(self, file: "ArchiveFile") -> None:
        self._file = file

    # Answers

    def answer(
        self,
        fingerprint: str,
        event: str,
        *,
        by: str,
        at: datetime,
        reason: str | None = None,
        until: datetime | None = None,
        sha256: str | None = None,
        checks_needed: int = 1,
        messages: finding_rows.Messages = _silent,
        notices: Notices | None = None,
    ) -> Answered:
        """Write down what a person says of a finding, or did with it, and all that follows from it.

        event: right, wrong, muted, unmuted, checked, asked, answered or published. reason: needed for wrong. until: of
        muted, its last moment. sha256: of answered, the agency's own answer, put into the archive before.
        checks_needed: how many different people must have checked a finding before it is published. messages: what to
        tell of a finding and an event; notices: what to tell the maintainers of a rule.

        Raises ArchiveError for what cannot be said of it.
        """
        by, reason = _one_line(by), _one_line(reason or "") or None
        if event not in BY_PEOPLE:
            raise ArchiveError(f"{event}: is nothing that a person says of a finding; it is {', '.join(BY_PEOPLE)}")
        if not by:
            raise ArchiveError(f"{fingerprint}: say who says so; an answer is kept and shown with a name")
        if event == WRONG and reason is None:
            raise ArchiveError(f"{fingerprint}: say why it is wrong; the reason is kept and shown with the answer")
        moment = to_text(at)
        with self._file.write() as connection:
            finding = finding_rows.load(connection, fingerprint)
            if sha256 is not None:
                require_document(connection, sha256)
            state, claim = load_state(connection, fingerprint), claim_of(finding)
            _refuse(connection, finding, state, event, by, moment, checks_needed)
            last = None if until is None else to_text(until)
            if _said_already(finding, state, event, by, (reason, last)):
                return Answered(False, None, 0)
            finding_rows.write_event(
                connection, finding, event, moment, by=by, reason=reason, until=last, sha256=sha256
            )
            told = 0
            if event == WRONG and state.wrong(claim) is None:
                told = writing.take_back(connection, messages(finding, WITHDRAWN), moment, is_silent=True)
            elif event == RIGHT and state.wrong(claim) is not None:
                told = self._tell_again(connection, finding, messages, moment)
            elif event == ANSWERED:
                told = writing.add(connection, messages(finding, ANSWERED), moment)
            why = self._suspend_by_record(connection, finding.rule, moment, notices) if event == WRONG else None
            before = state.verdicts.get(person(by))
            takes_back = event == RIGHT and before is not None and before.event == WRONG
            return Answered(True, why, told, takes_back)

    def _tell_again(
        self, connection: sqlite3.Connection, finding: Finding, messages: finding_rows.Messages, at: str
    ) -> int:
        """After the last who said that it is wrong has said that it is right: who heard the first hears the second."""
        state, claim = load_state(connection, finding.fingerprint), claim_of(finding)
        if not state.is_open or not finding.told or state.held_why is not None or state.wrong(claim):
            return 0
        return writing.tell(connection, messages(finding, FOUND), at, is_known=True)

    def events(self, fingerprint: str) -> list[LifeEvent]:
        """The whole life of a finding, oldest first."""
        with self._file.read() as connection:
            claims = dict(
                connection.execute("SELECT id, claim FROM finding_events WHERE fingerprint = ?", (fingerprint,))
            )
            happened = events_of(connection, fingerprint)
        return [_life_event(one, json.loads(claims[one.id]) if claims[one.id] else None) for one in happened]

    def state(self, fingerprint: str) -> State:
        """What a finding's life comes to by now."""
        with self._file.read() as connection:
            return load_state(connection, fingerprint)

    def rows(self, fingerprints: list[str]) -> list[dict[str, Any]]:
        """Findings as rows of the table, JSON unpacked, in this order."""
        with self._file.read() as connection:
            return finding_rows.rows(connection, fingerprints)

    def find(self, start: str) -> str:
        """The fingerprint that begins so. ArchiveError where none does, or several do, or it is too short."""
        start = start.strip().lower()
        if len(start) < 8 or set(start) - set("0123456789abcdef"):
            raise ArchiveError(f"{start}: is no number of a finding; give 8 of its 16 hex digits or more")
        found = [
            name
            for (name,) in self._file.query(
                "SELECT fingerprint FROM findings WHERE fingerprint >= ? AND fingerprint < ? LIMIT 3",
                (start, f"{start}g"),  # of hexadecimal digits
            )
        ]
        if not found:
            raise ArchiveError(f"there is no finding {start}; `nianbao findings --all` shows them with their numbers")
        if len(found) > 1:
            raise ArchiveError(f"{start}: several findings begin so, {', '.join(found)}; give more digits")
        return found[0]

    # Rules

    def record(self, rule: str) -> RuleRecord:
        """How often a rule was right, by people's last word on each of its findings."""
        with self._file.read() as connection:
            return rule_record.record(connection, rule)

    def suspended(self) -> dict[str, str]:
        """The rules that are suspended, each with the reason."""
        with self._file.read() as connection:
            return rule_record.suspended(connection)

    def suspend(self, rule: str, *, by: str | None, reason: str, at: datetime, notices: Notices | None = None) -> bool:
        """Suspend a rule: its findings are judged and shown, and not told. False if it is suspended already."""
        with self._file.write() as connection:
            if rule in rule_record.suspended(connection):
                return False
            rule_record.write(connection, rule, rule_record.SUSPENDED, by=by, reason=reason, at=to_text(at))
            if notices is not None:
                self._notice(connection, notices(rule, rule_record.record(connection, rule)), to_text(at))
            return True

    def release_rule(self, rule: str, *, by: str, reason: str, at: datetime) -> None:
        """Let a rule speak again: what waited because of it is due. ArchiveError where it is not suspended."""
        by, reason = _words(rule, by, reason)
        with self._file.write() as connection:
            suspended = rule_record.suspended(connection)
            if rule not in suspended:
                known = f"suspended are {', '.join(suspended)}" if suspended else "no rule is"
                raise ArchiveError(f"{rule}: is not suspended; {known}")
            rule_record.write(connection, rule, rule_record.RELEASED, by=by, reason=reason, at=to_text(at))

    def _suspend_by_record(
        self, connection: sqlite3.Connection, rule: str, at: str, notices: Notices | None
    ) -> str | None:
        why = rule_record.record(connection, rule).why_suspended
        if why is None or not self.suspend(rule, by=None, reason=why, at=from_text(at), notices=notices):
            return None
        return why

    # Holding

    def news(self, findings: Iterable[Finding], at: datetime) -> list[Finding]:
        """Those of these findings that would be told if they were saved now: new, confirmed, or with a new claim."""
        with self._file.read() as connection:
            return [finding for finding in findings if finding_rows.is_news(connection, finding, to_text(at))]

    def hold(self, fingerprints: Iterable[str], *, why: str, at: datetime) -> list[Finding]:
        """Hold findings of which nobody was told so far until a person releases them. Returns those that are held by
        it; one that is told already, gone or held stays as it is."""
        with self._file.write() as connection:
            held = [holding.hold(connection, fingerprint, why, to_text(at)) for fingerprint in fingerprints]
        return [finding for finding in held if finding is not None]

    def held(self, *, portal: str | None = None) -> Iterator[dict[str, Any]]:
        """The findings that are held, as rows of the table; portal: of agencies whose portal it is by the register."""
        after: str | None = ""
        while after is not None:
            with self._file.read() as connection:
                found, after = holding.held(connection, after, portal)
            yield from found

    def held_by_rule(self) -> dict[str, int]:
        """How many findings that stand are held, by rule."""
        return dict(
            self._file.query(
                "SELECT rule, count(*) FROM findings WHERE is_open AND held_why IS NOT NULL GROUP BY rule ORDER BY rule"
            )
        )

    def release(
        self,
        fingerprints: Iterable[str],
        *,
        by: str,
        reason: str,
        at: datetime,
        messages: finding_rows.Messages = _silent,
    ) -> list[Finding]:
        """Release findings: those that are held are told, to everybody; of others that stand, as they are now, the
        public chats hear, too, which were not told so far. Returns those that were released. ArchiveError for a finding
        that there is not; one of which `why_not_released` says something stays as it is."""
        by, reason = _words("findings", by, reason)
        released = []
        with self._file.write() as connection:
            for fingerprint in fingerprints:
                finding, state = finding_rows.load(connection, fingerprint), load_state(connection, fingerprint)
                if holding.why_not_released(finding, state) is None:
                    holding.release(connection, finding, state, by, reason, to_text(at), messages)
                    released.append(finding)
        return released

    def why_not_released(self, fingerprint: str) -> str | None:
        """Why nothing comes of releasing a finding, in a sentence; None where it can be released. ArchiveError where
        there is none."""
        with self._file.read() as connection:
            finding, state = finding_rows.load(connection, fingerprint), load_state(connection, fingerprint)
        return holding.why_not_released(finding, state)

    def is_released(self, finding: Finding) -> bool:
        """Whether a person has released what a finding claims now."""
        with self._file.read() as connection:
            return holding.is_released(connection, finding)

    # Maintainers

    def notice(self, messages: Iterable[Message], at: datetime) -> int:
        """Write down messages to the maintainers; how many are new. One with the key of an earlier one is that one."""
        with self._file.write() as connection:
            return self._notice(connection, messages, to_text(at))

    def _notice(self, connection: sqlite3.Connection, messages: Iterable[Message], at: str) -> int:
        return writing.put_messages(connection, messages, at)


def _refuse(
    connection: sqlite3.Connection, finding: Finding, state: State, event: str, by: str, at: str, checks_needed: int
) -> None:
    """ArchiveError where this cannot be said of a finding."""
    which = finding.fingerprint
    if event == UNMUTED and state.muted is None:
        raise ArchiveError(f"{which}: is not muted; there is nothing to undo")
    if event in (PUBLISHED, CHECKED) and not state.is_open:
        raise ArchiveError(f"{which}: stands no more, so that it cannot be {event}; see `nianbao findings {which}`")
    if event != PUBLISHED:
        return
    claim = claim_of(finding)
    if said := state.wrong(claim):
        raise ArchiveError(
            f"{which}: {said.by} says that it is wrong ({said.reason}); settle that before publishing it"
        )
    if not finding.confirmed:
        raise ArchiveError(f"{which}: rests on a single look so far; wait for the second one before publishing it")
    if finding.rule in rule_record.suspended(connection):
        raise ArchiveError(f"{which}: its rule {finding.rule} is suspended; release the rule before publishing it")
    if state.held_why is not None:
        raise ArchiveError(f"{which}: is held ({state.held_why}); release it before publishing it")
    names = state.checked_by(claim)
    if len(names) < checks_needed:
        checked = f"checked by {', '.join(names)}" if names else "nobody has checked it as it stands"
        raise ArchiveError(
            f"{which}: {checks_needed} different {'person' if checks_needed == 1 else 'people'} must have checked it"
            f" before it is published, {checked}; `nianbao answer {which} checked --by NAME` says that you did"
        )


def _said_already(finding: Finding, state: State, event: str, by: str, said: tuple[str | None, str | None]) -> bool:
    """Whether a person has said just this of this very claim, and it holds. said: reason, until."""
    claim = claim_of(finding)
    if event in (RIGHT, WRONG):
        last = state.verdicts.get(person(by))
        return last is not None and (last.event, last.reason, last.claim) == (event, said[0], claim)
    if event == MUTED:
        mute = state.muted
        return mute is not None and (person(mute.by), mute.reason, mute.until, mute.claim) == (
            person(by), *said, claim,
        )  # fmt: skip
    if event == CHECKED:
        return person(by) in map(person, state.checked_by(claim))
    return False  # an agency may be asked twice


def _life_event(one: Happened, claim: dict[str, Any] | None) -> LifeEvent:
    until = from_text(one.until) if one.until else None
    return LifeEvent(one.event, from_text(one.at), one.told, one.made_by, one.reason, until, one.sha256, claim)


def _one_line(text: str) -> str:
    """A name or a reason as it stands in a line of a list: line breaks and marks that nobody sees are blanks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _words(what: str, by: str, reason: str) -> tuple[str, str]:
    by, reason = _one_line(by), _one_line(reason)
    if not by:
        raise ArchiveError(f"{what}: say who releases it; it is kept and shown with a name")
    if not reason:
        raise ArchiveError(f"{what}: say why it is released; the reason is kept and shown")
    return by, reason
