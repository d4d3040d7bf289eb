"""The Word reader, on documents made with python-docx and on WordprocessingML written by hand."""

import io
import random
import zipfile
from datetime import datetime

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wordml import DOWN, SPAN2, STYLES, blocks, mark, p, package, run, saved, tbl, tc, textbox, texts, tr

from parsers.blocks import Document, Grid, Paragraph
from parsers.errors import (
    EmptyDocument,
    ImageOnlyDocument,
    OversizedDocument,
    TruncatedDocument,
    UnreadableDocument,
    UnsupportedMedia,
)
from parsers.readers.docx import read
from parsers.readers.docx_names import STRICT, TRANSITIONAL
from parsers.readers.docx_numbering import chinese

# Paragraphs.


def test_report_made_with_python_docx() -> None:
    document = docx.Document()
    document.core_properties.title = "年度报告"
    document.core_properties.created = datetime(2024, 1, 25, 8, 30)
    document.add_heading("某局2023年政府信息公开工作年度报告", 0)
    document.add_heading("一、总体情况", 1)
    document.add_paragraph("本年度\t主动公开  信息。")
    table = document.add_table(2, 2)
    for place, text in enumerate(("信息内容", "件数", "规章", "0")):
        table.cell(place // 2, place % 2).text = text
    document.add_paragraph("")
    document.add_paragraph("完")
    found = read(saved(document))
    assert found == Document(
        "docx",
        [
            Paragraph("某局2023年政府信息公开工作年度报告", None, True),
            Paragraph("一、总体情况", None, True),
            Paragraph("本年度 主动公开 信息。"),
            Grid([["信息内容", "件数"], ["规章", "0"]]),
            Paragraph("完"),
        ],
        {"title": "年度报告", "created": "2024-01-25"},
    )


INLINE = {
    "runs joined": (run("自2024") + run("年1") + run("月"), "自2024年1月"),
    "insertion kept": (run("公开") + f"<w:ins>{run('12')}</w:ins>" + run("件"), "公开12件"),
    "deletion skipped": (run("公开") + "<w:del><w:r><w:delText>9</w:delText></w:r></w:del>" + run("件"), "公开件"),
    "deletion of an insertion": (f"<w:del><w:ins>{run('9')}</w:ins></w:del>" + run("件"), "件"),
    "moved away": (f"<w:moveFrom>{run('9')}</w:moveFrom><w:moveTo>{run('8')}</w:moveTo>", "8"),
    "hyperlink": (f"见<w:hyperlink>{run('网站')}</w:hyperlink>".replace("见", run("见")), "见网站"),
    "smart tag in content control": (
        f"<w:sdt><w:sdtPr/><w:sdtContent><w:smartTag>{run('年报')}</w:smartTag></w:sdtContent></w:sdt>",
        "年报",
    ),
    "bookmark": (f'<w:bookmarkStart w:id="0" w:name="x"/>{run("年")}<w:bookmarkEnd w:id="0"/>{run("报")}', "年报"),
    "tab": (f"{run('年')}<w:r><w:tab/></w:r>{run('报')}", "年 报"),
    "hyphen": (f"{run('3')}<w:r><w:noBreakHyphen/></w:r>{run('4')}", "3-4"),
    "hidden": (f"{run('年')}<w:r><w:rPr><w:vanish/></w:rPr><w:t>密</w:t></w:r>{run('报')}", "年报"),
    "not hidden": ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>明</w:t></w:r>', "明"),
    "hidden mark only": (f"<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>{run('明')}", "明"),
    "deleted mark only": (f"<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('明')}", "明"),
    "footnote": (run("公开") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run("件"), "公开件"),
    "gloss": (
        f"<w:r><w:ruby><w:rt>{run('bao')}</w:rt><w:rubyBase>{run('报')}</w:rubyBase></w:ruby></w:r>",
        "报",
    ),
    "formula": (f"{run('共')}<m:oMath><m:r><m:t>12</m:t></m:r></m:oMath>", "共12"),
    "symbol": ('<w:r><w:sym w:font="x" w:char="25A1"/></w:r>' + run("有"), "□有"),
    "symbol that is none": ('<w:r><w:sym w:char="D800"/><w:sym w:char="zz"/><w:sym/></w:r>' + run("有"), "有"),
    "simple field": (f'<w:fldSimple w:instr="=SUM(ABOVE)">{run("12")}</w:fldSimple>', "12"),
}  # fmt: skip


@pytest.mark.parametrize(("inline", "text"), INLINE.values(), ids=INLINE.keys())
def test_inline(inline: str, text: str) -> None:
    assert texts(blocks(f"<w:p>{inline}</w:p>")) == [text]


def test_field_gives_its_result() -> None:
    nested = mark("begin") + run("内") + mark("separate") + run("密") + mark("end")
    instruction = "<w:r><w:instrText>=SUM(A1)</w:instrText></w:r>" + nested
    field = run("共") + mark("begin") + instruction + mark("separate") + run("12") + mark("end") + run("件")
    assert texts(blocks(f"<w:p>{field}</w:p>")) == ["共12件"]


def test_field_over_paragraphs_and_field_without_end() -> None:
    contents = f"<w:p>{mark('begin')}{mark('separate')}{run('目')}</w:p><w:p>{run('录')}{mark('end')}</w:p>"
    assert texts(blocks(contents)) == ["目", "录"]
    assert texts(blocks(f"<w:p>{run('前')}{mark('begin')}{run('令')}</w:p>" + p("后"))) == ["前", "后"]


def test_soft_line_breaks_part_paragraphs_but_not_headings() -> None:
    broken = f"{run('某局')}<w:r><w:br/></w:r>{run('年报')}"
    assert blocks(f"<w:p>{broken}</w:p>") == [Paragraph("某局"), Paragraph("年报")]
    heading = '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>'
    assert blocks(f"<w:p>{heading}{broken}</w:p>") == [Paragraph("某局 年报", None, True)]


def test_text_boxes_stand_behind_their_paragraph_once() -> None:
    body = f"<w:p>{run('前')}{textbox(p('框一') + p('框二'))}{textbox(p('框三'))}{run('文')}</w:p>" + p("后")
    assert texts(blocks(body)) == ["前文", "框一", "框二", "框三", "后"]


def test_text_box_in_text_box_and_in_a_cell() -> None:
    inner = f"<w:p>{run('外')}{textbox(p('内'))}</w:p>"
    assert texts(blocks(f"<w:p>{textbox(inner)}</w:p>")) == ["外", "内"]
    cell = f"<w:tc><w:p>{textbox(p('框'))}{run('格')}</w:p></w:tc>"
    assert texts(blocks(tbl(tr(cell, tc("1"))))) == [[["格\n框", "1"]]]


def test_table_in_text_box() -> None:
    body = f"<w:p>{run('前')}{textbox(tbl(tr(tc('甲'), tc('1'))))}</w:p>" + p("后")
    assert texts(blocks(body)) == ["前", [["甲", "1"]], "后"]


def test_strict_namespace_and_numbered_main_part() -> None:
    assert texts(read(package(p("年报") + tbl(tr(tc("甲"), tc("1"))), uri=STRICT)).blocks) == ["年报", [["甲", "1"]]]
    assert texts(read(package(p("年报"), main="word/document2.xml")).blocks) == ["年报"]


# Headings and automatic numbers.


@pytest.mark.parametrize(
    ("style", "heading"),
    [("1", True), ("a", True), ("b", True), ("c", True), ("d", False), ("e", False), ("n", True), ("unknown", False)],
)
def test_headings_by_style(style: str, heading: bool) -> None:
    body = p("文", f'<w:pStyle w:val="{style}"/>')
    assert blocks(body, styles=STYLES) == [Paragraph("文", None, heading)]
    assert blocks(body, styles=STYLES.replace('"', "'")) == [Paragraph("文", None, heading)]


def level(place: int, kind: str, text: str, more: str = "") -> str:
    shown = f'<w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/>{shown}</w:lvl>'


def lists(*levels: str, more: str = "") -> str:
    abstract = f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
    return f'{abstract}<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}'


def item(text: str, place: int = 0, number: int = 1) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{number}"/></w:numPr>')


def test_headings_keep_their_printed_numbers() -> None:
    numbering = lists(
        level(0, "chineseCountingThousand", "%1、"), level(1, "japaneseCounting", "（%2）"), level(2, "decimal", "%3.")
    )
    body = (
        item("总体") + item("公开", 1) + item("申请", 1) + item("子", 2) + item("数据") + item("复议", 1) + item("", 1)
    )
    body += item("诉讼", 1) + p("正文") + item("问题")
    assert texts(blocks(body, numbering=numbering)) == [
        "一、总体", "（一）公开", "（二）申请", "1.子", "二、数据", "（一）复议", "（三）诉讼", "正文", "三、问题",
    ]  # fmt: skip


def test_numbers_from_styles_and_levels_linked_to_styles() -> None:
    numbering = lists(level(0, "chineseCounting", "%1、"), level(1, "decimal", "%1.%2", '<w:pStyle w:val="m"/>'))
    body = "".join(
        p(text, f'<w:pStyle w:val="{style}"/>') for text, style in (("总", "n"), ("甲", "m"), ("乙", "m"), ("别", "n"))
    )
    off = p("无", '<w:pStyle w:val="n"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    assert texts(blocks(body + off, styles=STYLES, numbering=numbering)) == [
        "一、总",
        "一.1 甲",
        "一.2 乙",
        "二、别",
        "无",
    ]


def test_lists_that_share_counters_and_lists_that_start_anew() -> None:
    more = '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    more += f'<w:num w:numId="3"><w:abstractNumId w:val="0"/>{override}</w:num>'
    numbering = lists(level(0, "decimal", "%1、"), more=more)
    body = item("甲") + item("乙", 0, 2) + item("丙", 0, 3) + item("丁", 0, 3)
    assert texts(blocks(body, numbering=numbering)) == ["1、甲", "2、乙", "5、丙", "6、丁"]


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("bullet", "●", "文"),
        ("someNewCounting", "%1、", "文"),
        ("decimal", "", "文"),
        ("none", "第", "第 文"),
        ("decimal", "第%1章", "第1章 文"),
        ("upperRoman", "%1.", "I.文"),
        ("lowerLetter", "%1)", "a)文"),
        ("decimalEnclosedCircle", "%1", "① 文"),
        ("ideographTraditional", "%1、", "甲、文"),
        ("decimalZero", "%1.", "01.文"),
    ],
)
def test_kinds_of_numbers(kind: str, text: str, shown: str) -> None:
    assert texts(blocks(item("文"), numbering=lists(level(0, kind, text)))) == [shown]


def test_number_in_a_cell_and_without_numbering_part() -> None:
    cell = f"<w:tc>{item('国家秘密')}{item('其他')}</w:tc>"
    assert texts(blocks(tbl(tr(cell, tc("1"))), numbering=lists(level(0, "decimal", "%1.")))) == [
        [["1.国家秘密\n2.其他", "1"]]
    ]
    assert texts(blocks(item("文"))) == ["文"]


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (100, "一百"), (101, "一百零一"),
     (110, "一百一十"), (1010, "一千零一十"), (0, None), (10_000, None)],
)  # fmt: skip
def test_chinese_counting(number: int, text: str | None) -> None:
    assert chinese(number) == text


# Bad files.


def test_empty_and_image_only() -> None:
    with pytest.raises(EmptyDocument):
        blocks(p(" ") + "<w:p/>")
    with pytest.raises(ImageOnlyDocument):
        blocks(p(), **{"media/image1": ""})


def test_missing_or_damaged_parts() -> None:
    with pytest.raises(TruncatedDocument, match=r"word/document\.xml"):
        read(package(p("文"), main="word/other.xml"))
    for body in ("<w:p>", "&undefined;", "<x:p/>"):
        with pytest.raises(TruncatedDocument):
            blocks(body)
    with pytest.raises(TruncatedDocument, match="damaged"):
        blocks("<w:p>" * 2000 + "</w:p>" * 2000)


def test_other_xml_in_the_place_of_the_document() -> None:
    with pytest.raises(UnsupportedMedia):
        read(package(p("文"), uri="urn:other"))
    with pytest.raises(UnsupportedMedia, match="embeds"):
        blocks(p("文") + '<w:altChunk w:id="x"/>')


@pytest.mark.parametrize("entity", ['<!ENTITY e SYSTEM "file:///etc/hostname">', '<!ENTITY e "lol">'])
def test_entities_are_refused(entity: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        head = f'<!DOCTYPE x [{entity}]><w:document xmlns:w="{TRANSITIONAL}">'
        archive.writestr("word/document.xml", f"{head}<w:body>{p('文&e;')}</w:body></w:document>")
    with pytest.raises(UnsupportedMedia, match="DTD"):
        read(out.getvalue())


def test_bomb() -> None:
    with pytest.raises(OversizedDocument):
        blocks(" " * 20_000_000)


def test_file_cut_or_damaged_anywhere_gives_a_sentence_or_a_document() -> None:
    document = docx.Document()
    document.add_heading("一、总体情况", 1)
    document.add_table(3, 3).cell(0, 0).text = "甲"
    whole, dice = saved(document), random.Random(3)
    for turn in range(120):
        data = bytearray(whole[: dice.randrange(len(whole))] if turn % 2 else whole)
        for _ in range(0 if turn % 2 else 4):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            assert read(bytes(data)).blocks
        except UnreadableDocument as error:
            assert str(error)


PIECES = [
    *(f"<{slash}w:{name}>" for name in ("tbl", "tr", "tc", "p", "del", "txbxContent") for slash in ("", "/")),
    *(mark(kind) for kind in ("begin", "separate", "end")),
    *(f"<w:tcPr>{merge}</w:tcPr>" for merge in (DOWN, SPAN2)),
    *(run("文"), "<w:rPr><w:vanish/></w:rPr>", "<w:trPr><w:del/></w:trPr>", "<mc:AlternateContent/>"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=25))
@settings(max_examples=150, deadline=None)
def test_elements_in_any_order_give_a_sentence_or_a_document(pieces: list[str]) -> None:
    opened: list[str] = []
    body = ""
    for piece in pieces:  # closed in the order in which they were opened, so that the XML is well-formed
        if piece.startswith("</"):
            if not opened:
                continue
            piece = opened.pop()
        elif piece.count("<") == 1 and not piece.endswith("/>"):
            opened.append(piece.replace("<", "</"))
        body += piece
    body += "".join(reversed(opened))
    try:
        assert blocks(body)
    except UnreadableDocument as error:
        assert str(error)
