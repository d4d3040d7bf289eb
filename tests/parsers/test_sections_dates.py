"""Sections and dates: headings that are the form's and those that are not; days of signing, publication and period."""

import pytest
from pages import application_figures, application_table, challenge_figures, challenge_table, page, table
from report_samples import HEADINGS, sample, zeros

from crawler.sandbox.sample import SampleReport, SampleSection
from crawler.sandbox.writers import html
from crawler.sandbox.writers.html_page import PageFrame
from parsers.blocks import Paragraph
from parsers.dates import find_dates, read_dates, read_period
from parsers.form import load_forms
from parsers.read import read_report
from parsers.report import Report
from parsers.sections import read_prose, read_sections, section_number

FORM = load_forms()["2021"]


def sections_of(*lines: str) -> list[tuple[int, str, str]]:
    return [tuple(section) for section in read_sections([Paragraph(line) for line in lines], FORM)]


PLAIN = [
    "一、总体情况", "全年平稳。", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况", "还不够丰富。",
    "六、其他需要报告的事项", "无。",
]  # fmt: skip
EXPECTED = [
    (1, HEADINGS[0], "全年平稳。"),
    (2, HEADINGS[1], ""),
    (3, HEADINGS[2], ""),
    (4, HEADINGS[3], ""),
    (5, HEADINGS[4], "还不够丰富。"),
    (6, HEADINGS[5], "无。"),
]


def test_plain_sections() -> None:
    assert sections_of(*PLAIN) == EXPECTED


def test_an_internal_notice_has_headings_of_its_own() -> None:
    notice = [
        "关于调整政府信息公开工作领导小组的通知",
        "一、领导小组组成人员",
        "组长：某某",
        "二、主要职责",
        "领导全局工作。",
        "三、办公室",
    ]
    assert sections_of(*notice, *PLAIN) == EXPECTED
    found = sections_of(*PLAIN[:2], *notice, *PLAIN[2:])
    assert [heading for _, heading, _ in found] == list(HEADINGS)
    assert "领导小组" in found[0][2]


def test_the_preface_is_what_stands_in_front_of_the_first_section() -> None:
    lines = ["柳溪县水利局2023年年度报告", "关于调整领导小组的通知", "一、领导小组组成人员", "本报告依法编制。"]
    blocks = [Paragraph(line) for line in (*lines, *PLAIN)]
    assert read_prose(blocks, FORM) == ("\n".join(lines), read_sections(blocks, FORM))
    assert read_prose([Paragraph(line) for line in PLAIN], FORM)[0] == ""
    assert read_prose([Paragraph(line) for line in lines], FORM) == ("", []), "without sections there is none"


@pytest.mark.parametrize("dots", ["", "…………1", "  3", "\t2"])
@pytest.mark.parametrize("preface", [[], ["前言", "本报告根据《条例》编制。"]])
def test_a_table_of_contents_is_no_section(dots: str, preface: list[str]) -> None:
    contents = ["目录", *(f"{heading}{dots}" for heading in HEADINGS)]
    assert sections_of(*contents, *preface, *PLAIN) == EXPECTED


def test_headings_without_their_number_count_where_none_has_it() -> None:
    bare = [line.partition("、")[2] if line in HEADINGS else line for line in PLAIN]
    assert [(n, text) for n, _, text in sections_of(*bare)] == [(n, text) for n, _, text in EXPECTED]
    # A subheading with the same words as a section's heading.
    inside = [
        PLAIN[0],
        "全年平稳。",
        "主动公开情况",
        "公开信息5条。",
        "依申请公开政府信息情况",
        "收到1件。",
        *PLAIN[2:],
    ]
    found = sections_of(*inside)
    assert [heading for _, heading, _ in found] == list(HEADINGS)
    assert "收到1件。" in found[0][2]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("一、总体情况", 1),
        ("一. 总体情况", 1),
        ("一、 总 体 情 况", 1),
        ("二、主动公开政府信息的情况", 2),
        ("二、主动公开政务信息情况", 2),
        ("三、收到和处理政府信息公开申请情况", 3),
        ("三、收到和处理政府信息公开申情请况", 3),
        ("四、政府信息公开行政复议、行政诉讼情况", 4),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", 4),
        ("五、政府信息公开工作存在的主要问题及改进措施", 5),
        ("五、存在的问题和改进情况", 5),
        ("六、其它需要报告的事项", 6),
        ("（一）主动公开情况", None),
        ("1.主动公开政府信息情况", None),
        ("一、领导小组组成人员", None),
        ("七、附件", None),
        ("三、2024年工作打算", None),
        ("主动公开政府信息情况良好，全年共公开信息一百条，并收到和处理政府信息公开申请。", None),
    ],
)
def test_headings(line: str, number: int | None) -> None:
    assert section_number(line, FORM) == number


def test_the_portals_furniture_and_the_signature_are_no_prose() -> None:
    found = sections_of(
        *PLAIN, "柳溪县水利局", "2024年1月18日", "【打印】【关闭】", "上一篇：某某", "主办：柳溪县人民政府"
    )
    assert found == EXPECTED


def test_a_report_of_five_sections_has_five() -> None:
    assert [n for n, _, _ in sections_of(*PLAIN[:7])] == [1, 2, 3, 4, 5]


def test_headings_inside_a_table_that_holds_everything() -> None:
    report = read_report(html.write(sample(zeros()), tables="one"))
    assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6]


def test_last_years_numbers_in_the_prose_are_no_figures() -> None:
    figures = application_figures()
    prose = "<p>2022年新收申请7件，其中自然人7件；2023年新收申请100件。上年结转政府信息公开申请7件。</p>"
    data = page(
        applications=table(application_table(figures)),
        challenges=table(challenge_table(challenge_figures())),
        general=prose,
    )
    report = read_report(data)
    assert {n: report.value(n) for n in figures} == figures
    assert prose[3:-4] in report.sections[0].text


# Dates


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2024年1月18日", ["2024-01-18"]),
        ("2024 年 1 月 18 日", ["2024-01-18"]),
        ("２０２４年１月１８日", ["2024-01-18"]),
        ("2024-01-18 09:30:00", ["2024-01-18"]),
        ("2024/1/8", ["2024-01-08"]),
        ("2024.01.18", ["2024-01-18"]),
        ("二〇二四年一月十八日", ["2024-01-18"]),
        ("二○二四年十二月三十一日", ["2024-12-31"]),
        ("二O二四年一月八日", ["2024-01-08"]),
        ("二0二四年一月二十日", ["2024-01-20"]),
        ("二零二四年十月十日", ["2024-10-10"]),
        ("2024年1月", []),
        ("二〇二四年一月", []),
        ("2024年2月30日", []),
        ("二〇二四年一月二十三十日", []),
        ("2024年13月1日", []),
        ("自2023年1月1日起至2023年12月31日止", ["2023-01-01", "2023-12-31"]),
    ],
)
def test_find_dates(text: str, days: list[str]) -> None:
    assert [day.isoformat() for day in find_dates(text)] == days


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("统计期限自2023年1月1日起至2023年12月31日止", ("2023-01-01", "2023-12-31")),
        ("所列数据的统计期限从2023年1月1日到12月31日", ("2023-01-01", "2023-12-31")),
        ("报告时限：2023年1月1日—2023年12月31日", ("2023-01-01", "2023-12-31")),
        ("自 2023 年 1 月 1 日 起，至 2023 年 12 月 31 日止", ("2023-01-01", "2023-12-31")),
        ("自二〇二三年一月一日起至二〇二三年十二月三十一日止", ("2023-01-01", "2023-12-31")),
        ("自2023年12月31日起至2023年1月1日止", None),
        ("自2023年3月1日起施行", None),
        ("2023年1月1日起施行的条例", None),
    ],
)
def test_read_period(text: str, period: tuple[str, str] | None) -> None:
    assert read_period([text]) == period


def test_the_period_is_that_of_the_figures() -> None:
    lines = ["活动自2021年1月1日至2021年12月31日举办。", "本报告数据的统计期限自2023年1月1日起至2023年12月31日止。"]
    assert read_period(lines) == ("2023-01-01", "2023-12-31")


def signed(*lines: str, year: int = 2023) -> str | None:
    blocks = [Paragraph("六、其他需要报告的事项"), Paragraph("无。"), *map(Paragraph, lines)]
    return next((one.day for one in read_dates(blocks, {}, year) if one.source == "signature"), None)


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (("柳溪县水利局", "2024年1月18日"), "2024-01-18"),
        (("柳溪县水利局2024年1月18日",), "2024-01-18"),
        (("二〇二四年一月十八日",), "2024-01-18"),
        (("2023年12月31日",), "2023-12-31"),
        (("2024年1月",), None),
        (("2022年1月18日",), None),  # last year's, left standing
        (("发布日期：2024年1月18日",), None),
        (("更新时间：2024-01-18",), None),
        (("页面生成时间 2026-03-01",), None),
        (("我局于2024年1月18日召开会议，部署下一步工作。",), None),
        (("柳溪县教育局2023年政府信息公开工作年度报告 2024-01-25",), None),
        (("2024-01-25 关于召开会议的通知",), None),
        ((), None),
    ],
)
def test_the_day_of_signing(lines: tuple[str, ...], day: str | None) -> None:
    assert signed(*lines) == day


def published(report: SampleReport, **frame: object) -> Report:
    return read_report(html.write(report, frame=PageFrame(**frame)))  # type: ignore[arg-type]


def test_the_day_of_publication_is_what_the_page_labels() -> None:
    found = published(sample(zeros()))
    assert (found.published_on, found.published_source) == ("2024-01-20", "page label")
    found = published(sample(zeros()), pub_date="2024-01-22")
    assert found.published_on == "2024-01-20"


def test_without_a_label_the_metadata_count() -> None:
    found = published(sample(zeros()), labelled_date=False, pub_date="2024-01-22 10:00")
    assert (found.published_on, found.published_source) == ("2024-01-22", "metadata")


@pytest.mark.parametrize(
    "built",
    [
        '<meta name="MakeTime" content="2026-03-01 10:00:00">',
        '<meta name="others" content="页面生成时间 2026-03-01 10:00:00">',
    ],
)
def test_the_time_at_which_a_page_was_built_is_no_publication(built: str) -> None:
    data = html.write(sample(zeros()), frame=PageFrame(labelled_date=False, pub_date="2026-03-01 09:59"))
    report = read_report(data.replace(b"<head>", b"<head>" + built.encode(), 1))
    assert (report.published_on, report.published_source) == (None, None)


def test_a_date_in_the_prose_is_no_publication() -> None:
    section = SampleSection(HEADINGS[0], ("我局信息公开指南公布时间：2021年3月1日，目录发布日期2020年5月1日。",))
    plain = sample(zeros())
    report = read_report(
        html.write(SampleReport(plain.title, plain.agency, 2023, "2021", plain.figures, (section, *plain.sections[1:])))
    )
    assert report.published_on is None
