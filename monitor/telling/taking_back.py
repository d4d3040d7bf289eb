"""What an alert says where something that was told is taken back, or was answered."""

from collections.abc import Sequence

from db.archive import Archive
from db.finding_state import ANSWERED, CONFIRMED, CORRECTED, ENDED, FOUND, HELD, RELEASED, WRONG
from db.life import LifeEvent
from db.records import Finding
from db.telling.events import REPLACED, WITHDRAWN
from monitor.calendar import beijing_day
from monitor.evidence.standing import nameless
from monitor.telling.evidence import SHORT_HASH
from monitor.telling.facts import Fact
from monitor.telling.messages import ABSENCES, is_found_since
from monitor.telling.wording import Words, day, labelled, line, one_line, pair, without_full_stop, words


def as_told(finding: Finding, events: Sequence[LifeEvent]) -> Finding:
    """The finding as it was when it was told last: what was read since does not change what people have before them.
    events: its life; where that does not say it, the finding as it is."""
    for one in reversed(events):
        if one.event in (FOUND, CONFIRMED, RELEASED) and one.told and one.claim is not None:
            told = Finding(**one.claim)
            return told if told.fingerprint == finding.fingerprint else finding
    return finding


def taking_back_facts(
    archive: Archive, finding: Finding, event: str, events: Sequence[LifeEvent], by: Finding | None
) -> list[Fact]:
    """That it should not be used any more, since when it was told, why it is taken back as far as that is known, and
    what it said. events: the life of the finding."""
    return [
        Fact(line("stop", **pair("told", _behind(_first_told(events)))), 1),
        _why(archive, finding, event, events, by),
        Fact(line("alert-told", **_sentence(finding)), 3),
    ]


def answer_facts(finding: Finding, events: Sequence[LifeEvent]) -> list[Fact]:
    """What the agency answered, as far as it was noted, and what the finding said."""
    last = next((one for one in reversed(events) if one.event == ANSWERED), None)
    facts = [Fact(line("answered-caution"), 1)]
    if last is not None and last.reason:
        facts.append(Fact(line("answered-note", note=_reason(last, events)), 2))
    if last is not None and last.sha256:
        facts.append(Fact(labelled("answered-file", last.sha256[:SHORT_HASH]), 4))
    return [*facts, Fact(line("alert-told", **_sentence(finding)), 3)]


def _sentence(finding: Finding) -> dict[str, str]:
    return {"sentence_zh": finding.sentence_zh, "sentence_en": finding.sentence_en}


def _first_told(events: Sequence[LifeEvent]) -> Words:
    """On which day it was first told, since it was last gone or held; nothing where that is not on record."""
    first: LifeEvent | None = None
    has_ended = False
    for one in events:
        if one.event in ENDED:
            has_ended = True
        elif one.event == HELD:
            first = None
        elif one.event in (FOUND, CONFIRMED, RELEASED) and one.told and (first is None or has_ended):
            first, has_ended = one, False
    return words("stop-told", **day("when", beijing_day(first.at))) if first else ("", "")


def _why(archive: Archive, finding: Finding, event: str, events: Sequence[LifeEvent], by: Finding | None) -> Fact:
    if event == CORRECTED:
        return Fact(line("why-corrected"), 2)
    if event == WITHDRAWN:
        said = next((one for one in reversed(events) if one.event == WRONG and one.reason), None)
        without = line("why-withdrawn", **pair("reason", ("", "")))
        if said is None:
            return Fact(without, 2)
        reason = words("why-reason", reason=_reason(said, events))
        return Fact(line("why-withdrawn", **pair("reason", reason)), 2, without)
    if event == REPLACED:
        number = words("replaced-by", number=by.fingerprint) if by else ("", "")
        key = "why-found-since" if is_found_since(finding, by) else "why-replaced"
        return Fact(line(key, **pair("by", _behind(number))), 2)
    if finding.rule in ABSENCES:
        return Fact(line("why-gone-absence"), 2)
    if finding.rule == "withdrawn":
        return Fact(line("why-gone-withdrawn"), 2)
    named = [(p["sha256"], p["year"], p.get("source") or "") for p in finding.places if p.get("sha256")]
    is_changed = any(archive.quoting.has_newer(*one) for one in dict.fromkeys(named))
    return Fact(line("why-gone-changed" if is_changed else "why-gone"), 2)


def _reason(said: LifeEvent, events: Sequence[LifeEvent]) -> str:
    """What a person noted, as it is handed out."""
    names = {one.made_by for one in events if one.made_by}
    return without_full_stop(one_line(nameless(said.reason or "", names)))


def _behind(said: Words) -> Words:
    """What stands behind a word of the same sentence: English puts a blank in between."""
    return said[0], f" {said[1]}" if said[1] else ""
