"""Another document, complete with its title and headings, in front of section one."""

import re
from collections.abc import Iterator, Sequence

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.prose import prose_was_read
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule
from parsers.form import Form
from parsers.sections import section_number

_TITLE = re.compile(r"^关于.{4,60}(?:通知|决定|意见|方案|批复|通报|函|办法|规定|请示|公告)$")
# A letter that sends the report, or a notice that asks for it, belongs to it.
_ABOUT_REPORT = re.compile(r"年度报告|年报|工作报告|信息公开(?:工作)?(?:年度)?情况")
_HEADING = re.compile(r"^([一二三四五六七八九十])、\s*\S{2,30}$")
_SHORTEST = 150  # characters; less is a line of a page's frame


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    report = case.this.report
    if not report.preface or not prose_was_read(report):
        return
    lines = [line.strip() for line in report.preface.splitlines()]
    for number, line in enumerate(lines):
        if _TITLE.match(line) and not _ABOUT_REPORT.search(line) and _is_document(lines[number + 1 :], case.this.form):
            yield case.finding(rule, "document", {"title": line}, places=[case.this.place()])
            return


def _is_document(lines: Sequence[str], form: Form) -> bool:
    """Whether what follows a title has headings 一、 and 二、 that are not the form's, and some text."""
    own = [match[1] for line in lines if (match := _HEADING.match(line)) and section_number(line, form) is None]
    return own[:2] == ["一", "二"] and sum(map(len, lines)) >= _SHORTEST


RULE = ReportRule(
    name="foreign-text",
    kind="oddity",
    basis="observation",
    severity="notice",
    certainty="likely",
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.PERFUNCTORY,
    innocent=(
        Innocent(
            "报送或者公布本报告的通知、函。", "A notice or letter that sends or publishes the report.", excluded=True
        ),
        Innocent("报告的目录。", "The table of contents of the report.", excluded=True),
        Innocent("作为附件有意载入。", "It was put there on purpose, as an annex.", excluded=False),
    ),
    about="""Between the title and section one stands a line 关于…的通知 (决定, 意见, 方案 …) that is not about the
annual report, and below it headings 一、 and 二、 that are not those of the form, with at least 150 characters.""",
    says={
        "document": sentence(
            zh=(
                "在所读取的{agency}{year}年政府信息公开工作年度报告文本中，第一部分之前载有另一份文件的标题“{title}”"
                "及其分条标题。"
            ),
            en=(
                "In the text that was read of the {year} annual report of {agency}, the title of another document "
                '("{title}") and headings of its own stand in front of section one.'
            ),
        ),
    },
)
