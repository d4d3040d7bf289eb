"""Tables as agencies distort them: a figure may be refused, it must never be another than the printed one.

Each case is a page and what its print says. What is plain to a reader in spite of the distortion must be read.
"""

import io
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner
from pages import (
    APPLICANT_LABELS,
    CHALLENGES,
    COLUMNS,
    OUTCOME_LABELS,
    OUTCOMES,
    TITLE,
    Case,
    Figures,
    Maker,
    Rows,
    Span,
    application_figures,
    application_table,
    challenge_figures,
    challenge_table,
    consistent_figures,
    disclosure_figures,
    disclosure_table,
    label,
    page,
    table,
)
from report_samples import application_rows, numbered, sample, truth, values, wrong

from crawler.sandbox.writers import html
from monitor.cli import main
from parsers.read import read_report

CASES: dict[str, Maker] = {}


def case(maker: Maker) -> Maker:
    CASES[maker.__name__.replace("_", " ")] = maker
    return maker


def whole(
    *, disclosure: Rows | None = None, applications: Rows | None = None, challenges: Rows | None = None, **more: str
) -> bytes:
    """A page whose other tables are plain."""
    return page(
        disclosure=table(disclosure or disclosure_table(disclosure_figures())),
        applications=table(applications or application_table(application_figures())),
        challenges=table(challenges or challenge_table(challenge_figures())),
        **more,
    )


ALL = disclosure_figures() | application_figures() | challenge_figures()


def without(truth: Figures, *names: str) -> Figures:
    return {name: value for name, value in truth.items() if not name.startswith(names)}


@case
def plain() -> Case:
    return Case(whole(), ALL, ("disclosure", "applications", "challenges"))


# Columns


@case
def total_column_first() -> Case:
    columns = ("total", *COLUMNS[:-1])
    return Case(whole(applications=application_table(application_figures(), columns=columns)), ALL, ("applications",))


@case
def two_columns_swapped() -> Case:
    columns = ("business", "natural_person", *COLUMNS[2:])
    return Case(whole(applications=application_table(application_figures(), columns=columns)), ALL, ("applications",))


@case
def a_column_left_out() -> Case:
    columns = tuple(c for c in COLUMNS if c != "legal_service")
    rows = application_table(application_figures(), columns=columns)
    truth = {name: value for name, value in ALL.items() if not name.endswith(".legal_service")}
    return Case(whole(applications=rows), truth, ("applications.new.total", "applications.granted.other"))


@case
def a_column_left_out_and_a_remark_behind() -> Case:
    columns = tuple(c for c in COLUMNS if c != "legal_service")
    rows = application_table(application_figures(), columns=columns)
    rows[0].append("备注")
    for row in rows[1:]:
        row.append("")
    truth = {name: value for name, value in ALL.items() if not name.endswith(".legal_service")}
    return Case(whole(applications=rows), truth, ("applications.new.total", "applications.granted.other"))


@case
def a_column_left_out_and_a_numbered_remark_behind() -> Case:
    columns = tuple(c for c in COLUMNS if c != "legal_service")
    rows = application_table(application_figures(), columns=columns)
    rows[0].append("序号")
    for number, row in enumerate(rows[1:], 1):
        row.append(str(number))
    return Case(whole(applications=rows), ALL, ("applications.new.total",))


@case
def a_column_of_shares_behind() -> Case:
    rows = application_table(application_figures())
    rows[0].append("占比")
    for row in rows[1:]:
        row.append("50%")
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def a_column_of_last_years_totals_behind() -> Case:
    rows = application_table(application_figures())
    rows[0].append("上年总计")
    for row in rows[1:]:
        row.append("7")
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def a_column_of_last_years_totals_in_front() -> Case:
    rows = application_table(application_figures())
    rows[0].insert(1, "上年总计")
    for row in rows[1:]:
        row.insert(1, "7")
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def a_column_of_numbers_in_front() -> Case:
    rows = application_table(application_figures())
    rows[0].insert(0, "序号")
    for number, row in enumerate(rows[1:], 1):
        row.insert(0, str(number))
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def a_subtotal_of_enterprises_between() -> Case:
    rows = application_table(application_figures())
    rows[0].insert(7, "小计")
    for row in rows[1:]:
        row.insert(7, "7")
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def a_column_unheaded_between() -> Case:
    rows = application_table(application_figures())
    rows[0].insert(3, "")
    for row in rows[1:]:
        row.insert(3, "7")
    return Case(whole(applications=rows), ALL)


@case
def header_row_without_text() -> Case:
    """The labels are pictures: nobody can tell the order of the columns."""
    columns = ("total", *COLUMNS[:-1])
    rows = application_table(application_figures(), columns=columns, header=[""] * 7)
    return Case(whole(applications=rows), ALL)


@case
def no_header_at_all() -> Case:
    columns = ("total", *COLUMNS[:-1])
    return Case(whole(applications=application_table(application_figures(), columns=columns)[1:]), ALL)


@case
def one_header_cell_is_a_picture() -> Case:
    rows = application_table(application_figures(), columns=("total", *COLUMNS[:-1]))
    rows[0][1] = '<img src="a.png">'
    return Case(whole(applications=rows), ALL)


@case
def a_header_cell_is_misprinted() -> Case:
    rows = application_table(application_figures())
    rows[0][5] = "法律服务机够"
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def two_header_cells_are_misprinted() -> Case:
    rows = application_table(application_figures())
    rows[0][2], rows[0][4] = "商业企叶", "社会公益组识"
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def this_year_and_last_year_side_by_side() -> Case:
    rows: Rows = [["信息内容", "2022年", "2023年"]]
    rows += [["行政许可", "7", "8"], ["行政处罚", "7", "8"], ["行政强制", "7", "8"]]
    figures = {f"disclosure.{row}.decisions": 8 for row in ("licensing", "penalties", "coercion")}
    return Case(whole(disclosure=rows), without(ALL, "disclosure") | figures)


@case
def last_years_column_before_this_years() -> Case:
    rows: Rows = [["信息内容", "上年处理决定数量", "本年处理决定数量"]]
    rows += [["行政许可", "7", "8"], ["行政处罚", "7", ""], ["行政强制", "", "9"]]
    figures = {"disclosure.licensing.decisions": 8, "disclosure.coercion.decisions": 9}
    return Case(whole(disclosure=rows), without(ALL, "disclosure") | figures, ("disclosure.licensing.decisions",))


@case
def this_years_column_blank_and_last_years_behind() -> Case:
    rows: Rows = [["信息内容", "本年处理决定数量", "上年处理决定数量"]]
    rows += [["行政许可", "", "7"], ["行政处罚", "8", "7"]]
    return Case(whole(disclosure=rows), without(ALL, "disclosure") | {"disclosure.penalties.decisions": 8})


@case
def only_last_years_column() -> Case:
    rows: Rows = [["信息内容", "上年处理决定数量"], ["行政许可", "7"], ["行政处罚", "7"]]
    return Case(whole(disclosure=rows), without(ALL, "disclosure"))


@case
def header_of_2019_over_rows_of_2021() -> Case:
    rows: Rows = disclosure_table(disclosure_figures())[:3]
    rows += [
        ["信息内容", "上一年项目数量", "本年增/减", "处理决定数量"],
        ["行政许可", "7", "6", "8"],
        ["行政处罚", "5", "5", "5"],
    ]
    truth = without(ALL, "disclosure.licensing", "disclosure.penalties", "disclosure.coercion", "disclosure.fees")
    truth |= {"disclosure.licensing.decisions": 8, "disclosure.penalties.decisions": 5}
    return Case(whole(disclosure=rows), truth, ("disclosure.regulations",))


@case
def stock_columns_in_another_order() -> Case:
    rows: Rows = [["信息内容", "现行有效件数", "本年制发件数", "本年废止件数"], ["规章", "3", "1", "2"]]
    figures = dict(zip(("issued", "repealed", "in_force"), (1, 2, 3), strict=True))
    truth = without(ALL, "disclosure") | {f"disclosure.regulations.{c}": v for c, v in figures.items()}
    return Case(whole(disclosure=rows), truth, ("disclosure.regulations",))


# Rows


@case
def rows_in_another_order() -> Case:
    rows = application_table(application_figures())
    return Case(whole(applications=[rows[0], *reversed(rows[1:])]), ALL, ("applications",))


@case
def a_row_twice_with_other_values() -> Case:
    rows = application_table(application_figures())
    rows.insert(4, [rows[3][0], *["7"] * 7])
    return Case(whole(applications=rows), without(ALL, "applications.granted"), ("applications.new",))


@case
def a_blank_row_and_the_same_row_filled() -> Case:
    rows = application_table(application_figures())
    rows.insert(3, [rows[3][0], *[""] * 7])
    return Case(whole(applications=rows), ALL, ("applications.new",))


@case
def sub_rows_of_which() -> Case:
    rows = application_table(application_figures())
    rows.insert(4, ["其中：主动公开范围内", *["7"] * 7])
    rows.insert(2, ["其中：网络申请", *["7"] * 7])
    rows.insert(3, ["其中：", *["7"] * 7])
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def groups_with_subtotals() -> Case:
    rows = application_table(application_figures())
    at = 5
    rows.insert(at, ["（三）不予公开", *["7"] * 7])
    rows.insert(at + 1, ["（三）不予公开", "小计", *["7"] * 7])
    rows.insert(at + 2, ["小计", *["7"] * 7])
    rows.insert(at + 3, ["三、本年度办理结果", *["7"] * 7])
    return Case(whole(applications=rows), ALL)


@case
def a_subtotal_where_the_total_is_left_out() -> Case:
    rows = [row for row in application_table(application_figures()) if row[0] != label("processed")]
    rows.insert(-1, ["小计", *["7"] * 7])
    return Case(whole(applications=rows), without(ALL, "applications.processed"))


@case
def last_years_new_ones_where_this_years_are_left_out() -> Case:
    rows = application_table(application_figures())
    rows[1][0] = "一、上年新收政府信息公开申请数量"
    return Case(whole(applications=rows), without(ALL, "applications.new"), ("applications.granted",))


@case
def a_row_is_misprinted() -> Case:
    rows = application_table(application_figures())
    rows[7][0] = "2.其他法律行政止公开"
    assert rows[7][1] == str(application_figures()["applications.refused_security.natural_person"])
    rows[6][0], rows[7][0] = "2.其他法律行政止公开", label("refused_security")
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def a_row_of_another_meaning_in_place_of_one() -> Case:
    rows = application_table(application_figures())
    place = next(i for i, row in enumerate(rows) if row[0] == label("dismissed_publication"))
    rows[place] = ["3.其他不予处理情形", *["7"] * 7]
    return Case(whole(applications=rows), without(ALL, "applications.dismissed_publication"), ("applications.new",))


@case
def a_short_label_with_the_number_of_another_row() -> Case:
    rows = application_table(application_figures())
    place = next(i for i, row in enumerate(rows) if row[0] == label("dismissed_reconfirm"))
    rows.insert(place + 1, ["（五）不予处理", "6.其他", *["7"] * 7])
    return Case(whole(applications=rows), ALL, ("applications.new", "applications.other_rest"))


@case
def one_row_of_other_results_under_its_number() -> Case:
    rows = [row for row in application_table(application_figures()) if row[0] != label("other")]
    rows = [row for row in rows if row[0] not in [label(f"other_{r}") for r in ("not_corrected", "fee_unpaid", "rest")]]
    rows.insert(-2, ["（六）其他", *["7"] * 7])
    return Case(whole(applications=rows), without(ALL, "applications.other"), ("applications.new",))


@case
def transposed() -> Case:
    rows = application_table(application_figures())
    turned = [[row[i] for row in rows] for i in range(8)]
    return Case(whole(applications=turned), ALL)


@case
def the_same_row_label_for_another_thing_in_section_one() -> Case:
    general = table(
        [["公开类别", "条数"], ["行政许可", "7"], ["规范性文件", "7"], ["行政复议", "7"], ["其他", "7"], ["总计", "28"]]
    )
    return Case(whole(general=general), ALL, ("disclosure", "applications", "challenges"))


@case
def the_same_row_label_for_another_thing_and_no_table() -> Case:
    general = table(
        [["公开类别", "条数"], ["行政许可", "7"], ["规范性文件", "7"], ["行政复议", "7"], ["其他", "7"], ["总计", "28"]]
    )
    data = page(applications=table(application_table(application_figures())), general=general)
    return Case(data, application_figures(), ("applications",))


# Cells


@case
def a_figure_merged_over_two_columns() -> Case:
    rows = application_table(application_figures())
    rows[1][1:3] = [Span("7", 2)]
    rows[2][3:5] = [Span("7", 2)]
    return Case(
        whole(applications=rows), without(ALL, "applications.new", "applications.carried_in"), ("applications.granted",)
    )


@case
def a_zero_merged_over_the_row() -> Case:
    rows = application_table(application_figures())
    rows[1][1:] = [Span("0", 7)]
    return Case(whole(applications=rows), without(ALL, "applications.new"), ("applications.granted",))


@case
def a_figure_merged_over_two_rows() -> Case:
    rows = application_table(consistent_figures())
    rows[1][2] = Span("7", 1, 2)
    del rows[2][2]
    truth = without(ALL, "applications") | without(
        consistent_figures(), "applications.new.business", "applications.carried_in.business"
    )
    return Case(whole(applications=rows), truth)


@case
def a_cell_more_in_a_row() -> Case:
    rows = application_table(consistent_figures())
    rows[6].insert(4, "7")
    return Case(whole(applications=rows), ALL | consistent_figures(), ("applications.new",))


@case
def a_cell_less_in_a_row() -> Case:
    rows = application_table(consistent_figures())
    del rows[6][2]
    return Case(whole(applications=rows), ALL | consistent_figures(), ("applications.new",))


@case
def a_cell_less_in_a_row_that_does_not_add_up() -> Case:
    figures = consistent_figures()
    figures["applications.refused_security.total"] += 1
    rows = application_table(figures)
    place = next(i for i, row in enumerate(rows) if row[0] == label("refused_security"))
    del rows[place][4]
    return Case(whole(applications=rows), ALL | figures, ("applications.new",))


@case
def header_shifted_by_a_slip_of_colspan() -> Case:
    rows = application_table(application_figures())
    rows[0][0] = Span("申请人情况", 2)
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def header_shifted_and_empty_cells_behind_the_figures() -> Case:
    rows = application_table(application_figures())
    rows[0][0] = Span("申请人情况", 2)
    for row in rows[1:]:
        row.append("")
    return Case(whole(applications=rows), ALL)


@case
def empty_cells_before_the_figures() -> Case:
    rows = application_table(application_figures())
    rows[0][0] = Span("申请人情况", 3)
    for row in rows[1:]:
        row[1:1] = ["", ""]
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def rowspan_to_the_edge() -> Case:
    rows = application_table(application_figures())
    rows[0] = ["", *rows[0]]
    rows[1] = [Span("申请", 1, 1000), *rows[1]]
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def a_table_cut_in_two() -> Case:
    rows = application_table(application_figures())
    data = page(
        disclosure=table(disclosure_table(disclosure_figures())),
        applications=table(rows[:9]) + "<p>— 3 —</p>" + table(rows[9:]),
        challenges=table(challenge_table(challenge_figures())),
    )
    return Case(data, ALL, ("disclosure", "applications", "challenges"))


@case
def a_footnote_behind_a_figure() -> Case:
    rows = application_table(application_figures())
    rows[1][1:5] = ["3①", "3<sup>1</sup>", "5*", "3<sup>①</sup>"]
    rows[0][1] = "自然人<sup>1</sup>"
    rows[3][0] = "（一）予以公开<sup>[2]</sup>"
    truth = without(ALL, *(f"applications.new.{c}" for c in COLUMNS[:4])) | {"applications.new.public_welfare": 3}
    return Case(whole(applications=rows), truth, ("applications.new.total", "applications.granted"))


@case
def two_figures_in_one_cell() -> Case:
    rows = application_table(application_figures())
    rows[1][1:7] = ["1<p>2</p>", "<p>1</p>2", "<div>1</div><span>2</span>", "<p>1</p><div>2</div>", "1<br>2", "1 2"]
    rows[2][1:6] = ["<s>1</s>2", "<del>1</del>2", "<ul><li>1</li><li>2</li></ul>", "<div><p>1</p>2</div>", "１<p>２"]
    truth = without(ALL, *(f"applications.new.{c}" for c in COLUMNS[:6]))
    truth = without(truth, *(f"applications.carried_in.{c}" for c in COLUMNS[:5]))
    truth |= {"applications.carried_in.natural_person": 2, "applications.carried_in.business": 2}
    read = ("applications.granted", "applications.new.total", "applications.carried_in.natural_person")
    return Case(whole(applications=rows), truth, read)


@case
def figures_split_over_spans() -> Case:
    rows = application_table(application_figures())
    rows[1][1] = "<p><span>1</span><span><font>0</font></span><b>0</b></p>"
    return Case(whole(applications=rows), ALL, ("applications",))


@case
def cells_that_are_no_counts() -> Case:
    rows = application_table(application_figures())
    rows[1][1:8] = ["-3", "1.5", "二十", "O", "约50", "50%", "3人"]
    return Case(
        whole(applications=rows),
        without(ALL, "applications.new") | {"applications.new.total": 3},
        ("applications.granted",),
    )


@case
def hidden_decoys() -> Case:
    rows = application_table(application_figures())
    decoy = table(application_table(application_figures(7)))
    hidden = (
        f'<div style="display:none">{decoy}</div><div style="DISPLAY : None;">{decoy}</div><div hidden>{decoy}</div>'
        f'<div style="visibility: hidden">{decoy}</div><!-- {decoy} --><template>{decoy}</template>'
        f'<script type="text/template">{decoy}</script><noscript>{decoy}</noscript>'
    )
    rows[1][1] = '<span style="display:none">7</span>100'
    return Case(whole(applications=rows, before=hidden), ALL, ("applications",))


# Tables


@case
def two_years_one_after_the_other() -> Case:
    last_year = table(application_table(application_figures(2000)))
    return Case(whole(after=f"<p>附：2022年情况</p>{last_year}"), without(ALL, "applications"), ("disclosure",))


@case
def two_years_with_blanks_in_this_one() -> Case:
    rows = application_table(application_figures())
    rows[1][1:] = [""] * 7
    last_year = table(application_table(application_figures()))
    return Case(whole(applications=rows, after=f"<p>附：2022年情况</p>{last_year}"), without(ALL, "applications.new"))


@case
def a_row_that_only_last_years_table_has() -> Case:
    rows = [row for row in application_table(application_figures()) if row[0] != label("granted")]
    last_year = table(application_table(application_figures(2000)))
    return Case(whole(applications=rows, after=f"<p>附：2022年情况</p>{last_year}"), without(ALL, "applications"))


@case
def challenges_of_two_years_in_two_lines() -> Case:
    rows = challenge_table(challenge_figures())
    rows.insert(3, ["7"] * 15)
    return Case(whole(challenges=rows), without(ALL, "challenges"))


@case
def challenges_of_two_years_in_two_labelled_lines() -> Case:
    rows = challenge_table(challenge_figures())
    rows[3] = ["2023年", *rows[3]]
    rows.insert(3, ["2022年", *["7"] * 15])
    rows[0].insert(0, Span("年份", 1, 3))
    return Case(whole(challenges=rows), ALL)


@case
def challenges_in_two_tables() -> Case:
    f = challenge_figures()
    first: Rows = [
        [Span("行政复议", 5)],
        [*OUTCOME_LABELS],
        [str(f[f"challenges.reconsideration.{c}"]) for c in OUTCOMES],
    ]
    second: Rows = [
        [Span("行政诉讼", 10)],
        [Span("未经复议直接起诉", 5), Span("复议后起诉", 5)],
        [*OUTCOME_LABELS, *OUTCOME_LABELS],
        [str(f[f"challenges.{row}.{c}"]) for row in list(CHALLENGES)[1:] for c in OUTCOMES],
    ]
    data = page(
        disclosure=table(disclosure_table(disclosure_figures())),
        applications=table(application_table(application_figures())),
        challenges=table(first) + table(second),
    )
    return Case(data, ALL, ("challenges",))


@case
def challenges_as_rows() -> Case:
    f = challenge_figures()
    rows: Rows = [["类型", *OUTCOME_LABELS]]
    rows += [[text, *(str(f[f"challenges.{row}.{c}"]) for c in OUTCOMES)] for row, text in CHALLENGES.items()]
    return Case(whole(challenges=rows), ALL, ("challenges",))


@case
def challenges_as_rows_with_the_total_first() -> Case:
    f = challenge_figures()
    columns = ("total", *OUTCOMES[:-1])
    rows: Rows = [["类型", "总计", *OUTCOME_LABELS[:-1]]]
    rows += [[text, *(str(f[f"challenges.{row}.{c}"]) for c in columns)] for row, text in CHALLENGES.items()]
    return Case(whole(challenges=rows), ALL)


@case
def challenges_as_grouped_rows() -> Case:
    f = challenge_figures()
    rows: Rows = [[Span("类型", 2), *OUTCOME_LABELS]]
    cells = {row: [str(f[f"challenges.{row}.{c}"]) for c in OUTCOMES] for row in CHALLENGES}
    rows += [
        [Span("行政复议", 2), *cells["reconsideration"]],
        [Span("行政诉讼", 1, 2), "未经复议直接起诉", *cells["litigation_direct"]],
        ["复议后起诉", *cells["litigation_after_reconsideration"]],
    ]
    return Case(whole(challenges=rows), ALL, ("challenges",))


@case
def challenges_turned() -> Case:
    f = challenge_figures()
    rows: Rows = [["结果", *CHALLENGES.values()]]
    rows += [
        [text, *(str(f[f"challenges.{row}.{c}"]) for row in CHALLENGES)]
        for c, text in zip(OUTCOMES, OUTCOME_LABELS, strict=True)
    ]
    return Case(whole(challenges=rows), ALL)


@case
def challenges_with_lawsuits_first() -> Case:
    f = challenge_figures()
    order = ("litigation_direct", "litigation_after_reconsideration", "reconsideration")
    rows: Rows = [
        [Span("行政诉讼", 10), Span("行政复议", 5)],
        [Span("未经复议直接起诉", 5), Span("复议后起诉", 5), *(Span(text, 1, 2) for text in OUTCOME_LABELS)],
        [*OUTCOME_LABELS, *OUTCOME_LABELS],
        [str(f[f"challenges.{row}.{c}"]) for row in order for c in OUTCOMES],
    ]
    return Case(whole(challenges=rows), ALL)


@case
def challenges_with_the_total_before_the_pending() -> Case:
    f = challenge_figures()
    rows = challenge_table(f)
    order = ("upheld", "corrected", "other", "total", "pending")
    labels = ["结果维持", "结果纠正", "其他结果", "总计", "尚未审结"]
    rows[1][:5] = [Span(text, 1, 2) for text in labels]
    rows[2] = [*labels, *labels]
    rows[3] = [str(f[f"challenges.{row}.{c}"]) for row in CHALLENGES for c in order]
    return Case(whole(challenges=rows), ALL)


@case
def challenges_with_an_outcome_more_and_one_less() -> Case:
    """撤回起诉 in place of 其他结果: fifteen figures, but not those of the form."""
    rows = challenge_table(challenge_figures())
    rows[2] = ["结果维持", "结果纠正", "尚未审结", "撤回起诉", "总计"] * 2
    rows[1][:5] = [Span(text, 1, 2) for text in ("结果维持", "结果纠正", "尚未审结", "撤回起诉", "总计")]
    keep = {
        f"challenges.{row}.{c}": challenge_figures()[f"challenges.{row}.{c}"]
        for row in CHALLENGES
        for c in ("upheld", "corrected", "total")
    }
    keep |= {f"challenges.{row}.pending": challenge_figures()[f"challenges.{row}.other"] for row in CHALLENGES}
    return Case(whole(challenges=rows), without(ALL, "challenges") | keep)


@case
def challenges_whose_labels_are_pictures() -> Case:
    rows = challenge_table(challenge_figures())
    rows[1][:5] = [Span("", 1, 2) for _ in range(5)]
    rows[2] = [""] * 10
    return Case(whole(challenges=rows), ALL)


@case
def tables_in_layout_tables() -> Case:
    def laid_out(rows: Rows) -> str:
        inner = f"<table><tr><td>{table(rows)}</td></tr></table>"
        return f'<table width="100%"><tr><td></td><td>{inner}</td><td>5</td></tr></table>'

    data = page(
        disclosure=laid_out(disclosure_table(disclosure_figures())),
        applications=laid_out(application_table(application_figures())),
        challenges=laid_out(challenge_table(challenge_figures())),
    )
    return Case(data, ALL, ("disclosure", "applications", "challenges"))


@case
def a_header_that_belongs_to_the_table_before() -> Case:
    """The heading of licensing is a picture; the heading above it is that of the documents."""
    rows = disclosure_table(disclosure_figures())
    place = next(i for i, row in enumerate(rows) if row[0] == "行政许可") - 1
    rows[place] = ["", ""]
    rows[place + 1].append("7")
    return Case(whole(disclosure=rows), ALL, ("disclosure.regulations", "disclosure.fees"))


@pytest.mark.parametrize("maker", CASES.values(), ids=list(CASES))
def test_no_figure_is_another_than_the_printed_one(maker: Maker) -> None:
    made = maker()
    report = read_report(made.data)
    assert wrong(values(report), made.truth) == {}
    missing = (
        [name for name in made.truth if name.startswith(made.read) and report.figures[name].value is None]
        if made.read
        else []
    )
    assert missing == []
    for name, figure in report.figures.items():
        # A number that is printed and was not understood is never passed off as one that is not there. (Of 其他处理
        # a report prints one row or three; which, is not known where none is found.)
        if name in made.truth and figure.value is None and not name.startswith("applications.other"):
            assert figure.state == "unreadable", name


def test_the_labels_of_these_pages_are_those_of_the_form() -> None:
    assert len(application_rows("2021")) * 7 == len(application_figures())
    assert len(APPLICANT_LABELS) == len(COLUMNS)


# Sums that may count what the form does not know


def certain_errors(folder: Path, data: bytes) -> list[str]:
    """The rules of the findings that would go out as accusations."""
    file = folder / "report.html"
    file.write_bytes(data)
    result = CliRunner().invoke(main, ["check", "--json", str(file)])
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    return [f["rule"] for f in findings if f["severity"] == "error" and f["certainty"] == "certain"]


def test_consistent_figures_accuse_nobody_and_a_slip_does(tmp_path: Path) -> None:
    assert certain_errors(tmp_path, page(applications=table(application_table(consistent_figures())))) == []
    figures = consistent_figures() | {"applications.granted.total": 999}
    found = certain_errors(tmp_path, page(applications=table(application_table(figures))))
    assert set(found) == {"applications-applicants", "applications-results"}


def test_a_result_that_the_form_does_not_know_may_be_in_the_sum(tmp_path: Path) -> None:
    figures = consistent_figures()
    for row in ("processed", "new"):
        for column in ("natural_person", "total"):
            figures[f"applications.{row}.{column}"] += 5
    rows = application_table(figures)
    place = next(i for i, row in enumerate(rows) if row[0] == label("processed"))
    rows.insert(place, ["并入其他申请办理", "5", "0", "0", "0", "0", "0", "5"])
    assert certain_errors(tmp_path, page(applications=table(rows))) == []


def test_an_applicant_that_the_form_does_not_know_may_be_in_the_sum(tmp_path: Path) -> None:
    figures = consistent_figures()
    rows = application_table(figures)
    rows[0].insert(-1, "事业单位")
    for row in rows[1:]:
        row[-1] = str(int(str(row[-1])) + 4)
        row.insert(-1, "4")
    assert certain_errors(tmp_path, page(applications=table(rows))) == []


def test_an_outcome_that_the_form_does_not_know_may_be_in_the_sum(tmp_path: Path) -> None:
    rows: Rows = [["类型", *OUTCOME_LABELS[:-1], "撤回", "总计"]]
    rows += [[text, "1", "0", "0", "0", "2", "3"] for text in CHALLENGES.values()]
    data = page(applications=table(application_table(consistent_figures())), challenges=table(rows))
    assert certain_errors(tmp_path, data) == []


@pytest.mark.parametrize("heading", ["其中：网上申请", "序号", "备注", "上年总计", "占比"])
def test_a_column_of_another_kind_is_no_excuse(tmp_path: Path, heading: str) -> None:
    rows = application_table(consistent_figures() | {"applications.granted.total": 999})
    rows[0].append(heading)
    for row in rows[1:]:
        row.append("3")
    assert "applications-applicants" in certain_errors(tmp_path, page(applications=table(rows)))


def test_two_tables_of_different_bodies_accuse_nobody(tmp_path: Path) -> None:
    other = {name: value * 2 for name, value in consistent_figures().items()}
    both = table(application_table(consistent_figures())) + "<p>二、办公室自身</p>" + table(application_table(other))
    assert certain_errors(tmp_path, page(applications=both)) == []


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("本年收费金额（单位：万元）", "万元"),
        ("本年收费金额（单位：元）", "元"),
        ("本年收费金额（单位：万<br>元）", "万元"),
        ("本年收费金额", "unit_unknown"),
        ("本年收费金额（元/万元）", "unit_unknown"),
    ],
)
def test_the_unit_of_an_amount_is_the_printed_one(heading: str, unit: str) -> None:
    rows = disclosure_table(disclosure_figures())
    place = next(i for i, row in enumerate(rows) if row[0] == "行政事业性收费")
    rows[place - 1][1] = heading
    figure = read_report(whole(disclosure=rows)).figures["disclosure.fees.amount"]
    assert figure.value in (disclosure_figures()["disclosure.fees.amount"], None)
    if figure.value is not None:
        assert figure.unit == unit


# Slips of the markup, one at a time, anywhere in the official tables


def slipped(source: str, chance: random.Random) -> tuple[str, str]:
    """The page with one cell lost, gained, or spanning one place more or less; and what was done."""
    start, end = chance.choice([cell.span() for cell in re.finditer(r"<td[^>]*>.*?</td>", source, re.S)])
    cell = source[start:end]
    slip = chance.choice(("lost", "gained", "gained empty", "colspan", "rowspan"))
    if slip in ("colspan", "rowspan"):
        span = re.search(rf'{slip}="(\d+)"', cell)
        places = max(1, int(span[1] if span else 1) + chance.choice((-1, 1)))
        new = re.sub(rf' {slip}="\d+"', "", cell).replace("<td", f'<td {slip}="{places}"', 1)
    else:
        new = {"lost": "", "gained": f"<td>7</td>{cell}", "gained empty": f"<td></td>{cell}"}[slip]
    return source[:start] + new + source[end:], f"{slip}: {re.sub('<[^>]*>', '', cell)}"


@pytest.mark.parametrize(("form", "three_rows"), [("2019", False), ("2021", False), ("2021", True)])
def test_a_slip_of_the_markup_moves_no_figure(form: str, three_rows: bool) -> None:
    figures = numbered(form, three_rows=three_rows)
    page_ = html.write(sample(figures, form=form, year=2020 if form == "2019" else 2023)).decode()
    expected, chance = truth(figures, form), random.Random(2024)
    for _ in range(250):
        source, slip = slipped(page_, chance)
        if "1.申请人无正当理由" in slip and slip.startswith("lost"):
            continue  # what is left is a row that is in the form: 其他处理 with these figures
        found = values(read_report(source.encode()))
        assert wrong(found, expected) == {}, slip
        assert sum(value is not None for value in found.values()) > 0.1 * len(expected), slip


# The same in Word


def word_table(figures: Figures, change: Callable[[Any], None]) -> bytes:
    document = docx.Document()
    for text in (TITLE, "一、总体情况", "平稳。", "三、收到和处理政府信息公开申请情况"):
        document.add_paragraph(text)
    rows = application_table(figures)
    grid = document.add_table(rows=len(rows), cols=len(rows[0]))
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            grid.cell(y, x).text = str(cell)
    change(grid)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_what_is_raised_struck_out_or_hidden_in_word_is_no_digit() -> None:
    def change(grid: Any) -> None:
        for column, kind in enumerate(("superscript", "subscript", "strike", "double_strike", "hidden"), start=1):
            paragraph = grid.cell(1, column).paragraphs[0]
            setattr(paragraph.add_run("1").font, kind, True)
        grid.cell(1, 6).add_paragraph("1")

    figures = application_figures()
    report = read_report(word_table(figures, change))
    new = [report.figures[f"applications.new.{column}"] for column in COLUMNS]
    assert [figure.value for figure in new] == [None, None, 102, 103, 104, None, 106]
    assert {figure.state for figure in new if figure.value is None} == {"unreadable"}


def test_cells_merged_in_word() -> None:
    def change(grid: Any) -> None:
        grid.cell(1, 1).merge(grid.cell(1, 2)).text = "7"
        grid.cell(4, 3).merge(grid.cell(5, 3)).text = "7"

    figures = application_figures()
    found = values(read_report(word_table(figures, change)))
    touched = tuple(f"applications.{row}" for row in application_rows("2021")[3:5])
    assert wrong(found, without(figures, "applications.new", *touched)) == {}
    assert found["applications.carried_in.total"] == figures["applications.carried_in.total"]
