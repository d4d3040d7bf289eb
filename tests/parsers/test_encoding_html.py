"""Bytes to text and pages to blocks: wrong labels, what editors and Word leave, spans, nested and hidden tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import (
    application_figures,
    application_table,
    challenge_figures,
    challenge_table,
    disclosure_figures,
    disclosure_table,
    page,
    table,
)
from report_samples import numbered, read_values, sample, truth

from crawler.sandbox.writers import html
from crawler.sandbox.writers.html_page import PageFrame
from parsers.blocks import Document, Grid, Paragraph
from parsers.encoding import decode
from parsers.numbers import read_number
from parsers.read import read_report
from parsers.readers.html import read
from parsers.report import UNREADABLE

TEXT = "柳溪县水利局2023年政府信息公开工作年度报告：予以公开、无法提供，合计１２件。"
RARE = "㐀䶵𠀀〇镕"  # beyond GB2312, partly beyond GBK


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
@pytest.mark.parametrize(
    "declared", [None, "utf-8", "gb2312", "gbk", "iso-8859-1", "big5", "nonsense", "x-user-defined"]
)
@pytest.mark.parametrize(
    "in_page",
    [
        "",
        '<meta charset="utf-8">',
        '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">',
        '<meta charset="big5">',
    ],
)
def test_the_bytes_decide_not_the_labels(encoding: str, declared: str | None, in_page: str) -> None:
    assert decode((in_page + TEXT).encode(encoding), declared) == in_page + TEXT


def test_a_label_of_gb2312_is_read_as_gb18030() -> None:
    assert decode(f'<meta charset="gb2312">{TEXT}{RARE}'.encode("gb18030")).endswith(RARE)


@pytest.mark.parametrize(
    ("bom", "encoding"), [(b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]
)
def test_a_byte_order_mark_settles_it(bom: bytes, encoding: str) -> None:
    assert decode(bom + TEXT.encode(encoding), "gbk") == TEXT


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_stray_byte_does_not_turn_the_page(encoding: str) -> None:
    data = (TEXT * 40).encode(encoding)
    damaged = data[:100] + b"\xff" + data[100:]
    assert decode(damaged).count("予以公开") >= 39


def test_traditional_characters_in_big5_need_their_label() -> None:
    text = "政府資訊公開年度報告，予以公開，無法提供。" * 5
    assert decode(text.encode("big5"), "big5") == text


@given(st.binary(max_size=200), st.one_of(st.none(), st.text(max_size=12)))
def test_any_bytes_become_text(data: bytes, declared: str | None) -> None:
    assert isinstance(decode(data, declared), str)


@settings(max_examples=30)
@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=20, max_size=80))
def test_chinese_text_comes_back_from_both_encodings(text: str) -> None:
    assert decode(text.encode("utf-8")) == text
    assert decode(f"<p>政府信息公开年度报告</p>{text}".encode("gb18030")).endswith(text)


# Pages


def grids(document: Document) -> list[Grid]:
    return [block for block in document.blocks if isinstance(block, Grid)]


def rows(source: str) -> list[list[str | None]]:
    (grid,) = grids(read(source.encode()))
    return grid.rows


def texts(source: str) -> list[str]:
    return [block.text for block in read(source.encode()).blocks if isinstance(block, Paragraph)]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<tr><td>a<td>b<tr><td>c<td>d", [["a", "b"], ["c", "d"]]),
        ("<TR><TD>a</TD><TD>b</TD></TR>", [["a", "b"]]),
        ("<thead><tr><th>a</th><th>b</th></tr></thead><tr><td>1<td>2", [["a", "b"], ["1", "2"]]),
        ("<tr><td colspan=2>a</td><td>b</td></tr>", [["a", None, "b"]]),
        ("<tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr>", [["a", "b"], [None, "c"]]),
        ('<tr><td colspan="2px">a</td><td>b</td></tr>', [["a", None, "b"]]),
        ('<tr><td colspan="">a</td><td rowspan="abc">b</td></tr>', [["a", "b"]]),
        ('<tr><td colspan="0">a</td><td>b</td></tr>', [["a", "b"]]),
        ("<tr><td rowspan=1000>a<td>b<tr><td>c<tr><td>d", [["a", "b"], [None, "c"], [None, "d"]]),
        ("<tr><td>a<td rowspan=2>b<tr><td>c<td>d", [["a", "b"], ["c", None, "d"]]),
        ("<tr><td rowspan=2 colspan=2>a<td>b<tr><td>c", [["a", None, "b"], [None, None, "c"]]),
        ("<tr><td>&nbsp;</td><td>1\u200b2</td><td>\ufeff3\u3000</td></tr>", [["", "12", "3"]]),
        ("<tr><td><p><span>1</span><font>2</font></p><o:p></o:p></td><td>a</td></tr>", [["12", "a"]]),
        ("<tr><td><p>自然</p><p>人</p></td><td>a</td></tr>", [["自然\n人", "a"]]),
        ("<tr><td>1<br>2</td><td>a</td></tr>", [["1\n2", "a"]]),
        ("<tr><td>1<p>2</p></td><td><div>3</div>4</td></tr>", [["1\n2", "3\n4"]]),
        ("<tr><td><s>3</s>4</td><td><del>5</del></td></tr>", [["4", ""]]),
        ('<tr><td>1</td><td style="display:none">7</td><td>2</td></tr>', [["1", "2"]]),
        ('<tr><td>1</td><td>2</td></tr><tr style="DISPLAY: none"><td>7</td><td>7</td></tr>', [["1", "2"]]),
        ('<tr><td><b style="visibility : hidden">7</b>1</td><td hidden>7</td><td>2</td></tr>', [["1", "2"]]),
        ("<tr><td>1<!-- 7 --></td><td>2<script>7</script><template>7</template></td></tr>", [["1", "2"]]),
        ('<tr><td class="none">1</td><td style="overflow:hidden">2</td></tr>', [["1", "2"]]),
    ],
)
def test_the_cells_of_a_table(inside: str, expected: list[list[str | None]]) -> None:
    assert rows(f"<style>.none{{display:none}}</style><table>{inside}</table>") == expected


@pytest.mark.parametrize(
    "cell", ["3<sup>1</sup>", "3<sub>1</sub>", "<p>3<sup>(1)</sup></p>", "3<span><sup>2</sup></span>"]
)
def test_what_is_raised_is_no_digit(cell: str) -> None:
    ((first, second),) = rows(f"<table><tr><td>{cell}</td><td>a</td></tr></table>")
    assert read_number(first or "").state == UNREADABLE
    assert second == "a"


def test_a_table_in_the_cell_of_a_table() -> None:
    inner = "<table><tr><td>1</td><td>2</td></tr></table>"
    found = grids(read(f"<table><tr><td>{inner}</td><td>5</td></tr><tr><td>a</td><td>6</td></tr></table>".encode()))
    assert [grid.rows for grid in found] == [[["1", "2"]], [["", "5"], ["a", "6"]]]


def test_layout_tables_are_seen_through() -> None:
    inner = "<table><tr><td>一</td><td>2</td></tr></table>"
    source = f"<table><tr><td><p>前言</p><table><tr><td>{inner}</td></tr></table><p>后记</p></td></tr></table>"
    document = read(source.encode())
    assert [block.text if isinstance(block, Paragraph) else block.rows for block in document.blocks] == [
        "前言", [["一", "2"]], "后记",
    ]  # fmt: skip


def test_no_table_is_read_twice_or_lost_in_nested_layouts() -> None:
    inner = "<table><tr><td>a</td><td>1</td></tr></table>"
    laid_out = f"<table><tr><td></td><td><table><tr><td>{inner}</td></tr></table></td><td>5</td></tr></table>"
    found = [grid.rows for grid in grids(read(laid_out.encode()))]
    assert found.count([["a", "1"]]) == 1
    assert not any("0" in row for grid in found for row in grid)  # the marks of the tables are no figures


def test_headings_words_and_lines() -> None:
    source = "<h1>柳溪县<br>水利局</h1><p>自<span>2023</span>年<span>1</span>月1日</p>"
    source += "甲<br>乙<div>丙<p>丁</div><ul><li>一<li>二</ul>"
    assert texts(source) == ["柳溪县", "水利局", "自2023年1月1日", "甲", "乙", "丙", "丁", "一", "二"]


def test_what_the_page_says_of_itself() -> None:
    source = (
        '<html><head><title> 报告_柳溪县 </title><META NAME="ArticleTitle" CONTENT="报告">'
        '<meta name="PubDate" content="2024-01-20"><meta name="ContentSource" content="水利局"></head>'
        "<body>x</body></html>"
    )
    meta = read(source.encode()).meta
    assert meta == {"title": "报告_柳溪县", "articletitle": "报告", "pubdate": "2024-01-20", "contentsource": "水利局"}


def test_only_the_article_is_the_main_text() -> None:
    prose = "本年度依法公开政府信息。" * 20
    source = f'<div class="nav">首页 政务公开</div><div id="zoom"><p>{prose}</p></div><div>版权所有</div>'
    blocks = read(source.encode()).blocks
    assert [(block.text, block.main) for block in blocks if isinstance(block, Paragraph)] == [
        ("首页 政务公开", False), (prose, True), ("版权所有", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "",
        "<",
        "<html>",
        "<table>",
        "<table><tr>",
        "<td>1",
        "<table><td><table><td><table>",
        "&#0;",
        "\x1e\x1f0\x1f\x1c",
    ],
)
def test_fragments_do_no_harm(source: str) -> None:
    assert isinstance(read(source.encode()), Document)


@settings(max_examples=60)
@given(st.text(alphabet='<>/="td ral1页\x1e\x1f\x1c\x1dpsn!-', max_size=80))
def test_any_page_is_read(source: str) -> None:
    assert isinstance(read(source.encode()), Document)


def test_the_readers_own_marks_in_a_page_are_no_tables() -> None:
    """The control characters that the reader uses are taken out of the page first."""
    found = texts("<p>甲\x1f0\x1f乙\x1c丙\x1e丁\x1d</p>")
    assert "".join(found) in ("甲0乙丙丁", "甲乙丙丁")
    assert grids(read(b"<p>\x1f0\x1f</p><table><tr><td>1\x1f0\x1f</td><td>2</td></tr></table>"))[0].rows[0][1] == "2"


# Whole reports in bad shape

VARIANTS = {
    "word": {"word_paste": True},
    "word-unclosed": {"word_paste": True, "unclosed": True},
    "litter": {"litter": True},
    "nested-litter": {"nested": True, "litter": True},
    "cut-absurd": {"tables": "cut", "absurd_spans": True},
    "one-word-nested": {"tables": "one", "word_paste": True, "nested": True},
    "gbk-wrong": {"encoding": "gbk", "charset": "wrong", "word_paste": True},
    "gb18030-none": {"encoding": "gb18030", "charset": "none", "tables": "one"},
    "utf8-wrong": {"encoding": "utf-8", "charset": "wrong", "unclosed": True, "nested": True},
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("framed", [False, True])
def test_what_editors_leave_changes_no_figure(variant: dict[str, object], seed: int, framed: bool) -> None:
    figures = numbered()
    data = html.write(sample(figures), frame=PageFrame() if framed else None, seed=seed, **variant)
    assert read_values(data) == truth(figures, "2021")


def test_a_table_cut_at_any_row_is_the_same_table() -> None:
    figures = application_figures()
    whole = application_table(figures)
    for at in range(2, len(whole)):
        pieces = table(whole[:at]) + "<p>— 3 —</p>" + table(whole[at:])
        report = read_report(page(applications=pieces))
        assert {name: report.value(name) for name in figures} == figures, at


def test_a_table_cut_with_its_heading_repeated() -> None:
    figures = application_figures()
    whole = application_table(figures)
    report = read_report(page(applications=table(whole[:9]) + table([whole[0], *whole[9:]])))
    assert {name: report.value(name) for name in figures} == figures


def test_uppercase_tags_and_attributes() -> None:
    data = page(
        disclosure=table(disclosure_table(disclosure_figures())),
        applications=table(application_table(application_figures())),
        challenges=table(challenge_table(challenge_figures())),
    ).decode()
    for tag in ("table", "tr", "td", "p", "h1", "html", "body", "colspan", "rowspan"):
        data = (
            data.replace(f"<{tag}", f"<{tag.upper()}")
            .replace(f"</{tag}>", f"</{tag.upper()}>")
            .replace(f" {tag}=", f" {tag.upper()}=")
        )
    expected = disclosure_figures() | application_figures() | challenge_figures()
    report = read_report(data.encode())
    assert {name: report.value(name) for name in expected} == expected
