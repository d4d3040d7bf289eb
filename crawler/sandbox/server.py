"""The pretend portals on loopback, each on a port of its own, at a virtual time that the caller sets."""

import re
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.register.file import EMPTY, csv_line, row_of
from crawler.sandbox import failures, season
from crawler.sandbox.country import Country
from crawler.sandbox.failures import Condition, Edit, Trouble
from crawler.sandbox.folder import folder_site
from crawler.sandbox.plot import Spell
from crawler.sandbox.portal_files import portal_toml
from crawler.sandbox.portal_site import Listed, PortalSite, Publication
from crawler.sandbox.serving import ADDRESS, Asked, SiteServer
from crawler.sandbox.sites import PLAIN_SHAPES, country_sites

REGISTER_NAME = "agencies.csv"
SLOW_S = 20.0


class PortalServer:
    """Some sites, each on a port of 127.0.0.1. A context manager: serves inside, stopped and joined after.

    now: the virtual time, timezone-aware; set it to play another day. asked: every request that was answered.
    real_dates: the header Date says the real time, for those who ask without playing another day; else the virtual
    one. first_port: of the first site, the others follow; 0: whatever is free. Entering raises OSError if a port is
    taken.
    """

    def __init__(self, sites: Sequence[PortalSite], now: datetime, *, first_port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.real_dates = False
        self._conditions = {site.id: Condition(site) for site in sites}
        self._plot: tuple[Spell, ...] = ()
        self._under_way: dict[int, Trouble | Edit] = {}  # number of the spell in the plot -> what was made of it
        self.now = now
        self._first_port = first_port
        self._servers: dict[str, SiteServer] = {}
        self._threads: list[threading.Thread] = []

    @property
    def now(self) -> datetime:
        return self._now

    @now.setter
    def now(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("the virtual time needs a time zone; use UTC")
        self._now = moment.astimezone(UTC)
        self._follow()

    def follow(self, spells: Sequence[Spell]) -> None:
        """From now on these failures begin and end as the virtual time goes. Raises KeyError for a portal, ValueError
        for a report that there is not."""
        if self._plot:
            raise RuntimeError("the server follows a plot already")
        self._plot = tuple(spells)
        self._follow()

    def _follow(self) -> None:
        for number, spell in enumerate(self._plot):
            condition = self._condition(spell.portal)
            if spell.lasts(self._now) and number not in self._under_way:
                self._under_way[number] = failures.begin(condition, spell)
            elif number in self._under_way and not spell.lasts(self._now):
                condition.end(self._under_way.pop(number))

    @property
    def sites(self) -> list[PortalSite]:
        """The portals as they are now."""
        return [condition.site for condition in self._conditions.values()]

    def site(self, portal: str) -> PortalSite:
        """A portal as it is now. Raises KeyError with those that there are."""
        return self._condition(portal).site

    def truth(self, portal: str) -> list[Listed]:
        """The reports that a read of the portal's columns must list now: all, no other, none twice."""
        return self.site(portal).truth(self.now)

    def fail(
        self,
        portal: str,
        failure: str,
        *,
        path: str | re.Pattern[str] | None = None,
        times: int | None = None,
        retry_after: int | None = None,
        wait_s: float = SLOW_S,
        title: bool = False,
        to: tuple[str, str] | None = None,
    ) -> list[Publication]:
        """From now on a portal fails, until `recover`. Failures add up; of two that meet the earlier one counts.

        Of answers, those at addresses with the pattern `path` (decoded, with query; by default all), the next `times`:
        "412" (a guard's script), "429" and "503" (Retry-After: `retry_after` seconds; 429 has 1 by default), "drop"
        (closed without an answer), "slow" (answered after `wait_s` seconds, or when the portal recovers; closed when
        the server stops), "truncated" (half of the body that Content-Length announces).

        Of content, the publications with `path` in address or title (by default the newest report), which are
        returned: "changed" (another figure; `title`: another title), "withdrawn" (gone from list and address);
        and "redesigned": all of them under another shape, old addresses gone (`to`: which one).

        Raises KeyError for a portal, ValueError for anything else that there is not.
        """
        condition, known = self._condition(portal), failures.known_failure(failure)
        wanted = failures.pattern(path)
        if (times is not None and times < 1) or (retry_after is not None and retry_after < 0) or wait_s < 0:
            raise ValueError("times must be 1 or more, retry_after and wait_s 0 or more seconds")
        if known in failures.ANSWERS:
            if known == "429" and retry_after is None:
                retry_after = 1
            condition.add(Trouble(known, wanted, times, retry_after, wait_s))
            return []
        if times is not None:
            raise ValueError(f"{known} lasts until the portal recovers; leave out times")
        if known == "redesigned":
            condition.edit(known, failures.redesign(condition.site, to))
            return []
        hit = failures.concerned(condition.site, wanted, self.now)
        condition.edit(known, failures.withdraw(hit) if known == "withdrawn" else failures.change(hit, title=title))
        return hit

    def recover(self, portal: str, *only: str) -> None:
        """The portal is as before; only: these failures end, the others go on."""
        self._condition(portal).recover([failures.known_failure(failure) for failure in only])

    def host(self, portal: str) -> str:
        """127.0.0.1:<port> of a portal that is being served."""
        self._condition(portal)
        if portal not in self._servers:
            raise RuntimeError("the sandbox is not serving; use it in a with statement")
        return f"{ADDRESS}:{self._servers[portal].server_address[1]}"

    def origin(self, portal: str) -> str:
        """http://127.0.0.1:<port> of a portal that is being served."""
        return f"http://{self.host(portal)}"

    def column_url(self, portal: str) -> str:
        """The portal's first column, as a maintainer copies it from the browser."""
        return self.origin(portal) + self.site(portal).column_paths[0]

    def portal_tomls(self, folder: Path) -> list[Path]:
        """Write the right portal file for each site into an existing folder; the paths. Only while serving."""
        written = []
        for site in self.sites:
            path = folder / f"{site.id}.toml"
            path.write_text(portal_toml(site, self.host(site.id)), "utf-8")
            written.append(path)
        return written

    def __enter__(self) -> Self:
        try:
            for number, (portal, condition) in enumerate(self._conditions.items()):
                port = self._first_port + number if self._first_port else 0
                self._servers[portal] = SiteServer(self, condition, port, etags=number % 2 == 0)
        except OSError:
            self._close()
            raise
        for portal, server in self._servers.items():
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=portal)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.stopping.set()
        for condition in self._conditions.values():
            condition.release()
        for server in self._servers.values():
            server.shutdown()
        self._close()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _close(self) -> None:
        for server in self._servers.values():
            server.server_close()
        self._servers.clear()

    def _condition(self, portal: str) -> Condition:
        if portal not in self._conditions:
            raise KeyError(f"no portal {portal!r}; there are {', '.join(self._conditions)}")
        return self._conditions[portal]


class SandboxServer(PortalServer):
    """All portals of a country. now: by default the first of the country's demo days.

    shapes, formats, seed: see sites.country_sites.
    """

    def __init__(
        self,
        country: Country,
        now: datetime | None = None,
        *,
        formats: Sequence[str] = ("html",),
        shapes: Sequence[tuple[str, str]] = PLAIN_SHAPES,
        seed: int | None = None,
        first_port: int = 0,
    ) -> None:
        sites = country_sites(country, formats, shapes=shapes, seed=seed)
        super().__init__(sites, now or country.demo_days()[0], first_port=first_port)
        self.country = country

    def portal_tomls(self, folder: Path) -> list[Path]:
        """Write the portal files and the register of agencies (agencies.csv) into an existing folder; all paths."""
        return [*super().portal_tomls(folder), write_register(self.country, folder / REGISTER_NAME)]


class FolderPortal(PortalServer):
    """Given files as one portal: (title, bytes, media) with media html, pdf, docx, xlsx or text.

    HTML is served as the page itself, anything else as the attachment of a short page. listed_on: the date beside
    every entry; now: by default noon of that day.
    """

    def __init__(
        self,
        files: Sequence[tuple[str, bytes, str]],
        *,
        listed_on: date = date(2024, 1, 31),
        now: datetime | None = None,
        id: str = "folder",
        name: str = "文件夹门户",
    ) -> None:
        super().__init__(
            [folder_site(files, listed_on=listed_on, id=id, name=name)], now or season.at_beijing(listed_on, 12)
        )


def write_register(country: Country, path: Path) -> Path:
    """The register of a country's agencies as CSV; the path."""
    lines = [csv_line(row_of(asdict(agency))) for agency in country.agencies]
    path.write_text(EMPTY + "".join(line + "\n" for line in lines), "utf-8", newline="")
    return path
