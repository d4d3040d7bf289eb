"""One crawl of a portal as it would have been: lists, what they lead to, visits to what is due, written through the
archive's own writers. What a list entry is, and when an address is due again, the crawler's own functions say."""

import dataclasses
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from crawler.portal import Portal
from crawler.walk.column import is_document
from crawler.walk.links import LinkVerdict, judge_link, stays_listed
from crawler.walk.revisits import RevisitPace, next_visit
from crawler.walk.shrinking import shrunken
from db.archive import Archive
from db.collected.documents import sha256_of
from db.collected.looks import Body
from db.records import Address, ColumnRead, ListedLink, ListedPage, Neighbour, Outcome, Sighting, Visit
from tests.bench.judge.country import Site
from tests.bench.judge.postings import Board, Content, Row

PACE = RevisitPace(season_days=14, later_days=45, old_days=365, old_after_years=2)
_NOT_SHOWN = ("blocked", "failed", "gone")
_PAGE = {"content-type": "text/html; charset=utf-8"}
_REFUSED = b"<html><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script></html>"


class Crawler:
    """Crawls one portal again and again. The frontier is held here as well, so that the archive is not asked for it."""

    def __init__(self, archive: Archive, site: Site, board: Board) -> None:
        self.archive = archive
        self.site = site
        self.board = board
        self._frontier: dict[str, Address] = {}
        self._last: dict[str, str] = {}  # address -> SHA-256 of its last good answer
        self._sizes: dict[str, int] = {}  # list -> entries of its last good read
        self._at = datetime.min
        self._now = datetime.min

    def crawl(self, now: datetime, portal: Portal) -> None:
        """Read all lists that the portal's file names, then visit all that is due."""
        self._now = self._at = now
        with self.archive.write():
            crawl = self.archive.crawls.begin(portal.id, now)
            outcomes = {self._read(portal, column.url, column.year) for column in portal.columns}
            refused = outcomes <= {"blocked", "failed"}
            if not refused:
                self._visit_due(portal)
            outcome = "ok" if outcomes <= {"ok", "unchanged"} else "blocked" if "blocked" in outcomes else "partial"
            self.archive.crawls.end(crawl, self._tick(), outcome=outcome, is_complete=not refused, summary={})

    def _tick(self) -> datetime:
        self._at += timedelta(seconds=1)
        return self._at

    # Lists

    def _read(self, portal: Portal, url: str, year: int | None) -> Outcome:
        """Read one list, page by page, and keep the read."""
        begun = self._at
        lists = {address: name for name, (address, _) in self.site.lists(self._now).items()}
        name = lists.get(url)
        if name is None or self.board.trouble(self._now, "column-gone"):
            return self._not_read(portal, url, "gone", 404)
        if self.board.trouble(self._now, "blocked"):
            return self._not_read(portal, url, "blocked", 412)
        if self.board.trouble(self._now, "dead"):
            return self._not_read(portal, url, "failed", None)
        rows = self.board.shown(name, self._now)
        size = self.site.page_size
        pages = [rows[start : start + size] for start in range(0, max(len(rows), 1), size)]
        is_half = self.board.trouble(self._now, "half") is not None
        if is_half:
            pages = [rows[: len(rows) // 2]]
        listing = []
        for number, page in enumerate(pages):
            listing.append(self._read_page(portal, url, year, number, page, len(pages)))
        outcome: Outcome = "unknown" if is_half else "ok"
        if outcome == "ok" and len(rows) < self._sizes.get(url, 0):
            earlier = self.archive.crawls.earlier_reads(portal.id, url)
            if shrunken(len(pages), self.archive.crawls.links_of(listing), earlier, begun) is not None:
                outcome = "unknown"
        if outcome == "ok":
            self._sizes[url] = len(rows)
        self.archive.add_column_read(ColumnRead(portal.id, url, begun, outcome, len(pages), listing=listing))
        return outcome

    def _not_read(self, portal: Portal, url: str, outcome: Outcome, status: int | None) -> Outcome:
        at = self._tick()
        visit = Visit(portal.id, url, "list", at, status, outcome, outcome)
        body = Body(sha256_of(_REFUSED), _REFUSED, "text/html", at) if outcome == "blocked" else None
        visit.sha256 = body.sha256 if body else None
        (number,), _ = self.archive.looks.keep([(visit, body)])
        page = ListedPage(number, self.archive.keep_links([]))
        self.archive.add_column_read(ColumnRead(portal.id, url, at, outcome, 1, listing=[page]))
        return outcome

    def _read_page(
        self, portal: Portal, url: str, year: int | None, number: int, rows: list[Row], pages: int
    ) -> ListedPage:
        links = [ListedLink(self._url(row.path(self._now)), row.title, row.listed_on) for row in rows]
        at, address = self._tick(), f"{url}index_{number}.html" if number else url
        data = _list_page(self.site, links, pages)
        visit = Visit(portal.id, address, "list", at, 200, "ok", response_headers=_PAGE)
        visit_id = self._keep_look(visit, data, "text/html")
        verdicts = [(link, _verdict(link.title, link.url, portal.id, year, link.listed_on, portal)) for link in links]
        kept = [link for link, verdict in verdicts if verdict.is_report]
        kept += [
            ListedLink(f"{link.url}#row-{n}", link.title, link.listed_on)
            for n, (link, verdict) in enumerate(verdicts, start=1)
            if stays_listed(link.title, verdict)
        ]
        digest = self.archive.keep_links(kept)
        self._found(portal, url, year, verdicts)
        return ListedPage(visit_id, digest)

    def _found(
        self, portal: Portal, column: str, year: int | None, verdicts: list[tuple[ListedLink, LinkVerdict]]
    ) -> None:
        new = []
        for link, verdict in verdicts:
            wanted = verdict.is_report or verdict.kind == "publication_notice"
            known = self._frontier.get(link.url)
            if not wanted or (known and (known.title, known.listed_on) == (link.title, link.listed_on)):
                continue
            is_file = is_document(link.url)
            address = Address(
                portal=portal.id,
                url=link.url,
                part="attachment" if is_file else "page",
                kind="report" if verdict.is_report else verdict.kind,
                page_url=column if is_file else link.url,
                column_url=column,
                title=link.title,
                listed_on=link.listed_on,
                agency_hint=None,
                year=verdict.year or year,
                found_at=self._now,
                due_at=self._now,
            )
            if known:
                kept = {
                    name: getattr(known, name) for name in ("visits", "failures", "outcome", "visited_at", "due_at")
                }
                address = dataclasses.replace(address, found_at=known.found_at, **kept)
            self._frontier[link.url] = address
            new.append(address)
        if new:
            self.archive.frontier.add(new)

    # Addresses

    def _visit_due(self, portal: Portal) -> None:
        while due := [a for a in self._frontier.values() if a.due_at is not None and a.due_at <= self._now]:
            for address in due:
                self._visit(portal, address)

    def _visit(self, portal: Portal, address: Address) -> None:
        at = self._tick()
        kind = "attachment" if address.part == "attachment" else "detail"
        root = self.site.root(self._now)
        path = address.url.removeprefix(root) if address.url.startswith(root) else None
        one = self.board.served.get(path) if path is not None else None
        state = one.at(self._now) if one else None
        visit = Visit(portal.id, address.url, kind, at, 404, "gone", "status 404", response_headers=_PAGE)  # type: ignore[arg-type]
        if isinstance(state, str):
            target = self.board.served[state].at(self._now)
            visit.redirects, visit.final_url = [(301, address.url)], self._url(state)
            state = target if isinstance(target, Content) else None
        shows: Sighting | Neighbour | None = None
        data = None
        if self.board.trouble(self._now, "blocked"):
            visit.status, visit.outcome, visit.evidence = 412, "blocked", "challenge"
        elif self.board.trouble(self._now, "dead"):
            visit.status, visit.outcome, visit.evidence = None, "failed", "no answer within 60 s"
        elif isinstance(state, Content):
            data = state.write(self._now)
            visit.status, visit.outcome, visit.evidence = 200, "ok", None
            visit.response_headers = {"content-type": state.media}
        attached = []
        if data is not None and isinstance(state, Content):
            visit.sha256 = sha256_of(data)
            shows = _shown(address, visit)
            attached = [self._attached(address, self._url(file)) for file in state.files]
        self._keep_look(
            visit, data, state.media if isinstance(state, Content) else "", shows, self._after(address, visit), attached
        )

    def _keep_look(
        self,
        visit: Visit,
        data: bytes | None,
        media: str,
        shows: Sighting | Neighbour | None = None,
        visited: Address | None = None,
        attached: list[Address] | None = None,
    ) -> int:
        body = None
        if data is not None:
            visit.sha256 = sha256_of(data)
            if self._last.get(visit.url) == visit.sha256:
                visit.outcome, visit.evidence = "unchanged", "same bytes"
            self._last[visit.url] = visit.sha256
            body = Body(visit.sha256, data, media, visit.at)
        new = [a for a in attached or () if a.url not in self._frontier]
        numbers, _ = self.archive.looks.keep([(visit, body)], shows=shows, visited=visited, attached=new)
        for address in (*new, *((visited,) if visited else ())):
            self._frontier[address.url] = address
        return numbers[-1]

    def _after(self, address: Address, visit: Visit) -> Address:
        failures = address.failures + 1 if visit.outcome in _NOT_SHOWN else 0
        due = next_visit(
            year=address.year,
            found_at=address.found_at,
            outcome=visit.outcome,
            failures=failures,
            now=self._now,
            pace=PACE,
        )
        return dataclasses.replace(
            address,
            visits=address.visits + 1,
            failures=failures,
            outcome=visit.outcome,
            visited_at=visit.at,
            due_at=max(due - timedelta(hours=1), self._now + timedelta(seconds=1)),
        )

    def _attached(self, page: Address, url: str) -> Address:
        return dataclasses.replace(
            page, url=url, part="attachment", page_url=page.url, found_at=self._now, due_at=self._now,
            visits=0, failures=0, outcome=None, visited_at=None,
        )  # fmt: skip

    def _url(self, path: str) -> str:
        return f"{self.site.root(self._now)}{path}"


def _shown(address: Address, visit: Visit) -> Sighting | Neighbour:
    sha256 = visit.sha256 or ""
    if address.kind != "report":
        return Neighbour(
            address.portal,
            address.page_url,
            address.url,
            address.kind,
            address.title,
            address.listed_on,
            sha256,
            visit.at,
        )
    return Sighting(
        address.portal, address.page_url, address.url, address.part, address.title, address.listed_on, sha256, visit.at
    )


_PORTALS: dict[str, Portal] = {}


def _verdict(
    title: str, url: str, portal_id: str, year: int | None, listed_on: str | None, portal: Portal
) -> LinkVerdict:
    _PORTALS[portal_id] = portal
    return _cached(title, urlsplit(url).netloc, portal_id, year, listed_on)


@lru_cache(maxsize=200_000)
def _cached(title: str, host: str, portal_id: str, year: int | None, listed_on: str | None) -> LinkVerdict:
    return judge_link(title, f"https://{host}/x.html", _PORTALS[portal_id], column_year=year, listed_on=listed_on)


def _list_page(site: Site, links: list[ListedLink], pages: int) -> bytes:
    rows = "\n".join(
        f'<li><a href="{escape(urlsplit(link.url).path)}" title="{escape(link.title)}">{escape(link.title)}</a>'
        f"<span>{link.listed_on}</span></li>"
        for link in links
    )
    name = f"{site.place.name}人民政府"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>政府信息公开年报_{name}</title></head><body>'
        f'<div class="position">当前位置：首页 &gt; 政府信息公开年报</div><ul class="list">\n{rows}\n</ul>'
        f'<div class="page">共{pages}页</div><div class="footer">主办：{name}办公室</div></body></html>'
    ).encode()
