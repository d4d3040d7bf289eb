"""The main job: crawl, read, judge, tell. Every step can be killed and run again."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.portal import Portal
from crawler.summary import CrawlSummary
from db.archive import Archive
from db.records import ADDED, Agency
from monitor.almanac import keep_almanac, local_rules_of
from monitor.calendar import season_of
from monitor.channels.telegram import TelegramChannel
from monitor.config import Config
from monitor.crawling import Progress, crawl_portals, deployment_portals, first_crawls, known_columns
from monitor.evidence.daily import keep_daily
from monitor.judging.archive import Judgement, Quiet, judge_archive
from monitor.pipeline import Reading, read_waiting
from monitor.telling.courier import Delivered, deliver


@dataclass(slots=True)
class Outcome:
    """What one run of the job came to."""

    crawls: list[CrawlSummary]
    reading: Reading
    judgement: Judgement
    delivered: Delivered
    unstamped: list[str]  # sentences about manifests that could not be stamped
    moment: datetime  # as of which it was judged

    @property
    def failed(self) -> bool:
        """Whether something could not be done: a crawl, a message, a time stamp, reading a document that is lost."""
        lacking = self.unstamped or self.reading.lost
        return not all(summary.is_fine for summary in self.crawls) or self.delivered.failed > 0 or bool(lacking)


def run_job(
    archive: Archive,
    archive_path: Path,
    config: Config,
    portals: list[Portal],
    agencies: list[Agency],
    *,
    now: datetime | None = None,
    on_crawl: Progress | None = None,
    on_read: Callable[[int, int], None] | None = None,
    crawl_log: Path | None = None,
) -> Outcome:
    """Do all of it once. now: a virtual time, for portals on loopback only; else the real one.
    crawl_log: file for the log of the crawls, else standard error.
    """
    local = local_rules_of(config)
    archive.import_agencies(agencies, whole=config.register is not None)
    del agencies  # a country's are many, and the archive has them now
    for portal in portals:
        archive.add_portal(portal.id, portal.name, portal.platform)
    keep_almanac(archive, local)
    first = first_crawls(archive, portals)
    crawls = crawl_portals(portals, archive_path, config, now=now, on_progress=on_crawl, log_file=crawl_log)
    moment = _after(now, crawls) if now else datetime.now(UTC)
    places = {portal.id: portal.place for portal in portals if portal.place}
    reading = read_waiting(archive, regions=archive.portal_regions(), places=places, on_progress=on_read)
    columns = known_columns(archive, portals)
    judgement = judge_archive(archive, config, columns, now=moment, quiet=_old_years(archive, first, season_of(moment)))
    delivered = tell(archive, config, moment)
    return Outcome(crawls, reading, judgement, delivered, keep_daily(archive, config, moment), moment)


def _after(now: datetime, crawls: list[CrawlSummary]) -> datetime:
    """A virtual time, once it has gone on as long as the crawls took: what they saw is not of the future."""
    ended = (datetime.fromisoformat(crawl.ended_at) for crawl in crawls if crawl.ended_at)
    return max([now, *ended])


def _old_years(archive: Archive, portals: set[str], season: int) -> Quiet:
    """Tells what a portal's first crawl brought of years before this season's."""

    def is_old(agency: str, year: int) -> bool:
        return year < season and archive.holdings.has(agency, year, portals)

    return is_old


def judge_added(archive: Archive, config: Config, moment: datetime) -> Judgement:
    """Judge after files were added, corrected or read again by hand, and no more than hangs on them: findings are
    written down, and told with the next run; those of years before this season's are recorded only, as with a portal's
    first crawl."""
    keep_almanac(archive, local_rules_of(config))
    portals = known_columns(archive, deployment_portals(config))
    quiet = _old_years(archive, {ADDED}, season_of(moment))
    return judge_archive(archive, config, portals, now=moment, quiet=quiet, touched_only=True)


def tell(archive: Archive, config: Config, moment: datetime) -> Delivered:
    """Send what waits, over the channels that are configured; without a token it goes on waiting."""
    telegram = TelegramChannel.from_environment(config.telegram, os.environ)
    return deliver(archive, [telegram] if telegram else [], lambda: moment)
