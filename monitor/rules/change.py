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
    """A notice for each watched figure that changed strikingly since the year before, under the same form."""
    this, last = case.this, case.last
    if last is None or last.year != this.year - 1 or last.report.form != this.report.form:
        return
    for name in this.form.watched:
        figures = [this.report.figures.get(name), last.report.figures.get(name)]
        if any(figure is None or figure.value is None for figure in figures) or not plainly_read(figures):
            continue
        after, before = this.report.value(name), last.report.value(name)
        if after is None or before is None or not is_striking(before, after, threshold):
            continue
        zh, en = figure_words(name, this.form)
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
        places = case.places([name], [name])
        yield case.finding(
            "striking-change",
            "change",
            "notice",
            "certain",
            "observation",
            sentence,
            figure=name,
            figures=[name],
            observed=after,
            expected=before,
            places=places,
        )
