"""Plain text in the four shapes that copying leaves: which lines are cells, rows and prose."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import APPLICANT_LABELS, application_figures, label
from report_samples import COLUMNS, application_rows, numbered, sample, truth, values, wrong

from crawler.sandbox.writers import text as writer
from parsers.blocks import Document, Grid, Paragraph
from parsers.read import read_report
from parsers.readers.text import read

TITLE = "柳溪县水利局2023年政府信息公开工作年度报告"
FIGURES = application_figures()


def shape_of(text: str) -> list[str | list[list[str | None]]]:
    return [b.rows if isinstance(b, Grid) else b.text for b in read(text.encode()).blocks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲。\n\n乙。\r\n丙。", ["甲。", "乙。", "丙。"]),
        ("规章\t0\t1\t2\n文件\t3\t4\t5", [[["规章", "0", "1", "2"], ["文件", "3", "4", "5"]]]),
        ("\t规章\n\t0\n\t1\n\n\t文件\n\t3\n\t4\n", [[["规章", "0", "1"], ["文件", "3", "4"]]]),
        ("\t规章\n\t\n\t1\n", [[["规章", "", "1"]]]),
        ("\t规\n章\n\t0\n", [[["规\n章", "0"]]]),
        ("规章 0 1 2\n文件 3 / —\n", [[["规章", "0", "1", "2"], ["文件", "3", "/", "—"]]]),
        ("规章\n0\n1\n文件\n3\n4\n许可\n5\n6", [[["规章", "0", "1"], ["文件", "3", "4"], ["许可", "5", "6"]]]),
        ("我局公开信息\n5\n条。", ["我局公开信息", "5", "条。"]),
        ("[image: logo]前言。\n[bookmark: _Hlk1]正文。", ["前言。", "正文。"]),
        ("\ufeff甲\u200b。", ["甲。"]),
        ("", []),
        ("\n\n \n", []),
    ],
)
def test_shapes(text: str, expected: list[object]) -> None:
    assert shape_of(text) == expected


def test_one_file_may_mix_shapes() -> None:
    text = "前言。\n规章\t0\t1\n\n中间。\n\t文件\n\t3\n\n后记。"
    assert shape_of(text) == ["前言。", [["规章", "0", "1"]], "中间。", [["文件", "3"]], "后记。"]


def test_the_grids_of_text_are_loose() -> None:
    assert all(b.loose for b in read("规章\t0\t1\n文件 3 4".encode()).blocks if isinstance(b, Grid))


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    document = read(text.encode("utf-8", "replace"))
    assert isinstance(document, Document)
    assert all(block.text.strip() for block in document.blocks if isinstance(block, Paragraph))


# Whole reports


def lines_of(separator: str, header: list[str]) -> str:
    cells = [
        [label(row), *(str(FIGURES[f"applications.{row}.{c}"]) for c in COLUMNS)] for row in application_rows("2021")
    ]
    rows = [separator.join(row) for row in [header, *cells]]
    return "\n".join(
        [
            TITLE,
            "一、总体情况",
            "平稳。",
            "三、收到和处理政府信息公开申请情况",
            *rows,
            "五、存在的主要问题及改进情况",
            "无。",
        ]
    )


@pytest.mark.parametrize("separator", ["\t", " ", "   ", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_of_any_separator_encoding_and_line_end(separator: str, encoding: str, end: str) -> None:
    text = lines_of(separator, APPLICANT_LABELS).replace("\n", end)
    report = read_report(text.encode(encoding))
    assert {name: report.value(name) for name in FIGURES} == FIGURES
    assert (report.media, report.agency, report.year) == ("text", "柳溪县水利局", 2023)


@pytest.mark.parametrize("separator", ["\t", "\n"])
def test_columns_in_another_order_are_seen_or_refused(separator: str) -> None:
    turned = ["总计", *APPLICANT_LABELS[:-1]]
    found = values(read_report(lines_of(separator, turned).encode()))
    columns = dict(zip(COLUMNS, ("total", *COLUMNS[:-1]), strict=True))
    printed = {
        f"applications.{row}.{columns[c]}": FIGURES[f"applications.{row}.{c}"]
        for row in application_rows("2021")
        for c in COLUMNS
    }
    assert wrong(found, printed) == {}


@pytest.mark.parametrize("separator", ["\t", "\n"])
@pytest.mark.parametrize("lacking", range(7))
def test_a_heading_that_lacks_a_column_is_not_trusted(separator: str, lacking: int) -> None:
    """Seven figures under six headings: which is which cannot be told."""
    header = [text for i, text in enumerate(APPLICANT_LABELS) if i != lacking]
    report = read_report(lines_of(separator, header).encode())
    assert {report.figures[name].state for name in FIGURES} == {"unreadable"}


def test_a_heading_torn_apart_by_a_line_break() -> None:
    text = lines_of("\n", APPLICANT_LABELS).replace("社会公益组织", "社会公\n益组织")
    found = values(read_report(text.encode()))
    assert wrong(found, dict(FIGURES)) == {}


def test_page_numbers_between_rows_are_no_figures() -> None:
    text = lines_of("\n", APPLICANT_LABELS).replace(f"{label('granted')}\n", f"3\n{label('granted')}\n")
    found = values(read_report(text.encode()))
    assert wrong(found, dict(FIGURES)) == {}


@pytest.mark.parametrize(("form", "three_rows"), [("2019", False), ("2021", False), ("2021", True)])
def test_a_report_as_pdf_viewers_copy_it(form: str, three_rows: bool) -> None:
    """A row a line, its cells parted by blanks: headings have no figures, some rows have one."""
    figures = numbered(form, three_rows=three_rows)
    report = sample(figures, form=form, year=2020 if form == "2019" else 2023)
    tabbed = writer.write(report, shape="tabs").decode()
    spaced = "\n".join(" ".join(cell for cell in line.split("\t") if cell) for line in tabbed.split("\n"))
    assert values(read_report(spaced.encode())) == truth(figures, form)


def test_a_very_long_line_is_no_row() -> None:
    assert shape_of("1 " * 200_000 + "x") == [("1 " * 200_000 + "x")]


@pytest.mark.parametrize("misprint", ["法人和其他组织", "法人或其它组织", "", "法人"])
@pytest.mark.parametrize("shape", ["cells", "tabs", "lines"])
def test_a_misprinted_group_of_headings_moves_no_column(shape: Any, misprint: str) -> None:
    """自然人, 总计, 商业企业, …: two rows of headings one behind the other are not one row in another order."""
    figures = numbered()
    text = writer.write(sample(figures), shape=shape).decode().replace("法人或其他组织", misprint)
    assert wrong(values(read_report(text.encode())), truth(figures, "2021")) == {}
