"""The register of agencies."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.register.checks import ORGANS
from crawler.register.local_rules import COLUMNS as LOCAL_COLUMNS
from crawler.register.local_rules import parse_local_rules
from crawler.register.relations import check_relations
from crawler.register.table import COLUMNS, load_agencies, load_register
from db.records import Agency
from parsers.regions import knows_code, list_facts, regions
from parsers.strict_toml import ConfigError
from tests.conftest import ROOT

HEAD = "id,name,aliases,region_code,organ,duty,duty_source,from_year,to_year,portal\n"


def load(folder: Path, text: str, encoding: str = "utf-8") -> list[str]:
    path = folder / "agencies.csv"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(ConfigError) as caught:
        load_agencies(path)
    return [fault.removeprefix(f"{path}") for fault in caught.value.faults]


def test_good_register(tmp_path: Path) -> None:
    path = tmp_path / "agencies.csv"
    path.write_text(
        "\ufeff"
        + HEAD
        + "990101:财政局,柳溪县财政局,财政局; 县财政局；,990101,department,art49_department,Article 49,2019,,liuxi\n\n"
        "990101:青石镇,柳溪县青石镇人民政府,,990101,township,no_date,,,,\n",
        "utf-8",
    )
    finance, town = load_agencies(path)
    assert finance.aliases == ("财政局", "县财政局")
    assert (finance.from_year, finance.to_year, finance.portal) == (2019, None, "liuxi")
    assert (town.aliases, town.duty_source, town.portal) == ((), "", None)


def test_all_faults_with_their_lines(tmp_path: Path) -> None:
    faults = load(
        tmp_path,
        HEAD
        + "990101:a,甲局,,990101,department,art49_departement,x,,,\n"
        + "990102:b,乙局,,990101,Department,art49_department,,20x9,,\n"
        + "990101:a,甲局,,990101,department,none,,2021,2019,\n"
        + "990101:c,丙局,990101\n",
    )
    assert [fault.split(": ")[0:2] for fault in faults] == [
        [":2", "duty"],
        [":3", "id"],
        [":3", "organ"],
        [":3", "duty_source"],
        [":3", "from_year"],
        [":4", "to_year"],
        [":4", "id"],
        [":5", "has 3 cells; the header has 10"],
    ]
    assert "expected art49_department" in faults[0]


def test_header_faults(tmp_path: Path) -> None:
    assert load(tmp_path, "id,name,alias,region_code,organ\n") == [
        ":1: alias: unknown column 'alias'; expected aliases",
        ":1: duty: column is missing; add it to the header",
    ]


def test_excel_in_gbk_is_told_what_to_do(tmp_path: Path) -> None:
    (fault,) = load(tmp_path, HEAD + "990101:财政局,财政局,,990101,department,none,,,,\n", "gb18030")
    assert 'save it as "CSV UTF-8"' in fault


WIDE = HEAD.strip() + ",predecessors,successors,supervisor,parent,covered_by\n"


def row(agency_id: str, *, columns: str = WIDE, **cells: str) -> str:
    values = {"id": agency_id, "name": f"柳溪县{agency_id[7:]}", "region_code": agency_id[:6], "organ": "department"}
    values |= {"duty": "no_date"} | cells
    return ",".join(values.get(column, "") for column in columns.strip().split(",")) + "\n"


def test_relations(tmp_path: Path) -> None:
    path = tmp_path / "agencies.csv"
    path.write_text(
        WIDE
        + row("990101:文化局", to_year="2018", successors="990101:文旅局")
        + row("990101:旅游局", to_year="2018")
        + row(
            "990101:文旅局", from_year="2019", predecessors="990101:文化局；990101:旅游局", supervisor="990101:人民政府"
        )
        + row("990101:文物局", covered_by="990101:文旅局", parent="990101:文旅局")
        + row("990101:人民政府", organ="government"),
        "utf-8",
    )
    register = load_register(path)
    assert register.warnings == []
    merged, covered = register.agencies[2], register.agencies[3]
    assert merged.predecessors == ("990101:文化局", "990101:旅游局") and merged.supervisor == "990101:人民政府"
    assert (covered.covered_by, covered.parent) == ("990101:文旅局", "990101:文旅局")
    assert register.lines["990101:文物局"] == 5


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (row("990101:a", parent="990101:b") + row("990101:b", parent="990101:a"), ":2: parent: runs in a circle"),
        (row("990101:a", covered_by="990101:a"), ":2: covered_by: runs in a circle: 990101:a → 990101:a"),
        (
            row("990101:a", to_year="2019", successors="990101:b")
            + row("990101:b", to_year="2019", successors="990101:a"),
            ":2: successors: runs in a circle: 990101:a → 990101:b → 990101:a; cut it",
        ),
        (row("990101:a", successors="990101:b") + row("990101:b"), ":2: successors: 990101:a has a successor and no"),
        (row("990101:a") + row("990101:b", predecessors="990101:a"), ":3: predecessors: 990101:a has a successor and"),
        (
            row("990101:a", to_year="2020", successors="990101:b") + row("990101:b", to_year="2018"),
            ":2: successors: 990101:b ends in 2018, before its predecessor 990101:a in 2020",
        ),
        (
            row("990101:a", predecessors="990101:x", successors="990101:x", to_year="2020"),
            ":2: successors: runs in a circle",
        ),
        (row("990101:a", organ="bureau"), ":2: organ: unknown organ 'bureau'"),
        (row("990101:a;b"), ":2: id: must have neither blanks nor `;`"),
        (row("990101:"), ":2: id: must be the region code, a colon and the local name"),
        (
            row("990101:a", duty="art49_department", duty_source="a friend"),
            ":2: duty_source: must be an address (https://…) or an official document",
        ),
    ],
)
def test_relations_that_cannot_be(tmp_path: Path, rows: str, said: str) -> None:
    (fault,) = load(tmp_path, WIDE + rows)
    assert fault.startswith(said), fault


@pytest.mark.parametrize(
    "source",
    ["https://www.example.gov.cn/1.html", "《示例办法》", "示例办〔2020〕3号", "Article 49", "示例条例第四十九条"],
)
def test_sources_of_a_dated_duty(tmp_path: Path, source: str) -> None:
    path = tmp_path / "agencies.csv"
    path.write_text(WIDE + row("990101:a", duty="art49_department", duty_source=source), "utf-8")
    assert load_register(path).agencies[0].duty_source == source


def test_who_is_not_in_the_file_may_be_in_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "agencies.csv"
    path.write_text(WIDE + row("990101:a", supervisor="990101:b"), "utf-8")
    for archived in (None, {"990101:b"}):
        (warning,) = load_register(path, archived).warnings
        assert warning == f"{path}:2: supervisor: 990101:b is not in this file, at most in the archive"
    with pytest.raises(ConfigError, match=r":2: supervisor: 990101:b is no id of this register"):
        load_register(path, set())


def test_what_is_odd_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "agencies.csv"
    path.write_text(
        WIDE
        + row("998877:a", aliases="甲局")
        + row("998877:b", aliases="甲局")
        + row("123456:a", name='"乙\n局"')
        + row("350581:财政局", to_year="2015", successors="350581:b")
        + row("350581:b", from_year="2019"),
        "utf-8",
    )
    warnings = [warning.removeprefix(str(path)) for warning in load_register(path).warnings]
    assert warnings[0].startswith(f":4: region_code: 123456 is not in the region list of {list_facts().date}")
    assert warnings[1].startswith(":6: successors: nobody reports between 350581:财政局, to 2015")
    assert warnings[2] == ":3: aliases: 甲局 is also a name of 998877:a; reports under it belong to neither"
    assert len(warnings) == 3


def test_the_region_list_says_its_date_and_source() -> None:
    page = (ROOT / "docs" / "regions.md").read_text("utf-8")
    facts = list_facts()
    assert date.fromisoformat(facts.date) and facts.date in page and facts.standard in page
    assert all(word in page for word in facts.source.split())
    assert {region.level for region in regions().values()} == {"province", "prefecture", "county"}
    assert knows_code("35") and knows_code("350581001") and knows_code("990101") and not knows_code("123456")


def test_the_example_of_the_page_loads(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "agencies.md").read_text("utf-8")
    example, rules = re.findall(r"^```csv\n(.*?)^```$", page, re.M | re.S)
    path = tmp_path / "agencies.csv"
    path.write_text(example, "utf-8")
    register = load_register(path)
    assert register.warnings == [] and len(register.agencies) == 5
    local = parse_local_rules(rules, "local_rules.csv")
    days = {year: rule.day for year in (2022, 2023, 2024) if (rule := local.find("990101001", "township", year))}
    assert days == {2022: 20, 2023: 10, 2024: 20}, "as the page says"
    table = re.findall(r"^\| (`[^|]+) \|", page, re.M)
    named = [name for cell in table for name in re.findall(r"`([^`]+)`", cell)]
    assert sorted(named) == sorted((*COLUMNS, *ORGANS, *LOCAL_COLUMNS))


@given(st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_circles_are_those_that_there_are(parents: list[int]) -> None:
    """Agency n belongs to parents[n]; 7 stands for nobody."""
    agencies = [Agency(str(n), str(n), parent=str(p) if p < 7 else None) for n, p in enumerate(parents[:7])]
    circles = set()
    for start in range(7):
        way = [start]
        while (step := parents[way[-1]]) < 7 and step not in way:
            way.append(step)
        if step < 7:
            circles.add(frozenset(way[way.index(step) :]))
    faults, warnings = check_relations(agencies, None)
    told = [frozenset(map(int, re.findall(r"\d", sentence.partition("circle: ")[2]))) for _, sentence in faults]
    assert len(told) == len(circles) and set(told) == circles and not warnings
