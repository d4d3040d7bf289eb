"""An archive as a season of crawls leaves it: reports of two years, lists page by page, one agency that is not listed,
and visits of every kind. Made through the archive's own methods, so no server is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.sandbox.country import PlannedReport
from crawler.sandbox.writers import html
from db.archive import Archive
from db.collected.seen import keep_links
from db.records import ColumnRead, ListedLink, ListedPage, Sighting, Visit
from monitor.config import load_config
from monitor.judging.absence import Column
from monitor.judging.archive import judge_archive, standing_findings
from monitor.judging.portal_reads import PortalColumns
from monitor.pipeline import read_waiting
from tests.monitor.judged import COUNTRY

BEFORE_DUE = datetime(2024, 1, 30, 2, tzinfo=UTC)
READ_DAYS = [BEFORE_DUE, *(datetime(2024, 2, day, 2, tzinfo=UTC) for day in (5, 7, 20))]
CARRIED = next(t for t in COUNTRY.truths if t.rule == "carry-over")
ABSENT = next(t for t in COUNTRY.truths if t.rule == "missing")
NETWORK = {"from": "a desk in another town", "via": "direct", "server": "127.0.0.1", "tls": None}
AGENT = {"User-Agent": "nianbao/test", "Accept-Encoding": "gzip"}
ADDED = b"<html><body>added by hand, which no form knows</body></html>"


def address(portal: str, plan: PlannedReport) -> str:
    return f"https://{portal}.example.gov.cn/{plan.year}/{plan.agency.id.partition(':')[2].encode().hex()[:12]}.html"


@dataclass(slots=True)
class Season:
    """The archive, and the fingerprints of two findings in it."""

    path: Path
    archive: Archive
    carry_over: str = ""
    missing: str = ""
    columns: dict[str, str] = field(default_factory=dict)


@contextmanager
def season(folder: Path) -> Iterator[Season]:
    """Play the season into a new archive."""
    path = folder / "nianbao.db"
    with Archive.open(path) as archive:
        made = Season(path, archive)
        archive.import_agencies(list(COUNTRY.agencies))
        for place in COUNTRY.places:
            portal = f"county_{place.code}"
            made.columns[portal] = f"https://{portal}.example.gov.cn/nb/"
            archive.add_portal(portal, f"{place.name}人民政府", "static_list")
        for day, at in enumerate(READ_DAYS):
            for portal in made.columns:
                _read_column(made, portal, at, day)
        _fetch_reports(made)
        _add_by_hand(archive)
        read_waiting(archive)
        config = load_config(_config(folder))
        portals = [PortalColumns(p, (Column(url, p),)) for p, url in made.columns.items()]
        judge_archive(archive, config, portals, now=READ_DAYS[-1] + timedelta(hours=3))
        found = list(standing_findings(archive))
        made.carry_over = next(f.fingerprint for f in found if f.rule == "carry-over")
        made.missing = next(f.fingerprint for f in found if f.rule == "missing" and f.agency_id == ABSENT.agency_id)
        yield made


def _config(folder: Path) -> Path:
    path = folder / "config.toml"
    path.touch()
    return path


def _plans(portal: str) -> list[PlannedReport]:
    return [plan for plan in COUNTRY.plans if plan.agency.portal == portal and plan.published_at <= BEFORE_DUE]


def _read_column(made: Season, portal: str, at: datetime, day: int) -> None:
    """A column of two pages. On the second day the server says "not modified", on the third only a counter differs."""
    archive, column = made.archive, made.columns[portal]
    plans = _plans(portal)
    half = len(plans) // 2
    listing = []
    for number, some in enumerate((plans[:half], plans[half:])):
        url = f"{column}index_{number}.html" if number else column
        links = [ListedLink(address(portal, p), p.sample.title, p.sample.published_on) for p in some]
        items = "".join(f'<li><a href="{link.url}">{link.title}</a></li>' for link in links)
        body = f"<html><ul>{items}</ul><p>访问量：1</p></html>".encode()
        moment = at + timedelta(seconds=2 * number)
        sha256 = archive.put_document(body, media="text/html", seen_at=moment)
        headers = {"content-type": "text/html", "etag": '"1"', "content-encoding": "gzip", "content-length": "77"}
        common = {"request_headers": AGENT, "network": NETWORK, "sha256": sha256}
        if day == 1:
            conditional = AGENT | {"If-None-Match": '"1"'}
            visit = Visit(
                portal,
                url,
                "list",
                moment,
                304,
                "unchanged",
                "not modified",
                **common | {"request_headers": conditional},
            )
        elif day == 2:
            visit = Visit(
                portal, url, "list", moment, 200, "unchanged", "same entries, other counters",
                response_headers=headers, body_sha256="ab" * 32, **common,
            )  # fmt: skip
        else:
            visit = Visit(portal, url, "list", moment, 200, "ok", response_headers=headers, **common)
        visit_id = archive.add_visit(visit)
        with archive.write() as connection:
            listing.append(ListedPage(visit_id, keep_links(connection, links)))
    archive.add_column_read(ColumnRead(portal, column, at, "ok", len(listing), listing=listing))


def _fetch_reports(made: Season) -> None:
    """The reports of the agency whose two years disagree: fetched, refused for a day, seen again, moved."""
    archive = made.archive
    for plan in COUNTRY.plans:
        if plan.agency.id != CARRIED.agency_id or plan.year < CARRIED.year - 1:
            continue
        portal = plan.agency.portal or ""
        url, body = address(portal, plan), html.write(plan.sample, page=True)
        at = READ_DAYS[0] + timedelta(minutes=plan.year - 2000)
        sha256 = archive.put_document(body, media="text/html", seen_at=at)
        headers = {"content-type": "text/html", "server": "名称/1", "content-length": str(len(body))}
        visit = archive.add_visit(
            Visit(portal, url, "detail", at, 200, "ok", final_url=f"{url}?moved", redirects=[(302, url)],
                  request_headers=AGENT, response_headers=headers, network=NETWORK, sha256=sha256, requests=2)
        )  # fmt: skip
        refused = b"<html>please wait</html>"
        refused_sha = archive.put_document(refused, media="text/html", seen_at=READ_DAYS[1])
        archive.add_visit(Visit(portal, url, "detail", READ_DAYS[1], 412, "blocked", "challenge", sha256=refused_sha))
        archive.add_visit(Visit(portal, url, "detail", READ_DAYS[2], None, "failed", "no answer within 60 s"))
        archive.add_visit(Visit(portal, url, "detail", READ_DAYS[3], 200, "ok", sha256=sha256, network=NETWORK))
        archive.add_sighting(
            Sighting(
                portal,
                made.columns[portal],
                url,
                "page",
                plan.sample.title,
                plan.sample.published_on,
                sha256,
                at,
                visit,
            )
        )


def _add_by_hand(archive: Archive) -> None:
    url, at = "file:///data/somebody/reports/odd.html", READ_DAYS[0]
    sha256 = archive.put_document(ADDED, media=None, seen_at=at)
    visit = archive.add_visit(Visit(None, url, "added", at, None, "ok", sha256=sha256))
    archive.add_sighting(Sighting(None, url, url, "page", None, None, sha256, at, visit))
