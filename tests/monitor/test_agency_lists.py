"""`nianbao agency import` and `propose`: lists that people have, and rows that the archive suggests."""

import csv
import io
from pathlib import Path

import pytest
from agency_place import HEAD, NOON, NOTICE, ROWS, archive_of, fill, json_lines, make_place, read, run

from crawler.register.table import load_agencies
from db.records import Neighbour, Sighting
from monitor.register.naming import place_name


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return make_place(tmp_path)


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
    assert [row["name"] for row in json_lines(run(place, "unknown", "--json"))] == ["柳溪县人保局"]


def test_who_was_imported_is_not_unknown_before_the_next_run(place: Path) -> None:
    fill(place)
    (place / "names.txt").write_text("人保局\n粮食局\n", "utf-8")
    output = run(place, "import", str(place / "names.txt"), "--portal", "liuxi").output
    # Four reports and the notice: all of those name somebody whom the register did not know.
    assert "5 documents of agencies that were unknown will be read again by the next `nianbao run`." in output
    after = run(place, "unknown", "--json")
    assert {row["name"] for row in json_lines(after)} == {"柳溪县青石镇人民政府", "石狮市某某局"}
    assert "5 documents wait to be read" in after.stderr
    rows = list(csv.DictReader(io.StringIO(run(place, "propose").stdout)))
    assert {row["id"] for row in rows} == {"990101:青石镇人民政府", "350581:某某局"}
    (place / "more.txt").write_text("青石镇\n", "utf-8")
    output = run(place, "import", str(place / "more.txt"), "--portal", "liuxi").output
    assert "5 documents wait to be read: run `nianbao run`" in output, "said by each command that writes"


def test_one_agency_under_several_names_is_one(place: Path) -> None:
    fill(place)
    with archive_of(place) as archive:
        for number, name in enumerate(("农业农村局", "县农业农村局", "柳溪县农业农村局")):
            sha256 = archive.put_document(b"\xff\xd8\xff" + bytes(200 + number), media=None, seen_at=NOON)
            url = f"https://www.example.gov.cn/nb/1{number}.jpg"
            title = f"{name}202{number}年政府信息公开工作年度报告"
            archive.add_sighting(Sighting("liuxi", url, url, "page", title, None, sha256, NOON))
        notice = "<body><table><tr><td>单位</td><td>是否公布</td></tr><tr><td>{}</td><td>是</td></tr></table></body>"
        for number, unit in enumerate(("农业农村局", "县农业农村局", "县财政局")):
            sha256 = archive.put_document(notice.format(unit).encode(), media=None, seen_at=NOON)
            title = "柳溪县2022年政府信息公开工作年度报告公布情况"
            url = f"https://www.example.gov.cn/nb/tz{number}.html"
            archive.neighbours.add(Neighbour("liuxi", url, url, "publication_notice", title, None, sha256, NOON))
        read(archive)
        assert ("县财政局", "990101:财政局") in archive.query("SELECT unit, agency_id FROM claims")
    rows = [row for row in json_lines(run(place, "unknown", "--json")) if "农业" in row["name"]]
    assert [(row["name"], row["unread"], row["notices"]) for row in rows] == [("柳溪县农业农村局", 3, 2)]
    # A portal without an agency in the register: its region is not known, its place is.
    (place / "agencies.csv").write_text(HEAD, "utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(run(place, "propose").stdout)) if "农业" in row["name"]]
    assert [(row["id"], row["name"]) for row in rows] == [("", "柳溪县农业农村局")]


@pytest.mark.parametrize(
    ("printed", "region", "front", "aliases"),
    [
        ("县教育局", "990101", "柳溪县", ()),
        ("县本级财政局", "990101", "柳溪县", ()),
        ("市教育局", "350581", "", ()),
        ("市教育局", None, "石狮市", ()),
        ("县人社局", "990101", "柳溪县", ("柳溪县人社局",)),
        ("市场监管局", "350581", "", ("石狮市市场监管局",)),
        ("青石镇", "990101", "柳溪县", ("柳溪县青石镇",)),
    ],
)
def test_no_alias_repeats_the_level(printed: str, region: str | None, front: str, aliases: tuple[str, ...]) -> None:
    placed = place_name(printed, region=region, place=front)
    assert placed and placed.aliases == aliases


def test_a_level_in_front_is_proposed_and_imported_without_it(place: Path) -> None:
    with archive_of(place) as archive:
        notice = (
            "<body><table><tr><td>单位</td><td>是否公布</td></tr><tr><td>县教育局</td><td>是</td></tr></table></body>"
        )
        sha256 = archive.put_document(notice.encode(), media=None, seen_at=NOON)
        title = "柳溪县2022年政府信息公开工作年度报告公布情况"
        archive.neighbours.add(Neighbour("liuxi", NOTICE, NOTICE, "publication_notice", title, None, sha256, NOON))
        archive.import_agencies(load_agencies(place / "agencies.csv"))
        read(archive)
    run(place, "propose", "--out", str(place / "proposals.csv"))
    run(place, "import", str(place / "proposals.csv"))
    schools = load_agencies(place / "agencies.csv")[-1]
    assert (schools.id, schools.name, schools.aliases) == ("990101:教育局", "柳溪县教育局", ())
    with archive_of(place) as archive:
        read(archive)
        assert archive.query("SELECT unit, agency_id FROM claims") == [("县教育局", "990101:教育局")]


def test_import_on_a_portal_of_several_regions(place: Path) -> None:
    other = "990102:财税局,荻汀区财税局,荻汀税局,990102,department,no_date,,,,liuxi\n"
    (place / "agencies.csv").write_text(HEAD + ROWS + other, "utf-8")
    names = place / "names.txt"
    names.write_text("柳溪县财政局\n县财政局\n荻汀税局\n柳溪县人社局\n柳溪县教育局\n市中区水利局\n水利局\n", "utf-8")
    result = run(place, "import", str(names), "--portal", "liuxi", status=2)
    assert "0 agencies added, 4 there already, 3 not placed." in result.stdout
    assert "names.txt:3: 荻汀税局: is in the register as 990102:财税局 (荻汀区财税局)" in result.stderr
    several = "the agencies of portal liuxi lie in several regions (990101, 990102); give --region CODE"
    assert f"names.txt:5: 柳溪县教育局: its region cannot be told: {several}" in result.stderr
    assert "names.txt:6: 市中区水利局: its region cannot be told: several regions are called 市中区" in result.stderr
    assert f"names.txt:7: 水利局: its region cannot be told: {several}" in result.stderr
    assert "write the place in front" not in result.stderr
    alone = run(place, "import", str(names), status=2)
    assert "4 there already" in alone.stdout and "柳溪县 is not in the region list; give --region CODE" in alone.stderr
    elsewhere = run(place, "import", str(names), "--region", "350581", status=2)
    assert "names.txt:1: 柳溪县财政局: is in the register as 990101:财政局" in elsewhere.stderr


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n1 0 obj\n",
        b"PK\x03\x04" + "教育局".encode(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 abc",
        "教育局\n".encode("utf-16"),
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
    ],
)
def test_import_what_is_no_text(place: Path, data: bytes) -> None:
    (place / "list").write_bytes(data)
    output = run(place, "import", str(place / "list"), "--region", "990101", status=2).output
    assert output.count("\n") == 1 and "is no text" in output and 'save it as "CSV UTF-8"' in output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hello", "'hello' has no Chinese character"),
        ("柳溪县\x07教育局", "control characters (found '\\x07'"),
        ("柳溪县教育局；水利局", "must have neither `;`"),
        ("教育" * 30 + "局", "is longer than 60 characters"),
    ],
)
def test_import_what_is_no_name(place: Path, name: str, said: str) -> None:
    (place / "names.txt").write_text(f"{name}\n水利局\n", "utf-8")
    result = run(place, "import", str(place / "names.txt"), "--region", "990101", status=2)
    assert "names.txt:1: name: " in result.stderr and said in result.stderr
    assert "1 agency added, 0 there already, 1 not placed." in result.stdout
