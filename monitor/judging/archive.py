"""Judging an archive: what has changed since it was judged last, and everything where the rules have.

Killed at any instant and run again, the rest is judged, and nothing is told twice: findings, their messages and what
says that they were judged are written together.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import islice
from typing import TypeVar

from db.archive import Archive
from db.finding_state import FOUND, GONE
from db.judging.judging import RULES, Key, Marked, Standing
from db.records import Finding, Message
from monitor.calendar import season_of
from monitor.config import Config, Thresholds
from monitor.judging.portal_reads import PortalColumns
from monitor.judging.reports import ArchiveJudge, JudgedReport
from monitor.judging.seasons import SeasonBatch, Seasons
from monitor.life.guard import MassGuard
from monitor.rules import RULES_VERSION, judge_season, report_rules, rules, season_rules
from monitor.spool import Spool
from monitor.telling.teller import Teller
from parsers.form import Form

Item = TypeVar("Item")
Quiet = Callable[[str, int], bool]

_AGENCIES_AT_ONCE = 20  # whose reports are judged in one transaction: others wait for it
_MOVED_AT_ONCE = 200


@dataclass(slots=True)
class Judgement:
    """standing: what stands on record when all is judged. events: what this judgement made happen (found, gone, …), in
    the order in which it was judged; there may be many. reports: how many were judged."""

    standing: Standing = field(default_factory=lambda: Standing(0, 0))
    events: Spool[tuple[Finding, str]] = field(default_factory=Spool)
    reports: int = 0


def judge_archive(
    archive: Archive,
    config: Config,
    portals: Iterable[PortalColumns],
    *,
    now: datetime,
    quiet: Quiet | None = None,
    touched_only: bool = False,
) -> Judgement:
    """Judge what has changed since it was judged last, and write down findings and messages.

    Reports: those that are marked; all of them where the rules, their thresholds or the forms are others. What was seen
    of them, and when: all that has changed, or (touched_only) of the agencies alone whose reports are judged here,
    which is a matter of milliseconds in a large archive.

    quiet: tells of which agency (key) and year findings are recorded and no messages made: the old years of a portal's
    first crawl. What other rules find anew in old years is recorded likewise; that something of them is gone is told.
    """
    digest = rules_digest(config.thresholds, archive.forms)
    work = _Work(archive, config, now, quiet)
    is_whole = archive.judging.digest() != digest
    if is_whole:
        work.are_rules_new = archive.judging.was_judged()
        work.judge_all(digest)
    touched = work.judge_marked()
    seasons = Seasons(archive, portals, now, rules_digest=digest)
    if is_whole or not touched_only:
        work.judge_seasons(seasons.batches())
    elif touched:
        work.judge_seasons(seasons.of(archive.judging.counted_by(touched)))
    return work.finish()


def standing_findings(archive: Archive) -> Iterator[Finding]:
    """What stands on record, one by one, by year (the last first) and agency."""
    names = [one.name for one in fields(Finding)]
    for row in archive.each_finding():
        yield Finding(**{name: row[name] for name in names})


def rules_digest(thresholds: Thresholds, forms: Mapping[str, Form]) -> str:
    """Changes with whatever makes rules find, or say, something else about the same report."""
    said = [
        [rule.name, rule.kind, rule.basis, rule.severity, rule.certainty, rule.told]
        + [[key, entry.zh, entry.en] for key, entry in sorted(rule.says.items())]
        for rule in rules().values()
    ]
    declared = [form.model_dump(mode="json") for form in forms.values()]
    made_of = [RULES_VERSION, said, thresholds.model_dump(mode="json"), declared]
    return hashlib.sha256(json.dumps(made_of, ensure_ascii=False).encode()).hexdigest()


class _Work:
    """One judgement of an archive. are_rules_new: they are others than when it was judged before."""

    are_rules_new = False

    def __init__(self, archive: Archive, config: Config, now: datetime, quiet: Quiet | None) -> None:
        self._archive = archive
        self._config = config
        self._now = now
        self._teller = Teller(archive, config, now, quiet=quiet)
        self._season = season_of(now)
        self._guard = MassGuard(archive, config, now, quiet=quiet)
        self._judge = ArchiveJudge(archive, config.thresholds)
        self._of_reports = {rule.name for rule in report_rules()}
        self._of_seasons = {rule.name for rule in season_rules()}
        self._judgement = Judgement()

    def judge_all(self, digest: str) -> None:
        """Every report, by every rule about reports."""
        judging = self._archive.judging
        for moved in _some(self._archive.moved_findings(), _MOVED_AT_ONCE):
            judging.adopt(moved)
        judging.begin()
        for judged in self._judge.all():
            self._save_judged(judged)
        for moved in _some(self._archive.moved_findings(), _MOVED_AT_ONCE):
            self._save([], set(moved), self._of_reports | self._of_seasons)
        with self._archive.write():
            judging.wait_for_owners(self._of_reports)
            judging.judged(RULES, digest, self._now)

    def judge_marked(self) -> set[str]:
        """What is marked. Returns the ids of the agencies that were."""
        self._archive.judging.adopt()
        touched: set[str] = set()
        last = ""
        while True:
            # Read, judged and unmarked in one transaction: what others write comes before it, or is marked again.
            with self._archive.write():
                marked = self._archive.judging.marked(last, _AGENCIES_AT_ONCE)
                done = self._judge_some(marked)
            touched.update(key for key, _ in done if not key.startswith("?:"))
            if len(marked) < _AGENCIES_AT_ONCE:
                return touched
            last = marked[-1].key

    def _judge_some(self, marked: list[Marked]) -> set[Key]:
        """Judges these, and returns those that are done."""
        wanted = {(one.key, year) for one in marked for year in one.years}
        judged = list(self._judge.some([one.no for one in marked if one.no is not None], wanted))
        self._save_judged(judged)
        # Without a report nothing new is found, and what stands of one that cannot be read any more goes on standing;
        # unless its document is now known to be another's.
        moved, waiting = self._archive.judging.moved(wanted - {one.key for one in judged}, self._of_reports)
        if moved:
            self._save([], moved, self._of_reports | self._of_seasons)
        self._archive.judging.done(wanted - waiting)
        return wanted - waiting

    def judge_seasons(self, batches: Iterable[SeasonBatch]) -> None:
        """What was seen of the reports, and when."""
        for batch in batches:
            found = [f for season in batch.seasons for f in judge_season(season, self._config.thresholds)]
            with self._archive.write():
                self._save(found, batch.judged, self._of_seasons)
                self._archive.name_searches.keep(batch.searches)
                if batch.subject:
                    self._archive.judging.judged(batch.subject, batch.digest, self._now)

    def finish(self) -> Judgement:
        """When all is judged: what comes in masses is held, and what stands is counted."""
        for finding in self._guard.finish():
            self._judgement.events.append((finding, "held"))
        self._judgement.standing = self._archive.judging.standing()
        return self._judgement

    def _save_judged(self, judged: Collection[JudgedReport]) -> None:
        self._judgement.reports += len(judged)
        found = [finding for one in judged for finding in one.findings]
        self._save(found, {one.key for one in judged}, self._of_reports)

    def _save(self, found: list[Finding], judged: set[Key], by: set[str]) -> None:
        events = self._archive.save_findings(
            found,
            judged=judged,
            rules=by,
            messages=self._messages,
            at=self._now,
            hold=self._guard.hold(found),
            replaced=self._replaced,
        )
        for event in events:
            self._judgement.events.append(event)

    def _messages(self, finding: Finding, event: str) -> list[Message]:
        return [] if self._is_only_recorded(finding, event) else self._teller.messages(finding, event)

    def _replaced(self, finding: Finding, by: Finding) -> list[Message]:
        if self._is_only_recorded(by, FOUND):
            return self._teller.messages(finding, GONE)  # nobody hears of the other
        return self._teller.replaced(finding, by)

    def _is_only_recorded(self, finding: Finding, event: str) -> bool:
        """Nobody has done anything: it is we who look at old reports in another way."""
        return self.are_rules_new and event == FOUND and finding.year < self._season


def _some(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Items some at a time."""
    source = iter(items)
    while batch := list(islice(source, most)):
        yield batch
