"""A finding's event as a long text, as `nianbao run`, `check` and `findings` show it; alerts are in alert.py."""

from typing import Any

from db.finding_state import FOUND, GONE, HELD, RELEASED
from db.records import Finding
from db.telling.events import REPLACED, TELLS
from monitor.catalogue import say, word
from monitor.config import Language
from monitor.telling.wording import cleaned

TELEGRAM = "telegram"

_SHORT_HASH = 16
ABSENCES = ("missing", "overdue-unconfirmed", "not-found-so-far")  # rules that say what was not found
_FOUND_SINCE = "late"  # the rule that says that it was found


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


def _parts(finding: Finding, event: str, by: Finding | None) -> list[tuple[str, str]]:
    kind, certainty = word("kind", finding.kind), word("certainty", finding.certainty)
    basis = word("basis", finding.basis)
    parts = [
        headline(finding, event),
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
    return [(cleaned(zh), cleaned(en)) for zh, en in parts]


def headline(finding: Finding, event: str) -> tuple[str, str]:
    """The first line about an event of a finding."""
    severity = word("severity", finding.severity)
    # What tells of a finding is worded as a finding, whatever came before.
    as_finding = {"severity_zh": severity[0], "severity_en": severity[1]} if event in (*TELLS, HELD) else {}
    return say(f"headline-{event}", agency=finding.agency, year=finding.year, **as_finding)


def _lead(finding: Finding, event: str, by: Finding | None) -> tuple[str, str]:
    """What stands between headline and sentence where the event is not that it was found."""
    if event == GONE and finding.rule in ABSENCES:
        return say("lead-gone-absence")
    if event != REPLACED:
        return say(f"lead-{event}")
    number = say("replaced-by", number=by.fingerprint) if by else ("", "")
    key = "lead-found-since" if is_found_since(finding, by) else "lead-replaced"
    return say(key, by_zh=number[0], by_en=f" {number[1]}" if by else "")


def is_found_since(finding: Finding, by: Finding | None) -> bool:
    """Whether what was not found is replaced by a finding which says that it was found since."""
    return finding.rule in ABSENCES and by is not None and by.rule == _FOUND_SINCE


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
