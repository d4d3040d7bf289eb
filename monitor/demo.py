"""The demo: several virtual days of a pretend country's season, played with the real main job."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.portal import Portal, load_portals
from crawler.register.table import load_agencies
from crawler.sandbox.country import Country
from crawler.sandbox.faults import Truth
from crawler.sandbox.server import SandboxServer
from db.archive import Archive
from db.records import Agency, Finding
from monitor.config import Config, load_config
from monitor.job import Outcome, run_job
from monitor.judging.archive import standing_findings

MARK = ".nianbao-demo"
SHAPES: Sequence[tuple[str, str]] = (("trs", "plain"), ("jpage", "post"), ("ucap", "json"))
"""The software that the portals run on, one each; as many as the country has places, at most."""
FORMATS = ("html", "text")  # what needs no package that only tests have

_CONFIG = """\
# Made by `nianbao demo`; the portals that it names were served only while the demo ran.
archive = "nianbao.db"
portals = ["portals"]
register = "portals/agencies.csv"
"""


class DemoFolderError(Exception):
    """The folder holds something that is not the demo's."""


@dataclass(slots=True)
class Day:
    """One virtual day: the moment, what the job did, the findings that stood then, and those that it told first."""

    moment: datetime
    outcome: Outcome
    standing: list[Finding]

    @property
    def new(self) -> list[Finding]:
        return [
            finding
            for finding, event in self.outcome.judgement.events
            if event in ("found", "confirmed") and finding.told
        ]


@dataclass(slots=True)
class Score:
    """What was found, held against what the country knows of its faults.

    found: truths with the finding that names them. overlooked: truths without. invented: findings that are told and
    that no truth explains.
    """

    found: list[tuple[Truth, Finding]]
    overlooked: list[Truth]
    invented: list[Finding]


def prepare(folder: Path) -> None:
    """An empty folder for the demo; one of an earlier demo is emptied. Raises DemoFolderError for any other."""
    try:
        _prepare(folder)
    except OSError as error:
        raise DemoFolderError(
            f"{folder}: cannot be written ({error.strerror}); name another folder with --into"
        ) from error


def _prepare(folder: Path) -> None:
    if folder.exists():
        if not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).exists()):
            raise DemoFolderError(f"{folder}: holds something that is not the demo's; name another folder with --into")
        shutil.rmtree(folder)
    (folder / "portals").mkdir(parents=True)
    (folder / MARK).touch()
    (folder / "config.toml").write_text(_CONFIG, "utf-8")


def play(folder: Path, country: Country) -> Iterator[Day]:
    """Play the country's demo days into a prepared folder."""
    with SandboxServer(country, formats=FORMATS, shapes=SHAPES) as server:
        server.portal_tomls(folder / "portals")
        config = load_config(folder / "config.toml")
        portals = list(load_portals([folder / "portals"]).values())
        agencies = load_agencies(folder / "portals" / "agencies.csv")
        with Archive.open(config.archive) as archive:
            for moment in country.demo_days():
                server.now = moment
                outcome = _job(folder, archive, config, portals, agencies, moment)
                yield Day(moment, outcome, list(standing_findings(archive)))


def _job(
    folder: Path, archive: Archive, config: Config, portals: list[Portal], agencies: list[Agency], now: datetime
) -> Outcome:
    return run_job(archive, config.archive, config, portals, agencies, now=now, crawl_log=folder / "crawl.log")


def score(truths: list[Truth], findings: Iterable[Finding]) -> Score:
    """Hold the findings that stand against the truth. A finding about a row of columns covers each of them."""
    told = [finding for finding in findings if finding.told]
    found, overlooked, used = [], [], set()
    for truth in truths:
        match = next((f for f in told if _explains(truth, f)), None)
        if match is None:
            overlooked.append(truth)
        else:
            found.append((truth, match))
            used.add(match.fingerprint)
    return Score(found, overlooked, [f for f in told if f.fingerprint not in used])


def _explains(truth: Truth, finding: Finding) -> bool:
    same = (finding.rule, finding.agency_id, finding.year) == (truth.rule, truth.agency_id, truth.year)
    return same and (truth.figure is None or truth.figure == finding.figure or truth.figure in finding.figures)
