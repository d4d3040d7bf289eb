"""Every rule, one file each. A new file here is a new rule: it defines RULE, a value of monitor.judging.rule."""

import importlib
import pkgutil
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.judging.identity import general_rule
from monitor.judging.rule import ReportRule, Rule, SeasonRule
from parsers.form import load_forms

if TYPE_CHECKING:
    from db.records import Finding
    from monitor.config import Thresholds
    from monitor.judging.case import Case
    from monitor.judging.season import Season


RULES_VERSION = "1"
"""To be raised where a rule finds something else about the same report, or says it otherwise, and neither its sentences
nor the thresholds or forms show that, or where other words in a list are an agency's name (monitor/judging/mentions.py,
monitor/page_text.py): every report is then judged again (monitor/judging/archive.py), every list searched again."""


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """All rules by name: those that the forms declare in their order, then the others about reports, then those about
    time; both by name. TypeError for a file that defines no rule, or one under another name than its own."""
    found: list[Rule] = [_rule_of(module.name) for module in pkgutil.iter_modules(__path__)]
    identities = {identity.name: identity for form in load_forms().values() for identity in form.identity}
    declared = list(identities)
    # An identity of a form for which nobody has written a file yet is judged all the same.
    found += [general_rule(identities[name]) for name in identities.keys() - {rule.name for rule in found}]

    def order(rule: Rule) -> tuple[bool, int, str]:
        first = declared.index(rule.name) if rule.name in declared else len(declared)
        return isinstance(rule, SeasonRule), first, rule.name

    return {rule.name: rule for rule in sorted(found, key=order)}


def _rule_of(module: str) -> Rule:
    rule = getattr(importlib.import_module(f"{__name__}.{module}"), "RULE", None)
    if not isinstance(rule, (ReportRule, SeasonRule)) or rule.name != module.replace("_", "-"):
        raise TypeError(f"monitor/rules/{module}.py: must define RULE, a rule named {module.replace('_', '-')!r}")
    return rule


@lru_cache(maxsize=1)
def report_rules() -> tuple[ReportRule, ...]:
    """The rules that judge a report, alone or against the year before, in the order in which they are told."""
    return tuple(rule for rule in rules().values() if isinstance(rule, ReportRule))


@lru_cache(maxsize=1)
def season_rules() -> tuple[SeasonRule, ...]:
    """The rules about absence and time."""
    return tuple(rule for rule in rules().values() if isinstance(rule, SeasonRule))


def rule_names() -> list[str]:
    """Every rule's name, those of the forms first."""
    return list(rules())


def judge_case(case: "Case", thresholds: "Thresholds", only: Collection[str] | None = None) -> "list[Finding]":
    """All findings about one report; only: by the rules of these names."""
    if case.this.report.form is None:
        return []
    wanted = (rule for rule in report_rules() if only is None or rule.name in only)
    return [finding for rule in wanted for finding in rule.judge(rule, case, thresholds)]


def judge_season(season: "Season", thresholds: "Thresholds", only: Collection[str] | None = None) -> "list[Finding]":
    """All findings about what was seen of one agency's report for one year."""
    wanted = (rule for rule in season_rules() if only is None or rule.name in only)
    return [finding for rule in wanted for finding in rule.judge(rule, season, thresholds)]
