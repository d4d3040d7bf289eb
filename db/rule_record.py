"""How often a rule was right, by what people said of its findings; and whether it is suspended.

Nothing is kept but what people said and the suspensions themselves: the record is counted anew from them. Of each
person and finding the last word counts. What was wrong is counted by report (agency and year): one report that was
misread makes several findings wrong at once.
"""

import sqlite3
from typing import NamedTuple

from db.finding_state import RIGHT, WRONG, person

SUSPENDED, RELEASED = "suspended", "released"
LAST = 100  # judgements of which the share is taken
MOST_WRONG = 2  # reports among them; a rule may be wrong in 2%
TOO_MANY = 2  # reports wrong since a person last released the rule

_SAID = (
    "SELECT e.id, e.fingerprint, e.event, e.at, e.made_by, coalesce(e.claim ->> '$.agency_id', e.claim ->> '$.agency'),"
    " e.claim ->> '$.year' FROM finding_events e"
    f" WHERE e.event IN ('{RIGHT}', '{WRONG}') AND e.claim ->> '$.rule' = ? ORDER BY e.id"
)


class RuleRecord(NamedTuple):
    """Judgements of a rule's findings. right, wrong: in all. judged_last_100: the last hundred, or as many as there
    are; wrong_last_100: how many different reports were judged wrong in them. wrong_since_release: the same since a
    person last released the rule, or ever."""

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
            return f"its findings on {self.wrong_since_release} reports were judged wrong since it was last released"
        if self.wrong_since_release and self.judged_last_100 == LAST and self.wrong_last_100 > MOST_WRONG:
            return f"its findings on {self.wrong_last_100} reports were wrong, of the last {LAST} that were judged"
        return None


def record(connection: sqlite3.Connection, rule: str) -> RuleRecord:
    """The record of a rule by now."""
    last: dict[tuple[str, str], tuple[int, str, str, tuple[str, int]]] = {}
    for number, fingerprint, event, at, by, agency, year in connection.execute(_SAID, (rule,)):
        last[fingerprint, person(by)] = (number, event, at, (agency, year))
    said = sorted(last.values())
    (released,) = connection.execute(
        f"SELECT max(at) FROM rule_events WHERE rule = ? AND event = '{RELEASED}'", (rule,)
    ).fetchone()
    wrong = sum(event == WRONG for _, event, _, _ in said)
    recent = said[-LAST:]
    wrong_recent = {report for _, event, _, report in recent if event == WRONG}
    since = {report for _, event, at, report in said if event == WRONG and (released is None or at > released)}
    return RuleRecord(len(said) - wrong, wrong, len(recent), len(wrong_recent), len(since))


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
