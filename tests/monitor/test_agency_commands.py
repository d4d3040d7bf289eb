"""`nianbao agency …`: the register kept by commands."""

import csv
import dataclasses
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.register.table import COLUMNS, load_agencies
from crawler.sandbox.country import Country
from crawler.sandbox.writers import html
from db.archive import Archive
from db.records import Agency, Finding, Neighbour, Sighting
from monitor.cli import main
from monitor.config import load_config
from monitor.pipeline import judge_archive, read_waiting
from monitor.register.aliases import AliasRefused, check_alias, lacks_place
from monitor.register.naming import candidates, duty_of, organ_of, place_name

NOTICE = "https://www.example.gov.cn/nb/gbqk.html"
NOON = datetime(2024, 2, 1, 4, tzinfo=UTC)
PORTAL = """name = "柳溪县人民政府"
platform = "static_list"
allowed_hosts = ["www.example.gov.cn"]
place = "柳溪县"

[[columns]]
url = "https://www.example.gov.cn/nb/"
"""
HEAD = "id,name,aliases,region_code,organ,duty,duty_source,from_year,to_year,portal\n"
ROWS = (
    '990101:财政局,柳溪县财政局,"县财政局",990101,department,art49_department,"Article 49, paragraph 1",,,liuxi\n'
    "990101:人力资源和社会保障局,柳溪县人力资源和社会保障局,,990101,department,no_date,,,,liuxi\n"
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A deployment with a portal, a register of two agencies, and no archive yet."""
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "liuxi.toml").write_text(PORTAL, "utf-8")
    (tmp_path / "agencies.csv").write_text(HEAD + ROWS, "utf-8")
    (tmp_path / "config.toml").write_text('register = "agencies.csv"\n', "utf-8")
    return tmp_path


def run(place: Path, *words: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["agency", *words, "--config", str(place / "config.toml")])
    assert result.exit_code == status, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def archive_of(place: Path) -> Archive:
    return Archive.open(place / "nianbao.db")


def fill(place: Path) -> None:
    """What a crawl would leave: reports of agencies that the register does not know, and a publication notice."""
    plan = next(p for p in Country.build(1, agencies=40).plans if p.year == 2022 and p.agency.organ == "department")
    with archive_of(place) as archive:
        archive.import_agencies(load_agencies(place / "agencies.csv"))
        named = [("人保局", 2021), ("人保局", 2022), ("粮食局", 2021), ("石狮市某某局", 2022)]
        for number, (name, year) in enumerate(named):
            title = f"{name}{year}年政府信息公开工作年度报告"
            sample = dataclasses.replace(plan.sample, title=title, agency=name, year=year, period=None)
            # The first is a picture: published, and not to be read.
            body = b"\xff\xd8\xff" + bytes(100) if number == 0 else html.write(sample, page=True)
            sha256 = archive.put_document(body, media=None, seen_at=NOON)
            url = f"https://www.example.gov.cn/nb/{number}.html"
            archive.add_sighting(Sighting("liuxi", url, url, "page", title, f"{year + 1}-01-20", sha256, NOON))
        notice = (
            "<body><table><tr><td>单位</td><td>是否公布</td></tr><tr><td>财政局</td><td>是</td></tr>"
            "<tr><td>青石镇</td><td>否</td></tr><tr><td>粮食局</td><td>是</td></tr></table></body>"
        )
        sha256 = archive.put_document(notice.encode(), media=None, seen_at=NOON)
        title = "柳溪县2022年政府信息公开工作年度报告公布情况"
        archive.neighbours.add(Neighbour("liuxi", NOTICE, NOTICE, "publication_notice", title, None, sha256, NOON))
        read(archive)


def read(archive: Archive) -> None:
    read_waiting(archive, regions={"liuxi": "990101"}, places={"liuxi": "柳溪县"})


def json_lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


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
    labour = rows["人保局"]
    assert (labour["portal"], labour["reports"], labour["unread"], labour["years"]) == ("liuxi", 1, 1, [2021, 2022])
    assert labour["agency_id"] is None and len(labour["urls"]) == 2
    assert [one["id"] for one in labour["candidates"]] == ["990101:人力资源和社会保障局"]
    grain = rows["粮食局"]
    assert (grain["reports"], grain["notices"], grain["years"]) == (1, 1, [2021, 2022])
    assert rows["石狮市某某局"]["agency_id"] == "350581:某某局", "known by the region list alone"
    assert (rows["青石镇"]["reports"], rows["青石镇"]["notices"]) == (0, 1)
    assert "财政局" not in rows
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
    assert "人保局" not in {row["name"] for row in json_lines(run(place, "unknown", "--json"))}
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


def test_import_a_list_of_names(place: Path) -> None:
    names = place / "names.txt"
    names.write_bytes("# 柳溪县\n教育局\n财政局\n\n柳溪县人社局\n青石镇\n教育局\n市中区水利局\n".encode("gb18030"))
    words = ["import", str(names), "--portal", "liuxi", "--duty", "art49_department", "--source", "Article 49"]
    before = (place / "agencies.csv").read_bytes()
    tried = run(place, *words, "--dry-run", status=2)
    assert (place / "agencies.csv").read_bytes() == before
    rows = list(csv.DictReader(io.StringIO(tried.stdout)))
    assert [(row["id"], row["name"], row["organ"], row["duty"]) for row in rows] == [
        ("990101:教育局", "柳溪县教育局", "department", "art49_department"),
        ("990101:青石镇人民政府", "柳溪县青石镇人民政府", "township", "no_date"),
    ]
    assert rows[1]["aliases"] == "柳溪县青石镇" and rows[1]["duty_source"] == ""
    assert "names.txt:3: 财政局: is in the register as 990101:财政局" in tried.stderr
    assert "names.txt:5: 柳溪县人社局: is in the register as 990101:人力资源和社会保障局" in tried.stderr
    assert "names.txt:7: 教育局: stands on line 2 too" in tried.stderr
    assert "names.txt:8: 市中区水利局: its region cannot be told" in tried.stderr
    assert "2 agencies would be added, 3 there already, 1 not placed." in tried.stderr
    assert "2 agencies added, 3 there already, 1 not placed." in run(place, *words, status=2).output
    assert [a.id for a in load_agencies(place / "agencies.csv")][2:] == ["990101:教育局", "990101:青石镇人民政府"]
    assert "0 agencies added, 5 there already" in run(place, *words, status=2).output, "twice changes nothing"


def test_import_a_table(place: Path) -> None:
    table = place / "list.csv"
    table.write_text(
        "phone,name,duty,duty_source,from_year\n"
        '1,石狮市财政局,art49_department,"Article 49",2019\n2,"柳溪县信访局",,,\n',
        "utf-8-sig",
    )
    output = run(place, "import", str(table), "--region", "990101", "--portal", "liuxi", "--organ", "other").output
    assert "list.csv:1: phone: no columns of the register; left out" in output
    shishi, letters = load_agencies(place / "agencies.csv")[2:]
    assert (shishi.id, shishi.region_code, shishi.from_year) == ("350581:财政局", "350581", 2019)
    assert (letters.id, letters.organ, letters.duty) == ("990101:信访局", "other", "no_date")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty; write one name a line"),
        ("region_code,organ\n990101,other\n", ":1: has no column `name`"),
        ('name,organ\n"a,b\n', "is not CSV"),
        ("name,organ\n柳溪县甲局,bureau\n", ":4: organ: unknown organ 'bureau'"),
        ("name\n柳溪县甲局,b\n", ":2: has 2 cells; the header has 1"),
    ],
)
def test_import_what_is_no_list(place: Path, text: str, said: str) -> None:
    (place / "list.csv").write_text(text, "utf-8")
    before = (place / "agencies.csv").read_bytes()
    assert said in run(place, "import", str(place / "list.csv"), "--region", "990101", status=2).output
    assert (place / "agencies.csv").read_bytes() == before
    assert "there is no such file" in run(place, "import", str(place / "none.csv"), status=2).output


def test_propose_and_confirm(place: Path) -> None:
    fill(place)
    out = place / "proposals.csv"
    before = (place / "agencies.csv").read_bytes()
    assert "4 proposals; nothing is in the register yet." in run(place, "propose", "--out", str(out)).output
    assert (place / "agencies.csv").read_bytes() == before
    with out.open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    grain = rows["990101:粮食局"]
    assert (grain["organ"], grain["duty"], grain["portal"]) == ("department", "", "liuxi")
    assert grain["reason"].startswith("published for 2021: https://www.example.gov.cn/nb/2.html; ")
    assert f"named as published for 2022 in the notice {NOTICE}" in grain["reason"]
    town = rows["990101:青石镇人民政府"]
    assert (town["duty"], town["aliases"]) == ("no_date", "柳溪县青石镇")
    assert town["reason"] == f"named as one that has not published for 2022 in the notice {NOTICE}"
    assert "perhaps another name of 990101:人力资源和社会保障局" in rows["990101:人保局"]["reason"]
    assert "is there already" in run(place, "propose", "--out", str(out), status=2).output
    only = list(csv.DictReader(io.StringIO(run(place, "propose", "--year", "2021").stdout)))
    assert {row["id"] for row in only} == {"990101:人保局", "990101:粮食局"}
    kept = [line for line in out.read_text("utf-8").splitlines(True) if "人保局" not in line]
    out.write_text("".join(kept), "utf-8")
    assert "3 agencies added, 0 there already" in run(place, "import", str(out)).output
    with archive_of(place) as archive:
        read(archive)
        assert [r.agency for r in archive.reports(agency_id="990101:粮食局")] == ["柳溪县粮食局"]
    assert [row["name"] for row in json_lines(run(place, "unknown", "--json"))] == ["人保局"]


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
