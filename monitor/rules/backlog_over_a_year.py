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
    article=Article(
        "《中华人民共和国政府信息公开条例》（2019年修订）第三十三条",
        "Regulations on Open Government Information (2019), Article 33",
    ),
    innocent=(
        Innocent(
            "各数之间不相符，某一数有误。",
            "The figures of the row do not balance, and one of them is wrong.",
            excluded=True,
        ),
        Innocent(
            "征求第三方和其他机关意见所需时间不计算在答复期限内，申请经补正的自收到补正之日起算，期限还可以延长。",
            "Asking third parties stops the time, a correction makes it begin anew, and it can be extended.",
            excluded=False,
        ),
        Innocent(
            "所印的数字相互衔接，但仍有误填。", "The figures balance, and are wrong all the same.", excluded=False
        ),
    ),
    about="""`applications.carried_out.total` > `applications.new.total`, where the balance of the total column holds
and all four of its figures are given and plainly read. What is still open at the end of the year beyond those that
came in during it came in before it: at least the difference was open all year. Article 33 gives 20 working days and
at most 20 more, but time spent on asking third parties does not count, and a correction (Article 30) makes it begin
anew, so this is no breach by itself.""",
    says={
        "open": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}，多于“本年新收”{expected}。"
                "按所印数字，结转的申请中至少有{open}件是{year}年以前收到的，{year}年全年未办结。"
                "按《中华人民共和国政府信息公开条例》（2019年修订）第三十三条，答复期限为20个工作日，"
                "经批准可以延长，延长最长不超过20个工作日；"
                "征求第三方和其他机关意见所需时间不计算在内，需要补正的自收到补正的申请之日起计算（第三十条）。"
                "以上数字本身不说明是否超过答复期限。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}, more than the {expected} "
                "that came in during the year. By the printed figures at least {open} of those carried over had come "
                "in before {year} and were open all that year. Article 33 of the Regulations on Open Government "
                "Information (2019) gives 20 working days and, where it is extended, at most 20 more; time for asking "
                "third parties and other bodies does not count, and where a correction was asked for the time begins "
                "with it (Article 30). These figures alone do not say whether a time limit was exceeded."
            ),
        ),
    },
)
