"""The rules as a release lists them: those of the forms from their TOML, the others as docs/rules.md has them."""

from db.release.database import RuleRow
from parsers.form import load_forms

_CERTAIN = "certain, doubtful"  # doubtful where a figure was not plainly read

# Of the rules that are functions. What their findings say is held against this by a test.
_OTHERS = (
    RuleRow("missing-section", "form", "printed", "warning", "likely", True),
    RuleRow("unexpected-form", "form", "printed", "warning", "certain", True),
    RuleRow("striking-change", "change", "observation", "notice", "certain", True),
    RuleRow("missing", "time", "duty", "error", "certain, likely", True),
    RuleRow("overdue-unconfirmed", "time", "duty", "notice", "doubtful", False),
    RuleRow("published-unread", "time", "duty, observation", "notice", "certain", False),
)


def listed_rules() -> list[RuleRow]:
    """Every rule, those of the forms first; several values of a column joined by ", "."""
    found: dict[str, RuleRow] = {}
    for form in load_forms().values():
        for rule in form.identity:
            # Where the totals agree and columns moved between two years, that is a notice.
            severity = f"{rule.severity}, notice" if rule.name == "carry-over" else rule.severity
            found[rule.name] = RuleRow(rule.name, "identity", rule.basis, severity, _CERTAIN, True)
    return [*found.values(), *_OTHERS]
