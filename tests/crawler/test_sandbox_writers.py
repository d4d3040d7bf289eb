"""Documents of the sandbox read back by independent libraries, with the figures that were put in."""

import io
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sandbox.forms import cut_table, printed_tables
from crawler.sandbox.sample import PackageAbsent, SampleReport, SampleSection
from crawler.sandbox.writers import docx, html, pdf, text, xlsx

HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other", "total")
# Written down once more, so that a slip in the layout shows.
APPLICATIONS = {
    "一、本年新收政府信息公开申请数量": "new",
    "二、上年结转政府信息公开申请数量": "carried_in",
    "（一）予以公开": "granted",
    "（二）部分公开（区分处理的，只计这一情形，不计其他情形）": "partly_granted",
    "1.属于国家秘密": "refused_state_secret",
    "2.其他法律行政法规禁止公开": "refused_law_forbids",
    "3.危及“三安全一稳定”": "refused_security",
    "4.保护第三方合法权益": "refused_third_party",
    "5.属于三类内部事务信息": "refused_internal",
    "6.属于四类过程性信息": "refused_process",
    "7.属于行政执法案卷": "refused_enforcement_file",
    "8.属于行政查询事项": "refused_admin_query",
    "1.本机关不掌握相关政府信息": "unavailable_not_held",
    "2.没有现成信息需要另行制作": "unavailable_not_ready",
    "3.补正后申请内容仍不明确": "unavailable_unclear",
    "1.信访举报投诉类申请": "dismissed_petition",
    "2.重复申请": "dismissed_repeat",
    "3.要求提供公开出版物": "dismissed_publication",
    "4.无正当理由大量反复申请": "dismissed_excessive",
    "5.要求行政机关确认或重新出具已获取信息": "dismissed_reconfirm",
    "（七）总计": "processed",
    "四、结转下年度继续办理": "carried_out",
}
OTHER_ONE = {"（六）其他处理": "other"}
OTHER_THREE = {
    "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请": "other_not_corrected",
    "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请": "other_fee_unpaid",
    "3.其他": "other_rest",
}
STOCK, MADE = ("issued", "repealed", "in_force"), ("made", "published", "total_published")
ITEMS = ("items_last_year", "items_change", "decisions")
DISCLOSURE = {
    "2021": {
        "规章": ("regulations", STOCK),
        "行政规范性文件": ("normative_documents", STOCK),
        "行政许可": ("licensing", ("decisions",)),
        "行政处罚": ("penalties", ("decisions",)),
        "行政强制": ("coercion", ("decisions",)),
        "行政事业性收费": ("fees", ("amount",)),
    },
    "2019": {
        "规章": ("regulations", MADE),
        "规范性文件": ("normative_documents", MADE),
        "行政许可": ("licensing", ITEMS),
        "其他对外管理服务事项": ("other_services", ITEMS),
        "行政处罚": ("penalties", ITEMS),
        "行政强制": ("coercion", ITEMS),
        "行政事业性收费": ("fees", ITEMS[:2]),
        "政府集中采购": ("procurement", ("projects", "amount")),
    },
}
CHALLENGES = [
    f"challenges.{row}.{column}"
    for row in ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
    for column in ("upheld", "corrected", "other", "pending", "total")
]
LITTER = re.compile(r"[\s\u200b\ufeff]+")


def expected_rows(form: str, *, one_row: bool) -> dict[str, list[str]]:
    """Label -> names of the figures to the right of it."""
    rows = {
        label: [f"disclosure.{row}.{column}" for column in columns]
        for label, (row, columns) in DISCLOSURE[form].items()
    }
    applications = APPLICATIONS | (OTHER_ONE if one_row or form == "2019" else OTHER_THREE)
    return rows | {label: [f"applications.{row}.{column}" for column in COLUMNS] for label, row in applications.items()}


def sample(form: str = "2021", *, one_row: bool = False) -> SampleReport:
    """A report in which every figure is another number, so that none can stand in another's place."""
    names = [name for row in expected_rows(form, one_row=one_row).values() for name in row] + CHALLENGES
    figures: dict[str, Any] = {name: 1001 + number for number, name in enumerate(names)}
    figures["disclosure.procurement.amount" if form == "2019" else "disclosure.fees.amount"] = 7730.28
    if form == "2019":
        figures["disclosure.licensing.items_change"] = "+3"
    return SampleReport(
        title="柳溪县水务局2021年政府信息公开工作年度报告",
        agency="柳溪县水务局",
        year=2021,
        form=form,
        figures=figures,
        sections=tuple(SampleSection(heading, ("这里写<情况>。",)) for heading in HEADINGS),
        signed_on="2022-01-09",
        published_on="2022-01-12",
    )


def check(rows: Sequence[Sequence[object]], report: SampleReport, *, one_row: bool = False) -> None:
    """Every figure of the report stands in the row of its label (the last cell with that text), in order."""
    lines = [[LITTER.sub("", "" if cell is None else str(cell)) for cell in row] for row in rows]
    for label, names in expected_rows(report.form, one_row=one_row).items():
        wanted = [str(report.figures[name]) for name in names]
        holding = [row for row in lines if LITTER.sub("", label) in row]
        assert len(holding) == 1, (label, len(holding))
        row = holding[0]
        after = row[len(row) - row[::-1].index(LITTER.sub("", label)) :]
        # A cell merged over columns comes once or once for each of them.
        numbers = [cell for i, cell in enumerate(after) if cell and (i == 0 or cell != after[i - 1])]
        assert numbers[: len(wanted)] == wanted, label
    wanted = [str(report.figures[name]) for name in CHALLENGES]
    assert any([cell for cell in row if cell] == wanted for row in lines)


def html_rows(data: bytes, encoding: str) -> list[list[str]]:
    """The cells of every innermost table, row by row, read by lxml; spans are not expanded."""
    import lxml.html

    tree = lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(encoding=encoding))
    tables = tree.xpath("//table[not(.//table)]")
    return [["".join(c.itertext()) for c in row.xpath("./td|./th")] for table in tables for row in table.xpath(".//tr")]


@pytest.mark.parametrize("form", ["2019", "2021"])
@pytest.mark.parametrize(
    "variant",
    [
        {},
        {"page": True},
        {"page": True, "realistic": True, "word_paste": True, "seed": 5},
        {"page": True, "encoding": "gbk"},
        {"encoding": "gb18030", "charset": "wrong", "litter": True},
        {"encoding": "gbk", "charset": "none", "litter": True, "word_paste": True},
        {"tables": "one"},
        {"tables": "cut", "nested": True},
        {"unclosed": True, "nested": True, "word_paste": True},
        {"absurd_spans": True},
        {"tables": "one", "unclosed": True, "litter": True, "absurd_spans": True},
    ],
)
def test_html_is_read_back(form: str, variant: dict[str, Any]) -> None:
    report = sample(form)
    data = html.write(report, **variant)
    check(html_rows(data, variant.get("encoding", "utf-8")), report)


def test_html_variants_are_what_they_say() -> None:
    report = sample()
    gbk = html.write(report, encoding="gbk", charset="wrong")
    assert b"charset=utf-8" in gbk and "柳溪县".encode("gbk") in gbk
    assert b"charset" not in html.write(report, charset="none")
    page = html.write(report, page=True, realistic=True)
    assert 93_000 < len(page) < 103_000
    assert 80_000 < len(html.write(report, page=True, realistic=True, word_paste=True)) < 115_000
    assert "发布机构" in page.decode() and 'name="PubDate" content="2022-01-12"' in page.decode()
    assert "</td>" not in html.write(report, unclosed=True).decode()
    assert html.write(report, word_paste=True).decode().count("1001</font>") == 0
    assert html.write(report, tables="cut").decode().count("<table") == 7
    assert html.write(report, tables="one").decode().count("<table") == 1
    assert "这里写&lt;情况&gt;。" in page.decode()
    with pytest.raises(TypeError):
        html.write(report, colour="red")


def test_html_is_read_by_pandas() -> None:
    import pandas

    report = sample(one_row=True)
    tables = pandas.read_html(io.StringIO(html.write(report).decode()), flavor="lxml")
    assert [table.shape for table in tables] == [(14, 4), (26, 10), (4, 15)]
    check([list(row) for table in tables for row in table.astype(str).values.tolist()], report, one_row=True)


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_docx_is_read_back(form: str) -> None:
    import docx as word

    report = sample(form)
    document = word.Document(io.BytesIO(docx.write(report)))
    check([[cell.text for cell in row.cells] for table in document.tables for row in table.rows], report)
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"] == list(HEADINGS)
    plain = word.Document(io.BytesIO(docx.write(report, headings=False)))
    assert "2022年1月9日" in [p.text for p in plain.paragraphs]


@pytest.mark.parametrize("variant", [{}, {"numbers_as_text": True}, {"sheet_per_section": True}])
def test_xlsx_is_read_back(variant: dict[str, bool]) -> None:
    import openpyxl

    report = sample("2019")
    book = openpyxl.load_workbook(io.BytesIO(xlsx.write(report, **variant)))
    rows = [list(row) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]
    check(rows, report)
    first = next(row for row in rows if row[0] == "规章")
    assert first[1] == ("1001" if variant.get("numbers_as_text") else 1001)


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_pdf_is_read_back(form: str) -> None:
    import pdfplumber

    report = sample(form)
    with pdfplumber.open(io.BytesIO(pdf.write(report))) as document:
        assert len(document.pages) >= 2
        assert "- 1 -" in document.pages[0].extract_text()
        check([row for page in document.pages for table in page.extract_tables() for row in table], report)


def test_pdf_without_rules_keeps_the_figures() -> None:
    import pdfplumber

    report = sample()
    with pdfplumber.open(io.BytesIO(pdf.write(report, ruled=False, cut=False))) as document:
        assert not any(page.lines or page.rects for page in document.pages)
        words = {word["text"] for page in document.pages for word in page.extract_words()}
    assert {str(value) for value in report.figures.values()} <= words


def lines_of(data: bytes) -> Iterator[str]:
    yield from data.decode().splitlines()


def test_text_with_a_tab_before_each_cell() -> None:
    report = sample(one_row=True)
    lines = list(lines_of(text.write(report)))
    start = lines.index("\t一、本年新收政府信息公开申请数量")
    assert lines[start + 1] == f"\t{report.figures['applications.new.natural_person']}"
    rows: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("\t"):
            rows[-1].append(line[1:])
        else:
            rows.append([])
    check(rows, report, one_row=True)


def test_text_with_tabs_between_cells() -> None:
    report = sample("2019")
    check([line.split("\t") for line in lines_of(text.write(report, shape="tabs"))], report)


def test_text_as_bare_lines() -> None:
    report = sample()
    data = text.write(report, shape="lines", encoding="gb18030")
    lines = data.decode("gb18030").splitlines()
    assert not any("\t" in line for line in lines)
    for label, names in expected_rows("2021", one_row=False).items():
        start = lines.index(label) + 1
        assert lines[start : start + len(names)] == [str(report.figures[name]) for name in names], label


def test_empty_cells_and_other_text_are_printed_as_they_are() -> None:
    figures = {"applications.new.total": None, "disclosure.fees.amount": "/"}
    report = SampleReport("题", "局", 2021, "2021", figures, (SampleSection(HEADINGS[1]), SampleSection(HEADINGS[2])))
    rows = html_rows(html.write(report), "utf-8")
    assert ["行政事业性收费", "/"] in rows
    assert next(row for row in rows if row[0].startswith("一、本年新收"))[1:] == ["\xa0"] * 7


@pytest.mark.parametrize("writer", [docx, xlsx])
def test_office_files_hold_no_clock(writer: Any) -> None:
    data = writer.write(sample())
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {info.date_time[0] for info in package.infolist()} == {1980}
        created = re.findall(rb"<dcterms:created[^>]*>(\d{4}-\d\d-\d\d)", package.read("docProps/core.xml"))
    assert created in ([b"2024-01-01"], [b"2013-12-23"])  # ours, and that of python-docx's template


@pytest.mark.parametrize(("writer", "module"), [(docx, "docx"), (xlsx, "xlsxwriter"), (pdf, "reportlab.lib.pagesizes")])
def test_an_absent_package_is_named(monkeypatch: pytest.MonkeyPatch, writer: Any, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PackageAbsent, match=r"is not installed; it is one of the test dependencies"):
        writer.write(sample())


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="2019 and 2021"):
        printed_tables("2008", {})


@given(form=st.sampled_from(["2019", "2021"]), section=st.sampled_from([2, 3, 4]), data=st.data())
def test_a_cut_loses_no_figure(form: str, section: int, data: st.DataObject) -> None:
    (table,) = printed_tables(form, sample(form).figures)[section]
    at = data.draw(st.integers(1, len(table.rows) - 1))
    pieces = cut_table(table, at)
    places = [(cell.figure, x, cell.text) for _, x, cell in table.placed() if cell.figure]
    assert [(c.figure, x, c.text) for piece in pieces for _, x, c in piece.placed() if c.figure] == places
    for piece in pieces:
        covered = [(y + dy, x + dx) for y, x, c in piece.placed() for dy in range(c.rowspan) for dx in range(c.colspan)]
        assert len(covered) == len(set(covered)) == len(piece.rows) * piece.width
