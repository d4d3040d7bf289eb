"""The identities of the forms as findings, within a report and between two years."""

from collections.abc import Iterable, Iterator, Mapping

from db.records import Finding
from monitor.catalogue import load_catalogue, say
from monitor.catalogue.figures import figure_words
from monitor.rules.case import Case, plainly_read
from parsers.form import IdentityRule
from parsers.identities import BROKEN, HOLDS, Instance, Variants, Verdict, expand, judge, variants_of
from parsers.report import Figure, Number

CARRY_OVER = "carry-over"
NO_MEND = ("", "")
GENERAL = "identity"  # what is said for a form's identity that the catalogue does not know


def within_report(case: Case) -> Iterator[Finding]:
    """Findings for the identities of one report that are broken for certain."""
    report, form = case.this.report, case.this.form
    variants = variants_of(form, report.figures)
    verdicts = {i: judge(i, report.figures, None, variants) for i in expand(form) if not i.rule.spans_years}
    broken = [i for i, verdict in verdicts.items() if verdict.outcome == BROKEN]
    for instance in broken:
        table = [i for i in verdicts if i.rule.table == instance.rule.table]
        mend = _only_mend(case, [i for i in broken if i in table], table, variants)
        yield _finding(case, instance, verdicts[instance], _terms(case, instance, variants), mend)


def between_years(case: Case) -> Iterator[Finding]:
    """Findings for the identities between this report and the one of the year before."""
    if case.last is None or case.last.year != case.this.year - 1:
        return
    form = case.this.form
    verdicts: dict[str, list[tuple[Instance, Verdict]]] = {}
    for instance in expand(form):
        if instance.rule.spans_years and not _scopes_differ(case, instance.rule.table):
            verdict = judge(instance, case.this.report.figures, case.last.report.figures)
            verdicts.setdefault(instance.rule.name, []).append((instance, verdict))
    for name, judged in verdicts.items():
        broken = [(instance, verdict) for instance, verdict in judged if verdict.outcome == BROKEN]
        if name == CARRY_OVER and broken:
            yield _carry_over(case, judged, broken)
        elif name != CARRY_OVER:
            for instance, verdict in broken:
                yield _finding(case, instance, verdict, _terms(case, instance, Variants()), NO_MEND)


def _scopes_differ(case: Case, table: str) -> bool:
    """Whether both reports say whom their figures cover, and not the same."""
    last = case.last.report.scope if case.last else {}
    scopes = {case.this.report.scope.get(table), last.get(table)} - {None}
    return len(scopes) > 1


def _carry_over(case: Case, judged: list[tuple[Instance, Verdict]], broken: list[tuple[Instance, Verdict]]) -> Finding:
    """One finding for the whole row: about the total where it differs, else (a notice) about moved columns."""
    total = next(((i, v) for i, v in judged if i.key == "total"), None)
    if total and total[1].outcome == BROKEN:
        instance, verdict, key, severity = *total, CARRY_OVER, broken[0][0].rule.severity
    elif total and total[1].outcome == HOLDS:
        instance, verdict, key, severity = *broken[0], "carry-over-columns", "notice"
    else:
        instance, verdict, key, severity = *broken[0], CARRY_OVER, broken[0][0].rule.severity
    figures = [name for i, _ in ([(instance, verdict), *broken]) for name in i.left]
    last = [name for i, _ in ([(instance, verdict), *broken]) for name in i.right_last_year]
    return _finding(
        case,
        instance,
        verdict,
        "",
        NO_MEND,
        key=key,
        severity=severity,
        figures=_unique(figures),
        last_figures=_unique(last),
    )


def _finding(
    case: Case,
    instance: Instance,
    verdict: Verdict,
    terms: str,
    mend: tuple[str, str],
    *,
    key: str | None = None,
    severity: str | None = None,
    figures: list[str] | None = None,
    last_figures: list[str] | None = None,
) -> Finding:
    rule = instance.rule
    figures = figures or _unique([instance.subject, *instance.left, *instance.right])
    last_figures = last_figures or list(instance.right_last_year)
    own = [case.this.report.figures.get(name) for name in figures]
    last = [case.last.report.figures.get(name) for name in last_figures] if case.last else []
    certain = plainly_read([*own, *last]) and not _is_doubted(case, rule)
    zh, en = figure_words(instance.subject, case.this.form)
    mend_zh, mend_en = mend
    sentence = say(
        key or (rule.name if rule.name in load_catalogue() else GENERAL),
        agency=case.this.agency,
        year=case.this.year,
        last_year=case.this.year - 1,
        figure_zh=zh,
        figure_en=en,
        observed=_shown(verdict.observed),
        expected=_shown(verdict.expected),
        terms=terms,
        mend_zh=mend_zh,
        mend_en=mend_en,
    )
    return case.finding(
        rule.name,
        "identity",
        severity or rule.severity,
        "certain" if certain else "doubtful",
        rule.basis,
        sentence,
        figure=instance.subject,
        figures=_unique([*figures, *last_figures]),
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


def _terms(case: Case, instance: Instance, variants: Variants) -> str:
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
    shown = [v for v in plus if v or not many]
    shown += [0] * (2 - len(shown))  # a sum of one term would read as a slip: 14 + 0 = 14
    taken = [v for v in minus if v or len(minus) == 1]
    return (
        " + ".join(map(_shown, shown))
        + "".join(f" - {_shown(v)}" for v in taken)
        + f" = {_shown(sum(plus) - sum(minus))}"
    )


def _only_mend(case: Case, broken: list[Instance], table: list[Instance], variants: Variants) -> tuple[str, str]:
    """The sentence that names the one cell whose change would mend all broken identities of the table, if there is
    exactly one."""
    found = list(_mends(case, broken, table, variants))
    if len(found) != 1:
        return NO_MEND
    figure, observed, expected = found[0]
    zh, en = figure_words(figure, case.this.form)
    return say("mend", figure_zh=zh, figure_en=en, observed=_shown(observed), expected=_shown(expected))


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


def _shown(value: Number | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))
