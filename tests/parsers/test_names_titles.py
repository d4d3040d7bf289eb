"""Whose report it is: titles as portals print them, names with more or less of their place in front."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.names import Names, gazetteer
from parsers.read import read_report
from parsers.titles import read_title

from pages import application_figures, application_table, page, table  # isort: skip

NAMES = Names()


@pytest.mark.parametrize(
    ("title", "agency", "year"),
    [
        ("柳溪县水利局2023年政府信息公开工作年度报告", "柳溪县水利局", 2023),
        ("2018年建新镇政府信息公开工作年度报告", "建新镇", 2018),
        ("柳溪县水利局2023年度政府信息公开工作年度报告", "柳溪县水利局", 2023),
        ("柳溪县水利局 2023 年政府信息公开 年度报告", "柳溪县水利局", 2023),
        ("四平市财政局2019年政府信息公开年度工作报告", "四平市财政局", 2019),
        ("礼泉县2019年政府信息公开年度工作的报告", "礼泉县", 2019),
        ("衡阳市审计局政府信息公开2019年度报告", "衡阳市审计局", 2019),
        ("龙游县罗家乡2021年政府信息公开年报", "龙游县罗家乡", 2021),
        ("舒兰市市场监督管理局2016年政务公开年度报告", "舒兰市市场监督管理局", 2016),
        ("2023年度柳溪县统计局2023年度政府信息公开工作年度报告", "柳溪县统计局", 2023),
        ("二〇二三年柳溪县水利局政府信息公开工作年度报告", "柳溪县水利局", 2023),
        ("二○一九年柳溪县水利局政府信息公开工作年度报告", "柳溪县水利局", 2019),
        ("２０２３年柳溪县水利局政府信息公开工作年度报告", "柳溪县水利局", 2023),
        ("柳溪县水利局2023年政府信息公开工作年度报告（图片版）", "柳溪县水利局", 2023),
        ("柳溪县水利局2023年政府信息公开工作年度报告.docx", "柳溪县水利局", 2023),
        ("萝北县工业信息科技局 关于 2020 年度政府信息公开工作的报告", "萝北县工业信息科技局", 2020),
        ("城南办事处、城南园区2024年政府信息公开工作年度报告", "城南办事处、城南园区", 2024),
        ("2024年政府信息公开工作年度报告", None, 2024),
        ("政府信息公开工作年度报告", None, None),
    ],
)
def test_titles_of_reports(title: str, agency: str | None, year: int | None) -> None:
    read = read_title(title)
    assert (read.is_report, read.agency, read.year, read.why) == (True, agency, year, "")


@pytest.mark.parametrize(
    "title",
    [
        "图解：柳溪县2023年政府信息公开工作年度报告",
        "【一图读懂】柳溪县2023年政府信息公开工作年度报告",
        "文字解读:柳溪县水利局2022年政府信息公开工作年度报告",
        "柳溪县2023年政府信息公开工作年度报告解读",
        "柳溪县各单位2023年政府信息公开工作年度报告公布情况",
        "柳溪县2023年政府信息公开工作年度报告汇总",
        "关于做好2023年政府信息公开工作年度报告编制工作的通知",
        "国务院办公厅关于做好政府网站年度报表发布工作的通知",
        "柳溪县政府网站工作年度报表（2023年度）",
        "柳溪县2023年法治政府建设年度报告",
        "2023年柳溪县政府工作报告",
        "政府信息公开指南",
        "柳溪县2023年政务公开工作要点",
        "柳溪县2023年政务公开培训会议",
        "北京市市场监督管理局2023年四季度政府网站与政务新媒体季度自查报告",
        "柳溪县第一中学2023年信息公开年度报告",
        "政府信息公开工作年度报告格式",
        "2023年部门决算公开",
        "",
    ],
)
def test_titles_of_other_things(title: str) -> None:
    read = read_title(title)
    assert not read.is_report
    assert read.why


def test_agencies_with_suspicious_words_in_their_names_report_too() -> None:
    for agency in ("柳溪县财政局", "柳溪县审计局", "柳溪县信访局", "柳溪县教育局", "柳溪县统计局", "柳溪县行政执法局"):
        assert read_title(f"{agency}2023年政府信息公开工作年度报告")[0], agency


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    read = read_title(text)
    assert bool(read.why) == (not read.is_report)
    assert read.year is None or 1900 <= read.year <= 2099


# Which of the titles on a page is the report's


def read(**parts: str):  # type: ignore[no-untyped-def]
    return read_report(page(applications=table(application_table(application_figures())), **parts))


def test_the_title_is_not_that_of_a_neighbour() -> None:
    others = "".join(f"<p>柳溪县{name}2022年政府信息公开工作年度报告</p>" for name in ("教育局", "公安局"))
    report = read(before=others)
    assert (report.agency, report.year) == ("柳溪县水利局", 2023)
    listed_first = page(applications=table(application_table(application_figures())))
    listed_first = listed_first.replace(b"<h1>", f"{others}<h1>".encode(), 1)
    report = read_report(listed_first)
    assert (report.agency, report.year) == ("柳溪县水利局", 2023)


def test_metadata_tell_which_title_counts() -> None:
    others = "<p>柳溪县教育局2022年政府信息公开工作年度报告</p>"
    data = page(applications=table(application_table(application_figures())))
    data = data.replace(b"<h1>", f"{others}<p>".encode(), 1).replace(b"</h1>", b"</p>", 1)
    meta = '<meta name="ArticleTitle" content="柳溪县水利局2023年政府信息公开工作年度报告">'
    report = read_report(data.replace(b"<body>", f"<head>{meta}</head><body>".encode(), 1))
    assert (report.agency, report.year) == ("柳溪县水利局", 2023)


def test_metadata_of_last_years_file_do_not_count() -> None:
    """A file that was written over last year's keeps its title in the properties."""
    data = page(title="2023年政府信息公开工作年度报告", applications=table(application_table(application_figures())))
    stale = "<head><title>柳溪县教育局2022年政府信息公开工作年度报告</title></head><body>"
    report = read_report(data.replace(b"<body>", stale.encode(), 1))
    assert (report.agency, report.year) == (None, 2023)


def test_agency_and_title_on_two_lines() -> None:
    data = page(title="政府信息公开工作年度报告", applications=table(application_table(application_figures())))
    report = read_report(
        data.replace(b"<h1>", "<p>柳溪县水利局</p><p>2023年".encode(), 1).replace(b"</h1>", b"</p>", 1)
    )
    assert (report.agency, report.year) == ("柳溪县水利局", 2023)


def test_the_agency_of_a_title_without_one() -> None:
    title = "2023年政府信息公开工作年度报告"
    labelled = "<table><tr><td>发布机构：</td><td>湖南省生态环境厅</td></tr></table>"
    assert read(title=title, before=labelled).agency == "湖南省生态环境厅"
    assert read(title=title, before="<p>来源：湖南省生态环境厅</p>").agency == "湖南省生态环境厅"
    assert read(title=title, after="<p>柳溪县水利局</p><p>2024年1月18日</p>").agency == "柳溪县水利局"
    assert read(title=title).agency is None


def test_the_year_of_a_title_without_one() -> None:
    period = "<p>本报告统计期限自2022年1月1日起至2022年12月31日止。</p>"
    assert read(title="柳溪县水利局政府信息公开工作年度报告", before=period).year == 2022
    assert read(title="柳溪县水利局政府信息公开工作年度报告").year is None


# Names to agencies


@pytest.mark.parametrize(
    ("name", "agency_id"),
    [
        ("洪泽区人民政府", "320813:人民政府"),
        ("淮安市洪泽区人民政府", "320813:人民政府"),
        ("江苏省淮安市洪泽区人民政府", "320813:人民政府"),
        (" 淮安市　洪泽区人民政府", "320813:人民政府"),
        ("三明市", "350400:人民政府"),
        ("济宁市兖州区科学技术局", "370812:科学技术局"),
        ("上海市人民政府办公厅", "310000:人民政府办公厅"),
        ("枣庄市市中区工业和信息化局", "370402:工业和信息化局"),
        ("海南省教育厅", "460000:教育厅"),
        ("海南藏族自治州教育局", "632500:教育局"),
        ("吉林省教育厅", "220000:教育厅"),
        ("吉林市教育局", "220200:教育局"),
        ("阿拉善盟额济纳旗温图高勒苏木人民政府", "152923:温图高勒苏木人民政府"),
    ],
)
def test_places_in_front_make_no_other_agency(name: str, agency_id: str) -> None:
    assert NAMES.resolve(name) == agency_id


@pytest.mark.parametrize(
    "name",
    ["市中区工业和信息化局", "铁西区人民政府", "朝阳区教育局", "鼓楼区人民政府", "公安局", "城关镇人民政府", "", None],
)
def test_a_name_that_several_share_is_nobodys(name: str | None) -> None:
    assert NAMES.resolve(name) is None


def test_what_settles_a_shared_name() -> None:
    assert NAMES.resolve("市中区教育局", within="370400") == "370402:教育局"
    assert NAMES.resolve("市中区教育局", text="济南市市中区教育局办公室") == "370103:教育局"
    assert NAMES.resolve("市中区教育局", text="济南市市中区和枣庄市市中区") is None


def test_a_register_knows_more() -> None:
    names = Names(
        [
            ("990101:水利局", "柳溪县水利局", ["县水利局", "柳溪县水务局"]),
            ("990201:水利局", "青田县水利局", ["县水利局"]),
        ]
    )
    assert names.resolve("柳溪县水利局") == "990101:水利局"
    assert names.resolve("柳溪县水务局") == "990101:水利局"
    assert names.resolve("清江市柳溪县水利局") == "990101:水利局"
    assert names.resolve("县水利局") is None
    assert names.resolve("县水利局", within="990200") == "990201:水利局"
    assert names.resolve("柳溪县水利局下属单位") is None


def test_an_office_is_not_its_government_and_a_branch_not_its_bureau() -> None:
    ids = {NAMES.resolve(f"淮安市洪泽区{n}") for n in ("人民政府", "人民政府办公室", "公安局", "公安局交警大队", "")}
    assert len(ids) == 4  # a bare place is its government
    assert None not in ids


@given(st.sampled_from(sorted(code for code in gazetteer().names if not code.endswith("00"))))
def test_a_county_with_its_parents_in_front_is_that_county(code: str) -> None:
    regions = gazetteer()
    name = "".join([*reversed(regions.parents(code)), regions.names[code]])
    assert NAMES.resolve(f"{name}水利局") in (f"{code}:水利局", None)


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_name_resolves_or_does_not(name: str, text: str) -> None:
    agency_id = NAMES.resolve(name, text=text)
    assert agency_id is None or ":" in agency_id


def test_a_title_and_a_period_of_two_years_leave_a_doubt() -> None:
    period = "<p>本报告统计期限自2022年1月1日起至2022年12月31日止。</p>"
    report = read(before=period)
    assert (report.year, report.period) == (2023, ("2022-01-01", "2022-12-31"))
    assert any(doubt.figure is None and "2022" in doubt.reason for doubt in report.doubts)
    assert not any(doubt.figure is None for doubt in read(before=period.replace("2022", "2023")).doubts)
