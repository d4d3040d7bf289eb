"""Every date that a report or its page gives for itself, the most trusted first."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import sample, zeros

from crawler.sandbox.writers import html
from crawler.sandbox.writers.html_page import PageFrame
from parsers.blocks import Block, Grid, Paragraph
from parsers.dates import date_in_url, dates_beside, read_dates
from parsers.read import read_report
from parsers.report import DATE_SOURCES, DateCandidate, Report

NO_TEXT = ("list", "url")


def assert_sound(report: Report) -> None:
    """What holds of the candidates of any report."""
    for one in report.dates:
        assert date.fromisoformat(one.day).isoformat() == one.day
        assert one.source in DATE_SOURCES
        assert (one.text is None) == (one.source in NO_TEXT)
        assert len(one.text or "") <= 60
    assert len({one[:3] for one in report.dates}) == len(report.dates)
    for kind in ("signed", "published"):
        ranks = [DATE_SOURCES.index(one.source) for one in report.dates if one.kind == kind]
        assert ranks == sorted(ranks)
    signed = [one for one in report.dates if one.kind == "signed"]
    published = [one for one in report.dates if one.kind == "published"]
    if report.signed_on is not None:
        assert signed[0][1:3] == (report.signed_on, "signature")
    else:
        assert all(one.source != "signature" for one in signed)
    if report.published_on is not None:
        assert published[0][1:3] == (report.published_on, report.published_source)
    else:
        assert all(one.source == "url" for one in published)


def test_a_page_whose_sources_disagree_gives_all_of_them() -> None:
    plain = sample(zeros())  # signed on 18 January, published on 20 January 2024 by its label
    report = read_report(html.write(plain, frame=PageFrame(pub_date="2024-01-22 10:00")))
    assert [one[:3] for one in report.dates] == [
        ("signed", "2024-01-18", "signature"),
        ("published", "2024-01-20", "page label"),
        ("published", "2024-01-22", "metadata"),
    ]
    assert (report.signed_on, report.published_on) == ("2024-01-18", "2024-01-20")
    assert_sound(report)


def test_a_labelled_day_of_making_is_a_candidate_and_no_signature() -> None:
    grid = Grid(
        [["索引号", "X1", "成文日期", "2024-01-17"], ["发布日期：2024-01-20", None, "生成 日期", "2024年1月16日"]]
    )
    assert read_dates([grid, Paragraph("六、其他"), Paragraph("无。")], {}, 2023) == [
        DateCandidate("signed", "2024-01-17", "page label", "成文日期 2024-01-17"),
        DateCandidate("signed", "2024-01-16", "page label", "生成 日期 2024年1月16日"),
        DateCandidate("published", "2024-01-20", "page label", "发布日期：2024-01-20"),
    ]
    assert read_dates([Paragraph("页面生成日期：2026-03-01"), Paragraph("正文")], {}, 2023) == []


def test_two_labels_in_one_line_are_two_dates() -> None:
    line = Paragraph("发布时间：2024-01-20  公开日期：2024-01-21")
    assert [one.day for one in read_dates([line, Paragraph("无。")], {}, 2023)] == ["2024-01-20", "2024-01-21"]


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://www.a.example.cn/zwgk/202401/t20240115_123.html", "2024-01-15"),
        ("https://a.example.cn/art/2024/1/5/art_12_34.html", "2024-01-05"),
        ("https://a.example.cn/zwgk/2024/01/15/c_123.shtml", "2024-01-15"),
        ("https://a.example.cn/2024-01/15/content_5.htm", "2024-01-15"),
        ("https://a.example.cn/c/202401/15/5.html", "2024-01-15"),
        ("https://a.example.cn/c/20240115/5.html", "2024-01-15"),
        ("https://a.example.cn/c/2024/0115/5.html", "2024-01-15"),
        ("https://a.example.cn/files/P020240115612345678901.pdf", "2024-01-15"),
        ("https://a.example.cn/202413/t20240230_1.html", None),  # no such day
        ("https://a.example.cn/20230230/t20240115_1.html", "2024-01-15"),
        ("https://a.example.cn/t15699357.shtml", None),
        ("https://a.example.cn/20240115.html", None),  # may be any number
        ("https://a.example.cn/show?date=2024/01/15/", None),
        ("https://a.example.cn/202401/", None),
        ("file:///d/2024-01/15/report.html", None),
        ("http://[a/t20240115_1.html", None),
        ("", None),
    ],
)
def test_the_date_in_an_address(url: str, day: str | None) -> None:
    assert date_in_url(url) == day


@given(st.text())
def test_any_text_is_an_address_or_not(text: str) -> None:
    for day in (date_in_url(text), date_in_url(f"https://a.example/{text}")):
        assert day is None or date.fromisoformat(day)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)), st.integers(0, 10**6))
def test_every_day_is_found_in_every_shape(day: date, number: int) -> None:
    for path in (f"{day:%Y%m}/t{day:%Y%m%d}_{number}.html", f"art/{day.year}/{day.month}/{day.day}/art_{number}.html",
                 f"{day:%Y-%m/%d}/content_{number}.htm", f"{day:%Y/%m/%d}/{number}.htm"):  # fmt: skip
        assert date_in_url(f"https://a.example/{path}") == day.isoformat()


def test_what_stands_beside_a_document() -> None:
    page, file = "https://a.example/202401/t20240115_1.html", "https://a.example/202401/P020240114612345678901.pdf"
    assert dates_beside("2024-01-16", (page, page, file)) == [
        DateCandidate("published", "2024-01-16", "list"),
        DateCandidate("published", "2024-01-15", "url"),
        DateCandidate("published", "2024-01-14", "url"),
    ]
    assert dates_beside(None, ("https://a.example/1.html",)) == []
    assert dates_beside("soon", ()) == []


days = st.dates(min_value=date(2019, 1, 1), max_value=date(2030, 12, 31))
dates_as_printed = days.flatmap(
    lambda d: st.sampled_from([d.isoformat(), f"{d.year}年{d.month}月{d.day}日", f"{d:%Y/%m/%d} 10:20"])
)
labels = st.sampled_from(
    [
        "发布日期：",
        "发布时间:",
        "公开 日期 ",
        "成文日期：",
        "印发日期：",
        "更新时间：",
        "页面生成时间：",
        "会议时间：",
        "",
    ]
)
lines = st.builds(lambda label, day, more: Paragraph(label + day + more), labels, dates_as_printed,
                  st.sampled_from(["", " 来源：示例局", "，本局公布了指南。"]))  # fmt: skip
grids = st.builds(lambda label, day, apart: Grid([["索引号", "", label, day] if apart else [label + day]]),
                  labels, dates_as_printed, st.booleans())  # fmt: skip
blocks_of_pages = st.lists(lines | grids | st.builds(Paragraph, st.text(min_size=1)), max_size=20)
metadata = st.fixed_dictionaries(
    {}, optional={"pubdate": dates_as_printed | st.text(), "maketime": dates_as_printed, "others": dates_as_printed}
)


@given(blocks_of_pages, metadata, st.none() | st.integers(2018, 2025), st.none() | days.map(str), st.none() | days)
def test_candidates_are_sound_on_any_page(
    blocks: list[Block], meta: dict[str, str], year: int | None, listed_on: str | None, entered: date | None
) -> None:
    dates = read_dates(blocks, meta, year)
    published = next((one for one in dates if one.kind == "published"), None)
    report = Report(
        "html",
        signed_on=next((one.day for one in dates if one.source == "signature"), None),
        published_on=published.day if published else listed_on,
        published_source=published.source if published else "list",
        dates=dates,
    )
    report.dates += dates_beside(listed_on, [f"https://a.example/t{entered:%Y%m%d}_1.html"] if entered else [])
    assert_sound(report)


def test_real_reports_have_sound_candidates(shared_reports: Path) -> None:
    documents = [path for path in sorted(shared_reports.iterdir()) if path.suffix in (".pdf", ".html", ".txt")]
    assert documents
    for path in documents:
        assert_sound(read_report(path.read_bytes()))
