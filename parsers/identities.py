"""The identities of a form, evaluated on the figures of reports.

An identity says that two sums are equal. With blanks in it, it is broken for certain only where no non-negative
filling of the blanks could make it hold; where it holds with blanks as zero, it holds; otherwise it cannot be told.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from parsers.form import Form, IdentityRule, Table, load_forms
from parsers.report import NOT_IN_FORM, ROW_ABSENT, Figure, Number, Report

HOLDS = "holds"
BROKEN = "broken"
UNKNOWN = "unknown"


class Instance(NamedTuple):
    """One equation: sum of left = sum of right + sum of right_last_year, each a tuple of figure names.

    key: the row or column that it is for. subject: the figure of `left` that a finding is about.
    """

    rule: IdentityRule
    key: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    right_last_year: tuple[str, ...]
    subject: str

    @property
    def figures(self) -> tuple[str, ...]:
        """All figures of the equation, the subject first."""
        others = (name for name in (*self.left, *self.right, *self.right_last_year) if name != self.subject)
        return (self.subject, *others)


class Verdict(NamedTuple):
    """outcome: holds, broken or unknown (cannot be told). observed, expected: the subject as printed and as the other
    terms make it, blanks counted as zero; None where the subject is not given."""

    outcome: str
    observed: Number | None
    expected: Number | None


@lru_cache(maxsize=16)
def expand(form: Form) -> tuple[Instance, ...]:
    """All equations of a form, one for each row or column that a rule is for."""
    return tuple(_expand(form))


def _expand(form: Form) -> Iterable[Instance]:
    for rule in form.identity:
        table = form.tables[rule.table]
        cells = set(table.cells())
        by_column = rule.for_each == "column"
        for key in rule.only or (table.columns if by_column else table.rows):
            pairs = [
                [(term, key) if by_column else (key, term) for term in terms]
                for terms in (rule.left, rule.right, rule.right_last_year)
            ]
            left, right, last = (tuple(f"{rule.table}.{r}.{c}" for r, c in side if (r, c) in cells) for side in pairs)
            row, column = (rule.subject, key) if by_column else (key, rule.subject)
            yield Instance(rule, key, left, right, last, f"{rule.table}.{row}.{column}")


class Variants(NamedTuple):
    """Rows (as `table.row`) of which a report prints one set or another.

    dropped: not printed, while another set is: no terms. ambiguous: more than one set is printed, so that nobody can
    tell which of them a sum is meant to count.
    """

    dropped: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()


NO_VARIANTS = Variants()


def variants_of(form: Form, figures: Mapping[str, Figure]) -> Variants:
    """Which of the form's variant rows the report prints. Where it prints none of them, all stay terms, not given."""
    printed = {
        f"{t.name}.{row}"
        for t in form.table
        for group in t.variants
        for row in group
        if _is_printed_row(t, row, figures)
    }
    return variants_printed(form, printed)


def variants_printed(form: Form, printed: Collection[str]) -> Variants:
    """The same from the rows (as `table.row`) that are known to be printed."""
    dropped: set[str] = set()
    ambiguous: set[str] = set()
    for table in form.table:
        groups = [[f"{table.name}.{row}" for row in group] for group in table.variants]
        shown = [group for group in groups if any(row in printed for row in group)]
        if len(shown) > 1:
            ambiguous.update(row for group in groups for row in group)
        elif shown:
            dropped.update(row for group in groups for row in group if row not in shown[0])
    return Variants(frozenset(dropped), frozenset(ambiguous))


def _is_printed_row(table: Table, row: str, figures: Mapping[str, Figure]) -> bool:
    return any(_is_printed(figures.get(f"{table.name}.{row}.{column}")) for column in table.columns_of(row))


def _is_printed(figure: Figure | None) -> bool:
    return figure is not None and figure.state not in (ROW_ABSENT, NOT_IN_FORM)


def judge(
    instance: Instance,
    figures: Mapping[str, Figure],
    last_year: Mapping[str, Figure] | None = None,
    variants: Variants = NO_VARIANTS,
) -> Verdict:
    """Evaluate one equation.

    figures: those of the report; last_year: those of the report of the year before, needed by equations between two
    years. variants: see variants_of.
    """
    if variants.ambiguous and any(_row(name) in variants.ambiguous for name in (*instance.left, *instance.right)):
        return Verdict(UNKNOWN, None, None)
    known_left, unknown_left = _sum(instance.left, figures, variants.dropped)
    known_right, unknown_right = _sum(instance.right, figures, variants.dropped)
    if instance.right_last_year:
        if last_year is None or any(name not in last_year for name in instance.right_last_year):
            return Verdict(UNKNOWN, None, None)
        known, unknown = _sum(instance.right_last_year, last_year, frozenset())
        known_right += known
        unknown_right += unknown
    # Amounts are decimal numbers, kept as binary fractions; round leaves counts as they are.
    gap = round(known_left - known_right, 6)
    subject = figures.get(instance.subject)
    observed = subject.value if subject else None
    expected = None if observed is None else observed - gap
    if gap == 0:
        outcome = HOLDS
    elif (gap > 0 and unknown_right) or (gap < 0 and unknown_left):
        outcome = UNKNOWN
    else:
        outcome = BROKEN
    return Verdict(outcome, observed, expected)


def _sum(names: tuple[str, ...], figures: Mapping[str, Figure], dropped: frozenset[str]) -> tuple[Number, int]:
    """(sum of what is given, how many terms are not given)"""
    known: Number = 0
    unknown = 0
    for name in names:
        figure = figures.get(name)
        if figure is not None and figure.value is not None:
            known += figure.value
        elif not dropped or _row(name) not in dropped:
            unknown += 1
    return known, unknown


def _row(figure: str) -> str:
    return figure.rpartition(".")[0]


def broken_in(report: Report, form: Form | None = None) -> list[tuple[Instance, Verdict]]:
    """The equations within one report that are broken for certain."""
    if report.form is None:
        return []
    form = form or load_forms()[report.form]
    variants = variants_of(form, report.figures)
    verdicts = (
        (instance, judge(instance, report.figures, None, variants))
        for instance in expand(form)
        if not instance.rule.spans_years
    )
    return [(instance, verdict) for instance, verdict in verdicts if verdict.outcome == BROKEN]
