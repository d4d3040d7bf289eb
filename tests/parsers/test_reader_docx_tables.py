"""Tables in Word files: spans, merges, nesting, revisions."""

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wordml import BEGIN, DOWN, SPAN2, SPAN3, STYLES, blocks, p, run, saved, tbl, tc, texts, tr

from parsers.blocks import Grid, Paragraph
from parsers.errors import OversizedDocument
from parsers.readers import docx as reader
from parsers.readers.docx import read

Area = tuple[int, int, int, int]


def test_spans_and_vertical_merges() -> None:
    table = tbl(
        tr(tc("题", SPAN3)),
        tr(tc("甲", BEGIN), tc("乙"), tc("1")),
        tr(tc("", DOWN), tc("丙", BEGIN + ""), tc("2")),
        tr(tc("密", DOWN), tc("", '<w:vMerge w:val="continue"/>'), tc("3")),
    )
    assert texts(blocks(table)) == [
        [["题", None, None], ["甲", "乙", "1"], [None, "丙", "2"], [None, None, "3"]],
    ]


def test_area_merged_both_ways() -> None:
    table = tbl(tr(tc("甲", SPAN2 + BEGIN), tc("1")), tr(tc("", SPAN2 + DOWN), tc("2")))
    assert texts(blocks(table)) == [[["甲", None, "1"], [None, None, "2"]]]


def test_continuation_without_a_beginning_is_a_cell_of_its_own() -> None:
    assert texts(blocks(tbl(tr(tc("甲"), tc("1")), tr(tc("乙", DOWN), tc("2"))))) == [[["甲", "1"], ["乙", "2"]]]


def test_old_horizontal_merge() -> None:
    row = tr(tc("甲", '<w:hMerge w:val="restart"/>'), tc("", '<w:hMerge w:val="continue"/>'), tc("1"))
    assert texts(blocks(tbl(row, tr(tc("a"), tc("b"), tc("c"))))) == [[["甲", None, "1"], ["a", "b", "c"]]]


def test_grid_before_and_after() -> None:
    before = '<w:gridBefore w:val="2"/><w:wBefore w:w="10"/>'
    table = tbl(
        tr(tc("a"), tc("b"), tc("c")),
        tr(tc("1"), properties=before),
        tr(tc("2"), properties='<w:gridAfter w:val="2"/>'),
    )
    assert texts(blocks(table)) == [[["a", "b", "c"], ["", "", "1"], ["2"]]]


def test_absurd_spans_are_bounded() -> None:
    found = blocks(tbl(tr(tc("a", '<w:gridSpan w:val="999999999"/>')), tr(tc("b", '<w:gridSpan w:val="x"/>'))))
    assert isinstance(found[0], Grid)
    assert [len(row) for row in found[0].rows] == [reader.MAX_SPAN, 1]


def test_too_many_cells() -> None:
    row = tr(*[tc("", '<w:gridSpan w:val="200"/>')] * 50)
    with pytest.raises(OversizedDocument, match="cells"):
        blocks(tbl(*[row] * 21))


def test_rows_and_cells_inside_content_controls_and_revisions() -> None:
    cell = f"<w:sdt><w:sdtContent>{tc('2')}</w:sdtContent></w:sdt>"
    wrapped = f"<w:sdt><w:sdtContent>{tr(tc('乙'), cell)}</w:sdtContent></w:sdt>"
    inserted = tr(tc("丙"), tc("3"), properties="<w:ins/>")
    deleted = tr(tc("丁"), tc("4"), properties="<w:del/>")
    hidden = tr(tc("戊"), tc("5"), properties="<w:hidden/>")
    body = (
        f"<w:sdt><w:sdtContent>{tbl(tr(tc('甲'), tc('1')), wrapped, inserted, deleted, hidden)}</w:sdtContent></w:sdt>"
    )
    assert texts(blocks(body)) == [[["甲", "1"], ["乙", "2"], ["丙", "3"]]]


def test_properties_before_a_tracked_change_do_not_count() -> None:
    changed = f"<w:tcPrChange><w:tcPr>{SPAN3}{DOWN}</w:tcPr></w:tcPrChange>"
    assert texts(blocks(tbl(tr(tc("a", changed), tc("b")), tr(tc("c"), tc("d", changed))))) == [
        [["a", "b"], ["c", "d"]]
    ]
    old_style = '<w:pPrChange><w:pPr><w:pStyle w:val="1"/></w:pPr></w:pPrChange>'
    assert blocks(p("文", old_style), styles=STYLES) == [Paragraph("文")]


def test_nested_tables_stand_before_the_one_that_holds_them() -> None:
    innermost = tbl(tr(tc("x"), tc("y")))
    inner = tbl(tr(tc("甲"), f"<w:tc>{p('乙前')}{innermost}{p('乙后')}</w:tc>"))
    outer = tbl(tr(f"<w:tc>{p('前')}{inner}{p('后')}</w:tc>", tc("1")), tr(tc("2"), tc("3")))
    assert texts(blocks(p("文") + outer + p("尾"))) == [
        "文",
        [["x", "y"]],
        [["甲", "乙前\n乙后"]],
        [["前\n后", "1"], ["2", "3"]],
        "尾",
    ]


def test_a_table_of_one_cell_is_a_frame() -> None:
    inner = tbl(tr(tc("甲"), tc("1")))
    frame = tbl(tr(f"<w:tc><w:tcPr/>{p('一、总体情况')}{inner}{p('尾')}</w:tc>"))
    assert texts(blocks(tbl(tr(f"<w:tc>{frame}</w:tc>")))) == ["一、总体情况", [["甲", "1"]], "尾"]
    assert texts(blocks(tbl(tr(tc("甲")), tr(tc("乙"))))) == [[["甲"], ["乙"]]]


def test_text_in_cells() -> None:
    cell = f"<w:tc>{p('  自然人 ')}<w:p/><w:p>{run('（件')}<w:r><w:br/></w:r>{run('数）')}</w:p></w:tc>"
    assert texts(blocks(tbl(tr(cell, "<w:tc><w:p/></w:tc>", tc("1 024"))))) == [[["自然人\n（件\n数）", "", "1 024"]]]


@st.composite
def merged_grids(draw: st.DrawFn) -> tuple[int, int, list[Area]]:
    """Rows, columns, and areas (top, left, bottom, right) that do not overlap."""
    height, width = draw(st.integers(1, 7)), draw(st.integers(2, 7))
    areas: list[Area] = []
    taken: set[tuple[int, int]] = set()
    for _ in range(draw(st.integers(0, 5))):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        bottom, right = draw(st.integers(top, height - 1)), draw(st.integers(left, width - 1))
        places = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        if len(places) > 1 and not places & taken and len(places) < height * width:
            taken |= places
            areas.append((top, left, bottom, right))
    return height, width, areas


@given(merged_grids())
@settings(max_examples=40, deadline=None)
def test_merged_areas_survive(grid: tuple[int, int, list[Area]]) -> None:
    height, width, areas = grid
    document = docx.Document()
    table = document.add_table(height, width)
    expected: list[list[str | None]] = [[f"{row}.{column}" for column in range(width)] for row in range(height)]
    for top, left, bottom, right in areas:
        table.cell(top, left).merge(table.cell(bottom, right))
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    expected[row][column] = None
    for row, cells in enumerate(expected):
        for column, text in enumerate(cells):
            if text is not None:
                table.cell(row, column).text = text
    assert texts(read(saved(document)).blocks) == [expected]
