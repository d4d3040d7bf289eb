"""The file of local rules: what it says, and how each slip in it is told."""

from pathlib import Path

import pytest

from crawler.register.local_rules import COLUMNS, load_local_rules, parse_local_rules
from db.local_rules import LocalRule
from parsers.strict_toml import ConfigError

HEADER = ",".join(COLUMNS) + "\n"
TOWNS = "990100,township,2021,,1,20,《示例市政府信息公开工作办法》,https://www.example.gov.cn/banfa.html"


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "local_rules.csv"
    later = "990100,street,2021,2022,02,28,《通知》,http://www.example.gov.cn/a\n\n"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}{TOWNS}\r\n{later}".encode())
    assert list(load_local_rules(path)) == [
        LocalRule("9901", "street", 2021, 2022, 2, 28, "《通知》", "http://www.example.gov.cn/a"),
        LocalRule(
            "9901",
            "township",
            2021,
            None,
            1,
            20,
            "《示例市政府信息公开工作办法》",
            "https://www.example.gov.cn/banfa.html",
        ),
    ]


def test_columns_may_stand_in_any_order_and_the_last_year_be_left_out() -> None:
    text = "source,name,day,month,from_year,organ,region_code\nhttps://a.cn/x,令,1,3,2020,zone,99"
    (rule,) = parse_local_rules(text, "f")
    assert rule == LocalRule("99", "zone", 2020, None, 3, 1, "令", "https://a.cn/x")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("990100", ""), "region_code: is empty; fill it in"),
        (("990100", "99010"), "region_code: must be digits of GB/T 2260, as in 370481 (found '99010')"),
        (("township", "town"), "organ: unknown organ 'town'; expected township"),
        (("2021,,", ",,"), "from_year: is empty; fill it in"),
        (("2021,,", "2007,,"), "from_year: must be a reporting year from 2008 on (found '2007')"),
        (("2021,,", "2021,二〇,"), "to_year: must be a reporting year from 2008 on or empty (found '二〇')"),
        (("2021,,", "2021,2020,"), "to_year: 2020 is before from_year 2021; exchange them"),
        ((",1,20,", ",2,29,"), "day: there is no day 29 of month 2 in every year; write one that there is"),
        ((",1,20,", ",13,20,"), "month: there is no day 20 of month 13 in every year; write one that there is"),
        ((",1,20,", ",一月,20,"), "month: must be a number, as in 1 (found '一月')"),
        ((",1,20,", ",1,-1,"), "day: must be a number, as in 31 (found '-1')"),
        (("《示例市政府信息公开工作办法》", ""), "name: is empty; fill it in"),
        (("《示例市政府信息公开工作办法》", "https://a.cn/"), "name: must be the title of the document"),
        (("https://www.example.gov.cn/banfa.html", ""), "source: is empty; fill it in"),
        (("https://www.example.gov.cn/banfa.html", "市政府网站"), "source: must be the document's web address"),
        (("https://www.example.gov.cn/banfa.html", "https://a.cn/x y"), "source: must be the document's web address"),
        ((",1,20,", ",1,"), "has 7 cells; the header has 8"),
    ],
)
def test_a_slip_is_told_with_its_line_and_column(change: tuple[str, str], told: str) -> None:
    assert change[0] in TOWNS
    with pytest.raises(ConfigError) as raised:
        parse_local_rules(f"{HEADER}\n{TOWNS.replace(*change, 1)}\n", "local_rules.csv")
    (fault,) = raised.value.faults
    assert fault.startswith("local_rules.csv:3: " + told)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("\n", "region_code: column is missing; add it to the header"),
        (HEADER.replace("source", "url"), "url: unknown column 'url'; known are"),
        (HEADER.replace("\n", ",day\n"), "day: column stands twice; leave one out"),
    ],
)
def test_a_header_that_is_wrong(header: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_local_rules(header + TOWNS, "f.csv")
    assert raised.value.faults[0].startswith(f"f.csv:1: {told}")


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        ("990100,township,2023,,1,15", True),
        ("9901,township,2019,2021,1,15", True),  # the same region, written shorter
        ("990100000000,township,2030,2031,1,15", True),
        ("990100,township,2018,2020,1,15", False),
        ("990100,street,2021,,1,15", False),
        ("990101,township,2021,,1,15", False),  # nearer: it goes before, and that is no fault
    ],
)
def test_one_body_has_one_date_for_a_year(other: str, overlaps: bool) -> None:
    text = f"{HEADER}{TOWNS}\n{other},《通知》,https://www.example.gov.cn/a\n"
    if not overlaps:
        assert len(parse_local_rules(text, "f.csv")) == 2
        return
    with pytest.raises(ConfigError, match=r"^f\.csv:3: from_year: line 2 has a date for township .* end that rule"):
        parse_local_rules(text, "f.csv")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        parse_local_rules(f'{HEADER}{TOWNS.replace("9901", "x")}\n{TOWNS},\n{TOWNS}\n"', "f.csv")
    assert [fault.split(":")[1] for fault in raised.value.faults] == ["2", "3", "5"]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "local_rules.csv"
    path.write_bytes("地方".encode("gb18030"))
    with pytest.raises(ConfigError, match=r'is not UTF-8 .*; save it as "CSV UTF-8"'):
        load_local_rules(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_local_rules(tmp_path)
