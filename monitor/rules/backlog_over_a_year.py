"""More applications are carried out of the year than came in during it, so that some were open all year."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.catalogue.figures import figure_words
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.given import is_doubted, plain_values
from monitor.judging.identity import shown
from monitor.judging.rule import Article, Innocent, Needs, ReportRule

_TERMS = [f"applications.{row}.total" for row in ("carried_out", "new", "carried_in", "processed")]


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    values = plain_values(case.this.report, _TERMS)
    if values is None:
        return
    carried_out, new, carried_in, processed = values
    if (
        carried_out <= new
        or new + carried_in != processed + carried_out
        or is_doubted(case.this.report, "applications")
    ):
        return
    zh, en = figure_words(_TERMS[0], case.this.form)
    yield case.finding(
        rule,
        "open",
        {
            "figure_zh": zh,
            "figure_en": en,
            "observed": shown(carried_out),
            "expected": shown(new),
            "last_year": case.this.year - 1,
            "open": shown(carried_out - new),
        },
        figure=_TERMS[0],
        figures=_TERMS,
        observed=carried_out,
        expected=f"<= {shown(new)}",
        places=case.places(_TERMS),
    )


RULE = ReportRule(
    name="backlog-over-a-year",
    kind="oddity",
    basis="arithmetic",
    severity="warning",
    certainty="certain",
    needs=Needs.REPORT,
    judge=_judge,
    article=Article("《政府信息公开条例》第三十三条", "Regulations on Open Government Information, Article 33"),
    innocent=(
        Innocent(
            "各数之间不相符，某一数有误。",
            "The figures of the row do not balance, and one of them is wrong.",
            excluded=True,
        ),
        Innocent(
            "征求第三方或者其他机关意见、申请人补正所需时间不计算在办理期限内，期限还可以延长。",
            "Asking third parties and waiting for corrections stops the time, and it can be extended.",
            excluded=False,
        ),
        Innocent(
            "所印的数字相互衔接，但仍有误填。", "The figures balance, and are wrong all the same.", excluded=False
        ),
    ),
    about="""`applications.carried_out.total` > `applications.new.total`, where the balance of the total column holds
and all four of its figures are given and plainly read. What is still open at the end of the year beyond those that
came in during it came in before it: at least the difference was open all year. Article 33 gives 20 working days and
at most 20 more, but time spent on asking third parties or on corrections does not count, so this is no breach by
itself.""",
    says={
        "open": sentence(
            zh=(
                "{agency}{year}年年度报告中，“{figure_zh}”印为{observed}，多于“本年新收”{expected}。"
                "按所印数字，结转的申请中至少有{open}件是{last_year}年年底以前收到的，即全年未办结。"
                "条例第三十三条规定的答复期限为20个工作日，可以延长20个工作日；征求意见、补正等时间不计算在内，"
                "此处本身不说明是否超过期限。"
            ),
            en=(
                'In the {year} report of {agency}, "{figure_en}" is printed as {observed}, more than the {expected} '
                "that came in during the year. By the printed figures at least {open} of those carried over had come "
                "in before the end of {last_year} and were open all year. Article 33 of the Regulations gives 20 "
                "working days and 20 more by extension; time for asking others and for corrections does not count, so "
                "that this alone does not say whether a time limit was exceeded."
            ),
        ),
    },
)
