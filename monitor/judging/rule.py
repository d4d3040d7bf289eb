"""What a rule is: a value that says what it claims, on what it rests, how sure it is, and what else may explain it.

A rule is one file of `monitor/rules/`. docs/rules.md is made from these values.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

from db.records import Finding
from monitor.catalogue import Entry, fill

if TYPE_CHECKING:
    from monitor.config import Thresholds
    from monitor.judging.case import Case
    from monitor.judging.season import Season

Kind = Literal["identity", "narrative", "text", "form", "time", "change", "oddity"]
Severity = Literal["error", "warning", "notice"]
Certainty = Literal["certain", "likely", "doubtful"]
# printed: it stands in the form; arithmetic: it is a sum; convention: how the form is meant to be filled in; inference:
# it follows unless something ordinary intervened; observation: what the site or the reports show; law: an article.
Basis = Literal["printed", "arithmetic", "convention", "inference", "observation", "law"]


class Needs(StrEnum):
    """What a rule judges."""

    REPORT = "report"  # a Case; of one report alone
    YEARS = "years"  # a Case; of two reports of one agency, for two years running
    SEASON = "season"  # a Season: what was seen of the report of one agency for one year, and when


class Defect(StrEnum):
    """What officials call it, in their own notices about reports that fell short."""

    LATE = "不按时发布"
    INACCURATE = "不准确不全面"
    ALIKE = "雷同"
    PERFUNCTORY = "敷衍塞责"


@dataclass(frozen=True, slots=True)
class Innocent:
    """An ordinary explanation of what a rule finds. excluded: the rule makes sure that it is not this; otherwise it
    cannot, and whoever publishes the finding should."""

    zh: str
    en: str
    excluded: bool


@dataclass(frozen=True, slots=True)
class Article:
    """What a letter about the finding would cite."""

    zh: str
    en: str


class Subject(Protocol):
    """What a finding is about."""

    @property
    def agency_id(self) -> str | None: ...
    @property
    def agency_name(self) -> str: ...
    @property
    def year(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Rule:
    """name: kebab-case; its file has the same with underscores. severity, certainty: the highest that it gives. says:
    its sentences by key, each a full sentence that may be published as it stands. about: what it needs and leaves out,
    in English, for docs/rules.md. defect, article: where there is one. told: False for what is shown and never sent.
    """

    name: str
    kind: Kind
    basis: Basis
    severity: Severity
    certainty: Certainty
    needs: Needs
    says: Mapping[str, Entry]
    about: str
    innocent: tuple[Innocent, ...] = ()
    defect: Defect | None = None
    article: Article | None = None
    told: bool = True

    def finding(
        self,
        subject: Subject,
        says: str,
        fields: Mapping[str, object],
        *,
        severity: Severity | None = None,
        certainty: Certainty | None = None,
        basis: str | None = None,
        figure: str | None = None,
        figures: Iterable[str] = (),
        observed: Any = None,
        expected: Any = None,
        places: Iterable[dict[str, Any]] = (),
        told: bool | None = None,
        confirmed: bool = True,
    ) -> Finding:
        """A finding of this rule. says: the key of its sentence; agency and year need not be among the fields.

        What is doubtful is never told. confirmed: False where it rests on a single fetch; then it is shown, and told
        once a second look has confirmed it.
        """
        certainty = certainty or self.certainty
        zh, en = fill(self.says[says], {"agency": subject.agency_name, "year": subject.year, **fields})
        return Finding(
            rule=self.name,
            kind=self.kind,
            severity=severity or self.severity,
            certainty=certainty,
            basis=basis or self.basis,
            agency_id=subject.agency_id,
            agency=subject.agency_name,
            year=subject.year,
            figure=figure,
            figures=list(dict.fromkeys(figures)),
            observed=observed,
            expected=expected,
            sentence_zh=zh,
            sentence_en=en,
            places=list(places),
            told=(self.told if told is None else told) and certainty != "doubtful" and confirmed,
            confirmed=confirmed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRule(_Rule):
    """A rule about a report, alone or against the year before. judge: pure. sieve: its condition is among those that
    db/questions/scan.py evaluates in SQL, so that only reports which it names have to be judged by it."""

    judge: "Callable[[ReportRule, Case, Thresholds], Iterable[Finding]]"
    sieve: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonRule(_Rule):
    """A rule about what was seen of a report, and when. judge: pure. rests_on_fetch: the claim rests on what a portal
    answered, so that a second look confirms it."""

    judge: "Callable[[SeasonRule, Season, Thresholds], Iterable[Finding]]"
    rests_on_fetch: bool = True


Rule = ReportRule | SeasonRule
