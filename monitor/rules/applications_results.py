"""Processed = the sum of the results, in each column of table three."""

from monitor.catalogue import sentence
from monitor.judging.identity import INNOCENT_RESULTS, within_report
from monitor.judging.rule import Defect, Needs, ReportRule

RULE = ReportRule(
    name="applications-results",
    kind="identity",
    basis="arithmetic",
    severity="error",
    certainty="certain",
    needs=Needs.REPORT,
    judge=within_report,
    sieve=True,
    defect=Defect.INACCURATE,
    innocent=INNOCENT_RESULTS,
    about="""In each column of `applications`: `processed` = sum of the rows from `granted` to `other…`.""",
    says={
        "broken": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}，"
                "而所列各项办理结果之和为{expected}（{terms}）。各数之间不相符，本身不说明哪一个数有误。{mend_zh}"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" '
                "is printed as {observed}, while the results listed add up to {expected} ({terms}). That the figures "
                "disagree does not by itself say which of them is wrong. {mend_en}"
            ),
            optional=["mend"],
        ),
    },
)
