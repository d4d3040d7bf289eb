"""A section of the form of which the report prints neither heading nor figures."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule
from parsers.report import NULL_STATES

_NUMERALS = "〇一二三四五六七八九十"
_FEWEST_HEADINGS = 3  # where fewer are found, the prose was not in the file, and nothing can be said of it


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    report, form = case.this.report, case.this.form
    found = {section.number for section in report.sections}
    if len(found) < _FEWEST_HEADINGS or any(doubt.figure is None for doubt in report.doubts):
        return  # the prose was not in the file, or not all of it could be read
    with_figures = {
        form.tables[name.split(".")[0]].section
        for name, figure in report.figures.items()
        if figure.state not in NULL_STATES
    }
    for section in form.section:
        if section.number in found or section.number in with_figures:
            continue
        heading = f"{_NUMERALS[section.number]}、{section.heading}"
        yield case.finding(
            rule,
            "absent",
            {"section_zh": heading, "section_en": heading},
            figure=f"section.{section.number}",
            expected=heading,
            places=[case.this.place()],
        )


RULE = ReportRule(
    name="sections",
    kind="form",
    basis="printed",
    severity="warning",
    certainty="likely",  # never more: what a reader did not find may stand in a picture
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.INACCURATE,
    innocent=(
        Innocent(
            "该部分以图片载于报告中，未能读取。",
            "The section stands in the report as a picture, and was not read.",
            excluded=False,
        ),
    ),
    about="""A section of the form of which neither heading nor figures were found. Never more than likely, since what
a reader did not find may stand in a picture; nothing is said where fewer than three headings were found.""",
    says={
        "absent": sentence(
            zh=("在所读取的{agency}{year}年政府信息公开工作年度报告文本中，未见格式要求的“{section_zh}”部分。"),
            en=(
                'In the text that was read of the {year} annual report of {agency}, the section "{section_en}", '
                "which the form requires, was not found."
            ),
        ),
    },
)
