"""Total = the sum of the six kinds of applicants, in each row of table three."""

from monitor.catalogue import sentence
from monitor.judging.identity import INNOCENT_WITHIN, within_report
from monitor.judging.rule import Defect, Needs, ReportRule

RULE = ReportRule(
    name="applications-applicants",
    kind="identity",
    basis="arithmetic",
    severity="error",
    certainty="certain",
    needs=Needs.REPORT,
    judge=within_report,
    sieve=True,
    defect=Defect.INACCURATE,
    innocent=INNOCENT_WITHIN,
    about="""In each row of `applications`: `total` = sum of the six kinds of applicants.""",
    says={
        "broken": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}，"
                "而同一行各类申请人之和为{expected}（{terms}）。各数之间不相符，本身不说明哪一个数有误。{mend_zh}"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" '
                "is printed as {observed}, while the kinds of applicants in the same row add up to {expected} "
                "({terms}). That the figures disagree does not by itself say which of them is wrong. {mend_en}"
            ),
            optional=["mend"],
        ),
    },
)
