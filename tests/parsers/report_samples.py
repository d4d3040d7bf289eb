"""Reports to be written by the sandbox and read back: real figures in other clothes, and figures drawn by chance."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from hypothesis import strategies as st

from crawler.sandbox.forms import OTHER_THREE
from crawler.sandbox.sample import Figures, Printable, SampleReport, SampleSection
from crawler.sandbox.writers import docx, html, pdf, text, xlsx
from crawler.sandbox.writers.html_page import PageFrame
from parsers.form import load_forms
from parsers.read import read_report
from parsers.report import ROW_ABSENT, Report

HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other", "total")
APPLICANTS = COLUMNS[:-1]

Writer = Callable[[SampleReport], bytes]

# Formats that keep the cells where they are: each must give back every figure.
GRIDS: dict[str, Writer] = {
    "html-utf8": lambda r: html.write(r),
    "html-page-gbk": lambda r: html.write(r, page=True, encoding="gbk"),
    "html-gbk-wrong-label-cut": lambda r: html.write(
        r, frame=PageFrame(), encoding="gbk", charset="wrong", tables="cut"
    ),
    "html-word-one-table": lambda r: html.write(r, word_paste=True, tables="one", seed=3),
    "html-litter-unclosed-nested": lambda r: html.write(r, page=True, litter=True, unclosed=True, nested=True, seed=4),
    "html-gb18030-absurd-spans": lambda r: html.write(r, encoding="gb18030", absurd_spans=True, seed=5),
    "docx": lambda r: docx.write(r),
    "docx-plain-headings": lambda r: docx.write(r, headings=False),
    "xlsx": lambda r: xlsx.write(r),
    "xlsx-text-sheets": lambda r: xlsx.write(r, numbers_as_text=True, sheet_per_section=True),
    "pdf": lambda r: pdf.write(r),
    "pdf-whole": lambda r: pdf.write(r, cut=False, page_numbers=False),
    "pdf-unruled": lambda r: pdf.write(r, ruled=False),
    "pdf-unruled-whole": lambda r: pdf.write(r, ruled=False, cut=False),
}
# Flattened text: nothing wrong may come out; cells and tabs keep enough to give everything back.
TEXTS: dict[str, Writer] = {
    "text-cells": lambda r: text.write(r, shape="cells"),
    "text-tabs-gbk": lambda r: text.write(r, shape="tabs", encoding="gbk"),
    "text-lines": lambda r: text.write(r, shape="lines"),
}


def sample(figures: Figures, *, form: str = "2021", year: int = 2023, agency: str = "柳溪县水利局") -> SampleReport:
    """A report with these figures and a line of prose in each section without a table."""
    prose = {
        1: "本年度依法公开政府信息，信息公开申请渠道畅通。",
        5: "公开内容还不够丰富，将加强培训。",
        6: "无其他需要报告的事项。",
    }
    sections = tuple(
        SampleSection(heading, (prose[number],) if number in prose else ())
        for number, heading in enumerate(HEADINGS, 1)
    )
    title = f"{agency}{year}年政府信息公开工作年度报告"
    return SampleReport(
        title, agency, year, form, figures, sections, signed_on=f"{year + 1}-01-18", published_on=f"{year + 1}-01-20"
    )


def names(form: str, *, three_rows: bool = True) -> list[str]:
    """The figures that a report of this form prints."""
    own = load_forms()[form].figure_names
    if form == "2019":
        return [name for name in own if not name.startswith("applications.other_")]
    drop = {"applications.other"} if three_rows else {f"applications.{row}" for row in OTHER_THREE}
    return [name for name in own if name.rpartition(".")[0] not in drop]


def zeros(form: str = "2021", *, three_rows: bool = True) -> dict[str, Printable]:
    """All figures that a report of this form prints, each 0."""
    return dict.fromkeys(names(form, three_rows=three_rows), 0)


def numbered(form: str = "2021", *, three_rows: bool = True) -> dict[str, Printable]:
    """All figures that a report prints, each another number, so that a figure in the wrong place shows."""
    return {name: 1000 + index for index, name in enumerate(names(form, three_rows=three_rows))}


def counts(largest: int = 400) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(0, 5), st.integers(0, largest))


@st.composite
def any_figures(draw: st.DrawFn, form: str, *, three_rows: bool) -> dict[str, Printable]:
    """Figures of any kind, which need not agree with one another: counts, zeros, blanks, slashes."""
    cell = st.one_of(st.just(0), counts(99_999), st.sampled_from((None, "/", "—", "0", "12,345")))
    figures: dict[str, Printable] = {}
    for name in names(form, three_rows=three_rows):
        figures[name] = draw(cell)
        if name.endswith(".items_change"):
            figures[name] = draw(st.sampled_from((0, "+3", -2, None, "/", 5)))
        elif name.endswith(".amount"):
            figures[name] = draw(st.sampled_from((0, 7730.28, "251000元", "12.5万元", None, "/")))
    return figures


@st.composite
def consistent_counts(
    draw: st.DrawFn, form: str = "2021", *, three_rows: bool = True, largest: int = 60
) -> dict[str, Printable]:
    """Figures that keep every identity of the form within a report."""
    figures = zeros(form, three_rows=three_rows)
    rows = application_rows(form, three_rows=three_rows)
    results = [row for row in rows if row not in ("new", "carried_in", "processed", "carried_out")]
    busy = draw(st.lists(st.sampled_from(results), max_size=6, unique=True))
    for column in draw(st.lists(st.sampled_from(APPLICANTS), max_size=4, unique=True)):
        done = 0
        for row in busy:
            figures[f"applications.{row}.{column}"] = count = draw(st.integers(0, largest))
            done += count
        out = draw(st.integers(0, 9))
        carried_in = draw(st.integers(0, done + out))
        figures[f"applications.processed.{column}"] = done
        figures[f"applications.carried_out.{column}"] = out
        figures[f"applications.carried_in.{column}"] = carried_in
        figures[f"applications.new.{column}"] = done + out - carried_in
    for row in rows:
        figures[f"applications.{row}.total"] = sum(as_count(figures[f"applications.{row}.{c}"]) for c in APPLICANTS)
    for row in ("reconsideration", "litigation_direct", "litigation_after_reconsideration"):
        outcomes = [draw(st.integers(0, 4)) for _ in range(4)]
        for column, count in zip(
            ("upheld", "corrected", "other", "pending", "total"), [*outcomes, sum(outcomes)], strict=True
        ):
            figures[f"challenges.{row}.{column}"] = count
    return figures


def application_rows(form: str = "2021", *, three_rows: bool = True) -> list[str]:
    """The rows of the table of applications that a report prints, in order."""
    return list(
        dict.fromkeys(
            name.split(".")[1] for name in names(form, three_rows=three_rows) if name.startswith("applications.")
        )
    )


def as_count(value: Printable) -> int:
    assert isinstance(value, int)
    return value


def truth(figures: Figures, form: str) -> dict[str, int | float | None]:
    """What a reader has to give for the figures that were put in; those not printed are None."""
    return {name: number_of(figures.get(name)) for name in load_forms()[form].figure_names}


def number_of(value: Printable) -> int | float | None:
    """The number that a printed cell shows: "+3" is 3, "251000元" is 251000, "/" is none."""
    if not isinstance(value, str):
        return value
    digits = value.replace(",", "").removesuffix("元").removesuffix("万").lstrip("+")
    if not digits or digits in "/—":
        return None
    return float(digits) if "." in digits else int(digits)


def values(report: Report) -> dict[str, int | float | None]:
    return {name: figure.value for name, figure in report.figures.items()}


def read_values(data: bytes) -> dict[str, int | float | None]:
    return values(read_report(data))


def wrong(
    found: Mapping[str, int | float | None], expected: Mapping[str, int | float | None]
) -> dict[str, tuple[object, object]]:
    """Figures that are given as a number, but not as the number that was put in: the worst that can happen."""
    return {
        name: (value, expected.get(name))
        for name, value in found.items()
        if value is not None and value != expected.get(name)
    }


@lru_cache(maxsize=16)
def dressed(gold: Path) -> SampleReport:
    """A real report's figures, title, agency, period, headings and prose, to be written in another format."""
    content = json.loads(gold.read_text("utf-8"))
    document = next(p for p in gold.parent.iterdir() if p.stem == gold.name.removesuffix(".gold.json"))
    report = read_report(document.read_bytes())
    figures = {
        name: figure.text if figure.text is not None else figure.value
        for name, figure in report.figures.items()
        if figure.state != ROW_ABSENT
    }
    sections = tuple(SampleSection(s.heading, tuple(s.text.splitlines())) for s in report.sections)
    return SampleReport(
        content["title"],
        content["agency"],
        content["year"],
        content["form"],
        figures,
        sections,
        signed_on=content["signed_on"] or f"{content['year'] + 1}-01-18",
        published_on=content["published_on"],
        period=tuple(content["period"]),
    )
