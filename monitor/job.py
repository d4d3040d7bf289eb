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
from monitor.channels import SendError
from monitor.channels.telegram import TelegramChannel
from monitor.clock import RealClock, VirtualClock
from monitor.config import Config
from monitor.crawling import Progress, crawl_portals, deployment_portals, known_columns
from monitor.evidence.daily import keep_daily
from monitor.first import first_crawls, mark_first, marked_first, unmark_first
from monitor.judging.archive import Judgement, Quiet, judge_archive
from monitor.pipeline import Reading, read_waiting
from monitor.telling.courier import Delivered, deliver
from monitor.telling.teller import sync_chats

OnRead = Callable[[int, int], None]


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


@dataclass(slots=True)
class Judged:
    """What reading and judging what is new came to. moment: as of which it was judged."""

    reading: Reading
    judgement: Judgement
    moment: datetime


def run_job(
    archive: Archive,
    archive_path: Path,
    config: Config,
    portals: list[Portal],
    agencies: list[Agency],
    *,
    now: datetime | None = None,
    on_crawl: Progress | None = None,
    on_read: OnRead | None = None,
    crawl_log: Path | None = None,
) -> Outcome:
    """Do all of it once. now: a virtual time, for portals on loopback only; else the real one.
    crawl_log: file for the log of the crawls, else standard error.
    """
    take_in(archive, config, portals, agencies)
    del agencies  # a country's are many, and the archive has them now
    mark_first(archive, portals, now or datetime.now(UTC))
    crawls = crawl_portals(portals, archive_path, config, now=now, on_progress=on_crawl, log_file=crawl_log)
    moment = _after(now, crawls) if now else datetime.now(UTC)
    judged = read_and_judge(archive, config, portals, moment, on_read=on_read)
    delivered = tell(archive, config, moment if now else None)
    unstamped = keep_daily(archive, config, moment)
    return Outcome(crawls, judged.reading, judged.judgement, delivered, unstamped, moment)


def take_in(archive: Archive, config: Config, portals: list[Portal], agencies: list[Agency]) -> None:
    """Let the archive know what the files of the deployment say: register, portals, local rules. Raises ConfigError."""
    local = local_rules_of(config)
    archive.import_agencies(agencies, whole=config.register is not None)
    for portal in portals:
        archive.add_portal(portal.id, portal.name, portal.platform)
    keep_almanac(archive, local)


def read_and_judge(
    archive: Archive, config: Config, portals: list[Portal], moment: datetime, *, on_read: OnRead | None = None
) -> Judged:
    """Read what is new and judge it: findings and their messages are written down. Crawls may go on meanwhile."""
    marked = marked_first(archive)
    unended = {portal for portal in marked if not archive.crawls.has_complete(portal)}
    unended |= first_crawls(archive, portals)
    places = {portal.id: portal.place for portal in portals if portal.place}
    reading = read_waiting(archive, regions=archive.portal_regions(), places=places, on_progress=on_read)
    quiet = _old_years(archive, marked | unended, season_of(moment))
    judgement = judge_archive(archive, config, known_columns(archive, portals), now=moment, quiet=quiet)
    unmark_first(archive, marked - unended)  # of which all was there to be judged
    return Judged(reading, judgement, moment)


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
    portals = deployment_portals(config)
    first = first_crawls(archive, portals) | marked_first(archive)
    quiet = _old_years(archive, {ADDED} | first, season_of(moment))
    columns = known_columns(archive, portals)
    return judge_archive(archive, config, columns, now=moment, quiet=quiet, touched_only=True)


def tell(archive: Archive, config: Config, moment: datetime | None) -> Delivered:
    """Send what waits, over the channels that are configured; without a token it goes on waiting. moment: a virtual
    time; else the real one."""
    sync_chats(archive, config, moment or datetime.now(UTC))  # before anything goes to a chat that is another by now
    try:
        telegram = TelegramChannel.from_config(config, os.environ)
    except SendError as error:
        return Delivered(failed=1, errors=[str(error)])
    clock = VirtualClock(moment) if moment else RealClock()
    return deliver(archive, [telegram] if telegram else [], clock)
