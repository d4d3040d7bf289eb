"""Pages with tables as agencies distort them: built from the plain form, one distortion at a time."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from report_samples import COLUMNS, application_rows

from parsers.form import load_forms

TITLE = "柳溪县水利局2023年政府信息公开工作年度报告"
APPLICANT_LABELS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
OUTCOMES = ("upheld", "corrected", "other", "pending", "total")
OUTCOME_LABELS = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
CHALLENGES = {
    "reconsideration": "行政复议",
    "litigation_direct": "未经复议直接起诉",
    "litigation_after_reconsideration": "复议后起诉",
}
STOCK_LABELS = ["本年制发件数", "本年废止件数", "现行有效件数"]
DISCLOSURE = (
    ("规章", "regulations", STOCK_LABELS, ("issued", "repealed", "in_force")),
    ("行政规范性文件", "normative_documents", STOCK_LABELS, ("issued", "repealed", "in_force")),
    ("行政许可", "licensing", ["本年处理决定数量"], ("decisions",)),
    ("行政处罚", "penalties", ["本年处理决定数量"], ("decisions",)),
    ("行政强制", "coercion", ["本年处理决定数量"], ("decisions",)),
    ("行政事业性收费", "fees", ["本年收费金额（单位：万元）"], ("amount",)),
)


class Span(NamedTuple):
    """A cell over several columns or rows."""

    text: str
    across: int = 1
    down: int = 1


Cell = str | Span
Row = Sequence[Cell]
Rows = list[list[Cell]]
Figures = dict[str, int]


def table(rows: Iterable[Row]) -> str:
    """The rows as an HTML table."""
    return "<table border=1>" + "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows) + "</table>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"<td>{cell}</td>"
    spans = f' colspan="{cell.across}"' * (cell.across > 1) + f' rowspan="{cell.down}"' * (cell.down > 1)
    return f"<td{spans}>{cell.text}</td>"


def label(row: str) -> str:
    """The label of a row of the applications as the form of 2021 prints it."""
    return load_forms()["2021"].tables["applications"].rows[row].label


def application_figures(start: int = 100) -> Figures:
    """Another number for each cell, so that one in the wrong place shows."""
    names = [f"applications.{row}.{column}" for row in application_rows("2021") for column in COLUMNS]
    return {name: start + index for index, name in enumerate(names)}


def consistent_figures() -> Figures:
    """Numbers that keep the identities: each row another one, natural persons and enterprises only."""
    figures = dict.fromkeys(application_figures(), 0)
    done = [0, 0]
    for place, row in enumerate(application_rows("2021")):
        if row in ("new", "carried_in", "processed", "carried_out"):
            continue
        counts = (place + 1, 2 * place + 1)
        _set_row(figures, row, *counts)
        done = [done[0] + counts[0], done[1] + counts[1]]
    _set_row(figures, "processed", *done)
    _set_row(figures, "carried_out", 4, 3)
    _set_row(figures, "carried_in", 2, 2)
    _set_row(figures, "new", done[0] + 2, done[1] + 1)
    return figures


def _set_row(figures: Figures, row: str, natural: int, business: int) -> None:
    figures[f"applications.{row}.natural_person"] = natural
    figures[f"applications.{row}.business"] = business
    figures[f"applications.{row}.total"] = natural + business


def application_table(
    figures: Figures, *, header: Sequence[Cell] | None = None, columns: Sequence[str] = COLUMNS
) -> Rows:
    """The applications as a plain table: one header row, a row for each row of the form."""
    labels = dict(zip(COLUMNS, APPLICANT_LABELS, strict=True))
    rows: Rows = [["申请人情况", *(header if header is not None else [labels[column] for column in columns])]]
    for row in application_rows("2021"):
        rows.append([label(row), *(str(figures[f"applications.{row}.{column}"]) for column in columns)])
    return rows


def challenge_figures(start: int = 500) -> Figures:
    names = [f"challenges.{row}.{column}" for row in CHALLENGES for column in OUTCOMES]
    return {name: start + index for index, name in enumerate(names)}


def challenge_table(figures: Figures) -> Rows:
    """The challenges as the form prints them: one line of fifteen figures."""
    return [
        [Span("行政复议", 5), Span("行政诉讼", 10)],
        [*(Span(text, 1, 2) for text in OUTCOME_LABELS), Span("未经复议直接起诉", 5), Span("复议后起诉", 5)],
        [*OUTCOME_LABELS, *OUTCOME_LABELS],
        [str(figures[f"challenges.{row}.{column}"]) for row in CHALLENGES for column in OUTCOMES],
    ]


def disclosure_figures(start: int = 900) -> Figures:
    names = [f"disclosure.{row}.{column}" for _, row, _, columns in DISCLOSURE for column in columns]
    return {name: start + index for index, name in enumerate(names)}


def disclosure_table(figures: Figures) -> Rows:
    """The disclosure table with a header in front of each group."""
    rows: Rows = []
    for text, row, labels, columns in DISCLOSURE:
        if ["信息内容", *labels] not in rows[-2:]:
            rows.append(["信息内容", *labels])
        rows.append([text, *(str(figures[f"disclosure.{row}.{column}"]) for column in columns)])
    return rows


def page(
    *,
    disclosure: str = "",
    applications: str = "",
    challenges: str = "",
    title: str = TITLE,
    before: str = "",
    general: str = "",
    after: str = "",
) -> bytes:
    """A report with the given tables (HTML) in its sections."""
    return (
        f"<html><body><h1>{title}</h1>{before}"
        f"<p>一、总体情况</p><p>本年度依法公开政府信息。</p>{general}"
        f"<p>二、主动公开政府信息情况</p>{disclosure}"
        f"<p>三、收到和处理政府信息公开申请情况</p>{applications}"
        f"<p>四、政府信息公开行政复议、行政诉讼情况</p>{challenges}"
        "<p>五、存在的主要问题及改进情况</p><p>公开内容还不够丰富。</p>"
        f"<p>六、其他需要报告的事项</p><p>无。</p>{after}</body></html>"
    ).encode()


class Case(NamedTuple):
    """A page, and what its print says; read: names (or beginnings of names) of which every figure must be given."""

    data: bytes
    truth: Figures
    read: tuple[str, ...] = ()


Maker = Callable[[], Case]
