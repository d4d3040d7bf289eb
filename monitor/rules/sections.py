"""A section of the form of which the report prints neither heading nor figures."""

import re
from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.given import tables_read
from monitor.judging.prose import prose_was_read
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule
from parsers.form import SectionHeading
from parsers.labels import label_key
from parsers.report import Report

_NUMERALS = "〇一二三四五六七八九十"
_IN_ENGLISH = {
    1: "I, general",
    2: "II, disclosure on its own initiative",
    3: "III, applications",
    4: "IV, reconsideration and litigation",
    5: "V, main problems and improvement",
    6: "VI, other matters",
}
_LONGEST_START = 60  # characters of a line in which a heading may stand in front of its text
_LONGEST_HEADING = 30  # characters of a line that may be a heading in other words


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    report, form = case.this.report, case.this.form
    found = {section.number for section in report.sections}
    lacking = [section for section in form.section if section.number not in found]
    if not lacking or not prose_was_read(report):
        return
    with_figures = {form.tables[table].section for table in tables_read(report)}
    for section in lacking:
        if section.number in with_figures or _is_run_in(section, report) or _is_reworded(section.number, report):
            continue
        heading = f"{_NUMERALS[section.number]}、{section.heading}"
        yield case.finding(
            rule,
            "absent",
            {"section_zh": heading, "section_en": f"{_IN_ENGLISH[section.number]} ({heading})"},
            figure=f"section.{section.number}",
            expected=heading,
            places=[case.this.place()],
        )


def _is_run_in(section: SectionHeading, report: Report) -> bool:
    """Whether the words of a heading stand in another heading, or begin a line of prose: two sections under one
    heading, or a heading and its text in one line."""
    keys = [label_key(spelling) for spelling in (section.heading, *section.spellings)]
    if any(key in label_key(other.heading) for key in keys for other in report.sections):
        return True
    lines = (label_key(line[:_LONGEST_START]) for other in report.sections for line in other.text.splitlines())
    return any(line.startswith(key) for line in lines for key in keys)


def _is_reworded(number: int, report: Report) -> bool:
    """Whether a short line with the section's number stands where its heading is due: a heading in other words."""
    before = max((section.number for section in report.sections if section.number < number), default=None)
    text = report.preface if before is None else next(s.text for s in report.sections if s.number == before)
    numbered = re.compile(rf"{_NUMERALS[number]}\s*[、.．,，]\s*[^。；]{{2,{_LONGEST_HEADING}}}")
    return any(numbered.fullmatch(line.strip()) for line in text.splitlines())


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
            "标题与正文写在同一行，或两部分合写在一个标题之下。",
            "The heading stands in one line with its text, or two sections stand under one heading.",
            excluded=True,
        ),
        Innocent("标题用了别的说法。", "The heading stands there in other words.", excluded=True),
        Innocent(
            "标题缺失，而该部分的表格载于报告中。",
            "The heading is lost, and the section's table is there.",
            excluded=True,
        ),
        Innocent(
            "该部分以图片载于报告中，未能读取。",
            "The section stands in the report as a picture, and was not read.",
            excluded=False,
        ),
    ),
    about="""A section of the form of which neither heading nor figures were found. Never more than likely, since what
a reader did not find may stand in a picture; nothing is said where fewer than three headings were found, where a
doubt concerns the whole report, where the words of the heading stand in another heading or begin a line of prose, or
where a short line with the section's number stands in its place: 五、存在的不足和下一步打算.""",
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
