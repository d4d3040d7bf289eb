"""The Excel reader, on workbooks made with xlsxwriter and openpyxl."""

import datetime
import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.blocks import Block, Paragraph
from parsers.errors import (
    EmptyDocument,
    ImageOnlyDocument,
    OversizedDocument,
    TruncatedDocument,
    UnreadableDocument,
)
from parsers.readers.xlsx import read
from parsers.readers.xlsx_layout import split
from parsers.readers.xlsx_parts import MAX_CELLS

Area = tuple[int, int, int, int]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


def workbook(fill: Callable[[Any], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        fill(book)
    return out.getvalue()


def sheet(rows: Sequence[Sequence[Any]], merges: Sequence[Area] = (), bordered: Sequence[int] = ()) -> bytes:
    """A workbook of one sheet. None: no cell. merges: (top, left, bottom, right). bordered: rows with borders."""

    def fill(book: Any) -> None:
        page, border = book.add_worksheet(), book.add_format({"border": 1})
        width = max(map(len, rows), default=0)
        for top, left, bottom, right in merges:
            page.merge_range(top, left, bottom, right, "", border if top in bordered else None)
        for number, row in enumerate(rows):
            style = border if number in bordered else None
            for column in range(width if style else len(row)):
                value = row[column] if column < len(row) else None
                if value is not None:
                    page.write(number, column, value, style)
                elif style and not any(t <= number <= b and x <= column <= y for t, x, b, y in merges):
                    page.write_blank(number, column, None, style)

    return workbook(fill)


def rewritten(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The workbook with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()) if name == part else content)
    return out.getvalue()


def texts(found: Sequence[Block]) -> list[str | list[list[str | None]]]:
    return [block.text if isinstance(block, Paragraph) else block.rows for block in found]


SHEET = "xl/worksheets/sheet1.xml"


# Values.


def test_values() -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet()
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        page.write_row(0, 0, ["值", " 两 端  空白 ", "行一\n 行二 \n", 12, 12.5, 1e15, 0.1, -3])
        page.write_datetime(1, 0, datetime.datetime(2024, 1, 25), day)
        page.write_datetime(1, 1, datetime.datetime(2024, 1, 25, 8, 30), moment)
        page.write_boolean(1, 2, True)
        page.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        page.write_formula(1, 4, "=A1+1", None, 7)
        page.write_formula(1, 5, '="a"', None, "字")
        page.write_rich_string(1, 6, "规", book.add_format({"bold": True}), "章")
        page.write_number(1, 7, 0.5, book.add_format({"num_format": "0%"}))

    found = read(workbook(fill))
    assert found.media == "xlsx"
    assert texts(found.blocks) == [
        [
            ["值", "两 端 空白", "行一\n行二", "12", "12.5", "1000000000000000", "0.1", "-3"],
            ["2024-01-25", "2024-01-25 08:30:00", "TRUE", "#DIV/0!", "7", "字", "规章", "0.5"],
        ]
    ]


def test_properties() -> None:
    def fill(book: Any) -> None:
        book.set_properties({"title": "年度 报告", "created": datetime.datetime(2024, 1, 25)})
        book.add_worksheet().write(0, 0, "文")

    assert read(workbook(fill)).meta == {"title": "年度 报告", "created": "2024-01-25"}


def test_workbook_of_openpyxl() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    page = book.active
    page.append(["某局2023年年报"])
    page.append(["行", "自然人", "总计"])
    page.append(["新收", 3, 3.0])
    page.merge_cells("A1:C1")
    book.save(out)
    assert texts(read(out.getvalue()).blocks) == ["某局2023年年报", [["行", "自然人", "总计"], ["新收", "3", "3"]]]


def test_hidden_sheets_rows_and_columns_are_not_shown() -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet("表")
        for row in range(4):
            page.write_row(row + 2, 1, [f"{row}a", f"{row}b", f"{row}c", row])
        page.merge_range(2, 1, 2, 4, "题")
        page.set_row(4, None, None, {"hidden": True})
        page.set_column(2, 2, None, None, {"hidden": True})
        secret = book.add_worksheet("密")
        secret.write(0, 0, "密")
        secret.hide()
        deep = book.add_worksheet("深")
        deep.write(0, 0, "密")
        deep.very_hidden()
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=表!$E$3:$E$6"})
        book.add_chartsheet("图").set_chart(chart)
        book.add_worksheet("空")
        book.add_worksheet("二").write(5, 5, "尾")

    assert texts(read(workbook(fill)).blocks) == ["题", [["1a", "1c", "1"], ["3a", "3c", "3"]], "尾"]


def test_hidden_row_in_which_a_merged_cell_begins_is_kept() -> None:
    data = sheet([["甲", "一", 1], [None, "二", 2], ["乙", "三", 3]], [(0, 0, 1, 0)])
    data = rewritten(data, SHEET, lambda xml: xml.replace('<row r="1"', '<row r="1" hidden="1"'))
    assert texts(read(data).blocks) == [[["甲", "一", "1"], [None, "二", "2"], ["乙", "三", "3"]]]


# Layout.

PLAIN: list[list[Any]] = [
    ["某局2023年政府信息公开工作年度报告"],
    ["一、总体情况"],
    ["本年度主动公开信息若干条。\n另有说明。"],
    ["二、主动公开政府信息情况"],
    ["信息内容", "制发", "废止"],
    ["规章", 0, 0],
    ["三、收到和处理政府信息公开申请情况"],
    ["申请", "自然人", "总计"],
    ["一、本年新收", 1, 1],
    ["二、上年结转"],
    ["三、予以公开", 1, 1],
    [],
    ["五、存在的主要问题"],
]
EXPECTED: list[Any] = [
    "某局2023年政府信息公开工作年度报告",
    "一、总体情况",
    "本年度主动公开信息若干条。",
    "另有说明。",
    "二、主动公开政府信息情况",
    [["信息内容", "制发", "废止"], ["规章", "0", "0"]],
    "三、收到和处理政府信息公开申请情况",
    [["申请", "自然人", "总计"], ["一、本年新收", "1", "1"], ["二、上年结转", "", ""], ["三、予以公开", "1", "1"]],
    "五、存在的主要问题",
]


def test_report_in_a_sheet_without_borders() -> None:
    assert texts(read(sheet(PLAIN)).blocks) == EXPECTED


def test_report_in_a_sheet_with_bordered_tables() -> None:
    assert texts(read(sheet(PLAIN, bordered=(4, 5, 7, 8, 9, 10))).blocks) == EXPECTED


def test_report_inside_a_frame() -> None:
    """Everything has borders; headings and prose are merged over the full width."""
    merges = [(row, 0, row, 2) for row in (0, 1, 2, 3, 6, 12)]
    rows = [*PLAIN[:11], [None], PLAIN[12]]
    assert texts(read(sheet(rows, merges, bordered=range(13))).blocks) == EXPECTED


def test_bordered_row_with_one_cell_belongs_to_its_table() -> None:
    rows: list[list[Any]] = [
        ["第二十条第（一）项"],
        ["信息内容", "制发"],
        ["规章", 0],
        ["第二十条第（五）项"],
        ["信息内容", "决定"],
        ["许可", 1],
        ["结转"],
    ]
    merges = [(0, 0, 0, 1), (3, 0, 3, 1)]
    assert texts(read(sheet(rows, merges, bordered=range(7))).blocks) == [
        [
            ["第二十条第（一）项", None],
            ["信息内容", "制发"],
            ["规章", "0"],
            ["第二十条第（五）项", None],
            ["信息内容", "决定"],
            ["许可", "1"],
            ["结转", ""],
        ]
    ]


def test_merged_cell_ties_rows_to_the_table() -> None:
    rows: list[list[Any]] = [["行", "列", "数"], ["办理", "公开", 1], [None, "部分"], [None, "不予"]]
    assert texts(read(sheet(rows, [(1, 0, 3, 0)])).blocks) == [
        [["行", "列", "数"], ["办理", "公开", "1"], [None, "部分", ""], [None, "不予", ""]]
    ]


def test_prose_in_a_block_of_merged_rows_is_one_paragraph() -> None:
    rows: list[list[Any]] = [["公开情况良好。"], [None], [None], ["行", "数"], ["甲", 1]]
    assert texts(read(sheet(rows, [(0, 0, 2, 1)])).blocks) == ["公开情况良好。", [["行", "数"], ["甲", "1"]]]


def test_empty_rows_and_columns_around_a_table_are_cut() -> None:
    rows: list[list[Any]] = [[], [], [None, None, "行", "数"], [None, None, "甲", 1], [], []]
    assert texts(read(sheet(rows, bordered=range(6))).blocks) == [[["行", "数"], ["甲", "1"]]]


def test_far_apart_tables_are_two() -> None:
    assert texts(read(sheet([["甲", 1], [], [], [], ["乙", 2]])).blocks) == [[["甲", "1"]], [["乙", "2"]]]


@st.composite
def merged_grids(draw: st.DrawFn) -> tuple[int, int, list[Area]]:
    height, width = draw(st.integers(1, 7)), draw(st.integers(2, 7))
    areas: list[Area] = []
    taken: set[tuple[int, int]] = set()
    for _ in range(draw(st.integers(0, 5))):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        bottom, right = draw(st.integers(top, height - 1)), draw(st.integers(left, width - 1))
        places = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        if len(places) > 1 and not places & taken:
            taken |= places
            areas.append((top, left, bottom, right))
    return height, width, areas


@given(merged_grids())
@settings(max_examples=40, deadline=None)
def test_merged_areas_survive(grid: tuple[int, int, list[Area]]) -> None:
    height, width, areas = grid
    # A row and a column of labels keep the sheet's used area and its being one table.
    rows: list[list[Any]] = [[f"列{column}" for column in range(width + 2)]]
    rows += [[f"行{row}", *(row * width + column for column in range(width)), 1] for row in range(height)]
    moved = [(top + 1, left + 1, bottom + 1, right + 1) for top, left, bottom, right in areas]
    expected = [[str(value) for value in row] for row in rows]
    blank: list[list[Any]] = [list(row) for row in rows]
    covered: list[list[str | None]] = [list(row) for row in expected]
    for top, left, bottom, right in moved:
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    covered[row][column] = blank[row][column] = None
    assert texts(read(sheet(blank, moved)).blocks) == [covered]


cells = st.sampled_from(["", "", "字", "1", "一、题", "句子。"])


@given(
    st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=9)),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_no_cell_is_lost_and_none_moves_before_another(rows: list[list[str | None]], data: st.DataObject) -> None:
    bordered = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    found = split(rows, [], bordered)
    said = [
        cell
        for block in found
        for cell in ([block.text] if isinstance(block, Paragraph) else [c for row in block.rows for c in row])
        if cell
    ]
    assert said == [cell for row in rows for cell in row if cell]


# Bad files.


def test_empty_and_image_only() -> None:
    with pytest.raises(EmptyDocument):
        read(sheet([]))
    with pytest.raises(EmptyDocument):
        read(sheet([["  "]]))

    def picture(book: Any) -> None:
        book.add_worksheet().insert_image(0, 0, "x.png", {"image_data": io.BytesIO(PNG)})

    with pytest.raises(ImageOnlyDocument):
        read(workbook(picture))


def test_two_cells_in_far_corners_are_refused() -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet()
        page.write(0, 0, 1)
        page.write(1_048_575, 16_383, 1)

    with pytest.raises(OversizedDocument, match=str(MAX_CELLS)):
        read(workbook(fill))


def test_style_in_a_far_corner_does_no_harm() -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet()
        page.write(0, 0, "文")
        page.write_blank(1_048_575, 16_383, None, book.add_format({"border": 1}))

    assert texts(read(workbook(fill)).blocks) == ["文"]


def test_merged_area_over_the_whole_sheet_does_no_harm() -> None:
    data = rewritten(
        sheet([["文", None, None], ["甲", 1, 2]], [(0, 0, 0, 2)]), SHEET, lambda xml: xml.replace("A1:C1", "A1:XFD1")
    )
    assert texts(read(data).blocks) == ["文", [["甲", "1", "2"]]]


def test_many_areas_upon_one_another() -> None:
    areas = '<mergeCell ref="A1:J1000"/>' * 1000
    rows = [list(range(10)) for _ in range(1000)]
    data = rewritten(sheet(rows, [(0, 0, 0, 1)]), SHEET, lambda xml: re.sub("<mergeCell .*?/>", areas, xml))
    with pytest.raises(OversizedDocument):
        read(data)


@pytest.mark.parametrize("reference", ["A0", "a1", "XFE1", "A1048577", "AAAA1", "1", "A"])
def test_impossible_references(reference: str) -> None:
    data = rewritten(sheet([["甲", 1]]), SHEET, lambda xml: xml.replace('r="A1"', f'r="{reference}"'))
    with pytest.raises(TruncatedDocument, match="which cannot be"):
        read(data)


@pytest.mark.parametrize("days", [1e10, 1e300])
def test_duration_that_cannot_be(days: float) -> None:
    def fill(book: Any) -> None:
        book.add_worksheet().write_number(0, 0, days, book.add_format({"num_format": "[h]:mm"}))

    with pytest.raises(TruncatedDocument, match="cannot be"):
        read(workbook(fill))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET])
def test_damaged_parts(part: str) -> None:
    with pytest.raises(TruncatedDocument):
        read(rewritten(sheet([["甲", 1]]), part, lambda xml: xml[: len(xml) // 2]))


def test_file_cut_or_damaged_anywhere_gives_a_sentence_or_a_document() -> None:
    whole, dice = sheet(PLAIN), random.Random(5)
    for turn in range(200):
        data = bytearray(whole[: dice.randrange(len(whole))] if turn % 2 else whole)
        for _ in range(0 if turn % 2 else 4):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            assert read(bytes(data)).blocks
        except UnreadableDocument as error:
            assert str(error)


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"])
def test_damaged_values_give_a_sentence_or_a_document(part: str) -> None:
    whole, dice = sheet(PLAIN, bordered=(4, 5)), random.Random(9)

    def change(xml: str) -> str:
        tokens = re.findall(r"<[^>]*>|[^<]+|", xml)
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(tokens))
            tokens[place] = re.sub(
                r"\d+", lambda _: dice.choice(["-1", "99999999999", "x", "", "1e400"]), tokens[place]
            )
        return "".join(tokens)

    for _ in range(60):
        try:
            assert read(rewritten(whole, part, change)).blocks
        except UnreadableDocument as error:
            assert str(error)
