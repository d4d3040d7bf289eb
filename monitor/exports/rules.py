"""The rules as a release lists them."""

from db.release.database import RuleRow
from monitor.rules import rules


def listed_rules() -> list[RuleRow]:
    """Every rule, those of the forms first; severity and certainty are the highest that it gives."""
    return [RuleRow(r.name, r.kind, r.basis, r.severity, r.certainty, r.told) for r in rules().values()]
