"""`nianbao agency …`: the register kept by commands."""

import re
from pathlib import Path

import pytest
from agency_place import HEAD, NOON, PORTAL, ROWS, archive_of, fill, json_lines, make_place, read, run
from click.testing import CliRunner

from crawler.register.table import COLUMNS, load_agencies
from db.records import Agency, Finding, Sighting
from monitor.cli import main
from monitor.config import load_config
from monitor.crawling import deployment_portals
from monitor.judging.archive import judge_archive
from monitor.register.aliases import AliasRefused, check_alias, lacks_place
from monitor.register.naming import candidates, duty_of, organ_of, place_name
from parsers.strict_toml import ConfigError


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return make_place(tmp_path)


def test_list(place: Path) -> None:
    shown = run(place, "list").output
    assert "柳溪县财政局" in shown and "2 agencies, 1 of them with a dated duty." in shown
    finance, labour = json_lines(run(place, "list", "--json"))
    assert finance["duty_source"] == "Article 49, paragraph 1" and finance["covered_by"] is None
    assert set(finance) == set(COLUMNS) and labour["aliases"] == []


def test_unknown(place: Path) -> None:
    assert "there is no archive yet" in run(place, "unknown", status=2).output
    fill(place)
    rows = {row["name"]: row for row in json_lines(run(place, "unknown", "--json"))}
    labour = rows["柳溪县人保局"]
    assert (labour["portal"], labour["reports"], labour["unread"], labour["years"]) == ("liuxi", 1, 1, [2021, 2022])
    assert labour["agency_id"] is None and len(labour["urls"]) == 2
    assert [one["id"] for one in labour["candidates"]] == ["990101:人力资源和社会保障局"]
    grain = rows["柳溪县粮食局"]
    assert (grain["reports"], grain["notices"], grain["years"]) == (1, 1, [2021, 2022])
    assert rows["石狮市某某局"]["agency_id"] == "350581:某某局", "known by the region list alone"
    assert (rows["柳溪县青石镇人民政府"]["reports"], rows["柳溪县青石镇人民政府"]["notices"]) == (0, 1)
    assert "柳溪县财政局" not in rows
    shown = run(place, "unknown").output
    assert "4 agencies that the register does not know." in shown and "990101:人力资源和社会保障局" in shown


def test_alias(place: Path) -> None:
    fill(place)
    result = run(place, "alias", "柳溪县人保局", "990101:人力资源和社会保障局")
    assert "will be read again by the next `nianbao run`" in result.output
    assert f"{place / 'agencies.csv'}: written; as it was it is agencies.csv.bak, beside it." in result.output
    text = (place / "agencies.csv").read_text("utf-8")
    assert text == HEAD + ROWS.replace("保障局,,990101", "保障局,柳溪县人保局,990101")
    with archive_of(place) as archive:
        read(archive)
        (report,) = archive.reports(agency_id="990101:人力资源和社会保障局")
        assert report.agency == "柳溪县人力资源和社会保障局"
        (unread,) = archive.unread()
        assert unread["agency_id"] == "990101:人力资源和社会保障局"
    assert "柳溪县人保局" not in {row["name"] for row in json_lines(run(place, "unknown", "--json"))}
    again = run(place, "alias", "柳溪县人保局", "990101:人力资源和社会保障局").output
    assert "is a name of 990101:人力资源和社会保障局 already" in again and "written" not in again


def test_findings_go_with_the_report_to_its_agency(place: Path) -> None:
    config = load_config(place / "config.toml")
    fill(place)
    with archive_of(place) as archive:
        report = next(iter(archive.reports(year=2022)))
        finding = Finding(
            "applications-balance", "identity", "error", "certain", "printed", report.agency_id, report.agency, 2022,
            None, [], 1, 2, "…", "…", [{"year": 2022, "sha256": report.sha256}],
        )  # fmt: skip
        archive.save_findings([finding], judged=None, rules={finding.rule}, messages=lambda *_: [], at=NOON)
    run(place, "alias", f"柳溪县{report.agency}", "990101:财政局")
    with archive_of(place) as archive:
        read(archive)
        judge_archive(archive, config, [], now=NOON)
        assert [row["agency_id"] for row in archive.findings() if row["fingerprint"] == finding.fingerprint] == []


@pytest.mark.parametrize(
    ("name", "agency_id", "said"),
    [
        ("柳溪县人社局", "990101:没有局", "has no agency 990101:没有局"),
        ("柳溪县财政局", "990101:人力资源和社会保障局", "is a name of 990101:财政局 already"),
        ("财政局", "990101:人力资源和社会保障局", "财政局 alone means 990101:财政局 (柳溪县财政局) as well"),
        ("甲;乙", "990101:财政局", "is no name"),
        ("柳溪县\x07局", "990101:财政局", "is no name"),
        ("示例市柳溪县财政局", "990101:人力资源和社会保障局", "already means 990101:财政局"),
    ],
)
def test_an_alias_that_would_mislead_is_refused(place: Path, name: str, agency_id: str, said: str) -> None:
    before = (place / "agencies.csv").read_bytes()
    result = run(place, "alias", name, agency_id, status=2)
    assert said in result.output and result.output.count("\n") == 1
    assert (place / "agencies.csv").read_bytes() == before


def test_short_names_of_two_regions() -> None:
    two = [
        Agency("990101:财政局", "柳溪县财政局", organ="department", region_code="990101"),
        Agency("990102:财税局", "荻汀区财税局", organ="department", region_code="990102"),
    ]
    with pytest.raises(AliasRefused, match="put the place in front, as in 荻汀区财政局"):
        check_alias("财政局", "990102:财税局", two)
    assert check_alias("荻汀区财政局", "990102:财税局", two)
    assert [lacks_place(name, two) for name in ("国库局", "荻汀区国库局", "石狮市国库局")] == [True, False, False]
    assert not lacks_place("国库局", two[:1])


def test_add(place: Path) -> None:
    words = ["--organ", "township", "--duty", "no_date", "--portal", "liuxi", "--alias", "柳溪县青石镇"]
    run(place, "add", "990101:青石镇人民政府", "柳溪县青石镇人民政府", *words)
    text = (place / "agencies.csv").read_text("utf-8")
    last = "990101:青石镇人民政府,柳溪县青石镇人民政府,柳溪县青石镇,990101,township,no_date,,,,liuxi\n"
    assert text == HEAD + ROWS + last, "no column comes that is not needed"
    assert not (place / "nianbao.db").exists(), "where there is no archive, the first run imports the register"
    fill(place)
    run(
        place, "add", "990101:粮食局", "柳溪县粮食局", "--organ", "department", "--duty", "art49_department",
        "--source", "https://www.example.gov.cn/1.html", "--to-year", "2023", "--successor", "990101:财政局",
        "--covered-by", "990101:财政局", "--parent", "990101:财政局", "--supervisor", "990101:财政局",
        "--from-year", "2008",
    )  # fmt: skip
    with archive_of(place) as archive:
        grain = next(agency for agency in archive.agencies() if agency.id == "990101:粮食局")
        assert (grain.successors, grain.covered_by, grain.to_year) == (("990101:财政局",), "990101:财政局", 2023)
    assert (
        (place / "agencies.csv")
        .read_text("utf-8")
        .startswith(HEAD.strip() + ",successors,supervisor,parent,covered_by")
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["990101:财政局", "柳溪县财政局"], ":2: 990101:财政局 is there already"),
        (
            ["990101:粮食局", "柳溪县粮食局", "--portal", "liuxy"],
            "--portal liuxy: there is no such portal; expected liuxi",
        ),
        (["990101:粮食局", "柳溪县;粮食,局"], "NAME: must have neither `;` nor control characters"),
        (["990101:粮食局", "柳溪县；粮食局"], "NAME: must have neither `;`"),
        (["990101:粮食局", "柳溪县\x07粮食局"], "control characters (found '\\x07'"),
        (["990101:粮食局", "柳溪县粮食局", "--alias", "甲局;乙局"], "--alias: must have neither `;`"),
        (["粮食局", "柳溪县粮食局"], ":4: region_code: must be digits of GB/T 2260"),
        (["990101:粮食局", "柳溪县粮食局", "--parent", "990101:x"], "parent: 990101:x is not in this file"),
    ],
)
def test_add_what_cannot_be(place: Path, words: list[str], said: str) -> None:
    output = run(
        place, "add", *words, "--organ", "other", "--duty", "none", status=0 if "--parent" in words else 2
    ).output
    assert said in output


def test_relations_are_held_against_the_archive(place: Path) -> None:
    fill(place)
    before = (place / "agencies.csv").read_bytes()
    words = ["990101:粮食局", "柳溪县粮食局", "--organ", "other", "--duty", "none", "--parent"]
    assert "parent: 990101:x is no id of this register" in run(place, "add", *words, "990101:x", status=2).output
    assert (place / "agencies.csv").read_bytes() == before
    assert "parent: 350581:某某局 is not in this file, at most" in run(place, "add", *words, "350581:某某局").output


def test_a_deployment_without_a_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.touch()
    for words in (["list"], ["alias", "甲局", "990101:甲局"], ["import", "names.txt"]):
        output = run(tmp_path, *words, status=2).output
        assert output.count("\n") == 1 and "make one beside it with `nianbao agency start agencies.csv`" in output
    monkeypatch.chdir(tmp_path)
    start = CliRunner().invoke(main, ["agency", "start"])
    assert start.exit_code == 0 and 'Write register = "agencies.csv"' in start.output
    assert CliRunner().invoke(main, ["agency", "start"]).exit_code == 2
    config.write_text('register = "agencies.csv"\n', "utf-8")
    (tmp_path / "names.txt").write_text("石狮市财政局\n", "utf-8")
    run(tmp_path, "import", str(tmp_path / "names.txt"))
    assert [agency.id for agency in load_agencies(tmp_path / "agencies.csv")] == ["350581:财政局"]


@pytest.mark.parametrize(
    ("printed", "region", "place_name_", "agency_id", "organ", "duty"),
    [
        ("石狮市", None, "", "350581:人民政府", "government", "art49_government"),
        ("泉州市石狮市财政局", None, "", "350581:财政局", "department", ""),
        ("住建局", "350581", "", "350581:住房和城乡建设局", "department", ""),
        ("永宁镇", "350581", "", "350581:永宁镇人民政府", "township", "no_date"),
        ("湖滨街道", "350581", "", "350581:湖滨街道办事处", "street", "no_date"),
        ("人民政府办公室", "350581", "", "350581:人民政府办公室", "office", "no_date"),
        ("石狮市税务局", None, "", "350581:税务局", "branch", "no_date"),
        ("高新区管委会", "350581", "", "350581:高新区管委会", "zone", "no_date"),
        ("柳溪县教育局", "990101", "柳溪县", "990101:教育局", "department", ""),
        ("柳溪县", "990101", "柳溪县", "990101:人民政府", "government", ""),
        ("福建省财政厅", "350581", "", "350000:财政厅", "department", ""),
        ("市中区财政局", None, "", None, "", ""),
        ("市中区财政局", "350581", "", None, "", ""),
        ("财政局", None, "", None, "", ""),
    ],
)
def test_what_a_name_says(
    printed: str, region: str | None, place_name_: str, agency_id: str | None, organ: str, duty: str
) -> None:
    placed = place_name(printed, region=region, place=place_name_)
    assert (placed.id if placed else None) == agency_id
    if placed:
        assert organ_of(placed.id.partition(":")[2]) == organ
        assert duty_of(placed.id, organ)[0] == duty


def test_candidates_are_near_or_abbreviated() -> None:
    register = [
        Agency("990101:卫生健康局", "柳溪县卫生健康局", region_code="990101"),
        Agency("990102:卫生健康局", "荻汀区卫生健康局", region_code="990102"),
        Agency("990101:财政局", "柳溪县财政局", region_code="990101"),
    ]
    assert [a.id for a in candidates("卫健局", register, "990102")] == ["990102:卫生健康局", "990101:卫生健康局"]
    assert [a.id for a in candidates("柳溪县财政局(国资局)", register)] == ["990101:财政局"]
    assert candidates("水利局", register) == []


def test_what_is_stored_and_not_read_is_said(place: Path) -> None:
    fill(place)
    assert "to be read" not in run(place, "unknown").output
    with archive_of(place) as archive:
        sha256 = archive.put_document(b"<p>a report</p>", media=None, seen_at=NOON)
        url = "https://www.example.gov.cn/nb/9.html"
        archive.add_sighting(Sighting("liuxi", url, url, "page", "水利局2022年年报", None, sha256, NOON))
    for command in (["unknown"], ["propose"], ["unknown", "--json"]):
        result = run(place, *command)
        assert result.stderr == "nianbao: 1 document waits to be read: run `nianbao run`\n"
    assert "waits" not in run(place, "unknown", "--json").stdout


def test_a_folder_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["list"], ["alias", "甲局", "990101:甲局"], ["import", "names.txt"]):
        result = CliRunner().invoke(main, ["agency", *words])
        assert result.exit_code == 2 and result.output.count("\n") == 1
        assert (
            'there is no config.toml in this folder; make one with the line register = "register.csv"' in result.output
        )
        assert "`nianbao agency start register.csv`" in result.output and "default_config" not in result.output
    assert CliRunner().invoke(main, ["agency", "start", "register.csv"]).exit_code == 0
    (tmp_path / "config.toml").write_text('register = "register.csv"\n', "utf-8")
    assert CliRunner().invoke(main, ["agency", "list"]).exit_code == 0


def test_a_portal_where_there_is_none(place: Path) -> None:
    (place / "portals" / "liuxi.toml").unlink()
    (place / "names.txt").write_text("水利局\n", "utf-8")
    output = run(place, "import", str(place / "names.txt"), "--portal", "nope", status=2).output
    where = place / "portals"
    assert f"there is no portal 'nope': there is no portal file yet; put nope.toml into {where} (docs/" in output
    with pytest.raises(ConfigError, match=r"put nope\.toml into"):
        deployment_portals(load_config(place / "config.toml"), ["nope"])
    where.rmdir()
    with pytest.raises(ConfigError, match=re.escape(f"put nope.toml into {where} ")):
        deployment_portals(load_config(place / "config.toml"), ["nope"])
    where.mkdir()
    (where / "liuxi.toml").write_text(PORTAL, "utf-8")
    with pytest.raises(ConfigError, match="there is no portal 'nope'; known are liuxi"):
        deployment_portals(load_config(place / "config.toml"), ["nope"])
