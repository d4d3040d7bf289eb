"""The stage of a season: the portals of the country, a fake Bot API with faults, the watch in a process of its own."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.sandbox.country import Country
from crawler.sandbox.plot import OUTAGES, TURNS, Outage, Plot, Turn, season_plot
from crawler.sandbox.portal_files import portal_toml
from crawler.sandbox.season import at_beijing
from crawler.sandbox.server import SandboxServer
from crawler.sandbox.sites import country_sites
from tests.bot_api import FakeBotApi, Fault, Sent, drop_after, drop_before, malformed, refused, too_many
from tests.season.cast import ADMINISTRATOR, MAINTAINERS, Cast, Word

SHAPES = (
    ("trs", "plain"),
    ("jpage", "post"),
    ("ucap", "json"),
    ("static_list", "table"),
    ("gkmlpt", ""),
    ("longxun", ""),
)
FORMATS = ("html", "text")

_CONFIG = """\
archive = "nianbao.db"
portals = ["portals"]
register = "portals/agencies.csv"

[telegram]
chats = {chats}
public = {public}
maintainers = [{maintainers}]
administrators = [{administrator}]
base_url = "{base_url}"

[watch]
disk_free_mb = 1
"""
_WAIT_S = 60.0  # for what people say to be heard, real seconds


def season_of(country: Country, *, turns: Sequence[Turn] = TURNS, outages: Sequence[Outage] = OUTAGES) -> Plot:
    """The plot of a country, without the agencies that anything else in their column names: the name of one that stands
    beside 年度报告 in a list keeps it from being called withdrawn."""
    sites = country_sites(country, FORMATS, shapes=SHAPES[: len(country.places)])
    titles = [item.title for site in sites for item in site.publications if item.kind != "report"]
    named = {agency.id for agency in country.agencies if any(agency.name in title for title in titles)}
    return season_plot(country, turns=turns, outages=outages, spare=named)


@dataclass(frozen=True, slots=True)
class Season:
    """What is played: the days, who listens, what the settings say besides. faults: whether the Bot API has any."""

    plot: Plot
    cast: Cast
    first: date
    last: date
    settings: str = ""
    faults: bool = True
    kill_after_s: tuple[float, float] = (0.0, 0.0)

    @property
    def begin(self) -> datetime:
        return at_beijing(self.first, 0)

    @property
    def end(self) -> datetime:
        return at_beijing(self.last + timedelta(days=1), 0)


@dataclass
class Stage:
    """A context manager: serves inside. sent: all that chats received, each with the moment. moments: how many there
    were. killed: the moments at which the watch was killed."""

    season: Season
    folder: Path
    sent: list[tuple[datetime, Sent]] = field(default_factory=list)
    moments: int = 0
    killed: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        plot = self.season.plot
        self.now = self.season.begin
        shapes = SHAPES[: len(plot.country.places)]
        self.server = SandboxServer(plot.country, self.now, formats=FORMATS, shapes=shapes)
        self.server.follow(plot.spells)
        self.api = FakeBotApi()
        self._chance = random.Random(f"{plot.country.seed}:stage")
        self._child: subprocess.Popen[str] | None = None
        self._kills = list(self.season.cast.kills)

    def __enter__(self) -> Self:
        portals = self.folder / "portals"
        portals.mkdir(parents=True)
        self.server.__enter__()
        self.api.__enter__()
        self.api.script = self._fault
        self.server.portal_tomls(portals)
        chats = [int(chat.id) for chat in self.season.cast.chats if chat.audience == "desk"]
        public = [chat.id for chat in self.season.cast.chats if chat.audience == "public"]
        config = _CONFIG.format(
            chats=json.dumps(chats),
            public=json.dumps(public),
            maintainers=MAINTAINERS,
            administrator=ADMINISTRATOR,
            base_url=self.api.base_url,
        )
        (self.folder / "config.toml").write_text(config + self.season.settings, "utf-8")
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self.api.__exit__(kind, error, trace)
        self.server.__exit__(kind, error, trace)

    # What is done with the watch

    def play(self, until: datetime) -> None:
        """Go on to a time."""
        while True:
            self._order({"do": "play", "until": until.isoformat()})
            if self._follow():
                break
        self._drain()
        self.now = self.server.now = until

    def say(self, words: Sequence[Word]) -> None:
        """People say this, in this order, and the bot answers."""
        self._order({"do": "listen"})
        self._answer("listening")
        for word in words:
            user = None if word.chat.isdigit() else ADMINISTRATOR
            self.api.say(word.chat, word.text, user=user)
            self._until_heard()
        self._order({})
        self._answer("done")
        self._drain()

    def release(self, rule: str, agency_id: str) -> None:
        """A person releases what stands of a rule about an agency."""
        self._order({"do": "release", "rule": rule, "agency_id": agency_id})
        self._answer("done")

    def repair(self, portal: str) -> None:
        """The maintainer writes the portal's file anew, as the portal is now."""
        path = self.folder / "portals" / f"{portal}.toml"
        path.write_text(portal_toml(self.server.site(portal), self.server.host(portal)), "utf-8")

    # The process

    def _start(self) -> None:
        arguments = [str(self.folder / "config.toml"), self.now.isoformat()]
        with (self.folder / "player.log").open("a") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "tests.season.player", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=Path(__file__).parents[2],
            )

    def _end(self, *, kill: bool = False) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if kill:
            child.kill()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _order(self, order: dict[str, str]) -> None:
        if self._child is None or self._child.stdin is None:
            raise RuntimeError("the stage is not open")
        self._child.stdin.write(json.dumps(order) + "\n")
        self._child.stdin.flush()

    def _read(self) -> dict[str, str]:
        if self._child is None or self._child.stdout is None:
            raise RuntimeError("the stage is not open")
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"the watch has ended by itself; see {self.folder / 'player.log'}")
        answer: dict[str, str] = json.loads(line)
        return answer

    def _answer(self, name: str) -> None:
        answer = self._read()
        if name not in answer:
            raise RuntimeError(f"the watch said {answer}, not {name}")

    def _follow(self) -> bool:
        """Go with the watch from moment to moment; False where it was killed on the way."""
        while "moment" in (answer := self._read()):
            self._drain()
            self.now = self.server.now = datetime.fromisoformat(answer["moment"])
            self.moments += 1
            self._order({})
            if self._kills and self.now >= self._kills[0]:
                self._kills.pop(0)
                time.sleep(self._chance.uniform(*self.season.kill_after_s))
                self._end(kill=True)
                self.killed.append(self.now)
                self._start()
                return False
        return True

    def _drain(self) -> None:
        """What was sent since belongs to the moment that is over."""
        self.sent += [(self.now, one) for one in self.api.sent[len(self.sent) :]]

    def _until_heard(self) -> None:
        end = time.monotonic() + _WAIT_S
        while self.api.updates:
            if time.monotonic() > end:
                raise RuntimeError("the bot does not listen")
            time.sleep(0.005)

    # What goes wrong with the Bot API

    def _fault(self, method: str, chat: str, number: int) -> Fault | None:
        if method not in ("sendMessage", "sendDocument"):
            return None
        for one in self.season.cast.chats:
            if one.id == chat and one.gone_at is not None and self.now >= one.gone_at:
                return refused(403, "Forbidden: bot was kicked from the group chat")
            if one.id == chat and one.moved is not None and self.now >= one.moved[0]:
                to = int(one.moved[1])
                return refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=to)
        if not self.season.faults:
            return None
        if number % 11 == 3:
            return too_many(self._chance.randint(1, 90))
        if number % 17 == 5:
            return drop_before()
        if number % 23 == 7:
            return drop_after()
        if number % 29 == 9:
            return refused(502, "Bad Gateway")
        return malformed() if number % 31 == 11 else None
