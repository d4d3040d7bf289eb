"""Five years of seasons, played forward: portals are crawled, documents read by the real readers, the archive judged as
`nianbao run` judges it; what was told is written down as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

from db.archive import Archive
from db.records import Finding
from monitor.almanac import keep_almanac
from monitor.config import load_config
from monitor.crawling import portal_columns, portal_regions
from monitor.judging.archive import judge_archive
from monitor.pipeline import read_waiting
from tests.bench.judge.country import FIRST, LAST
from tests.bench.judge.crawl import Crawler
from tests.bench.judge.days import crawls_of, judged_at
from tests.bench.judge.make import World

_LEARNS_AFTER = timedelta(days=9)  # that a portal was rebuilt: so long its file has the old addresses
_TELLING = ("found", "confirmed", "released")  # events by which a finding is told


@dataclass(slots=True)
class Played:
    """told: each finding as it was told first, by fingerprint, with the moment. shown: those that were only shown.
    held: those that were held back, many of a kind having come at once. reports, visits, unread: how many there were.
    seconds: what each part took, by name."""

    told: dict[str, tuple[Finding, datetime]] = field(default_factory=dict)
    shown: dict[str, tuple[Finding, datetime]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    reports: int = 0
    visits: int = 0
    unread: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def play(world: World, folder: Path, say: Callable[[str], None] = lambda said: None, *, few: bool = False) -> Played:
    """Play all seasons into a new archive in a folder. few: with fewer crawls and judgements."""
    played = Played()
    (folder / "config.toml").touch()
    config = load_config(folder / "config.toml")
    country, timing = world.country, _Timing(played.seconds)
    places = {site.id: site.place.name for site in country.sites.values()}
    regions = portal_regions(country.agencies)
    with _unsynced(), Archive.open(folder / "nianbao.db") as archive:
        archive.import_agencies(country.agencies, whole=True)
        for site in country.sites.values():
            archive.add_portal(site.id, site.file(site.crawled_from).name, "static_list")
        keep_almanac(archive)
        crawlers = {site.id: Crawler(archive, site, world.boards[site.id]) for site in country.sites.values()}
        for year in range(FIRST, LAST + 1):
            moments = [(at, "crawl") for at in crawls_of(year, few=few)]
            moments = sorted(moments + [(at, "judge") for at in judged_at(year, few=few)])
            for now, what in moments:
                watched = [site for site in country.sites.values() if site.crawled_from <= now]
                files = {s.id: s.file(now - _LEARNS_AFTER if s.rebuilt_at else now) for s in watched}
                if what == "crawl":
                    with timing("crawling"):
                        for site in watched:
                            crawlers[site.id].crawl(now, files[site.id])
                    continue
                with timing("reading"):
                    reading = read_waiting(archive, regions=regions, places=places)
                played.unread += len(reading.unread)
                with timing("judging"):
                    columns = portal_columns(files.values(), country.agencies)
                    judgement = judge_archive(archive, config, columns, now=now)
                for finding, event in judgement.events:
                    if event in _TELLING and finding.told:
                        played.told.setdefault(finding.fingerprint, (finding, now))
                    elif event == "held":
                        played.held.add(finding.fingerprint)
                    elif event in _TELLING:
                        played.shown.setdefault(finding.fingerprint, (finding, now))
            say(f"season {year}: {timing.told()}")
        ((played.reports,),) = archive.query("SELECT count(*) FROM latest_reports")
        ((played.visits,),) = archive.query("SELECT count(*) FROM visits")
    return played


@contextmanager
def _unsynced() -> Iterator[None]:
    """Within it nothing waits for the disk: what is written here need not survive a power cut."""
    with patch("os.fsync"):
        yield


class _Timing:
    """Adds up what parts of a run take."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._name = ""
        self._begun = 0.0

    def __call__(self, name: str) -> "_Timing":
        self._name = name
        return self

    def __enter__(self) -> None:
        self._begun = perf_counter()

    def __exit__(self, *error: object) -> None:
        self._seconds[self._name] = self._seconds.get(self._name, 0.0) + perf_counter() - self._begun

    def told(self) -> str:
        return ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self._seconds.items())
