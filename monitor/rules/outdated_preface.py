"""A preface that announces the contents of the report as it was before 2019."""

import re
from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.prose import prose_was_read
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule

_ANNOUNCES = re.compile(r"内容包括|包括|包含|组成|分为|构成|主要内容|涵盖")
# A part of the report under the Regulations of 2007, Article 32, which those of 2019 no longer name.
_OLD_PART = re.compile(r"收费(?:情况)?(?:以及|及|和|与)?其?减免(?:的?情况)?")


# What section six may be said to contain: 其他需要报告的事项（含收费及减免情况）.
_OTHER_MATTERS = re.compile(r"其他(?:需要)?(?:报告|说明)的事项\s*[（(][^）)]*[）)]")


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    report = case.this.report
    if not report.preface or not prose_was_read(report):
        return
    for announcement in re.split(r"[。；\n]", report.preface):
        part = _OLD_PART.search(_OTHER_MATTERS.sub("", announcement))
        if part and _ANNOUNCES.search(announcement[: part.start()] + announcement[part.end() :]):
            yield case.finding(rule, "announced", {"part": part[0]}, places=[case.this.place()])
            return


RULE = ReportRule(
    name="outdated-preface",
    kind="oddity",
    basis="observation",
    severity="notice",
    certainty="likely",
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.PERFUNCTORY,
    innocent=(
        Innocent(
            "第六部分依规定报告收取信息处理费的情况。",
            "Section six tells, as it must, which fees for processing were taken.",
            excluded=True,
        ),
        Innocent("报告另有该部分内容。", "The report has such a part besides.", excluded=False),
    ),
    about="""The preface lists among the report's contents a part that only the report before 2019 had (收费及减免情况:
Regulations of 2007, Article 32), while the tables follow a form of 2019 or later.""",
    says={
        "announced": sentence(
            zh=(
                "在所读取的{agency}{year}年政府信息公开工作年度报告文本中，前言所列的内容包括“{part}”，"
                "这是2019年修订以前的《中华人民共和国政府信息公开条例》第三十二条所列内容，不属于报告所采用的格式。"
            ),
            en=(
                'In the text that was read of the {year} annual report of {agency}, the preface lists "{part}" among '
                "its contents; that was a part of annual reports by Article 32 of the Regulations of 2007, and is "
                "none of the form that the report follows."
            ),
        ),
    },
)
