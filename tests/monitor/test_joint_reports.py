"""Joint reports, and those of bodies that stand in for another: SQL says what `nianbao missing` says."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.sandbox.country import Country
from crawler.sandbox.writers import html
from db.archive import Archive
from db.questions.ready_queries import ready_queries
from db.records import Agency, ColumnRead, Sighting
from monitor.almanac import keep_almanac
from monitor.judging.absence import Column, State
from monitor.judging.portal_reads import PortalColumns
from monitor.judging.seasons import Seasons
from monitor.pipeline import read_waiting
from parsers.read import PARSER_VERSION
from parsers.report import Report, Section

LIST = "https://www.example.gov.cn/nb/"
REGION, YEAR = "990101", 2023
NOON = datetime(2024, 2, 1, 4, tzinfo=UTC)


def agency(local: str, **more: Any) -> Agency:
    values: dict[str, Any] = {"organ": "department", "duty": "art49_department", "duty_source": "条例第四十九条"}
    return Agency(f"{REGION}:{local}", f"柳溪县{local}", region_code=REGION, portal="liuxi", **values | more)


# The register has the joint name as one of the first body's.
TOURISM = agency("文化和旅游局", aliases=("文化和旅游局、文物局",))
RELICS, PEER = agency("文物局"), agency("民政局")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as opened:
        keep_almanac(opened)
        for day in (4, 5, 6):
            opened.add_column_read(ColumnRead("liuxi", LIST, NOON + timedelta(days=day), "ok", 1))
        yield opened


def see(archive: Archive, number: int, printed: str, day: float = -10) -> None:
    """A report of a name, as a portal shows it."""
    plan = next(p for p in Country.build(1, agencies=40).plans if p.year == YEAR and p.agency.organ == "department")
    listed = f"{printed}{YEAR}年政府信息公开工作年度报告"
    sample = replace(plan.sample, title=listed, agency=printed)
    at = NOON + timedelta(days=day)
    sha256 = archive.put_document(html.write(sample, page=True), media="text/html", seen_at=at)
    url = f"{LIST}{number}.html"
    archive.add_sighting(Sighting("liuxi", url, url, "page", listed, "2024-01-22", sha256, at))


def read(archive: Archive) -> None:
    read_waiting(archive, regions={"liuxi": REGION}, places={"liuxi": "柳溪县"})


def bodies(archive: Archive) -> list[tuple[str | None, str]]:
    return archive.query(
        "SELECT r.agency_id, b.agency_id FROM report_bodies b JOIN reports r ON r.id = b.report_id ORDER BY 1, 2"
    )


def present(archive: Archive, year: int = YEAR) -> set[str]:
    """By the reads and what is stored."""
    seasons = Seasons(archive, [PortalColumns("liuxi", (Column(LIST),), REGION, "柳溪县")], NOON + timedelta(days=8))
    there = (State.PRESENT, State.PUBLISHED_UNREAD)
    return {one.agency.id for one in seasons.all_of(year) if one.absence.state in there}


def seen(archive: Archive, year: int = YEAR) -> set[str]:
    """By SQL."""
    rows = archive.query("SELECT agency_id FROM timeliness WHERE year = ? AND first_seen_on IS NOT NULL", (year,))
    return {agency_id for (agency_id,) in rows}


def covered(archive: Archive, query: str) -> tuple[int, int]:
    """(agencies that owe a report, found) of a ready query."""
    sql = f"SELECT sum(agencies), sum(found) FROM ({ready_queries()[query].sql})"
    ((agencies, found),) = archive.query(sql, {"year": YEAR, "region": None, "digits": 6})
    return agencies, found


def nianbao(path: Path, *arguments: str) -> str:
    command = [sys.executable, "-P", "-m", "monitor", *arguments, "--archive", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_sql_says_of_joint_covered_and_merged_bodies_what_missing_says(archive: Archive, tmp_path: Path) -> None:
    archive.import_agencies([
        TOURISM, RELICS, PEER,
        agency("博物馆", covered_by=RELICS.id),  # by the second body of the joint report
        agency("展览馆", covered_by=f"{REGION}:博物馆"),  # by one that is covered itself
        agency("体育局", to_year=YEAR, successors=(f"{REGION}:文体局",)),  # its successor has reported for it
        agency("文体局", from_year=YEAR + 1),
        agency("商务局", to_year=YEAR - 1),
        agency("科技局", from_year=YEAR, predecessors=(f"{REGION}:科学局",)),  # its predecessor has
        agency("科学局", to_year=YEAR),
        agency("财政局"), agency("水利局", covered_by=f"{REGION}:财政局"),  # nobody has
        agency("审计局", successors=(f"{REGION}:民政局",)),  # a merger of another year
    ])  # fmt: skip
    for number, printed in enumerate(("文化和旅游局、文物局", "柳溪县文体局", "柳溪县科学局", "柳溪县民政局")):
        see(archive, number, printed)
    read(archive)
    assert bodies(archive) == [(TOURISM.id, RELICS.id)]
    locals_ = ("文化和旅游局", "文物局", "博物馆", "展览馆", "体育局", "科技局", "科学局", "民政局")
    expected = {f"{REGION}:{local}" for local in locals_}
    assert present(archive) == expected
    assert seen(archive) == expected
    owing = archive.query("SELECT count(*) FROM timeliness WHERE year = ?", (YEAR,))[0][0]
    assert (owing, len(expected)) == covered(archive, "coverage") == covered(archive, "coverage-by-organ")
    archive.close()
    out = nianbao(tmp_path / "a.db", "history", RELICS.name, str(YEAR))
    assert "published jointly" in out and TOURISM.name in out and f"{LIST}0.html" in out
    rows = [json.loads(line) for line in nianbao(
        tmp_path / "a.db", "history", f"{REGION}:展览馆", str(YEAR), "--json").splitlines()]  # fmt: skip
    (row,) = [row for row in rows if row["kind"] == "other"]
    assert (row["agency"], row["whose"], row["how"]) == ("柳溪县展览馆", TOURISM.name, "stands in")


def test_a_register_that_learns_of_a_body_has_its_joint_reports_read_again(archive: Archive) -> None:
    archive.import_agencies([TOURISM, PEER])
    see(archive, 0, "文化和旅游局、文物局")
    see(archive, 1, "柳溪县民政局")
    read(archive)
    assert bodies(archive) == []
    assert archive.import_agencies([PEER]) == 0, "nothing is new"
    assert archive.import_agencies([TOURISM, RELICS, PEER]) == 1, "the joint report, and no other"
    read(archive)
    assert bodies(archive) == [(TOURISM.id, RELICS.id)]
    assert seen(archive) == present(archive) == {TOURISM.id, RELICS.id, PEER.id}
    assert archive.import_agencies([agency("水利局")]) == 0, "each of its bodies is known, and they have not changed"
    # Under another name it is no longer the one that is printed.
    assert archive.import_agencies([replace(RELICS, name="柳溪县考古局")]) == 1
    read(archive)
    assert bodies(archive) == [] and seen(archive) == present(archive) == {TOURISM.id, PEER.id}
    assert archive.import_agencies([replace(RELICS, name="柳溪县考古局", aliases=("文物局",))]) == 1
    read(archive)
    assert bodies(archive) == [(TOURISM.id, RELICS.id)]


@pytest.mark.parametrize("first", ["柳溪县文化和旅游局", "某某中心"])
def test_a_joint_name_that_is_nobodys_is_that_of_each_body_that_is_known(archive: Archive, first: str) -> None:
    archive.import_agencies([replace(TOURISM, aliases=()), RELICS, PEER])
    see(archive, 0, f"{first}、柳溪县文物局")
    read(archive)
    expected = {RELICS.id} | ({TOURISM.id} if "旅游" in first else set())
    named = {one for pair in bodies(archive) for one in pair}
    named |= {agency_id for (agency_id,) in archive.query("SELECT agency_id FROM reports")}
    assert named - {None} == expected
    assert seen(archive) == present(archive) == expected


def test_the_bodies_stay_with_a_revision_that_is_parted_and_go_with_a_report(archive: Archive) -> None:
    """A, then A again, and then B is found between the two: the second A is a report of its own, of the same bodies."""
    archive.import_agencies([TOURISM, RELICS])

    def store(total: int, day: int, also: frozenset[str] = frozenset({RELICS.id})) -> None:
        at = NOON + timedelta(days=day)
        archive.store_report(
            Report(media="html", year=YEAR, sections=[Section(1, "总体情况", f"{total}件")]),
            sha256=archive.put_document(f"{total} {day}".encode(), media=None, seen_at=at), agency_id=TOURISM.id,
            agency="", source="liuxi", url=LIST, seen_at=at, parser_version=PARSER_VERSION, portal="liuxi", also=also,
        )  # fmt: skip

    store(1, 0)
    store(1, 2)
    store(2, 1, frozenset())
    select = (
        "SELECT revision, (SELECT agency_id FROM report_bodies b WHERE b.report_id = r.id) FROM reports r ORDER BY 1"
    )
    assert archive.query(select) == [(1, RELICS.id), (2, None), (3, RELICS.id)]
    with archive.write() as connection:
        connection.execute("DELETE FROM readings")
        connection.execute("DELETE FROM reports")
    assert bodies(archive) == archive.query("SELECT * FROM report_bodies") == []


def test_who_stands_in_follows_the_register(archive: Archive) -> None:
    archive.import_agencies([TOURISM, replace(RELICS, covered_by=TOURISM.id)])
    assert archive.query("SELECT * FROM stand_ins") == [(RELICS.id, 0, TOURISM.id)]
    archive.import_agencies([RELICS])
    assert archive.query("SELECT * FROM stand_ins") == []
