"""A deployment that looks after itself: an archive, settings, portals, and looks at them as crawls leave them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.archive import Archive
from db.records import Agency, ColumnRead
from monitor.config import Config, load_config
from monitor.watch.selfwatch import look_after

# 20 February, noon in Beijing.
NOON = datetime(2026, 2, 20, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

SETTINGS = """\
archive = "a.db"
[telegram]
chats = [1]
public = ["@liuxi"]
maintainers = [7, 8]
language = "zh"
[schedule]
backup = ""
[watch]
disk_free_mb = 1
"""


@dataclass(frozen=True)
class Column:
    """A column of a portal."""

    url: str


@dataclass(frozen=True)
class Portal:
    """As far as a portal is looked after."""

    id: str
    name: str
    columns: tuple[Column, ...]


def portal(name: str, title: str = "", columns: int = 1) -> Portal:
    """A portal with so many columns."""
    return Portal(name, title or name, tuple(Column(f"https://{name}.example/{n}/") for n in range(columns)))


LIUXI, DONGPO = portal("liuxi", "柳溪县人民政府"), portal("dongpo", "东坡区人民政府")


@dataclass(slots=True)
class Place:
    """An archive with its settings and portals. now: of the last hour that was looked after."""

    archive: Archive
    config: Config
    portals: list[Portal]
    now: datetime = NOON
    _heard: set[int] = field(default_factory=set)

    def look(self, portal: Portal, at: datetime, outcome: str = "ok", said: str = "", *, bad: int = 0) -> None:
        """A look at a portal that ends at a moment. bad: of so many of its columns nothing was read."""
        self.archive.add_portal(portal.id, portal.name, "static_list")
        crawl = self.archive.crawls.begin(portal.id, at - timedelta(minutes=5))
        for number, column in enumerate(portal.columns):
            if outcome == "postponed":
                continue
            is_bad = outcome not in ("ok", "partial") or number < bad
            read = "blocked" if outcome == "blocked" else "failed" if is_bad else "ok"
            self.archive.add_column_read(ColumnRead(portal.id, column.url, at, read, 1))  # type: ignore[arg-type]
        summary = {"errors": [said] if said else []}
        self.archive.crawls.end(crawl, at, outcome=outcome, is_complete=outcome == "ok", summary=summary)

    def until(self, end: datetime, *, looks: dict[Portal, str] | None = None, every: timedelta = HOUR) -> list[str]:
        """Look after everything each hour until a moment, and look at each of `looks` daily at noon with its outcome;
        what was told meanwhile."""
        while self.now + every <= end:
            self.now += every
            for portal, outcome in (looks or {}).items():
                if self.now.hour == NOON.hour:
                    self.look(portal, self.now - timedelta(minutes=1), outcome, f"{portal.id}: connection refused")
            self.after()
        return self.told()

    def after(self) -> None:
        look_after(self.archive, self.config, self.now, self.portals)

    def rows(self) -> list[dict[str, Any]]:
        """The messages that were not asked for before."""
        numbers = [n for (n,) in self.archive.query("SELECT id FROM outbox ORDER BY id") if n not in self._heard]
        self._heard.update(numbers)
        return self.archive.outbox.rows(numbers)

    def told(self) -> list[str]:
        """The same: to whom, and the headline."""
        return [f"{row['subscriber']}: {row['text'].partition(chr(10))[0]}" for row in self.rows()]

    def kinds(self) -> list[tuple[str, str]]:
        """What is wrong."""
        return [(kept.kind, kept.subject) for kept in self.archive.troubles.standing() if kept.kind != "interrupted"]


@contextmanager
def place(folder: Path, *portals: Portal, settings: str = SETTINGS, now: datetime = NOON) -> Iterator[Place]:
    """A deployment with portals, which were read well an hour ago."""
    (folder / "config.toml").write_text(settings, "utf-8")
    config = load_config(folder / "config.toml")
    with Archive.open(config.archive) as archive:
        with archive.scratch() as connection:
            connection.execute("PRAGMA synchronous = OFF")  # the tests are of thousands of small writes
        archive.subscribers.sync("telegram", map(str, config.telegram.chats), map(str, config.telegram.public), now)
        made = Place(archive, config, list(portals), now)
        for one in portals:
            made.look(one, now - HOUR)
        made.after()
        yield made


def agency(number: int, region: str, portal: Portal | None, organ: str = "department") -> Agency:
    """An agency of the register."""
    return Agency(
        f"{region}:局{number}", f"第{number}局", region_code=region, organ=organ, portal=portal.id if portal else None
    )
