"""All rules in one list: a rule is a value with a name and a function from a case to findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from db.records import Finding
from monitor.config import Thresholds
from monitor.rules import change, form, identities
from monitor.rules.case import Case
from parsers.form import load_forms


@dataclass(frozen=True, slots=True)
class Rule:
    """names: those that its findings carry. judge: a case and the deployment's thresholds to findings."""

    names: tuple[str, ...]
    judge: Callable[[Case, Thresholds], Iterable[Finding]]


def report_rules() -> tuple[Rule, ...]:
    """The rules that judge a report, alone or against the year before, in the order in which they are told."""
    forms = load_forms().values()
    within = tuple(dict.fromkeys(r.name for f in forms for r in f.identity if not r.spans_years))
    between = tuple(dict.fromkeys(r.name for f in forms for r in f.identity if r.spans_years))
    return (
        Rule(within, lambda case, _: identities.within_report(case)),
        Rule(between, lambda case, _: identities.between_years(case)),
        Rule(("missing-section",), lambda case, _: form.missing_section(case)),
        Rule(("unexpected-form",), lambda case, _: form.unexpected_form(case)),
        Rule(("striking-change",), lambda case, thresholds: change.striking_change(case, thresholds.striking_change)),
    )


ABSENCE_RULES = ("missing", "overdue-unconfirmed", "published-unread")


def rule_names() -> list[str]:
    """Every rule's name, those of the forms first."""
    return [name for rule in report_rules() for name in rule.names] + list(ABSENCE_RULES)


def judge_case(case: Case, thresholds: Thresholds) -> list[Finding]:
    """All findings about one report."""
    if case.this.report.form is None:
        return []
    return [finding for rule in report_rules() for finding in rule.judge(case, thresholds)]
