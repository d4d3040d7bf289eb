"""A striking change of a count between two years: a hint where to look, never an accusation."""

from collections.abc import Iterator
from math import sqrt

from db.records import Finding
from monitor.catalogue import say
from monitor.catalogue.figures import figure_words
from monitor.config import StrikingChange
from monitor.rules.case import Case, plainly_read


def is_striking(before: float, after: float, threshold: StrikingChange) -> bool:
    """Whether a count changed so much that chance and small numbers do not explain it.

    Counts of events scatter by about their square root; a change is striking if it is large in number, in ratio and
    against that scatter, so that 1 becoming 4 does not shout.
    """
    larger, smaller = max(before, after), min(before, after)
    if larger < threshold.min_count or larger < threshold.ratio * max(smaller, 1):
        return False
    return larger - smaller >= threshold.sigma * sqrt(larger + smaller)


def striking_change(case: Case, threshold: StrikingChange) -> Iterator[Finding]:
    """A notice where watched figures changed strikingly since the year before, under the same form.

    One notice for a report: what drives one count up drives the next. It is about the first of the watched figures
    that changed so; the others are named among its figures.
    """
    this, last = case.this, case.last
    if last is None or last.year != this.year - 1 or last.report.form != this.report.form:
        return
    striking = [name for name in this.form.watched if _changed(case, name, threshold)]
    if not striking:
        return
    main = striking[0]
    after, before = this.report.value(main), last.report.value(main)
    zh, en = figure_words(main, this.form)
    sentence = say(
        "striking-change",
        agency=this.agency,
        year=this.year,
        last_year=last.year,
        figure_zh=zh,
        figure_en=en,
        observed=after,
        expected=before,
    )
    places = case.places(striking, striking)
    yield case.finding(
        "striking-change",
        "change",
        "notice",
        "certain",
        "observation",
        sentence,
        figure=main,
        figures=striking,
        observed=after,
        expected=before,
        places=places,
    )


def _changed(case: Case, name: str, threshold: StrikingChange) -> bool:
    if case.last is None:
        return False
    figures = [case.last.report.figures.get(name), case.this.report.figures.get(name)]
    values = [figure.value for figure in figures if figure is not None and figure.value is not None]
    return len(values) == 2 and plainly_read(figures) and is_striking(values[0], values[1], threshold)
