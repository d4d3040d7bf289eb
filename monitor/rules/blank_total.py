"""Rows whose total is left blank though figures for it stand beside it."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.catalogue.figures import figure_words
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.given import is_doubted, plain_values
from monitor.judging.identity import shown
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule
from parsers.report import BLANK, DASH, Number

_TABLES = ("applications", "challenges")


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for a table, about the first such row; the others are among its figures."""
    for table in _TABLES:
        rows = _rows(case, table)
        if not rows or is_doubted(case.this.report, table):
            continue
        name, expected = rows[0]
        zh, en = figure_words(name, case.this.form)
        figures = [name for name, _ in rows]
        yield case.finding(
            rule,
            "blank",
            {"figure_zh": zh, "figure_en": en, "expected": shown(expected), "count": len(rows)},
            figure=name,
            figures=figures,
            observed=None,
            expected=expected,
            places=case.places(figures),
        )


def _rows(case: Case, table: str) -> list[tuple[str, Number]]:
    """(total, sum of the others) of the rows whose cell for the total is there and holds nothing, while some of the
    others hold more than zero and all that is given was plainly read."""
    report, form = case.this.report, case.this.form
    found = []
    for row in form.tables[table].rows:
        total = report.figures.get(f"{table}.{row}.total")
        if total is None or total.state not in (BLANK, DASH) or total.place is None or total.place.column is None:
            continue
        given = [
            name
            for column in form.tables[table].columns
            if (name := f"{table}.{row}.{column}") in report.figures and report.figures[name].state not in (BLANK, DASH)
        ]
        values = plain_values(report, given)
        if values and any(values):
            found.append((total.name, sum(values)))
    return found


RULE = ReportRule(
    name="blank-total",
    kind="form",
    basis="printed",
    severity="warning",
    certainty="likely",  # never more: a number may have been drawn over the cell
    needs=Needs.REPORT,
    judge=_judge,
    defect=Defect.INACCURATE,
    innocent=(
        Innocent("以空白或横线表示零。", "Zeros were left blank, or written as a dash.", excluded=True),
        Innocent("读取时行列错位。", "A row or column slipped when the table was read.", excluded=True),
    ),
    about="""Rows of `applications` or `challenges` whose `total` is blank or a dash while another cell of the row
holds more than zero. One finding a table with all such rows. A row of zeros and blanks may leave its total blank.""",
    says={
        "blank": sentence(
            zh=(
                "在所读取的{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”一格未填数字，"
                "而同一行所列各数之和为{expected}；该表共有{count}行存在此种情形。"
            ),
            en=(
                'In the {year} annual report of {agency} as it was read, the cell "{figure_en}" holds no number, while '
                "the figures of its row add up to {expected}; it is so in {count} rows of the table."
            ),
        ),
    },
)
