"""An archive with everything that a rebuild must make again, or must leave: two seasons of reading and judging, three
revisions, a finding that is gone, notices, a correction, a takedown, an outbox."""

import dataclasses
import sqlite3
from datetime import timedelta
from pathlib import Path

from crawler.sandbox.writers import html
from db.archive import Archive
from db.records import Neighbour, Sighting
from monitor.config import Config, load_config
from monitor.judging.absence import Column
from monitor.judging.archive import judge_archive
from monitor.judging.portal_reads import PortalColumns
from monitor.pipeline import read_waiting
from monitor.rebuilding import Rebuilt, rebuild
from parsers.report import Figure
from tests.monitor.evidence_archive import ABSENT, CARRIED, READ_DAYS, address, season
from tests.monitor.judged import COUNTRY

LATER = READ_DAYS[-1] + timedelta(days=3)
FIGURE = "applications.new.total"
_PLAN = next(p for p in COUNTRY.plans if (p.agency.id, p.year) == (CARRIED.agency_id, CARRIED.year))
_PORTAL = _PLAN.agency.portal or ""
URL = address(_PORTAL, _PLAN)


def make(folder: Path) -> Path:
    """The archive in a folder, with its settings."""
    with season(folder) as made:
        archive = made.archive
        _revise(archive)
        _publish_what_was_missing(archive)
        _put_notices(archive)
        ((sha256,),) = archive.query("SELECT sha256 FROM reports WHERE url = ? ORDER BY revision LIMIT 1", (URL,))
        read_waiting(archive)
        archive.corrections.make(
            sha256, Figure(FIGURE, 4321, "corrected", "4321"), by="甲", source="page 3 of the print", at=LATER
        )
        judge_archive(archive, settings(folder), columns(archive), now=LATER)
        return made.path


def settings(folder: Path) -> Config:
    return load_config(folder / "config.toml")


def columns(archive: Archive) -> list[PortalColumns]:
    portals = archive.query("SELECT DISTINCT portal, column_url FROM column_reads ORDER BY 1")
    return [PortalColumns(portal, (Column(url, portal),)) for portal, url in portals]


def rebuilt(path: Path, *, dry_run: bool = False, **more: object) -> Rebuilt:
    """Rebuild as of the last judgement."""
    with Archive.open(path) as archive:
        config = settings(path.parent)
        return rebuild(archive, config, columns(archive), now=LATER, dry_run=dry_run, **more)  # type: ignore[arg-type]


def _see(archive: Archive, url: str, body: bytes, title: str, days: float) -> None:
    at = READ_DAYS[-1] + timedelta(days=days)
    sha256 = archive.put_document(body, media="text/html", seen_at=at)
    archive.add_sighting(Sighting(_PORTAL, url, url, "page", title, None, sha256, at))


def _revise(archive: Archive) -> None:
    """A, then B, then A again; B with another number of applications."""
    sample = _PLAN.sample
    other = dataclasses.replace(sample, figures=sample.figures | {FIGURE: 987})
    for day, body in enumerate((html.write(other, page=True), html.write(sample, page=True)), start=1):
        _see(archive, URL, body, sample.title, day)


def _publish_what_was_missing(archive: Archive) -> None:
    name = next(agency.name for agency in COUNTRY.agencies if agency.id == ABSENT.agency_id)
    title = f"{name}{ABSENT.year}年政府信息公开工作年度报告"
    sample = dataclasses.replace(_PLAN.sample, agency=name, title=title)
    _see(archive, f"https://{_PORTAL}.example.gov.cn/late.html", html.write(sample, page=True), title, 1)


def _put_notices(archive: Archive) -> None:
    url = f"https://{_PORTAL}.example.gov.cn/notice.html"
    for day in (1, 2):
        rows = "".join(f"<tr><td>{n}</td><td>某某局{n}</td><td>已公布</td></tr>" for n in range(day + 2))
        page = f"<html><body><table><tr><td>序号</td><td>单位</td><td>是否公布</td></tr>{rows}</table></body></html>"
        at = READ_DAYS[-1] + timedelta(days=day)
        sha256 = archive.put_document(page.encode(), media="text/html", seen_at=at)
        archive.neighbours.add(
            Neighbour(_PORTAL, url, url, "publication_notice", "2023年年报公布情况", None, sha256, at)
        )
        read_waiting(archive)


def dump(path: Path) -> dict[str, list[str]]:
    """The rows of every table, and which reports the index of words has for some tokens; leases left out."""
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {
        name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))
        for name in names
        if name != "leases" and not name.startswith("report_search")
    }
    match = "SELECT rowid FROM report_search WHERE report_search MATCH ?"
    rows["report_search"] = [
        f"{word} {connection.execute(match, (word,)).fetchall()}" for word in ("政府", "year2023", "申")
    ]
    connection.close()
    return rows
