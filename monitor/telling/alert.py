"""What a chat is told of a finding's event: an alert of a phone screen; what has no room in it, in a document.

An alert says what is claimed, of which class it is and how sure, what was found and expected, whom the figures cover,
on what it rests in law, by when it was due, where it was seen and when, what else may explain it, who supervises the
agency, and under which number it is answered. The rule's own sentence goes with every alert.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from db.archive import Archive
from db.finding_state import ANSWERED, FOUND, RELEASED
from db.records import Finding
from db.telling.events import TAKES_BACK
from monitor.config import Language
from monitor.telling.evidence import place_lines, withheld
from monitor.telling.facts import (
    Fact,
    claim_facts,
    evidence_facts,
    gather,
    ground_facts,
    number_fact,
    short_of,
    tail_of,
)
from monitor.telling.fitting import Facts, Lines, caption, rendered, whole
from monitor.telling.messages import headline
from monitor.telling.taking_back import answer_facts, as_told, taking_back_facts
from monitor.telling.wording import Both, heading, labelled, line, minute, one_line, pair, words

LONGEST_NAME = 120  # characters; what is longer is no name of an agency, and would leave no room for anything else


class Said(NamedTuple):
    """What a message says. document: (file name, text) of a file that goes with it; None where all is in the text."""

    text: str
    document: tuple[str, str] | None


def compose(
    archive: Archive, finding: Finding, event: str, language: Language, now: datetime, *, by: Finding | None = None
) -> Said:
    """The alert about one event of a finding, with its headline as the first line.

    event: found, confirmed, released, found-after-wrong, found-after-muted, held, gone, replaced, corrected, withdrawn
    or answered; CatalogueError for any other. by: of replaced, what is told of the report instead.
    """
    facts = facts_of(archive, finding, event, by)
    text = whole(facts, language)
    if text is not None:
        return Said(text, None)
    pointer = line("document-pointer")
    return Said(caption(facts, pointer, language), _document(finding, facts, language, now, withheld(archive, finding)))


def facts_of(archive: Archive, finding: Finding, event: str, by: Finding | None = None) -> Facts:
    """All that an alert has to say; see compose."""
    is_earlier = event == ANSWERED or event in TAKES_BACK
    events = archive.life.events(finding.fingerprint) if is_earlier else []
    if is_earlier:
        finding = as_told(finding, events)
    heads, number = [Fact(_headline(finding, event), 0)], number_fact(finding)
    if len(finding.agency) > LONGEST_NAME:
        heads.append(Fact(labelled("label-agency", one_line(finding.agency)), 3))
    if event == ANSWERED:
        return Facts([*heads, *answer_facts(finding, events)], [], [], [number])
    if event in TAKES_BACK:
        return Facts([*heads, *taking_back_facts(archive, finding, event, events, by)], [], [], [number])
    known = gather(archive, finding)
    leads = [] if event in (FOUND, RELEASED) else [Fact(line(f"since-{event}"), 2)]
    rest = ground_facts(archive, finding, known)
    _, is_whole = short_of(finding)
    if not is_whole:
        sentence = {"sentence_zh": finding.sentence_zh, "sentence_en": finding.sentence_en}
        rest.append(Fact(line("alert-sentence", **sentence), 9))
    return Facts(
        [*heads, *leads, *claim_facts(finding, known)], evidence_facts(archive, finding, known), rest, [number]
    )


def _headline(finding: Finding, event: str) -> Both:
    """Agency and year, and what it is about in a few words; of what is taken back or answered, what it was about."""
    name = finding.agency if len(finding.agency) <= LONGEST_NAME else " / ".join(words("long-name"))
    said = headline(replace(finding, agency=name), event)
    tail = tail_of(finding)
    if tail[0]:
        key = "with-earlier" if event in TAKES_BACK else "with-subject" if event == ANSWERED else "with-tail"
        said = words(key, **pair("headline", said), **pair("tail", tail))
    return Both(*map(one_line, said))


def _document(
    finding: Finding, facts: Facts, language: Language, now: datetime, without: frozenset[str]
) -> tuple[str, str]:
    """Everything, with whole hashes and the time of each look, as a plain text that opens anywhere."""
    name = words("document-name", number=finding.fingerprint)[language == "en"]
    places = place_lines(finding, without)
    of_places = ["", _alone(heading("document-places"), language), *places] if places else []
    written = _alone(line("document-times", when=minute(now)), language)
    return name, "\n".join([rendered(facts.said(), language), *of_places, "", written, ""])


def _alone(said: Both, language: Language) -> str:
    return rendered(Lines([said], [], [], []), language)
