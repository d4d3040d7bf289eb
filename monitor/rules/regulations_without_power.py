"""Rules (规章) in the report of a body that has no power to make them."""

from collections.abc import Iterator

from db.records import Agency, Finding
from monitor.catalogue import sentence
from monitor.catalogue.figures import figure_words
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.given import is_doubted, plain_value
from monitor.judging.identity import shown
from monitor.judging.rule import Article, Defect, Innocent, Needs, ReportRule

_FIGURES = [f"disclosure.regulations.{column}" for column in ("issued", "repealed", "in_force")]
_TOWNS = ("township", "street")
# A department of this name may publish for its government.
_FOR_OTHERS = ("办公室", "办公厅", "政府办", "府办", "委办", "管委会", "管理委员会")


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    this = case.this
    if case.agency is None or not _lacks_power(case.agency):
        return
    given = [(name, value) for name in _FIGURES if (value := plain_value(this.report, name))]
    if not given or this.bodies or "disclosure" in this.report.scope or is_doubted(this.report, "disclosure"):
        return  # none, or it may count those of another body too
    name, observed = given[0]
    zh, en = figure_words(name, this.form)
    figures = [name for name, _ in given]
    yield case.finding(
        rule,
        "regulations",
        {"figure_zh": zh, "figure_en": en, "observed": shown(observed)},
        figure=name,
        figures=figures,
        observed=observed,
        expected=0,
        places=case.places(figures),
    )


def _lacks_power(agency: Agency) -> bool:
    """Whether it is a township, a street, or a department of a county: never an office, which may publish what its
    government made, nor a government or a zone."""
    if agency.covered_by or any(word in agency.name for word in _FOR_OTHERS):
        return False
    return agency.organ in _TOWNS or (agency.organ == "department" and _is_county(agency.region_code))


def _is_county(code: str) -> bool:
    """By GB/T 2260 the last two of six digits are 00 for provinces, and for prefectures and cities at their level."""
    return len(code) == 6 and code.isdigit() and code[4:] != "00"


RULE = ReportRule(
    name="regulations-without-power",
    kind="oddity",
    basis="law",
    severity="warning",
    certainty="likely",
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.INACCURATE,
    article=Article(
        "《中华人民共和国立法法》（2023年修正）第九十一条、第九十三条",
        "Legislation Law (as amended in 2023), Articles 91 and 93",
    ),
    innocent=(
        Innocent(
            "机关为办公室，代本级政府公布其制定的规章。",
            "The body is an office that publishes the rules of its government.",
            excluded=True,
        ),
        Innocent(
            "报告注明统计范围，或为联合报告。",
            "The report says whom its figures cover, or is a joint one.",
            excluded=True,
        ),
        Innocent(
            "所填为本机关执行的上级规章，或应填入行政规范性文件一行的文件。",
            "It counts rules of others that it applies, or documents that belong into the row below.",
            excluded=False,
        ),
    ),
    about="""Form 2021, row `regulations` not zero, in a report of a township, a street or a department of a county.
Rules (规章) are made by departments of the State Council, provinces and cities with districts. It needs the register:
the agency's organ and region code. Silent for offices, governments, zones, joint reports, and where the report says
whom its table two covers.""",
    says={
        "regulations": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}。"
                "按《中华人民共和国立法法》，规章由国务院部门、"
                "省级人民政府和设区的市、自治州的人民政府制定；所填可能是其他机关的规章，或应填入行政规范性文件一行。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}. By the Legislation Law, "
                "rules are made by departments of the State Council and by the governments of provinces, of cities "
                "with districts and of autonomous prefectures; what is entered may be rules of other bodies, or belong "
                "in the row of administrative normative documents."
            ),
        ),
    },
)
