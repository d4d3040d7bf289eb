"""What the maintainers of a deployment are told about itself: rules that were suspended, findings that are held."""

from datetime import datetime

from db.records import Message
from db.rule_record import LAST, RuleRecord
from monitor.calendar import beijing_day
from monitor.catalogue import say
from monitor.config import Config
from monitor.life.mass import Burst
from monitor.telling.messages import TELEGRAM, in_languages


def rule_suspended(rule: str, record: RuleRecord, at: datetime, config: Config) -> list[Message]:
    """The messages about a rule that has just been suspended by its record."""
    said = say(
        "rule-suspended",
        rule=rule,
        wrong=record.wrong_since_release,
        judged=record.judged_last_100,
        wrong_last=record.wrong_last_100,
        last=LAST,
    )
    return _to_maintainers(f"rule {rule}", f"suspended {at.isoformat()}", said, config)


def mass_held(burst: Burst, since: datetime, config: Config) -> list[Message]:
    """The messages about findings that came in a mass and are held. since: when the first of them was held; all that
    follow are the same event."""
    group = burst.group
    said = say(f"mass-held-{group.by}", rule=group.rule, name=group.name, count=burst.many, of=burst.of)
    subject = f"mass {group.rule} {group.by} {group.name}"
    return _to_maintainers(subject, f"held {beijing_day(since).isoformat()}", said, config)


def _to_maintainers(subject: str, event: str, said: tuple[str, str], config: Config) -> list[Message]:
    text = in_languages([said], config.telegram.language)
    return [Message(str(chat), TELEGRAM, subject, event, text) for chat in config.telegram.maintainers]
