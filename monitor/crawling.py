"""Crawling the deployment's portals, each in a process of its own."""

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from crawler import run
from crawler.portal import Portal, load_portals
from crawler.run import Stop, crawl_portal
from crawler.summary import CrawlSummary
from db.archive import Archive
from db.records import Agency, agency_key
from monitor.config import DEFAULT_FILE, Config
from monitor.judging.absence import Column
from monitor.judging.portal_reads import PortalColumns
from monitor.whose import names_of
from parsers.names import Names
from parsers.strict_toml import ConfigError

Progress = Callable[[str, dict[str, object]], None]

INTERRUPTED = 130  # exit status, as shells expect it
ENDING = "ending; what was kept stays, and the same command goes on from there"


def deployment_portals(config: Config, only: Iterable[str] = ()) -> list[Portal]:
    """The portals of the deployment's folders, or those of them that are named. Raises ConfigError."""
    known = load_portals(config.portals)
    wanted = list(only)
    if unknown := [name for name in wanted if name not in known]:
        names = ", ".join(sorted(known))
        if not known:
            # The folder that the settings name, before the package's; else the one that would be looked in.
            base = Path.cwd() if config.source == DEFAULT_FILE else config.source.resolve().parent
            folder = config.portals[0] if len(config.portals) > 1 else base / "portals"
            say = (
                f"there is no portal file yet; put {unknown[0]}.toml into {folder} (docs/example-portal.toml shows one)"
            )
            raise ConfigError([f"there is no portal {unknown[0]!r}: {say}"])
        raise ConfigError([f"there is no portal {name!r}; known are {names}" for name in unknown])
    return [known[name] for name in wanted] if wanted else list(known.values())


def crawl_portals(
    portals: Iterable[Portal],
    archive_path: Path,
    config: Config,
    *,
    now: datetime | None,
    any_hour: bool = False,
    again: bool = False,
    on_progress: Progress | None = None,
    log_file: Path | None = None,
) -> list[CrawlSummary]:
    """Crawl portals into the archive, some side by side, each in a process of its own and one request at a time.

    A crawl that fails is a summary that says so. on_progress is called from several threads. any_hour: the portals'
    hours are set aside. again: every known page is visited, due or not.
    log_file: where the crawls' logs go, else to standard error. SIGINT ends them (see ending_on_interrupt).
    """
    stop = Stop()

    def crawl(portal: Portal) -> CrawlSummary:
        return crawl_one(
            portal,
            archive_path,
            config,
            now=now,
            any_hour=any_hour,
            again=again,
            on_progress=partial(on_progress, portal.id) if on_progress else None,
            log_file=log_file,
            stop=stop,
        )

    with ending_on_interrupt(stop), ThreadPoolExecutor(config.crawl.at_once) as pool:
        return list(pool.map(crawl, portals))


def crawl_one(
    portal: Portal,
    archive_path: Path,
    config: Config,
    *,
    now: datetime | None,
    any_hour: bool = False,
    again: bool = False,
    on_progress: run.Progress | None = None,
    log_file: Path | None = None,
    memory_mb: float | None = None,
    stop: Stop | None = None,
) -> CrawlSummary:
    """Crawl one portal as the settings have it; blocks until its process has ended. See crawler.run.crawl_portal."""
    if "delay_s" not in portal.model_fields_set and not portal.on_loopback:
        portal = portal.model_copy(update={"delay_s": config.crawl.delay_s})
    return crawl_portal(
        portal,
        archive_path,
        contact=config.contact or None,
        now=now,
        timeout_s=config.crawl.timeout_s,
        on_progress=on_progress,
        log_file=log_file,
        network=config.network,
        any_hour=any_hour,
        again=again,
        revisit=config.crawl.revisit.pace(),
        chromium=config.browser.executable,
        stop=stop,
        memory_mb=memory_mb,
    )


@contextmanager
def ending_on_interrupt(stop: Stop, said: str = ENDING) -> Iterator[None]:
    """Within it SIGINT, however often, raises nothing: the first says so in one line and ends the crawls. Once they
    have ended, SystemExit with INTERRUPTED. In threads other than the main one, which get no signals, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: object) -> None:
        if not stop.is_set:
            stop.set()
            print(f"nianbao: {said}", file=sys.stderr, flush=True)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        if not stop.is_set:
            signal.signal(signal.SIGINT, before)
    if stop.is_set:
        # Still without effect: somebody who presses it again must not tear the way out.
        raise SystemExit(INTERRUPTED)


def portal_columns(portals: Iterable[Portal], agencies: Iterable[Agency]) -> list[PortalColumns]:
    """The portals' columns as the absence rule wants them; an agency that a column is kept for by its id."""
    agencies = list(agencies)
    return _columns(portals, portal_regions(agencies), lambda: names_of(agencies))


def known_columns(archive: Archive, portals: Iterable[Portal]) -> list[PortalColumns]:
    """The same by the register of an archive, which is gone through only where a column is kept for an agency."""
    return _columns(portals, archive.portal_regions(), lambda: names_of(archive.agencies()))


def _columns(
    portals: Iterable[Portal], regions: Mapping[str, str], names_of_register: Callable[[], Names]
) -> list[PortalColumns]:
    known = cache(names_of_register)

    def key(agency: str | None, region: str | None) -> str | None:
        # A list of one agency whose name is not known is nobody else's list.
        return (known().resolve(agency, within=region) or agency_key(None, agency)) if agency else None

    result = []
    for portal in portals:
        region = regions.get(portal.id)
        columns = tuple(Column(c.url, portal.name, c.year, key(c.agency, region)) for c in portal.columns)
        result.append(PortalColumns(portal.id, columns, region, portal.place or ""))
    return result


def portal_regions(agencies: Iterable[Agency]) -> dict[str, str]:
    """Portal -> the code of the region in which all its agencies lie."""
    codes: dict[str, set[str]] = {}
    for agency in agencies:
        if agency.portal and agency.region_code:
            codes.setdefault(agency.portal, set()).add(agency.region_code)
    return {portal: next(iter(found)) for portal, found in codes.items() if len(found) == 1}
