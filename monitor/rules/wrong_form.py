"""A report on a form that is not the one prescribed for its year."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.rule import Defect, Needs, ReportRule
from parsers.form import load_forms


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    form, year = case.this.form, case.this.year
    if year in form.years:
        return
    prescribed = next((f for f in load_forms().values() if year in f.years), None)
    if prescribed is not None:
        yield case.finding(
            rule,
            "other",
            {"observed": form.name, "expected": prescribed.name, "prescribed_by": prescribed.prescribed_by},
            observed=form.name,
            expected=prescribed.name,
            places=[case.this.place()],
        )


RULE = ReportRule(
    name="wrong-form",
    kind="form",
    basis="printed",
    severity="warning",
    certainty="certain",
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.INACCURATE,
    about="""The report follows another form than the one for its year.""",
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
