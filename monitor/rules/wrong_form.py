"""A report on a form that is not the one prescribed for its year."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.given import is_doubted
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule
from parsers.form import Form, load_forms
from parsers.report import NULL_STATES, Report

_SURELY = 3  # figures that only one form knows, from which it is that form


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    report, form, year = case.this.report, case.this.form, case.this.year
    if year in form.years:
        return
    prescribed = next((f for f in load_forms().values() if year in f.years), None)
    if prescribed is None or is_doubted(report) or not _is_surely(report, form, prescribed):
        return
    is_later = prescribed.years.first < form.years.first
    if is_later and _came_out_under(report, form):
        return
    yield case.finding(
        rule,
        "other",
        {"observed": form.name, "expected": prescribed.name, "prescribed_by": prescribed.prescribed_by},
        # No form is known before it is prescribed: such a report came out later, or was entered anew.
        severity="notice" if is_later else None,
        certainty="likely" if is_later else None,
        observed=form.name,
        expected=prescribed.name,
        places=[case.this.place()],
    )


def _is_surely(report: Report, form: Form, other: Form) -> bool:
    """Whether the report prints cells that only its form has: labels alone may fit two forms equally well."""
    own = form.figure_set - other.figure_set
    return sum(figure.state not in NULL_STATES for name, figure in report.figures.items() if name in own) >= _SURELY


def _came_out_under(report: Report, form: Form) -> bool:
    """Whether a report of an earlier year is dated when the later form was known: from the middle of the first year for
    which that is prescribed; by then the reports of the years before are due."""
    known = f"{form.years.first}-07"
    return any(day >= known for day in (report.signed_on, report.published_on) if day)


RULE = ReportRule(
    name="wrong-form",
    kind="form",
    basis="printed",
    severity="warning",
    certainty="certain",
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.INACCURATE,
    innocent=(
        Innocent(
            "往年报告在新格式印发以后才公布或重新录入。",
            "A report of an earlier year came out, or was entered anew, once the later form was in use.",
            excluded=True,
        ),
        Innocent("两种格式的表格文字相近，难以区分。", "The labels fit both forms equally well.", excluded=True),
        Innocent("报告年度读取有误。", "The year of the report was misread.", excluded=True),
    ),
    about="""The report follows another form than the one for its year: at least three cells that only that form has
are printed. An earlier year on a later form is a notice, and nothing is said where the report is dated when that form
was in use. Nothing is said where a doubt concerns the whole report.""",
    says={
        "other": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告采用{observed}年格式；"
                "该年度适用的是{expected}年格式（{prescribed_by}）。"
            ),
            en=(
                "The {year} annual report of {agency} follows the form of {observed}; the form for that year is that "
                "of {expected} ({prescribed_by})."
            ),
        ),
    },
)
