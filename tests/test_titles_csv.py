"""The list of real links: what is a report, whose, of which year, as a person judged them."""

import csv
from urllib.parse import urlsplit

import pytest

from crawler.portal import Column, Portal
from crawler.walk.links import KEPT_KINDS, LinkVerdict, judge_link
from tests.conftest import SHARED

FILE = SHARED / "titles.csv"
ROWS = list(csv.DictReader(FILE.read_text("utf-8").splitlines())) if FILE.exists() else []
CASES = [pytest.param(row, id=row["title"]) for row in ROWS] or [
    pytest.param(None, marks=pytest.mark.skip(reason="../shared/titles.csv is not there"))
]

# What the portals' files would say, by host: the place in front of short names, or the agency whose site it is.
PLACES = {
    "www.suixi.gov.cn": "遂溪县",
    "www.rs.gov.cn": "仁寿县",
    "www.huichang.gov.cn": "会昌县",
    "www.xuanzhou.gov.cn": "宣城市",
    "www.dingcheng.gov.cn": "常德市鼎城区",
    "www.ayx.gov.cn": "安阳县",
    "www.lianhu.gov.cn": "西安市莲湖区",
    "www.jiuyuanqu.gov.cn": "包头市九原区",
    "baishui.gov.cn": "白水县",
    "peace.jingjiang.gov.cn": "靖江市",
}
AGENCIES = {
    "sthjt.hunan.gov.cn": "湖南省生态环境厅",
    "bbwb.gxzf.gov.cn": "广西壮族自治区北部湾经济区规划建设管理办公室",
}
RAW_ADDRESS = "122.137.242.24:8080"


def portal_of(row: dict[str, str]) -> Portal | None:
    """The portal of a row that names what only a portal knows."""
    host = urlsplit(row["url"]).netloc
    if not row["from_portal"] and host != RAW_ADDRESS:
        return None
    return Portal(
        id="real",
        name="a real portal",
        platform="static_list",
        allowed_hosts=[host],
        columns=[Column(url=row["url"])],
        place=PLACES.get(host),
        default_agency=AGENCIES.get(host),
    )


def judged(row: dict[str, str]) -> LinkVerdict:
    return judge_link(row["title"], row["url"], portal_of(row))


@pytest.mark.parametrize("row", CASES)
def test_what_is_a_report_and_of_which_year(row: dict[str, str]) -> None:
    verdict = judged(row)
    assert verdict.is_report == (row["is_report"] == "1"), verdict.why
    assert (verdict.kind == "report") == verdict.is_report
    assert bool(verdict.why) == (not verdict.is_report)
    assert verdict.year == (int(row["year"]) if row["year"] else None)


@pytest.mark.parametrize("row", CASES)
def test_whose_it_is(row: dict[str, str]) -> None:
    assert judged(row).agency == row["agency"]


@pytest.mark.parametrize("row", CASES)
def test_why_it_is_none(row: dict[str, str]) -> None:
    if row["is_report"] == "1":
        return
    verdict = judged(row)
    foreign = not urlsplit(row["url"]).netloc.endswith(".gov.cn")
    if "interpretation" in row["why"]:
        assert verdict.kind == "interpretation"
    elif "self-check" in row["why"]:
        assert verdict.kind == "self_check"
    elif "notice" in row["why"]:
        assert verdict.kind == "notice"
    else:
        assert foreign and verdict.kind == "other" and "outside gov.cn" in verdict.why
    assert verdict.kind not in KEPT_KINDS


def test_a_raw_address_is_believed_only_where_a_portal_names_it() -> None:
    if not ROWS:
        pytest.skip("../shared/titles.csv is not there")
    row = next(row for row in ROWS if RAW_ADDRESS in row["url"])
    assert not judge_link(row["title"], row["url"], None).is_report
    assert judged(row).is_report


def test_without_portals_nearly_all_agencies_are_told() -> None:
    if not ROWS:
        pytest.skip("../shared/titles.csv is not there")
    own = [row for row in ROWS if not row["from_portal"]]
    right = [row for row in own if judge_link(row["title"], row["url"], None).agency == row["agency"]]
    assert len(right) >= 0.95 * len(own)
