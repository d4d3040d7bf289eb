"""A crawl of one portal into an archive of its own, which is thrown away: what it lists, and what is read of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from crawler.platforms import Link, ListPage, load_platform
from crawler.portal import Column, Portal
from crawler.probing.doubts import doubts_of
from crawler.probing.needed import sentence, unfilled
from crawler.probing.reading import ReadColumn, Row, says_end
from crawler.probing.result import Doubt
from crawler.run import Stop, crawl_portal
from crawler.summary import CrawlSummary
from crawler.walk.column import ColumnResult
from crawler.walk.links import judge_link
from db.archive import Archive
from db.records import Address, Agency, ColumnRead
from monitor.config import Config
from monitor.crawling import ending_on_interrupt, portal_regions
from monitor.portals.checking import notes_on_lists
from monitor.portals.trial import Trial, TriedColumn, TriedDocument, TriedReport
from monitor.processes import in_processes
from monitor.reading import CRASHED, read_bytes
from monitor.whose import Whose, names_of
from parsers.errors import UnreadableDocument
from parsers.report import Report
from parsers.strict_toml import ConfigError

DEFAULT_PAGES = 5
"""Reports that are opened where nothing else is said."""

Progress = Callable[[dict[str, object]], None]


class Asking(NamedTuple):
    """How a portal is tried. pages: the most reports that are opened, None for all. now: a virtual time, for portals on
    this machine. replay: a recorded crawl that gives the answers, `now` is then its time."""

    pages: int | None = DEFAULT_PAGES
    now: datetime | None = None
    replay: Path | None = None
    any_hour: bool = False


class DryRun(NamedTuple):
    """A trial, and the archive of its crawl, which is gone with the `with` that it came from."""

    trial: Trial
    archive: Archive


@contextmanager
def dry_run(
    portal: Portal,
    config: Config,
    asking: Asking,
    agencies: list[Agency],
    *,
    log_file: Path | None = None,
    on_progress: Progress | None = None,
) -> Iterator[DryRun]:
    """Crawl a portal into a temporary archive, within which it may be looked at. SIGINT ends it, with SystemExit.

    agencies: of the register. log_file: where the crawl's log goes, else it is thrown away. A crawl that fails is a
    trial that says so. Raises ConfigError for a draft whose options nobody has filled in.
    """
    if left := unfilled(portal.options.model_dump(exclude_unset=True)):
        raise ConfigError([f"{portal.id}: {key} {sentence(value, portal.platform)}" for key, value in left.items()])
    with TemporaryDirectory(prefix="nianbao-portal-") as folder:
        path = Path(folder) / "trial.db"
        summary = _crawl(portal, config, asking, path, log_file or Path(folder) / "log", on_progress)
        with Archive.open(path) as archive:
            yield DryRun(_trial(portal, asking, summary, archive, agencies), archive)


def _crawl(
    portal: Portal, config: Config, asking: Asking, path: Path, log_file: Path, on_progress: Progress | None
) -> CrawlSummary:
    stop = Stop()
    if "delay_s" not in portal.model_fields_set and not portal.on_loopback:
        portal = portal.model_copy(update={"delay_s": config.crawl.delay_s})
    with ending_on_interrupt(stop, "ending; nothing was stored"):
        return crawl_portal(
            portal,
            path,
            contact=config.contact or None,
            now=asking.now,
            timeout_s=config.crawl.timeout_s,
            on_progress=on_progress,
            log_file=log_file,
            network=config.network,
            any_hour=asking.any_hour or asking.replay is not None,
            stop=stop,
            chromium=config.browser.executable,
            most_pages=asking.pages,
            replay=asking.replay,
        )


def _trial(portal: Portal, asking: Asking, summary: CrawlSummary, archive: Archive, agencies: list[Agency]) -> Trial:
    began = summary.started_at or (asking.now or datetime.now(UTC)).isoformat()
    trial = Trial(portal.id, began, summary.outcome, asking.pages, summary.requests)
    trial.least, trial.most = portal.expect.min, portal.expect.max
    trial.sentences, trial.knows_agencies = list(summary.errors), bool(agencies)
    region = portal_regions(agencies).get(portal.id)
    whose = Whose(names_of(agencies), {portal.id: region} if region else {}, {portal.id: portal.place or ""})
    reads = {read.column: read for read in archive.column_reads(portal.id)}
    known = archive.frontier.reports(portal.id)
    listed = []
    for column in portal.columns:
        tried, read = TriedColumn(column.url), reads.get(column.url)
        trial.columns.append(tried)
        if read is None:
            continue
        rows = list(_rows(read, portal, known))
        tried.outcome, tried.pages = read.outcome, read.pages
        tried.why = _why(column.url, read.outcome, summary.errors)
        tried.reports = sum(row.leads and row.verdict.is_report for row in rows)
        result = ColumnResult(column, read.outcome, tried.why, read.pages, tried.reports)
        page = _only_page(read, column, portal, archive)
        entries = max(len(rows), len(page.links) + len(page.unfollowed))
        listed.append(ReadColumn(result, rows, entries, says_end=read.pages > 1 or says_end(page)))
        trial.reports += [_report(row, column.url, portal.id, whose) for row in rows if _counts(row)]
    trial.doubts = [*doubts_of(listed, portal), *(Doubt(key, said) for key, said in notes_on_lists(portal))]
    trial.documents = list(_documents(archive))
    trial.visits = dict(archive.crawls.last_outcomes(portal.id))
    return trial


def _only_page(read: ColumnRead, column: Column, portal: Portal, archive: Archive) -> ListPage:
    """The only page of a list, read once more out of the archive: a read keeps no rows but those that may be reports,
    and not what the page says of its length. An empty one where there is none, or more than one."""
    look = archive.last_look(column.url) if read.pages == 1 else None
    if look is None:
        return ListPage()
    return load_platform(portal.platform).read_list(archive.get_document(look.sha256), None, column.url, portal, column)


def _rows(read: ColumnRead, portal: Portal, known: dict[str, Address]) -> Iterator[Row]:
    column = next(column for column in portal.columns if column.url == read.column)
    seen: set[str] = set()
    for link in read.links:
        if link.url in seen:
            continue
        seen.add(link.url)
        verdict = judge_link(
            link.title,
            link.url,
            portal,
            column_year=column.year,
            column_agency=column.agency,
            listed_on=link.listed_on,
        )
        if verdict.is_report and (address := known.get(link.url)) is not None:
            # A list inside the column (a year's, an agency's) may have said more.
            verdict = verdict._replace(agency=address.agency_hint or verdict.agency, year=address.year or verdict.year)
        yield Row(Link(link.url, link.title, link.listed_on), verdict, leads="#row-" not in link.url)


def _counts(row: Row) -> bool:
    return row.leads and row.verdict.is_report


def _report(row: Row, column: str, portal: str, whose: Whose) -> TriedReport:
    link, verdict = row.link, row.verdict
    agency_id = whose.id_of(verdict.agency, portal)
    return TriedReport(link.title, verdict.agency, agency_id, verdict.year, link.listed_on, link.url, column)


def _why(url: str, outcome: str, sentences: list[str]) -> str:
    """What a column's outcome rests on, out of the sentences of its crawl."""
    begin = f"{url}: {outcome}: "
    return next((said.removeprefix(begin) for said in sentences if said.startswith(begin)), "")


def _documents(archive: Archive) -> Iterator[TriedDocument]:
    waiting = archive.sightings_to_read("")
    data = (archive.get_document(sighting.sha256) for sighting in waiting)
    for sighting, outcome in zip(waiting, in_processes(read_bytes, data, _crashed), strict=True):
        tried = TriedDocument(sighting.url, sighting.title)
        if isinstance(outcome, Report):
            tried.form, tried.year, tried.agency = outcome.form, outcome.year, outcome.agency
            tried.total = len(outcome.figures)
            tried.read = sum(figure.value is not None for figure in outcome.figures.values())
        else:
            tried.error = str(outcome)
        yield tried


def _crashed(data: bytes) -> UnreadableDocument:
    return UnreadableDocument(CRASHED)
