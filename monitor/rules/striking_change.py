"""A striking change of a count between two years: a hint where to look, never an accusation."""

from collections.abc import Iterator
from math import sqrt

from db.records import Finding
from monitor.catalogue import sentence
from monitor.catalogue.figures import figure_words
from monitor.config import StrikingChange, Thresholds
from monitor.judging.case import Case, plainly_read
from monitor.judging.given import is_doubted
from monitor.judging.identity import comparable, scopes_differ
from monitor.judging.rule import Innocent, Needs, ReportRule


def is_striking(before: float, after: float, threshold: StrikingChange) -> bool:
    """Whether a count changed so much that chance and small numbers do not explain it.

    Counts of events scatter by about their square root; a change is striking if it is large in number, in ratio and
    against that scatter, so that 1 becoming 4 does not shout.
    """
    larger, smaller = max(before, after), min(before, after)
    if larger < threshold.min_count or larger < threshold.ratio * max(smaller, 1):
        return False
    return larger - smaller >= threshold.sigma * sqrt(larger + smaller)


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    """One notice for a report: what drives one count up drives the next. It is about the first of the watched figures
    that changed so; the others are named among its figures."""
    this, last = case.this, case.last
    if last is None or not comparable(case) or last.year != this.year - 1 or last.report.form != this.report.form:
        return
    striking = [name for name in this.form.watched if _changed(case, name, thresholds.striking_change)]
    if not striking or is_doubted(this.report) or is_doubted(last.report):
        return  # in doubt of its year, a report is compared with none
    main = striking[0]
    after, before = this.report.value(main), last.report.value(main)
    zh, en = figure_words(main, this.form)
    yield case.finding(
        rule,
        "changed",
        {"last_year": last.year, "figure_zh": zh, "figure_en": en, "observed": after, "expected": before},
        figure=main,
        figures=striking,
        observed=after,
        expected=before,
        places=case.places(striking, striking),
    )


def _changed(case: Case, name: str, threshold: StrikingChange) -> bool:
    if case.last is None or scopes_differ(case, name.partition(".")[0]):
        return False
    figures = [case.last.report.figures.get(name), case.this.report.figures.get(name)]
    values = [figure.value for figure in figures if figure is not None and figure.value is not None]
    return len(values) == 2 and plainly_read(figures) and is_striking(values[0], values[1], threshold)


RULE = ReportRule(
    name="striking-change",
    kind="change",
    basis="observation",
    severity="notice",
    certainty="certain",
    needs=Needs.YEARS,
    judge=_judge,
    sieve=True,
    innocent=(
        Innocent(
            "机构合并、分设，或由联合报告改为单独报告（以名录和报告所载为限）。",
            "The body was merged or split, or reported jointly in one of the years, as far as the register or the "
            "reports say so.",
            excluded=True,
        ),
        Innocent("两年报告载明的统计范围不同。", "The reports say that they cover different bodies.", excluded=True),
        Innocent("两年采用的格式不同，统计口径随之改变。", "The form changed, and what it counts.", excluded=True),
        Innocent("变化可能有正常的原因。", "A change may have ordinary reasons.", excluded=False),
    ),
    about="""A figure that the form lists as `watched` changed strikingly since last year, under the same form. One
notice a report. Three thresholds must all hold (`[thresholds.striking_change]` in `config.toml`): the larger figure
is at least `min_count`, at least `ratio` times the smaller one, and the change is at least `sigma` times the square
root of the sum of both.""",
    says={
        "changed": sentence(
            zh=(
                "{agency}政府信息公开工作年度报告“{figure_zh}”{last_year}年为{expected}，{year}年为{observed}，"
                "变化较大。"
                "变化可能有正常的原因，此处仅提示关注。"
            ),
            en=(
                '"{figure_en}" in the annual reports of {agency} on government information disclosure was '
                "{expected} for {last_year} and is {observed} "
                "for {year}, a striking change. There may be ordinary reasons; this is only a hint to look closer."
            ),
        ),
    },
)
