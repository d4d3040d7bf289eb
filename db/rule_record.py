"""How often a rule was right, by what people said of its findings; and whether it is suspended.

Nothing is kept but what people said and the suspensions themselves: the record is counted anew from them. Of each
person and finding the last word counts.
"""

import sqlite3
from typing import NamedTuple

from db.finding_state import RIGHT, WRONG, person

SUSPENDED, RELEASED = "suspended", "released"
LAST = 100  # judgements of which the share is taken
MOST_WRONG = 2  # of them; a rule may be wrong in 2% of its findings
TOO_MANY = 2  # wrong since a person last released the rule

_SAID = (
    "SELECT e.id, e.fingerprint, e.event, e.at, e.made_by FROM finding_events e"
    f" WHERE e.event IN ('{RIGHT}', '{WRONG}') AND e.claim ->> '$.rule' = ? ORDER BY e.id"
)


class RuleRecord(NamedTuple):
    """Judgements of a rule's findings. right, wrong: in all. judged_last_100, wrong_last_100: of the last hundred.
    wrong_since_release: since a person last released the rule, or ever."""

    right: int
    wrong: int
    judged_last_100: int
    wrong_last_100: int
    wrong_since_release: int

    @property
    def why_suspended(self) -> str | None:
        """Why the rule is not to be trusted for now; None where it may be. What a person knew when they released it
        counts no more."""
        if self.wrong_since_release >= TOO_MANY:
            return f"{self.wrong_since_release} of its findings were judged wrong since it was last released"
        if self.wrong_since_release and self.judged_last_100 == LAST and self.wrong_last_100 > MOST_WRONG:
            return f"{self.wrong_last_100} of its last {LAST} judged findings were wrong"
        return None


def record(connection: sqlite3.Connection, rule: str) -> RuleRecord:
    """The record of a rule by now."""
    last: dict[tuple[str, str], tuple[int, str, str]] = {}
    for number, fingerprint, event, at, by in connection.execute(_SAID, (rule,)):
        last[fingerprint, person(by)] = (number, event, at)
    said = sorted(last.values())
    (released,) = connection.execute(
        f"SELECT max(at) FROM rule_events WHERE rule = ? AND event = '{RELEASED}'", (rule,)
    ).fetchone()
    wrong = [event == WRONG for _, event, _ in said]
    since = sum(event == WRONG and (released is None or at > released) for _, event, at in said)
    return RuleRecord(len(wrong) - sum(wrong), sum(wrong), len(wrong[-LAST:]), sum(wrong[-LAST:]), since)


def suspended(connection: sqlite3.Connection) -> dict[str, str]:
    """The rules that are suspended, each with the reason."""
    rows = connection.execute(
        "SELECT rule, event, reason FROM rule_events WHERE id IN (SELECT max(id) FROM rule_events GROUP BY rule)"
        " ORDER BY rule"
    )
    return {rule: reason for rule, event, reason in rows if event == SUSPENDED}


def write(connection: sqlite3.Connection, rule: str, event: str, *, by: str | None, reason: str, at: str) -> None:
    """Write down that a rule was suspended or released."""
    connection.execute(
        "INSERT INTO rule_events (rule, event, at, made_by, reason) VALUES (?, ?, ?, ?, ?)",
        (rule, event, at, by, reason),
    )
