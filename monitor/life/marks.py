"""A finding's life in a few words, and as the JSON of `nianbao findings`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from db.finding_state import State, claim_in
from db.life import LifeEvent
from db.readings.rows import as_json
from db.times import from_text, to_text
from monitor.calendar import BEIJING
from monitor.catalogue import word
from monitor.duties import BEFORE_2019, LOCAL
from monitor.judging.rule import Rule


def life_dict(row: Mapping[str, Any], state: State, suspended: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """What has become of a stored finding: keys in docs/commands.md, times as ISO text. suspended: rules, with why."""
    claim = claim_in(as_json(row["observed"]), as_json(row["expected"]))
    mute, wrong = state.mute(claim, to_text(now)), state.wrong(claim)
    return {
        "is_open": row["is_open"],
        "first_found_at": row["first_found_at"],
        "gone_at": row["gone_at"],
        "told": row["told"],
        "confirmed": row["confirmed"],
        "held": row["held_why"],
        "suspended": suspended.get(row["rule"]),
        "wrong": wrong and {"by": wrong.by, "at": wrong.at, "reason": wrong.reason},
        "muted": mute and {"by": mute.by, "at": mute.at, "reason": mute.reason, "until": mute.until},
        "checked_by": state.checked_by(claim),
        "asked_at": state.asked_at,
    }


def marks(life: Mapping[str, Any]) -> list[str]:
    """What a reader of the list must know of it, one mark each; none for what simply stands and may be told."""
    found = []
    if not life["is_open"]:
        found.append(f"gone {_minute(life['gone_at'])[:10]}")
    if not life["confirmed"]:
        found.append("unconfirmed: rests on a single look")
    elif not life["told"]:
        found.append("shown, not told")
    if life["held"] is not None:
        found.append(f"held: {life['held']}")
    if life["suspended"] is not None:
        found.append("rule suspended")
    if life["wrong"]:
        found.append(f"answered wrong by {life['wrong']['by']}: {life['wrong']['reason']}")
    if life["muted"]:
        until = life["muted"]["until"]
        found.append(f"muted by {life['muted']['by']}{f' until {_minute(until)} Beijing time' if until else ''}")
    if life["checked_by"]:
        found.append(f"checked by {', '.join(life['checked_by'])}")
    return found


def event_dict(event: LifeEvent) -> dict[str, Any]:
    """One event of a life, without the claim."""
    return {
        "event": event.event,
        "at": event.at.isoformat(),
        "told": event.told,
        "by": event.made_by,
        "reason": event.reason,
        "until": event.until and event.until.isoformat(),
        "sha256": event.sha256,
    }


def event_line(event: Mapping[str, Any]) -> str:
    """The same for people, in Beijing time."""
    by = f" by {event['by']}" if event["by"] else ""
    why = f": {event['reason']}" if event["reason"] else ""
    until = f", until {_minute(event['until'])}" if event["until"] else ""
    document = f", document {event['sha256']}" if event["sha256"] else ""
    return f"{_minute(event['at'])} {event['event']}{by}{why}{until}{document}"


def _minute(text: str) -> str:
    """2024-02-20 10:00, Beijing time, as the sentences have it."""
    return f"{from_text(text).astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _article(rule: Rule, basis: str) -> dict[str, str] | None:
    if basis == LOCAL or rule.article is None:
        return None
    if basis == BEFORE_2019.name:
        zh, en = word("basis", basis)
        return {"zh": zh, "en": en}
    return {"zh": rule.article.zh, "en": rule.article.en}


def rule_dict(rule: Rule | None, basis: str) -> dict[str, Any]:
    """What a rule says of its findings in general: its official word, its article, what else may explain them.

    basis: of the finding. One by a local date rests on no article, and has no official word, which is for what the
    Regulations ask; one about a year to 2018 rests on the article of then.
    """
    if rule is None:  # of an older nianbao
        return {"defect": None, "article": None, "innocent": []}
    return {
        "defect": rule.defect.value if rule.defect and basis != LOCAL else None,
        "article": _article(rule, basis),
        "innocent": [{"zh": one.zh, "en": one.en, "excluded": one.excluded} for one in rule.innocent],
    }
