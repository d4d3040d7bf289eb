"""Every platform collects from the sample country exactly the reports that its truth lists: all, no other, none twice.

One county's publications are served in every shape of every platform that can be read without a browser, and crawled by
the portal file that its pretend portal calls right. Of the ordinary shape of each platform all reports are fetched and
read, of the others a sample: their lists differ, not their pages.
"""

import sqlite3
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from crawler.portal import Portal, load_portal
from crawler.sandbox.country import Country
from crawler.sandbox.portal_site import Listed
from crawler.sandbox.portals import Shape, all_shapes, site_class
from crawler.sandbox.publications import publications
from crawler.sandbox.server import PortalServer
from crawler.summary import CrawlSummary
from db.archive import Archive
from monitor.pipeline import read_waiting
from tests.crawler.many_crawls import crawl_all

SHAPES = [shape for shape in all_shapes() if shape.name != "scripted"]
# A download that answers with a captcha: the report is listed, and not obtained.
REFUSED = {Shape("boda", "captcha")}
SAMPLE = 5


@pytest.fixture(scope="module")
def country() -> Country:
    return Country.build(1, agencies=16, years=(2021, 2022, 2023), portals=1, faults=0)


# Two tests rather than one for each shape: crawls of many portals share a process, and tests run in two.
@pytest.mark.parametrize("shapes", [SHAPES[::2], SHAPES[1::2]], ids=["one half", "the other"])
def test_exactly_the_truth_is_collected(country: Country, shapes: list[Shape], tmp_path: Path) -> None:
    now, place = country.demo_days()[-1], country.places[0]
    shown = publications(country, place, ("html", "pdf", "docx", "xlsx", "text"))
    sites = [
        site_class(shape.name)(f"p{number}", f"{place.name}人民政府", place.name, shown, variant=shape.variant)
        for number, shape in enumerate(shapes)
    ]
    ordinary = {name: next(shape for shape in SHAPES if shape.name == name) for name in {s.name for s in SHAPES}}
    with PortalServer(sites, now) as server:
        portals = [load_portal(path) for path in server.portal_tomls(tmp_path)]
        truths = [server.truth(site.id) for site in sites]
        whole = {*ordinary.values(), *REFUSED}
        orders = [
            (portal, tmp_path / f"{portal.id}.db", None if shape in whole else SAMPLE)
            for portal, shape in zip(portals, shapes, strict=True)
        ]
        summaries = crawl_all(orders, now)
    wrong: dict[str, list[str]] = {}
    for shape, (portal, archive, most), truth, summary in zip(shapes, orders, truths, summaries, strict=True):
        faults = _collected(portal, archive, truth, summary, shape in REFUSED)
        faults += _read(country, portal, archive, truth, whole=most is None and shape not in REFUSED)
        if faults:
            wrong[str(shape)] = faults
    assert not wrong, "\n".join(f"{shape}: {'; '.join(faults)}" for shape, faults in wrong.items())


def _collected(portal: Portal, archive: Path, truth: list[Listed], summary: CrawlSummary, refused: bool) -> list[str]:
    """What is wrong with what a crawl listed and fetched."""
    faults = []
    if summary.columns != {"ok": len(portal.columns)}:
        faults.append(f"columns {summary.columns}: {summary.errors}")
    if (summary.outcome == "ok") == refused:
        faults.append(f"the crawl is {summary.outcome}: {summary.errors}")
    with sqlite3.connect(archive) as connection:
        known = connection.execute("SELECT url, part, page_url, outcome FROM frontier WHERE kind = 'report'").fetchall()
    # What was listed: pages, and files that a list leads to itself; not what is attached to a page.
    pages = {url for url, part, *_ in known if part == "page"}
    listed = Counter(_path(url) for url, part, page, _ in known if part == "page" or page not in pages)
    there = Counter(unquote(entry.path) for entry in truth)
    if listed != there:
        faults.append(f"overlooked {list(there - listed)[:3]}, invented {list(listed - there)[:3]}")
    bad = [(url, outcome) for url, part, _, outcome in known if outcome not in ("ok", None)]
    if bool(bad) != refused:
        faults.append(f"not fetched: {bad[:3]}")
    return faults


def _read(country: Country, portal: Portal, path: Path, truth: list[Listed], *, whole: bool) -> list[str]:
    """What is wrong with the reports that were read: whose they are, of which year, and how many."""
    with Archive.open(path) as archive:
        archive.import_agencies(list(country.agencies))
        read_waiting(archive, places={portal.id: portal.place or ""})
        stored = {(report.agency_id, report.year) for report in archive.reports()}
    there = {(entry.agency_id, entry.year) for entry in truth}
    faults = [f"invented {sorted(map(str, stored - there))[:3]}"] if stored - there else []
    if whole and there - stored:
        faults.append(f"not read: {sorted(map(str, there - stored))[:3]}")
    if len(stored) < min(SAMPLE, len(there)):
        faults.append(f"only {len(stored)} reports were read")
    return faults


def _path(url: str) -> str:
    parts = urlsplit(url.partition("#")[0])
    return unquote(parts.path) + (f"?{unquote(parts.query)}" if parts.query else "")
