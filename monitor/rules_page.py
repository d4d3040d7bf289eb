"""docs/rules.md: every rule, from the values in monitor/rules/. Made with `nianbao rules --markdown`.

What holds for all of them stands in rules_page.md beside this file.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from monitor.catalogue import Entry
from monitor.judging.rule import Innocent, Kind, Rule

TEMPLATE = Path(__file__).with_suffix(".md")

_KINDS: dict[Kind, str] = {
    "identity": "Identities: figures that must agree",
    "change": "Change: figures that differ much from last year's",
    "narrative": "Prose against tables",
    "text": "Texts that are the same",
    "form": "Form: what is printed, and how",
    "oddity": "Oddities",
    "time": "Absence and time",
}
_TOLD = {True: "yes", False: "shown only"}


def page(rules: Iterable[Rule]) -> str:
    """The page, of these rules in their order."""
    every = list(rules)
    template = TEMPLATE.read_text("utf-8")
    filled = template.replace("{table}", "\n".join(_table(every))).replace("{rules}", "\n".join(_sections(every)))
    return filled.rstrip("\n") + "\n"


def section(rule: Rule) -> str:
    """What the page says of one rule."""
    return "\n".join(_rule(rule)).strip("\n") + "\n"


def _table(rules: list[Rule]) -> Iterator[str]:
    yield "| rule | kind | severity | certainty | basis | told | defect |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for rule in rules:
        cells = (rule.kind, rule.severity, rule.certainty, rule.basis, _TOLD[rule.told], rule.defect or "–")
        yield f"| `{rule.name}` | {' | '.join(cells)} |"


def _sections(rules: list[Rule]) -> Iterator[str]:
    kinds = list(_KINDS)
    in_order = sorted(rules, key=lambda rule: kinds.index(rule.kind))
    for kind, of_kind in groupby(in_order, key=lambda rule: rule.kind):
        yield f"\n## {_KINDS[kind]}"
        for rule in of_kind:
            yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"\n### `{rule.name}`\n"
    yield f"{rule.kind}, {rule.severity}, {rule.certainty}; basis: {rule.basis}; told: {_TOLD[rule.told]}.\n"
    yield rule.about
    if rule.defect is not None:
        yield f"\nDefect: {rule.defect}."
    if rule.article is not None:
        yield f"\nA letter would cite: {rule.article.zh}, {rule.article.en}."
    for key, entry in rule.says.items():
        yield "\nIt says:\n" if len(rule.says) == 1 else f"\nIt says, `{key}`:\n"
        yield _sentence(entry)
    for excluded, heading in ((True, "Ordinary explanations, excluded"), (False, "Not excluded")):
        if some := [innocent for innocent in rule.innocent if innocent.excluded is excluded]:
            yield f"\n{heading}:\n"
            yield from (_innocent(one) for one in some)


def _sentence(entry: Entry) -> str:
    return f"> {_plain(entry.zh)}\n>\n> {_plain(entry.en)}"


def _innocent(innocent: Innocent) -> str:
    return f"- {innocent.en} {innocent.zh}"


def _plain(text: str) -> str:
    """Text that stays as it is in Markdown, on one line."""
    for mark in ("\\", "*", "<", "`", "["):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.splitlines())
