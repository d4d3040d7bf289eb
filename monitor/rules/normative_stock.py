"""In force = in force last year + issued - repealed, for regulations and normative documents."""

from monitor.catalogue import sentence
from monitor.judging.identity import INNOCENT_BETWEEN, between_alone
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule

RULE = ReportRule(
    name="normative-stock",
    kind="identity",
    basis="inference",
    severity="warning",
    certainty="certain",
    needs=Needs.YEARS,
    judge=between_alone,
    sieve=True,
    defect=Defect.INACCURATE,
    innocent=(
        *INNOCENT_BETWEEN,
        Innocent(
            "文件到期失效、集中清理或机构调整，未计入本年废止。",
            "Documents expired, or went with a clean-up or a reorganisation, without being counted as repealed.",
            excluded=False,
        ),
    ),
    about="""Rows `regulations` and `normative_documents` of form 2021: `in_force` = last year's `in_force` + `issued`
− `repealed`. Expiry, clean-ups and mergers break it innocently.""",
    says={
        "broken": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}；"
                "以{last_year}年年度报告的现行有效件数加本年制发、减本年废止推算为{expected}（{terms}）。"
                "文件到期失效、集中清理或机构调整也会造成差异，此处只说明两份报告的数字不能衔接。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}; the number in force in "
                "its {last_year} report plus those issued minus those repealed gives {expected} ({terms}). Expiry, "
                "clean-ups and reorganisations can also make a difference; this only says that the figures of the "
                "two reports do not connect."
            ),
        ),
    },
)
