"""The PDF reader: a real report, generated files of every shape, damaged and refused files."""

import io
import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph as Prose
from reportlab.platypus import SimpleDocTemplate, Spacer, Table

from parsers.blocks import Document, Grid, Paragraph
from parsers.errors import (
    EmptyDocument,
    EncryptedDocument,
    ImageOnlyDocument,
    OversizedDocument,
    TruncatedDocument,
    UnreadableDocument,
)
from parsers.form import load_forms
from parsers.labels import label_key
from parsers.readers.pdf import MAX_PAGES, read
from parsers.readers.pdf_chars import tidy

REPORTS = Path(__file__).parents[3] / "shared" / "reports"
FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

BODY = ParagraphStyle("body", fontName=FONT, fontSize=12, leading=20, wordWrap="CJK", firstLineIndent=24)
HEADING = ParagraphStyle("heading", parent=BODY, firstLineIndent=0)
TITLE = ParagraphStyle("title", parent=BODY, fontSize=20, leading=28, alignment=1, firstLineIndent=0)
CELL = ParagraphStyle("cell", fontName=FONT, fontSize=9, leading=12, wordWrap="CJK")
SMALL = ("FONT", (0, 0), (-1, -1), FONT, 9)
RULED = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)


def canvas_pdf(draw: Callable[[Canvas], Any], **options: Any) -> bytes:
    """One A4 page drawn by `draw`, in 10 point type."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True, **options)
    canvas.setFont(FONT, 10)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def flow_pdf(*content: Any, number: str = "- {} -", title: str = "") -> bytes:
    """A document of flowing text and tables, with page numbers."""

    def page_number(canvas: Canvas, document: Any) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawCentredString(A4[0] / 2, 36, number.format(document.page))

    out = io.BytesIO()
    template = SimpleDocTemplate(out, pagesize=A4, title=title, invariant=True)
    template.build(list(content), onFirstPage=page_number, onLaterPages=page_number)
    return out.getvalue()


def grids(document: Document) -> list[Grid]:
    return [block for block in document.blocks if isinstance(block, Grid)]


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


# A real report


@pytest.fixture(scope="module")
def hongze() -> Document:
    path = REPORTS / "hongze-district-2023.pdf"
    if not path.exists():
        pytest.skip(f"the real report {path.name} is not beside this repository")
    return read(path.read_bytes())


@pytest.fixture(scope="module")
def gold() -> dict[str, Any]:
    path = REPORTS / "hongze-district-2023.gold.json"
    if not path.exists():
        pytest.skip(f"the real report's figures {path.name} are not beside this repository")
    return json.loads(path.read_text("utf-8"))


def printed(gold: dict[str, Any], table: str) -> dict[str, float]:
    return {name: value for name, value in gold["figures"].items() if name.startswith(table) and value is not None}


def test_real_report_has_every_figure_of_the_applications(hongze: Document, gold: dict[str, Any]) -> None:
    table = load_forms()["2021"].tables["applications"]
    names = {label_key(row.label): name for name, row in table.rows.items()}
    names[label_key("2.其他法律行政止公开")] = "refused_law_forbids"  # the report's own misprint
    found = {}
    for grid in grids(hongze):
        for row in grid.rows:
            if len(row) != 10:
                continue
            labels = [names[label_key(cell)] for cell in row[:3] if cell and label_key(cell) in names]
            if labels:
                figures = zip(table.columns, row[3:], strict=True)
                found |= {f"applications.{labels[-1]}.{column}": float(cell or "nan") for column, cell in figures}
    assert found == printed(gold, "applications")


def test_real_report_has_every_figure_of_the_disclosure(hongze: Document, gold: dict[str, Any]) -> None:
    labels = {
        "规章": "regulations",
        "行政规范性文件": "normative_documents",
        "行政许可": "licensing",
        "行政处罚": "penalties",
        "行政强制": "coercion",
        "行政事业性收费": "fees",
    }
    columns = {
        "本年制发件数": "issued",
        "本年废止件数": "repealed",
        "现行有效件数": "in_force",
        "本年处理决定数量": "decisions",
        "本年收费金额（单位：万元）": "amount",
    }
    found = {}
    heading: list[str | None] = []
    for row in [row for grid in grids(hongze) for row in grid.rows]:
        if row[0] == "信息内容":
            heading = row
        elif row[0] in labels:
            for label, cell in zip(heading[1:], row[1:], strict=True):
                if label is not None and cell is not None:
                    found[f"disclosure.{labels[row[0]]}.{columns[label]}"] = float(cell)
    assert found == printed(gold, "disclosure")


def test_real_report_has_every_figure_of_the_challenges(hongze: Document, gold: dict[str, Any]) -> None:
    rows = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
    columns = ("upheld", "corrected", "other", "pending", "total")
    names = [f"challenges.{row}.{column}" for row, column in product(rows, columns)]
    (grid,) = [grid for grid in grids(hongze) if len(grid.rows[0]) == 15]
    assert dict(zip(names, map(float, grid.rows[-1]), strict=True)) == printed(gold, "challenges")
    assert [cell for cell in grid.rows[0] if cell is not None] == ["行政复议", "行政诉讼"]


def test_real_report_vertical_heading_and_misprint(hongze: Document) -> None:
    cells = {cell for grid in grids(hongze) for row in grid.rows for cell in row}
    assert {"三、本年度办理结果", "2.其他法律行政止公开", "3.危及“三安全一稳定”"} <= cells
    assert "法人或其他组织" in cells


def test_real_report_prose(hongze: Document, gold: dict[str, Any]) -> None:
    assert texts(hongze)[0] == gold["title"]
    numbered = [text for text in texts(hongze) if text[:2] in ("一、", "二、", "三、", "四、", "五、", "六、")]
    assert numbered == [
        "一、总体情况",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
        "五、存在的主要问题及改进情况",
        "六、其他需要报告的事项",
    ]
    assert not any(text.strip("- ").isdigit() for text in texts(hongze))
    (carried_over,) = [text for text in texts(hongze) if "工作人员跟班学习制度" in text]
    assert carried_over.startswith("2023年") and carried_over.endswith("工作水平。")  # over the end of page 4
    assert hongze.meta == {"title": gold["title"], "created": "2024-02-26"}


def test_real_report_pages_and_boxes(hongze: Document) -> None:
    assert [grid.pages[0] for grid in grids(hongze) if grid.pages] == [2, 3, 3, 4, 4]
    for grid in grids(hongze):
        filled = {(r, c) for r, row in enumerate(grid.rows) for c, cell in enumerate(row) if cell}
        assert set(grid.boxes) == filled
        assert grid.pages is not None and len(grid.pages) == len(grid.rows)
        assert all(0 <= x0 < x1 <= 595 and 0 <= y0 < y1 <= 842 for x0, y0, x1, y1 in grid.boxes.values())


# Ruled tables, however they are drawn

XS, YS = (100, 160, 220, 280), (240, 270, 300, 330)
NINE = [["行0名", "8", "15"], ["行1名", "308", "315"], ["行2名", "608", "615"]]


def write_nine(canvas: Canvas) -> None:
    canvas.setFont(FONT, 10)
    for r, row in enumerate(NINE):
        for c, cell in enumerate(row):
            canvas.drawString(XS[c] + 5, YS[2 - r] + 10, cell)


def draw_lines(canvas: Canvas) -> None:
    canvas.grid(XS, YS)


def draw_thin_fills(canvas: Canvas) -> None:
    for y in YS:
        canvas.rect(100, y, 180, 0.5, stroke=0, fill=1)
    for x in XS:
        canvas.rect(x, 240, 0.5, 90, stroke=0, fill=1)


def draw_one_stroked_path(canvas: Canvas) -> None:
    path = canvas.beginPath()
    for y in YS:
        path.moveTo(100, y)
        path.lineTo(280, y)
    for x in XS:
        path.moveTo(x, 330)
        path.lineTo(x, 240)
    canvas.drawPath(path)


def draw_one_filled_path(canvas: Canvas) -> None:
    path = canvas.beginPath()
    for y in YS:
        path.rect(100, y, 180, 0.5)
    for x in XS:
        path.rect(x, 240, 0.5, 90)
    canvas.drawPath(path, stroke=0, fill=1)


def draw_stroked_boxes(canvas: Canvas) -> None:
    for x, y in product(XS[:3], YS[:3]):
        canvas.rect(x, y, 60, 30)


def draw_pieces(canvas: Canvas) -> None:
    for x, y in product(XS[:3], YS):
        canvas.line(x + 1, y, x + 59, y)
    for x, y in product(XS, YS[:3]):
        canvas.line(x, y + 1, x, y + 29)


def draw_in_nested_forms(canvas: Canvas) -> None:
    canvas.beginForm("inner")
    canvas.setLineWidth(0.5)
    canvas.grid([x - 100 for x in XS], [y - 240 for y in YS])
    canvas.endForm()
    canvas.beginForm("outer")
    canvas.translate(60, 200)
    canvas.doForm("inner")
    canvas.endForm()
    canvas.saveState()
    canvas.translate(40, 40)
    canvas.doForm("outer")
    canvas.restoreState()


def draw_open_sides(canvas: Canvas) -> None:
    for y in YS:
        canvas.line(100, y, 280, y)
    for x in XS[1:3]:
        canvas.line(x, 240, x, 330)


def draw_without_closing_rule(canvas: Canvas) -> None:
    for y in YS[1:]:
        canvas.line(100, y, 280, y)
    for x in XS:
        canvas.line(x, 240, x, 330)


@pytest.mark.parametrize(
    "draw",
    [
        draw_lines,
        draw_thin_fills,
        draw_one_stroked_path,
        draw_one_filled_path,
        draw_stroked_boxes,
        draw_pieces,
        draw_in_nested_forms,
        draw_open_sides,
        draw_without_closing_rule,
    ],
)
def test_every_way_of_drawing_rules(draw: Callable[[Canvas], None]) -> None:
    document = read(canvas_pdf(lambda canvas: (draw(canvas), write_nine(canvas))))
    (grid,) = grids(document)
    assert grid.rows == NINE
    assert grid.boxes[1, 2] == pytest.approx((220, 270, 280, 300), abs=1.5)
    assert texts(document) == []


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_page_is_read_as_shown(turn: int) -> None:
    width, height = A4[::-1] if turn % 180 else A4  # reportlab turns the sheet, too

    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(turn)
        canvas.translate(*{0: (0, 0), 90: (width, 0), 180: (width, height), 270: (0, height)}[turn])
        canvas.rotate(turn)
        draw_lines(canvas)
        write_nine(canvas)
        canvas.drawString(100, 500, "标题在表格上面")

    document = read(canvas_pdf(draw))
    assert isinstance(document.blocks[0], Paragraph) and document.blocks[0].text == "标题在表格上面"
    assert grids(document)[0].rows == NINE
    assert grids(document)[0].boxes[2, 0] == pytest.approx((100, 240, 160, 270), abs=1.5)


def test_shading_underlines_and_frames_are_no_tables() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(0.9)
        canvas.rect(80, 400, 400, 60, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.rect(90, 500, 400, 60)
        canvas.line(100, 598, 180, 598)
        canvas.circle(300, 700, 40)
        for y, text in ((600, "下划线的文字"), (520, "框里的文字"), (420, "有底色的文字")):
            canvas.drawString(100, y, text)

    document = read(canvas_pdf(draw))
    assert grids(document) == []
    assert texts(document) == ["下划线的文字", "框里的文字", "有底色的文字"]


def test_text_wider_than_its_cell_stays_whole() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.grid([100, 150, 200, 250], [100, 130, 160])
        for x, text in ((105, "社会公益组织"), (155, "法律服务机构"), (205, "其他")):
            canvas.drawString(x, 140, text)
        for x, text in ((120, "7"), (170, "12"), (220, "0")):
            canvas.drawString(x, 110, text)

    assert grids(read(canvas_pdf(draw)))[0].rows == [["社会公益组织", "法律服务机构", "其他"], ["7", "12", "0"]]


def test_two_numbers_in_a_cell_are_not_made_one() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.grid([100, 130, 300], [100, 150])
        canvas.drawString(110, 130, "1")
        canvas.drawString(110, 110, "2")
        canvas.drawString(210, 110, "3 4")

    assert grids(read(canvas_pdf(draw)))[0].rows == [["1\n2", "3 4"]]


def test_dashes_words_and_single_characters_in_cells_are_kept() -> None:
    # Without an installed Chinese font pdfium passes over a text of a single Chinese character.
    data = [["行政许可", "无"], ["行政处罚", "-"], ["行政强制", "/"], ["收费", "—"], ["无", "—"], ["0", "1,024.50"]]
    document = read(flow_pdf(Table(data, style=[RULED, SMALL])))
    assert grids(document)[0].rows == data


def test_wrapped_label_is_joined_and_real_line_break_kept() -> None:
    label = "5.要求行政机关确认或重新出具已获取信息"
    broken = Prose("第一行<br/>第二行", CELL)
    document = read(flow_pdf(Table([[Prose(label, CELL), "3"], [broken, "4"]], [90, 60], style=[RULED, SMALL])))
    assert grids(document)[0].rows == [[label, "3"], ["第一行\n第二行", "4"]]


@pytest.mark.parametrize("way", ["up", "down", "vertical"])
def test_turned_and_vertical_text_in_a_cell(way: str) -> None:
    lines = ["三、本年度办", "理结果"]

    def draw(canvas: Canvas) -> None:
        canvas.grid([100, 140, 200, 260], [100, 200])
        canvas.drawString(150, 150, "12")
        canvas.drawString(210, 150, "7")
        if way == "vertical":
            for x, line in zip((122, 108), lines, strict=True):
                for i, char in enumerate(line):
                    canvas.drawString(x, 185 - 14 * i, char)
            return
        canvas.translate(*((115, 110) if way == "up" else (128, 190)))
        canvas.rotate(90 if way == "up" else -90)
        for i, line in enumerate(lines):
            canvas.drawString(0, -13 * i, line)

    assert grids(read(canvas_pdf(draw)))[0].rows == [["三、本年度办理结果", "12", "7"]]


@st.composite
def spanned_tables(draw: st.DrawFn) -> tuple[list[list[str | None]], list[tuple[Any, ...]]]:
    """A table of labels and figures with merged cells: what is to be read, and reportlab's SPAN commands."""
    rows, columns = draw(st.integers(2, 7)), draw(st.integers(2, 6))
    figure = st.integers(0, 99_999).map(str) | st.sampled_from(["", "/", "-", "12.50", "1,024"])
    cells: list[list[str | None]] = [[draw(figure) for _ in range(columns)] for _ in range(rows)]
    cells[0] = [f"栏目{c}" for c in range(columns)]
    for r in range(1, rows):
        cells[r][0] = f"行次{r}"
    spans = []
    for _ in range(draw(st.integers(0, 4))):
        top, left = draw(st.integers(1, rows - 1)), draw(st.integers(1, columns - 1))
        bottom, right = draw(st.integers(top, rows - 1)), draw(st.integers(left, columns - 1))
        places = list(product(range(top, bottom + 1), range(left, right + 1)))
        taken = {place for span in spans for place in span[3]}
        if len(places) == 1 or taken & set(places):
            continue
        for r, c in places[1:]:
            cells[r][c] = None
        spans.append(("SPAN", (left, top), (right, bottom), set(places)))
    return cells, [span[:3] for span in spans]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spanned_tables())
def test_random_ruled_grids_survive(table: tuple[list[list[str | None]], list[tuple[Any, ...]]]) -> None:
    cells, spans = table
    data = [[cell or "" for cell in row] for row in cells]
    document = read(flow_pdf(Table(data, 70, 22, style=[RULED, SMALL, *spans])))
    (grid,) = grids(document)
    assert grid.rows == cells
    assert not grid.loose
    assert set(grid.boxes) == {(r, c) for r, row in enumerate(cells) for c, cell in enumerate(row) if cell}


@pytest.mark.parametrize("number", ["- {} -", "{}", "第{}页", "— {} —", "第 {} 页 共 9 页", "{} / 9"])
def test_table_over_several_pages_comes_page_by_page(number: str) -> None:
    data = [["项目", "自然人", "总计"], *([f"第{i}项", str(i), str(i * i)] for i in range(1, 90))]
    document = read(flow_pdf(Prose("一、总体情况", HEADING), Table(data, 80, style=[RULED, SMALL]), number=number))
    assert [row for grid in grids(document) for row in grid.rows] == data
    assert [sorted(set(grid.pages or ())) for grid in grids(document)] == [[1], [2], [3]]
    assert texts(document) == ["一、总体情况"]


# Tables without ruling

LABELS = [
    "一、本年新收政府信息公开申请数量",
    "二、上年结转",
    "三、本年度办理结果",
    "（一）予以公开",
    "（三）不予公开",
    "1.属于国家秘密",
    "5.要求行政机关确认或重新出具已获取信息",
    "四、结转下年度继续办理",
]
HEADINGS = ["申请人情况", "自然人", "商业企业", "科研机构", "总计"]
WITHOUT_FIGURES = ("三、本年度办理结果", "（三）不予公开")


@pytest.mark.parametrize("align", ["TOP", "MIDDLE", "BOTTOM"])
@pytest.mark.parametrize("width", [110, 160, 300])
def test_unruled_table_with_wrapped_labels(align: str, width: int) -> None:
    expected = [HEADINGS]
    for r, label in enumerate(LABELS):
        figures = ["" if label in WITHOUT_FIGURES else str((r * 7 + c) ** c % 977) for c in range(1, 5)]
        expected.append([label, *figures])
    data = [HEADINGS, *([Prose(row[0], CELL), *row[1:]] for row in expected[1:])]
    style = [SMALL, ("VALIGN", (0, 0), (-1, -1), align), ("ALIGN", (1, 0), (-1, -1), "CENTER")]
    document = read(
        flow_pdf(
            Prose("三、收到和处理政府信息公开申请情况", HEADING),
            Table(data, [width, 50, 50, 50, 50], style=style),
            Prose("四、政府信息公开行政复议、行政诉讼情况", HEADING),
        )
    )
    (grid,) = grids(document)
    assert grid.rows == expected
    assert not grid.loose
    assert texts(document) == ["三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况"]


def test_unruled_table_with_labels_of_groups() -> None:
    """Labels in two columns, those of the groups in the middle of several rows, both of them wrapped."""
    labels = [
        "1.属于国家秘密",
        "2.其他法律行政法规禁止公开",
        "3.危及“三安全一稳定”",
        "4.保护第三方合法权益",
        "5.属于三类内部事务信息",
        "6.要求行政机关确认或重新出具已获取信息",
    ]
    figures = [[str((r + 3) * c * 7 % 90) for c in range(4)] for r in range(6)]
    group = Prose("（三）不予公开", CELL)
    data = [[group if r == 0 else "", Prose(labels[r], CELL), *figures[r]] for r in range(6)]
    data.append([Prose("（七）总计", CELL), "", "11", "12", "13", "14"])
    style = [SMALL, ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("SPAN", (0, 0), (0, 5)), ("SPAN", (0, 6), (1, 6))]
    (grid,) = grids(read(flow_pdf(Table(data, [60, 130, 45, 45, 45, 45], style=style))))
    assert not grid.loose
    found = {tuple(filter(None, row[:-4]))[-1]: row[-4:] for row in grid.rows if any(row[-4:])}
    assert found == dict(zip([*labels, "（七）总计"], [*figures, ["11", "12", "13", "14"]], strict=True))


def test_figures_out_of_line_are_kept_as_a_loose_grid() -> None:
    def draw(canvas: Canvas) -> None:
        for y, places in ((500, (200, 300, 400)), (480, (250, 350, 450)), (460, (225, 320, 430))):
            canvas.drawString(100, y, "行政许可")
            for x in places:
                canvas.drawString(x, y, str(x))

    (grid,) = grids(read(canvas_pdf(draw)))
    assert grid.loose
    assert grid.rows[0] == ["行政许可", "200", "300", "400"]
    assert grid.boxes[0, 0][0] == pytest.approx(100, abs=1)


def test_blank_figures_of_an_unruled_table_stay_in_their_columns() -> None:
    data = [["事项", "甲", "乙", "丙"], ["规章", "1", "2", "3"], ["许可", "4", "", "6"], ["处罚", "", "8", "9"]]
    (grid,) = grids(read(flow_pdf(Table(data, 80, style=[SMALL]))))
    assert grid.rows == data
    assert not grid.loose


# Prose

LONG = "报告中所列数据统计期限自2023年1月1日起至2023年12月31日止，电子版可在门户网站（www.example.gov.cn）下载。"


def test_paragraphs_are_joined_and_kept_apart() -> None:
    paragraphs = [LONG * 3, "短的一段。", LONG * 14, "（一）主动公开。" + LONG * 2, LONG * 2]
    document = read(
        flow_pdf(
            Prose("示例市人民政府<br/>2023年政府信息公开工作年度报告", TITLE),
            Spacer(1, 20),
            Prose("一、总体情况", HEADING),
            *(Prose(text, BODY) for text in paragraphs),
            Prose("二、主动公开政府信息情况", HEADING),
            title="年度报告",
        )
    )
    assert texts(document) == [
        "示例市人民政府2023年政府信息公开工作年度报告",
        "一、总体情况",
        *paragraphs,
        "二、主动公开政府信息情况",
    ]
    first = document.blocks[0]
    assert isinstance(first, Paragraph) and first.heading and first.page == 1
    assert [block.heading for block in document.blocks[1:] if isinstance(block, Paragraph)] == [False] * 7
    assert document.meta["title"] == "年度报告"


def test_blocks_stand_in_reading_order() -> None:
    table = Table([["规章", "1"], ["规范性文件", "2"]], 80, style=[RULED, SMALL])
    document = read(
        flow_pdf(Prose("二、主动公开", HEADING), table, Prose("三、申请", HEADING), table, Prose("四、复议", HEADING))
    )
    kinds = [block.text if isinstance(block, Paragraph) else "grid" for block in document.blocks]
    assert kinds == ["二、主动公开", "grid", "三、申请", "grid", "四、复议"]


def test_radicals_white_space_and_unknown_glyphs() -> None:
    assert tidy("⼀、⺠政⽂件\u3000\xa00\x00\ufffe\r\n") == "一、民政文件  0\ufffd-\r\n"


# Files that are refused


def test_file_with_a_password() -> None:
    data = canvas_pdf(write_nine, encrypt=StandardEncryption("user", ownerPassword="owner"))
    with pytest.raises(EncryptedDocument, match="password"):
        read(data)


def test_file_that_anyone_may_open_is_read_though_encrypted() -> None:
    data = canvas_pdf(write_nine, encrypt=StandardEncryption("", ownerPassword="owner"))
    assert "615" in " ".join(cell or "" for grid in grids(read(data)) for row in grid.rows for cell in row)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_file_cut_short(part: float) -> None:
    whole = flow_pdf(*(Prose(LONG * 5, BODY) for _ in range(20)))
    with pytest.raises(TruncatedDocument):
        read(whole[: int(len(whole) * part)])


def test_file_without_its_end_mark_though_pdfium_can_mend_it() -> None:
    whole = flow_pdf(Prose(LONG, BODY))
    with pytest.raises(TruncatedDocument, match="end mark"):
        read(whole[: whole.rindex(b"%%EOF")])


@pytest.mark.parametrize(
    ("data", "error"), [(b"", EmptyDocument), (b" \r\n", EmptyDocument), (b"%PDF-1.7", TruncatedDocument)]
)
def test_nothing_to_read(data: bytes, error: type[UnreadableDocument]) -> None:
    with pytest.raises(error):
        read(data)


@pytest.mark.parametrize("stamp", ["", "扫描"])
def test_scan(stamp: str) -> None:
    picture = ImageReader(Image.new("L", (60, 80), 200))
    with pytest.raises(ImageOnlyDocument):
        read(canvas_pdf(lambda canvas: (canvas.drawImage(picture, 0, 0, *A4), canvas.drawString(10, 10, stamp))))


def test_page_that_is_a_picture_is_named() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(100, 500, "示例市人民政府二〇二三年政府信息公开工作年度报告，共两页，第二页是扫描件")
        canvas.showPage()
        canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, *A4)

    assert read(canvas_pdf(draw)).meta["image_pages"] == "2"


def test_too_many_pages() -> None:
    def draw(canvas: Canvas) -> None:
        for _ in range(MAX_PAGES):
            canvas.drawString(10, 10, "x")
            canvas.showPage()
        canvas.drawString(10, 10, "x")

    with pytest.raises(OversizedDocument, match=str(MAX_PAGES)):
        read(canvas_pdf(draw))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
def test_damaged_bytes_give_a_document_or_one_of_our_errors(patches: list[tuple[float, bytes]]) -> None:
    data = bytearray(DAMAGE_ME)
    for where, patch in patches:
        at = int(where * len(data))
        data[at : at + len(patch)] = patch
    try:
        document = read(bytes(data))
    except UnreadableDocument as error:
        assert str(error).endswith(".")
    else:
        assert document.media == "pdf"


DAMAGE_ME = canvas_pdf(lambda canvas: (draw_in_nested_forms(canvas), write_nine(canvas)), pageCompression=0)
