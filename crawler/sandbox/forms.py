"""The forms of 2019 and 2021 as printed: neutral tables of cells with spans, for every writer.

Labels and layout are facts of 国办公开办函〔2019〕60号 and 〔2021〕30号 as agencies print them; names of figures are
those of the vocabulary.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.sandbox.sample import Figures, printed

FORMS = ("2019", "2021")
APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other")
OUTCOMES = ("upheld", "corrected", "other", "pending")
CHALLENGE_ROWS = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")

_STOCK_2021 = (("issued", "本年制发件数"), ("repealed", "本年废止件数"), ("in_force", "现行有效件数"))
_MADE_2019 = (("made", "本年新制作数量"), ("published", "本年新公开数量"), ("total_published", "对外公开总数量"))
_ITEMS_2019 = (("items_last_year", "上一年项目数量"), ("items_change", "本年增/减"), ("decisions", "处理决定数量"))
_DECISIONS_2021 = (("decisions", "本年处理决定数量"),)
_CASES = (("penalties", "行政处罚"), ("coercion", "行政强制"))

# (group heading, columns, rows); the last column of a group reaches the right edge.
_DISCLOSURE = {
    "2021": (
        ("第二十条第（一）项", _STOCK_2021, (("regulations", "规章"), ("normative_documents", "行政规范性文件"))),
        ("第二十条第（五）项", _DECISIONS_2021, (("licensing", "行政许可"),)),
        ("第二十条第（六）项", _DECISIONS_2021, _CASES),
        ("第二十条第（八）项", (("amount", "本年收费金额（单位：万元）"),), (("fees", "行政事业性收费"),)),
    ),
    "2019": (
        ("第二十条第（一）项", _MADE_2019, (("regulations", "规章"), ("normative_documents", "规范性文件"))),
        ("第二十条第（五）项", _ITEMS_2019, (("licensing", "行政许可"), ("other_services", "其他对外管理服务事项"))),
        ("第二十条第（六）项", _ITEMS_2019, _CASES),
        ("第二十条第（八）项", _ITEMS_2019[:2], (("fees", "行政事业性收费"),)),
        (
            "第二十条第（九）项",
            (("projects", "采购项目数量"), ("amount", "采购总金额")),
            (("procurement", "政府集中采购"),),
        ),
    ),
}
# How many grid columns each of n columns takes, after the label's one.
_SPREAD = {"2021": {3: (1, 1, 1), 1: (3,)}, "2019": {3: (1, 2, 1), 2: (2, 2)}}

_BALANCE_NOTE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
_APPLICANT_LABELS = ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
_RESULTS = (
    ("（一）予以公开", (("granted", ""),)),
    ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", (("partly_granted", ""),)),
    (
        "（三）不予公开",
        (
            ("refused_state_secret", "1.属于国家秘密"),
            ("refused_law_forbids", "2.其他法律行政法规禁止公开"),
            ("refused_security", "3.危及“三安全一稳定”"),
            ("refused_third_party", "4.保护第三方合法权益"),
            ("refused_internal", "5.属于三类内部事务信息"),
            ("refused_process", "6.属于四类过程性信息"),
            ("refused_enforcement_file", "7.属于行政执法案卷"),
            ("refused_admin_query", "8.属于行政查询事项"),
        ),
    ),
    (
        "（四）无法提供",
        (
            ("unavailable_not_held", "1.本机关不掌握相关政府信息"),
            ("unavailable_not_ready", "2.没有现成信息需要另行制作"),
            ("unavailable_unclear", "3.补正后申请内容仍不明确"),
        ),
    ),
    (
        "（五）不予处理",
        (
            ("dismissed_petition", "1.信访举报投诉类申请"),
            ("dismissed_repeat", "2.重复申请"),
            ("dismissed_publication", "3.要求提供公开出版物"),
            ("dismissed_excessive", "4.无正当理由大量反复申请"),
            ("dismissed_reconfirm", "5.要求行政机关确认或重新出具已获取信息"),
        ),
    ),
)
_OTHER_ONE_ROW = ("（六）其他处理", (("other", ""),))
_OTHER_THREE_ROWS = (
    "（六）其他处理",
    (
        ("other_not_corrected", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
        ("other_fee_unpaid", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
        ("other_rest", "3.其他"),
    ),
)
_OUTCOME_LABELS = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
OTHER_THREE = tuple(name for name, _ in _OTHER_THREE_ROWS[1])
RESULT_ROWS = tuple(name for _, rows in _RESULTS for name, _ in rows)


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """One cell. figure: the dotted name of the figure that stands in it, None for labels."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    figure: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """One printed table: name ("disclosure", …), the cells that begin in each row, and its width in grid columns."""

    name: str
    rows: tuple[tuple[PrintedCell, ...], ...]
    width: int

    def placed(self) -> Iterator[tuple[int, int, PrintedCell]]:
        """(row, column, cell) in the grid, both from 0, in printed order."""
        taken: set[tuple[int, int]] = set()
        for y, row in enumerate(self.rows):
            x = 0
            for cell in row:
                while (y, x) in taken:
                    x += 1
                yield y, x, cell
                taken.update((y + dy, x + dx) for dy in range(cell.rowspan) for dx in range(cell.colspan))
                x += cell.colspan

    def grid(self) -> list[list[str | None]]:
        """The text at each place; None where a cell that begins above or to the left covers it."""
        lines: list[list[str | None]] = [[None] * self.width for _ in self.rows]
        for y, x, cell in self.placed():
            lines[y][x] = cell.text
        return lines


def printed_tables(form: str, figures: Figures) -> dict[int, list[PrintedTable]]:
    """The tables of one report, by the number of the section that they stand in (2, 3 and 4).

    form: "2019" or "2021". The row 其他处理 is one row in form 2019, and in form 2021 where `figures` has
    `applications.other.*` instead of `applications.other_rest.*`. Raises ValueError for another form.
    """
    if form not in FORMS:
        raise ValueError(f"unknown form {form!r}; the sandbox prints {' and '.join(FORMS)}")
    one_row = form == "2019" or (
        "applications.other.total" in figures and "applications.other_rest.total" not in figures
    )
    return {2: [_disclosure(form, figures)], 3: [_applications(figures, one_row)], 4: [_challenges(figures)]}


def cut_table(table: PrintedTable, at: int) -> tuple[PrintedTable, PrintedTable]:
    """The table as a page break before row `at` leaves it: a merged cell goes on below as an empty one."""
    upper: list[list[PrintedCell]] = [[] for _ in range(at)]
    lower: list[list[tuple[int, PrintedCell]]] = [[] for _ in range(len(table.rows) - at)]
    for y, x, cell in table.placed():
        if y >= at:
            lower[y - at].append((x, cell))
            continue
        upper[y].append(replace(cell, rowspan=min(cell.rowspan, at - y)))
        if y + cell.rowspan > at:
            lower[0].append((x, replace(cell, text="", rowspan=y + cell.rowspan - at)))
    ordered = [tuple(cell for _, cell in sorted(row, key=lambda pair: pair[0])) for row in lower]
    return (
        PrintedTable(table.name, tuple(tuple(row) for row in upper), table.width),
        PrintedTable(table.name, tuple(ordered), table.width),
    )


def _figure(figures: Figures, name: str, colspan: int = 1) -> PrintedCell:
    return PrintedCell(printed(figures.get(name)), colspan=colspan, figure=name)


def _disclosure(form: str, figures: Figures) -> PrintedTable:
    width = 1 + sum(_SPREAD[form][3])
    rows: list[tuple[PrintedCell, ...]] = []
    for heading, columns, lines in _DISCLOSURE[form]:
        spread = _SPREAD[form][len(columns)]
        rows.append((PrintedCell(heading, colspan=width),))
        labels = (PrintedCell(label, colspan=span) for (_, label), span in zip(columns, spread, strict=True))
        rows.append((PrintedCell("信息内容"), *labels))
        for row, label in lines:
            names = (f"disclosure.{row}.{column}" for column, _ in columns)
            cells = (_figure(figures, name, span) for name, span in zip(names, spread, strict=True))
            rows.append((PrintedCell(label), *cells))
    return PrintedTable("disclosure", tuple(rows), width)


def _applications(figures: Figures, one_row: bool) -> PrintedTable:
    def counts(row: str) -> tuple[PrintedCell, ...]:
        return tuple(_figure(figures, f"applications.{row}.{column}") for column in (*APPLICANTS, "total"))

    rows: list[tuple[PrintedCell, ...]] = [
        (PrintedCell(_BALANCE_NOTE, rowspan=3, colspan=3), PrintedCell("申请人情况", colspan=7)),
        (PrintedCell("自然人", rowspan=2), PrintedCell("法人或其他组织", colspan=5), PrintedCell("总计", rowspan=2)),
        tuple(PrintedCell(label) for label in _APPLICANT_LABELS),
        (PrintedCell("一、本年新收政府信息公开申请数量", colspan=3), *counts("new")),
        (PrintedCell("二、上年结转政府信息公开申请数量", colspan=3), *counts("carried_in")),
    ]
    groups = (*_RESULTS, _OTHER_ONE_ROW if one_row else _OTHER_THREE_ROWS, ("（七）总计", (("processed", ""),)))
    lead: tuple[PrintedCell, ...] = (PrintedCell("三、本年度办理结果", rowspan=sum(len(lines) for _, lines in groups)),)
    for heading, lines in groups:
        for number, (row, label) in enumerate(lines):
            if not label:
                head: tuple[PrintedCell, ...] = (PrintedCell(heading, colspan=2),)
            elif number:
                head = (PrintedCell(label),)
            else:
                head = (PrintedCell(heading, rowspan=len(lines)), PrintedCell(label))
            rows.append((*lead, *head, *counts(row)))
            lead = ()
    rows.append((PrintedCell("四、结转下年度继续办理", colspan=3), *counts("carried_out")))
    return PrintedTable("applications", tuple(rows), 10)


def _challenges(figures: Figures) -> PrintedTable:
    labels = tuple(PrintedCell(label) for label in _OUTCOME_LABELS)
    names = (f"challenges.{row}.{column}" for row in CHALLENGE_ROWS for column in (*OUTCOMES, "total"))
    rows = (
        (PrintedCell("行政复议", colspan=5), PrintedCell("行政诉讼", colspan=10)),
        (
            *(replace(label, rowspan=2) for label in labels),
            PrintedCell("未经复议直接起诉", colspan=5),
            PrintedCell("复议后起诉", colspan=5),
        ),
        (*labels, *labels),
        tuple(_figure(figures, name) for name in names),
    )
    return PrintedTable("challenges", rows, 15)
