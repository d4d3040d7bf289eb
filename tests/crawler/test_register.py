"""The register of agencies."""

from pathlib import Path

import pytest

from crawler.register import load_agencies
from parsers.strict_toml import ConfigError

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
