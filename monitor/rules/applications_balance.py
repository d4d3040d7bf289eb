"""New + carried in = processed + carried out, in each column of table three."""

from monitor.catalogue import sentence
from monitor.judging.identity import INNOCENT_WITHIN, within_report
from monitor.judging.rule import Defect, Needs, ReportRule

RULE = ReportRule(
    name="applications-balance",
    kind="identity",
    basis="printed",
    severity="error",
    certainty="certain",
    needs=Needs.REPORT,
    judge=within_report,
    sieve=True,
    defect=Defect.INACCURATE,
    innocent=INNOCENT_WITHIN,
    about="""In each column of `applications`: `new` + `carried_in` = `processed` + `carried_out`. The form itself
prints it (勾稽关系).""",
    says={
        "broken": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}。"
                "按年度报告格式注明的勾稽关系（本年新收与上年结转之和，等于办理结果总计与结转下年度之和），"
                "由其余各数推算应为{expected}（{terms}）。各数之间不相符，本身不说明哪一个数有误。{mend_zh}"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" '
                "is printed as {observed}. By the relation that the official form prints (new plus carried in equals "
                "processed plus carried out), the other figures give {expected} ({terms}). That the figures disagree "
                "does not by itself say which of them is wrong. {mend_en}"
            ),
            optional=["mend"],
        ),
    },
)
