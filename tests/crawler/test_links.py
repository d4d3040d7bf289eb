"""Links of lists: the host rule, what the portal's file knows, names of columns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.portal import Portal
from crawler.walk.links import KEPT_KINDS, LinkVerdict, judge_link, stays_listed
from parsers.names import Names
from parsers.title_kinds import KINDS

TITLE = "柳溪县水利局2023年政府信息公开工作年度报告"
OURS = "https://www.example.gov.cn/art/1.html"


def portal(**more: Any) -> Portal:
    base: dict[str, Any] = {
        "allowed_hosts": ["www.example.gov.cn"],
        "columns": [{"url": "https://www.example.gov.cn/nb/"}],
    }
    return Portal(id="liuxi", name="柳溪县", platform="static_list", **(base | more))


def raw(*hosts: str) -> Portal:
    return portal(allowed_hosts=list(hosts), columns=[{"url": f"http://{hosts[0]}/nb/"}])


@pytest.mark.parametrize(
    "url",
    [
        OURS,
        "http://www.gov.cn/1.htm",
        "https://gov.cn/1.htm",
        "HTTP://WWW.LIUXI.GOV.CN/1.htm",
        "http://www.liuxi.gov.cn./1.htm",
        "http://www.liuxi.gov.cn:8080/1_wap.html",
        "http://m.liuxi.gov.cn/1.html",
        "https://www.example.gov.cn/gate/big5/www.liuxi.gov.cn/1.html",
    ],
)
def test_government_hosts_are_believed(url: str) -> None:
    assert judge_link(TITLE, url, None) == LinkVerdict(True, "", "柳溪县水利局", 2023, "report")


@pytest.mark.parametrize(
    "url",
    [
        "https://liuxi.gov.cn.example.com/1.html",
        "https://www-liuxi-gov-cn.vpn.example.edu.cn/1.html",
        "https://www.liuxigov.cn/1.html",
        "https://gov.cn.example/1.html",
        "https://example.com/www.liuxi.gov.cn/1.html",
        "https://example.com/?u=http://www.liuxi.gov.cn/",
        "http://www.liuxi.gov.cn@example.com/1.html",
        "http://122.0.0.1:8080/1.html",
        "http://www.liuxi.gov.cn.:8080@example.com/",
        "http://127.0.0.1:8000/1.html",
        "/art/1.html",
        "javascript:void(0)",
        "",
        "http://[::1",
    ],
)
def test_foreign_hosts_are_not(url: str) -> None:
    verdict = judge_link(TITLE, url, None)
    assert (verdict.is_report, verdict.kind, verdict.agency, verdict.year) == (False, "other", "柳溪县水利局", 2023)
    assert "outside gov.cn" in verdict.why or "web address" in verdict.why


def test_hosts_that_the_portal_names_are() -> None:
    assert judge_link(TITLE, "http://122.0.0.1:8080/1.html", raw("122.0.0.1:8080")).is_report
    assert not judge_link(TITLE, "http://122.0.0.1:8081/1.html", raw("122.0.0.1:8080")).is_report
    assert judge_link(TITLE, "http://127.0.0.1:8081/1.html", raw("127.0.0.1")).is_report
    assert judge_link(TITLE, "https://lxqw.example/1.html", raw("lxqw.example")).is_report
    assert not judge_link(TITLE, "https://www.lxqw.example/1.html", raw("lxqw.example")).is_report


def test_neighbours_are_kept_from_believed_hosts_only() -> None:
    form = "柳溪县2023年政府网站工作年度报表"
    assert judge_link(form, OURS, None).kind == "website_form"
    assert judge_link(form, "https://example.com/", None).kind == "other"
    assert judge_link("柳溪县2023年政府信息公开年度报告公布情况", OURS, None).kind == "publication_notice"
    assert judge_link("柳溪县2023年度行政执法统计年报", OURS, None).kind == "enforcement_statistics"
    assert {"website_form", "publication_notice", "enforcement_statistics"} == set(KEPT_KINDS)


@pytest.mark.parametrize(
    "title", ["政府信息公开年报", "信息公开年报", "年报", "年度报告", "信息公开年度报告", "政府信息公开工作年度报告"]
)
def test_a_bare_name_is_a_columns(title: str) -> None:
    assert not judge_link(title, OURS, portal(default_agency="柳溪县水利局"), column_year=2023).is_report


def test_a_date_beside_it_makes_a_bare_name_a_report() -> None:
    verdict = judge_link(
        "政府信息公开工作年度报告", OURS, portal(default_agency="柳溪县水利局"), listed_on="2024-01-30"
    )
    assert verdict == LinkVerdict(True, "", "柳溪县水利局", 2023, "report")


def test_the_year_of_a_title_without_one() -> None:
    title = "柳溪县水利局政府信息公开工作年度报告"
    assert judge_link(title, OURS, None, listed_on="2024-01-30").year == 2023
    assert judge_link(title, OURS, None, listed_on="2024-01-30", column_year=2021).year == 2021
    assert judge_link(title, OURS, None, listed_on="2020-12-25").year is None  # of 2020, or a late one of 2019
    assert judge_link(title, OURS, None).year is None
    assert judge_link("2022年" + title, OURS, None, listed_on="2024-01-30", column_year=2021).year == 2022


def test_what_the_portal_knows() -> None:
    def agency(title: str, **more: Any) -> str | None:
        return judge_link(title, OURS, portal(**more)).agency

    assert agency("住建局2023年政府信息公开工作年度报告", place="柳溪县") == "柳溪县住房和城乡建设局"
    assert agency("2023年罗家乡政府信息公开年报", place="清江市柳溪县") == "柳溪县罗家乡人民政府"
    assert agency("2023年政府信息公开年报", default_agency="柳溪县水利局") == "柳溪县水利局"
    assert agency("2023年政府信息公开年报", place="柳溪县") is None
    assert agency("清江市水利局2023年政府信息公开年报", default_agency="柳溪县水利局") == "清江市水利局"
    # What is no report of anybody gets no agency that it does not print.
    assert agency("联系我们", default_agency="柳溪县水利局") is None
    hinted = judge_link(
        "2023年政府信息公开年报", OURS, portal(default_agency="柳溪县水利局"), column_agency="柳溪县财政局"
    )
    assert hinted.agency == "柳溪县财政局"


def test_a_registers_name_wins() -> None:
    names = Names([("990101:住建局", "柳溪县住建局", ["县建设局"])])
    for title in (
        "住建局2023年政府信息公开年报",
        "县建设局2023年政府信息公开年报",
        "住房和城乡建设局2023年信息公开年报",
    ):
        assert judge_link(title, OURS, portal(place="柳溪县"), names=names).agency == "柳溪县住建局", title


def test_the_gateways_version_is_a_report_and_a_copy_is_not() -> None:
    title = "柳溪縣水利局2023年政府信息公開工作年度報告"
    verdict = judge_link(title, "https://www.example.gov.cn/gate/big5/www.liuxi.gov.cn/1.html", None)
    assert verdict == LinkVerdict(True, "", "柳溪县水利局", 2023, "report")
    copy = judge_link(title, "https://example.com/1.html", None)
    assert (copy.is_report, copy.agency, copy.year) == (False, "柳溪县水利局", 2023)
    assert not judge_link(title, None, None).is_report


def test_without_an_address_only_the_title_is_judged() -> None:
    assert judge_link(TITLE, None, None).is_report


@given(st.text(max_size=40) | st.just(TITLE), st.text(max_size=40) | st.just(OURS) | st.none(), st.text(max_size=12))
def test_any_link_is_judged(title: str, url: str | None, listed_on: str) -> None:
    for where in (None, portal(place="柳溪县")):
        verdict = judge_link(title, url, where, listed_on=listed_on)
        assert verdict.is_report == (verdict.kind == "report") == (not verdict.why)
        assert verdict.kind in KINDS


@pytest.mark.parametrize(
    ("title", "url", "stays"),
    [
        ("柳溪县财政局2023年政府信息公开工作年…", OURS, True),
        ("柳溪县财政局2023年政府信...", OURS, True),
        ("2023年各部门政府信息公开工作年度报告", OURS, True),
        ("柳溪县县直部门2023年政府信息公开年度报告汇总", OURS, True),
        (TITLE, "https://oss.example.com/1.pdf", True),
        (TITLE, OURS, False),
        ("政府信息公开年报", OURS, False),
        ("柳溪县2023年政府工作报告", OURS, False),
        ("县委召开会议部署…", OURS, False),
    ],
)
def test_entries_that_hold_an_absence_back(title: str, url: str, stays: bool) -> None:
    assert stays_listed(title, judge_link(title, url, None)) is stays
