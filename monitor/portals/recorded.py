"""A trial kept as a test case: recorded/<id>/ beside config.toml, with the answers as a web archive and what was made
of them; and the comparison of a replay with it."""

import json
import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from crawler.portal import Portal
from db.collected.documents import sha256_of
from monitor.config import DEFAULT_FILE, Config
from monitor.exports import Selection
from monitor.exports.warc import write_warc
from monitor.portals.dry_run import Asking, DryRun, dry_run
from monitor.portals.trial import Trial
from parsers.strict_toml import ConfigError

_MOST_SHOWN = 3  # differences of a kind
_KIND = re.compile(
    r"(?:(?P<row>column|report|document) .* (?P<how>is not there any more|is new)"
    r"|(?P<of>column|report|document) \S+: (?P<key>\w+) was .*"
    r"|\S+: (?P<visit>was \w+, and is .*|is asked for now.*))",
    re.DOTALL,
)
ANSWERS, EXPECTED = "answers.warc.gz", "expected.json"


class _Row(BaseModel):
    """A line of expected.json: what is known of an address."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: str


class _Column(_Row):
    outcome: str
    pages: int
    reports: int


class _Report(_Row):
    title: str
    agency: str | None
    year: int | None
    listed_on: str | None
    column: str


class _Document(_Row):
    form: str | None
    year: int | None
    agency: str | None
    read: int
    total: int


class Case(BaseModel):
    """What expected.json holds. recorded_at: ISO with zone, the clock of the crawl. pages: the most reports that were
    opened, null for all. visits: address -> outcome. answers: SHA-256 of the web archive that belongs to it. The rows:
    see monitor/portals/trial.py."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal[1]
    portal: str
    recorded_at: str
    pages: int | None
    outcome: str
    columns: list[_Column]
    reports: list[_Report]
    documents: list[_Document]
    visits: dict[str, str]
    answers: str = ""


def folder_of(config: Config, portal: str) -> Path:
    """Where a portal's test case lies."""
    base = Path.cwd() if config.source == DEFAULT_FILE else config.source.resolve().parent
    return base / "recorded" / portal


def save(folder: Path, run: DryRun) -> Path:
    """Keep a trial as the portal's test case, in place of an earlier one; the folder. Raises ConfigError, ExportError.

    The answers come first, so that a case that was broken off has none of the expectations of another.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / EXPECTED).unlink(missing_ok=True)
        write_warc(run.archive, folder / ANSWERS, Selection(portal=run.trial.portal))
        partial = folder / f".{EXPECTED}.{os.getpid()}"
        case = case_of(run.trial).model_copy(update={"answers": sha256_of((folder / ANSWERS).read_bytes())})
        partial.write_text(json.dumps(case.model_dump(), ensure_ascii=False, indent=1) + "\n", "utf-8")
        partial.replace(folder / EXPECTED)
    except OSError as error:
        raise ConfigError([f"{folder}: cannot be written ({error.strerror}); check its permissions"]) from error
    return folder


def case_of(trial: Trial) -> Case:
    """What of a trial is compared with a replay."""
    return Case(
        format=1,
        portal=trial.portal,
        recorded_at=trial.started_at,
        pages=trial.pages,
        outcome=trial.outcome,
        columns=[_Column(url=c.url, outcome=c.outcome, pages=c.pages, reports=c.reports) for c in trial.columns],
        reports=[
            _Report(url=r.url, title=r.title, agency=r.agency, year=r.year, listed_on=r.listed_on, column=r.column)
            for r in trial.reports
        ],
        documents=[
            _Document(url=d.url, form=d.form, year=d.year, agency=d.agency, read=d.read, total=d.total)
            for d in trial.documents
        ],
        visits=trial.visits,
    )


@dataclass(frozen=True, slots=True)
class TestCase:
    """A recorded trial. expected: what expected.json says."""

    __test__ = False  # no test of pytest's

    folder: Path
    expected: Case

    @classmethod
    def of(cls, config: Config, portal: Portal) -> "TestCase":
        """The test case of a portal. Raises ConfigError if there is none, or none that can be read."""
        folder = folder_of(config, portal.id)
        path = folder / EXPECTED
        if not path.is_file() or not (folder / ANSWERS).is_file():
            raise ConfigError(
                [f"{folder}: there is no recorded test case; make one with `nianbao portal record {portal.id}`"]
            )
        try:
            expected = Case.model_validate_json(path.read_bytes())
            if datetime.fromisoformat(expected.recorded_at).tzinfo is None:
                raise ValueError("recorded_at has no zone")
            if sha256_of((folder / ANSWERS).read_bytes()) != expected.answers:
                raise ValueError(f"{ANSWERS} beside it is not the file that belongs to it")
        except (OSError, ValueError) as error:
            why = f"{error.error_count()} faults" if isinstance(error, ValidationError) else error
            raise ConfigError([f"{path}: is no test case that can be read ({why}); record it again"]) from error
        return cls(folder, expected)

    @property
    def recorded_at(self) -> str:
        """ISO."""
        return self.expected.recorded_at

    def differences(self, portal: Portal, config: Config, *, log_file: Path | None = None) -> list[str]:
        """Play the portal again out of its recorded answers; what is other than it was, in sentences."""
        asking = Asking(self.expected.pages, datetime.fromisoformat(self.recorded_at), replay=self.folder / ANSWERS)
        with dry_run(portal, config, asking, [], log_file=log_file) as run:
            trial = run.trial
        found = differences(self.expected, case_of(trial))
        return found and [*found, *trial.sentences]


def differences(before: Case, now: Case) -> list[str]:
    """What a replay shows otherwise than it was recorded."""
    said = []
    if before.outcome != now.outcome:
        said.append(f"the crawl was {before.outcome}, and is {now.outcome}")
    said += _rows("column", before.columns, now.columns, ("outcome", "pages", "reports"))
    said += _rows("report", before.reports, now.reports, ("title", "agency", "year", "listed_on"))
    said += _rows("document", before.documents, now.documents, ("form", "year", "agency", "read", "total"))
    for url, outcome in before.visits.items():
        if (shown := now.visits.get(url)) is None:
            said.append(f"{url}: was {outcome}, and is not asked for any more")
        elif shown != outcome:
            said.append(f"{url}: was {outcome}, and is {shown}")
    strange = [url for url in now.visits if url not in before.visits]
    return said + [f"{url}: is asked for now, and was not when it was recorded; record again" for url in strange]


def shortened(sentences: Sequence[str]) -> list[str]:
    """The differences for people: the first three of each kind, and how many more there are of it."""
    kinds: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for sentence in sentences:
        match = _KIND.fullmatch(sentence)
        kinds[match.groups() if match is not None else (sentence,)].append(sentence)
    said = []
    for alike in kinds.values():
        said += alike[:_MOST_SHOWN]
        if (more := len(alike) - _MOST_SHOWN) > 0:
            said.append(f"and {more} more of this kind; --json prints them all")
    return said


def _rows(what: str, before: Sequence[_Row], now: Sequence[_Row], keys: tuple[str, ...]) -> list[str]:
    said = []
    found = {row.url: row for row in now}
    for row in before:
        shown = found.pop(row.url, None)
        if shown is None:
            said.append(f"{_named(what, row)} is not there any more")
            continue
        said += [
            f"{what} {row.url}: {key} was {_said(getattr(row, key))}, and is {_said(getattr(shown, key))}"
            for key in keys
            if getattr(row, key) != getattr(shown, key)
        ]
    return said + [f"{_named(what, row)} is new" for row in found.values()]


def _named(what: str, row: _Row) -> str:
    return f"{what} {row.url} {row.title}" if isinstance(row, _Report) else f"{what} {row.url}"


def _said(value: object) -> str:
    return "nothing" if value is None else str(value)
