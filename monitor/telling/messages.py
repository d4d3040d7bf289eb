"""A finding's event as a text for people, and the outbox rows for those who are to be told."""

import re
from typing import Any

from db.finding_state import FOUND, GONE, HELD, RELEASED
from db.records import Finding, Message
from db.telling.outbox import REPLACED, TELLS
from monitor.catalogue import say, word
from monitor.config import Config, Language

TELEGRAM = "telegram"

_SHORT_HASH = 16
_ABSENCES = ("missing", "overdue-unconfirmed", "not-found-so-far")  # rules that say what was not found
_FOUND_SINCE = "late"  # the rule that says that it was found
# Control characters, and those that turn the direction of writing: a fetched name must not repaint a terminal.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def message_text(finding: Finding, event: str, language: Language, *, by: Finding | None = None) -> str:
    """The whole message as plain text: headline, sentence, evidence, footer; Chinese first where both are wanted.

    event: found, confirmed, released, found-after-wrong, found-after-muted, held, gone, replaced, corrected, withdrawn
    or answered; CatalogueError for any other. by: of replaced, what is told of the report instead.
    """
    return in_languages(_parts(finding, event, by), language)


def in_languages(parts: list[tuple[str, str]], language: Language) -> str:
    """Sentences one under the other, in the languages that are wanted."""
    languages = (0, 1) if language == "both" else (0,) if language == "zh" else (1,)
    return "\n\n".join("\n".join(part[number] for part in parts if part[number]) for number in languages)


def messages_for(finding: Finding, event: str, config: Config, *, by: Finding | None = None) -> list[Message]:
    """The outbox rows for one event: one for each Telegram chat of the deployment.

    None that tells of what is shown but never sent: `told=False`, and whatever is doubtful. What takes back, or says
    more about, what was told is for whoever was told; the archive knows who that is.
    """
    if event in TELLS and (not finding.told or finding.certainty == "doubtful"):
        return []
    if not config.telegram.chats:
        return []
    text = message_text(finding, event, config.telegram.language, by=by)
    return [Message(str(chat), TELEGRAM, finding.fingerprint, event, text) for chat in config.telegram.chats]


def _parts(finding: Finding, event: str, by: Finding | None) -> list[tuple[str, str]]:
    severity = word("severity", finding.severity)
    kind, certainty = word("kind", finding.kind), word("certainty", finding.certainty)
    basis = word("basis", finding.basis)
    # What tells of a finding is worded as a finding, whatever came before.
    as_finding = {"severity_zh": severity[0], "severity_en": severity[1]} if event in (*TELLS, HELD) else {}
    headline = say(f"headline-{event}", agency=finding.agency, year=finding.year, **as_finding)
    parts = [
        headline,
        *([] if event in (FOUND, RELEASED) else [_lead(finding, event, by)]),
        (finding.sentence_zh, finding.sentence_en),
        *_evidence(finding),
        say(
            "footer",
            fingerprint=finding.fingerprint,
            kind_zh=kind[0],
            kind_en=kind[1],
            certainty_zh=certainty[0],
            certainty_en=certainty[1],
            basis_zh=basis[0],
            basis_en=basis[1],
        ),
    ]
    return [(_clean(zh), _clean(en)) for zh, en in parts]


def _lead(finding: Finding, event: str, by: Finding | None) -> tuple[str, str]:
    """What stands between headline and sentence where the event is not that it was found."""
    if event == GONE and finding.rule in _ABSENCES:
        return say("lead-gone-absence")
    if event != REPLACED:
        return say(f"lead-{event}")
    number = say("replaced-by", number=by.fingerprint) if by else ("", "")
    is_found = finding.rule in _ABSENCES and by is not None and by.rule == _FOUND_SINCE
    return say("lead-found-since" if is_found else "lead-replaced", by_zh=number[0], by_en=number[1])


def _evidence(finding: Finding) -> list[tuple[str, str]]:
    """The documents that the finding rests on, each once: year, address and the start of its hash."""
    documents = evidence_lines(finding.places)
    return [say("evidence", documents="\n".join(documents))] if documents else []


def evidence_lines(places: list[dict[str, Any]]) -> list[str]:
    """One line for each document among a finding's places."""
    lines = (
        f"{place['year']} {place.get('source') or ''} sha256:{place['sha256'][:_SHORT_HASH]}".replace("  ", " ")
        for place in places
        if place.get("sha256")
    )
    return list(dict.fromkeys(lines))


def _clean(text: str) -> str:
    return _UNSAFE.sub("", text)
