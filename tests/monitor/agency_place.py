"""A deployment with a register, and what a crawl would leave in its archive."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from crawler.register.table import load_agencies
from crawler.sandbox.country import Country
from crawler.sandbox.writers import html
from db.archive import Archive
from db.records import Neighbour, Sighting
from monitor.cli import main
from monitor.pipeline import read_waiting

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


def make_place(folder: Path) -> Path:
    """A deployment with a portal, a register of two agencies, and no archive yet."""
    (folder / "portals").mkdir()
    (folder / "portals" / "liuxi.toml").write_text(PORTAL, "utf-8")
    (folder / "agencies.csv").write_text(HEAD + ROWS, "utf-8")
    (folder / "config.toml").write_text('register = "agencies.csv"\n', "utf-8")
    return folder


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
            # The last is of another place: a file that somebody has added.
            portal = "liuxi" if number < 3 else None
            archive.add_sighting(Sighting(portal, url, url, "page", title, f"{year + 1}-01-20", sha256, NOON))
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
