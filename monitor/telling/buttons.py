"""The buttons under an alert: its sources, the archived copy, what people make of it. What they do: monitor/bot."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from db.archive import Archive
from db.finding_state import Claim, claim_in
from db.readings.rows import as_json
from db.telling.events import TELLS, base
from db.telling.gates import ARITHMETIC
from db.times import from_text
from monitor.catalogue import say
from monitor.channels import Button
from monitor.channels.telegram_text import is_web_address
from monitor.config import Config, Language

_MOST_SOURCES = 2
Row = Mapping[str, Any]


def buttons_for(archive: Archive, config: Config, row: Row) -> tuple[Button, ...]:
    """The buttons under a message of the outbox (its row): none but under what tells of a finding that still stands."""
    if base(row["event"]) not in TELLS:
        return ()
    found = archive.life.rows([row["fingerprint"]])
    if not found or not found[0]["is_open"]:
        return ()
    subscriber = archive.subscribers.get(row["channel"], row["subscriber"])
    is_desk = subscriber is not None and subscriber.audience == "desk"
    language = (subscriber.language if subscriber else None) or config.telegram.language
    claim = _claim_then(archive, row) or claim_of_row(found[0])
    return buttons_under(archive, config, found[0], language, is_desk=is_desk, claim=claim)


def buttons_under(
    archive: Archive,
    config: Config,
    finding: Row,
    language: Language | str,
    *,
    is_desk: bool,
    claim: Claim | None = None,
) -> tuple[Button, ...]:
    """The same of a finding's row, in the language of a chat. What is withheld is not led to. claim: which the message
    makes, that of the row if it is not given; what is pressed counts for that one."""
    held = archive.takedowns.held()
    open_places = [p for p in finding["places"] if not held.holds(p.get("sha256"), (p.get("source"), _column(p)))]
    number = finding["fingerprint"]
    mark = mark_of(claim or claim_of_row(finding))
    sources = list(dict.fromkeys(_addresses(open_places)))[:_MOST_SOURCES]
    made = [
        Button(_label("bot-button-source", language, number=f" {n}" if len(sources) > 1 else ""), url=url)
        for n, url in enumerate(sources, 1)
    ]
    if any(place.get("sha256") for place in open_places):
        made.append(Button(_label("bot-button-copy", language), data=f"copy:{number}"))
    made += [
        Button(_label(f"bot-button-{verb}", language), data=f"{verb}:{number}:{mark}") for verb in ("right", "wrong")
    ]
    made.append(Button(_label("bot-button-mute", language), data=f"mute:{number}"))
    if is_desk and config.telegram.administrators and _waits(archive, config, finding):
        made.append(Button(_label("bot-button-release", language), data=f"release:{number}:{mark}"))
    return tuple(made)


def mark_of(claim: Claim) -> str:
    """By which a button knows what a finding claimed where it stands under."""
    return hashlib.sha256("\0".join(claim).encode()).hexdigest()[:8]


def claim_of_row(finding: Row) -> Claim:
    """What the row of a finding claims."""
    return claim_in(as_json(finding["observed"]), as_json(finding["expected"]))


def _claim_then(archive: Archive, row: Row) -> Claim | None:
    """What a finding claimed when a message of the outbox was written; None where that is not on record."""
    then = from_text(row["created_at"])
    said = [one.claim for one in archive.life.events(row["fingerprint"]) if one.claim is not None and one.at <= then]
    return claim_of_row(said[-1]) if said else None


def _waits(archive: Archive, config: Config, finding: Row) -> bool:
    """Whether a person's release would let anybody hear of it who does not now."""
    if finding["held_why"] is not None:
        return True
    if finding["kind"] == ARITHMETIC or not config.findings.public_needs_release:
        return False
    return not archive.life.state(finding["fingerprint"]).is_released(claim_of_row(finding))


def _addresses(places: list[dict[str, Any]]) -> Iterator[str]:
    """Where one can look: the documents, else the lists that were read."""
    for found in (
        [place.get("source") for place in places if place.get("sha256")],
        [_column(place) for place in places],
    ):
        yield from (url for url in found if url and is_web_address(url))


def _column(place: Mapping[str, Any]) -> str | None:
    column = (place.get("place") or {}).get("column")
    return column if isinstance(column, str) else None


def _label(key: str, language: Language | str, **fields: object) -> str:
    zh, en = say(key, **fields)
    return zh if language == "zh" else en if language == "en" else f"{zh} {en}"
