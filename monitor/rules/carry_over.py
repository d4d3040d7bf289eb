"""What is carried in this year = what was carried out last year, in each column of table three."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.identity import INNOCENT_BETWEEN, NO_MEND, between_years, finding_of, unique
from monitor.judging.rule import Defect, Needs, ReportRule, Severity
from parsers.identities import BROKEN, HOLDS


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the whole row: about the total where it differs, else (a notice) about moved columns."""
    judged = between_years(case, rule.name)
    broken = [(instance, verdict) for instance, verdict in judged if verdict.outcome == BROKEN]
    if not broken:
        return
    total = next(((i, v) for i, v in judged if i.key == "total"), None)
    says, severity = "broken", None
    instance, verdict = broken[0]
    if total and total[1].outcome == BROKEN:
        instance, verdict = total
    elif total and total[1].outcome == HOLDS:
        says, severity = "columns", _NOTICE
    of = [(instance, verdict), *broken]
    yield finding_of(
        rule,
        case,
        instance,
        verdict,
        "",
        NO_MEND,
        says=says,
        severity=severity,
        figures=unique([name for i, _ in of for name in i.left]),
        last_figures=unique([name for i, _ in of for name in i.right_last_year]),
    )


_NOTICE: Severity = "notice"

RULE = ReportRule(
    name="carry-over",
    kind="identity",
    basis="convention",
    severity="warning",
    certainty="certain",
    needs=Needs.YEARS,
    judge=_judge,
    sieve=True,
    defect=Defect.INACCURATE,
    innocent=INNOCENT_BETWEEN,
    about="""`applications.carried_in` = last year's `applications.carried_out`, in each column. One finding for the
row: about the total where it differs; a notice where the totals agree and only columns moved. It says that two
reports disagree, and not which of them errs.""",
    says={
        "broken": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}；{last_year}年年度报告中，"
                "同一栏“结转下年度继续办理”印为{expected}。按惯例两数应当一致；此处只说明两份报告不一致，"
                "不说明哪一份有误。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}; in its {last_year} "
                'report, "carried over to the next year" in the same column is printed as {expected}. By '
                "convention the two are equal; this only says that the two reports disagree, not which of them is "
                "wrong."
            ),
        ),
        "columns": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}，"
                "{last_year}年年度报告中同一栏“结转下年度继续办理”印为{expected}；两年的总计一致，仅申请人分类不同。"
                "此处只说明两份报告不一致，不说明哪一份有误。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}; in its {last_year} "
                'report, "carried over to the next year" in the same column is printed as {expected}; the totals '
                "of both years agree, only the kinds of applicants differ. This only says that the two reports "
                "disagree, not which of them is wrong."
            ),
        ),
    },
)
