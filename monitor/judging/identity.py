"""What the rules about the identities of the forms have in common: within a report, and between two years.

The identities are declared in the form's TOML, each under the name of its rule.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from db.records import Finding
from monitor.catalogue import load_catalogue, say
from monitor.catalogue.figures import figure_words
from monitor.judging.case import Case, plainly_read
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule, Severity
from parsers.form import Form, IdentityRule
from parsers.identities import BROKEN, NO_VARIANTS, Instance, Variants, Verdict, expand, judge
from parsers.report import Figure, Number

if TYPE_CHECKING:
    from monitor.config import Thresholds

NO_MEND = ("", "")

INNOCENT_WITHIN = (
    Innocent(
        "读取时行列错位，或表格有本格式以外的行列。",
        "A row or column slipped when the table was read, or it has rows or columns that the form does not know.",
        excluded=True,
    ),
    Innocent("以空白或横线表示零。", "Zeros were left blank, or written as a dash.", excluded=True),
)
INNOCENT_RESULTS = (
    *INNOCENT_WITHIN,
    Innocent("其他处理印为一行或三行。", "Other results are printed as one row, or as three.", excluded=True),
)
INNOCENT_BETWEEN = (
    Innocent(
        "机构合并、分设、新设或其中一年为联合报告（以名录和报告所载为限）。",
        "The body was merged, split or founded, or reported jointly in one of the years, as far as the register or the "
        "reports say so.",
        excluded=True,
    ),
    Innocent(
        "两年统计范围不同，且报告未注明。",
        "The two reports cover different bodies, and do not say so.",
        excluded=False,
    ),
    Innocent("上一年度报告的数字已在别处更正。", "Last year's figures were corrected elsewhere.", excluded=False),
)


@lru_cache(maxsize=64)
def _instances(form: Form, name: str) -> tuple[Instance, ...]:
    return tuple(instance for instance in expand(form) if instance.rule.name == name)


@lru_cache(maxsize=16)
def _of_table(form: Form, table: str) -> tuple[Instance, ...]:
    return tuple(i for i in expand(form) if i.rule.table == table and not i.rule.spans_years)


def within_report(rule: ReportRule, case: Case, thresholds: "Thresholds") -> Iterator[Finding]:
    """Findings for the identities of one report, declared under the rule's name, that are broken for certain."""
    report, form = case.this.report, case.this.form
    for instance in _instances(form, rule.name):
        verdict = judge(instance, report.figures, None, case.variants)
        if verdict.outcome == BROKEN:
            table = _of_table(form, instance.rule.table)
            broken = [i for i in table if judge(i, report.figures, None, case.variants).outcome == BROKEN]
            mend = _only_mend(case, broken, list(table), case.variants)
            yield finding_of(rule, case, instance, verdict, terms_of(case, instance, case.variants), mend)


def between_years(case: Case, name: str) -> list[tuple[Instance, Verdict]]:
    """The identities declared under a name, judged between this report and the one of the year before; none where the
    two are not of one body, or do not say that they cover the same."""
    if case.last is None or case.last.year != case.this.year - 1 or not comparable(case):
        return []
    return [
        (instance, judge(instance, case.this.report.figures, case.last.report.figures))
        for instance in _instances(case.this.form, name)
        if not scopes_differ(case, instance.rule.table)
    ]


def between_alone(rule: ReportRule, case: Case, thresholds: "Thresholds") -> Iterator[Finding]:
    """A finding for each identity between two years, declared under the rule's name, that is broken for certain."""
    for instance, verdict in between_years(case, rule.name):
        if verdict.outcome == BROKEN:
            yield finding_of(rule, case, instance, verdict, terms_of(case, instance, NO_VARIANTS), NO_MEND)


def general_rule(identity: IdentityRule) -> ReportRule:
    """The rule of an identity that a form declares and that has no file of its own."""
    return ReportRule(
        name=identity.name,
        kind="identity",
        basis=identity.basis,
        severity=identity.severity,
        certainty="certain",
        needs=Needs.YEARS if identity.spans_years else Needs.REPORT,
        judge=between_alone if identity.spans_years else within_report,
        sieve=True,
        defect=Defect.INACCURATE,
        innocent=INNOCENT_BETWEEN if identity.spans_years else INNOCENT_WITHIN,
        about=f"In `{identity.table}`: {' + '.join(identity.left)} = {' + '.join(identity.right)}.",
        says={"broken": load_catalogue()["identity"]},
    )


def comparable(case: Case) -> bool:
    """Whether both reports are of the same bodies: not of a body that was reformed between, nor one of them joint."""
    return case.last is not None and case.same_body and case.this.bodies == case.last.bodies


def scopes_differ(case: Case, table: str) -> bool:
    """Whether both reports say whom their figures cover, and not the same."""
    last = case.last.report.scope if case.last else {}
    scopes = {case.this.report.scope.get(table), last.get(table)} - {None}
    return len(scopes) > 1


def finding_of(
    rule: ReportRule,
    case: Case,
    instance: Instance,
    verdict: Verdict,
    terms: str,
    mend: tuple[str, str],
    *,
    says: str = "broken",
    severity: Severity | None = None,
    figures: list[str] | None = None,
    last_figures: list[str] | None = None,
) -> Finding:
    """The finding about one broken equation: with its cells, last year's among them, and what is expected.

    terms: the sum in words. mend: the sentence about the one cell that would mend all. Where a term was not plainly
    read, or a doubt of ours concerns the table, it is doubtful.
    """
    figures = figures or unique([instance.subject, *instance.left, *instance.right])
    last_figures = last_figures or list(instance.right_last_year)
    own = [case.this.report.figures.get(name) for name in figures]
    last = [case.last.report.figures.get(name) for name in last_figures] if case.last else []
    certain = plainly_read([*own, *last]) and not _is_doubted(case, instance.rule)
    zh, en = figure_words(instance.subject, case.this.form)
    mend_zh, mend_en = mend
    return case.finding(
        rule,
        says,
        {
            "last_year": case.this.year - 1,
            "figure_zh": zh,
            "figure_en": en,
            "observed": shown(verdict.observed),
            "expected": shown(verdict.expected),
            "terms": terms,
            "mend_zh": mend_zh,
            "mend_en": mend_en,
        },
        severity=severity,
        certainty="certain" if certain else "doubtful",
        basis=instance.rule.basis,
        figure=instance.subject,
        figures=[*figures, *last_figures],
        observed=verdict.observed,
        expected=verdict.expected,
        places=case.places(figures, last_figures),
        told=certain,
    )


def _is_doubted(case: Case, rule: IdentityRule) -> bool:
    """Whether a doubt about a whole table is open: rows or columns that the form does not know may be in its sums. For
    two years, also whether one about a whole report is: it may be of another year."""
    doubts = list(case.this.report.doubts)
    if rule.spans_years and case.last is not None:
        doubts += case.last.report.doubts
    return any(d.figure == rule.table or (d.figure is None and rule.spans_years) for d in doubts)


def terms_of(case: Case, instance: Instance, variants: Variants) -> str:
    """The sum that gives the expected value, with the terms that are not zero: 21 + 0 - 3 = 18."""
    known = case.this.report
    plus: list[Number] = []
    minus: list[Number] = []
    for name in (*instance.right, *instance.left):
        if name == instance.subject or name.rpartition(".")[0] in variants.dropped:
            continue
        value = known.value(name)
        if value is not None:
            (plus if name in instance.right else minus).append(value)
    if case.last:
        plus = [
            value for name in instance.right_last_year if (value := case.last.report.value(name)) is not None
        ] + plus
    many = len(plus) > 6
    listed = [v for v in plus if v or not many]
    listed += [0] * (2 - len(listed))  # a sum of one term would read as a slip: 14 + 0 = 14
    taken = [v for v in minus if v or len(minus) == 1]
    return (
        " + ".join(map(shown, listed))
        + "".join(f" - {shown(v)}" for v in taken)
        + f" = {shown(sum(plus) - sum(minus))}"
    )


def _only_mend(case: Case, broken: list[Instance], table: list[Instance], variants: Variants) -> tuple[str, str]:
    """The sentence that names the one cell whose change would mend all broken identities of the table, if there is
    exactly one."""
    found = list(_mends(case, broken, table, variants))
    if len(found) != 1:
        return NO_MEND
    figure, observed, expected = found[0]
    zh, en = figure_words(figure, case.this.form)
    return say("mend", figure_zh=zh, figure_en=en, observed=shown(observed), expected=shown(expected))


def _mends(
    case: Case, broken: list[Instance], table: list[Instance], variants: Variants
) -> Iterator[tuple[str, Number, Number]]:
    figures = case.this.report.figures
    shared = set.intersection(*(set(i.left) | set(i.right) for i in broken))
    for name in sorted(shared):
        figure = figures.get(name)
        if figure is None or figure.value is None:
            continue
        first = broken[0]
        gap = _gap(first, figures, variants)
        changed = figure.value - gap if name in first.left else figure.value + gap
        if changed < 0:
            continue
        mended = {**figures, name: figure._replace(value=changed)}
        if all(judge(i, mended, None, variants).outcome != BROKEN for i in table if name in i.left or name in i.right):
            yield name, figure.value, changed


def _gap(instance: Instance, figures: Mapping[str, Figure], variants: Variants) -> Number:
    def total(names: Iterable[str]) -> Number:
        terms = (figures.get(n) for n in names if n.rpartition(".")[0] not in variants.dropped)
        return sum(figure.value for figure in terms if figure is not None and figure.value is not None)

    return total(instance.left) - total(instance.right)


def shown(value: Number | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))
