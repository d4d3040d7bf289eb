"""A trial kept as a test case: recorded/<id>/ beside config.toml, with the answers as a web archive and what was made
of them; and the comparison of a replay with it."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.portal import Portal
from monitor.config import DEFAULT_FILE, Config
from monitor.exports import Selection
from monitor.exports.warc import write_warc
from monitor.portals.dry_run import Asking, DryRun, dry_run
from monitor.portals.trial import Trial
from parsers.strict_toml import ConfigError

ANSWERS, EXPECTED = "answers.warc.gz", "expected.json"
_FORMAT = 1
_COLUMN = ("url", "outcome", "pages", "reports")
_REPORT = ("url", "title", "agency", "year", "listed_on", "column")
_DOCUMENT = ("url", "form", "year", "agency", "read", "total")


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
        partial.write_text(json.dumps(_facts(run.trial), ensure_ascii=False, indent=1) + "\n", "utf-8")
        partial.replace(folder / EXPECTED)
    except OSError as error:
        raise ConfigError([f"{folder}: cannot be written ({error.strerror}); check its permissions"]) from error
    return folder


def _facts(trial: Trial) -> dict[str, Any]:
    facts = json.loads(json.dumps(asdict(trial)))  # tuples as lists, as they are read back
    return {
        "format": _FORMAT,
        "portal": trial.portal,
        "recorded_at": trial.started_at,
        "pages": trial.pages,
        "outcome": trial.outcome,
        "columns": [{key: row[key] for key in _COLUMN} for row in facts["columns"]],
        "reports": [{key: row[key] for key in _REPORT} for row in facts["reports"]],
        "documents": [{key: row[key] for key in _DOCUMENT} for row in facts["documents"]],
        "visits": trial.visits,
    }


@dataclass(frozen=True, slots=True)
class TestCase:
    """A recorded trial. expected: what expected.json says."""

    __test__ = False  # no test of pytest's

    folder: Path
    expected: dict[str, Any]

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
            expected = json.loads(path.read_text("utf-8"))
            if expected["format"] != _FORMAT:
                raise ValueError(f"format {expected['format']}")
            if datetime.fromisoformat(expected["recorded_at"]).tzinfo is None:
                raise ValueError("recorded_at has no zone")
            rows = [
                row[key]
                for table, key in (("columns", "url"), ("reports", "url"), ("documents", "url"))
                for row in expected[table]
            ]
            dict(expected["visits"]), expected["pages"], expected["outcome"], rows
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError([f"{path}: is no test case that can be read ({error}); record it again"]) from error
        return cls(folder, expected)

    @property
    def recorded_at(self) -> str:
        """ISO."""
        return str(self.expected["recorded_at"])

    def differences(self, portal: Portal, config: Config, *, log_file: Path | None = None) -> list[str]:
        """Play the portal again out of its recorded answers; what is other than it was, in sentences."""
        asking = Asking(self.expected["pages"], datetime.fromisoformat(self.recorded_at), replay=self.folder / ANSWERS)
        with dry_run(portal, config, asking, [], log_file=log_file) as run:
            trial = run.trial
        found = differences(self.expected, _facts(trial))
        return found and [*found, *trial.sentences]


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What a replay shows otherwise than it was recorded; both as in expected.json."""
    said = []
    if before["outcome"] != now["outcome"]:
        said.append(f"the crawl was {before['outcome']}, and is {now['outcome']}")
    said += _rows("column", before["columns"], now["columns"], ("outcome", "pages", "reports"))
    said += _rows("report", before["reports"], now["reports"], ("title", "agency", "year", "listed_on"))
    said += _rows("document", before["documents"], now["documents"], ("form", "year", "agency", "read", "total"))
    for url, outcome in before["visits"].items():
        if (shown := now["visits"].get(url)) is not None and shown != outcome:
            said.append(f"{url}: was {outcome}, and is {shown}")
    missing = [url for url in now["visits"] if url not in before["visits"]]
    said += [f"{url}: is asked for now, and was not when it was recorded; record again" for url in missing]
    return said


def _rows(what: str, before: list[dict[str, Any]], now: list[dict[str, Any]], keys: tuple[str, ...]) -> list[str]:
    said = []
    found = {row["url"]: row for row in now}
    for row in before:
        shown = found.pop(row["url"], None)
        if shown is None:
            said.append(f"{what} {row['url']} {row.get('title') or ''}".rstrip() + " is not there any more")
            continue
        said += [
            f"{what} {row['url']}: {key} was {_said(row[key])}, and is {_said(shown[key])}"
            for key in keys
            if row[key] != shown[key]
        ]
    said += [f"{what} {url} {row.get('title') or ''}".rstrip() + " is new" for url, row in found.items()]
    return said


def _said(value: object) -> str:
    return "nothing" if value is None else str(value)
