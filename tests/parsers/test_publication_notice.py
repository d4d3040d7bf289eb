"""Publication notices: what they say plainly, and nothing else."""

import io

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from parsers.errors import UnreadableDocument
from parsers.publication_notice import Claim, read_notice

TITLE = "柳溪县2023年政府信息公开工作年度报告公布情况"


def page(body: str, article: bool = True) -> bytes:
    inside = f'<div id="zoom">{body}</div>' if article else body
    return f"<html><head><title>x</title></head><body>{inside}</body></html>".encode()


def table(*rows: str) -> str:
    lines = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in rows)
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def states(claims: list[Claim]) -> dict[str, bool | None]:
    return {claim.unit: claim.has_published for claim in claims}


def test_a_table_with_dates_and_links() -> None:
    claims = read_notice(
        page(
            "<p>截至2024年3月31日，应当公布年度报告的单位公布情况如下。</p>"
            + table(
                "序号|单位名称|公布时间|链接",
                '1|柳溪县财政局|2024-01-20|<a href="/a/1.html">点击查看</a>',
                "2|柳溪县教育局||",
                "3|柳溪县民政局|未公布|",
                '4|柳溪县司法局|2024年1月22日|<a href="/a/4.html">点击查看</a>',
                "5|柳溪县水利局||http://www.example.gov.cn/b/5.html",
                "6|柳溪县统计局||http://tjj.example.gov.cn/",
                "合计|5||",
            )
        ),
        TITLE,
    )
    assert claims == [
        Claim("柳溪县财政局", 2023, True, "/a/1.html"),
        Claim("柳溪县教育局", 2023, None, None),
        Claim("柳溪县民政局", 2023, False, None),
        Claim("柳溪县司法局", 2023, True, "/a/4.html"),
        Claim("柳溪县水利局", 2023, True, "http://www.example.gov.cn/b/5.html"),
        Claim("柳溪县统计局", 2023, None, "http://tjj.example.gov.cn/"),
    ]


def test_two_groups_of_columns_side_by_side() -> None:
    claims = read_notice(
        page(
            table(
                "序号|部门|是否公布|序号|部门|是否公布",
                "1|财政局|是|2|教育局|否",
                "3|公安局|√|4|民政局|见附件",
                "合计|2|||1|",
            )
        ),
        TITLE,
    )
    assert states(claims) == {"财政局": True, "教育局": False, "公安局": True, "民政局": None}


def test_late_is_not_absent_and_a_contradiction_says_nothing() -> None:
    late = read_notice(page(table("单位|是否按时公布", "财政局|是", "教育局|否")), TITLE)
    assert states(late) == {"财政局": True, "教育局": None}
    both = read_notice(page(table("单位|是否公布|公布时间", "财政局|否|2024-01-20")), TITLE)
    assert states(both) == {"财政局": None}
    twice = read_notice(page(table("单位|是否公布", "财政局|否", "财政局|是")), TITLE)
    assert twice == [Claim("财政局", 2023, None, None)]


def test_a_line_across_the_table_speaks_for_the_rows_below() -> None:
    claims = read_notice(
        page(
            table("单位|年报名称", '财政局|<a href="1.htm">财政局2022年政府信息公开工作年度报告</a>').replace(
                "</table>", "<tr><td colspan=2>二、尚未公布的单位</td></tr><tr><td>教育局</td><td></td></tr></table>"
            )
        ),
        TITLE,
    )
    assert claims == [Claim("财政局", 2022, True, "1.htm"), Claim("教育局", 2023, False, None)]


def test_links_of_one_text_that_cannot_be_told_apart_are_left_out() -> None:
    rows = ('财政局|2024-01-20|<a href="1.html">查看</a>', "教育局|2024-01-21|查看")
    claims = read_notice(page(table("单位|公布时间|链接", *rows)), TITLE)
    assert [claim.link for claim in claims] == [None, None]


def test_prose() -> None:
    claims = read_notice(
        page(
            "<p>以下单位已公布2023年政府信息公开工作年度报告：财政局、教育局、公安局。</p>"
            "<p>民政局、司法局等2家单位尚未公布。</p><p>下列单位尚未公布：</p><p>1.芋碾镇</p><p>2.茶臼镇人民政府</p>"
            "<p>请抓紧公布。</p><p>水利局</p>"
        ),
        TITLE,
    )
    assert states(claims) == {
        "财政局": True, "教育局": True, "公安局": True, "民政局": False, "司法局": False, "芋碾镇": False,
        "茶臼镇人民政府": False,
    }  # fmt: skip
    assert {claim.year for claim in claims} == {2023}


def test_links_of_the_article_and_not_of_the_page() -> None:
    claims = read_notice(
        page(
            "<p>各单位的年度报告如下，请点击下列链接查看全文，报告自公布之日起长期有效，特此说明。</p><ul>"
            '<li><a href="a/1.html">柳溪县财政局2023年政府信息公开工作年度报告</a></li>'
            '<li><a href="http://jyj.example.gov.cn/">柳溪县教育局</a></li>'
            '<li><a href="b/20240101.html">柳溪县公安局</a></li></ul>'
        ).replace(
            b"</body>",
            "<nav><a href='n1.html'>旅游局</a></nav><p>上一篇：<a href='z.html'>"
            "柳溪县水利局2023年政府信息公开工作年度报告</a></p></body>".encode(),
        )
    )
    assert claims == [
        Claim("柳溪县财政局", 2023, True, "a/1.html"),
        Claim("柳溪县教育局", None, None, "http://jyj.example.gov.cn/"),
        Claim("柳溪县公安局", None, True, "b/20240101.html"),
    ]


def test_the_year_of_the_page_itself() -> None:
    body = f"<h1>{TITLE}</h1>" + table("单位|是否公布", "财政局|是")
    assert read_notice(page(body))[0].year == 2023
    assert read_notice(page(table("单位|是否公布", "财政局|是")))[0].year is None


@pytest.mark.parametrize(
    "body",
    [
        "<p>按照要求，各单位应当于1月31日前公布年度报告。</p>",
        "<p>我市37家单位已公布，2家尚未公布。</p>",
        table("单位|联系电话", "财政局|12345"),
        table("财政局|是", "教育局|否"),
    ],
)
def test_what_names_no_unit_claims_nothing(body: str) -> None:
    assert read_notice(page(body), TITLE) == []


def test_files() -> None:
    rows = [["序号", "单位", "公布情况"], ["1", "财政局", "已公布"], ["2", "教育局", "未公布"]]
    book = Workbook()
    assert book.active is not None
    book.active.append([TITLE])
    for row in rows:
        book.active.append(row)
    sheet = io.BytesIO()
    book.save(sheet)
    document = Document()
    document.add_paragraph(TITLE)
    grid = document.add_table(rows=3, cols=3)
    for number, row in enumerate(rows):
        for place, text in enumerate(row):
            grid.cell(number, place).text = text
    word = io.BytesIO()
    document.save(word)
    for data in (sheet.getvalue(), word.getvalue()):
        assert read_notice(data) == [Claim("财政局", 2023, True, None), Claim("教育局", 2023, False, None)]
    with pytest.raises(UnreadableDocument):
        read_notice(b"%PDF-1.4 broken")


words = st.sampled_from([
    "单位", "是否公布", "公布时间", "财政局", "已公布", "尚未公布：", "2024-01-20", "、", "<a href='1.html'>", "</a>",
    "<table>", "<tr>", "<td>", "</table>", "等3家单位", "教育局2023年政府信息公开工作年度报告", "<td colspan=3>",
    "<p>", "<nav>",
])  # fmt: skip


@given(st.lists(words, max_size=30))
def test_whatever_a_page_holds(parts: list[str]) -> None:
    claims = read_notice(b"<body> " + "".join(parts).encode() + b"</body>")
    assert len({(claim.unit, claim.year) for claim in claims}) == len(claims)
    assert all(claim.unit for claim in claims)
