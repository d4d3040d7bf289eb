"""What a maintainer should look at before a drafted portal file is trusted. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import urlsplit

from crawler.portal import Portal
from crawler.probing.guarded import what_to_do
from crawler.probing.reading import ReadColumn, Row
from crawler.probing.result import Doubt
from crawler.walk.links import KEPT_KINDS, stays_listed
from parsers.dates import date_in_url

_FAR_APART = 30  # days between two dates of one report that are worth a look
_LATEST = 2  # years after the reporting year in which a report is usually published
_MANY_ROWS = 10  # a page of a longer list rarely has fewer


def doubts_of(reads: Iterable[ReadColumn], portal: Portal) -> list[Doubt]:
    """The doubts about what the lists hold, the gravest first."""
    reads = list(reads)
    rows = [row for read in reads for row in read.rows]
    reports = [row for row in rows if row.leads and row.verdict.is_report]
    doubts = completeness_doubts(reads, portal)
    doubts += _elsewhere(reports, portal)
    doubts += _held_back(rows)
    doubts += _without(reports, portal)
    doubts += _dates(reports)
    doubts += _twice(reports)
    doubts += _neighbours(rows)
    return doubts


def completeness_doubts(reads: Iterable[ReadColumn], portal: Portal) -> list[Doubt]:
    """The doubts as to whether the lists are whole: as long as one of them stands, nobody knows how many there are."""
    reads = list(reads)
    doubts = [doubt for read in reads for doubt in _unread(read, portal)]
    return doubts + list(_leading_nowhere([row for read in reads for row in read.rows]))


def _unread(read: ReadColumn, portal: Portal) -> Iterator[Doubt]:
    url, result = read.result.column.url, read.result
    if read.stopped:
        yield Doubt(url, f"the list was not read to its end: {read.stopped}")
    elif result.outcome == "blocked":
        yield Doubt(url, f"blocked: {result.why}; {what_to_do(result.why)}")
    elif result.outcome not in ("ok", "unchanged", "empty"):
        yield Doubt(url, f"a crawl would not count this list as read ({result.outcome}): {result.why}")
    elif result.outcome != "empty" and not (read.says_end or portal.browser.more) and read.entries >= _MANY_ROWS:
        how = "if the browser shows more pages, set selectors.next or pages.pattern"
        yield Doubt(url, f"one page with {read.entries} entries, and no pager was seen on it; {how}")
    elif result.outcome == "empty":
        yield Doubt(url, f"the list is empty: {result.why}; compare it with the browser")


def _leading_nowhere(rows: list[Row]) -> Iterator[Doubt]:
    for row in rows:
        if not row.leads and (row.verdict.is_report or stays_listed(row.link.title, row.verdict)):
            yield Doubt(
                row.link.title,
                "the row looks like a report and no address leads on from it (a script, or another row's address); "
                'see how the browser opens it; fetch = "browser" may help',
            )


def _elsewhere(reports: list[Row], portal: Portal) -> Iterator[Doubt]:
    """Reports on government hosts that the file does not name: listed, and never fetched."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for row in reports:
        if not portal.allows(row.link.url):
            hosts[urlsplit(row.link.url).netloc.lower()].append(row.link.title)
    for host, titles in hosts.items():
        yield Doubt(
            host,
            f"{_counted(titles)} on this host, which allowed_hosts does not name, so that they would be listed and "
            "never fetched; add the host if it is the portal's own",
        )


def _held_back(rows: list[Row]) -> Iterator[Doubt]:
    for row in rows:
        if row.leads and stays_listed(row.link.title, row.verdict):
            hint = "; set selectors.title if the page has the full title" if "cut short" in row.verdict.why else ""
            yield Doubt(row.link.title, f"it may be a report and is not taken for one: {row.verdict.why}{hint}")


def _without(reports: list[Row], portal: Portal) -> Iterator[Doubt]:
    if nameless := [row.link.title for row in reports if row.verdict.agency is None]:
        where = "default_agency, or agency of the column, says whose they are"
        yield Doubt(nameless[0], f"{_counted(nameless)} without an agency; {where}")
    if undated := [row.link.title for row in reports if row.verdict.year is None]:
        yield Doubt(
            undated[0], f"{_counted(undated)} without a year; year of the column, or the report itself, says it"
        )


def _dates(reports: list[Row]) -> Iterator[Doubt]:
    late, differ = [], []
    for row in reports:
        listed, entered, year = row.link.listed_on, date_in_url(row.link.url), row.verdict.year
        if listed and year is not None and not year <= int(listed[:4]) <= year + _LATEST:
            late.append(f"{row.link.title} ({listed})")
        if listed and entered and _apart(listed, entered) > _FAR_APART:
            differ.append(f"{row.link.title} (list {listed}, address {entered})")
    if late:
        yield Doubt(late[0], f"{_counted(late)} listed years away from the reporting year: moved from an older site?")
    if differ:
        yield Doubt(differ[0], f"{_counted(differ)} with two dates; the list's date counts, compare it with a page")


def _apart(one: str, other: str) -> int:
    return abs((date.fromisoformat(one) - date.fromisoformat(other)).days)


def _twice(reports: list[Row]) -> Iterator[Doubt]:
    counts = Counter((row.verdict.agency, row.verdict.year, row.link.title) for row in reports)
    if again := [title for (agency, year, title), number in counts.items() if number > 1 and agency and year]:
        yield Doubt(again[0], f"{_counted(again)} listed under two addresses: a mirror, a copy for telephones?")


def _neighbours(rows: list[Row]) -> Iterator[Doubt]:
    kinds = Counter(row.verdict.kind for row in rows if row.leads and row.verdict.kind in KEPT_KINDS)
    for kind, number in kinds.items():
        yield Doubt(kind, f"{number} of this kind beside the reports: fetched and kept, not read as reports")


def _counted(titles: list[str]) -> str:
    return "1 report" if len(titles) == 1 else f"{len(titles)} reports"
