"""What a crawl of a pretend portal collected, held against the portal's truth."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

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
"""Every way in which a portal is served that needs no browser."""
FORMATS = ("html", "pdf", "docx", "xlsx", "text")
# A download that answers with a captcha: the report is listed, and not obtained.
REFUSED = {Shape("boda", "captcha")}


def faults_of(country: Country, shapes: Sequence[Shape], folder: Path, *, whole: set[Shape], sample: int) -> list[str]:
    """Serve one county's publications in some shapes, crawl and read them, and say what is wrong.

    folder: existing, for portal files and archives. whole: shapes of which all reports are fetched; of the others only
    so many as `sample` says.
    """
    now, place = country.demo_days()[-1], country.places[0]
    shown = publications(country, place, FORMATS)
    sites = [
        site_class(shape.name)(f"p{number}", f"{place.name}人民政府", place.name, shown, variant=shape.variant)
        for number, shape in enumerate(shapes)
    ]
    with PortalServer(sites, now) as server:
        portals = [load_portal(path) for path in server.portal_tomls(folder)]
        truths = [server.truth(site.id) for site in sites]
        orders = [
            (portal, folder / f"{portal.id}.db", None if shape in whole else sample)
            for portal, shape in zip(portals, shapes, strict=True)
        ]
        summaries = crawl_all(orders, now)
    found = []
    for shape, (portal, archive, most), truth, summary in zip(shapes, orders, truths, summaries, strict=True):
        refused = shape in REFUSED
        wrong = _collected(portal, archive, truth, summary, refused)
        wrong += _read(country, portal, archive, truth, whole=most is None and not refused, least=sample)
        found += [f"{shape}: {fault}" for fault in wrong]
    return found


def path_of(url: str) -> str:
    """Path and query of an address, decoded, as a pretend portal's truth has them."""
    parts = urlsplit(url.partition("#")[0])
    return unquote(parts.path) + (f"?{unquote(parts.query)}" if parts.query else "")


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
    listed = Counter(path_of(url) for url, part, page, _ in known if part == "page" or page not in pages)
    there = Counter(unquote(entry.path) for entry in truth)
    if listed != there:
        faults.append(f"overlooked {list(there - listed)[:3]}, invented {list(listed - there)[:3]}")
    bad = [(url, outcome) for url, part, _, outcome in known if outcome not in ("ok", None)]
    if bool(bad) != refused:
        faults.append(f"not fetched: {bad[:3]}")
    return faults


def _read(country: Country, portal: Portal, path: Path, truth: list[Listed], *, whole: bool, least: int) -> list[str]:
    """What is wrong with the reports that were read: whose they are, of which year, and how many."""
    with Archive.open(path) as archive:
        archive.import_agencies(list(country.agencies))
        read_waiting(archive, places={portal.id: portal.place or ""})
        stored = {(report.agency_id, report.year) for report in archive.reports()}
    there = {(entry.agency_id, entry.year) for entry in truth}
    faults = [f"invented {sorted(map(str, stored - there))[:3]}"] if stored - there else []
    if whole and there - stored:
        faults.append(f"not read: {sorted(map(str, there - stored))[:3]}")
    # One may be behind a captcha.
    if len(stored) < min(least, len(there)) - 1:
        faults.append(f"only {len(stored)} reports were read")
    return faults
