"""Stocks that their own flows do not allow, in table two."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import sentence
from monitor.catalogue.figures import figure_words
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.given import is_doubted, plain_values
from monitor.judging.identity import comparable, scopes_differ, shown
from monitor.judging.rule import Certainty, Defect, Innocent, Needs, ReportRule

_STOCKS = ("regulations", "normative_documents")
_ITEMS = ("licensing", "other_services", "penalties", "coercion", "fees")


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    """At most one finding for each row and each of its relations."""
    if is_doubted(case.this.report, "disclosure"):
        return
    if "disclosure.normative_documents.in_force" in case.this.report.figures:
        yield from _in_force(rule, case)
    else:
        yield from _published(rule, case)
        yield from _items(rule, case)


def _in_force(rule: ReportRule, case: Case) -> Iterator[Finding]:
    for row in _STOCKS:
        names = [f"disclosure.{row}.{column}" for column in ("in_force", "issued", "repealed")]
        values = plain_values(case.this.report, names)
        if values is None:
            continue
        in_force, issued, repealed = values
        if in_force < issued - repealed:
            terms = f"{shown(issued)} - {shown(repealed)} = {shown(issued - repealed)}"
            yield _finding(rule, case, "in-force", names, in_force, issued - repealed, terms)


def _published(rule: ReportRule, case: Case) -> Iterator[Finding]:
    for row in _STOCKS:
        names = [f"disclosure.{row}.{column}" for column in ("total_published", "published")]
        values = plain_values(case.this.report, names)
        if values is not None and values[0] < values[1]:
            total, published = values
            yield _finding(rule, case, "published", names, total, published, shown(published), certainty="likely")


def _items(rule: ReportRule, case: Case) -> Iterator[Finding]:
    for row in _ITEMS:
        names = [f"disclosure.{row}.{column}" for column in ("items_last_year", "items_change")]
        values = plain_values(case.this.report, names)
        if values is None:
            continue
        before, change = values
        if before + change < 0:
            terms = f"{shown(before)} - {shown(-change)} = {shown(before + change)}"
            yield _finding(rule, case, "negative", names[::-1], change, -before, terms)
        yield from _carried_items(rule, case, names, before)


def _carried_items(rule: ReportRule, case: Case, names: list[str], before: int | float) -> Iterator[Finding]:
    """The items at the beginning of the year against those at the end of the year before."""
    last = case.last
    if last is None or last.year != case.this.year - 1 or last.report.form != case.this.report.form:
        return
    if not comparable(case) or scopes_differ(case, "disclosure") or is_doubted(last.report, "disclosure"):
        return
    values = plain_values(last.report, names)
    if values is None or sum(values) == before or sum(values) < 0:
        return
    start, change = values
    terms = f"{shown(start)} {'-' if change < 0 else '+'} {shown(abs(change))} = {shown(start + change)}"
    yield _finding(rule, case, "items", names[:1], before, start + change, terms, last_names=names)


def _finding(
    rule: ReportRule,
    case: Case,
    says: str,
    names: list[str],
    observed: int | float,
    bound: int | float,
    terms: str,
    last_names: list[str] | None = None,
    certainty: Certainty | None = None,
) -> Finding:
    """The finding about the first of these figures."""
    zh, en = figure_words(names[0], case.this.form)
    return case.finding(
        rule,
        says,
        {
            "last_year": case.this.year - 1,
            "figure_zh": zh,
            "figure_en": en,
            "observed": shown(observed),
            "expected": shown(bound),
            "terms": terms,
        },
        certainty=certainty,
        figure=names[0],
        figures=[*names, *(last_names or ())],
        observed=observed,
        expected=bound if last_names else f">= {shown(bound)}",
        places=case.places(names, last_names),
    )


RULE = ReportRule(
    name="stock-impossible",
    kind="oddity",
    basis="inference",
    severity="warning",
    certainty="certain",
    needs=Needs.YEARS,
    judge=_judge,
    defect=Defect.INACCURATE,
    innocent=(
        Innocent(
            "本年废止中包括往年制发的文件：这只会使现行有效件数更多。",
            "Some of those repealed are of earlier years: that only makes more in force.",
            excluded=True,
        ),
        Innocent(
            "本年制发的文件在年内到期失效，或至年末尚未施行，均未计入废止。",
            "Some issued this year expired in it, or were not yet in force at its end, without being repealed.",
            excluded=False,
        ),
        Innocent(
            "事项目录调整、合并或口径变更，未列入增减。",
            "Items were merged, moved or counted anew, and that was not entered as a change.",
            excluded=False,
        ),
        Innocent(
            "机构合并、分设或由联合报告改为单独报告（以名录和报告所载为限）。",
            "The body was merged or split, or reported jointly in one of the years, as far as the register or the "
            "reports say so.",
            excluded=True,
        ),
    ),
    about="""Table two against itself, where all figures are given and plainly read. That they do not agree is
certain; why is not, and the sentences say what else may explain it.

- Form 2021, rows `regulations` and `normative_documents`: `in_force` < `issued` − `repealed`. Whatever was repealed
  of earlier years, those issued and not repealed should be in force, but for those that expired within the year or
  take effect later.
- Form 2019, rows of items: `items_last_year` + `items_change` < 0. No count is negative.
- Two reports of form 2019: `items_last_year` ≠ last year's `items_last_year` + `items_change`.
- Form 2019, rows `regulations` and `normative_documents`: `total_published` < `published`. Likely, since it rests on
  what the column is taken to count.""",
    says={
        "in-force": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}，"
                "少于本年制发与本年废止之差（{terms}）。"
                "本年制发而未废止的文件，除年内到期失效或至年末尚未施行的以外，应当计入现行有效件数。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}, less than those issued "
                "minus those repealed in the year ({terms}). What was issued in the year and not repealed should be in "
                "force, unless it expired within the year or had not yet taken effect at its end."
            ),
        ),
        "published": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}，"
                "少于同一行的本年新公开数量{expected}。"
                "本年新公开的文件通常也计入对外公开总数量。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}, less than the {expected} "
                "newly published in the year by the same row. What was newly published is normally part of the total."
            ),
        ),
        "negative": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}，"
                "减少的项目多于同一行的上一年项目数量"
                "（{terms}）。项目数量不能为负数；各数之间不相符，本身不说明哪一个数有误。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}, more than the number of "
                "items that the same row gives for last year ({terms}). A number of items cannot be negative; that the "
                "figures disagree does not by itself say which of them is wrong."
            ),
        ),
        "items": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告中，“{figure_zh}”印为{observed}；"
                "以{last_year}年年度报告同一行的上一年项目数量"
                "加本年增/减推算为{expected}（{terms}）。目录调整或口径变更也会造成差异，"
                "此处只说明两份报告的数字不能衔接。"
            ),
            en=(
                'In the annual report of {agency} on government information disclosure for {year}, "{figure_en}" is '
                "printed as {observed}; last year's items plus the "
                "change in the same row of its {last_year} report give {expected} ({terms}). Items that were merged or "
                "counted anew can also make a difference; this only says that the figures of the two reports do not "
                "connect."
            ),
        ),
    },
)
