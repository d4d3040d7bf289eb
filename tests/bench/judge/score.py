"""What was told, held against the truth: for each rule how much of it is true, and how much was found."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from db.records import Finding
from tests.bench.judge.play import Played
from tests.bench.judge.truth import Key, Truth, key_of

IDENTITIES = ("applications-balance", "applications-results", "applications-applicants", "challenges-total")
PRECISE = (*IDENTITIES, "missing", "late", "withdrawn")
"""Rules of which every finding that is told as certain must be true."""
COMPLETE = (*IDENTITIES, "carry-over", "normative-stock", "stock-impossible", "missing", "late", "withdrawn", "revised")
"""Rules that must find nearly all there is to be found."""
RECALL, PRECISION = 0.98, 0.995


@dataclass(slots=True)
class False_:
    """A finding that was told and is not in the book."""

    finding: Finding
    circumstances: str


@dataclass(slots=True)
class RuleScore:
    """severity: the highest as it was told, or shown; severities: of all that was told. expected: what is in the book.
    told, certain, shown: findings that were told, told as certain, and only shown. true, false: of those told. missed:
    expected, and neither told nor shown; lacking: expected, and not told; weaker: what was only shown of those."""

    rule: str
    severity: str = ""
    expected: int = 0
    told: int = 0
    certain: int = 0
    shown: int = 0
    true: int = 0
    false: list[False_] = field(default_factory=list)
    missed: list[Key] = field(default_factory=list)
    lacking: list[Key] = field(default_factory=list)
    weaker: dict[Key, Finding] = field(default_factory=dict)
    false_certain: int = 0
    severities: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float | None:
        """The share of what was told that is true; None where nothing was told."""
        return self.true / self.told if self.told else None

    @property
    def recall(self) -> float | None:
        """The share of what is expected that was found: told for the rules of which that is asked (COMPLETE), told or
        shown for all others; None where nothing is expected."""
        short = self.lacking if self.rule in COMPLETE else self.missed
        return 1 - len(short) / self.expected if self.expected else None


@dataclass(slots=True)
class Score:
    """All rules, those about figures first as they come in the book."""

    rules: dict[str, RuleScore]

    def told(self, *severities: str) -> tuple[int, int]:
        """(told, false) of these severities, over all rules."""
        rules = self.rules.values()
        false = sum(one.finding.severity in severities for rule in rules for one in rule.false)
        return sum(rule.severities[severity] for rule in rules for severity in severities), false

    def precision(self, *severities: str) -> float:
        told, false = self.told(*severities)
        return 1 - false / told if told else 1.0

    def shortfalls(self) -> list[str]:
        """Which goals are not met, each in a sentence."""
        said = []
        for name in PRECISE:
            rule = self.rules.get(name)
            if rule is not None and rule.false_certain:
                said.append(f"{name}: {rule.false_certain} findings told as certain are not true")
        if (reached := self.precision("error")) < PRECISION:
            said.append(f"precision over all errors is {reached:.4f}, wanted {PRECISION}")
        for name in COMPLETE:
            rule = self.rules.get(name)
            if rule is not None and rule.recall is not None and rule.recall < RECALL:
                said.append(f"{name}: recall is {rule.recall:.4f}, wanted {RECALL}")
        return said


def score(truth: Truth, played: Played) -> Score:
    """Hold what was told against the book."""
    told = _by_rule(finding for finding, _ in played.told.values())
    shown = _by_rule(finding for finding, _ in played.shown.values())
    expected: dict[str, set[Key]] = defaultdict(set)
    for key in truth.errors:
        expected[key[0]].add(key)
    rules = {}
    for name in [*expected, *sorted((told.keys() | shown.keys()) - expected.keys())]:
        rules[name] = _score(name, expected[name], told.get(name, []), shown.get(name, []), truth)
    return Score(rules)


def _score(name: str, expected: set[Key], told: list[Finding], shown: list[Finding], truth: Truth) -> RuleScore:
    found = RuleScore(name, expected=len(expected), told=len(told), shown=len(shown))
    found.severity = max((finding.severity for finding in (told or shown)), key=_rank, default="")
    told_keys = {_key(finding, truth) for finding in told}
    for finding in told:
        certain = finding.certainty == "certain"
        found.certain += certain
        found.severities[finding.severity] += 1
        if _key(finding, truth) in expected or _key(finding, truth) in truth.allowed:
            found.true += 1
        else:
            circumstances = truth.circumstances(_key(finding, truth)[1], finding.year)
            found.false.append(False_(finding, circumstances))
            found.false_certain += certain
    found.missed = sorted(expected - told_keys - {_key(finding, truth) for finding in shown}, key=str)
    found.lacking = sorted(expected - told_keys, key=str)
    said = {_key(finding, truth): finding for finding in shown}
    found.weaker = {key: said[key] for key in found.lacking if key in said}
    return found


def _rank(severity: str) -> int:
    return ("", "notice", "warning", "error").index(severity)


def _key(finding: Finding, truth: Truth) -> Key:
    agency = finding.agency_id or ""
    return key_of(_name(finding), truth.same.get(agency, agency), finding.year, finding.figure)


def _name(finding: Finding) -> str:
    """The rule; where only columns moved, that kind of it."""
    return "carry-over (notice)" if (finding.rule, finding.severity) == ("carry-over", "notice") else finding.rule


def _by_rule(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[_name(finding)].append(finding)
    return found
