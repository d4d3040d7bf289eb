"""Reads the columns of a pretend portal to their end, as the crawler does, without a server."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.address import question
from crawler.asking.fetch import Fetched
from crawler.outcomes.verdict import Answer, Signs, judge
from crawler.platforms import load_platform
from crawler.portal import Column, Portal
from crawler.sandbox.portal_site import PortalSite, Request
from crawler.walk.column import ColumnReading, ColumnResult, Entry, Looked
from crawler.walk.links import judge_link
from db.records import ListedPage

ORIGIN = "http://127.0.0.1:8000"
NOW = datetime(2025, 6, 1, 4, tzinfo=UTC)


def portal_of(site: PortalSite, **more: object) -> Portal:
    """The portal whose file a maintainer would write for a site."""
    said = {"id": "liuxi", "name": "柳溪县人民政府", "allowed_hosts": ["127.0.0.1:8000"], "place": "柳溪县"}
    return Portal.model_validate({**said, **site.portal_file(ORIGIN), **more})


def asked(site: PortalSite, address: str, now: datetime = NOW, referer: str | None = None) -> Answer:
    """What a site answers to an address."""
    asking = question(address)
    parts = urlsplit(asking.url)
    headers: Mapping[str, str] = {name.lower(): value for name, value in asking.headers.items()}
    given = Request(
        asking.method,
        unquote(parts.path),
        dict(parse_qsl(parts.query, keep_blank_values=True)),
        dict(parse_qsl((asking.body or b"").decode(), keep_blank_values=True)) if asking.body else {},
        asking.body or b"",
        {**headers, "host": "127.0.0.1:8000", **({"referer": referer} if referer else {})},
    )
    answer = site.answer(given, now)
    if answer is None:
        return Answer(address, address, 404, {}, b"<html><body>404</body></html>")
    names = {"content-type": answer.content_type, **{name.lower(): value for name, value in answer.headers}}
    return Answer(address, address, answer.status, names, answer.body)


def read_columns(site: PortalSite, portal: Portal, now: datetime = NOW) -> tuple[list[ColumnResult], list[Entry]]:
    """All columns of a portal, and the entries that are reports, in the order in which they were met."""
    platform = load_platform(portal.platform)
    reports: list[Entry] = []

    async def look(url: str, referer: str | None, column: Column) -> Looked:
        answer = asked(site, url, now, referer)
        page = platform.read_list(answer.body, answer.charset, answer.final, portal, column)
        entries = [
            Entry(one, judge_link(one.title, one.url, portal, column_year=column.year, listed_on=one.listed_on))
            for one in page.links
        ]
        signs = Signs(
            page.has_structure or bool(page.lists), page.says_empty, any(entry.verdict.is_report for entry in entries)
        )
        fetched = Fetched(answer=answer, at=now, body=answer.body)
        return Looked(fetched, judge(answer, "list", signs), page, entries, column)

    def keep(looked: Looked, entries: list[Entry]) -> ListedPage:
        reports.extend(entry for entry in entries if entry.verdict.is_report)
        return ListedPage(0, "")

    results = [asyncio.run(ColumnReading(column, portal).read(look, keep)) for column in portal.columns]
    return results, reports
