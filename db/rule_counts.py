"""What an archive knows of each rule: how many of its findings stand, and since when it is suspended."""

import sqlite3
from typing import NamedTuple


class RuleCount(NamedTuple):
    """open: findings that stand. suspended_at: since when, as db.times writes it; None: it is not suspended."""

    open: int
    suspended_at: str | None


def counts(connection: sqlite3.Connection) -> dict[str, RuleCount]:
    """By rule, of rules that have findings that stand, or are suspended."""
    standing = dict(connection.execute("SELECT rule, count(*) FROM findings WHERE is_open = 1 GROUP BY rule"))
    suspended = dict(
        connection.execute(
            "SELECT rule, at FROM rule_events e WHERE event = 'suspended'"
            " AND id = (SELECT max(id) FROM rule_events l WHERE l.rule = e.rule)"
        )
    )
    return {rule: RuleCount(standing.get(rule, 0), suspended.get(rule)) for rule in {*standing, *suspended}}
